package audit

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/standing"
)

// Kinds of oddity (ux-security.md 5.7). None is proof of anything: each is a
// question for somebody who knows the work.
const (
	OwnSurname = "own family name"
	Strangers  = "many strangers"
	MoreOften  = "far more than usual"
	OutOfHours = "out of hours"
	LargeFile  = "large file"
)

// The bounds of ux-security.md 5.7. Whoever opens fewer than leastMuch records
// in a day is not counted as opening far more than usual.
const (
	mostStrangers = 60
	timesMedian   = 3
	medianDays    = 30
	leastMuch     = 10
	mostInFile    = 500
	dayBegins     = 7
	dayEnds       = 20
)

// Oddity is something that somebody who watches over the log should look at.
type Oddity struct {
	Kind             string
	On               civil.Date
	At               time.Time
	Actor, ActorName string
	// Words say it in a sentence, naming no young person.
	Words string
	// Ref and YoungPersonsID are of the young person, where it is one.
	Ref            id.Ref
	YoungPersonsID string

	one id.YoungPerson
}

// Odd looks for what is odd in what staff were shown from one day to another,
// both included, newest first. It needs access.SeeAudit and records who looked.
func (s *Service) Odd(ctx context.Context, by access.Actor, from, to civil.Date) ([]Oddity, error) {
	if err := access.Decide(by, access.SeeAudit, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	o := &odd{from: from, staff: map[string]*member{}, people: map[id.YoungPerson]ties{}, added: map[id.YoungPerson]string{}}
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := o.broken(tx, by.Register, to); err != nil {
			return err
		}
		return o.ties(tx, by.Register)
	}); err != nil {
		return nil, fmt.Errorf("look for what is odd: %w", err)
	}
	if err := s.DB.ReadSide(ctx, func(tx *db.Tx) error { return o.read(tx, by.Register, to) }); err != nil {
		return nil, fmt.Errorf("look for what is odd: %w", err)
	}
	out := o.judge()
	events := make([]Event, len(out))
	for i := range out {
		events[i].one = out[i].one
	}
	if err := s.whom(ctx, by.Register, events); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Ref, out[i].YoungPersonsID = events[i].Ref, events[i].YoungPersonsID
	}
	return out, s.saw(ctx, by, events, "audit, what is odd")
}

// ties are what binds a young person to staff.
type ties struct{ adviser, family string }

// member is one who was shown something.
type member struct {
	name, family string
	// answersForAll says that their role makes them related to everybody.
	answersForAll bool
	hours         map[time.Time]map[id.YoungPerson]bool
	days          map[civil.Date]map[id.YoungPerson]bool
	late          map[civil.Date]*late
	namesakes     map[namesake]time.Time
}

// late is what was opened out of hours on one day.
type late struct {
	first, last time.Time
	people      map[id.YoungPerson]bool
}

type namesake struct {
	on     civil.Date
	person id.YoungPerson
}

type odd struct {
	from   civil.Date
	staff  map[string]*member
	people map[id.YoungPerson]ties
	added  map[id.YoungPerson]string
	files  []Oddity
}

const (
	sqlTies  = `SELECT young_person, adviser, family_key FROM standing WHERE register = $1`
	sqlAdded = `SELECT y.id, a.actor FROM young_person y JOIN act a ON a.register = y.register AND a.number = y.known_from WHERE y.register = $1 AND a.kind = $2`
	sqlStaff = `SELECT a.ref, a.full_name, COALESCE(r.role, '') FROM account a LEFT JOIN account_role r ON r.register = a.register AND r.account = a.id AND r.known_to IS NULL WHERE a.register = $1`
	// sqlOpened: a record that was opened, in contrast to a line of a list.
	sqlOpened = `SELECT at, actor, actor_name, young_person FROM sight WHERE register = $1 AND at >= $2 AND at < $3
		AND actor >= 'account:' AND actor < 'account;' AND kind = $4 AND page IN ('summary', 'history', 'two clocks') AND young_person IS NOT NULL`
	sqlLarge = `SELECT MIN(at), actor, MIN(actor_name), count(DISTINCT young_person) FROM sight WHERE register = $1 AND at >= $2 AND at < $3 AND kind = $4
		GROUP BY actor, request, page HAVING count(DISTINCT young_person) > 500`
)

// each reads rows one by one.
func each(tx *db.Tx, query string, args []any, row func(scanner) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (o *odd) ties(tx *db.Tx, r id.Register) error {
	err := each(tx, sqlTies, []any{int64(r)}, func(row scanner) error {
		var yp id.YoungPerson
		var t ties
		err := row.Scan(&yp, &t.adviser, &t.family)
		o.people[yp] = t
		return err
	})
	if err != nil {
		return err
	}
	err = each(tx, sqlAdded, []any{int64(r), string(access.AddPerson)}, func(row scanner) error {
		var yp id.YoungPerson
		var actor string
		err := row.Scan(&yp, &actor)
		o.added[yp] = actor
		return err
	})
	if err != nil {
		return err
	}
	return each(tx, sqlStaff, []any{int64(r)}, func(row scanner) error {
		var ref, name, role string
		err := row.Scan(&ref, &name, &role)
		m := o.member("account:"+ref, name)
		if slices.Contains([]access.Role{access.TeamManager, access.DataOfficer, access.InformationGovernance}, access.Role(role)) {
			m.answersForAll = true
		}
		return err
	})
}

func (o *odd) member(actor, name string) *member {
	m := o.staff[actor]
	if m == nil {
		words := strings.Fields(name)
		m = &member{name: name, hours: map[time.Time]map[id.YoungPerson]bool{}, days: map[civil.Date]map[id.YoungPerson]bool{}, late: map[civil.Date]*late{}, namesakes: map[namesake]time.Time{}}
		if len(words) > 0 {
			m.family = standing.Fold(words[len(words)-1])
		}
		o.staff[actor] = m
	}
	return m
}

// related says that there is a relation on file: theirs, or added by them.
func (o *odd) related(actor string, yp id.YoungPerson) bool {
	return "account:"+o.people[yp].adviser == actor || o.added[yp] == actor
}

func (o *odd) read(tx *db.Tx, r id.Register, to civil.Date) error {
	begin, end := db.Instant{Time: midnight(o.from.AddDays(-medianDays))}, db.Instant{Time: midnight(to.AddDays(1))}
	err := each(tx, sqlOpened, []any{int64(r), begin, end, string(access.SeePerson)}, func(row scanner) error {
		var at db.Instant
		var actor, name string
		var yp id.YoungPerson
		if err := row.Scan(&at, &actor, &name, &yp); err != nil {
			return err
		}
		o.opened(at.Time, actor, name, yp)
		return nil
	})
	if err != nil {
		return err
	}
	return each(tx, sqlLarge, []any{int64(r), db.Instant{Time: midnight(o.from)}, end, string(access.DownloadPeople)}, func(row scanner) error {
		var at db.Instant
		var actor, name string
		var people int
		err := row.Scan(&at, &actor, &name, &people)
		o.files = append(o.files, Oddity{Kind: LargeFile, On: civil.On(at.Time, civil.London()), At: at.Time, Actor: actor, ActorName: name,
			Words: fmt.Sprintf("Downloaded a file with %d young people; more than %d is worth a look.", people, mostInFile)})
		return err
	})
}

// opened counts one record that somebody opened.
func (o *odd) opened(at time.Time, actor, name string, yp id.YoungPerson) {
	m := o.member(actor, name)
	at = at.In(civil.London())
	day := civil.On(at, civil.London())
	put(m.days, day, yp)
	if day.Before(o.from) {
		return
	}
	related := o.related(actor, yp)
	if !related && !m.answersForAll {
		put(m.hours, at.Truncate(time.Hour), yp)
	}
	if m.family != "" && m.family == o.people[yp].family {
		if first, seen := m.namesakes[namesake{day, yp}]; !seen || at.Before(first) {
			m.namesakes[namesake{day, yp}] = at
		}
	}
	if weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday; !related && (weekend || at.Hour() < dayBegins || at.Hour() >= dayEnds) {
		l := m.late[day]
		if l == nil {
			l = &late{first: at, last: at, people: map[id.YoungPerson]bool{}}
			m.late[day] = l
		}
		if at.Before(l.first) {
			l.first = at
		}
		if at.After(l.last) {
			l.last = at
		}
		l.people[yp] = true
	}
}

func put[K comparable](in map[K]map[id.YoungPerson]bool, k K, yp id.YoungPerson) {
	if in[k] == nil {
		in[k] = map[id.YoungPerson]bool{}
	}
	in[k][yp] = true
}

// judge holds what was counted against the bounds.
func (o *odd) judge() []Oddity {
	out := o.files
	for actor, m := range o.staff {
		say := func(kind string, at time.Time, one id.YoungPerson, words string) {
			out = append(out, Oddity{Kind: kind, On: civil.On(at, civil.London()), At: at, Actor: actor, ActorName: m.name, Words: words, one: one})
		}
		for n, at := range m.namesakes {
			say(OwnSurname, at, n.person, "Opened the record of a young person with their own family name.")
		}
		for hour, people := range m.hours {
			if len(people) > mostStrangers {
				say(Strangers, hour, 0, fmt.Sprintf("Opened the records of %d young people in one hour to whom they have no relation on file; more than %d is worth a look.", len(people), mostStrangers))
			}
		}
		for day, l := range m.late {
			say(OutOfHours, l.first, 0, fmt.Sprintf("Opened %s not theirs %s.", records(len(l.people)), lateWords(day, l)))
		}
		for day, people := range m.days {
			if day.Before(o.from) || len(people) < leastMuch {
				continue
			}
			if usual, ok := m.usual(day); ok && 2*len(people) > timesMedian*usual {
				say(MoreOften, midnight(day), 0, fmt.Sprintf("Opened %d records; on half of their days in the %d days before it was %s or fewer.", len(people), medianDays, halves(usual)))
			}
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if !a.At.Equal(b.At) {
			return a.At.After(b.At)
		}
		return a.Actor+a.Kind+a.Words < b.Actor+b.Kind+b.Words
	})
	return out
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

func lateWords(day civil.Date, l *late) string {
	when := "on a working day before 07:00 or after 20:00"
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		when = "on a " + w.String()
	}
	if l.first.Equal(l.last) {
		return fmt.Sprintf("%s, at %s", when, l.first.Format("15:04"))
	}
	return fmt.Sprintf("%s, between %s and %s", when, l.first.Format("15:04"), l.last.Format("15:04"))
}

// usual is twice the median of the records they opened a day, over the days
// in the thirty before on which they opened any. Five such days are needed to
// call anything usual.
func (m *member) usual(day civil.Date) (int, bool) {
	var counts []int
	for d, people := range m.days {
		if n := day.DaysSince(d); n >= 1 && n <= medianDays {
			counts = append(counts, len(people))
		}
	}
	if len(counts) < 5 {
		return 0, false
	}
	slices.Sort(counts)
	return counts[(len(counts)-1)/2] + counts[len(counts)/2], true
}

// halves writes half of a number.
func halves(twice int) string {
	if twice%2 == 1 {
		return fmt.Sprintf("%d.5", twice/2)
	}
	return fmt.Sprint(twice / 2)
}
