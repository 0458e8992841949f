package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Work is a job under a lease.
type Work struct {
	Job
	register id.Register
	lease    string
	finished bool
}

// Handler does one job. It returns nil where it is done, Later, GiveUp, or any
// other error to be tried again. What it writes is written once if it ends the
// job in the same transaction (Work.Finish).
type Handler func(ctx context.Context, w *Work) error

// Worker takes up the jobs of one register.
type Worker struct {
	DB       *db.DB
	Register id.Register
	// Handlers are who does which kind; other kinds are left to other servers.
	Handlers map[string]Handler
	Log      *slog.Logger
	// Lease is for how long a job is taken; 0 is two minutes. A handler is told
	// to stop when three quarters of it are over.
	Lease time.Duration
	// Hands is how many jobs are worked on at once; 0 is 4.
	Hands int
	// Every is how often the tray is looked into; 0 is a second.
	Every time.Duration
	// Most is how often a job is tried before it is given up; 0 is 12, which is
	// about six hours.
	Most int
	// Pause is how long to wait after a try, counted from 1; nil is 30 seconds,
	// twice as long each time, and at most an hour.
	Pause func(tries int) time.Duration
}

func or[T comparable](v, otherwise T) T {
	var none T
	if v == none {
		return otherwise
	}
	return v
}

func (w *Worker) lease() time.Duration { return or(w.Lease, 2*time.Minute) }

func (w *Worker) pause(tries int) time.Duration {
	if w.Pause != nil {
		return w.Pause(tries)
	}
	return min(30*time.Second<<min(max(tries-1, 0), 10), time.Hour)
}

const (
	sqlAnyDue = `SELECT COUNT(*) FROM job WHERE register = $1 AND state = 'waiting' AND due_at <= $2`
	sqlLease  = `UPDATE job SET due_at = $1, lease = $2, tries = tries + 1 WHERE register = $3 AND state = 'waiting' AND due_at <= $4
		AND ref IN (SELECT ref FROM job WHERE register = $3 AND state = 'waiting' AND due_at <= $4 AND kind IN (`
	sqlLeased = `) ORDER BY due_at, ref LIMIT $5) RETURNING ref, kind, about, tries, asked_at`
	sqlFinish = `UPDATE job SET state = 'done', ended_at = $1, problem = '' WHERE register = $2 AND ref = $3 AND lease = $4 AND state = 'waiting'`
	sqlPutOff = `UPDATE job SET due_at = $1, problem = $2, tries = $3, lease = '' WHERE register = $4 AND ref = $5 AND lease = $6 AND state = 'waiting'`
	sqlGiveUp = `UPDATE job SET state = 'given up', problem = $1, ended_at = $2, lease = '' WHERE register = $3 AND ref = $4 AND lease = $5 AND state = 'waiting'`
)

// keepDone is for how long a job that is done can still be seen.
const keepDone = 7 * 24 * time.Hour

// Run takes up jobs as they fall due, until the context ends.
func (w *Worker) Run(ctx context.Context) {
	every := time.NewTicker(or(w.Every, time.Second))
	defer every.Stop()
	var tidied time.Time
	for {
		for {
			n, err := w.Once(ctx)
			if err != nil && ctx.Err() == nil {
				w.Log.Error("cannot take up jobs", "error", err.Error())
			}
			if err != nil || n == 0 {
				break
			}
		}
		if now := w.DB.Now(); now.Sub(tidied) > time.Hour {
			tidied = now
			if err := w.DB.InTx(ctx, func(tx *db.Tx) error { return Forget(tx, w.Register, tx.Now.Add(-keepDone)) }); err != nil && ctx.Err() == nil {
				w.Log.Error("cannot forget jobs", "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// Once takes up some of the jobs that are due, waits until each has been tried,
// and says how many there were.
func (w *Worker) Once(ctx context.Context) (int, error) {
	hands := or(w.Hands, 4)
	taken, err := w.take(ctx, hands*4)
	if err != nil || len(taken) == 0 {
		return 0, err
	}
	todo := make(chan *Work, len(taken))
	for _, one := range taken {
		todo <- one
	}
	close(todo)
	ctx, stop := context.WithTimeout(ctx, w.lease()*3/4)
	defer stop()
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for one := range todo {
				w.try(ctx, one)
			}
		})
	}
	all.Wait()
	return len(taken), nil
}

// take leases up to n jobs that are due. Looking is done first, so that nobody
// waits for a writer who finds nothing.
func (w *Worker) take(ctx context.Context, n int) ([]*Work, error) {
	due := 0
	if err := w.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlAnyDue, int64(w.Register), db.Instant{Time: tx.Now}).Scan(&due)
	}); err != nil || due == 0 {
		return nil, err
	}
	kinds := make([]string, 0, len(w.Handlers))
	for kind := range w.Handlers {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	var taken []*Work
	err := w.DB.InTx(ctx, func(tx *db.Tx) error {
		taken = nil
		mark := string(id.NewRef())
		args := []any{db.Instant{Time: tx.Now.Add(w.lease())}, mark, int64(w.Register), db.Instant{Time: tx.Now}, int64(n)}
		for _, kind := range kinds {
			args = append(args, kind)
		}
		rows, err := tx.Query(sqlLease+db.Params(6, len(kinds))+sqlLeased, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			one := &Work{register: w.Register, lease: mark}
			var asked db.Instant
			if err := rows.Scan((*string)(&one.Ref), &one.Kind, &one.About, &one.Tries, &asked); err != nil {
				return err
			}
			one.State, one.Asked = Waiting, asked.Time
			taken = append(taken, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("take up jobs: %w", err)
	}
	return taken, nil
}

// try does one job and writes what came of it. Where that cannot be written the
// lease lapses, and the job is tried again.
func (w *Worker) try(ctx context.Context, work *Work) {
	if ctx.Err() != nil {
		return // the lease is nearly over: it lapses, and the job is taken up anew
	}
	err := w.handle(ctx, work)
	if work.finished && err == nil {
		return
	}
	// What came of it is written though the server is being stopped.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), w.lease()/8)
	defer stop()
	if err := w.DB.InTx(ctx, func(tx *db.Tx) error { return w.after(tx, work, err) }); err != nil && !errors.Is(err, ErrLost) {
		w.Log.Error("cannot write what came of a job", "job", string(work.Ref), "kind", work.Kind, "error", err.Error())
	}
}

// handle calls the handler, of which a panic is a try that failed.
func (w *Worker) handle(ctx context.Context, work *Work) (err error) {
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("a job panicked", "job", string(work.Ref), "kind", work.Kind, "panic", fmt.Sprint(r))
			err = fmt.Errorf("the program failed over it; its log says more under job %s", work.Ref)
		}
	}()
	if work.Tries > or(w.Most, 12) {
		return GiveUp{"it was begun again and again and never ended"}
	}
	return w.Handlers[work.Kind](ctx, work)
}

func (w *Worker) after(tx *db.Tx, work *Work, err error) error {
	var later Later
	var giveUp GiveUp
	switch {
	case err == nil:
		return work.Finish(tx)
	case errors.Is(err, ErrLost):
		return nil
	case errors.As(err, &later):
		return w.putOff(tx, work, later.At, later.Why, work.Tries-1)
	case errors.As(err, &giveUp):
		return w.giveUp(tx, work, giveUp.Why)
	case work.Tries >= or(w.Most, 12):
		w.Log.Error("a job is given up", "job", string(work.Ref), "kind", work.Kind, "error", err.Error())
		return w.giveUp(tx, work, err.Error())
	}
	return w.putOff(tx, work, tx.Now.Add(w.pause(work.Tries)), err.Error(), work.Tries)
}

func (w *Worker) putOff(tx *db.Tx, work *Work, until time.Time, why string, tries int) error {
	done, err := tx.Exec(sqlPutOff, db.Instant{Time: until}, why, int64(tries), int64(w.Register), string(work.Ref), work.lease)
	return one(done, err, ErrLost)
}

func (w *Worker) giveUp(tx *db.Tx, work *Work, why string) error {
	done, err := tx.Exec(sqlGiveUp, why, db.Instant{Time: tx.Now}, int64(w.Register), string(work.Ref), work.lease)
	return one(done, err, ErrLost)
}

// Finish says in the handler's own transaction that the job is dwork. It returns
// ErrLost where the lease is over and somebody else has the job: the
// transaction must then be given up.
func (o *Work) Finish(tx *db.Tx) error {
	done, err := tx.Exec(sqlFinish, db.Instant{Time: tx.Now}, int64(o.register), string(o.Ref), o.lease)
	if err := one(done, err, ErrLost); err != nil {
		return err
	}
	o.finished = true
	return nil
}
