package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/record"
)

// answering walks through the questions as a browser would: each answer is what
// is set in the form that came last.
func (h *house) answering(t *testing.T, as access.Role, address string, steps ...map[string]string) (page string, w int, to string) {
	t.Helper()
	page = h.page(t, as, address)
	for _, step := range steps {
		form := fields(page)
		for name, value := range step {
			form.Set(name, value)
		}
		answer := h.ask(Scenario{As: as, Method: "POST", URL: address, Form: form})
		page, w, to = answer.Body.String(), answer.Code, answer.Header().Get("Location")
		if w != http.StatusSeeOther {
			wellFormed(t, page)
		}
	}
	return page, w, to
}

func day(name, d string) map[string]string {
	y, m, dd := civil.MustParse(d).YMD()
	return map[string]string{name + "-day": itoa(dd), name + "-month": m.String(), name + "-year": itoa(y)}
}

func itoa(n int) string { return strings.ReplaceAll(count(n), ",", "") }

func both(a, b map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func holds(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not hold %q\n%s", w, page)
		}
	}
}

func TestRecordingByQuestions(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		as := access.TeamManager
		address := "/young-people/" + string(ref) + "/activity/questions"
		pick := func(to string) map[string]string { return map[string]string{"answer": to} }
		holds(t, h.page(t, as, "/young-people/"+string(ref)), `href="`+address+`"`)
		h.run(t, []Scenario{
			{Name: "the first question", As: as, URL: address, Want: []string{"What are they doing?", "I know the code", "Wren Ashdown, born 3 March 2010"}},
			{Name: "not for governance", As: access.InformationGovernance, URL: address, Status: 403},
		})
		if page, code, _ := h.answering(t, as, address, nil); code != 422 {
			t.Errorf("no answer was answered %d", code)
		} else {
			holds(t, page, "Select an answer", `href="#answer"`)
		}
		// An answer that the question does not have.
		if _, code, _ := h.answering(t, as, address, pick("110")); code != 422 {
			t.Errorf("an answer of another age was answered %d", code)
		}
		page, _, _ := h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"))
		holds(t, page, "Where is the course?", "Is it full time?", "Full time<", "Change<")
		// Without a plan the Department refuses a special institution, in its own words.
		page, code, _ := h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("280"))
		if code != 422 {
			t.Errorf("280 without a plan was answered %d", code)
		}
		holds(t, page, "(check 254)", "Where is the course?")
		page, _, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"))
		holds(t, page, "This is 210: Full-time education, school sixth form.", "It counts as in education, employment or training.", "It lapses at the end of August", "Since when?", "Until when is it expected to last?")
		when := both(both(day("started", "2026-09-07"), day("predicted-end", "2028-07-07")), map[string]string{"establishment-name": "Larkfield School"})
		// The end is missing.
		page, code, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), day("started", "2026-09-07"))
		if code != 422 {
			t.Errorf("no end was answered %d", code)
		}
		holds(t, page, "(check 259)", `href="#predicted-end-day"`)
		page, code, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), when, nil)
		if code != 422 {
			t.Errorf("nobody told us was answered %d", code)
		}
		// It began before November: was it so at the end of October, whose return
		// nobody has signed?
		holds(t, page, "Select how you learned this", "Was this so on 31 October 2026 already?")
		who := map[string]string{"told-kind": act.Telephone, "told-by": "her aunt", "so-on": "2026-10-31"}
		page, code, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), when, who)
		if code != 200 {
			t.Errorf("the check was answered %d", code)
		}
		holds(t, page, "It counts until 31 August 2027.", "They move from not known to in education, employment or training.",
			"November’s return would say 0.0% not known instead of 100.0%: 0 of 1, and now 1 of 1.", "Larkfield School", "7 September 2026", "her aunt", "Save")
		if strings.Contains(page, "?") && strings.Contains(page, "answers=") {
			t.Error("an address holds answers")
		}
		// Back to the third question, and on again with what was said before.
		page, _, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), when, who, map[string]string{"back": "3"})
		holds(t, page, "Where is the course?", `value="210" checked`)
		page, _, _ = h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), when, who, map[string]string{"back": "3"}, pick("230"))
		holds(t, page, "This is 230", "Larkfield School", `value="2028"`)
		if s, err := h.Record.Summary(t.Context(), h.actor(as), ref); err != nil || s.View.Spell != nil {
			t.Fatalf("looking ahead has recorded %+v, %v", s.View.Spell, err)
		}
		_, code, to := h.answering(t, as, address, pick("learning"), pick("hours"), pick("where"), pick("210"), when, who, nil)
		if code != http.StatusSeeOther || to != "/young-people/"+string(ref) {
			t.Fatalf("saving was answered %d, to %q", code, to)
		}
		s, err := h.Record.Summary(t.Context(), h.actor(as), ref)
		if err != nil {
			t.Fatal(err)
		}
		if sp := s.View.Spell; sp == nil || sp.Is.Activity != "210" || sp.Started != "2026-09-07" || sp.Is.PredictedEnd != "2028-07-07" || sp.Is.EstablishmentName != "Larkfield School" ||
			s.Sources[sp.Evidence].SaidBy != "her aunt" || s.View.Lapses.String() != "2027-08-31" {
			t.Errorf("recorded is %+v", s.View.Spell)
		} else if sp.Is.Ascertained != "2026-10-31" || len(s.Life.Verifications) != 2 {
			t.Errorf("said to be so on 31 October: ascertained %q, confirmed %+v", sp.Is.Ascertained, s.Life.Verifications)
		}
		holds(t, h.page(t, as, "/young-people/"+string(ref)), "Saved: what they do now.")
	})
}

func TestQuestionsAboutAPupilAndAConflict(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		as := access.TeamManager
		sum, err := h.Record.Summary(t.Context(), h.actor(as), ref)
		if err != nil {
			t.Fatal(err)
		}
		born := civil.MustParse("2011-03-03") // Year 11
		seen := sum.Life.Particulars[0].KnownFrom
		if err := h.Record.CorrectBirth(t.Context(), h.actor(access.DataOfficer), ref, born, "F", "WBRI", seen, told()); err != nil {
			t.Fatal(err)
		}
		address := "/young-people/" + string(ref) + "/activity/questions"
		holds(t, h.page(t, as, address), "Where are they taught?")
		page, _, _ := h.answering(t, as, address, map[string]string{"answer": "120"})
		holds(t, page, "This is 120: Educated at home.", "It counts as of compulsory school age.")
		stale := fields(page)
		if err := h.Record.RecordActivity(t.Context(), h.actor(as), ref, record.NewSpell{Activity: "110", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2027-07-07")}, 0, told()); err != nil {
			t.Fatal(err)
		}
		for name, value := range day("started", "2026-10-01") {
			stale.Set(name, value)
		}
		for name, value := range day("predicted-end", "2027-07-07") {
			stale.Set(name, value)
		}
		stale.Set("stage", "check")
		stale.Set("told-kind", act.Telephone)
		h.run(t, []Scenario{
			{Name: "somebody was first", As: as, Method: "POST", URL: address, Form: stale, Status: 409, Want: []string{"somebody else has changed this young person"}},
			{Name: "nonsense is asked again", As: as, Method: "POST", URL: address, Form: url.Values{"answers": {"x", "y"}, "stage": {"check"}}, Status: 422, Want: []string{"Where are they taught?"}},
		})
	})
}
