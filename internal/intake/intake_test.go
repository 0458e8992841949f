package intake_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

const rollHead = "Student ref,ULN,Surname,Forename,Date of birth,Gender,Postcode,Start date,Course\n"

// october is a college's roll, invented.
const october = rollHead +
	"A1,,Oakmerstead,Robert,02/11/2009,M,LW2 8WH,07/09/2026,A levels\n" +
	"A2,,Tarnbrook,Amina,14/03/2009,F,LW2 8WJ,07/09/2026,A levels\n" +
	"A3,,Fellgate,Iwan,30/01/2010,M,LW3 1AA,08/09/2026,Bricklaying\n"

func roll(text, asAt string) list {
	return list{kind: "full-roll", text: text, asAt: day(asAt), whole: true}
}

func TestARollGoesInTheFirstTime(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		in := h.apply(roll(october, "2026-10-05"))
		if in.State != intake.Applied || in.Counts.New != 3 || in.Act == 0 {
			t.Fatalf("%+v\n%v", in.Counts, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		if got := h.current("Robert"); got != "230 from 2026-09-07" {
			t.Errorf("Robert: %s", got)
		}
		l := h.person("Amina")
		if !strings.HasPrefix(l.Person.YoungPersonsID, "123") || len(l.Person.YoungPersonsID) != 13 {
			t.Errorf("a YoungPersonsID of ours: %q", l.Person.YoungPersonsID)
		}
		if l.Addresses[0].Is.Postcode != "LW2 8WJ" || l.Particulars[0].Is.DOB != "2009-03-14" || l.Particulars[0].Is.Gender != "F" {
			t.Errorf("%+v %+v", l.Addresses, l.Particulars)
		}
		h.standingsHold()
	})
}

func TestTheSameFileTwiceChangesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		before := h.facts()
		in := h.review(roll(october, "2026-10-05"))
		if in.Counts.Unchanged != 3 || in.Counts.Changed+in.Counts.New+in.Counts.Waiting != 0 {
			t.Fatalf("%+v %v", in.Counts, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		if !strings.Contains(in.Message, "applied already") {
			t.Errorf("nobody is told that the same file was applied: %q", in.Message)
		}
		if done := h.applied(in.Ref); done.Act != 0 {
			t.Errorf("an act was left: %d", done.Act)
		}
		h.same("after the same file again", before)
		var files, people int
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow("SELECT COUNT(DISTINCT intake), COUNT(DISTINCT young_person) FROM enrolment_named WHERE register = $1", int64(h.by.Register)).Scan(&files, &people)
		}); err != nil || files != 2 || people != 3 {
			t.Errorf("%d lists of enrolments have named %d people: %v", files, people, err)
		}
	})
}

func TestLastMonthsFileAfterThisMonths(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(strings.Replace(october, "LW2 8WH", "LW9 9ZZ", 1), "2026-11-02"))
		before := h.facts()
		in := h.review(roll(october, "2026-10-05"))
		kept := 0
		for _, r := range h.rows(in.Ref, intake.Filter{}) {
			for _, c := range r.Changes {
				if c.Field == "address" && c.Kept && !c.Clash && c.Why != "" {
					kept++
				}
			}
		}
		if kept != 1 {
			t.Errorf("the older address is not told as kept out: %v", changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		h.applied(in.Ref)
		h.same("after last month's file", before)
	})
}

func TestANewMonthConfirmsAndChanges(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		in := h.apply(roll(strings.Replace(strings.Replace(october, "LW2 8WH", "LW9 9ZZ", 1), "08/09/2026", "15/09/2026", 1), "2026-11-02"))
		if in.Counts.Changed != 3 || in.Counts.New != 0 {
			t.Fatalf("%+v %v", in.Counts, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		l := h.person("Iwan")
		if len(l.Spells) != 1 || l.Spells[0].Started != "2026-09-08" || len(l.Verifications) != 2 {
			t.Errorf("a start within the tolerance is the same spell, confirmed: %+v %+v", l.Spells, l.Verifications)
		}
		if got := h.person("Robert").Addresses[0].Is.Postcode; got != "LW9 9ZZ" {
			t.Errorf("the newer address: %s", got)
		}
		h.standingsHold()
	})
}

func TestWhoIsGoneFromAFullRollIsAProposal(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october, "2026-10-05"))
		short := october[:strings.Index(october, "A3")]
		partial := h.review(list{kind: "enrolment", text: short, asAt: day("2026-11-01")})
		if partial.Counts.Gone != 0 {
			t.Errorf("a partial list proposes %d", partial.Counts.Gone)
		}
		in := h.review(roll(short, "2026-11-02"))
		gone, _, err := h.s.Gone(ctx, h.by, in.Ref, 1)
		if err != nil || len(gone) != 1 || gone[0].Name != "Iwan Fellgate" {
			t.Fatalf("%+v %v", gone, err)
		}
		before := h.current("Iwan")
		ref := in.Ref
		h.applied(ref)
		if got := h.current("Iwan"); got != before {
			t.Errorf("changed in silence: %s", got)
		}
		h.undo(ref, intake.Undoing{})
		in = h.review(roll(short, "2026-11-02"))
		if err := h.s.DecideGone(ctx, h.by, in.Ref, gone[0].Person, intake.GoneLeft); err != nil {
			t.Fatal(err)
		}
		e, err := h.s.Foresee(ctx, h.by, in.Ref)
		if err != nil || e.NotKnownThen != e.NotKnownNow+1 {
			t.Errorf("%+v %v", e, err)
		}
		h.applied(in.Ref)
		if got := h.current("Iwan"); got != "810 from 2026-11-03" {
			t.Errorf("left: %s", got)
		}
		h.standingsHold()
	})
}

func TestALeaverClosesAndOpensNotKnown(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		in := h.review(list{kind: "starters-leavers", asAt: day("2026-11-02"), text: "Student ref,Surname,Forename,Date of birth,Start date,Leaving date,Reason for leaving\n" +
			"A1,Oakmerstead,Robert,02/11/2009,07/09/2026,16/10/2026,Withdrew\n" +
			"A3,Fellgate,Iwan,30/01/2010,08/09/2026,20/10/2026,Left for a job\n"})
		e, err := h.s.Foresee(context.Background(), h.by, in.Ref)
		if err != nil || e.NotKnownThen != e.NotKnownNow+1 || e.EETThen != e.EETNow-1 {
			t.Errorf("%+v %v %s", e, err, e.Words())
		}
		h.applied(in.Ref)
		if got := h.current("Robert"); got != "810 from 2026-10-17" {
			t.Errorf("Robert: %s; %v", got, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		if got := h.current("Iwan"); got != "330 from 2026-10-21" {
			t.Errorf("Iwan: %s", got)
		}
		if l := h.person("Robert"); l.Spells[0].Ended != "2026-10-16" {
			t.Errorf("%+v", l.Spells)
		}
		after := h.facts()
		again := h.apply(list{kind: "starters-leavers", asAt: day("2026-11-02"), text: "Student ref,Surname,Forename,Date of birth,Start date,Leaving date,Reason for leaving\n" +
			"A1,Oakmerstead,Robert,02/11/2009,07/09/2026,16/10/2026,Withdrew\n"})
		if again.Act != 0 {
			t.Errorf("the same leaver again: %v", changesOf(h.rows(again.Ref, intake.Filter{})))
		}
		h.same("after the same leaver again", after)
		live, err := h.record.Live(context.Background(), h.by, h.s.Today().InMonth().End())
		if err != nil || live.NotKnown != e.NotKnownThen || live.EET != e.EETThen {
			t.Errorf("foreseen %+v, came %+v", e, live)
		}
	})
}

func TestWhoMayTakeFilesIn(t *testing.T) {
	d := dbtest.SQLite(t)
	h := newHouse(t, d)
	ctx := context.Background()
	in := h.apply(roll(october, "2026-10-05"))
	waiting := h.review(roll(october, "2026-11-02"))
	for _, role := range access.Roles() {
		by := h.by
		by.Roles = []access.Role{role}
		want := role == access.DataOfficer
		for name, try := range map[string]func() error{
			"receive": func() error {
				_, err := h.s.Receive(ctx, by, intake.File{Name: "x.csv", From: strings.NewReader(october), Sender: h.sender.Ref})
				return err
			},
			"rows":       func() error { _, _, err := h.s.Rows(ctx, by, waiting.Ref, intake.Filter{}, 1); return err },
			"said":       func() error { _, _, err := h.s.Said(ctx, by, waiting.Ref, 2); return err },
			"candidates": func() error { _, err := h.s.Candidates(ctx, by, waiting.Ref, 2, 3); return err },
			"gone":       func() error { _, _, err := h.s.Gone(ctx, by, waiting.Ref, 1); return err },
			"faulty":     func() error { return h.s.FaultyRows(ctx, by, waiting.Ref, io.Discard) },
			"senders":    func() error { _, err := h.s.Senders(ctx, by); return err },
			"undo":       func() error { _, err := h.s.LookAtUndo(ctx, by, in.Ref); return err },
			"decide":     func() error { return h.s.Decide(ctx, by, waiting.Ref, 2, "", "") },
		} {
			err := try()
			var denied access.Denied
			if (err == nil) != want || (!want && !errors.As(err, &denied)) {
				t.Errorf("%s, %s: %v", role, name, err)
			}
		}
	}
	by := h.by
	by.Roles = []access.Role{access.Adviser}
	if _, err := h.s.Apply(ctx, by, waiting.Ref, intake.Applying{}); !errors.As(err, new(access.Denied)) {
		t.Errorf("an adviser applied a file: %v", err)
	}
	if _, err := h.s.Undo(ctx, by, in.Ref, intake.Undoing{}); !errors.As(err, new(access.Denied)) {
		t.Errorf("an adviser took a file back: %v", err)
	}
}

func TestWhoWasShownIsLogged(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		in := h.review(roll(october, "2026-11-02"))
		h.rows(in.Ref, intake.Filter{})
		n := 0
		if err := d.InSideTx(context.Background(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(DISTINCT young_person) FROM sight WHERE register = $1 AND page = 'rows of a partner''s file' AND young_person IS NOT NULL`, int64(h.reg.ID)).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		if n != 3 {
			t.Errorf("%d of 3 people shown are in the log", n)
		}
	})
}

func TestAWordIsLearned(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		text := "Student ref,Surname,Forename,Date of birth,Start date,Current activity\nA1,Oakmerstead,Robert,22/11/2009,27/09/2026,Zzyzx scheme\n"
		in := h.review(list{kind: "enrolment", asAt: day("2026-10-05"), text: text})
		if err := h.s.Teach(context.Background(), h.by, in.Ref, layout.Activities, "Zzyzx scheme", "530"); err != nil {
			t.Fatal(err)
		}
		h.applied(in.Ref)
		if got := h.current("Robert"); got != "530 from 2026-09-27" {
			t.Errorf("Robert: %s; %v", got, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		if err := h.s.Teach(context.Background(), h.by, in.Ref, layout.Activities, "x", "999"); err == nil {
			t.Error("a code that is none was learned")
		}
	})
}
