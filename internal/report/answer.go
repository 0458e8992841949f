package report

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/civil"
)

// answer counts what a question asks. The caller holds the tally.
func (t *tally) answer(q Question) (*Result, error) {
	if len(q.Periods) == 0 {
		return nil, NoFigures{Words: "Say for which month the figures are wanted"}
	}
	r := &Result{Register: t.register, KnownAt: t.at, KnownOn: q.KnownOn, Wards: t.known.places.Postcodes != 0}
	if len(t.months) == 0 {
		return nil, NoFigures{Period: q.Periods[0], Words: t.nothing(q.KnownOn)}
	}
	r.First, r.Last = t.months[0].month, t.months[len(t.months)-1].month
	f, err := newFilter(q.Only, t.names)
	if err != nil {
		return nil, err
	}
	for _, g := range f.nobody {
		r.note("Nobody was ever counted in " + string(g) + ".")
	}
	if err := checkKinds(q.By); err != nil {
		return nil, err
	}
	d, w := newDense(t.names), wantedOf(q.By)
	for _, p := range q.Periods {
		months, ok := t.places(p)
		if !ok {
			return nil, NoFigures{p, t.outside(p, q.KnownOn)}
		}
		t.period(r, p, months, f, d, w)
		r.Edition = t.months[months[len(months)-1]].tables.edition
	}
	r.Labels = map[Group]string{}
	for _, g := range q.Only {
		r.Labels[g] = d.label(g, r.Edition)
	}
	if slices.Contains(q.By, "ward") {
		r.note(r.whichWards())
	}
	if q.Series > 0 {
		r.Series = t.series(q.Periods[len(q.Periods)-1].To, q.Series, f)
	}
	return r, nil
}

// whichWards says what a group by ward is.
func (r *Result) whichWards() string {
	if r.Wards {
		return "A ward is that of the postcode, by the postcode directory that is loaded. Whose postcode it does not have stands under Not known."
	}
	return "No postcode directory is loaded, so people are counted by the first half of their postcode, and not by ward."
}

// KindInWords heads a table of this answer by groups of the kind.
func (r *Result) KindInWords(kind string) string {
	if kind == "ward" && r != nil && r.Wards {
		return "Ward"
	}
	return KindInWords(kind)
}

// IsWard says that the group is a ward, by its code, and no postcode district
// that stands for one.
func (g Group) IsWard() bool {
	key := g.Key()
	return g.Kind() == "ward" && len(key) == 9 && key[8] >= '0' && key[8] <= '9'
}

// KindInWords is of which kind the group is, for people.
func (g Group) KindInWords() string {
	if g.IsWard() {
		return "Ward"
	}
	return KindInWords(g.Kind())
}

func checkKinds(by []string) error {
	for _, kind := range by {
		if !slices.Contains(GroupKinds(), kind) {
			return BadGroup{Group(kind)}
		}
	}
	return nil
}

func (r *Result) note(words string) {
	if !slices.Contains(r.Notes, words) {
		r.Notes = append(r.Notes, words)
	}
}

// nothing says why a register has no figures at all.
func (t *tally) nothing(knownOn civil.Date) string {
	if !knownOn.IsZero() {
		return "On " + knownOn.Words() + " the register had not been told of anybody's cohort status yet, so it has no figures as known then. Choose a later day."
	}
	return "The register has not been told of anybody's cohort status yet, so it has no figures. Load a return first."
}

// outside says why a period has no figures.
func (t *tally) outside(p Period, knownOn civil.Date) string {
	first, last := t.months[0].month, t.months[len(t.months)-1].month
	if p.From.Before(first) {
		return fmt.Sprintf("The register begins in %s: it was told nothing about %s, which is not the same as nobody. Choose %s or later.", first.Words(), p.From.Words(), first.Words())
	}
	if !knownOn.IsZero() {
		return fmt.Sprintf("On %s the end of %s had not come yet. Choose %s or earlier, or a later day.", knownOn.Words(), p.To.Words(), last.Words())
	}
	return fmt.Sprintf("The end of %s is still to come. Choose %s or earlier.", p.To.Words(), last.Words())
}

// period adds the rows of one period.
func (t *tally) period(r *Result, p Period, months []int, f *filter, d *dense, w *wanted) {
	now := t.count(months, f, d, w)
	var before []counts
	if earlier, ok := t.places(p.YearBefore()); ok {
		before = t.count(earlier, f, d, w)
	} else {
		r.note(fmt.Sprintf("There is no change on the year before for %s: the register begins in %s.", p.Words(), t.months[0].month.Words()))
	}
	last := months[len(months)-1]
	var moved []flowCounts
	switch {
	case len(months) > 1:
		r.note("Who became NEET and who left is counted from one month to the next, and not for " + p.Words() + ".")
	case last == 0:
		r.note("Who became NEET and who left in " + p.To.Words() + " cannot be told: the register begins with that month.")
	default:
		moved = t.flow(last, f, d, w)
	}
	groups := t.inOrder(d, last, func(place int) bool {
		c := &now[place].part
		return c[Counted.bit()] > 0 || c[Guaranteed.bit()] > 0 || (moved != nil && moved[place].stock > 0)
	})
	r.Rows = append(r.Rows, stock(p, now, before, groups)...)
	if moved != nil {
		r.Rows = append(r.Rows, flowRows(p, moved, now, groups)...)
	}
	if len(groups) == 0 {
		r.note("Nobody is counted for " + p.Words() + ", so there is nothing to divide by.")
	}
	if p.To == t.months[len(t.months)-1].month {
		r.note(p.To.Words() + " is still running: this is how its end would stand if nothing more were told.")
	}
}

// series are the months of the line up to one, for everybody of academic age 16
// and 17 whom the filter keeps. Each stretch of months in which a person stands
// alike is added once, where it begins, and taken away where it ends.
func (t *tally) series(to civil.Month, n int, f *filter) []Point {
	last, ok := t.place(to)
	if !ok {
		return nil
	}
	from := max(0, last-n+1)
	steps := make([]Point, last-from+2)
	add := func(p *Point, facets Facet, by int) {
		for _, c := range []struct {
			facet Facet
			of    *int
		}{{Counted, &p.Cohort}, {NEET, &p.NEET}, {NotKnown, &p.NotKnown}, {EET, &p.InEducationOrWork}, {Participating, &p.Participating}} {
			if facets&c.facet != 0 {
				*c.of += by
			}
		}
	}
	for i := range t.people {
		states := t.people[i].states
		for k := range states {
			s := &states[k]
			until := len(t.months)
			if k+1 < len(states) {
				until = int(states[k+1].From)
			}
			if s.Facets&Counted == 0 || s.Age > 17 || until <= from || int(s.From) > last || !f.keeps(s) {
				continue
			}
			add(&steps[max(int(s.From), from)-from], s.Facets, 1)
			add(&steps[min(until, last+1)-from], s.Facets, -1)
		}
	}
	var sum Point
	out := make([]Point, 0, last-from+1)
	for i := range last - from + 1 {
		p := &steps[i]
		sum.Cohort, sum.NEET, sum.NotKnown = sum.Cohort+p.Cohort, sum.NEET+p.NEET, sum.NotKnown+p.NotKnown
		sum.InEducationOrWork, sum.Participating = sum.InEducationOrWork+p.InEducationOrWork, sum.Participating+p.Participating
		sum.Month = t.months[from+i].month
		out = append(out, sum)
	}
	return out
}

// Row finds a row of the result.
func (r *Result) Row(p Period, measure string, g Group) (*Row, bool) {
	period := p.String()
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Measure == measure && row.Group == g && row.Period == period {
			return row, true
		}
	}
	return nil, false
}

// Groups are the groups of a kind for which a measure was counted in a period.
func (r *Result) Groups(p Period, measure, kind string) []*Row {
	period := p.String()
	var out []*Row
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Measure == measure && row.Period == period && row.Group.Kind() == kind {
			out = append(out, row)
		}
	}
	return out
}

// Change is the change on the year before of a row, in points; ok is false
// where the year before is not known.
func (r *Result) Change(row *Row) (change *Row, ok bool) {
	for i := range r.Rows {
		if c := &r.Rows[i]; c.Group == row.Group && c.Period == row.Period && strings.TrimSuffix(c.Measure, changeSuffix) == row.Measure && c.Measure != row.Measure {
			return c, true
		}
	}
	return nil, false
}
