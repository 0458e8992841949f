package layout

import (
	"strings"

	"waymark/internal/nccis"
)

// cleanPostcode reads a postcode, with O for 0 and I for 1 mended where the
// shape then fits.
func cleanPostcode(s string) outcome {
	if nccis.ValidPostcode(s) {
		return outcome{value: s}
	}
	signs := lettersAndDigits(s)
	if signs == "" || oneSign(signs) {
		return outcome{quiet: true}
	}
	if p := spaced(signs); nccis.ValidPostcode(p) {
		return outcome{value: p}
	}
	if p := mendPostcode(signs); p != "" {
		return mended(p, "postcode-mended", "A letter stood in place of a figure, or a figure in place of a letter (O and 0, I and 1); so it is a postcode.")
	}
	if n := len(signs); n >= 2 && n <= 4 && isASCIILetter(signs[0]) && nccis.ValidPostcode(signs+" 1AA") {
		return wrong("postcode-part", "This is the first half of a postcode. Give the whole; the rest of the row is used.")
	}
	if i := strings.LastIndexByte(s, ','); i > 0 {
		if p := spaced(lettersAndDigits(s[i+1:])); nccis.ValidPostcode(p) {
			return mended(p, "postcode-in-address", "The postcode stood behind an address; the postcode alone was used.")
		}
	}
	switch sh := shapeOf(s); {
	case sh == dateShape || sh == emailShape || sh == phoneShape || sh == upnShape || sh == ulnShape:
		return wrong("wrong-column", "This belongs in another column: it is no postcode. Look whether the cells of this row have moved.")
	}
	return wrong("postcode-form", "This has not the form of a postcode. Look it up; the rest of the row is used.")
}

// mendPostcode exchanges letters and figures that are taken for one another, at
// the places where a postcode must have the other.
func mendPostcode(signs string) string {
	n := len(signs)
	if n < 5 || n > 7 {
		return ""
	}
	b := []byte(signs)
	toFigure := func(i int) { b[i] = figuresFor(string(b[i : i+1]))[0] }
	toLetter := func(i int) {
		switch b[i] {
		case '0':
			b[i] = 'O'
		case '1':
			b[i] = 'I'
		case '5':
			b[i] = 'S'
		}
	}
	toFigure(n - 3)
	toLetter(n - 2)
	toLetter(n - 1)
	toLetter(0)
	if p := spaced(string(b)); nccis.ValidPostcode(p) {
		return p
	}
	for i := n - 4; i >= 1; i-- { // the outward half from its end
		toFigure(i)
		if p := spaced(string(b)); nccis.ValidPostcode(p) {
			return p
		}
	}
	return ""
}

// cleanPhone reads a telephone number; a second in the same cell goes to other.
func cleanPhone(s string, other Item) outcome {
	if d, ok := phoneDigits(s); ok {
		return outcome{value: d}
	}
	if isExponent(s) {
		return wrong("phone-lost-digits", lostDigits)
	}
	d := lettersAndDigits(strings.TrimSuffix(s, ".0"))
	switch {
	case d == "" || oneSign(d):
		return outcome{quiet: true}
	case allDigits(d) && (len(d) == 10 || len(d) == 9) && (d[0] == '7' || d[0] == '1' || d[0] == '2'):
		return mended("0"+d, "phone-nought", "The nought at the beginning had been lost; it was read with one.")
	case allDigits(d) && len(d) == 12 && strings.HasPrefix(d, "44"):
		return outcome{value: "0" + d[2:]}
	}
	var found []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == ',' || r == ';' || r == '|' || r == '&' }) {
		part = strings.TrimFunc(part, func(r rune) bool { return r != '+' && r != '(' && (r < '0' || r > '9') })
		if d, ok := phoneDigits(part); ok {
			found = append(found, d)
		}
	}
	switch {
	case len(found) > 1:
		o := mended(found[0], "phone-two", "There are several numbers in one cell; the first two were used.")
		if other != None {
			o.more[0] = extra{other, found[1]}
		}
		return o
	case len(found) == 1:
		return mended(found[0], "phone-and-words", "There are words beside the number; the number alone was used.")
	}
	switch sh := shapeOf(s); sh {
	case dateShape, emailShape, postcodeShape, upnShape:
		return wrong("wrong-column", "This belongs in another column: it is no telephone number. Look whether the cells of this row have moved.")
	}
	return wrong("phone-form", "This is no telephone number. Mend or clear it; the rest of the row is used.")
}

// cleanEmail reads an e-mail address.
func cleanEmail(s string) outcome {
	if isEmail(s) && strings.IndexByte(s, ':') < 0 {
		return outcome{value: strings.ToLower(s)}
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;<>()\"|", r) }) {
		part = strings.TrimPrefix(strings.ToLower(part), "mailto:")
		if isEmail(part) {
			if strings.HasPrefix(strings.ToLower(s), "mailto:") && len(part)+7 == len(s) {
				return outcome{value: part}
			}
			return mended(part, "email-and-words", "There is more in the cell than one e-mail address; the first was used.")
		}
	}
	switch sh := shapeOf(s); sh {
	case dateShape, phoneShape, postcodeShape, upnShape, ulnShape:
		return wrong("wrong-column", "This belongs in another column: it is no e-mail address. Look whether the cells of this row have moved.")
	}
	return wrong("email-form", "This is no e-mail address. Mend or clear it; the rest of the row is used.")
}

// cleanAddress takes a whole address apart: lines at the commas, the postcode
// from its end.
func cleanAddress(s string) (lines []string, postcode string) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" {
			lines = append(lines, part)
		}
	}
	if len(lines) == 0 {
		return nil, ""
	}
	last := strings.Fields(lines[len(lines)-1])
	for take := 1; take <= 2 && take <= len(last); take++ {
		tail := strings.Join(last[len(last)-take:], "")
		if p := spaced(strings.ToUpper(tail)); len(tail) >= 5 && nccis.ValidPostcode(p) {
			postcode = p
			rest := strings.Join(last[:len(last)-take], " ")
			lines = lines[:len(lines)-1]
			if rest != "" {
				lines = append(lines, rest)
			}
			break
		}
	}
	if len(lines) > 6 {
		lines[5] = strings.Join(lines[5:], ", ")
		lines = lines[:6]
	}
	// "12" and "Curlew Lane" are one line.
	if len(lines) > 1 && len(lines[0]) <= 4 && countLetters(lines[0]) <= 1 && countDigits(lines[0]) > 0 {
		lines[1] = lines[0] + " " + lines[1]
		lines = lines[1:]
	}
	return lines, postcode
}
