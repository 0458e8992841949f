package imports_test

import (
	"testing"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/youngperson"
)

// TestASupplierIsFollowedNoFurtherThanAnOptOutLeaves loads files about somebody
// who has said that no more than the basics is taken over, and then nothing.
func TestASupplierIsFollowedNoFurtherThanAnOptOutLeaves(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(text(t, october, record("1230000000001")))
		l := h.only()
		optOut := func(scope string) {
			h.do(l.Person.ID, func(tx *db.Tx, a *act.Act) error {
				_, err := youngperson.OptOuts.New(tx, a, l.Person.ID, "2026-11-01", youngperson.OptOut{Scope: scope, SaidBy: youngperson.SaidByPerson})
				return err
			})
		}
		optOut(youngperson.OptOutBeyond)
		later := november
		r := h.load(text(t, november, record("1230000000001", nccis.GivenName, "Linnet", nccis.AddressLine1, "2 Teal Road", nccis.Ethnicity, "WBRI",
			nccis.UniqueLearnerNo, ulnA, nccis.LevelOfNeedCode, "1", nccis.ActivityCode, "619", nccis.StartDate, "2026-11-20", nccis.PredictedEndDate, "")))
		if notes := h.notes(r, imports.OptedOut); len(notes) != 1 {
			t.Errorf("notes: %+v", notes)
		}
		l = h.only()
		if got := l.Names[0].Is.Given; got != "Linnet" {
			t.Errorf("the name is %q: who they are still flows", got)
		}
		if len(l.Addresses) != 1 || l.Addresses[0].Is.Line1 != "2 Teal Road" {
			t.Errorf("the address is %+v: where they live still flows", l.Addresses)
		}
		if l.Particulars[0].Is.Ethnicity != "" || len(l.Identifiers) != 0 || l.Needs[0].Is.Level != "3" || len(l.Spells) != 1 || l.Spells[0].Is.Activity != "230" {
			t.Errorf("more than the basics was taken over: %+v %+v %+v %+v", l.Particulars, l.Identifiers, l.Needs, l.Spells)
		}
		optOut(youngperson.OptOutAll)
		h.load(text(t, later, record("1230000000001", nccis.GivenName, "Robin")))
		if got := h.only().Names[0].Is.Given; got != "Linnet" {
			t.Errorf("the name is %q, of somebody who said that nothing is taken over", got)
		}
		// Nobody else is held up by it.
		h.load(text(t, later, record("1230000000002")))
		if n := len(h.lives()); n != 2 {
			t.Errorf("%d people", n)
		}
	})
}
