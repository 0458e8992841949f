package web

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/rights"
)

// TestDisclosuresAndWhoLookedAtClaims shows to information governance, and to
// nobody else, what was told to whom and who looked at them; nothing of a
// hidden record, and no name of a locked one.
func TestDisclosuresAndWhoLookedAtClaims(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ig, ctx := access.InformationGovernance, t.Context()
		h.run(t, []Scenario{{Name: "nothing yet", As: ig, URL: "/disclosures", Want: []string{"was told to anybody", "Nobody has looked"}}})
		ref := h.wren(t)
		told := rights.Disclosure{What: "that a claim is held", ToWhom: "Fenbridge Learning Trust", Recipient: "school, college or provider", How: "telephone", DecidedBy: "The head of participation", OfClaims: true, Ground: "section 68: to help into learning", On: civil.MustParse("2026-11-03")}
		if err := h.Rights.Disclose(ctx, h.actor(ig), ref, told, ""); err != nil {
			t.Fatal(err)
		}
		h.run(t, []Scenario{
			{Name: "somebody looks", As: access.Adviser, Method: "POST", URL: "/young-people/" + string(ref) + "/claims", Form: url.Values{"ground": {record.ClaimGrounds()[0]}}},
			{Name: "both are shown", As: ig, URL: "/disclosures", Want: []string{"Wren", "Fenbridge Learning Trust", "Section 68: to help into learning", "3\u00a0November\u00a02026", "Test Adviser", record.ClaimGrounds()[0]}},
			{Name: "it is linked", As: ig, URL: "/requests", Want: []string{`href="/disclosures"`}},
			{Name: "not for an adviser", As: access.Adviser, URL: "/disclosures", Status: 403, WantNot: []string{"Fenbridge"}},
			{Name: "nor for a manager", As: access.TeamManager, URL: "/disclosures", Status: 403, WantNot: []string{"Fenbridge"}},
		})
		h.restrict(t, ref, access.Locked)
		h.run(t, []Scenario{{Name: "locked", As: ig, URL: "/disclosures", Want: []string{"A locked record", "3\u00a0November\u00a02026"}, WantNot: []string{"Wren", "Ashdown", "Fenbridge", "that a claim is held", "The head of participation", "Section 68: to help into learning</td>"}}})
		other := h.zephyrine(t)
		told.ToWhom = "Ormbridge Skills"
		if err := h.Rights.Disclose(ctx, h.actor(ig), other, told, ""); err != nil {
			t.Fatal(err)
		}
		h.restrict(t, other, access.Hidden)
		h.run(t, []Scenario{{Name: "hidden", As: ig, URL: "/disclosures", Want: []string{"A locked record"}, WantNot: []string{"Zephyrine", "Ormbridge"}}})
	})
}

// TestADisclosureIsWrittenDown fills the form for what was told by telephone or
// letter, and finds it where information governance looks and in the log.
func TestADisclosureIsWrittenDown(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ig := access.InformationGovernance
		ref := h.wren(t)
		at := "/young-people/" + string(ref) + "/disclosures/new"
		told := url.Values{"disclosed-recipient": {"police"}, "disclosed-to": {"Lantern Quay station, officer 4417"}, "disclosed-what": {"the address and the college"}, "disclosed-ground": {"another"},
			"disclosed-ground-words": {"Invented Act 2020, section 4"}, "disclosed-how": {"letter"}, "disclosed-on-day": {"3"}, "disclosed-on-month": {"11"}, "disclosed-on-year": {"2026"}, "disclosed-by": {"Ottoline Reed"}}
		without := func(name string) url.Values {
			form := maps.Clone(told)
			delete(form, name)
			return form
		}
		key := url.Values{"key": {string(id.NewRef())}}
		maps.Copy(key, told)
		h.run(t, []Scenario{
			{Name: "the record leads to it", As: ig, URL: "/young-people/" + string(ref), Want: []string{at}},
			{Name: "the form", As: ig, URL: at, Want: []string{"Who was told?", "schedule 1, paragraph 18"}},
			{Name: "nobody who told it", As: ig, Method: "POST", URL: at, Form: without("disclosed-by"), Status: 422, Want: []string{"Write who decided it", "Lantern Quay station"}},
			{Name: "no ground", As: ig, Method: "POST", URL: at, Form: without("disclosed-ground-words"), Status: 422, Want: []string{"without one it is an offence"}},
			{Name: "no day", As: ig, Method: "POST", URL: at, Form: without("disclosed-on-day"), Status: 422},
			{Name: "no recipient", As: ig, Method: "POST", URL: at, Form: without("disclosed-recipient"), Status: 422, Want: []string{"Select who was told"}},
			{Name: "not by an adviser", As: access.Adviser, Method: "POST", URL: at, Form: told, Status: 403},
			{Name: "nothing was written down yet", As: ig, URL: "/disclosures", Want: []string{"was told to anybody"}},
			{Name: "written down", As: ig, Method: "POST", URL: at, Form: key, Status: 303, Location: "/disclosures"},
			{Name: "pressed twice", As: ig, Method: "POST", URL: at, Form: key, Status: 303, Location: "/disclosures"},
			{Name: "it is shown", As: ig, URL: "/disclosures", Want: []string{"Police: Lantern Quay station, officer 4417", "the address and the college", "Invented Act 2020, section 4", "Letter", "Ottoline Reed", "3\u00a0November\u00a02026"}, WantNot: []string{"From Work and Pensions"}},
			{Name: "and in the log", As: ig, URL: "/audit/people/" + string(ref), Want: []string{"Log a disclosure", "another ground"}, WantNot: []string{"Invented Act 2020"}},
		})
		if page := h.page(t, ig, "/disclosures"); strings.Count(page, "Lantern Quay") != 1 {
			t.Error("the second press wrote it down again")
		}
		if err := h.db.Read(t.Context(), func(tx *db.Tx) error {
			var what, toWhom string
			err := tx.QueryRow(`SELECT what, to_whom FROM disclosure WHERE register = 1`).Scan(&what, &toWhom)
			if strings.Contains(what, "college") || strings.Contains(toWhom, "Lantern") {
				t.Errorf("its words stand unsealed: %s; %s", what, toWhom)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
