// Package job does durable work: what must happen once after an act that asked
// for it, outside of the act's transaction, though the process is killed.
//
// In the trade it is the tray on the desk: a text to be sent, a receipt to be
// asked for. What asks for a job writes it in the transaction of its own act
// (Enqueue), so there is never one without the other. Whoever takes a job holds
// a lease on it for a while; where they are killed it lapses, and another takes
// the job up. A job that fails is tried again after a pause that grows, and in
// the end it is given up, where people see it.
package job

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
)

// State is where a job stands.
type State string

// The states.
const (
	Waiting State = "waiting"
	Done    State = "done"
	GivenUp State = "given up"
)

// Job is one piece of work.
type Job struct {
	Ref  id.Ref
	Kind string
	// About says what it is about: a reference, never a name.
	About string
	State State
	// Due is when it may be taken up next; of one that is being worked on, when
	// the lease ends.
	Due, Asked, Ended time.Time
	// Tries is how often it was begun; Problem why it was put off or given up.
	Tries   int
	Problem string
}

// ErrLost says that a lease ended before the work did and somebody else has the
// job now: what was to be written with it must not be.
var ErrLost = errors.New("somebody else has taken this job up")

// Later puts a job off until a moment without counting the try: it is not yet
// its time.
type Later struct {
	At  time.Time
	Why string
}

func (l Later) Error() string { return "put off until " + l.At.Format(time.RFC3339) + ": " + l.Why }

// GiveUp ends a job without its having been done: trying again is of no use.
type GiveUp struct{ Why string }

func (g GiveUp) Error() string { return g.Why }

var columns = []string{"register", "ref", "kind", "about", "state", "due_at", "lease", "tries", "problem", "asked_at"}

// Enqueue asks for a job about each of some things, in the caller's
// transaction, to be taken up from the moment due on; the zero moment is now.
func Enqueue(tx *db.Tx, r id.Register, kind string, due time.Time, about ...string) error {
	if due.IsZero() {
		due = tx.Now
	}
	at, err := db.Instant{Time: due}.Value()
	if err != nil {
		return err
	}
	now, err := db.Instant{Time: tx.Now}.Value()
	if err != nil {
		return err
	}
	rows := make([][]any, len(about))
	for i, one := range about {
		rows[i] = []any{int64(r), string(id.NewRef()), kind, one, string(Waiting), at, "", int64(0), "", now}
	}
	if err := db.BulkInsert(tx, "job", columns, rows); err != nil {
		return fmt.Errorf("ask for a job: %w", err)
	}
	return nil
}

const (
	sqlCounts  = `SELECT state, COUNT(*) FROM job WHERE register = $1 GROUP BY state`
	sqlOpen    = `SELECT ref, kind, about, state, due_at, tries, problem, asked_at, ended_at FROM job WHERE register = $1 AND state = $2 ORDER BY due_at, ref LIMIT 200`
	sqlTryAnew = `UPDATE job SET state = 'waiting', due_at = $1, lease = '', tries = 0, ended_at = NULL WHERE register = $2 AND ref = $3 AND state = 'given up'`
	sqlForget  = `DELETE FROM job WHERE register = $1 AND state = 'done' AND ended_at < $2`
)

// Counts are how many jobs stand in each state.
func Counts(tx *db.Tx, r id.Register) (map[State]int, error) {
	rows, err := tx.Query(sqlCounts, int64(r))
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	out := map[State]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		out[State(state)] = n
	}
	return out, rows.Err()
}

// List is up to 200 of the jobs in a state, those due first before the others.
func List(tx *db.Tx, r id.Register, state State) ([]Job, error) {
	rows, err := tx.Query(sqlOpen, int64(r), string(state))
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	defer rows.Close()
	var out []Job
	for rows.Next() {
		var j Job
		var due, asked, ended db.Instant
		if err := rows.Scan((*string)(&j.Ref), &j.Kind, &j.About, (*string)(&j.State), &due, &j.Tries, &j.Problem, &asked, &ended); err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		j.Due, j.Asked, j.Ended = due.Time, asked.Time, ended.Time
		out = append(out, j)
	}
	return out, rows.Err()
}

// TryAnew puts a job that was given up back in the tray, or returns db.NotFound.
func TryAnew(tx *db.Tx, r id.Register, ref id.Ref) error {
	done, err := tx.Exec(sqlTryAnew, db.Instant{Time: tx.Now}, int64(r), string(ref))
	return one(done, err, db.NotFound)
}

// Forget deletes the jobs that were done before a moment.
func Forget(tx *db.Tx, r id.Register, before time.Time) error {
	if _, err := tx.Exec(sqlForget, int64(r), db.Instant{Time: before}); err != nil {
		return fmt.Errorf("forget jobs that are done: %w", err)
	}
	return nil
}

// one is nil where a statement changed one row, and none where it changed none.
func one(done sql.Result, err, none error) error {
	if err != nil {
		return fmt.Errorf("change a job: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, none)
	}
	return nil
}
