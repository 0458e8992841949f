package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"waymark/internal/db"
	"waymark/internal/nccis"
)

// history is a bench that asks a register of its own with three years of history.
type history struct {
	name   string
	people int
	times  int       // how often each thing is asked for
	now    time.Time // what the register's clock says
}

// run fills the register as the arguments ask and has it measured.
func (h history) run(ctx context.Context, args []string, measure func(ctx context.Context, b *figuresBench) error) error {
	flags := flag.NewFlagSet(h.name, flag.ContinueOnError)
	people := flags.Int("people", h.people, "young people in the register")
	url := flags.String("db", "", "a PostgreSQL database to use instead of SQLite; its tables are made")
	schema := flags.String("schema", "", "the PostgreSQL schema, which must exist and be empty")
	times := flags.Int("times", h.times, "times that each is asked for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := db.OpenEvery(ctx, db.Settings{URL: *url, Dir: dir, Schema: *schema, Now: func() time.Time { return h.now }})
	if err != nil {
		return err
	}
	defer d.Close()
	b := &figuresBench{d: d, people: *people, times: *times, req: nccis.MustLoad()}
	began := time.Now()
	if err := b.fill(ctx); err != nil {
		return err
	}
	fmt.Printf("%s, %d people, 36 months; filled in %.1f s\n", d.Engine, *people, time.Since(began).Seconds())
	return measure(ctx, b)
}
