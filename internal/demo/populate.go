package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/id"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// generation is how many young people there are of one academic year's Year 11,
// counted from this year's; of the youngest and the oldest only those with whom
// somebody works.
type generation struct{ back, people int }

func generations() []generation {
	return []generation{{-2, 300}, {-1, 310}, {0, 2990}, {1, 3080}, {2, 3030}, {3, 3000}, {4, 2900}, {5, 2850}, {6, 46}, {7, 38}, {8, 30}, {9, 22}}
}

// lateList is how many of one school's Year 11 are on a late list: the waiting
// file is the first that the register hears of them.
const lateList = 34

// populate makes everybody, with what does not change in them.
func (w *World) populate(size float64) {
	m := &maker{w: w, r: rand.New(rand.NewPCG(w.Seed, 1<<40)), names: newNamer(), places: newPlaces(), taken: map[string]bool{}, ids: w.numbers()}
	if w.Borough.first() {
		m.stories()
	}
	for _, g := range generations() {
		n := max(2, int(float64(g.people)*size+0.5))
		if g.back < 0 && w.neighbours {
			n = max(n, Twice+4) // the youngest are those whom mistakes are made with
		}
		for i := range n {
			p := m.person(w.year-civil.AcademicYear(g.back), g.back)
			if g.back == 0 && i < min(lateList, n/4) {
				p.late, p.school = true, schools()[6]
			}
			w.People = append(w.People, p)
			if len(w.People)%97 == 0 {
				w.People = append(w.People, m.twin(p))
			}
		}
	}
}

type maker struct {
	w      *World
	r      *rand.Rand
	names  *namer
	places *places
	ids    numbers
	taken  map[string]bool
}

func (m *maker) person(final civil.AcademicYear, back int) *Person {
	r := m.r
	p := &Person{final: final, origin: m.names.origin(r), gender: "F", school: choose(r, schools())}
	if chance(r, 0.512) {
		p.gender = "M"
	}
	switch r.IntN(400) {
	case 0:
		p.gender = "W"
	case 1:
		p.gender = "U"
	}
	year := final.Start().AddYears(-16)
	for p.Names == nil {
		p.born = year.AddDays(r.IntN(365))
		m.name(p, p.origin.given(r, p.gender), m.names.family(r, p.origin))
	}
	m.particulars(p)
	p.Addresses = first(m.places.address(r))
	m.needs(p, back)
	return p
}

// twin is born on the same day into the same family.
func (m *maker) twin(of *Person) *Person {
	p := &Person{final: of.final, origin: of.origin, gender: pick(m.r, []string{"F", "M"}), school: of.school, born: of.born}
	for p.Names == nil {
		m.name(p, p.origin.given(m.r, p.gender), of.Legal().Family)
	}
	m.particulars(p)
	p.Particulars[0].Is.Ethnicity = of.Particulars[0].Is.Ethnicity
	p.Addresses = first(of.Addresses[0].Is)
	m.needs(p, int(m.w.year-of.final))
	return p
}

// name gives a name that nobody born on the same day has.
func (m *maker) name(p *Person, given, family string) {
	key := given + "|" + family + "|" + p.born.String()
	if m.taken[key] {
		return
	}
	m.taken[key] = true
	p.Names = first(youngperson.Name{Kind: youngperson.Legal, Given: given, Middle: p.origin.middleName(m.r, p.gender), Family: family})
}

func (m *maker) particulars(p *Person) {
	ethnicity := pick(m.r, p.origin.ethnicities)
	switch m.r.IntN(100) {
	case 0:
		ethnicity = "REFU"
	case 1, 2:
		ethnicity = "NOBT"
	}
	p.Person.Ref = newRef(m.r)
	p.Particulars = first(youngperson.Particulars{DOB: p.born.String(), Gender: p.gender, Ethnicity: ethnicity})
	p.Identifiers = first(youngperson.Identifier{Scheme: youngperson.UPN, Value: m.ids.upn(int(p.final) - 11)})
	if !chance(m.r, 0.03) {
		p.Identifiers = append(p.Identifiers, first(youngperson.Identifier{Scheme: youngperson.ULN, Value: m.ids.uln()})...)
	}
}

// needs draws plan, support and characteristics: shares near the published
// ones, except that of 18 and above only those with plans go on. back counts
// years from this year's Year 11.
func (m *maker) needs(p *Person, back int) {
	r := m.r
	keeps := []float64{3: 0.9, 4: 0.75, 5: 0.6}
	switch {
	case back >= 6:
		p.plan = true
	case back >= 3:
		p.plan = chance(r, 0.035*keeps[back])
	case back >= 0:
		p.plan = chance(r, 0.036)
	default:
		p.plan = chance(r, 0.2)
	}
	p.help = !p.plan && chance(r, 0.105)
	odds := 0.7
	if p.plan || p.help || back < 0 {
		odds = 2.2
	}
	for _, trait := range []struct {
		code  string
		share float64
	}{{"110", 0.0085}, {"130", 0.004}, {"140", 0.005}, {"150", 0.002}, {"170", 0.004}, {"200", 0.006}, {"210", 0.007}} {
		if chance(r, trait.share*odds) {
			p.traits = append(p.traits, trait.code)
		}
	}
	p.adviser = r.IntN(advisers - 1)
	if p.plan {
		p.adviser = sendAdviser - firstAdviser
	}
	if slices.Contains(p.traits, "200") {
		p.school = alternatives()[0]
	} else if p.plan && chance(r, 0.35) {
		p.school = alternatives()[1]
	}
}

// join makes the person known: who they are, where they live, what they need.
func (t *teller) join() {
	p := t.p
	p.Person.KnownFrom = id.Act(t.known)
	none := civil.Date{}
	name, particulars, address, identifiers := p.Names[0].Is, p.Particulars[0].Is, p.Addresses[0].Is, p.Identifiers
	p.Names, p.Particulars, p.Addresses, p.Identifiers = nil, nil, nil, nil
	tell(t, &p.Names, none, name)
	tell(t, &p.Particulars, none, particulars)
	for i := range identifiers {
		tell(t, &p.Identifiers, none, identifiers[i].Is)
	}
	if !p.arrived.IsZero() {
		tell(t, &p.Identifiers, none, youngperson.Identifier{Scheme: youngperson.Previous, Value: fmt.Sprintf("992%010d", 100000+t.r.IntN(800000))})
	}
	tell(t, &p.Addresses, p.arrived, address)
	t.status()
	t.reach()
	tell(t, &p.Needs, none, t.need())
	for _, code := range p.traits {
		tell(t, &p.Characteristics, none, need.Characteristic{Code: code})
	}
	if p.plan || len(p.traits) > 0 {
		t.allocate()
	}
}

// status states P, but for those who are not in the cohort yet, or who left it
// before the first return that was sent: of them nobody stated anything.
func (t *teller) status() {
	p := t.p
	s := cohort.Status{LeadLA: Code, EducatedLA: Code, LAAtYear11: Code, StatedOn: t.day.String(), Status: "P"}
	left := civil.AcademicYear(int(p.final) + 3).Start().InMonth()
	if left.Before(t.w.firstSent()) || t.day.Before(p.final.Start()) || (p.plan && int(t.w.year-p.final) >= 3) {
		s.Status, s.StatedOn = "", ""
	}
	if chance(t.r, 0.03) {
		s.EducatedLA = pick(t.r, []string{"888", "341", "876"})
	}
	if !p.arrived.IsZero() {
		s.LAAtYear11 = pick(t.r, []string{"888", "341", "876", "344"})
	}
	tell(t, &p.Statuses, civil.Date{}, s)
}

// firstSent is the first month whose return was sent.
func (w *World) firstSent() civil.Month { return w.sent()[0] }

// sent are the months whose returns were sent, the earliest first.
func (w *World) sent() []civil.Month {
	var out []civil.Month
	recent := w.Period.Add(-SentMonths)
	if march := w.lastMarch(); march.Before(recent) {
		out = append(out, march)
	}
	for m := recent; m.Before(w.Period); m = m.Add(1) {
		out = append(out, m)
	}
	return out
}

// lastMarch is the last March before the month of the waiting return.
func (w *World) lastMarch() civil.Month {
	m := civil.Month{Year: w.Period.Year, Month: time.March}
	if !m.Before(w.Period) {
		m.Year--
	}
	return m
}

func (t *teller) need() need.Need {
	n := need.Need{Level: "3", SEND: "N", SENSupport: "N"}
	switch {
	case t.p.plan:
		n.Level, n.SEND = "1", "Y"
	case t.p.help:
		n.Level, n.SENSupport = "2", "Y"
	case len(t.p.traits) > 0:
		n.Level = pick(t.r, []string{"1", "2"})
	}
	return n
}

func (t *teller) reach() {
	p, r := t.p, t.r
	recent := int(t.w.year-p.final) < 4
	if chance(r, 0.62) && recent {
		tell(t, &p.Reaches, civil.Date{}, youngperson.Reach{Kind: youngperson.Telephone, Value: mobile(r)})
	}
	if chance(r, 0.4) && recent {
		tell(t, &p.Reaches, civil.Date{}, youngperson.Reach{Kind: youngperson.Email, Value: email(r, p.Names[0].Is.Given)})
	}
	if !recent || !chance(r, 0.85) {
		return
	}
	parent, relationship := "F", "Mother"
	switch x := r.IntN(100); {
	case x < 26:
		parent, relationship = "M", "Father"
	case x < 30:
		relationship = "Grandmother"
	case x < 33:
		relationship = "Foster carer"
	case x < 35:
		parent, relationship = "M", "Stepfather"
	}
	c := youngperson.Carer{Name: p.origin.given(r, parent) + " " + p.Names[0].Is.Family, Relationship: relationship, Telephone: mobile(r)}
	if chance(r, 0.25) {
		c.Telephone = landline(r)
	}
	if chance(r, 0.35) {
		c.Email = email(r, c.Name[:1])
	}
	tell(t, &p.Carers, civil.Date{}, c)
}

func (t *teller) allocate() {
	if len(t.p.Allocations) > 0 {
		return
	}
	a := t.w.Cast[firstAdviser+t.p.adviser]
	tell(t, &t.p.Allocations, t.day, youngperson.Allocation{Adviser: string(a.Ref), AdviserName: a.Name, Team: a.Team})
}

// number puts everybody in the order in which they became known, and gives them
// their YoungPersonsIDs in it.
func (w *World) number() {
	slices.SortStableFunc(w.People, func(a, b *Person) int { return a.KnownFrom() - b.KnownFrom() })
	known := w.People[:0]
	for _, p := range w.People {
		if p.KnownFrom() > 0 && w.known(p.KnownFrom()) {
			known = append(known, p)
			p.Person.ID = id.YoungPerson(len(known))
			p.Person.YoungPersonsID = fmt.Sprintf("%s%010d", w.Borough.Code, len(known))
		}
	}
	w.People = known
}

// atSchool is the activity of somebody up to Year 11.
func (t *teller) atSchool() activity.Spell {
	s := activity.Spell{Activity: "110", PredictedEnd: t.p.final.End().String(),
		EstablishmentNumber: t.p.school.number, EstablishmentName: t.p.school.name, UKPRN: t.p.school.ukprn}
	switch x := t.r.IntN(1000); {
	case x < 7:
		s = activity.Spell{Activity: "120", PredictedEnd: s.PredictedEnd, EstablishmentNumber: Code + "9999", EstablishmentName: "Educated at home"}
	case x < 9:
		s = activity.Spell{Activity: "140", PredictedEnd: s.PredictedEnd}
	}
	return s
}
