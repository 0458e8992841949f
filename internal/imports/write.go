package imports

import (
	"context"
	"slices"

	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/db"
	"waymark/internal/id"
)

// writer puts loads into the database, inside the one transaction of the act.
type writer struct {
	*change.Writer
	tx   *db.Tx
	act  *act.Act
	imp  id.Import
	line int
}

const (
	sqlCloseSource = `UPDATE source_record SET known_to = $1 WHERE register = $2 AND young_person = $3 AND source = $4 AND known_to IS NULL`
	sqlGiveID      = `UPDATE young_person SET young_persons_id = $1 WHERE register = $2 AND id = $3`
)

// write closes what the source had said before, and then adds what it says now.
func (w *writer) write(ctx context.Context, o *load) error {
	sources := make([][]any, len(o.sources))
	for i, s := range o.sources {
		sources[i] = []any{int64(w.act.Number), int64(w.act.Register), int64(s.person), s.source}
	}
	if err := db.ExecEachOne(w.tx, "this young person's source record", sqlCloseSource, sources); err != nil {
		return err
	}
	ids := make([][]any, len(o.ids))
	for i, g := range o.ids {
		ids[i] = []any{g.ypid, int64(w.act.Register), int64(g.person)}
	}
	if err := db.ExecEachOne(w.tx, "this young person's YoungPersonsID", sqlGiveID, ids); err != nil {
		return err
	}
	if err := w.Write(ctx, o.Batch); err != nil {
		return err
	}
	line, err := writeNotes(w.tx, w.act.Register, w.imp, w.line, o.notes)
	w.line = line
	return err
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
