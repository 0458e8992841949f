package web

import (
	"net/http"
	"net/url"
	"strings"
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
					`href="` + page + `/history?known-on=2026-10-31"`, "sources=yes&amp;known-on=2026-10-31"},
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

func TestThePastOfFindingAndLists(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		began := h.passed(t, 0, "2026-06-01T09:00:00.000000Z")
		h.atCollege(t, ref)
		h.passed(t, began, "2026-09-20T09:00:00.000000Z")
		sum, err := h.Record.Summary(t.Context(), h.actor(access.Adviser), ref)
		if err == nil {
			err = h.Record.CorrectName(t.Context(), h.actor(access.DataOfficer), ref, youngperson.Name{Given: "Wren", Family: "Larkmoor"}, record.Seen(sum.Life.LegalName(civil.MustParse("2026-11-10"))), told())
		}
		if err != nil {
			t.Fatal(err)
		}
		find := func(who, day string) string {
			t.Helper()
			w := h.ask(Scenario{As: access.TeamManager, Method: "POST", URL: "/find?known-on=" + day, Form: url.Values{"who": {who}}})
			to := w.Header().Get("Location")
			if w.Code != http.StatusSeeOther || !strings.HasSuffix(to, "?known-on="+day) {
				t.Fatalf("looking for somebody on %s leads to %d %q", day, w.Code, to)
			}
			return to
		}
		page, robin := "/young-people/"+string(ref), "/young-people/"+string(h.neet(t))
		const summer, autumn = "2026-06-30", "2026-10-31"
		h.run(t, []Scenario{
			{Name: "the box", As: access.TeamManager, URL: "/find?known-on=" + autumn, Want: []string{"As known on 31 October 2026.", `action="/find?known-on=2026-10-31"`, `data-find="/find/suggest?known-on=2026-10-31"`, "See this page as it was known on a day",
				`href="/lists?known-on=2026-10-31"`}, WantNot: []string{"/young-people/new"}},
			{Name: "by the name of then", As: access.TeamManager, URL: find("ashdown", autumn), Want: []string{"As known on 31 October 2026.", "Wren Ashdown", `href="` + page + `?known-on=2026-10-31"`, "Family name Ashdown", "What they did then", "Larkfield"}, WantNot: []string{"Larkmoor", "name then"}},
			{Name: "nobody by the name of now", As: access.TeamManager, URL: find("larkmoor", autumn), Want: []string{"Nobody found", "look as known now"}, WantNot: []string{"Wren"}},
			{Name: "not before they were there", As: access.TeamManager, URL: find("ashdown", "2026-05-31"), Status: 404, Want: []string{"This register began on 1 June 2026"}, WantNot: []string{"Wren"}},
			{Name: "as one types", As: access.TeamManager, Method: "POST", URL: "/find/suggest?known-on=" + autumn, Form: url.Values{"who": {"ash"}}, Want: []string{"Wren Ashdown", page + "?known-on=2026-10-31"}},
			{Name: "as one types on no day", As: access.TeamManager, Method: "POST", URL: "/find/suggest?known-on=2026-02-30", Form: url.Values{"who": {"ash"}}, Status: 422},
			{Name: "looking on no day", As: access.TeamManager, Method: "POST", URL: "/find?known-on=soon", Form: url.Values{"who": {"ash"}}, Status: 422, Want: []string{"is not a day of the calendar"}},
			{Name: "a list now", As: access.DataOfficer, URL: "/lists?status=eet", Want: []string{"Wren Larkmoor", "Keep this list", "See this page as it was known on a day"}, WantNot: []string{"As known on"}},
			{Name: "a list then", As: access.DataOfficer, URL: "/lists?status=eet&known-on=" + autumn, Want: []string{"As known on 31 October 2026.", "Wren Ashdown", page + "?known-on=2026-10-31", `name="known-on" value="2026-10-31"`,
				`/lists.csv?status=eet&amp;known-on=2026-10-31`, `sort=-name&amp;status=eet&amp;known-on=2026-10-31`, `href="/lists?known-on=2026-10-31"`, "What they did then"}, WantNot: []string{"Larkmoor", "Keep this list"}},
			{Name: "before it was told", As: access.DataOfficer, URL: "/lists?status=eet&known-on=" + summer, Want: []string{"Nobody fits", "known to be so on 30 June 2026"}, WantNot: []string{"Wren"}},
			{Name: "not known then", As: access.DataOfficer, URL: "/lists?status=nk&known-on=" + summer, Want: []string{"Wren Ashdown", "1 young person"}},
			{Name: "a school nobody was at yet", As: access.DataOfficer, URL: "/lists?school=" + url.QueryEscape("Larkfield Sixth Form College") + "&known-on=" + summer, Want: []string{"nobody was there then"}},
			{Name: "a file then", As: access.DataOfficer, URL: "/lists.csv?status=eet&known-on=" + autumn, Want: []string{"Wren,Ashdown"}, WantNot: []string{"Larkmoor"}},
			{Name: "before it began", As: access.DataOfficer, URL: "/lists?status=eet&known-on=2026-05-31", Status: 404, Want: []string{"This register began on 1 June 2026"}},
			{Name: "no such day", As: access.DataOfficer, URL: "/lists?status=eet&known-on=2026-02-30", Status: 422, Want: []string{"is not a day of the calendar"}},
			{Name: "asked why, the day is kept", As: access.Adviser, URL: robin + "?known-on=2026-11-10", Status: 303, Location: robin + "/why?back=" + url.QueryEscape(robin+"?known-on=2026-11-10")},
			{Name: "all lists", As: access.DataOfficer, URL: "/lists?known-on=" + autumn, Want: []string{"was so on 31 October 2026"}},
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
