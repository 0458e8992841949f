package due

import (
	"context"
	"slices"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/register"
	"waymark/internal/report"
)

// The outlook of now reaches back to the September in which whoever is of
// academic age 18 began Year 12, and so many years ahead; it is drawn anew once
// less than a year of it is left.
const (
	yearsBack  = 2
	yearsAhead = 2
)

// manyTouched is when drawing everybody is faster than some.
const manyTouched = 5000

// now is the outlook by what is known now, held for reading: the caller calls
// release, and soon, because acts wait for it.
func (s *Service) now(ctx context.Context, key id.Register) (o *outlook, release func(), err error) {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	o = s.outlooks[key]
	fresh := false
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, key)
		if err != nil {
			return err
		}
		today := civil.On(tx.Now, civil.London())
		if o != nil && slices.Equal(o.register.Authorities, reg.Authorities) && !today.AddYears(1).After(o.to) {
			if o.at == reg.LastAct {
				return nil
			}
			touched, known, err := life.Since(tx, key, o.at, reg.LastAct)
			if err != nil {
				return err
			}
			if known && len(touched) <= manyTouched {
				o.mu.Lock()
				defer o.mu.Unlock()
				return o.takeIn(tx, touched, reg.LastAct)
			}
		}
		fresh = true
		o = newOutlook(reg, report.NewDays(reg, s.Requirement), reg.LastAct, (today.AcademicYear() - yearsBack).Start(), today.AddYears(yearsAhead))
		return nil
	})
	if err == nil && fresh {
		err = o.drawAll(ctx, s.DB)
	}
	if err != nil {
		return nil, nil, err
	}
	if s.outlooks == nil {
		s.outlooks = map[id.Register]*outlook{}
	}
	s.outlooks[key] = o
	o.mu.RLock()
	return o, o.mu.RUnlock, nil
}

// Warm draws the outlook before anybody asks, so that nobody waits for it.
func (s *Service) Warm(ctx context.Context, key id.Register) error {
	_, release, err := s.now(ctx, key)
	if err == nil {
		release()
	}
	return err
}

// then is the outlook by what was known at the end of a day, over some days.
// It is drawn anew each time. It returns act.BeforeBegan for a day before the
// register's first act.
func (s *Service) then(ctx context.Context, key id.Register, known, from, to civil.Date) (*outlook, error) {
	var o *outlook
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, key)
		if err != nil {
			return err
		}
		at, err := act.AsKnown(tx, key, known)
		if err != nil {
			return err
		}
		o = newOutlook(reg, report.NewDays(reg, s.Requirement), at, from, to)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o, o.drawAll(ctx, s.DB)
}

// past is the outlook of a register as known on a day, kept for the next who asks.
type past struct {
	known civil.Date
	// erased is the last act that had erased somebody when it was drawn: whoever
	// was erased since is not to be counted again.
	erased id.Act
	*outlook
}

// on is the outlook as known at the end of a day, over the same days as the one of
// now, and the day that counts as today in it. No date is now. The caller calls
// release, and soon.
func (s *Service) on(ctx context.Context, key id.Register, known civil.Date) (o *outlook, today civil.Date, release func(), err error) {
	if known.IsZero() {
		o, release, err = s.now(ctx, key)
		return o, s.today(), release, err
	}
	s.lookingBack.Lock()
	defer s.lookingBack.Unlock()
	var erased id.Act
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		erased, err = life.LastErased(tx, key)
		return err
	}); err != nil {
		return nil, known, nil, err
	}
	// A day that is not over is not kept: acts may still come on it.
	if kept := s.pasts[key]; kept.outlook != nil && kept.known == known && kept.erased == erased && known.Before(s.today()) {
		return kept.outlook, known, func() {}, nil
	}
	if o, err = s.then(ctx, key, known, (known.AcademicYear() - yearsBack).Start(), known.AddYears(yearsAhead)); err != nil {
		return nil, known, nil, err
	}
	if s.pasts == nil {
		s.pasts = map[id.Register]past{}
	}
	s.pasts[key] = past{known, erased, o}
	return o, known, func() {}, nil
}
