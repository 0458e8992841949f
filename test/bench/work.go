package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"waymark/internal/db"
	"waymark/test/outside"
)

// benchWork measures a day's work: the real server in a process of its own on
// a register of 100,000 people with three years of history, SQLite at full
// durability, and 50 people who look and write through its pages. The
// generator is in this process, on the same machine. The baseline, in the same
// run, is the same pages asked for one at a time before anybody is at work.
func benchWork(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("work", flag.ContinueOnError)
	people := flags.Int("people", 100_000, "young people in the register")
	data := flags.String("data", "", "a folder made by `fill`, to be used again; it is filled where it is not there")
	binary := flags.String("binary", "", "a waymark that is built already")
	workers := flags.Int("workers", atWork, "people at work")
	lasts := flags.Duration("for", time.Minute, "how long they work")
	thinks := flags.Duration("think", 5*time.Second, "how long each thinks before the next thing, in the mean")
	alone := flags.Int("alone", 30, "how often each page is asked for on the idle server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &workBench{lasts: *lasts, thinks: *thinks, alone: *alone}
	program, err := outside.Build(ctx, dir, *binary)
	if err != nil {
		return err
	}
	from, err := filled(ctx, *data, dir, *people)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, "data")
	if err := copied(from, to); err != nil {
		return err
	}
	if err := b.meet(ctx, to); err != nil {
		return err
	}
	if b.server, err = outside.Serve(ctx, program, dir, "--data", to); err != nil {
		return err
	}
	err = b.run(ctx, min(*workers, atWork))
	return errors.Join(err, b.server.Stop(), b.server.Complain())
}

type workBench struct {
	server        *outside.Server
	clients       []*client
	lasts, thinks time.Duration
	alone         int
}

// client is one young person whose record is opened.
type client struct{ ref, given, family, born, postcode, number string }

// someClients is how many people the workers share.
const someClients = 20_000

const sqlClients = `SELECT y.ref, n.given, n.family, p.dob, a.postcode, y.young_persons_id FROM young_person y
	JOIN name n ON n.register = y.register AND n.young_person = y.id AND n.known_to IS NULL AND n.kind = 'legal'
	JOIN particulars p ON p.register = y.register AND p.young_person = y.id AND p.known_to IS NULL
	JOIN address a ON a.register = y.register AND a.young_person = y.id AND a.known_to IS NULL
	JOIN standing s ON s.register = y.register AND s.young_person = y.id AND s.activity <> ''
	WHERE y.register = 1 ORDER BY y.id`

// meet reads whom the workers know of.
func (b *workBench) meet(ctx context.Context, dir string) error {
	d, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlClients)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c client
			if err := rows.Scan(&c.ref, &c.given, &c.family, &c.born, &c.postcode, &c.number); err != nil {
				return err
			}
			b.clients = append(b.clients, &c)
		}
		return rows.Err()
	})
	if err == nil && len(b.clients) < 10*atWork {
		err = fmt.Errorf("the register holds %d young people who do something: too few for %d people at work", len(b.clients), atWork)
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(b.clients), func(i, k int) { b.clients[i], b.clients[k] = b.clients[k], b.clients[i] })
	b.clients = b.clients[:min(len(b.clients), someClients)]
	return err
}

// run signs everybody in, asks for each page alone, lets them work, and prints
// how long things took.
func (b *workBench) run(ctx context.Context, n int) error {
	first, err := b.server.FirstPage()
	if err != nil {
		return err
	}
	workers := make([]*worker, n)
	for i := range workers {
		w := &worker{rand: rand.New(rand.NewPCG(uint64(i), 7)), clients: b.clients[i*len(b.clients)/n : (i+1)*len(b.clients)/n], times: times{}}
		if w.Visitor, err = outside.NewVisitor(b.server.Address); err != nil {
			return err
		}
		if err := w.SignIn(workSignIn(i*atWork/n), workPassword); err != nil {
			return err
		}
		workers[i] = w
	}
	began := time.Now()
	if _, err := workers[0].Counted("/figures"); err != nil {
		return err
	}
	fmt.Printf("first page %.0f ms after the start; first figures %.1f s after it, asked for %.1f s before; %.0f MB\n", ms(first),
		time.Since(b.server.Began).Seconds(), time.Since(began).Seconds(), b.server.PeakMB())
	alone := times{}
	for i := range b.alone {
		// An adviser and a data officer in turn: their home pages differ.
		w := workers[i%2*(n-1)]
		w.times = alone
		for _, read := range readings() {
			if err := read.do(w); err != nil {
				return fmt.Errorf("%s: %w", read.kind, err)
			}
		}
		w.times = times{}
	}
	used, started := b.server.CPU(), time.Now()
	var done sync.WaitGroup
	end := started.Add(b.lasts)
	for _, w := range workers {
		done.Go(func() { w.work(ctx, b.thinks, end) })
	}
	done.Wait()
	all, failed := times{}, map[string]int{}
	for _, w := range workers {
		for kind, took := range w.times {
			all[kind] = append(all[kind], took...)
		}
		for _, err := range w.errs {
			failed[err.Error()]++
		}
	}
	fmt.Printf("%d people at work for %.0f s, thinking %.0f s: %d things done, %d errors; server %.0f MB at its peak, %.0f %% of a core; load of the machine %s\n",
		n, b.lasts.Seconds(), b.thinks.Seconds(), all.count(), len(failed), b.server.PeakMB(), 100*(b.server.CPU()-used).Seconds()/time.Since(started).Seconds(), machineLoad())
	for err, times := range failed {
		fmt.Printf("  %d times: %s\n", times, err)
	}
	err = all.table(alone)
	if len(failed) > 0 {
		err = errors.Join(err, errors.New("some pages failed"))
	}
	return err
}

// machineLoad is how many processes wanted to run in the last minute: what
// disturbs a measurement on a shared machine.
func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	var one float64
	fmt.Sscan(string(text), &one)
	return strconv.FormatFloat(one, 'f', 1, 64)
}
