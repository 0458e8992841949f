// Package season keeps the seasons of the September Guarantee.
//
// In the trade a season is one year's guarantee: its baselines, which fix at the
// end of May whom an offer is owed; the summer in which offers are found; the
// grace of September and October, when the same people have moved up a year; and
// its end with October's return. A season is named by the calendar year of its
// September. What each young person was offered, the room guarantee keeps
// (nccis.md 7).
package season

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/youngperson"
)

// Service keeps the seasons of registers.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	// Record gives names to those whom a number is made of.
	Record *record.Service

	mu   sync.Mutex
	kept []stated // the states asked for last, the newest first
}

// Nodes are the two, in the order of pages.
func Nodes() []string { return []string{guarantee.Year11, guarantee.Year12} }

// Drawn is the day whose state the baselines of a season hold: the end of May.
func Drawn(season int) civil.Date { return civil.Must(season, time.May, 31) }

// Opens is the first day on which baselines may be drawn: schools close their
// lists before the month ends (nccis.md 7: one county on 30 May).
func Opens(season int) civil.Date { return civil.Must(season, time.May, 20) }

// Closes is the last day of a season: that of October's return.
func Closes(season int) civil.Date { return civil.Must(season, time.October, 31) }

// Of is the season that people mean on a day: the one that has opened last.
func Of(day civil.Date) int {
	if y := day.Year(); !day.Before(Opens(y)) {
		return y
	}
	return day.Year() - 1
}

// Grace says that a day is after 1 September and the season not closed: those
// whom it is about have moved up a year, and last season still shows.
func Grace(season int, day civil.Date) bool {
	return !day.Before(civil.AcademicYear(season).Start()) && !day.After(Closes(season))
}

// School is where somebody was taught when the baseline was drawn.
type School struct{ Number, Name string }

// Key names a school in addresses: its number, or its name where it has none.
func (s School) Key() string {
	if s.Number != "" {
		return s.Number
	}
	return s.Name
}

// Outcome is one of the four groups in which the Department publishes.
type Outcome string

// The outcomes, in the order of the publication.
const (
	Made           Outcome = "Offer made"
	NotAppropriate Outcome = "Offer not appropriate"
	NoOffer        Outcome = "No offer"
	NotRecorded    Outcome = "Not recorded"
)

// Outcomes are all four.
func Outcomes() []Outcome { return []Outcome{Made, NotAppropriate, NoOffer, NotRecorded} }

// Person is one young person of a season.
type Person struct {
	Person id.YoungPerson
	Node   string
	School School
	Sex    string
	// Status is the code in the node, NotRecorded until somebody records one.
	Status  string
	Outcome Outcome
	// Baseline says that they stood on the baseline, Owed that an authority of
	// this register owes them an offer now. Who is owed one and was not on it came
	// later; who was on it and is owed none any more has left.
	Baseline, Owed bool
	// Leads is the authority that owes it: where they were educated for Year 11,
	// where they live for Year 12.
	Leads string
	// Cohort is their cohort status.
	Cohort string
	// Intended says that they have said where they intend to go.
	Intended bool
	// Offers are the places of the season that they applied for or were offered,
	// Proposed the status that these speak for, "" where it is Status or none.
	Offers   []guarantee.Offer
	Proposed string
}

// State is a season as it stood on a day, as it was known then.
type State struct {
	Season int
	// On is the day; no later than the season's last.
	On     civil.Date
	People []Person
	// Baselines are those drawn by then; none before.
	Baselines []Baseline
}

// stated is a state that was worked out, and of what.
type stated struct {
	register id.Register
	at, last id.Act
	end      civil.Date
	season   int
	people   []Person
}

// keptStates is how many states stay in memory: this year's and last's, for
// those who look at two days by turns.
const keptStates = 4

// On is a season as it stood on a day, as it was known then; no day is now. It
// needs access.SeeYear and names nobody. It returns act.BeforeBegan for a day on
// which nothing was known.
func (s *Service) On(ctx context.Context, by access.Actor, season int, day civil.Date) (*State, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	return s.on(ctx, by.Register, season, day)
}

// Running is the season that opened last, as it stands on a day and as it was
// known then; no day is now. It decides nothing and names nobody: it is for rooms
// that choose people by it, and ask access themselves.
func (s *Service) Running(ctx context.Context, r id.Register, day civil.Date) (*State, error) {
	on := day
	if on.IsZero() {
		on = civil.On(s.DB.Now(), civil.London())
	}
	return s.on(ctx, r, Of(on), day)
}

// Warm states the season that is on before anybody asks, so that nobody waits for
// it.
func (s *Service) Warm(ctx context.Context, r id.Register) error {
	_, err := s.on(ctx, r, Of(civil.On(s.DB.Now(), civil.London())), civil.Date{})
	if errors.As(err, new(act.BeforeBegan)) {
		return nil
	}
	return err
}

func (s *Service) on(ctx context.Context, r id.Register, season int, day civil.Date) (*State, error) {
	out := &State{Season: season, On: day}
	today := civil.On(s.DB.Now(), civil.London())
	if day.IsZero() {
		out.On = today
	}
	if last := Closes(season); out.On.After(last) {
		out.On = last
	}
	var w working
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if w, err = s.workOut(tx, r, season, out.On, out.On != today); err != nil {
			return err
		}
		out.Baselines, err = baselines(tx, r, season, w.at)
		return err
	})
	if err == nil {
		out.People, err = s.worked(ctx, &w)
	}
	if err != nil {
		return nil, fmt.Errorf("state the guarantee of %d: %w", season, err)
	}
	return out, nil
}

// working is a state on its way.
type working struct {
	stated
	book register.Register
	on   map[id.YoungPerson]member
	// again are those who are to be stated; those of people who are not among
	// them stay as they are.
	again []id.YoungPerson
}

// workOut says what is to be stated for a state: nobody where it is in memory, and
// only those whom acts have touched where an earlier one is.
func (s *Service) workOut(tx *db.Tx, r id.Register, season int, on civil.Date, past bool) (w working, err error) {
	if w.book, err = register.Of(tx, r); err != nil {
		return w, err
	}
	w.stated = stated{register: r, last: w.book.LastAct, end: endFor(season, on), season: season}
	if past {
		if w.at, err = act.AsKnown(tx, r, on); err != nil {
			return w, err
		}
		w.last = 0 // what was known then never changes
	}
	earlier := s.remembered(w.stated)
	if earlier != nil && earlier.last == w.last {
		w.people = earlier.people
		return w, nil
	}
	if w.on, err = members(tx, r, season, w.at); err != nil {
		return w, err
	}
	keys, err := born(tx, r, season, w.at)
	if err != nil {
		return w, err
	}
	for yp := range w.on {
		keys[yp] = true
	}
	if earlier == nil {
		w.again = inOrder(keys)
		return w, nil
	}
	touched, few, err := life.Follow(tx, r, earlier.last, w.last)
	if err != nil || !few {
		w.again = inOrder(keys)
		return w, err
	}
	w.people = slices.DeleteFunc(slices.Clone(earlier.people), func(p Person) bool { _, again := slices.BinarySearch(touched, p.Person); return again })
	w.again = slices.DeleteFunc(touched, func(yp id.YoungPerson) bool { return !keys[yp] })
	return w, nil
}

// worked is the state whole, and keeps it.
func (s *Service) worked(ctx context.Context, w *working) ([]Person, error) {
	if w.people != nil && w.on == nil {
		return w.people, nil
	}
	known := fact.Known{Register: w.register, At: w.at, People: append([]id.YoungPerson{}, w.again...)}
	if known.At == 0 {
		known.At = w.last // several views of the database are of one moment
	}
	out := append([]Person{}, w.people...)
	err := life.EachThenBy(ctx, s.DB, known, life.LoadForSeason, s.stater(w.book, w.season, w.end, w.on), func(p *Person) {
		if p != nil {
			out = append(out, *p)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Person) int { return cmp.Compare(a.Person, b.Person) })
	w.people = out
	s.remember(w.stated)
	return out, nil
}

// endFor is the end of the month as which a day of a season is stated. Before
// the season's spring it is that of May: who will be owed an offer, by what is
// known today.
func endFor(season int, on civil.Date) civil.Date {
	if on.Before(civil.Must(season, time.April, 1)) {
		return Drawn(season)
	}
	return on.InMonth().End()
}

// remembered is the newest state of the same season, day and knowledge.
func (s *Service) remembered(key stated) *stated {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.kept {
		if k := s.kept[i]; k.register == key.register && k.at == key.at && k.end == key.end && k.season == key.season {
			return &k
		}
	}
	return nil
}

func (s *Service) remember(key stated) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(k stated) bool {
		return k.register == key.register && k.at == key.at && k.end == key.end && k.season == key.season
	})
	s.kept = slices.Insert(s.kept, 0, key)
	if len(s.kept) > keptStates {
		s.kept = s.kept[:keptStates]
	}
}

// stater states one life of a season: nil to whom no offer is owed, and who stood
// on no baseline.
func (s *Service) stater(book register.Register, season int, end civil.Date, on map[id.YoungPerson]member) func(*life.Life) *Person {
	e, _ := s.Requirement.EditionOn(end)
	b, authorities := book.Book(), book.Book().Authorities
	return func(l *life.Life) *Person {
		m, baseline := on[l.Person.ID]
		p, ok := stateOne(l, b, authorities, e, season, end)
		if baseline {
			if !ok || p.Node != m.node {
				p.Owed = false
			}
			p.Baseline, p.Node, p.School, p.Sex = true, m.node, m.school, m.sex
		} else if !ok {
			return nil
		}
		p.offered(l, e, season)
		return &p
	}
}

// offered fills in the status that is held, and what the offers speak for.
func (p *Person) offered(l *life.Life, e *nccis.Edition, season int) {
	p.Status = guarantee.NotRecorded
	for i := range l.Guarantees {
		if g := &l.Guarantees[i].Is; g.Season == season && g.Node == p.Node && g.Status != "" {
			p.Status = g.Status
		}
	}
	p.Outcome = outcomeOf(e, p.Status)
	for i := range l.Offers {
		if o := l.Offers[i].Is; o.Season == season {
			p.Offers = append(p.Offers, o)
		}
	}
	if code := guarantee.Proposed(p.Offers, season, p.Node); !guarantee.Agrees(p.Status, code) {
		p.Proposed = code
	}
}

// owed states in one transaction whom an offer is owed: what a baseline fixes.
func (s *Service) owed(tx *db.Tx, book register.Register, season int) ([]Person, error) {
	keys, err := born(tx, book.ID, season, 0)
	if err != nil {
		return nil, err
	}
	state := s.stater(book, season, Drawn(season), nil)
	var out []Person
	for some := range slices.Chunk(inOrder(keys), 200) { // a wide IN is slow on SQLite
		lives, err := life.LoadForSeason(tx, fact.Known{Register: book.ID, People: some, Brief: true})
		if err != nil {
			return nil, err
		}
		for _, l := range lives {
			if p := state(l); p != nil {
				out = append(out, *p)
			}
		}
	}
	return out, nil
}

// outcomeOf is the published group of a status; a code that nobody knows records
// nothing.
func outcomeOf(e *nccis.Edition, status string) Outcome {
	if c, known := e.Code(nccis.GuaranteeStatuses, status); known {
		return Outcome(c.Group)
	}
	return NotRecorded
}

// stateOne is one life, and whether an offer is owed to them.
func stateOne(l *life.Life, book register.Book, authorities map[string]bool, e *nccis.Edition, season int, end civil.Date) (Person, bool) {
	v := l.On(book, e, end)
	r := &v.Record.Values
	p := Person{Person: l.Person.ID, Sex: r[nccis.Gender], Leads: r[nccis.LeadLEA], Cohort: r[nccis.CohortStatus], Intended: r[nccis.IntendedDestinationYr11] != ""}
	born, err := civil.Parse(r[nccis.DOB])
	if err != nil {
		return p, false
	}
	p.Node, p.Owed = guarantee.Owed(authorities, &v.Record, v.In, born, end)
	if p.Node == guarantee.Year11 && r[nccis.EducatedLEA] != "" && end.Before(civil.AcademicYear(season).Start()) {
		p.Leads = r[nccis.EducatedLEA]
	}
	p.School = schoolOn(l, Drawn(season))
	return p, p.Owed
}

// schoolOn is the school of the spell that had started last by a day, of those
// that have one.
func schoolOn(l *life.Life, day civil.Date) School {
	var best civil.Date
	var out School
	for i := range l.Spells {
		s := &l.Spells[i]
		started, err := civil.Parse(s.Started)
		if err != nil || s.Is.EstablishmentNumber == "" && s.Is.EstablishmentName == "" || started.After(day) || started.Before(best) {
			continue
		}
		best, out = started, School{s.Is.EstablishmentNumber, s.Is.EstablishmentName}
	}
	return out
}

const sqlBorn = `SELECT DISTINCT young_person FROM `

// born are those who, by some birth date held, finish Year 11 or Year 12 in the
// season's summer.
func born(tx *db.Tx, r id.Register, season int, at id.Act) (map[id.YoungPerson]bool, error) {
	w := fact.Known{Register: r, At: at}.Where()
	w.And("dob BETWEEN $1 AND $2", civil.Must(season-18, time.September, 1).String(), civil.Must(season-16, time.August, 31).String())
	rows, err := tx.Query(sqlBorn+youngperson.ParticularsTable.Name+w.SQL(), w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read who finishes Year 11 or 12: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]bool{}
	for rows.Next() {
		var yp int64
		if err := rows.Scan(&yp); err != nil {
			return nil, err
		}
		out[id.YoungPerson(yp)] = true
	}
	return out, rows.Err()
}

func inOrder(set map[id.YoungPerson]bool) []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(set))
	for yp := range set {
		out = append(out, yp)
	}
	slices.Sort(out)
	return out
}
