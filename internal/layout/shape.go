package layout

import (
	"strings"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// shape is what a value looks like, whatever its column is called.
type shape uint8

const (
	noShape shape = iota
	upnShape
	ulnShape
	lostShape // a long number as a spreadsheet shortens it: 1.23457E+09
	postcodeShape
	emailShape
	phoneShape
	dateShape
	serialShape
	ukprnShape
	laestabShape
	ypidShape
	longShape  // a number of more than four figures
	shortShape // a number of up to four
	yesShape
	sexShape
	codeShape   // three figures that an activity code could be
	commaShape  // SURNAME, Forename
	namesShape  // two or three words of letters
	nameShape   // one word of letters
	addressText // figures and words
	proseShape
	shapes
)

// shapeWords are the shapes in words, for "all 200 values …".
var shapeWords = [shapes]string{
	upnShape: "have the check letter of a unique pupil number", ulnShape: "have the check digit of a unique learner number",
	lostShape: "are long numbers that a spreadsheet has shortened", postcodeShape: "are postcodes", emailShape: "are e-mail addresses",
	phoneShape: "are telephone numbers", dateShape: "are dates", serialShape: "are a spreadsheet's numbers of days", ukprnShape: "have the form of a UKPRN",
	laestabShape: "have the form of an establishment number", ypidShape: "have thirteen figures", longShape: "are numbers", shortShape: "are numbers",
	yesShape: "are yes or no", sexShape: "are sexes", codeShape: "have the form of an activity code", commaShape: "look like “Surname, Forename”", namesShape: "look like names",
	nameShape: "look like names", addressText: "look like addresses", proseShape: "are text",
}

// shapeOf is what a tidy cell looks like, the surest shape first.
func shapeOf(s string) shape {
	if s == "" {
		return noShape
	}
	figures := countDigits(s)
	if figures == 0 {
		return shapeOfWords(s)
	}
	signs := lettersAndDigits(s)
	switch {
	case len(signs) == 13 && figures == len(s):
		return ypidShape
	case len(signs) == 13 && nccis.ValidUPN(signs):
		return upnShape
	case len(signs) == 10 && nccis.ValidULN(signs) && figures >= len(s)-2 && !phoneLike(s):
		return ulnShape
	case isExponent(s):
		return lostShape
	case strings.Contains(s, "@") && isEmail(s):
		return emailShape
	case len(signs) >= 5 && len(signs) <= 7 && len(s) <= 9 && nccis.ValidPostcode(spaced(signs)):
		return postcodeShape
	}
	if _, phone := phoneDigits(s); phone {
		return phoneShape
	}
	if allDigits(s) {
		return shapeOfNumber(s)
	}
	if p := takeApart(s); p.ok && (p.count == 3 || p.count > 3 && strings.ContainsRune(s, ':')) && fromPartsEither(p) {
		return dateShape
	}
	if len(s) == 8 && s[3] == '/' && figures == 7 {
		return laestabShape
	}
	if whole, rest, found := strings.Cut(s, "."); found && allDigits(whole) && (rest == "" || allDigits(rest)) || strings.HasSuffix(s, "%") {
		return shortShape
	}
	if strings.ContainsRune(s, ' ') {
		return addressText
	}
	return noShape
}

// fromPartsEither says that the three parts are a day in one order or the other.
func fromPartsEither(p parts) bool {
	return fromParts(p, DayFirst, false, civil.Date{}).fault == "" || fromParts(p, MonthFirst, false, civil.Date{}).fault == ""
}

func shapeOfNumber(s string) shape {
	n := len(s)
	switch {
	case n == 8 && s[0] == '1' && s[1] == '0' && s[2] == '0':
		return ukprnShape
	case n == 8:
		if r, _ := readNumberDate(s, DayFirst, false, civil.Date{}); r.fault == "" {
			return dateShape
		}
	case n == 7 && s >= "2010000" && s <= "9390000":
		return laestabShape
	case n == 5 && s >= "29221" && s <= "60000":
		return serialShape
	case n == 3 && (s[0] >= '1' && s[0] <= '8') && s[2] <= '9':
		return codeShape
	case n == 1:
		return shortShape
	}
	if n > 4 {
		return longShape
	}
	return shortShape
}

func shapeOfWords(s string) shape {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "true", "false":
		return yesShape
	case "m", "f", "male", "female", "boy", "girl", "u", "w":
		return sexShape
	}
	if isEmail(s) {
		return emailShape
	}
	if isExponent(s) {
		return lostShape
	}
	comma := strings.IndexByte(s, ',')
	words := 1 + strings.Count(s, " ")
	for _, r := range s {
		if r < 0x80 && !isASCIILetter(byte(r)) && !strings.ContainsRune(" -'.,()", r) && r != '`' {
			return proseShape
		}
	}
	switch {
	case comma > 0 && comma < len(s)-1 && strings.Count(s, ",") == 1 && words <= 5:
		return commaShape
	case comma >= 0 || words > 5:
		return proseShape
	case words >= 2:
		return namesShape
	}
	return nameShape
}

// isExponent says that the text is a long number in a spreadsheet's short form.
func isExponent(s string) bool {
	at := strings.LastIndexAny(s, "eE")
	if at < 1 || at+2 >= len(s) || s[at+1] != '+' || !allDigits(s[at+2:]) {
		return false
	}
	return allDigits(strings.Replace(s[:at], ".", "", 1))
}

func isEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || strings.IndexByte(s[at+1:], '@') >= 0 || strings.ContainsAny(s, " ,;<>()\"") {
		return false
	}
	dot := strings.LastIndexByte(s, '.')
	return dot > at+1 && dot < len(s)-1
}

// isPlainEmail says that an address is written in small letters, with nothing
// beside it.
func isPlainEmail(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == '@' || c == '+' && i > 0) {
			return false
		}
	}
	return isEmail(s)
}

// spaced puts the space of a postcode before its last three signs.
func spaced(signs string) string {
	if len(signs) < 5 {
		return signs
	}
	return signs[:len(signs)-3] + " " + signs[len(signs)-3:]
}

func phoneLike(s string) bool { return strings.HasPrefix(s, "0") || strings.HasPrefix(s, "+") }

// phoneDigits are the national figures of a British number, or all figures of
// another with a + before.
func phoneDigits(s string) (digits string, ok bool) {
	if len(s) < 9 || len(s) > 24 {
		return "", false
	}
	plain := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			continue
		}
		plain = false
		if c != ' ' && c != '-' && c != '(' && c != ')' && c != '.' && !(c == '+' && i == 0) {
			return "", false
		}
	}
	if plain {
		return s, len(s) >= 10 && len(s) <= 11 && s[0] == '0'
	}
	abroad := s[0] == '+'
	s = strings.Replace(s, "(0)", "", 1)
	signs := lettersAndDigits(s)
	switch {
	case abroad && strings.HasPrefix(signs, "44"):
		return "0" + strings.TrimPrefix(signs[2:], "0"), len(signs) >= 11 && len(signs) <= 13
	case strings.HasPrefix(signs, "0044"):
		return "0" + signs[4:], len(signs) >= 13 && len(signs) <= 14
	case abroad:
		return "+" + signs, len(signs) >= 8 && len(signs) <= 15
	}
	return signs, len(signs) >= 10 && len(signs) <= 11 && signs[0] == '0'
}
