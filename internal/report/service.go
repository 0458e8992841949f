package report

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Service answers questions about the figures. It is built once and used by
// many: it keeps the tallies.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Sights      *act.Recorder
	// Patience is how long whoever asks waits while a register is stated anew,
	// which goes on without them; 0 is as long as it takes.
	Patience time.Duration

	// stating is held while a register is stated, so that those who ask at the
	// same time wait for the first of them.
	stating sync.Mutex
	working work
	mu      sync.Mutex
	now     map[id.Register]*tally
	past    []*tally // as known earlier, the one asked for last standing last
}

// keptPast is how many earlier moments stay in memory.
const keptPast = 2

// manyTouched is when stating everybody is faster than some.
const manyTouched = 5000

// knownMoment is a moment of the register's knowledge: after an act, at the end
// of a day, or now where both are zero.
type knownMoment struct {
	at id.Act
	on civil.Date
}

// tally is the register's as known at the moment, held for reading: the caller
// calls release. Whoever has waited long enough gets Working.
func (s *Service) tally(ctx context.Context, key id.Register, k knownMoment, patience time.Duration) (t *tally, release func(), err error) {
	t, err = s.working.wait(ctx, patience, func(ctx context.Context) (*tally, error) {
		s.stating.Lock()
		defer s.stating.Unlock()
		if k == (knownMoment{}) {
			return s.current(ctx, key)
		}
		return s.asKnown(ctx, key, k)
	})
	if err != nil {
		return nil, nil, err
	}
	t.mu.RLock()
	return t, t.mu.RUnlock, nil
}

// Close ends what is still being stated, and waits until it has.
func (s *Service) Close() { s.working.close() }

// current is the tally of now, brought up to the last act.
func (s *Service) current(ctx context.Context, key id.Register) (*tally, error) {
	t := s.kept(key)
	var list []keyRange
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, key)
		if err != nil {
			return err
		}
		last := civil.On(tx.Now, civil.London()).InMonth()
		if t != nil && t.still(reg, last) {
			if t.at == reg.LastAct {
				return nil
			}
			now, err := readAreas(tx, key, 0)
			if err != nil {
				return err
			}
			touched, known, err := life.Since(tx, key, t.at, reg.LastAct)
			if err != nil {
				return err
			}
			if known && len(touched) <= manyTouched && now.known() == t.known {
				t.mu.Lock()
				defer t.mu.Unlock()
				return t.takeIn(tx, touched, reg.LastAct)
			}
		}
		if t, err = newTally(tx, reg, s.Requirement, reg.LastAct, last); err != nil {
			return err
		}
		list, err = ranges(tx, key)
		return err
	})
	if err != nil || list == nil {
		return t, err
	}
	if err := t.stateAll(ctx, s.DB, list); err != nil {
		return nil, err
	}
	s.keep(key, t)
	return t, nil
}

// still says that the register and the month are those of the tally, and that
// it has months: in one that knew nothing the first file is everything.
func (t *tally) still(reg register.Register, last civil.Month) bool {
	return len(t.months) > 0 && t.months[len(t.months)-1].month == last && slices.Equal(t.register.Authorities, reg.Authorities)
}

func (s *Service) kept(key id.Register) *tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now[key]
}

func (s *Service) keep(key id.Register, t *tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		s.now = map[id.Register]*tally{}
	}
	s.now[key] = t
}

const sqlActAt = `SELECT at FROM act WHERE register = $1 AND number = $2`

// when is the act and the day of a moment. An act that was never done is
// db.NotFound.
func (k knownMoment) when(tx *db.Tx, key id.Register) (id.Act, civil.Date, error) {
	if k.at != 0 {
		var done db.Instant
		err := tx.QueryRow(sqlActAt, int64(key), int64(k.at)).Scan(&done)
		if errors.Is(err, sql.ErrNoRows) {
			err = db.NotFound
		}
		return k.at, civil.On(done.Time, civil.London()), err
	}
	if k.on.After(civil.On(tx.Now, civil.London())) {
		return 0, k.on, field.Errors{{Field: "known-on", Message: "Enter a day that has come: what will be known on " + k.on.Words() + " nobody knows yet"}}
	}
	at, err := act.KnownOn(tx, key, k.on)
	return at, k.on, err
}

// asKnown is the tally as known at an earlier moment.
func (s *Service) asKnown(ctx context.Context, key id.Register, k knownMoment) (*tally, error) {
	var t *tally
	var list []keyRange
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, key)
		if err != nil {
			return err
		}
		at, on, err := k.when(tx, key)
		if err != nil {
			return err
		}
		for i, p := range s.past {
			if p.register.ID == key && p.at == at && p.still(reg, on.InMonth()) {
				t = p
				s.past = append(slices.Delete(s.past, i, i+1), p)
				return nil
			}
		}
		if t, err = newTally(tx, reg, s.Requirement, at, on.InMonth()); err != nil {
			return err
		}
		list, err = ranges(tx, key)
		return err
	})
	if err != nil || list == nil {
		return t, err
	}
	if err := t.stateAll(ctx, s.DB, list); err != nil {
		return nil, err
	}
	if s.past = append(s.past, t); len(s.past) > keptPast {
		s.past = slices.Clone(s.past[1:])
	}
	return t, nil
}

// Warm states the register before anybody asks, so that nobody waits for it.
func (s *Service) Warm(ctx context.Context, key id.Register) error {
	_, release, err := s.tally(ctx, key, knownMoment{}, 0)
	if err != nil {
		return err
	}
	release()
	return nil
}

// Question asks for figures.
type Question struct {
	// Periods are those asked for, of each of which rows are given.
	Periods []Period
	// KnownOn asks for the figures as known at the end of a day; no date is now.
	KnownOn civil.Date
	// KnownAt asks for them as known after an act: the one at which a return
	// was frozen. Where it is given, KnownOn is not read.
	KnownAt id.Act
	// Only narrows to the people of some groups: of several of one kind any, of
	// several kinds each.
	Only []Group
	// By are the kinds of groups to count by (GroupKinds); none is all.
	By []string
	// Series asks for as many months of the line, up to the last period; 0 for
	// none.
	Series int
}

// PeriodsFor are the periods that belong to a month: the month itself and, for
// February, the mean of December to February, which the Department publishes.
func PeriodsFor(m civil.Month) []Period {
	out := []Period{Month(m)}
	if m.Month == 2 {
		out = append(out, DecemberToFebruary(m.Year))
	}
	return out
}

// Result is the answer: one tidy table. It never changes once it was given, and
// many may read it.
type Result struct {
	Register register.Register
	// KnownAt is the act after which the facts are counted, KnownOn the day
	// asked for, no date for now.
	KnownAt id.Act
	KnownOn civil.Date
	// First and Last are the months that the register has figures of; none
	// where it was told nothing yet. Last is the one that was still running.
	First, Last civil.Month
	Rows        []Row
	// Labels are what the groups of the question's Only are called for people.
	Labels map[Group]string
	// Series are the months of the line, the earliest first.
	Series []Point
	// Wards says that groups by ward are wards; else they are postcode
	// districts, because no directory of postcodes is loaded.
	Wards bool
	// Notes say in words what is not there and why.
	Notes []string
	// Edition is the requirement's of the last period.
	Edition *nccis.Edition
}

// Point is one month of the line, for everybody asked about.
type Point struct {
	Month                                     civil.Month
	Cohort, NEET, NotKnown, InEducationOrWork int
	Participating                             int
}

// NoFigures says why there are none for a period.
type NoFigures struct {
	Period Period
	Words  string
}

func (e NoFigures) Error() string { return e.Words }

// Run counts. It needs access.SeeFigures, shows nobody by name, and returns
// NoFigures where a period is one about which the register knows nothing,
// Working where it would take longer than Patience, and BadGroup or
// field.Errors for a question that cannot be asked.
func (s *Service) Run(ctx context.Context, by access.Actor, q Question) (*Result, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	t, release, err := s.tally(ctx, by.Register, knownMoment{q.KnownAt, q.KnownOn}, s.Patience)
	if err != nil {
		return nil, err
	}
	defer release()
	if r := t.remembered(q); r != nil {
		return r, nil
	}
	r, err := t.answer(q)
	if err == nil {
		t.remember(q, r)
	}
	return r, err
}
