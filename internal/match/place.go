package match

// place is a postcode as a number: a United Kingdom postcode by its parts, so that
// its sector and its district are divisions; any other is the number of its text
// with the highest bit set. 0 is none.
type place uint32

const otherPlace = 1 << 31

// readPostcode reads a United Kingdom postcode written with or without its space,
// with a letter O for a nought or an I for a one where a digit belongs. ok is
// false where the text has not that shape.
func readPostcode(s string) (p place, ok bool) {
	var c [8]byte
	n := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case b >= 'a' && b <= 'z':
			b -= 'a' - 'A'
		case b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		case b == ' ' || b == '-' || b == '.':
			continue
		default:
			return 0, false
		}
		if n == 7 {
			return 0, false
		}
		c[n] = b
		n++
	}
	if n < 5 {
		return 0, false
	}
	out, in := c[:n-3], c[n-3:n]
	in[0], in[1], in[2] = asDigit(in[0]), asLetter(in[1]), asLetter(in[2])
	out[0] = asLetter(out[0])
	if !isLetter(out[0]) || !isDigit(in[0]) || !isLetter(in[1]) || !isLetter(in[2]) {
		return 0, false
	}
	// A1 A11 A1A AA1 AA11 AA1A: the first digit is the second or the third sign.
	second := byte(0)
	rest := out[1:]
	if len(rest) > 1 && isLetter(rest[0]) && (len(rest) == 3 || isDigit(asDigit(rest[1]))) && !(len(rest) == 2 && isDigit(rest[0])) {
		second = rest[0] - 'A' + 1
		rest = rest[1:]
	}
	rest[0] = asDigit(rest[0])
	if !isDigit(rest[0]) || len(rest) > 2 {
		return 0, false
	}
	last := uint32(0)
	if len(rest) == 2 {
		if isDigit(rest[1]) {
			last = uint32(rest[1]-'0') + 1
		} else {
			last = uint32(rest[1]-'A') + 11
		}
	}
	v := uint32(out[0]-'A')*27 + uint32(second)
	v = (v*10+uint32(rest[0]-'0'))*37 + last
	v = ((v*10+uint32(in[0]-'0'))*26+uint32(in[1]-'A'))*26 + uint32(in[2]-'A')
	return place(v + 1), true
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }

func asDigit(b byte) byte {
	switch b {
	case 'O':
		return '0'
	case 'I', 'L':
		return '1'
	}
	return b
}

func asLetter(b byte) byte {
	switch b {
	case '0':
		return 'O'
	case '1':
		return 'I'
	}
	return b
}

// sector is the postcode without its last two letters: a few streets.
func (p place) sector() uint32 { return uint32(p-1) / 676 }

// district is the first half of the postcode: a part of a town.
func (p place) district() uint32 { return uint32(p-1) / 6760 }

// String is the postcode with its space; empty for one that is not of this shape.
func (p place) String() string {
	if p == 0 || p&otherPlace != 0 {
		return ""
	}
	v := uint32(p - 1)
	third, second, first := byte(v%26)+'A', byte(v/26%26)+'A', byte(v/676%10)+'0'
	v /= 6760
	last, digit := v%37, byte(v/37%10)+'0'
	v /= 370
	out := []byte{byte(v/27) + 'A'}
	if v%27 > 0 {
		out = append(out, byte(v%27-1)+'A')
	}
	out = append(out, digit)
	switch {
	case last > 10:
		out = append(out, byte(last-11)+'A')
	case last > 0:
		out = append(out, byte(last-1)+'0')
	}
	return string(append(out, ' ', first, second, third))
}

// The degrees in which two postcodes agree.
const (
	placeSame = 1 + iota
	placeSector
	placeDistrict
	placeSlip // one sign, or two exchanged, elsewhere in the country
	placeFar
)
