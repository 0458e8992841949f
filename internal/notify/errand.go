package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/job"
)

// mostErrands is how often an errand is tried: over about an hour.
const mostErrands = 8

// Errand is a kind of note that a room writes and a job hands to its carrier: a
// reminder, an alarm. It is marked as begun before it is handed over, so that one
// that may have gone is asked for and never sent again. About is the room's own
// reference of a note, which the note carries too.
type Errand struct {
	// Kind is the kind of its jobs.
	Kind string
	// Nobody is what is said where nobody carries the channel.
	Nobody string
	// Begin composes a note; begun says that a try before this one may have sent
	// it. goes is false where there is nothing to send: the room has settled it.
	Begin func(tx *db.Tx, about string) (note Note, begun, goes bool, err error)
	// Begun keeps that it is on its way (begun), or is certainly not, and why the
	// try before came to nothing.
	Begun func(tx *db.Tx, about string, begun bool, why string) error
	// Settled keeps what became of it.
	Settled func(tx *db.Tx, about string, a Answer) error
}

// Worker is who runs the errands of a register.
func (e Errand) Worker(d *db.DB, r id.Register, desk *Desk, log *slog.Logger) *job.Worker {
	return &job.Worker{DB: d, Register: r, Log: log, Most: mostErrands,
		Handlers: map[string]job.Handler{e.Kind: func(ctx context.Context, w *job.Work) error { return e.run(ctx, d, desk, w) }}}
}

// run does the job of one note.
func (e Errand) run(ctx context.Context, d *db.DB, desk *Desk, w *job.Work) error {
	var note Note
	var begun, goes bool
	err := d.InTx(ctx, func(tx *db.Tx) (err error) {
		if note, begun, goes, err = e.Begin(tx, w.About); err != nil {
			return err
		}
		if !goes {
			return w.Finish(tx)
		}
		return e.Begun(tx, w.About, true, "")
	})
	if err != nil || !goes {
		return err
	}
	var answer Answer
	if carrier := desk.For(note.Channel); carrier == nil {
		answer = Answer{State: Failed, Why: e.Nobody}
	} else if answer, err = Attempt(ctx, carrier, note, begun); err != nil {
		if w.Tries < mostErrands {
			return errors.Join(e.notYet(ctx, d, w.About, err), err)
		}
		answer = Answer{State: Unsure, Why: err.Error()}
	}
	// What the carrier said is written though the server is being stopped.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer stop()
	return d.InTx(ctx, func(tx *db.Tx) error {
		if err := e.Settled(tx, w.About, answer); err != nil {
			return err
		}
		return w.Finish(tx)
	})
}

// notYet keeps a try that came to nothing. What certainly did not reach the
// carrier may be sent again.
func (e Errand) notYet(ctx context.Context, d *db.DB, about string, failed error) error {
	var notSent NotSent
	return d.InTx(ctx, func(tx *db.Tx) error { return e.Begun(tx, about, !errors.As(failed, &notSent), failed.Error()) })
}
