package year

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
)

// How somebody told what a young person does.
const (
	byList  = "list"
	byPhone = "phone"
	byVisit = "visit"
	byLink  = "link"
)

// told is what was told of a young person on a day. It has been so since a day, or,
// where none is told, as it was told before.
type told struct{ on, by, code, since string }

// contacted is a contact that was made, whatever came of it.
type contacted struct{ month, how, outcome string }

// book is the tester's own: what was told of whom, and every contact made. Callers
// write into it at once.
type book struct {
	mu       sync.Mutex
	told     map[string][]told
	contacts map[contacted]int
}

func newBook() *book { return &book{told: map[string][]told{}, contacts: map[contacted]int{}} }

func (b *book) tell(number string, t told) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told[number] = append(b.told[number], t)
}

func (b *book) contact(on, how, outcome string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.contacts[contacted{on[:7], how, outcome}]++
}

// last is the last that was told after one day and up to another.
func (b *book) last(number, after, until string) (told, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.told[number]) - 1; i >= 0; i-- {
		if t := b.told[number][i]; t.on > after && t.on <= until {
			return t, true
		}
	}
	return told{}, false
}

// Moves are how a month's numbers came about from those of the month before.
type Moves struct {
	Month                             string
	All, NEET, Lost                   int
	Joined, Left, Lapsed              int
	ByList, ByPhone, ByVisit, ByLink  int // young people of whom what counts was told last so
	BecameNEET, NoLongerNEET, FoundIn int
}

func (m Moves) String() string {
	return fmt.Sprintf("%s: %d of academic age 16 and 17 (%d joined, %d left), %d NEET (%d became, %d no longer), %d not known (%d lapsed, %d found); told last by a list %d, by telephone %d, at the door %d, by their link %d",
		m.Month, m.All, m.Joined, m.Left, m.NEET, m.BecameNEET, m.NoLongerNEET, m.Lost, m.Lapsed, m.FoundIn, m.ByList, m.ByPhone, m.ByVisit, m.ByLink)
}

// agree follows every young person from one signed month to the next: what each
// counts as is what was told since, or what it was before, or not known where
// that has lapsed; whoever is new or gone is so by age or by a status.
func (b *book) agree(before, after *signed) (Moves, error) {
	m := Moves{Month: string(after.month)}
	var wrong []error
	fail := func(format string, args ...any) {
		if len(wrong) < 5 {
			wrong = append(wrong, fmt.Errorf(string(after.month)+": "+format, args...))
		}
	}
	end := string(after.month) + "-31" // compares as the end of any month
	for number, now := range after.people {
		if !now.counted(after.month) {
			continue
		}
		m.All++
		switch now.class() {
		case neet:
			m.NEET++
		case lost:
			m.Lost++
		}
		was, held := before.people[number]
		if !held || !was.counted(before.month) {
			m.Joined++
			if held && before.month.academicAge(was.Born) == after.month.academicAge(now.Born) && was.Status == now.Status && was.Activity != "710" {
				fail("%s is new, and nothing says why", number)
			}
		}
		want := was.class()
		t, any := b.last(number, before.on, after.on)
		switch {
		case any:
			want = classOf(t.code, false)
			m.note(t.by)
		case !held:
			fail("%s is new and nobody has told of them", number)
			continue
		case want == known && was.DueTo != "" && was.DueTo < end:
			want = lost
			m.Lapsed++
		}
		if now.class() != want {
			fail("%s counts as %s (%s, lapsed %s, due %s), and is to count as %s: %s (%s, lapsed %s, due %s) before, told %+v", number, now.class(), now.Activity, now.Lapsed, now.DueTo, want, was.class(), was.Activity, was.Lapsed, was.DueTo, t)
		}
		m.moved(was.class(), now.class())
	}
	for number, was := range before.people {
		now, held := after.people[number]
		if !was.counted(before.month) || held && now.counted(after.month) {
			continue
		}
		m.Left++
		if after.month.academicAge(was.Born) == before.month.academicAge(was.Born) && (!held || now.Status == was.Status && now.Activity != "710") {
			fail("%s is gone, and nothing says why", number)
		}
	}
	return m, errors.Join(wrong...)
}

func (m *Moves) note(by string) {
	switch by {
	case byList:
		m.ByList++
	case byPhone:
		m.ByPhone++
	case byVisit:
		m.ByVisit++
	case byLink:
		m.ByLink++
	}
}

func (m *Moves) moved(was, now class) {
	switch {
	case was == now:
	case now == neet:
		m.BecameNEET++
	case was == neet:
		m.NoLongerNEET++
	}
	if was == lost && now != lost {
		m.FoundIn++
	}
}

// chance is a number from 0 to 99 that follows from words: the same on every
// engine and on every day on which the year is lived.
func chance(words ...string) int {
	h := fnv.New32a()
	for _, w := range words {
		h.Write([]byte(w + "|"))
	}
	return int(h.Sum32() % 100)
}
