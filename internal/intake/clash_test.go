package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
	"waymark/internal/merge"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// recorded records an activity by hand, as an adviser would.
func (h *house) recorded(given, activity, started, kind, on string) {
	h.t.Helper()
	l := h.person(given)
	var seen id.Act
	if i := l.CurrentSpell(day("2026-11-10")); i >= 0 {
		seen = l.Spells[i].KnownFrom
	}
	if err := h.record.RecordActivity(context.Background(), h.by, l.Person.Ref, record.NewSpell{Activity: activity, Started: day(started), Ascertained: day(on)},
		seen, record.Told{Kind: kind, On: day(on)}); err != nil {
		h.t.Fatalf("record an activity: %v", err)
	}
}

func TestAClashIsShownAndWaitsForAChoice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october, "2026-10-05"))
		// A visit on 20 October found Robert at work: better evidence than a list.
		h.recorded("Robert", "330", "2026-10-12", act.Visit, "2026-10-20")
		in := h.review(roll(october, "2026-11-02"))
		list := h.rows(in.Ref, intake.Filter{Clashing: true})
		if len(list) != 1 || list[0].Clashes != 1 || list[0].Changes[0].Field != "activity" {
			t.Fatalf("%v", changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		if c := list[0].Changes[0]; c.Before == "" || c.After == "" || !strings.Contains(c.Why, "newer") {
			t.Errorf("%+v", c)
		}
		if err := h.s.Choose(ctx, h.by, in.Ref, list[0].Number, "activity", intake.Theirs); err != nil {
			t.Fatal(err)
		}
		if after := h.get(in.Ref); after.Counts.Clashes != 0 {
			t.Errorf("%+v", after.Counts)
		}
		h.applied(in.Ref)
		if got := h.current("Robert"); got != "230 from 2026-09-07" {
			t.Errorf("the file was chosen: %s", got)
		}
		h.undo(in.Ref, intake.Undoing{})
		if got := h.current("Robert"); got != "330 from 2026-10-12" {
			t.Errorf("undone: %s", got)
		}
		in = h.apply(roll(october, "2026-11-02"))
		if got := h.current("Robert"); got != "330 from 2026-10-12" {
			t.Errorf("nobody chose, so ours stands: %s; %v", got, changesOf(h.rows(in.Ref, intake.Filter{})))
		}
		h.standingsHold()
	})
}

func TestAnOptOutIsHonoured(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		with := "Student ref,Surname,Forename,Date of birth,Postcode,Mobile,Start date,Opt out\n"
		h.apply(list{kind: "enrolment", asAt: day("2026-10-05"), text: with + "A1,Oakmerstead,Robert,02/11/2009,LW2 8WH,07700 900123,07/09/2026,Y\n"})
		l := h.person("Robert")
		if len(l.OptOuts) != 1 || l.OptOuts[0].Is.Scope != youngperson.OptOutBeyond || len(l.Spells)+len(l.Reaches) != 0 || len(l.Addresses) != 1 {
			t.Fatalf("%+v %+v %+v", l.OptOuts, l.Spells, l.Reaches)
		}
		in := h.review(list{kind: "enrolment", asAt: day("2026-11-02"), text: with + "A1,Oakmerstead,Robert,02/11/2009,LW9 9ZZ,07700 900123,07/09/2026,\n"})
		rows := h.rows(in.Ref, intake.Filter{})
		if !strings.Contains(rows[0].Changes[0].Why, "told partners not to pass on") {
			t.Errorf("%+v", rows[0].Changes)
		}
		h.applied(in.Ref)
		if l := h.person("Robert"); l.Addresses[0].Is.Postcode != "LW9 9ZZ" || len(l.Spells)+len(l.Reaches) != 0 {
			t.Errorf("%+v", l)
		}
	})
}

func TestWhoIsNotSureIsDecidedAndRemembered(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october, "2026-10-05"))
		h.sender.Ref = h.another("Saltmarsh School")
		// A twin of Amina, of the same address: never joined, and never added unseen.
		twin := list{kind: "pupil-list", asAt: day("2026-10-20"), text: "Pupil ref,Surname,Forename,Date of birth,Gender,Postcode\n" +
			"P7,Tarnbrook,Leila,14/03/2009,F,LW2 8WJ\n"}
		in := h.review(twin)
		rows := h.rows(in.Ref, intake.Filter{})
		if rows[0].Outcome != intake.OutcomeWaiting {
			t.Fatalf("%+v", rows[0])
		}
		candidates, err := h.s.Candidates(ctx, h.by, in.Ref, rows[0].Number, 3)
		if err != nil || len(candidates) == 0 || candidates[0].Name != "Amina Tarnbrook" || len(candidates[0].Explanation.Reasons) == 0 {
			t.Fatalf("%+v %v", candidates, err)
		}
		if _, err := h.s.Apply(ctx, h.by, in.Ref, intake.Applying{}); !errors.As(err, new(intake.Refusal)) {
			t.Errorf("applied with a row that waits: %v", err)
		}
		if err := h.s.Decide(ctx, h.by, in.Ref, rows[0].Number, intake.DecideNew, ""); err != nil {
			t.Fatal(err)
		}
		if done := h.applied(in.Ref); done.Counts.New != 1 {
			t.Errorf("%+v", done.Counts)
		}
		leila := h.person("Leila").Person.Ref
		twin.asAt = day("2026-11-02")
		again := h.review(twin)
		if rows := h.rows(again.Ref, intake.Filter{}); rows[0].Outcome == intake.OutcomeWaiting || rows[0].Person != leila {
			t.Errorf("asked again: %+v", rows[0])
		}
		if len(h.lives()) != 4 {
			t.Errorf("%d people", len(h.lives()))
		}
	})
}

func TestWhoWasPutTogetherSinceIsMet(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october+"A7,,Oakmerstead,Bertie,02/11/2009,M,LW2 8WH,07/09/2026,A levels\n", "2026-10-05"))
		robert, bertie := h.person("Robert"), h.person("Bertie")
		merges, err := merge.New(h.record)
		if err != nil {
			t.Fatal(err)
		}
		in := h.review(roll(rollHead+"A7,,Oakmerstead,Bertie,02/11/2009,M,LW2 8WH,07/09/2026,A levels\n", "2026-11-02"))
		if err := h.s.Decide(ctx, h.by, in.Ref, 2, intake.DecidePerson, bertie.Person.Ref); err != nil {
			t.Fatal(err)
		}
		if _, err := merges.Join(ctx, h.by, merge.Joining{Keep: robert.Person.Ref, Other: bertie.Person.Ref, Reason: "one person", Key: string(id.NewRef()), Seen: merge.Seen(robert, bertie)}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Apply(ctx, h.by, in.Ref, intake.Applying{}); err != nil && !errors.As(err, new(intake.Stale)) {
			t.Fatal(err)
		}
		rows := h.rows(in.Ref, intake.Filter{})
		if len(rows) != 1 || rows[0].Person != robert.Person.Ref {
			t.Errorf("%+v", rows)
		}
	})
}

func (h *house) another(name string) id.Ref {
	h.t.Helper()
	s, err := h.s.KeepSender(context.Background(), h.by, intake.Sender{Name: name, Tolerance: 14}, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return s.Ref
}

func TestRowsOfOneFileThatAreOnePerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		two := october + "A1,,Oakmerstead,Robert,02/11/2009,M,LW2 8WH,07/09/2026,GCSE maths\n"
		in := h.apply(roll(two, "2026-10-05"))
		if len(h.lives()) != 3 {
			t.Fatalf("%d people: %+v", len(h.lives()), h.rows(in.Ref, intake.Filter{}))
		}
		rows := h.rows(in.Ref, intake.Filter{})
		if rows[3].With != rows[0].Number || !strings.Contains(rows[3].Sentence, "same new person") {
			t.Errorf("%+v", rows[3])
		}
		again := h.review(roll(two, "2026-11-02"))
		if again.Counts.Waiting != 0 || again.Counts.New != 0 {
			t.Errorf("%+v %+v", again.Counts, h.rows(again.Ref, intake.Filter{}))
		}
		h.applied(again.Ref)
		h.standingsHold()
	})
}

func TestTheRegisterChangedSinceTheReview(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october+"A9,,Sandgate,Wilfred,05/05/2009,M,LW1 1AA,07/09/2026,A levels\n", "2026-10-05"))
		in := h.review(roll(october, "2026-11-02"))
		h.recorded("Robert", "330", "2026-10-12", act.Visit, "2026-10-20")
		before := h.facts()
		_, err := h.s.Apply(ctx, h.by, in.Ref, intake.Applying{})
		if !errors.As(err, new(intake.Stale)) {
			t.Fatalf("want Stale, got %v", err)
		}
		h.same("after a stale review", before)
		if now := h.get(in.Ref); now.State != intake.InReview || now.Counts.Clashes != 1 {
			t.Errorf("%s %+v", now.State, now.Counts)
		}
		// A change about somebody else makes nothing stale.
		in2 := h.get(in.Ref)
		if err := h.record.SetReach(ctx, h.by, h.person("Wilfred").Person.Ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900456"}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Apply(ctx, h.by, in2.Ref, intake.Applying{}); err != nil {
			t.Errorf("apply after a change about somebody else: %v", err)
		}
		h.standingsHold()
	})
}

func TestHostileRows(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		text := rollHead +
			"A1,,Oakmerstead,Robert,02/11/2009,M,LW2 8WH,07/09/2026,A levels\n" +
			"A2,,Tarnbrook,Amina,31/02/2009,F,LW2 8WJ,07/09/2026,A levels\n" + // no such day
			rollHead + // the header again
			"A4,1.23457E+09,Holt,Mary,01/04/2009,F,LW2 1AA,07/09/2026,A levels\n" +
			"A5,,=1+1,=cmd|' /C calc'!A0,05/04/2009,F,LW2 1AA,07/09/2026,A levels\n" +
			"A6,,Old,Ancient,05/04/1951,F,LW2 1AA,07/09/2026,A levels\n" +
			",,,,,,,,\n" +
			"Total,5,,,,,,,\n"
		in := h.review(roll(text, "2026-10-05"))
		if in.Counts.Read < 6 || in.Counts.Skipped == 0 {
			t.Errorf("%+v", in.Counts)
		}
		problems, err := h.s.Problems(ctx, h.by, in.Ref)
		if err != nil || len(problems) == 0 {
			t.Fatalf("%v %v", problems, err)
		}
		codes := ""
		for _, p := range problems {
			codes += p.Code + " "
			list, _, err := h.s.RowsWith(ctx, h.by, in.Ref, p.Code, p.Item, 1)
			if err != nil || len(list) == 0 || list[0].Words == "" {
				t.Errorf("%s: %v %v", p.Code, list, err)
			}
		}
		for _, want := range []string{"dob", "uln"} {
			if !strings.Contains(codes, want) {
				t.Errorf("no problem about %s among %s", want, codes)
			}
		}
		var faulty strings.Builder
		if err := h.s.FaultyRows(ctx, h.by, in.Ref, &faulty); err != nil {
			t.Fatal(err)
		}
		if in.Counts.Unusable > 0 && strings.Count(faulty.String(), "\n") != in.Counts.Unusable+1 {
			t.Errorf("%d rows cannot be used, and the file of them is\n%s", in.Counts.Unusable, faulty.String())
		}
		for _, r := range h.rows(in.Ref, intake.Filter{}) {
			if r.Name == "Ancient Old" && r.Outcome == intake.OutcomeNew {
				t.Errorf("somebody of 75 is %s", r.Outcome)
			}
		}
		// Amina's birth date is mended here, and she goes in.
		if err := h.s.Fix(ctx, h.by, in.Ref, 3, layout.DOB, "14/03/2009"); err != nil {
			t.Fatal(err)
		}
		h.applied(in.Ref)
		if p := h.person("Amina").Particulars[0].Is; p.DOB != "2009-03-14" {
			t.Errorf("%+v", p)
		}
		h.standingsHold()
	})
}

func TestWhatIsNoList(t *testing.T) {
	d := dbtest.SQLite(t)
	h := newHouse(t, d)
	for name, text := range map[string]string{"empty": "", "picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "pdf": "%PDF-1.7\n1 0 obj", "only a header": rollHead} {
		ctx := context.Background()
		ref, err := h.tryConfirm(ctx, roll(text, "2026-10-05"))
		if err == nil {
			err = h.s.Work(ctx, h.by, ref, nil)
		}
		var refusal intake.Refusal
		if !errors.As(err, &refusal) || refusal.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.s.Receive(context.Background(), h.by, intake.File{Name: "x", From: strings.NewReader("a"), Sender: h.sender.Ref, AsAt: h.s.Today().AddDays(1)}); err == nil {
		t.Error("a list of tomorrow was taken")
	}
	if len(h.lives()) != 0 {
		t.Error("somebody was added")
	}
}

// TestAnOptOutOfOneSenderIsHonoured: what another sends of them is taken over.
func TestAnOptOutOfOneSenderIsHonoured(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		with := "Student ref,Surname,Forename,Date of birth,Postcode,Mobile,Start date\n"
		h.apply(list{kind: "enrolment", asAt: day("2026-10-05"), text: with + "A1,Oakmerstead,Robert,02/11/2009,LW2 8WH,07700 900123,07/09/2026\n"})
		robert := h.person("Robert")
		told := record.Told{Kind: act.Telephone}
		if err := h.s.Record.RecordOptOut(t.Context(), h.by, robert.Person.Ref, day("2026-10-20"), youngperson.OptOut{Scope: youngperson.OptOutAll, Feed: h.sender.Name, SaidBy: youngperson.SaidByPerson}, told); err != nil {
			t.Fatal(err)
		}
		h.apply(list{kind: "enrolment", asAt: day("2026-11-02"), text: with + "A1,Oakmerstead,Robert,02/11/2009,LW9 9ZZ,07700 900999,07/09/2026\n"})
		if l := h.person("Robert"); l.Addresses[0].Is.Postcode != "LW2 8WH" || l.Reaches[0].Is.Value != "07700900123" {
			t.Errorf("taken over from who may pass nothing on: %+v %+v", l.Addresses, l.Reaches)
		}
		h.sender.Ref = h.another("Saltmarsh School")
		h.apply(list{kind: "pupil-list", asAt: day("2026-11-05"), text: "Pupil ref,Surname,Forename,Date of birth,Postcode\nP7,Oakmerstead,Robert,02/11/2009,LW9 9ZZ\n"})
		if l := h.person("Robert"); l.Addresses[0].Is.Postcode != "LW9 9ZZ" {
			t.Errorf("not taken over from another sender: %+v", l.Addresses)
		}
	})
}

// TestWhoDoesNotKnowEndsNothing has a list that says "not known" of three: of one
// the register knows, of one it knows no more, and of one nothing is held.
func TestWhoDoesNotKnowEndsNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		const head = "Ref,Surname,Forename,Date of birth,Status\n"
		h.apply(list{kind: "where-now", asAt: day("2026-10-05"), text: head + "B1,Oakmerstead,Robert,02/11/2009,College\nB2,Thistlewood,Ana,03/04/2009,Unknown\nB3,Larkspur,Idris,05/06/2009,\n"})
		in := h.review(list{kind: "where-now", asAt: day("2026-11-05"), text: head + "B1,Oakmerstead,Robert,02/11/2009,Unknown\nB2,Thistlewood,Ana,03/04/2009,Unknown\nB3,Larkspur,Idris,05/06/2009,Unknown\n"})
		got := strings.Join(changesOf(h.rows(in.Ref, intake.Filter{})), "\n")
		for _, want := range []string{"activity: 230", "-> 810 Current situation not known kept true", "activity:  -> 810 Current situation not known, from 5 November 2026 kept false"} {
			if !strings.Contains(got, want) {
				t.Errorf("not told: %s\n%s", want, got)
			}
		}
		h.applied(in.Ref)
		for given, want := range map[string]string{"Robert": "230 from 2026-10-05", "Ana": "810 from 2026-10-05", "Idris": "810 from 2026-11-05"} {
			if is := h.current(given); is != want {
				t.Errorf("%s: %s, and not %s", given, is, want)
			}
		}
		h.standingsHold()
	})
}

// TestALeaverOfNoNamedPlace has a sender that is not said to be the place itself:
// a row that does not say where somebody left closes what they do at the sender's,
// or at no place that is named, and nothing that they do elsewhere.
func TestALeaverOfNoNamedPlace(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		sender := h.sender
		sender.Place = false
		var err error
		if h.sender, err = h.s.KeepSender(context.Background(), h.by, sender, ""); err != nil {
			t.Fatal(err)
		}
		h.apply(list{kind: "where-now", asAt: day("2026-10-05"), text: "Ref,Surname,Forename,Date of birth,Status,Place,Start date\n" +
			"B1,Oakmerstead,Robert,02/11/2009,Apprenticeship,Marram Joinery,07/09/2026\nB2,Thistlewood,Ana,03/04/2009,College,Northshore College,07/09/2026\nB3,Larkspur,Idris,05/06/2009,College,,07/09/2026\n"})
		in := h.review(list{kind: "starters-leavers", asAt: day("2026-11-05"), text: "Ref,Surname,Forename,Date of birth,Start date,Left on\n" +
			"B1,Oakmerstead,Robert,02/11/2009,07/09/2026,30/10/2026\nB2,Thistlewood,Ana,03/04/2009,07/09/2026,30/10/2026\nB3,Larkspur,Idris,05/06/2009,,30/10/2026\n"})
		list := h.rows(in.Ref, intake.Filter{})
		if len(list) != 3 || len(list[0].Changes) != 1 || !list[0].Changes[0].Kept || !strings.Contains(list[0].Changes[0].Why, "which place they left") {
			t.Fatalf("%v", changesOf(list))
		}
		h.applied(in.Ref)
		for given, want := range map[string]string{"Robert": "310 from 2026-09-07", "Ana": "810 from 2026-10-31", "Idris": "810 from 2026-10-31"} {
			if is := h.current(given); is != want {
				t.Errorf("%s: %s, and not %s", given, is, want)
			}
		}
		h.standingsHold()
	})
}

// TestALeaverFromElsewhere left a college at which the register never held them,
// for a job: that counts where what is held has lapsed, and not where it is known.
func TestALeaverFromElsewhere(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "where-now", asAt: day("2026-10-05"), text: "Ref,Surname,Forename,Date of birth,Status,Place,Start date\n" +
			"B1,Oakmerstead,Robert,02/11/2009,Apprenticeship,Marram Joinery,07/09/2026\n"})
		h.apply(list{kind: "where-now", asAt: day("2024-10-05"), text: "Ref,Surname,Forename,Date of birth,Status,Place,Start date\n" +
			"B2,Thistlewood,Ana,03/04/2008,Apprenticeship,Marram Joinery,07/09/2024\n"})
		in := h.apply(list{kind: "starters-leavers", asAt: day("2026-11-05"), text: "Ref,Surname,Forename,Date of birth,Left on,Destination\n" +
			"B1,Oakmerstead,Robert,02/11/2009,30/10/2026,Employment\nB2,Thistlewood,Ana,03/04/2008,30/10/2026,Employment\n"})
		for given, want := range map[string]string{"Robert": "310 from 2026-09-07", "Ana": "330 from 2026-10-31"} {
			if is := h.current(given); is != want {
				t.Errorf("%s: %s, and not %s; %v", given, is, want, changesOf(h.rows(in.Ref, intake.Filter{})))
			}
		}
		h.standingsHold()
	})
}
