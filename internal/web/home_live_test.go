package web

import (
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db/dbtest"
	"waymark/internal/record"
	"waymark/internal/returns"
)

// TestLiveAgreesWithTheReturn holds that what the standings say is what the
// return says, which is stated from the facts.
func TestLiveAgreesWithTheReturn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.load(t, 400)
		for _, month := range []string{"2026-09", "2026-10", "2026-11", "2027-02", "2027-06", "2027-08", "2027-09", "2027-11", "2028-03"} {
			m, err := civil.ParseMonth(month)
			if err != nil {
				t.Fatal(err)
			}
			d, err := h.Returns.Build(t.Context(), h.actor(access.DataOfficer), m, returns.Options{})
			if err != nil {
				t.Fatal(err)
			}
			live, err := h.Record.Live(t.Context(), h.actor(access.Adviser), m.End())
			if err != nil {
				t.Fatal(err)
			}
			if r := d.Totals.Rates; live != (record.Live{Cohort: r.Cohort, EET: r.EET, NEET: r.NEET, NotKnown: r.NotKnown}) || (month == "2026-10" && r.NEET*r.NotKnown == 0) {
				t.Errorf("%s: the standings say %+v, the return %+v", month, live, r)
			}
		}
		h.run(t, []Scenario{
			{Name: "on the home page", As: access.DataOfficer, URL: "/", Want: []string{"What the return would say of academic age 16 and 17", "NEET and not known together", "On 30\u00a0Nov, if nothing is done", "/due/by?of=school", `href="/forecast"`}},
			{Name: "in numbers for the commissioner", As: access.Commissioner, URL: "/", Want: []string{"What the return would say"}, WantNot: []string{`href="/due`, "has not been loaded yet"}},
			{Name: "the forecast", As: access.Commissioner, URL: "/forecast", Want: []string{"What the return will say on 30 November 2026", "If all who are due are confirmed", "No past month can be replayed yet", "What is known to happen until then", "A list or a forecast reaches nobody"}, WantNot: []string{`href="/due`}},
			{Name: "the forecast of a day", As: access.DataOfficer, URL: "/forecast?to-day=1&to-month=9&to-year=2027", Want: []string{"What the return will say on 1 September 2027", "Enter the figures"}},
			{Name: "the forecast of the past", As: access.DataOfficer, URL: "/forecast?to-day=1&to-month=9&to-year=2026", Status: 422, Want: []string{"There is a problem", "a forecast looks ahead"}},
			{Name: "the forecast of no day", As: access.DataOfficer, URL: "/forecast?to-day=31&to-month=2&to-year=2027", Status: 422, Want: []string{"There is a problem"}},
			{Name: "the forecast as a file", As: access.Adviser, URL: "/forecast.csv?to=2026-12-31", Want: []string{"made on,for,scenario", "2026-11-10,2026-12-31,nothing done,"}},
			{Name: "days NEET", As: access.Commissioner, URL: "/figures/days-neet?leavers=2026&by=sex", Want: []string{"Not known counts as NEET", "Not known is left out", "Who came back", "The window is not over", "Female"}},
			{Name: "days NEET of no year", As: access.DataOfficer, URL: "/figures/days-neet?leavers=1999", Status: 422, Want: []string{"There is a problem", "Enter a year from 2024 to 2026"}},
			{Name: "days NEET as a file", As: access.Adviser, URL: "/figures/days-neet.csv?leavers=2026&months=6", Want: []string{"finished Year 11,from", "2026,2026-09-01"}},
			{Name: "days NEET as rows", As: access.Commissioner, URL: "/figures/days-neet-window.csv?leavers=2026&by=sex", Want: []string{"period,measure,group", "2026-09/2026-11,window_days_neet_mean,all,", "sex:F"}},
			{Name: "days NEET as a workbook", As: access.Commissioner, URL: "/figures/days-neet-window.xlsx?leavers=2026", Want: []string{"PK"}},
			{Name: "days NEET in the figures' file", As: access.Commissioner, URL: "/figures.csv?period=2026-10", Want: []string{"2026-09/2026-11,window_days_neet_mean_not_known_as_neet,all,"}},
			{Name: "days NEET as known then", As: access.DataOfficer, URL: "/figures/days-neet?leavers=2026&known-on=2026-11-10", Want: []string{"As known on 10 November 2026.", "by what was known then", "known-on=2026-11-10&amp;part=people"}},
			{Name: "days NEET as known tomorrow", As: access.DataOfficer, URL: "/figures/days-neet?known-on=2026-11-11", Status: 422, Want: []string{"has not come yet"}},
			{Name: "days NEET before the register", As: access.DataOfficer, URL: "/figures/days-neet?known-on=2026-01-11&leavers=2025", Status: 404, Want: []string{"nothing was known"}},
			{Name: "numbers without names", As: access.Commissioner, URL: "/figures/days-neet?leavers=2026", WantNot: []string{"/days-neet/people"}},
			{Name: "the names behind days NEET", As: access.Adviser, URL: "/figures/days-neet/people?leavers=2026&part=people&treatment=neet&by=sex&group=F", Want: []string{"Who is counted", "Female.", "Not known counts as NEET.", "Days not known", "/young-people/"}},
			{Name: "the names behind days NEET then", As: access.Adviser, URL: "/figures/days-neet/people?leavers=2026&part=people&known-on=2026-11-10", Want: []string{"As known on 10 November 2026.", "?known-on=2026-11-10\""}},
			{Name: "no names behind no number", As: access.Adviser, URL: "/figures/days-neet/people?leavers=2026&part=shoe", Want: []string{"There are no names to show"}},
			{Name: "no names behind days NEET for commissioners", As: access.Commissioner, URL: "/figures/days-neet/people?leavers=2026&part=people", Status: 403},
			{Name: "no days NEET for partners", As: access.Partner, URL: "/figures/days-neet", Status: 403},
			{Name: "an adviser with nothing to do", As: access.Adviser, URL: "/", Want: []string{"Nothing is due for you this week"}},
			{Name: "no forecast for partners", As: access.Partner, URL: "/forecast", Status: 403},
			{Name: "by adviser", As: access.TeamManager, URL: "/due/by?of=adviser"},
			{Name: "by school", As: access.Adviser, URL: "/due/by?of=school"},
			{Name: "of a school there is none of", As: access.TeamManager, URL: "/due?school=Closed&window=60", Want: []string{"Where: Closed", "Remove this filter:", "Nothing lapses by"}},
			{Name: "as known then", As: access.TeamManager, URL: "/due?window=90&known-on=2026-11-10", Want: []string{"As known on 10 November 2026.", "by what was known then", "due?window=7&amp;known-on=2026-11-10", `/due/by?known-on=2026-11-10"`, "See this page as it was known"}, WantNot: []string{"activity/confirm"}},
			{Name: "by adviser as known then", As: access.TeamManager, URL: "/due/by?of=school&known-on=2026-11-10", Want: []string{"As known on 10 November 2026.", "/due/by?of=activity&amp;known-on=2026-11-10"}},
			{Name: "a file as known then", As: access.DataOfficer, URL: "/due.csv?window=90&known-on=2026-11-10", Want: []string{"Review due,Lapses,Reason"}},
			{Name: "due before the register", As: access.DataOfficer, URL: "/due?known-on=2026-01-11", Status: 404, Want: []string{"nothing was known"}},
			{Name: "due as known tomorrow", As: access.DataOfficer, URL: "/due/by?known-on=2026-11-11", Status: 422, Want: []string{"has not come yet"}},
			{Name: "not for the commissioner", As: access.Commissioner, URL: "/due/by", Status: 403},
		})
		// A month later nobody should take the numbers for the last word.
		h.Server.Now = func() time.Time { return dbtest.Noon.AddDate(0, 1, 0) }
		awaited := []string{"November’s file has not been loaded yet.", "more are not known than there will be"}
		h.run(t, []Scenario{
			{Name: "an officer loads the next file", As: access.DataOfficer, URL: "/", Want: append(awaited, `href="/imports/new"`)},
			{Name: "an adviser is told of it", As: access.Adviser, URL: "/", Want: awaited, WantNot: []string{`href="/imports/new"`}},
			{Name: "a commissioner too", As: access.Commissioner, URL: "/", Want: awaited},
			{Name: "beside the figures", As: access.Commissioner, URL: "/figures?period=2026-11", Want: awaited},
		})
	})
}
