package imports

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// What a file says of an address that is protected is held back, whatever it is:
// were it followed, or counted as unchanged where it is what the register holds,
// whoever takes files in could try a guess. The note of it is written either way,
// and tells the address to those alone who may see it; they take it over by hand.

// addressItems are where somebody lives.
func addressItems() []nccis.Field {
	return []nccis.Field{nccis.AddressLine1, nccis.AddressLine2, nccis.AddressLine3, nccis.AddressLine4, nccis.Town, nccis.County, nccis.Postcode}
}

// sheltered are all whose address is protected, whoever takes the file in.
func sheltered(tx *db.Tx, r id.Register) (map[id.YoungPerson]bool, error) {
	veil, err := access.VeilOf(tx, access.Actor{Register: r})
	if err != nil {
		return nil, err
	}
	out := map[id.YoungPerson]bool{}
	for _, yp := range veil.Sheltered() {
		out[yp] = true
	}
	return out, nil
}

// holdBack puts what the source said last in the place of the address that a
// record states, and notes it. Once the protection has ended, the next file's
// address is again one that the source has changed.
func (p *planner) holdBack(r *nccis.Record, who int32, source string, was *stated) error {
	before := nccis.Record{}
	if was != nil {
		said := map[sourceOf]string{}
		if err := readSaid(p.tx, fact.Known{Register: p.reg.ID, People: []id.YoungPerson{was.person}}, said); err != nil {
			return fmt.Errorf("hold an address back: %w", err)
		}
		before = decode(said[sourceOf{was.person, source}])
	}
	var theirs []string
	for _, f := range addressItems() {
		theirs = append(theirs, r.Values[f])
		r.Values[f] = before.Values[f]
	}
	theirs = slices.DeleteFunc(theirs, func(s string) bool { return s == "" })
	if len(theirs) == 0 {
		return nil
	}
	p.note(Note{Kind: HeldBack, Field: nccis.AddressLine1.String(), Theirs: strings.Join(theirs, ", "),
		Words: "Held back, whether or not it is what is held: the address of this young person is protected. Whoever may see it can put it on the record."}, r, p.ix.people[who].person)
	return nil
}
