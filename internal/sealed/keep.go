package sealed

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/seal"
)

const (
	sqlRegisterKeys = `SELECT register, id, master, wrapped FROM register_key WHERE register > 0 ORDER BY register, id`
	sqlRewrap       = `UPDATE register_key SET master = $1, wrapped = $2 WHERE register = $3 AND id = $4`
)

type registers struct {
	register     id.Register
	name, master string
	wrapped      []byte
}

func all(tx *db.Tx) ([]registers, error) {
	rows, err := tx.Query(sqlRegisterKeys)
	if err != nil {
		return nil, fmt.Errorf("read the registers' keys: %w", err)
	}
	defer rows.Close()
	var out []registers
	for rows.Next() {
		var one registers
		if err := rows.Scan((*int64)(&one.register), &one.name, &one.master, &one.wrapped); err != nil {
			return nil, fmt.Errorf("read the registers' keys: %w", err)
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Try opens the key of each register, as a server does when it starts. It
// returns seal.ErrNoMaster where a master key is not at hand, and nil where
// nothing is sealed yet.
func Try(ctx context.Context, d *db.DB) error {
	return d.Read(ctx, func(tx *db.Tx) error {
		keys, err := all(tx)
		if err != nil || len(keys) == 0 {
			return err
		}
		if tx.Ring == nil {
			return errNoRing
		}
		for _, k := range keys {
			if _, err := tx.Ring.Unwrap(k.master, k.name, k.wrapped, ofRegister(k.register)); err != nil {
				return fmt.Errorf("try the key of register %d: %w", k.register, err)
			}
		}
		return nil
	})
}

// Rotate wraps the key of each register with a new master key and then forgets
// the one before, while others work. Cut anywhere and given again, it goes on
// where it was cut. It says how many keys it wrapped and what the new master
// key is called.
func Rotate(ctx context.Context, d *db.DB) (wrapped int, master string, err error) {
	if d.Ring == nil {
		return 0, "", errNoRing
	}
	if master, err = d.Ring.Begin(); err != nil {
		return 0, "", err
	}
	// Until none is left: a server may just have made one with the key before.
	for {
		n, err := rewrapAll(ctx, d, master)
		if err != nil {
			return wrapped, "", err
		}
		if wrapped += n; n == 0 {
			return wrapped, master, d.Ring.Finish()
		}
	}
}

func rewrapAll(ctx context.Context, d *db.DB, master string) (n int, err error) {
	// One left out could never be opened again.
	err = d.EveryRegister().InTx(ctx, func(tx *db.Tx) error {
		n = 0
		keys, err := all(tx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.master == master {
				continue
			}
			if err := rewrap(tx, k); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func rewrap(tx *db.Tx, k registers) error {
	key, err := tx.Ring.Unwrap(k.master, k.name, k.wrapped, ofRegister(k.register))
	if err != nil {
		return fmt.Errorf("open the key of register %d: %w", k.register, err)
	}
	by, locked, err := tx.Ring.Rewrapped(key, ofRegister(k.register))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRewrap, by, locked, int64(k.register), k.name); err != nil {
		return fmt.Errorf("wrap the key of register %d: %w", k.register, err)
	}
	return nil
}

// Column is a column that holds sealed words, of a table of facts.
type Column struct{ Table, Column string }

// Columns are all that hold sealed words.
func Columns() []Column {
	return []Column{{"contact", "note"}, {"safety_note", "words"}, {"contact", "said"}, {"contact", "next_step"}}
}

// Counted are the words in the sealed columns of a register: sealed, and not
// sealed yet.
type Counted struct{ Sealed, Plain, Unreadable, Broken int64 }

const some = 500

type cell struct {
	person, row, version int64
	text                 string
}

// each calls fn with the words of a column, some at a time.
func each(tx *db.Tx, r id.Register, c Column, from cell) ([]cell, error) {
	rows, err := tx.Query("SELECT young_person, id, known_from, "+c.Column+" FROM "+c.Table+" WHERE register = $1 AND "+c.Column+" <> '' AND (young_person > $2 OR young_person = $2 AND (id > $3 OR id = $3 AND known_from > $4)) ORDER BY young_person, id, known_from LIMIT $5",
		int64(r), from.person, from.row, from.version, some)
	if err != nil {
		return nil, fmt.Errorf("read sealed words: %w", err)
	}
	defer rows.Close()
	var out []cell
	for rows.Next() {
		var one cell
		if err := rows.Scan(&one.person, &one.row, &one.version, &one.text); err != nil {
			return nil, fmt.Errorf("read sealed words: %w", err)
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

func peopleOf(cells []cell) []id.YoungPerson {
	out := []id.YoungPerson{}
	for i, c := range cells {
		if i == 0 || cells[i-1].person != c.person {
			out = append(out, id.YoungPerson(c.person))
		}
	}
	return out
}

// Count opens every sealed word of a register.
func Count(tx *db.Tx, r id.Register) (Counted, error) {
	var n Counted
	for _, c := range Columns() {
		var from cell
		for {
			cells, err := each(tx, r, c, from)
			if err != nil || len(cells) == 0 {
				if err != nil {
					return n, err
				}
				break
			}
			from = cells[len(cells)-1]
			keys, err := Read(tx, r, peopleOf(cells))
			if err != nil {
				return n, err
			}
			for _, one := range cells {
				if seal.KeyOf(one.text) == "" {
					n.Plain++
					continue
				}
				n.Sealed++
				switch words, err := keys.Open(tx, Place{r, c.Table, c.Column, one.row}, one.text); {
				case errors.Is(err, seal.ErrWrongKey):
					n.Broken++
				case err != nil:
					return n, err
				case words == Unreadable:
					n.Unreadable++
				}
			}
		}
	}
	return n, nil
}

// SealPlain seals what was written before there were keys, some at a time, so
// that nobody waits for it, and says how many.
func SealPlain(ctx context.Context, d *db.DB, r id.Register) (int, error) {
	done := 0
	for _, c := range Columns() {
		from := cell{}
		for {
			n, last, err := sealSome(ctx, d, r, c, from)
			if err != nil {
				return done, fmt.Errorf("seal notes: %w", err)
			}
			done += n
			if last == nil {
				break
			}
			from = *last
		}
	}
	return done, nil
}

func sealSome(ctx context.Context, d *db.DB, r id.Register, c Column, from cell) (n int, last *cell, err error) {
	plain := false
	if err := d.Read(ctx, func(tx *db.Tx) error {
		cells, err := each(tx, r, c, from)
		for i := range cells {
			last = &cells[i]
			plain = plain || seal.KeyOf(cells[i].text) == ""
		}
		return err
	}); err != nil || !plain {
		return 0, last, err
	}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		n, last = 0, nil
		cells, err := each(tx, r, c, from)
		if err != nil {
			return err
		}
		keys, err := Read(tx, r, peopleOf(cells))
		if err != nil {
			return err
		}
		for i := range cells {
			one := &cells[i]
			last = one
			text, err := keys.Seal(tx, id.YoungPerson(one.person), Place{r, c.Table, c.Column, one.row}, one.text)
			if err != nil {
				return err
			}
			if text == one.text {
				continue
			}
			n++
			if _, err := tx.Exec("UPDATE "+c.Table+" SET "+c.Column+" = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_from = $5", text, int64(r), one.person, one.row, one.version); err != nil {
				return err
			}
		}
		return nil
	})
	return n, last, err
}
