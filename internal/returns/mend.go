package returns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
)

// Mend is one rule by which what one check finds is mended for many at once.
type Mend struct {
	Check string
	// Does says what it does, in words for a data officer: "Write the postcode
	// in capitals, with one space".
	Does string
	// Guess says that the outcome is likely and not certain, so that nobody is
	// to be chosen for it unseen.
	Guess bool
	rule  rule
}

// Change is what a mend would do, or did, to one young person's facts.
type Change struct {
	Person id.YoungPerson
	Ref    id.Ref
	Name   string
	Edits  []Edit
	store  func(*db.Tx, *act.Act) error
}

// Edit is one item before and after.
type Edit struct {
	Field         nccis.Field
	Before, After string
}

// Mends is the rule for a check; ok is false where each person must be looked
// at by themselves.
func Mends(check string) (m Mend, ok bool) {
	m, ok = rules()[check]
	m.Check = check
	return m, ok
}

// patient is one life to be mended.
type patient struct {
	*life.Life
	view      life.View
	finding   nccis.Finding
	edition   *nccis.Edition
	req       *nccis.Requirement
	periodEnd civil.Date
}

func (p *patient) value(f nccis.Field) string { return p.view.Record.Values[f] }

// rule proposes the edits and how to store them; no edits where it cannot help.
type rule func(*patient) ([]Edit, func(*db.Tx, *act.Act) error)

// replaced stores a fact changed, or, where there was none, a new one.
func replaced[T any](p *patient, t fact.Table[T], old *fact.Of[T], next T) func(*db.Tx, *act.Act) error {
	person := p.Person.ID
	if old == nil {
		return func(tx *db.Tx, a *act.Act) error {
			_, err := t.New(tx, a, person, "", next)
			return err
		}
	}
	was := old.Version
	return func(tx *db.Tx, a *act.Act) error {
		return t.Replace(tx, a, was, fact.Of[T]{Version: was, Is: next})
	}
}

// Preview is what the mend of a check would change in a month's return, in the
// order of the file; people whom it cannot help are not among them. It changes
// nothing and needs MendTogether; whoever shows it records the sight.
func (s *Service) Preview(ctx context.Context, by access.Actor, period civil.Month, authorities []string, check string) ([]Change, error) {
	if err := access.Decide(by, access.MendTogether, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	m, ok := Mends(check)
	if !ok {
		return nil, db.NotFound
	}
	d, err := s.Build(ctx, by, period, Options{Authorities: authorities})
	if err != nil {
		return nil, err
	}
	var out []Change
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = propose(tx, d, m, d.KnownAt, nil)
		return err
	})
	return out, err
}

// propose applies the rule to everybody of whom the check complains, or only
// to the chosen.
func propose(tx *db.Tx, d *Draft, m Mend, at id.Act, chosen map[id.Ref]bool) ([]Change, error) {
	return proposeFor(tx, d, m, at, slices.DeleteFunc(d.Problems(m.Check, 0, 0), func(p Problem) bool {
		return p.Person != nil && chosen != nil && !chosen[p.Person.Ref]
	}))
}

// proposeFor applies the rule to those whom some findings of its check are about.
func proposeFor(tx *db.Tx, d *Draft, m Mend, at id.Act, problems []Problem) ([]Change, error) {
	findings := map[id.YoungPerson]nccis.Finding{}
	var order []id.YoungPerson
	for _, p := range problems {
		if p.Person == nil {
			continue
		}
		if _, twice := findings[p.Person.Key]; !twice {
			findings[p.Person.Key] = p.Finding
			order = append(order, p.Person.Key)
		}
	}
	byPerson := map[id.YoungPerson]Change{}
	for some := range slices.Chunk(order, 200) {
		lives, err := life.LoadForReturn(tx, fact.Known{Register: d.Register.ID, At: at, People: some})
		if err != nil {
			return nil, err
		}
		for _, l := range lives {
			p := &patient{Life: l, finding: findings[l.Person.ID], edition: d.Edition, req: d.requirement, periodEnd: d.Period.End()}
			p.view = l.On(d.Register.Book(), d.Edition, p.periodEnd)
			c := Change{Person: l.Person.ID, Ref: l.Person.Ref, Name: (&Person{Record: p.view.Record}).Name()}
			if c.Edits, c.store = m.rule(p); len(c.Edits) > 0 {
				byPerson[c.Person] = c
			}
		}
	}
	var out []Change
	for _, key := range order {
		if c, ok := byPerson[key]; ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// Mended is an act of mending many together.
type Mended struct {
	Act  id.Act
	At   time.Time
	Name string
	// Reason says which check was mended, and for which month.
	Reason string
	People int
	// Undone says that it has been taken back.
	Undone bool
}

// Apply mends the chosen in one act, by the facts as they are now; whoever is
// no longer in need of it is passed over. It needs MendTogether and returns the
// act, by which UndoMend takes it back, and what was changed.
func (s *Service) Apply(ctx context.Context, by access.Actor, period civil.Month, authorities []string, check string, chosen []id.Ref, key string) (id.Act, []Change, error) {
	m, ok := Mends(check)
	if !ok {
		return 0, nil, db.NotFound
	}
	d, err := s.Build(ctx, by, period, Options{Authorities: authorities})
	if err != nil {
		return 0, nil, err
	}
	set := map[id.Ref]bool{}
	for _, ref := range chosen {
		set[ref] = true
	}
	var number id.Act
	var changes []Change
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.MendTogether, 0, act.Request{Key: key,
			Reason:   fmt.Sprintf("check %s in the return for %s: %s", check, period, m.Does),
			Evidence: &act.Evidence{Kind: act.System, SaidBy: "the rule for check " + check}})
		if err != nil {
			return err
		}
		number = a.Number
		if changes, err = propose(tx, d, m, 0, set); err != nil {
			return err
		}
		if len(changes) == 0 {
			return field.Errors{{Field: "chosen", Message: "Choose at least one young person whom this still concerns"}}
		}
		people := make([]id.YoungPerson, len(changes))
		for i, c := range changes {
			people[i] = c.Person
			if err := c.store(tx, a); err != nil {
				return err
			}
		}
		return s.about(tx, a, people)
	})
	return number, changes, err
}

// about notes whom the act was about and rewrites their standings.
func (s *Service) about(tx *db.Tx, a *act.Act, people []id.YoungPerson) error {
	rows := make([][]any, len(people))
	for i, p := range people {
		rows[i] = []any{int64(a.Register), int64(a.Number), int64(p)}
	}
	if err := db.BulkInsert(tx, "mended", []string{"register", "act", "young_person"}, rows); err != nil {
		return err
	}
	return s.Standing.Rewrite(tx, a, people...)
}

const (
	sqlKindOf = `SELECT kind, COALESCE(undoes, 0) FROM act WHERE register = $1 AND number = $2`
	sqlUndone = `SELECT number FROM act WHERE register = $1 AND undoes = $2`
	sqlMends  = `SELECT a.number, a.at, a.actor_name, a.reason, COUNT(*),
			(SELECT COUNT(*) FROM act u WHERE u.register = a.register AND u.undoes = a.number)
		FROM act a JOIN mended m ON m.register = a.register AND m.act = a.number
		WHERE a.register = $1 AND a.kind = $3 AND a.undoes IS NULL GROUP BY a.register, a.number, a.at, a.actor_name, a.reason
		ORDER BY a.number DESC LIMIT $2`
)

// UndoMend takes an act of Apply back. What somebody has changed since stays
// as they left it, and Undone.BuiltOn names of whom. It needs MendTogether;
// complaints come as field.Errors for "undo".
func (s *Service) UndoMend(ctx context.Context, by access.Actor, mend id.Act, key string) (life.Undone, error) {
	var out life.Undone
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.MendTogether, 0, act.Request{Key: key, Undoes: mend, Reason: fmt.Sprintf("undo of act %d", mend)})
		if err != nil {
			return err
		}
		if err := mayUndo(tx, a, mend); err != nil {
			return err
		}
		if out, err = life.Undo(tx, a, mend); err != nil {
			return err
		}
		return s.about(tx, a, out.People)
	})
	return out, err
}

func mayUndo(tx *db.Tx, a *act.Act, mend id.Act) error {
	var kind string
	var undoes int64
	switch err := tx.QueryRow(sqlKindOf, int64(a.Register), int64(mend)).Scan(&kind, &undoes); {
	case errors.Is(err, sql.ErrNoRows):
		return db.NotFound
	case err != nil:
		return fmt.Errorf("read the act to undo: %w", err)
	}
	if access.Action(kind) != access.MendTogether || undoes != 0 {
		return db.NotFound
	}
	rows, err := tx.Query(sqlUndone, int64(a.Register), int64(mend))
	if err != nil {
		return fmt.Errorf("read whether it was undone: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return err
		}
		if n != int64(a.Number) {
			return field.Errors{{Field: "undo", Message: "This was already taken back"}}
		}
	}
	return rows.Err()
}

// LastMends are the last n acts of mending together, the latest first; other
// acts about several people, such as a merge, are not among them. It
// needs SeeReturn and names nobody who was mended.
func (s *Service) LastMends(ctx context.Context, by access.Actor, n int) ([]Mended, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Mended
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlMends, int64(by.Register), n, string(access.MendTogether))
		if err != nil {
			return fmt.Errorf("read what was mended together: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var m Mended
			var at db.Instant
			var undone int
			if err := rows.Scan((*int64)(&m.Act), &at, &m.Name, &m.Reason, &m.People, &undone); err != nil {
				return fmt.Errorf("read what was mended together: %w", err)
			}
			m.At, m.Undone = at.Time, undone > 0
			out = append(out, m)
		}
		return rows.Err()
	})
	return out, err
}
