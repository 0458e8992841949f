package demo

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/restrict"
)

// restricted are the invented restrictions, of one young person each: who is let
// through besides the team manager, who answers for all three.
var restricted = []struct {
	kind   access.Kind
	ground string
	named  []int
}{
	{access.Locked, "media interest", []int{firstAdviser}},
	{access.Hidden, "adoption, where contact would harm", []int{firstAdviser + 1}},
	{access.ProtectedAddress, "refuge", []int{firstAdviser}},
}

// restrict restricts three records of young people whom no story is about.
func (f *filler) restrict(ctx context.Context) error {
	s := &restrict.Service{DB: f.db}
	next := 0
	for _, p := range f.w.People {
		if next == len(restricted) {
			return nil
		}
		if p.named || f.keys[p] == nil || !p.Left.IsZero() {
			continue
		}
		one := restricted[next]
		n := restrict.New{Person: string(p.Person.Ref), Kind: one.kind, Ground: one.ground, Owner: f.w.Cast[teamManager].Ref, Key: string(id.NewRef())}
		for _, who := range one.named {
			n.Named = append(n.Named, f.w.Cast[who].Ref)
		}
		if _, err := s.Restrict(ctx, f.actors[governance], n); err != nil {
			return fmt.Errorf("restrict a record: %w", err)
		}
		if one.kind == access.Locked {
			if err := s.BreakGlass(ctx, f.actors[dataOfficer], p.Person.Ref, "The hospital rang and could reach nobody else", string(id.NewRef())); err != nil {
				return fmt.Errorf("open a locked record: %w", err)
			}
		}
		next++
	}
	return fmt.Errorf("the demonstration has too few people to restrict %d records", len(restricted))
}
