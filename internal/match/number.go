package match

import (
	"strings"

	"waymark/internal/nccis"
)

// number is somebody's number in somebody's book (ULN, UPN, YoungPersonsID, any
// other) as its signs in base 37, so that a slip in it can be seen. A longer one
// than twelve signs is a hash with the highest bit set, which only agrees or not.
// 0 is none.
type number uint64

const hashedNumber = 1 << 63

// readULN reads a unique learner number. The temporary number 9999999999 is
// nobody's and so is none; one with a wrong check digit is none either, for it
// is a slip of the pen that could be another's.
func readULN(s string) number {
	s = signs(s)
	if !nccis.ValidULN(s) {
		return 0
	}
	return packed(s)
}

// readUPN reads a unique pupil number, an O for a nought mended. Its check letter
// follows from the rest and is not kept. temporary says that it is one given
// until the lasting one is known, which two schools may both have given.
func readUPN(s string) (n number, temporary bool) {
	s = signs(s)
	if len(s) == 13 && strings.ContainsAny(s[1:12], "OI") {
		s = s[:1] + strings.NewReplacer("O", "0", "I", "1").Replace(s[1:12]) + s[12:]
	}
	if !nccis.ValidUPN(s) {
		return 0, false
	}
	return packed(s[1:]), nccis.TemporaryUPN(s)
}

// readNumber reads any other number. One of a single sign repeated is none.
func readNumber(s string) number {
	s = signs(s)
	if s == "" || strings.Count(s, s[:1]) == len(s) {
		return 0
	}
	if len(s) > 12 {
		return number(hashText(s)) | hashedNumber
	}
	return packed(s)
}

// readPhone keeps the national digits: +44 7700 900123 is 07700900123.
func readPhone(s string) number {
	s = signs(s)
	switch {
	case strings.HasPrefix(s, "0044"):
		s = "0" + s[4:]
	case strings.HasPrefix(s, "44") && len(s) == 12:
		s = "0" + s[2:]
	case len(s) == 10 && s[0] == '7': // a sheet that took the nought away
		s = "0" + s
	}
	if len(s) < 6 {
		return 0
	}
	return readNumber(s)
}

// signs are the letters and digits of the text, in capitals.
func signs(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = isDigit(s[i]) || isLetter(s[i])
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if isDigit(c) || isLetter(c) {
			b = append(b, c)
		}
	}
	return string(b)
}

func packed(s string) number {
	n := uint64(0)
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			n = n*37 + uint64(s[i]-'0') + 1
		} else {
			n = n*37 + uint64(s[i]-'A') + 11
		}
	}
	return number(n)
}

// String is the number's signs; empty for one that is held as a hash.
func (n number) String() string {
	if n&hashedNumber != 0 {
		return ""
	}
	var b [13]byte
	at := len(b)
	for v := uint64(n); v > 0; v /= 37 {
		at--
		if d := byte(v % 37); d <= 10 {
			b[at] = d - 1 + '0'
		} else {
			b[at] = d - 11 + 'A'
		}
	}
	return string(b[at:])
}

// The degrees in which two numbers agree.
const (
	numberSame = 1 + iota
	numberSlip // one sign, or two neighbours exchanged
	numberFar
)

func compareNumber(a, b number) uint8 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == b:
		return numberSame
	case (a|b)&hashedNumber == 0 && slipped(a, b):
		return numberSlip
	}
	return numberFar
}

// slipped says that one sign differs or two neighbours are exchanged, or that the
// last or the first sign is missing.
func slipped(a, b number) bool {
	if a/37 == b || b/37 == a {
		return true
	}
	differ, at, before := 0, 0, 0
	for i := 0; a > 0 || b > 0; i++ {
		x, y := int(a%37), int(b%37)
		if x != y {
			if differ++; differ > 2 || differ == 2 && (at != i-1 || before != y*37+x) {
				return false
			}
			at, before = i, x*37+y
		}
		a, b = a/37, b/37
	}
	return true
}

// hashText is FNV-1a with a last mixing.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mixed(h)
}

// mixed spreads what differs in a number over all its bits (splitmix64).
func mixed(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
