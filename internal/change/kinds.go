package change

import (
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

type differ func(b *Batch, a *act.Act, e id.Evidence, before, after *life.Life) bool

// diffs are the kinds of fact that a file can change. Advisers, contacts,
// restrictions and disagreements are ours alone.
var diffs = []differ{
	of(youngperson.Names, func(l *life.Life) []fact.Of[youngperson.Name] { return l.Names }),
	of(youngperson.ParticularsTable, func(l *life.Life) []fact.Of[youngperson.Particulars] { return l.Particulars }),
	of(youngperson.Identifiers, func(l *life.Life) []fact.Of[youngperson.Identifier] { return l.Identifiers }),
	of(youngperson.Addresses, func(l *life.Life) []fact.Of[youngperson.Address] { return l.Addresses }),
	of(youngperson.Reaches, func(l *life.Life) []fact.Of[youngperson.Reach] { return l.Reaches }),
	of(youngperson.Carers, func(l *life.Life) []fact.Of[youngperson.Carer] { return l.Carers }),
	of(youngperson.OptOuts, func(l *life.Life) []fact.Of[youngperson.OptOut] { return l.OptOuts }),
	of(youngperson.CarriedItems, func(l *life.Life) []fact.Of[youngperson.Carried] { return l.Carried }),
	of(cohort.Statuses, func(l *life.Life) []fact.Of[cohort.Status] { return l.Statuses }),
	of(need.Needs, func(l *life.Life) []fact.Of[need.Need] { return l.Needs }),
	of(need.Characteristics, func(l *life.Life) []fact.Of[need.Characteristic] { return l.Characteristics }),
	of(activity.Spells, func(l *life.Life) []fact.Of[activity.Spell] { return l.Spells }),
	of(activity.Verifications, func(l *life.Life) []fact.Of[activity.Verification] { return l.Verifications }),
	of(guarantee.Guarantees, func(l *life.Life) []fact.Of[guarantee.Guarantee] { return l.Guarantees }),
	of(guarantee.Destinations, func(l *life.Life) []fact.Of[guarantee.Destination] { return l.Destinations }),
	of(guarantee.Offers, func(l *life.Life) []fact.Of[guarantee.Offer] { return l.Offers }),
	of(signal.Signals, func(l *life.Life) []fact.Of[signal.Signal] { return l.Signals }),
}

func of[T comparable](t fact.Table[T], list func(*life.Life) []fact.Of[T]) differ {
	return func(b *Batch, a *act.Act, e id.Evidence, before, after *life.Life) bool {
		return diff(b, a, e, t, list(before), list(after))
	}
}
