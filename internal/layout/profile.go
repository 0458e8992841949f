package layout

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/civil"
)

// profile is what the values of one column look like.
type profile struct {
	filled   int
	count    [shapes]int
	distinct map[string]int
	examples []string
	// dates: how often the first figure must be the day, the second must be, and
	// either could be; which order that leaves.
	firstDay, secondDay, either int
	youngest, oldest            int // years of the dates
	latestDay                   civil.Date
	firsts                      int // dates on the first of a month, read day first
	activity, ethnic            int // codes as an edition has them
	flags                       int // values of yes and no, also 1, 0, X
	fractions                   int // figures of 1 or less with a point
	figures                     int // values that are figures alone, with a point or %
	percents                    int // of them, those with a %
}

func profileOf(rows []Sample, at int) *profile {
	p := &profile{distinct: map[string]int{}}
	for _, r := range rows {
		if at >= len(r.Cells) {
			continue
		}
		s := tidy(r.Cells[at])
		if s == "" || isPlaceholder(s) {
			continue
		}
		p.filled++
		if p.distinct[s]++; p.distinct[s] == 1 && len(p.examples) < 3 {
			p.examples = append(p.examples, clip(s, 60))
		}
		p.look(s)
	}
	return p
}

func (p *profile) look(s string) {
	sh := shapeOf(s)
	p.count[sh]++
	switch sh {
	case dateShape:
		p.lookAtDate(s)
	case lostShape, noShape:
	}
	upper := strings.ToUpper(s)
	if len(s) == 3 && formOfCode(Activities, s) && s >= "110" && s <= "830" && s[2] == '0' || s == "615" || s == "616" || s == "619" || s == "381" {
		p.activity++
	}
	if formOfCode(Ethnicities, upper) {
		if row, ok := shipped().words.phrases[Ethnicities][plain(s)]; ok && row.code != "" || slices.Contains([]string{"WBRI", "WIRI", "WOTH"}, upper) {
			p.ethnic++
		}
	}
	switch upper {
	case "Y", "N", "YES", "NO", "TRUE", "FALSE", "T", "F", "1", "0", "X", "✓", "✔", "-":
		p.flags++
	}
	if whole, part, found := strings.Cut(strings.TrimSuffix(s, "%"), "."); allDigits(whole) && (!found || allDigits(part)) {
		p.figures++
		if strings.HasSuffix(s, "%") {
			p.percents++
		}
		if found && (whole == "0" || whole == "1" && strings.Trim(part, "0") == "") {
			p.fractions++
		}
	}
}

func (p *profile) lookAtDate(s string) {
	r := readDate(s, DayFirst, false, civil.Date{})
	switch {
	case r.first > 12:
		p.firstDay++
	case r.second > 12:
		p.secondDay++
	case r.first > 0 && r.first != r.second:
		p.either++
	}
	if r.date.IsZero() {
		return
	}
	y, _, d := r.date.YMD()
	if p.youngest == 0 || y > p.youngest {
		p.youngest = y
	}
	if p.oldest == 0 || y < p.oldest {
		p.oldest = y
	}
	if r.date.After(p.latestDay) {
		p.latestDay = r.date
	}
	if d == 1 {
		p.firsts++
	}
}

func (p *profile) share(some ...shape) int {
	if p.filled == 0 {
		return 0
	}
	n := 0
	for _, sh := range some {
		n += p.count[sh]
	}
	return n * 100 / p.filled
}

// inWords is "all 200 values are dates", "194 of 200 values are dates".
func (p *profile) inWords(sh shape, n int) string {
	switch {
	case n == p.filled && n == 1:
		return "its values (one here) " + shapeWords[sh]
	case n == p.filled:
		return fmt.Sprintf("all %d values %s", n, shapeWords[sh])
	}
	return fmt.Sprintf("%d of %d values %s", n, p.filled, shapeWords[sh])
}

// fits says how well the values suit an item, in hundredths; -1 where any text
// would, so that the values say nothing.
func (p *profile) fits(item Item) int {
	if p.filled == 0 {
		return -1
	}
	switch items[item].form {
	case nameForm:
		if item == FullName {
			return p.share(commaShape, namesShape)
		}
		return p.share(nameShape, namesShape, commaShape, sexShape, yesShape, noShape)
	case dateForm:
		return p.share(dateShape, serialShape) + p.oddDates()
	case upnForm:
		return p.share(upnShape) + p.thirteenSigns()
	case ulnForm:
		return p.share(ulnShape, lostShape) + p.tenFigures()
	case postcodeForm:
		return min(100, p.share(postcodeShape)*100/60)
	case phoneForm:
		return min(100, p.share(phoneShape, ulnShape, lostShape)+p.share(longShape))
	case emailForm:
		return p.share(emailShape)
	case digitsForm:
		return p.fitsDigits(item)
	case codedForm:
		return p.fitsCoded(item)
	}
	switch item {
	case Attendance:
		return p.figures * 100 / p.filled
	case FullAddress, Street:
		return -1
	}
	return -1
}

// oddDates are values that want to be dates and are none: 31/02/2009.
func (p *profile) oddDates() int {
	n := 0
	for s, times := range p.distinct {
		if sh := shapeOf(s); sh != dateShape && sh != serialShape && countDigits(s) >= 4 && strings.ContainsAny(s, "/-.# ") {
			n += times
		}
	}
	return min(n*100/p.filled, 30)
}

// thirteenSigns are values with the length of a UPN whose letter does not fit.
func (p *profile) thirteenSigns() int {
	n := 0
	for s, times := range p.distinct {
		if len(lettersAndDigits(s)) == 13 && countDigits(s) >= 8 && shapeOf(s) != upnShape {
			n += times
		}
	}
	return n * 100 / p.filled
}

func (p *profile) tenFigures() int {
	n := 0
	for s, times := range p.distinct {
		if sh := shapeOf(s); len(s) == 10 && countDigits(s) >= 9 && sh != ulnShape && sh != lostShape {
			n += times
		}
	}
	return n * 100 / p.filled
}

func (p *profile) fitsDigits(item Item) int {
	n := 0
	for s, times := range p.distinct {
		if o := cleanDigits(item, s); o.value != "" && len(o.value) >= items[item].min {
			n += times
		}
	}
	return n * 100 / p.filled
}

// fitsCoded is how many of the values are words or codes of the item's list.
func (p *profile) fitsCoded(item Item) int {
	list := item.List()
	n := 0
	for s, times := range p.distinct {
		key := phraseKey(s)
		_, how, ok := shipped().words.find(list, key)
		if ok && how != "" || formOfCode(list, strings.ToUpper(s)) && list != Plans && list != Supports && list != YesNo && list != Modes && list != LeavingReasons || isPlaceholder(s) {
			n += times
		}
	}
	return n * 100 / p.filled
}
