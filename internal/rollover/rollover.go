// Package rollover is 1 September.
//
// In the trade everybody moves up a year on that day: Year 10 enters the return,
// whoever is taught here and lives elsewhere passes to the authority where they
// live, whoever has turned the last age leaves, and the confirmations of the old
// year lapse. So it is rehearsed: counted and named before it comes. Then what
// must be stated is stated in one act, which can be taken back: the leavers'
// statuses, the transfers, and the G of those whom the September Guarantee keeps
// until October (nccis.md 3.1, 5.1, 5.3).
package rollover

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/season"
	"waymark/internal/standing"
)

// Service rehearses and does the rollover of registers.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	// Record gives names to those whom a number is made of.
	Record *record.Service

	mu   sync.Mutex
	kept *rehearsed
}

// Change is what 1 September does to somebody.
type Change string

// The changes, in the order of pages.
const (
	// Enters: they move up into Year 11, and into the return.
	Enters Change = "enters"
	// Passes: they live under another authority, which takes them over: status T.
	Passes Change = "passes"
	// Kept: they would pass, and stay until October's return for the guarantee
	// alone: status G.
	Kept Change = "kept"
	// Abroad: they live outside England, so nobody takes them over: status E.
	Abroad Change = "abroad"
	// Aged: they have reached the age from which nobody is tracked: status A.
	Aged Change = "aged"
	// Ceased: they were tracked for a plan that has ended: status L.
	Ceased Change = "ceased"
	// Undecided: they would pass, and nobody has said where they live. A person
	// decides.
	Undecided Change = "undecided"
	// Returned: they were stated as having left while the guarantee still owed
	// them an offer. Nothing is changed; a person looks whether they are to be
	// kept.
	Returned Change = "left while owed an offer"
	// Stays: they stay in the return, a year older.
	Stays Change = "stays"
)

// Changes are all, in the order of pages.
func Changes() []Change {
	return []Change{Enters, Passes, Kept, Abroad, Aged, Ceased, Undecided, Returned, Stays}
}

// Sets is the cohort status that the rollover states, "" for none.
func (c Change) Sets() string {
	switch c {
	case Passes:
		return "T"
	case Kept:
		return "G"
	case Abroad:
		return "E"
	case Aged:
		return "A"
	case Ceased:
		return "L"
	}
	return ""
}

// Person is one young person and what the day does to them.
type Person struct {
	Person id.YoungPerson
	Change Change
	// To is the authority that takes them over, where one does.
	To string
	// Why says it in words for a data officer.
	Why string
	// Age is the academic age from that day on.
	Age int
	// Lapses says that the confirmation of what they do lapses with the old year,
	// so that they count as not known from the day on unless somebody confirms it.
	Lapses bool
}

// Rehearsal is 1 September of a year as it would come by what is known now.
type Rehearsal struct {
	Year civil.AcademicYear
	// At is the act after which it was rehearsed.
	At     id.Act
	People []Person
	// Done is the act that rolled the year over, nil before.
	Done *Done
}

// Count is how many a change befalls.
func (r *Rehearsal) Count(c Change) (n int) {
	for i := range r.People {
		if r.People[i].Change == c {
			n++
		}
	}
	return n
}

// Sets is of how many a status is stated.
func (r *Rehearsal) Sets() (n int) {
	for i := range r.People {
		if r.People[i].Change.Sets() != "" {
			n++
		}
	}
	return n
}

// Lapsing is for how many of those who stay or enter the confirmation lapses.
func (r *Rehearsal) Lapsing() (n int) {
	for i := range r.People {
		if r.People[i].Lapses {
			n++
		}
	}
	return n
}

// Turning counts those who stay by the academic age that they reach.
func (r *Rehearsal) Turning() map[int]int {
	out := map[int]int{}
	for i := range r.People {
		if p := &r.People[i]; p.Change == Stays || p.Change == Enters {
			out[p.Age]++
		}
	}
	return out
}

// rehearsed is the rehearsal asked for last.
type rehearsed struct {
	register id.Register
	*Rehearsal
}

// Rehearse works the day out for a year, by what is known now. It needs
// access.SeeYear and names nobody.
func (s *Service) Rehearse(ctx context.Context, by access.Actor, year civil.AcademicYear) (*Rehearsal, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var book register.Register
	var live map[id.YoungPerson]bool
	var done *Done
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if book, err = register.Of(tx, by.Register); err != nil {
			return err
		}
		if live, err = season.Live(tx, by.Register, int(year), year.Start()); err != nil {
			return err
		}
		done, err = doneOf(tx, by.Register, year)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rehearse 1 September: %w", err)
	}
	out := &Rehearsal{Year: year, At: book.LastAct, Done: done}
	before, touched, err := s.remembered(ctx, book, year)
	if err != nil {
		return nil, fmt.Errorf("rehearse 1 September: %w", err)
	}
	if before != nil && before.At == book.LastAct {
		return before, nil
	}
	if before != nil { // only those whom acts have touched since
		for _, p := range before.People {
			if _, again := slices.BinarySearch(touched, p.Person); !again {
				out.People = append(out.People, p)
			}
		}
	}
	rule := s.ruleFor(book, year, live)
	known := fact.Known{Register: by.Register, At: book.LastAct, People: touched}
	err = life.EachThenBy(ctx, s.DB, known, life.LoadSituation, rule.decide, func(p *Person) {
		if p != nil {
			out.People = append(out.People, *p)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("rehearse 1 September: %w", err)
	}
	slices.SortFunc(out.People, func(a, b Person) int { return cmp.Compare(a.Person, b.Person) })
	s.mu.Lock()
	s.kept = &rehearsed{by.Register, out}
	s.mu.Unlock()
	return out, nil
}

// remembered is the rehearsal of the year that was asked for last, and about whom
// the acts since were; nil where everybody is to be looked at.
func (s *Service) remembered(ctx context.Context, book register.Register, year civil.AcademicYear) (*Rehearsal, []id.YoungPerson, error) {
	s.mu.Lock()
	k := s.kept
	s.mu.Unlock()
	if k == nil || k.register != book.ID || k.Year != year {
		return nil, nil, nil
	}
	touched, few := []id.YoungPerson{}, true
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		some, ok, err := life.Follow(tx, book.ID, k.At, book.LastAct)
		touched, few = append([]id.YoungPerson{}, some...), ok
		return err
	})
	if err != nil || !few {
		return nil, nil, err
	}
	return k.Rehearsal, touched, nil
}

// Named is one young person of a rehearsal with their row.
type Named = record.With[Person]

// People are some of those whom a change befalls, or whose confirmation lapses
// where the change is "", from the one skip on, and how many they are. It needs
// access.ListPeople, and records who was shown.
func (s *Service) People(ctx context.Context, by access.Actor, year civil.AcademicYear, c Change, skip, size int) ([]Named, int, error) {
	return s.named(ctx, by, access.SeePerson, year, c, skip, size)
}

// All are all of them, for a file: it needs access.DownloadPeople.
func (s *Service) All(ctx context.Context, by access.Actor, year civil.AcademicYear, c Change) ([]Named, error) {
	const whole = 1 << 30
	all, _, err := s.named(ctx, by, access.DownloadPeople, year, c, 0, whole)
	return all, err
}

func (s *Service) named(ctx context.Context, by access.Actor, action access.Action, year civil.AcademicYear, c Change, skip, size int) ([]Named, int, error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	r, err := s.Rehearse(ctx, by, year)
	if err != nil {
		return nil, 0, err
	}
	var fit []Person
	for _, p := range r.People {
		if c == p.Change || c == "" && p.Lapses {
			fit = append(fit, p)
		}
	}
	return record.PageOf(ctx, s.Record, by, action, fit, func(p *Person) id.YoungPerson { return p.Person }, skip, size, "rollover")
}

// Known says that the change is one of them.
func (c Change) Known() bool { return slices.Contains(Changes(), c) }
