package nccis

import "strings"

// upnLetters are the letters of a UPN in the order of their values: I, O and S
// are never used.
const upnLetters = "ABCDEFGHJKLMNPQRTUVWXYZ"

// temporaryULN stands in a file for a learner who has no number yet.
const temporaryULN = "9999999999"

// ValidULN says that the text is a unique learner number: ten digits, the first
// not 0, the last a check digit (nccis.md 10.3). The temporary number
// 9999999999 is nobody's and so is not valid; see TemporaryULN.
func ValidULN(s string) bool {
	if !wellFormedULN(s) {
		return false
	}
	sum := 0
	for i := 0; i < 9; i++ {
		sum += int(s[i]-'0') * (10 - i)
	}
	r := sum % 11
	return r != 0 && int(s[9]-'0') == 10-r
}

// TemporaryULN says that the text is 9999999999, which many learners share.
func TemporaryULN(s string) bool { return s == temporaryULN }

// wellFormedULN is all that check 30 asks for: the check digit is not in it.
func wellFormedULN(s string) bool { return len(s) == 10 && s[0] != '0' && allDigits(s) }

// ValidUPN says that the text is a unique pupil number: a check letter, then
// authority, establishment, year and serial, the last sign of which is a letter
// on a temporary number (nccis.md 10.3).
func ValidUPN(s string) bool {
	if len(s) != 13 {
		return false
	}
	sum := 0
	for i := 1; i < 13; i++ {
		value := int(s[i] - '0')
		if s[i] < '0' || s[i] > '9' {
			if value = strings.IndexByte(upnLetters, s[i]); i != 12 || value < 0 {
				return false
			}
		}
		sum += value * (i + 1)
	}
	return s[0] == upnLetters[sum%23]
}

// TemporaryUPN says that the text is a valid UPN of the temporary kind.
func TemporaryUPN(s string) bool { return ValidUPN(s) && (s[12] < '0' || s[12] > '9') }

// ValidUKPRN says that the text is a UK provider reference number: eight
// digits, the first 1.
func ValidUKPRN(s string) bool { return len(s) == 8 && s[0] == '1' && allDigits(s) }

// ValidYoungPersonsID says that the text is thirteen digits: the database's
// three and the local ten.
func ValidYoungPersonsID(s string) bool { return len(s) == 13 && allDigits(s) }

// ValidPostcode says that the text has one of the six shapes of a United
// Kingdom postcode, in capitals, with one space (check 43).
func ValidPostcode(s string) bool {
	n := len(s)
	if n < 6 || n > 8 || s[n-4] != ' ' || !digit(s[n-3]) || !capital(s[n-2]) || !capital(s[n-1]) {
		return false
	}
	out := s[:n-4]
	if !capital(out[0]) {
		return false
	}
	letters := 1
	if capital(out[1]) {
		letters = 2
	}
	// After one or two letters comes a digit, and then perhaps a digit or a letter.
	rest := out[letters:]
	switch len(rest) {
	case 1:
		return digit(rest[0])
	case 2:
		return digit(rest[0]) && (digit(rest[1]) || capital(rest[1]))
	}
	return false
}

func digit(c byte) bool   { return c >= '0' && c <= '9' }
func capital(c byte) bool { return c >= 'A' && c <= 'Z' }

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}
