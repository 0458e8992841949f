package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// ren is wren, entered once more by telephone under what she is called.
func (h *house) ren(t testing.TB) id.Ref {
	t.Helper()
	ref, err := h.Record.Add(t.Context(), h.actor(access.DataOfficer), record.NewPerson{
		Name: youngperson.Name{Given: "Wrenn", Family: "Ashdown"}, Born: civil.MustParse("2010-03-03"), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Curlew Walk", Town: "Sandmere", Postcode: "ZZ1 1AB"}, LeadLA: "991", EducatedLA: "991",
		Need: need.Need{Level: "2", SEND: "N", SENSupport: "N"}}, told())
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// offered searches the register by page and is the address of the first pair.
func (h *house) offered(t testing.TB) string {
	t.Helper()
	w := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/duplicates/search", Form: url.Values{}})
	if w.Code != 303 || w.Header().Get("Location") != "/duplicates" {
		t.Fatalf("the search answered %d", w.Code)
	}
	for range 200 {
		page := h.page(t, access.DataOfficer, "/duplicates")
		if i := strings.Index(page, `href="/duplicates/`); i >= 0 {
			return page[i+6 : i+6+len("/duplicates/")+26]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the search offers no pair")
	return ""
}

func TestDuplicatesByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren(t)
		h.run(t, []Scenario{
			{Name: "before any search", As: access.TeamManager, URL: "/duplicates", Want: []string{"has not been searched yet", "Search the register"}},
			{Name: "an adviser may not", As: access.Adviser, URL: "/duplicates", Status: 403},
			{Name: "nor a commissioner", As: access.Commissioner, URL: "/duplicates", Status: 403},
			{Name: "none of the Department's", As: access.TeamManager, URL: "/feedback", Want: []string{"Nothing is here", "To do (0)", "Not ours (0)"}},
			{Name: "the Department's are not for advisers", As: access.Adviser, URL: "/feedback", Status: 403},
			{Name: "a row that is not there", As: access.DataOfficer, URL: "/feedback/nothing/1", Status: 404},
		})
		ren := h.ren(t)
		pair := h.offered(t)
		h.run(t, []Scenario{
			{Name: "the list", As: access.DataOfficer, URL: "/duplicates", Want: []string{"1 pair.", "Wren Ashdown and Wrenn Ashdown", "Both born", "Searched on", "Search again"}},
			{Name: "a page beyond the last", As: access.DataOfficer, URL: "/duplicates?page=99", Want: []string{"Wren Ashdown and Wrenn Ashdown"}},
			{Name: "the two", As: access.DataOfficer, URL: pair, Want: []string{"4 Lantern Row"[2:], "Curlew Walk", "Given name", "How they agree", "Any two people", "one person", "Same person", "Different people", "Not sure", "Added by"}},
			{Name: "nobody's pair", As: access.DataOfficer, URL: "/duplicates/" + string(id.NewRef()), Status: 404},
			{Name: "no answer", As: access.DataOfficer, Method: "POST", URL: pair, Form: url.Values{}, Status: 400},
			{Name: "different", As: access.DataOfficer, Method: "POST", URL: pair, Form: url.Values{"answer": {"different"}, "note": {"cousins"}}, Status: 303, Location: "/duplicates"},
			{Name: "not offered again", As: access.TeamManager, URL: "/duplicates", Want: []string{"Nothing is left to decide", "different people (1)"}},
			{Name: "listed as different", As: access.TeamManager, URL: "/duplicates/different", Want: []string{"Wrenn Ashdown"}},
			{Name: "says who said so", As: access.TeamManager, URL: pair, Want: []string{"Different people:", "cousins", "offer the pair again"}, WantNot: []string{"Same person"}},
			{Name: "taken back", As: access.DataOfficer, Method: "POST", URL: pair, Form: url.Values{"answer": {"offer"}}, Status: 303, Location: "/duplicates"},
			{Name: "not sure", As: access.DataOfficer, Method: "POST", URL: pair, Form: url.Values{"answer": {"not sure"}}, Status: 303, Location: "/duplicates"},
			{Name: "passed on", As: access.TeamManager, URL: "/duplicates", Want: []string{"was not sure on"}},
			{Name: "the same", As: access.DataOfficer, URL: pair, Want: []string{pair + "/merge"}},
			{Name: "no merge yet", As: access.DataOfficer, URL: "/merges", Want: []string{"No records have been put together"}},
			{Name: "what to keep", As: access.DataOfficer, URL: pair + "/merge", Want: []string{"Which record stays?", "4 Lantern Row", "9 Curlew Walk", "phone, her aunt"}},
		})
		check := pair + "/check?keep=first&called=second&address=second"
		h.run(t, []Scenario{
			{Name: "what it comes to", As: access.DataOfficer, URL: check, Want: []string{"Before and after", "Afterwards", "YoungPersonsID of a merged record"}},
			{Name: "a reason is asked", As: access.DataOfficer, Method: "POST", URL: check, Form: url.Values{"seen": {"1"}}, Status: 422, Want: []string{"Say how you know that they are one person"}},
			{Name: "versions that were not shown", As: access.DataOfficer, Method: "POST", URL: check, Form: url.Values{"seen": {"1"}, "reason": {"x"}}, Status: 409},
		})
		page := h.send(t, access.DataOfficer, check, url.Values{"reason": {"her school says so"}})
		for _, want := range []string{"The two records are one", "Wrenn Ashdown", "9 Curlew Walk", "Undo the merge"} {
			if !strings.Contains(page, want) {
				t.Errorf("the record that stays has no %q", want)
			}
		}
		undo := linkIn(t, page, "/merges/")
		old := "/young-people/" + string(ren)
		h.because(t, access.Adviser, wren)
		h.run(t, []Scenario{
			{Name: "the old address leads there", As: access.DataOfficer, URL: old, Status: 303, Location: "/young-people/" + string(wren)},
			{Name: "and says so", As: access.DataOfficer, URL: "/young-people/" + string(wren), Want: []string{"was put together with this one on", "Undo the merge"}},
			{Name: "so does its history", As: access.TeamManager, URL: old + "/history", Status: 303, Location: "/young-people/" + string(wren) + "/history"},
			{Name: "what was sent to it is not lost in silence", As: access.DataOfficer, Method: "POST", URL: old + "/contact/new", Form: url.Values{}, Status: 303, Location: "/young-people/" + string(wren)},
			{Name: "words for it", As: access.DataOfficer, URL: "/young-people/" + string(wren), Want: []string{"was not saved"}},
			{Name: "an adviser is led too", As: access.Adviser, URL: old, Status: 303, Location: "/young-people/" + string(wren)},
			{Name: "without the way to undo", As: access.Adviser, URL: "/young-people/" + string(wren), Want: []string{"was put together"}, WantNot: []string{"/merges/"}},
			{Name: "the history", As: access.DataOfficer, URL: "/young-people/" + string(wren) + "/history", Want: []string{"Put together with the record", "her school says so", undo}},
			{Name: "the pair is one", As: access.DataOfficer, URL: pair, Status: 303, Location: "/young-people/" + string(wren)},
			{Name: "all merges", As: access.TeamManager, URL: "/merges", Want: []string{"her school says so", undo, "1 merge."}},
			{Name: "undoing", As: access.DataOfficer, URL: undo, Want: []string{"The record that comes back", "Nothing has been recorded since"}},
			{Name: "an adviser may not undo", As: access.Adviser, URL: undo, Status: 403},
			{Name: "without a reason", As: access.DataOfficer, Method: "POST", URL: undo, Form: url.Values{"seen": {"1"}}, Status: 422},
		})
		h.atCollege(t, wren)
		h.run(t, []Scenario{{Name: "what came since", As: access.DataOfficer, URL: undo, Want: []string{"Recorded since the merge", "Keep it on", "Give it to", "Take it back"}}})
		if page := h.send(t, access.DataOfficer, undo, url.Values{"reason": {"two girls"}, "different": {"yes"}}); !strings.Contains(page, "two again") || !strings.Contains(page, "4 Lantern Row") {
			t.Errorf("after undoing: %s", page)
		}
		h.run(t, []Scenario{
			{Name: "the other is back", As: access.DataOfficer, URL: old, Want: []string{"Wrenn Ashdown", "9 Curlew Walk"}},
			{Name: "nothing left to undo", As: access.DataOfficer, URL: undo, Want: []string{"taken apart already"}},
			{Name: "they are different now", As: access.DataOfficer, URL: "/duplicates/different", Want: []string{"Wrenn Ashdown"}},
		})
	})
}

// Whoever looks at a record may choose another one to compare it with.
func TestTwoRecordsChosenByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren(t)
		ren := h.ren(t)
		at := "/young-people/" + string(wren) + "/compare"
		h.run(t, []Scenario{
			{Name: "the way there", As: access.DataOfficer, URL: "/young-people/" + string(wren), Want: []string{at}},
			{Name: "an adviser may not", As: access.Adviser, URL: at, Status: 403},
			{Name: "the form", As: access.DataOfficer, URL: at, Want: []string{"Which other record?"}, WantNot: []string{"Which of these?"}},
			{Name: "nothing typed", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{}, Status: 422, Want: []string{"Enter a number, or a name and date of birth"}},
			{Name: "nobody fits", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"zyxwvut"}}, Status: 422, Want: []string{"No other record fits"}},
			{Name: "no letters", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"…"}}, Status: 422, Want: []string{"Enter letters or digits"}},
			{Name: "who fits", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"ashdown"}}, Want: []string{"Wrenn Ashdown", "3 March 2010", string(ren), "Compare the two records"}, WantNot: []string{`value="` + string(wren)}},
			{Name: "none chosen", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"ashdown"}, "asked": {"ashdown"}}, Status: 422, Want: []string{"Choose one of these records"}},
			{Name: "itself", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"ashdown"}, "other": {string(wren)}}, Status: 422, Want: []string{"This is the same record"}},
			{Name: "one that is not there", As: access.DataOfficer, Method: "POST", URL: at, Form: url.Values{"who": {"ashdown"}, "other": {string(id.NewRef())}}, Status: 404},
		})
		page := h.send(t, access.DataOfficer, at, url.Values{"who": {"ashdown"}, "other": {string(ren)}})
		for _, want := range []string{"One person or two?", "Wrenn Ashdown", "How they agree"} {
			if !strings.Contains(page, want) {
				t.Errorf("the two that were chosen have no %q: %s", want, page)
			}
		}
	})
}

// linkIn is the first link of a page that begins so.
func linkIn(t testing.TB, page, prefix string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `href="`+prefix)
	if !found {
		t.Fatalf("no link to %s in %s", prefix, page)
	}
	tail, _, _ := strings.Cut(rest, `"`)
	return prefix + tail
}
