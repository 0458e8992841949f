package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/due"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/list"
	"waymark/internal/standing"
)

// The bounds of issue 6: due lists and what the return would say today, and a
// forecast.
const (
	dueLists    = 300 * time.Millisecond
	dueForecast = time.Second
)

// benchDue measures due lists, the live return and the forecast, beside a plain
// loop that states every life for the day.
func benchDue(ctx context.Context, args []string) error {
	return history{name: "due", people: 40_000, times: 20, now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}.run(ctx, args,
		func(ctx context.Context, b *figuresBench) error {
			d := dueBench{b}
			if err := d.stand(ctx); err != nil {
				return err
			}
			return d.measure(ctx)
		})
}

type dueBench struct{ *figuresBench }

// stand states the standing of everybody.
func (b dueBench) stand(ctx context.Context) error {
	k := standing.Keeper{Requirement: b.req}
	for from := 1; from <= b.people; from += 1000 {
		if err := b.d.InTx(ctx, func(tx *db.Tx) error {
			lives, err := life.Load(tx, fact.Known{Register: b.by.Register, From: id.YoungPerson(from), To: id.YoungPerson(from + 999)})
			if err != nil {
				return err
			}
			return k.Add(tx, b.by.Register, lives)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (b dueBench) measure(ctx context.Context) error {
	k := standing.Keeper{Requirement: b.req}
	rolls, sights := standing.NewRolls(b.d, k), &act.Recorder{DB: b.d}
	s := &due.Service{DB: b.d, Requirement: b.req, Rolls: rolls, Sights: sights, Lists: &list.Service{DB: b.d, Requirement: b.req, Rolls: rolls, Sights: sights, Standing: k}}
	defer s.Close()
	plain, err := b.plainLoop(ctx)
	if err != nil {
		return err
	}
	row := func(what string, d time.Duration, bound time.Duration) error {
		fmt.Printf("  %-56s %9.1f ms  %6.0f times as fast as the plain loop\n", what, float64(d.Microseconds())/1000, plain.Seconds()/d.Seconds())
		if bound > 0 && d > bound {
			return fmt.Errorf("%s takes %v at the 95th percentile; the bound is %v", what, d, bound)
		}
		return nil
	}
	fmt.Printf("  %-56s %9.1f ms\n", "baseline: a plain loop over the facts, one day", float64(plain.Microseconds())/1000)
	began := time.Now()
	if err := errors.Join(rolls.Warm(ctx, b.by.Register), s.Warm(ctx, b.by.Register)); err != nil {
		return err
	}
	fmt.Printf("  %-56s %9.1f ms\n", "the roll and the outlook, once (cold)", float64(time.Since(began).Microseconds())/1000)
	year := civil.Must(2026, 9, 30)
	total := 0
	for _, one := range []struct {
		what  string
		bound time.Duration
		do    func(int) error
	}{
		{"due lists: every window by adviser, and a page (p95)", dueLists, func(int) error {
			_, groups, err := s.Counts(ctx, b.by, due.Question{}, due.ByAdviser)
			if err != nil || len(groups) == 0 {
				return errors.Join(err, errors.New("nobody is due"))
			}
			p, err := s.Page(ctx, b.by, due.Question{Window: due.Days90}, 0, 50)
			total = p.Total
			return err
		}},
		{"what the return would say today (p95)", dueLists, func(int) error {
			c, err := s.Live(ctx, b.by, civil.Must(2026, 3, 10))
			if err == nil && c.NEET*c.NotKnown == 0 {
				err = errors.New("nobody is counted")
			}
			return err
		}},
		{"forecast to the end of the month (p95)", dueForecast, func(int) error { _, err := s.Forecast(ctx, b.by, due.Asked{}); return err }},
		{"forecast over the rollover (p95)", dueForecast, func(int) error { _, err := s.Forecast(ctx, b.by, due.Asked{To: year}); return err }},
	} {
		for _, acts := range []int{0, 5} {
			what := one.what
			if acts > 0 {
				what = "   the same, five acts since the last"
			}
			took, err := b.repeat(one.do, func(i int) error { return b.record(ctx, i, acts) })
			if err != nil {
				return err
			}
			if err := row(what, took, one.bound); err != nil {
				return err
			}
		}
	}
	fmt.Printf("  %d are due in 90 days; peak memory %.0f MB\n", total, peakMB())
	return nil
}
