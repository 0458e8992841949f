package web

import (
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/rights"
	"waymark/internal/youngperson"
)

func TestRequestsFromTheRecordToTheFile(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		person := "/young-people/" + string(ref)
		asked := url.Values{"kind": {string(rights.Access)}, "asked-by": {rights.ByPerson}, "words": {"Please send me everything"}, "how": {"e-mail"},
			"received-on-day": {"2"}, "received-on-month": {"11"}, "received-on-year": {"2026"}}
		h.run(t, []Scenario{
			{Name: "nothing yet", As: access.InformationGovernance, URL: "/requests", Want: []string{"No request was written down yet"}},
			{Name: "not for a data officer", As: access.DataOfficer, URL: "/requests", Status: 403},
			{Name: "the form", As: access.DataOfficer, URL: person + "/requests/new", Want: []string{"Record a request"}},
			{Name: "nothing written", As: access.DataOfficer, Method: "POST", URL: person + "/requests/new", Form: url.Values{}, Status: 422, Want: []string{`href="#kind"`, `href="#words"`, `href="#received-on-day"`}},
			{Name: "written down", As: access.DataOfficer, Method: "POST", URL: person + "/requests/new", Form: asked, Status: 303, Location: person},
			{Name: "home says so", As: access.InformationGovernance, URL: "/", Want: []string{"1 request is open."}},
			{Name: "the list", As: access.InformationGovernance, URL: "/requests", Want: []string{"Wren Ashdown", "Answer by 2 December 2026, in 22 days"}},
		})
		all, err := h.Rights.All(t.Context(), h.actor(access.InformationGovernance))
		if err != nil || len(all) != 1 {
			t.Fatal(err, all)
		}
		at := requestHref(all[0].Ref, "")
		step := func(kind rights.StepKind) url.Values {
			return url.Values{"step": {string(kind)}, "words": {"Known to their adviser"}, "on-day": {"3"}, "on-month": {"11"}, "on-year": {"2026"}}
		}
		h.run(t, []Scenario{
			{Name: "one", As: access.InformationGovernance, URL: at, Want: []string{"Please send me everything", "What is held about them"}},
			{Name: "no step", As: access.InformationGovernance, Method: "POST", URL: at, Form: url.Values{}, Status: 422, Want: []string{`href="#step"`, `href="#on-day"`}},
			{Name: "a step", As: access.InformationGovernance, Method: "POST", URL: at, Form: step(rights.Identity), Status: 303, Location: at},
			{Name: "no draft yet", As: access.InformationGovernance, URL: at + "/pack", Want: []string{"No draft was made yet"}},
			{Name: "no file yet", As: access.InformationGovernance, Method: "POST", URL: at + "/file", Form: url.Values{}, Status: 404},
			{Name: "draft", As: access.InformationGovernance, Method: "POST", URL: at + "/draft", Form: url.Values{}, Status: 303, Location: at + "/pack"},
			{Name: "marked", As: access.InformationGovernance, URL: at + "/pack", Want: []string{"Still to decide", "Give it", "Withhold it"}},
			{Name: "too early", As: access.InformationGovernance, Method: "POST", URL: at + "/release", Form: url.Values{}, Status: 422, Want: []string{"Decide first about the"}},
		})
		_, marked, err := h.Rights.Look(t.Context(), h.actor(access.InformationGovernance), all[0])
		if err != nil || len(marked) == 0 {
			t.Fatal(err, marked)
		}
		decide := url.Values{}
		for _, i := range marked {
			decide.Set(shownItem(newForm(nil), i).Decision.Name, rights.Keep)
		}
		none := url.Values{shownItem(newForm(nil), marked[0]).Decision.Name: {rights.Withhold}}
		h.run(t, []Scenario{
			{Name: "withheld without a reason", As: access.InformationGovernance, Method: "POST", URL: at + "/pack", Form: none, Status: 422, Want: []string{`href="#reason-`}},
			{Name: "decided", As: access.InformationGovernance, Method: "POST", URL: at + "/pack", Form: decide, Status: 303, Location: at + "/pack"},
			{Name: "released", As: access.InformationGovernance, Method: "POST", URL: at + "/release", Form: url.Values{}, Status: 303, Location: at + "/pack"},
			{Name: "the file", As: access.InformationGovernance, Method: "POST", URL: at + "/file", Form: url.Values{}, Want: []string{"PK\x03\x04", "What we hold about you"}},
			{Name: "not for others", As: access.TeamManager, Method: "POST", URL: at + "/file", Form: url.Values{}, Status: 403},
		})
	})
}

func TestOptOutRestrictionAndDisagreementStandOnTheRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		person := "/young-people/" + string(ref)
		form := func(more url.Values) url.Values {
			more.Set("told-kind", "phone")
			for _, name := range []string{"opt-out-from", "restricted-from", "opt-out-until", "restricted-until"} {
				more.Set(name+"-day", "5")
				more.Set(name+"-month", "11")
				more.Set(name+"-year", "2026")
			}
			return more
		}
		optOut := func() url.Values {
			return form(url.Values{"opt-out-scope": {youngperson.OptOutBeyond}, "opt-out-by": {youngperson.SaidByPerson}})
		}
		restrict := form(url.Values{"restricted-ground": {youngperson.Grounds()[0]}})
		h.because(t, access.Adviser, ref)
		h.run(t, []Scenario{
			{Name: "nobody said who", As: access.Adviser, Method: "POST", URL: person + "/opt-out/new", Form: form(url.Values{"opt-out-scope": {youngperson.OptOutBeyond}}), Status: 422, Want: []string{`href="#opt-out-by"`}},
			{Name: "opted out", As: access.Adviser, Method: "POST", URL: person + "/opt-out/new", Form: optOut(), Status: 303, Location: person},
			{Name: "twice", As: access.Adviser, Method: "POST", URL: person + "/opt-out/new", Form: optOut(), Status: 422, Want: []string{"recorded already"}},
			{Name: "not theirs", As: access.Adviser, Method: "POST", URL: person + "/processing/restrict", Form: restrict, Status: 403},
			{Name: "restricted", As: access.InformationGovernance, Method: "POST", URL: person + "/processing/restrict", Form: restrict, Status: 303, Location: person},
			{Name: "disagrees", As: access.Adviser, Method: "POST", URL: person + "/disagreement/new", Form: form(url.Values{"disagree-about": {"address"}, "disagree-words": {"I live at my aunt’s"}}), Status: 303, Location: person},
			{Name: "all stand on the record", As: access.InformationGovernance, URL: person, Want: []string{"Processing is restricted", "Nothing more than name", "I live at my aunt’s", "processing/lift"}},
		})
		page := h.ask(Scenario{As: access.InformationGovernance, URL: person}).Body.String()
		for _, end := range []string{"opt-out/end", "processing/lift"} {
			_, which, ok := strings.Cut(page, person+"/"+end+"?which=")
			if !ok {
				t.Fatalf("no way to %s", end)
			}
			which = which[:12]
			_, seen, _ := strings.Cut(h.ask(Scenario{As: access.InformationGovernance, URL: person + "/" + end + "?which=" + which}).Body.String(), `name="seen" value="`)
			seen, _, _ = strings.Cut(seen, `"`)
			h.run(t, []Scenario{{Name: end, As: access.InformationGovernance, Method: "POST", URL: person + "/" + end, Form: form(url.Values{"which": {which}, "seen": {seen}}), Status: 303, Location: person}})
		}
		h.run(t, []Scenario{{Name: "both ended", As: access.InformationGovernance, URL: person, WantNot: []string{"processing/lift", "opt-out/end"}}})
	})
}
