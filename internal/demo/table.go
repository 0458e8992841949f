package demo

import (
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// table writes what one act told in one kind of fact: told are the keys of the
// evidence of the act's sources.
type table func(tx *db.Tx, a *act.Act, known int, told map[int]id.Evidence) error

func tables(f *filler) []table {
	return []table{
		gather(f, youngperson.Names, func(p *Person) []fact.Of[youngperson.Name] { return p.Names }),
		gather(f, youngperson.ParticularsTable, func(p *Person) []fact.Of[youngperson.Particulars] { return p.Particulars }),
		gather(f, youngperson.Identifiers, func(p *Person) []fact.Of[youngperson.Identifier] { return p.Identifiers }),
		gather(f, youngperson.Addresses, func(p *Person) []fact.Of[youngperson.Address] { return p.Addresses }),
		gather(f, youngperson.Reaches, func(p *Person) []fact.Of[youngperson.Reach] { return p.Reaches }),
		gather(f, youngperson.Carers, func(p *Person) []fact.Of[youngperson.Carer] { return p.Carers }),
		gather(f, youngperson.Allocations, func(p *Person) []fact.Of[youngperson.Allocation] { return p.Allocations }),
		gather(f, cohort.Statuses, func(p *Person) []fact.Of[cohort.Status] { return p.Statuses }),
		gather(f, need.Needs, func(p *Person) []fact.Of[need.Need] { return p.Needs }),
		gather(f, need.Characteristics, func(p *Person) []fact.Of[need.Characteristic] { return p.Characteristics }),
		gather(f, activity.Spells, func(p *Person) []fact.Of[activity.Spell] { return p.Spells }),
		gather(f, activity.Verifications, func(p *Person) []fact.Of[activity.Verification] { return p.Verifications }),
		gather(f, guarantee.Guarantees, func(p *Person) []fact.Of[guarantee.Guarantee] { return p.Guarantees }),
		gather(f, guarantee.Destinations, func(p *Person) []fact.Of[guarantee.Destination] { return p.Destinations }),
		gather(f, guarantee.Offers, func(p *Person) []fact.Of[guarantee.Offer] { return p.Offers }),
		gather(f, contact.Contacts, func(p *Person) []fact.Of[contact.Contact] { return p.Contacts }),
	}
}

// one is a version of a fact, and whose.
type one[T any] struct {
	p *Person
	v *fact.Of[T]
}

// gather sorts the versions of one kind by the act that opens them and by the
// act that closes them.
func gather[T any](f *filler, t fact.Table[T], of func(*Person) []fact.Of[T]) table {
	opens, closes := make([][]one[T], len(f.w.Acts)+1), make([][]one[T], len(f.w.Acts)+1)
	for _, p := range f.w.People {
		if f.keys[p] == nil {
			continue
		}
		facts := of(p)
		for i := range facts {
			v := &facts[i]
			if !f.w.held(int(v.KnownFrom)) {
				continue
			}
			opens[v.KnownFrom] = append(opens[v.KnownFrom], one[T]{p, v})
			if v.Evidence < 0 {
				f.sources[v.KnownFrom] |= 1 << (-1 - v.Evidence)
			}
			if v.KnownTo != 0 && f.w.held(int(v.KnownTo)) {
				closes[v.KnownTo] = append(closes[v.KnownTo], one[T]{p, v})
			}
		}
	}
	return func(tx *db.Tx, a *act.Act, known int, told map[int]id.Evidence) error {
		for _, o := range closes[known] {
			k := f.keys[o.p]
			if err := t.Close(tx, a, fact.Version{YoungPerson: k.person, ID: k.facts[o.v.ID], KnownFrom: f.numbers[o.v.KnownFrom]}); err != nil {
				return err
			}
		}
		return open(f, t, tx, a, opens[known], told)
	}
}

// open stores the versions that an act tells. A fact told for the first time
// gets a key, which its later versions keep.
func open[T any](f *filler, t fact.Table[T], tx *db.Tx, a *act.Act, from []one[T], told map[int]id.Evidence) error {
	unheard := 0
	for _, o := range from {
		if f.keys[o.p].facts[o.v.ID] == 0 {
			unheard++
		}
	}
	var key int64
	if unheard > 0 {
		var err error
		if key, err = a.Keys(unheard); err != nil {
			return err
		}
	}
	out := make([]fact.Of[T], len(from))
	for i, o := range from {
		k := f.keys[o.p]
		if k.facts[o.v.ID] == 0 {
			k.facts[o.v.ID] = id.Fact(key)
			key++
		}
		out[i] = *o.v
		out[i].YoungPerson, out[i].ID = k.person, k.facts[o.v.ID]
		if o.v.Evidence < 0 {
			out[i].Evidence = told[int(-1-o.v.Evidence)]
		} else {
			out[i].Evidence = k.evidence[o.v.Evidence-1]
		}
		if v, ok := any(&out[i].Is).(*activity.Verification); ok {
			v.Spell = k.facts[v.Spell]
		}
	}
	return t.Add(tx, a, out)
}

// contacts are those that the register holds of somebody.
func (f *filler) contacts(p *Person) []fact.Of[contact.Contact] {
	var out []fact.Of[contact.Contact]
	for i := range p.Contacts {
		if f.w.held(int(p.Contacts[i].KnownFrom)) {
			out = append(out, p.Contacts[i])
		}
	}
	return out
}
