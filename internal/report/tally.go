package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// tally is the states of a whole register as known after one act: some 400
// bytes for each person. It is brought up to date in place, under mu; whoever
// counts holds mu for reading.
type tally struct {
	mu          sync.RWMutex
	register    register.Register
	requirement *nccis.Requirement
	at          id.Act
	// months are those about which the register knows anything, up to the one
	// that was running when the tally was made. None where it knows nothing.
	months []moment
	// people are those of whom anything is counted in any month, by key.
	people []personStates
	names  *naming
	known  known

	// answered are the answers given since the last act, by their question.
	answers  sync.Mutex
	answered map[string]*Result
}

// keptAnswers is how many answers stay until the next act.
const keptAnswers = 50

// remembered is the answer to the same question, if nothing was done since.
func (t *tally) remembered(q Question) *Result {
	t.answers.Lock()
	defer t.answers.Unlock()
	return t.answered[fmt.Sprint(q)]
}

func (t *tally) remember(q Question, r *Result) {
	t.answers.Lock()
	defer t.answers.Unlock()
	if t.answered == nil || len(t.answered) >= keptAnswers {
		t.answered = map[string]*Result{}
	}
	t.answered[fmt.Sprint(q)] = r
}

// longest is how many months a tally goes back at most: a mistyped year must
// not fill the memory.
const longest = 20 * 12

const (
	sqlBegan  = `SELECT MIN(stated_on) FROM cohort WHERE register = $1 AND known_from <= $2 AND stated_on >= '2000-01-01' AND stated_on < '2999'`
	sqlPeople = `SELECT id FROM young_person WHERE register = $1 ORDER BY id`
)

// began is the first month about which the register was told anything: the
// earliest for which a cohort status was stated, by a file or by a person. What
// it holds of earlier days (a course that had begun before) is not the whole of
// what was so then, so those months have no figures.
func began(tx *db.Tx, r id.Register, at id.Act) (civil.Month, error) {
	var text sql.NullString
	if err := tx.QueryRow(sqlBegan, int64(r), int64(at)).Scan(&text); err != nil {
		return civil.Month{}, fmt.Errorf("find the first month of the register: %w", err)
	}
	d, err := civil.Parse(text.String)
	if err != nil {
		return civil.Month{}, nil // nothing was stated yet
	}
	return d.InMonth(), nil
}

// newTally prepares the tally of a register after an act; last is the last
// month that it has. Nobody is in it yet.
func newTally(tx *db.Tx, reg register.Register, req *nccis.Requirement, at id.Act, last civil.Month) (*tally, error) {
	t := &tally{register: reg, requirement: req, at: at, names: newNaming()}
	areas, err := readAreas(tx, reg.ID, at)
	if err != nil {
		return nil, err
	}
	t.known = areas.known()
	if invented := reg.Invented(); len(invented) > 0 {
		t.requirement = req.WithInvented(invented)
	}
	first, err := began(tx, reg.ID, at)
	if err != nil || first.IsZero() || last.Before(first) {
		return t, err
	}
	if earliest := last.Add(1 - longest); first.Before(earliest) {
		first = earliest
	}
	t.months = moments(t.requirement, first, last)
	return t, nil
}

// rangeSize is how many people are stated at a time, and stators how many
// ranges at once, each in a reading transaction of its own, pinned to one act.
const (
	rangeSize = 1000
	stators   = 2
)

type keyRange struct{ from, to id.YoungPerson }

func ranges(tx *db.Tx, r id.Register) ([]keyRange, error) {
	rows, err := tx.Query(sqlPeople, int64(r))
	if err != nil {
		return nil, fmt.Errorf("count the young people: %w", err)
	}
	defer rows.Close()
	var out []keyRange
	for n := 0; rows.Next(); n++ {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		if n%rangeSize == 0 {
			out = append(out, keyRange{from: id.YoungPerson(key)})
		}
		out[len(out)-1].to = id.YoungPerson(key)
	}
	return out, rows.Err()
}

// stateAll states everybody, range by range.
func (t *tally) stateAll(ctx context.Context, d *db.DB, list []keyRange) error {
	if len(t.months) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan int, len(list))
	for i := range list {
		next <- i
	}
	close(next)
	parts := make([][]personStates, len(list))
	failed := make(chan error, stators)
	for range stators {
		go func() {
			err := d.Read(ctx, func(tx *db.Tx) error {
				s := newStater(t.register.Book(), t.requirement, t.months, t.names)
				var err error
				if s.areas, err = readAreas(tx, t.register.ID, t.at); err != nil {
					return err
				}
				for i := range next {
					if parts[i], err = t.state(tx, s, fact.Known{From: list[i].from, To: list[i].to}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				cancel()
			}
			failed <- err
		}()
	}
	var errs []error
	for range stators {
		errs = append(errs, <-failed)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	n := 0
	for i := range parts {
		n += len(parts[i])
	}
	t.people = make([]personStates, 0, n)
	for i := range parts {
		t.people = append(t.people, parts[i]...)
	}
	return nil
}

// state states some people; those of whom nothing is counted are left out.
func (t *tally) state(tx *db.Tx, s *stater, k fact.Known) ([]personStates, error) {
	k.Register, k.At = t.register.ID, t.at
	lives, err := life.LoadForFigures(tx, k)
	if err != nil {
		return nil, err
	}
	// Where a restricted young person lives is counted nowhere: few live in a ward.
	veil, err := access.VeilOf(tx, access.Actor{Register: k.Register})
	if err != nil {
		return nil, err
	}
	var out []personStates
	for _, l := range lives {
		if err := tx.Context().Err(); err != nil {
			return nil, err
		}
		if veil.Protects(l.Person.ID) {
			l.Addresses = nil
		}
		if states := s.states(l); len(states) > 0 {
			out = append(out, personStates{l.Person.ID, slices.Clip(states)})
		}
	}
	return out, s.areas.failed
}

// touchedAtATime is how many people are loaded by name at once: a wide IN is
// slow on SQLite.
const touchedAtATime = 200

// takeIn states anew those whom the acts up to another were about. The caller
// holds mu for writing.
func (t *tally) takeIn(tx *db.Tx, touched []id.YoungPerson, upTo id.Act) error {
	at := t.at
	t.at, t.answered = upTo, nil
	s := newStater(t.register.Book(), t.requirement, t.months, t.names)
	var err error
	if s.areas, err = readAreas(tx, t.register.ID, t.at); err != nil {
		t.at = at
		return err
	}
	again := make([]personStates, 0, len(touched))
	for people := range slices.Chunk(touched, touchedAtATime) {
		stated, err := t.state(tx, s, fact.Known{People: people})
		if err != nil {
			t.at = at
			return err
		}
		again = append(again, stated...)
	}
	byKey := make(map[id.YoungPerson][]State, len(again))
	for _, p := range again {
		byKey[p.key] = p.states
	}
	for _, key := range touched {
		t.put(key, byKey[key])
	}
	return nil
}

// put replaces one person's states; none takes them out.
func (t *tally) put(key id.YoungPerson, states []State) {
	i := sort.Search(len(t.people), func(i int) bool { return t.people[i].key >= key })
	there := i < len(t.people) && t.people[i].key == key
	switch {
	case there && states != nil:
		t.people[i].states = states
	case there:
		t.people = slices.Delete(t.people, i, i+1)
	case states != nil:
		t.people = slices.Insert(t.people, i, personStates{key, states})
	}
}

// place is the month's place in the tally, and ok whether it has one.
func (t *tally) place(m civil.Month) (int, bool) {
	if len(t.months) == 0 {
		return 0, false
	}
	i := monthNumber(m) - monthNumber(t.months[0].month)
	return i, i >= 0 && i < len(t.months)
}

// places are the months of a period, and ok whether the tally has them all.
func (t *tally) places(p Period) (months []int, ok bool) {
	for _, m := range p.Months() {
		i, ok := t.place(m)
		if !ok {
			return nil, false
		}
		months = append(months, i)
	}
	return months, true
}
