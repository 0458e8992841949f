package retention

import (
	"context"
	"fmt"
	"maps"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// held by a partner's file, word for word and row by row. The row of the file
// itself stays: its name, its hash, what it came to in numbers.
func fileTables() []string {
	return []string{"intake_content", "intake_block", "intake_fix", "intake_problem", "intake_row", "intake_decision", "intake_outcome", "intake_gone"}
}

// namesPeople are those of them that say whom a row was about.
func namesPeople() []string {
	return []string{"intake_row", "intake_outcome", "intake_decision", "intake_gone"}
}

// finished are the states in which a file is worked on no more.
const finished = `('applied', 'undone', 'cancelled', 'refused')`

// files takes away what finished files held that told of the erased: the
// bytes, and every row, because the bytes of one row cannot be taken out of a
// file whose hash is kept.
func (e *eraser) files() error {
	set := map[int64]bool{}
	for _, table := range namesPeople() {
		w := e.in("young_person")
		of, err := keys(e.tx, "SELECT DISTINCT intake FROM "+table+w.SQL(), w.Args...)
		if err != nil {
			return err
		}
		for _, k := range of {
			set[k] = true
		}
	}
	for k := range set {
		if err := forget(e.tx, e.r, k); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes what a file held.
func forget(tx *db.Tx, r id.Register, intake int64) error {
	for _, table := range fileTables() {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE register = $1 AND intake = $2", int64(r), intake); err != nil {
			return fmt.Errorf("delete what a file held: %w", err)
		}
	}
	return nil
}

// underWay are the people of whom a file tells that is still worked on.
func underWay(tx *db.Tx, r id.Register) (map[id.YoungPerson]bool, error) {
	out := map[id.YoungPerson]bool{}
	for _, table := range namesPeople() {
		of, err := whom(tx, "SELECT DISTINCT t.young_person FROM "+table+" t JOIN intake n ON n.register = t.register AND n.id = t.intake WHERE t.register = $1 AND n.state NOT IN "+finished, int64(r))
		if err != nil {
			return nil, err
		}
		maps.Copy(out, of)
	}
	return out, nil
}

const (
	sqlOldFiles = `SELECT n.id FROM intake n WHERE n.register = $1 AND n.received_at < $2 AND n.state IN ` + finished + `
		AND (EXISTS (SELECT 1 FROM intake_content c WHERE c.register = n.register AND c.intake = n.id) OR EXISTS (SELECT 1 FROM intake_block b WHERE b.register = n.register AND b.intake = n.id)) ORDER BY n.id`
	sqlOldNotes  = `SELECT m.id FROM import m WHERE m.register = $1 AND m.received_at < $2 AND EXISTS (SELECT 1 FROM import_note o WHERE o.register = m.register AND o.import = m.id) ORDER BY m.id`
	sqlDropRows  = `DELETE FROM restriction_row WHERE register = $1 AND intake = $2 AND dealt IS NOT NULL`
	sqlDropNotes = `DELETE FROM import_note WHERE register = $1 AND import = $2`
)

// Swept counts the files that lost what they held.
type Swept struct{ Partners, Suppliers int }

// filesBefore is the moment before which a file's time is over: by the rule of
// files that keeps them longest, or 90 days where there is none.
func filesBefore(tx *db.Tx, r id.Register) (time.Time, error) {
	all, err := rules(tx, r)
	if err != nil {
		return time.Time{}, err
	}
	before := tx.Now.AddDate(0, 0, -DefaultFileDays)
	found := false
	for _, one := range all {
		if one.Category != Files {
			continue
		}
		// The whole of the last day is kept.
		if at := today(tx).AddMonths(-one.Months).Time(); !found || at.Before(before) {
			before, found = at, true
		}
	}
	return before, nil
}

// Sweep deletes what files held, word for word, whose time is over: bytes and
// staged rows of partners' files, and what was odd in suppliers'. It needs no
// release: nothing is lost that a record rests on. Nothing is swept while the
// whole register is held. Each file is a transaction of its own.
func (s *Service) Sweep(ctx context.Context, r id.Register) (Swept, error) {
	var done Swept
	var partners, suppliers []int64
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		on, err := held(tx, r)
		if err != nil || on[0] {
			return err
		}
		before, err := filesBefore(tx, r)
		if err != nil {
			return err
		}
		if partners, err = keys(tx, sqlOldFiles, int64(r), db.Instant{Time: before}); err != nil {
			return err
		}
		suppliers, err = keys(tx, sqlOldNotes, int64(r), db.Instant{Time: before})
		return err
	}); err != nil {
		return done, fmt.Errorf("look for old files: %w", err)
	}
	if len(partners)+len(suppliers) == 0 {
		return done, nil
	}
	for _, k := range partners {
		if err := s.DB.InTx(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(sqlDropRows, int64(r), k); err != nil {
				return fmt.Errorf("delete what a file said of a restricted record: %w", err)
			}
			return forget(tx, r, k)
		}); err != nil {
			return done, err
		}
		done.Partners++
	}
	for _, k := range suppliers {
		if err := s.DB.InTx(ctx, func(tx *db.Tx) error { _, err := tx.Exec(sqlDropNotes, int64(r), k); return err }); err != nil {
			return done, fmt.Errorf("delete what was odd in a file: %w", err)
		}
		done.Suppliers++
	}
	return done, s.do(ctx, system(r), access.DeleteFiles, 0, act.Request{Reason: fmt.Sprintf("what %d partners’ files and %d suppliers’ files held was deleted after its time", done.Partners, done.Suppliers)},
		func(*db.Tx, *act.Act) error { return nil })
}
