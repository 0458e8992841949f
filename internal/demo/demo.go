// Package demo invents a register: an authority that does not exist, and the
// young people, schools, streets and staff of it.
//
// A demo is what a newcomer tries the product with, and what its tests,
// documents and screenshots show. Saltmarsh is about as large as Sefton and
// its rates are near those that Sefton published (DfE scorecard 2025: cohort
// 6,075, NEET 3.6 %, not known 0.2 %, participating 93.0 %, full-time education
// 85.9 %, apprenticeships 3.9 %, September Guarantee offers 96.1 %). Its
// authority code is one that no authority has, its postcodes are of an area
// that does not exist, its telephone numbers are those that Ofcom keeps free
// for drama.
//
// Invent is pure: the same seed, day and size give the same people, down to
// their references. Fill puts them into a register, act by act, as they would
// have become known.
package demo

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/life"
)

// The authority: its code is the register's database id too.
const (
	Code = "995"
	Name = "Saltmarsh"
)

// Months is how many months of history the register holds, up to the month
// before the one whose file waits.
const Months = 36

// SentMonths is how many months' returns have been sent, up to the last; of
// those before, the last March's, which the Department publishes.
const SentMonths = 4

// Smallest is the least of a whole authority that can be invented: with fewer
// people the schools and the stories are not filled.
const Smallest = 0.02

// earliest is the first day that the demo can be set on: three years of
// history then fall into editions of the requirement that have today's codes.
var earliest = civil.Must(2025, time.June, 1)

// World is one invented authority.
type World struct {
	Seed uint64
	// Borough is the authority; Saltmarsh unless it is a neighbour.
	Borough Borough
	// On is the day on which it is looked at.
	On civil.Date
	// Period is the last complete month before On: the waiting file's.
	Period civil.Month
	Cast   []Staff
	People []*Person
	// Stories are the young people whom documents and tests know by name.
	Stories []Story
	// Acts are in the order of time; a fact's KnownFrom is 1 + its act's index.
	Acts []Act
	// Told is the KnownFrom up to which facts are told in the register. Those of
	// the acts from there to Filed stand in the waiting file; after it come
	// the contacts of the last days, which the register holds again.
	Told, Filed int
	// Sources are what lists of institutions came from; see Version.Evidence of
	// a Person.
	Sources []Source

	// neighbours says that it lies beside others, and is small.
	neighbours bool

	first civil.Month // of history
	year  civil.AcademicYear
}

// Act is one thing that somebody did in the demo's past.
type Act struct {
	At     time.Time
	By     int // index in Cast
	Action string
	Reason string
}

// Source is an institution or service that sends lists.
type Source struct{ Kind, SaidBy string }

// Person is one young person and everything told about them. Keys in it are the
// demo's own: a fact's ID counts from 1 within the person, KnownFrom and
// KnownTo are 1 + the index of an act, and Evidence is 1 + the index in Told, or
// -1 - the index of a source.
type Person struct {
	life.Life
	// Told are the contacts and the like that facts of this person alone rest on.
	Told []act.Evidence
	// Left is the month in which they leave the cohort; none for those who stay.
	Left civil.Month

	next   int64
	toldBy []int // the KnownFrom of each of Told
	origin *drawn
	gender string
	born   civil.Date
	// final is the academic year in which they are in Year 11.
	final      civil.AcademicYear
	plan, help bool
	traits     []string
	adviser    int
	school     institution
	late       bool // on the late list
	ceased     bool // the plan has, and the young person left with it
	// story is what somebody of the young cast does, by month; foundLate is how
	// many months after September it is known each year.
	story     map[civil.Month]state
	foundLate int
	named     bool       // one of the young cast: fate leaves them alone
	arrived   civil.Date // none for those who were here in Year 11
}

// Settings are what a world is invented from.
type Settings struct {
	Seed uint64
	On   civil.Date
	// Size is the fraction of a whole authority, 1 where 0: tests take less.
	Size float64
}

// Invent makes the world. The error says why the day cannot be had.
func Invent(s Settings) (*World, error) {
	w, err := lay(s, boroughs()[0], false)
	if err != nil {
		return nil, err
	}
	w.live()
	w.number()
	return w, nil
}

// lay makes the world of a borough, with its people, none of whom has lived yet.
func lay(s Settings, b Borough, neighbours bool) (*World, error) {
	if s.On.Before(earliest) {
		return nil, fmt.Errorf("the demo can be set on %s or later", earliest.Words())
	}
	if s.Size == 0 {
		s.Size = 1
	}
	w := &World{Seed: s.Seed, Borough: b, neighbours: neighbours, On: s.On, Period: s.On.InMonth().Add(-1), Cast: b.staff(s.Seed)}
	w.first, w.year = w.Period.Add(-Months), w.Period.End().AcademicYear()
	w.Sources = sources()
	w.Acts = w.schedule()
	w.Told, w.Filed = Months*slots, (Months+1)*slots
	w.populate(s.Size)
	return w, nil
}

// live leads every life, on all cores: each has a randomness of its own.
func (w *World) live() {
	var done sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		done.Go(func() {
			for i := core; i < len(w.People); i += cores {
				p := w.People[i]
				t := &teller{w: w, p: p, r: rand.New(rand.NewPCG(w.Seed, uint64(i)+1))}
				t.lead()
			}
		})
	}
	done.Wait()
}
