// Package civil holds dates without clocks, and the calendar of the English
// school year that everything else in Waymark is counted in.
//
// A young person's birth date, the start of a course and the last day of a
// return are civil dates: they have no hour and no time zone. The academic
// year runs from 1 September to 31 August.
package civil

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Date is a day of the proleptic Gregorian calendar. The zero Date is "no
// date" and sorts before every other. Dates compare with == and Before.
type Date struct {
	// n counts days, 0001-01-01 being 1, so that the zero value is no day.
	n int32
}

// ErrDate is what Parse returns for a text that is not a day of the calendar.
var ErrDate = errors.New("not a date of the calendar, written like 2026-10-31")

const daysBefore1970 = 719162 // days from 0001-01-01 to 1970-01-01

// New returns the day, and false where the calendar has no such day.
func New(year int, month time.Month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Date{}, false
	}
	return fromYMD(year, int(month), day), true
}

// Must is New for days written in the code and in tests; it panics where the
// calendar has no such day.
func Must(year int, month time.Month, day int) Date {
	d, ok := New(year, month, day)
	if !ok {
		panic(fmt.Sprintf("civil: no such day: %d-%d-%d", year, month, day))
	}
	return d
}

// Parse reads the one form that machine files use: CCYY-MM-DD, ten
// characters, a day that exists. Anything else is ErrDate.
func Parse(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, ErrDate
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, time.Month(m)) {
		return Date{}, ErrDate
	}
	return fromYMD(y, m, d), nil
}

// MustParse is Parse for dates written in the code and in tests.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic("civil: " + s + ": " + err.Error())
	}
	return d
}

// On returns the day that the instant falls on in the given zone.
func On(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return fromYMD(y, int(m), d)
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func daysIn(y int, m time.Month) int {
	switch m {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if leap(y) {
			return 29
		}
		return 28
	}
	return 31
}

// fromYMD is the day count of a date that exists (Howard Hinnant's
// days_from_civil, shifted so that 0001-01-01 is 1).
func fromYMD(y, m, d int) Date {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return Date{int32(era*146097 + doe - 305)}
}

// YMD returns the year, month and day; all zero for no date.
func (d Date) YMD() (int, time.Month, int) {
	if d.n == 0 {
		return 0, 0, 0
	}
	z := int(d.n) + 305
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day := doy - (153*mp+2)/5 + 1
	month := mp + 3
	year := yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, time.Month(month), day
}

// Year returns the calendar year, 0 for no date.
func (d Date) Year() int { y, _, _ := d.YMD(); return y }

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d.n == 0 }

// Before says that d is an earlier day than e; no date is before every day.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After says that d is a later day than e.
func (d Date) After(e Date) bool { return d.n > e.n }

// AddDays moves by whole days. No date stays no date.
func (d Date) AddDays(days int) Date {
	if d.n == 0 {
		return d
	}
	return Date{d.n + int32(days)}
}

// AddMonths keeps the day of the month, or takes the last day of a month that
// is shorter: 31 August and six months is 28 (or 29) February.
func (d Date) AddMonths(months int) Date {
	if d.n == 0 {
		return d
	}
	y, m, day := d.YMD()
	total := y*12 + int(m) - 1 + months
	y, m = total/12, time.Month(total%12+1)
	if last := daysIn(y, m); day > last {
		day = last
	}
	return fromYMD(y, int(m), day)
}

// AddYears is twelve times as many months: 29 February becomes 28 February in
// a year without one.
func (d Date) AddYears(years int) Date { return d.AddMonths(12 * years) }

// DaysSince counts the days from e to d; 0 where either is no date.
func (d Date) DaysSince(e Date) int {
	if d.n == 0 || e.n == 0 {
		return 0
	}
	return int(d.n - e.n)
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday((int(d.n)%7 + 7) % 7) }

// Time is midnight UTC of the day.
func (d Date) Time() time.Time {
	return time.Unix(int64(int(d.n)-1-daysBefore1970)*86400, 0).UTC()
}

// String is CCYY-MM-DD, and empty for no date.
func (d Date) String() string {
	if d.n == 0 {
		return ""
	}
	var b [10]byte
	y, m, day := d.YMD()
	put(b[0:4], y)
	b[4] = '-'
	put(b[5:7], int(m))
	b[7] = '-'
	put(b[8:10], day)
	return string(b[:])
}

func put(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// Words is the date as people read it, "4 September 2026"; empty for no date.
func (d Date) Words() string {
	if d.n == 0 {
		return ""
	}
	y, m, day := d.YMD()
	return fmt.Sprintf("%d %s %d", day, m, y)
}

// Value stores the date as CCYY-MM-DD text, or NULL.
func (d Date) Value() (driver.Value, error) {
	if d.n == 0 {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads what Value stored.
func (d *Date) Scan(src any) error {
	var s string
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return fmt.Errorf("civil: cannot read a date from %T", src)
	}
	if s == "" {
		*d = Date{}
		return nil
	}
	got, err := Parse(s)
	if err != nil {
		return fmt.Errorf("civil: %q: %w", s, err)
	}
	*d = got
	return nil
}

// MarshalText writes CCYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads CCYY-MM-DD; empty is no date.
func (d *Date) UnmarshalText(b []byte) error { return d.Scan(string(b)) }
