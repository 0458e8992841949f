package report

import (
	"context"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/youngperson"
)

// Cell names one number of a Result: whose names stand behind it.
type Cell struct {
	Period  Period
	Measure string
	Group   Group
	KnownOn civil.Date
	KnownAt id.Act
	Only    []Group
	// From is the first name to give, from 0, and Most how many.
	From, Most int
}

// Names are the young people behind a number.
type Names struct {
	// Total are all of them, of whom People are some.
	Total  int
	People []Named
	// Words are the measure's, Label the group's.
	Words, Label string
}

// Named is one young person behind a number.
type Named struct {
	Key  id.YoungPerson
	Ref  id.Ref
	Name string
	// Age is the academic age, Activity the code, "" for none, as counted in
	// the period's last month in which they were.
	Age      int
	Activity string
	// Lapsed says that the activity no longer counts.
	Lapsed bool
	// NEETSince is no date where they are not NEET.
	NEETSince civil.Date
	// Months is in how many of the period's months they are behind the number.
	Months int
	// Locked says that the record is restricted: it is counted, and not named.
	Locked bool
}

// Names are the young people behind one number, by family name. It needs
// access.SeeFigures and access.SeePerson, and records who was shown before it
// returns them. Behind a mean of several months stands whoever was counted in
// any of them.
func (s *Service) Names(ctx context.Context, by access.Actor, c Cell) (*Names, error) {
	for _, a := range []access.Action{access.SeeFigures, access.SeePerson} {
		if err := access.Decide(by, a, access.Subject{Register: by.Register}); err != nil {
			return nil, err
		}
	}
	m, ok := MeasureOf(c.Measure)
	if !ok {
		return nil, field.Errors{{Field: "measure", Message: "There are no names behind " + c.Measure + ": choose a number that counts people"}}
	}
	out := &Names{Words: m.Words}
	at, err := s.behind(ctx, by, c, m, out)
	if err != nil {
		return nil, err
	}
	var veil *access.Veil
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if veil, err = access.VeilOf(tx, by); err != nil {
			return err
		}
		// Everybody is counted. Of those who stand behind a number, whoever is hidden
		// is in no list, so the list is counted too.
		out.People = slices.DeleteFunc(out.People, func(n Named) bool { return veil.Hides(n.Key) })
		out.Total = len(out.People)
		return out.read(tx, by.Register, at)
	}); err != nil {
		return nil, err
	}
	out.veiled(veil)
	out.cut(c)
	keys := make([]id.YoungPerson, len(out.People))
	for i := range out.People {
		keys[i] = out.People[i].Key
	}
	if len(keys) == 0 {
		return out, nil
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: keys, Page: "figures"})
}

// behind finds the people, without their names.
func (s *Service) behind(ctx context.Context, by access.Actor, c Cell, m Measure, out *Names) (id.Act, error) {
	t, release, err := s.tally(ctx, by.Register, knownMoment{c.KnownAt, c.KnownOn}, s.Patience)
	if err != nil {
		return 0, err
	}
	defer release()
	if len(t.months) == 0 {
		return 0, NoFigures{c.Period, t.nothing(c.KnownOn)}
	}
	months, ok := t.places(c.Period)
	if !ok {
		return 0, NoFigures{c.Period, t.outside(c.Period, c.KnownOn)}
	}
	counts, err := t.behindOne(c, m, months)
	if err != nil {
		return 0, err
	}
	out.Label = newDense(t.names).label(c.Group, t.months[months[len(months)-1]].tables.edition)
	for i := range t.people {
		p := &t.people[i]
		var named Named
		for _, month := range months {
			s, counted := counts(p, month)
			if !counted {
				continue
			}
			named.Key, named.Age, named.NEETSince, named.Lapsed = p.key, int(s.Age), s.NEETSince, s.Facets&Lapsed != 0
			named.Activity = activityCode(s.Activity)
			named.Months++
		}
		if named.Months > 0 {
			out.People = append(out.People, named)
		}
	}
	out.Total = len(out.People)
	return t.at, nil
}

func activityCode(n uint16) string {
	if n == 0 {
		return ""
	}
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

// behindOne is what says of one person and month whether they are behind the
// number, and with which state.
func (t *tally) behindOne(c Cell, m Measure, months []int) (func(p *personStates, month int) (State, bool), error) {
	f, err := newFilter(c.Only, t.names)
	if err != nil {
		return nil, err
	}
	group, err := newFilter([]Group{c.Group}, t.names)
	if err != nil {
		return nil, err
	}
	// Eighteen-year-olds are in their own group and in no other.
	in := func(s *State) bool {
		return (s.Age == 18) == (c.Group == "age:18") && f.keeps(s) && group.keeps(s)
	}
	if m.Part != 0 {
		return func(p *personStates, month int) (State, bool) {
			s := p.at(month)
			facets, _ := s.facetsOn(t.months[month].end)
			return s, facets&m.Of != 0 && facets&m.Part != 0 && in(&s)
		}, nil
	}
	if len(months) > 1 || months[0] == 0 {
		return nil, NoFigures{c.Period, "Who became NEET and who left is counted from one month to the next: choose one month, and not the first of the register."}
	}
	list := flowMeasures()
	i := slices.IndexFunc(list, func(l flowMeasure) bool { return l.name == m.Name })
	return func(p *personStates, month int) (State, bool) {
		before, now := p.at(month-1), p.at(month)
		was, is := before.Facets&NEET != 0 && in(&before), now.Facets&NEET != 0 && in(&now)
		if i < 0 { // neet_before
			return before, was
		}
		shown := now
		if was {
			shown = before
		}
		return shown, slices.Contains(list[i].of, flowOf(was, is, &before, &now))
	}, nil
}

// read gives the people their references and names, as known after the act.
func (n *Names) read(tx *db.Tx, r id.Register, at id.Act) error {
	byKey := make(map[id.YoungPerson]*Named, len(n.People))
	keys := make([]id.YoungPerson, len(n.People))
	for i := range n.People {
		keys[i] = n.People[i].Key
		byKey[keys[i]] = &n.People[i]
	}
	parts := [][]id.YoungPerson{nil} // everybody
	if len(keys) <= manyNames {
		parts = slices.Collect(slices.Chunk(keys, touchedAtATime))
	}
	for _, some := range parts {
		if err := eachName(tx, fact.Known{Register: r, At: at, People: some}, byKey); err != nil {
			return err
		}
	}
	slices.SortStableFunc(n.People, func(a, b Named) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return nil
}

// manyNames is when reading everybody's is faster than some.
const manyNames = 4000

func eachName(tx *db.Tx, k fact.Known, byKey map[id.YoungPerson]*Named) error {
	if err := youngperson.Each(tx, k, func(p youngperson.Person) error {
		if n := byKey[p.ID]; n != nil {
			n.Ref = p.Ref
		}
		return nil
	}); err != nil {
		return err
	}
	return youngperson.Names.Each(tx, k, func(f *fact.Of[youngperson.Name]) error {
		if n := byKey[f.YoungPerson]; n != nil && f.Is.Kind == youngperson.Legal && f.Ended == "" {
			n.Name = strings.TrimSpace(f.Is.Family + ", " + f.Is.Given)
		}
		return nil
	})
}

// veiled says of locked records no more than that there are such, and puts them
// last: where a name stands among others tells of it.
func (n *Names) veiled(v *access.Veil) {
	for i := range n.People {
		if one := &n.People[i]; v.Locks(one.Key) {
			n.People[i] = Named{Key: one.Key, Name: "Restricted record", Age: one.Age, Locked: true, Months: one.Months}
		}
	}
	slices.SortStableFunc(n.People, func(a, b Named) int {
		switch {
		case a.Locked == b.Locked:
			return 0
		case a.Locked:
			return 1
		}
		return -1
	})
}

// cut leaves the names asked for.
func (n *Names) cut(c Cell) {
	from := min(max(c.From, 0), len(n.People))
	to := len(n.People)
	if c.Most > 0 {
		to = min(to, from+c.Most)
	}
	n.People = n.People[from:to]
}
