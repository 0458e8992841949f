package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"waymark/internal/access"
)

func TestAFileOfPeopleIsSealed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.wren(t)
		body := h.ask(Scenario{As: access.DataOfficer, URL: "/lists.csv?lead=991"}).Body.String()
		at := strings.Index(body, "Waymark sealed export ")
		if at < 0 {
			t.Fatalf("the file has no seal:\n%s", body)
		}
		at = strings.LastIndex(body[:at], "\n") + 1
		sum := sha256.Sum256([]byte(body[:at]))
		for _, want := range []string{"1 rows, taken by Test Data officer", hex.EncodeToString(sum[:])} {
			if !strings.Contains(body[at:], want) {
				t.Errorf("the seal does not say %q: %s", want, body[at:])
			}
		}
		h.run(t, []Scenario{
			{Name: "it is listed", As: access.DataOfficer, URL: "/downloads", Want: []string{"list-2026-11-10.csv", "Taken"}},
			{Name: "not for advisers", As: access.Adviser, URL: "/downloads", Status: 403},
			{Name: "nothing asked for", As: access.DataOfficer, URL: "/downloads/new", Status: 303, Location: "/downloads"},
			{Name: "nothing elsewhere", As: access.DataOfficer, URL: "/downloads/new?of=//example.org/x", Status: 303, Location: "/downloads"},
			{Name: "why", As: access.DataOfficer, URL: "/downloads/new?of=%2Flists.csv%3Flead%3D991&name=list.csv&people=1200", Want: []string{"It names 1,200 young people", "Why do you need it?"}, WantNot: []string{"second person"}},
			{Name: "why, of very many", As: access.DataOfficer, URL: "/downloads/new?of=%2Flists.csv%3Flead%3D991&name=list.csv&people=6000", Want: []string{"released by a second person"}},
			{Name: "no reason", As: access.DataOfficer, Method: "POST", URL: "/downloads", Form: url.Values{"of": {"/lists.csv?lead=991"}, "name": {"list.csv"}, "people": {"6000"}}, Status: 422, Want: []string{"Say why you need this file", "6,000"}},
		})
		asked := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/downloads", Form: url.Values{"of": {"/lists.csv?lead=991"}, "name": {"list.csv"}, "people": {"6000"}, "reason": {"the yearly audit"}}})
		page := asked.Header().Get("Location")
		h.run(t, []Scenario{
			{Name: "waits", As: access.DataOfficer, URL: page, Want: []string{"A second person has to release this file", "the yearly audit"}, WantNot: []string{"Download as CSV"}},
			{Name: "not by who asked", As: access.DataOfficer, Method: "POST", URL: page + "/release", Form: url.Values{}, Status: 422, Want: []string{"somebody else has to release it"}},
			{Name: "seen by the second", As: access.TeamManager, URL: page, Want: []string{"Release the file", "the yearly audit"}},
			{Name: "released", As: access.TeamManager, Method: "POST", URL: page + "/release", Form: url.Values{}, Status: 303, Location: "/downloads"},
			{Name: "to be taken", As: access.DataOfficer, URL: page, Want: []string{"Released by", "Test Team manager", "export="}},
			{Name: "none such", As: access.DataOfficer, URL: "/downloads/aaaaaaaaaaaaaaaaaaaaaaaaaa", Status: 404},
			{Name: "governance sees all", As: access.InformationGovernance, URL: "/downloads", Want: []string{"the yearly audit", "Released"}},
		})
	})
}
