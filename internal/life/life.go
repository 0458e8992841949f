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
	"waymark/internal/safety"
	"waymark/internal/signal"
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
	Offers          []fact.Of[guarantee.Offer]
	Contacts        []fact.Of[contact.Contact]
	// OptOuts and Signals are no part of any return.
	OptOuts []fact.Of[youngperson.OptOut]
	// Restrictions and Disagreements follow from requests about rights.
	Restrictions  []fact.Of[youngperson.Restriction]
	Disagreements []fact.Of[youngperson.Disagreement]
	// Safety is what whoever goes to the door must know first.
	Safety []fact.Of[safety.Note]
	// NoMessages are the messages that they do not want.
	NoMessages []fact.Of[youngperson.NoMessage]
	Signals    []fact.Of[signal.Signal]
}

// Tables are the shapes of all fact tables, for undoing.
func Tables() []fact.Shape {
	return []fact.Shape{
		youngperson.Names.Shape(), youngperson.ParticularsTable.Shape(), youngperson.Identifiers.Shape(),
		youngperson.Addresses.Shape(), youngperson.Reaches.Shape(), youngperson.Carers.Shape(),
		youngperson.Allocations.Shape(), youngperson.CarriedItems.Shape(), cohort.Statuses.Shape(),
		need.Needs.Shape(), need.Characteristics.Shape(), activity.Spells.Shape(), activity.Verifications.Shape(),
		guarantee.Guarantees.Shape(), guarantee.Destinations.Shape(), guarantee.Offers.Shape(), contact.Contacts.Shape(),
		youngperson.OptOuts.Shape(), signal.Signals.Shape(),
		youngperson.Restrictions.Shape(), youngperson.Disagreements.Shape(), safety.Notes.Shape(),
		youngperson.NoMessages.Shape(),
	}
}

// Load returns the lives of the people asked for, by key. It reads each table
// once, so ask for many at a time; for a whole register ask in ranges.
func Load(tx *db.Tx, k fact.Known) ([]*Life, error) { return load(tx, k, true) }

// LoadForReturn is Load without what no return holds: offers, ways to reach, carers,
// advisers, contacts, opt-outs and signals.
func LoadForReturn(tx *db.Tx, k fact.Known) ([]*Life, error) { return load(tx, k, false) }

func load(tx *db.Tx, k fact.Known, whole bool) ([]*Life, error) {
	g, err := gathererOf(tx, k, true)
	if err != nil {
		return nil, err
	}
	gather(g, youngperson.Names, func(l *Life) *[]fact.Of[youngperson.Name] { return &l.Names })
	gather(g, youngperson.Identifiers, func(l *Life) *[]fact.Of[youngperson.Identifier] { return &l.Identifiers })
	gather(g, youngperson.Addresses, func(l *Life) *[]fact.Of[youngperson.Address] { return &l.Addresses })
	gather(g, youngperson.CarriedItems, func(l *Life) *[]fact.Of[youngperson.Carried] { return &l.Carried })
	g.situation()
	gather(g, guarantee.Guarantees, func(l *Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees })
	gather(g, guarantee.Destinations, func(l *Life) *[]fact.Of[guarantee.Destination] { return &l.Destinations })
	if whole {
		gather(g, guarantee.Offers, func(l *Life) *[]fact.Of[guarantee.Offer] { return &l.Offers })
		gather(g, youngperson.Reaches, func(l *Life) *[]fact.Of[youngperson.Reach] { return &l.Reaches })
		gather(g, youngperson.Carers, func(l *Life) *[]fact.Of[youngperson.Carer] { return &l.Carers })
		gather(g, youngperson.Allocations, func(l *Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations })
		gather(g, contact.Contacts, func(l *Life) *[]fact.Of[contact.Contact] { return &l.Contacts })
		gather(g, youngperson.OptOuts, func(l *Life) *[]fact.Of[youngperson.OptOut] { return &l.OptOuts })
		gather(g, youngperson.Restrictions, func(l *Life) *[]fact.Of[youngperson.Restriction] { return &l.Restrictions })
		gather(g, youngperson.Disagreements, func(l *Life) *[]fact.Of[youngperson.Disagreement] { return &l.Disagreements })
		gather(g, safety.Notes, func(l *Life) *[]fact.Of[safety.Note] { return &l.Safety })
		gather(g, youngperson.NoMessages, func(l *Life) *[]fact.Of[youngperson.NoMessage] { return &l.NoMessages })
		gather(g, signal.Signals, func(l *Life) *[]fact.Of[signal.Signal] { return &l.Signals })
	}
	return g.lives, g.err
}

// gathererOf reads the people asked for; named gives them the YoungPersonsIDs of
// the time, for whoever shows or states these.
func gathererOf(tx *db.Tx, k fact.Known, named bool) (*gatherer, error) {
	g := &gatherer{tx: tx, k: k}
	if err := youngperson.Each(tx, k, func(p youngperson.Person) error {
		g.lives = append(g.lives, &Life{Person: p})
		return nil
	}); err != nil {
		return nil, err
	}
	if named && k.At != 0 && len(g.lives) > 0 {
		return g, formerIDs(tx, k, g.lives)
	}
	return g, nil
}

// situation gathers what all who ask need: who they are by birth, whether they
// are in the cohort, their needs, what they do and how it was confirmed.
func (g *gatherer) situation() {
	gather(g, youngperson.ParticularsTable, func(l *Life) *[]fact.Of[youngperson.Particulars] { return &l.Particulars })
	gather(g, cohort.Statuses, func(l *Life) *[]fact.Of[cohort.Status] { return &l.Statuses })
	gather(g, need.Needs, func(l *Life) *[]fact.Of[need.Need] { return &l.Needs })
	gather(g, need.Characteristics, func(l *Life) *[]fact.Of[need.Characteristic] { return &l.Characteristics })
	gather(g, activity.Spells, func(l *Life) *[]fact.Of[activity.Spell] { return &l.Spells })
	gather(g, activity.Verifications, func(l *Life) *[]fact.Of[activity.Verification] { return &l.Verifications })
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
	g, err := gathererOf(tx, k, false)
	if err != nil {
		return nil, err
	}
	gather(g, postcodes(), func(l *Life) *[]fact.Of[youngperson.Address] { return &l.Addresses })
	gather(g, youngperson.Allocations, func(l *Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations })
	g.situation()
	gather(g, guarantee.Guarantees, func(l *Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees })
	return g.lives, g.err
}

// LoadSituation is Load with only who is in which year and in the return, their
// needs, what they do and how it was confirmed.
func LoadSituation(tx *db.Tx, k fact.Known) ([]*Life, error) {
	g, err := gathererOf(tx, k, false)
	if err != nil {
		return nil, err
	}
	g.situation()
	return g.lives, g.err
}

// LoadForSeason is Load with only what the September Guarantee asks: who is in
// which year, where they learn, what they were offered. No names and no numbers.
func LoadForSeason(tx *db.Tx, k fact.Known) ([]*Life, error) {
	g, err := gathererOf(tx, k, false)
	if err != nil {
		return nil, err
	}
	gather(g, youngperson.ParticularsTable, func(l *Life) *[]fact.Of[youngperson.Particulars] { return &l.Particulars })
	gather(g, cohort.Statuses, func(l *Life) *[]fact.Of[cohort.Status] { return &l.Statuses })
	gather(g, need.Needs, func(l *Life) *[]fact.Of[need.Need] { return &l.Needs })
	gather(g, activity.Spells, func(l *Life) *[]fact.Of[activity.Spell] { return &l.Spells })
	gather(g, guarantee.Guarantees, func(l *Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees })
	gather(g, guarantee.Destinations, func(l *Life) *[]fact.Of[guarantee.Destination] { return &l.Destinations })
	gather(g, guarantee.Offers, func(l *Life) *[]fact.Of[guarantee.Offer] { return &l.Offers })
	return g.lives, g.err
}

// contactDays is the contact table without its notes: lists ask for days, and
// opening every note of a register would take its time.
func contactDays() fact.Table[contact.Contact] {
	return fact.Table[contact.Contact]{Name: contact.Contacts.Name, What: contact.Contacts.What, Columns: []string{"how", "with_whom", "outcome"},
		Fields: func(c *contact.Contact) []any { return []any{&c.How, &c.WithWhom, &c.Outcome} }}
}

// LoadForLists is Load with only what lists and finding ask: no carers, nothing
// of the guarantee, of an address the postcode, of contacts no note. YoungPersonsIDs are those of
// the time.
func LoadForLists(tx *db.Tx, k fact.Known) ([]*Life, error) {
	g, err := gathererOf(tx, k, true)
	if err != nil {
		return nil, err
	}
	gather(g, youngperson.Names, func(l *Life) *[]fact.Of[youngperson.Name] { return &l.Names })
	gather(g, postcodes(), func(l *Life) *[]fact.Of[youngperson.Address] { return &l.Addresses })
	gather(g, youngperson.Reaches, func(l *Life) *[]fact.Of[youngperson.Reach] { return &l.Reaches })
	gather(g, youngperson.Allocations, func(l *Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations })
	g.situation()
	gather(g, contactDays(), func(l *Life) *[]fact.Of[contact.Contact] { return &l.Contacts })
	return g.lives, g.err
}
