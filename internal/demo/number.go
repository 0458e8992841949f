package demo

import (
	"fmt"

	"waymark/internal/nccis"
)

// upnLetters are the check letters of a unique pupil number, by value.
const upnLetters = "ABCDEFGHJKLMNPQRTUVWXYZ"

// numbers hands out identifiers that are well formed and nobody's twice.
type numbers struct {
	learner int
	pupil   int
	// authority gives the pupil numbers.
	authority string
}

// numbers are the borough's own: no other gives one of them.
func (w *World) numbers() numbers {
	for i, b := range boroughs() {
		if b.Code == w.Borough.Code {
			return numbers{learner: i * 1_000_000, authority: b.Code}
		}
	}
	return numbers{authority: w.Borough.Code}
}

// uln is the next unique learner number whose check digit exists.
func (n *numbers) uln() string {
	for {
		n.learner++
		base := 970000000 + (n.learner*7919)%29999999
		for check := range 10 {
			if s := fmt.Sprintf("%09d%d", base, check); nccis.ValidULN(s) {
				return s
			}
		}
	}
}

// upn is the next unique pupil number of the invented authority: its code, the
// school's number, the year of allocation and a serial number.
func (n *numbers) upn(year int) string {
	n.pupil++
	rest := fmt.Sprintf("%s%04d%02d%03d", n.authority, 2000+n.pupil/1000, year%100, n.pupil%1000)
	sum := 0
	for i := range len(rest) {
		sum += int(rest[i]-'0') * (i + 2)
	}
	return string(upnLetters[sum%23]) + rest
}
