package intake

import (
	"database/sql"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// Piece is one thing that is kept sealed of a partner's file: which, without what
// it says.
type Piece struct {
	File id.Ref
	// Row is that of the file; What is what is kept of it: "what somebody mended".
	Row  int64
	What string
}

// The words of a problem stand in two columns; each is a piece.
const (
	sqlFixesKept    = `SELECT i.ref, f.intake, f.row_number, 0, f.item, f.value, '' FROM intake_fix f JOIN intake i ON i.register = f.register AND i.id = f.intake WHERE f.register = $1`
	sqlOutcomesKept = `SELECT i.ref, o.intake, o.row_number, 0, '', o.changes, '' FROM intake_outcome o JOIN intake i ON i.register = o.register AND i.id = o.intake WHERE o.register = $1 AND o.changes <> ''`
	sqlProblemsKept = `SELECT i.ref, p.intake, p.row_number, p.line, '', p.value, p.words FROM intake_problem p JOIN intake i ON i.register = p.register AND i.id = p.intake WHERE p.register = $1`
)

// EachKept opens what is kept sealed of the rows of partners' files, what somebody
// mended, what they would change and what is wrong with them, and tells fn of each
// whether it opens; not what it says. err is that of sealed.Words.
func EachKept(tx *db.Tx, r id.Register, fn func(p Piece, err error)) error {
	open, err := sealed.Opener(tx, r)
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		query, what string
		at          func(in id.Import, row, line int64, item string) [2]string
	}{
		{sqlFixesKept, "what somebody mended", func(in id.Import, row, _ int64, item string) [2]string { return [2]string{fixAt(in, row, item)} }},
		{sqlOutcomesKept, "what it would change", func(in id.Import, row, _ int64, _ string) [2]string { return [2]string{changesAt(in, row)} }},
		{sqlProblemsKept, "what is wrong with it", func(in id.Import, row, line int64, _ string) [2]string {
			return [2]string{problemAt(in, row, line, "value"), problemAt(in, row, line, "words")}
		}},
	} {
		if err := eachRow(tx, kind.query, r, func(rows *sql.Rows) error {
			p := Piece{What: kind.what}
			var in id.Import
			var line int64
			var item string
			var text [2]string
			if err := rows.Scan((*string)(&p.File), (*int64)(&in), &p.Row, &line, &item, &text[0], &text[1]); err != nil {
				return err
			}
			for i, where := range kind.at(in, p.Row, line, item) {
				if text[i] != "" {
					_, err := open(text[i], where)
					fn(p, err)
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("open what is kept of partners' files: %w", err)
		}
	}
	return eachBlockKept(tx, r, fn)
}

const (
	sqlBlocksKept = `SELECT i.ref, b.intake, b.block, b.first_row FROM intake_block b JOIN intake i ON i.register = b.register AND i.id = b.intake WHERE b.register = $1 ORDER BY b.intake, b.block`
	sqlBlockKept  = `SELECT content, sealed_by FROM intake_block WHERE register = $1 AND intake = $2 AND block = $3`
)

// eachBlockKept opens the rows as they were understood, a block at a time.
func eachBlockKept(tx *db.Tx, r id.Register, fn func(p Piece, err error)) error {
	type kept struct {
		Piece
		in, block int64
	}
	var all []kept
	if err := eachRow(tx, sqlBlocksKept, r, func(rows *sql.Rows) error {
		one := kept{Piece: Piece{What: "what was understood from it on"}}
		err := rows.Scan((*string)(&one.File), &one.in, &one.block, &one.Row)
		all = append(all, one)
		return err
	}); err != nil {
		return err
	}
	for _, one := range all {
		var content []byte
		var key string
		if err := tx.QueryRow(sqlBlockKept, int64(r), one.in, one.block).Scan(&content, &key); err != nil {
			return fmt.Errorf("open what is kept of partners' files: %w", err)
		}
		_, err := sealed.Bytes(tx, r, key, content, blockAt(id.Import(one.in), one.block))
		fn(one.Piece, err)
	}
	return nil
}
