package merge

import (
	"fmt"
	"maps"
	"slices"

	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/need"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

// Fields of which the two records may hold different values, and one must be
// chosen. They stand in addresses, so they are no names of what identifies
// somebody. A September Guarantee's is guaranteeField.
const (
	FieldName        = "called"
	FieldBirth       = "born"
	FieldGender      = "gender"
	FieldEthnicity   = "ethnicity"
	FieldULN         = "learner"
	FieldUPN         = "pupil"
	FieldPrevious    = "previous"
	FieldAddress     = "address"
	FieldActivity    = "activity"
	FieldCohort      = "cohort"
	FieldNeed        = "need"
	FieldDestination = "destination"
	FieldAdviser     = "adviser"
)

func guaranteeField(g *guarantee.Guarantee) string {
	return fmt.Sprintf("guarantee-%s-%d", g.Node, g.Season)
}

// Chosen says of which fields the value of the other record is taken; of all
// that are not named the record that stays keeps its own.
type Chosen map[string]bool

// folded is what two lives come to.
type folded struct {
	// after is the life of the record that stays.
	after *life.Life
	// past is what was not chosen: told of the record that stays, and let go of,
	// in one act, so that its history and finding know it.
	past *life.Life
}

// folding works it out. It is pure: the same two lives and choices give the
// same life.
type folding struct {
	keep, other *life.Life
	chosen      Chosen
	today       civil.Date
	folded
}

// fold puts the life of the other record into the one that stays.
func fold(keep, other *life.Life, chosen Chosen, today civil.Date) folded {
	f := &folding{keep: keep, other: other, chosen: chosen, today: today, folded: folded{&life.Life{Person: keep.Person}, &life.Life{Person: keep.Person}}}
	f.names()
	f.particulars()
	f.identifiers()
	single(f, FieldAddress, &f.after.Addresses, &f.past.Addresses, keep.Addresses, other.Addresses, nil)
	single(f, FieldAdviser, &f.after.Allocations, &f.past.Allocations, keep.Allocations, other.Allocations, nil)
	f.status()
	single(f, FieldCohort, &f.after.Statuses, &f.past.Statuses, keep.Statuses, other.Statuses, nil)
	single(f, FieldNeed, &f.after.Needs, &f.past.Needs, keep.Needs, other.Needs, nil)
	single(f, FieldDestination, &f.after.Destinations, &f.past.Destinations, keep.Destinations, other.Destinations, nil)
	f.guarantees()
	f.carried()
	f.spells()
	several(&f.after.Reaches, keep.Reaches, other.Reaches, func(a, b *fact.Of[youngperson.Reach]) bool {
		return a.Ended == b.Ended && a.Is.Kind == b.Is.Kind && standing.Fold(a.Is.Value) == standing.Fold(b.Is.Value)
	}, keep.Person.ID)
	several(&f.after.Carers, keep.Carers, other.Carers, same, keep.Person.ID)
	several(&f.after.Offers, keep.Offers, other.Offers, same, keep.Person.ID)
	several(&f.after.Contacts, keep.Contacts, other.Contacts, same, keep.Person.ID)
	several(&f.after.OptOuts, keep.OptOuts, other.OptOuts, same, keep.Person.ID)
	several(&f.after.Restrictions, keep.Restrictions, other.Restrictions, same, keep.Person.ID)
	several(&f.after.Disagreements, keep.Disagreements, other.Disagreements, same, keep.Person.ID)
	several(&f.after.Safety, keep.Safety, other.Safety, same, keep.Person.ID)
	several(&f.after.NoMessages, keep.NoMessages, other.NoMessages, same, keep.Person.ID)
	several(&f.after.Signals, keep.Signals, other.Signals, same, keep.Person.ID)
	several(&f.after.Characteristics, keep.Characteristics, other.Characteristics, func(a, b *fact.Of[need.Characteristic]) bool {
		return a.Is == b.Is && a.Ended == b.Ended
	}, keep.Person.ID)
	return f.folded
}

// same says that two facts say the same of the same days.
func same[T comparable](a, b *fact.Of[T]) bool {
	return a.Is == b.Is && a.Started == b.Started && a.Ended == b.Ended
}

// moved is a fact of the other record as the one that stays holds it.
func moved[T any](f fact.Of[T], to id.YoungPerson) fact.Of[T] {
	f.YoungPerson = to
	return f
}

// several keeps all of both, but no fact twice.
func several[T any](after *[]fact.Of[T], keep, other []fact.Of[T], alike func(a, b *fact.Of[T]) bool, to id.YoungPerson) {
	*after = append(*after, keep...)
	for i := range other {
		if !held(*after, &other[i], alike) {
			*after = append(*after, moved(other[i], to))
		}
	}
}

func held[T any](facts []fact.Of[T], one *fact.Of[T], alike func(a, b *fact.Of[T]) bool) bool {
	for i := range facts {
		if alike(&facts[i], one) {
			return true
		}
	}
	return false
}

// over says that a fact was so no longer on the day.
func over(v fact.Version, today civil.Date) bool {
	ended, err := civil.Parse(v.Ended)
	return err == nil && ended.Before(today)
}

// single keeps one value in force: the chosen one. of narrows to the facts that
// compete for one place; nil is all.
func single[T comparable](f *folding, field string, after, past *[]fact.Of[T], keep, other []fact.Of[T], of func(*T) bool) {
	if of == nil {
		of = func(*T) bool { return true }
	}
	k, o := life.InForceOf(keep, f.today, of), life.InForceOf(other, f.today, of)
	var nothing T
	take := k != nil && o != nil && o.Is != nothing && (f.chosen[field] || k.Is == nothing)
	for i := range keep {
		if of(&keep[i].Is) {
			one := keep[i]
			if take && one.ID == k.ID && k.Is != o.Is {
				one.Is, one.Started, one.Ended, one.Evidence = o.Is, o.Started, o.Ended, o.Evidence
			}
			*after = append(*after, one)
		}
	}
	for i := range other {
		one := moved(other[i], f.keep.Person.ID)
		switch {
		case !of(&one.Is), held(*after, &one, same):
		case k == nil, over(one.Version, f.today):
			*after = append(*after, one)
		case o != nil && one.ID == o.ID && (k.Is == o.Is || take):
			// What it says stands in the fact of the record that stays.
		default:
			*past = append(*past, one)
		}
	}
}

// names keeps one legal name in force; the other becomes a former name.
func (f *folding) names() {
	legal := func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }
	demote(f, FieldName, &f.after.Names, f.keep.Names, f.other.Names, legal,
		func(a, b *youngperson.Name) bool { return *a == *b }, func(n *youngperson.Name) { n.Kind = youngperson.Former })
	rest := func(facts []fact.Of[youngperson.Name]) (out []fact.Of[youngperson.Name]) {
		for _, one := range facts {
			if !legal(&one.Is) {
				out = append(out, one)
			}
		}
		return out
	}
	several(&f.after.Names, rest(f.keep.Names), rest(f.other.Names), same, f.keep.Person.ID)
}

// demote keeps one of the facts that of lets through in force, the chosen one,
// and holds the others under another kind, which answers to nothing but being
// looked for.
func demote[T comparable](f *folding, field string, after *[]fact.Of[T], keep, other []fact.Of[T], of func(*T) bool, alike func(a, b *T) bool, down func(*T)) {
	k, o := life.InForceOf(keep, f.today, of), life.InForceOf(other, f.today, of)
	take := k != nil && o != nil && !alike(&k.Is, &o.Is) && f.chosen[field]
	for _, one := range keep {
		if !of(&one.Is) {
			continue
		}
		if take && !over(one.Version, f.today) {
			down(&one.Is)
		}
		*after = append(*after, one)
	}
	for i := range other {
		one := moved(other[i], f.keep.Person.ID)
		if !of(&one.Is) {
			continue
		}
		inForce := o != nil && one.ID == o.ID
		if inForce && k != nil && alike(&k.Is, &o.Is) {
			continue
		}
		if !over(one.Version, f.today) && k != nil && !(inForce && take) {
			down(&one.Is)
		}
		if !held(*after, &one, same) {
			*after = append(*after, one)
		}
	}
}

// particulars are chosen one by one, and may come to be of both records.
func (f *folding) particulars() {
	k, o := life.InForce(f.keep.Particulars, f.today), life.InForce(f.other.Particulars, f.today)
	if k == nil || o == nil {
		single(f, "", &f.after.Particulars, &f.past.Particulars, f.keep.Particulars, f.other.Particulars, nil)
		return
	}
	is := k.Is
	for _, one := range []struct {
		field string
		to    *string
		from  string
	}{{FieldBirth, &is.DOB, o.Is.DOB}, {FieldGender, &is.Gender, o.Is.Gender}, {FieldEthnicity, &is.Ethnicity, o.Is.Ethnicity}} {
		if *one.to == "" || one.from != "" && f.chosen[one.field] {
			*one.to = one.from
		}
	}
	single(f, "", &f.after.Particulars, &f.past.Particulars, f.keep.Particulars, f.other.Particulars, nil)
	for i := range f.after.Particulars {
		one := &f.after.Particulars[i]
		if one.ID != k.ID || one.Is == is {
			continue
		}
		if one.Is, one.Evidence = is, 0; is == o.Is {
			one.Evidence = o.Evidence
		}
	}
	f.past.Particulars = slices.DeleteFunc(f.past.Particulars, func(p fact.Of[youngperson.Particulars]) bool { return p.Is == is })
}

// identifiers keep one number of each scheme in force. A learner number or a
// pupil number that was not chosen is held as a former one, and answers when a
// file comes with it; the YoungPersonsID of the other record stays findable.
func (f *folding) identifiers() {
	of := func(scheme string) func(*youngperson.Identifier) bool {
		return func(i *youngperson.Identifier) bool { return i.Scheme == scheme }
	}
	alike := func(a, b *youngperson.Identifier) bool { return *a == *b }
	demote(f, FieldULN, &f.after.Identifiers, f.keep.Identifiers, f.other.Identifiers, of(youngperson.ULN), alike,
		func(i *youngperson.Identifier) { i.Scheme = youngperson.FormerULN })
	demote(f, FieldUPN, &f.after.Identifiers, f.keep.Identifiers, f.other.Identifiers, of(youngperson.UPN), alike,
		func(i *youngperson.Identifier) { i.Scheme = youngperson.FormerUPN })
	single(f, FieldPrevious, &f.after.Identifiers, &f.past.Identifiers, f.keep.Identifiers, f.other.Identifiers, of(youngperson.Previous))
	rest := func(facts []fact.Of[youngperson.Identifier]) (out []fact.Of[youngperson.Identifier]) {
		for _, one := range facts {
			switch one.Is.Scheme {
			case youngperson.ULN, youngperson.UPN, youngperson.Previous:
			default:
				out = append(out, one)
			}
		}
		return out
	}
	theirs := rest(f.other.Identifiers)
	for i := range theirs {
		// A former id of the other record was never one of this.
		if theirs[i].Is.Scheme == youngperson.FormerID {
			theirs[i].Is.Scheme = youngperson.MergedID
		}
	}
	several(&f.after.Identifiers, rest(f.keep.Identifiers), theirs, same, f.keep.Person.ID)
	if theirID := f.other.Person.YoungPersonsID; theirID != "" {
		f.after.Identifiers = append(f.after.Identifiers, fact.Of[youngperson.Identifier]{Version: fact.Version{YoungPerson: f.keep.Person.ID},
			Is: youngperson.Identifier{Scheme: youngperson.MergedID, Value: theirID}})
	}
}

// guarantees hold one status for each node and season.
func (f *folding) guarantees() {
	done := map[string]bool{}
	for _, list := range [][]fact.Of[guarantee.Guarantee]{f.keep.Guarantees, f.other.Guarantees} {
		for i := range list {
			field := guaranteeField(&list[i].Is)
			if !done[field] {
				done[field] = true
				single(f, field, &f.after.Guarantees, &f.past.Guarantees, f.keep.Guarantees, f.other.Guarantees,
					func(g *guarantee.Guarantee) bool { return guaranteeField(g) == field })
			}
		}
	}
}

// carried holds one value for each older item; nobody is asked about them.
func (f *folding) carried() {
	done := map[string]bool{}
	for _, list := range [][]fact.Of[youngperson.Carried]{f.keep.Carried, f.other.Carried} {
		for i := range list {
			item := list[i].Is.Item
			if !done[item] {
				done[item] = true
				single(f, "", &f.after.Carried, &f.past.Carried, f.keep.Carried, f.other.Carried, func(c *youngperson.Carried) bool { return c.Item == item })
			}
		}
	}
}

// duplicate is the cohort status of a record found to be another's double
// (nccis.md 3.1). It is said of a record, never of the young person.
const duplicate = "M"

// status chooses where nobody is asked: never that of a record that was reported
// as a double, and of two that differ only in the day the one stated later.
func (f *folding) status() {
	k, o := life.InForce(f.keep.Statuses, f.today), life.InForce(f.other.Statuses, f.today)
	if k == nil || o == nil {
		return
	}
	take := f.chosen[FieldCohort]
	switch {
	case k.Is.Status == duplicate || o.Is.Status == duplicate:
		take = o.Is.Status != duplicate
	case statusOf(k.Is) == statusOf(o.Is):
		take = dayOf(o.Is.StatedOn).After(dayOf(k.Is.StatedOn))
	}
	f.chosen = maps.Clone(f.chosen)
	if f.chosen == nil {
		f.chosen = Chosen{}
	}
	f.chosen[FieldCohort] = take
}

// statusOf leaves out the day for which a status was stated: it is not what two
// records can differ in.
func statusOf(s cohort.Status) cohort.Status {
	s.StatedOn = ""
	return s
}
