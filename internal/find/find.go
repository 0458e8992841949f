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
	"database/sql"
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
	if q.ref != "" {
		return s.byRef(ctx, by, q, page)
	}
	ix, release, err := s.current(ctx, by.Register)
	if err != nil {
		return Found{}, err
	}
	hits := ix.find(q, func(yp id.YoungPerson) bool {
		return access.Decide(by, access.FindPerson, access.Subject{Register: by.Register, YoungPerson: yp}) == nil
	})
	release()
	found := Found{}
	var first []id.YoungPerson
	for _, layer := range hits {
		found.Total += len(layer)
		for _, h := range layer[:min(limit, len(layer))] {
			first = append(first, h.person)
		}
	}
	found.Total, found.Over = min(found.Total, counted), found.Total > counted
	best, err := s.best(ctx, by.Register, q, first)
	if err != nil {
		return Found{}, err
	}
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

const sqlByRef = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`

// byRef finds the one whose record's reference was pasted.
func (s *Service) byRef(ctx context.Context, by access.Actor, q Question, page string) (Found, error) {
	var yp id.YoungPerson
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(sqlByRef, int64(by.Register), string(q.ref)).Scan((*int64)(&yp))
	})
	if errors.Is(err, sql.ErrNoRows) {
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
func (s *Service) best(ctx context.Context, r id.Register, q Question, people []id.YoungPerson) ([]*person, error) {
	var out []*person
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		held, err := loadPeople(tx, r, people)
		for _, yp := range people {
			if p := held[yp]; p != nil {
				p.why, p.fit = s.why(q, p)
				out = append(out, p)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("say why people were found: %w", err)
	}
	slices.SortStableFunc(out, func(a, b *person) int {
		return cmp.Or(cmp.Compare(b.fit, a.fit), strings.Compare(a.family, b.family), strings.Compare(a.given, b.given))
	})
	return out, nil
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
