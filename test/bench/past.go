package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

// pastTimes is the bound of issue 3: what a return as known a year ago may
// take, of the time of the same return as known now.
const pastTimes = 1.5

// benchPast measures the return of 40,000 young people as known a year ago
// beside the same return as known now, each built, checked, written and
// recounted in a process of its own. The register has three years of acts.
func benchPast(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("past", flag.ContinueOnError)
	people := flags.Int("people", 40_000, "young people in the return")
	data := flags.String("data", "", "a folder made by `fill`, to be used again; it is filled where it is not there")
	runs := flags.Int("runs", 3, "runs of each, of which the fastest counts")
	once := flags.String("once", "", "measure in this very process: the day on which it is known, or now")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *once != "" {
		return pastOnce(ctx, *data, *once)
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	from, err := filled(ctx, *data, dir, *people*demoPeople/demoInReturn)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	today := civil.On(time.Now(), civil.London())
	asked := []struct{ words, on string }{
		{"as known now", "now"},
		{"as known a year ago", today.AddYears(-1).String()},
		{"that of a year ago, as known then", today.AddYears(-1).String() + " then"},
	}
	costs := make([]cost, len(asked))
	told := make([]string, len(asked))
	for i := range *runs { // in turn, so that none has the quieter machine
		for k, a := range asked {
			c, out, err := measureTold(ctx, self, "past", "-data", from, "-once", a.on)
			if err != nil {
				return err
			}
			costs[k], told[k] = c.best(costs[k], i), out
		}
	}
	var broken []error
	fmt.Printf("%-36s %8s %8s %8s %7s   %s\n", "the return", "wall s", "CPU s", "peak MB", "times", "load "+machineLoad())
	for k, a := range asked {
		times := costs[k].wall.Seconds() / costs[0].wall.Seconds()
		fmt.Printf("%-36s %8.2f %8.2f %8.1f %7.2f   %s\n", a.words, costs[k].wall.Seconds(), costs[k].cpu.Seconds(), costs[k].peakMB, times, told[k])
		if times > pastTimes {
			broken = append(broken, fmt.Errorf("%s: %.2f times as long as known now, at most %.1f", a.words, times, pastTimes))
		}
	}
	return errors.Join(broken...)
}

// pastOnce does what is measured.
func pastOnce(ctx context.Context, dir, known string) error {
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	d, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
	if err != nil {
		return err
	}
	defer d.Close()
	period, o := civil.On(time.Now(), civil.London()).InMonth().Add(-1), returns.Options{}
	if known != "now" {
		if o.KnownOn, err = civil.Parse(known[:10]); err != nil {
			return err
		}
		if len(known) > 10 {
			period = period.Add(-12)
		}
	}
	s := &returns.Service{DB: d, Requirement: req}
	by := access.Actor{Register: 1, Ref: "operator:bench", Roles: []access.Role{access.Operator}}
	draft, err := s.Build(ctx, by, period, o)
	if err != nil {
		return err
	}
	name := filepath.Join(os.TempDir(), "waymark-bench-past-"+strconv.Itoa(os.Getpid())+".xml")
	defer os.Remove(name)
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := draft.WriteXML(f, true); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	if err := draft.Verify(f); err != nil {
		return err
	}
	fmt.Printf("%s: %d records, %d findings\n", period, draft.Totals.Records, len(draft.Findings))
	if draft.Totals.Records == 0 {
		return errors.New("nobody is in it")
	}
	return nil
}

// measureTold is measure for a command whose output is wanted.
func measureTold(ctx context.Context, name string, args ...string) (cost, string, error) {
	var out bytes.Buffer
	c, err := measureTo(ctx, &out, name, args...)
	return c, string(bytes.TrimSpace(out.Bytes())), err
}
