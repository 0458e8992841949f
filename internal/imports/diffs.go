package imports

import (
	"slices"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// diffs are the kinds of fact that a record can change.
var diffs = []func(o *load, a *act.Act, e id.Evidence, before, after *life.Life) bool{
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, youngperson.Names, b.Names, l.Names)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, youngperson.ParticularsTable, b.Particulars, l.Particulars)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, youngperson.Identifiers, b.Identifiers, l.Identifiers)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, youngperson.Addresses, b.Addresses, l.Addresses)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, youngperson.CarriedItems, b.Carried, l.Carried)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, cohort.Statuses, b.Statuses, l.Statuses)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, need.Needs, b.Needs, l.Needs)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, need.Characteristics, b.Characteristics, l.Characteristics)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, activity.Spells, b.Spells, l.Spells)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, activity.Verifications, b.Verifications, l.Verifications)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, guarantee.Guarantees, b.Guarantees, l.Guarantees)
	},
	func(o *load, a *act.Act, e id.Evidence, b, l *life.Life) bool {
		return diff(o, a, e, guarantee.Destinations, b.Destinations, l.Destinations)
	},
}

// before is the life as it is now, safe from what telling does to it.
func before(l *life.Life) *life.Life {
	c := *l
	c.Names, c.Particulars, c.Identifiers = slices.Clone(l.Names), slices.Clone(l.Particulars), slices.Clone(l.Identifiers)
	c.Addresses, c.Carried, c.Statuses = slices.Clone(l.Addresses), slices.Clone(l.Carried), slices.Clone(l.Statuses)
	c.Needs, c.Characteristics = slices.Clone(l.Needs), slices.Clone(l.Characteristics)
	c.Spells, c.Verifications = slices.Clone(l.Spells), slices.Clone(l.Verifications)
	c.Guarantees, c.Destinations = slices.Clone(l.Guarantees), slices.Clone(l.Destinations)
	return &c
}
