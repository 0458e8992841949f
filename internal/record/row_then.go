package record

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
)

// RowOf is the row of a life, stated by the texts of its standing.
func RowOf(l *life.Life, v map[string]string) Row {
	return Row{Person: l.Person.ID, Ref: l.Person.Ref, YoungPersonsID: l.Person.YoungPersonsID, Given: v["given"], Family: v["family"], Born: Day(v["dob"]),
		Activity: v["activity"], Establishment: v["establishment_name"], CohortStatus: v["cohort_status"], LeadLA: v["lead_la"], Postcode: Postcode(v["postcode_key"]),
		Adviser: v["adviser_name"], VerifiedOn: Day(v["verified_on"]), LapsesOn: Day(v["lapses_on"]), NEETSince: Day(v["neet_since"])}
}

// ShownThen is Shown as known after an act. It needs access.SeeHistory besides.
func (s *Service) ShownThen(ctx context.Context, by access.Actor, action access.Action, people []id.YoungPerson, at id.Act, page string) ([]Row, error) {
	for _, needed := range []access.Action{action, access.SeeHistory} {
		if err := access.Decide(by, needed, access.Subject{Register: by.Register}); err != nil {
			return nil, err
		}
	}
	found := map[id.YoungPerson]Row{}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(people, 200) { // a wide IN is slow on SQLite
			lives, err := life.LoadForLists(tx, fact.Known{Register: by.Register, At: at, People: some})
			if err != nil {
				return err
			}
			for _, l := range lives {
				if !veil.Hides(l.Person.ID) {
					found[l.Person.ID] = RowOf(l, s.Standing.Texts(by.Register, l)).Veiled(veil)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("state young people as known then: %w", err)
	}
	var out []Row
	for _, p := range people {
		if r, ok := found[p]; ok {
			out = append(out, r)
		}
	}
	return out, s.seen(ctx, by, action, page, out)
}
