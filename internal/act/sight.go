package act

import (
	"context"
	"fmt"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Sight is one thing that somebody is about to be shown.
type Sight struct {
	By   access.Actor
	Kind access.Action
	// People are the young people shown; none for a page about nobody in
	// particular.
	People []id.YoungPerson
	// Page says where: summary, list, file.
	Page string
}

// Recorder writes sights in batches: whoever asks waits until theirs are
// stored, at most a few milliseconds more than one write takes.
type Recorder struct {
	DB *db.DB
	// Wait is how long a batch is gathered; the zero value is 5 ms.
	Wait time.Duration

	mu      sync.Mutex
	pending []Sight
	done    *batch
}

type batch struct {
	closed chan struct{}
	err    error
}

// See records the sight and returns when it is stored. On an error nothing may
// be shown.
func (r *Recorder) See(ctx context.Context, s Sight) error {
	r.mu.Lock()
	r.pending = append(r.pending, s)
	if r.done == nil {
		r.done = &batch{closed: make(chan struct{})}
		wait := r.Wait
		if wait == 0 {
			wait = 5 * time.Millisecond
		}
		time.AfterFunc(wait, r.flush)
	}
	mine := r.done
	r.mu.Unlock()
	select {
	case <-mine.closed:
		return mine.err
	case <-ctx.Done():
		return fmt.Errorf("record who looked: %w", ctx.Err())
	}
}

func (r *Recorder) flush() {
	r.mu.Lock()
	sights, done := r.pending, r.done
	r.pending, r.done = nil, nil
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.DB.InSideTx(ctx, func(tx *db.Tx) error { return write(tx, sights) }); err != nil {
		done.err = fmt.Errorf("%w: %w", ErrUnrecorded, err)
	}
	close(done.closed)
}

var sightColumns = []string{"register", "batch", "line", "at", "actor", "actor_name", "kind", "young_person", "page", "request", "reason"}

func write(tx *db.Tx, sights []Sight) error {
	name := string(id.NewRef())
	at, err := db.Instant{Time: tx.Now}.Value()
	if err != nil {
		return err
	}
	var rows [][]any
	for _, s := range sights {
		people := s.People
		if len(people) == 0 {
			people = []id.YoungPerson{0}
		}
		for _, p := range people {
			rows = append(rows, []any{int64(s.By.Register), name, int64(len(rows) + 1), at, s.By.Ref, s.By.Name, string(s.Kind),
				null(int64(p)), s.Page, s.By.Request, s.By.Reason})
		}
	}
	err = db.BulkInsert(tx, "sight", sightColumns, rows)
	if err == nil {
		err = db.BulkInsert(tx, "unsealed_sight", []string{"register", "batch"}, toSeal(name, sights))
	}
	if err != nil {
		return fmt.Errorf("record who looked: %w", err)
	}
	return nil
}

// toSeal tells the log (package audit) that the batch waits to be sealed, once
// for each register in it.
func toSeal(batch string, sights []Sight) [][]any {
	var rows [][]any
	seen := map[id.Register]bool{}
	for _, s := range sights {
		if !seen[s.By.Register] {
			seen[s.By.Register] = true
			rows = append(rows, []any{int64(s.By.Register), batch})
		}
	}
	return rows
}
