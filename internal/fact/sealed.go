package fact

import (
	"errors"
	"fmt"
	"slices"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// text is a sealed column of a value.
func (t Table[T]) text(is *T, column string) *string {
	return t.Fields(is)[slices.Index(t.Columns, column)].(*string)
}

func (t Table[T]) place(r id.Register, column string, f id.Fact) sealed.Place {
	return sealed.Place{Register: r, Table: t.Name, Column: column, Row: int64(f)}
}

// seal locks the sealed columns of rows that are about to be stored.
func (t Table[T]) seal(tx *db.Tx, r id.Register, facts []Of[T], rows [][]any) error {
	if len(t.Sealed) == 0 {
		return nil
	}
	people := []id.YoungPerson{}
	for i := range facts {
		people = append(people, facts[i].YoungPerson)
	}
	slices.Sort(people)
	keys, err := sealed.Read(tx, r, slices.Compact(people))
	if err != nil {
		return err
	}
	for _, column := range t.Sealed {
		at := slices.Index(t.RowColumns(), column)
		for i := range facts {
			words, err := keys.Seal(tx, facts[i].YoungPerson, t.place(r, column, facts[i].ID), *t.text(&facts[i].Is, column))
			if err != nil {
				return fmt.Errorf("seal %s: %w", t.Name, err)
			}
			rows[i][at] = words
		}
	}
	return nil
}

// eachOpened is eachStored with the sealed columns open. The facts are read
// first and opened then: while rows are read nothing else can be asked.
func (t Table[T]) eachOpened(tx *db.Tx, w db.Where, brief bool, fn func(*Of[T]) error) error {
	var all []Of[T]
	people := []id.YoungPerson{}
	if err := t.eachStored(tx, w, brief, func(f *Of[T]) error {
		all = append(all, *f)
		if n := len(people); n == 0 || people[n-1] != f.YoungPerson {
			people = append(people, f.YoungPerson)
		}
		return nil
	}); err != nil || len(all) == 0 {
		return err
	}
	r, err := registerOf(w)
	if err != nil {
		return err
	}
	keys, err := sealed.Read(tx, r, people)
	if err != nil {
		return err
	}
	for i := range all {
		f := &all[i]
		for _, column := range t.Sealed {
			text := t.text(&f.Is, column)
			if *text, err = keys.Open(tx, t.place(r, column, f.ID), *text); err != nil {
				return fmt.Errorf("open %s %d: %w", t.Name, f.ID, err)
			}
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

var errNoRegister = errors.New("a question about sealed facts names no register")

// registerOf is the register that a condition asks about: its first argument.
func registerOf(w db.Where) (id.Register, error) {
	if len(w.Args) > 0 {
		if r, ok := w.Args[0].(int64); ok {
			return id.Register(r), nil
		}
	}
	return 0, errNoRegister
}

// Reseal writes the sealed columns of every version told of one person anew
// under their own key: what was told of them while their record was one with
// another's may be under the other's.
func (t Table[T]) Reseal(tx *db.Tx, r id.Register, yp id.YoungPerson) error {
	var all []Of[T]
	if err := t.History(tx, r, yp, func(f *Of[T]) error { all = append(all, *f); return nil }); err != nil || len(all) == 0 {
		return err
	}
	keys, err := sealed.Read(tx, r, []id.YoungPerson{yp})
	if err != nil {
		return err
	}
	for i := range all {
		f := &all[i]
		for _, column := range t.Sealed {
			words := *t.text(&f.Is, column)
			if words == sealed.Unreadable {
				continue
			}
			text, err := keys.Seal(tx, yp, t.place(r, column, f.ID), words)
			if err != nil {
				return fmt.Errorf("seal %s anew: %w", t.Name, err)
			}
			if _, err := tx.Exec("UPDATE "+t.Name+" SET "+column+" = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5",
				text, int64(r), int64(yp), int64(f.ID), int64(f.KnownFrom)); err != nil {
				return fmt.Errorf("seal %s anew: %w", t.Name, err)
			}
		}
	}
	return nil
}
