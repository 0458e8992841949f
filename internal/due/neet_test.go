package due

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"waymark/internal/access"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/youngperson"
)

// The recount knows nothing of pieces and stretches: it asks of each person on
// each day where they stand, and counts with nested loops.

// standsOn is where one life stands on a day: out, EET, NEET or NK.
func standsOn(l *life.Life, book register.Book, req *nccis.Requirement, on civil.Date) string {
	c := plainCount([]*life.Life{l}, book, req, on)
	switch {
	case c.Cohort == 0:
		return "out"
	case c.NEET == 1:
		return "NEET"
	case c.NotKnown == 1:
		return "NK"
	}
	return "EET"
}

// recount is DaysNEET of everybody, the slow way.
func recount(lives []*life.Life, book register.Book, req *nccis.Requirement, d *DaysNEET, today civil.Date) (lengths [treatments]Length, back Returned) {
	var days [treatments][]int
	for _, l := range lives {
		born, err := civil.Parse(l.Particulars[0].Is.DOB)
		if err != nil || civil.AcademicAge(born, d.From) != 16 {
			continue
		}
		var on []string
		for day := d.From; !day.After(today); day = day.AddDays(1) {
			on = append(on, standsOn(l, book, req, day))
		}
		window := on[:d.To.DaysSince(d.From)+1]
		in, neet, unknown := 0, 0, 0
		for _, s := range window {
			switch s {
			case "NEET":
				neet++
			case "NK":
				unknown++
			}
			if s != "out" {
				in++
			}
		}
		if in == 0 {
			continue
		}
		days[AsNotNEET], days[AsNEET] = append(days[AsNotNEET], neet), append(days[AsNEET], neet+unknown)
		if unknown*2 <= in {
			days[LeftOut] = append(days[LeftOut], neet)
		}
		for i, s := range window {
			if s != "NEET" || i > 0 && window[i-1] == "NEET" {
				continue
			}
			back.Became++
			found := -1
			left := false
			for k := i; k < len(on) && k <= i+d.Asked.Within; k++ {
				if on[k] == "EET" {
					found = k
					break
				}
				if on[k] == "out" {
					left = true
					break
				}
			}
			switch {
			case found < 0 && (left || i+d.Asked.Within >= len(on)):
				back.Early++
				continue
			case found < 0:
				continue
			}
			back.InTime++
			n := 0
			for k := found; k < len(on) && on[k] == "EET"; k++ {
				n++
			}
			open := found+n == len(on) || on[found+n] == "out"
			for _, one := range []struct {
				days          int
				lasted, early *int
			}{{91, &back.Lasted13, &back.Early13}, {182, &back.Lasted26, &back.Early26}} {
				if n >= one.days {
					*one.lasted++
				} else if open {
					*one.early++
				}
			}
		}
	}
	for t := range days {
		lengths[t] = plainLength(days[t])
	}
	return lengths, back
}

func plainLength(days []int) (l Length) {
	if l.People = len(days); l.People == 0 {
		return l
	}
	slices.Sort(days)
	for _, n := range days {
		l.Days += n
		l.Mean += float64(n)
		if n >= 91 {
			l.Over90++
		}
		if n >= 181 {
			l.Over180++
		}
	}
	l.Mean /= float64(len(days))
	if k := len(days) / 2; len(days)%2 == 1 {
		l.Median = float64(days[k])
	} else {
		l.Median = float64(days[k-1]+days[k]) / 2
	}
	return l
}

// randomLives are people who finish Year 11 in 2024 to 2026, with spells,
// confirmations and moves at random.
func randomLives(r *rand.Rand, n int) (out []*life.Life) {
	for i := range n {
		l := &life.Life{Person: youngperson.Person{ID: id.YoungPerson(i + 1)},
			Particulars: []fact.Of[youngperson.Particulars]{{Is: youngperson.Particulars{DOB: civil.Must(2007, 9, 1).AddDays(r.IntN(3 * 365)).String(), Gender: []string{"F", "M"}[r.IntN(2)]}}}}
		lead := []string{"344", "344", "344", "343"}[r.IntN(4)]
		l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{Is: cohort.Status{Status: "P", StatedOn: civil.Must(2024, 9, 30).String(), LeadLA: lead}})
		if r.IntN(4) == 0 {
			on := civil.Must(2025, 1, 1).AddDays(r.IntN(500))
			l.Statuses[0].Ended = on.AddDays(-1).String()
			l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{Version: fact.Version{Started: on.String()}, Is: cohort.Status{Status: "P", StatedOn: on.String(), LeadLA: []string{"344", "343"}[r.IntN(2)]}})
		}
		day := civil.Must(2024, 6, 1).AddDays(r.IntN(400))
		for k := range 1 + r.IntN(6) {
			next := day.AddDays(10 + r.IntN(200))
			ended := ""
			if r.IntN(3) > 0 {
				ended = next.AddDays(-1 - r.IntN(20)*r.IntN(2)).String()
			}
			s := fact.Of[activity.Spell]{Version: fact.Version{ID: id.Fact(k + 1), Started: day.String(), Ended: ended},
				Is: activity.Spell{Activity: []string{"230", "310", "330", "530", "619", "610", "619", "810", "350"}[r.IntN(9)], Review: day.AddDays(r.IntN(100)).String()}}
			l.Spells = append(l.Spells, s)
			for range r.IntN(3) {
				l.Verifications = append(l.Verifications, fact.Of[activity.Verification]{Is: activity.Verification{Spell: s.ID, Verified: day.AddDays(r.IntN(150)).String()}})
			}
			day = next
		}
		out = append(out, l)
	}
	return out
}

func TestDaysNEETAreThePlainRecount(t *testing.T) {
	req := nccis.MustLoad()
	reg := register.Register{ID: 1, Authorities: []register.Authority{{Code: "344"}}}
	today := civil.Must(2026, 11, 10)
	became := 0
	for seed := range 60 {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		lives := randomLives(r, 12)
		o := newOutlook(reg, report.NewDays(reg, req), 0, (today.AcademicYear() - yearsBack).Start(), today.AddYears(1))
		for _, l := range lives {
			if one := o.draw(l); len(one.pieces) > 0 {
				o.courses = append(o.courses, o.numbered(one))
			}
		}
		a := NEETAsked{Leavers: 2024 + r.IntN(3), Months: []int{6, 12, 24}[r.IntN(3)], Within: 30 + r.IntN(100), By: NEETWays()[r.IntN(5)]}
		d := &DaysNEET{Asked: a, From: civil.Must(a.Leavers, 9, 1)}
		d.To = d.From.AddMonths(a.Months).AddDays(-1)
		if d.To.After(today) {
			d.To = today
		}
		o.neet(d, today)
		lengths, back := recount(lives, reg.Book(), req, d, today)
		became += back.Became
		if fmt.Sprint(d.All.Lengths, d.All.Returned) != fmt.Sprint(lengths, back) {
			t.Errorf("seed %d, %+v:\n counted %+v %+v\n plainly %+v %+v", seed, a, d.All.Lengths, d.All.Returned, lengths, back)
		}
		people := 0
		for _, g := range d.Groups {
			people += g.Lengths[AsNotNEET].People
		}
		if len(d.Groups) > 0 && people != d.All.Lengths[AsNotNEET].People {
			t.Errorf("seed %d: the groups come to %d people, all to %d", seed, people, d.All.Lengths[AsNotNEET].People)
		}
	}
	if became < 50 {
		t.Fatalf("only %d became NEET: nothing was tried", became)
	}
}

func TestDaysNEETOfARegister(t *testing.T) {
	invented(t, func(w *world) {
		d, err := w.DaysNEET(t.Context(), w.by, NEETAsked{Leavers: 2025, By: "sex"})
		if err != nil {
			t.Fatal(err)
		}
		lengths, back := recount(w.lives(civil.Date{}), w.reg.Book(), w.Requirement, d, w.on)
		if fmt.Sprint(d.All.Lengths, d.All.Returned) != fmt.Sprint(lengths, back) || lengths[AsNEET].People == 0 {
			t.Errorf("counted %+v %+v, plainly %+v %+v", d.All.Lengths, d.All.Returned, lengths, back)
		}
		if len(d.Groups) < 2 || len(d.Rows()) != 3*(1+len(d.Groups)) {
			t.Errorf("%d groups, %d rows", len(d.Groups), len(d.Rows()))
		}
		whole, err := w.DaysNEET(t.Context(), w.by, NEETAsked{Leavers: 2025, Months: 24})
		if err != nil {
			t.Fatal(err)
		}
		own, people := 0, 0
		for _, l := range w.lives(civil.Date{}) {
			one, counted := w.OwnDaysNEET(w.reg, l, w.on)
			if !counted || one.From != whole.From {
				continue
			}
			people++
			own += one.NEET
			spells := 0
			for _, s := range one.Spells {
				spells += s.Days()
			}
			if spells != one.NEET {
				t.Errorf("%d days NEET, in spells of %d: %+v", one.NEET, spells, one)
			}
		}
		if all := whole.All.Lengths[AsNotNEET]; own != all.Days || people != all.People || own == 0 {
			t.Errorf("one by one %d people were NEET on %d days, together %d on %d", people, own, all.People, all.Days)
		}
		rows := 0
		for _, row := range whole.Tidy() {
			if row.Measure == "window_days_neet_mean" && row.Group == "all" && row.Numerator() == fmt.Sprint(own) && row.Denominator() == fmt.Sprint(people) {
				rows++
			}
		}
		if rows != 1 {
			t.Errorf("the tidy table says it %d times", rows)
		}
		w.neetNames(whole)
		w.neetThen(whole.Asked)
		for _, a := range []NEETAsked{{KnownOn: w.on.AddDays(1)}, {Leavers: 2001}, {Months: 7}, {Within: 1000}, {By: "shoe size"}} {
			if _, err := w.DaysNEET(t.Context(), w.by, a); err == nil {
				t.Errorf("%+v was answered", a)
			}
		}
		if _, err := w.DaysNEET(t.Context(), access.Actor{Register: w.reg.ID, Ref: "account:p", Roles: []access.Role{access.ContactCentre}}, NEETAsked{}); err == nil {
			t.Error("the contact centre was told figures")
		}
	})
}
