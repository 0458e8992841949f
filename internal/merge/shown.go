package merge

import (
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// Held is what a life holds of one field, for a page that shows lives side by
// side: the fact in force, or all of them where there may be several.
type Held struct {
	Field string
	Facts []life.Told
}

// Fields of which a record may hold several values; nobody chooses between
// them.
const (
	FieldOtherNames      = "other names"
	FieldOtherNumbers    = "other numbers"
	FieldReach           = "telephone and e-mail"
	FieldCarers          = "parents and carers"
	FieldCharacteristics = "characteristics"
	FieldContacts        = "contacts"
	FieldActivities      = "activities"
	FieldGuarantee       = "September Guarantee"
	FieldOffers          = "offers"
)

// HeldOn is all that a life holds on a day, field by field, in the order in
// which pages show it.
func HeldOn(l *life.Life, today civil.Date) []Held {
	h := &holding{}
	legal := func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }
	one(h, FieldName, youngperson.Names, life.InForceOf(l.Names, today, legal))
	many(h, FieldOtherNames, youngperson.Names, l.Names, func(n *youngperson.Name) bool { return !legal(n) })
	one(h, FieldBirth, youngperson.ParticularsTable, life.InForce(l.Particulars, today))
	numbers := map[string]bool{youngperson.ULN: true, youngperson.UPN: true, youngperson.Previous: true}
	one(h, FieldULN, youngperson.Identifiers, l.IdentifierFact(youngperson.ULN, today))
	one(h, FieldUPN, youngperson.Identifiers, l.IdentifierFact(youngperson.UPN, today))
	one(h, FieldPrevious, youngperson.Identifiers, l.IdentifierFact(youngperson.Previous, today))
	many(h, FieldOtherNumbers, youngperson.Identifiers, l.Identifiers, func(i *youngperson.Identifier) bool { return !numbers[i.Scheme] })
	one(h, FieldAddress, youngperson.Addresses, life.InForce(l.Addresses, today))
	many(h, FieldReach, youngperson.Reaches, l.Reaches, nil)
	many(h, FieldCarers, youngperson.Carers, l.Carers, nil)
	var current *fact.Of[activity.Spell]
	if i := l.CurrentSpell(today); i >= 0 {
		current = &l.Spells[i]
	}
	one(h, FieldActivity, activity.Spells, current)
	many(h, FieldActivities, activity.Spells, l.Spells, nil)
	one(h, FieldCohort, cohort.Statuses, life.InForce(l.Statuses, today))
	one(h, FieldNeed, need.Needs, life.InForce(l.Needs, today))
	many(h, FieldCharacteristics, need.Characteristics, l.Characteristics, nil)
	many(h, FieldGuarantee, guarantee.Guarantees, l.Guarantees, nil)
	many(h, FieldOffers, guarantee.Offers, l.Offers, nil)
	one(h, FieldDestination, guarantee.Destinations, life.InForce(l.Destinations, today))
	one(h, FieldAdviser, youngperson.Allocations, life.InForce(l.Allocations, today))
	h.all = append(h.all, Held{Field: FieldContacts, Facts: make([]life.Told, len(l.Contacts))})
	return h.all
}

type holding struct{ all []Held }

func one[T any](h *holding, field string, t fact.Table[T], f *fact.Of[T]) {
	held := Held{Field: field}
	if f != nil {
		held.Facts = []life.Told{toldOf(t, f)}
	}
	h.all = append(h.all, held)
}

func many[T any](h *holding, field string, t fact.Table[T], facts []fact.Of[T], of func(*T) bool) {
	held := Held{Field: field}
	for i := range facts {
		if of == nil || of(&facts[i].Is) {
			held.Facts = append(held.Facts, toldOf(t, &facts[i]))
		}
	}
	h.all = append(h.all, held)
}
