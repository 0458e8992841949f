package record

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
)

// A month's return says what was so on its last day, and takes no confirmation of
// a later day (nccis.md 5.2, error 305). Its last day passes before the return is
// made, so much of it is told in the first days of the next month. Whoever is told
// then is asked whether it was so on the last day already. With yes it was
// confirmed for that day, and for today besides; that it was learned today, the
// act and its evidence say, which have a clock of their own.

const sqlSigned = `SELECT count(*) FROM monthly_return WHERE register = $1 AND period = $2 AND state NOT IN ('rejected', 'superseded', 'lapsed')`

// LastDayOpen is the last day of the month that has ended, where nobody has signed
// its return yet: what is told now can still count in it. It is none once somebody
// has.
func (s *Service) LastDayOpen(ctx context.Context, by access.Actor) (last civil.Date, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { last, err = LastDayOpen(tx, by.Register); return err })
	return last, err
}

// LastDayOpen is the same inside a transaction.
func LastDayOpen(tx *db.Tx, r id.Register) (civil.Date, error) {
	last, signed := civil.On(tx.Now, civil.London()).InMonth().Add(-1), 0
	if err := tx.QueryRow(sqlSigned, int64(r), last.String()).Scan(&signed); err != nil {
		return civil.Date{}, fmt.Errorf("read whether last month's return is signed: %w", err)
	}
	if signed > 0 {
		return civil.Date{}, nil
	}
	return last.End(), nil
}

// SameSince is the last day that is open (LastDayOpen) where an activity had begun
// by it, else none. Who says that nothing has changed since that day says that it
// was so on it: so a doorstep or a row of a list need not ask besides.
func SameSince(lastOpen, started civil.Date) civil.Date {
	if lastOpen.IsZero() || started.IsZero() || started.After(lastOpen) {
		return civil.Date{}
	}
	return lastOpen
}

// checkSoOn complains where a day on which it was so already cannot be one.
func checkSoOn(wrong *field.Errors, soOn, started, today civil.Date) {
	switch {
	case soOn.IsZero():
	case soOn != soOn.InMonth().End() || !soOn.Before(today):
		wrong.Add("so-on", "Only the last day of a month that has ended can be meant")
	case !started.IsZero() && started.After(soOn):
		wrong.Add("so-on", "It started later than "+soOn.Words()+", so it was not so then: take the tick away, or correct the day it started")
	}
}

// confirmFor writes that a spell was so on a day, and on an earlier one where it
// was so then already.
func confirmFor(tx *db.Tx, a *act.Act, yp id.YoungPerson, spell id.Fact, on, soOn civil.Date) error {
	days := []civil.Date{on}
	if !soOn.IsZero() && soOn != on {
		days = append(days, soOn)
	}
	for _, day := range days {
		if _, err := activity.Verifications.New(tx, a, yp, "", activity.Verification{Spell: spell, Verified: day.String()}); err != nil {
			return err
		}
	}
	return nil
}

// soAlready is the spell as it must stand for it to have been confirmed on a day:
// it was ascertained by then (error 237). It says whether anything has changed.
func soAlready(f fact.Of[activity.Spell], soOn civil.Date) (fact.Of[activity.Spell], bool) {
	day, err := civil.Parse(f.Is.Ascertained)
	if soOn.IsZero() || err != nil || !day.After(soOn) {
		return f, false
	}
	f.Is.Ascertained = soOn.String()
	return f, true
}
