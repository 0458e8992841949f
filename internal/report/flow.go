package report

import (
	"slices"
	"sync"
)

// flow is one way into or out of being NEET between the ends of two months.
type flow int

// The flows. What came in by joined…, and went out by left…, adds up: the
// stock before, and those in, less those out, is the stock now.
const (
	stayed flow = iota
	fromEET
	fromNotKnown
	fromOther
	turned16
	movedIn
	joinedGroup
	toLearning
	toWork
	toNotKnown
	toOther
	agedOut
	leftCohort
	leftGroup
	flows
)

const (
	firstIn, lastIn   = fromEET, joinedGroup
	firstOut, lastOut = toLearning, leftGroup
)

// flowMeasure is one line made of flows.
type flowMeasure struct {
	name, words, whatCounts string
	of                      []flow
	// out is a share of the stock before; otherwise of the cohort now.
	out bool
}

func span(from, to flow) []flow {
	var out []flow
	for f := from; f <= to; f++ {
		out = append(out, f)
	}
	return out
}

// flowMeasures are the lines, in the order of the tidy table.
func flowMeasures() []flowMeasure {
	const in, out = " The share is of the cohort now.", " The share is of those who were NEET at the end of the month before."
	return []flowMeasure{
		{"neet_joined", "Became NEET", "NEET at the end of this month and not, or not here, at the end of the month before." + in, span(firstIn, lastIn), false},
		{"neet_joined_from_eet", "Became NEET: from education, employment or training", "In education, employment or training at the end of the month before." + in, []flow{fromEET}, false},
		{"neet_joined_from_not_known", "Became NEET: found, having been not known", "Not known at the end of the month before." + in, []flow{fromNotKnown}, false},
		{"neet_joined_from_other", "Became NEET: from custody or a school-age code", "In custody, or under a code of compulsory school age, at the end of the month before." + in, []flow{fromOther}, false},
		{"neet_turned_16", "Became NEET: came of age for the cohort", "Academic age 15 at the end of the month before, that is in August." + in, []flow{turned16}, false},
		{"neet_moved_in", "Became NEET: moved here, or newly known", "Of age at the end of the month before, and not counted here." + in, []flow{movedIn}, false},
		{"neet_joined_group", "NEET before, and new in this group", "NEET at the end of the month before too, in another group: of another age, in another district." + in, []flow{joinedGroup}, false},
		{"neet_left", "NEET no longer", "NEET at the end of the month before and not, or not here, at the end of this." + out, span(firstOut, lastOut), true},
		{"neet_left_to_eet", "Left NEET: to education, employment or training", "In education, employment or training at the end of this month." + out, []flow{toLearning, toWork}, true},
		{"neet_left_to_learning", "Left NEET: to education or training", "Of those, in education or training: what counts as participation." + out, []flow{toLearning}, true},
		{"neet_left_to_work", "Left NEET: to work without study, re-engagement or a gap year", "Of those, not in education or training." + out, []flow{toWork}, true},
		{"neet_left_to_not_known", "Left NEET: lost sight of", "Not known at the end of this month. This is no success." + out, []flow{toNotKnown}, true},
		{"neet_left_to_other", "Left NEET: to custody", "In custody, or under a code of compulsory school age, at the end of this month." + out, []flow{toOther}, true},
		{"neet_aged_out", "Left NEET: too old for the cohort", "A year older in September, and no longer of the age counted." + out, []flow{agedOut}, true},
		{"neet_left_cohort", "Left NEET: moved away or left otherwise", "Of age, and not counted here any longer." + out, []flow{leftCohort}, true},
		{"neet_left_group", "NEET still, and no longer in this group", "NEET at the end of this month too, in another group." + out, []flow{leftGroup}, true},
	}
}

// Flows are the measures of who came into being NEET and who went out of it.
func Flows() []Measure {
	var out []Measure
	for _, m := range flowMeasures() {
		out = append(out, Measure{Name: m.name, Words: m.words, WhatCounts: m.whatCounts})
	}
	return append(out, Measure{Name: "neet_before", Words: "NEET at the end of the month before", WhatCounts: "The stock from which the month began."})
}

// flowOf says how a person came into a group's stock or went out of it. in and
// was say that they are in it now, and were before.
func flowOf(was, in bool, before, now *State) flow {
	switch {
	case was == in:
		return stayed
	case in:
		return flowIn(before)
	}
	return flowOut(before, now)
}

func flowIn(before *State) flow {
	switch f := before.Facets; {
	case f&NEET != 0:
		return joinedGroup
	case f&EET != 0:
		return fromEET
	case f&NotKnown != 0:
		return fromNotKnown
	case f&(Counted|Custody) != 0:
		return fromOther
	case before.Age == youngest:
		return turned16
	}
	return movedIn
}

func flowOut(before, now *State) flow {
	if now.Age > before.Age && (now.Age == lastCounted || now.Age == oldest) {
		return agedOut
	}
	switch f := now.Facets; {
	case f&NEET != 0:
		return leftGroup
	case f&Participating != 0:
		return toLearning
	case f&EET != 0:
		return toWork
	case f&NotKnown != 0:
		return toNotKnown
	case f&(Counted|Custody) != 0:
		return toOther
	}
	return leftCohort
}

// flowCounts is one group's: the stock before, the cohort before, and the flows.
type flowCounts struct {
	stock, cohort int64
	flow          [flows]int64
}

// flow counts what moved between the end of the month before and the end of the
// month. The caller holds the tally, and the month before is in it.
func (t *tally) flow(month int, f *filter, d *dense, w *wanted) []flowCounts {
	halves := [2][]flowCounts{make([]flowCounts, d.size), make([]flowCounts, d.size)}
	var done sync.WaitGroup
	for i, people := range [2][]personStates{t.people[:len(t.people)/2], t.people[len(t.people)/2:]} {
		done.Go(func() {
			for p := range people {
				before, now := people[p].at(month-1), people[p].at(month)
				flowPerson(&before, &now, f, d, w, halves[i])
			}
		})
	}
	done.Wait()
	for i := range halves[0] {
		a, b := &halves[0][i], &halves[1][i]
		a.stock, a.cohort = a.stock+b.stock, a.cohort+b.cohort
		for k := range a.flow {
			a.flow[k] += b.flow[k]
		}
	}
	return halves[0]
}

func flowPerson(before, now *State, f *filter, d *dense, w *wanted, out []flowCounts) {
	var roomBefore, roomNow [16]int32
	var was, is []int32
	if before.Facets&Counted != 0 && f.keeps(before) {
		was = d.places(before, w, roomBefore[:0])
		for _, place := range was {
			out[place].cohort++
		}
	}
	if before.Facets&NEET == 0 {
		was = nil
	}
	if now.Facets&NEET != 0 && f.keeps(now) {
		is = d.places(now, w, roomNow[:0])
	}
	for _, place := range was {
		out[place].stock++
		if !slices.Contains(is, place) {
			out[place].flow[flowOf(true, false, before, now)]++
		}
	}
	for _, place := range is {
		if !slices.Contains(was, place) {
			out[place].flow[flowOf(false, true, before, now)]++
		}
	}
}

// flowRows are the rows of one month's flows.
func flowRows(period Period, moved []flowCounts, now []counts, groups []placed) []Row {
	var out []Row
	add := func(g placed, measure string, sum, of int64) {
		if of > 0 {
			out = append(out, Row{Period: period.String(), Measure: measure, Group: g.group, Label: g.label, sum: sum, of: of, months: 1})
		}
	}
	for _, g := range groups {
		add(g, "neet_before", moved[g.place].stock, moved[g.place].cohort)
	}
	for _, m := range flowMeasures() {
		for _, g := range groups {
			c := &moved[g.place]
			var sum int64
			for _, f := range m.of {
				sum += c.flow[f]
			}
			of := now[g.place].part[Counted.bit()]
			if m.out {
				of = c.stock
			}
			add(g, m.name, sum, of)
		}
	}
	return out
}
