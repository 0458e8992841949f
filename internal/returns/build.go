package returns

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// Build states and checks the return of the actor's register for one month. It
// needs SeeReturn; whoever shows what it holds about people records the sight.
// For a day on which nothing was known it returns act.BeforeBegan.
//
// The facts are those known after one act, fixed at the start, whatever is
// written meanwhile. A draft of the facts as known now stays in memory, and is
// brought up to date by stating only those whom an act has touched since.
// What is restricted for the actor is not in it; what is signed is the whole.
func (s *Service) Build(ctx context.Context, by access.Actor, period civil.Month, o Options) (*Draft, error) {
	d, err := s.build(ctx, by, period, o)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, by, d)
}

// build is Build with everybody.
func (s *Service) build(ctx context.Context, by access.Actor, period civil.Month, o Options) (*Draft, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	s.building.Lock()
	defer s.building.Unlock()
	b := &builder{s: s, period: period, periodEnd: period.End()}
	var touched []id.YoungPerson
	var old *Draft
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := b.begin(tx, by.Register, o); err != nil {
			return err
		}
		if b.historical {
			if err := b.prepare(tx); err != nil {
				return err
			}
			// Who had been reported as having left may have changed since.
			if old = s.keptPast(b); old != nil && !(b.fits(old) && maps.Equal(old.reported, b.reported)) {
				old = nil
			}
			return nil
		}
		if old = s.keptDraft(b.key); old != nil && !b.fits(old) {
			old = nil
		}
		if old != nil {
			var known bool
			var err error
			if touched, known, err = touchedSince(tx, by.Register, old.KnownAt, b.at); err != nil {
				return err
			} else if !known {
				old = nil
			}
		}
		if old != nil {
			b.reported = old.reported
			return b.restate(tx, touched)
		}
		return b.prepare(tx)
	})
	if err != nil {
		return nil, err
	}
	if old != nil && len(touched) == 0 {
		if old.KnownAt == b.at && old.Header.DateOfSend == b.dateOfSend.String() {
			return old, nil
		}
		d := b.draft(old.People, old.LeftOut)
		d.adopt(old)
		s.keep(d)
		return d, nil
	}
	if old != nil {
		b.merge(old, touched)
	} else if err := b.stateAll(ctx); err != nil {
		return nil, err
	}
	b.order()
	d := b.draft(b.people, b.out)
	d.check()
	if b.historical {
		s.keepPast(d)
	} else {
		s.keep(d)
	}
	return d, nil
}

// begin fixes what the draft is about: the register, the act, the authorities.
func (b *builder) begin(tx *db.Tx, key id.Register, o Options) error {
	var err error
	if b.register, err = register.Of(tx, key); err != nil {
		return err
	}
	b.book, b.at = b.register.Book(), b.register.LastAct
	b.historical = o.KnownAt != 0 || !o.KnownOn.IsZero()
	if !o.KnownOn.IsZero() {
		if b.at, err = act.AsKnown(tx, key, o.KnownOn); err != nil {
			return err
		}
	} else if o.KnownAt != 0 {
		b.at = min(o.KnownAt, b.register.LastAct)
	}
	if b.authorities, err = b.chosen(o.Authorities); err != nil {
		return err
	}
	b.scope = map[string]bool{}
	for _, code := range b.authorities {
		b.scope[code] = true
	}
	if b.dateOfSend = o.DateOfSend; b.dateOfSend.IsZero() {
		b.dateOfSend = civil.On(tx.Now, civil.London())
	}
	b.requirement = b.s.Requirement
	if invented := b.register.Invented(); len(invented) > 0 {
		b.requirement = b.requirement.WithInvented(invented)
	}
	b.edition, _ = b.requirement.EditionOn(b.periodEnd)
	for f := range b.held {
		b.held[f] = b.edition.HasField(nccis.Field(f))
	}
	b.key = draftKey{key, b.period, strings.Join(b.authorities, " ")}
	return nil
}

// chosen are the codes asked for, each of them the register's, in order.
func (b *builder) chosen(asked []string) ([]string, error) {
	all := b.register.Codes()
	if len(asked) == 0 {
		return all, nil
	}
	var complaints field.Errors
	for _, code := range asked {
		if !slices.Contains(all, code) {
			complaints.Add("authority", fmt.Sprintf("%q is not an authority of %s: choose from %s", code, b.register.Name, strings.Join(all, ", ")))
		}
	}
	out := slices.Clone(asked)
	slices.Sort(out)
	return slices.Compact(out), complaints.Err()
}

// fits says that a draft kept may be brought up to date: the register is still
// the same.
func (b *builder) fits(old *Draft) bool {
	return slices.Equal(old.Register.Authorities, b.register.Authorities) && old.Register.DatabaseID == b.register.DatabaseID && old.KnownAt <= b.at
}

const (
	sqlPeople = `SELECT id FROM young_person WHERE register = $1 ORDER BY id`
)

// prepare reads what stating everybody needs: who has been reported as having
// left, and where the ranges of keys begin.
func (b *builder) prepare(tx *db.Tx) error {
	var err error
	if b.reported, err = reportedLeavers(tx, b.register.ID, b.period); err != nil {
		return err
	}
	rows, err := tx.Query(sqlPeople, int64(b.register.ID))
	if err != nil {
		return fmt.Errorf("count the young people: %w", err)
	}
	defer rows.Close()
	var n int
	var last int64
	for ; rows.Next(); n++ {
		if err := rows.Scan(&last); err != nil {
			return err
		}
		if n%rangeSize == 0 {
			b.ranges = append(b.ranges, keyRange{from: id.YoungPerson(last)})
		}
		b.ranges[len(b.ranges)-1].to = id.YoungPerson(last)
	}
	return rows.Err()
}

// rangeSize is how many people are stated at a time, and stators how many
// ranges at once, each in a reading transaction of its own.
const (
	rangeSize = 1000
	stators   = 2
)

type keyRange struct{ from, to id.YoungPerson }

// stateAll states everybody, range by range.
func (b *builder) stateAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan int, len(b.ranges))
	for i := range b.ranges {
		next <- i
	}
	close(next)
	parts := make([]part, len(b.ranges))
	failed := make(chan error, stators)
	for range stators {
		go func() {
			err := b.s.DB.Read(ctx, func(tx *db.Tx) error {
				for i := range next {
					r := b.ranges[i]
					if err := b.state(tx, fact.Known{From: r.from, To: r.to}, &parts[i]); err != nil {
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
	for i := range parts {
		b.add(&parts[i])
	}
	return nil
}

// part is what a range of people came to.
type part struct {
	people []Person
	out    []LeftOut
}

func (b *builder) add(p *part) {
	for i := range p.people {
		b.people = append(b.people, &p.people[i])
	}
	b.out = append(b.out, p.out...)
}

// state states the people of a range, and decides who of them is in.
func (b *builder) state(tx *db.Tx, k fact.Known, out *part) error {
	k.Register, k.At, k.Brief = b.register.ID, b.at, true
	lives, err := life.LoadForReturn(tx, k)
	if err != nil {
		return err
	}
	var doubtful []doubt
	for _, l := range lives {
		if err := tx.Context().Err(); err != nil {
			return err
		}
		v := l.On(b.book, b.edition, b.periodEnd)
		verdict, why := b.decide(l, &v)
		switch verdict {
		case left:
			out.out = append(out.out, LeftOut{l.Person.ID, l.Person.Ref, why})
		default:
			out.people = append(out.people, b.person(l, &v))
			if verdict == askFile {
				doubtful = append(doubtful, doubt{len(out.people) - 1, life.InForce(l.Statuses, b.periodEnd), why})
			}
		}
	}
	if err := b.settle(tx, doubtful, out); err != nil {
		return err
	}
	return b.doubles(tx, k, out)
}

// person is the life as it goes into the file.
func (b *builder) person(l *life.Life, v *life.View) Person {
	p := Person{Key: l.Person.ID, Ref: l.Person.Ref, Record: v.Record, Why: v.Why, CountsAs: v.Status, Lapses: v.Lapses}
	p.tidy(&b.held)
	p.Leaver = leaver(p.Record.Values[cohortStatus])
	p.Age = civil.AcademicAge(birth(&p.Record), b.periodEnd)
	return p
}

// restate states those touched since a draft was kept.
func (b *builder) restate(tx *db.Tx, touched []id.YoungPerson) error {
	const some = 200 // a wide IN is slow on SQLite
	for people := range slices.Chunk(touched, some) {
		var p part
		if err := b.state(tx, fact.Known{People: people}, &p); err != nil {
			return err
		}
		b.add(&p)
	}
	return nil
}

// merge puts those stated anew in the place of those they were.
func (b *builder) merge(old *Draft, touched []id.YoungPerson) {
	again := make(map[id.YoungPerson]bool, len(touched))
	for _, p := range touched {
		again[p] = true
	}
	for _, p := range old.People {
		if !again[p.Key] {
			b.people = append(b.people, p)
		}
	}
	for _, p := range old.LeftOut {
		if !again[p.Key] {
			b.out = append(b.out, p)
		}
	}
}

// manyTouched is when it is faster to state everybody.
const manyTouched = 2000

// touchedSince is life.Since, where it names few enough to be worth it;
// otherwise known is false and everybody must be stated again.
func touchedSince(tx *db.Tx, r id.Register, after, upTo id.Act) (people []id.YoungPerson, known bool, err error) {
	people, known, err = life.Since(tx, r, after, upTo)
	return people, known && len(people) <= manyTouched, err
}

// eachPerson calls fn with each key of a query.
func eachPerson(tx *db.Tx, query string, fn func(id.YoungPerson), args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("read the young people of returns: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		if err := rows.Scan(&yp); err != nil {
			return err
		}
		fn(id.YoungPerson(yp))
	}
	return rows.Err()
}
