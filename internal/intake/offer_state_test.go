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

// offersOf are the offers of one, "place: state" with its numbers.
func (h *house) offersOf(given string) []string {
	h.t.Helper()
	var out []string
	for _, o := range h.person(given).Offers {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", o.Is.Place, o.Is.State, o.Is.Number, o.Is.UKPRN)))
	}
	slices.Sort(out)
	return out
}

// What became of an offer is told by a column of its own, apart from the status of
// the guarantee; the place has the numbers that the list gives it; and all of it is
// taken back with the list.
func TestAListTellsWhatBecameOfAnOffer(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "people", asAt: day("2026-05-01"), text: "Surname,Forename,Date of birth,Postcode\nThistlewood,Ana,05/01/2010,LW1 1AA\nSaltmarsh,Ngozi,15/11/2009,LW2 2BB\nOkonkwo,Wren,22/04/2010,LW3 3CC\n"})
		empty := h.facts()
		const head = "Surname,Forename,DOB,Offer Institution,Offer UKPRN,Offer DfE Number,Course,September Guarantee,Offer decision\n"
		first := h.apply(list{kind: "september-guarantee", asAt: day("2026-06-01"), text: head +
			"Thistlewood,Ana,05/01/2010,Northshore College,10009991,9998001,A levels,Y,Conditional offer\n" +
			"Saltmarsh,Ngozi,15/11/2009,Northshore College,10009991,,T Level,Y,Offer\n" +
			"Okonkwo,Wren,22/04/2010,Northshore College,10009991,,T Level,Y,UF\n"})
		for given, want := range map[string]string{"Ana": "Northshore College: conditional 9998001 10009991", "Ngozi": "Northshore College: offered  10009991", "Wren": "Northshore College: accepted  10009991"} {
			if got := h.offersOf(given); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %q, not %q", given, got, want)
			}
		}
		before := h.facts()
		second := h.review(list{kind: "september-guarantee", asAt: day("2026-07-01"), text: head +
			"Thistlewood,Ana,05/01/2010,Northshore College,10009991,,A levels,Y,Firm\n" +
			"Saltmarsh,Ngozi,15/11/2009,Northshore College,,,T Level,Y,Declined\n" +
			"Okonkwo,Wren,22/04/2010,Northshore Coll.,10009991,,T Level,Y,Offer\n"})
		shown := ""
		for _, row := range h.rows(second.Ref, intake.Filter{}) {
			shown += fmt.Sprintf("%+v\n", row)
		}
		h.applied(second.Ref)
		for given, want := range map[string]string{"Ana": "Northshore College: accepted 9998001 10009991", "Ngozi": "Northshore College: declined  10009991", "Wren": "Northshore College: accepted  10009991"} {
			if got := h.offersOf(given); !slices.Equal(got, []string{want}) {
				t.Errorf("then %s: %q, not %q", given, got, want)
			}
		}
		for _, words := range []string{"Offered with conditions", "Accepted", "Declined by the young person"} {
			if !strings.Contains(shown, words) {
				t.Errorf("before and after do not show %q:\n%s", words, shown)
			}
		}
		h.undo(second.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("the second list taken back", before)
		h.undo(first.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("both taken back", empty)
	})
}

// A list of UCAS tells the place that offered, and what became of it, of those who
// finish Year 13.
func TestUCASTellsThePlaceThatOffered(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(list{kind: "people", asAt: day("2026-05-01"), text: "Surname,Forename,Date of birth,Postcode\nThistlewood,Ana,05/01/2008,LW1 1AA\nSaltmarsh,Ngozi,15/11/2007,LW2 2BB\n"})
		before := h.facts()
		in := h.apply(list{kind: "ucas", asAt: day("2026-06-01"), text: "Surname,Forename,DOB,Applied to,Course,UCAS decision\n" +
			"Thistlewood,Ana,05/01/2008,University of Saltmarsh,Marine Biology,CF\nSaltmarsh,Ngozi,15/11/2007,University of Saltmarsh,History,Rejected\n"})
		for given, want := range map[string]string{"Ana": "University of Saltmarsh: accepted", "Ngozi": "University of Saltmarsh: withdrawn"} {
			if got := h.offersOf(given); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %q, not %q", given, got, want)
			}
		}
		h.undo(in.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("taken back", before)
	})
}
