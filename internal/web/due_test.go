package web

import (
	"slices"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/due"
	"waymark/internal/record"
)

func TestDueOpensWithSomebody(t *testing.T) {
	for _, c := range []struct {
		overdue, in30 int
		want          due.Window
	}{{0, 0, due.Days30}, {3, 0, due.Overdue}, {3, 1, due.Days30}, {0, 1, due.Days30}} {
		counts := make([]int, len(due.Windows()))
		counts[slices.Index(due.Windows(), due.Overdue)], counts[slices.Index(due.Windows(), due.Days30)] = c.overdue, c.in30
		if got := opensWith(counts); got != c.want {
			t.Errorf("with %d overdue and %d in 30 days it opens with %q, want %q", c.overdue, c.in30, got, c.want)
		}
	}
}

func TestDue(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ref := h.wren(t)
		page := "/young-people/" + string(ref)
		if err := h.Record.RecordActivity(t.Context(), h.actor(access.Adviser), ref, record.NewSpell{Activity: "350", Started: civil.MustParse("2026-08-17"),
			Verified: civil.MustParse("2026-08-20"), Ascertained: civil.MustParse("2026-08-20"), Review: civil.MustParse("2026-11-17")}, 0, told()); err != nil {
			t.Fatal(err)
		}
		form := h.open(t, access.DataOfficer, page+"/status/edit", map[string]string{"status": "P"})
		h.run(t, []Scenario{
			{Name: "in the cohort", As: access.DataOfficer, Method: "POST", URL: page + "/status/edit", Form: form, Status: 303, Location: page},
			{Name: "soon", As: access.DataOfficer, URL: "/due?window=90", Want: []string{"Wren Ashdown", "Temporary employment", "Confirm", "due.csv?window=90", "In 7 days"}},
			{Name: "by its old address", As: access.Adviser, URL: "/lapsing?within=60&whose=mine&school=name:Larkfield&known-on=2026-11-10", Status: 303, Location: "/due?adviser=me&school=Larkfield&window=60&known-on=2026-11-10"},
			{Name: "by its old address, of a window there is none of", As: access.Adviser, URL: "/lapsing?within=14", Status: 303, Location: "/due"},
			{Name: "due, with the reason", As: access.Adviser, URL: "/due?window=60", Want: []string{"Wren Ashdown", "28 days after its review, which is due on 17 November 2026", "Confirm", "until 30\u00a0November\u00a02026"}, WantNot: []string{"due.csv"}},
			{Name: "due by activity", As: access.DataOfficer, URL: "/due/by?of=activity", Want: []string{"Temporary employment", "/due?activity=350&amp;window=60"}},
			{Name: "of another activity", As: access.DataOfficer, URL: "/due?activity=310", Want: []string{"Nobody is due", "Remove this filter"}},
			{Name: "what is due on the home page", As: access.DataOfficer, URL: "/", Want: []string{"What is due", "By the end of November 2026"}},
			{Name: "mine", As: access.Adviser, URL: "/due?adviser=me", Want: []string{"Nobody is due", "Adviser: you"}},
			{Name: "due, as a file", As: access.DataOfficer, URL: "/due.csv?window=60", Want: []string{"Review due,Lapses,Reason", "Wren,Ashdown,2010-03-03", "2026-11-17,2026-12-15"}},
			{Name: "due, handed on as a list", As: access.DataOfficer, URL: "/lists?in-return=yes&lapses-by=2027-01-21", Want: []string{"Wren", "In the return"}},
			{Name: "no file of what is due for advisers", As: access.Adviser, URL: "/due.csv", Status: 403},
			{Name: "what is due is not for commissioners", As: access.Commissioner, URL: "/due", Status: 403},
		})
	})
}
