package record

import (
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/signal"
)

// risk are the signs of risk that the actor may see of somebody whom they may see.
// Claims of a benefit are never among them: Claims shows those, on a ground.
func risk(by access.Actor, all []fact.Of[signal.Signal]) []fact.Of[signal.Signal] {
	if !access.May(by, access.SeeSignals) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(f fact.Of[signal.Signal]) bool { return f.Is.Kind == signal.Claim })
}

// ClaimGrounds are what the law lets somebody look at a benefit claim for, in the
// order in which the form offers them (Education and Skills Act 2008 s.15;
// context.md 1.1).
func ClaimGrounds() []string {
	return []string{"to help this young person into learning or work (section 68)", "to find out whether they take part in education or training (section 12)"}
}

// Claims are the benefit claims held of one young person, the latest first, with
// where each came from. ground is one of ClaimGrounds and stands in the log of who
// looked. It needs access.SeeClaims and access.SeePerson, and returns field.Errors
// without a ground, and db.NotFound where there is no such person or this reader may
// not know of them.
func (s *Service) Claims(ctx context.Context, by access.Actor, ref id.Ref, ground string) ([]fact.Of[signal.Signal], map[id.Evidence]Source, error) {
	if err := access.Decide(by, access.SeeClaims, access.Subject{Register: by.Register}); err != nil {
		return nil, nil, err
	}
	if !slices.Contains(ClaimGrounds(), ground) {
		return nil, nil, field.Errors{{Field: "ground", Message: "Select what you need the claims for"}}
	}
	var claims []fact.Of[signal.Signal]
	var from map[id.Evidence]Source
	var yp id.YoungPerson
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if yp, err = whom(tx, by, ref); err != nil {
			return err
		}
		l, err := life.One(tx, by.Register, yp, 0)
		if err != nil {
			return err
		}
		var evidence []id.Evidence
		claims = slices.DeleteFunc(l.Signals, func(f fact.Of[signal.Signal]) bool { return f.Is.Kind != signal.Claim })
		for _, c := range claims {
			evidence = append(evidence, c.Evidence)
		}
		slices.SortStableFunc(claims, func(a, b fact.Of[signal.Signal]) int { return strings.Compare(b.Started, a.Started) })
		from, err = sources(tx, by.Register, evidence)
		return err
	}); err != nil {
		return nil, nil, err
	}
	by.Reason = ground
	return claims, from, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeeClaims, People: []id.YoungPerson{yp}, Page: "benefit claims"})
}
