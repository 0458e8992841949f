package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/due"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
	figures "waymark/internal/report"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// figuresRun is the command on a register of three people of academic age 16
// and 17, stated for November 2025: one NEET, one not known, one at college.
func figuresRun(t *testing.T) func(args ...string) (stdout, stderr string, code int) {
	t.Helper()
	d := dbtest.SQLite(t)
	req := nccis.MustLoad()
	h := &House{DB: d, Requirement: req, Registers: &register.Service{DB: d}, Figures: &figures.Service{DB: d, Requirement: req, Sights: &act.Recorder{DB: d}}}
	var err error
	h.Register, err = h.Registers.Add(context.Background(), register.Register{Name: "Sandmere", DatabaseID: "468", Authorities: []register.Authority{{Code: "344", Name: "Sandmere"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, Operator(h.Register.ID), access.ImportFile, 0, act.Request{Evidence: &act.Evidence{Kind: act.MigratedFile}})
		if err != nil {
			return err
		}
		for i, code := range []string{"619", "810", "230"} {
			yp := id.YoungPerson(i + 1)
			if err := db.BulkInsert(tx, "young_person", []string{"register", "id", "ref", "young_persons_id", "known_from"},
				[][]any{{int64(a.Register), int64(yp), string(id.NewRef()), "468000000000" + string(rune('1'+i)), int64(a.Number)}}); err != nil {
				return err
			}
			if _, err := youngperson.ParticularsTable.New(tx, a, yp, "", youngperson.Particulars{DOB: "2009-01-0" + string(rune('1'+i)), Gender: "F", Ethnicity: "WBRI"}); err != nil {
				return err
			}
			if _, err := cohort.Statuses.New(tx, a, yp, "", cohort.Status{Status: "P", StatedOn: "2025-11-30", LeadLA: "344", EducatedLA: "344"}); err != nil {
				return err
			}
			var s fact.Of[activity.Spell]
			if s, err = activity.Spells.New(tx, a, yp, "2025-09-05", activity.Spell{Activity: code}); err != nil {
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
	return func(args ...string) (string, string, int) {
		var out, told bytes.Buffer
		env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &told, Ctx: context.Background(), Open: func(context.Context, Data) (*House, error) {
			// The command closes what it opens: it gets a house of its own.
			again, err := db.OpenEvery(context.Background(), db.Settings{Dir: d.Dir, Now: d.Now})
			if err != nil {
				return nil, err
			}
			copied := *h
			copied.DB, copied.Figures = again, &figures.Service{DB: again, Requirement: req}
			copied.Due = &due.Service{DB: again, Requirement: req, Rolls: standing.NewRolls(again, standing.Keeper{Requirement: req})}
			return &copied, nil
		}}
		code := Run(append([]string{"figures"}, args...), env)
		return out.String(), told.String(), code
	}
}

func TestFiguresAsTypedAtACommand(t *testing.T) {
	run := figuresRun(t)
	out, told, code := run("--period", "2026-02", "--format", "csv")
	if code != 0 {
		t.Fatalf("code %d: %s", code, told)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(rows[0], ",") != "period,measure,group,value,numerator,denominator" {
		t.Error(rows[0])
	}
	for _, want := range []string{
		"2026-02,neet,all,33.333333,1,3", "2026-02,not_known,all,33.333333,1,3", "2026-02,combined,all,66.666667,2,3", "2026-02,participation_fte,all,33.333333,1,3",
		"2026-02,neet,age:16,33.333333,1,3", "2025-12/2026-02,combined,sex:F,66.666667,2,3", "2026-02,neet,ward:not known,33.333333,1,3",
		"2025-09/2026-08,window_days_neet_over_180,sex:F,33.333333,1,3",
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no row %s", want)
		}
	}
	if !strings.Contains(told, "no change on the year before") {
		t.Errorf("nothing was said of the year before: %s", told)
	}
	objects, _, code := run("--period", "2026-02", "--format", "json", "--by", "all")
	var first struct {
		Period, Measure, Group string
		Value, Numerator       float64
	}
	if err := json.Unmarshal([]byte(strings.Split(objects, "\n")[0]), &first); err != nil || code != 0 || first.Measure != "neet" || first.Value != 33.333333 || first.Numerator != 1 {
		t.Errorf("%d, %v: %+v", code, err, first)
	}
	table, _, code := run("--period", "2026-02")
	if code != 0 || !strings.Contains(table, "33.3%") || !strings.Contains(table, "not for publication") || strings.Contains(table, "ward:") {
		t.Errorf("%d:\n%s", code, table)
	}
	if out, _, code := run("--period", "2026-02", "--format", "csv", "--group", "sex:M"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("boys, of whom there are none: %d\n%s", code, out)
	}
}

func TestFiguresRefused(t *testing.T) {
	run := figuresRun(t)
	for words, args := range map[string][]string{
		"is not a month":               {"--period", "2026-13"},
		"The register begins in":       {"--period", "2025-10"},
		"still to come":                {"--period", "2027-01"},
		"is no group to count by":      {"--period", "2026-02", "--group", "colour:red"},
		"Give the day as --known-on":   {"--period", "2026-02", "--known-on", "31/12/2025"},
		"had not been told of anybody": {"--period", "2026-02", "--known-on", "2026-11-09"},
		"what will be known on":        {"--period", "2026-02", "--known-on", "2030-01-01"},
	} {
		out, told, code := run(args...)
		if code != 2 || out != "" || !strings.Contains(told, words) {
			t.Errorf("%v: code %d, %q, %q", args, code, out, told)
		}
	}
}
