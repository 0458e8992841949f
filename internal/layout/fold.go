package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tidy takes the space around and doubled space within a cell away, with the
// signs of no width and the hard spaces that web pages and PDFs leave. A cell
// that is tidy already comes back as it is.
func tidy(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		c := s[i]
		switch {
		case c < ' ' || c == 0x7f || c == 0xc2 && i+1 < len(s) && s[i+1] <= 0xa0 || c == 0xe2 && i+1 < len(s) && (s[i+1] == 0x80 || s[i+1] == 0x81) || c == 0xef:
			clean = false
		case c == ' ':
			clean = i > 0 && i < len(s)-1 && s[i-1] != ' '
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f' || r == '\u2060' || r == '\ufeff' || r == '\u00ad':
		case unicode.IsSpace(r) || unicode.IsControl(r):
			gap = true
		default:
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain are the words of a text as tables hold them: small letters and figures,
// one space between, "Level 2" as l2, a plural as its singular. camelCase and
// letters beside a capital are parted: LearnStartDate is "learn start date".
func plain(s string) string {
	var out strings.Builder
	out.Grow(len(s) + 8)
	for _, w := range wordsOf(s) {
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(w)
	}
	return out.String()
}

func wordsOf(s string) []string {
	var words []string
	var cur []rune
	end := func() {
		if len(cur) > 0 {
			words = append(words, singular(strings.ToLower(string(cur))))
			cur = cur[:0]
		}
	}
	runes := []rune(strings.ToValidUTF8(s, " "))
	for i, r := range runes {
		switch {
		case r == '\'' || r == '\u2019' || r == '.' && initial(runes, i):
			continue // D.O.B. is dob, carer's is carers
		case unicode.IsUpper(r):
			if i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1]) && !plural(runes, i)) {
				end()
			}
			cur = append(cur, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			cur = append(cur, r)
		case r == '+':
			end()
			words = append(words, "and")
		case r == '&':
			end()
			words = append(words, "and")
		default:
			end()
		}
	}
	end()
	return join(words)
}

// initial says that the point at i follows a single letter: an initial of a
// shortened word.
func initial(r []rune, i int) bool {
	return i > 0 && unicode.IsLetter(r[i-1]) && (i == 1 || !unicode.IsLetter(r[i-2]) && !unicode.IsDigit(r[i-2])) &&
		(i+1 == len(r) || unicode.IsLetter(r[i+1]) && (i+2 == len(r) || !unicode.IsLetter(r[i+2])) || !unicode.IsLetter(r[i+1]))
}

// plural says that the capital at i and the s after it end a word: UPNs, ULNs.
func plural(r []rune, i int) bool {
	return i+1 < len(r) && r[i+1] == 's' && (i+2 == len(r) || !unicode.IsLetter(r[i+2]))
}

func singular(w string) string {
	if len(w) > 3 && w[len(w)-1] == 's' && w[len(w)-2] != 's' && w[len(w)-2] != 'u' && w[len(w)-2] != 'i' {
		return w[:len(w)-1]
	}
	return w
}

// join puts together what is one word in meaning: "level 2" and "lvl2" are l2,
// "e mail" is email, "post code" is postcode.
func join(words []string) []string {
	out := words[:0]
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch {
		case (w == "level" || w == "lvl" || w == "lev" || w == "l") && len(next) == 1 && next[0] >= '0' && next[0] <= '9':
			w, i = "l"+next, i+1
		case (strings.HasPrefix(w, "level") && len(w) == 6 || strings.HasPrefix(w, "lvl") && len(w) == 4) && w[len(w)-1] >= '0' && w[len(w)-1] <= '9':
			w = "l" + w[len(w)-1:]
		case w == "e" && next == "mail", w == "post" && next == "code", w == "sur" && next == "name", w == "fore" && next == "name",
			w == "pre" && next == "nom", w == "on" && next == "line", w == "b" && next == "tec", w == "t" && next == "level",
			w == "a" && next == "level", w == "as" && next == "level", w == "full" && next == "time", w == "part" && next == "time",
			w == "f" && next == "t", w == "p" && next == "t", w == "self" && next == "employed", w == "self" && next == "employment",
			w == "la" && next == "estab", w == "uk" && next == "prn":
			w, i = w+next, i+1
		}
		if whole, short := shortened[w]; short {
			w = whole
		}
		out = append(out, w)
	}
	return out
}

// shortened are words that headers and cells shorten.
var shortened = map[string]string{"fulltime": "ft", "parttime": "pt", "dt": "date", "dte": "date", "addr": "address", "tel": "telephone", "phone": "telephone",
	"telno": "telephone", "mob": "mobile", "prog": "programme", "qual": "qualification", "dest": "destination", "tele": "telephone"}

// lettersAndDigits are the letters and figures of the text, in capitals; a
// text that is so already comes back as it is.
func lettersAndDigits(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z') {
			b := make([]byte, 0, len(s))
			for i := 0; i < len(s); i++ {
				c := s[i]
				if c >= 'a' && c <= 'z' {
					c -= 'a' - 'A'
				}
				if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' {
					b = append(b, c)
				}
			}
			return string(b)
		}
	}
	return s
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// countDigits and countLetters count figures and letters of any script.
func countDigits(s string) (n int) {
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

func countLetters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// clip shortens a text for a sentence.
func clip(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes-1]) + "…"
}
