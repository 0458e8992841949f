package web

import (
	"net/url"
	"testing"

	"waymark/internal/access"
	"waymark/internal/record"
)

func TestThePagesOfTheYearBeforeAnythingIsDrawn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.run(t, []Scenario{
			{Name: "a season that is not drawn", As: access.Adviser, URL: "/september-guarantee", Want: []string{"September Guarantee 2026"}, WantNot: []string{"Draw the baselines of 2026<"}},
			{Name: "no season", As: access.Adviser, URL: "/september-guarantee?season=x", Status: 404},
			{Name: "a commissioner sees numbers", As: access.Commissioner, URL: "/september-guarantee"},
			{Name: "and no names", As: access.Commissioner, URL: "/september-guarantee/people", Status: 403},
			{Name: "a partner sees neither", As: access.Partner, URL: "/september-guarantee", Status: 403},
			{Name: "an adviser draws none", As: access.Adviser, Method: "POST", URL: "/september-guarantee/draw?season=2026", Status: 403},
			{Name: "drawn after it closed", As: access.TeamManager, Method: "POST", URL: "/september-guarantee/draw?season=2026", Form: url.Values{}, Status: 422, Want: []string{"The season of 2026 closed on 31 October 2026"}},
			{Name: "drawn too early", As: access.DataOfficer, Method: "POST", URL: "/september-guarantee/draw?season=2027", Form: url.Values{}, Status: 422, Want: []string{"from 20 May 2027 on"}},
			{Name: "who they are", As: access.Adviser, URL: "/september-guarantee/people?season=2027&outcome=No+offer", Want: []string{"Nobody stands so now"}},
			{Name: "intended destinations", As: access.Adviser, URL: "/intended-destinations", Want: []string{"Nobody is in Year 11"}},
			{Name: "1 September", As: access.Adviser, URL: "/rollover", Want: []string{"1 September 2027", "Who enters and who leaves"}, WantNot: []string{"Set the status of"}},
			{Name: "an adviser does not do it", As: access.Adviser, Method: "POST", URL: "/rollover?year=2026", Status: 403},
			{Name: "a year early", As: access.TeamManager, Method: "POST", URL: "/rollover?year=2027", Form: url.Values{}, Status: 422, Want: []string{"can be rolled over from 18 August 2027 on"}},
			{Name: "nobody to do it to", As: access.TeamManager, Method: "POST", URL: "/rollover?year=2026", Form: url.Values{}, Status: 422, Want: []string{"nothing was done"}},
			{Name: "nothing to take back", As: access.TeamManager, Method: "POST", URL: "/rollover/undo?year=2026", Form: url.Values{}, Status: 422, Want: []string{"was not rolled over"}},
			{Name: "an adviser offers nobody", As: access.Adviser, Method: "POST", URL: "/rollover/offer?year=2026", Status: 403},
			{Name: "nobody to offer", As: access.DataOfficer, Method: "POST", URL: "/rollover/offer?year=2026", Form: url.Values{}, Status: 422, Want: []string{"There is nobody to offer"}},
			{Name: "no such change", As: access.Adviser, URL: "/rollover/people?year=2026&change=x", Status: 404},
			{Name: "the survey has nobody", As: access.Adviser, URL: "/survey", Want: []string{"The Year 11 baseline of 2026 was not drawn"}},
			{Name: "and cannot be filed", As: access.TeamManager, Method: "POST", URL: "/survey?year=2026", Form: url.Values{}, Status: 422, Want: []string{"was not drawn"}},
			{Name: "no file of it", As: access.DataOfficer, URL: "/survey.csv?year=2026", Status: 404},
			{Name: "no such column", As: access.Adviser, URL: "/survey/people?column=x", Status: 404},
		})
	})
}

// A locked record is a line of the lists of the year that says nothing: not who it
// is, nor what the day does to them, nor how they stand in the guarantee.
func TestALockedRecordOnTheListsOfTheYear(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		lists := []Scenario{
			{Name: "1 September", As: access.Adviser, URL: "/rollover/people?year=2027&change=stays", Want: []string{"Wren Ashdown"}},
			{Name: "the guarantee", As: access.Adviser, URL: "/september-guarantee/people?season=2027", Want: []string{"Wren Ashdown"}},
			{Name: "a file of it", As: access.DataOfficer, URL: "/september-guarantee/people.csv?season=2027", Want: []string{"Wren Ashdown"}},
		}
		h.run(t, lists)
		h.restrict(t, ref, access.Locked)
		for i := range lists {
			lists[i].Want, lists[i].WantNot = []string{record.RestrictedWords}, []string{"Wren", "Ashdown", string(ref)}
		}
		h.run(t, lists)
	})
}
