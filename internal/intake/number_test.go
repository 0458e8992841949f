package intake_test

import (
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
)

// A list that names people by the sender's own number alone needs no decision once
// a list of that sender has named them: but where the number is new, or the birth date
// speaks against it, somebody decides.
func TestListByNumberAlone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05")) // A1 Robert, A2 Amina and others, with names
		outcomes := "LearnRefNumber,DateOfBirth,OutType,OutCode,OutStartDate\n"
		in := h.review(list{kind: "ilr-destinations", asAt: day("2026-10-20"), text: outcomes + "A1,,EMP,1,2026-10-12\nA2,2009-03-14,EMP,1,2026-10-13\n"})
		if c := in.Counts; c.Waiting != 0 || c.Changed != 2 {
			t.Fatalf("%+v\n%s", c, h.told(in.Ref))
		}
		h.applied(in.Ref)
		if h.current("Robert") != "330 from 2026-10-12" || h.current("Amina") != "330 from 2026-10-13" {
			t.Errorf("Robert %s, Amina %s", h.current("Robert"), h.current("Amina"))
		}
		// The next full list still knows them by number, name and birth date.
		if again := h.review(roll(october, "2026-10-25")); again.Counts.Waiting != 0 || again.Counts.New != 0 {
			t.Errorf("%+v", again.Counts)
		}
		odd := h.review(list{kind: "ilr-destinations", asAt: day("2026-10-27"), text: "LearnRefNumber,DateOfBirth,OutType,OutCode\n" +
			"A1,2009-01-01,EMP,1\nZ9,,EMP,1\n"})
		if odd.Counts.Waiting != 2 {
			t.Errorf("%+v\n%s", odd.Counts, h.told(odd.Ref))
		}
		// Another sender's same number is somebody else's.
		var err error
		if h.sender, err = h.s.KeepSender(t.Context(), h.by, intake.Sender{Name: "Southcliff College", Tolerance: 14}, ""); err != nil {
			t.Fatal(err)
		}
		if other := h.review(list{kind: "ilr-destinations", asAt: day("2026-10-28"), text: outcomes + "A1,,EMP,1,2026-10-12\n"}); other.Counts.Waiting != 1 {
			t.Errorf("%+v", other.Counts)
		}
	})
}

// A list of where they are now may say when somebody left a place as well: what
// they do now counts. A list in capitals A to Z takes no letter from a name.
func TestWhereTheyAreNowWithALeavingDate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "enrolment", asAt: day("2026-10-05"), text: "Surname,Forename,DOB,Postcode,Start Date\nYıldız,Deniz,14/03/2009,QX1 1AG,07/09/2026\n"})
		in := h.review(list{kind: "where-now", asAt: day("2026-10-20"), text: "Surname,Forename,DOB,Postcode,Now doing?,Date of Leaving\nYILDIZ,DENIZ,14/03/2009,QX1 1AG,Apprenticeship,09/10/2026\n"})
		if c := in.Counts; c.Changed != 1 || c.New != 0 || c.Waiting != 0 {
			t.Fatalf("%+v\n%s", c, h.told(in.Ref))
		}
		if told := h.told(in.Ref); strings.Contains(told, "family name:") {
			t.Errorf("the name is changed: %s", told)
		}
		h.applied(in.Ref)
		if now := h.current("Deniz"); !strings.HasPrefix(now, "310 ") {
			t.Errorf("Deniz does %s", now)
		}
	})
}

// The employer that a row names is where somebody at work is, and where a leaver
// went; the place that a list of leavers names is where they learn now.
func TestWhereTheyWork(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-10-05"))
		in := h.review(list{kind: "starters-leavers", asAt: day("2026-10-25"), text: "Learner Ref,Surname,Forename,DOB,Date Left,Destination,Destination college,Employer\n" +
			"A1,Oakmerstead,Robert,02/11/2009,16/10/2026,Apprenticeship,,Dunlin Logistics\nA2,Tarnbrook,Amina,14/03/2009,16/10/2026,College,Southcliff College,\n"})
		if lost := in.NotHeld(); len(lost) > 0 {
			t.Errorf("nothing comes of %q", lost)
		}
		h.applied(in.Ref)
		for who, want := range map[string]string{"Robert": "310 from 2026-10-17 at Dunlin Logistics", "Amina": "230 from 2026-10-17 at Southcliff College"} {
			if got := h.current(who) + " at " + h.place(who); got != want {
				t.Errorf("%s: %s, not %s", who, got, want)
			}
		}
		// The provider of an apprentice is no reason to end what the employer named.
		again := h.review(list{kind: "apprenticeship-starts", asAt: day("2026-10-27"), text: "Learner Ref,Surname,Forename,DOB,Start Date,Training provider,Employer\nA1,Oakmerstead,Robert,02/11/2009,17/10/2026,,Dunlin Logistics Ltd\n"})
		if told := h.told(again.Ref); strings.Contains(told, "activity:") {
			t.Errorf("the same apprenticeship begins again:\n%s", told)
		}
	})
}
