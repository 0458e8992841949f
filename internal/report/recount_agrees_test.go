package report

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/register"
	"waymark/internal/youngperson"
	_ "waymark/test/draws"
)

// randomLife draws somebody with everything that can go wrong: gaps, overlaps,
// two spells of one day, open ends, moves, lapses, codes nobody has.
func randomLife(t *rapid.T, key int64) *life.Life {
	l := &life.Life{Person: youngperson.Person{ID: id.YoungPerson(key)}}
	facts := key * 1000
	day := func(what string) string {
		d := civil.MustParse("2025-01-20").AddDays(rapid.IntRange(-600, 400).Draw(t, what))
		return d.String()
	}
	maybe := func(what string) string {
		if rapid.Bool().Draw(t, what+"?") {
			return day(what)
		}
		return ""
	}
	pick := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
	version := func(started, ended string) fact.Version {
		facts++
		return fact.Version{YoungPerson: id.YoungPerson(key), ID: id.Fact(facts), Started: started, Ended: ended}
	}
	born := civil.MustParse("2008-06-20").AddDays(rapid.IntRange(-1000, 1100).Draw(t, "born"))
	l.Particulars = append(l.Particulars, fact.Of[youngperson.Particulars]{Version: version("", ""),
		Is: youngperson.Particulars{DOB: born.String(), Gender: pick("gender", "F", "M", "U", "W"), Ethnicity: pick("ethnicity", "WBRI", "AIND", "MOTH")}})
	for range rapid.IntRange(0, 2).Draw(t, "addresses") {
		l.Addresses = append(l.Addresses, fact.Of[youngperson.Address]{Version: version(maybe("address"), maybe("address ended")),
			Is: youngperson.Address{Postcode: pick("postcode", "CH41 1AA", "CH42 2BB", "L1 3CC", "nowhere")}})
	}
	for range rapid.IntRange(0, 2).Draw(t, "statuses") {
		l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{Version: version("", maybe("status ended")),
			Is: cohort.Status{Status: pick("status", "P", "P", "P", "", "G", "A", "T", "E", "X", "L", "?"), StatedOn: maybe("stated"),
				LeadLA: pick("lead", "344", "344", "344", "341", "", "001"), EducatedLA: pick("educated", "344", "341", ""), LAAtYear11: pick("year 11", "", "344", "341"),
				TransferredTo: pick("to", "", "", "341")}})
	}
	l.Needs = append(l.Needs, fact.Of[need.Need]{Version: version(maybe("need"), ""), Is: need.Need{SEND: pick("send", "Y", "N", "N"), SENSupport: pick("support", "Y", "N", "")}})
	for range rapid.IntRange(0, 2).Draw(t, "characteristics") {
		l.Characteristics = append(l.Characteristics, fact.Of[need.Characteristic]{Version: version(maybe("from"), maybe("to")), Is: need.Characteristic{Code: pick("characteristic", "110", "120", "210", "180")}})
	}
	for range rapid.IntRange(0, 5).Draw(t, "spells") {
		s := fact.Of[activity.Spell]{Version: version(day("started"), maybe("ended")), Is: activity.Spell{
			Activity:    pick("activity", "210", "230", "250", "260", "310", "330", "430", "450", "530", "540", "610", "616", "619", "620", "680", "710", "810", "820", "830", "110", "999"),
			Ascertained: maybe("ascertained"), Review: maybe("review"), PredictedEnd: maybe("predicted"), NEETStart: maybe("neet start"),
			EstablishmentNumber: pick("school", "", "3444001", "3444002")}}
		l.Spells = append(l.Spells, s)
		for range rapid.IntRange(0, 3).Draw(t, "verifications") {
			l.Verifications = append(l.Verifications, fact.Of[activity.Verification]{Version: version("", ""), Is: activity.Verification{Spell: s.ID, Verified: day("verified")}})
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "guarantees") {
		l.Guarantees = append(l.Guarantees, fact.Of[guarantee.Guarantee]{Version: version("", ""), Is: guarantee.Guarantee{Node: pick("node", "Year11", "Year12"),
			Season: rapid.IntRange(2023, 2026).Draw(t, "season"), Status: pick("offer", "110", "114", "120", "150", "159", "", "xx"), LACode: pick("guarantee la", "", "344", "341")}})
	}
	for range rapid.IntRange(0, 2).Draw(t, "advisers") {
		l.Allocations = append(l.Allocations, fact.Of[youngperson.Allocation]{Version: version(maybe("allocated"), maybe("no longer")), Is: youngperson.Allocation{Adviser: pick("adviser", "aa", "bb")}})
	}
	return l
}

// randomTally states random lives from September 2023 to February 2026.
func randomTally(t *rapid.T, req *nccis.Requirement) (*tally, []*life.Life) {
	first, last := civil.Month{Year: 2023, Month: 9}, civil.Month{Year: 2026, Month: 2}
	tl := &tally{requirement: req, names: newNaming(), months: moments(req, first, last), register: register.Register{Authorities: []register.Authority{{Code: "344"}}}}
	s := newStater(tl.register.Book(), req, tl.months, tl.names)
	var lives []*life.Life
	for key := range rapid.IntRange(1, 25).Draw(t, "people") {
		l := randomLife(t, int64(key+1))
		lives = append(lives, l)
		if states := s.states(l); len(states) > 0 {
			tl.people = append(tl.people, personStates{l.Person.ID, states})
		}
	}
	return tl, lives
}

func TestPlainRecountAgrees(t *testing.T) {
	req := nccis.MustLoad()
	here := map[string]bool{"344": true}
	rapid.Check(t, func(t *rapid.T) {
		tl, lives := randomTally(t, req)
		month := civil.Month{Year: 2023, Month: 9}.Add(rapid.IntRange(0, 29).Draw(t, "month"))
		for _, p := range append([]Period{Month(month)}, DecemberToFebruary(rapid.IntRange(2024, 2026).Draw(t, "year"))) {
			r, err := tl.answer(Question{Periods: []Period{p}})
			if err != nil {
				t.Fatalf("%v", err)
			}
			differences(t, counted(r.Rows), recount(lives, here, req, p.Months()))
		}
	})
}

// The states of the months in which something may change are those of every
// month.
func TestMonthsPassedOverChangeNothing(t *testing.T) {
	req := nccis.MustLoad()
	rapid.Check(t, func(t *rapid.T) {
		tl, lives := randomTally(t, req)
		s := newStater(tl.register.Book(), req, tl.months, tl.names)
		for _, l := range lives {
			p := personStates{states: s.states(l)}
			for i := range tl.months {
				every := s.on(l, i)
				kept := p.at(i)
				if every.From = kept.From; every != kept {
					t.Fatalf("%s: kept %+v, stated %+v", tl.months[i].month, kept, every)
				}
			}
		}
	})
}

// The stock before, and those who joined, less those who left, is the stock
// now, for every group of every month; and the parts of joining and of leaving
// are the whole.
func TestFlowsReconcile(t *testing.T) {
	req := nccis.MustLoad()
	rapid.Check(t, func(t *rapid.T) {
		tl, _ := randomTally(t, req)
		for i := 1; i < len(tl.months); i++ {
			p := Month(tl.months[i].month)
			now, err := tl.answer(Question{Periods: []Period{p}})
			if err != nil {
				t.Fatalf("%v", err)
			}
			before, err := tl.answer(Question{Periods: []Period{Month(tl.months[i-1].month)}})
			if err != nil {
				t.Fatalf("%v", err)
			}
			c, was := counted(now.Rows), counted(before.Rows)
			groups := map[string]bool{}
			for key := range c {
				_, g, _ := strings.Cut(key, "|")
				groups[g] = true
			}
			for g := range groups {
				n := func(measures ...string) (sum int) {
					for _, m := range measures {
						sum += c[m+"|"+g][0]
					}
					return sum
				}
				if n("neet_before")+n("neet_joined")-n("neet_left") != n("neet") || n("neet_before") != was["neet|"+g][0] {
					t.Fatalf("%s, %s: %d before (%d then), %d joined, %d left, %d now", p, g, n("neet_before"), was["neet|"+g][0], n("neet_joined"), n("neet_left"), n("neet"))
				}
				in := n("neet_joined_from_eet", "neet_joined_from_not_known", "neet_joined_from_other", "neet_turned_16", "neet_moved_in", "neet_joined_group")
				out := n("neet_left_to_eet", "neet_left_to_not_known", "neet_left_to_other", "neet_aged_out", "neet_left_cohort", "neet_left_group")
				if in != n("neet_joined") || out != n("neet_left") || n("neet_left_to_learning", "neet_left_to_work") != n("neet_left_to_eet") {
					t.Fatalf("%s, %s: the parts are not the whole: %d of %d in, %d of %d out", p, g, in, n("neet_joined"), out, n("neet_left"))
				}
			}
		}
	})
}

// The line agrees with the figures of each month, under any filter.
func TestSeriesIsTheFiguresMonthByMonth(t *testing.T) {
	req := nccis.MustLoad()
	rapid.Check(t, func(t *rapid.T) {
		tl, _ := randomTally(t, req)
		only := rapid.SampledFrom([][]Group{nil, {"sex:F"}, {"sex:F", "sex:M", "ward:CH41"}, {"age:17"}, {"vulnerable"}}).Draw(t, "only")
		to := civil.Month{Year: 2025, Month: 12}
		r, err := tl.answer(Question{Periods: []Period{Month(to)}, Only: only, Series: 20, By: []string{"all"}})
		if err != nil {
			t.Fatalf("%v", err)
		}
		if len(r.Series) != 20 || r.Series[19].Month != to {
			t.Fatalf("%d months", len(r.Series))
		}
		for _, p := range r.Series {
			m, err := tl.answer(Question{Periods: []Period{Month(p.Month)}, Only: only, By: []string{"all"}})
			if err != nil {
				t.Fatalf("%v", err)
			}
			c := counted(m.Rows)
			if c["neet|all"] != [2]int{p.NEET, p.Cohort} && p.Cohort > 0 || c["not_known|all"][0] != p.NotKnown || c["participation|all"][0] != p.Participating {
				t.Fatalf("%v: %+v, the figures have %v", p.Month, p, c)
			}
		}
	})
}
