package record

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
)

// Held is one version of one fact with both clocks: its Version says when it
// was so, From and To when the register held it to be so.
type Held struct {
	life.Told
	// From is the act that told it, with where it was learned.
	From Happening
	// To is the act that ended it, nil while it is held.
	To *Happening
	// Next is what took its place, nil where nothing did: To then took it back.
	Next *life.Told
}

// Clocks are all versions of all facts told about one young person up to the
// end of a day (no date is now), by kind, those that were so latest first and
// of one fact what was told last first. It records that they were seen, needs
// access.SeePerson and returns act.BeforeBegan for a day on which nothing was
// known.
func (s *Service) Clocks(ctx context.Context, by access.Actor, ref id.Ref, on civil.Date) ([]Held, error) {
	var out []Held
	err := s.history(ctx, by, ref, on, "two clocks", func(tx *db.Tx, told []life.Told) error {
		acts, err := actsBehind(tx, by.Register, told)
		if err != nil {
			return err
		}
		for i := range told {
			h := Held{Told: told[i], From: acts[told[i].KnownFrom]}
			if told[i].KnownTo != 0 {
				to := acts[told[i].KnownTo]
				h.To, h.Next = &to, inPlaceOf(told, &told[i])
			}
			out = append(out, h)
		}
		return nil
	})
	order := map[string]int{}
	for _, t := range life.Tables() {
		order[t.Name] = len(order)
	}
	slices.SortStableFunc(out, func(a, b Held) int {
		return cmp.Or(order[a.Table]-order[b.Table], cmp.Compare(b.Started, a.Started), cmp.Compare(b.KnownFrom, a.KnownFrom))
	})
	return out, err
}

// inPlaceOf is the version that took the place of this one, nil where none did.
func inPlaceOf(told []life.Told, t *life.Told) *life.Told {
	for i := range told {
		if o := &told[i]; o.Table == t.Table && o.ID == t.ID && o.KnownFrom == t.KnownTo {
			return o
		}
	}
	return nil
}

// actsBehind are the acts that told or ended the versions, each with where it
// was learned.
func actsBehind(tx *db.Tx, r id.Register, told []life.Told) (map[id.Act]Happening, error) {
	evidence := map[id.Act]id.Evidence{}
	for i := range told {
		evidence[told[i].KnownFrom] = told[i].Evidence
		if to := told[i].KnownTo; to != 0 && evidence[to] == 0 {
			evidence[to] = 0
		}
	}
	list, err := actsOf(tx, r, slices.Sorted(maps.Keys(evidence)))
	if err != nil {
		return nil, err
	}
	known, err := sources(tx, r, slices.Sorted(maps.Values(evidence)))
	if err != nil {
		return nil, err
	}
	out := make(map[id.Act]Happening, len(list))
	for _, h := range list {
		h.Source = known[evidence[h.Act]]
		out[h.Act] = h
	}
	return out, nil
}
