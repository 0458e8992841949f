package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"waymark/internal/civil"
)

// rule says on which day of an academic year something falls, as year.csv
// writes it:
//
//	05-31                 that day
//	Fri 2 of 09           the second Friday of September
//	Thu 20 from 08        the first Thursday on or after 20 August
//	working last of 05    the last working day of May
//	working 9 after month the ninth working day after the end of the month, for
//	                      what comes back every month
type rule struct {
	kind    kind
	month   time.Month
	day, n  int
	weekday time.Weekday
}

type kind int

const (
	fixed kind = iota
	nthWeekday
	weekdayFrom
	lastWorking
	afterMonth
)

var weekdays = map[string]time.Weekday{"Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday, "Thu": time.Thursday, "Fri": time.Friday}

func parseRule(text string) (rule, error) {
	bad := func() (rule, error) { return rule{}, fmt.Errorf("%q is no rule for a day", text) }
	words := strings.Fields(text)
	number := func(i int) int {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			return -1
		}
		return n
	}
	switch {
	case len(words) == 1 && len(text) == 5 && text[2] == '-':
		// A leap year's February has the 28th too; 29 February is in no rule.
		d, err := civil.Parse("2001-" + text)
		if err != nil {
			return bad()
		}
		_, m, day := d.YMD()
		return rule{kind: fixed, month: m, day: day}, nil
	case len(words) != 4:
		return bad()
	}
	day, known := weekdays[words[0]]
	r := rule{weekday: day, n: number(1), month: time.Month(number(3))}
	switch {
	case known && words[2] == "of" && r.n >= 1 && r.n <= 4:
		r.kind = nthWeekday
	case known && words[2] == "from" && r.n >= 1 && r.n <= 24:
		r.kind = weekdayFrom
	case words[0] == "working" && words[1] == "last" && words[2] == "of":
		r.kind = lastWorking
	case words[0] == "working" && words[2] == "after" && words[3] == "month" && r.n > 0:
		return rule{kind: afterMonth, n: r.n}, nil
	default:
		return bad()
	}
	if r.month < time.January || r.month > time.December {
		return bad()
	}
	return r, nil
}

// in is the day within the academic year.
func (r rule) in(a civil.AcademicYear) civil.Date {
	year := int(a)
	if r.month < time.September {
		year++
	}
	switch r.kind {
	case nthWeekday:
		d, _ := civil.NthWeekday(year, r.month, r.weekday, r.n) // the first four are in every month
		return d
	case weekdayFrom:
		d := civil.Must(year, r.month, r.n)
		return d.AddDays((int(r.weekday) - int(d.Weekday()) + 7) % 7)
	case lastWorking:
		return civil.Month{Year: year, Month: r.month}.End().WorkingOnOrBefore()
	}
	if r.month == time.February && r.day == 28 {
		return civil.Month{Year: year, Month: r.month}.End() // the end of February, in a leap year too
	}
	return civil.Must(year, r.month, r.day)
}

// after is the day for what follows a month.
func (r rule) after(m civil.Month) civil.Date { return m.End().AddWorkingDays(r.n) }
