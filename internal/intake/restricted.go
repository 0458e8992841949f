package intake

import (
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/match"
	"waymark/internal/restrict"
)

// A row that meets a locked or a hidden record is to the sender, and to whoever
// takes the file in, a row that met nobody: it says what every such row says, and
// counts as one. It changes nothing. It is kept for those whom the restriction
// lets through, and they see it once the file is applied (ux-security.md 5.6).

// stranger is somebody whom no restriction lets through.
func stranger(tx *db.Tx, r id.Register) (*access.Veil, error) {
	return access.VeilOf(tx, access.Actor{Register: r})
}

// sheltered are all whose address is protected, whoever takes the file in.
func sheltered(tx *db.Tx, r id.Register) (map[id.YoungPerson]bool, error) {
	veil, err := stranger(tx, r)
	if err != nil {
		return nil, err
	}
	out := map[id.YoungPerson]bool{}
	for _, yp := range veil.Sheltered() {
		out[yp] = true
	}
	return out, nil
}

// setAside makes of an answer that met a restricted record one that met nobody,
// and notes whom it met.
func (m *matching) setAside(i int, a answer) answer {
	if a.yp == 0 || !m.veil.Restricted(a.yp) {
		return a
	}
	m.aside[i] = a.yp
	out := answer{}
	out.said = m.newAnswer(i, &out.sentence)
	return out
}

const (
	sqlDropAside = `DELETE FROM restriction_row WHERE register = $1 AND intake = $2 AND dealt IS NULL`
	sqlAside     = `SELECT DISTINCT row_number FROM restriction_row WHERE register = $1 AND intake = $2`
)

// keepAside keeps the rows of the blocks from the first to before the last.
func (m *matching) keepAside(tx *db.Tx, from, to int) error {
	b := &blocks{tx: tx, r: m.r, in: m.in}
	for i, yp := range m.aside {
		if m.blockOf[i] < from || m.blockOf[i] >= to {
			continue
		}
		row, err := b.row(m.numbers[i])
		if err != nil {
			return err
		}
		w := restrict.Waiting{Intake: m.in.ID, Row: m.numbers[i], Sender: m.in.Sender.Name, FileName: m.in.FileName, AsAt: m.in.AsAt.Words(), Said: map[string]string{}}
		for _, item := range layout.Items() {
			if row.values[item] != "" {
				w.Said[item.Words()] = row.values[item]
			}
		}
		if err := restrict.KeepRow(tx, m.r, yp, w); err != nil {
			return err
		}
	}
	return nil
}

// asideOf are the numbers of a file's rows that met restricted records.
func asideOf(tx *db.Tx, r id.Register, in *Intake) (map[int]bool, error) {
	rows, err := tx.Query(sqlAside, int64(r), int64(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read which rows are kept apart: %w", err)
	}
	defer rows.Close()
	out := map[int]bool{}
	for rows.Next() {
		var number int
		if err := rows.Scan(&number); err != nil {
			return nil, fmt.Errorf("read which rows are kept apart: %w", err)
		}
		out[number] = true
	}
	return out, rows.Err()
}

// aside says that what a subject's rows say goes to those whom a restriction lets
// through.
func (p *plan) setsAside(one *told) bool {
	for _, number := range one.rows {
		if p.aside[number] {
			return true
		}
	}
	return false
}

// veiled leaves of a row in review what the actor may see of whom it met.
func (r *Row) veiled(v *access.Veil) {
	switch {
	case v.Bars(r.yp):
		r.yp, r.Person, r.PersonName, r.Changes, r.Sentence, r.Bits = 0, "", "", nil, "", 0
	case v.Protects(r.yp):
		r.Sentence = ""
		for i := range r.Changes {
			// What it would be has in it what was held, where the row adds to it.
			switch c := &r.Changes[i]; {
			case c.Field == fieldSheltered:
				c.Before, c.After, c.Clash = access.Protected, access.Protected, false
			case c.Field == "address" && c.Before != "":
				c.Before, c.After = access.Protected, access.Protected
			}
		}
	}
}

// veiled leaves of a candidate what the actor may see; false where they may not
// see that there is one.
func (c *Candidate) veiled(v *access.Veil) bool {
	if v.Bars(c.yp) {
		return false
	}
	if v.Protects(c.yp) {
		c.Place, c.Explanation = access.Protected, match.Explanation{Prior: c.Explanation.Prior}
	}
	return true
}
