package demo

import (
	"math/rand/v2"
	"slices"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// teller leads one life and tells what becomes known of it.
type teller struct {
	w *World
	p *Person
	r *rand.Rand
	// known and day are the act that is telling, source where it rests on a
	// list.
	known    int
	day      civil.Date
	evidence id.Evidence
}

// by sets the act that tells from here on.
func (t *teller) by(m civil.Month, slot, source int) {
	t.known, t.day = t.w.slot(m, slot)
	t.evidence = id.Evidence(-1 - source)
	if t.known == 1 {
		t.evidence = id.Evidence(-1 - fromSupplier)
	}
}

// heard is by for one of the young person's own adviser's acts, on evidence of
// its own.
func (t *teller) heard(m civil.Month, e act.Evidence) {
	t.known, t.day = t.w.slot(m, 1+t.p.adviser)
	e.ReceivedOn = t.day
	t.p.Told = append(t.p.Told, e)
	t.p.toldBy = append(t.p.toldBy, t.known)
	t.evidence = id.Evidence(len(t.p.Told))
}

func (t *teller) version(started string) fact.Version {
	t.p.next++
	return fact.Version{ID: id.Fact(t.p.next), Started: started, KnownFrom: id.Act(t.known), Evidence: t.evidence}
}

// tell adds a fact.
func tell[T any](t *teller, to *[]fact.Of[T], started civil.Date, is T) *fact.Of[T] {
	*to = append(*to, fact.Of[T]{Version: t.version(started.String()), Is: is})
	return &(*to)[len(*to)-1]
}

// newest is the last fact told that is still held and that keep keeps, -1 where
// there is none.
func newest[T any](facts []fact.Of[T], keep func(*T) bool) int {
	for i := len(facts) - 1; i >= 0; i-- {
		if facts[i].KnownTo == 0 && (keep == nil || keep(&facts[i].Is)) {
			return i
		}
	}
	return -1
}

// revise closes what is held of a fact and tells it anew, changed.
func revise[T any](t *teller, facts *[]fact.Of[T], i int, change func(*fact.Of[T])) {
	old := &(*facts)[i]
	if int(old.KnownFrom) == t.known {
		change(old)
		return
	}
	next := *old
	old.KnownTo = id.Act(t.known)
	next.KnownFrom, next.KnownTo, next.Evidence = id.Act(t.known), 0, t.evidence
	change(&next)
	*facts = append(*facts, next)
}

// end closes a fact in valid time, from the act that tells on.
func end[T any](t *teller, facts *[]fact.Of[T], keep func(*T) bool, last civil.Date) {
	if i := newest(*facts, keep); i >= 0 {
		revise(t, facts, i, func(f *fact.Of[T]) { f.Ended = last.String() })
	}
}

// start begins a spell, ends the one before, and confirms it on the day that it
// is told. It returns the first day of the spell.
func (t *teller) start(on civil.Date, s activity.Spell) civil.Date {
	if i := newest(t.p.Spells, nil); i >= 0 {
		before := civil.MustParse(t.p.Spells[i].Started)
		if !before.Before(t.day) {
			return before // nothing else can have begun since
		}
		if !on.After(before) {
			on = before.AddDays(1)
		}
		if t.p.Spells[i].Ended == "" {
			last := on.AddDays(-1)
			revise(t, &t.p.Spells, i, func(f *fact.Of[activity.Spell]) { f.Ended = last.String() })
		}
	}
	if t.day.Before(on) {
		on = t.day
	}
	s.Ascertained = t.day.String()
	f := tell(t, &t.p.Spells, on, s)
	t.verify(f.ID)
	return on
}

// verify confirms a spell on the day.
func (t *teller) verify(spell id.Fact) {
	tell(t, &t.p.Verifications, t.day, activity.Verification{Spell: spell, Verified: t.day.String()})
}

// confirm confirms the spell that is on.
func (t *teller) confirm() {
	if i := newest(t.p.Spells, func(*activity.Spell) bool { return true }); i >= 0 {
		t.verify(t.p.Spells[i].ID)
	}
}

// At is the life as the register held it after an act; the whole of it, with
// the waiting file's facts, after the last.
func (p *Person) At(known int) *life.Life {
	l := &life.Life{Person: p.Person}
	held(&l.Names, p.Names, known)
	held(&l.Particulars, p.Particulars, known)
	held(&l.Identifiers, p.Identifiers, known)
	held(&l.Addresses, p.Addresses, known)
	held(&l.Reaches, p.Reaches, known)
	held(&l.Carers, p.Carers, known)
	held(&l.Allocations, p.Allocations, known)
	held(&l.Statuses, p.Statuses, known)
	held(&l.Needs, p.Needs, known)
	held(&l.Characteristics, p.Characteristics, known)
	held(&l.Spells, p.Spells, known)
	held(&l.Verifications, p.Verifications, known)
	held(&l.Guarantees, p.Guarantees, known)
	held(&l.Destinations, p.Destinations, known)
	held(&l.Offers, p.Offers, known)
	held(&l.Contacts, p.Contacts, known)
	return l
}

func held[T any](to *[]fact.Of[T], from []fact.Of[T], known int) {
	revised, n := false, 0
	for i := range from {
		f := &from[i]
		if int(f.KnownFrom) > known || (f.KnownTo != 0 && int(f.KnownTo) <= known) {
			revised = true
			continue
		}
		n++
	}
	if !revised {
		*to = from
		return
	}
	out := make([]fact.Of[T], 0, n)
	for i := range from {
		f := from[i]
		if int(f.KnownFrom) > known || (f.KnownTo != 0 && int(f.KnownTo) <= known) {
			continue
		}
		f.KnownTo = 0
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b fact.Of[T]) int { return int(a.ID - b.ID) })
	*to = out
}

// KnownFrom is the act by which the person became known.
func (p *Person) KnownFrom() int { return int(p.Person.KnownFrom) }

// Legal is the family and given name that the person has now.
func (p *Person) Legal() youngperson.Name {
	if i := newest(p.Names, func(n *youngperson.Name) bool { return n.Kind == youngperson.Legal }); i >= 0 {
		return p.Names[i].Is
	}
	return youngperson.Name{}
}

// first is a list of one value that is not told yet.
func first[T any](is T) []fact.Of[T] { return []fact.Of[T]{{Is: is}} }

type factOf[T any] = fact.Of[T]
