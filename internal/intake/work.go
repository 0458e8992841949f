package intake

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
)

// Work takes a confirmed file as far as it goes without anybody: it is staged,
// matched and weighed, and is then in review. It goes on where it was broken
// off, by a stop, a crash or the end of ctx, and does nothing to a file that
// waits for somebody. tell, which may be nil, is called now and then with how
// far it is. A file that cannot be read is Refused, and the error a Refusal. It
// needs access.ImportFile.
func (s *Service) Work(ctx context.Context, by access.Actor, ref id.Ref, tell func(Intake)) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	ctx, end, err := s.enlist(ctx, ref)
	if err != nil {
		return err
	}
	defer end()
	return s.work(ctx, by.Register, ref, tell)
}

// Start is Work in the background; Get tells how far it is.
func (s *Service) Start(ctx context.Context, by access.Actor, ref id.Ref) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.start(ctx, by.Register, ref)
}

func (s *Service) start(ctx context.Context, r id.Register, ref id.Ref) error {
	ctx, end, err := s.enlist(context.WithoutCancel(ctx), ref)
	if err != nil {
		return err
	}
	go func() {
		defer end()
		// What became of it stands in its row, or it goes on at the next start.
		_ = s.work(ctx, r, ref, nil)
	}()
	return nil
}

// ErrBusy is that this process works on the file already.
var ErrBusy = errors.New("the file is being worked on; wait until it is in review")

func (s *Service) enlist(ctx context.Context, ref id.Ref) (context.Context, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		s.running = map[id.Ref]context.CancelFunc{}
	}
	if s.running[ref] != nil {
		return nil, nil, ErrBusy
	}
	ctx, cancel := context.WithCancel(ctx)
	s.running[ref] = cancel
	s.group.Add(1)
	return ctx, func() {
		s.mu.Lock()
		delete(s.running, ref)
		s.mu.Unlock()
		cancel()
		s.group.Done()
	}, nil
}

// Stop interrupts the work on a file; Work goes on with it later.
func (s *Service) Stop(ref id.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[ref]; cancel != nil {
		cancel()
	}
}

// Close interrupts all work of this process and waits until none is left.
func (s *Service) Close() {
	s.mu.Lock()
	for _, cancel := range s.running {
		cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

func (s *Service) work(ctx context.Context, r id.Register, ref id.Ref, tell func(Intake)) error {
	var in *Intake
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		in, err = one(tx, r, ref)
		return err
	}); err != nil {
		return err
	}
	told := func() {
		if tell != nil {
			tell(*in)
		}
	}
	for in.State.Working() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		switch in.State {
		case Mapped:
			err = s.stage(ctx, r, in, told)
		case Staged:
			err = s.match(ctx, r, in, told)
		case Matched:
			err = s.weigh(ctx, r, in, told)
		}
		if message := refusedBy(err); message != "" {
			return errors.Join(err, s.refused(ctx, r, ref, message))
		}
		if err != nil {
			return fmt.Errorf("work on the file: %w", err)
		}
		told()
	}
	return nil
}

func (s *Service) refused(ctx context.Context, r id.Register, ref id.Ref, message string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := one(tx, r, ref)
		if err != nil || in.State.Over() {
			return err
		}
		return put(tx, r, in, Refused, message)
	})
}

const (
	sqlHalfArrived = `SELECT i.ref FROM intake i WHERE i.register = $1 AND i.state = 'receiving'`
	sqlToGoOn      = `SELECT i.ref FROM intake i WHERE i.register = $1 AND i.state IN ('mapped', 'staged', 'matched') ORDER BY i.id`
)

// Recover puts right what an earlier process left unfinished: a file that had
// not arrived whole is refused, and the others go on in the background where
// they were broken off. Call it once at the start, before any file is taken.
func (s *Service) Recover(ctx context.Context, r id.Register) error {
	var goOn []id.Ref
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		half, err := refs(tx, sqlHalfArrived, r)
		if err != nil {
			return err
		}
		for _, ref := range half {
			in, err := one(tx, r, ref)
			if err != nil {
				return err
			}
			if err := put(tx, r, in, Refused, "The machine stopped while this file arrived. Nothing was changed; send the file again."); err != nil {
				return err
			}
		}
		goOn, err = refs(tx, sqlToGoOn, r)
		return err
	})
	if err != nil {
		return err
	}
	for _, ref := range goOn {
		if err := s.start(ctx, r, ref); err != nil && !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return nil
}

func refs(tx *db.Tx, query string, r id.Register) ([]id.Ref, error) {
	out, err := db.Values[id.Ref](tx, query, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the files under way: %w", err)
	}
	return out, nil
}

const sqlStood = `SELECT stood, count(*) FROM intake_outcome WHERE register = $1 AND intake = $2 AND stood <> 0 GROUP BY stood`

// Foresee tells what applying the file would do to the figures of this month,
// counted as record.Service.Live counts. It needs access.ImportFile and
// access.SeeFigures.
func (s *Service) Foresee(ctx context.Context, by access.Actor, ref id.Ref) (Effect, error) {
	var e Effect
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return e, err
	}
	e.Month = s.Today().InMonth()
	now, err := s.Record.Live(ctx, by, e.Month.End())
	if err != nil {
		return e, err
	}
	then := now
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if in.State != InReview {
			return errNoEffect
		}
		if err := addStood(tx, by.Register, in, &then); err != nil {
			return err
		}
		return s.goneEffect(tx, by.Register, in, &then)
	})
	e.NotKnownNow, e.NEETNow, e.EETNow, e.CohortNow = now.NotKnown, now.NEET, now.EET, now.Cohort
	e.NotKnownThen, e.NEETThen, e.EETThen, e.CohortThen = then.NotKnown, then.NEET, then.EET, then.Cohort
	return e, err
}

func addStood(tx *db.Tx, r id.Register, in *Intake, then *record.Live) error {
	rows, err := tx.Query(sqlStood, int64(r), int64(in.ID))
	if err != nil {
		return fmt.Errorf("count what the file would change: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var stood, n int
		if err := rows.Scan(&stood, &n); err != nil {
			return err
		}
		stoodIn(stood/10, -n, then.Add)
		stoodIn(stood%10, n, then.Add)
	}
	return rows.Err()
}

// goneEffect adds those of whom somebody decided that they have left.
func (s *Service) goneEffect(tx *db.Tx, r id.Register, in *Intake, then *record.Live) error {
	p, err := planned(tx, r, in)
	if err != nil {
		return err
	}
	var gone []subject
	for _, one := range p.subjects {
		if one.gone {
			gone = append(gone, one)
		}
	}
	t, err := s.teller(tx, r, in, foretold)
	if err != nil {
		return err
	}
	return t.each(gone, func(o *told) error {
		stoodIn(o.stood/10, -1, then.Add)
		stoodIn(o.stood%10, 1, then.Add)
		return nil
	})
}

// see logs who was shown whose rows.
func (s *Service) see(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) error {
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.ImportFile, People: people, Page: page})
}
