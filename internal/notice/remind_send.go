package notice

import (
	"database/sql"
	"errors"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/notify"
)

const (
	sqlReminder        = `SELECT notice, due, sent_to, begun FROM notice_reminder WHERE register = $1 AND ref = $2 AND state IN ('queued', 'sending')`
	sqlReminderBegun   = `UPDATE notice_reminder SET state = 'sending', begun = $3, why = $4 WHERE register = $1 AND ref = $2`
	sqlReminderSettled = `UPDATE notice_reminder SET state = $3, why = $4, settled_at = $5 WHERE register = $1 AND ref = $2`

	// jobRemind is the kind of job that sends one reminder.
	jobRemind = "remind of a leaver notice"
	// reminderStopped is one that was not sent because the notice had moved on.
	reminderStopped = "stopped"
)

// templateOf is the template of what is written of a notice.
func templateOf(tx *db.Tx, r id.Register, n *Notice) (notify.Reminder, error) {
	if n.State == SentOn {
		return notify.ReadReminder(tx, r, notify.RemindAuthority)
	}
	return notify.ReadReminder(tx, r, notify.RemindInstitution)
}

// reminderOf is what is written of a notice: its stamps and days, and nobody's
// name.
func reminderOf(n *Notice, t notify.Reminder) (subject, body string) {
	sent, theirs := n.SentOn, ""
	if n.State != SentOn {
		sent = dayOf(n.ReceivedAt)
	}
	if n.TheirRef != "" {
		theirs = ", yours " + n.TheirRef
	}
	return t.Fill(map[string]string{notify.OurReference: n.Stamp, notify.TheirReference: theirs, notify.SentOn: sent.Words(), notify.SentBy: n.SentHow, notify.DueOn: n.Due.Words()})
}

// Worker is who sends the reminders of a register.
func (s *Service) Worker(r id.Register) *job.Worker {
	return notify.Errand{
		Kind: jobRemind, Nobody: "nobody carries e-mail here: ask whoever runs the server",
		Begin: func(tx *db.Tx, ref string) (notify.Note, bool, bool, error) { return s.beginReminder(tx, r, ref) },
		Begun: func(tx *db.Tx, ref string, begun bool, why string) error {
			_, err := tx.Exec(sqlReminderBegun, int64(r), ref, begun, why)
			return err
		},
		Settled: func(tx *db.Tx, ref string, a notify.Answer) error { return s.reminded(tx, r, ref, a) },
	}.Worker(s.DB, r, s.Desk, s.Log)
}

// ofReminder is the notice of a reminder that is not settled, and the day of which
// it reminds.
func ofReminder(tx *db.Tx, r id.Register, ref string) (n *Notice, due civil.Date, to string, begun bool, err error) {
	var key int64
	err = tx.QueryRow(sqlReminder, int64(r), ref).Scan(&key, &due, &to, &begun)
	if errors.Is(err, sql.ErrNoRows) {
		err = db.NotFound
	}
	if err == nil {
		n, err = one(tx, r, "n.id = $1", key)
	}
	return n, due, to, begun, err
}

// beginReminder composes a reminder. goes is false where
// there is nothing to send: it is settled, or the notice has moved on meanwhile, or
// is about somebody whose record was restricted since.
func (s *Service) beginReminder(tx *db.Tx, r id.Register, ref string) (note notify.Note, begun, goes bool, err error) {
	n, due, to, begun, err := ofReminder(tx, r, ref)
	if errors.Is(err, db.NotFound) {
		return note, false, false, nil
	}
	if err != nil {
		return note, false, false, err
	}
	veil, err := access.VeilOf(tx, waymark(r))
	if err != nil {
		return note, false, false, err
	}
	if !begun && (n.whom() == "" || n.Due != due || veil.Restricted(n.Person)) {
		_, err = tx.Exec(sqlReminderSettled, int64(r), ref, reminderStopped, "it was answered, or is not to be written of", db.Instant{Time: tx.Now})
		return note, false, false, err
	}
	note = notify.Note{Channel: notify.Email, To: to, Reference: ref}
	t, err := templateOf(tx, r, n)
	if err != nil {
		return note, begun, false, err
	}
	note.Subject, note.Body = reminderOf(n, t)
	return note, begun, true, nil
}

// reminded writes what became of a reminder. One that went is a step of its
// notice, and an authority that was asked has the usual days anew.
func (s *Service) reminded(tx *db.Tx, r id.Register, ref string, answer notify.Answer) error {
	n, due, _, _, err := ofReminder(tx, r, ref)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlReminderSettled, int64(r), ref, string(answer.State), answer.Why, db.Instant{Time: tx.Now}); err != nil {
		return err
	}
	if answer.State != notify.Taken && answer.State != notify.Delivered {
		return nil
	}
	t, err := templateOf(tx, r, n)
	if err != nil {
		return err
	}
	a, err := act.Begin(tx, waymark(r), access.KeepNotices, n.Person, act.Request{Reason: n.Stamp + ": reminded by e-mail. " + t.Basis})
	if err != nil {
		return err
	}
	if n.State != SentOn || n.Due != due {
		return put(tx, a, n, "Reminded by e-mail")
	}
	n.Chased++
	if err := s.setDue(tx, r, n); err != nil {
		return err
	}
	return put(tx, a, n, "Asked authority "+n.HomeLA+" again by e-mail")
}
