package transfer

import (
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
)

// Destination is an authority of this house to which young people can be handed.
type Destination struct {
	Code, Name string
	// Agreed are the fields that our agreements in force with it give.
	Agreed access.Fields
}

// Open are the authorities to which young people can be handed over today, by
// name.
func (s *Service) Open(ctx context.Context, by access.Actor) ([]Destination, error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Destination
	err := s.Border.LookAcross(ctx, func(tx *db.Tx, open map[string]border.Neighbour) error {
		out = nil
		for code, n := range open {
			agreed, err := border.Agreed(tx, by.Register, code)
			if err != nil {
				return err
			}
			out = append(out, Destination{Code: code, Name: n.Name, Agreed: agreed})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Destination) int { return strings.Compare(a.Name+a.Code, b.Name+b.Code) })
	return out, err
}

// mostAtOnce is how many young people one form offers.
const mostAtOnce = 100

// Whom names young people who are to be offered, for the form that asks on what
// terms; a sight of each is kept. It returns db.NotFound for one whom the actor
// may not know of.
func (s *Service) Whom(ctx context.Context, by access.Actor, refs []id.Ref) ([]Mover, error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	refs = refs[:min(len(refs), mostAtOnce)]
	out := make([]Mover, len(refs))
	sight := act.Sight{By: by, Kind: access.MoveAcross, Page: "new transfer"}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		sight.People = nil
		for i, ref := range refs {
			yp, err := personOf(tx, by.Register, ref)
			if err == nil {
				err = veil.Refuses(yp)
			}
			if err != nil {
				return err
			}
			l, err := life.One(tx, by.Register, yp, 0)
			if err != nil {
				return err
			}
			out[i] = moverOf(l, today(tx))
			sight.People = append(sight.People, yp)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, s.Sights.See(ctx, sight)
}

// moverOf is somebody, and since when their record says that they moved.
func moverOf(l *life.Life, today civil.Date) Mover {
	m := Mover{Ref: l.Person.Ref, key: l.Person.ID}
	if n := l.LegalName(today); n != nil {
		m.Given, m.Family = n.Is.Given, n.Is.Family
	}
	if s := life.InForce(l.Statuses, today); s != nil && s.Is.Status == "T" {
		m.Since = record.Day(max(s.Started, s.Is.StatedOn))
	}
	return m
}
