// Package access decides who may do what to whom.
//
// In the trade, access to a young person's record is given by a person's work:
// an adviser's caseload, a data officer's files, a manager's team, a
// commissioner's figures, a college's own students. It is refused unless a rule
// allows it, and what forbids wins over what allows, in whatever order they are
// asked.
//
// Decide answers for one; Scope gives the condition that finds all for whom
// Decide would say yes, and Look the same as a Sieve for those who hold a
// register in memory. The three must always agree.
package access

import (
	"fmt"
	"slices"
	"time"

	"waymark/internal/civil"
	"waymark/internal/id"
)

// Actor is whoever acts or looks, in one register.
type Actor struct {
	Register id.Register
	// Ref is account:REF, operator:NAME or system; it stands in every act.
	Ref string
	// Account is 0 for commands.
	Account id.Account
	// Name is shown to people.
	Name  string
	Roles []Role
	// Request is the id of the request or command, for the log.
	Request string
	// Reason is why they look at the young person whom this request is about,
	// where they have no relation on file and have said why. It stands in every
	// sight.
	Reason string
	// Today is the day of the request, in London: an agreement is in force on a
	// day. Without one, whoever sees people by an agreement sees nobody.
	Today civil.Date
	// Now is the moment of the request: a locked record that was opened in need is
	// open until a moment. Without one none is open in a Scope.
	Now time.Time
}

// Holds says that the actor has the role.
func (a Actor) Holds(r Role) bool {
	for _, held := range a.Roles {
		if held == r {
			return true
		}
	}
	return false
}

// byAgreement says that some of what the actor sees hangs on agreements.
func (a Actor) byAgreement() bool { return slices.ContainsFunc(a.Roles, Role.ByAgreement) }

// SeesWhole says that the actor sees every field of whomever they may see, so
// that nothing need be left out.
func (a Actor) SeesWhole() bool { return a.fields(0) == AllFields }

// Denied is the refusal of one action.
type Denied struct {
	Action Action
	Reason string
}

func (d Denied) Error() string { return fmt.Sprintf("you may not %s: %s", d.Action, d.Reason) }

// Subject is what an action is about.
type Subject struct {
	Register id.Register
	// YoungPerson is 0 where the action is about nobody in particular.
	YoungPerson id.YoungPerson
	// Relations and Forbidden are what is known of the young person and the
	// actor; About reads them.
	Relations Relation
	Forbidden Forbid
	// Agreed are the fields that agreements in force give of the young person.
	Agreed Fields
}

// Fields are what the actor sees of the subject, once Decide lets them see it.
func (s Subject) Fields(a Actor) Fields { return a.fields(s.Agreed) }

// Decide returns nil where the actor may do the action to the subject, and
// Denied with the reason where not. About a young person it needs what About
// has read.
func Decide(a Actor, action Action, s Subject) error {
	if action == Public {
		return nil
	}
	if a.Ref == "" {
		return Denied{action, "you are not signed in"}
	}
	if s.Register != a.Register {
		return Denied{action, "it belongs to another register"}
	}
	if f := s.Forbidden.to(action); f != 0 {
		return Denied{action, f.reason()}
	}
	switch ReachOf(a, action) {
	case Everybody:
		return nil
	case Theirs:
		if s.YoungPerson == 0 || s.Relations.Has(Agreed) {
			return nil
		}
		return Denied{action, "no agreement in force gives you this young person"}
	}
	return Denied{action, "your role does not include it"}
}

// May is Decide for showing or hiding a link.
func May(a Actor, action Action) bool {
	return Decide(a, action, Subject{Register: a.Register}) == nil
}
