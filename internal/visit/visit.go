// Package visit keeps rounds of home visits: which doors one worker goes to on
// a day, in which order, what came of each, and that the worker is safe.
//
// In the trade it is "door-knocking": where nobody answers the telephone,
// somebody goes and asks. A round is made from a list, one door for all who live
// at an address, and ordered so that the way is short. Whoever goes sees as
// little as does the work. A person who must not be visited, or whose door is
// not known, is never silently left out: they stand beside the round with what
// to do. Whoever is out alone says by when they will be safe; when that moment
// has passed unsaid, their manager is told.
package visit

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/notify"
	"waymark/internal/record"
)

// Service plans rounds and keeps what came of them.
type Service struct {
	DB       *db.DB
	Record   *record.Service
	Accounts *account.Service
	Sights   *act.Recorder
	// Desk is where what the duty is told of missed check-ins is handed in.
	Desk *notify.Desk
	Log  *slog.Logger
}

// Outcome is what came of one visit.
type Outcome string

// The five outcomes (ux-security.md screen 8).
const (
	// Confirmed: they were seen, and do what the register holds.
	Confirmed Outcome = "saw them, confirmed"
	// Changed: they were seen, and do something else.
	Changed Outcome = "saw them, changed"
	// SomeoneElse was at the door, and what they do was not settled.
	SomeoneElse Outcome = "saw someone else"
	NoAnswer    Outcome = "no answer"
	MovedAway   Outcome = "moved away"
)

// Outcomes are all, in the order in which the doorstep page offers them.
func Outcomes() []Outcome { return []Outcome{Confirmed, Changed, SomeoneElse, NoAnswer, MovedAway} }

// Why is why somebody on a list is at no door of the round.
type Why string

// The reasons.
const (
	Protected       Why = "protected address"
	NotVisited      Why = "do not visit"
	Unprocessed     Why = "processing is restricted"
	OptedOut        Why = "opted out"
	NoAddress       Why = "no address"
	UnknownPostcode Why = "unknown postcode"
	// OnAnotherRound: a round that is not over has them at a door already.
	OnAnotherRound Why = "on another round"
)

// ToDo says in words what is to be done about them.
func (w Why) ToDo() string {
	switch w {
	case Protected:
		return "The address is protected. Ask information governance who may go there."
	case NotVisited:
		return "A safety note says that nobody is to visit. Ring or write instead."
	case Unprocessed:
		return "The record is kept and may not be used. Leave them alone until the restriction is lifted."
	case OptedOut:
		return "They told us to pass nothing on and leave them be. Visit only if your manager says so."
	case NoAddress:
		return "No address is held. Ask the school or the family for it, and record it."
	case OnAnotherRound:
		return "They are at a door of another round that is not over. Go by that one, or close it and plan anew."
	case UnknownPostcode:
		return "The postcode is not in the directory, or there is none. Correct it on the record, or go there by the address as it stands."
	}
	return ""
}

// Round is one worker's round of a day.
type Round struct {
	Ref id.Ref
	Day civil.Date
	// ByCar is driven, else walked.
	ByCar bool
	// Start is the postcode at which the way begins and ends.
	Start string
	// Worker is the reference of the account that goes, by WorkerName.
	Worker      id.Ref
	WorkerName  string
	PlannedName string
	// Metres is the length of the way as the crow flies between postcodes;
	// ListMetres that of the same doors in the order of the list, 0 once a door was
	// moved.
	Metres, ListMetres int
	Closed             bool
	// Doors, People and Told are counts: doors, people at them, outcomes told.
	Doors, People, Told int

	id        int64
	plannedBy string
}

// Time is about how long the round takes: the way, by streets a third longer
// than the crow flies, at 4.5 km an hour on foot and 25 by car, and eight minutes
// for each person.
func (r Round) Time() time.Duration {
	speed := 4500.0
	if r.ByCar {
		speed = 25000
	}
	return time.Duration(float64(r.Metres)*1.33/speed*float64(time.Hour)) + time.Duration(r.People)*8*time.Minute
}

const (
	sqlRound = `SELECT r.id, r.ref, r.day, r.by_car, r.start_postcode, r.worker, r.worker_name, r.planned_by, r.planned_name, r.metres, r.list_metres, r.closed FROM visit_round r`
	// sqlCounts leaves out whoever is hidden from the reader.
	sqlCounts  = `SELECT s.round, COUNT(DISTINCT CASE WHEN s.door > 0 THEN s.door END), COUNT(CASE WHEN s.door > 0 THEN 1 END), COUNT(CASE WHEN s.outcome <> '' THEN 1 END) FROM visit_stop s`
	sqlClose   = `UPDATE visit_round SET closed = TRUE WHERE register = $1 AND id = $2`
	sqlPlanned = `SELECT r.ref FROM visit_round r JOIN act a ON a.register = r.register AND a.number = r.known_from
		WHERE a.register = $1 AND a.one_use_key = $2 AND a.actor = $3 ORDER BY r.id`
)

// mostRounds is how many rounds a list of them shows.
const mostRounds = 200

// Rounds are the rounds from a day on, the last day first: an adviser's own, and
// everybody's for whoever plans for others. It needs access.PlanVisits and shows
// nobody.
func (s *Service) Rounds(ctx context.Context, by access.Actor, from civil.Date) ([]Round, error) {
	if err := access.Decide(by, access.PlanVisits, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var w db.Where
	w.And("r.register = $1", int64(by.Register))
	w.And("r.day >= $1", from.String())
	if !plansForOthers(by) {
		w.And("(r.worker = $1 OR r.planned_by = $2)", accountOf(by), by.Ref)
	}
	var out []Round
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		out, err = rounds(tx, by, w.SQL()+" ORDER BY r.day DESC, r.id DESC LIMIT "+w.Param(mostRounds), w.Args)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list rounds of visits: %w", err)
	}
	return out, nil
}

func rounds(tx *db.Tx, by access.Actor, where string, args []any) ([]Round, error) {
	rows, err := tx.Query(sqlRound+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Round
	for rows.Next() {
		var r Round
		if err := rows.Scan(&r.id, &r.Ref, &r.Day, &r.ByCar, &r.Start, &r.Worker, &r.WorkerName, &r.plannedBy, &r.PlannedName, &r.Metres, &r.ListMetres, &r.Closed); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	return out, countStops(tx, by, out)
}

// countStops counts the doors, the people and the outcomes of rounds. Whoever is
// hidden from the reader is not among them.
func countStops(tx *db.Tx, by access.Actor, rounds []Round) error {
	if len(rounds) == 0 {
		return nil
	}
	of, keys := map[int64]*Round{}, make([]any, len(rounds))
	for i := range rounds {
		of[rounds[i].id], keys[i] = &rounds[i], rounds[i].id
	}
	var w db.Where
	access.ScopeLines(&w, by, access.PlanVisits, "s")
	w.In("s.round", keys...)
	rows, err := tx.Query(sqlCounts+w.SQL()+" GROUP BY s.round", w.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		var doors, people, told int
		if err := rows.Scan(&key, &doors, &people, &told); err != nil {
			return err
		}
		of[key].Doors, of[key].People, of[key].Told = doors, people, told
	}
	return rows.Err()
}

// roundOf is one round that the actor may see, or db.NotFound.
func roundOf(tx *db.Tx, by access.Actor, column string, value any) (Round, error) {
	var w db.Where
	w.And("r.register = $1", int64(by.Register))
	w.And(column+" = $1", value)
	all, err := rounds(tx, by, w.SQL(), w.Args)
	if err != nil {
		return Round{}, err
	}
	if len(all) == 0 || !plansForOthers(by) && !all[0].worksIt(by) && all[0].plannedBy != by.Ref {
		return Round{}, db.NotFound
	}
	return all[0], nil
}

// plansForOthers says that the actor plans rounds for anybody, and sees them all.
func plansForOthers(by access.Actor) bool {
	return by.Holds(access.TeamManager) || by.Holds(access.DataOfficer) || by.Holds(access.Operator)
}

func (r Round) worksIt(by access.Actor) bool { return string(r.Worker) == accountOf(by) }

// Works says that the actor tells what came of this round: the one who goes, or
// a team manager who stands in.
func (r Round) Works(by access.Actor) bool {
	return r.worksIt(by) || by.Holds(access.TeamManager)
}

// accountOf is the reference of the actor's account, "" for a command.
func accountOf(by access.Actor) string {
	ref, ok := strings.CutPrefix(by.Ref, "account:")
	if !ok {
		return ""
	}
	return ref
}

// Workers are whom the actor may plan a round for, by name. It needs
// access.PlanVisits.
func (s *Service) Workers(ctx context.Context, by access.Actor) ([]account.Account, error) {
	if err := access.Decide(by, access.PlanVisits, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	if !plansForOthers(by) {
		own, err := s.Accounts.ByID(ctx, by.Account)
		return []account.Account{own}, err
	}
	return s.Accounts.Advisers(ctx, by)
}

// PlannedWith are the rounds that this actor planned with the one-use key, or
// db.NotFound.
func (s *Service) PlannedWith(ctx context.Context, by access.Actor, key string) (refs []id.Ref, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		refs, err = db.Values[id.Ref](tx, sqlPlanned, int64(by.Register), key, by.Ref)
		return cmp.Or(err, noneOf(refs))
	})
	return refs, err
}

func noneOf(refs []id.Ref) error {
	if len(refs) == 0 {
		return db.NotFound
	}
	return nil
}

// Close ends a round: what was not told is visited no more by it. It needs
// access.PlanVisits.
func (s *Service) Close(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, by, "r.ref", string(ref))
		if err != nil {
			return err
		}
		if _, err := act.Begin(tx, by, access.PlanVisits, 0, act.Request{Reason: "round closed", Key: key}); err != nil {
			return err
		}
		_, err = tx.Exec(sqlClose, int64(by.Register), r.id)
		return err
	})
	if err != nil {
		return fmt.Errorf("close a round of visits: %w", err)
	}
	return nil
}

// LastStart is the postcode from which the actor last planned a round, "" where
// there is none.
func (s *Service) LastStart(ctx context.Context, by access.Actor) (start string, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(`SELECT start_postcode FROM visit_round WHERE register = $1 AND planned_by = $2 ORDER BY id DESC LIMIT 1`, int64(by.Register), by.Ref).Scan(&start)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return start, err
}
