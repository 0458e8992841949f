package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/list"
	"waymark/internal/report"
)

// Count is what a return says of academic age 16 and 17 (nccis.md 11.1). Cohort
// leaves out young adults in custody.
type Count struct{ Cohort, NEET, NotKnown int }

// Combined is NEET and not known together, the Department's headline.
func (c Count) Combined() int { return c.NEET + c.NotKnown }

// Share is a number as a percentage of the cohort, 0 of none.
func (c Count) Share(n int) float64 {
	share, _ := report.Percent(float64(n), float64(c.Cohort))
	return share
}

func (c *Count) add(s stands) {
	if s&counted == 0 {
		return
	}
	c.Cohort++
	if s&isNEET != 0 {
		c.NEET++
	}
	if s&isUnknown != 0 {
		c.NotKnown++
	}
}

// Shares are what became of past due lists by the end of their months: of those
// who were to lapse, and of those who were not known already.
type Shares struct {
	// Months is how many months they are taken from, 0 where there are none.
	Months int
	// Due were to lapse; of them so many counted as in education, employment or
	// training at the end of the month, or as NEET. The rest was not known.
	Due, DueEET, DueNEET int
	// Unknown were not known already.
	Unknown, UnknownEET, UnknownNEET int
}

// of is how many of n come to a part of a whole, rounded.
func of(n, part, whole int) int {
	if whole == 0 {
		return 0
	}
	return (2*n*part + whole) / (2 * whole)
}

// Forecast is what the return will say on a day.
type Forecast struct {
	// From is the day from which it looks, with what was known at its end; To is
	// the day it is about.
	From, To civil.Date
	// Today is what a return made on From would say. Nothing is To if nothing more
	// is recorded, Confirmed if everybody who lapses until then is confirmed, and
	// Worked if the lists are worked as those of past months were, by Shares; it is
	// Nothing where there are none.
	Today, Nothing, Confirmed, Worked Count
	Shares                            Shares
	// Due lapse until To; Unknown are not known on both days.
	Due, Unknown int
	// Entering are counted on To and not on From, by age or a known start of
	// living here; Leaving the other way round. Starting are NEET or not known on
	// From and in education, employment or training on To by a start that is known
	// already; Ending the other way round, with no lapse.
	Entering, Leaving, Starting, Ending int
	// Course is the way from From to To.
	Course []Point
	// ByAdviser and BySchool say where the difference lies, those with most to do
	// first.
	ByAdviser, BySchool []Share
}

// List asks a list for those who lapse until the day of the forecast, of one
// adviser or school: who makes the difference.
func (f *Forecast) List(filter list.Filter, key string) list.Question {
	return list.Question{Filters: map[list.Filter][]string{list.Returned: {"yes"}, list.Age: {"16", "17"}, list.LapsesFrom: {f.From.String()}, list.LapsesBy: {f.To.AddDays(-1).String()}, filter: {key}}, Sort: list.ColLapses}
}

// Point is one day on the way.
type Point struct {
	On                         civil.Date
	Nothing, Confirmed, Worked Count
}

// Share is one adviser's or one school's part of a forecast.
type Share struct {
	// Key is the value of the list filter, Name what it is called, "" for none.
	Key, Name string
	// Nothing counts them on the day the forecast is about, if nothing is done; Due
	// of them lapse until then, Unknown are not known already.
	Nothing      Count
	Due, Unknown int
}

// Ahead is how far a forecast may look: what is known seldom says more.
const Ahead = 366

// Asked asks for a forecast.
type Asked struct {
	// To is the day it is about; no date is the end of the month.
	To civil.Date
	// KnownOn asks for it as it would have been made at the end of a day; no date
	// is now.
	KnownOn civil.Date
	// Shares are what past lists had, from Replay; none where it is not known.
	Shares Shares
}

// Forecast says what the return will say. It needs access.SeeFigures and names
// nobody; it returns field.Errors for a day that cannot be asked about, and
// act.BeforeBegan for a day on which nothing was known.
func (s *Service) Forecast(ctx context.Context, by access.Actor, a Asked) (*Forecast, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	from := s.today()
	if !a.KnownOn.IsZero() {
		if a.KnownOn.After(from) {
			return nil, field.Errors{{Field: "known-on", Message: "Enter a day that has come: what will be known on " + a.KnownOn.Words() + " nobody knows yet"}}
		}
		from = a.KnownOn
	}
	if a.To.IsZero() {
		a.To = from.InMonth().End()
	}
	switch {
	case a.To.Before(from):
		return nil, field.Errors{{Field: "to", Message: "Enter a day from " + from.Words() + " on: a forecast looks ahead"}}
	case a.To.After(from.AddDays(Ahead)):
		return nil, field.Errors{{Field: "to", Message: "Enter a day up to " + from.AddDays(Ahead).Words() + ": beyond a year everything has lapsed that is known now"}}
	}
	if !a.KnownOn.IsZero() {
		o, err := s.then(ctx, by.Register, a.KnownOn, from, a.To)
		if err != nil {
			return nil, err
		}
		return o.forecast(from, a.To, a.Shares), nil
	}
	o, release, err := s.now(ctx, by.Register)
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	defer release()
	return o.forecast(from, a.To, a.Shares), nil
}

// Live is what a return made on a day would say, by what is known now: today,
// unless another day of the outlook is given. It needs access.SeeFigures.
func (s *Service) Live(ctx context.Context, by access.Actor, on civil.Date) (Count, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return Count{}, err
	}
	o, release, err := s.now(ctx, by.Register)
	if err != nil {
		return Count{}, err
	}
	defer release()
	return o.count(on), nil
}

func (o *outlook) count(on civil.Date) (c Count) {
	for i := range o.courses {
		c.add(o.courses[i].at(on).stands)
	}
	return c
}

// forecast counts from one day to another.
func (o *outlook) forecast(from, to civil.Date, shares Shares) *Forecast {
	f := &Forecast{From: from, To: to, Shares: shares}
	advisers, schools := make([]Share, len(o.names)), make([]Share, len(o.names))
	for i := range o.courses {
		c := &o.courses[i]
		was, is := c.at(from).stands, c.at(to).stands
		f.Today.add(was)
		f.Nothing.add(is)
		f.moved(was, is)
		for _, share := range []*Share{&advisers[c.adviser], &schools[c.school]} {
			share.Nothing.add(is)
			if due(was, is) {
				share.Due++
			} else if is&isUnknown != 0 {
				share.Unknown++
			}
		}
	}
	f.Confirmed, f.Worked = scenarios(f.Nothing, f.Due, f.Unknown, shares)
	for _, day := range days(from, to) {
		f.Course = append(f.Course, o.point(from, day, shares))
	}
	f.ByAdviser, f.BySchool = o.shares(advisers), o.shares(schools)
	return f
}

// due is that somebody lapses between two days.
func due(was, is stands) bool { return is&isLapsed != 0 && was&isLapsed == 0 }

func (f *Forecast) moved(was, is stands) {
	switch {
	case due(was, is):
		f.Due++
	case is&isUnknown != 0:
		f.Unknown++
	}
	switch {
	case is&counted != 0 && was&counted == 0:
		f.Entering++
	case was&counted != 0 && is&counted == 0:
		f.Leaving++
	case is&isEET != 0 && was&isEET == 0:
		f.Starting++
	case was&isEET != 0 && is&isEET == 0 && is&isLapsed == 0:
		f.Ending++
	}
}

// scenarios are what nothing done becomes if all who are due are confirmed, and
// if the lists are worked as past ones were.
func scenarios(nothing Count, due, unknown int, s Shares) (confirmed, worked Count) {
	confirmed, worked = nothing, nothing
	confirmed.NotKnown -= due
	if s.Months > 0 {
		eet := of(due, s.DueEET, s.Due) + of(unknown, s.UnknownEET, s.Unknown)
		neet := of(due, s.DueNEET, s.Due) + of(unknown, s.UnknownNEET, s.Unknown)
		worked.NotKnown -= eet + neet
		worked.NEET += neet
	}
	return confirmed, worked
}

func (o *outlook) point(from, day civil.Date, shares Shares) Point {
	p := Point{On: day}
	lapsing, unknown := 0, 0
	for i := range o.courses {
		was, is := o.courses[i].at(from).stands, o.courses[i].at(day).stands
		p.Nothing.add(is)
		if due(was, is) {
			lapsing++
		} else if is&isUnknown != 0 {
			unknown++
		}
	}
	p.Confirmed, p.Worked = scenarios(p.Nothing, lapsing, unknown, shares)
	if day == from {
		p.Worked = p.Nothing // nobody has worked anything yet
	}
	return p
}

// days are those of the way: each week up to ten weeks, else the ends of months.
func days(from, to civil.Date) []civil.Date {
	out := []civil.Date{from}
	if to.DaysSince(from) <= 70 {
		for d := from.AddDays(7); d.Before(to); d = d.AddDays(7) {
			out = append(out, d)
		}
	} else {
		for m := from.InMonth(); m.End().Before(to); m = m.Add(1) {
			if m.End().After(from) {
				out = append(out, m.End())
			}
		}
	}
	if to.After(from) {
		out = append(out, to)
	}
	return out
}

// shares are those with anything to do, those with most first, added up by key.
func (o *outlook) shares(all []Share) []Share {
	at := map[string]int{}
	var out []Share
	for i, one := range all {
		if one.Nothing.Cohort == 0 && one.Due == 0 {
			continue
		}
		n := o.names[i]
		k, ok := at[n.key]
		if !ok {
			at[n.key] = len(out)
			one.Key, one.Name = n.key, n.name
			out = append(out, one)
			continue
		}
		sum := &out[k]
		sum.Name = max(sum.Name, n.name)
		sum.Due, sum.Unknown = sum.Due+one.Due, sum.Unknown+one.Unknown
		sum.Nothing.Cohort, sum.Nothing.NEET, sum.Nothing.NotKnown = sum.Nothing.Cohort+one.Nothing.Cohort, sum.Nothing.NEET+one.Nothing.NEET, sum.Nothing.NotKnown+one.Nothing.NotKnown
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Due+b.Unknown, a.Due+a.Unknown), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
	return out
}
