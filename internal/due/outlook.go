package due

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/report"
)

// stands is where somebody stands on a day, a bit for each thing counted.
type stands uint8

const (
	// counted is in the Department's rates: of academic age 16 or 17.
	counted stands = 1 << iota
	isNEET
	// isUnknown is not known, for whatever reason; isLapsed because what was known
	// has lapsed.
	isUnknown
	isLapsed
	// isEET is in education, employment or training, and current.
	isEET
)

// piece is how somebody stands from a day on, until the next piece.
type piece struct {
	from   civil.Date
	stands stands
	// age is the academic age, 0 where it is none of those that are followed.
	age uint8
}

// course is one young person's, from the outlook's first day to its last.
type course struct {
	key             id.YoungPerson
	adviser, school uint32
	sex, send       uint32
	pieces          []piece
}

// at is how they stand on a day.
func (c *course) at(day civil.Date) piece {
	for i := len(c.pieces) - 1; i >= 0; i-- {
		if !c.pieces[i].from.After(day) {
			return c.pieces[i]
		}
	}
	return piece{}
}

// outlook is everybody's course by what a register knew after an act: some 150
// bytes for each. A life is stated on the days on which anything in it may
// become otherwise, and on no other, so that any day between can be asked for.
type outlook struct {
	mu       sync.RWMutex
	register register.Register
	at       id.Act
	from, to civil.Date
	days     *report.Days
	seasons  []civil.Date
	courses  []course
	// names are the advisers and schools, a key and a name each.
	names []named
	known map[named]uint32
}

type named struct{ key, name string }

func newOutlook(reg register.Register, days *report.Days, at id.Act, from, to civil.Date) *outlook {
	o := &outlook{register: reg, at: at, from: from, to: to, days: days, names: []named{{key: "none"}}, known: map[named]uint32{{key: "none"}: 0}}
	for year := from.AcademicYear(); !year.Start().After(to); year++ {
		// Ages change on 1 September, and a G ends with the October return.
		o.seasons = append(o.seasons, year.Start(), civil.Must(int(year), time.November, 1))
	}
	for m := from.InMonth().Add(1); !m.First().After(to); m = m.Add(1) {
		if days.Edition(m.First()) != days.Edition(m.Add(-1).First()) {
			o.seasons = append(o.seasons, m.First())
		}
	}
	return o
}

// drawn is a course before its names are numbered.
type drawn struct {
	course
	adviser, school, sex, send named
}

// draw states a life on each day on which it may become otherwise.
func (o *outlook) draw(l *life.Life) drawn {
	d := drawn{course: course{key: l.Person.ID}, adviser: adviserOf(l, o.to), school: schoolOf(l, o.to), sex: o.sexOf(l), send: sendOf(l, o.to)}
	fixed := o.turns(l)
	last := piece{}
	for day := o.from; !day.After(o.to); {
		st := o.days.On(l, day)
		p := piece{from: day, stands: standsOf(st), age: uint8(st.Age)}
		if p.stands != last.stands || p.age != last.age {
			d.pieces = append(d.pieces, p)
			last = p
		}
		next := o.to.AddDays(1)
		for _, turn := range fixed {
			if turn.After(day) && turn.Before(next) {
				next = turn
			}
		}
		if after := st.Lapses; !after.IsZero() && !after.Before(day) && after.Before(next) {
			next = after.AddDays(1)
		}
		if next == day {
			break
		}
		day = next
	}
	d.pieces = slices.Clip(d.pieces)
	return d
}

func standsOf(d report.Day) (s stands) {
	if d.Age != 16 && d.Age != 17 || d.Facets&report.Counted == 0 {
		return 0
	}
	s = counted
	for _, one := range [...]struct {
		facet report.Facet
		is    stands
	}{{report.NEET, isNEET}, {report.NotKnown, isUnknown}, {report.Lapsed, isLapsed}, {report.EET, isEET}} {
		if d.Facets&one.facet != 0 {
			s |= one.is
		}
	}
	return s
}

// turns are the days within the outlook on which something in a life begins, or
// has ended the day before.
func (o *outlook) turns(l *life.Life) []civil.Date {
	out := slices.Clone(o.seasons)
	add := func(text string, later int) {
		if d, err := civil.Parse(text); err == nil {
			if d = d.AddDays(later); d.After(o.from) && !d.After(o.to) {
				out = append(out, d)
			}
		}
	}
	spans := func(v fact.Version) { add(v.Started, 0); add(v.Ended, 1) }
	for i := range l.Spells {
		spans(l.Spells[i].Version)
	}
	for i := range l.Statuses {
		spans(l.Statuses[i].Version)
		add(l.Statuses[i].Is.StatedOn, 0)
	}
	for i := range l.Particulars {
		spans(l.Particulars[i].Version)
	}
	for i := range l.Needs {
		spans(l.Needs[i].Version)
	}
	for i := range l.Verifications {
		add(l.Verifications[i].Is.Verified, 0)
	}
	return out
}

func adviserOf(l *life.Life, on civil.Date) named {
	a := life.InForce(l.Allocations, on)
	if a == nil {
		return named{key: "none"}
	}
	return named{keyOf(a.Is.Adviser, a.Is.AdviserName), a.Is.AdviserName}
}

func (o *outlook) sexOf(l *life.Life) named {
	p := life.InForce(l.Particulars, o.to)
	if p == nil || p.Is.Gender == "" {
		return named{key: "none"}
	}
	return named{p.Is.Gender, o.days.Edition(o.from).Label(nccis.Genders, p.Is.Gender)}
}

// sendOf is the split by special educational needs (nccis.md 11.1).
func sendOf(l *life.Life, on civil.Date) named {
	n := life.InForce(l.Needs, on)
	switch {
	case n != nil && n.Is.SEND == "Y":
		return named{"ehcp", "Education, health and care plan"}
	case n != nil && n.Is.SENSupport == "Y":
		return named{"support", "SEN support"}
	}
	return named{"no", "Neither plan nor support"}
}

// schoolOf is where somebody is, or was last.
func schoolOf(l *life.Life, on civil.Date) named {
	best, out := civil.Date{}, named{key: "none"}
	for i := range l.Spells {
		s := &l.Spells[i]
		started, err := civil.Parse(s.Started)
		if s.Is.EstablishmentNumber == "" && s.Is.EstablishmentName == "" || err != nil || started.After(on) || started.Before(best) {
			continue
		}
		best, out = started, named{keyOf(s.Is.EstablishmentNumber, s.Is.EstablishmentName), s.Is.EstablishmentName}
	}
	return out
}

func (o *outlook) number(n named) uint32 {
	if i, ok := o.known[n]; ok {
		return i
	}
	i := uint32(len(o.names))
	o.names, o.known[n] = append(o.names, n), i
	return i
}

func (o *outlook) numbered(d drawn) course {
	d.course.adviser, d.course.school, d.course.sex, d.course.send = o.number(d.adviser), o.number(d.school), o.number(d.sex), o.number(d.send)
	return d.course
}

// drawAll draws everybody whom the register held after the outlook's act.
func (o *outlook) drawAll(ctx context.Context, d *db.DB) error {
	return life.EachThen(ctx, d, fact.Known{Register: o.register.ID, At: o.at}, o.draw, func(one drawn) {
		if len(one.pieces) > 0 {
			o.courses = append(o.courses, o.numbered(one))
		}
	})
}

// takeIn draws anew those whom later acts were about. The caller holds mu.
func (o *outlook) takeIn(tx *db.Tx, touched []id.YoungPerson, upTo id.Act) error {
	var again []*life.Life
	for some := range slices.Chunk(touched, 200) { // a wide IN is slow on SQLite
		lives, err := life.LoadForLists(tx, fact.Known{Register: o.register.ID, At: upTo, People: some, Brief: true})
		if err != nil {
			return fmt.Errorf("read whom acts were about: %w", err)
		}
		again = append(again, lives...)
	}
	fresh := map[id.YoungPerson]course{}
	for _, l := range again {
		if one := o.draw(l); len(one.pieces) > 0 {
			fresh[l.Person.ID] = o.numbered(one)
		}
	}
	for _, key := range touched {
		at, there := slices.BinarySearchFunc(o.courses, key, func(c course, k id.YoungPerson) int { return cmp.Compare(c.key, k) })
		c, held := fresh[key]
		switch {
		case there && held:
			o.courses[at] = c
		case there:
			o.courses = slices.Delete(o.courses, at, at+1)
		case held:
			o.courses = slices.Insert(o.courses, at, c)
		}
	}
	o.at = upTo
	return nil
}
