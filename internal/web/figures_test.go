package web

import (
	"context"
	"encoding/csv"
	"html"
	"regexp"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/report"
	"waymark/internal/youngperson"
)

// stateFigures adds twelve young people stated for November 2025: two NEET, one
// not known, nine at college.
func stateFigures(t *testing.T, h *house) {
	t.Helper()
	by := access.Actor{Register: 1, Ref: "operator:test", Name: "operator", Roles: []access.Role{access.Operator}}
	if err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.ImportFile, 0, act.Request{Evidence: &act.Evidence{Kind: act.MigratedFile}})
		if err != nil {
			return err
		}
		for i, code := range strings.Fields("619 640 810 230 230 230 230 230 230 230 230 230") {
			key, err := a.Keys(1)
			if err != nil {
				return err
			}
			yp := id.YoungPerson(key)
			if err := db.BulkInsert(tx, "young_person", []string{"register", "id", "ref", "young_persons_id", "known_from"},
				[][]any{{int64(a.Register), key, string(id.NewRef()), "991" + string(id.NewRef())[:10], int64(a.Number)}}); err != nil {
				return err
			}
			family := "Figureless"
			if code == "619" {
				family = "Wrenshaw"
			}
			if _, err := youngperson.Names.New(tx, a, yp, "", youngperson.Name{Kind: youngperson.Legal, Given: "Ottoline", Family: family}); err != nil {
				return err
			}
			if _, err := youngperson.ParticularsTable.New(tx, a, yp, "", youngperson.Particulars{DOB: civil.Must(2009, 1, i+1).String(), Gender: "F", Ethnicity: "WBRI"}); err != nil {
				return err
			}
			if code == "810" {
				if _, err := youngperson.Allocations.New(tx, a, yp, "", youngperson.Allocation{AdviserName: "Perpetua Quill"}); err != nil {
					return err
				}
			}
			if _, err := youngperson.Addresses.New(tx, a, yp, "", youngperson.Address{Postcode: "CH41 1AA"}); err != nil {
				return err
			}
			if _, err := cohort.Statuses.New(tx, a, yp, "", cohort.Status{Status: "P", StatedOn: "2025-11-30", LeadLA: "991", EducatedLA: "991"}); err != nil {
				return err
			}
			s, err := activity.Spells.New(tx, a, yp, "2025-09-05", activity.Spell{Activity: code})
			if err != nil {
				return err
			}
			if _, err := activity.Verifications.New(tx, a, yp, "", activity.Verification{Spell: s.ID, Verified: "2025-11-03"}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestFiguresPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.run(t, []Scenario{
			{Name: "a register that knows nothing", As: access.Commissioner, URL: "/figures", Want: []string{"There are no figures", "has not been told"}, WantNot: []string{"0.0%"}},
		})
		stateFigures(t, h)
		h.run(t, []Scenario{
			{Name: "numbers in words", As: access.TeamManager, URL: "/figures?period=2026-02", Want: []string{"25.0%", "3 of 12", "16.7%", "2 of 12", "8.3%", "1 of 12", "not for publication", "<svg", "What counts", "Why they are not known", "the commonest reason is “situation not known”: 1", "No return for February 2026 was sent from here", "/figures/people?"}},
			{Name: "a commissioner follows no number", As: access.Commissioner, URL: "/figures?period=2026-02&by=ward", Want: []string{"25.0%", "CH41"}, WantNot: []string{"/figures/people", "Wrenshaw"}},
			{Name: "the mean of three months", As: access.TeamManager, URL: "/figures?period=2025-12/2026-02", Want: []string{"the mean of the ends of December 2025 to February 2026", "25.0%"}},
			{Name: "a month before the register began", As: access.TeamManager, URL: "/figures?period=2024-02", Want: []string{"There are no figures for the end of February 2024", "The register begins in November 2025"}, WantNot: []string{"0.0%"}},
			{Name: "a month to come", As: access.TeamManager, URL: "/figures?period=2027-05", Want: []string{"still to come"}},
			{Name: "no month", As: access.TeamManager, URL: "/figures?period=2026-13", Status: 422, Want: []string{"Choose a month from the list"}},
			{Name: "no day", As: access.TeamManager, URL: "/figures?period=2026-02&known-on=2026-02-30", Status: 422, Want: []string{"The day must be a real date"}},
			{Name: "before anything was known", As: access.TeamManager, URL: "/figures?period=2026-02&known-on=2026-03-01", Want: []string{"As known on 1 March 2026", "had not been told"}},
			{Name: "as known on the day", As: access.TeamManager, URL: "/figures?period=2026-02&known-on-day=10&known-on-month=november&known-on-year=2026", Want: []string{"As known on 10 November 2026.", "Changes made since are not shown.", "25.0%", `href="/figures?known-on=2026-11-10"`, `href="/figures?period=2026-02">Show as known now`}},
			{Name: "the names as known on the day", As: access.TeamManager, URL: "/figures/people?period=2026-02&measure=neet&known-on=2026-11-10", Want: []string{"As known on 10 November 2026.", `?known-on=2026-11-10">Wrenshaw`}},
			{Name: "only some", As: access.TeamManager, URL: "/figures?period=2026-02&only=ward:CH41", Want: []string{"Remove this filter:", "Postcode district: CH41", `name="only" value="ward:CH41"`, "25.0%"}},
			{Name: "nobody", As: access.TeamManager, URL: "/figures?period=2026-02&only=sex:M", Want: []string{"Nobody is counted"}, WantNot: []string{"0.0%"}},
			{Name: "an adviser without an account", As: access.TeamManager, URL: "/figures?period=2026-02&by=adviser", Want: []string{"Perpetua Quill", "adviser%3Aname-"}, WantNot: []string{"Perpetua+", "Perpetua%20", "%3APerpetua"}},
			{Name: "no such group", As: access.TeamManager, URL: "/figures?period=2026-02&only=colour:red", Want: []string{"There is no such group"}},
			{Name: "a school nobody was at", As: access.TeamManager, URL: "/figures?period=2026-02&only=school:%22%3E%3Cb%3E", Want: []string{"Nobody was ever counted"}, WantNot: []string{"<b>"}},
			{Name: "not without a file's figures", As: access.TeamManager, URL: "/figures.csv?period=2024-02", Status: 404, Want: []string{"The register begins"}},
			{Name: "the names", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=neet&group=all", Want: []string{"2 young people", "Wrenshaw, Ottoline", "NEET since 5 September 2025"}},
			{Name: "from the names to a list", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=combined&group=sex:F&only=ward:CH41",
				Want: []string{`href="/lists?cohort=P&amp;only=sex%3AF&amp;only=ward%3ACH41&amp;only=age%3A16&amp;only=age%3A17&amp;status=neet&amp;status=nk"`}},
			{Name: "a list by code", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=neet_640&group=age:16", Want: []string{`href="/lists?activity=640&amp;cohort=P&amp;only=age%3A16"`}},
			{Name: "no list says it", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=participation&group=all", Want: []string{"9 young people"}, WantNot: []string{"/lists?"}},
			{Name: "the list as known then", As: access.TeamManager, URL: "/figures/people?period=2026-02&measure=neet&known-on=2026-11-10", Want: []string{"Who stood like this on 10 November 2026, as a list", `only=age%3A17&amp;status=neet&amp;known-on=2026-11-10"`}},
			{Name: "that list opens", As: access.Adviser, URL: "/lists?activity=640&cohort=P&only=age:17", Want: []string{"Remove this filter:"}, WantNot: []string{"Not everything in the address was understood"}},
			{Name: "nobody behind it", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=not_known_820", Want: []string{"Nobody stands behind this number"}},
			{Name: "no measure", As: access.Adviser, URL: "/figures/people?period=2026-02&measure=x", Want: []string{"There are no names to show"}},
			{Name: "no names for a commissioner", As: access.Commissioner, URL: "/figures/people?period=2026-02&measure=neet", Status: 403, WantNot: []string{"Wrenshaw"}},
			{Name: "nobody signed in", URL: "/figures", Status: 303, Location: "/sign-in?next=%2Ffigures"},
		})
	})
}

// The page, its file and the service say the same.
func TestFiguresAreTheSameEverywhere(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	stateFigures(t, h)
	by := access.Actor{Register: 1, Ref: "operator:test", Roles: []access.Role{access.Operator}}
	m := civil.Month{Year: 2026, Month: 2}
	r, err := h.Figures.Run(context.Background(), by, report.Question{Periods: report.PeriodsFor(m)})
	if err != nil {
		t.Fatal(err)
	}
	answer := h.ask(Scenario{As: access.Commissioner, URL: "/figures.csv?period=2026-02"})
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || len(rows) != len(r.Rows)+1 || answer.Header().Get("Content-Disposition") != `attachment; filename="figures-2026-02.csv"` {
		t.Fatalf("%d rows in the file, %d counted: %v", len(rows), len(r.Rows), err)
	}
	page := html.UnescapeString(h.ask(Scenario{As: access.TeamManager, URL: "/figures?period=2026-02"}).Body.String())
	for _, name := range []string{"neet", "not_known", "combined", "participation", "not_known_810", "neet_640", "participation_fte"} {
		row, ok := r.Row(report.Month(m), name, report.All)
		measure, _ := report.MeasureOf(name)
		if !ok || !regexp.MustCompile(regexp.QuoteMeta(measure.Words)+`(?s:.{0,400})`+regexp.QuoteMeta(row.OneDecimal()+"%")).MatchString(page) && !regexp.MustCompile(regexp.QuoteMeta(row.OneDecimal()+"%")+`(?s:.{0,600})`+regexp.QuoteMeta(measure.Words)).MatchString(page) {
			t.Errorf("%s is not %s%% on the page", name, row.OneDecimal())
		}
	}
	if book := h.ask(Scenario{As: access.Commissioner, URL: "/figures.xlsx?period=2026-02"}); book.Code != 200 || !strings.HasPrefix(book.Body.String(), "PK") {
		t.Errorf("the workbook: %d", book.Code)
	}
}
