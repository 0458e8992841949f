package web

import (
	"net/url"
	"testing"

	"waymark/internal/access"
)

func TestNothingIsPublicUnlessSwitchedOn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{
			{Name: "no public address", URL: "/published", Status: 404},
			{Name: "no public file", URL: "/published/2026-10/file?as=csv", Status: 404},
			{Name: "an adviser does not publish", As: access.Adviser, URL: "/publications", Status: 403},
			{Name: "a manager sees what there is", As: access.TeamManager, URL: "/publications", Want: []string{"Nothing was published yet", "Make the tables"}},
			{Name: "information governance looks on", As: access.InformationGovernance, URL: "/publications", WantNot: []string{`action="/publications"`}},
			{Name: "nothing chosen", As: access.DataOfficer, Method: "POST", URL: "/publications", Form: url.Values{"period": {"2026-10"}}, Status: 422, Want: []string{`href="#kinds"`}},
			{Name: "a register that knows nothing", As: access.DataOfficer, Method: "POST", URL: "/publications", Form: url.Values{"period": {"2026-10"}, "kinds": {"sex"}}, Status: 422, Want: []string{`href="#period"`, "has no figures"}},
		})
	})
}
