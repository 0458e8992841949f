package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/internal/returns"
)

// returnSeconds is the bound of issue 2: a return for 40,000 young people
// built, checked and recounted on SQLite.
const returnSeconds = 3.0

// benchReturn measures it in a process of its own, beside the sqlite3 command
// reading the rows of the same tables.
func benchReturn(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("return", flag.ContinueOnError)
	people := flags.Int("people", 40_000, "how many young people")
	runs := flags.Int("runs", 3, "runs of each, of which the fastest counts")
	dir := flags.String("data", "", "a folder filled before, to measure in this very process")
	fill := flags.String("fill", "", "a folder to fill, and do no more")
	again := flags.Bool("again", false, "with -data: build once more, after an act about one young person")
	profile := flags.String("profile", "", "with -data: where to write a profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir != "" {
		return returnOnce(ctx, *dir, *profile, *again)
	}
	if *fill != "" {
		return fillRegister(ctx, *fill, *people)
	}
	data, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// In a process of its own, because a child's peak counts from its parent's.
	if _, err := measure(ctx, self, "return", "-fill", data, "-people", strconv.Itoa(*people)); err != nil {
		return err
	}
	var read, built cost
	for i := range *runs {
		r, err := measure(ctx, "sqlite3", filepath.Join(data, "waymark.db"), "-readonly", ".output /dev/null", selectAll())
		if err != nil {
			return err
		}
		b, err := measure(ctx, self, "return", "-data", data)
		if err != nil {
			return err
		}
		read, built = r.best(read, i), b.best(built, i)
	}
	fmt.Printf("%-8s %-46s %8s %8s\n", "people", "what", "wall s", "peak MB")
	fmt.Printf("%-8d %-46s %8.2f %8.1f\n", *people, "sqlite3 reads the same tables to /dev/null", read.wall.Seconds(), read.peakMB)
	fmt.Printf("%-8d %-46s %8.2f %8.1f\n", *people, "return built, checked, written, recounted", built.wall.Seconds(), built.peakMB)
	if built.wall.Seconds() > returnSeconds {
		return fmt.Errorf("%.2f s, and %.1f is the bound", built.wall.Seconds(), returnSeconds)
	}
	return nil
}

// selectAll reads what a return is made of.
func selectAll() string {
	var b strings.Builder
	for _, table := range []string{"young_person", "name", "particulars", "identifier", "address", "carried", "cohort", "need", "characteristic",
		"spell", "verification", "guarantee", "destination"} {
		b.WriteString("SELECT * FROM " + table + " WHERE register = 1 AND known_to IS NULL;")
	}
	return b.String()
}

func benchPeriod() civil.Month { return civil.Month{Year: 2026, Month: time.May} }

// returnOnce does what is measured.
func returnOnce(ctx context.Context, dir, profile string, again bool) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	start := time.Now()
	step := func(what string) { fmt.Printf("%6.2f s  %s\n", time.Since(start).Seconds(), what) }
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	database, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
	if err != nil {
		return err
	}
	defer database.Close()
	step("opened")
	s := &returns.Service{DB: database, Requirement: req}
	by := access.Actor{Register: 1, Ref: "operator:bench", Roles: []access.Role{access.Operator}}
	d, err := s.Build(ctx, by, benchPeriod(), returns.Options{})
	if err != nil {
		return err
	}
	step(fmt.Sprintf("built and checked: %d records, %d findings", d.Totals.Records, len(d.Findings)))
	f, err := os.Create(filepath.Join(dir, "return.xml"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := d.WriteXML(f, true); err != nil {
		return err
	}
	step("written")
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := d.Verify(f); err != nil {
		return err
	}
	step("recounted: the same")
	if again {
		return returnAgain(ctx, database, s, by, d, step)
	}
	return nil
}

// returnAgain brings the draft up to date after an act about one young person.
func returnAgain(ctx context.Context, database *db.DB, s *returns.Service, by access.Actor, d *returns.Draft, step func(string)) error {
	if err := database.InTx(ctx, func(tx *db.Tx) error {
		_, err := act.Begin(tx, by, access.CorrectPerson, d.People[0].Key, act.Request{})
		return err
	}); err != nil {
		return err
	}
	step("an act is done")
	if _, err := s.Build(ctx, by, benchPeriod(), returns.Options{}); err != nil {
		return err
	}
	step("built and checked again")
	return nil
}

// fillRegister makes a register as one import and a year of work leave it.
func fillRegister(ctx context.Context, dir string, people int) error {
	database, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
	if err != nil {
		return err
	}
	defer database.Close()
	reg, err := (&register.Service{DB: database}).Add(ctx, register.Register{Name: "Bench", DatabaseID: "123",
		Authorities: []register.Authority{{Code: "341", Name: "Liverpool"}}})
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := nccistest.WriteFile(&file, people, 1, true, benchPeriod().End(), "341"); err != nil {
		return err
	}
	in, err := nccis.NewReader(&file)
	if err != nil {
		return err
	}
	by := access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	for {
		records, err := someRecords(in, 4000)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return nil
		}
		if err := database.InTx(ctx, func(tx *db.Tx) error { return storeRecords(tx, by, records) }); err != nil {
			return err
		}
	}
}

func someRecords(in *nccis.Reader, n int) ([]nccis.Record, error) {
	var out []nccis.Record
	for len(out) < n {
		var r nccis.Record
		if err := in.Next(&r); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
