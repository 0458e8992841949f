package due

import (
	"context"
	"errors"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/returns"
)

// Replayed is one past month: the forecast of its end as it would have been made
// on a day within it, and what came.
type Replayed struct {
	Month civil.Month
	// KnownOn is the day on which it is made, CameOn the day on which what came was
	// known: the day after the month's return was due.
	KnownOn, CameOn civil.Date
	// Nothing, Confirmed and Worked are the forecast, as Forecast has them. Worked
	// is by the months before it alone; Shares.Months is 0 where there are none.
	Nothing, Confirmed, Worked Count
	Shares                     Shares
	// Came is what the register said of the month's end on CameOn.
	Came Count
	// Month's own are what became of its list.
	Own Shares
}

// Error is by how many percentage points a forecast was above what came, of NEET
// and not known together.
func (r Replayed) Error(forecast Count) float64 {
	return forecast.Share(forecast.Combined()) - r.Came.Share(r.Came.Combined())
}

// The day of the month on which a forecast is replayed unless another is asked
// for, how many months are looked back, and of how many months Worked is.
const (
	ReplayDay    = 10
	ReplayMonths = 12
	sharesOf     = 6
)

// Working is that the months are being replayed, which goes on; ask again in a
// little while.
type Working struct{}

func (Working) Error() string {
	return "past months are being replayed; ask again in a little while"
}

// replayKey is all that a replay of past months hangs on.
type replayKey struct {
	register id.Register
	day      int
	last     civil.Month
	erased   id.Act
}

type replayJob struct {
	done   chan struct{}
	months []Replayed
	err    error
}

// Replay makes the forecast of each past month again, by what was known on the
// day of that month, the earliest first, and holds it against what came. Months
// of which the register knew nothing on the day are left out. The first time it
// reads the register once for each month; then it answers from memory. Whoever
// has waited as long as patience says, if it is not 0, gets Working. It needs
// access.SeeFigures and names nobody.
func (s *Service) Replay(ctx context.Context, by access.Actor, day int, patience time.Duration) ([]Replayed, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	if day < 1 || day > 31 {
		day = ReplayDay
	}
	key := replayKey{register: by.Register, day: day, last: lastCame(s.today())}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		key.erased, err = life.LastErased(tx, by.Register)
		return err
	})
	if err != nil {
		return nil, err
	}
	job := s.replaying(ctx, key)
	var enough <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-job.done:
		return job.months, job.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-enough:
		return nil, Working{}
	}
}

// lastCame is the last month of which the return was due by yesterday.
func lastCame(today civil.Date) civil.Month {
	m := today.InMonth().Add(-1)
	if !returns.Due(m).Before(today) {
		m = m.Add(-1)
	}
	return m
}

// replaying is the job of a key, begun if nobody has yet. It goes on when who
// asked has gone: the next would have to begin it again.
func (s *Service) replaying(ctx context.Context, key replayKey) *replayJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	if job := s.jobs[key]; job != nil {
		return job
	}
	job := &replayJob{done: make(chan struct{})}
	if s.closed {
		job.err = errors.New("what is due is closed")
		close(job.done)
		return job
	}
	if s.jobs == nil || len(s.jobs) >= 20 {
		s.jobs = map[replayKey]*replayJob{}
	}
	s.jobs[key] = job
	on, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancels = append(s.cancels, cancel)
	s.group.Add(1)
	go func() {
		defer s.group.Done()
		defer close(job.done)
		defer cancel()
		if job.months, job.err = s.replay(on, key); job.err != nil {
			s.mu.Lock()
			delete(s.jobs, key) // the next who asks begins again
			s.mu.Unlock()
		}
	}()
	return job
}

// Close ends what is still being replayed, and waits until it has.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, cancel := range s.cancels {
		cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

func (s *Service) replay(ctx context.Context, key replayKey) ([]Replayed, error) {
	var out []Replayed
	var kept *outlook // what the last month's end was known by is what the next begins with
	keptOn := civil.Date{}
	for m := key.last.Add(1 - ReplayMonths); !key.last.Before(m); m = m.Add(1) {
		r := Replayed{Month: m, KnownOn: m.First().AddDays(min(key.day, m.End().DaysSince(m.First())+1) - 1), CameOn: returns.Due(m).AddDays(1)}
		before := kept
		if before == nil || keptOn != r.KnownOn {
			var err error
			before, err = s.then(ctx, key.register, r.KnownOn, r.KnownOn, m.End())
			if errors.As(err, new(act.BeforeBegan)) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		after, err := s.then(ctx, key.register, r.CameOn, m.End(), m.Add(1).End())
		if err != nil {
			return nil, err
		}
		kept, keptOn = after, r.CameOn
		r.Nothing, r.Own = against(before, after, r.KnownOn, m.End())
		r.Came = after.count(m.End())
		r.Shares = sharesBefore(out)
		due, unknown := r.Own.Due, r.Own.Unknown
		r.Confirmed, r.Worked = scenarios(r.Nothing, due, unknown, r.Shares)
		if r.Came.Cohort > 0 && r.Nothing.Cohort > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// against is a forecast and what became of its lists. Of those on a list who are
// counted no more, or were not known to be here, nothing is said.
func against(before, after *outlook, from, to civil.Date) (nothing Count, own Shares) {
	own.Months = 1
	i := 0
	for k := range before.courses {
		c := &before.courses[k]
		was, is := c.at(from).stands, c.at(to).stands
		nothing.add(is)
		if is&isUnknown == 0 {
			continue
		}
		for i < len(after.courses) && after.courses[i].key < c.key {
			i++
		}
		came := stands(0)
		if i < len(after.courses) && after.courses[i].key == c.key {
			came = after.courses[i].at(to).stands
		}
		all, eet, neet := &own.Unknown, &own.UnknownEET, &own.UnknownNEET
		if due(was, is) {
			all, eet, neet = &own.Due, &own.DueEET, &own.DueNEET
		}
		*all++
		if came&isEET != 0 {
			*eet++
		}
		if came&isNEET != 0 {
			*neet++
		}
	}
	return nothing, own
}

// SharesOf are what became of the lists of the last months replayed.
func SharesOf(months []Replayed) Shares { return sharesBefore(months) }

func sharesBefore(months []Replayed) (s Shares) {
	for _, m := range slices.Backward(months) {
		if s.Months == sharesOf {
			break
		}
		s.Months++
		s.Due, s.DueEET, s.DueNEET = s.Due+m.Own.Due, s.DueEET+m.Own.DueEET, s.DueNEET+m.Own.DueNEET
		s.Unknown, s.UnknownEET, s.UnknownNEET = s.Unknown+m.Own.Unknown, s.UnknownEET+m.Own.UnknownEET, s.UnknownNEET+m.Own.UnknownNEET
	}
	return s
}
