// Package find answers who is meant: by a part of a name in any order, a name
// that was another once, a nickname or what sounds alike, a birth date in any
// form, where somebody lives or lived, their school, or any of their numbers.
//
// In the trade people are looked for with what is at hand: a voice on the
// telephone that says a name, an old list, a postcode. So there is one box, and
// each answer says why it is one. What is looked through stands in memory, and
// every act before the question is in it.
package find

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Service finds young people. It is built once and used by many.
type Service struct {
	db       *db.DB
	records  *record.Service
	variants *match.Variants

	// bringing is held while an index is brought up to date, so that those who
	// ask at the same time wait for the first of them.
	bringing sync.Mutex
	kept     map[id.Register]*index

	// making is held while a past is made.
	making sync.Mutex
	pasts  []past
}

// New builds the service, or says what is wrong with the table of names.
func New(d *db.DB, records *record.Service) (*Service, error) {
	v, err := match.NewVariants()
	if err != nil {
		return nil, err
	}
	return &Service{db: d, records: records, variants: v, kept: map[id.Register]*index{}}, nil
}

// Match is one young person found, and why: one reason for each part of what
// was asked.
type Match struct {
	record.Row
	Why []string
}

// Found is the answer to a question.
type Found struct {
	Matches []Match
	// Total is how many fit; with Over there are more than that.
	Total int
	Over  bool
}

// counted is how many are counted before the answer is "more than that".
const counted = 1000

// Find looks for young people, the best fit first, at most limit of them, and
// records who was shown on which page. It needs access.FindPerson. Whoever the
// actor may not find leaves no trace in the count.
func (s *Service) Find(ctx context.Context, by access.Actor, q Question, limit int, page string) (Found, error) {
	if err := access.Decide(by, access.FindPerson, access.Subject{Register: by.Register}); err != nil {
		return Found{}, err
	}
	if q.Empty() {
		return Found{}, nil
	}
	if !q.KnownOn.IsZero() {
		return s.then(ctx, by, q, limit, page)
	}
	if q.ref != "" {
		return s.byRef(ctx, by, q, page)
	}
	f, err := s.finder(ctx, by)
	if err != nil {
		return Found{}, err
	}
	ix, release, err := s.current(ctx, by.Register)
	if err != nil {
		return Found{}, err
	}
	hits := ix.find(q, f.lets)
	release()
	found := Found{}
	var first []id.YoungPerson
	for _, layer := range hits {
		found.Total += len(layer)
		for _, h := range layer[:min(limit, len(layer))] {
			first = append(first, h.person)
		}
	}
	best, err := s.best(ctx, by.Register, q, f, append(first, f.aside...))
	if err != nil {
		return Found{}, err
	}
	found.Total += f.counts(best)
	found.Total, found.Over = min(found.Total, counted), found.Total > counted
	best = best[:min(limit, len(best))]
	people := make([]id.YoungPerson, len(best))
	for i, p := range best {
		people[i] = p.id
	}
	rows, err := s.records.Shown(ctx, by, access.FindPerson, people, page)
	if err != nil {
		return Found{}, err
	}
	for _, r := range rows {
		i := slices.Index(people, r.Person)
		found.Matches = append(found.Matches, Match{Row: r, Why: best[i].why})
	}
	return found, nil
}

func (s *Service) finder(ctx context.Context, by access.Actor) (f *finder, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		f, err = finderOf(tx, by)
		return err
	})
	return f, err
}

// byRef finds the one whose record's reference was pasted, also where that
// record has been put together with another.
func (s *Service) byRef(ctx context.Context, by access.Actor, q Question, page string) (Found, error) {
	var yp id.YoungPerson
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		p, until, err := youngperson.AnyRef(tx, by.Register, q.ref)
		if err == nil && until != 0 {
			_, p, err = youngperson.Led(tx, by.Register, q.ref)
		}
		if yp = p.ID; err == nil && veil.Hides(yp) {
			err = db.NotFound
		}
		return err
	})
	if errors.Is(err, db.NotFound) {
		return Found{}, nil
	}
	if err != nil {
		return Found{}, fmt.Errorf("look for a record: %w", err)
	}
	rows, err := s.records.Shown(ctx, by, access.FindPerson, []id.YoungPerson{yp}, page)
	if err != nil || len(rows) == 0 {
		return Found{}, err
	}
	return Found{Matches: []Match{{Row: rows[0], Why: []string{"the reference of this record"}}}, Total: 1}, nil
}

// best reads the people and puts those that fit best first, each with why.
func (s *Service) best(ctx context.Context, r id.Register, q Question, f *finder, people []id.YoungPerson) ([]*person, error) {
	var out []*person
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		held, err := loadPeople(tx, r, people)
		f.known(held)
		out = f.still(s.fitting(q, people, held))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("say why people were found: %w", err)
	}
	return out, nil
}

// fitting puts those who fit best first, each with why.
func (s *Service) fitting(q Question, people []id.YoungPerson, held map[id.YoungPerson]*person) []*person {
	var out []*person
	for _, yp := range people {
		if p := held[yp]; p != nil {
			p.why, p.fit = s.why(q, p)
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *person) int {
		return cmp.Or(cmp.Compare(b.fit, a.fit), strings.Compare(a.family, b.family), strings.Compare(a.given, b.given))
	})
	return out
}

// Warm reads the register, so that the first question need not wait.
func (s *Service) Warm(ctx context.Context, r id.Register) error {
	_, release, err := s.current(ctx, r)
	if err == nil {
		release()
	}
	return err
}

// Bytes is about the memory that a register's index takes, 0 before Warm.
func (s *Service) Bytes(r id.Register) int {
	s.bringing.Lock()
	defer s.bringing.Unlock()
	if ix := s.kept[r]; ix != nil {
		return ix.base.bytes()
	}
	return 0
}
