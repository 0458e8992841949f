package returns

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// ShiftWarning is by how many tenths of a per cent the 16-17 cohort may move
// from one return to the next before somebody should ask why (nccis.md 5.2, a
// proposal).
const ShiftWarning = 30

// Movement is what changed between the last return frozen and a draft.
type Movement struct {
	// Against is the return compared with; nil where none was frozen earlier,
	// and then the rest is empty.
	Against *Return
	// Before and Now are the numbers behind the rates.
	Before, Now Rates
	// Joined are in the draft and were not in the file, Leaving are reported in
	// the draft as having left.
	Joined, Leaving []*Person
	// Missing were in the file, had not left, and are not in the draft.
	Missing []LeftOut
	// NEETJoined are NEET now and were not, NEETLeft were and are not.
	NEETJoined, NEETLeft []*Person
	// Shift is how far the cohort of academic age 16 and 17 moved, in tenths of
	// a per cent of what it was.
	Shift int
	// Rollover says that a new academic year lies between the two, so that one
	// year group has come and one has gone.
	Rollover bool
}

// Warn says that the cohort moved further than it does of itself.
func (m *Movement) Warn() bool { return m.Shift > ShiftWarning || m.Shift < -ShiftWarning }

// PointsWarning is by how many tenths of a percentage point a rate may move
// before it is flagged at sign-off.
const PointsWarning = 20

// Share is a number as tenths of a per cent of the cohort, 0 of none.
func (r Rates) Share(n int) int {
	if r.Cohort == 0 {
		return 0
	}
	return (2000*n + r.Cohort) / (2 * r.Cohort)
}

// RateMoved is one rate before and now, in tenths of a per cent.
type RateMoved struct {
	What        string
	Before, Now int
	// Flagged says that it moved by more than PointsWarning.
	Flagged bool
}

// RatesMoved are the Department's rates against the last return.
func (m *Movement) RatesMoved() []RateMoved {
	var out []RateMoved
	for _, r := range []struct {
		what        string
		before, now int
	}{
		{"In education, employment or training", m.Before.EET, m.Now.EET},
		{"NEET", m.Before.NEET, m.Now.NEET},
		{"Not known", m.Before.NotKnown, m.Now.NotKnown},
	} {
		moved := RateMoved{What: r.what, Before: m.Before.Share(r.before), Now: m.Now.Share(r.now)}
		by := moved.Now - moved.Before
		moved.Flagged = by > PointsWarning || by < -PointsWarning
		out = append(out, moved)
	}
	return out
}

const sqlLastPeople = `SELECT p.young_person, y.ref, p.leaver, p.counts_as FROM monthly_return_person p
	JOIN young_person y ON y.register = p.register AND y.id = p.young_person
	WHERE p.register = $1 AND p.monthly_return = $2 ORDER BY p.young_person`

type lastPerson struct {
	ref    id.Ref
	leaver bool
	counts nccis.Status
}

// Movements compares a draft with the last return frozen for an earlier month
// and the same authorities. It needs SeeReturn; whoever shows the people
// records the sight.
func (s *Service) Movements(ctx context.Context, by access.Actor, d *Draft) (*Movement, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: d.Register.ID}); err != nil {
		return nil, err
	}
	m := &Movement{Now: d.Totals.Rates}
	last := map[id.YoungPerson]lastPerson{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if m.Against, err = lastFrozen(tx, d.key); err != nil || m.Against == nil {
			return err
		}
		return lastPeople(tx, d.Register.ID, m.Against.ID, last)
	})
	if err != nil || m.Against == nil {
		return m, err
	}
	veil, err := s.veil(ctx, by)
	if err != nil {
		return nil, err
	}
	unhide(veil, last)
	m.Before = m.Against.Totals.Rates
	m.Rollover = m.Against.Period.End().AcademicYear() != d.Period.End().AcademicYear()
	if m.Before.Cohort > 0 {
		m.Shift = (m.Now.Cohort - m.Before.Cohort) * 1000 / m.Before.Cohort
	}
	m.compare(d, last)
	return m, nil
}

func (m *Movement) compare(d *Draft, last map[id.YoungPerson]lastPerson) {
	for _, p := range d.People {
		was, there := last[p.Key]
		delete(last, p.Key)
		if p.Leaver {
			m.Leaving = append(m.Leaving, p)
		} else if !there || was.leaver {
			m.Joined = append(m.Joined, p)
		}
		is, before := p.CountsAs == nccis.NEET && !p.Leaver, there && !was.leaver && was.counts == nccis.NEET
		switch {
		case is && !before:
			m.NEETJoined = append(m.NEETJoined, p)
		case before && !is:
			m.NEETLeft = append(m.NEETLeft, p)
		}
	}
	why := map[id.YoungPerson]string{}
	for _, o := range d.LeftOut {
		why[o.Key] = o.Why
	}
	for key, was := range last {
		if !was.leaver {
			m.Missing = append(m.Missing, LeftOut{key, was.ref, why[key]})
		}
	}
	sortLeftOut(m.Missing)
}

func lastFrozen(tx *db.Tx, k draftKey) (*Return, error) {
	var w db.Where
	w.And("register = $1 AND period < $2 AND authorities = $3 AND state IN ('signed', 'sent', 'accepted')", int64(k.register), k.period.String(), k.authorities)
	list, err := stored(tx, w)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func lastPeople(tx *db.Tx, register id.Register, key id.Return, out map[id.YoungPerson]lastPerson) error {
	rows, err := tx.Query(sqlLastPeople, int64(register), int64(key))
	if err != nil {
		return fmt.Errorf("read who was in the last return: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var p lastPerson
		if err := rows.Scan(&yp, (*string)(&p.ref), &p.leaver, (*string)(&p.counts)); err != nil {
			return fmt.Errorf("read who was in the last return: %w", err)
		}
		out[id.YoungPerson(yp)] = p
	}
	return rows.Err()
}

// DefaultPeriod is the month whose return is being made on a day: the one that
// ended last (nccis.md 9).
func DefaultPeriod(today civil.Date) civil.Month { return today.InMonth().Add(-1) }
