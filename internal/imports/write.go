package imports

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// writer puts loads into the database, inside the one transaction of the act.
type writer struct {
	tx      *db.Tx
	act     *act.Act
	imp     id.Import
	line    int
	closers map[string]*sql.Stmt
	// wrote says that anything but notes was written.
	wrote bool
	// measured says that the tables were measured since they grew.
	measured bool
}

// grown is how many rows for one table in one stretch make it worth measuring.
const grown = stretch / 2

const (
	sqlCloseSource  = `UPDATE source_record SET known_to = $1 WHERE register = $2 AND young_person = $3 AND source = $4 AND known_to IS NULL`
	sqlDropStanding = `DELETE FROM standing WHERE register = $1 AND young_person = $2`
	sqlGiveID       = `UPDATE young_person SET young_persons_id = $1 WHERE register = $2 AND id = $3`
)

// write closes first and adds then: a fact that is replaced has one open
// version at a time.
func (w *writer) write(ctx context.Context, o *load) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, c := range o.closings {
		v := c.version
		if err := w.closeOne(c.table, "UPDATE "+c.table+" SET known_to = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5 AND known_to IS NULL",
			int64(w.act.Number), int64(w.act.Register), int64(v.YoungPerson), int64(v.ID), int64(v.KnownFrom)); err != nil {
			return err
		}
	}
	for _, s := range o.sources {
		if err := w.closeOne("source_record", sqlCloseSource, int64(w.act.Number), int64(w.act.Register), int64(s.person), s.source); err != nil {
			return err
		}
	}
	for _, yp := range o.restand {
		if err := w.closeOne("standing", sqlDropStanding, int64(w.act.Register), int64(yp)); err != nil {
			return err
		}
	}
	for _, g := range o.ids {
		if err := w.closeOne("young_person", sqlGiveID, g.ypid, int64(w.act.Register), int64(g.person)); err != nil {
			return err
		}
	}
	w.wrote = w.wrote || len(o.closings)+len(o.sheets) > 0
	for _, s := range o.sheets {
		if err := db.BulkInsert(w.tx, s.table, s.columns, s.rows); err != nil {
			return err
		}
	}
	if err := w.measure(o); err != nil {
		return err
	}
	line, err := writeNotes(w.tx, w.act.Register, w.imp, w.line, o.notes)
	w.line = line
	return err
}

// measure lets the database plan what is still to come for tables that have
// people in them: after the first stretch that brought many.
func (w *writer) measure(o *load) error {
	if w.measured {
		return nil
	}
	var tables []string
	for _, s := range o.sheets {
		if len(s.rows) >= grown {
			tables = append(tables, s.table)
		}
	}
	w.measured = len(tables) > 0
	return db.Measure(w.tx, tables...)
}

// closeOne runs a statement, prepared once for each table, that must touch just
// one row.
func (w *writer) closeOne(table, statement string, args ...any) error {
	stmt := w.closers[table]
	if stmt == nil {
		var err error
		if stmt, err = w.tx.Prepare(statement); err != nil {
			return fmt.Errorf("close in %s: %w", table, err)
		}
		w.closers[table] = stmt
	}
	done, err := stmt.Exec(args...)
	if err != nil {
		return fmt.Errorf("close in %s: %w", table, err)
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return db.Conflict{What: "this young person's " + table}
	}
	return nil
}

func (w *writer) done() {
	for _, stmt := range w.closers {
		stmt.Close()
	}
}

var noteColumns = []string{"register", "import", "line", "kind", "position", "young_persons_id", "young_person", "field", "theirs", "ours", "words"}

func writeNotes(tx *db.Tx, r id.Register, imp id.Import, line int, notes []Note) (int, error) {
	for part := range slices.Chunk(notes, stretch) {
		rows := make([][]any, len(part))
		for i, n := range part {
			line++
			var yp any
			if n.YoungPerson != 0 {
				yp = int64(n.YoungPerson)
			}
			rows[i] = []any{int64(r), int64(imp), int64(line), n.Kind, int64(n.Position), n.YoungPersonsID, yp, n.Field, n.Theirs, n.Ours, n.Words}
		}
		if err := db.BulkInsert(tx, "import_note", noteColumns, rows); err != nil {
			return line, err
		}
	}
	return line, nil
}
