// Package message sends messages to young people, follows what becomes of each,
// and takes in what comes back.
//
// In the trade a text in September finds more destinations in an evening than a
// week of calls, if it goes to the right people, once, in words that they read.
// A message is written beforehand as a template with its lawful basis; a batch
// is one template sent to the people of a list, or to one. Whoever has asked for
// no messages, has no number that can be one, or whose record may not be used,
// is left out, and the sender is told who and why. Each message that goes is a
// contact on the young person's record.
//
// What comes back, by a one-use link or as a text, changes nothing by itself: it
// is a proposed activity, which a person uses, changes or refuses.
package message

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/list"
	"waymark/internal/notify"
	"waymark/internal/record"
)

// Service sends messages and takes in answers.
type Service struct {
	DB     *db.DB
	Record *record.Service
	Lists  *list.Service
	// Campaigns say who of their lists may still be reached.
	Campaigns *campaign.Service
	Sights    *act.Recorder
	// Desk is where messages are handed in.
	Desk *notify.Desk
	// Origin is the address at which young people reach us, like
	// https://waymark.example.org; the links of self-report begin with it. "" leaves
	// links to be made from the page alone.
	Origin string
	Log    *slog.Logger
}

// State is where a message stands.
type State string

// The states.
const (
	// Queued: it waits in the tray.
	Queued State = "queued"
	// Sending: it is with the carrier, or may be; it is asked for before it is
	// sent again.
	Sending State = "sending"
	// Sent: the carrier has it.
	Sent State = "sent"
	// Delivered and Failed are what the carrier says of it in the end.
	Delivered State = "delivered"
	Failed    State = "failed"
	// Unsure: nobody can say whether it went. A person decides.
	Unsure State = "not sure"
	// Stopped: it was not sent, because it may no more.
	Stopped State = "stopped"
)

// States are all, in the order in which they are told.
func States() []State { return []State{Delivered, Sent, Sending, Queued, Unsure, Failed, Stopped} }

// The kinds of jobs.
const (
	jobSend    = "send a message"
	jobReceipt = "ask for a receipt"
)

// system is who sends what somebody queued, and takes in what comes back.
func system(r id.Register) access.Actor {
	return access.Actor{Register: r, Ref: "system", Name: "Waymark", Roles: []access.Role{access.Operator}, Request: "message"}
}

// Worker is who sends the messages of a register and asks for their receipts.
func (s *Service) Worker(r id.Register) *job.Worker {
	return &job.Worker{DB: s.DB, Register: r, Log: s.Log, Most: mostTries, Pause: pause,
		Handlers: map[string]job.Handler{
			jobSend:    func(ctx context.Context, w *job.Work) error { return s.send(ctx, r, w) },
			jobReceipt: func(ctx context.Context, w *job.Work) error { return s.receipt(ctx, r, w) },
		}}
}

// mostTries is how often a message is tried: over about six hours.
const mostTries = 12

// pause is longer than any carrier is waited for, so that one that was slow has
// the message, or has not, when it is asked.
func pause(tries int) time.Duration { return min(time.Minute<<min(max(tries-1, 0), 10), time.Hour) }

const (
	sqlPersonKey = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`
	sqlIntoWhom  = `SELECT into_person FROM merged WHERE register = $1 AND young_person = $2 AND known_to IS NULL`
)

// person is who is behind a reference: db.NotFound where there is nobody whom
// the actor may know of, access.ErrLocked where they may know no more.
func person(tx *db.Tx, by access.Actor, ref id.Ref) (id.YoungPerson, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	var key id.YoungPerson
	err = tx.QueryRow(sqlPersonKey, int64(by.Register), string(ref)).Scan((*int64)(&key))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find the young person: %w", err)
	}
	return key, veil.Refuses(key)
}

// survivor is the record that a young person's was put together with, or their
// own.
func survivor(tx *db.Tx, r id.Register, yp id.YoungPerson) (id.YoungPerson, error) {
	for range 100 { // records put together again and again
		var into int64
		err := tx.QueryRow(sqlIntoWhom, int64(r), int64(yp)).Scan(&into)
		if errors.Is(err, sql.ErrNoRows) {
			return yp, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find with whom a record was put together: %w", err)
		}
		yp = id.YoungPerson(into)
	}
	return yp, nil
}
