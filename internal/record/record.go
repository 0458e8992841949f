// Package record is the client record: the acts by which staff keep it, and
// what they are shown of it.
//
// In the trade the client record is the page that an adviser opens before
// every call: is this the right person, how do I reach them, what are they
// doing now, what comes next. Keeping it means adding people, correcting what
// is wrong, recording what somebody does now, and confirming that it is still
// so. Every save says where it was learned, and is refused where the
// Department would refuse it.
package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	"waymark/internal/standing"
)

// Service keeps client records.
type Service struct {
	DB          *db.DB
	Requirement *nccis.Requirement
	Standing    standing.Keeper
	Sights      *act.Recorder
	// Rolls are what whole registers are counted by.
	Rolls *standing.Rolls
}

// Told says where a change was learned. Every save asks.
type Told struct {
	// Kind is one of act.EvidenceKinds; SaidBy says who, in words.
	Kind, SaidBy string
	// On is the day we learned it; none is today.
	On civil.Date
	// Key is the one-use key of the form.
	Key string
	// Reason is asked where a change needs one.
	Reason string
}

func (t Told) check(today civil.Date, wrong *field.Errors) {
	known := false
	for _, k := range act.EvidenceKinds() {
		known = known || k == t.Kind
	}
	if !known {
		wrong.Add("told-kind", "Select how you learned this")
	}
	if t.On.After(today) {
		wrong.Add("told-on", "The day you learned this must be today or earlier")
	}
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

const sqlPerson = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`

// person finds the key behind a reference: db.NotFound where there is none, or
// none that the actor may know of, and access.ErrLocked where they may know no
// more than that there is. What is restricted is read first, so that it costs
// the same to be told that there is nobody, whoever there is.
func person(tx *db.Tx, by access.Actor, ref id.Ref) (id.YoungPerson, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	var key id.YoungPerson
	err = tx.QueryRow(sqlPerson, int64(by.Register), string(ref)).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find the young person: %w", err)
	}
	return key, veil.Refuses(key)
}

// change is one act on one person's record: it is logged with its evidence,
// done, held against the Department's checks on the fields it owns, and the
// standing is rewritten; or nothing happens.
func (s *Service) change(ctx context.Context, by access.Actor, action access.Action, ref id.Ref, told Told, owns owned,
	do func(tx *db.Tx, a *act.Act, l *life.Life) error) error {
	var wrong field.Errors
	if told.check(s.Today(), &wrong); wrong != nil {
		return wrong
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, action, yp, act.Request{Reason: told.Reason, Key: told.Key,
			Evidence: &act.Evidence{Kind: told.Kind, SaidBy: told.SaidBy, ReceivedOn: told.On}})
		if err != nil {
			return err
		}
		l, err := life.One(tx, by.Register, yp, 0)
		if err != nil {
			return err
		}
		if err := do(tx, a, l); err != nil {
			return err
		}
		if err := s.hold(tx, by.Register, yp, owns); err != nil {
			return err
		}
		return s.Standing.Rewrite(tx, a, yp)
	})
}

// owned names the form field that answers for each data item.
type owned map[nccis.Field]string

// hold checks the record as it would be returned this month, and refuses what
// the Department would find in the fields that the act owns.
func (s *Service) hold(tx *db.Tx, r id.Register, yp id.YoungPerson, owns owned) error {
	if len(owns) == 0 {
		return nil
	}
	l, err := life.One(tx, r, yp, 0)
	if err != nil {
		return err
	}
	book, err := register.Of(tx, r)
	if err != nil {
		return err
	}
	var wrong field.Errors
	for _, f := range s.findings(book, l, s.Today().InMonth().End()) {
		name, ok := owns[f.Field]
		if also := alsoOwned[f.Check]; !ok && also != 0 {
			name, ok = owns[also]
		}
		if ok && f.Priority < 3 && !ageAlone[f.Check] {
			wrong.Add(name, f.Message+" (check "+f.Check+")")
		}
	}
	return wrong.Err()
}

// ageAlone are the checks that say who is too young or too old for the return.
// A true birth date is never refused: the finding stands on the record.
var ageAlone = map[string]bool{"9": true, "10": true, "40": true}

// alsoOwned are the checks of two data items that a form with either refuses.
var alsoOwned = map[string]nccis.Field{"254": nccis.ActivityCode, "255": nccis.ActivityCode}

// findings are what the Department would find in the one record.
func (s *Service) findings(book register.Register, l *life.Life, periodEnd civil.Date) []nccis.Finding {
	req := s.Requirement.WithInvented(book.Invented())
	e, _ := req.EditionOn(periodEnd)
	v := l.On(book.Book(), e, periodEnd)
	return s.check(req, e, book, &v.Record, periodEnd)
}

func (s *Service) check(req *nccis.Requirement, e *nccis.Edition, book register.Register, r *nccis.Record, periodEnd civil.Date) []nccis.Finding {
	var out []nccis.Finding
	c := req.NewChecker(e, nccis.Header{DatabaseIDs: []string{book.DatabaseID}, LEACodes: book.Codes(), PeriodEnd: periodEnd.String()}, nccis.RecordsOnly())
	c.Record(r, func(f nccis.Finding) { out = append(out, f) })
	return out
}

// put replaces the fact in force, which the form showed as seen (its
// KnownFrom, 0 where there was none), or adds one. Where the register holds
// another version by now it returns db.Conflict.
func put[T comparable](tx *db.Tx, a *act.Act, t fact.Table[T], yp id.YoungPerson, old *fact.Of[T], seen id.Act, is T) error {
	if old == nil {
		if seen != 0 {
			return db.Conflict{What: "this young person's " + t.What}
		}
		_, err := t.New(tx, a, yp, "", is)
		return err
	}
	if old.KnownFrom != seen {
		return db.Conflict{What: "this young person's " + t.What}
	}
	if old.Is == is {
		return nil
	}
	next := *old
	next.Is = is
	return t.Replace(tx, a, old.Version, next)
}

// Seen is the version of a fact that a form showed, 0 for none.
func Seen[T any](f *fact.Of[T]) id.Act {
	if f == nil {
		return 0
	}
	return f.KnownFrom
}

func trim(values ...*string) {
	for _, v := range values {
		*v = strings.Join(strings.Fields(*v), " ")
	}
}
