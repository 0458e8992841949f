package returns

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
)

// ailments has, for each rule, items that make its check complain.
func ailments() map[string]map[nccis.Field]string {
	neet := map[nccis.Field]string{nccis.ActivityCode: "660", nccis.PredictedEndDate: "", nccis.ReviewDate: "2026-12-01", nccis.NEETStartDate: "2026-09-20"}
	return map[string]map[nccis.Field]string{
		"43":  {nccis.Postcode: "l11aa"},
		"44":  {nccis.GivenName: "R0wan (Ash)"},
		"45":  {nccis.FamilyName: "Thistle/down"},
		"46":  {nccis.MiddleName: "J0"},
		"4":   {nccis.Gender: ""},
		"5":   {nccis.Gender: "f"},
		"6":   {nccis.Ethnicity: ""},
		"7":   {nccis.Ethnicity: "wbri"},
		"30":  {nccis.UniqueLearnerNo: "100 000 0000"},
		"38":  {nccis.UniquePupilNumber: "A 123-456789012"},
		"34":  {nccis.TransferredToLACode: "341"},
		"25":  {nccis.LEACodeAtYear11: "341", nccis.Year11GuaranteeStatus: "110", nccis.Year11LEACode: "991", nccis.DOB: "2010-01-01"},
		"9":   {nccis.DOB: "1999-01-01", nccis.SENDFlag: "Y"},
		"40":  {nccis.DOB: "2007-01-01"},
		"102": {nccis.SENDFlag: "yes"},
		"103": {nccis.SENDFlag: ""},
		"303": {nccis.SENSupportFlag: ""},
		"304": {nccis.SENSupportFlag: "n"},
		"306": {nccis.SENDFlag: "Y", nccis.SENSupportFlag: "Y"},
		"905": {nccis.CohortStatus: "G", nccis.DOB: "2010-01-01"},
		"906": {nccis.GuaranteeStatusIndicator: "Y", nccis.DOB: "2009-01-01", nccis.Year12GuaranteeStatus: "110"},
		"225": neet,
		"226": {nccis.NEETStartDate: "2026-09-01"},
		"230": {nccis.ActivityCode: "110", nccis.StartDate: "2025-09-03", nccis.DateAscertained: "2025-09-10", nccis.DateVerified: "2025-09-10", nccis.PredictedEndDate: "2026-07-31", nccis.DueToLapseDate: "2026-07-31", nccis.CurrencyLapsed: "Y"},
		"259": {nccis.ActivityCode: "110", nccis.DOB: "2011-01-01", nccis.PredictedEndDate: "", nccis.DueToLapseDate: "2027-08-31"},
		"237": {nccis.DateAscertained: "2026-10-06"},
		"242": {nccis.DateAscertained: "2026-09-01"},
	}
}

func TestEachMendTakesItsFindingAway(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		checks := slices.Sorted(maps.Keys(rules()))
		if got := slices.Sorted(maps.Keys(ailments())); !slices.Equal(got, checks) {
			t.Fatalf("rules for %v, tried for %v", checks, got)
		}
		var records []nccis.Record
		for _, check := range checks {
			records = append(records, with(h.clean(), ailments()[check]))
		}
		keys := h.load(october(), records...)
		before := xml(t, h.build("2026-10", Options{}))
		var mends []id.Act
		for i, check := range checks {
			changes, err := h.s.Preview(context.Background(), h.officer(), october().InMonth(), nil, check)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(changes, func(c Change) bool { return c.Person == keys[i] })
			if at < 0 {
				t.Errorf("check %s: nothing to mend; findings %v", check, h.build("2026-10", Options{}).Problems(check, 0, 0))
				continue
			}
			number, done, err := h.s.Apply(context.Background(), h.officer(), october().InMonth(), nil, check, []id.Ref{changes[at].Ref}, "")
			if err != nil || len(done) != 1 || fmt.Sprint(done[0].Edits) != fmt.Sprint(changes[at].Edits) {
				t.Fatalf("check %s: %v, %v", check, done, err)
			}
			mends = append(mends, number)
			after := h.build("2026-10", Options{})
			for _, p := range after.ProblemsOf(changes[at].Ref) {
				if p.Check == check {
					t.Errorf("check %s still says: %s", check, p.Message)
				}
			}
			if _, _, err := h.s.Apply(context.Background(), h.officer(), october().InMonth(), nil, check, []id.Ref{changes[at].Ref}, ""); err == nil {
				t.Errorf("check %s: mended twice", check)
			}
		}
		h.mergedSince(keys[0], keys[1])
		list, err := h.s.LastMends(context.Background(), h.officer(), 100)
		if err != nil || len(list) != len(mends) || list[0].People != 1 || list[0].Undone {
			t.Errorf("%v, %v", list, err)
		}
		for _, number := range slices.Backward(mends) {
			if _, err := h.s.UndoMend(context.Background(), h.officer(), number, ""); err != nil {
				t.Fatal(err)
			}
		}
		if after := xml(t, h.build("2026-10", Options{})); string(after) != string(before) {
			t.Error("undoing all did not bring the return back")
		}
		_, err = h.s.UndoMend(context.Background(), h.officer(), mends[0], "")
		h.refused(err, "undo", "already")
	})
}

// mergedSince writes an act of another kind that is about two people, as a
// merge is: nothing that was mended together, and nothing to take back here.
func (h *house) mergedSince(people ...id.YoungPerson) {
	h.Helper()
	err := h.s.DB.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.officer(), access.MergePeople, 0, act.Request{Reason: "two records of one young person"})
		if err != nil {
			return err
		}
		return h.s.about(tx, a, people)
	})
	if err != nil {
		h.Fatal(err)
	}
}

// TestOfferedWhereItHelps has one check whose rule can mend somebody, and one
// whose rule can mend nobody, until somebody is added whom it can.
func TestOfferedWhereItHelps(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.load(october(), with(h.clean(), ailments()["44"]), with(h.clean(), map[nccis.Field]string{nccis.UniqueLearnerNo: "12"}))
		draft := h.build("2026-10", Options{})
		can := func(check string) bool {
			ok, err := h.s.Mendable(context.Background(), h.officer(), draft, check)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		for range 2 { // the second time from memory
			if _, found := draft.Group("30"); !found || can("30") || !can("44") || can("1") {
				t.Errorf("found %v; 30 %v, 44 %v, 1 %v", found, can("30"), can("44"), can("1"))
			}
		}
		h.load(october(), with(h.clean(), ailments()["30"]))
		if draft = h.build("2026-10", Options{}); !can("30") {
			t.Error("30 is not offered for the one whom it can mend")
		}
	})
}

func TestUndoLeavesWhatWasDoneSince(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		flagless := map[nccis.Field]string{nccis.SENSupportFlag: ""}
		keys := h.load(october(), with(h.clean(), flagless), with(h.clean(), flagless), with(h.clean(), flagless))
		var refs []id.Ref
		for _, p := range h.build("2026-10", Options{}).Problems("303", 0, 0) {
			refs = append(refs, p.Person.Ref)
		}
		number, changes, err := h.s.Apply(context.Background(), h.officer(), october().InMonth(), nil, "303", refs[:2], "once")
		if err != nil || len(changes) != 2 {
			t.Fatalf("%v, %v", changes, err)
		}
		if _, _, err := h.s.Apply(context.Background(), h.officer(), october().InMonth(), nil, "303", refs, "once"); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("the same form twice: %v", err)
		}
		h.setNeed(keys[0], func(n *need.Need) { n.SENSupport = "Y" })
		undone, err := h.s.UndoMend(context.Background(), h.officer(), number, "")
		if err != nil || !slices.Equal(undone.People, keys[:2]) || !slices.Equal(undone.BuiltOn, keys[:1]) {
			t.Errorf("%+v, %v", undone, err)
		}
		var flags []string
		for _, p := range h.build("2026-10", Options{}).People {
			flags = append(flags, p.Record.Values[nccis.SENSupportFlag])
		}
		if !slices.Equal(flags, []string{"Y", "", ""}) {
			t.Errorf("%q", flags)
		}
		if _, err := h.s.Preview(context.Background(), h.who("Maud Pennyfeather", access.TeamManager), october().InMonth(), nil, "303"); !errors.As(err, &access.Denied{}) {
			t.Errorf("a manager mends together: %v", err)
		}
		if _, ok := Mends("1"); ok {
			t.Error("an identifier is mended by rule")
		}
	})
}
