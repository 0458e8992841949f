package visit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Watch is that somebody is out alone: since when, and by when they will say
// that they are safe. All of it are moments, so that a night on which clocks go
// back neither hides an alarm nor raises it twice.
type Watch struct {
	Ref id.Ref
	// Round is the round that they are on.
	Round      id.Ref
	Worker     id.Ref
	WorkerName string
	// Telephone is where to ring them.
	Telephone           string
	BeganAt, ExpectedAt time.Time
	// RaisedAt is since when there is an alarm, the zero time for none. Once
	// raised it stays until the worker extends or somebody says that they are
	// safe, whatever the clock does.
	RaisedAt time.Time
	EndedAt  time.Time
	// Duty is what became of the messages about the alarm; Out fills it in.
	Duty []DutyTold
}

// Alarm says that at a moment they should have said that they are safe.
func (w Watch) Alarm(now time.Time) bool {
	return w.EndedAt.IsZero() && (!w.RaisedAt.IsZero() || now.After(w.ExpectedAt))
}

// Clock is a moment as a clock on a wall in London shows it, with BST or GMT in
// the hour that comes twice when clocks go back.
func Clock(at time.Time) string {
	here := at.In(civil.London())
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		if there := here.Add(by); there.Hour() == here.Hour() {
			return here.Format("15:04 MST")
		}
	}
	return here.Format("15:04")
}

// MostMinutes is the longest time for which somebody is out before they must say
// that they are safe.
const MostMinutes = 8 * 60

const (
	sqlWatch = `SELECT w.ref, r.ref, w.worker, w.worker_name, w.telephone, w.began_at, w.expected_at, w.raised_at, w.ended_at
		FROM visit_watch w JOIN visit_round r ON r.register = w.register AND r.id = w.round`
	sqlAddWatch = `INSERT INTO visit_watch (register, id, ref, round, worker, worker_name, telephone, began_at, expected_at, ended_by, ended_how)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '')`
	sqlExtend   = `UPDATE visit_watch SET expected_at = $3, raised_at = NULL WHERE register = $1 AND ref = $2 AND ended_at IS NULL`
	sqlEndWatch = `UPDATE visit_watch SET ended_at = $3, ended_by = $4, ended_how = $5 WHERE register = $1 AND ref = $2 AND ended_at IS NULL`
	sqlOverdue  = `SELECT ref FROM visit_watch WHERE register = $1 AND ended_at IS NULL AND raised_at IS NULL AND expected_at < $2 ORDER BY id`
	sqlRaise    = `UPDATE visit_watch SET raised_at = $3 WHERE register = $1 AND ref = $2 AND ended_at IS NULL AND raised_at IS NULL`
)

func watches(tx *db.Tx, by access.Actor, condition string, args ...any) ([]Watch, error) {
	var w db.Where
	w.And("w.register = $1", int64(by.Register))
	if condition != "" {
		w.And(condition, args...)
	}
	rows, err := tx.Query(sqlWatch+w.SQL()+" ORDER BY w.expected_at, w.id", w.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Watch
	for rows.Next() {
		var one Watch
		var began, expected, raised, ended db.Instant
		if err := rows.Scan(&one.Ref, &one.Round, &one.Worker, &one.WorkerName, &one.Telephone, &began, &expected, &raised, &ended); err != nil {
			return nil, err
		}
		one.BeganAt, one.ExpectedAt, one.RaisedAt, one.EndedAt = began.Time, expected.Time, raised.Time, ended.Time
		out = append(out, one)
	}
	return out, rows.Err()
}

func openWatch(tx *db.Tx, by access.Actor, round int64) (*Watch, error) {
	all, err := watches(tx, by, "w.round = $1 AND w.ended_at IS NULL", round)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// CheckIn says that the actor sets out on their round, and by when they will say
// that they are safe. It needs access.WorkVisits, and returns field.Errors or
// act.ErrRepeated.
func (s *Service) CheckIn(ctx context.Context, by access.Actor, round id.Ref, minutes int, telephone, key string) error {
	telephone = strings.TrimSpace(telephone)
	var wrong field.Errors
	if minutes < 5 || minutes > MostMinutes {
		wrong.Add("minutes", "Select for how long you will be out")
	}
	if telephone == "" || len(telephone) > 30 {
		wrong.Add("telephone", "Enter the number on which you can be rung while you are out")
	}
	if wrong != nil {
		return wrong
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, by, "r.ref", string(round))
		if err != nil {
			return err
		}
		if !r.worksIt(by) {
			return db.NotFound // nobody says it for somebody else
		}
		a, err := act.Begin(tx, by, access.WorkVisits, 0, act.Request{Reason: "checked in for visits", Key: key})
		if err != nil {
			return err
		}
		key, err := a.Keys(1)
		if err != nil {
			return err
		}
		if open, err := watches(tx, by, "w.worker = $1 AND w.ended_at IS NULL", string(r.Worker)); err != nil {
			return err
		} else if len(open) > 0 {
			return field.Errors{{Field: "minutes", Message: "You are checked in already, until " + Clock(open[0].ExpectedAt) + ". Extend that, or check out first"}}
		}
		_, err = tx.Exec(sqlAddWatch, int64(by.Register), key, string(id.NewRef()), r.id, string(r.Worker), r.WorkerName, telephone,
			db.Instant{Time: tx.Now}, db.Instant{Time: tx.Now.Add(time.Duration(minutes) * time.Minute)})
		return err
	})
	if err != nil {
		return fmt.Errorf("check in: %w", err)
	}
	return nil
}

// Extend puts off by when the actor will say that they are safe, by some minutes
// from what they said, or from now where that is past. An alarm is over by it:
// they have answered. It needs access.WorkVisits.
func (s *Service) Extend(ctx context.Context, by access.Actor, watch id.Ref, minutes int, key string) error {
	if minutes < 5 || minutes > 4*60 {
		return field.Errors{{Field: "extend", Message: "Select how much longer you will be out"}}
	}
	return s.onWatch(ctx, by, watch, "visits: out for longer", key, func(tx *db.Tx, w Watch) error {
		if string(w.Worker) != accountOf(by) {
			return db.NotFound
		}
		from := w.ExpectedAt
		if from.Before(tx.Now) {
			from = tx.Now
		}
		until := from.Add(time.Duration(minutes) * time.Minute)
		if until.Sub(tx.Now) > MostMinutes*time.Minute {
			return field.Errors{{Field: "extend", Message: "That is more than eight hours from now. Select less"}}
		}
		_, err := tx.Exec(sqlExtend, int64(by.Register), string(watch), db.Instant{Time: until})
		return err
	})
}

// CheckOut says that the worker is safe and the watch over: the worker says so,
// or a team manager who has spoken to them, and then how in words. It needs
// access.WorkVisits.
func (s *Service) CheckOut(ctx context.Context, by access.Actor, watch id.Ref, how, key string) error {
	how = strings.TrimSpace(how)
	return s.onWatch(ctx, by, watch, "checked out of visits", key, func(tx *db.Tx, w Watch) error {
		own := string(w.Worker) == accountOf(by)
		switch {
		case !own && !by.Holds(access.TeamManager):
			return db.NotFound
		case !own && how == "":
			return field.Errors{{Field: "how", Message: "Say how you know that they are safe"}}
		case len([]rune(how)) > MostNote:
			return field.Errors{{Field: "how", Message: "Shorten this to 300 letters"}}
		}
		_, err := tx.Exec(sqlEndWatch, int64(by.Register), string(watch), db.Instant{Time: tx.Now}, by.Name, how)
		return err
	})
}

// ErrOver says that a watch is over already.
var ErrOver = errors.New("this check-in is over already")

func (s *Service) onWatch(ctx context.Context, by access.Actor, ref id.Ref, reason, key string, do func(*db.Tx, Watch) error) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		all, err := watches(tx, by, "w.ref = $1", string(ref))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return db.NotFound
		}
		if _, err := act.Begin(tx, by, access.WorkVisits, 0, act.Request{Reason: reason, Key: key}); err != nil {
			return err
		}
		if !all[0].EndedAt.IsZero() {
			return ErrOver
		}
		return do(tx, all[0])
	})
	if err != nil {
		return fmt.Errorf("keep a check-in: %w", err)
	}
	return nil
}

// Out are those who are checked in now, those with an alarm first: for whoever
// leads them; an adviser sees their own.
func (s *Service) Out(ctx context.Context, by access.Actor) (out []Watch, err error) {
	if err := access.Decide(by, access.PlanVisits, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if plansForOthers(by) {
			out, err = watches(tx, by, "w.ended_at IS NULL")
		} else {
			out, err = watches(tx, by, "w.ended_at IS NULL AND w.worker = $1", accountOf(by))
		}
		for i := range out {
			if err == nil && !out[i].RaisedAt.IsZero() {
				out[i].Duty, err = toldOf(tx, by.Register, out[i])
			}
		}
		return err
	})
	return out, err
}

// Alarms are the alarms that the actor is to know of, on every page: a team
// manager's are everybody's, an adviser's their own. Nobody else has any.
func (s *Service) Alarms(ctx context.Context, by access.Actor) ([]Watch, error) {
	if !by.Holds(access.TeamManager) && !by.Holds(access.Adviser) {
		return nil, nil
	}
	out, err := s.Out(ctx, by)
	if err != nil {
		return nil, err
	}
	now := s.DB.Now()
	var alarms []Watch
	for _, w := range out {
		if w.Alarm(now) && (by.Holds(access.TeamManager) || string(w.Worker) == accountOf(by)) {
			alarms = append(alarms, w)
		}
	}
	return alarms, nil
}

// Raise writes down each alarm whose moment has passed, once, and returns those
// that it wrote: from then on it stands whatever the clock does. The duty is told
// of each, by a job of its own.
func (s *Service) Raise(ctx context.Context, r id.Register) (raised []id.Ref, err error) {
	by := access.Actor{Register: r, Ref: "system", Name: "Waymark", Roles: []access.Role{access.Operator}, Request: "visits"}
	var overdue []id.Ref
	err = s.DB.Read(ctx, func(tx *db.Tx) error { overdue, err = refsOf(tx, r); return err })
	if err != nil || len(overdue) == 0 {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		raised = nil
		overdue, err := refsOf(tx, r)
		if err != nil || len(overdue) == 0 {
			return err
		}
		if _, err := act.Begin(tx, by, access.WorkVisits, 0, act.Request{Reason: fmt.Sprintf("alarm: %d missed the moment of their check-in", len(overdue))}); err != nil {
			return err
		}
		for _, ref := range overdue {
			if _, err := tx.Exec(sqlRaise, int64(r), string(ref), db.Instant{Time: tx.Now}); err != nil {
				return err
			}
		}
		raised = overdue
		return tellDuty(tx, r, raised)
	})
	if err != nil {
		return nil, fmt.Errorf("raise alarms: %w", err)
	}
	return raised, nil
}

func refsOf(tx *db.Tx, r id.Register) ([]id.Ref, error) {
	return db.Values[id.Ref](tx, sqlOverdue, int64(r), db.Instant{Time: tx.Now})
}
