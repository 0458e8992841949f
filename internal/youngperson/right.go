package youngperson

import (
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
)

// OptOut says that the young person (from 16 on) or a parent has told us, or
// partners, not to pass on information; Started is since when, Ended until when.
// Sections 14 and 72 of the Education and Skills Act 2008 let them: a school
// still tells who somebody is, and nothing more (context.md 1.1, 1.4).
type OptOut struct {
	Scope string
	// Feed is the one sender or partner that it is about, "" for all.
	Feed string
	// SaidBy is SaidByPerson or SaidByParent, "" where a file said so; SaidName
	// is a parent's name. Competence says how it was decided that they may.
	SaidBy, SaidName, Competence string
}

// Who may tell us for a young person.
const (
	SaidByPerson = "young person"
	SaidByParent = "parent"
)

// Concerns says that the opt-out is about a sender or partner of the name.
func (o OptOut) Concerns(feed string) bool { return o.Feed == "" || o.Feed == feed }

// Strongest is the widest scope of the opt-outs in force on a day that concern a
// sender or partner of the name; "" where there is none.
func Strongest(all []fact.Of[OptOut], feed string, on civil.Date) string {
	scope := ""
	for _, f := range all {
		if !inForce(f.Version, on) || !f.Is.Concerns(feed) {
			continue
		}
		if f.Is.Scope == OptOutAll {
			return OptOutAll
		}
		scope = f.Is.Scope
	}
	return scope
}

// inForce says that a fact without readable days is in force too: whoever said
// no is not overheard because a date came wrong.
func inForce(v fact.Version, on civil.Date) bool {
	if d, err := civil.Parse(v.Started); err == nil && d.After(on) {
		return false
	}
	d, err := civil.Parse(v.Ended)
	return err != nil || !d.Before(on)
}

// OptedOut is the widest scope of the opt-outs in force on a day, of each of the
// people who have one, for a sender or partner of the name.
func OptedOut(tx *db.Tx, r id.Register, people []id.YoungPerson, feed string, on civil.Date) (map[id.YoungPerson]string, error) {
	all := map[id.YoungPerson][]fact.Of[OptOut]{}
	if err := OptOuts.Each(tx, fact.Known{Register: r, People: people}, func(f *fact.Of[OptOut]) error {
		all[f.YoungPerson] = append(all[f.YoungPerson], *f)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read opt-outs: %w", err)
	}
	out := map[id.YoungPerson]string{}
	for yp, theirs := range all {
		if scope := Strongest(theirs, feed, on); scope != "" {
			out[yp] = scope
		}
	}
	return out, nil
}

// Restriction says that the young person's record is kept and not used (UK GDPR,
// article 18): it goes into no list for contact and to no partner. What the law
// demands goes on, the return with it.
type Restriction struct {
	// Ground is one of Grounds.
	Ground, Reason string
	// Request is the reference of the request that led to it, "" for none.
	Request string
}

// Grounds are those of article 18, in words.
func Grounds() []string {
	return []string{"they say that what we hold is wrong, while we look into it", "what we do with it is unlawful, and they do not want it erased",
		"we need it no longer, and they need it for a legal claim", "they object, while we look into it"}
}

// Restricted are those whose processing is restricted on a day.
func Restricted(tx *db.Tx, r id.Register, people []id.YoungPerson, on civil.Date) (map[id.YoungPerson]bool, error) {
	out := map[id.YoungPerson]bool{}
	err := Restrictions.Each(tx, fact.Known{Register: r, People: people, Brief: true}, func(f *fact.Of[Restriction]) error {
		if inForce(f.Version, on) {
			out[f.YoungPerson] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read restrictions of processing: %w", err)
	}
	return out, nil
}

// Disagreement says that the young person, or a parent, does not agree with what
// is held, where it was not corrected.
type Disagreement struct {
	// About is what it is about, in words: "activity", "address".
	About, Words string
	// Request is the reference of the request that led to it, "" for none.
	Request string
}
