package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/intake/intaketest"
	"waymark/internal/merge"
)

// doubled applies a list that adds a double of Robert and changes Amina, and puts
// the double together with Robert.
func (h *house) doubled(s *merge.Service) (file intake.Intake, merged string) {
	h.t.Helper()
	file = h.apply(list{kind: "enrolment", asAt: day("2026-11-02"), text: "Learner ID,Surname,Forename,Date of birth,Postcode,Mobile,Start date\n" +
		"B7,Valehurst,Bertie,03/12/2009,LW7 7BB,07700 900701,21/09/2026\nA2,Tarnbrook,Amina,14/03/2009,LW9 9ZZ,,07/09/2026\n"})
	robert, double := h.person("Robert"), h.person("Bertie")
	ref, err := s.Join(h.t.Context(), h.by, merge.Joining{Keep: robert.Person.Ref, Other: double.Person.Ref, Reason: "They say so", Seen: merge.Seen(robert, double)})
	if err != nil {
		h.t.Fatalf("put together: %v", err)
	}
	return file, string(ref)
}

func (h *house) merges() *merge.Service {
	h.t.Helper()
	s, err := merge.New(h.record)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(s.Close)
	return s
}

func (h *house) takeApart(s *merge.Service, ref string) {
	h.t.Helper()
	u, err := s.Undoing(h.t.Context(), h.by, id.Ref(ref))
	if err != nil {
		h.t.Fatalf("look at taking apart: %v", err)
	}
	if err := s.TakeApart(h.t.Context(), h.by, merge.TakingApart{Merge: id.Ref(ref), Reason: "They are two", Seen: u.Seen}); err != nil {
		h.t.Fatalf("take apart: %v", err)
	}
}

// A list is taken back after a person whom it added was put together with another and
// the two were taken apart again: the register is what it was before the list.
func TestUndoneAfterAMergeTakenApart(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.merges()
		h.apply(roll(october, "2026-10-05"))
		before := h.facts()
		file, ref := h.doubled(s)
		h.takeApart(s, ref)
		h.undo(file.Ref, intake.Undoing{})
		h.same("taken apart, and the list taken back", before)
		h.standingsHold()
	})
}

// While they are one record, who was put together is told as kept: never dropped in
// silence, nor taken back with the record that they are part of. Taken apart later,
// they have what the list said of them, and the rest of it stays taken back.
func TestUndoneUnderAMerge(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.merges()
		h.apply(roll(october, "2026-10-05"))
		before := h.facts()
		file, ref := h.doubled(s)
		p, err := h.s.LookAtUndo(t.Context(), h.by, file.Ref)
		if err != nil || len(p.Kept) != 1 || !p.Kept[0].Merged {
			t.Fatalf("%+v %v", p, err)
		}
		for what, how := range map[string]intake.Undoing{"not said to be kept": {}, "taken back too": {TakeBack: []id.Ref{p.Kept[0].Ref}}} {
			if _, err := h.s.Undo(t.Context(), h.by, file.Ref, how); !errors.As(err, new(intake.Refusal)) {
				t.Errorf("%s: %v", what, err)
			}
		}
		h.undo(file.Ref, intake.Undoing{Keep: true})
		h.standingsHold()
		if got := h.person("Amina").Addresses[0].Is.Postcode; got == "LW9 9ZZ" {
			t.Error("what the list said of others is still held")
		}
		h.takeApart(s, ref)
		h.standingsHold()
		came, went := intaketest.Besides(before, h.facts())
		double := fmt.Sprint(int64(h.person("Bertie").Person.ID))
		if len(went) > 0 || len(came) == 0 || slices.ContainsFunc(came, func(f string) bool { return !strings.Contains(f, " "+double) }) {
			t.Errorf("of others is held too much\n%s\ntoo little\n%s", strings.Join(came, "\n"), strings.Join(went, "\n"))
		}
	})
}
