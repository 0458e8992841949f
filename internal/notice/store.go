package notice

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/youngperson"
)

const (
	columns = `n.id, n.ref, n.stamp, n.kind, n.organisation, n.institution, n.channel, n.position, n.received_at, n.sender_name, n.given, n.family, n.born, n.postcode,
		n.uln, n.upn, n.their_ref, n.left_on, n.reasons, n.destination, n.who_acts, n.act_by, n.told_again, n.state, n.young_person, n.met_by, n.home_la, n.sent_how,
		n.sent_on, n.chased, n.due, n.outcome, n.changed_by, n.from_la, n.stamp_there`
	sqlNotices   = `SELECT ` + columns + ` FROM notice n`
	sqlAddNotice = `INSERT INTO notice (register, id, ref, stamp, kind, organisation, institution, channel, position, received_at, sender_name, given, family, born, postcode,
		uln, upn, their_ref, left_on, reasons, destination, who_acts, act_by, print, told_again, state, young_person, met_by, home_la, sent_how, sent_on, chased, due, outcome, added_by, changed_by, from_la)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, 0, $25, $26, $27, $28, '', '', 0, $29, '', $30, $30, $31)`
	sqlSetNotice = `UPDATE notice SET state = $3, young_person = $4, met_by = $5, home_la = $6, sent_how = $7, sent_on = $8, chased = $9, due = $10, outcome = $11, changed_by = $12,
		who_acts = $13, act_by = $14, stamp_there = $15 WHERE register = $1 AND id = $2`
	sqlAddStep   = `INSERT INTO notice_step (register, notice, act, at, by_name, what) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlSteps     = `SELECT at, by_name, what FROM notice_step WHERE register = $1 AND notice = $2 ORDER BY act`
	sqlToldAgain = `UPDATE notice SET told_again = told_again + 1 WHERE register = $1 AND id = $2`
	sqlForget    = `UPDATE notice SET given = '', family = '', born = '', postcode = '', uln = '', upn = '', their_ref = '', print = '' WHERE register = $1 AND id = $2`
)

func scan(row interface{ Scan(...any) error }) (*Notice, error) {
	n := &Notice{}
	var at db.Instant
	var reasons string
	err := row.Scan(&n.Key, (*string)(&n.Ref), &n.Stamp, (*string)(&n.Kind), (*int64)(&n.Organisation), &n.Institution, &n.Channel, &n.Position, &at, &n.SenderName,
		&n.Given, &n.Family, &n.Born, &n.Postcode, &n.ULN, &n.UPN, &n.TheirRef, &n.LeftOn, &reasons, &n.Destination, &n.WhoActs, &n.ActBy, &n.ToldAgain,
		(*string)(&n.State), (*int64)(&n.Person), &n.MetBy, &n.HomeLA, &n.SentHow, &n.SentOn, &n.Chased, &n.Due, &n.Outcome, (*int64)(&n.Version), &n.FromLA, &n.StampThere)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, db.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a notice: %w", err)
	}
	n.ReceivedAt = at.Time
	if reasons != "" {
		n.Reasons = strings.Split(reasons, ";")
	}
	return n, nil
}

// notices are those that fit, what is due first, with people who are one now
// with another led to that one.
func notices(tx *db.Tx, r id.Register, order, condition string, args ...any) ([]*Notice, error) {
	var w db.Where
	w.And("n.register = $1", int64(r))
	if condition != "" {
		w.And(condition, args...)
	}
	into, err := youngperson.MergedInto(tx, r)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlNotices+w.SQL()+order, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the notices: %w", err)
	}
	defer rows.Close()
	var out []*Notice
	for rows.Next() {
		n, err := scan(rows)
		if err != nil {
			return nil, err
		}
		for into[n.Person] != 0 {
			n.Person = into[n.Person]
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

const (
	byDue  = ` ORDER BY CASE WHEN n.due = '' THEN 1 ELSE 0 END, n.due, n.received_at, n.id`
	byLast = ` ORDER BY n.received_at DESC, n.id DESC`
)

func one(tx *db.Tx, r id.Register, condition string, args ...any) (*Notice, error) {
	list, err := notices(tx, r, byLast, condition, args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, db.NotFound
	}
	return list[0], nil
}

// put stores what a step has changed, and the step.
func put(tx *db.Tx, a *act.Act, n *Notice, what string) error {
	n.Version = a.Number
	if _, err := tx.Exec(sqlSetNotice, int64(a.Register), n.Key, string(n.State), int64(n.Person), n.MetBy, n.HomeLA, n.SentHow, n.SentOn.String(), n.Chased, n.Due.String(), n.Outcome,
		int64(a.Number), n.WhoActs, n.ActBy.String(), n.StampThere); err != nil {
		return fmt.Errorf("keep the notice: %w", err)
	}
	return addStep(tx, a, n, what)
}

func addStep(tx *db.Tx, a *act.Act, n *Notice, what string) error {
	if _, err := tx.Exec(sqlAddStep, int64(a.Register), n.Key, int64(a.Number), db.Instant{Time: tx.Now}, a.By.Name, what); err != nil {
		return fmt.Errorf("keep what was done with the notice: %w", err)
	}
	return nil
}

// Limits are within how many days each step is to be done.
type Limits struct {
	// Find is to say who it is about, Settle to do what follows, SendOn to pass it
	// to their authority, Chase to ask that one, Act to answer a risk on which no
	// day was given.
	Find, Settle, SendOn, Chase, Act int
}

// FirstLimits hold until somebody sets others.
func FirstLimits() Limits { return Limits{Find: 2, Settle: 5, SendOn: 2, Chase: 7, Act: 10} }

const (
	sqlLimits    = `SELECT find, settle, send_on, chase, act FROM notice_limit WHERE register = $1`
	sqlSetLimits = `INSERT INTO notice_limit (register, find, settle, send_on, chase, act) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (register) DO UPDATE SET find = excluded.find, settle = excluded.settle, send_on = excluded.send_on, chase = excluded.chase, act = excluded.act`
)

func limits(tx *db.Tx, r id.Register) (Limits, error) {
	l := FirstLimits()
	err := tx.QueryRow(sqlLimits, int64(r)).Scan(&l.Find, &l.Settle, &l.SendOn, &l.Chase, &l.Act)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return l, fmt.Errorf("read the limits of notices: %w", err)
	}
	return l, nil
}

// due is the day by which the next step is to be done.
func (l Limits) due(n *Notice, today civil.Date) civil.Date {
	from := func(days int) civil.Date { return today.AddDays(days) }
	switch {
	case n.State.Over():
		return civil.Date{}
	case n.State == ToFind:
		return from(l.Find)
	case n.State == ToSendOn:
		return from(l.SendOn)
	case n.State == SentOn:
		return from(l.Chase)
	case n.Kind == Risk && !n.ActBy.IsZero():
		return n.ActBy
	case n.Kind == Risk:
		return from(l.Act)
	case n.Kind == Left && n.LeftOn.After(today):
		return n.LeftOn.AddDays(l.Settle)
	}
	return from(l.Settle)
}
