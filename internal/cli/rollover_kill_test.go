package cli_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// midnight is half past midnight on 1 September in London, which is 31 August in
// the clock's own time.
const midnight = "2026-08-31T23:30:00Z"

// rolls is the command at that hour; killed after a while as kill -9 does, where
// after is not 0.
func (d *desk) rolls(after time.Duration, words ...string) (told string, code int, took time.Duration) {
	d.t.Helper()
	path, err := withClock()
	if err != nil {
		d.t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(d.t.Context(), path, slices.Concat([]string{"--clock=" + midnight, "rollover", "--year", "2026"}, words, d.data)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	if after > 0 {
		stop := time.AfterFunc(after, func() { cmd.Process.Kill() })
		defer stop.Stop()
	}
	if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
		d.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode(), time.Since(began)
}

// leavers are n invented people whom June's return has reported, of whom two in
// three turn 18 before September 2026 and so leave.
func (d *desk) leavers(n int) {
	d.t.Helper()
	held, err := db.OpenEvery(d.t.Context(), d.at)
	if err != nil {
		d.t.Fatal(err)
	}
	defer held.Close()
	held = held.At(func() time.Time { return time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC) })
	req, ctx := nccis.MustLoad(), d.t.Context()
	s := &record.Service{DB: held, Requirement: req, Standing: standing.Keeper{Requirement: req}, Sights: &act.Recorder{DB: held}}
	by, told := access.Actor{Register: 1, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}}, record.Told{Kind: act.Census}
	for i := range n {
		name := youngperson.Name{Given: []string{"Robert", "Amina", "Iwan", "Leila", "Kofi"}[i%5], Family: "Oak" + strings.Repeat("a", i%7) + []string{"tarn", "fell", "holt"}[i/7%3]}
		ref, err := s.Add(ctx, by, record.NewPerson{Name: name, Born: civil.Must(2008+i%3/2, time.Month(1+i%8), 1+i*5%28), Gender: "F", Ethnicity: "WBRI",
			Address: youngperson.Address{Line1: "4 Lantern Row", Postcode: "LW1 1AA"}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, told)
		if err != nil {
			d.t.Fatal(err)
		}
		sum, err := s.Summary(ctx, by, ref)
		if err != nil {
			d.t.Fatal(err)
		}
		if err := s.CorrectCohort(ctx, by, ref, cohort.Status{Status: "P", LeadLA: "341", EducatedLA: "341"}, sum.Life.Statuses[0].KnownFrom, told); err != nil {
			d.t.Fatal(err)
		}
	}
}

// statuses are all that the register holds of who is in the cohort, whoever told
// it, and how many rollovers are in force.
func (d *desk) statuses() (out []string) {
	d.t.Helper()
	held, err := db.OpenEvery(d.t.Context(), d.at)
	if err != nil {
		d.t.Fatal(err)
	}
	defer held.Close()
	err = held.Read(d.t.Context(), func(tx *db.Tx) (err error) {
		out, err = db.Values[string](tx, `SELECT young_person || ' ' || status || ' ' || started || ' to ' || ended FROM cohort WHERE known_to IS NULL
			UNION ALL SELECT young_person || ' stands ' || cohort_status FROM standing UNION ALL SELECT 'rolled over ' || people FROM rollover WHERE undone_by IS NULL ORDER BY 1`)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// TestRolloverKilled kills the rollover at random moments: the register is either
// what it was or what it is when nothing is killed, and once more makes the one of
// the other. Done twice it has one effect. WAYMARK_TEST_KILLS says how often, for a
// campaign.
func TestRolloverKilled(t *testing.T) {
	for _, one := range []struct {
		engine string
		times  int
	}{{"sqlite", 6}, {"postgres", 3}} {
		t.Run(one.engine, func(t *testing.T) {
			t.Parallel()
			times, rows := one.times, 24
			if n, err := strconv.Atoi(os.Getenv("WAYMARK_TEST_KILLS")); err == nil {
				times, rows = n, 2000
			}
			rolloverKilled(newDesk(t, one.engine), times, rows)
		})
	}
}

func rolloverKilled(d *desk, times, rows int) {
	t := d.t
	d.leavers(rows)
	before := d.statuses()
	told, code, whole := d.rolls(0, "--apply")
	after := d.statuses()
	if code != 0 || cmp.Equal(before, after) {
		t.Fatalf("it ends with %d and changes nothing of %d facts:\n%s", code, len(before), told)
	}
	undone := func() {
		if told, code, _ := d.rolls(0, "--undo"); code != 0 {
			t.Fatalf("taken back, it ends with %d: %s", code, told)
		}
	}
	twice, code, _ := d.rolls(0, "--apply")
	if code != 2 || !strings.Contains(twice, "rolled over already") || !cmp.Equal(after, d.statuses()) {
		t.Fatalf("done twice, it ends with %d: %s", code, twice)
	}
	undone()
	if diff := cmp.Diff(before, d.statuses()); diff != "" {
		t.Fatalf("taken back, the register is another (-before +now):\n%s", diff)
	}
	seen := map[string]int{}
	for i := range times { // each in its own slice of the run, so that every part of it is met
		slice := max(int64(whole)*11/10/int64(times), 1)
		moment := time.Millisecond + time.Duration(int64(i)*slice+rand.Int64N(slice))
		d.rolls(moment, "--apply")
		switch got := d.statuses(); {
		case cmp.Equal(got, after):
			seen["done"]++
		case cmp.Equal(got, before):
			seen["not begun"]++
			if told, code, _ := d.rolls(0, "--apply"); code != 0 {
				t.Fatalf("killed after %v; once more ends with %d: %s", moment, code, told)
			}
		default:
			t.Fatalf("killed after %v, half of it is done (-before +now):\n%s", moment, cmp.Diff(before, got))
		}
		if diff := cmp.Diff(after, d.statuses()); diff != "" {
			t.Fatalf("killed after %v and done again, it is another (-never killed +killed):\n%s", moment, diff)
		}
		undone()
	}
	t.Logf("a whole run takes %v; after the kills it was %v", whole, seen)
}
