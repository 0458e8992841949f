package report

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"waymark/internal/civil"
)

// counts is one group's, over all months counted.
type counts struct {
	part [facetCount]int64
	// days is the sum of the lengths of being NEET, lengths each of them, for
	// the groups that have a median.
	days    int64
	lengths []int32
}

// hasMedian says that a group has a median: everybody, the ages, the years and
// the sexes. Of the others it would be about a handful of people.
func hasMedian(place int32) bool { return place < sendPlace }

// count counts some months, given as places in the tally, for every group
// wanted. The caller holds the tally.
func (t *tally) count(months []int, f *filter, d *dense, w *wanted) []counts {
	halves := [2][]counts{make([]counts, d.size), make([]counts, d.size)}
	var done sync.WaitGroup
	for i, people := range [2][]personStates{t.people[:len(t.people)/2], t.people[len(t.people)/2:]} {
		done.Go(func() {
			for p := range people {
				t.countPerson(&people[p], months, f, d, w, halves[i])
			}
		})
	}
	done.Wait()
	for i := range halves[0] {
		halves[0][i].add(&halves[1][i])
	}
	return halves[0]
}

func (c *counts) add(o *counts) {
	for b := range c.part {
		c.part[b] += o.part[b]
	}
	c.days += o.days
	c.lengths = append(c.lengths, o.lengths...)
}

func (t *tally) countPerson(p *personStates, months []int, f *filter, d *dense, w *wanted, out []counts) {
	var room [16]int32
	for i := len(p.states) - 1; i >= 0; i-- {
		s := &p.states[i]
		if s.Facets == 0 {
			continue
		}
		until := len(t.months)
		if i+1 < len(p.states) {
			until = int(p.states[i+1].From)
		}
		var places []int32
		for _, month := range months {
			if month < int(s.From) || month >= until {
				continue
			}
			if places == nil {
				if !f.keeps(s) {
					break
				}
				places = d.places(s, w, room[:0])
			}
			facets, days := s.facetsOn(t.months[month].end)
			for _, place := range places {
				out[place].one(facets, days, len(months) == 1 && hasMedian(place))
			}
		}
		if int(s.From) <= months[0] {
			return
		}
	}
}

// facetsOn are the facets with those that depend on the day, and for how many
// days the person has been NEET.
func (s *State) facetsOn(end civil.Date) (Facet, int32) {
	f := s.Facets
	if f&SinceKnown == 0 {
		return f, 0
	}
	days := end.DaysSince(s.NEETSince)
	if days >= 90 {
		f |= days90
	}
	if days >= 180 {
		f |= days180
	}
	return f, int32(days)
}

func (c *counts) one(f Facet, days int32, median bool) {
	if f&SinceKnown != 0 {
		c.days += int64(days)
		if median {
			c.lengths = append(c.lengths, days)
		}
	}
	for ; f != 0; f &= f - 1 {
		c.part[f.bit()]++
	}
}

// placed is a group of a table of counts, with its name.
type placed struct {
	place int
	group Group
	label string
	rank  int
}

// inOrder are the groups of which anything is counted, in the order of the tidy
// table: by kind, and then by name.
func (t *tally) inOrder(d *dense, month int, counted func(place int) bool) []placed {
	var out []placed
	e := t.months[month].tables.edition
	order := GroupKinds()
	for place := range d.size {
		if !counted(place) {
			continue
		}
		g, label := d.group(place, e)
		out = append(out, placed{place, g, label, slices.Index(order, g.Kind())})
	}
	slices.SortStableFunc(out, func(a, b placed) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		if a.rank == slices.Index(order, "send") || a.group.Kind() == "sex" {
			return 0 // in the order of their words
		}
		return cmp.Compare(strings.ToLower(string(a.group)), strings.ToLower(string(b.group)))
	})
	return out
}

// detailKinds are the groups by which a Detail measure is counted.
var detailKinds = []string{"all", "age", "sex"}

// changeSuffix ends the name of the measure that is the change on the year
// before.
const changeSuffix = "_annual_change"

// stock are the rows of one period's stock measures; before are the counts of
// the year before, nil where they are not known.
func stock(period Period, now, before []counts, groups []placed) []Row {
	months := int64(len(period.Months()))
	var out []Row
	for _, m := range measures {
		var changes []Row
		of, part := m.Of.bit(), m.Part.bit()
		for _, g := range groups {
			c := &now[g.place]
			if c.part[of] == 0 || (m.Detail && !slices.Contains(detailKinds, g.group.Kind())) {
				continue
			}
			row := Row{Period: period.String(), Measure: m.Name, Group: g.group, Label: g.label, sum: c.part[part], of: c.part[of], months: months}
			out = append(out, row)
			if before != nil && !m.Detail && before[g.place].part[of] > 0 {
				b := &before[g.place]
				row.Measure += changeSuffix
				row.stated, row.isStated, row.bare = change(row.sum, row.of, b.part[part], b.part[of]), true, true
				changes = append(changes, row)
			}
		}
		out = append(out, changes...)
	}
	return append(out, lengths(period, now, groups)...)
}

// change is a/b − c/d in percentage points, in millionths. The products of a
// register of a million people are too large for whole numbers of 64 bits, so
// it is worked out in fractions of 2, whose error is far below a millionth.
func change(a, b, c, d int64) millionths {
	points, _ := ChangeInPoints(float64(a), float64(b), float64(c), float64(d))
	if points < 0 {
		return -millionths(-points*1e6 + 0.5)
	}
	return millionths(points*1e6 + 0.5)
}

// lengths are the rows of how long those NEET have been so: the mean, with the
// days and the people, and for one month the median.
func lengths(period Period, now []counts, groups []placed) []Row {
	months := int64(len(period.Months()))
	var means, medians []Row
	for _, g := range groups {
		c := &now[g.place]
		n := c.part[SinceKnown.bit()]
		if n == 0 {
			continue
		}
		row := Row{Period: period.String(), Measure: "days_neet_mean", Group: g.group, Label: g.label, sum: c.days, of: n, months: months,
			stated: ratio(c.days, 1, n), isStated: true}
		means = append(means, row)
		if len(c.lengths) > 0 {
			row.Measure, row.stated, row.bare = "days_neet_median", median(c.lengths), true
			medians = append(medians, row)
		}
	}
	return append(means, medians...)
}

func median(days []int32) millionths {
	sorted := slices.Sorted(slices.Values(days))
	n := len(sorted)
	return ratio(int64(sorted[(n-1)/2])+int64(sorted[n/2]), 1, 2)
}
