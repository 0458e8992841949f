package find

import (
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
)

// finder is what an actor may find. Who is hidden from them is passed over as if
// absent. Who is locked, or whose address is protected, is set aside: whether they
// fit is asked again without what the actor may not know, or else an old postcode
// would find somebody in a refuge. So is whoever is found by a field that the
// actor does not see: a hit would tell it.
type finder struct {
	sieve access.Sieve
	veil  *access.Veil
	aside []id.YoungPerson
}

func finderOf(tx *db.Tx, by access.Actor) (*finder, error) {
	f := &finder{}
	var err error
	if f.sieve, err = access.LookLines(tx, by, access.FindPerson); err == nil {
		f.veil, err = access.VeilOf(tx, by)
	}
	if err != nil {
		return nil, fmt.Errorf("see whom the actor may find: %w", err)
	}
	return f, nil
}

// foundBy are the fields by which people are found.
const foundBy = access.Names | access.Birth | access.Address | access.Activities | access.Numbers

// partly says that the actor may not know all by which somebody is found.
func (f *finder) partly(yp id.YoungPerson) bool {
	return f.veil.Protects(yp) || !f.sieve.Fields(yp).Has(foundBy)
}

// lets says whether somebody who fits is among the answer as they are.
func (f *finder) lets(yp id.YoungPerson) bool {
	if !f.sieve.Lets(yp) {
		return false
	}
	if f.partly(yp) {
		if !slices.Contains(f.aside, yp) {
			f.aside = append(f.aside, yp)
		}
		return false
	}
	return true
}

// known leaves of people what the actor may find them by.
func (f *finder) known(people map[id.YoungPerson]*person) {
	for yp, p := range people {
		if !f.partly(yp) {
			continue
		}
		seen := f.sieve.Fields(yp)
		if f.veil.Protects(yp) {
			seen &^= access.Address
		}
		if f.veil.Locks(yp) {
			seen &^= access.Activities
		}
		p.keep(seen)
	}
}

// keep leaves of a person only the fields given.
func (p *person) keep(f access.Fields) {
	if !f.Has(access.Names) {
		p.given, p.family = "", ""
	}
	if !f.Has(access.Birth) {
		p.born = ""
	}
	if !f.Has(access.Address) {
		p.postcode = ""
	}
	if !f.Has(access.Activities) {
		p.school = ""
	}
	if !f.Has(access.Numbers) {
		p.ypid = ""
	}
	p.others = slices.DeleteFunc(p.others, func(o other) bool {
		switch o.kind {
		case match.Given, match.Middle, match.Family:
			return !f.Has(access.Names)
		case match.Birth:
			return !f.Has(access.Birth)
		case match.Postcode:
			return !f.Has(access.Address)
		}
		return !f.Has(access.Numbers)
	})
}

// still leaves of those set aside the ones that fit all the same, and says of a
// locked one no more than that.
func (f *finder) still(best []*person) []*person {
	return slices.DeleteFunc(best, func(p *person) bool {
		if !f.partly(p.id) {
			return false
		}
		gone := p.why == nil
		if f.veil.Locks(p.id) {
			p.why = []string{"it may be who you look for"}
		}
		return gone
	})
}

// counts is how many of those set aside are among the best.
func (f *finder) counts(best []*person) int {
	n := 0
	for _, p := range best {
		if slices.Contains(f.aside, p.id) {
			n++
		}
	}
	return n
}
