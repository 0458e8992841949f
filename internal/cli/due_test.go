package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/due"
	people "waymark/internal/list"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/standing"

	"waymark/internal/civil"
)

// dueRun is a command on a small invented authority.
func dueRun(t *testing.T) func(args ...string) (stdout, stderr string, code int) {
	t.Helper()
	d := dbtest.SQLite(t)
	req := nccis.MustLoad()
	world, err := demo.Invent(demo.Settings{Seed: 8, On: civil.On(d.Now(), civil.London()), Size: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	reg, err := demo.Fill(t.Context(), demo.House{DB: d, Requirement: req}, world)
	if err != nil {
		t.Fatal(err)
	}
	return func(args ...string) (string, string, int) {
		var out, told bytes.Buffer
		env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &told, Ctx: context.Background(), Open: func(context.Context, Data) (*House, error) {
			again, err := db.OpenEvery(context.Background(), db.Settings{Dir: d.Dir, Now: d.Now})
			if err != nil {
				return nil, err
			}
			k := standing.Keeper{Requirement: req}
			rolls, sights := standing.NewRolls(again, k), &act.Recorder{DB: again}
			lists := &people.Service{DB: again, Requirement: req, Sights: sights, Rolls: rolls, Standing: k}
			return &House{DB: again, Requirement: req, Registers: &register.Service{DB: again}, Register: reg, Lists: lists,
				Due: &due.Service{DB: again, Requirement: req, Rolls: rolls, Lists: lists, Sights: sights}}, nil
		}}
		code := Run(args, env)
		return out.String(), told.String(), code
	}
}

func TestForecastAsTypedAtACommand(t *testing.T) {
	run := dueRun(t)
	out, told, code := run("forecast", "--to", "2026-12-31", "--replay")
	for _, want := range []string{"on 2026-12-31, nothing done", "all due confirmed", "lists worked as before", "lapse until then", "month", "2026-02"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("no %q: %d %s %s", want, code, out, told)
		}
	}
	out, _, code = run("forecast", "--to", "2026-03-31", "--known-on", "2026-03-01", "--format", "json")
	if code != 0 || !strings.Contains(out, `"for":"2026-03-31"`) || !strings.Contains(out, `"made on":"2026-03-01"`) {
		t.Errorf("as known then: %d %s", code, out)
	}
	if out, _, code = run("days-neet", "--leavers", "2025", "--by", "sex", "--format", "csv"); code != 0 || !strings.Contains(out, "Not known counts as NEET") || strings.Count(out, "\n") < 7 {
		t.Errorf("days NEET: %d %s", code, out)
	}
	then, _, code := run("days-neet", "--leavers", "2025", "--known-on", "2026-06-30", "--format", "csv")
	if code != 0 || !strings.Contains(then, "2025,2025-09-01,2026-06-30,no,") {
		t.Errorf("days NEET as known then: %d %s", code, then)
	}
	for _, day := range []string{"soon", "2001-01-01", "2030-01-01"} {
		if _, told, code := run("days-neet", "--known-on", day); code != 2 || told == "" {
			t.Errorf("days NEET as known on %s: %d %s", day, code, told)
		}
	}
	if _, told, code := run("days-neet", "--leavers", "1999"); code != 2 || !strings.Contains(told, "Enter a year from 2024 to 2026") {
		t.Errorf("days NEET of 1999: %d %s", code, told)
	}
	for _, args := range [][]string{{"--to", "2020-01-01"}, {"--to", "soon"}, {"--known-on", "2001-01-01", "--to", "2001-01-31"}} {
		if _, told, code := run(append([]string{"forecast"}, args...)...); code != 2 || !strings.Contains(told, "Give ") {
			t.Errorf("%v: %d %s", args, code, told)
		}
	}
}

func TestDueAsTypedAtACommand(t *testing.T) {
	run := dueRun(t)
	out, told, code := run("due", "--window", "90", "--format", "csv")
	if code != 0 || !strings.Contains(out, "YoungPersonsID,Given name") || strings.Count(out, "\n") < 3 {
		t.Fatalf("%d %s %s", code, out, told)
	}
	lines := strings.Count(out, "\n") - 1
	out, _, _ = run("due", "--window", "90", "--format", "json")
	if strings.Count(out, "\n") != lines || !strings.Contains(out, `"reason":"Lapses on`) {
		t.Errorf("json has %d lines, csv %d: %.300s", strings.Count(out, "\n"), lines, out)
	}
	out, _, _ = run("due", "--window", "90")
	if strings.Count(out, "\n") != lines+2 || !strings.Contains(out, "In 90 days from 2026-11-") {
		t.Errorf("the table has %d lines, csv %d", strings.Count(out, "\n"), lines)
	}
	out, _, _ = run("due", "--count", "adviser", "--format", "csv")
	if !strings.HasPrefix(strings.TrimPrefix(out, "\ufeff"), "adviser,overdue,week,7,month,30,60,90") || !strings.Contains(out, "all together,") {
		t.Errorf("the counts: %.200s", out)
	}
	out, _, _ = run("due", "--on", "2027-05-01", "--window", "month", "--count", "activity")
	if !strings.Contains(out, "all together") {
		t.Errorf("from another day: %s", out)
	}
	then, told, code := run("due", "--window", "7", "--known-on", "2026-08-28", "--format", "csv")
	if code != 0 || !strings.Contains(then, "2026-08-31") || !strings.Contains(then, "Lapses on 31 August 2026") {
		t.Errorf("as known then: %d %.300s %s", code, then, told)
	}
	for _, day := range []string{"soon", "2001-01-01", "2030-01-01"} {
		if _, told, code := run("due", "--known-on", day); code != 2 || !strings.Contains(told, "--known-on 2026-10-31") {
			t.Errorf("as known on %s: %d %s", day, code, told)
		}
	}
	if _, told, code = run("due", "--on", "yesterday"); code != 2 || !strings.Contains(told, "Give the day as --on 2026-10-31") {
		t.Errorf("%d %s", code, told)
	}
}
