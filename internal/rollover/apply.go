package rollover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/register"
	"waymark/internal/season"
)

// Done is a rollover that was done.
type Done struct {
	Act    id.Act
	At     time.Time
	By     string
	People int
}

const (
	sqlDone = `SELECT r.act, a.at, a.actor_name, r.people FROM rollover r JOIN act a ON a.register = r.register AND a.number = r.act
		WHERE r.register = $1 AND r.year = $2 AND r.undone_by IS NULL`
	sqlAddDone = `INSERT INTO rollover (register, year, act, people) VALUES ($1, $2, $3, $4)`
	sqlUndo    = `UPDATE rollover SET undone_by = $1 WHERE register = $2 AND act = $3 AND undone_by IS NULL`
)

// Done says whether a year was rolled over. It needs access.SeeYear.
func (s *Service) Done(ctx context.Context, by access.Actor, year civil.AcademicYear) (bool, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return false, err
	}
	var d *Done
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		d, err = doneOf(tx, by.Register, year)
		return err
	})
	return d != nil, err
}

func doneOf(tx *db.Tx, r id.Register, year civil.AcademicYear) (*Done, error) {
	rows, err := tx.Query(sqlDone, int64(r), int(year))
	if err != nil {
		return nil, fmt.Errorf("read whether the year was rolled over: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var d Done
	var at db.Instant
	if err := rows.Scan((*int64)(&d.Act), &at, &d.By, &d.People); err != nil {
		return nil, err
	}
	d.At = at.Time
	return &d, rows.Err()
}

// errMoved says that an act came between the rehearsal and its doing.
var errMoved = errors.New("rollover: the register was changed meanwhile")

// tries is how often a rollover is rehearsed anew because somebody recorded
// something meanwhile.
const tries = 5

// opens is how many days before 1 September the year may be rolled over: the
// return for August is built by what is stated up to its end, and stays so.
const opens = 14

// Opens is the first day on which a year may be rolled over.
func Opens(year civil.AcademicYear) civil.Date { return year.Start().AddDays(-opens) }

// Apply rolls a year over, in one act: it states the status of each leaver from
// 1 September on, with the authority that takes them over, and the G of those
// whom the guarantee keeps. What August's return says of them stays. Done twice
// it does nothing, and field.Errors for "apply" says who was first. It needs
// access.RollOver, and returns act.ErrRepeated for a key used before.
func (s *Service) Apply(ctx context.Context, by access.Actor, year civil.AcademicYear, key string) (Done, error) {
	if err := access.Decide(by, access.RollOver, access.Subject{Register: by.Register}); err != nil {
		return Done{}, err
	}
	for range tries {
		r, err := s.Rehearse(ctx, by, year)
		if err != nil {
			return Done{}, err
		}
		done, err := s.apply(ctx, by, r, key)
		if !errors.Is(err, errMoved) {
			return done, err
		}
	}
	return Done{}, db.Conflict{What: "the register"}
}

func (s *Service) apply(ctx context.Context, by access.Actor, r *Rehearsal, key string) (done Done, err error) {
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.RollOver, 0, act.Request{Key: key, Reason: "rollover to " + r.Year.String(),
			Evidence: &act.Evidence{Kind: act.System, SaidBy: "roll-over on 1 September"}})
		if err != nil {
			return err
		}
		if err := mayApply(tx, by.Register, r.Year); err != nil {
			return err
		}
		if a.Number != r.At+1 {
			return errMoved
		}
		n, err := s.write(ctx, tx, a, r)
		if err != nil {
			return err
		}
		if n == 0 {
			return field.Errors{{Field: "apply", Message: "There is nobody whose status 1 September changes: nothing was done"}}
		}
		done = Done{Act: a.Number, At: tx.Now, By: by.Name, People: n}
		_, err = tx.Exec(sqlAddDone, int64(by.Register), int(r.Year), int64(a.Number), n)
		return err
	})
	if err != nil && !errors.Is(err, errMoved) {
		err = fmt.Errorf("roll over: %w", err)
	}
	return done, err
}

func mayApply(tx *db.Tx, r id.Register, year civil.AcademicYear) error {
	if d, err := doneOf(tx, r, year); err != nil || d != nil {
		if err == nil {
			err = field.Errors{{Field: "apply", Message: fmt.Sprintf("The year %s was rolled over already, by %s on %s. Take that back first, if it was wrong", year, d.By, civil.On(d.At, civil.London()).Words())}}
		}
		return err
	}
	today, from := civil.On(tx.Now, civil.London()), Opens(year)
	if today.Before(from) {
		return field.Errors{{Field: "apply", Message: fmt.Sprintf("The year %s can be rolled over from %s on. Until then it can be rehearsed", year, from.Words())}}
	}
	if today.AcademicYear() > year {
		return field.Errors{{Field: "apply", Message: fmt.Sprintf("The year %s is over: roll over the one that runs now", year)}}
	}
	return nil
}

// atOnce is how many lives are changed together.
const atOnce = 200

// write states what the rehearsal says of each, and returns of how many.
func (s *Service) write(ctx context.Context, tx *db.Tx, a *act.Act, r *Rehearsal) (int, error) {
	book, err := register.Of(tx, a.Register)
	if err != nil {
		return 0, err
	}
	live, err := season.Live(tx, a.Register, int(r.Year), r.Year.Start())
	if err != nil {
		return 0, err
	}
	rule := s.ruleFor(book, r.Year, live)
	var people []id.YoungPerson
	for i := range r.People {
		if r.People[i].Change.Sets() != "" {
			people = append(people, r.People[i].Person)
		}
	}
	w, n := change.NewWriter(tx, a), 0
	for some := range slices.Chunk(people, atOnce) {
		lives, err := life.Load(tx, fact.Known{Register: a.Register, People: some})
		if err != nil {
			return 0, err
		}
		key, err := a.Keys(len(lives))
		if err != nil {
			return 0, err
		}
		b := change.New()
		for i, l := range lives {
			p := rule.decide(l)
			if p == nil || p.Change.Sets() == "" {
				continue
			}
			next := change.Copy(l)
			state(next, p, book.Book(), r.Year, id.Fact(key+int64(i)), a)
			b.Life(a, a.Evidence, l, next)
			b.Restand(s.Standing, a.Register, next)
			n++
		}
		if err := w.Write(ctx, b); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// state ends the status before with the old year and states the new one from
// 1 September on: August's return asks for what was so in August.
func state(l *life.Life, p *Person, book register.Book, year civil.AcademicYear, key id.Fact, a *act.Act) {
	first := year.Start()
	next := cohort.Status{}
	if s := life.InForce(l.Statuses, first); s != nil {
		next = s.Is
	}
	for i := range l.Statuses {
		s := &l.Statuses[i]
		ended, err := civil.Parse(s.Ended)
		if s.Ended == "" || err == nil && !ended.Before(first) {
			s.Ended = first.AddDays(-1).String()
		}
	}
	next.Status, next.StatedOn, next.TransferredTo = p.Change.Sets(), first.String(), p.To
	if from := life.HandsOver(book, &next); p.To != "" && from != "" {
		next.LeadLA = from // a transfer is stated by whom it leaves, never to the lead itself (nccis.md 5.3, error 42)
	}
	l.Statuses = append(l.Statuses, fact.Of[cohort.Status]{
		Version: fact.Version{YoungPerson: l.Person.ID, ID: key, Started: first.String(), KnownFrom: a.Number, Evidence: a.Evidence}, Is: next})
}

// Undo takes the rollover of a year back. What somebody has changed since stays
// as they left it; BuiltOn says of whom. The year can then be rolled over again.
// It needs access.RollOver; where there is nothing to take back it returns
// field.Errors for "undo".
func (s *Service) Undo(ctx context.Context, by access.Actor, year civil.AcademicYear, key string) (life.Undone, error) {
	var out life.Undone
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		d, err := doneOf(tx, by.Register, year)
		if err != nil {
			return err
		}
		var undoes id.Act
		if d != nil {
			undoes = d.Act
		}
		a, err := act.Begin(tx, by, access.RollOver, 0, act.Request{Key: key, Undoes: undoes, Reason: "rollover to " + year.String() + " taken back"})
		if err != nil {
			return err
		}
		if d == nil {
			return field.Errors{{Field: "undo", Message: fmt.Sprintf("The year %s was not rolled over, or that was taken back already", year)}}
		}
		if out, err = life.Undo(tx, a, d.Act); err != nil {
			return err
		}
		if err := db.ExecEachOne(tx, "this rollover", sqlUndo, [][]any{{int64(a.Number), int64(a.Register), int64(d.Act)}}); err != nil {
			return err
		}
		return s.Standing.Rewrite(tx, a, out.People...)
	})
	return out, err
}
