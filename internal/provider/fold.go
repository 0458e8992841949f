package provider

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes the name of a place the one way in which such names are
// compared: capital letters and digits with single spaces, without accents,
// apostrophes and a leading "The". Unlike a person's name it may have digits,
// and a title in it is no title ("Lady Margaret School").
func Fold(name string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToUpper(r))
		case r == '&':
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("AND")
			space = true
		default:
			space = true
		}
	}
	return strings.TrimPrefix(b.String(), "THE ")
}
