// Package fact keeps dated rows that are never changed in place.
//
// A fact is one thing held to be so about one young person: a name, an
// address, a spell of activity. It has two clocks. Valid time (Started, Ended)
// is when it was so; known time (KnownFrom, KnownTo) is between which acts the
// register held it. A stable ID runs through all versions of one fact. What is
// replaced is closed, never overwritten, so that any moment can be asked for
// again.
package fact

import (
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Version is what every row of every fact table has.
type Version struct {
	YoungPerson id.YoungPerson
	ID          id.Fact
	// Started and Ended are days as they came; "" where nobody said.
	Started, Ended string
	KnownFrom      id.Act
	// KnownTo is 0 while the register holds it.
	KnownTo  id.Act
	Evidence id.Evidence
}

// Of is one version of a fact of one kind.
type Of[T any] struct {
	Version
	Is T
}

// Table is one kind of fact and the table that holds it. Fields returns
// pointers to the fields of a value, in the order of Columns.
type Table[T any] struct {
	Name    string
	Columns []string
	Fields  func(*T) []any
	// What names the fact to people: "address".
	What string
	// Sealed are those of the Columns that are stored so that they open with the
	// young person's own key alone (docs/decisions/0012). They are texts.
	Sealed []string
}

var versionColumns = []string{"register", "young_person", "id", "started", "ended", "known_from", "known_to", "evidence"}

// Add stores new versions, whose KnownFrom is the act. Each must have its ID
// and Evidence.
func (t Table[T]) Add(tx *db.Tx, a *act.Act, facts []Of[T]) error {
	if len(facts) == 0 {
		return nil
	}
	rows := make([][]any, len(facts))
	for i := range facts {
		rows[i] = t.Row(a, &facts[i])
	}
	if err := t.seal(tx, a.Register, facts, rows); err != nil {
		return err
	}
	return db.BulkInsert(tx, t.Name, t.RowColumns(), rows)
}

// RowColumns are the columns of a Row.
func (t Table[T]) RowColumns() []string {
	return append(append([]string{}, versionColumns...), t.Columns...)
}

// Row is one new version as the act stores it, for whoever stores very many. A
// column that is to be sealed is not sealed in it yet: sealed.SealPlain does that
// when a server starts.
func (t Table[T]) Row(a *act.Act, f *Of[T]) []any {
	row := make([]any, 0, len(versionColumns)+len(t.Columns))
	row = append(row, int64(a.Register), int64(f.YoungPerson), int64(f.ID), f.Started, f.Ended, int64(a.Number), nil, int64(f.Evidence))
	for _, p := range t.Fields(&f.Is) {
		row = append(row, deref(p))
	}
	return row
}

// New stores one new fact about one person, on the act's own evidence, and
// returns it.
func (t Table[T]) New(tx *db.Tx, a *act.Act, yp id.YoungPerson, started string, is T) (Of[T], error) {
	key, err := a.Keys(1)
	if err != nil {
		return Of[T]{}, err
	}
	f := Of[T]{Version{YoungPerson: yp, ID: id.Fact(key), Started: started, KnownFrom: a.Number, Evidence: a.Evidence}, is}
	return f, t.Add(tx, a, []Of[T]{f})
}

// Close ends what the register holds of one version: it is known no longer.
// Where that version is no longer open it returns db.Conflict.
func (t Table[T]) Close(tx *db.Tx, a *act.Act, old Version) error {
	done, err := tx.Exec("UPDATE "+t.Name+" SET known_to = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5 AND known_to IS NULL",
		int64(a.Number), int64(a.Register), int64(old.YoungPerson), int64(old.ID), int64(old.KnownFrom))
	if err != nil {
		return fmt.Errorf("close %s: %w", t.Name, err)
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return db.Conflict{What: "this young person's " + t.What}
	}
	return nil
}

// Replace closes the old version and stores the new one under the same ID, on
// the act's own evidence.
func (t Table[T]) Replace(tx *db.Tx, a *act.Act, old Version, next Of[T]) error {
	if err := t.Close(tx, a, old); err != nil {
		return err
	}
	next.YoungPerson, next.ID, next.KnownFrom, next.KnownTo, next.Evidence = old.YoungPerson, old.ID, a.Number, 0, a.Evidence
	return t.Add(tx, a, []Of[T]{next})
}

// Known asks for facts as the register held them after an act.
type Known struct {
	Register id.Register
	// At is the act; 0 is now.
	At id.Act
	// People narrows to some; nil is everybody.
	People []id.YoungPerson
	// From and To narrow to the keys between them, both included; To 0 is no
	// bound.
	From, To id.YoungPerson
	// Brief leaves out known time and evidence, which stay 0: a whole register
	// is read a fifth faster by those who only ask what was so.
	Brief bool
}

// Where is the condition that leaves what was held, of a table with the
// columns of a fact table.
func (k Known) Where() db.Where {
	var w db.Where
	w.And("register = $1", int64(k.Register))
	if k.At == 0 {
		w.And("known_to IS NULL")
	} else {
		w.And("known_from <= $1 AND (known_to IS NULL OR known_to > $1)", int64(k.At))
	}
	return w
}

// Narrow adds what leaves the people asked for; column holds their key.
func (k Known) Narrow(w *db.Where, column string) {
	if k.People != nil {
		values := make([]any, len(k.People))
		for i, p := range k.People {
			values[i] = int64(p)
		}
		w.In(column, values...)
	}
	if k.To != 0 {
		w.And(column+" BETWEEN $1 AND $2", int64(k.From), int64(k.To))
	}
}

// Each calls fn with each fact that was held, by young person and then in the
// order in which the facts were first told.
func (t Table[T]) Each(tx *db.Tx, k Known, fn func(*Of[T]) error) error {
	w := k.Where()
	k.Narrow(&w, "young_person")
	return t.each(tx, w, k.Brief, fn)
}

// History calls fn with every version ever held of the facts about one person,
// in the order in which they were told.
func (t Table[T]) History(tx *db.Tx, r id.Register, yp id.YoungPerson, fn func(*Of[T]) error) error {
	var w db.Where
	w.And("register = $1 AND young_person = $2", int64(r), int64(yp))
	return t.each(tx, w, false, fn)
}

func (t Table[T]) each(tx *db.Tx, w db.Where, brief bool, fn func(*Of[T]) error) error {
	if len(t.Sealed) > 0 {
		return t.eachOpened(tx, w, brief, fn)
	}
	return t.eachStored(tx, w, brief, fn)
}

func (t Table[T]) eachStored(tx *db.Tx, w db.Where, brief bool, fn func(*Of[T]) error) error {
	known := "known_from, COALESCE(known_to, 0), evidence, "
	if brief {
		known = ""
	}
	rows, err := tx.Query("SELECT young_person, id, started, ended, "+known+strings.Join(t.Columns, ", ")+
		" FROM "+t.Name+w.SQL()+" ORDER BY young_person, id, known_from", w.Args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	var f Of[T]
	// Plain integers: database/sql writes a named one out as text and reads it
	// back, which is a fifth of the time that a whole register takes.
	dest := []any{(*int64)(&f.YoungPerson), (*int64)(&f.ID), &f.Started, &f.Ended}
	if !brief {
		dest = append(dest, (*int64)(&f.KnownFrom), (*int64)(&f.KnownTo), (*int64)(&f.Evidence))
	}
	dest = append(dest, t.Fields(&f.Is)...)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		if err := fn(&f); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Shape is a table without its kind: what undoing needs to know of it.
type Shape struct {
	Name    string
	Columns []string
}

// Shape is the table's.
func (t Table[T]) Shape() Shape { return Shape{t.Name, t.Columns} }

// Undo takes back in one table what an act did: what it opened is closed, what
// it closed is held again as a new version, by the act that undoes. A fact that
// a later act has changed since stays as that act left it. It returns how many
// rows it closed and reopened.
func (s Shape) Undo(tx *db.Tx, a *act.Act, undone id.Act) (closed, reopened int64, err error) {
	done, err := tx.Exec("UPDATE "+s.Name+" SET known_to = $1 WHERE register = $2 AND known_from = $3 AND known_to IS NULL",
		int64(a.Number), int64(a.Register), int64(undone))
	if err != nil {
		return 0, 0, fmt.Errorf("undo in %s: %w", s.Name, err)
	}
	if closed, err = done.RowsAffected(); err != nil {
		return 0, 0, err
	}
	columns := "started, ended, evidence, " + strings.Join(s.Columns, ", ")
	done, err = tx.Exec("INSERT INTO "+s.Name+" (register, young_person, id, known_from, "+columns+
		") SELECT register, young_person, id, CAST($1 AS BIGINT), "+columns+" FROM "+s.Name+" WHERE register = $2 AND known_to = $3 AND NOT EXISTS (SELECT 1 FROM "+s.Name+" AS later"+
		" WHERE later.register = "+s.Name+".register AND later.young_person = "+s.Name+".young_person AND later.id = "+s.Name+".id"+
		" AND (later.known_to IS NULL OR (later.known_from = $3 AND later.known_to <> $1)))",
		int64(a.Number), int64(a.Register), int64(undone))
	if err != nil {
		return 0, 0, fmt.Errorf("undo in %s: %w", s.Name, err)
	}
	reopened, err = done.RowsAffected()
	return closed, reopened, err
}

// Touched calls fn with each young person about whom the act opened or closed
// a fact of this table.
func (s Shape) Touched(tx *db.Tx, r id.Register, by id.Act, fn func(id.YoungPerson)) error {
	return s.people(tx, "known_from = $2 OR known_to = $2", r, by, fn)
}

// BuiltOn calls fn with each young person about whom a later act has changed a
// fact that the act opened: undoing leaves that fact as it is.
func (s Shape) BuiltOn(tx *db.Tx, r id.Register, act id.Act, fn func(id.YoungPerson)) error {
	return s.people(tx, "known_from = $2 AND known_to IS NOT NULL", r, act, fn)
}

func (s Shape) people(tx *db.Tx, condition string, r id.Register, act id.Act, fn func(id.YoungPerson)) error {
	rows, err := tx.Query("SELECT DISTINCT young_person FROM "+s.Name+" WHERE register = $1 AND ("+condition+") ORDER BY young_person", int64(r), int64(act))
	if err != nil {
		return fmt.Errorf("whom an act was about, in %s: %w", s.Name, err)
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

// deref turns a pointer of Fields into the value to store.
func deref(p any) any {
	switch v := p.(type) {
	case *string:
		return *v
	case *int64:
		return *v
	case *int:
		return int64(*v)
	case *bool:
		return *v
	case *id.Fact:
		return int64(*v)
	}
	panic(fmt.Sprintf("fact: a field of type %T", p))
}

// Texts are the values of a fact as text, in the order of Columns; a number that
// nobody said, 0, is "".
func (t Table[T]) Texts(is *T) []string {
	out := make([]string, 0, len(t.Columns))
	for _, p := range t.Fields(is) {
		value := deref(p)
		if value == int64(0) {
			value = ""
		}
		out = append(out, fmt.Sprint(value))
	}
	return out
}
