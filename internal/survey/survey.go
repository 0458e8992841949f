// Package survey is the Annual Activity Survey.
//
// In the trade the survey asks once a year what last summer's Year 11 do: not by
// letters, but by the register. Whom it is about was fixed in May, with the
// baseline of the September Guarantee; what counts is the confirmed activity on
// 1 November; and until the end of January what is learned late still counts. It
// leaves as a file of numbers, by school and sex (nccis.md 8).
package survey

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/season"
)

// Service keeps the surveys of registers.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	// Record gives names to those whom a number is made of.
	Record *record.Service
}

// Reference is the day whose activity a survey asks for.
func Reference(year int) civil.Date { return civil.Must(year, time.November, 1) }

// Ends is the last day on which what is learned counts.
func Ends(year int) civil.Date { return civil.Must(year+1, time.January, 31) }

// Column is one column of the file after the total.
type Column struct {
	Key, Heading string
	codes        []string
}

//go:embed columns.csv
var columnFile string

// rest marks the column of every code that no other has.
const rest = "*"

var readColumns = sync.OnceValues(func() ([]Column, error) { return parseColumns(columnFile) })

func parseColumns(text string) ([]Column, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 || strings.Join(rows[0], ",") != "key,heading,codes,mark,note" {
		return nil, fmt.Errorf("survey: columns.csv: the columns are not key,heading,codes,mark,note: %w", err)
	}
	var out []Column
	seen := map[string]bool{}
	for i, row := range rows[1:] {
		c := Column{Key: row[0], Heading: row[1], codes: strings.Fields(row[2])}
		for _, code := range c.codes {
			if seen[code] {
				return nil, fmt.Errorf("survey: columns.csv line %d: the code %s stands in a column already", i+2, code)
			}
			seen[code] = true
		}
		out = append(out, c)
	}
	if !seen[rest] {
		return nil, fmt.Errorf("survey: columns.csv: no column takes every other code (%s)", rest)
	}
	return out, nil
}

// Columns are the columns of the file, as its definition has them.
func Columns() ([]Column, error) { return readColumns() }

// columnOf is where a code is counted; "" is no confirmed activity.
func columnOf(columns []Column, code string) int {
	other := 0
	for i, c := range columns {
		if code != "" && slices.Contains(c.codes, code) {
			return i
		}
		if slices.Contains(c.codes, rest) {
			other = i
		}
	}
	return other
}

// Person is one of those asked after.
type Person struct {
	season.Member
	// Activity is the confirmed one on 1 November, "" where there is none; Column
	// is where it is counted.
	Activity string
	Column   int
}

// State is a survey as the register knew it.
type State struct {
	Year int
	// KnownOn is the day whose knowledge counts: today, and after January its end.
	KnownOn civil.Date
	At      id.Act
	Columns []Column
	People  []Person
}

// Row is one line of the file: a school's young people of one sex.
type Row struct {
	School season.School
	Sex    string
	Total  int
	// Counts are by column, and together the total.
	Counts []int
}

// NoBaseline says that the survey has nobody to ask after.
type NoBaseline struct{ Year int }

func (n NoBaseline) Error() string {
	return fmt.Sprintf("The Year 11 baseline of %d was not drawn, and the survey is about those on it. Draw it on the page of the September Guarantee before the season closes.", n.Year)
}

// On is the survey of a year as known at the end of a day; no day is now, and
// what is learned after January counts no longer. It needs access.SeeYear, and
// returns NoBaseline, or act.BeforeBegan.
func (s *Service) On(ctx context.Context, by access.Actor, year int, day civil.Date) (*State, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	out := &State{Year: year, KnownOn: day}
	err := s.DB.Read(ctx, func(tx *db.Tx) error { return s.state(tx, by.Register, out) })
	if err != nil {
		return nil, fmt.Errorf("state the survey of %d: %w", year, err)
	}
	return out, nil
}

func (s *Service) state(tx *db.Tx, r id.Register, out *State) error {
	book, err := register.Of(tx, r)
	if err != nil {
		return err
	}
	today := civil.On(tx.Now, civil.London())
	if out.KnownOn.IsZero() || out.KnownOn.After(today) {
		out.KnownOn = today
	}
	if last := Ends(out.Year); out.KnownOn.After(last) {
		out.KnownOn = last
	}
	out.At = book.LastAct
	if out.KnownOn != today {
		if out.At, err = act.AsKnown(tx, r, out.KnownOn); err != nil {
			return err
		}
	}
	members, err := season.Members(tx, r, out.Year)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return NoBaseline{out.Year}
	}
	if out.Columns, err = Columns(); err != nil {
		return err
	}
	on := Reference(out.Year)
	e, _ := s.Requirement.EditionOn(on)
	for some := range slices.Chunk(members, 200) { // a wide IN is slow on SQLite
		keys, at := make([]id.YoungPerson, len(some)), map[id.YoungPerson]string{}
		for i, m := range some {
			keys[i] = m.Person
		}
		lives, err := life.LoadForFigures(tx, fact.Known{Register: r, At: out.At, People: keys})
		if err != nil {
			return err
		}
		for _, l := range lives {
			at[l.Person.ID] = Confirmed(l, e, on)
		}
		for _, m := range some {
			out.People = append(out.People, Person{m, at[m.Person], columnOf(out.Columns, at[m.Person])})
		}
	}
	return nil
}

// Confirmed is the activity that counts on a day: of those that had started by
// then and had not ended before it the one that started last, where somebody has
// confirmed it, and the confirmation had not lapsed by the day. A confirmation
// that came later counts: it says of the spell that it was so (nccis.md 8).
func Confirmed(l *life.Life, e *nccis.Edition, on civil.Date) string {
	best := -1
	var began civil.Date
	for i := range l.Spells {
		s := &l.Spells[i]
		started, err := civil.Parse(s.Started)
		if err != nil || started.After(on) || started.Before(began) {
			continue
		}
		if ended, err := civil.Parse(s.Ended); err == nil && ended.Before(on) {
			continue
		}
		best, began = i, started
	}
	if best < 0 {
		return ""
	}
	s := &l.Spells[best]
	var latest civil.Date
	for i := range l.Verifications {
		v := &l.Verifications[i]
		if d, err := civil.Parse(v.Is.Verified); err == nil && v.Is.Spell == s.ID && d.After(latest) {
			latest = d
		}
	}
	if latest.IsZero() {
		return ""
	}
	lapses, _ := e.Lapse(nccis.ActivityFacts{Code: s.Is.Activity, Verified: latest, Ascertained: record.Day(s.Is.Ascertained), Started: began,
		Review: record.Day(s.Is.Review), PredictedEnd: record.Day(s.Is.PredictedEnd)})
	if nccis.Lapsed(lapses, on) {
		return ""
	}
	return s.Is.Activity
}

// Rows are the lines of the file: by school and sex, the schools by name.
func (s *State) Rows() []Row {
	type key struct {
		school season.School
		sex    string
	}
	at := map[key]int{}
	var out []Row
	for _, p := range s.People {
		k := key{p.School, p.Sex}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, Row{School: p.School, Sex: p.Sex, Counts: make([]int, len(s.Columns))})
		}
		out[i].Total++
		out[i].Counts[p.Column]++
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.School.Name, b.School.Name), cmp.Compare(a.School.Number, b.School.Number), cmp.Compare(a.Sex, b.Sex))
	})
	return out
}

// Totals are the counts of everybody, by column.
func (s *State) Totals() []int {
	out := make([]int, len(s.Columns))
	for _, p := range s.People {
		out[p.Column]++
	}
	return out
}

// Change is somebody who is counted elsewhere than before.
type Change struct {
	Person   id.YoungPerson
	From, To int
}

// Since are those of the later state who are counted elsewhere than in the
// earlier: what was learned between them.
func (s *State) Since(earlier *State) []Change {
	was := map[id.YoungPerson]int{}
	for _, p := range earlier.People {
		was[p.Person] = p.Column
	}
	var out []Change
	for _, p := range s.People {
		if from, there := was[p.Person]; there && from != p.Column {
			out = append(out, Change{p.Person, from, p.Column})
		}
	}
	return out
}
