package civil

import "time"

// Easter is Easter Sunday of a year of the Gregorian calendar, by the anonymous
// rule of 1876.
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Must(year, time.Month(n/31), n%31+1)
}

// NthWeekday is the nth such day of the week in a month, from 1; from the end of
// the month where n is negative. It is false where the month has no such day.
func NthWeekday(year int, month time.Month, day time.Weekday, n int) (Date, bool) {
	m := Month{Year: year, Month: month}
	first := m.First()
	on := first.AddDays((int(day) - int(first.Weekday()) + 7) % 7)
	if n < 0 {
		last := m.End()
		on = last.AddDays(-((int(last.Weekday()) - int(day) + 7) % 7)).AddDays(7 * (n + 1))
	} else {
		on = on.AddDays(7 * (n - 1))
	}
	return on, n != 0 && on.InMonth() == m
}

// BankHoliday says that the day is one of the eight bank holidays of every year
// in England, or the weekday kept in its stead. Days that are given once, by
// proclamation, it does not know.
func BankHoliday(d Date) bool {
	year, month, day := d.YMD()
	monday := d.Weekday() == time.Monday
	nth := func(n int) bool {
		on, ok := NthWeekday(year, month, time.Monday, n)
		return ok && on == d
	}
	switch month {
	case time.January:
		return day == 1 || monday && (day == 2 || day == 3)
	case time.May:
		return nth(1) || nth(-1)
	case time.August:
		return nth(-1)
	case time.December:
		// Each of the two that falls on a weekend is kept on the next weekday that
		// is not kept already.
		return day == 25 || day == 26 || day == 27 && (monday || d.Weekday() == time.Tuesday) || day == 28 && (monday || d.Weekday() == time.Tuesday)
	case time.March, time.April:
		easter := Easter(year)
		return d == easter.AddDays(-2) || d == easter.AddDays(1)
	}
	return false
}

// Working says that the day is one on which offices in England work: no
// weekend, and no bank holiday.
func Working(d Date) bool {
	w := d.Weekday()
	return !d.IsZero() && w != time.Saturday && w != time.Sunday && !BankHoliday(d)
}

// AddWorkingDays moves by so many working days, forward or back. By none it
// stays, whatever day it is.
func (d Date) AddWorkingDays(days int) Date {
	step := 1
	if days < 0 {
		step, days = -1, -days
	}
	for d != (Date{}) && days > 0 {
		if d = d.AddDays(step); Working(d) {
			days--
		}
	}
	return d
}

// WorkingOnOrBefore is the day, or the last working day before it: for what must
// be done by a day.
func (d Date) WorkingOnOrBefore() Date {
	for !d.IsZero() && !Working(d) {
		d = d.AddDays(-1)
	}
	return d
}

// WorkingOnOrAfter is the day, or the first working day after it: for what can
// begin on a day.
func (d Date) WorkingOnOrAfter() Date {
	for !d.IsZero() && !Working(d) {
		d = d.AddDays(1)
	}
	return d
}
