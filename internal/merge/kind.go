package merge

import (
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/safety"
	"waymark/internal/signal"
	"waymark/internal/youngperson"
)

// kind is one kind of fact: how two lives' facts of it become one's, and every
// version that was told of it.
type kind struct {
	shape fact.Shape
	join  func(j *joining) error
	told  func(tx *db.Tx, r id.Register, yp id.YoungPerson) ([]life.Told, error)
}

// kinds are all kinds of facts that a life holds; a test says when one is
// missing.
func kinds() []kind {
	return []kind{
		kindOf(youngperson.Names, func(l *life.Life) *[]fact.Of[youngperson.Name] { return &l.Names }),
		kindOf(youngperson.ParticularsTable, func(l *life.Life) *[]fact.Of[youngperson.Particulars] { return &l.Particulars }),
		kindOf(youngperson.Identifiers, func(l *life.Life) *[]fact.Of[youngperson.Identifier] { return &l.Identifiers }),
		kindOf(youngperson.Addresses, func(l *life.Life) *[]fact.Of[youngperson.Address] { return &l.Addresses }),
		kindOf(youngperson.Reaches, func(l *life.Life) *[]fact.Of[youngperson.Reach] { return &l.Reaches }),
		kindOf(youngperson.Carers, func(l *life.Life) *[]fact.Of[youngperson.Carer] { return &l.Carers }),
		kindOf(youngperson.Allocations, func(l *life.Life) *[]fact.Of[youngperson.Allocation] { return &l.Allocations }),
		kindOf(youngperson.CarriedItems, func(l *life.Life) *[]fact.Of[youngperson.Carried] { return &l.Carried }),
		kindOf(cohort.Statuses, func(l *life.Life) *[]fact.Of[cohort.Status] { return &l.Statuses }),
		kindOf(need.Needs, func(l *life.Life) *[]fact.Of[need.Need] { return &l.Needs }),
		kindOf(need.Characteristics, func(l *life.Life) *[]fact.Of[need.Characteristic] { return &l.Characteristics }),
		kindOf(activity.Spells, func(l *life.Life) *[]fact.Of[activity.Spell] { return &l.Spells }),
		kindOf(activity.Verifications, func(l *life.Life) *[]fact.Of[activity.Verification] { return &l.Verifications }),
		kindOf(guarantee.Guarantees, func(l *life.Life) *[]fact.Of[guarantee.Guarantee] { return &l.Guarantees }),
		kindOf(guarantee.Destinations, func(l *life.Life) *[]fact.Of[guarantee.Destination] { return &l.Destinations }),
		kindOf(guarantee.Offers, func(l *life.Life) *[]fact.Of[guarantee.Offer] { return &l.Offers }),
		kindOf(contact.Contacts, func(l *life.Life) *[]fact.Of[contact.Contact] { return &l.Contacts }),
		kindOf(youngperson.OptOuts, func(l *life.Life) *[]fact.Of[youngperson.OptOut] { return &l.OptOuts }),
		kindOf(youngperson.Restrictions, func(l *life.Life) *[]fact.Of[youngperson.Restriction] { return &l.Restrictions }),
		kindOf(youngperson.Disagreements, func(l *life.Life) *[]fact.Of[youngperson.Disagreement] { return &l.Disagreements }),
		kindOf(safety.Notes, func(l *life.Life) *[]fact.Of[safety.Note] { return &l.Safety }),
		kindOf(youngperson.NoMessages, func(l *life.Life) *[]fact.Of[youngperson.NoMessage] { return &l.NoMessages }),
		kindOf(signal.Signals, func(l *life.Life) *[]fact.Of[signal.Signal] { return &l.Signals }),
	}
}

// joining is a merge under way.
type joining struct {
	tx          *db.Tx
	a           *act.Act
	keep, other *life.Life
	folded
}

func kindOf[T comparable](t fact.Table[T], of func(*life.Life) *[]fact.Of[T]) kind {
	return kind{
		shape: t.Shape(),
		join: func(j *joining) error {
			for _, one := range *of(j.other) {
				if err := t.Close(j.tx, j.a, one.Version); err != nil {
					return err
				}
			}
			if err := replace(j, t, *of(j.keep), *of(j.after)); err != nil {
				return err
			}
			past := *of(j.past)
			if err := open(j, t, past); err != nil {
				return err
			}
			for i := range past {
				if err := t.Close(j.tx, j.a, past[i].Version); err != nil {
					return err
				}
			}
			return nil
		},
		told: func(tx *db.Tx, r id.Register, yp id.YoungPerson) ([]life.Told, error) {
			var out []life.Told
			err := t.History(tx, r, yp, func(f *fact.Of[T]) error {
				out = append(out, toldOf(t, f))
				return nil
			})
			return out, err
		},
	}
}

func toldOf[T any](t fact.Table[T], f *fact.Of[T]) life.Told {
	return life.Told{Table: t.Name, What: t.What, Version: f.Version, Columns: t.Columns, Values: t.Texts(&f.Is)}
}

// replace closes what the record that stays holds no longer, and opens what it
// holds from now on.
func replace[T comparable](j *joining, t fact.Table[T], before, after []fact.Of[T]) error {
	is := map[id.Fact]*fact.Of[T]{}
	for i := range after {
		is[after[i].ID] = &after[i]
	}
	was := map[id.Fact]bool{}
	for i := range before {
		one := is[before[i].ID]
		if one != nil && same(one, &before[i]) {
			was[before[i].ID] = true
			continue
		}
		if err := t.Close(j.tx, j.a, before[i].Version); err != nil {
			return err
		}
	}
	var fresh []fact.Of[T]
	for _, one := range after {
		if one.ID == 0 || !was[one.ID] {
			fresh = append(fresh, one)
		}
	}
	return open(j, t, fresh)
}

// open stores facts as the act's; what has no evidence of its own has the act's.
func open[T any](j *joining, t fact.Table[T], facts []fact.Of[T]) error {
	for i := range facts {
		one := &facts[i]
		if one.ID == 0 {
			key, err := j.a.Keys(1)
			if err != nil {
				return err
			}
			one.ID = id.Fact(key)
		}
		if one.Evidence == 0 {
			one.Evidence = j.a.Evidence
		}
		one.KnownFrom, one.KnownTo = j.a.Number, 0
	}
	return t.Add(j.tx, j.a, facts)
}
