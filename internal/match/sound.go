package match

import (
	"fmt"
	"slices"
	"strings"
)

// Sounds are the Daitch-Mokotoff codes of a folded name, six digits each, the
// commonest reading first, at most four: names that sound alike in English,
// Polish, Ukrainian, Yiddish or German share one (Moskowitz, Moskovitz: 645740).
// A name without letters A to Z has none. Spaces do not part it. The codes were
// chosen over Soundex and Double Metaphone because they are a table of published
// rules that reads Slavic spellings as well as English ones, and codes the first
// letter by its sound too.
func Sounds(name string) []string {
	numbers, n := soundNumbers(name)
	var codes []string
	for _, number := range numbers[:n] {
		codes = append(codes, fmt.Sprintf("%06d", number-1))
	}
	return codes
}

// readings is how many codes a name can have.
const readings = 4

// soundNumbers are the codes of a folded name as numbers from 1, and how many.
func soundNumbers(name string) (codes [readings]uint32, n int) {
	text := name
	if strings.IndexByte(text, ' ') >= 0 {
		text = strings.ReplaceAll(text, " ", "")
	}
	if strings.IndexFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' }) >= 0 || text == "" {
		return codes, 0
	}
	type branch struct {
		code, digits uint32
		last         string
	}
	var now, grown [2 * readings]branch
	branches := 1
	for at := 0; at < len(text); {
		rule, length := soundRule(text[at:])
		next := text[at+length:]
		column := 2
		if at == 0 {
			column = 0
		} else if next != "" && strings.IndexByte("AEIOUJY", next[0]) >= 0 {
			column = 1
		}
		count := 0
		for _, b := range now[:branches] {
			for said, more := rule[column], true; more; {
				var digits string
				digits, said, more = strings.Cut(said, "|")
				after := branch{b.code, b.digits, digits}
				// Letters beside each other that sound the same are said once.
				for i := 0; i < len(digits) && digits != b.last && after.digits < 6; i++ {
					after.code, after.digits = after.code*10+uint32(digits[i]-'0'), after.digits+1
				}
				grown[count] = after
				count++
			}
		}
		branches = min(count, readings)
		now = grown
		at += length
	}
	for _, b := range now[:branches] {
		for ; b.digits < 6; b.digits++ {
			b.code *= 10
		}
		if !slices.Contains(codes[:n], b.code+1) {
			codes[n] = b.code + 1
			n++
		}
	}
	return codes, n
}

// soundRule is the rule for the longest spelling at the start of the text, and
// its length: three codes, for the start of the name, before a vowel, elsewhere;
// two readings parted by |.
func soundRule(text string) ([3]string, int) {
	for n := min(longestSpelling(text[0]), len(text)); n > 0; n-- {
		if rule, ok := spelling(text[:n]); ok {
			return rule, n
		}
	}
	return [3]string{}, 1
}

// longestSpelling is the length of the longest spelling that begins with the letter.
func longestSpelling(letter byte) int {
	switch letter {
	case 'S':
		return 7
	case 'T', 'Z':
		return 5
	case 'C', 'D':
		return 3
	case 'B', 'G', 'H', 'J', 'L', 'Q', 'V', 'W', 'X', 'Y':
		return 1
	}
	return 2
}

func spelling(s string) ([3]string, bool) {
	switch s {
	case "AI", "AJ", "AY", "EI", "EJ", "EY", "OI", "OJ", "OY", "UI", "UJ", "UY":
		return [3]string{"0", "1", ""}, true
	case "AU":
		return [3]string{"0", "7", ""}, true
	case "A", "E", "I", "O", "U", "UE":
		return [3]string{"0", "", ""}, true
	case "EU", "IA", "IE", "IO", "IU", "Y":
		return [3]string{"1", one(s), ""}, true
	case "J":
		return [3]string{"1|4", "|4", "|4"}, true
	case "B", "F", "FB", "P", "PF", "PH", "V", "W":
		return [3]string{"7", "7", "7"}, true
	case "CHS":
		return [3]string{"5", "54", "54"}, true
	case "CH":
		return [3]string{"5|4", "5|4", "5|4"}, true
	case "CK":
		return [3]string{"5|45", "5|45", "5|45"}, true
	case "C":
		return [3]string{"5|4", "5|4", "5|4"}, true
	case "CS", "CSZ", "CZS", "CZ", "DRZ", "DRS", "DSH", "DSZ", "DS", "DZH", "DZS", "DZ", "SCH", "SH", "SZ", "TCH", "TTCH", "TTSCH", "TRZ", "TRS", "TSCH", "TSH", "TS", "TTS", "TTSZ", "TC", "TZ", "TTZ", "TZS", "TSZ", "ZH", "ZS", "ZSCH", "ZSH", "S", "Z":
		return [3]string{"4", "4", "4"}, true
	case "DT", "D", "TH", "T":
		return [3]string{"3", "3", "3"}, true
	case "G", "KH", "K", "Q":
		return [3]string{"5", "5", "5"}, true
	case "H":
		return [3]string{"5", "5", ""}, true
	case "KS", "X":
		return [3]string{"5", "54", "54"}, true
	case "L":
		return [3]string{"8", "8", "8"}, true
	case "MN", "NM":
		return [3]string{"66", "66", "66"}, true
	case "M", "N":
		return [3]string{"6", "6", "6"}, true
	case "R":
		return [3]string{"9", "9", "9"}, true
	case "RZ", "RS":
		return [3]string{"94|4", "94|4", "94|4"}, true
	case "SCHTSCH", "SCHTSH", "SCHTCH", "SHTCH", "SHCH", "SHTSH", "STCH", "STSCH", "STRZ", "STRS", "STSH", "SZCZ", "SZCS", "ZDZ", "ZDZH", "ZHDZH":
		return [3]string{"2", "4", "4"}, true
	case "SHT", "SCHT", "SCHD", "ST", "SZT", "SHD", "SZD", "SD", "ZD", "ZHD":
		return [3]string{"2", "43", "43"}, true
	case "SC":
		return [3]string{"2", "4", "4"}, true
	}
	return [3]string{}, false
}

// one is what the glides at the start of a name say before a vowel inside it.
func one(s string) string {
	if s == "EU" {
		return "1"
	}
	return ""
}
