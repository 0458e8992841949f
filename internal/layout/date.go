package layout

import (
	"strings"
	"time"

	"waymark/internal/civil"
)

// dateRead is what one cell says as a date.
type dateRead struct {
	date civil.Date
	// fault is a code of datefaults where the cell is no date that can be used.
	fault string
	// told is a code of datefaults where it is one, but not as it stands.
	told string
	// first and second are the two figures where their order matters, else 0.
	first, second int
}

// dateFaults say in words what is wrong with a date, or how it was read.
var dateFaults = map[string]string{
	"not-a-date":     "This is not a date. Write it like 03/09/2009.",
	"no-such-day":    "There is no such day in the calendar. Look the date up and mend it.",
	"no-day":         "This is a month and no day. Write the whole date, like 03/09/2009.",
	"no-year":        "This date has no year. Write the whole date, like 03/09/2009.",
	"date-hashes":    "The column was too narrow when the file was saved, so that there is no date in it. Make the column wider and save the file again.",
	"date-lost":      "The spreadsheet has put a number in place of the date. Give the column a date format and save the file again.",
	"two-people":     "There are two dates in one cell, as if the row were two people. Give each person a row.",
	"wrong-column":   "This belongs in another column: it is no date. Look whether the cells of this row have moved.",
	"date-serial":    "This is how a spreadsheet numbers its days; it was read as the date that it stands for.",
	"date-century":   "The year is of another century; it was read as the one in which a young person can have been born.",
	"date-short":     "The year has two figures; it was read as the one in which a young person can have been born.",
	"date-other":     "Day and month stand the other way round from the rest of the column; only one of them can be the month, and so it was read.",
	"date-nought":    "The nought at the beginning has been lost; it was read with one.",
	"dob-not-young":  "Nobody of 10 to 26 was born on this day. Look it up and mend it, or take the row out.",
	"dob-in-future":  "This day is still to come. Look the date of birth up and mend it.",
	"date-far-ahead": "This day is more than ten years away. Look whether the year is right.",
}

func monthOf(w string) time.Month {
	if len(w) < 3 {
		return 0
	}
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	var three [3]byte
	for i := range three {
		three[i] = w[i] | 0x20
	}
	at := strings.Index(names, string(three[:]))
	if at < 0 || at%3 != 0 {
		return 0
	}
	full := time.Month(at/3 + 1)
	if lower := strings.ToLower(w); lower != "sept" && !strings.HasPrefix(strings.ToLower(full.String()), lower) {
		return 0
	}
	return full
}

// parts of a date are its figures and words.
type parts struct {
	n      [8]int
	digits [8]int // how many figures each has, 0 for a month in words
	count  int
	ok     bool
}

// takeApart finds the figures and month of a date. Weekdays, "of", the endings
// of 1st and 2nd, and a time of day behind are left out.
func takeApart(s string) (p parts) {
	p.ok = true
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			n, start := 0, i
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				if i-start < 9 {
					n = n*10 + int(s[i]-'0')
				}
				i++
			}
			if i < len(s) && s[i] == ':' {
				return p // the time of day
			}
			if p.count == len(p.n) {
				p.ok = false
				return p
			}
			p.n[p.count], p.digits[p.count] = n, i-start
			p.count++
		case isASCIILetter(c):
			start := i
			for i < len(s) && isASCIILetter(s[i]) {
				i++
			}
			w := s[start:i]
			if m := monthOf(w); m > 0 && p.count < len(p.n) {
				p.n[p.count], p.digits[p.count] = int(m), 0
				p.count++
			} else if !quietWord(w) {
				if (w == "T" || w == "t") && p.count >= 3 {
					return p
				}
				p.ok = false
				return p
			}
		case c == '/' || c == '-' || c == '.' || c == ' ' || c == ',' || c == '\\':
			i++
		default:
			p.ok = false
			return p
		}
	}
	return p
}

func quietWord(w string) bool {
	switch strings.ToLower(w) {
	case "st", "nd", "rd", "th", "of", "the", "mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday":
		return true
	}
	return false
}

// readDate reads a tidy cell as a date. birth is that it is a birth date, whose
// century is known; asAt the day of the file, or none.
func readDate(s string, order DateOrder, birth bool, asAt civil.Date) dateRead {
	if d, err := civil.Parse(s); err == nil {
		return settle(dateRead{date: d}, birth, asAt)
	}
	if strings.Trim(s, "#") == "" {
		return dateRead{fault: "date-hashes"}
	}
	s = strings.TrimLeft(s, "'")
	if r, ok := readNumberDate(s, order, birth, asAt); ok {
		return r
	}
	p := takeApart(s)
	switch {
	case !p.ok && twoDates(s):
		return dateRead{fault: "two-people"}
	case !p.ok || p.count == 0:
		return dateRead{fault: otherThanDate(s)}
	case p.count >= 6 || p.count == 4 && p.digits[3] == 4:
		return dateRead{fault: "two-people"}
	case p.count == 2 && p.digits[1] == 4 && (p.digits[0] == 0 || p.n[0] <= 12):
		return dateRead{fault: "no-day"}
	case p.count == 2:
		return dateRead{fault: "no-year"}
	case p.count == 3, p.count > 3 && strings.ContainsRune(s, ':'):
		return fromParts(p, order, birth, asAt)
	}
	return dateRead{fault: otherThanDate(s)}
}

// twoDates says that the cell holds two dates with a sign or word between.
func twoDates(s string) bool {
	for _, between := range []string{"&", " and ", ";", "+", "|", ",", " or "} {
		if a, b, found := strings.Cut(s, between); found && shapeOf(tidy(a)) == dateShape && shapeOf(tidy(b)) == dateShape {
			return true
		}
	}
	return false
}

// otherThanDate says what stands there in place of a date.
func otherThanDate(s string) string {
	switch shapeOf(s) {
	case upnShape, ulnShape, postcodeShape, emailShape, phoneShape:
		return "wrong-column"
	}
	return "not-a-date"
}

// fromParts makes the date of three parts. A month in words, and a year in
// front, leave no doubt; otherwise order decides.
func fromParts(p parts, order DateOrder, birth bool, asAt civil.Date) dateRead {
	var y, m, d, yDigits int
	r := dateRead{}
	switch {
	case p.digits[0] == 4: // 2009/02/03, 2009 Feb 3
		y, yDigits, m, d = p.n[0], 4, p.n[1], p.n[2]
	case p.digits[1] == 0: // 3 Feb 2009
		d, m, y, yDigits = p.n[0], p.n[1], p.n[2], p.digits[2]
	case p.digits[0] == 0: // Feb 3, 2009
		m, d, y, yDigits = p.n[0], p.n[1], p.n[2], p.digits[2]
	default:
		r.first, r.second = p.n[0], p.n[1]
		d, m, y, yDigits = p.n[0], p.n[1], p.n[2], p.digits[2]
		if order == MonthFirst {
			d, m = m, d
		}
		if m > 12 && d <= 12 && d > 0 {
			d, m, r.told = m, d, "date-other"
		}
	}
	switch yDigits {
	case 2:
		r.told = "date-short"
		if y += 2000; birth && (asAt.IsZero() && y > 2069 || !asAt.IsZero() && y > asAt.Year()) || !birth && y > 2079 {
			y -= 100
		}
	case 4:
	default:
		r.fault = "no-year"
		return r
	}
	if y < 100 && birth { // 0009: a program took 09 as it stood
		y += 2000
		r.told = "date-century"
	}
	date, ok := civil.New(y, time.Month(m), d)
	if !ok {
		r.fault = "no-such-day"
		return r
	}
	if r.told == "date-short" && !birth {
		r.told = "" // a start in 26 is 2026: nothing to tell
	}
	r.date = date
	return settle(r, birth, asAt)
}

// settle looks at whether a birth date can be a young person's.
func settle(r dateRead, birth bool, asAt civil.Date) dateRead {
	y, m, d := r.date.YMD()
	if !birth {
		if !asAt.IsZero() && r.date.After(asAt.AddYears(10)) {
			r.fault = "date-far-ahead"
		}
		return r
	}
	if y < 1930 && y >= 1900 && !(m == 1 && d == 1) && (asAt.IsZero() || y+100 <= asAt.Year()) {
		if later, ok := civil.New(y+100, m, d); ok {
			r.date, r.told = later, "date-century"
		}
	}
	switch {
	case asAt.IsZero():
	case r.date.After(asAt):
		r.fault = "dob-in-future"
	case civil.Age(r.date, asAt) < 10 || civil.Age(r.date, asAt) > 26:
		r.fault = "dob-not-young"
	}
	return r
}

// readNumberDate reads what is figures alone: 20090203, 03022009, 3022009,
// 030209 and a spreadsheet's number of a day.
func readNumberDate(s string, order DateOrder, birth bool, asAt civil.Date) (dateRead, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if !allDigits(whole) || fraction != "" && !allDigits(fraction) {
		if strings.ContainsAny(s, "Ee") && strings.Contains(s, "+") {
			return dateRead{fault: "date-lost"}, true
		}
		return dateRead{}, false
	}
	n := 0
	for i := 0; i < len(whole) && i < 9; i++ {
		n = n*10 + int(whole[i]-'0')
	}
	switch {
	case len(whole) == 5 && n >= 25569 && n <= 73050: // 1970 to 2099
		return settle(dateRead{date: serialDay.AddDays(n), told: "date-serial"}, birth, asAt), true
	case fraction != "":
		return dateRead{fault: "not-a-date"}, true
	case len(whole) == 8:
		p := parts{count: 3, n: [8]int{n / 10000, n / 100 % 100, n % 100}, digits: [8]int{4, 2, 2}}
		if y := n / 10000; y < 1900 || y > 2100 || n/100%100 > 12 {
			p = parts{count: 3, n: [8]int{n / 1000000, n / 10000 % 100, n % 10000}, digits: [8]int{2, 2, 4}}
		}
		return fromParts(p, order, birth, asAt), true
	case len(whole) == 7 && n%10000 >= 1900 && n%10000 <= 2100:
		r := fromParts(parts{count: 3, n: [8]int{n / 1000000, n / 10000 % 100, n % 10000}, digits: [8]int{2, 2, 4}}, order, birth, asAt)
		if r.fault == "" {
			r.told = "date-nought"
		}
		return r, true
	case len(whole) == 6:
		return fromParts(parts{count: 3, n: [8]int{n / 10000, n / 100 % 100, n % 100}, digits: [8]int{2, 2, 2}}, order, birth, asAt), true
	}
	if len(whole) == 10 || len(whole) == 11 {
		return dateRead{fault: otherThanDate(s)}, true
	}
	return dateRead{fault: "not-a-date"}, true
}

// serialDay is day 0 of a spreadsheet's count, for any day after February 1900.
var serialDay = civil.Must(1899, time.December, 30)
