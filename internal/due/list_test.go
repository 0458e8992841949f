package due

import (
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/fact"
	"waymark/internal/life"
	"waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// world is an invented authority with three years of history.
type world struct {
	*Service
	t   *testing.T
	by  access.Actor
	on  civil.Date
	reg register.Register
}

// invented runs a test on each engine.
func invented(t *testing.T, test func(w *world)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		req := nccis.MustLoad()
		on := civil.On(d.Now(), civil.London())
		made, err := demo.Invent(demo.Settings{Seed: 8, On: on, Size: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		reg, err := demo.Fill(t.Context(), demo.House{DB: d, Requirement: req}, made)
		if err != nil {
			t.Fatal(err)
		}
		k := standing.Keeper{Requirement: req}
		rolls, sights := standing.NewRolls(d, k), &act.Recorder{DB: d}
		s := &Service{DB: d, Requirement: req, Records: &record.Service{DB: d, Requirement: req, Standing: k, Sights: sights, Rolls: rolls}, Rolls: rolls, Sights: sights, Lists: &list.Service{DB: d, Requirement: req, Sights: sights, Rolls: rolls, Standing: k}}
		test(&world{s, t, access.Actor{Register: reg.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}, on, reg})
	})
}

// lives are everybody's, as known at the end of a day; no date is now.
func (w *world) lives(known civil.Date) (out []*life.Life) {
	w.t.Helper()
	err := w.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, w.reg.ID, known)
		if err != nil {
			return err
		}
		out, err = life.Load(tx, fact.Known{Register: w.reg.ID, At: at})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// plainly counts who lapses in each window the slow way: it states each life, as
// known on a day, for a day, and asks the record.
func (w *world) plainly(known, on civil.Date) (counts map[Window]int, byAdviser map[string]int) {
	counts, byAdviser = map[Window]int{}, map[string]int{}
	e := w.edition(on)
	veil, err := w.Rolls.Veiled(w.t.Context(), w.by, access.SeePerson)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range w.lives(known) {
		if !veil.Allows(&standing.Line{Person: l.Person.ID}) {
			continue // hidden today, and so in the past
		}
		v := l.On(w.reg.Book(), e, on)
		spells := 0
		for i := range l.Spells {
			if started, err := civil.Parse(l.Spells[i].Started); err == nil && started.After(on) {
				spells++ // lists show what is to come already
			}
		}
		if spells > 0 {
			w.t.Fatal("the plain count knows nothing of starts to come")
		}
		status := v.Record.Get(nccis.CohortStatus)
		if !v.In || status != "P" && status != "G" || v.Lapses.IsZero() {
			continue
		}
		for _, one := range []struct {
			window Window
			from   civil.Date
			to     civil.Date
		}{{Overdue, civil.Must(1900, 1, 1), on.AddDays(-1)}, {Week, on, on.AddDays((7 - int(on.Weekday())) % 7)}, {Days7, on, on.AddDays(7)}, {Month, on, on.InMonth().End()}, {Days30, on, on.AddDays(30)}, {Days60, on, on.AddDays(60)}, {Days90, on, on.AddDays(90)}} {
			if v.Lapses.Before(one.from) || v.Lapses.After(one.to) {
				continue
			}
			counts[one.window]++
			if one.window == Days90 {
				name := ""
				if a := life.InForce(l.Allocations, on); a != nil {
					name = a.Is.AdviserName
				}
				byAdviser[name]++
			}
		}
	}
	return counts, byAdviser
}

func TestDueListsAreThePlainCount(t *testing.T) {
	invented(t, func(w *world) {
		w.holds(Question{On: w.on})
		// As known today it is the roll of the past that is looked down, made from
		// the facts; and in July the course of the year stood before its end.
		w.holds(Question{KnownOn: w.on})
		w.holds(Question{KnownOn: w.on.AddDays(-120)})
		if _, err := w.Page(t.Context(), w.by, Question{KnownOn: civil.MustParse("1999-01-01")}, 0, 5); !errors.As(err, new(act.BeforeBegan)) {
			t.Errorf("before the register began: %v", err)
		}
	})
}

// holds says that a question is answered with what the plain count has.
func (w *world) holds(q Question) {
	w.t.Helper()
	t := w.t
	want, byAdviser := w.plainly(q.KnownOn, w.Service.dated(q).On)
	all, groups, err := w.Counts(t.Context(), w.by, q, ByAdviser)
	if err != nil {
		t.Fatal(err)
	}
	for i, window := range Windows() {
		if all.Due[i] != want[window] {
			t.Errorf("%s: %d are due, the plain count has %d", window, all.Due[i], want[window])
		}
	}
	if want[Days90] == 0 || q.KnownOn.IsZero() && want[Overdue] == 0 {
		t.Fatal("nobody is due: nothing was tried")
	}
	sum := 0
	for _, g := range groups {
		if g.Due[len(g.Due)-1] != byAdviser[g.Name] {
			t.Errorf("%q: %d are due, the plain count has %d", g.Name, g.Due[len(g.Due)-1], byAdviser[g.Name])
		}
		sum += g.Due[len(g.Due)-1]
	}
	if sum != all.Due[len(all.Due)-1] {
		t.Errorf("the groups come to %d, all to %d", sum, all.Due[len(all.Due)-1])
	}
	for i, window := range Windows() {
		q.Window = window
		p, err := w.Page(t.Context(), w.by, q, 0, 3)
		if err != nil || p.Total != all.Due[i] {
			t.Errorf("%s: %d are counted, %d listed: %v", window, all.Due[i], p.Total, err)
		}
		for _, one := range p.Items {
			if !one.Locked && one.Reason == "" {
				t.Errorf("%s: %s is due for no reason", window, one.Ref)
			}
		}
	}
}

// TestEachCountIsAList holds that every number leads to as many people, by the
// due list and by the list it can be handed on as.
func TestEachCountIsAList(t *testing.T) {
	invented(t, func(w *world) {
		for _, way := range Ways() {
			_, groups, err := w.Counts(t.Context(), w.by, Question{}, way)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range groups[:min(6, len(groups))] {
				for i, window := range Windows() {
					q := Question{Window: window}
					switch way {
					case ByAdviser:
						q.Adviser = g.Key
					case BySchool:
						q.School = g.Key
					case ByActivity:
						q.Activity = g.Key
					}
					p, err := w.Page(t.Context(), w.by, q, 0, 5)
					if err != nil {
						t.Fatal(err)
					}
					again, unread := list.Parse(w.Service.dated(q).List().Values())
					kept, err := w.Lists.Count(t.Context(), w.by, again)
					if err != nil || len(unread) > 0 {
						t.Fatal(err, unread)
					}
					if p.Total != g.Due[i] || kept > g.Due[i] {
						t.Errorf("%s %q, %s: %d are counted, %d listed, %d in the list handed on", way, g.Name, window, g.Due[i], p.Total, kept)
					}
					for _, one := range p.Items {
						if !one.Locked && (one.Reason == "" || window == Overdue != one.LapsesOn.Before(w.on)) {
							t.Errorf("%s: %s, %q", window, one.LapsesOn, one.Reason)
						}
					}
				}
			}
		}
	})
}

func TestWhoMayNotListIsToldNothing(t *testing.T) {
	invented(t, func(w *world) {
		commissioner := access.Actor{Register: w.reg.ID, Ref: "account:c", Roles: []access.Role{access.Commissioner}}
		if _, _, err := w.Counts(t.Context(), commissioner, Question{}, ByAdviser); err == nil {
			t.Error("a commissioner was told who is due")
		}
		if err := w.All(t.Context(), access.Actor{Register: w.reg.ID, Ref: "account:a", Roles: []access.Role{access.Adviser}}, Question{}, func(Item) error { return nil }); err == nil {
			t.Error("an adviser took a file")
		}
	})
}

func TestReasonsInWords(t *testing.T) {
	e := nccis.MustLoad().Editions()[len(nccis.MustLoad().Editions())-1]
	day := civil.MustParse
	for _, one := range []struct {
		code, verified, lapses, review, on, want string
	}{
		{"230", "2026-10-05", "2027-08-31", "", "2026-11-22", "Lapses on 31 August 2027, the end of the academic year in which it was confirmed"},
		{"350", "2026-08-20", "2026-12-15", "2026-11-17", "2026-11-22", "Lapses on 15 December 2026, 28 days after its review, which was due on 17 November 2026"},
		{"350", "2026-08-20", "2026-12-29", "2026-12-01", "2026-11-22", "Lapses on 29 December 2026, 28 days after its review, which is due on 1 December 2026"},
		{"330", "2026-05-05", "2026-11-05", "", "2026-11-22", "Lapsed on 5 November 2026, 6 months after it was confirmed"},
		{"310", "2025-11-30", "2026-11-30", "", "2026-11-22", "Lapses on 30 November 2026, 12 months after it was confirmed"},
		{"430", "2026-10-01", "2026-12-18", "", "2026-11-22", "Lapses on 18 December 2026, the day on which it was expected to end"},
		{"619", "2026-10-01", "", "", "2026-11-22", ""},
	} {
		var lapses, review civil.Date
		if one.lapses != "" {
			lapses = day(one.lapses)
		}
		if one.review != "" {
			review = day(one.review)
		}
		if got := Reason(e, day(one.on), one.code, day(one.verified), lapses, review); got != one.want {
			t.Errorf("%s: %q, want %q", one.code, got, one.want)
		}
	}
}
