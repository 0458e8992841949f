package season

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/record"
)

// Count is how the people of a node, or of one school in it, stand.
type Count struct {
	// Baseline is how many stood on the baseline; Later came after it, Left are
	// owed nothing any more. Owed is Baseline and Later without Left: those of
	// whom the Department publishes.
	Baseline, Later, Left, Owed int
	// By are those owed, by outcome; together they are Owed.
	By map[Outcome]int
	// Status are those owed, by status code.
	Status map[string]int
	// Intended are those owed who have said where they intend to go, Differs those
	// whose offers speak for another status than the one that is held.
	Intended, Differs int
}

func newCount() Count { return Count{By: map[Outcome]int{}, Status: map[string]int{}} }

func (c *Count) add(p *Person) {
	if p.Baseline {
		c.Baseline++
	}
	switch {
	case !p.Owed:
		c.Left++
		return
	case !p.Baseline:
		c.Later++
	}
	c.Owed++
	c.By[p.Outcome]++
	c.Status[p.Status]++
	if p.Intended {
		c.Intended++
	}
	if p.Proposed != "" {
		c.Differs++
	}
}

// SchoolCount is one school's.
type SchoolCount struct {
	School School
	Count
}

// Count counts a node, "" for both.
func (s *State) Count(node string) Count {
	c := newCount()
	for i := range s.People {
		if p := &s.People[i]; node == "" || p.Node == node {
			c.add(p)
		}
	}
	return c
}

// Schools counts a node by school, those with most to find first.
func (s *State) Schools(node string) []SchoolCount {
	at := map[School]int{}
	var out []SchoolCount
	for i := range s.People {
		p := &s.People[i]
		if node != "" && p.Node != node {
			continue
		}
		k, known := at[p.School]
		if !known {
			k = len(out)
			at[p.School] = k
			out = append(out, SchoolCount{p.School, newCount()})
		}
		out[k].add(p)
	}
	gaps := func(c SchoolCount) int { return c.By[NoOffer] + c.By[NotRecorded] }
	slices.SortStableFunc(out, func(a, b SchoolCount) int {
		return cmp.Or(cmp.Compare(gaps(b), gaps(a)), cmp.Compare(a.School.Name, b.School.Name), cmp.Compare(a.School.Number, b.School.Number))
	})
	return out
}

// Which asks for some people of a season.
type Which struct {
	// Node, School (its key) and Outcome narrow; "" is any. A school without a
	// number or a name is NoSchool.
	Node, School string
	Outcome      Outcome
	// Later asks for those who came after the baseline, Left for those on it who
	// are owed nothing any more, Unsaid for those who have not said where they
	// intend to go, Differs for those whose offers speak for another status than the
	// one that is held. Otherwise it is all who are owed an offer.
	Later, Left, Unsaid, Differs bool
}

// NoSchool is the key of those of whom no school is known.
const NoSchool = "none"

// Fits says that the person is asked for.
func (w Which) Fits(p *Person) bool {
	key := p.School.Key()
	if key == "" {
		key = NoSchool
	}
	switch {
	case w.Node != "" && p.Node != w.Node, w.School != "" && key != w.School, w.Outcome != "" && p.Outcome != w.Outcome:
		return false
	case w.Left:
		return !p.Owed
	case w.Later && p.Baseline, w.Unsaid && p.Intended, w.Differs && p.Proposed == "":
		return false
	}
	return p.Owed
}

// Named is one young person of a season with their row.
type Named = record.With[Person]

// People are some of those asked for, from the one skip on, in the order of
// schools and names' keys, and how many they are. Whom the actor may know nothing
// of is left out, and not counted. It needs access.SeePerson, which partners have
// of their own people, and records who was shown.
func (s *Service) People(ctx context.Context, by access.Actor, season int, day civil.Date, w Which, skip, size int, page string) ([]Named, int, error) {
	return s.named(ctx, by, access.SeePerson, season, day, w, skip, size, page)
}

// All are all of them, for a file: it needs access.DownloadPeople.
func (s *Service) All(ctx context.Context, by access.Actor, season int, day civil.Date, w Which, page string) ([]Named, error) {
	const whole = 1 << 30
	all, _, err := s.named(ctx, by, access.DownloadPeople, season, day, w, 0, whole, page)
	return all, err
}

// Gaps are the young people of one establishment without an offer, or without a
// record of one, as the council sees them: what it and the school work through
// together. Whoever signs in for the school sees those whom their agreement gives
// them, with the fields that it gives. It needs access.SeePerson.
func (s *Service) Gaps(ctx context.Context, by access.Actor, season int, establishment string, page string) (noOffer, noRecord []Named, err error) {
	if noOffer, _, err = s.People(ctx, by, season, civil.Date{}, Which{School: establishment, Outcome: NoOffer}, 0, gapsShown, page); err != nil {
		return nil, nil, err
	}
	noRecord, _, err = s.People(ctx, by, season, civil.Date{}, Which{School: establishment, Outcome: NotRecorded}, 0, gapsShown, page)
	return noOffer, noRecord, err
}

// gapsShown is more than one school has in two year groups.
const gapsShown = 2000

func (s *Service) named(ctx context.Context, by access.Actor, action access.Action, season int, day civil.Date, w Which, skip, size int, page string) ([]Named, int, error) {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	st, err := s.on(ctx, by.Register, season, day)
	if err != nil {
		return nil, 0, err
	}
	var fit []Person
	for i := range st.People {
		if p := &st.People[i]; w.Fits(p) {
			fit = append(fit, *p)
		}
	}
	slices.SortStableFunc(fit, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.School.Name, b.School.Name), cmp.Compare(a.School.Number, b.School.Number), cmp.Compare(a.Status, b.Status))
	})
	return record.PageOf(ctx, s.Record, by, action, fit, func(p *Person) id.YoungPerson { return p.Person }, skip, size, page)
}

// Before is the season before on the same date, as it was known then: what this
// one is measured against. It is nil where the register held nothing yet.
func (s *Service) Before(ctx context.Context, by access.Actor, st *State) (*State, error) {
	before, err := s.On(ctx, by, st.Season-1, st.On.AddYears(-1))
	if errors.As(err, new(act.BeforeBegan)) {
		return nil, nil
	}
	return before, err
}

// Baseline is the node's, and whether it was drawn.
func (s *State) Baseline(node string) (Baseline, bool) {
	for _, b := range s.Baselines {
		if b.Node == node {
			return b, true
		}
	}
	return Baseline{}, false
}

// YearGroup is the year group in which the people of a node are on a day of a
// season: the nodes go with them when they move up (nccis.md 7).
func YearGroup(season int, node string, day civil.Date) int {
	n := 11
	if node == guarantee.Year12 {
		n = 12
	}
	if !day.Before(civil.AcademicYear(season).Start()) {
		n++
	}
	return n
}
