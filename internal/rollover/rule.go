package rollover

import (
	"fmt"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// rule decides what the day does to one life. It is pure: it depends on what it
// is given, so that it is tried on invented people and told again in the act.
type rule struct {
	book        register.Book
	requirement *nccis.Requirement
	before      *nccis.Edition
	after       *nccis.Edition
	// last and first are the last day of the old year, and the end of the first
	// month of the new one: ages and statuses are decided by months.
	last, first civil.Date
	live        map[id.YoungPerson]bool
}

func (s *Service) ruleFor(book register.Register, year civil.AcademicYear, live map[id.YoungPerson]bool) *rule {
	r := &rule{book: book.Book(), requirement: s.Requirement, live: live, last: year.Start().AddDays(-1), first: year.Start().InMonth().End()}
	if invented := book.Invented(); len(invented) > 0 {
		r.requirement = s.Requirement.WithInvented(invented)
	}
	r.before, _ = r.requirement.EditionOn(r.last)
	r.after, _ = r.requirement.EditionOn(r.first)
	return r
}

// decide is what the day does to a life; nil to whom it does nothing.
func (r *rule) decide(l *life.Life) *Person {
	was, is := l.On(r.book, r.before, r.last), l.On(r.book, r.after, r.first)
	held, next := was.Record.Values[nccis.CohortStatus], is.Record.Values[nccis.CohortStatus]
	born, err := civil.Parse(is.Record.Values[nccis.DOB])
	if err != nil {
		return nil // nobody grows older without a birth date: that is a finding of the return
	}
	p := &Person{Person: l.Person.ID, Age: civil.AcademicAge(born, r.first), Why: is.Why}
	member := func(status string, in bool) bool { return in && (status == "P" || status == "G") }
	before, after := member(held, was.In), member(next, is.In)
	switch {
	case !before && after:
		p.Change = Enters
	case before && after && next == "G" && held != "G":
		p.Change = Kept // it was stated already
	case before && after:
		p.Change = Stays
	case !before && r.live[p.Person] && (held == "T" || held == "E" || held == "A" || held == "L"):
		p.Change, p.Why = Returned, "Stated as having left, and still on the live baseline of the guarantee."
	case !before || !is.In:
		return nil
	default:
		to := is.Record.Values[nccis.TransferredToLACode]
		if to == "" {
			to = is.Record.Values[nccis.LeadLEA]
		}
		r.leaves(p, next, to)
	}
	if after {
		p.Lapses = was.Spell != nil && is.Spell != nil && was.Spell.ID == is.Spell.ID &&
			!nccis.Lapsed(was.Lapses, r.last) && nccis.Lapsed(is.Lapses, r.last.AddDays(1))
	}
	return p
}

// leaves says how somebody leaves the return with the old year.
func (r *rule) leaves(p *Person, status, lead string) {
	switch status {
	case "A":
		p.Change = Aged
	case "L":
		p.Change = Ceased
	case "T":
		r.passes(p, lead)
	default:
		p.Change, p.Why = Undecided, fmt.Sprintf("The cohort status is %q: choose the right one.", status)
		return
	}
	// Whoever would leave and is owed an offer is kept until the guarantee's last
	// return (nccis.md 3.1).
	if r.live[p.Person] && p.Change != Undecided {
		p.Why = "Kept for this authority's September Guarantee until its return at the end of October. After that: " + p.Why
		p.Change, p.To = Kept, ""
	}
}

// passes says who takes somebody over who lives elsewhere.
func (r *rule) passes(p *Person, lead string) {
	la, known := r.requirement.LocalAuthority(lead, r.first)
	switch {
	case known && la.English() && !r.book.Authorities[lead]:
		p.Change, p.To = Passes, lead
		p.Why = fmt.Sprintf("Lives in %s: its record passes there now that Year 11 is over.", la.Name)
		if p.Age != 16 {
			p.Why = fmt.Sprintf("Lives in %s, which leads now.", la.Name)
		}
	case known && !la.English() && lead != unknownArea:
		p.Change, p.Why = Abroad, fmt.Sprintf("Lives outside England (%s): no authority takes the record over.", la.Name)
	default:
		p.Change, p.Why = Undecided, "Nobody has said which authority leads, so nobody can take the record over. Add it, and rehearse again."
	}
}

// unknownArea is the code that may not be transferred to (nccis.md 12.1).
const unknownArea = "004"
