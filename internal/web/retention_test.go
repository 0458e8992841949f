package web

import (
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/retention"
)

// TestRetentionPages: a rule is added, a record held, one put forward, agreed by
// one and released by another, erased, and its certificate checked.
func TestRetentionPages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ig, manager := access.InformationGovernance, access.TeamManager
		ref := h.wren(t)
		rule := url.Values{"category": {string(retention.Everyone)}, "from": {string(retention.Birth)}, "years": {"10"}, "basis": {"Schedule 2026, line 4"}}
		with := func(v url.Values, name, value string) url.Values {
			out := url.Values{}
			for k := range v {
				out[k] = v[k]
			}
			out.Set(name, value)
			return out
		}
		h.run(t, []Scenario{
			{Name: "nothing yet", As: ig, URL: "/retention", Want: []string{"No rule is in force", "Nothing is held", "What other authorities do", "Add a rule"}},
			{Name: "a manager keeps no rules", As: manager, URL: "/retention", Want: []string{"No rule is in force"}, WantNot: []string{"Add a rule", "Erase one record"}},
			{Name: "an adviser sees none of it", As: access.Adviser, URL: "/retention", Status: 403},
			{Name: "nobody’s time is over", As: manager, URL: "/retention/due", Want: []string{"Nobody’s time is over", "no rule applies"}, WantNot: []string{"Wren"}},
			{Name: "the form", As: ig, URL: "/retention/rules/new", Want: []string{"Ever in care", "Date of birth"}},
			{Name: "without a reason", As: ig, Method: "POST", URL: "/retention/rules/new", Form: with(rule, "basis", " "), Status: 422, Want: []string{"Say why: the line of your retention schedule"}},
			{Name: "no number", As: ig, Method: "POST", URL: "/retention/rules/new", Form: with(rule, "years", "ten"), Status: 422, Want: []string{"Enter a number of years"}},
			{Name: "no time at all", As: ig, Method: "POST", URL: "/retention/rules/new", Form: with(rule, "years", "0"), Status: 422, Want: []string{"Enter for how long"}},
			{Name: "people by the day of a file", As: ig, Method: "POST", URL: "/retention/rules/new", Form: with(rule, "from", string(retention.Received)), Status: 422, Want: []string{"select another day"}},
			{Name: "a rule", As: ig, Method: "POST", URL: "/retention/rules/new", Form: rule, Status: 303, Location: "/retention"},
			{Name: "is in force", As: manager, URL: "/retention", Want: []string{"Everybody: 10 years after the date of birth", "Schedule 2026, line 4"}},
			{Name: "and says who", As: manager, URL: "/retention/due", Want: []string{"Wren", "time is over"}, WantNot: []string{"Put all of them forward"}},
			{Name: "a hold needs a record", As: ig, Method: "POST", URL: "/retention/holds/new", Form: url.Values{"whose": {"one"}, "whom": {"123"}, "reason": {"claim"}}, Status: 422, Want: []string{"Enter the YoungPersonsID of a record that is held"}},
			{Name: "and a reason", As: ig, Method: "POST", URL: "/retention/holds/new", Form: url.Values{"whose": {"one"}, "whom": {"9910000000001"}}, Status: 422, Want: []string{"Say why nothing may be erased"}},
			{Name: "a hold", As: ig, Method: "POST", URL: "/retention/holds/new", Form: url.Values{"whose": {"one"}, "whom": {"9910000000001"}, "reason": {"claim 12"}}, Status: 303, Location: "/retention"},
			{Name: "wins", As: ig, URL: "/retention/due", Want: []string{"over, but held", "Nobody’s time is over"}, WantNot: []string{"Wren"}},
			{Name: "and is shown", As: ig, URL: "/retention", Want: []string{"claim 12", "9910000000001", "Lift this hold"}},
		})
		page := h.ask(Scenario{As: ig, URL: "/retention"}).Body.String()
		lift := page[strings.Index(page, "/retention/holds/"):]
		for _, action := range strings.Split(page, `action="`) {
			if strings.HasPrefix(action, "/retention/holds/") {
				lift = action[:strings.Index(action, `"`)]
			}
		}
		h.run(t, []Scenario{
			{Name: "a manager lifts none", As: manager, Method: "POST", URL: lift, Form: url.Values{}, Status: 403},
			{Name: "lifted", As: ig, Method: "POST", URL: lift, Form: url.Values{}, Status: 303, Location: "/retention"},
			{Name: "a manager puts none forward", As: manager, Method: "POST", URL: "/retention/due", Form: url.Values{}, Status: 403},
			{Name: "one alone", As: ig, URL: "/retention/one", Want: []string{"YoungPersonsID of the record"}},
			{Name: "who is nobody", As: ig, Method: "POST", URL: "/retention/one", Form: url.Values{"whom": {"x"}, "reason": {"request 4"}}, Status: 422, Want: []string{"Enter the YoungPersonsID"}},
		})
		answer := h.ask(Scenario{As: ig, Method: "POST", URL: "/retention/due", Form: url.Values{}})
		proposal := answer.Header().Get("Location")
		if answer.Code != 303 || !strings.HasPrefix(proposal, "/retention/proposals/") {
			t.Fatalf("put forward: %d %s", answer.Code, answer.Body)
		}
		h.run(t, []Scenario{
			{Name: "put forward", As: manager, URL: proposal, Want: []string{"Waits for two people", "Wren", "Agree, as the first of two"}, WantNot: []string{"Release and erase", "Withdraw"}},
			{Name: "twice", As: ig, Method: "POST", URL: "/retention/one", Form: url.Values{"whom": {string(ref)}, "reason": {"request 4"}}, Status: 422, Want: []string{"waits in a proposal already"}},
			{Name: "released by nobody else", As: ig, Method: "POST", URL: proposal + "/release", Form: url.Values{}, Status: 409},
			{Name: "agreed", As: ig, Method: "POST", URL: proposal + "/agree", Form: url.Values{}, Status: 303, Location: proposal},
			{Name: "and waits", As: ig, URL: proposal, Want: []string{"Waits for a second person", "Another person must release it now"}, WantNot: []string{"Release and erase"}},
			{Name: "the same releases nothing", As: ig, Method: "POST", URL: proposal + "/release", Form: url.Values{}, Status: 303, Location: proposal},
			{Name: "and is told", As: ig, URL: proposal, Want: []string{"You agreed to this yourself", "Waits for a second person"}},
			{Name: "the second sees the button", As: manager, URL: proposal, Want: []string{"Release and erase", "cannot be undone"}},
			{Name: "released", As: manager, Method: "POST", URL: proposal + "/release", Form: url.Values{}, Status: 303, Location: proposal},
			{Name: "under way", As: ig, URL: proposal, Want: []string{"Being erased", "1 record waits to be erased"}},
		})
		if err := h.Retention.Work(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		text := h.ask(Scenario{As: manager, URL: proposal + "?as=text"})
		if text.Code != 200 || !strings.HasPrefix(text.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("the certificate answers %d, %v", text.Code, text.Header())
		}
		h.run(t, []Scenario{
			{Name: "erased", As: ig, URL: proposal, Want: []string{"CERTIFICATE OF ERASURE", "Released by Test Team manager", "Download the certificate"}, WantNot: []string{"Wren"}},
			{Name: "her page is gone", As: access.DataOfficer, URL: "/young-people/" + string(ref), Status: 404},
			{Name: "the certificate holds", As: manager, Method: "POST", URL: "/retention/check", Form: url.Values{"certificate": {text.Body.String()}}, Want: []string{"The certificate holds.", "1 record was erased"}},
			{Name: "a changed one does not", As: manager, Method: "POST", URL: "/retention/check", Form: url.Values{"certificate": {strings.Replace(text.Body.String(), "Erased: 1", "Erased: 2", 1)}}, Want: []string{"does not hold", "was changed"}},
			{Name: "nothing to check", As: manager, Method: "POST", URL: "/retention/check", Form: url.Values{}, Status: 422, Want: []string{"Paste the text"}},
			{Name: "the audit page of who looked at her", As: ig, URL: "/audit", WantNot: []string{"Wren"}},
			{Name: "the log says it", As: ig, URL: "/audit?what=done", Want: []string{"Waymark"}},
		})
	})
}
