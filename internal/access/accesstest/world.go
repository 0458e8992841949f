// Package accesstest invents small registers in which access can go wrong, with
// a model that says who may see whom, for tests and the long campaign.
//
// A world is one register: a handful of young people, two organisations whose
// numbers are easily confused, agreements in every state on either side of the
// day, and one account that asks. Many worlds lie in one database under
// registers that follow one another, with the same keys in each, so that a
// question that forgets the register answers from its neighbours.
package accesstest

import (
	"math/rand/v2"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
)

// World is one register and who asks.
type World struct {
	People       int
	Spells       []Spell
	Allocations  []Allocation
	Organisation [2]Organisation
	Agreements   []Agreement
	Bound        []Bound
	OptOuts      []OptOut
	// Kept are records that are kept and not used, by person.
	Kept         []Kept
	Restrictions []Restriction
	// Own are the records that are the account's own or a relative's.
	Own []Named
	// Roles are of the account that asks; Disabled closes it, and it lasts from
	// Begins to Expires, where there are such days.
	Roles           []access.Role
	Disabled        bool
	Begins, Expires civil.Date
	Action          access.Action
	Today           civil.Date
}

// Spell is a spell of activity of a person, from 1. Held is that the register
// still holds it.
type Spell struct {
	Person        int
	Number, UKPRN string
	Ended         string
	Held          bool
}

// Allocation is of a person to an adviser: "me" is the one who asks.
type Allocation struct {
	Person        int
	Adviser, Team string
	Ended         string
	Held          bool
}

// Organisation has the numbers by which enrolment is found.
type Organisation struct{ URN, Number, UKPRN string }

// Agreement is one with an organisation, 0 or 1.
type Agreement struct {
	With                       int
	Named                      bool
	Fields                     access.Fields
	Started, Ends              civil.Date
	Approved, Suspended, Ended bool
	People                     []Named
}

// Named is a person named in an agreement, still or no longer.
type Named struct {
	Person int
	Held   bool
}

// Bound is that the account asks for an organisation, still or no longer.
type Bound struct {
	To   int
	Held bool
}

// OptOut is that somebody told us to pass nothing on, or no more than the basics:
// to an organisation, 0 or 1, or to none (-1).
type OptOut struct {
	Person         int
	All            bool
	To             int
	Started, Ended string
	Held           bool
}

// Kept is that a record is kept and not used, from a day to a day.
type Kept struct {
	Person         int
	Started, Ended string
	Held           bool
}

// Restriction is of a person's record. Mine is that the account that asks answers
// for it; Named, that it is let through by name, while the review is not
// overdue. Broken are the minutes from now for which it has opened the record in
// need, 0 where it has not.
type Restriction struct {
	Person     int
	Kind       access.Kind
	Mine       bool
	Named      bool
	NamedStill bool
	Review     civil.Date
	Broken     int
	Held       bool
}

// Now is the moment at which every world is asked, in the middle of today.
func Now() time.Time { return time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC) }

// today is the middle of every world's time.
var today = civil.MustParse("2026-11-10")

// Actions are those that worlds ask about.
func Actions() []access.Action {
	return []access.Action{access.FindPerson, access.FindPerson, access.SeePerson, access.SeePerson, access.RecordActivity, access.DownloadPeople, access.MergePeople}
}

// New invents a world.
func New(r *rand.Rand) World {
	w := World{People: 1 + r.IntN(4), Today: today, Disabled: r.IntN(12) == 0, Action: Actions()[r.IntN(len(Actions()))]}
	if r.IntN(4) == 0 {
		w.Begins = today.AddDays([]int{-300, 0, 0, 1}[r.IntN(4)])
		w.Expires = w.Begins.AddDays([]int{0, 30, 600}[r.IntN(3)])
	}
	one := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	often := func() bool { return r.IntN(5) > 0 }
	for i := range w.Organisation {
		w.Organisation[i] = Organisation{URN: one("", "100001", "100002"), Number: one("", "9914001", "9914002"), UKPRN: one("", "10000001", "10000002")}
	}
	for p := 1; p <= w.People; p++ {
		for range r.IntN(3) {
			w.Spells = append(w.Spells, Spell{p, one("", "100001", "100002", "9914001", "9914002"), one("", "10000001", "10000002"), one("", "", "", "2026-10-01"), often()})
		}
		for range r.IntN(3) {
			w.Allocations = append(w.Allocations, Allocation{p, one("me", "me", "another"), one("", "North", "South"), one("", "", "2026-10-01"), often()})
		}
	}
	for range 1 + r.IntN(3) {
		w.Agreements = append(w.Agreements, agreement(r, w.People))
	}
	for range 1 + r.IntN(2) {
		w.Bound = append(w.Bound, Bound{r.IntN(2), r.IntN(8) > 0})
	}
	w.protect(r)
	all := access.Roles()
	// Partners are where it is hard: half of all who ask are partners.
	if r.IntN(2) == 0 {
		w.Roles = []access.Role{[]access.Role{access.Partner, access.CarePartner}[r.IntN(2)]}
	}
	for range max(0, r.IntN(5)-2) {
		w.Roles = append(w.Roles, all[r.IntN(len(all))])
	}
	if len(w.Roles) == 0 && r.IntN(10) > 0 {
		w.Roles = []access.Role{all[r.IntN(len(all))]}
	}
	return w
}

// protect invents who has told us not to pass things on, and what is restricted.
func (w *World) protect(r *rand.Rand) {
	started := func() string {
		return []string{"", "2026-09-01", "2026-11-10", "2026-11-10", "2026-11-11"}[r.IntN(5)]
	}
	ended := func() string { return []string{"", "", "2026-11-09", "2026-11-10", "2027-03-01"}[r.IntN(5)] }
	still := func() bool { return r.IntN(6) > 0 }
	for p := 1; p <= w.People; p++ {
		if r.IntN(3) == 0 {
			w.OptOuts = append(w.OptOuts, OptOut{p, r.IntN(3) == 0, r.IntN(3) - 1, started(), ended(), still()})
		}
		if r.IntN(6) == 0 {
			w.Kept = append(w.Kept, Kept{p, started(), ended(), still()})
		}
		for _, kind := range access.Kinds() {
			if r.IntN(8) > 0 {
				continue
			}
			one := Restriction{Person: p, Kind: kind, Mine: r.IntN(5) == 0, Named: r.IntN(2) == 0, NamedStill: still(), Held: still(),
				Review: today.AddDays([]int{-1, 0, 1, 60}[r.IntN(4)])}
			if kind == access.Locked && r.IntN(3) == 0 {
				one.Broken = []int{-1, 1, 29}[r.IntN(3)]
			}
			w.Restrictions = append(w.Restrictions, one)
		}
		if r.IntN(12) == 0 {
			w.Own = append(w.Own, Named{p, still()})
		}
	}
}

func agreement(r *rand.Rand, people int) Agreement {
	g := Agreement{With: r.IntN(2), Named: r.IntN(2) == 0, Fields: access.Fields(r.Uint32()) & access.AllFields,
		Approved: r.IntN(5) > 0, Suspended: r.IntN(10) == 0, Ended: r.IntN(8) == 0}
	// Its days lie on, beside and far from today.
	g.Started = today.AddDays([]int{-400, -30, -1, 0, 0, 1, 30}[r.IntN(7)])
	g.Ends = g.Started.AddDays([]int{0, 1, 30, 365, 365, 800}[r.IntN(6)])
	for p := 1; p <= people; p++ {
		if r.IntN(2) == 0 {
			g.People = append(g.People, Named{p, r.IntN(5) > 0})
		}
	}
	return g
}

// inForce says whether an agreement is in force on the world's day.
func (w World) inForce(g Agreement) bool {
	return g.Approved && !g.Suspended && !g.Ended && !w.Today.Before(g.Started) && !w.Today.After(g.Ends)
}

// at says whether a spell is at an organisation.
func (s Spell) at(o Organisation) bool {
	return s.Number != "" && (s.Number == o.URN || s.Number == o.Number) || s.UKPRN != "" && s.UKPRN == o.UKPRN
}

// asksFor says whether the account asks for the organisation.
func (w World) asksFor(with int) bool {
	for _, b := range w.Bound {
		if b.Held && b.To == with {
			return true
		}
	}
	return false
}

// on says that the world's day lies between two, of which either may be open.
func (w World) on(started, ended string) bool {
	day := w.Today.String()
	return started <= day && (ended == "" || ended >= day)
}

// told says whether somebody told us to pass on to an organisation nothing at
// all of a person, or no more than the basics.
func (w World) told(person, with int) (nothing, little bool) {
	for _, o := range w.OptOuts {
		if o.Person == person && o.Held && (o.To == -1 || o.To == with) && w.on(o.Started, o.Ended) {
			nothing, little = nothing || o.All, true
		}
	}
	return nothing, little
}

// kept says whether a person's record is kept and not used.
func (w World) kept(person int) bool {
	return slices.ContainsFunc(w.Kept, func(k Kept) bool { return k.Person == person && k.Held && w.on(k.Started, k.Ended) })
}

// barred says whether a restriction keeps the person's record from the account,
// and whether it is then as if absent, and not a line without a name.
func (w World) barred(person int) (barred, hidden bool) {
	hidden = w.kept(person) && w.holds([]access.Role{access.Partner, access.CarePartner})
	for _, one := range w.Restrictions {
		through := one.Mine || one.Named && one.NamedStill && !one.Review.Before(w.Today)
		if one.Person != person || !one.Held || through {
			continue
		}
		switch one.Kind {
		case access.Hidden:
			hidden = true
		case access.Locked:
			barred = barred || one.Broken <= 0
		}
	}
	for _, own := range w.Own {
		barred = barred || own.Person == person && own.Held
	}
	return barred || hidden, hidden
}

// covers says whether an agreement is about a person.
func (w World) covers(g Agreement, person int) bool {
	if g.Named {
		for _, n := range g.People {
			if n.Held && n.Person == person {
				return true
			}
		}
		return false
	}
	for _, s := range w.Spells {
		if s.Person == person && s.Held && s.Ended == "" && s.at(w.Organisation[g.With]) {
			return true
		}
	}
	return false
}

// Agreed are the fields that agreements in force give of a person, and whether
// any covers them.
func (w World) Agreed(person int) (f access.Fields, any bool) {
	for _, g := range w.Agreements {
		nothing, little := w.told(person, g.With)
		if !w.asksFor(g.With) || !w.inForce(g) || !w.covers(g, person) || nothing || w.kept(person) {
			continue
		}
		if any = true; little {
			f |= g.Fields & (access.Names | access.Birth | access.Address | access.Carers)
		} else {
			f |= g.Fields
		}
	}
	return f, any
}

// suspended says whether an agreement of an organisation for which the account
// asks waits to be approved again.
func (w World) suspended() bool {
	for _, g := range w.Agreements {
		if w.asksFor(g.With) && g.Suspended && !g.Ended && !w.Today.After(g.Ends) {
			return true
		}
	}
	return false
}

// roles that may do the worlds' actions to everybody, and to their own; written
// by hand, so that a changed rule is a decision in two places.
var (
	toAll = map[access.Action][]access.Role{
		access.FindPerson:     {access.Adviser, access.TeamManager, access.DataOfficer, access.InformationGovernance, access.ContactCentre},
		access.SeePerson:      {access.Adviser, access.TeamManager, access.DataOfficer, access.InformationGovernance, access.ContactCentre},
		access.RecordActivity: {access.Adviser, access.TeamManager, access.DataOfficer, access.ContactCentre},
		access.DownloadPeople: {access.TeamManager, access.DataOfficer, access.InformationGovernance},
		access.MergePeople:    {access.TeamManager, access.DataOfficer},
	}
	toTheirs = map[access.Action][]access.Role{
		access.FindPerson: {access.Partner, access.CarePartner},
		access.SeePerson:  {access.Partner, access.CarePartner},
	}
)

func (w World) holds(roles []access.Role) bool {
	for _, r := range roles {
		for _, held := range w.Roles {
			if r == held {
				return true
			}
		}
	}
	return false
}

// Closed says whether the account is closed, has ended or has not begun.
func (w World) Closed() bool {
	return w.Disabled || !w.Begins.IsZero() && w.Today.Before(w.Begins) || !w.Expires.IsZero() && w.Today.After(w.Expires)
}

// Lets is the model: whether the account may do the action to a person.
func (w World) Lets(person int) bool {
	barred, _ := w.barred(person)
	return !barred && w.allows(person)
}

// Lists is the model of a list in which a locked record is a line without a name.
func (w World) Lists(person int) bool {
	_, hidden := w.barred(person)
	return !hidden && w.allows(person)
}

// allows is Lets but for what restrictions forbid.
func (w World) allows(person int) bool {
	if w.Closed() || w.suspended() {
		return false
	}
	if w.holds(toAll[w.Action]) {
		return true
	}
	_, agreed := w.Agreed(person)
	return agreed && w.holds(toTheirs[w.Action])
}

// Relations are what a person is to the account.
func (w World) Relations(person int) access.Relation {
	var out access.Relation
	for _, a := range w.Allocations {
		if a.Person != person || !a.Held || a.Ended != "" {
			continue
		}
		if a.Adviser == "me" {
			out |= access.Allocated
		}
		for _, m := range w.Allocations {
			if a.Team != "" && m.Team == a.Team && m.Adviser == "me" && m.Held && m.Ended == "" {
				out |= access.Team
			}
		}
	}
	for i, o := range w.Organisation {
		for _, s := range w.Spells {
			if w.asksFor(i) && s.Person == person && s.Held && s.Ended == "" && s.at(o) {
				out |= access.Enrolled
			}
		}
	}
	if _, agreed := w.Agreed(person); agreed && w.holds([]access.Role{access.Partner, access.CarePartner}) {
		out |= access.Agreed
	}
	return out
}
