package web

import (
	"fmt"

	"waymark/internal/life"
	"waymark/internal/reference"
)

// placed asks reference data about somebody's address and where they learn.
func (v personView) placed() (reference.About, error) {
	postcode, number := "", ""
	if a := life.InForce(v.Life.Addresses, v.today); a != nil {
		postcode = a.Is.Postcode
	}
	if spell := v.View.Spell; spell != nil && spell.Is.EstablishmentName == "" {
		number = spell.Is.EstablishmentNumber
	}
	return v.s.Reference.About(v.r.Context(), actorOf(v.r), postcode, number, v.today, v.on)
}

// areaRow is the line under an address; false where nothing is known of it.
func (v personView) areaRow() (Row, bool) {
	words := ""
	if v.about.Ward != "" {
		words = v.about.Ward + " ward"
	}
	if d := v.about.Deprivation; v.about.Ranked {
		words = joined("; ", words, fmt.Sprintf("decile %d of 10 of deprivation (1 is the most deprived), %d for children, %s", d.IMDDecile, d.IDACIDecile, d.Edition))
	}
	return Row{Key: "Area", Value: words}, words != ""
}
