package web

import (
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/reference"
	"waymark/internal/safety"
	"waymark/internal/visit"
)

// hiddenOf are the hidden fields of the form that is sent to an address.
func hiddenOf(page, action string) url.Values {
	_, form, _ := strings.Cut(page, "<main") // after the form to sign out
	if action != "" {
		_, form, _ = strings.Cut(page, `action="`+action+`"`)
	}
	form, _, _ = strings.Cut(form, "</form>")
	v := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		v.Set(m[1], html.UnescapeString(m[2]))
	}
	return v
}

// TestVisitsByPage plans a round from a list, checks in, tells at the door, loses
// the answer and sends again, prints, misses the check-in and checks out.
func TestVisitsByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		robin := h.neet(t)
		body := "pcds,dointr,doterm,laua,ward,lsoa21,oseast1m,osnrth1m\nZZ12 1AA,198001,,E06000001,E05000001,E01000001,300000,400000\n"
		if _, err := h.Reference.Load(t.Context(), h.actor(access.DataOfficer), reference.File{Name: "NSPL.csv", ReaderAt: strings.NewReader(body), Size: int64(len(body))}, nil); err != nil {
			t.Fatal(err)
		}
		if err := h.Record.SetSafety(t.Context(), h.actor(access.DataOfficer), robin, 0, safety.Note{Kind: safety.Dog, Words: "Bites postmen"}, 0, told()); err != nil {
			t.Fatal(err)
		}
		ask := func(as access.Role, address string) string {
			t.Helper()
			answer := h.ask(Scenario{As: as, URL: address})
			if answer.Code != 200 {
				t.Fatalf("%s answers %d", address, answer.Code)
			}
			wellFormed(t, answer.Body.String())
			return answer.Body.String()
		}
		h.run(t, []Scenario{
			{Name: "nothing yet", As: access.Adviser, URL: "/visits", Want: []string{"No round is planned"}},
			{Name: "which list", As: access.Adviser, URL: "/visits/plan", Want: []string{"Nobody knows what they do now", "My young people"}},
			{Name: "a list by hand leads here", As: access.Adviser, URL: "/lists?status=neet", Want: []string{`href="/visits/plan?status=neet"`}},
			{Name: "nobody on it", As: access.Adviser, URL: "/visits/plan?status=nk", Want: []string{"Nobody is on this list now"}},
			{Name: "not for a commissioner", As: access.Commissioner, URL: "/visits", Status: 403},
			{Name: "nor governance", As: access.InformationGovernance, URL: "/visits/plan", Status: 403},
		})
		page := ask(access.Adviser, "/visits/plan?status=neet")
		plan := hiddenOf(page, "")
		adviser := regexp.MustCompile(`<option value="([a-z2-7]{26})"`).FindStringSubmatch(page)[1]
		today := h.today()
		for name, value := range map[string]string{"day-day": today.String()[8:], "day-month": today.String()[5:7], "day-year": today.String()[:4], "worker": adviser, "how": "walk", "most": "20", "person": string(robin)} {
			plan.Set(name, value)
		}
		h.run(t, []Scenario{{Name: "from nowhere", As: access.Adviser, Method: "POST", URL: "/visits/plan?status=neet", Form: plan, Status: 422, Want: []string{`href="#start"`, "Enter the postcode", "Robin Tealby"}}})
		plan.Set("start", "ZZ12 1AA")
		round := ""
		for range 2 { // the second press ends where the first did
			answer := h.ask(Scenario{As: access.Adviser, Method: "POST", URL: "/visits/plan?status=neet", Form: plan})
			if answer.Code != 303 || round != "" && answer.Header().Get("Location") != round {
				t.Fatalf("planning answers %d to %s", answer.Code, answer.Header().Get("Location"))
			}
			round = answer.Header().Get("Location")
		}
		h.run(t, []Scenario{{Name: "planned once", As: access.Adviser, URL: "/visits/plan?status=neet", Want: []string{"Robin Tealby", "On a round already"}, WantNot: []string{`value="` + string(robin) + `"`}}})
		page = ask(access.Adviser, round)
		for _, want := range []string{"Robin Tealby", "2 Heron Close", "Dog", "Bites postmen", "Before you set out"} {
			if !strings.Contains(page, want) {
				t.Errorf("the round does not say %q", want)
			}
		}
		duty := url.Values{"telephone": {"nobody"}, "email": {"duty@sandmere.example.org"}}
		h.run(t, []Scenario{
			{Name: "a door to nobody", As: access.TeamManager, Method: "POST", URL: round + "/move", Form: url.Values{"door": {"1"}}, Status: 422, Want: []string{`href="#worker"`}},
			{Name: "an adviser gives none away", As: access.Adviser, URL: round, WantNot: []string{"Give a door to somebody else"}},
			{Name: "the duty is the manager's", As: access.Adviser, URL: "/visits/duty", Status: 403},
			{Name: "who is on duty", As: access.TeamManager, URL: "/visits", Want: []string{`href="/visits/duty"`}},
			{Name: "a number that is none", As: access.TeamManager, Method: "POST", URL: "/visits/duty", Form: duty, Status: 422, Want: []string{`href="#telephone"`, "takes texts"}},
		})
		duty.Set("telephone", "07700 900123")
		h.run(t, []Scenario{{Name: "set", As: access.TeamManager, Method: "POST", URL: "/visits/duty", Form: duty, Status: 303, Location: "/visits"},
			{Name: "kept", As: access.TeamManager, URL: "/visits/duty", Want: []string{"07700900123", "duty@sandmere.example.org"}}})
		in := hiddenOf(page, round+"/check-in")
		in.Set("minutes", "60")
		h.run(t, []Scenario{{Name: "no number to ring", As: access.Adviser, Method: "POST", URL: round + "/check-in", Form: in, Status: 422, Want: []string{`href="#telephone"`}}})
		in.Set("telephone", "01632 960119")
		h.run(t, []Scenario{{Name: "checked in", As: access.Adviser, Method: "POST", URL: round + "/check-in", Form: in, Status: 303, Location: round},
			{Name: "out now", As: access.TeamManager, URL: "/visits", Want: []string{"Out now", "01632 960119"}, WantNot: []string{"Missed"}}})
		page = ask(access.Adviser, round)
		door := regexp.MustCompile(`/doorstep/[a-z2-7]{26}`).FindString(page)
		if strings.Contains(ask(access.DataOfficer, round), "/doorstep/") {
			t.Error("whoever does not go is led to the doorstep")
		}
		page = ask(access.Adviser, door)
		if i, j := strings.Index(page, "Bites postmen"), strings.Index(page, "What came of it"); i < 0 || i > j {
			t.Error("the safety note does not stand before the questions")
		}
		form := hiddenOf(page, "")
		h.run(t, []Scenario{{Name: "nothing chosen", As: access.Adviser, Method: "POST", URL: door, Form: form, Status: 422, Want: []string{`href="#outcome"`}},
			{Name: "not another's", As: access.DataOfficer, URL: door, Status: 403}})
		form.Set("outcome", string(visit.Changed))
		form.Set("activity", "330")
		form.Set("note", "Started at the bakery")
		h.run(t, []Scenario{{Name: "since when is not said", As: access.Adviser, Method: "POST", URL: door, Form: form, Status: 422, Want: []string{`href="#since"`}}})
		form.Set("since", "day")
		h.run(t, []Scenario{{Name: "which day is not said", As: access.Adviser, Method: "POST", URL: door, Form: form, Status: 422, Want: []string{`href="#started-day"`}}})
		form.Set("since", "today")
		form.Set("next", "0")
		before := h.number(t, false, "SELECT count(*) FROM act")
		for i := range 3 { // the answer is lost, and the phone sends the same form again
			h.run(t, []Scenario{{Name: "told", As: access.Adviser, Method: "POST", URL: door, Form: form, Status: 303, Location: round},
				{Name: "and said so", As: access.Adviser, URL: round, Want: []string{"Saved: the visit."}}})
			if n := h.number(t, false, "SELECT count(*) FROM act"); n != before+1 {
				t.Errorf("after sending %d times there are %d acts more", i+1, n-before)
			}
		}
		for query, want := range map[string]int{"SELECT count(*) FROM contact WHERE how = 'visit'": 1, "SELECT count(*) FROM spell WHERE activity = '330' AND known_to IS NULL": 1} {
			if n := h.number(t, false, query); n != want {
				t.Errorf("%s: %d", query, n)
			}
		}
		h.run(t, []Scenario{
			{Name: "told already", As: access.Adviser, URL: door, Want: []string{"told already"}, WantNot: []string{"Save this visit"}},
			{Name: "the sheet", As: access.Adviser, URL: round + "/sheet", Want: []string{"Robin Tealby", "Bites postmen"}, WantNot: []string{"01632 960118", "30 January"}},
		})
		if n := h.number(t, true, "SELECT count(*) FROM sight WHERE page = 'printed sheet of visits'"); n != 1 {
			t.Errorf("printing is recorded %d times", n)
		}
		// The moment passes: every page of the manager says so.
		now := h.Now()
		h.Server.Now = func() time.Time { return now }
		h.late(t, -2*time.Hour)
		missed := "has not checked in"
		h.run(t, []Scenario{{Name: "home", As: access.TeamManager, URL: "/", Want: []string{missed, "01632 960119"}}, {Name: "visits", As: access.TeamManager, URL: "/visits", Want: []string{missed, "Missed"}},
			{Name: "the worker", As: access.Adviser, URL: "/", Want: []string{"Are you safe?"}}, {Name: "nobody else", As: access.DataOfficer, URL: "/", WantNot: []string{missed}}})
		page = ask(access.TeamManager, round)
		end := regexp.MustCompile(`/check-ins/[a-z2-7]{26}/end`).FindString(page)
		out := hiddenOf(page, end)
		h.run(t, []Scenario{{Name: "how do you know", As: access.TeamManager, Method: "POST", URL: end, Form: out, Status: 422, Want: []string{`href="#how"`}},
			{Name: "safe", As: access.TeamManager, Method: "POST", URL: end, Form: url.Values{"how": {"Spoke to them"}, "key": {string(id.NewRef())}}, Status: 303, Location: round},
			{Name: "no more", As: access.TeamManager, URL: "/", WantNot: []string{missed}},
			{Name: "closed", As: access.Adviser, Method: "POST", URL: round + "/close", Form: url.Values{}, Status: 303, Location: "/visits"}})
	})
}

// late moves by when those who are out are to be safe.
func (h *house) late(t testing.TB, by time.Duration) {
	t.Helper()
	h.change(t, false, "UPDATE visit_watch SET expected_at = '"+h.Now().Add(by).UTC().Format("2006-01-02T15:04:05.000000Z")+"'")
}

// TestManyAreOfferedByArea: whoever plans a round of more people than one round takes
// chooses an area first; what the address asks beside it stays.
func TestManyAreOfferedByArea(t *testing.T) {
	rows := func(areas ...string) (out []record.Row) {
		for _, a := range areas {
			for range 8 {
				out = append(out, record.Row{Postcode: a})
			}
		}
		return out
	}
	ask := func(address string, shown []record.Row) (*planVisitsPage, []record.Row) {
		p := &planVisitsPage{}
		return p, p.inArea(httptest.NewRequest("GET", address, nil), shown)
	}
	p, left := ask("/visits/plan?status=nk&in-return=yes", rows("ZZ11 1AA", "ZZ2 1AA", access.Protected))
	if len(left) != 24 || len(p.Chosen.Chosen) != 0 {
		t.Errorf("%d of 24 are shown, chosen %v", len(left), p.Chosen)
	}
	if got, want := p.Area.Options, []Option{{Text: "Everywhere"}, {Value: "ZZ2", Text: "ZZ2 (8)"}, {Value: "ZZ11", Text: "ZZ11 (8)"}}; !slices.Equal(got, want) {
		t.Errorf("the areas are %v", got)
	}
	if want := []keptField{{"in-return", "yes"}, {"status", "nk"}}; !slices.Equal(p.Kept, want) {
		t.Errorf("the form keeps %v", p.Kept)
	}
	p, left = ask("/visits/plan?campaign=spring&area=ZZ2", rows("ZZ11 1AA", "ZZ2 1AA", access.Protected))
	if len(left) != 8 || len(p.Area.Options) != 0 || len(p.Chosen.Chosen) != 1 || p.Chosen.Chosen[0] != (Link{Text: "Area: ZZ2", Href: "/visits/plan?campaign=spring"}) {
		t.Errorf("%d are in ZZ2, chosen %v", len(left), p.Chosen)
	}
	if p, left = ask("/visits/plan", rows("ZZ11 1AA", "ZZ2 1AA")); len(left) != 16 || len(p.Area.Options) != 0 {
		t.Errorf("few are offered by area: %v", p.Area)
	}
}
