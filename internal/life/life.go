// Package life puts together all that a register holds about a young person,
// as known after any act, and states it as the Department's record.
//
// It is where the rooms of the trade meet: names, needs, guarantee, activity
// and cohort each keep their own facts; a life is all of them for one person.
package life

import (
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

// Life is one young person and the facts held about them, each kind in the
// order in which the facts were first told.
type Life struct {
	Person          youngperson.Person
	Names           []fact.Of[youngperson.Name]
	Particulars     []fact.Of[youngperson.Particulars]
	Identifiers     []fact.Of[youngperson.Identifier]
	Addresses       []fact.Of[youngperson.Address]
	Reaches         []fact.Of[youngperson.Reach]
	Carers          []fact.Of[youngperson.Carer]
	Allocations     []fact.Of[youngperson.Allocation]
	Carried         []fact.Of[youngperson.Carried]
	Statuses        []fact.Of[cohort.Status]
	Needs           []fact.Of[need.Need]
	Characteristics []fact.Of[need.Characteristic]
	Spells          []fact.Of[activity.Spell]
	Verifications   []fact.Of[activity.Verification]
	Guarantees      []fact.Of[guarantee.Guarantee]
	Destinations    []fact.Of[guarantee.Destination]
	Contacts        []fact.Of[contact.Contact]
}

// Tables are the shapes of all fact tables, for undoing.
func Tables() []fact.Shape {
	return []fact.Shape{
		youngperson.Names.Shape(), youngperson.ParticularsTable.Shape(), youngperson.Identifiers.Shape(),
		youngperson.Addresses.Shape(), youngperson.Reaches.Shape(), youngperson.Carers.Shape(),
		youngperson.Allocations.Shape(), youngperson.CarriedItems.Shape(), cohort.Statuses.Shape(),
		need.Needs.Shape(), need.Characteristics.Shape(), activity.Spells.Shape(), activity.Verifications.Shape(),
		guarantee.Guarantees.Shape(), guarantee.Destinations.Shape(), contact.Contacts.Shape(),
	}
}

// Load returns the lives of the people asked for, by key. It reads each table
// once, so ask for many at a time; for a whole register ask in ranges.
func Load(tx *db.Tx, k fact.Known) ([]*Life, error) { return load(tx, k, true) }

// LoadForReturn is Load without what no return holds: ways to reach, carers,
// advisers and contacts.
func LoadForReturn(tx *db.Tx, k fact.Known) ([]*Life, error) { return load(tx, k, false) }

func load(tx *db.Tx, k fact.Known, whole bool) ([]*Life, error) {
	var lives []*Life
	if err := youngperson.Each(tx, k, func(p youngperson.Person) error {
		lives = append(lives, &Life{Person: p})
		return nil
	}); err != nil {
		return nil, err
	}
	if k.At != 0 && len(lives) > 0 {
		if err := formerIDs(tx, k, lives); err != nil {
			return nil, err
		}
	}
	g := &gatherer{tx: tx, k: k, lives: lives}
	gather(g, youngperson.Names, func(l *Life) *[]fact.Of[youngperson.Name] { return &l.Names })
	gather(g, youngperson.ParticularsTable, func(l *Life) *[]fact.Of[youngperson.Particulars] { return &l.Particulars })
	gather(g, youngperson.Identifiers, func(l *Life) *[]fact.Of[youngperson.Identifier] { return &l.Identifiers })
	gather(g, youngperson.Addresses, func(l *Life) *[]fact.Of[youngperson.Address] { return &l.Addresses })
	gather(g, youngperson.CarriedItems, func(l *Life) *[]fact.Of[youngperson.Carried] { return &l.Carried })
	gather(g, cohort.Statuses, func(l *Life) *[]fact.Of[cohort.Status] { return &l.Statuses })
	gather(g, need.Needs, func(l *Life) *[]fact.Of[need.Need] { return &l.Needs })
	gather(g, need.Characteristics, func(l *Life) *[]fact.Of[need.Characteristic] { return &l.Characteristics })
	gather(g, activity.Spells, func(l *Life) *[]fact.Of[activity.Spell] { return &l.Spells })
	gather(g, activity.Verifications, func(l *Life) *[]fact.Of[activity.Verification] { return &l.Verifications })
	gather(g, guarantee.Guarantees, func(l *Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees })
	gather(g, guarantee.Destinations, func(l *Life) *[]fact.Of[guarantee.Destination] { return &l.Destinations })
	if whole {
		gather(g, youngperson.Reaches, func(l *Life) *[]fact.Of[youngperson.Reach] { return &l.Reaches })
		gather(g, youngperson.Carers, func(l *Life) *[]fact.Of[youngperson.Carer] { return &l.Carers })
		gather(g, youngperson.Allocations, func(l *Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations })
		gather(g, contact.Contacts, func(l *Life) *[]fact.Of[contact.Contact] { return &l.Contacts })
	}
	return lives, g.err
}

// formerIDs gives each person the YoungPersonsID that was in use at the time:
// the young person's row holds only the one in use now.
func formerIDs(tx *db.Tx, k fact.Known, lives []*Life) error {
	i := 0
	return youngperson.FormerIDs(tx, k, func(yp id.YoungPerson, was string) {
		for i < len(lives) && lives[i].Person.ID < yp {
			i++
		}
		if i < len(lives) && lives[i].Person.ID == yp {
			lives[i].Person.YoungPersonsID = was
		}
	})
}

// gatherer hands facts, which come by person, to lives, which stand by person.
type gatherer struct {
	tx    *db.Tx
	k     fact.Known
	lives []*Life
	err   error
}

func gather[T any](g *gatherer, t fact.Table[T], at func(*Life) *[]fact.Of[T]) {
	if g.err != nil || len(g.lives) == 0 {
		return
	}
	i := 0
	g.err = t.Each(g.tx, g.k, func(f *fact.Of[T]) error {
		for i < len(g.lives) && g.lives[i].Person.ID < f.YoungPerson {
			i++
		}
		if i < len(g.lives) && g.lives[i].Person.ID == f.YoungPerson {
			list := at(g.lives[i])
			*list = append(*list, *f)
		}
		return nil
	})
}

// One returns one life, or db.NotFound.
func One(tx *db.Tx, r id.Register, yp id.YoungPerson, at id.Act) (*Life, error) {
	lives, err := Load(tx, fact.Known{Register: r, At: at, People: []id.YoungPerson{yp}})
	if err != nil {
		return nil, err
	}
	if len(lives) == 0 {
		return nil, db.NotFound
	}
	return lives[0], nil
}

// postcodes is the address table with the postcode alone: figures need no more,
// and reading the lines costs them half their time.
func postcodes() fact.Table[youngperson.Address] {
	return fact.Table[youngperson.Address]{Name: youngperson.Addresses.Name, What: youngperson.Addresses.What, Columns: []string{"postcode"},
		Fields: func(a *youngperson.Address) []any { return []any{&a.Postcode} }}
}

// LoadForFigures is Load with only what figures count by: no names, no numbers,
// of an address the postcode.
func LoadForFigures(tx *db.Tx, k fact.Known) ([]*Life, error) {
	var lives []*Life
	if err := youngperson.Each(tx, k, func(p youngperson.Person) error {
		lives = append(lives, &Life{Person: p})
		return nil
	}); err != nil {
		return nil, err
	}
	g := &gatherer{tx: tx, k: k, lives: lives}
	gather(g, youngperson.ParticularsTable, func(l *Life) *[]fact.Of[youngperson.Particulars] { return &l.Particulars })
	gather(g, postcodes(), func(l *Life) *[]fact.Of[youngperson.Address] { return &l.Addresses })
	gather(g, youngperson.Allocations, func(l *Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations })
	gather(g, cohort.Statuses, func(l *Life) *[]fact.Of[cohort.Status] { return &l.Statuses })
	gather(g, need.Needs, func(l *Life) *[]fact.Of[need.Need] { return &l.Needs })
	gather(g, need.Characteristics, func(l *Life) *[]fact.Of[need.Characteristic] { return &l.Characteristics })
	gather(g, activity.Spells, func(l *Life) *[]fact.Of[activity.Spell] { return &l.Spells })
	gather(g, activity.Verifications, func(l *Life) *[]fact.Of[activity.Verification] { return &l.Verifications })
	gather(g, guarantee.Guarantees, func(l *Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees })
	return lives, g.err
}
