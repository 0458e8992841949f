package web

import (
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
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
			{Name: "on the home page", As: access.DataOfficer, URL: "/", Want: []string{"What the return would say of academic age 16 and 17", "NEET and not known together", "On 30\u00a0November\u00a02026, if nothing is done", "/lapsing/by?of=school"}},
			{Name: "in numbers for the commissioner", As: access.Commissioner, URL: "/", Want: []string{"What the return would say"}, WantNot: []string{"/lapsing"}},
			{Name: "by adviser", As: access.TeamManager, URL: "/lapsing/by?of=adviser"},
			{Name: "by school", As: access.Adviser, URL: "/lapsing/by?of=school"},
			{Name: "of a school there is none of", As: access.TeamManager, URL: "/lapsing?school=name:Closed&within=60", Want: []string{"Where: Closed", "Remove this filter:", "Nothing lapses by"}},
			{Name: "as known then", As: access.TeamManager, URL: "/lapsing?within=90&known-on=2026-11-10", Want: []string{"As known on 10 November 2026."}, WantNot: []string{"activity/confirm"}},
			{Name: "not for the commissioner", As: access.Commissioner, URL: "/lapsing/by", Status: 403},
		})
	})
}
