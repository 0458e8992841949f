package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"waymark/internal/access/accesstest"
	"waymark/internal/db"
	"waymark/internal/id"
)

// campaignPolicy asks random worlds who may see whom in three ways (Decide,
// Scope, Look), on both engines, and holds each equal to a model.
func campaignPolicy(ctx context.Context, args []string) error {
	flags := flagsOf("policy", 1_000_000, "so many worlds")
	flags.IntVar(flags.n, "worlds", *flags.n, "the same as -n")
	postgres := flags.String("postgres", os.Getenv("WAYMARK_TEST_POSTGRES"), "a database in which a schema may be made; empty asks SQLite alone")
	sqlite := flags.Bool("sqlite", true, "ask SQLite too; false asks PostgreSQL alone")
	workers := flags.Int("workers", max(1, runtime.NumCPU()/2), "how many work on each engine at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-policy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Each worker has a database of its own: worlds of one transaction would wait
	// for those of another.
	if *workers < 1 {
		return errors.New("-workers must be 1 or more")
	}
	if !*sqlite && *postgres == "" {
		return errors.New("-sqlite=false leaves PostgreSQL alone to ask: name a database with -postgres")
	}
	var databases []db.Settings
	for w := range *workers {
		if *sqlite {
			databases = append(databases, db.Settings{Dir: filepath.Join(dir, fmt.Sprint("sqlite", w))})
		}
		if *postgres != "" {
			databases = append(databases, db.Settings{URL: *postgres, Schema: fmt.Sprintf("policy%d_%d", os.Getpid(), w)})
		}
	}
	if *postgres == "" {
		fmt.Println("NOT ON POSTGRESQL: -postgres names no database")
	}
	engines := len(databases) / *workers
	t := flags.begin(ctx)
	stopped := make([]error, len(databases))
	var all sync.WaitGroup
	for i, s := range databases {
		all.Go(func() { stopped[i] = policyOn(ctx, t, s, *flags.n, i/engines, *workers) })
	}
	all.Wait()
	return t.end(errors.Join(stopped...))
}

// worldsAtOnce lie in one database together, so that a question that forgets
// the register answers from its neighbours.
const worldsAtOnce = 200

var errRolledBack = errors.New("rolled back")

// policyOn checks one worker's share of n worlds on one engine. Both engines get
// the same worlds, whatever the number of workers.
func policyOn(ctx context.Context, t *tally, s db.Settings, n, worker, workers int) (err error) {
	drop, err := inSchema(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	d, err := db.OpenEvery(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for batch := worker; batch*worldsAtOnce < n; batch += workers {
		r := t.stream(uint64(batch))
		worlds := make([]accesstest.World, min(worldsAtOnce, n-batch*worldsAtOnce))
		for i := range worlds {
			worlds[i] = accesstest.New(r)
		}
		err := d.InTx(ctx, func(tx *db.Tx) error {
			if err := accesstest.Store(tx, 1, worlds); err != nil {
				return err
			}
			for i, w := range worlds {
				count, err := w.CheckSome(tx, id.Register(i+1), batch*worldsAtOnce+i)
				t.count(string(d.Engine)+": people asked about", count.People)
				t.count(string(d.Engine)+": of them let through", count.Let)
				if err != nil {
					t.fault("%s, world %d: %v", d.Engine, batch*worldsAtOnce+i, err)
				}
			}
			return errRolledBack
		})
		if !errors.Is(err, errRolledBack) {
			return err
		}
		t.count(string(d.Engine)+": worlds", len(worlds))
	}
	return nil
}

// inSchema makes a schema of the campaign's own on PostgreSQL, and gives back
// what takes it away again.
func inSchema(ctx context.Context, s db.Settings) (drop func() error, err error) {
	if s.Schema == "" {
		return func() error { return nil }, nil
	}
	server, err := sql.Open("pgx", s.URL)
	if err == nil {
		_, err = server.ExecContext(ctx, "CREATE SCHEMA "+s.Schema)
	}
	if err != nil {
		return nil, fmt.Errorf("make a schema for the campaign: %w", err)
	}
	return func() error {
		_, err := server.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+s.Schema+" CASCADE")
		return errors.Join(err, server.Close())
	}, nil
}
