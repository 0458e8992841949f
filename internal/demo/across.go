package demo

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/border"
	"waymark/internal/id"
	"waymark/internal/register"
	"waymark/internal/sharing"
)

// ShareAcross has neighbouring boroughs agree to tell one another of whom they
// both hold a record, and say whom to ask. The last border but one is agreed on
// one side alone, and with nobody's agreement nothing is compared: where there
// are two boroughs, both have agreed.
func ShareAcross(ctx context.Context, h House, worlds []*World, registers []register.Register) error {
	for i, w := range worlds {
		officer := w.Cast[dataOfficer]
		s := &border.Service{DB: h.DB, Register: registers[i].ID}
		by := access.Actor{Register: registers[i].ID, Ref: "account:" + string(officer.Ref), Name: officer.Name, Roles: []access.Role{officer.Role}, Request: "demo"}
		c := border.Contact{Team: "Participation data team", Email: "participation@" + w.Borough.domain() + ".example.org", Telephone: fmt.Sprintf("01632 9608%02d", i)}
		if err := s.SetContact(ctx, by, c, string(id.NewRef())); err != nil {
			return fmt.Errorf("say whom to ask at %s: %w", w.Borough.Name, err)
		}
	}
	all := borders(len(worlds))
	for n, pair := range all {
		sides := [][2]int{pair, {pair[1], pair[0]}}
		if len(all) > 1 && n == len(all)-2 {
			sides = sides[:1]
		}
		for _, side := range sides {
			from, to := side[0], side[1]
			if err := newSharer(h, worlds[from], registers[from]).withNeighbour(ctx, worlds[to].Borough); err != nil {
				return err
			}
		}
	}
	return nil
}

// withNeighbour agrees with another borough.
func (f *sharer) withNeighbour(ctx context.Context, other Borough) error {
	terms := sharing.Terms{Organisation: sharing.Organisation{Name: other.Name + " Borough Council", Kind: "other authority", LACode: other.Code},
		Purpose: "To find young people who move, or learn across the border, and whom both or neither follow", Document: "Estuary protocol 2026, " + strings.ToLower(other.Name) + " annex, in the records room",
		Owner: "The head of participation", People: sharing.Named, Fields: access.Handed &^ (access.Characteristics | access.Sources), Started: f.w.On.AddDays(-200), Ends: f.from.AddDays(165)}
	_, err := f.agree(ctx, terms, nobody)
	return err
}
