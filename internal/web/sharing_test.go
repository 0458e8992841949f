package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/id"
)

// agreementForm is what is typed to add an agreement with a college that is in
// force on the day of tests, once it is approved.
func agreementForm(fields ...string) url.Values {
	return url.Values{"organisation": {"Gullhaven College"}, "kind": {"college"}, "ukprn": {"10009991"}, "purpose": {"Keeping students in education"}, "document": {"DSA 12/2026"},
		"owner": {"Head of student services"}, "people": {"enrolled"}, "fields": fields, "started-day": {"1"}, "started-month": {"9"}, "started-year": {"2026"},
		"ends-day": {"31"}, "ends-month": {"8"}, "ends-year": {"2027"}}
}

// agreed adds an agreement that gives the fields, binds the partner's account to
// it and approves it. It returns the address of its page.
func (h *house) agreed(t *testing.T, partner access.Role, form url.Values) string {
	t.Helper()
	w := h.ask(Scenario{As: access.InformationGovernance, Method: "POST", URL: "/sharing/new", Form: form})
	at := w.Header().Get("Location")
	if w.Code != 303 || !strings.HasPrefix(at, "/sharing/") {
		t.Fatalf("adding the agreement answers %d %s", w.Code, w.Body)
	}
	h.press(t, at, url.Values{"act": {"bind"}, "sign-in": {strings.ReplaceAll(string(partner), " ", ".") + "@sandmere.example"}})
	h.press(t, at, url.Values{"act": {"approve"}, "version": {h.version(t, at)}})
	return at
}

func (h *house) press(t *testing.T, at string, form url.Values) {
	t.Helper()
	if w := h.ask(Scenario{As: access.InformationGovernance, Method: "POST", URL: at, Form: form}); w.Code != 303 {
		t.Fatalf("%s %v answers %d\n%s", at, form, w.Code, w.Body)
	}
}

var versionShown = regexp.MustCompile(`name="version" value="(\d+)"`)

// version is the version of the agreement that its page shows.
func (h *house) version(t *testing.T, at string) string {
	t.Helper()
	for _, tail := range []string{"", "/end"} {
		if m := versionShown.FindStringSubmatch(h.ask(Scenario{As: access.InformationGovernance, URL: at + tail}).Body.String()); m != nil {
			return m[1]
		}
	}
	t.Fatal("the page shows no version")
	return ""
}

func TestSharingPages(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ig := access.InformationGovernance
		h.run(t, []Scenario{
			{Name: "none yet", As: ig, URL: "/sharing", Want: []string{"No agreement is kept yet", `href="/sharing/new"`}},
			{Name: "not for an adviser", As: access.Adviser, URL: "/sharing", Status: 403},
			{Name: "not for an administrator", As: access.Administrator, URL: "/sharing/new", Status: 403},
			{Name: "not for a partner", As: access.Partner, URL: "/sharing", Status: 403},
			{Name: "form", As: ig, URL: "/sharing/new", Want: []string{"Whoever is enrolled there", "Parents and carers", "With another authority alone"}, WantNot: []string{"Risk signals"}},
			{Name: "what is missing", As: ig, Method: "POST", URL: "/sharing/new", Form: url.Values{"organisation": {"Gullhaven College"}}, Status: 422,
				Want: []string{`href="#kind"`, `href="#purpose"`, `href="#document"`, `href="#ends-day"`, `value="Gullhaven College"`}},
		})
		at := h.agreed(t, access.Partner, agreementForm("birth date", "activity"))
		old := h.version(t, at)
		change := agreementForm("birth date")
		change.Set("version", old)
		change.Set("owner", "Head of admissions")
		stale := agreementForm("address")
		stale.Set("version", "1")
		h.run(t, []Scenario{
			{Name: "listed", As: ig, URL: "/sharing", Want: []string{"Gullhaven College", "In force", "31\u00a0August\u00a02027"}},
			{Name: "one", As: ig, URL: at, Want: []string{"Keeping students in education", "Names, birth date, activity", "Take away"}, WantNot: []string{"Approve: I have"}},
			{Name: "nobody of that name", As: ig, Method: "POST", URL: at, Form: url.Values{"act": {"bind"}, "sign-in": {"nobody"}}, Status: 422, Want: []string{"Nobody signs in with this name", `href="#sign-in"`}},
			{Name: "an adviser is no partner", As: ig, Method: "POST", URL: at, Form: url.Values{"act": {"bind"}, "sign-in": {"adviser@sandmere.example"}}, Status: 422, Want: []string{"not a partner"}},
			{Name: "form to change", As: ig, URL: at + "/change", Want: []string{`value="Gullhaven College"`, "suspends the agreement"}},
			{Name: "somebody was first", As: ig, Method: "POST", URL: at + "/change", Form: stale, Status: 409},
			{Name: "changed", As: ig, Method: "POST", URL: at + "/change", Form: change, Status: 303, Location: at},
			{Name: "suspended", As: ig, URL: at, Want: []string{"Suspended: the owner, the fields changed", "Approve: I have read"}},
			{Name: "no reason", As: ig, Method: "POST", URL: at + "/end", Form: url.Values{"version": {old}}, Status: 422, Want: []string{"Say why"}},
			{Name: "no such agreement", As: ig, URL: "/sharing/" + string(id.NewRef()), Status: 404},
			{Name: "no such act", As: ig, Method: "POST", URL: at, Form: url.Values{"act": {"burn"}}, Status: 404},
		})
		h.run(t, []Scenario{
			{Name: "ended", As: ig, Method: "POST", URL: at + "/end", Form: url.Values{"version": {h.version(t, at)}, "reason": {"the college closed"}}, Status: 303, Location: "/sharing"},
			{Name: "says so", As: ig, URL: "/sharing", Want: []string{"Ended"}},
		})
	})
}
