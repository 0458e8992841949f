package rights

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	sqlRequests = `SELECT r.id, r.ref, r.young_person, r.kind, r.asked_by, r.asked_name, r.received_on, r.how, r.words, a.actor_name, y.ref, y.young_persons_id,
		COALESCE(s.given, ''), COALESCE(s.family, '')
		FROM rights_request r JOIN act a ON a.register = r.register AND a.number = r.act
		JOIN young_person y ON y.register = r.register AND y.id = r.young_person
		LEFT JOIN standing s ON s.register = r.register AND s.young_person = r.young_person`
	sqlSteps = `SELECT p.request, p.act, a.at, p.kind, p.on_day, p.who, p.who_name, p.choice, p.words, p.actor_name
		FROM rights_step p JOIN act a ON a.register = p.register AND a.number = p.act`
)

// requests reads those that a condition leaves, without whoever the actor may
// know nothing of.
func (s *Service) requests(tx *db.Tx, by access.Actor, condition string, args ...any) ([]*Request, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	var w db.Where
	w.And("r.register = $1", int64(by.Register))
	if condition != "" {
		w.And(condition, args...)
	}
	rows, err := tx.Query(sqlRequests+w.SQL()+" ORDER BY r.id", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the requests: %w", err)
	}
	defer rows.Close()
	var out []*Request
	for rows.Next() {
		r := &Request{}
		if err := rows.Scan(&r.key, (*string)(&r.Ref), (*int64)(&r.person), (*string)(&r.Kind), &r.AskedBy, &r.AskedName, &r.ReceivedOn, &r.How, &r.Words, &r.WrittenBy,
			(*string)(&r.Person), &r.YoungPersonID, &r.Given, &r.Family); err != nil {
			return nil, fmt.Errorf("read the requests: %w", err)
		}
		if veil.Refuses(r.person) == nil {
			out = append(out, r)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, s.steps(tx, by.Register, out)
}

func (s *Service) steps(tx *db.Tx, register id.Register, all []*Request) error {
	keys, of := []any{}, map[int64]*Request{}
	for _, r := range all {
		keys, of[r.key] = append(keys, r.key), r
	}
	for some := range slices.Chunk(keys, 200) {
		var w db.Where
		w.And("p.register = $1", int64(register))
		w.In("p.request", some...)
		rows, err := tx.Query(sqlSteps+w.SQL()+" ORDER BY p.request, p.act", w.Args...)
		if err != nil {
			return fmt.Errorf("read what was done about requests: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			var at db.Instant
			var p Step
			if err := rows.Scan(&key, (*int64)(&p.Act), &at, (*string)(&p.Kind), &p.On, &p.Who, &p.WhoName, &p.Choice, &p.Words, &p.By); err != nil {
				return fmt.Errorf("read what was done about requests: %w", err)
			}
			p.At = at.Time
			of[key].Steps = append(of[key].Steps, p)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	for _, r := range all {
		r.Clock = clockOf(r.Kind, r.ReceivedOn, r.Steps, s.Today())
	}
	return nil
}

func (s *Service) one(tx *db.Tx, by access.Actor, ref id.Ref) (*Request, error) {
	all, err := s.requests(tx, by, "r.ref = $1", string(ref))
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// All are the requests, those open first, what is due first first. It needs
// access.KeepRequests and records who was shown.
func (s *Service) All(ctx context.Context, by access.Actor) ([]*Request, error) {
	all, err := s.read(ctx, by, access.KeepRequests, "")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *Request) int {
		switch {
		case a.Open() != b.Open():
			if a.Open() {
				return -1
			}
			return 1
		case a.Open():
			return a.Clock.Next().DaysSince(b.Clock.Next())
		}
		return b.Clock.DoneOn.DaysSince(a.Clock.DoneOn)
	})
	return all, s.seen(ctx, by, "requests", all)
}

// Get is one request, or db.NotFound. It needs access.KeepRequests and records
// who was shown.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (*Request, error) {
	all, err := s.read(ctx, by, access.KeepRequests, "r.ref = $1", string(ref))
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return all[0], s.seen(ctx, by, "request", all)
}

// Due is how many requests are open, and how many of them overdue: names
// nobody. It needs access.KeepRequests.
func (s *Service) Due(ctx context.Context, by access.Actor) (open, overdue int, err error) {
	all, err := s.read(ctx, by, access.KeepRequests, "")
	for _, r := range all {
		if r.Open() {
			open++
		}
		if r.Clock.Overdue(s.Today()) {
			overdue++
		}
	}
	return open, overdue, err
}

func (s *Service) read(ctx context.Context, by access.Actor, action access.Action, condition string, args ...any) (all []*Request, err error) {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = s.requests(tx, by, condition, args...)
		return err
	})
	return all, err
}

func (s *Service) seen(ctx context.Context, by access.Actor, page string, all []*Request) error {
	people := make([]id.YoungPerson, len(all))
	for i, r := range all {
		people[i] = r.person
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.KeepRequests, People: people, Page: page})
}
