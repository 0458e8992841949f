package notice

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/sharing"
)

// Awaited is another authority, or an institution, for which notices wait: it has
// one that was sent on to it, or said that it would act on a risk.
type Awaited struct {
	// Whom is how it is known here, Name what people call it.
	Whom, Name string
	// Email is where it is reminded, "" where it is not.
	Email string
	// Open are the notices that wait for it, Late those of them past their day.
	Open, Late int
}

// Field is the name of their address in a form.
func (a Awaited) Field() string { return "email-" + strings.ReplaceAll(a.Whom, " ", "-") }

// Reminder is what became of one reminder by e-mail.
type Reminder struct {
	Stamp, Name, To string
	Queued          civil.Date
	// State is one of notify's, or queued, sending or stopped.
	State, Why string
}

const (
	authorityOf    = "authority "
	organisationOf = "organisation "

	sqlAddresses  = `SELECT whom, email FROM notice_address WHERE register = $1`
	sqlSetAddress = `INSERT INTO notice_address (register, whom, email, set_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (register, whom) DO UPDATE SET email = excluded.email, set_by = excluded.set_by`
	sqlNoAddress   = `DELETE FROM notice_address WHERE register = $1 AND whom = $2`
	sqlAddReminder = `INSERT INTO notice_reminder (register, ref, notice, due, whom, sent_to, state, begun, why, queued_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'queued', FALSE, '', $7) ON CONFLICT (register, notice, due) DO NOTHING`
	sqlReminders = `SELECT n.stamp, m.whom, m.sent_to, m.queued_at, m.state, m.why FROM notice_reminder m JOIN notice n ON n.register = m.register AND n.id = m.notice
		WHERE m.register = $1 ORDER BY m.queued_at DESC, m.ref LIMIT 50`
)

// whom is for whom a notice waits, "" for nobody outside.
func (n *Notice) whom() string {
	switch {
	case n.State == SentOn && n.HomeLA != "":
		return authorityOf + n.HomeLA
	case n.Kind == Risk && n.State == ToSettle && n.Organisation != 0:
		return organisationOf + strconv.FormatInt(int64(n.Organisation), 10)
	}
	return ""
}

// names are what organisations are called, by whom.
func names(tx *db.Tx, r id.Register) (map[string]string, error) {
	all, err := sharing.Organisations(tx, r)
	out := map[string]string{}
	for _, o := range all {
		out[organisationOf+strconv.FormatInt(int64(o.Key), 10)] = o.Name
	}
	return out, err
}

func addresses(tx *db.Tx, r id.Register) (map[string]string, error) {
	rows, err := tx.Query(sqlAddresses, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read whom to remind: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var whom, email string
		if err := rows.Scan(&whom, &email); err != nil {
			return nil, fmt.Errorf("read whom to remind: %w", err)
		}
		out[whom] = email
	}
	return out, rows.Err()
}

// Awaited are those for whom notices wait that the actor may know of, and those
// whose address is known, by name; with the reminders of late, the newest first. It
// needs access.KeepNotices and shows nobody.
func (s *Service) Awaited(ctx context.Context, by access.Actor) (out []Awaited, sent []Reminder, err error) {
	err = s.read(ctx, by, access.KeepNotices, func(tx *db.Tx) error {
		if out, err = s.awaited(tx, by); err == nil {
			sent, err = reminders(tx, by.Register)
		}
		return err
	})
	return out, sent, err
}

func (s *Service) awaited(tx *db.Tx, by access.Actor) ([]Awaited, error) {
	at, err := addresses(tx, by.Register)
	if err != nil {
		return nil, err
	}
	called, err := names(tx, by.Register)
	if err != nil {
		return nil, err
	}
	open, err := s.fitting(tx, by, Filter{Open: true})
	if err != nil {
		return nil, err
	}
	of := map[string]*Awaited{}
	for whom, email := range at {
		of[whom] = &Awaited{Whom: whom, Email: email}
	}
	today := civil.On(tx.Now, civil.London())
	for _, n := range open {
		whom := n.whom()
		if whom == "" {
			continue
		}
		if of[whom] == nil {
			of[whom] = &Awaited{Whom: whom}
		}
		of[whom].Open++
		if n.Overdue(today) {
			of[whom].Late++
		}
	}
	var out []Awaited
	for whom, one := range of {
		one.Name = cmp.Or(called[whom], strings.ToUpper(whom[:1])+whom[1:])
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Awaited) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Whom, b.Whom)) })
	return out, nil
}

func reminders(tx *db.Tx, r id.Register) (out []Reminder, err error) {
	called, err := names(tx, r)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlReminders, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the reminders: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Reminder
		var whom string
		var at db.Instant
		if err := rows.Scan(&one.Stamp, &whom, &one.To, &at, &one.State, &one.Why); err != nil {
			return nil, fmt.Errorf("read the reminders: %w", err)
		}
		one.Name, one.Queued = cmp.Or(called[whom], strings.ToUpper(whom[:1])+whom[1:]), dayOf(at.Time)
		out = append(out, one)
	}
	return out, rows.Err()
}

// SetAddresses says where those are reminded for whom notices wait, by whom; ""
// is that nobody writes to them. It needs access.KeepNotices, and returns
// field.Errors by Awaited.Field, or act.ErrRepeated.
func (s *Service) SetAddresses(ctx context.Context, by access.Actor, to map[string]string, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepNotices, 0, act.Request{Reason: "where others are reminded of notices", Key: key})
		if err != nil {
			return err
		}
		all, err := s.awaited(tx, by)
		if err != nil {
			return err
		}
		var wrong field.Errors
		for _, one := range all {
			email := strings.TrimSpace(to[one.Whom])
			if _, said := to[one.Whom]; !said || email == one.Email {
				continue
			}
			if email == "" {
				_, err = tx.Exec(sqlNoAddress, int64(by.Register), one.Whom)
			} else if read, bad := mail.ParseAddress(email); bad != nil || read.Address != email {
				wrong.Add(one.Field(), "Enter an address of e-mail for "+one.Name+", like leavers@marram.example.org")
			} else {
				_, err = tx.Exec(sqlSetAddress, int64(by.Register), one.Whom, email, int64(a.Number))
			}
			if err != nil {
				return fmt.Errorf("keep whom to remind: %w", err)
			}
		}
		return wrong.Err()
	})
}

// RemindDue queues a reminder for each notice that waits for somebody whose
// address is known and whose day has passed: one for each such day, whoever asks
// and however often. Nobody is reminded of whoever's record is restricted. It is
// for the job that serve runs, and says how many it queued.
func (s *Service) RemindDue(ctx context.Context, r id.Register) (queued int, err error) {
	by := waymark(r)
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		queued = 0
		at, err := addresses(tx, r)
		if err != nil || len(at) == 0 {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		late, err := s.fitting(tx, by, Filter{Late: true})
		for _, n := range late {
			email := at[n.whom()]
			if err != nil || email == "" || veil.Restricted(n.Person) {
				continue
			}
			var fresh bool
			if fresh, err = queueReminder(tx, r, n, email); fresh {
				queued++
			}
		}
		return err
	})
	return queued, err
}

// queueReminder queues one; it returns false where there is one for that day.
func queueReminder(tx *db.Tx, r id.Register, n *Notice, email string) (bool, error) {
	ref := string(id.NewRef())
	done, err := tx.Exec(sqlAddReminder, int64(r), ref, n.Key, n.Due.String(), n.whom(), email, db.Instant{Time: tx.Now})
	if err != nil {
		return false, fmt.Errorf("queue a reminder: %w", err)
	}
	if rows, err := done.RowsAffected(); err != nil || rows == 0 {
		return false, err
	}
	return true, job.Enqueue(tx, r, jobRemind, tx.Now, ref)
}

// waymark is who reminds: nobody's hand.
func waymark(r id.Register) access.Actor {
	return access.Actor{Register: r, Ref: "system", Name: "Waymark", Roles: []access.Role{access.Operator}, Request: "reminders"}
}
