package list

import (
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// TestNoFileOfWhoSaidNo holds that who opted out, and whose processing is
// restricted, leaves the house in no file of a list, and is still on the page.
func TestNoFileOfWhoSaidNo(t *testing.T) {
	invented(t, func(r room) {
		ctx, told := r.t.Context(), record.Told{Kind: act.Telephone}
		records := &record.Service{DB: r.DB, Requirement: r.Requirement, Standing: r.Standing, Sights: r.Sights, Rolls: r.Rolls}
		everybody := Question{Sort: ByName}
		file := func() map[id.Ref]Row {
			out := map[id.Ref]Row{}
			if err := r.All(ctx, r.by, everybody, func(row Row) error { out[row.Ref] = row; return nil }); err != nil {
				r.t.Fatal(err)
			}
			return out
		}
		before := file()
		var some []Row
		for _, row := range before {
			if row.Activity != "" && len(some) < 3 {
				some = append(some, row)
			}
		}
		if len(some) < 3 {
			r.t.Fatal("nobody is listed")
		}
		from := r.on.AddDays(-5)
		no := youngperson.OptOut{SaidBy: youngperson.SaidByPerson, Competence: "Decided with their adviser"}
		for i, scope := range []string{youngperson.OptOutAll, youngperson.OptOutBeyond} {
			no.Scope = scope
			if err := records.RecordOptOut(ctx, r.by, some[i].Ref, from, no, told); err != nil {
				r.t.Fatal(err)
			}
		}
		ig := r.by
		ig.Roles = []access.Role{access.InformationGovernance}
		if err := records.RestrictProcessing(ctx, ig, some[2].Ref, from, youngperson.Restriction{Ground: youngperson.Grounds()[0]}, told); err != nil {
			r.t.Fatal(err)
		}
		after := file()
		if _, in := after[some[0].Ref]; in {
			r.t.Error("who told us to pass nothing on is in the file")
		}
		if _, in := after[some[2].Ref]; in {
			r.t.Error("whose processing is restricted is in the file")
		}
		if row, in := after[some[1].Ref]; !in || !row.OptedOut || row.Family != some[1].Family || row.Activity != "" || row.Level != "" || !row.LastContact.IsZero() || row.Adviser != "" {
			r.t.Errorf("more than the basics of who opted out: %+v", row)
		}
		if len(after) != len(before)-2 {
			r.t.Errorf("%d in the file, of %d", len(after), len(before))
		}
		page, err := r.Page(ctx, r.by, everybody, 0, 100000)
		if err != nil || page.Total != len(before) {
			r.t.Errorf("%d on the page, of %d: %v", page.Total, len(before), err)
		}
	})
}

func TestTheStrongestOptOutHolds(t *testing.T) {
	on := civil.MustParse("2026-11-10")
	for _, c := range []struct {
		what             string
		feed, want       string
		scope, of        string
		started, endedOn string
	}{
		{"all of everybody", "Any School", youngperson.OptOutAll, youngperson.OptOutAll, "", "2026-01-01", ""},
		{"one sender", "A School", youngperson.OptOutAll, youngperson.OptOutAll, "A School", "2026-01-01", ""},
		{"another sender", "A School", "", youngperson.OptOutAll, "B School", "2026-01-01", ""},
		{"not yet", "A School", "", youngperson.OptOutAll, "", "2026-11-11", ""},
		{"its last day", "A School", youngperson.OptOutBeyond, youngperson.OptOutBeyond, "", "2026-01-01", "2026-11-10"},
		{"over", "A School", "", youngperson.OptOutBeyond, "", "2026-01-01", "2026-11-09"},
		{"a day that cannot be read", "A School", youngperson.OptOutBeyond, youngperson.OptOutBeyond, "", "soon", "later"},
	} {
		one := factOf(c.scope, c.of, c.started, c.endedOn)
		if got := youngperson.Strongest(one, c.feed, on); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func factOf(scope, feed, started, ended string) []fact.Of[youngperson.OptOut] {
	return []fact.Of[youngperson.OptOut]{{Version: fact.Version{Started: started, Ended: ended}, Is: youngperson.OptOut{Scope: scope, Feed: feed}}}
}
