package life

import (
	"slices"
	"strings"

	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"

	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/guarantee"
	"waymark/internal/need"
	"waymark/internal/safety"
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

// Versions calls fn with each fact that the life holds, and the name of its
// table.
func (l *Life) Versions(fn func(table string, v fact.Version)) {
	versions(l.Names, youngperson.Names, fn)
	versions(l.Particulars, youngperson.ParticularsTable, fn)
	versions(l.Identifiers, youngperson.Identifiers, fn)
	versions(l.Addresses, youngperson.Addresses, fn)
	versions(l.Reaches, youngperson.Reaches, fn)
	versions(l.Carers, youngperson.Carers, fn)
	versions(l.Allocations, youngperson.Allocations, fn)
	versions(l.Carried, youngperson.CarriedItems, fn)
	versions(l.Statuses, cohort.Statuses, fn)
	versions(l.Needs, need.Needs, fn)
	versions(l.Characteristics, need.Characteristics, fn)
	versions(l.Spells, activity.Spells, fn)
	versions(l.Verifications, activity.Verifications, fn)
	versions(l.Guarantees, guarantee.Guarantees, fn)
	versions(l.Destinations, guarantee.Destinations, fn)
	versions(l.Offers, guarantee.Offers, fn)
	versions(l.Contacts, contact.Contacts, fn)
	versions(l.OptOuts, youngperson.OptOuts, fn)
	versions(l.Restrictions, youngperson.Restrictions, fn)
	versions(l.Disagreements, youngperson.Disagreements, fn)
	versions(l.Safety, safety.Notes, fn)
	versions(l.NoMessages, youngperson.NoMessages, fn)
	versions(l.Signals, signal.Signals, fn)
}

func versions[T any](facts []fact.Of[T], t fact.Table[T], fn func(string, fact.Version)) {
	for i := range facts {
		fn(t.Name, facts[i].Version)
	}
}

// Told is one version of one fact, as the history shows it: what kind of fact,
// its columns and their values as text.
type Told struct {
	Table, What string
	fact.Version
	Columns []string
	Values  []string
}

// Text is the values that are not empty, with spaces between.
func (t Told) Text() string {
	kept := slices.DeleteFunc(slices.Clone(t.Values), func(v string) bool { return v == "" })
	return strings.Join(kept, " ")
}

// Value is one column's, "" where there is none of that name.
func (t Told) Value(column string) string {
	if i := slices.Index(t.Columns, column); i >= 0 {
		return t.Values[i]
	}
	return ""
}

// History is every version ever told about one person, in the order of the acts
// that told them; but for signals, which are for risk alone or under a
// restriction, and are not shown to everybody who sees a record.
func History(tx *db.Tx, r id.Register, yp id.YoungPerson) ([]Told, error) {
	h := &historian{tx: tx, r: r, yp: yp}
	tell(h, youngperson.Names)
	tell(h, youngperson.ParticularsTable)
	tell(h, youngperson.Identifiers)
	tell(h, youngperson.Addresses)
	tell(h, youngperson.Reaches)
	tell(h, youngperson.Carers)
	tell(h, youngperson.Allocations)
	tell(h, cohort.Statuses)
	tell(h, need.Needs)
	tell(h, need.Characteristics)
	tell(h, activity.Spells)
	tell(h, activity.Verifications)
	tell(h, guarantee.Guarantees)
	tell(h, guarantee.Destinations)
	tell(h, guarantee.Offers)
	tell(h, contact.Contacts)
	tell(h, youngperson.OptOuts)
	tell(h, youngperson.Restrictions)
	tell(h, youngperson.Disagreements)
	tell(h, safety.Notes)
	tell(h, youngperson.NoMessages)
	slices.SortStableFunc(h.told, func(a, b Told) int { return int(a.KnownFrom - b.KnownFrom) })
	return h.told, h.err
}

// AsKnown are the versions told up to an act, as they stood after it: what was
// changed later is still open. 0 is now.
func AsKnown(told []Told, at id.Act) []Told {
	if at == 0 {
		return told
	}
	var out []Told
	for _, t := range told {
		if t.KnownFrom > at {
			continue
		}
		if t.KnownTo > at {
			t.KnownTo = 0
		}
		out = append(out, t)
	}
	return out
}

type historian struct {
	tx   *db.Tx
	r    id.Register
	yp   id.YoungPerson
	told []Told
	err  error
}

func tell[T any](h *historian, t fact.Table[T]) {
	if h.err != nil {
		return
	}
	h.err = t.History(h.tx, h.r, h.yp, func(f *fact.Of[T]) error {
		h.told = append(h.told, Told{Table: t.Name, What: t.What, Version: f.Version, Columns: t.Columns, Values: t.Texts(&f.Is)})
		return nil
	})
}
