package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"waymark/internal/db"
)

// work is something long that is killed half way: done to a register, found
// again after a restart, and done again.
type work struct {
	name   string
	engine db.Engine
	base   place
	// do does it on a place. It calls begun when it begins to matter, and goes
	// on until it is done or what does it is killed, by kill, which it sets.
	do func(ctx context.Context, at place, begun func(kill func())) error
	// again brings it to its end, however far it had come.
	again func(ctx context.Context, at place) error
	// older says that the register is of an older version until again opens it.
	older bool

	// half does as much of it as may stand by itself, where it is two acts.
	half func(ctx context.Context, at place) error

	before, between, after string
	whole                  time.Duration
}

// campaignKills kills the program, as kill -9 does, at random moments of an
// import, a partner's list, a sign-off and a migration, on both engines: the
// register is as before or as after, sound, and doing it again ends where
// never being killed does.
func campaignKills(ctx context.Context, args []string) (err error) {
	flags := flagsOf("kills", 500, "kills, over all works and both engines")
	people := flags.Int("people", 600, "young people in the register")
	only := flags.String("only", "", "only the works of this name: import, intake, sign-off, migration")
	workers := flags.Int("workers", 2, "how many are killed at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	g, err := stand(ctx)
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	works, err := killable(ctx, g, *people, *only)
	if err != nil {
		return t.end(err)
	}
	for _, w := range works {
		if err := w.measure(ctx); err != nil {
			return t.end(fmt.Errorf("%s on %s, not killed: %w", w.name, w.engine, err))
		}
		fmt.Printf("%-10s on %-9s takes %s when it is not killed\n", w.name, w.engine, w.whole.Round(time.Millisecond))
	}
	numbers := make(chan int)
	failed := make(chan error, *workers)
	var all sync.WaitGroup
	for range *workers {
		all.Go(func() {
			for i := range numbers {
				if err := works[i%len(works)].kill(ctx, t, t.stream(uint64(i))); err != nil {
					failed <- fmt.Errorf("kill %d: %w", i, err)
					return
				}
			}
		})
	}
	for i := range *flags.n {
		select {
		case numbers <- i:
			continue
		case err = <-failed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		break
	}
	close(numbers)
	all.Wait()
	if len(failed) > 0 {
		err = errors.Join(err, <-failed)
	}
	return t.end(err)
}

// killable are the works on both engines, each with its register ready.
func killable(ctx context.Context, g *ground, people int, only string) ([]*work, error) {
	var out []*work
	for _, e := range engines() {
		base, err := g.empty(ctx, e)
		if err != nil {
			return nil, err
		}
		_, supplier, partners, err := base.invented(ctx, people, filepath.Join(g.dir, "files"))
		if err != nil {
			return nil, err
		}
		all := []*work{importWork(supplier), intakeWork(partners), signWork(), migrationWork()}
		for _, w := range all {
			if only != "" && w.name != only {
				continue
			}
			w.engine, w.base = e, base
			switch w.name {
			case "sign-off":
				w.base, err = toBeSigned(ctx, base)
			case "migration":
				w.base, err = olderPlace(ctx, g, e)
			}
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", w.name, e, err)
			}
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no work %q", only)
	}
	// A short form tries both engines first.
	slices.SortStableFunc(out, func(a, b *work) int { return slices.Index(workOrder(), a.name) - slices.Index(workOrder(), b.name) })
	return out, nil
}

func workOrder() []string { return []string{"import", "intake", "sign-off", "migration"} }

// measure does it once and whole.
func (w *work) measure(ctx context.Context) error {
	at, err := w.base.copy(ctx)
	if err != nil {
		return err
	}
	if !w.older {
		if w.before, err = at.digest(ctx); err != nil {
			return err
		}
	}
	var began time.Time
	if err := w.do(ctx, at, func(func()) { began = time.Now() }); err != nil {
		return err
	}
	w.whole = time.Since(began)
	if err := at.sound(ctx); err != nil {
		return err
	}
	if w.after, err = at.digest(ctx); err != nil {
		return err
	}
	if w.before == w.after {
		return errors.New("it changes nothing: there is nothing to kill")
	}
	if err := at.drop(); err != nil || w.half == nil {
		return err
	}
	if at, err = w.base.copy(ctx); err != nil {
		return err
	}
	if err := w.half(ctx, at); err != nil {
		return err
	}
	if w.between, err = at.digest(ctx); err != nil {
		return err
	}
	return at.drop()
}

// kill does it once on a fresh copy and kills it at a moment.
func (w *work) kill(ctx context.Context, t *tally, r *rand.Rand) error {
	at, err := w.base.copy(ctx)
	if err != nil {
		return err
	}
	after := time.Duration(r.Int64N(int64(w.whole) * 21 / 20))
	done := make(chan struct{})
	var killing sync.WaitGroup
	ended := w.do(ctx, at, func(kill func()) {
		killing.Go(func() {
			select {
			case <-time.After(after):
				kill()
			case <-done:
			}
		})
	})
	close(done)
	killing.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.count("kills during "+w.name+" on "+string(w.engine), 1)
	what := fmt.Sprintf("%s on %s, killed after %s of %s", w.name, w.engine, after, w.whole)
	if ended == nil {
		t.count("of them too late to kill anything", 1)
	}
	if err := w.look(ctx, t, at, what); err != nil {
		return err
	}
	return at.drop()
}

// look sees that the register is whole, and goes on with it.
func (w *work) look(ctx context.Context, t *tally, at place, what string) error {
	if err := at.sound(ctx); err != nil {
		t.fault("%s: %v", what, err)
		return nil
	}
	got, err := at.digest(ctx)
	if err != nil {
		return err
	}
	switch got {
	case w.after:
		t.count("found as after", 1)
	case w.before:
		t.count("found as before", 1)
	case w.between:
		t.count("found after the first of two acts", 1)
	default:
		if !w.older {
			t.fault("%s: the register is neither as before nor as after", what)
			t.count("wrong registers", 1)
			return nil
		}
	}
	if err := w.again(ctx, at); err != nil {
		t.fault("%s: doing it again: %v", what, err)
		return nil
	}
	if err := at.sound(ctx); err != nil {
		t.fault("%s, and done again: %v", what, err)
	}
	if got, err = at.digest(ctx); err != nil {
		return err
	}
	if got != w.after {
		t.fault("%s, and done again: the register is not what it is when nothing is killed", what)
		t.count("wrong registers", 1)
		return nil
	}
	t.count("wrong registers", 0)
	return nil
}

// killed runs a command to its end or to its kill.
func killed(cmd *exec.Cmd, begun func(kill func())) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	begun(func() { cmd.Process.Kill() })
	return cmd.Wait()
}
