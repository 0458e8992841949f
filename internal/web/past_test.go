package web

import (
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// passed says that what was done so far since an act was done at a moment.
func (h *house) passed(t testing.TB, since id.Act, at string) id.Act {
	t.Helper()
	var last id.Act
	err := h.db.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec("UPDATE act SET at = $1 WHERE register = 1 AND number > $2", at, int64(since)); err != nil {
			return err
		}
		return tx.QueryRow("SELECT last_act FROM register WHERE id = 1").Scan(&last)
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func TestThePastOfARecord(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		// 23:30 UTC on the last of May is June in London.
		began := h.passed(t, 0, "2026-05-31T23:30:00.000000Z")
		h.atCollege(t, ref)
		h.passed(t, began, "2026-09-20T09:00:00.000000Z")
		sum, err := h.Record.Summary(t.Context(), h.actor(access.Adviser), ref)
		if err != nil {
			t.Fatal(err)
		}
		name := record.Seen(sum.Life.LegalName(civil.MustParse("2026-11-10")))
		address := record.Seen(life.InForce(sum.Life.Addresses, civil.MustParse("2026-11-10")))
		for _, err := range []error{
			h.Record.CorrectName(t.Context(), h.actor(access.DataOfficer), ref, youngperson.Name{Given: "Wren", Family: "Larkmoor"}, name, told()),
			h.Record.CorrectAddress(t.Context(), h.actor(access.DataOfficer), ref, youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AB"}, address, told()),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		page := "/young-people/" + string(ref)
		h.run(t, []Scenario{
			{Name: "now", As: access.TeamManager, URL: page, Want: []string{"Wren Larkmoor", "9 Kite Street", "Record a contact", "See this page as it was known on a day"}, WantNot: []string{"As known on"}},
			{Name: "in October", As: access.TeamManager, URL: page + "?known-on=2026-10-31",
				Want: []string{"As known on 31 October 2026.", "Changes made since are not shown.", `href="` + page + `">Show as known now`, "Wren Ashdown", "4 Lantern Row", "sixth-form college",
					`href="` + page + `/history?known-on=2026-10-31"`, `href="/lapsing?known-on=2026-10-31"`, "sources=yes&amp;known-on=2026-10-31"},
				WantNot: []string{"Larkmoor", "Kite Street", "/edit", "activity/new", "contact/new", "Correct<"}},
			{Name: "in June, in three boxes", As: access.DataOfficer, URL: page + "?known-on-day=30&known-on-month=june&known-on-year=2026", Want: []string{"As known on 30 June 2026.", "Nothing is recorded"}, WantNot: []string{"sixth-form college"}},
			{Name: "the last day on which nothing was known", As: access.TeamManager, URL: page + "?known-on=2026-05-31", Status: 404,
				Want: []string{"This register began on 1 June 2026, so nothing was known on 31 May 2026.", "Show as known now"}, WantNot: []string{"Wren"}},
			{Name: "the day on which it began", As: access.TeamManager, URL: page + "?known-on=2026-06-01", Want: []string{"Wren Ashdown"}},
			{Name: "no such day", As: access.TeamManager, URL: page + "?known-on=2026-02-30", Status: 422, Want: []string{"2026-02-30” is not a day of the calendar"}},
			{Name: "letters", As: access.TeamManager, URL: page + "/history?known-on=soon", Status: 422, Want: []string{"is not a day of the calendar", `href="` + page + `/history"`}},
			{Name: "a day to come", As: access.TeamManager, URL: page + "?known-on=2026-11-11", Status: 422, Want: []string{"11 November 2026 has not come yet"}},
			{Name: "who may not know", As: access.Commissioner, URL: page + "?known-on=2026-10-31", Status: 403},
			{Name: "history then", As: access.TeamManager, URL: page + "/history?known-on=2026-10-31", Want: []string{"As known on 31 October 2026.", "4 Lantern Row"}, WantNot: []string{"Kite Street", "before:"}},
			{Name: "both clocks", As: access.InformationGovernance, URL: page + "/versions",
				Want: []string{"Replaced: <del>Wren Ashdown</del>", "Wren Larkmoor", "Replaced by Test", "Held now", "Known from", "1 June 2026", "20 September 2026", "her aunt", "Since 7 September 2026"}},
			{Name: "both clocks then", As: access.TeamManager, URL: page + "/versions?known-on=2026-10-31", Want: []string{"Wren Ashdown", "Held on that day"}, WantNot: []string{"Larkmoor", "<del>", "Replaced"}},
			{Name: "nobody of that reference", As: access.TeamManager, URL: "/young-people/" + string(id.NewRef()) + "/versions", Status: 404},
		})
	})
}

func TestSomebodyHeldLater(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.wren(t)
		began := h.passed(t, 0, "2026-03-01T09:00:00.000000Z")
		ref := h.wren(t)
		h.passed(t, began, "2026-05-01T09:00:00.000000Z")
		// A new YoungPersonsID: in the past they have the one of then.
		if err := h.Record.CorrectIdentifiers(t.Context(), h.actor(access.DataOfficer), ref, record.Identifiers{}, true, 0, told()); err != nil {
			t.Fatal(err)
		}
		page := "/young-people/" + string(ref)
		h.run(t, []Scenario{
			{Name: "before", As: access.TeamManager, URL: page + "?known-on=2026-04-30", Status: 404, Want: []string{"On 30 April 2026 this register did not hold this young person yet."}},
			{Name: "then", As: access.TeamManager, URL: page + "?known-on=2026-05-31", Want: []string{"9910000000002"}, WantNot: []string{"9910000000003"}},
			{Name: "now", As: access.TeamManager, URL: page, Want: []string{"9910000000003"}},
		})
	})
}

func TestThePastOfAReturn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.load(t, 40)
		began := h.passed(t, 0, "2026-10-20T09:00:00.000000Z")
		ref := h.wren(t)
		h.passed(t, began, "2026-11-05T09:00:00.000000Z")
		person := "/young-people/" + string(ref)
		h.run(t, []Scenario{
			{Name: "now", As: access.DataOfficer, URL: "/returns/2026-10/people", Want: []string{"41 people"}, WantNot: []string{"As known on"}},
			{Name: "in October", As: access.DataOfficer, URL: "/returns/2026-10/people?known-on=2026-10-31", Want: []string{"As known on 31 October 2026.", "40 people", "/returns/2026-10?known-on=2026-10-31"}, WantNot: []string{"41 people", person, "Sign off"}},
			{Name: "the workbench", As: access.DataOfficer, URL: "/returns/2026-10?known-on=2026-10-31", Want: []string{"As known on 31 October 2026.", "See this page as it was known on a day", `name="known-on" value="2026-10-31"`},
				WantNot: []string{"Mend together", "draft.xml", "Sign off", "Ashdown"}},
			{Name: "a check", As: access.DataOfficer, URL: "/returns/2026-10/checks/240?known-on=2026-10-31", Want: []string{"Nobody is left"}},
			{Name: "the check now", As: access.DataOfficer, URL: "/returns/2026-10/checks/240", Want: []string{person}},
			{Name: "the check in November", As: access.DataOfficer, URL: "/returns/2026-10/checks/240?known-on=2026-11-05", Want: []string{person + "?known-on=2026-11-05"}, WantNot: []string{">Mend<", "/edit"}},
			{Name: "people as a file", As: access.DataOfficer, URL: "/returns/2026-10/people.csv?known-on=2026-10-31", WantNot: []string{"Ashdown"}},
			{Name: "movements", As: access.DataOfficer, URL: "/returns/2026-10/movements?known-on=2026-10-31", Want: []string{"As known on 31 October 2026."}},
			{Name: "before it began", As: access.DataOfficer, URL: "/returns/2026-10/people?known-on=2026-10-19", Status: 404, Want: []string{"This register began on 20 October 2026"}},
			{Name: "no such day", As: access.DataOfficer, URL: "/returns/2026-10?known-on=2026-10-32", Status: 422, Want: []string{"is not a day of the calendar"}},
			{Name: "signing is of now", As: access.DataOfficer, URL: "/returns/2026-10/sign?known-on=2026-10-31", WantNot: []string{"As known on"}},
		})
	})
}
