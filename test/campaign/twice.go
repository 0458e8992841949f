package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"

	"waymark/test/outside"
)

// campaignTwice sends forms twice: at once on two connections, and again after
// the server was started anew. Each has one effect.
func campaignTwice(ctx context.Context, args []string) (err error) {
	flags := flagsOf("twice", 10_000, "forms that are sent twice, over both engines")
	clients := flags.Int("clients", 4, "people who send them")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	g, err := stand(ctx)
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	for _, e := range engines() {
		at, err := g.empty(ctx, e)
		if err == nil {
			_, _, _, err = at.invented(ctx, 300, g.dir+"/files")
		}
		if err == nil {
			err = at.twice(ctx, t, *flags.n/2, *clients)
		}
		if err == nil {
			err = at.sound(ctx)
		}
		if err != nil {
			return t.end(fmt.Errorf("on %s: %w", e, err))
		}
	}
	return t.end(nil)
}

// pressed is a form that was sent, to be sent once more.
type pressed struct {
	path string
	form url.Values
}

func (p place) twice(ctx context.Context, t *tally, n, clients int) error {
	refs, err := p.somePeople(ctx, clients)
	if err != nil {
		return err
	}
	s, err := p.serve(ctx)
	if err != nil {
		return err
	}
	all := make([][]pressed, clients)
	var next atomic.Int64
	who := []string{"priya", "tomasz", "grace", "niamh"}
	err = together(clients, func(client int) error {
		w, err := signedIn(s.Address, who[client%len(who)])
		if err != nil {
			return err
		}
		// The second press goes by a connection of its own, in the same session.
		other := &outside.Visitor{Address: w.Address, Read: w.Read, Client: outside.Connection(w.Client.Jar)}
		for i := next.Add(1); i <= int64(n) && ctx.Err() == nil; i = next.Add(1) {
			path, form, err := w.addressOf(refs[client], fmt.Sprintf("Flat %d", i))
			if err != nil {
				return err
			}
			all[client] = append(all[client], pressed{path, form})
			one, two := w.both(other, path, form)
			if one != nil && two != nil {
				t.fault("%s: form %d was saved by neither press: %v; %v", p.engine, i, one, two)
			}
			t.count("forms sent twice at once", 1)
		}
		return ctx.Err()
	})
	if err = errors.Join(err, s.Stop()); err != nil {
		return err
	}
	if err := p.once(ctx, t, all); err != nil {
		return err
	}
	if s, err = p.serve(ctx); err != nil {
		return err
	}
	err = together(clients, func(client int) error {
		w, err := signedIn(s.Address, who[client%len(who)])
		if err != nil {
			return err
		}
		for _, one := range all[client] {
			w.send(one.path, one.form) // whatever it is told: what counts is what comes of it
			t.count("forms sent again after a restart", 1)
		}
		return nil
	})
	if err = errors.Join(err, s.Stop()); err != nil {
		return err
	}
	return p.once(ctx, t, all)
}

// both sends a form on two connections at once. An error is that this press did
// not end on a page that says it is saved.
func (w *writer) both(other *outside.Visitor, path string, form url.Values) (one, two error) {
	done := make(chan error)
	press := func(w *writer) error {
		became, err := w.send(path, form)
		if err == nil && became != saved {
			err = errors.New("somebody else was first")
		}
		return err
	}
	go func() { done <- press(&writer{other, w.who}) }()
	one = press(w)
	return one, <-done
}

// once sees that each form had one effect.
func (p place) once(ctx context.Context, t *tally, all [][]pressed) error {
	kept, err := p.kept(ctx)
	if err != nil {
		return err
	}
	t.count("forms with another number of effects than one", 0)
	for _, client := range all {
		for _, one := range client {
			held := kept[one.form.Get("key")]
			if len(held) != 1 || held[0] != one.form.Get("address-line-2") {
				t.count("forms with another number of effects than one", 1)
				t.fault("%s: %s had the effects %q", p.engine, one.form.Get("address-line-2"), held)
			}
		}
	}
	return nil
}
