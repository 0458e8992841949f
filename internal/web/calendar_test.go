package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
)

func TestTheYear(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		own := url.Values{"words": {"Lists from the colleges are due"}, "opens-day": {"14"}, "opens-month": {"9"}, "opens-year": {"2027"},
			"closes-day": {"18"}, "closes-month": {"9"}, "closes-year": {"2027"}, "roles": {"data officer"}, "href": {"/imports"}}
		bad := url.Values{"words": {""}, "opens-day": {"31"}, "opens-month": {"9"}, "opens-year": {"2027"}}
		h.run(t, []Scenario{
			{Name: "an adviser sees the year", As: access.Adviser, URL: "/calendar", Want: []string{"The year 2026/27", "Annual Activity Survey", "31 January 2027", "Open today"}, WantNot: []string{"Add a day", ">Move"}},
			{Name: "a manager may change it", As: access.TeamManager, URL: "/calendar?year=2027", Want: []string{"The year 2027/28", "Add a day", "/calendar/2027/enrolment-lists/move"}},
			{Name: "what is due to one role", As: access.Adviser, URL: "/calendar?year=2026&role=adviser", Want: []string{"Enrolment season"}, WantNot: []string{"Return for November 2026"}},
			{Name: "no year", As: access.Adviser, URL: "/calendar?year=soon", Status: 404},
			{Name: "a partner does not", As: access.Partner, URL: "/calendar", Status: 403},
			{Name: "an adviser adds none", As: access.Adviser, URL: "/calendar/new", Status: 403},
			{Name: "what cannot be", As: access.TeamManager, Method: "POST", URL: "/calendar/new", Form: bad, Status: 422, Want: []string{"The first day must be a real date", `value="31"`}},
			{Name: "a day is added", As: access.TeamManager, Method: "POST", URL: "/calendar/new", Form: own, Status: 303, Location: "/calendar?year=2027"},
			{Name: "it stands there", As: access.Adviser, URL: "/calendar?year=2027", Want: []string{"Lists from the colleges are due", "until 18 September 2027"}},
			{Name: "what is fixed is not moved", As: access.TeamManager, URL: "/calendar/2027/survey/move", Status: 404},
			{Name: "what is theirs is", As: access.DataOfficer, URL: "/calendar/2027/enrolment-lists/move", Want: []string{"Choose your own days", `value="10"`}},
			{Name: "and moved", As: access.DataOfficer, Method: "POST", URL: "/calendar/2027/enrolment-lists/move", Form: url.Values{"opens-day": {"1"}, "opens-month": {"9"}, "opens-year": {"2027"},
				"closes-day": {"17"}, "closes-month": {"9"}, "closes-year": {"2027"}}, Status: 303, Location: "/calendar?year=2027"},
			{Name: "as it says", As: access.Adviser, URL: "/calendar?year=2027", Want: []string{"until 17 September 2027", "Your authority has chosen these days"}},
			{Name: "no such day", As: access.TeamManager, URL: "/calendar/aaaaaaaaaaaaaaaaaaaaaaaaaa", Status: 404},
		})
		page := h.ask(Scenario{As: access.TeamManager, URL: "/calendar?year=2027"}).Body.String()
		links := regexp.MustCompile(`/calendar/([a-z2-7]{26})"[^>]*>Change`).FindAllStringSubmatch(page, -1)
		if len(links) != 2 {
			t.Fatalf("%d days can be changed, not 2", len(links))
		}
		for _, l := range links {
			form := h.ask(Scenario{As: access.TeamManager, URL: "/calendar/" + l[1]}).Body.String()
			version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(form)
			if version == nil {
				t.Fatalf("the form of a day has no version:\n%s", form)
			}
			h.run(t, []Scenario{
				{Name: "changed from an old page", As: access.TeamManager, Method: "POST", URL: "/calendar/" + l[1], Form: url.Values{"version": {"1"}, "words": {"x"}, "opens-day": {"1"}, "opens-month": {"9"}, "opens-year": {"2027"}}, Status: http.StatusConflict},
				{Name: "changed", As: access.TeamManager, Method: "POST", URL: "/calendar/" + l[1], Form: url.Values{"version": {version[1]}, "words": {"Notices, and late ones"}, "opens-day": {"2"}, "opens-month": {"9"}, "opens-year": {"2027"}}, Status: 303, Location: "/calendar?year=2027"},
				{Name: "taken out from an old page", As: access.TeamManager, Method: "POST", URL: "/calendar/" + l[1] + "/remove", Form: url.Values{"version": {version[1]}}, Status: http.StatusConflict},
			})
			form = h.ask(Scenario{As: access.TeamManager, URL: "/calendar/" + l[1]}).Body.String()
			version = regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(form)
			h.run(t, []Scenario{{Name: "taken out", As: access.TeamManager, Method: "POST", URL: "/calendar/" + l[1] + "/remove", Form: url.Values{"version": {version[1]}}, Status: 303, Location: "/calendar"}})
		}
		page = h.ask(Scenario{As: access.TeamManager, URL: "/calendar?year=2027"}).Body.String()
		if strings.Contains(page, "late ones") || !strings.Contains(page, "until 10 September 2027") {
			t.Error("what was taken out is still there, or what was moved is not back")
		}
		h.run(t, []Scenario{{Name: "for one's own calendar", As: access.Adviser, URL: "/calendar.ics?year=2026", Want: []string{"BEGIN:VCALENDAR", "DTSTART;VALUE=DATE:20261101"}}})
	})
}
