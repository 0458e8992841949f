package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// NEETPart is one of the numbers of days NEET that count people, or times that
// they became NEET.
type NEETPart string

// The parts. Everyone, Over90 and Over180 are of a Treatment; the others are the
// numbers of Returned.
const (
	Everyone NEETPart = "people"
	Over90   NEETPart = "over_90"
	Over180  NEETPart = "over_180"
	Became   NEETPart = "became"
	InTime   NEETPart = "in_time"
	Early    NEETPart = "early"
	Lasted13 NEETPart = "lasted_13"
	Early13  NEETPart = "early_13"
	Lasted26 NEETPart = "lasted_26"
	Early26  NEETPart = "early_26"
)

// Words say who stands behind the part's number.
func (p NEETPart) Words() string {
	return map[NEETPart]string{Everyone: "Who is counted", Over90: "NEET on more than 90 days", Over180: "NEET on more than 180 days",
		Became: "Became NEET", InTime: "Came back in time", Early: "Too early to say whether they came back in time",
		Lasted13: "Came back in time, and it lasted 13 weeks", Early13: "Came back in time; too early to say whether it lasted 13 weeks",
		Lasted26: "Came back in time, and it lasted 26 weeks", Early26: "Came back in time; too early to say whether it lasted 26 weeks"}[p]
}

// OfDays says that the part counts people by their days, and so under a treatment
// of not known.
func (p NEETPart) OfDays() bool { return p == Everyone || p == Over90 || p == Over180 }

// NEETCell is one number of days NEET: whose names stand behind it.
type NEETCell struct {
	Part NEETPart
	// Treatment is asked for parts that are OfDays alone.
	Treatment Treatment
	// Group is the key of a group, "all" or "" for everybody.
	Group string
}

// NEETPerson is how one young person spent the window, in days, and how many of
// the times behind the number were theirs.
type NEETPerson struct {
	Person                 id.YoungPerson
	Counted, NEET, Unknown int
	Times                  int
}

// NEETNamed is one of them, with their row.
type NEETNamed = record.With[NEETPerson]

// NEETBehind are those behind a number of days NEET, some of them from the one skip
// on, and how many they are.
type NEETBehind struct {
	*DaysNEET
	People []NEETNamed
	Total  int
	// Group is what the group is called, "" for everybody and for who has none.
	Group string
}

// NEETPeople are those behind one number, with most days NEET first. It needs
// access.SeeFigures and access.ListPeople, for a day of the past access.SeeHistory
// too, and records who was shown. It returns what DaysNEET does besides.
func (s *Service) NEETPeople(ctx context.Context, by access.Actor, a NEETAsked, c NEETCell, skip, size int) (*NEETBehind, error) {
	for _, needed := range []access.Action{access.SeeFigures, access.ListPeople} {
		if err := access.Decide(by, needed, access.Subject{Register: by.Register}); err != nil {
			return nil, err
		}
	}
	r, err := s.window(a)
	if err != nil {
		return nil, err
	}
	if c.Part.Words() == "" || c.Treatment < 0 || c.Treatment >= treatments {
		return nil, field.Errors{{Field: "part", Message: "There are no names behind this: choose a number that counts people"}}
	}
	o, today, release, err := s.on(ctx, by.Register, a.KnownOn)
	if err != nil {
		return nil, fmt.Errorf("find who was NEET: %w", err)
	}
	people, group := o.neetBehind(r, c, today)
	at := o.at
	release()
	out := &NEETBehind{DaysNEET: r, Group: group}
	if a.KnownOn.IsZero() {
		at = 0
	}
	out.People, out.Total, err = record.PageThen(ctx, s.Records, by, access.SeePerson, people, func(p *NEETPerson) id.YoungPerson { return p.Person }, at, skip, size, "days NEET")
	return out, err
}

// neetBehind are all whom a number counts, and what their group is called.
func (o *outlook) neetBehind(r *DaysNEET, c NEETCell, today civil.Date) (out []NEETPerson, group string) {
	o.eachCounted(r, func(one *course, p spent) {
		if c.Group != "" && c.Group != "all" {
			is := o.groupOf(one, r.Asked.By)
			if is.key != c.Group {
				return
			}
			group = max(group, is.name)
		}
		times := p.counts(c)
		if !c.Part.OfDays() {
			back := one.returned(r, today)
			times = back.times(c.Part)
		}
		if times > 0 {
			out = append(out, NEETPerson{one.key, p.counted, p.neet, p.unknown, times})
		}
	})
	slices.SortStableFunc(out, func(a, b NEETPerson) int {
		return cmp.Or(cmp.Compare(b.NEET, a.NEET), cmp.Compare(b.Unknown, a.Unknown), cmp.Compare(a.Person, b.Person))
	})
	return out, group
}

// under is how many days of NEET somebody counts with under a treatment, and
// whether they count at all.
func (p spent) under(t Treatment) (days int, in bool) {
	switch t {
	case AsNEET:
		return p.neet + p.unknown, true
	case LeftOut:
		return p.neet, 2*p.unknown <= p.counted
	}
	return p.neet, true
}

// counts is 1 where somebody stands behind a number of days.
func (p spent) counts(c NEETCell) int {
	days, in := p.under(c.Treatment)
	if !in || c.Part == Over90 && days <= over90 || c.Part == Over180 && days <= over180 {
		return 0
	}
	return 1
}

func (r *Returned) times(p NEETPart) int {
	return map[NEETPart]int{Became: r.Became, InTime: r.InTime, Early: r.Early, Lasted13: r.Lasted13, Early13: r.Early13, Lasted26: r.Lasted26, Early26: r.Early26}[p]
}
