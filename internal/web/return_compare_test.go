package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

func TestComparingReturns(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{{Name: "nothing yet", As: access.DataOfficer, URL: "/returns/compare", Want: []string{"There is nothing to compare yet"}}})
		h.load(t, 30)
		declared := url.Values{"declaration": {"yes"}}
		h.send(t, access.DataOfficer, "/returns/2026-10/sign", declared)
		h.send(t, access.TeamManager, "/returns/2026-10/sign", declared)
		list, err := h.Returns.List(t.Context(), h.actor(access.DataOfficer))
		if err != nil {
			t.Fatal(err)
		}
		from := string(list[0].Ref)
		address := "/returns/compare?from=" + from + "&to=now"
		h.run(t, []Scenario{
			{Name: "the choice", As: access.TeamManager, URL: "/returns/compare", Want: []string{"October 2026, signed", "The same month, as known now"}},
			{Name: "nothing learned since", As: access.TeamManager, URL: address, Want: []string{"Differ (0)", "There is nobody in this list", "NEET was"}},
		})
		link := regexp.MustCompile(`/young-people/([a-z2-7]{26})"`).FindStringSubmatch(h.page(t, access.DataOfficer, "/returns/2026-10/people?as=NEET"))
		if link == nil {
			t.Fatal("nobody of the file is NEET")
		}
		ref := id.Ref(link[1])
		sum, err := h.Record.Summary(t.Context(), h.actor(access.DataOfficer), ref)
		if err != nil {
			t.Fatal(err)
		}
		name := record.Seen(sum.Life.LegalName(sum.Today))
		if err := h.Record.CorrectName(t.Context(), h.actor(access.DataOfficer), ref, youngperson.Name{Given: "Tansy", Family: "Larkmoor"}, name, told()); err != nil {
			t.Fatal(err)
		}
		old := sum.View.Spell
		n := record.NewSpell{Activity: "310", Started: sum.Today.AddMonths(-2), Ascertained: sum.Today, EstablishmentName: "Marram Joinery"}
		if err := h.Record.CorrectActivity(t.Context(), h.actor(access.DataOfficer), ref, old.ID, n, old.KnownFrom, told()); err != nil {
			t.Fatal(err)
		}
		h.run(t, []Scenario{
			{Name: "what was learned", As: access.TeamManager, URL: address, Want: []string{"Differ (1)", "Tansy Larkmoor", "Family name", "10 November 2026, by Test: phone, her aunt",
				"1 who counted as NEET turns out to have been in education, employment or training (learned 10 November 2026)", "list=NEET-EET&amp;to=now#list"}},
			{Name: "who moved", As: access.DataOfficer, URL: address + "&list=NEET-EET", Want: []string{"NEET before, in education, employment or training now", "Apprenticeship (310)", "1 person."}},
			{Name: "nobody moved so", As: access.DataOfficer, URL: address + "&list=NK-CS", Status: 404},
			{Name: "with itself", As: access.DataOfficer, URL: "/returns/compare?from=" + from + "&to=" + from, Want: []string{"Differ (0)"}},
			{Name: "as a file", As: access.DataOfficer, URL: strings.Replace(address, "compare?", "compare.csv?", 1), Want: []string{"young person,name,what,item,before,after", "Larkmoor"}},
			{Name: "no such return", As: access.DataOfficer, URL: "/returns/compare?from=" + string(id.NewRef()), Status: 404},
			{Name: "not for advisers", As: access.Adviser, URL: address, Status: 403},
			{Name: "the way there", As: access.DataOfficer, URL: "/returns", Want: []string{`href="/returns/compare"`}},
		})
	})
}

func TestWhatChangedInAReturn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.load(t, 30)
		h.run(t, []Scenario{{Name: "on the first day", As: access.DataOfficer, URL: "/returns/2026-10/changes", Want: []string{"There is nothing to compare with yet", "held nothing at the end of 9 November 2026"}}})
		h.passed(t, 0, "2026-11-06T09:00:00.000000Z")
		h.run(t, []Scenario{{Name: "nothing", As: access.DataOfficer, URL: "/returns/2026-10/changes", Want: []string{"Nothing has changed", "October’s return reads now as it was known on 9 November 2026"}, WantNot: []string{"Who differs", ".csv"}}})
		link := regexp.MustCompile(`/young-people/([a-z2-7]{26})"`).FindStringSubmatch(h.page(t, access.DataOfficer, "/returns/2026-10/people?as=NEET"))
		if link == nil {
			t.Fatal("nobody of the file is NEET")
		}
		ref := id.Ref(link[1])
		sum, err := h.Record.Summary(t.Context(), h.actor(access.DataOfficer), ref)
		if err == nil {
			name := record.Seen(sum.Life.LegalName(sum.Today))
			err = h.Record.CorrectName(t.Context(), h.actor(access.DataOfficer), ref, youngperson.Name{Given: "Tansy", Family: "Larkmoor"}, name, told())
		}
		if err != nil {
			t.Fatal(err)
		}
		const page = "/returns/2026-10/changes"
		h.run(t, []Scenario{
			{Name: "the way there", As: access.DataOfficer, URL: "/returns/2026-10", Want: []string{`href="/returns/2026-10/changes"`, "What changed lately"}},
			{Name: "not in the past", As: access.DataOfficer, URL: "/returns/2026-10?known-on=2026-11-06", WantNot: []string{"What changed lately"}},
			{Name: "since yesterday", As: access.TeamManager, URL: page, Want: []string{"What changed in October’s return</h1>", "as it was known on 9 November 2026", "As known on 9 November 2026</th>", "Differ (1)", "Tansy Larkmoor", "Family name", "Yesterday, Monday 9 November 2026", "changes.csv?since=2026-11-09"}},
			{Name: "who is new", As: access.DataOfficer, URL: page + "?since=2026-11-09&list=joined", Want: []string{"New (0)", "There is nobody in this list"}},
			{Name: "since another day", As: access.DataOfficer, URL: page + "?since=2026-11-09&day-day=6&day-month=11&day-year=2026", Want: []string{"as it was known on 6 November 2026", "list=joined&amp;since=2026-11-06#list", `value="2026-11-06" selected`}},
			{Name: "since today", As: access.DataOfficer, URL: page + "?since=2026-11-10", Status: 422, Want: []string{"There is a problem", "Enter a day before today"}},
			{Name: "since no day", As: access.DataOfficer, URL: page + "?day-day=31&day-month=2&day-year=2026", Status: 422, Want: []string{"The day must be a real date"}},
			{Name: "before it began", As: access.DataOfficer, URL: page + "?since=2026-01-31", Status: 422, Want: []string{"This register began on 6 November 2026"}},
			{Name: "as a file", As: access.DataOfficer, URL: "/returns/2026-10/changes.csv?since=2026-11-09", Want: []string{"young person,name,what,item,before,after", "Larkmoor"}},
			{Name: "a file since today", As: access.DataOfficer, URL: "/returns/2026-10/changes.csv?since=2026-11-10", Status: 303, Location: page + "?since=2026-11-10"},
			{Name: "not for advisers", As: access.Adviser, URL: page, Status: 403},
			{Name: "no such month", As: access.DataOfficer, URL: "/returns/2027-10/changes", Status: 404},
		})
	})
}
