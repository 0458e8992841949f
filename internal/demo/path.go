package demo

import (
	"time"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/guarantee"
	"waymark/internal/id"
)

// state is what somebody does after Year 11, as coarsely as the demo moves
// them about.
type state int

const (
	unknown state = iota
	college
	apprentice
	training
	partTime
	workAndStudy
	job
	temporary
	reengaged
	neet
	custody
)

// move is how likely, in a thousand, one state follows.
type move struct {
	to       state
	thousand float64
}

// afterYear11 is what becomes of a Year 11: shares near those of academic age
// 16 in Sefton's published participation.
func afterYear11() []move {
	return []move{{college, 913}, {apprentice, 22}, {training, 13}, {partTime, 5}, {workAndStudy, 6}, {job, 9}, {reengaged, 4}, {neet, 24}, {unknown, 3}}
}

// afterYear12 is what somebody does in their second year, by what they did in
// the first.
func afterYear12(s state) []move {
	switch s {
	case college:
		return []move{{college, 892}, {apprentice, 36}, {training, 13}, {partTime, 5}, {workAndStudy, 8}, {job, 16}, {neet, 26}, {unknown, 3}}
	case apprentice:
		return []move{{apprentice, 870}, {college, 40}, {job, 50}, {neet, 40}}
	case neet, unknown:
		return []move{{neet, 420}, {college, 210}, {training, 110}, {job, 120}, {apprentice, 50}, {reengaged, 60}, {unknown, 20}}
	}
	return []move{{s, 400}, {college, 200}, {apprentice, 120}, {job, 120}, {neet, 130}, {workAndStudy, 30}}
}

// afterMonth is how a month changes things; what is left over stays.
func afterMonth(s state) []move {
	switch s {
	case college:
		return []move{{neet, 2.0}, {apprentice, 0.5}, {job, 0.8}, {training, 0.3}, {unknown, 0.5}}
	case apprentice:
		return []move{{neet, 9}, {job, 4}, {college, 2}}
	case training, partTime:
		return []move{{neet, 30}, {apprentice, 20}, {college, 10}, {job, 15}}
	case workAndStudy, job:
		return []move{{neet, 18}, {apprentice, 12}, {college, 5}, {temporary, 3}}
	case temporary:
		return []move{{job, 60}, {neet, 60}}
	case reengaged:
		return []move{{college, 90}, {training, 60}, {neet, 90}}
	case neet:
		return []move{{reengaged, 18}, {training, 16}, {job, 22}, {apprentice, 11}, {college, 20}, {temporary, 4}, {custody, 0.6}, {neet, 40}, {unknown, 2}}
	case custody:
		return []move{{reengaged, 150}, {neet, 150}}
	}
	return []move{{neet, 130}, {job, 70}, {college, 70}}
}

func (t *teller) next(moves []move, stay state) state {
	at := t.r.Float64() * 1000
	for _, m := range moves {
		chance := m.thousand
		if m.to == neet && (t.p.plan || len(t.p.traits) > 0) {
			chance *= 2
		}
		if at -= chance; at < 0 {
			return m.to
		}
	}
	return stay
}

// going is the state that somebody is in.
type going struct {
	state state
	// until is when the spell must end (the review or the end of a course);
	// none where it goes on.
	until civil.Date
	// confirmed is the last day it was.
	confirmed civil.Date
	// neetSince carries over from one NEET spell to the next.
	neetSince civil.Date
}

// after leads somebody through the years after Year 11: two, and with a plan
// up to nine.
func (t *teller) after() {
	p := t.p
	g := &going{}
	for year := p.final + 1; year <= min(p.final+9, t.w.year); year++ {
		if year > p.final+2 && !p.plan {
			return
		}
		if p.arrived.IsZero() || !t.month(year, time.August).Before(p.arrived.InMonth()) {
			t.through(year, g)
		}
	}
	t.lately(g)
}

// lately is a contact of the last days with somebody who is not in learning or
// not found: it is in the register before the waiting file is.
func (t *teller) lately(g *going) {
	if g.state != neet && g.state != unknown || !t.p.Left.IsZero() || t.p.KnownFrom() > t.w.Told || !chance(t.r, 0.35) {
		return
	}
	t.known = t.w.Filed + 1 + t.p.adviser
	t.day = t.w.On.AddDays(t.p.adviser - advisers)
	t.p.Told = append(t.p.Told, act.Evidence{Kind: act.Telephone, SaidBy: "the young person", ReceivedOn: t.day})
	t.p.toldBy = append(t.p.toldBy, t.known)
	t.evidence = id.Evidence(len(t.p.Told))
	t.contact(g.state)
}

// through is one academic year: the autumn in which everybody must be found
// again, and the months after it.
func (t *teller) through(year civil.AcademicYear, g *going) {
	m := t.month(year, time.September)
	if arrived := t.p.arrived.InMonth(); !t.p.arrived.IsZero() && !arrived.Before(m) {
		m = arrived
		t.by(m, lastList, fromOtherAuthority)
		g.state = t.next(afterYear11(), neet)
		if told, ok := t.p.story[m]; ok {
			g.state = told
		}
		t.begin(g, t.day.AddDays(-6), m)
	} else {
		m = t.autumn(year, g)
	}
	for m = m.Add(1); !t.month(year, time.August).Before(m) && !t.over(m); m = m.Add(1) {
		t.through1(m, g)
		if t.p.ceased {
			return
		}
		if t.over(m.Add(1)) {
			break
		}
	}
	if year == t.p.final+1 {
		t.guarantee(guarantee.Year12, year)
	}
}

// autumn draws what the young person does from September on and when that
// becomes known. It returns the last month that it told of.
func (t *teller) autumn(year civil.AcademicYear, g *going) civil.Month {
	september := t.month(year, time.September)
	firstYear := year == t.p.final+1
	before := g.state
	switch {
	case firstYear:
		g.state = t.next(afterYear11(), college)
	case year == t.p.final+2:
		g.state = t.next(afterYear12(before), before)
	case chance(t.r, 0.06) && before != college:
		g.state = college
	case before == college && chance(t.r, 0.05):
		g.state = neet
	}
	if told, ok := t.p.story[september]; ok {
		g.state = told
	} else if t.p.story != nil && !firstYear {
		g.state = before
	}
	m, slot := september, firstList
	switch x := t.r.IntN(1000); {
	case x < 560:
	case x < 740:
		slot = lastList
	case x < 950:
		m = september.Add(1)
	case x < 993:
		m = september.Add(2)
	default:
		m = september.Add(3 + t.r.IntN(2))
	}
	if t.p.story != nil {
		m, slot = september.Add(t.p.foundLate), firstList
	}
	if g.state == neet && m == september && before != neet {
		m = september.Add(1) // nobody's list tells it
	}
	leaves := t.p.Left == september
	if firstYear && (september.Before(m) || leaves) && (leaves || !t.over(september)) && !t.w.Period.Before(september) {
		t.by(september, lastList, fromRollOver)
		t.start(year.Start(), activity.Spell{Activity: "810"})
	}
	if t.over(m) {
		return m
	}
	known := false
	switch g.state {
	case college:
		t.by(m, slot, fromColleges)
		known = true
	case apprentice, training, partTime:
		t.by(m, slot, fromTrainers)
		known = true
	}
	if !known {
		t.heard(m, act.Evidence{Kind: act.Telephone, SaidBy: "the young person"})
		t.contact(g.state)
	}
	if current := newest(t.p.Spells, nil); !firstYear && g.state == before && g.state != unknown && current >= 0 {
		if end := t.p.Spells[current].Is.PredictedEnd; end == "" || civil.MustParse(end).After(t.day) {
			t.verifyNow(g)
			return m
		}
	}
	t.begin(g, september.First().AddDays(1+t.r.IntN(7)), m)
	return m
}

func (t *teller) verifyNow(g *going) {
	t.confirm()
	g.confirmed = t.day
}

// through1 is one month of somebody's time.
func (t *teller) through1(m civil.Month, g *going) {
	if told, ok := t.p.story[m]; ok || t.p.story != nil {
		if !ok {
			told = g.state
		}
		t.turn(m, g, told)
		return
	}
	t.changes(m)
	if t.p.plan && civil.AcademicAge(t.p.born, m.First()) >= 18 && chance(t.r, 0.012) && g.state == college && t.activity() == "230" {
		t.ceases(m)
		return
	}
	to := t.next(afterMonth(g.state), g.state)
	if !g.until.IsZero() && g.until.Before(m.End()) && to == g.state {
		to = pick(t.r, []state{neet, job, college, training})
	}
	if to == neet && g.state == neet && chance(t.r, 0.04) {
		t.change(m, g, to) // another NEET code
		return
	}
	t.turn(m, g, to)
}

// turn goes on with what somebody does, or changes it.
func (t *teller) turn(m civil.Month, g *going, to state) {
	if to == g.state {
		t.stay(m, g)
		return
	}
	t.change(m, g, to)
}

// change tells what somebody does now, from their college or themselves.
func (t *teller) change(m civil.Month, g *going, to state) {
	if to == college && chance(t.r, 0.5) || to == apprentice && chance(t.r, 0.6) {
		t.by(m, lastList, fromColleges)
	} else {
		t.heard(m, act.Evidence{Kind: pick(t.r, []string{act.Telephone, act.Telephone, act.Text, act.Visit, act.Email}), SaidBy: "the young person"})
		t.contact(to)
	}
	g.state = to
	t.begin(g, t.day.AddDays(-1-t.r.IntN(12)), m)
}

// stay confirms what goes on before it lapses, but for a few who are not found
// in time.
func (t *teller) stay(m civil.Month, g *going) {
	every := map[state]int{apprentice: 9, workAndStudy: 9, job: 4, training: 4, reengaged: 2, neet: 2}[g.state]
	if every == 0 || m.First().AddMonths(-every).Before(g.confirmed.InMonth().First()) || chance(t.r, 0.12) {
		return
	}
	said := act.Evidence{Kind: pick(t.r, []string{act.Telephone, act.Text, act.Email, act.Visit}), SaidBy: "the young person"}
	if chance(t.r, 0.2) {
		said = act.Evidence{Kind: act.Parent, SaidBy: "a parent or carer"}
	}
	if g.state == apprentice || g.state == training {
		t.by(m, lastList, fromTrainers)
	} else {
		t.heard(m, said)
		t.contact(g.state)
	}
	t.verifyNow(g)
}

func (t *teller) activity() string {
	if i := newest(t.p.Spells, nil); i >= 0 {
		return t.p.Spells[i].Is.Activity
	}
	return ""
}

// begin tells the spell of the state that somebody has come into.
func (t *teller) begin(g *going, on civil.Date, m civil.Month) {
	if on.After(t.day) {
		on = t.day
	}
	g.until = civil.Date{}
	s := activity.Spell{}
	switch g.state {
	case college:
		s = t.studies(m)
	case neet:
		s = t.neetSpell(g, on)
	default:
		s = t.other(g, on)
	}
	if g.state != neet {
		g.neetSince = civil.Date{}
	}
	g.confirmed = t.day
	started := t.start(on, s)
	i := newest(t.p.Spells, nil)
	if f := &t.p.Spells[i]; g.state == neet && f.Is.Activity == s.Activity {
		if g.neetSince.IsZero() {
			g.neetSince = started
		}
		f.Is.NEETStart = g.neetSince.String()
	}
	if (g.state == neet || g.state == unknown) && t.evidence > 0 {
		t.allocate()
	}
}
