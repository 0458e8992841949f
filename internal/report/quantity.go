package report

import (
	"fmt"
	"strconv"
	"strings"

	"waymark/internal/civil"
)

// Period is one month, or several whose mean is taken.
type Period struct{ From, To civil.Month }

// Month is the period of one month.
func Month(m civil.Month) Period { return Period{m, m} }

// DecemberToFebruary is the period of the Department's published NEET and not
// known that ends in the February: the three months whose mean is taken
// (nccis.md 11.1).
func DecemberToFebruary(february int) Period {
	return Period{civil.Month{Year: february - 1, Month: 12}, civil.Month{Year: february, Month: 2}}
}

// Months are the months of the period.
func (p Period) Months() []civil.Month {
	var out []civil.Month
	for m := p.From; !p.To.Before(m); m = m.Add(1) {
		out = append(out, m)
	}
	return out
}

// YearBefore is the same period a year earlier.
func (p Period) YearBefore() Period { return Period{p.From.Add(-12), p.To.Add(-12)} }

// String is as in the tidy table: 2026-02, or 2025-12/2026-02.
func (p Period) String() string {
	if p.From == p.To {
		return p.From.String()
	}
	return p.From.String() + "/" + p.To.String()
}

// Words is the period for people.
func (p Period) Words() string {
	if p.From == p.To {
		return "the end of " + p.To.Words()
	}
	return "the mean of the ends of " + p.From.Words() + " to " + p.To.Words()
}

// ParsePeriod reads a month (2026-02) or the first and last of several
// (2025-12/2026-02), at most twelve.
func ParsePeriod(s string) (Period, error) {
	from, to, several := strings.Cut(s, "/")
	if !several {
		to = from
	}
	var p Period
	var err error
	if p.From, err = civil.ParseMonth(from); err != nil {
		return Period{}, err
	}
	if p.To, err = civil.ParseMonth(to); err != nil {
		return Period{}, err
	}
	if n := monthNumber(p.To) - monthNumber(p.From); n < 0 || n > 11 {
		return Period{}, fmt.Errorf("%q is no period: write the first month and then the last, at most twelve, like 2025-12/2026-02", s)
	}
	return p, nil
}

// Percent is the part as a percentage of the whole, unrounded; ok is false of
// an empty whole, which has no percentage.
func Percent(part, whole float64) (percent float64, ok bool) {
	if whole == 0 {
		return 0, false
	}
	return 100 * part / whole, true
}

// ChangeInPoints is the change on the year before in percentage points, of
// values that are not rounded (nccis.md 11.1).
func ChangeInPoints(part, whole, partBefore, wholeBefore float64) (points float64, ok bool) {
	now, known := Percent(part, whole)
	before, knownBefore := Percent(partBefore, wholeBefore)
	return now - before, known && knownBefore
}

// millionths is value × 1,000,000, rounded half away from 0, of a ratio of whole
// numbers: what the tidy table writes, without the surprises of fractions of 2.
type millionths int64

// ratio is a × times ÷ b in millionths; b is above 0.
func ratio(a, times, b int64) millionths {
	n := a * times * 1_000_000
	if n < 0 {
		return -ratio(-a, times, b)
	}
	return millionths((n + b/2) / b)
}

// String has six decimals.
func (m millionths) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%06d", sign, m/1_000_000, m%1_000_000)
}

// mean writes a sum over months divided by their number: a whole number for one
// month, and else as many as six decimals as it needs.
func mean(sum, months int64) string {
	if sum%months == 0 {
		return strconv.FormatInt(sum/months, 10)
	}
	return strings.TrimRight(ratio(sum, 1, months).String(), "0")
}

// Row is one row of the tidy table.
type Row struct {
	Period  string
	Measure string
	Group   Group
	// Label is the group for people.
	Label string
	// sum and of are numerator and denominator, each over all the months.
	sum, of, months int64
	// stated is the value where it is not 100 × sum ÷ of.
	stated   millionths
	isStated bool
	// bare rows have no numerator and denominator: changes and medians.
	bare bool
}

func (r *Row) exact() millionths {
	if r.isStated {
		return r.stated
	}
	return ratio(r.sum, 100, r.of)
}

// Value is the value with six decimals: a percentage, or days, or for an annual
// change percentage points.
func (r *Row) Value() string { return r.exact().String() }

// Float is the value for drawing and for rounding on a page.
func (r *Row) Float() float64 { return float64(r.exact()) / 1_000_000 }

// Numerator is the count; for several months the mean of their counts, with at
// most six decimals. It is "" for a change and a median.
func (r *Row) Numerator() string {
	if r.bare {
		return ""
	}
	return mean(r.sum, r.months)
}

// Denominator is what the count is a part of, like Numerator.
func (r *Row) Denominator() string {
	if r.bare {
		return ""
	}
	return mean(r.of, r.months)
}

// People is the numerator rounded to whole people, for a page.
func (r *Row) People() int { return int((2*r.sum + r.months) / (2 * r.months)) }

// Among is the denominator rounded to whole people.
func (r *Row) Among() int { return int((2*r.of + r.months) / (2 * r.months)) }

// NotForPublication says that the count is of one to five people: staff see it,
// and it may not be published (nccis.md 11.2).
func (r *Row) NotForPublication() bool {
	return !r.bare && (small(r.sum, r.months) || small(r.of-r.sum, r.months))
}

func small(sum, months int64) bool { return sum > 0 && sum <= 5*months }

// OneDecimal is the value as it stands on a page.
func (r *Row) OneDecimal() string {
	v := r.exact()
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	tenths := (v + 50_000) / 100_000
	if tenths == 0 {
		sign = ""
	}
	return fmt.Sprintf("%s%d.%d", sign, tenths/10, tenths%10)
}

// IsChange says that the row is the change on the year before of another.
func (r *Row) IsChange() bool { return strings.HasSuffix(r.Measure, changeSuffix) }
