package record

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

// With is a row of somebody, and what another room says of them: what a day does
// to them, how they stand in a season.
type With[T any] struct {
	Row
	Is T
}

// PageOf gives rows to some of those of whom another room says something, from
// the one skip on, in its order, and says how many they are. Whom the actor may
// know nothing of is left out, and not counted; of a locked record nothing is said.
// It needs the action, and records
// who was shown, on which page.
func PageOf[T any](ctx context.Context, s *Service, by access.Actor, action access.Action, all []T, who func(*T) id.YoungPerson, skip, size int, page string) ([]With[T], int, error) {
	return PageThen(ctx, s, by, action, all, who, 0, skip, size, page)
}

// PageThen is PageOf as known after an act; 0 is now. The past needs
// access.SeeHistory besides. Who may be listed is asked as of now.
func PageThen[T any](ctx context.Context, s *Service, by access.Actor, action access.Action, all []T, who func(*T) id.YoungPerson, at id.Act, skip, size int, page string) ([]With[T], int, error) {
	var sieve access.Sieve
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		sieve, err = access.LookLines(tx, by, action)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("look who may be listed: %w", err)
	}
	total, keys, of := 0, []id.YoungPerson{}, map[id.YoungPerson]T{}
	for i := range all {
		p := who(&all[i])
		if !sieve.Lets(p) {
			continue
		}
		if total++; total > skip && len(keys) < size {
			keys, of[p] = append(keys, p), all[i]
		}
	}
	shown := s.Shown
	if at != 0 {
		shown = func(ctx context.Context, by access.Actor, action access.Action, people []id.YoungPerson, page string) ([]Row, error) {
			return s.ShownThen(ctx, by, action, people, at, page)
		}
	}
	rows, err := shown(ctx, by, action, keys, page)
	if err != nil {
		return nil, 0, err
	}
	out := make([]With[T], len(rows))
	for i, r := range rows {
		if out[i].Row = r; !r.Locked { // a locked record is a line that says nothing
			out[i].Is = of[r.Person]
		}
	}
	return out, total, nil
}
