package find

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// index is a register as it is looked through. Most people stand in base, which
// is built once; those whom acts have touched since stand in two small layers
// over it, of which the upper is built anew with each act.
type index struct {
	mu       sync.RWMutex
	register id.Register
	at       id.Act
	base     *layer
	middle   *layer
	fresh    *layer
	// changed are the people of the two upper layers, nil who is held no more;
	// inFresh those of the upper.
	changed map[id.YoungPerson]*person
	inFresh map[id.YoungPerson]bool
}

// How many people a layer takes before it goes down one.
const (
	mostFresh   = 200
	mostChanged = 20_000
)

// layer is some people, ready to be looked through.
type layer struct {
	table   *match.Table
	search  *match.Search
	people  []id.YoungPerson
	schools map[string][]uint32 // folded name of the present one: rows
}

func (l *layer) bytes() int { return l.table.Bytes() + l.search.Bytes() + 8*len(l.people) }

// schema is the columns of a row; further values come beside it.
var schema = []match.Kind{match.Given, match.Family, match.Birth, match.Postcode, match.School, match.YoungPersonsID}

// layering is a layer under construction.
type layering struct {
	*layer
	cells [6]string
}

func newLayering(v *match.Variants) (*layering, error) {
	t, err := match.NewTable(match.NewLexicon(v), schema)
	if err != nil {
		return nil, err
	}
	return &layering{layer: &layer{table: t, schools: map[string][]uint32{}}}, nil
}

func (l *layering) add(yp id.YoungPerson, given, family, born, postcode, school, ypid string) {
	l.cells = [6]string{given, family, born, postcode, school, ypid}
	row := l.table.Add(l.cells[:])
	l.people = append(l.people, yp)
	for _, part := range apart(given) {
		l.table.Also(row, match.Given, part)
	}
	for _, part := range apart(family) {
		l.table.Also(row, match.Family, part)
	}
	if school != "" {
		l.schools[school] = append(l.schools[school], uint32(row))
	}
}

// apart are the words of a name that folding has put together with a family
// prefix: da Silva folds to one word, and is looked for by either.
func apart(name string) []string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return nil
	}
	folded := strings.Fields(match.Fold(name))
	var out []string
	for _, w := range words {
		if f := match.Fold(w); len(f) > 1 && !slices.Contains(folded, f) {
			out = append(out, w)
		}
	}
	return out
}

func (l *layering) done() *layer {
	folded := make(map[string][]uint32, len(l.schools))
	for name, rows := range l.schools {
		key := " " + foldWords(name)
		folded[key] = append(folded[key], rows...)
	}
	l.schools = folded
	l.search = match.NewSearch(l.table)
	return l.layer
}

// foldWords folds each word for itself, as a school's name is looked for.
func foldWords(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = standing.Fold(w)
	}
	return strings.Join(words, " ")
}

// current is the index with every act in it, held for reading: the caller calls
// release.
func (s *Service) current(ctx context.Context, r id.Register) (*index, func(), error) {
	s.bringing.Lock()
	defer s.bringing.Unlock()
	ix := s.kept[r]
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		book, err := register.Of(tx, r)
		if err != nil {
			return err
		}
		if ix != nil && ix.at == book.LastAct {
			return nil
		}
		if ix != nil {
			touched, known, err := life.Since(tx, r, ix.at, book.LastAct)
			if err != nil {
				return err
			}
			if known && len(touched)+len(ix.changed) <= mostChanged {
				return s.takeIn(tx, ix, touched, book.LastAct)
			}
		}
		base, err := s.load(tx, r)
		if err != nil {
			return err
		}
		ix = &index{register: r, at: book.LastAct, base: base, changed: map[id.YoungPerson]*person{}, inFresh: map[id.YoungPerson]bool{}}
		s.kept[r] = ix
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read whom to look for: %w", err)
	}
	ix.mu.RLock()
	return ix, ix.mu.RUnlock, nil
}

// takeIn reads those whom acts have touched anew.
func (s *Service) takeIn(tx *db.Tx, ix *index, touched []id.YoungPerson, at id.Act) error {
	if len(touched) == 0 {
		ix.mu.Lock()
		ix.at = at
		ix.mu.Unlock()
		return nil
	}
	held, err := loadPeople(tx, ix.register, touched)
	if err != nil {
		return err
	}
	changed, inFresh, middle := ix.changed, maps.Clone(ix.inFresh), ix.middle
	for _, yp := range touched {
		inFresh[yp] = true
	}
	// Nobody reads these two but under the lock.
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, yp := range touched {
		changed[yp] = held[yp]
	}
	if len(inFresh) > mostFresh {
		if middle, err = s.layerOf(changed, func(id.YoungPerson) bool { return true }); err != nil {
			return err
		}
		inFresh = map[id.YoungPerson]bool{}
	}
	fresh, err := s.layerOf(changed, func(yp id.YoungPerson) bool { return inFresh[yp] })
	if err != nil {
		return err
	}
	ix.at, ix.middle, ix.fresh, ix.inFresh = at, middle, fresh, inFresh
	return nil
}

func (s *Service) layerOf(people map[id.YoungPerson]*person, in func(id.YoungPerson) bool) (*layer, error) {
	l, err := newLayering(s.variants)
	if err != nil {
		return nil, err
	}
	for _, yp := range slices.Sorted(maps.Keys(people)) {
		p := people[yp]
		if p == nil || !in(yp) {
			continue
		}
		l.add(yp, p.given, p.family, p.born, p.postcode, p.school, p.ypid)
		for _, o := range p.others {
			l.table.Also(len(l.people)-1, o.kind, o.text)
		}
	}
	return l.done(), nil
}

// hit is somebody found.
type hit struct {
	person id.YoungPerson
	bits   float32
}

// find is who fits, the best first, for each layer; somewhat more than are
// counted. A name is rarer among many, so the bits of two layers cannot be
// compared.
func (ix *index) find(q Question, allowed func(id.YoungPerson) bool) [3][]hit {
	var out [3][]hit
	look := func(i int, l *layer, mine func(id.YoungPerson) bool) {
		if l != nil && len(l.people) > 0 {
			out[i] = l.find(q, func(yp id.YoungPerson) bool { return mine(yp) && allowed(yp) })
		}
	}
	look(0, ix.fresh, func(id.YoungPerson) bool { return true })
	look(1, ix.middle, func(yp id.YoungPerson) bool { return !ix.inFresh[yp] })
	look(2, ix.base, func(yp id.YoungPerson) bool { _, moved := ix.changed[yp]; return !moved })
	return out
}

func (l *layer) find(q Question, allowed func(id.YoungPerson) bool) []hit {
	var out []hit
	for _, h := range l.search.Find(q.text, counted+1, func(row uint32) bool { return allowed(l.people[row]) }) {
		out = append(out, hit{l.people[h.Person], h.Bits})
	}
	// Where the whole question is a school, match looks at the first few
	// thousand people alone; here every pupil is known.
	if len(out) > 0 && out[0].bits > schoolAlone {
		return out
	}
	found := map[id.YoungPerson]bool{}
	for _, h := range out {
		found[h.person] = true
	}
	for _, row := range l.pupils(q.text) {
		if yp := l.people[row]; len(out) <= counted && !found[yp] && allowed(yp) {
			out = append(out, hit{yp, 2})
		}
	}
	return out
}

// schoolAlone is as much as fitting the words of a school can add up to.
const schoolAlone = 8

// pupils are those at the schools in whose name each word of the question
// begins a word.
func (l *layer) pupils(text string) []uint32 {
	words := strings.Fields(foldWords(text))
	var rows []uint32
	for name, at := range l.schools {
		if !slices.ContainsFunc(words, func(w string) bool { return w == "" || !strings.Contains(name, " "+w) }) && len(words) > 0 {
			rows = append(rows, at...)
		}
	}
	slices.Sort(rows)
	return rows
}
