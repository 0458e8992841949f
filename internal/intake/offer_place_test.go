package intake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
	"waymark/internal/provider"
)

// establishments puts a list of establishments in force.
func (h *house) establishments(list ...provider.Establishment) {
	h.t.Helper()
	err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		set := dataset.Set{Kind: dataset.Establishments, Edition: "2026-05-01", FileName: "edubaseall.csv", SHA256: "x"}
		if err := dataset.Receive(tx, h.by, &set); err != nil {
			return err
		}
		if err := provider.AddEstablishments(tx, h.reg.ID, set.ID, list); err != nil {
			return err
		}
		a, err := act.Begin(tx, h.by, access.KeepReference, 0, act.Request{})
		if err != nil {
			return err
		}
		return dataset.Enforce(tx, a, &set)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// coursesOf are the offers of one, "place (number, UKPRN): course".
func (h *house) coursesOf(given string) []string {
	h.t.Helper()
	var out []string
	for _, o := range h.person(given).Offers {
		out = append(out, fmt.Sprintf("%s (%s, %s): %s", o.Is.Place, o.Is.Number, o.Is.UKPRN, o.Is.Course))
	}
	slices.Sort(out)
	return out
}

// A list that names the place of an offer by its URN, or by another number alone,
// finds it in the reference data; the number of a course is kept beside its title.
func TestAnOfferIsFoundByTheURNOfItsPlace(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.establishments(provider.Establishment{URN: "139901", Number: "9998001", UKPRN: "10009991", Name: "Northshore College", Status: provider.Open})
		h.apply(list{kind: "people", asAt: day("2026-05-01"), text: "Surname,Forename,Date of birth,Postcode\nThistlewood,Ana,05/01/2010,LW1 1AA\nSaltmarsh,Ngozi,15/11/2009,LW2 2BB\nOkonkwo,Wren,22/04/2010,LW3 3CC\n"})
		before := h.facts()
		const head = "Surname,Forename,DOB,Offer Institution,Institution URN,Offer DfE number,Course,Offering code,September Guarantee\n"
		in := h.review(list{kind: "september-guarantee", asAt: day("2026-06-01"), text: head +
			"Thistlewood,Ana,05/01/2010,,139901,,A levels,NS-A12,Y\n" +
			"Saltmarsh,Ngozi,15/11/2009,The Lantern Works,139999,,T Level,,Y\n" +
			"Okonkwo,Wren,22/04/2010,,,9998001,,NS-T07,Y\n"})
		if lost := in.NotHeld(); len(lost) > 0 {
			t.Errorf("the file says that %v is not held", lost)
		}
		said := ""
		for _, row := range h.rows(in.Ref, intake.Filter{}) {
			said += fmt.Sprintf("%d %+v\n", row.Number, row.Changes)
		}
		if strings.Count(said, "No establishment has the URN") != 1 || !strings.Contains(said, "URN 139999") {
			t.Errorf("of the URN that nobody has is said\n%s", said)
		}
		h.applied(in.Ref)
		is := func(want map[string][]string) {
			t.Helper()
			for given, offers := range want {
				if got := h.coursesOf(given); !slices.Equal(got, offers) {
					t.Errorf("%s has %q, not %q", given, got, offers)
				}
			}
		}
		is(map[string][]string{"Ana": {"Northshore College (9998001, 10009991): A levels, NS-A12"}, "Ngozi": {"The Lantern Works (, ): T Level"}, "Wren": {"Northshore College (9998001, 10009991): NS-T07"}})
		// The same course by its title alone, and one by its number and title.
		then := h.apply(list{kind: "september-guarantee", asAt: day("2026-07-01"), text: head +
			"Thistlewood,Ana,05/01/2010,Northshore College,,,A Levels,,Y\nOkonkwo,Wren,22/04/2010,,139901,,T Level,NS-T07,Y\n"})
		is(map[string][]string{"Ana": {"Northshore College (9998001, 10009991): A levels, NS-A12"}, "Wren": {"Northshore College (9998001, 10009991): T Level, NS-T07"}})
		h.undo(then.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.undo(in.Ref, intake.Undoing{Reason: "The list was of another school"})
		h.same("taken back", before)
	})
}
