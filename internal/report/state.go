package report

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// State is what is counted of one person from one month on, until the next
// state of the same person. It holds no name, and is small: a register has some
// ten for each person.
type State struct {
	Facets Facet
	// NEETSince is the first day of being NEET without a break, where NEET.
	NEETSince civil.Date
	// School, Adviser, Ward and Ethnicity are numbers of a naming.
	School                   uint32
	Adviser, Ward, Ethnicity uint16
	// Activity is the code, 0 for none.
	Activity uint16
	// From is the first month, counted from the tally's first.
	From uint16
	// Age is the academic age, 15 to 19; 0 is any other. Of 15 the guarantee
	// alone is counted, of 19 nothing: it tells who has left by age.
	Age    uint8
	Sex    Sex
	SEND   SEND
	InNeed bool // in the Department's vulnerable group
}

// Sex is the gender item of the return (YP07).
type Sex uint8

// SEND is the split by special educational needs (nccis.md 11.1).
type SEND uint8

// The sexes, in the order of sexWords.
const (
	sexNotSaid Sex = iota
	female
	male
	unknownSex
	withheld
)

// The split, in the order of sendWords.
const (
	noNeeds SEND = iota
	plan
	support
)

var (
	sexWords  = []string{"not known", "F", "M", "U", "W"}
	sendWords = []string{"none", "ehcp", "support"}
)

// The academic ages that are stated, from Year 11 on, and the last of which
// anything is counted.
const (
	youngest    = 15
	lastCounted = 18
	oldest      = 19
)

// stater states lives. It is for one goroutine.
type stater struct {
	book        register.Book
	requirement *nccis.Requirement
	months      []moment
	first       int // months since year 0, of the first
	due         []bool
	names       *naming
	seen        [kinds]map[string]uint32 // what names knows, without its lock
	areas       *areas                   // nil: no reference data
}

// moment is one month to state.
type moment struct {
	month  civil.Month
	end    civil.Date
	tables *tables
	// season is true in September, when ages change, in November, when nobody
	// is kept for last season's guarantee any longer, and in April, when
	// editions and the seasons of the guarantee change.
	season bool
}

func monthNumber(m civil.Month) int { return m.Year*12 + int(m.Month) - 1 }

// moments are the months from the first to the last.
func moments(req *nccis.Requirement, first, last civil.Month) []moment {
	var out []moment
	byEdition := map[*nccis.Edition]*tables{}
	for m := first; !last.Before(m); m = m.Add(1) {
		e, _ := req.EditionOn(m.End())
		if byEdition[e] == nil {
			byEdition[e] = newTables(e)
		}
		out = append(out, moment{month: m, end: m.End(), tables: byEdition[e],
			season: m.Month == time.September || m.Month == time.November || m.Month == time.April})
	}
	return out
}

func newStater(b register.Book, req *nccis.Requirement, months []moment, names *naming) *stater {
	s := &stater{book: b, requirement: req, months: months, due: make([]bool, len(months)), names: names}
	if len(months) > 0 {
		s.first = monthNumber(months[0].month)
	}
	for k := range s.seen {
		s.seen[k] = map[string]uint32{}
	}
	return s
}

// states are the life's, the earliest first; none where nothing is counted of
// them in any month. A life is stated only in the months in which something
// may have become otherwise: after each date in it, and when seasons change.
func (s *stater) states(l *life.Life) []State {
	s.mark(l)
	var out []State
	var last State
	for i := range s.months {
		if i > 0 && !s.due[i] {
			continue
		}
		st := s.on(l, i)
		st.From = last.From
		if st != last {
			st.From = uint16(i)
			out = append(out, st)
			last = st
		}
	}
	return out
}

// mark notes the months in which the life may change.
func (s *stater) mark(l *life.Life) {
	for i := range s.months {
		s.due[i] = s.months[i].season
	}
	marks(s, l.Particulars)
	marks(s, l.Addresses)
	marks(s, l.Allocations)
	marks(s, l.Needs)
	marks(s, l.Characteristics)
	marks(s, l.Guarantees)
	marks(s, l.Spells)
	for i := range l.Spells {
		s.markText(l.Spells[i].Is.NEETStart)
	}
	for i := range l.Statuses {
		s.markText(l.Statuses[i].Is.StatedOn)
	}
	marks(s, l.Statuses)
	for i := range l.Verifications {
		s.markText(l.Verifications[i].Is.Verified)
	}
}

func marks[T any](s *stater, facts []fact.Of[T]) {
	for i := range facts {
		s.markText(facts[i].Started)
		s.markText(facts[i].Ended)
	}
}

func (s *stater) markText(text string) {
	if text == "" {
		return
	}
	if d, err := civil.Parse(text); err == nil {
		s.markDate(d)
	}
}

// markDate marks the month of a date and the next: what begins on a day shows
// at the end of that month, what ends on it at the latest a month later.
func (s *stater) markDate(d civil.Date) {
	i := monthNumber(d.InMonth()) - s.first
	for _, n := range [2]int{i, i + 1} {
		if n >= 0 && n < len(s.due) {
			s.due[n] = true
		}
	}
}

// on states the life on the last day of a month.
func (s *stater) on(l *life.Life, i int) State {
	m := &s.months[i]
	if !ofAge(l, m.end) {
		return State{}
	}
	v := l.On(s.book, m.tables.edition, m.end)
	if !v.Lapses.IsZero() {
		s.markDate(v.Lapses)
	}
	r := &v.Record.Values
	born, err := civil.Parse(r[nccis.DOB])
	if err != nil {
		return State{}
	}
	age := civil.AcademicAge(born, m.end)
	if age < youngest || age > oldest {
		return State{}
	}
	st := State{Age: uint8(age)}
	st.Facets = s.guaranteed(m, &v, born)
	if age > youngest && age <= lastCounted && s.counted(m, &v, age) {
		st.Facets |= s.standing(m, &v, &st)
	}
	if st.Facets == 0 {
		return st // the age alone: who leaves by age is told from who moves
	}
	s.groups(m, l, &v, &st)
	return st
}

// ofAge says that by some birth date held the academic age is one of those
// counted.
func ofAge(l *life.Life, end civil.Date) bool {
	for i := range l.Particulars {
		if born, err := civil.Parse(l.Particulars[i].Is.DOB); err == nil {
			if age := civil.AcademicAge(born, end); age >= youngest && age <= oldest {
				return true
			}
		}
	}
	return false
}

// counted says that the person is in the population of the rates (nccis.md
// 11.1): of academic age 16 or 17, cohort status P or none that can be read,
// and led by this register's authorities. Whom no English authority is named
// to lead stays in: that is a finding to mend, not a reason to leave somebody
// out. Of 18-year-olds everybody is counted who lives here, in the return or
// not.
func (s *stater) counted(m *moment, v *life.View, age int) bool {
	status, lead := v.Record.Values[nccis.CohortStatus], v.Record.Values[nccis.LeadLEA]
	if age > 17 {
		return s.book.Authorities[lead] && !gone(status)
	}
	if !v.In || status == "G" || status == "X" || leaver(status) {
		return false
	}
	if s.book.Authorities[lead] {
		return true
	}
	la, known := s.requirement.LocalAuthority(lead, m.end)
	return !known || !la.English()
}

// leaver says that the cohort status is one that is reported once (nccis.md
// 3.1).
func leaver(status string) bool { return len(status) == 1 && strings.Contains("ATEMDL", status) }

// gone says that the status means somebody who lives here no longer.
func gone(status string) bool { return len(status) == 1 && strings.Contains("TEMDXG", status) }

// standing is where somebody counted stands.
func (s *stater) standing(m *moment, v *life.View, st *State) Facet {
	r := &v.Record.Values
	code := r[nccis.ActivityCode]
	if n, err := strconv.ParseUint(code, 10, 10); err == nil {
		st.Activity = uint16(n)
	}
	switch v.Status {
	case nccis.OutOfRates:
		return Custody
	case nccis.NotKnown:
		f := m.tables.activity[code]
		switch {
		case f&NotKnown != 0:
			return Counted | f
		case v.Spell != nil && nccis.Lapsed(v.Lapses, m.end):
			return Counted | NotKnown | combined | Lapsed
		}
		return Counted | NotKnown | combined | Unrecorded
	case nccis.NEET:
		f := Counted | m.tables.activity[code]
		if since, err := civil.Parse(r[nccis.NEETStartDate]); err == nil && !since.After(m.end) {
			st.NEETSince = since
			f |= SinceKnown
		}
		return f
	}
	return Counted | m.tables.activity[code]
}

// guaranteed is what the September Guarantee owes the person (nccis.md 7).
func (s *stater) guaranteed(m *moment, v *life.View, born civil.Date) Facet {
	node, owed := guarantee.Owed(s.book.Authorities, &v.Record, v.In, born, m.end)
	if !owed {
		return 0
	}
	made := m.tables.offer[guarantee.Recorded(&v.Record, node)]
	if made == 0 {
		made = OfferNotRecorded
	}
	if node == guarantee.Year12 {
		made |= NodeYear12
	}
	return Guaranteed | made
}

// groups says to which groups the person belongs.
func (s *stater) groups(m *moment, l *life.Life, v *life.View, st *State) {
	r := &v.Record.Values
	switch r[nccis.Gender] {
	case "F":
		st.Sex = female
	case "M":
		st.Sex = male
	case "U":
		st.Sex = unknownSex
	case "W":
		st.Sex = withheld
	}
	switch {
	case r[nccis.SENDFlag] == "Y":
		st.SEND = plan
	case r[nccis.SENSupportFlag] == "Y":
		st.SEND = support
	}
	for _, c := range v.Record.Characteristics {
		st.InNeed = st.InNeed || m.tables.vulnerable[c]
	}
	st.Ethnicity = uint16(s.name(ethnicityKind, r[nccis.Ethnicity], ""))
	key, label := s.areas.ward(r[nccis.Postcode])
	st.Ward = uint16(s.name(wardKind, key, label))
	key, label = school(l, m.end)
	st.School = s.name(schoolKind, key, s.areas.school(key, label))
	if a := life.InForce(l.Allocations, m.end); a != nil {
		key = a.Is.Adviser
		if key == "" && a.Is.AdviserName != "" {
			key = namedAdviser(a.Is.AdviserName)
		}
		st.Adviser = uint16(s.name(adviserKind, key, a.Is.AdviserName))
	}
}

// school is the establishment of the spell that started last, up to the day, of
// those that have one: its number, or its name where it has no number.
func school(l *life.Life, end civil.Date) (key, label string) {
	var best civil.Date
	for i := range l.Spells {
		s := &l.Spells[i]
		if s.Is.EstablishmentNumber == "" && s.Is.EstablishmentName == "" {
			continue
		}
		started, err := civil.Parse(s.Started)
		if err != nil || started.After(end) || started.Before(best) {
			continue
		}
		best = started
		if key, label = s.Is.EstablishmentNumber, s.Is.EstablishmentName; key == "" {
			key = label
		}
	}
	return key, label
}

// withoutAccount begins the key of an adviser who has no account.
const withoutAccount = "name-"

// namedAdviser is the key of an adviser of whom only the name is known: the same
// for the same name, and not the name itself, because groups stand in addresses
// and those are kept in histories (ux-security.md 3.3).
func namedAdviser(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(strings.Fields(name), " "))))
	return withoutAccount + hex.EncodeToString(sum[:6])
}

// name is the number of a name.
func (s *stater) name(k kind, key, label string) uint32 {
	if n, ok := s.seen[k][key]; ok {
		return n
	}
	n := s.names.number(k, key, label)
	s.seen[k][key] = n
	return n
}

// personStates is one person of the tally.
type personStates struct {
	key    id.YoungPerson
	states []State
}

// at is the person's state in a month; the zero State where nothing is counted.
func (p *personStates) at(month int) State {
	for i := len(p.states) - 1; i >= 0; i-- {
		if int(p.states[i].From) <= month {
			return p.states[i]
		}
	}
	return State{}
}
