package reference

import (
	"context"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/place"
	"waymark/internal/provider"
)

// About is what reference data add to what is held of somebody; what they do
// not know is "".
type About struct {
	// Ward is the name of the ward of an address, its code where its name is not
	// loaded.
	Ward string
	// Deprivation is that of the area of the address, where Ranked.
	Deprivation place.Deprivation
	Ranked      bool
	// School is what an establishment is called, with the one that came after it.
	School string
}

// About is what is known of a postcode, and of the establishment that had a
// number (LAESTAB) on a day, as known at the end of knownOn; no date is now. It
// needs access.SeePerson.
func (s *Service) About(ctx context.Context, by access.Actor, postcode, number string, day, knownOn civil.Date) (About, error) {
	var out About
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, by.Register, knownOn)
		if err != nil {
			return err
		}
		schools, err := provider.Read(tx, by.Register, at)
		if err != nil {
			return err
		}
		if out.School, err = schools.NameOf(number, day); err != nil {
			return err
		}
		places, err := place.Read(tx, by.Register, at)
		if err != nil {
			return err
		}
		p, ok, err := places.Postcode(postcode)
		if err != nil || !ok {
			return err
		}
		out.Ward = p.Ward
		if ward, ok, err := places.Ward(p.Ward); err != nil {
			return err
		} else if ok {
			out.Ward = ward.Name
		}
		out.Deprivation, out.Ranked, err = places.Deprivation(p)
		return err
	})
	return out, err
}
