package civil

import (
	"fmt"
	"time"
)

// AcademicYear is named by the calendar year that it begins in: 2026 is
// 1 September 2026 to 31 August 2027, written 2026/27.
type AcademicYear int

// AcademicYear is the one that the day falls in; 0 for no date.
func (d Date) AcademicYear() AcademicYear {
	if d.n == 0 {
		return 0
	}
	y, m, _ := d.YMD()
	if m < time.September {
		y--
	}
	return AcademicYear(y)
}

// Start is 1 September.
func (a AcademicYear) Start() Date { return Must(int(a), time.September, 1) }

// End is 31 August.
func (a AcademicYear) End() Date { return Must(int(a)+1, time.August, 31) }

// String is "2026/27".
func (a AcademicYear) String() string { return fmt.Sprintf("%d/%02d", int(a), (int(a)+1)%100) }

// Age in whole years on a day. Somebody born on 29 February has their birthday
// on 1 March of a common year. Before birth, or where a date is missing, it is
// -1.
func Age(born, on Date) int {
	if born.IsZero() || on.IsZero() || on.Before(born) {
		return -1
	}
	by, bm, bd := born.YMD()
	oy, om, od := on.YMD()
	age := oy - by
	if om < bm || (om == bm && od < bd) {
		age--
	}
	return age
}

// AcademicAge is the age on the 31 August before the academic year that the
// day falls in: the Department's "academic age" (nccis.md 5.1). It stays the
// same from 1 September to 31 August. Where a date is missing, or the birth is
// later than that 31 August, it is -1.
func AcademicAge(born, on Date) int {
	if on.IsZero() {
		return -1
	}
	return Age(born, on.AcademicYear().Start().AddDays(-1))
}

// Month is one calendar month, the unit of the return.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads CCYY-MM.
func ParseMonth(s string) (Month, error) {
	d, err := Parse(s + "-01")
	if err != nil {
		return Month{}, fmt.Errorf("%q is not a month; write it like 2026-10", s)
	}
	return d.InMonth(), nil
}

// InMonth is the month that the day falls in.
func (d Date) InMonth() Month { y, m, _ := d.YMD(); return Month{y, m} }

// First is the first day of the month.
func (m Month) First() Date { return fromYMD(m.Year, int(m.Month), 1) }

// End is the last day of the month: the PeriodEnd of its return.
func (m Month) End() Date { return fromYMD(m.Year, int(m.Month), daysIn(m.Year, m.Month)) }

// Add moves by whole months.
func (m Month) Add(n int) Month { return m.First().AddMonths(n).InMonth() }

// Before says that m is an earlier month than o.
func (m Month) Before(o Month) bool { return m.First().Before(o.First()) }

// IsZero says that there is no month.
func (m Month) IsZero() bool { return m.Month == 0 }

// String is CCYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// Words is "October 2026".
func (m Month) Words() string { return fmt.Sprintf("%s %d", m.Month, m.Year) }
