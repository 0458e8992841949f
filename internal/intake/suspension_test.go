package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
)

// signsOf are the signs of one, each with its day.
func (h *house) signsOf(given string) []string {
	h.t.Helper()
	var out []string
	for _, s := range h.person(given).Signals {
		out = append(out, fmt.Sprintf("%s %s %s", s.Started, s.Is.Value, s.Is.Measure))
	}
	slices.Sort(out)
	return out
}

// Single suspensions are counted up for each young person, with the days that they
// took: a later list adds its own point, a row mended counts anew, and all of it is
// taken back with the list.
func TestSingleSuspensionsAreCountedUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "people", asAt: day("2026-01-05"), text: "Surname,Forename,Date of birth,Postcode\nThistlewood,Ana,05/01/2010,LW1 1AA\nSaltmarsh,Ngozi,15/11/2009,LW2 2BB\nOkonkwo,Wren,22/04/2010,LW3 3CC\n"})
		empty := h.facts()
		const head = "Surname,Forename,DOB,Postcode,Suspension start,Days,Reason\n"
		text := head + "Thistlewood,Ana,05/01/2010,LW1 1AA,14/10/2025,1,Damage\n" +
			"Saltmarsh,Ngozi,15/11/2009,LW2 2BB,03/11/2025,2.5,Damage\n" +
			"Saltmarsh,Ngozi,15/11/2009,LW2 2BB,03/11/2025,2.5,Verbal abuse\n" +
			"Saltmarsh,Ngozi,15/11/2009,LW2 2BB,12/01/2026,0.5,Damage\n" +
			"Okonkwo,Wren,22/04/2010,LW3 3CC,02/02/2026,,Permanent\n" +
			"Saltmarsh,Ngozi,15/11/2009,LW2 2BB,,5 days,\n"
		first := h.review(list{kind: "suspensions", asAt: day("2026-03-02"), text: text})
		if lost := first.NotHeld(); len(lost) > 0 || first.Counts.Clashes > 0 {
			t.Errorf("the file says %v is not held, and has %d clashes", lost, first.Counts.Clashes)
		}
		shown := ""
		for _, row := range h.rows(first.Ref, intake.Filter{}) {
			shown += fmt.Sprintf("%d %s %+v\n", row.Number, row.Outcome, row.Changes)
		}
		if n := strings.Count(shown, "Counted together with row 3"); n != 3 {
			t.Errorf("%d rows are said to be counted with another:\n%s", n, shown)
		}
		h.applied(first.Ref)
		is := func(when string, want map[string][]string) {
			t.Helper()
			for given, signs := range want {
				if got := h.signsOf(given); !slices.Equal(got, signs) {
					t.Errorf("%s, %s has %q, not %q", when, given, got, signs)
				}
			}
		}
		march := map[string][]string{"Ana": {"2026-03-02 1 days suspended or excluded", "2026-03-02 1 suspensions and exclusions"},
			"Ngozi": {"2026-03-02 3 suspensions and exclusions", "2026-03-02 8 days suspended or excluded"}, "Wren": {"2026-03-02 1 suspensions and exclusions"}}
		is("in March", march)
		before := h.facts()
		// Sent again a month later, with one more.
		second := h.apply(list{kind: "suspensions", asAt: day("2026-04-06"), text: text + "Okonkwo,Wren,22/04/2010,LW3 3CC,10/03/2026,3,Damage\n"})
		is("in April", map[string][]string{"Wren": {"2026-03-02 1 suspensions and exclusions", "2026-04-06 2 suspensions and exclusions", "2026-04-06 3 days suspended or excluded"}})
		h.undo(second.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("the second list taken back", before)
		h.undo(first.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("both taken back", empty)
	})
}

// A row that somebody leaves out is counted no more.
func TestASuspensionLeftOutIsNotCounted(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "people", asAt: day("2026-01-05"), text: "Surname,Forename,Date of birth,Postcode\nThistlewood,Ana,05/01/2010,LW1 1AA\n"})
		in := h.review(list{kind: "suspensions", asAt: day("2026-03-02"), text: "Surname,Forename,DOB,Postcode,Exclusion date,No. of sessions\n" +
			"Thistlewood,Ana,05/01/2010,LW1 1AA,14/10/2025,3\nThistlewood,Ana,05/01/2010,LW1 1AA,12/01/2026,4\n"})
		if err := h.s.Decide(t.Context(), h.by, in.Ref, 2, intake.DecideSkip, ""); err != nil {
			t.Fatal(err)
		}
		h.applied(in.Ref)
		if got, want := h.signsOf("Ana"), []string{"2026-03-02 1 suspensions and exclusions", "2026-03-02 2 days suspended or excluded"}; !slices.Equal(got, want) {
			t.Errorf("Ana has %q, not %q", got, want)
		}
	})
}
