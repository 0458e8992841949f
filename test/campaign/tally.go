package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// settings are the flags that every campaign has.
type settings struct {
	*flag.FlagSet
	n    *int
	seed *uint64
}

// flagsOf begins the flags of a campaign that is done n times unless -n says
// otherwise.
func flagsOf(name string, n int, what string) settings {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	return settings{f, f.Int("n", n, what), f.Uint64("seed", 0, "seed of the run to do again; 0 takes a new one")}
}

// chance is what a campaign is left to: all of it follows from the seed. Each
// piece of work takes a stream of its own, so that what one does moves no
// other.
type chance struct{ seed uint64 }

func (c chance) stream(n uint64) *rand.Rand { return rand.New(rand.NewPCG(c.seed, n)) }

// tally is what a campaign counted and what it found wrong. It may be used by
// many at once.
type tally struct {
	chance
	name  string
	began time.Time
	// broken is an error once somebody has broken the campaign off.
	broken func() error

	mu     sync.Mutex
	order  []string
	counts map[string]int64
	faults int
	first  []string
}

// begin says which campaign runs, by which seed.
func (s settings) begin(ctx context.Context) *tally {
	t := &tally{name: s.Name(), chance: chance{*s.seed}, began: time.Now(), broken: ctx.Err, counts: map[string]int64{}}
	if t.seed == 0 {
		t.seed = rand.Uint64N(1e9) + 1
	}
	fmt.Printf("campaign %s: n %d, seed %d\n", t.name, *s.n, t.seed)
	return t
}

// count adds to a number that is told at the end, in the order of first use.
func (t *tally) count(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.counts[what]; !ok {
		t.order = append(t.order, what)
	}
	t.counts[what] += int64(n)
}

// fault tells of something wrong, at once. The campaign goes on. What goes wrong
// because it was broken off is none.
func (t *tally) fault(format string, args ...any) {
	if t.broken() != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults++
	if t.faults <= 20 {
		fmt.Println("FAULT " + fmt.Sprintf(format, args...))
	}
	if t.faults == 1 {
		t.first = append(t.first, fmt.Sprintf(format, args...))
	}
}

// faulty says that something is wrong already.
func (t *tally) faulty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.faults > 0
}

// end prints the counts, and is an error where something was wrong, or where
// the campaign itself could not go on.
func (t *tally) end(stopped error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, what := range t.order {
		fmt.Printf("%12d  %s\n", t.counts[what], what)
	}
	fmt.Printf("%12d  faults, in %s, seed %d\n", t.faults, time.Since(t.began).Round(time.Second), t.seed)
	if t.faults > 0 {
		stopped = errors.Join(stopped, fmt.Errorf("campaign %s: %d faults; do it again with -seed %d. The first: %s", t.name, t.faults, t.seed, strings.Join(t.first, "\n")))
	} else if stopped != nil {
		stopped = fmt.Errorf("campaign %s stopped: %w (seed %d)", t.name, stopped, t.seed)
	}
	return stopped
}
