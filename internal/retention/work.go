package retention

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/id"
)

// chunk is how many people are erased in one transaction: few, so that nobody
// waits long for the register.
const chunk = 25

const (
	sqlReleased = `SELECT ref FROM retention_proposal WHERE register = $1 AND state = 'released' ORDER BY released_by`
	sqlNext     = `SELECT young_person FROM retention_case WHERE register = $1 AND proposal = $2 AND came_to = '' ORDER BY young_person LIMIT $3`
	sqlCameTo   = `UPDATE retention_case SET came_to = $1 WHERE register = $2 AND proposal = $3 AND young_person = $4`
	sqlEnd      = `UPDATE retention_proposal SET state = $1, ended_by = $2, certificate = $3 WHERE register = $4 AND ref = $5 AND state = 'released'`
	sqlUnended  = `SELECT young_person, act FROM erased WHERE register = $1 AND NOT finished ORDER BY young_person`
	sqlFinished = `UPDATE erased SET finished = TRUE WHERE register = $1 AND young_person = $2`
)

// Work erases what was released, some people at a time, and certifies it; what
// was cut in the middle goes on where it was. One works at a time.
func (s *Service) Work(ctx context.Context, r id.Register) error {
	s.working.Lock()
	defer s.working.Unlock()
	var refs []id.Ref
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		refs, err = db.Values[id.Ref](tx, sqlReleased, int64(r))
		return err
	}); err != nil {
		return fmt.Errorf("read what was released: %w", err)
	}
	for _, ref := range refs {
		for {
			more, err := s.some(ctx, r, ref)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	if err := s.finish(ctx, r); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := s.certify(ctx, r, ref); err != nil {
			return err
		}
	}
	if len(refs) > 0 {
		return s.DB.Scrub(ctx)
	}
	return nil
}

// some works on a few people of a proposal, in one transaction; more says that
// there may be others.
func (s *Service) some(ctx context.Context, r id.Register, ref id.Ref) (more bool, err error) {
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		p, err := proposal(tx, r, ref)
		if err != nil {
			return err
		}
		next, err := keys(tx, sqlNext, int64(r), string(ref), chunk)
		if err != nil {
			return err
		}
		if more = len(next) > 0; !more {
			return nil
		}
		people := make([]id.YoungPerson, len(next))
		for i, k := range next {
			people[i] = id.YoungPerson(k)
		}
		return s.someOf(tx, r, p, people)
	})
	return more, err
}

// someOf looks at each once more: a hold, or a change since, keeps a record to
// the last moment.
func (s *Service) someOf(tx *db.Tx, r id.Register, p *Proposal, people []id.YoungPerson) error {
	t, err := reckon(tx, r, people)
	if err != nil {
		return err
	}
	on, err := held(tx, r)
	if err != nil {
		return err
	}
	inFile, err := underWay(tx, r)
	if err != nil {
		return err
	}
	here, err := gather(tx, r, people)
	if err != nil {
		return err
	}
	e := &eraser{tx: tx, r: r, proposal: p.Ref}
	var groups [][]id.YoungPerson
	for _, yp := range people {
		g, err := group(tx, r, yp)
		if err != nil {
			return err
		}
		is := func(set map[id.YoungPerson]bool) bool {
			return slices.ContainsFunc(g, func(one id.YoungPerson) bool { return set[one] })
		}
		cameTo := Erased
		switch {
		case here[yp] == nil:
			cameTo = KeptNotHere
		case on[0] || is(on):
			cameTo = KeptHeld
		case is(inFile):
			cameTo = KeptInFile
		case !p.Request && !slices.ContainsFunc(t.Due, func(d Due) bool { return d.Person == yp }):
			cameTo = KeptNotDue
		default:
			groups = append(groups, g)
		}
		if _, err := tx.Exec(sqlCameTo, cameTo, int64(r), string(p.Ref), int64(yp)); err != nil {
			return fmt.Errorf("say what became of a record: %w", err)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	return e.erase(groups, "erased by proposal "+string(p.Ref))
}

// finish does what cannot be done with the facts: the reasons for looking at
// the erased, which stand beside the register, and the list outside of it.
func (s *Service) finish(ctx context.Context, r id.Register) error {
	var of [][2]int64
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlUnended, int64(r))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one [2]int64
			if err := rows.Scan(&one[0], &one[1]); err != nil {
				return err
			}
			of = append(of, one)
		}
		return rows.Err()
	}); err != nil {
		return fmt.Errorf("read who was erased: %w", err)
	}
	if len(of) == 0 {
		return nil
	}
	for _, one := range of {
		if err := audit.EraseSightReasons(ctx, s.DB, r, id.YoungPerson(one[0]), id.Act(one[1])); err != nil {
			return err
		}
	}
	if err := s.keepList(ctx); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		for _, one := range of {
			if _, err := tx.Exec(sqlFinished, int64(r), one[0]); err != nil {
				return fmt.Errorf("finish an erasure: %w", err)
			}
		}
		return nil
	})
}

// certify ends a proposal of which everybody was worked on.
func (s *Service) certify(ctx context.Context, r id.Register, ref id.Ref) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		p, err := proposal(tx, r, ref)
		if err != nil || p.State != Released {
			return err
		}
		if p.Waiting() > 0 {
			return nil // the context ended in the middle
		}
		a, err := act.Begin(tx, system(r), access.ReleaseErasure, 0, act.Request{Reason: fmt.Sprintf("erased %d records by proposal %s", p.By[Erased], ref)})
		if err != nil {
			return err
		}
		p.Ended = Step{Act: a.Number, At: tx.Now}
		text, err := certificate(tx, r, p)
		if err != nil {
			return err
		}
		return changed(tx, sqlEnd, string(Done), int64(a.Number), text, int64(r), string(ref))
	})
}

// Keep works on what is released when it is told to, and looks every hour for
// what another server released and, once a day, for old files, until the
// context ends.
func (s *Service) Keep(ctx context.Context, r id.Register) {
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	swept := time.Time{}
	for {
		err := s.Work(ctx, r)
		if now := s.DB.Now(); err == nil && now.Sub(swept) >= 24*time.Hour {
			if _, err = s.Sweep(ctx, r); err == nil {
				swept = now
			}
		}
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "retention", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-hour.C:
		case <-s.Wake:
		}
	}
}
