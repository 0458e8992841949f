package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// The bounds of issue 2 and architecture.md 1.5.
const (
	importWall = 10 * time.Second
	importHeld = 4 * time.Second
	importPage = 200 * time.Millisecond // p95
)

// benchImport measures the load of one file into an empty register while
// somebody opens lives, and then of the next months' files.
func benchImport(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	n := flags.Int("records", 25000, "records of the file")
	url := flags.String("db", "", "a PostgreSQL database instead of SQLite")
	profile := flags.String("cpuprofile", "", "write a profile of the loads here")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &importBench{dir: dir, records: *n}
	settings := db.Settings{Dir: filepath.Join(dir, "data"), URL: *url}
	if *url != "" {
		settings.Schema = "bench" + string(id.NewRef())
		if err := makeSchema(*url, settings.Schema); err != nil {
			return err
		}
	}
	if b.db, err = db.OpenEvery(ctx, settings); err != nil {
		return err
	}
	defer b.db.Close()
	if err := b.open(ctx); err != nil {
		return err
	}
	fmt.Printf("%-34s %8s %8s %8s %8s %8s %8s %8s\n", "load of "+fmt.Sprint(*n)+" records", "wall s", "CPU s", "held s", "page p50", "page p95", "pages", "peak MB")
	if err := b.baseline(ctx); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var broken []error
	for _, m := range []struct {
		name, period string
		seed         uint64
	}{{"empty register", "2026-05-31", 1}, {"next month, nearly all changed", "2026-06-30", 2}, {"a month of a new school year", "2026-09-30", 2}} {
		if err := b.load(ctx, m.name, civil.MustParse(m.period), m.seed); err != nil {
			broken = append(broken, err)
		}
	}
	return errors.Join(broken...)
}

func makeSchema(url, name string) error {
	out, err := exec.Command("psql", url, "-qc", "CREATE SCHEMA "+name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("make a schema: %w\n%s", err, out)
	}
	return nil
}

type importBench struct {
	dir     string
	records int
	db      *db.DB
	reg     register.Register
	by      access.Actor
	s       *imports.Service
	people  []id.YoungPerson
}

func (b *importBench) open(ctx context.Context) error {
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	b.reg, err = (&register.Service{DB: b.db}).Add(ctx, register.Register{Name: "Bench", DatabaseID: nccistest.DatabaseID,
		Authorities: []register.Authority{{Code: "341", Name: "Bench"}}})
	if err != nil {
		return err
	}
	b.by = access.Actor{Register: b.reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	b.s = &imports.Service{DB: b.db, Requirement: req, Standing: standing.Keeper{Requirement: req}, Sights: &act.Recorder{DB: b.db}}
	// Somebody to open while the first file is loaded into an empty register.
	_, err = b.s.Load(ctx, b.by, b.reg, b.file(b.write(200, "2026-04-30", 9)), nil)
	if err != nil {
		return err
	}
	return b.list(ctx)
}

func (b *importBench) write(n int, period string, seed uint64) string {
	name := filepath.Join(b.dir, "return-"+period+".xml")
	var text bytes.Buffer
	if err := nccistest.WriteFile(&text, n, seed, false, civil.MustParse(period), "341"); err != nil {
		panic(err)
	}
	out := text.String()
	if n == 200 {
		// They are other people than those of the big file.
		out = strings.ReplaceAll(out, "<YoungPersonsID>1230", "<YoungPersonsID>1239")
	}
	if err := os.WriteFile(name, []byte(out), 0o600); err != nil {
		panic(err)
	}
	return name
}

func (b *importBench) file(name string) imports.File {
	f := imports.File{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
	if info, err := os.Stat(name); err == nil {
		f.Size = info.Size()
	}
	return f
}

func (b *importBench) list(ctx context.Context) error {
	b.people = b.people[:0]
	return b.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT young_person FROM standing WHERE register = $1`, int64(b.reg.ID))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var yp int64
			if err := rows.Scan(&yp); err != nil {
				return err
			}
			b.people = append(b.people, id.YoungPerson(yp))
		}
		return rows.Err()
	})
}

func (b *importBench) load(ctx context.Context, name string, on civil.Date, seed uint64) error {
	file := b.file(b.write(b.records, on.String(), seed))
	reading, stop := context.WithCancel(ctx)
	pages := make(chan []time.Duration)
	go func() { pages <- b.read(reading) }()
	start, before := time.Now(), cpuSeconds()
	r, err := b.s.Load(ctx, b.by, b.reg, file, nil)
	wall, cpu := time.Since(start), cpuSeconds()-before
	stop()
	took := <-pages
	if err != nil {
		return err
	}
	slices.Sort(took)
	p := func(percent int) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[min(len(took)-1, len(took)*percent/100)]
	}
	fmt.Printf("%-34s %8.2f %8.2f %8.2f %7.0fms %7.0fms %8d %8.0f   %d added, %d changed\n", name, wall.Seconds(), cpu, r.Held.Seconds(),
		ms(p(50)), ms(p(95)), len(took), peakMB(), r.Added, r.Changed)
	if wall > importWall || r.Held > importHeld || p(95) > importPage {
		return fmt.Errorf("%s: %.1f s (at most %v), held %.1f s (at most %v), p95 %v (at most %v)", name, wall.Seconds(), importWall, r.Held.Seconds(), importHeld, p(95), importPage)
	}
	return b.list(ctx)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func peakMB() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Maxrss) / 1024
}

// cpuSeconds is what this process has used, the readers' part too: the fair
// figure on a machine that is shared.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// read opens a life and logs the sight every 50 ms, as a page does.
func (b *importBench) read(ctx context.Context) []time.Duration {
	var took []time.Duration
	people := slices.Clone(b.people)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return took
		case <-tick.C:
		}
		yp := people[rand.IntN(len(people))]
		start := time.Now()
		err := b.s.Sights.See(context.Background(), act.Sight{By: b.by, Kind: access.SeePerson, People: []id.YoungPerson{yp}, Page: "summary"})
		if err == nil {
			err = b.db.Read(context.Background(), func(tx *db.Tx) error {
				_, err := life.Load(tx, fact.Known{Register: b.reg.ID, People: []id.YoungPerson{yp}})
				return err
			})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		took = append(took, time.Since(start))
	}
}

// baseline is the least that anybody could do: the sqlite3 program reads the
// same values as CSV into one table without an index.
func (b *importBench) baseline(ctx context.Context) error {
	name := b.write(b.records, "2026-05-31", 1)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	rd, err := nccis.NewReader(f)
	if err != nil {
		return err
	}
	table := filepath.Join(b.dir, "values.csv")
	out, err := os.Create(table)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	var head []string
	for f := range nccis.FieldCount {
		head = append(head, strings.ReplaceAll(f.String(), "/", ""))
	}
	err = w.Write(head)
	for err == nil {
		var r nccis.Record
		if err = rd.Next(&r); err == nil {
			err = w.Write(r.Values[:])
		}
	}
	w.Flush()
	if !errors.Is(err, io.EOF) {
		return err
	}
	if err := errors.Join(w.Error(), out.Close()); err != nil {
		return err
	}
	start := time.Now()
	if out, err := exec.CommandContext(ctx, "sqlite3", filepath.Join(b.dir, "baseline.db"), ".mode csv", ".import "+table+" record").CombinedOutput(); err != nil {
		return fmt.Errorf("sqlite3: %w\n%s", err, out)
	}
	fmt.Printf("%-34s %8.2f\n", "baseline: sqlite3 .import of CSV", time.Since(start).Seconds())
	return nil
}
