package visit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/notify"
)

// Duty is whom a missed check-in is told at once: a telephone that takes texts
// and an address of e-mail, at which somebody answers whenever anybody is out.
// Either may be empty.
type Duty struct{ Telephone, Email string }

// DutyTold is what became of one message to the duty about an alarm.
type DutyTold struct {
	Channel notify.Channel
	To      string
	// State is one of notify's, or queued, sending or stopped.
	State, Why string
}

const (
	sqlDuty    = `SELECT telephone, email FROM duty WHERE register = $1`
	sqlSetDuty = `INSERT INTO duty (register, telephone, email, set_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register) DO UPDATE SET telephone = excluded.telephone, email = excluded.email, set_by = excluded.set_by`
	sqlTellDuty = `INSERT INTO duty_message (register, ref, watch, raised_at, channel, sent_to, state, begun, why)
		VALUES ($1, $2, $3, $4, $5, $6, 'queued', FALSE, '') ON CONFLICT (register, watch, raised_at, channel) DO NOTHING`
	sqlDutyMessage = `SELECT watch, raised_at, channel, sent_to, begun FROM duty_message WHERE register = $1 AND ref = $2 AND state IN ('queued', 'sending')`
	sqlDutyBegun   = `UPDATE duty_message SET state = 'sending', begun = $3, why = $4 WHERE register = $1 AND ref = $2`
	sqlDutySettled = `UPDATE duty_message SET state = $3, why = $4, settled_at = $5 WHERE register = $1 AND ref = $2`
	sqlDutyTold    = `SELECT channel, sent_to, state, why FROM duty_message WHERE register = $1 AND watch = $2 AND raised_at = $3 ORDER BY channel`

	// jobDuty is the kind of job that tells the duty of an alarm.
	jobDuty = "tell of a missed check-in"
	// dutyStopped is a message that was not sent because the alarm was over.
	dutyStopped = "stopped"
)

// Duty is whom a missed check-in is told. It needs access.KeepDuty.
func (s *Service) Duty(ctx context.Context, by access.Actor) (d Duty, err error) {
	if err := access.Decide(by, access.KeepDuty, access.Subject{Register: by.Register}); err != nil {
		return d, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { d, err = dutyOf(tx, by.Register); return err })
	return d, err
}

func dutyOf(tx *db.Tx, r id.Register) (d Duty, err error) {
	err = tx.QueryRow(sqlDuty, int64(r)).Scan(&d.Telephone, &d.Email)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return d, fmt.Errorf("read whom a missed check-in is told: %w", err)
	}
	return d, nil
}

// SetDuty says whom a missed check-in is told; both empty is nobody. It needs
// access.KeepDuty, and returns field.Errors or act.ErrRepeated.
func (s *Service) SetDuty(ctx context.Context, by access.Actor, d Duty, key string) error {
	d.Telephone, d.Email = strings.Join(strings.Fields(d.Telephone), ""), strings.TrimSpace(d.Email)
	var wrong field.Errors
	if digits := strings.TrimPrefix(d.Telephone, "+"); d.Telephone != "" && (len(digits) < 10 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "") {
		wrong.Add("telephone", "Enter a number that takes texts, like 07700 900123")
	}
	if a, err := mail.ParseAddress(d.Email); d.Email != "" && (err != nil || a.Address != d.Email) {
		wrong.Add("email", "Enter an address of e-mail, like duty@sandmere.example.org")
	}
	if wrong != nil {
		return wrong
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepDuty, 0, act.Request{Reason: "whom a missed check-in is told", Key: key})
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlSetDuty, int64(by.Register), d.Telephone, d.Email, int64(a.Number))
		return err
	})
	if err != nil {
		return fmt.Errorf("set whom a missed check-in is told: %w", err)
	}
	return nil
}

// tellDuty queues what is sent of alarms that were raised in this transaction.
func tellDuty(tx *db.Tx, r id.Register, raised []id.Ref) error {
	d, err := dutyOf(tx, r)
	if err != nil {
		return err
	}
	for _, to := range []struct {
		channel notify.Channel
		to      string
	}{{notify.Text, d.Telephone}, {notify.Email, d.Email}} {
		for _, watch := range raised {
			if to.to == "" {
				continue
			}
			ref := string(id.NewRef())
			if _, err := tx.Exec(sqlTellDuty, int64(r), ref, string(watch), db.Instant{Time: tx.Now}, string(to.channel), to.to); err != nil {
				return err
			}
			if err := job.Enqueue(tx, r, jobDuty, tx.Now, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// toldOf is what became of the messages about the alarm of a watch.
func toldOf(tx *db.Tx, r id.Register, w Watch) (out []DutyTold, err error) {
	rows, err := tx.Query(sqlDutyTold, int64(r), string(w.Ref), db.Instant{Time: w.RaisedAt})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one DutyTold
		if err := rows.Scan((*string)(&one.Channel), &one.To, &one.State, &one.Why); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Worker is who sends what is told of missed check-ins of a register.
func (s *Service) Worker(r id.Register) *job.Worker {
	return notify.Errand{
		Kind: jobDuty, Nobody: "nobody carries messages like this here: ask whoever runs the server",
		Begin: func(tx *db.Tx, ref string) (notify.Note, bool, bool, error) { return s.beginDuty(tx, r, ref) },
		Begun: func(tx *db.Tx, ref string, begun bool, why string) error {
			_, err := tx.Exec(sqlDutyBegun, int64(r), ref, begun, why)
			return err
		},
		Settled: func(tx *db.Tx, ref string, a notify.Answer) error {
			return settleDuty(tx, r, ref, string(a.State), a.Why)
		},
	}.Worker(s.DB, r, s.Desk, s.Log)
}

func settleDuty(tx *db.Tx, r id.Register, ref, state, why string) error {
	_, err := tx.Exec(sqlDutySettled, int64(r), ref, state, why, db.Instant{Time: tx.Now})
	return err
}

// beginDuty composes a message. goes is false where there is nothing to send: it
// is settled, or the worker has answered meanwhile.
func (s *Service) beginDuty(tx *db.Tx, r id.Register, ref string) (note notify.Note, begun, goes bool, err error) {
	var watch string
	var raised db.Instant
	err = tx.QueryRow(sqlDutyMessage, int64(r), ref).Scan(&watch, &raised, (*string)(&note.Channel), &note.To, &begun)
	if errors.Is(err, sql.ErrNoRows) {
		return note, false, false, nil
	}
	if err != nil {
		return note, false, false, err
	}
	all, err := watches(tx, access.Actor{Register: r}, "w.ref = $1", watch)
	if err != nil {
		return note, false, false, err
	}
	if !begun && (len(all) == 0 || !all[0].EndedAt.IsZero() || !all[0].RaisedAt.Equal(raised.Time)) {
		return note, false, false, settleDuty(tx, r, ref, dutyStopped, "the worker had answered")
	}
	one := all[0]
	note.Reference, note.Subject = ref, one.WorkerName+" has not checked in"
	note.Body = fmt.Sprintf("%s is out on visits, was to say by %s that all is well, and has not. Ring %s now. Sent by Waymark.", one.WorkerName, Clock(one.ExpectedAt), one.Telephone)
	return note, begun, true, nil
}
