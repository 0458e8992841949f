package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"waymark/internal/db"
	"waymark/test/year"
)

// campaignYear lives September to January through with the whole authority, on
// both engines, by a clock that is put forward: lists, three callers at once,
// visits, the guarantee, the survey, and each month signed by two; and counts
// each month again (test/year).
func campaignYear(ctx context.Context, args []string) (err error) {
	flags := flagsOf("year", 1, "how often on each engine")
	size := flags.Float64("size", 1, "how much of the whole authority there is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	g, err := standInside()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	t := flags.begin(ctx)
	if g.program, err = year.BuildProgram(ctx, g.dir); err != nil {
		return t.end(err)
	}
	for range *flags.n {
		for _, e := range engines() {
			if err := g.year(ctx, t, e, *size); err != nil {
				return t.end(fmt.Errorf("on %s: %w", e, err))
			}
		}
	}
	return t.end(nil)
}

func (g *ground) year(ctx context.Context, t *tally, e db.Engine, size float64) error {
	p, err := g.empty(ctx, e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	at := year.Ground{Program: g.program, Dir: p.dir, Size: size, Log: log.New(os.Stdout, "", log.Ltime).Printf}
	if e == db.Postgres {
		at.DB = p.url()
	}
	moves, err := year.Live(ctx, at)
	for _, m := range moves {
		t.count("months that agree with what was told", 1)
		t.count("told last by a list", m.ByList)
		t.count("told last by telephone", m.ByPhone)
		t.count("told last at the door", m.ByVisit)
		t.count("told last by their own link", m.ByLink)
		t.count("lapsed", m.Lapsed)
	}
	return errors.Join(err, p.drop())
}
