package match

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"waymark/internal/civil"
)

// birth is a birth date as its eight digits, four bits each: 2009-08-31 is
// 0x20090831. A digit that differs is then four bits that differ. A date that the
// calendar has not, 31 February, is kept: the slip in it may be mended by what it
// is compared with. 0 is no date.
type birth uint32

func birthFrom(y, m, d int) birth {
	if y < 1 || y > 9999 || m < 0 || m > 99 || d < 0 || d > 99 {
		return 0
	}
	digits := uint32(0)
	for n, shift := y*10000+m*100+d, 0; n > 0; n, shift = n/10, shift+4 {
		digits |= uint32(n%10) << shift
	}
	return birth(digits)
}

func (b birth) year() uint32  { return uint32(b) >> 16 }
func (b birth) month() uint32 { return uint32(b) >> 8 & 0xff }
func (b birth) day() uint32   { return uint32(b) & 0xff }

// first says that the date is a first of January, which stands in many registers
// for a day that nobody knew.
func (b birth) first() bool { return b&0xffff == 0x0101 }

// String is the date as it is written in words, 31 August 2009, and by its digits
// where the calendar has no such day.
func (b birth) String() string {
	y, m, d := fromDigits(b.year()), fromDigits(b.month()), fromDigits(b.day())
	if date, ok := civil.New(y, time.Month(m), d); ok {
		return date.Words()
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

func fromDigits(n uint32) int {
	total, unit := 0, 1
	for ; n > 0; n >>= 4 {
		total += int(n&15) * unit
		unit *= 10
	}
	return total
}

// readBirth reads a birth date in the forms that files have: 2009-08-31,
// 31/08/2009, 31.8.09, 20090831, 31 Aug 2009, with or without a time of day. Day
// comes before month as in Britain. A year of two digits is of this century up to
// 30 and of the last one after it. Placeholders such as 1 January 1900 are no date.
func readBirth(s string) birth {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "T"); i == 10 && s[4] == '-' {
		s = s[:i]
	}
	var part [4]int
	var width [4]int
	n, word := 0, 0
	for i := 0; i < len(s) && n < 3; {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			for i < len(s) && s[i] >= '0' && s[i] <= '9' && width[n] < 9 {
				part[n] = part[n]*10 + int(s[i]-'0')
				width[n]++
				i++
			}
			n++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			start := i
			for i < len(s) && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
				i++
			}
			if m := monthNamed(s[start:i]); m > 0 && word > 0 {
				return 0 // Dec June 2009 is a name and a year
			} else if m > 0 && n < 3 {
				part[n], width[n], word = m, 2, n+1
				n++
			}
		default:
			i++
		}
	}
	y, m, d := 0, 0, 0
	switch {
	case n == 1 && width[0] == 8:
		y, m, d = part[0]/10000, part[0]/100%100, part[0]%100
		if (y < 1850 || y > 2100) && part[0]%10000 > 1850 { // 31082009
			y, m, d = part[0]%10000, part[0]/10000%100, part[0]/1000000
		}
	case n < 3:
		return 0
	case width[0] == 4:
		y, m, d = part[0], part[1], part[2]
	case word == 1: // Aug 31 2009
		y, m, d = part[2], part[0], part[1]
	default:
		y, m, d = part[2], part[1], part[0]
		if width[2] <= 2 {
			if y += 1900; y <= 1930 {
				y += 100
			}
		}
	}
	b := birthFrom(y, m, d)
	if b == 0x19000101 || b == 0x99990101 || b == 0x99991231 || y < 1800 {
		return 0
	}
	return b
}

// monthNamed is the month that a word names, in whole or by its first three
// letters; 0 where it is none. A name that begins like a month, Declan, Marcus,
// Juniper, is none.
func monthNamed(s string) int {
	for m := time.January; m <= time.December; m++ {
		if name := m.String(); strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) || m == time.September && strings.EqualFold(s, "sept") {
			return int(m)
		}
	}
	return 0
}

// The degrees in which two birth dates agree, from the most to the least.
const (
	birthSame    = 1 + iota
	birthTurned  // day and month exchanged
	birthDigit   // one digit, or two neighbouring digits exchanged, or a year off by one
	birthDefault // the same year, and one of them is a first of January
	birthParts   // two of year, month and day
	birthDigits  // two digits
	birthNear    // within 400 days
	birthFar
)

func compareBirth(a, b birth) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	if a == b {
		return birthSame
	}
	x := uint32(a ^ b)
	sameYear := x>>16 == 0
	if sameYear && a.day() == b.month() && a.month() == b.day() {
		return birthTurned
	}
	differ := x | x>>1 | x>>2 | x>>3
	differ &= 0x11111111
	digits := bits.OnesCount32(differ)
	if digits == 1 {
		return birthDigit
	}
	if digits == 2 {
		low := bits.TrailingZeros32(differ)
		if differ>>low == 0x11 && uint32(a)>>low&15 == uint32(b)>>(low+4)&15 && uint32(a)>>(low+4)&15 == uint32(b)>>low&15 {
			return birthDigit
		}
	}
	ya, yb := fromDigits(a.year()), fromDigits(b.year())
	if x&0xffff == 0 && (ya-yb == 1 || yb-ya == 1) {
		return birthDigit
	}
	if sameYear && (a.first() || b.first()) {
		return birthDefault
	}
	same := 0
	if sameYear {
		same++
	}
	if x>>8&0xff == 0 {
		same++
	}
	if x&0xff == 0 {
		same++
	}
	if same == 2 {
		return birthParts
	}
	if digits == 2 {
		return birthDigits
	}
	days := (ya-yb)*365 + (fromDigits(a.month())-fromDigits(b.month()))*30 + fromDigits(a.day()) - fromDigits(b.day())
	if days <= 400 && days >= -400 {
		return birthNear
	}
	return birthFar
}
