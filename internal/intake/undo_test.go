package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

func TestUndoneAMonthLater(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october, "2026-10-05"))
		month := strings.Replace(october, "LW2 8WH", "LW9 9ZZ", 1) +
			"A8,,Marram,Kofi,09/09/2009,M,LW5 5AA,07/09/2026,A levels\nA9,,Sandgate,Wilfred,05/05/2009,M,LW1 1AA,07/09/2026,A levels\n"
		in := h.apply(roll(month, "2026-11-02"))
		// Since then: Amina is at work (built on what the file confirmed), Kofi, whom
		// the file added, has a telephone, and another file came.
		h.recorded("Amina", "330", "2026-11-05", act.Visit, "2026-11-06")
		kofi := h.person("Kofi").Person.Ref
		if err := h.record.SetReach(ctx, h.by, kofi, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900456"}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		p, err := h.s.LookAtUndo(ctx, h.by, in.Ref)
		if err != nil || p.Added != 2 || len(p.Kept) != 1 || p.Kept[0].Ref != kofi || p.People != 5 {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := h.s.Undo(ctx, h.by, in.Ref, intake.Undoing{}); !errors.As(err, new(intake.Refusal)) {
			t.Errorf("undone over what others recorded: %v", err)
		}
		h.undo(in.Ref, intake.Undoing{Keep: true, Reason: "The wrong file"})
		if h.person("Robert").Addresses[0].Is.Postcode != "LW2 8WH" || h.current("Amina") != "330 from 2026-11-05" || len(h.person("Kofi").Reaches) != 1 {
			t.Errorf("%+v", h.facts())
		}
		if len(h.lives()) != 4 {
			t.Errorf("%d people", len(h.lives()))
		}
		h.standingsHold()
	})
}

func TestUndoneWithWhatOthersBuiltOnIt(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.apply(roll(october, "2026-10-05"))
		before := h.facts()
		in := h.apply(list{kind: "starters-leavers", asAt: day("2026-11-02"), text: "Student ref,Surname,Forename,Date of birth,Start date,Leaving date,Postcode\n" +
			"A1,Oakmerstead,Robert,02/11/2009,07/09/2026,16/10/2026,\n" +
			"A2,Tarnbrook,Amina,14/03/2009,07/09/2026,,LW9 9ZZ\n" +
			"A8,Marram,Kofi,09/09/2009,07/09/2026,,LW5 5AA\n"})
		// Others confirm and correct what the file said.
		robert := h.person("Robert")
		if err := h.record.ConfirmActivity(ctx, h.by, robert.Person.Ref, record.Still{On: day("2026-11-06")}, seenOf(h, "Robert"), record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		h.recordedAs("Robert", "619", "2026-10-17")
		kofi := h.person("Kofi").Person.Ref
		if err := h.record.SetReach(ctx, h.by, kofi, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900456"}, 0, record.Told{Kind: act.Telephone}); err != nil {
			t.Fatal(err)
		}
		p, err := h.s.LookAtUndo(ctx, h.by, in.Ref)
		if err != nil || len(p.BuiltOn) != 1 || p.BuiltOn[0].Ref != robert.Person.Ref || len(p.Kept) != 1 {
			t.Fatalf("%+v %v", p, err)
		}
		h.undo(in.Ref, intake.Undoing{TakeBack: []id.Ref{robert.Person.Ref, kofi}})
		h.same("taken back with all that was built on it", before)
		h.standingsHold()
	})
}

func seenOf(h *house, given string) id.Act {
	l := h.person(given)
	return l.Spells[l.CurrentSpell(day("2026-11-10"))].KnownFrom
}

// recordedAs corrects the current activity by hand.
func (h *house) recordedAs(given, activity, started string) {
	h.t.Helper()
	l := h.person(given)
	s := l.Spells[l.CurrentSpell(day("2026-11-10"))]
	if err := h.record.CorrectActivity(context.Background(), h.by, l.Person.Ref, s.ID, record.NewSpell{Activity: activity, Started: day(started), Ascertained: day("2026-11-06"), Verified: day("2026-11-06")},
		s.KnownFrom, record.Told{Kind: act.Telephone, On: day("2026-11-06")}); err != nil {
		h.t.Fatalf("correct an activity: %v", err)
	}
}

// wildList is a list of people of the same small world, as odd as may be.
func wildList(r *rand.Rand) list {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	kind := pick("full-roll", "enrolment", "starters-leavers", "pupil-list", "september-guarantee", "intended-destinations", "care", "send", "attendance", "claimants", "people", "apprenticeship-starts")
	var b strings.Builder
	b.WriteString("Student ref,ULN,Surname,Forename,Known as,Date of birth,Gender,Postcode,Address line 1,Mobile,Start date,Leaving date,Reason for leaving,September Guarantee,Intended destination,EHCP,SEN support,Attendance,Benefit,Parent name,Opt out\n")
	given, family := []string{"Robert", "Amina", "Iwan", "Leila", "Kofi", "Maeve", "Bob"}, []string{"Oakmerstead", "Tarnbrook", "Fellgate"}
	for range 1 + r.IntN(14) {
		who := r.IntN(12)
		dob := fmt.Sprintf("%02d/%02d/%d", 13+who, 1+who%12, 2008+who%3)
		if r.IntN(9) == 0 {
			dob = pick("", "31/02/2009", "1951-01-01", "45000", "05/06/2009")
		}
		fmt.Fprintf(&b, "%s,,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", pick("", fmt.Sprint("W", who)), family[who%3], given[who%7], pick("", "", "Jo"), dob,
			pick("M", "F", ""), pick("LW1 1AA", "LW2 2BB", "LW9 9ZZ", ""), pick("1 High Street", ""), pick("", fmt.Sprintf("07700 9000%02d", r.IntN(30))),
			pick("07/09/2026", "21/09/2026", "15/01/2026", "", "19/11/2026"), pick("", "", "", "16/10/2026", "31/07/2027"), pick("", "", "", "Withdrew", "Left for a job"),
			pick("", "Offer made", "110", "140"), pick("", "111", "211"), pick("", "Y", "N"), pick("", "Y"), pick("", "93.5", "81"), pick("", "Universal Credit"),
			pick("", "Pat Tarnbrook"), pick("", "", "", "", "Y"))
	}
	return list{kind: kind, text: b.String(), asAt: day(pick("2026-09-25", "2026-10-05", "2026-10-20", "2026-11-02", "2026-11-09")), whole: r.IntN(2) == 0}
}

// tryApply applies a list if it can be read at all.
func (h *house) tryApply(l list) (intake.Intake, bool) {
	ctx := context.Background()
	ref, err := h.tryConfirm(ctx, l)
	if err == nil {
		err = h.s.Work(ctx, h.by, ref, nil)
	}
	if err != nil {
		return intake.Intake{}, false
	}
	for _, r := range h.rows(ref, intake.Filter{Outcome: intake.OutcomeWaiting}) {
		if r.Name != "" && r.Born != "" && strings.Contains(r.Name, " ") {
			if err := h.s.Decide(ctx, h.by, ref, r.Number, intake.DecideNew, ""); err != nil {
				h.t.Fatalf("decide: %v", err)
			}
			break
		}
	}
	gone, _, err := h.s.Gone(ctx, h.by, ref, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, g := range gone {
		if err := h.s.DecideGone(ctx, h.by, ref, g.Person, intake.GoneLeft); err != nil {
			h.t.Fatal(err)
		}
	}
	return h.applied(ref), true
}

func TestAppliedAndUndoneIsAsBefore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		applied, changed := 0, 0
		seeds := uint64(30)
		if d.Engine == db.Postgres {
			seeds = 8 // the same rules on an engine that takes longer to begin
		}
		for seed := range seeds {
			a, c := h0(t, d).appliedAndUndone(rand.New(rand.NewPCG(seed, 1)))
			applied, changed = applied+a, changed+c
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		if applied == 0 || changed == 0 {
			t.Errorf("of random lists %d were applied and %d changed anything: the test tries nothing", applied, changed)
		}
	})
}

// h0 is a house without a register yet.
func h0(t *testing.T, d *db.DB) *house { return &house{t: t, db: d} }

// appliedAndUndone applies random lists to a random register and takes them
// back, the last first. It returns how many were applied, and changed anything.
func (h *house) appliedAndUndone(r *rand.Rand) (applied, changed int) {
	h.freshRegister(fmt.Sprint(r.Uint64()))
	for range r.IntN(4) {
		h.tryApply(wildList(r))
	}
	before := h.facts()
	var undo []id.Ref
	for range 1 + r.IntN(2) {
		in, ok := h.tryApply(wildList(r))
		if ok {
			applied++
		}
		if ok && in.Act != 0 {
			undo = append(undo, in.Ref)
			changed++
		}
	}
	h.standingsHold()
	slices.Reverse(undo)
	for _, ref := range undo {
		h.undo(ref, intake.Undoing{})
	}
	h.same("undone", before)
	h.standingsHold()
	return applied, changed
}
