package record

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

const sqlCountLapsing = `SELECT count(*) FROM standing s`

// CountLapsing says how many confirmations lapse from one day to another, both
// included, of those whom Lapsing would list. It needs access.SeePerson and
// shows nobody.
func (s *Service) CountLapsing(ctx context.Context, by access.Actor, from, to civil.Date) (int, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return 0, err
	}
	var w db.Where
	lapsing(&w, by, from, to)
	var n int
	err := s.DB.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlCountLapsing+w.SQL(), w.Args...).Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("count who lapses: %w", err)
	}
	return n, nil
}

// OwnLapsing is Lapsing for the young people who are allocated to the actor.
func (s *Service) OwnLapsing(ctx context.Context, by access.Actor, from, to civil.Date, limit int) (Found, error) {
	return s.LapsingOf(ctx, by, LapsingQuery{From: from, To: to, Adviser: OwnAdviser(by)}, limit)
}

// LapsingQuery asks whose confirmation lapses from one day to another, both
// included.
type LapsingQuery struct {
	From, To civil.Date
	// Adviser and School narrow to one of LapsingBy, by its key; "" is all.
	Adviser, School string
	// KnownOn asks for what was known at the end of a day; no date is now.
	KnownOn civil.Date
}

// LapsingOf is Lapsing, narrowed. It needs access.SeePerson, and returns
// act.BeforeBegan for a day on which nothing was known.
func (s *Service) LapsingOf(ctx context.Context, by access.Actor, q LapsingQuery, limit int) (Found, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return Found{}, err
	}
	if !q.KnownOn.IsZero() {
		return s.lapsingThen(ctx, by, q, limit)
	}
	var w db.Where
	lapsing(&w, by, q.From, q.To)
	q.narrow(&w)
	found, err := s.rows(ctx, w, byLapse, limit)
	if err != nil {
		return Found{}, err
	}
	return found, s.seen(ctx, by, access.SeePerson, "lapsing", found.Rows)
}

// lapsing is the condition of all three lists: who is in the return and not on
// the way out of it. Age decides as in nccis.CohortOn; whoever has no readable
// birth date counts by what was stated.
func lapsing(w *db.Where, by access.Actor, from, to civil.Date) {
	access.Scope(w, by, access.SeePerson, "s")
	w.And("s.lapses_on >= $1 AND s.lapses_on <= $2", from.String(), to.String())
	year := int(from.AcademicYear())
	youngest := civil.Must(year-15, time.August, 31)
	general := civil.Must(year-18, time.September, 1)
	planned := civil.Must(year-25, time.September, 1)
	w.And(`s.cohort_status IN ('P', 'G') OR (s.cohort_status = '' AND EXISTS
		(SELECT 1 FROM register_authority ra WHERE ra.register = s.register AND ra.la_code = s.lead_la))`)
	w.And("s.dob IS NULL OR s.cohort_status = 'G' OR (s.dob <= $1 AND (s.dob >= $2 OR (s.dob >= $3 AND s.send = 'Y')))",
		youngest.String(), general.String(), planned.String())
}

// Some lists given young people in the order of the list, and records who was
// shown, on which page. Whoever is not held any more is left out. It needs
// access.SeePerson; it is for a page of a list at a time.
func (s *Service) Some(ctx context.Context, by access.Actor, people []id.YoungPerson, page string) ([]Row, error) {
	return s.Shown(ctx, by, access.SeePerson, people, page)
}

// Shown is Some for those who may do the action, which is what is recorded.
func (s *Service) Shown(ctx context.Context, by access.Actor, action access.Action, people []id.YoungPerson, page string) ([]Row, error) {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	found := map[id.YoungPerson]Row{}
	for some := range slices.Chunk(people, 200) {
		var w db.Where
		access.Scope(&w, by, action, "s")
		keys := make([]any, len(some))
		for i, p := range some {
			keys[i] = int64(p)
		}
		w.In("s.young_person", keys...)
		part, err := s.rows(ctx, w, byKey, len(some))
		if err != nil {
			return nil, err
		}
		for _, r := range part.Rows {
			found[r.Person] = r
		}
	}
	var out []Row
	for _, p := range people {
		if r, ok := found[p]; ok {
			out = append(out, r)
		}
	}
	return out, s.seen(ctx, by, action, page, out)
}
