package intake

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sealed"
)

// ProblemGroup is one problem and how many rows have it.
type ProblemGroup struct {
	// Code is the same for the same problem; Item is what it is about.
	Code string `json:"code"`
	Item string `json:"item,omitempty"`
	// Words are those of the first row that has it.
	Words string `json:"words"`
	Rows  int    `json:"rows"`
	// Fatal says that its rows cannot be used; Mended that the value is used
	// after all, changed as the words say.
	Fatal  bool `json:"fatal,omitempty"`
	Mended bool `json:"mended,omitempty"`
}

// A group's words are those of its first row; a row may have two problems of a kind.
const sqlProblemGroups = `SELECT g.code, g.item, g.fatal, g.mended, g.n, p.row_number, p.line, p.words
	FROM (SELECT code, item, fatal, mended, count(*) AS n, MIN(row_number) AS first FROM intake_problem WHERE register = $1 AND intake = $2 GROUP BY code, item, fatal, mended) g
	JOIN intake_problem p ON p.register = $1 AND p.intake = $2 AND p.row_number = g.first AND p.code = g.code AND p.item = g.item AND p.fatal = g.fatal AND p.mended = g.mended
	ORDER BY g.fatal DESC, g.mended, g.n DESC, g.code, g.item, p.line`

// Problems are the problems of a file, those first that keep rows out. It needs
// access.ImportFile; it shows nobody.
func (s *Service) Problems(ctx context.Context, by access.Actor, ref id.Ref) ([]ProblemGroup, error) {
	var out []ProblemGroup
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		out = nil
		open, err := sealed.Opener(tx, by.Register)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlProblemGroups, int64(by.Register), int64(in.ID))
		if err != nil {
			return fmt.Errorf("read the problems: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var g ProblemGroup
			var first, line int64
			if err := rows.Scan(&g.Code, &g.Item, &g.Fatal, &g.Mended, &g.Rows, &first, &line, &g.Words); err != nil {
				return err
			}
			if n := len(out); n > 0 && out[n-1].Code == g.Code && out[n-1].Item == g.Item && out[n-1].Fatal == g.Fatal && out[n-1].Mended == g.Mended {
				continue
			}
			if g.Words, err = open(g.Words, problemAt(in.ID, first, line, "words")); err != nil {
				return fmt.Errorf("open what is wrong with row %d: %w", first, err)
			}
			out = append(out, g)
		}
		return rows.Err()
	})
	return out, err
}

// RowProblem is what is wrong with one row.
type RowProblem struct {
	Row    int    `json:"row"`
	Code   string `json:"code"`
	Item   string `json:"item,omitempty"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Words  string `json:"words"`
	Fatal  bool   `json:"fatal,omitempty"`
	Mended bool   `json:"mended,omitempty"`
}

const sqlProblems = `SELECT row_number, line, code, item, column_name, value, words, fatal, mended FROM intake_problem`

// problems are those of a file that fit the further conditions.
func problems(tx *db.Tx, r id.Register, in id.Import, w db.Where, tail string) ([]RowProblem, error) {
	open, err := sealed.Opener(tx, r)
	if err != nil {
		return nil, err
	}
	w.And("register = $1 AND intake = $2", int64(r), int64(in))
	rows, err := tx.Query(sqlProblems+w.SQL()+" ORDER BY row_number, line"+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the problems: %w", err)
	}
	defer rows.Close()
	var out []RowProblem
	for rows.Next() {
		var p RowProblem
		var line int64
		if err := rows.Scan(&p.Row, &line, &p.Code, &p.Item, &p.Column, &p.Value, &p.Words, &p.Fatal, &p.Mended); err != nil {
			return nil, err
		}
		if p.Value, err = open(p.Value, problemAt(in, int64(p.Row), line, "value")); err == nil {
			p.Words, err = open(p.Words, problemAt(in, int64(p.Row), line, "words"))
		}
		if err != nil {
			return nil, fmt.Errorf("open what is wrong with row %d: %w", p.Row, err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// RowsWith are the rows that have a problem, with what is wrong, in the order of
// the file; item narrows to a group's where it is not empty. page counts from 1.
// It needs access.ImportFile and logs whose rows were shown.
func (s *Service) RowsWith(ctx context.Context, by access.Actor, ref id.Ref, code, item string, page int) (list []RowProblem, more bool, err error) {
	err = s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("code = $1", code)
		if item != "" {
			w.And("item = $1", item)
		}
		list, err = problems(tx, by.Register, in.ID, w, paged(&w, page))
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if list, more = cut(list, page); len(list) == 0 {
		return list, more, nil
	}
	return list, more, s.see(ctx, by, nil, "problems of a partner's file")
}
