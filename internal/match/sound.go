package match

import "strings"

// Sound is the Daitch-Mokotoff code of a folded name, six digits: names that
// sound alike in English, Polish, Ukrainian, Yiddish or German share it (Moskowitz,
// Moskovitz: 645740). Where a spelling can be said in two ways, Sounds gives both
// codes. It was chosen over Soundex and Double Metaphone because it is a table of
// published rules that reads Slavic spellings as well as English ones, and codes
// the first letter by its sound too.
func Sound(name string) string {
	if codes := Sounds(name); len(codes) > 0 {
		return codes[0]
	}
	return ""
}

// Sounds are all codes of a folded name, the commonest reading first, at most
// four. A name without letters A to Z has none. Spaces do not part it.
func Sounds(name string) []string {
	text := strings.ReplaceAll(name, " ", "")
	if text == "" || strings.IndexFunc(text, func(r rune) bool { return r < 'A' || r > 'Z' }) >= 0 {
		return nil
	}
	type branch struct {
		code string
		last string
	}
	branches := []branch{{}}
	for at := 0; at < len(text); {
		rule, n := soundRule(text[at:])
		next := text[at+n:]
		column := 2
		if at == 0 {
			column = 0
		} else if next != "" && strings.IndexByte("AEIOUJY", next[0]) >= 0 {
			column = 1
		}
		var grown []branch
		for _, b := range branches {
			for _, digits := range strings.Split(rule[column], "|") {
				// Letters beside each other that sound the same are said once.
				code := b.code
				if digits != "" && digits != b.last {
					code += digits
				}
				grown = append(grown, branch{code, digits})
			}
		}
		if len(grown) > 4 {
			grown = grown[:4]
		}
		branches = grown
		at += n
	}
	var codes []string
	for _, b := range branches {
		code := (b.code + "000000")[:6]
		seen := false
		for _, c := range codes {
			seen = seen || c == code
		}
		if !seen {
			codes = append(codes, code)
		}
	}
	return codes
}

// soundRule is the rule for the longest spelling at the start of the text, and
// its length: three codes, for the start of the name, before a vowel, elsewhere;
// two readings parted by |.
func soundRule(text string) ([3]string, int) {
	for n := min(7, len(text)); n > 0; n-- {
		if rule, ok := spelling(text[:n]); ok {
			return rule, n
		}
	}
	return [3]string{}, 1
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
