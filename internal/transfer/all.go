package transfer

import (
	"context"
	"errors"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
)

// Passing is how many a status of ours hands over from a day on who can be offered
// to their authority in this house: whom the roll-over of 1 September states as T,
// where the day is that one. It needs access.MoveAcross and names nobody.
func (s *Service) Passing(ctx context.Context, by access.Actor, from civil.Date) (int, error) {
	list, err := s.passing(ctx, by, from)
	return len(list), err
}

func (s *Service) passing(ctx context.Context, by access.Actor, from civil.Date) (out []Mover, err error) {
	if err := access.Decide(by, access.MoveAcross, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.Border.LookAcross(ctx, func(tx *db.Tx, open map[string]border.Neighbour) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		out, err = movers(tx, by.Register, veil, open)
		return err
	})
	return slices.DeleteFunc(out, func(m Mover) bool { return m.Since != from }), err
}

// OfferAll offers those whom a status of ours hands over from a day on, each to
// their authority in this house, with as much as is agreed. It returns how many
// were offered, and how many could not be: they are left among the movers. The
// same key again offers nobody twice; where there is nobody to offer it returns
// field.Errors for "offer".
func (s *Service) OfferAll(ctx context.Context, by access.Actor, from civil.Date, key string) (offered, left int, err error) {
	movers, err := s.passing(ctx, by, from)
	if err != nil {
		return 0, 0, err
	}
	if len(movers) == 0 {
		return 0, 0, field.Errors{{Field: "offer", Message: "There is nobody to offer: nobody passes to an authority in this house with which an agreement is in force, or they were offered already"}}
	}
	groups := map[string][]Offer{}
	for _, m := range movers {
		groups[m.To] = append(groups[m.To], Offer{Person: m.Ref, MovedOn: m.Since})
	}
	for to, offers := range groups {
		n, err := s.offerGroup(ctx, by, offers, Terms{To: to, Basis: Bases()[0], Goes: access.Handed, Key: key})
		if err != nil {
			return offered, left, err
		}
		offered, left = offered+n, left+len(offers)-n
	}
	return offered, left, nil
}

// offerGroup offers those of one authority, each by their own act and in their own
// transaction: one who cannot be offered keeps nobody else back.
func (s *Service) offerGroup(ctx context.Context, by access.Actor, offers []Offer, t Terms) (offered int, err error) {
	for _, o := range offers {
		one := t
		one.Key += "-" + string(o.Person)
		switch err := s.Propose(ctx, by, []Offer{o}, one); {
		case err == nil, errors.Is(err, act.ErrRepeated):
			offered++
		case !errors.As(err, new(field.Errors)):
			return offered, err
		}
	}
	return offered, nil
}
