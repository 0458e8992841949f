package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"

	"waymark/internal/db"
)

// campaignEdits has many people change the addresses of a few young people at
// once, each by the version that they were shown: what was acknowledged is in
// the history for ever, and who came second is told so and shown both.
func campaignEdits(ctx context.Context, args []string) error {
	flags := flagsOf("edits", 100_000, "edits that are sent, over both engines")
	people := flags.Int("people", 5, "young people whose addresses are changed")
	clients := flags.Int("clients", 8, "people who change them at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	return t.end(onServers(ctx, 300, func(s *served) error {
		return s.edits(ctx, t, *flags.n/2, *people, *clients)
	}))
}

// served is a register and a server on it.
type served struct {
	place
	address string
}

// onServers runs fn with a server on an invented register, on each engine in
// turn.
func onServers(ctx context.Context, people int, fn func(*served) error) (err error) {
	g, err := stand(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	for _, e := range engines() {
		at, err := g.empty(ctx, e)
		if err != nil {
			return err
		}
		if _, _, _, err := at.invented(ctx, people, g.dir+"/files"); err != nil {
			return err
		}
		s, err := at.serve(ctx)
		if err != nil {
			return err
		}
		err = fn(&served{at, s.Address})
		if err = errors.Join(err, s.Stop()); err != nil {
			return fmt.Errorf("on %s: %w", e, errors.Join(err, s.Complain()))
		}
		if err := at.sound(ctx); err != nil {
			return fmt.Errorf("on %s: %w", e, err)
		}
	}
	return nil
}

// acknowledged is what the clients were told is saved: the flat, by its key.
type acknowledged struct {
	mu    sync.Mutex
	flats map[string]string
}

func (a *acknowledged) add(form url.Values) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flats[form.Get("key")] = form.Get("address-line-2")
}

func (s *served) edits(ctx context.Context, t *tally, n, people, clients int) error {
	refs, err := s.somePeople(ctx, people)
	if err != nil {
		return err
	}
	told := &acknowledged{flats: map[string]string{}}
	var next atomic.Int64
	err = together(clients, func(client int) error {
		w, err := signedIn(s.address, []string{"priya", "tomasz", "grace", "niamh", "bilal", "mei"}[client%6])
		if err != nil {
			return err
		}
		r := t.stream(uint64(client))
		for ctx.Err() == nil {
			i := next.Add(1)
			if i > int64(n) {
				return nil
			}
			flat := fmt.Sprintf("Flat %d", i)
			path, form, err := w.addressOf(refs[r.IntN(len(refs))], flat)
			if err != nil {
				return err
			}
			switch became, err := w.send(path, form); {
			case err != nil:
				t.fault("%s: edit %d: %v", s.engine, i, err)
			case became == conflicted:
				t.count("told that somebody else was first, and shown both", 1)
			default:
				t.count("acknowledged", 1)
				told.add(form)
			}
			t.count("edits sent", 1)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return s.nothingLost(ctx, t, told)
}

const (
	// Of one person's addresses each version was closed by the act that wrote
	// the next: an edit that was overwritten unseen would leave two open, or one
	// closed by an act that wrote nothing.
	sqlUnseen = `SELECT count(*) FROM address a WHERE a.known_to IS NOT NULL AND NOT EXISTS
		(SELECT 1 FROM address n WHERE n.register = a.register AND n.young_person = a.young_person AND n.known_from = a.known_to)`
	sqlTwoOpen = `SELECT count(*) FROM (SELECT young_person FROM address WHERE known_to IS NULL AND ended = '' GROUP BY young_person HAVING count(*) > 1) AS x`
)

// nothingLost sees that each acknowledged edit is in the history, once.
func (s *served) nothingLost(ctx context.Context, t *tally, told *acknowledged) error {
	kept, err := s.kept(ctx)
	if err != nil {
		return err
	}
	t.count("lost updates", 0)
	for key, flat := range told.flats {
		switch held := kept[key]; {
		case len(held) == 0 || held[0] != flat:
			t.count("lost updates", 1)
			t.fault("%s: %s was acknowledged (key %s) and is not in the history", s.engine, flat, key)
		case len(held) > 1:
			t.fault("%s: %s was sent once and is held %d times", s.engine, flat, len(held))
		}
	}
	return s.ask(ctx, func(tx *db.Tx) error {
		for query, words := range map[string]string{sqlUnseen: "addresses were closed and not followed", sqlTwoOpen: "people have two addresses at once"} {
			var n int
			if err := tx.QueryRow(query).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				t.fault("%s: %d %s", s.engine, n, words)
			}
		}
		return nil
	})
}

// together runs fn in n goroutines and returns their errors.
func together(n int, fn func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = fn(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}
