package inspect

import (
	"errors"
	"fmt"

	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/life"
	"waymark/internal/returns"
	"waymark/internal/seal"
	"waymark/internal/sealed"
	"waymark/internal/standing"
)

// step is how many keys of young people are read at once.
const step = 5000

const sqlHighestPerson = `SELECT COALESCE(MAX(id), 0) FROM young_person WHERE register = $1`

// standings states every standing anew and compares it with the one stored.
func (i *inspection) standings(c *Check) error {
	highest, err := i.count(sqlHighestPerson)
	if err != nil {
		return err
	}
	for from := int64(0); from <= highest; from += step {
		if err := i.standingsOf(c, from, from+step-1); err != nil {
			return err
		}
	}
	return nil
}

func (i *inspection) standingsOf(c *Check, from, to int64) error {
	stored, err := i.stored(from, to)
	if err != nil {
		return err
	}
	lives, err := life.Load(i.tx, fact.Known{Register: i.register, From: id.YoungPerson(from), To: id.YoungPerson(to)})
	if err != nil {
		return err
	}
	for _, l := range lives {
		c.Looked++
		yp := int64(l.Person.ID)
		row, ok := stored[yp]
		delete(stored, yp)
		if !ok {
			c.wrong("%s has no standing", i.person(yp))
			continue
		}
		for n, v := range i.keeper.Row(i.register, l) {
			if !same(v, row[n]) {
				c.wrong("%s: %s in the standing is not what follows from the facts", i.person(yp), standing.Columns[n])
			}
		}
	}
	for yp := range stored {
		c.wrong("%s has a standing and is no longer held", i.person(yp))
	}
	return nil
}

// stored are the standings between two keys.
func (i *inspection) stored(from, to int64) (map[int64][]any, error) {
	var w db.Where
	w.And("register = $1 AND young_person BETWEEN $2 AND $3", int64(i.register), from, to)
	query := "SELECT "
	for n, column := range standing.Columns {
		if n > 0 {
			query += ", "
		}
		query += column
	}
	rows, err := i.tx.Query(query+" FROM standing"+w.SQL(), w.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64][]any{}
	for rows.Next() {
		row, into := make([]any, len(standing.Columns)), make([]any, len(standing.Columns))
		for n := range into {
			into[n] = &row[n]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		yp, ok := row[1].(int64)
		if !ok {
			return nil, fmt.Errorf("a key of %T", row[1])
		}
		out[yp] = row
	}
	return out, rows.Err()
}

// same compares what was stated with what the engine gives back: SQLite gives
// a truth as a number.
func same(stated, stored any) bool {
	if yes, ok := stated.(bool); ok {
		if n, number := stored.(int64); number {
			return yes == (n != 0)
		}
	}
	return stated == stored
}

// log compares acts and sights with the Merkle tree over them. That it was not
// rolled back only a signed head shows, which waymark audit verify reads.
func (i *inspection) log(c *Check) error {
	a, err := audit.Verify(i.tx.Context(), i.db, i.register, nil)
	c.Looked = a.Entries
	for _, f := range a.Faults {
		c.wrong("entry %d: %s", f.Entry, f.Words)
	}
	return err
}

// words opens every note. One whose key is gone is no fault: it was destroyed,
// or this is a restored backup without its key book.
func (i *inspection) words(c *Check) error {
	n, err := sealed.Count(i.tx, i.register)
	c.Looked = n.Sealed + n.Plain
	if n.Broken > 0 {
		c.wrong("%d notes were changed, or moved from another record: they do not open with their own key", n.Broken)
	}
	return err
}

// returns reads every frozen return and takes its hash anew.
func (i *inspection) returns(c *Check) error {
	return returns.EachFrozen(i.tx, i.register, func(r *returns.Return, damaged error) error {
		c.Looked++
		if damaged != nil {
			c.wrong("the return %s of %s, version %d: %v", r.Ref, r.Period, r.Version, damaged)
		}
		return nil
	})
}

const (
	sqlFiles = `SELECT id, ref, sha256, bytes FROM intake WHERE register = $1 AND sha256 <> '' ORDER BY id`
)

type kept struct {
	key       int64
	ref, hash string
	bytes     int64
}

// files reads every partner's file that is kept and takes its hash anew. A
// file whose bytes are gone was deleted after its time.
func (i *inspection) files(c *Check) error {
	rows, err := i.tx.Query(sqlFiles, int64(i.register))
	if err != nil {
		return err
	}
	defer rows.Close()
	var all []kept
	for rows.Next() {
		var k kept
		if err := rows.Scan(&k.key, &k.ref, &k.hash, &k.bytes); err != nil {
			return err
		}
		all = append(all, k)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, k := range all {
		if err := i.file(c, k); err != nil {
			return err
		}
	}
	return nil
}

// kept opens what is kept sealed of rows of partners' files, and says of what does
// not open which it is, not what it says.
func (i *inspection) kept(c *Check) error {
	return intake.EachKept(i.tx, i.register, func(p intake.Piece, err error) {
		if errors.Is(err, sealed.ErrNoKey) {
			return // restored without its key book, as a file's bytes are
		}
		if c.Looked++; err != nil {
			c.wrong("the file %s, row %d: %s was changed, or moved from another row: it does not open with its key", p.File, p.Row, p.What)
		}
	})
}

func (i *inspection) file(c *Check, k kept) error {
	hash, n, err := intake.Hash(i.tx, i.register, id.Import(k.key))
	if errors.Is(err, sealed.ErrNoKey) {
		return nil // restored without its key book: it is not damaged, and nobody can say more
	}
	if errors.Is(err, seal.ErrWrongKey) {
		c.Looked++
		c.wrong("the file %s was changed, or moved from another: a piece of it does not open with its key", k.ref)
		return nil
	}
	if err != nil || n == 0 {
		return err
	}
	c.Looked++
	if n != k.bytes || hash != k.hash {
		c.wrong("the file %s is not the bytes that came: %d of %d are there", k.ref, n, k.bytes)
	}
	return nil
}
