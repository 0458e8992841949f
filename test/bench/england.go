package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis/nccistest"
	"waymark/internal/register"
	"waymark/test/outside"
)

// The bounds of issue 3.
const (
	englandWall  = 15 * time.Minute
	englandMB    = 400 // of the program that loads
	englandRead  = 60 * time.Minute
	englandTimes = 10 // figures pages asked for, warm
)

// benchEngland measures the load of every young person of England, from a file
// that is invented, into an empty PostgreSQL database of its own on the server
// that WAYMARK_TEST_POSTGRES names; and then the figures page of the whole. The
// baseline is COPY, by psql, of the same file as lines of text into one table
// without an index.
func benchEngland(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("england", flag.ContinueOnError)
	records := flags.Int("records", 1_300_000, "young people in the file")
	binary := flags.String("binary", "", "a waymark that is built already")
	address := flags.String("db", os.Getenv("WAYMARK_TEST_POSTGRES"), "a PostgreSQL server on which a database may be made")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *address == "" {
		fmt.Println("NOT MEASURED: name a PostgreSQL server in WAYMARK_TEST_POSTGRES")
		return nil
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := outside.Build(ctx, dir, *binary)
	if err != nil {
		return err
	}
	b := &englandBench{program: program, dir: dir, records: *records}
	drop, err := b.makeDatabase(*address)
	if err != nil {
		return err
	}
	defer drop()
	if err := b.run(ctx); err != nil {
		return err
	}
	return b.figures(ctx)
}

type englandBench struct {
	program, dir, url string
	records           int
	file              string
}

// makeDatabase makes an empty database; what it returns drops it.
func (b *englandBench) makeDatabase(server string) (func(), error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("pgx", server)
	if err != nil {
		return nil, err
	}
	name := "bench" + string(id.NewRef())
	if _, err := pool.Exec(`CREATE DATABASE ` + name); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	u.Path = "/" + name
	b.url = u.String()
	return func() {
		if _, err := pool.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			fmt.Fprintln(os.Stderr, "the database", name, "stays:", err)
		}
		pool.Close()
	}, nil
}

// lastMonth is the last that has ended: its file is loaded.
func lastMonth() civil.Month { return civil.On(time.Now(), civil.London()).InMonth().Add(-1) }

func (b *englandBench) run(ctx context.Context) error {
	b.file = filepath.Join(b.dir, "england.xml")
	f, err := os.Create(b.file)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := errors.Join(nccistest.WriteFile(f, b.records, 1, false, lastMonth().End(), "341"), f.Close()); err != nil {
		return err
	}
	info, err := os.Stat(b.file)
	if err != nil {
		return err
	}
	fmt.Printf("%d records of %s, %.0f MB, invented in %.0f s; load of the machine %s\n", b.records, lastMonth().Words(), float64(info.Size())/1e6, time.Since(began).Seconds(), machineLoad())
	if err := b.open(ctx); err != nil {
		return err
	}
	if err := b.baseline(ctx); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.program, "import", "--db", b.url, b.file)
	var told strings.Builder
	cmd.Stdout, cmd.Stderr = &told, os.Stderr
	began = time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	peak := watchPeak(cmd.Process.Pid)
	err = cmd.Wait()
	wall, mb := time.Since(began), peak()
	if err != nil {
		return fmt.Errorf("import: %w\n%s", err, told.String())
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	fmt.Printf("loaded in %.1f s (%.0f records a second), %.1f s of CPU in the program, at most %.0f MB; load of the machine %s\n", wall.Seconds(),
		float64(b.records)/wall.Seconds(), cpu.Seconds(), mb, machineLoad())
	for line := range strings.Lines(told.String()) {
		if strings.Contains(line, "young people added") || strings.Contains(line, "not loaded") {
			fmt.Print("  ", line)
		}
	}
	if wall > englandWall || mb > englandMB {
		return fmt.Errorf("%v and %.0f MB: at most %v and %d MB", wall.Round(time.Second), mb, englandWall, englandMB)
	}
	return nil
}

// watchPeak looks at the peak of a process four times a second until it has
// ended, and then tells the last it saw.
func watchPeak(pid int) func() float64 {
	var peak atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak.Store(max(peak.Load(), int64(outside.ProcessPeakMB(pid)*1024)))
			}
		}
	}()
	return func() float64 { close(stop); <-done; return float64(peak.Load()) / 1024 }
}

// open makes the register and an account to look at the figures with.
func (b *englandBench) open(ctx context.Context) error {
	d, err := db.OpenEvery(ctx, db.Settings{URL: b.url})
	if err != nil {
		return err
	}
	defer d.Close()
	reg, err := (&register.Service{DB: d}).Add(ctx, register.Register{PasswordAlone: true, Name: "England", DatabaseID: nccistest.DatabaseID,
		Authorities: []register.Authority{{Code: "341", Name: "Liverpool"}}})
	if err != nil {
		return err
	}
	by := access.Actor{Register: reg.ID, Ref: "operator:bench", Name: "bench", Roles: []access.Role{access.Operator}}
	_, err = account.New(d, reg.ID).Create(ctx, by, account.NewAccount{SignIn: workSignIn(0), Name: "Worker 1", Password: workPassword, Roles: []access.Role{access.DataOfficer}})
	return err
}

// baseline is the least that anybody could do.
func (b *englandBench) baseline(ctx context.Context) error {
	began := time.Now()
	// A file holds no such byte, so each line is one value.
	script := `CREATE TABLE baseline (line text); \copy baseline FROM '` + b.file + `' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')`
	create, load, _ := strings.Cut(script, "; ")
	if out, err := exec.CommandContext(ctx, "psql", b.url, "-qX", "-v", "ON_ERROR_STOP=1", "-c", create, "-c", load, "-c", "DROP TABLE baseline").CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, out)
	}
	fmt.Printf("baseline, psql copies its lines into a table: %.1f s\n", time.Since(began).Seconds())
	return nil
}

// figures asks for the figures page, once while the server begins, and then
// warm.
func (b *englandBench) figures(ctx context.Context) error {
	s, err := outside.Serve(ctx, b.program, b.dir, "--db", b.url)
	if err != nil {
		return err
	}
	err = b.figuresOf(s)
	return errors.Join(err, s.Stop(), s.Complain())
}

func (b *englandBench) figuresOf(s *outside.Server) error {
	v, err := outside.NewVisitor(s.Address)
	if err != nil {
		return err
	}
	v.Client.Timeout = englandRead
	if err := v.SignIn(workSignIn(0), workPassword); err != nil {
		return err
	}
	var warm []time.Duration
	for i := range englandTimes + 1 {
		p, err := v.Counted("/figures?by=" + []string{"age", "ward", "sex"}[i%3])
		if err != nil {
			return err
		}
		if !strings.Contains(p.Body, lastMonth().Words()) {
			return errors.New("the figures page does not show the month")
		}
		if i == 0 {
			fmt.Printf("figures page, cold: %.1f s after the server was started; server %.0f MB\n", time.Since(s.Began).Seconds(), s.PeakMB())
			continue
		}
		warm = append(warm, p.Took)
	}
	fmt.Printf("figures page, warm: p50 %.0f ms, p95 %.0f ms of %d; server %.0f MB at its peak; load of the machine %s\n", ms(percentile(warm, 50)), ms(percentile(warm, 95)),
		len(warm), s.PeakMB(), machineLoad())
	if p := percentile(warm, 95); p > figuresPageEngland {
		return fmt.Errorf("the figures page takes %v, at most %v", p, figuresPageEngland)
	}
	return nil
}
