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

// upn is the next unique pupil number of the invented authority: 995, the
// school's number, the year of allocation and a serial number.
func (n *numbers) upn(year int) string {
	n.pupil++
	rest := fmt.Sprintf("995%04d%02d%03d", 2000+n.pupil/1000, year%100, n.pupil%1000)
	sum := 0
	for i := range len(rest) {
		sum += int(rest[i]-'0') * (i + 2)
	}
	return string(upnLetters[sum%23]) + rest
}
