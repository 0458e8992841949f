package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a name the one way in which names are compared: capitals A to Z
// and single spaces. Accents are taken off, other scripts are written in Latin
// letters, apostrophes vanish (O'Brien, OBRIEN), hyphens part (Smith-Jones, SMITH
// JONES), titles and the Arabic article go, and a family prefix joins what it
// stands before (Mc Donald, MCDONALD; van der Berg, VANDERBERG). A word that only
// says that the name is not known folds to nothing. Folding twice is folding once.
func Fold(name string) string {
	words := strings.Fields(letters(name))
	for before := -1; len(words) != before; { // what one rule leaves may be another's: al-Mr Quill, de N. Arlow
		before = len(words)
		words = joined(withoutArticle(untitled(words)))
	}
	folded := strings.Join(words, " ")
	if placeholder(folded) {
		return ""
	}
	return folded
}

// letters is the name in capitals A to Z with everything else a space or gone.
func letters(name string) string {
	if s, ok := plainLetters(name); ok {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(name, "\uFFFD")) { // beside a broken letter a whole one is not taken apart
		if unicode.Is(unicode.Mn, r) {
			continue // a mark upon a letter
		}
		if latin, ok := transliterated(r); ok {
			b.WriteString(latin)
			continue
		}
		r = unicode.ToUpper(r)
		if latin, ok := transliterated(r); ok { // an old form of a letter, whose capital is the letter's own
			b.WriteString(latin)
			continue
		}
		switch {
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case apostrophe(r), r == '.':
			// An apostrophe, the stop of "J.P.": the letters on both sides are one word.
		case r >= 0x80 && unicode.IsLetter(r):
			// A script that is not written in Latin here: its letters are kept, so
			// that a name is at least found as it is written.
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// plainLetters is letters for names of ASCII alone, which most are.
func plainLetters(name string) (string, bool) {
	b := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c)
		case c >= 'a' && c <= 'z':
			b = append(b, c-'a'+'A')
		case c >= 0x80:
			return "", false
		case c == '\'' || c == '.' || c == '`':
		default:
			b = append(b, ' ')
		}
	}
	return string(b), true
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', 'ʼ', 'ʻ', 'ʹ', 'ʿ', 'ʾ', '′':
		return true
	}
	return false
}

// untitled takes titles and generational suffixes off while a name remains.
func untitled(words []string) []string {
	for len(words) > 1 {
		switch words[0] {
		case "MR", "MRS", "MISS", "MS", "MX", "DR", "MASTER", "REV":
			words = words[1:]
			continue
		}
		break
	}
	for len(words) > 1 {
		switch words[len(words)-1] {
		case "JR", "JNR", "SR", "SNR", "II", "III":
			words = words[:len(words)-1]
			continue
		}
		break
	}
	return words
}

// withoutArticle drops the Arabic article where a word follows it: al-Hassan,
// El Hassan and Hassan are written for one name.
func withoutArticle(words []string) []string {
	kept := words[:0:0]
	for i, w := range words {
		if (w == "AL" || w == "EL") && i+1 < len(words) {
			continue
		}
		kept = append(kept, w)
	}
	return kept
}

// joined puts a family prefix and the word after it together.
func joined(words []string) []string {
	kept := words[:0:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		for prefix(words[i]) && i+1 < len(words) {
			i++
			w += words[i]
		}
		kept = append(kept, w)
	}
	return kept
}

func prefix(w string) bool {
	switch w {
	case "MC", "MAC", "O", "FITZ", "DE", "DI", "DA", "DEL", "DELLA", "DU", "LA", "LE", "VAN", "VON", "DER", "DEN", "TER", "TEN", "SAN", "SAINT", "ST", "NI", "NIC", "UI":
		return true
	}
	return false
}

func placeholder(folded string) bool {
	switch folded {
	case "UNKNOWN", "NOT KNOWN", "NOTKNOWN", "UNK", "NK", "TBC", "TBA", "NA", "N A", "NONE", "NULL", "NIL", "NOT PROVIDED", "NOT GIVEN", "NO NAME", "NO SURNAME", "BLANK", "XX", "XXX", "XXXX":
		return true
	}
	return false
}

// foldText is Fold for addresses, towns and schools: capitals, digits and single
// spaces, with no rule of names applied.
func foldText(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(s) {
		if latin, ok := transliterated(r); ok {
			b.WriteString(latin)
			continue
		}
		r = unicode.ToUpper(r)
		switch {
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), apostrophe(r):
		default:
			space = true
		}
	}
	if folded := b.String(); !placeholder(folded) {
		return folded
	}
	return ""
}
