package visit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/act"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/visit"
)

// TestDoorstep: each outcome writes a contact with the visit as evidence and
// what follows from it, once: a form sent again does nothing.
func TestDoorstep(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var people []id.Ref
		for i, given := range []string{"Avocet", "Brent", "Crake", "Dunlin", "Egret"} {
			people = append(people, h.add(given, fmt.Sprintf("%d Kite Street", i+1), "ZZ1 1A"+string(rune('A'+i))))
		}
		started := h.today().AddDays(-100)
		if err := h.records.RecordActivity(ctx, h.officer, people[0], record.NewSpell{Activity: "330", Started: started, Ascertained: started, Verified: started}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		ref := h.plan(h.worker, people...)
		stopOf := func(i int) visit.Stop {
			t.Helper()
			for _, door := range h.sheet(h.worker, ref).Doors {
				for _, st := range door.Stops {
					if st.Person == people[i] {
						return st
					}
				}
			}
			t.Fatalf("no stop of person %d", i)
			return visit.Stop{}
		}
		next, last := h.today().AddDays(7), h.today().InMonth().Add(-1).End()
		for i, c := range []struct {
			told    visit.Told
			outcome string
			with    string
			grade   string
		}{
			{visit.Told{Outcome: visit.Confirmed, LastDay: last, Note: "At work, on earlies"}, contact.Confirmed, contact.Person, act.SeenByUs},
			{visit.Told{Outcome: visit.Changed, Activity: "619", Started: last.AddDays(-5), LastDay: last}, contact.Changed, contact.Person, act.SeenByUs},
			{visit.Told{Outcome: visit.SomeoneElse, Next: next}, contact.Reached, contact.Family, act.SaidByFamily},
			{visit.Told{Outcome: visit.NoAnswer, Next: next}, contact.NoAnswer, contact.Nobody, act.Unverified},
			{visit.Told{Outcome: visit.MovedAway}, contact.MovedAway, contact.Professional, act.Unverified},
		} {
			st := stopOf(i)
			c.told.Seen, c.told.Key = st.Seen, string(id.NewRef())
			if err := h.s.Tell(ctx, h.worker, st.Ref, c.told); err != nil {
				t.Fatalf("%s: %v", c.told.Outcome, err)
			}
			acts := h.acts()
			for range 2 { // the answer was lost, and the phone sends it again
				if err := h.s.Tell(ctx, h.worker, st.Ref, c.told); !errors.Is(err, act.ErrRepeated) {
					t.Errorf("%s sent again: %v", c.told.Outcome, err)
				}
			}
			other := c.told
			other.Key = string(id.NewRef())
			var conflict db.Conflict
			if err := h.s.Tell(ctx, h.worker, st.Ref, other); !errors.As(err, &conflict) {
				t.Errorf("%s told anew: %v", c.told.Outcome, err)
			}
			l := h.life(people[i])
			if len(l.Contacts) != 1 || h.acts() != acts {
				t.Fatalf("%s wrote %d contacts, %d acts more", c.told.Outcome, len(l.Contacts), h.acts()-acts)
			}
			got := l.Contacts[0]
			if got.Is.How != contact.Visit || got.Is.Outcome != c.outcome || got.Is.WithWhom != c.with || got.Is.Behind != contact.Round || got.Is.BehindID == 0 || got.Is.Note != c.told.Note || got.Is.ByName != "Imogen" {
				t.Errorf("%s wrote %+v", c.told.Outcome, got.Is)
			}
			if !c.told.Next.IsZero() && got.Is.NextOn != next.String() {
				t.Errorf("%s goes on on %q", c.told.Outcome, got.Is.NextOn)
			}
			var kind, grade string
			if err := h.db.Read(ctx, func(tx *db.Tx) error {
				return tx.QueryRow("SELECT kind, grade FROM evidence WHERE id = $1", int64(got.Evidence)).Scan(&kind, &grade)
			}); err != nil || kind != act.Visit || grade != c.grade {
				t.Errorf("%s rests on %s, %s, %v", c.told.Outcome, kind, grade, err)
			}
			switch i {
			case 0:
				if days := confirmedBy(l, got.Evidence); !slices.Equal(days, []string{last.String(), h.today().String()}) || len(l.Spells) != 1 {
					t.Errorf("confirmed for %q, %d spells", days, len(l.Spells))
				}
			case 1:
				if len(l.Spells) != 1 || l.Spells[0].Is.Activity != "619" || l.Spells[0].Started != last.AddDays(-5).String() || l.Spells[0].Is.Ascertained != last.String() || l.Spells[0].Evidence != got.Evidence {
					t.Errorf("changed: %+v", l.Spells)
				}
				if days := confirmedBy(l, got.Evidence); !slices.Equal(days, []string{last.String(), h.today().String()}) {
					t.Errorf("what is new is confirmed for %q", days)
				}
			default:
				if len(l.Spells) != 0 {
					t.Errorf("%s wrote %+v", c.told.Outcome, l.Spells)
				}
			}
		}
		if sh := h.sheet(h.worker, ref); sh.Told != 5 || sh.People != 5 {
			t.Errorf("told are %d of %d", sh.Told, sh.People)
		}
	})
}

// confirmedBy are the days for which an evidence confirms, the first first.
func confirmedBy(l *life.Life, e id.Evidence) (days []string) {
	for _, v := range l.Verifications {
		if v.Evidence == e {
			days = append(days, v.Is.Verified)
		}
	}
	slices.Sort(days)
	return days
}

// TestDoorstepRefuses: what cannot be is said beside its field, and nothing of
// it is kept.
func TestDoorstepRefuses(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		who := h.add("Avocet", "1 Kite Street", "ZZ1 1AB")
		ref := h.plan(h.worker, who)
		st := h.sheet(h.worker, ref).Doors[0].Stops[0]
		before := h.acts()
		for name, told := range map[string]visit.Told{"outcome": {Outcome: visit.Confirmed}, "activity": {Outcome: visit.Changed, Started: h.today()}, "since": {Outcome: visit.Changed, Activity: "330"}, "started": {Outcome: visit.Changed, Activity: "330", Started: h.today().AddDays(1)},
			"note": {Outcome: visit.NoAnswer, Note: strings.Repeat("x", visit.MostNote+1)},
			"next": {Outcome: visit.NoAnswer, Next: h.today().AddDays(-1)}} {
			told.Key = string(id.NewRef())
			if err := h.s.Tell(ctx, h.worker, st.Ref, told); !fails(err, name) {
				t.Errorf("a wrong %s: %v", name, err)
			}
		}
		for _, code := range []string{"230", "310", "330", "619", "680"} { // what the doorstep page offers
			if err := h.s.Tell(ctx, h.worker, st.Ref, visit.Told{Outcome: visit.Changed, Activity: code, Started: h.today(), Seen: 99, Key: string(id.NewRef())}); err == nil {
				t.Errorf("%s over what was never shown was taken", code)
			}
		}
		if got := h.acts(); got != before || len(h.life(who).Contacts) != 0 {
			t.Errorf("%d acts more", got-before)
		}
	})
}

// TestWhatTheDoorstepOffers: each situation of the page can be recorded as it is.
func TestWhatTheDoorstepOffers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for i, s := range visit.Situations() {
			who := h.add("Avocet", fmt.Sprintf("%d Kite Street", i+1), "ZZ1 1AB")
			st := h.sheet(h.worker, h.plan(h.worker, who)).Doors[0].Stops[0]
			if err := h.s.Tell(ctx, h.worker, st.Ref, visit.Told{Outcome: visit.Changed, Activity: s.Code, Started: h.today(), LastDay: h.today().InMonth().Add(-1).End(), Key: string(id.NewRef())}); err != nil {
				t.Errorf("%s (%s): %v", s.Words, s.Code, err)
			}
		}
	})
}
