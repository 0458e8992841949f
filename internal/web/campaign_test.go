package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/youngperson"
)

// campaignForms are the forms of a page whose action ends so, as browsers would
// send them.
func campaignForms(body, action string) []url.Values {
	var out []url.Values
	for _, m := range regexp.MustCompile(`(?s)<form method="post" action="[^"]*`+action+`"[^>]*>(.*?)</form>`).FindAllStringSubmatch(body, -1) {
		v := url.Values{}
		for _, i := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(m[1], -1) {
			v.Set(i[1], i[2])
		}
		out = append(out, v)
	}
	return out
}

// A campaign on its pages: made of a list, worked row by row by two who are told
// of each other, taken back, and closed.
func TestCampaignPages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		if err := h.Record.SetReach(t.Context(), h.actor(access.DataOfficer), ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: "07700 900123"}, 0, told()); err != nil {
			t.Fatal(err)
		}
		h.run(t, []Scenario{
			{Name: "a list becomes one", As: access.TeamManager, URL: "/lists?status=nk", Want: []string{`href="/campaigns/new?status=nk"`}},
			{Name: "an adviser makes none", As: access.Adviser, URL: "/campaigns/new?status=nk", Status: 403},
			{Name: "nothing is asked", As: access.TeamManager, URL: "/campaigns/new", Status: 303, Location: "/lists"},
		})
		form := h.open(t, access.TeamManager, "/campaigns/new?status=nk", map[string]string{"name": "Not known", "from": "00:00", "to": "23:59"})
		form["days"] = []string{"0", "1", "2", "3", "4", "5", "6"}
		page := h.ask(Scenario{As: access.TeamManager, URL: "/campaigns/new?status=nk"}).Body.String()
		for _, m := range regexp.MustCompile(`name="hands" type="checkbox" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			form.Add("hands", m[1])
		}
		empty := url.Values{"key": form["key"], "asks": form["asks"]}
		h.run(t, []Scenario{{Name: "an empty form", As: access.TeamManager, Method: "POST", URL: "/campaigns/new", Form: empty, Status: 422, Want: []string{`href="#name"`, `href="#hands"`}}})
		w := h.ask(Scenario{As: access.TeamManager, Method: "POST", URL: "/campaigns/new", Form: form})
		at := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/campaigns/") {
			t.Fatalf("making a campaign answered %d %q\n%s", w.Code, at, w.Body)
		}
		h.run(t, []Scenario{
			{Name: "it is listed", As: access.Adviser, URL: "/campaigns", Want: []string{"Not known", "Under way"}},
			{Name: "lists by what the season asks", As: access.TeamManager, URL: "/lists?enrolment-list=none&intended-destination=none", Want: []string{"Lists of enrolments: Named in none of this academic year", "Wren Ashdown", "of learners or of apprentices"}},
			{Name: "lists by the guarantee", As: access.TeamManager, URL: "/lists?guarantee=gap&left=9911234", Want: []string{"Without an offer (none, or none recorded)", "Has left: 9911234"}},
			{Name: "its progress", As: access.TeamManager, URL: at, Want: []string{"not known now", "Close this campaign"}},
			{Name: "a commissioner", As: access.Commissioner, URL: at, Status: 403},
			{Name: "its plan", As: access.Adviser, URL: at + "/plan?callers=1&from=00:00&to=23:59", Want: []string{"Wren Ashdown", "What has worked"}},
			{Name: "a plan of no shift", As: access.Adviser, URL: at + "/plan?callers=0&from=x", Status: 422, Want: []string{`href="#callers"`, `href="#from"`}},
		})
		change := h.open(t, access.TeamManager, at+"/change", map[string]string{"name": "Not known, longer", "to": "23:58"})
		change["hands"], change["days"], change["channels"] = form["hands"], form["days"], []string{"phone"}
		again := h.open(t, access.TeamManager, at+"/change", map[string]string{"name": "Somebody was first"})
		again["hands"], again["days"], again["channels"] = form["hands"], form["days"], []string{"phone"}
		h.run(t, []Scenario{
			{Name: "an adviser changes none", As: access.Adviser, URL: at + "/change", Status: 403},
			{Name: "it is changed", As: access.TeamManager, Method: "POST", URL: at + "/change", Form: change, Status: 303, Location: at},
			{Name: "as it is now", As: access.TeamManager, URL: at, Want: []string{"Not known, longer", "00:00 to 23:58"}},
			{Name: "what it was before", As: access.TeamManager, URL: at, Status: 200, Want: []string{"What it was before", "00:00 to 23:59"}},
			{Name: "somebody was first", As: access.TeamManager, Method: "POST", URL: at + "/change", Form: again, Status: 409, Want: []string{"As it is now", "Not known, longer", "What you wrote", "Somebody was first"}},
		})
		reference := strings.TrimPrefix(at, "/campaigns/")
		h.run(t, []Scenario{
			{Name: "its ways", As: access.Adviser, URL: at, Want: []string{`href="/visits/plan?campaign=` + reference + `"`, `href="/messages/new?campaign=` + reference + `"`}},
			{Name: "a round of it", As: access.Adviser, URL: "/visits/plan?campaign=" + reference, Want: []string{"1 person of the campaign may still be reached", "Wren Ashdown", "counts as a try"}},
			{Name: "a round of none", As: access.Adviser, URL: "/visits/plan?campaign=nobodys", Status: 404},
		})
		read := func(as access.Role) string { return h.ask(Scenario{As: as, URL: at + "/work"}).Body.String() }
		take := campaignForms(read(access.Adviser), "/take")
		if len(take) != 1 {
			t.Fatalf("%d rows can be taken:\n%s", len(take), read(access.Adviser))
		}
		h.run(t, []Scenario{{Name: "taken", As: access.Adviser, Method: "POST", URL: at + "/take", Form: take[0], Status: 303, Location: at + "/work#row-1"},
			{Name: "the second is told", As: access.DataOfficer, Method: "POST", URL: at + "/take", Form: take[0], Status: 409, Want: []string{"is working on this row until"}}})
		if body := read(access.DataOfficer); !strings.Contains(body, "is on this row until") || len(campaignForms(body, "/work")) != 0 {
			t.Error("the row of another can be worked")
		}
		mine := campaignForms(read(access.Adviser), "/work")
		if len(mine) != 1 {
			t.Fatalf("%d rows are the reader's", len(mine))
		}
		mine[0].Set("outcome", "spoke, confirmed")
		h.run(t, []Scenario{{Name: "nothing to confirm", As: access.Adviser, Method: "POST", URL: at + "/work", Form: mine[0], Status: 409, Want: []string{"Nothing is held that could be confirmed"}}})
		mine[0].Set("outcome", "refused")
		h.run(t, []Scenario{{Name: "saved", As: access.Adviser, Method: "POST", URL: at + "/work", Form: mine[0], Status: 303, Location: at + "/work"},
			{Name: "saved twice", As: access.Adviser, Method: "POST", URL: at + "/work", Form: mine[0], Status: 303, Location: at + "/work"},
			{Name: "it is a contact", As: access.Adviser, URL: personHref(ref, "contacts"), Want: []string{"Phone, the young person: refused", "1 contact,", "through a campaign"}}})
		undo := campaignForms(read(access.Adviser), "/undo")
		if len(undo) != 1 {
			t.Fatalf("%d can be taken back", len(undo))
		}
		h.run(t, []Scenario{{Name: "taken back", As: access.Adviser, Method: "POST", URL: at + "/undo", Form: undo[0], Status: 303, Location: at + "/work"},
			{Name: "no contact is left", As: access.Adviser, URL: personHref(ref, "contacts"), Want: []string{"No contact is recorded"}}})
		answer := at + "/answer?row=" + string(ref)
		questions := h.open(t, access.Adviser, answer, map[string]string{"contact-outcome": "spoke, changed", "activity": "540", "started-day": "2", "started-month": "11", "started-year": "2026"})
		short := url.Values{}
		for name, value := range questions {
			short[name] = value
		}
		short.Del("activity")
		h.run(t, []Scenario{{Name: "nothing said of what changed", As: access.Adviser, Method: "POST", URL: at + "/answer", Form: short, Status: 422, Want: []string{`href="#activity"`}},
			{Name: "what changed", As: access.Adviser, Method: "POST", URL: at + "/answer", Form: questions, Status: 303, Location: at + "/work"},
			{Name: "is what they do now", As: access.Adviser, URL: personHref(ref, ""), Want: []string{"(540)"}}})
	})
}
