package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/intake/intaketest"
)

// oddReview takes a file as the command does: what is proposed is confirmed.
func (h *house) oddReview(f *intaketest.File) intake.Intake {
	h.t.Helper()
	ctx := context.Background()
	sender, err := h.s.SenderNamed(ctx, h.by, f.From)
	if errors.Is(err, db.NotFound) {
		sender, err = h.s.KeepSender(ctx, h.by, intake.Sender{Name: f.From, Tolerance: intake.DefaultTolerance, SendsFull: f.Place, Place: f.Place}, "")
	}
	if err != nil {
		h.t.Fatal(err)
	}
	in, err := h.s.Receive(ctx, h.by, intake.File{Name: f.Name, From: bytes.NewReader(f.Body(h.t)), Sender: sender.Ref, Kind: f.Kind, AsAt: day(f.AsAt)})
	if err != nil {
		h.t.Fatalf("%s: receive: %v", f.Name, err)
	}
	u, err := h.s.Understand(ctx, h.by, in.Ref, "", "")
	if err != nil {
		h.t.Fatalf("%s: understand: %v", f.Name, err)
	}
	if f.Looks != "" && u.Kind.ID != f.Looks {
		h.t.Errorf("%s: is taken for %s, not %s", f.Name, u.Kind.ID, f.Looks)
	}
	for _, q := range u.Proposal.Questions {
		choice := f.Answers[q.ID]
		if choice == "" {
			h.t.Errorf("%s: asked %+v", f.Name, q)
		} else if err := u.Proposal.Answer(q.ID, choice); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := h.s.Confirm(ctx, h.by, in.Ref, intake.Confirmation{Mapping: u.Proposal.Mapping, Whole: f.Whole}); err != nil {
		h.t.Fatalf("%s: confirm: %v", f.Name, err)
	}
	if err := h.s.Work(ctx, h.by, in.Ref, nil); err != nil {
		h.t.Fatalf("%s: work: %v", f.Name, err)
	}
	in = h.get(in.Ref)
	c := in.Counts
	if got := [7]int{c.Read, c.New, c.Changed, c.Unchanged, c.Waiting, c.Unusable, c.Skipped}; got != f.Comes {
		h.t.Errorf("%s: comes to %v, not %v\n%s", f.Name, got, f.Comes, h.told(in.Ref))
	}
	return in
}

// told is what a review says, for whoever mends a test.
func (h *house) told(ref id.Ref) string {
	var b strings.Builder
	for _, r := range h.rows(ref, intake.Filter{}) {
		fmt.Fprintf(&b, "  row %d %s: %s %s\n", r.Number, r.Name, r.Outcome, r.Sentence)
		for _, c := range r.Changes {
			fmt.Fprintf(&b, "    %s: %s -> %s kept %v %s\n", c.Field, c.Before, c.After, c.Kept, c.Why)
		}
	}
	groups, err := h.s.Problems(context.Background(), h.by, ref)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "  %s %s %d fatal %v: %s\n", g.Code, g.Item, g.Rows, g.Fatal, g.Words)
	}
	return b.String()
}

// Twenty files, as odd as schools and colleges really send them, go in the first
// time, seven of them without being told what they are.
func TestOddFilesGoInTheFirstTime(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for _, f := range intaketest.All() {
			before := h.facts()
			h.applied(h.oddReview(&f).Ref)
			came, _ := intaketest.Besides(before, h.facts())
			for _, want := range f.Holds {
				if !strings.Contains(strings.Join(came, "\n"), want) {
					t.Errorf("%s: the register does not hold %q, but\n%s", f.Name, want, strings.Join(came, "\n"))
				}
			}
		}
		h.standingsHold()
	})
}

// One is taken back a month later, with others in between, and the register is what
// it would be without it.
func TestOddFileUndoneAMonthLater(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		now := dbtest.Noon
		h := newHouse(t, d.At(func() time.Time { return now }))
		odd := intaketest.Odd()
		for i := range 2 {
			h.applied(h.oddReview(&odd[i]).Ref)
		}
		before := h.facts()
		taken := h.applied(h.oddReview(&odd[2]).Ref) // the September Guarantee
		with := h.facts()
		if slices.Equal(before, with) {
			t.Fatal("the file changed nothing")
		}
		now = now.AddDate(0, 1, 2)
		h.serve(d.At(func() time.Time { return now }))
		// Others came in between: about people whom the file was not about.
		h.apply(list{kind: "people", asAt: day("2026-11-20"), text: "Surname,Forename,Date of birth,Postcode,Mobile\nMensahby,Maja,22/12/2009,QX8 9DJ,07700 900108\nDunmarrow,Oriel,03/03/2010,QX1 2AG,07700 900111\n"})
		h.recorded("Kofi", "330", "2026-11-20", "visit", "2026-12-01")
		came, went := intaketest.Besides(with, h.facts())
		if len(came) == 0 {
			t.Fatal("nothing came between")
		}
		h.undo(taken.Ref, intake.Undoing{Reason: "The offers were of another school"})
		want := slices.DeleteFunc(append(slices.Clone(before), came...), func(s string) bool { return slices.Contains(went, s) })
		got := h.facts()
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			c, w := intaketest.Besides(want, got)
			t.Errorf("the register is not what it would be without the file: too much\n%s\ntoo little\n%s", strings.Join(c, "\n"), strings.Join(w, "\n"))
		}
		h.standingsHold()
	})
}

// TestTheYearElevenOfNow has offers in November for those who finish Year 11 next
// summer: they are of the guarantee of the next September, and not of the last.
func TestTheYearElevenOfNow(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "september-guarantee", asAt: day("2026-11-05"), text: "Ref,Surname,Forename,Date of birth,Offer status,Offer institution\n" +
			"B1,Oakmerstead,Robert,02/11/2010,Offer made,Northshore College\nB2,Thistlewood,Ana,03/04/2010,Offer made,Northshore College\n"})
		for given, season := range map[string]int{"Robert": 2027, "Ana": 2026} {
			l := h.person(given)
			if len(l.Guarantees) != 1 || l.Guarantees[0].Is.Season != season || l.Guarantees[0].Is.Node != guarantee.Year11 || len(l.Offers) != 1 || l.Offers[0].Is.Season != season {
				t.Errorf("%s: %+v %+v, and not of %d", given, l.Guarantees, l.Offers, season)
			}
		}
		h.standingsHold()
	})
}

// TestEducatedAtHome has the list of the team for home education: of compulsory
// age it is another code than after it.
func TestEducatedAtHome(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "home-education", asAt: day("2026-11-05"), text: "Surname,Forename,DOB,EHE start date,Previous school\n" +
			"Oakmerstead,Robert,02/11/2010,15/09/2026,Gullhaven High School\nThistlewood,Ana,03/04/2010,15/09/2026,\n"})
		for given, want := range map[string]string{"Robert": "120 from 2026-09-15", "Ana": "270 from 2026-09-15"} {
			if is, at := h.current(given), h.place(given); is != want || at != "" {
				t.Errorf("%s: %s at %q, and not %s", given, is, at, want)
			}
		}
		h.standingsHold()
	})
}
