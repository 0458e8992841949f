package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/fact"
	"waymark/internal/youngperson"
)

// boroughSize is that of each authority where there are several, as a fraction
// of a whole one: about three hundred young people.
const boroughSize = 0.016

// InventBoroughs makes n authorities that lie beside one another, small ones
// where Settings.Size does not say otherwise. Some of their young people have
// moved from one to another, and some are taught in one and live in another. The
// error says why they cannot be had.
func InventBoroughs(s Settings, n int) ([]*World, error) {
	if n < 1 || n > MostBoroughs() {
		return nil, fmt.Errorf("there can be 1 to %d boroughs", MostBoroughs())
	}
	if s.Size == 0 {
		s.Size = boroughSize
	}
	var worlds []*World
	for i, b := range boroughs()[:n] {
		one := s
		one.Seed = seedOf(i, s.Seed)
		w, err := lay(one, b, n > 1)
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, w)
	}
	var all []*crossing
	for _, pair := range borders(n) {
		all = append(all, crossings(worlds[pair[0]], worlds[pair[1]])...)
		all = append(all, crossings(worlds[pair[1]], worlds[pair[0]])...)
	}
	for _, w := range worlds {
		w.live()
		w.localise()
		w.number()
	}
	for _, c := range all {
		c.settle()
	}
	return worlds, nil
}

// borders are the pairs of n boroughs that have a border: each with the next,
// round an estuary, and the first with the third.
func borders(n int) [][2]int {
	var out [][2]int
	for i := 0; i+1 < n; i++ {
		out = append(out, [2]int{i, i + 1})
	}
	if n > 2 {
		out = append(out, [2]int{0, 2})
	}
	if n > 3 {
		out = append(out, [2]int{0, n - 1})
	}
	return out
}

// The ways of a crossing.
const (
	moves     = iota // and both know it
	unnoticed        // moves, and nobody has told the authority that they left
	taught           // lives in one, learns in the other
)

// crossing is one young person whom two boroughs hold.
type crossing struct {
	way         int
	here, there *Person
	from, to    *World
}

// crossings are those from one borough to another, whose lives are still to be
// led: one of each way.
func crossings(from, to *World) []*crossing {
	seed := to.Seed ^ from.Seed<<20
	m := &maker{w: to, r: rand.New(rand.NewPCG(seed, 1<<44)), names: newNamer(), places: newPlaces(), taken: map[string]bool{}, ids: numbers{authority: to.Borough.Code}}
	var out []*crossing
	for way := range taught + 1 {
		at := slices.IndexFunc(from.People, func(p *Person) bool {
			return p.final == from.year-2 && !p.named && !p.late && !p.plan && len(p.Identifiers) == 2
		})
		if at < 0 {
			continue
		}
		c := &crossing{way: way, here: from.People[at], from: from, to: to}
		c.there = m.person(c.here.final, int(to.year-c.here.final))
		c.lay(m)
		to.People = append(to.People, c.there)
		out = append(out, c)
	}
	return out
}

// lay makes the two records those of one person, before either life is led.
func (c *crossing) lay(m *maker) {
	p, q := c.here, c.there
	p.named, q.named = true, true // nothing else befalls them
	q.gender, q.born, q.school, q.traits, q.plan, q.help = p.gender, p.born, p.school, nil, false, false
	q.Names, q.Particulars = slices.Clone(p.Names), slices.Clone(p.Particulars)
	q.Identifiers = slices.Clone(p.Identifiers)
	if c.way == unnoticed {
		q.Identifiers = nil // somebody at the door gave a name and a birth date
	}
	when := c.from.Period.Add(-3 - m.r.IntN(4))
	q.arrived = when.First().AddDays(3 + m.r.IntN(20))
	if c.way == moves {
		p.Left = when
	}
	if c.way == taught {
		september := civil.Month{Year: int(p.final) + 1, Month: time.September}
		p.story = map[civil.Month]state{september: college, september.Add(12): college}
		q.story = p.story
		q.arrived = september.First().AddDays(11)
	}
}

// settle writes on each side what it knows of the other, now that both lives are
// led.
func (c *crossing) settle() {
	p, q, from, to := c.here, c.there, c.from.Borough, c.to.Borough
	before := func(f fact.Of[youngperson.Identifier]) bool { return f.Is.Scheme == youngperson.Previous }
	if c.way == moves {
		for i := range q.Identifiers {
			if before(q.Identifiers[i]) {
				q.Identifiers[i].Is.Value = p.Person.YoungPersonsID
			}
		}
	} else {
		q.Identifiers = slices.DeleteFunc(q.Identifiers, before)
	}
	state := func(facts []fact.Of[cohort.Status], set func(*cohort.Status)) {
		for i := range facts {
			set(&facts[i].Is)
		}
	}
	state(p.Statuses, func(s *cohort.Status) {
		s.EducatedLA = from.Code
		if s.Status == "T" {
			s.TransferredTo = to.Code
		}
		if c.way == taught {
			s.EducatedLA = to.Code
		}
	})
	state(q.Statuses, func(s *cohort.Status) {
		s.LAAtYear11, s.EducatedLA = from.Code, to.Code
		if c.way == taught {
			s.LeadLA = from.Code
		}
	})
	if c.way != taught {
		return
	}
	for i := range q.Addresses {
		q.Addresses[i].Is = p.Addresses[0].Is
	}
	local := to.replacer()
	for _, spells := range [][]fact.Of[activity.Spell]{p.Spells, q.Spells} {
		for i := range spells {
			if s := &spells[i].Is; strings.HasPrefix(s.Activity, "2") {
				in := sixthForms()[4]
				s.Activity, s.EstablishmentName, s.EstablishmentNumber, s.UKPRN = in.activity, local.Replace(in.name), local.Replace(in.number), local.Replace(in.ukprn)
			}
		}
	}
}
