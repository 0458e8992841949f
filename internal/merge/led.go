package merge

import (
	"context"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/youngperson"
)

// Leads says where a reference leads that has no record of its own any more
// because it was put together with another: to the record that stayed in the
// end, and by which merge. It returns db.NotFound for any other reference, and
// needs access.SeePerson.
func (s *Service) Leads(ctx context.Context, by access.Actor, ref id.Ref) (Led, error) {
	var led Led
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		from, to, err := youngperson.Led(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
			return err
		}
		if err := decideSeen(tx, by, from, to.ID); err != nil {
			return err
		}
		var w db.Where
		w.And("m.register = $1 AND m.young_person = $2 AND m.known_to IS NULL", int64(by.Register), int64(from))
		merges, err := mergesWhere(tx, w)
		if err != nil {
			return err
		}
		if len(merges) == 0 {
			return db.NotFound
		}
		led = Led{To: to.Ref, Merged: merges[0]}
		return nil
	})
	return led, err
}

// Of are the merges into a young person's record that are in force, the last
// first. It needs access.SeePerson, and shows no more than that record does.
func (s *Service) Of(ctx context.Context, by access.Actor, ref id.Ref) ([]Merged, error) {
	var out []Merged
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
			return err
		}
		if err := decideSeen(tx, by, yp); err != nil {
			return err
		}
		var w db.Where
		w.And("m.register = $1 AND m.into_person = $2 AND m.known_to IS NULL", int64(by.Register), int64(yp))
		out, err = mergesWhere(tx, w)
		return err
	})
	return out, err
}

// All are the merges in force, the last first. It needs access.MergePeople and
// logs that they were looked at.
func (s *Service) All(ctx context.Context, by access.Actor) ([]Merged, error) {
	var out []Merged
	var people []id.YoungPerson
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		access.Scope(&w, by, access.MergePeople, "m")
		w.And("m.known_to IS NULL")
		var err error
		if out, err = mergesWhere(tx, w); err == nil {
			out, err = unbarred(tx, by, out)
		}
		for _, m := range out {
			people = append(people, m.Keep, m.Other)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, s.sights.See(ctx, act.Sight{By: by, Kind: access.MergePeople, People: people, Page: "merges"})
}
