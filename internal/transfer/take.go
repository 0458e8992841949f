package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// Take takes somebody who is offered over, as one of our young people, or, where
// as is "", as a new one. In one transaction our record has the authority that
// leads, what came along and from whom, theirs the status T from the day on which
// they moved, and both say that they are of the same person. It returns the
// reference of our record; with act.ErrRepeated that of the first press. It
// returns field.Errors where the offer is over, and db.NotFound where it is none.
func (s *Service) Take(ctx context.Context, by access.Actor, ref, as id.Ref, key string) (id.Ref, error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return "", err
	}
	own, err := s.own(ctx, by, ref, In)
	if err != nil {
		return "", err
	}
	handed, err := s.Border.Hand(ctx, own.OtherLA, func(tx *db.Tx, from id.Register) error {
		return s.take(tx, by, from, &own, as, key)
	})
	switch {
	case errors.Is(err, act.ErrRepeated):
		return own.PersonRef, err
	case err == nil && !handed:
		err = field.Errors{{Field: "person", Message: "No agreement with that authority is in force on both sides any more. Ask information governance"}}
	}
	return own.PersonRef, err
}

func (s *Service) take(tx *db.Tx, by access.Actor, from id.Register, own *Transfer, as id.Ref, key string) error {
	ours, err := register.Of(tx, by.Register)
	if err != nil {
		return err
	}
	other, err := register.Of(tx, from)
	if err != nil {
		return err
	}
	yp, err := s.match(tx, by, as)
	if err != nil {
		return err
	}
	a, err := act.Begin(tx, by, access.MoveAcross, yp, act.Request{Key: key, Reason: "taken over from " + other.Name,
		Evidence: &act.Evidence{Kind: act.OtherAuthority, SaidBy: other.Name}})
	if err != nil {
		return err
	}
	offered, l, err := theirs(tx, from, own.Ref)
	if errors.Is(err, db.NotFound) {
		return over()
	}
	if err != nil {
		return err
	}
	c := &carrier{tx: tx, a: a, from: from, name: other.Name, moved: own.MovedOn}
	if yp == 0 {
		own.PersonRef = id.NewRef()
		if yp, err = record.Anchor(tx, a, own.PersonRef); err != nil {
			return err
		}
		c.held = &life.Life{Person: youngperson.Person{ID: yp}}
	} else if c.held, err = life.One(tx, by.Register, yp, 0); err != nil {
		return err
	} else {
		own.PersonRef = c.held.Person.Ref
	}
	if c.goes, err = goes(tx, from, &offered, l); err != nil {
		return err
	}
	if err := c.carry(change.Copy(l), &offered); err != nil {
		return err
	}
	if err := c.joins(own, l); err != nil {
		return err
	}
	there, err := s.handOver(tx, neighbour(by, ours, from), &offered, l, other)
	if err != nil {
		return err
	}
	if err := s.Border.Join(tx, border.Side{Register: from, Person: offered.Person, Act: there.Number}, border.Side{Register: by.Register, Person: yp, Act: a.Number}, l.Person.YoungPersonsID); err != nil {
		return err
	}
	if err := set(tx, a, by.Name, own.Ref, Offered, Taken, "", yp); err != nil {
		return err
	}
	if err := set(tx, there, ours.Name, own.Ref, Offered, Taken, "", offered.Person); err != nil {
		return err
	}
	return s.Standing.Rewrite(tx, a, yp)
}

// match is the key of who of ours they are, 0 for nobody.
func (s *Service) match(tx *db.Tx, by access.Actor, as id.Ref) (id.YoungPerson, error) {
	if as == "" {
		return 0, nil
	}
	yp, err := personOf(tx, by.Register, as)
	if err != nil {
		return 0, err
	}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	return yp, veil.Refuses(yp)
}

// goes is what goes along today: of what was offered as much as the agreements in
// force let through now, and no more than who they are where they, or a parent,
// have told the other side to pass on no more.
func goes(tx *db.Tx, from id.Register, offered *Transfer, l *life.Life) (access.Fields, error) {
	agreed, err := border.Agreed(tx, from, offered.OtherLA)
	if err != nil {
		return 0, err
	}
	if youngperson.Strongest(l.OptOuts, "", today(tx)) != "" {
		return access.Identity, nil
	}
	return access.Identity | offered.Goes&agreed, nil
}

// handOver states in the register that they leave that they have.
func (s *Service) handOver(tx *db.Tx, they access.Actor, t *Transfer, l *life.Life, from register.Register) (*act.Act, error) {
	a, err := act.Begin(tx, they, access.HandOver, t.Person, act.Request{Reason: "taken over by " + they.Name,
		Evidence: &act.Evidence{Kind: act.OtherAuthority, SaidBy: they.Name}})
	if err != nil {
		return nil, err
	}
	next := cohort.Status{}
	if held := life.InForce(l.Statuses, t.MovedOn); held != nil {
		next = held.Is
	}
	if next.Status == "T" && next.TransferredTo == t.OtherLA {
		return a, nil // stated before, at the roll-over perhaps: told once
	}
	for _, held := range l.Statuses {
		if err := endBefore(tx, a, held, t.MovedOn); err != nil {
			return nil, err
		}
	}
	if next.LeadLA = t.OwnLA; !from.Book().Authorities[next.LeadLA] {
		next.LeadLA = life.HandsOver(from.Book(), &next)
	}
	next.Status, next.StatedOn, next.TransferredTo = "T", t.MovedOn.String(), t.OtherLA
	if _, err := cohort.Statuses.New(tx, a, t.Person, t.MovedOn.String(), next); err != nil {
		return nil, err
	}
	return a, s.Standing.Rewrite(tx, a, t.Person)
}

// endBefore ends a status on the day before another begins; one that would begin
// later never was.
func endBefore(tx *db.Tx, a *act.Act, held fact.Of[cohort.Status], day civil.Date) error {
	ended, err := civil.Parse(held.Ended)
	if err == nil && ended.Before(day) {
		return nil
	}
	if started, err := civil.Parse(held.Started); err == nil && !started.Before(day) {
		return cohort.Statuses.Close(tx, a, held.Version)
	}
	next := held
	next.Ended = day.AddDays(-1).String()
	if err := cohort.Statuses.Close(tx, a, held.Version); err != nil {
		return err
	}
	next.KnownFrom = a.Number // what it said before keeps where it was learned
	return cohort.Statuses.Add(tx, a, []fact.Of[cohort.Status]{next})
}

const sqlSources = `SELECT id, kind, said_by, received_on, grade FROM evidence WHERE register = $1 AND id = $2`

// source is where a fact that came along was learned, told by whom it came from.
func (c *carrier) source(of id.Evidence) (id.Evidence, error) {
	if !c.goes.Has(access.Sources) {
		return c.a.Evidence, nil
	}
	if key, ok := c.sources[of]; ok {
		return key, nil
	}
	var key int64
	var e act.Evidence
	var day string
	err := c.tx.QueryRow(sqlSources, int64(c.from), int64(of)).Scan(&key, &e.Kind, &e.SaidBy, &day, &e.Grade)
	if errors.Is(err, sql.ErrNoRows) {
		return c.a.Evidence, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read where it was learned: %w", err)
	}
	if e.ReceivedOn, err = civil.Parse(day); err != nil {
		e.ReceivedOn = c.moved
	}
	e.Kind, e.SaidBy = act.OtherAuthority, c.name+", from "+join(e.Kind, e.SaidBy)
	told, err := c.a.AddEvidence([]act.Evidence{e})
	if err != nil {
		return 0, err
	}
	if c.sources == nil {
		c.sources = map[id.Evidence]id.Evidence{}
	}
	c.sources[of] = told
	return told, nil
}
