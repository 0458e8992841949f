package change

import (
	"context"

	"waymark/internal/act"
	"waymark/internal/db"
)

// Writer puts batches into the database, inside the one transaction of the act.
type Writer struct {
	tx    *db.Tx
	act   *act.Act
	wrote bool
	// measured says that the tables were measured since they grew.
	measured bool
}

// NewWriter begins to write what the act does.
func NewWriter(tx *db.Tx, a *act.Act) *Writer { return &Writer{tx: tx, act: a} }

// grown is how many rows for one table in one batch make it worth measuring.
const grown = 500

const sqlDropStanding = `DELETE FROM standing WHERE register = $1 AND young_person = $2`

// Write closes first and adds then: a fact that is replaced has one open
// version at a time. It returns db.Conflict where a version that is to be
// closed is no longer open.
func (w *Writer) Write(ctx context.Context, b *Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.close(b.closings); err != nil {
		return err
	}
	restand := make([][]any, len(b.restand))
	for i, yp := range b.restand {
		restand[i] = []any{int64(w.act.Register), int64(yp)}
	}
	if err := db.ExecEachOne(w.tx, "this young person's standing", sqlDropStanding, restand); err != nil {
		return err
	}
	w.wrote = w.wrote || len(b.closings)+len(b.tables) > 0
	for _, people := range []bool{true, false} { // facts point to people
		for _, t := range b.tables {
			if (t.table == tablePeople) != people {
				continue
			}
			if err := db.BulkInsert(w.tx, t.table, t.columns, t.rows); err != nil {
				return err
			}
		}
	}
	return w.measure(b)
}

// Wrote says that any batch had something in it.
func (w *Writer) Wrote() bool { return w.wrote }

// measure lets the database plan what is still to come for tables that have
// people in them: after the first batch that brought many.
func (w *Writer) measure(b *Batch) error {
	if w.measured {
		return nil
	}
	var tables []string
	for _, t := range b.tables {
		if len(t.rows) >= grown {
			tables = append(tables, t.table)
		}
	}
	w.measured = len(tables) > 0
	return db.Measure(w.tx, tables...)
}

// close closes versions, table by table.
func (w *Writer) close(closings []closing) error {
	var tables []string
	of := map[string][][]any{}
	for _, c := range closings {
		if of[c.table] == nil {
			tables = append(tables, c.table)
		}
		v := c.version
		of[c.table] = append(of[c.table], []any{int64(w.act.Number), int64(w.act.Register), int64(v.YoungPerson), int64(v.ID), int64(v.KnownFrom)})
	}
	for _, table := range tables {
		if err := db.ExecEachOne(w.tx, "this young person's "+table, "UPDATE "+table+" SET known_to = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5 AND known_to IS NULL", of[table]); err != nil {
			return err
		}
	}
	return nil
}
