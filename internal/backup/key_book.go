package backup

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"waymark/internal/db"
	"waymark/internal/id"
)

// KeyBook is what a backup leaves out so that it can be forgotten: the keys of
// young people's notes, each wrapped, and who was erased. There is only ever
// the last one: whoever keeps an old one keeps keys that were destroyed.
type KeyBook struct {
	TakenAt time.Time
	Erased  []Erased
	keys    []bookKey
}

// Erased is one young person of whom only the reference is left.
type Erased struct {
	// Register and Ref are the references of both, At when it was done, and
	// Certificate the reference of the certificate that says so.
	Register    id.Ref    `json:"register"`
	Ref         id.Ref    `json:"ref"`
	At          time.Time `json:"at"`
	Certificate id.Ref    `json:"certificate"`
}

// bookKey is a key of a register or, with a young person, of one person.
type bookKey struct {
	Register    int64  `json:"register"`
	YoungPerson int64  `json:"young_person,omitempty"`
	ID          string `json:"id"`
	By          string `json:"by"`
	Wrapped     []byte `json:"wrapped"`
	MadeAt      string `json:"made_at,omitempty"`
}

// bookLine is one line of the file: how it begins, a key, an erasure, or how it
// ends.
type bookLine struct {
	Book    string     `json:"book,omitempty"`
	TakenAt *time.Time `json:"taken_at,omitempty"`
	Key     *bookKey   `json:"key,omitempty"`
	Erased  *Erased    `json:"erased,omitempty"`
	End     int        `json:"end,omitempty"`
}

const (
	bookBegins = "waymark keys 1"

	sqlBookRegisters = `SELECT register, 0, id, master, wrapped, made_at FROM register_key WHERE register > 0 ORDER BY register, id`
	sqlBookPeople    = `SELECT register, young_person, id, register_key, wrapped, '' FROM person_key WHERE register > 0 ORDER BY register, young_person`
	sqlBookErased    = `SELECT r.ref, y.ref, e.at, e.proposal FROM erased e JOIN register r ON r.id = e.register
		JOIN young_person y ON y.register = e.register AND y.id = e.young_person WHERE e.register > 0 ORDER BY e.register, e.young_person`
	sqlPutRegisterKey = `INSERT INTO register_key (register, id, master, wrapped, made_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register, id) DO UPDATE SET master = $3, wrapped = $4`
	sqlIsThere      = `SELECT count(*) FROM young_person WHERE register = $1 AND id = $2`
	sqlPutPersonKey = `INSERT INTO person_key (register, young_person, id, register_key, wrapped) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register, young_person) DO NOTHING`
)

// WriteKeys writes the key book of all registers in the place of the one
// before, encrypted to the recipients, and says how many keys are in it.
func WriteKeys(ctx context.Context, d *db.DB, name string, recipients ...age.Recipient) (keys int, err error) {
	var out bytes.Buffer
	var to io.WriteCloser = unsealed{&out}
	if len(recipients) > 0 {
		if to, err = age.Encrypt(&out, recipients...); err != nil {
			return 0, fmt.Errorf("encrypt the key book: %w", err)
		}
	}
	if keys, err = writeBook(ctx, d, to); err == nil {
		err = to.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("write the key book: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // nobody else may read it
	if err != nil {
		return 0, fmt.Errorf("the file of the key book cannot be made: %w", err)
	}
	_, err = f.Write(out.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("write the key book: %w", err), os.Remove(f.Name()))
	}
	return keys, syncDir(filepath.Dir(name))
}

func writeBook(ctx context.Context, d *db.DB, to io.Writer) (keys int, err error) {
	lines := json.NewEncoder(to)
	err = d.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		keys = 0
		if err := lines.Encode(bookLine{Book: bookBegins, TakenAt: &tx.Now}); err != nil {
			return err
		}
		all := 0
		for _, query := range []string{sqlBookRegisters, sqlBookPeople} {
			if err := eachRow(tx, query, func(scan func(...any) error) error {
				var k bookKey
				if err := scan(&k.Register, &k.YoungPerson, &k.ID, &k.By, &k.Wrapped, &k.MadeAt); err != nil {
					return err
				}
				if all++; k.YoungPerson != 0 {
					keys++
				}
				return lines.Encode(bookLine{Key: &k})
			}); err != nil {
				return err
			}
		}
		erased, err := EachErased(tx)
		if err != nil {
			return err
		}
		for i := range erased {
			all++
			if err := lines.Encode(bookLine{Erased: &erased[i]}); err != nil {
				return err
			}
		}
		return lines.Encode(bookLine{End: all + 1})
	})
	return keys, err
}

// EachErased lists who was erased, of all registers.
func EachErased(tx *db.Tx) ([]Erased, error) {
	var out []Erased
	err := eachRow(tx, sqlBookErased, func(scan func(...any) error) error {
		var e Erased
		var at db.Instant
		if err := scan((*string)(&e.Register), (*string)(&e.Ref), &at, (*string)(&e.Certificate)); err != nil {
			return err
		}
		e.At = at.Time
		out = append(out, e)
		return nil
	})
	return out, err
}

func eachRow(tx *db.Tx, query string, fn func(scan func(...any) error) error) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ErrNoBook says that a file is no whole key book.
var ErrNoBook = errors.New("this file is no key book of Waymark, or it was cut short")

// ReadKeys reads a key book. It returns ErrNoBook, ErrNoKey or ErrWrongKey.
func ReadKeys(from io.Reader, keys ...age.Identity) (*KeyBook, error) {
	in := bufio.NewReader(from)
	begins, err := in.Peek(4)
	if err != nil {
		return nil, ErrNoBook
	}
	var clear io.Reader = in
	if bytes.Equal(begins, []byte("age-")) {
		if len(keys) == 0 {
			return nil, ErrNoKey
		}
		var wrong *age.NoIdentityMatchError
		if clear, err = age.Decrypt(in, keys...); errors.As(err, &wrong) {
			return nil, ErrWrongKey
		} else if err != nil {
			return nil, ErrNoBook
		}
	}
	book, lines := &KeyBook{}, json.NewDecoder(clear)
	for n := 0; ; n++ {
		var l bookLine
		if err := lines.Decode(&l); err != nil {
			return nil, ErrNoBook
		}
		switch {
		case n == 0 && (l.Book != bookBegins || l.TakenAt == nil):
			return nil, ErrNoBook
		case n == 0:
			book.TakenAt = *l.TakenAt
		case l.Key != nil:
			book.keys = append(book.keys, *l.Key)
		case l.Erased != nil:
			book.Erased = append(book.Erased, *l.Erased)
		case l.End != n:
			return nil, ErrNoBook
		default:
			return book, nil
		}
	}
}

// Restore puts the keys back where their young people are, after a restore, and
// says of how many people.
func (b *KeyBook) Restore(ctx context.Context, d *db.DB) (keys int, err error) {
	err = d.EveryRegister().InTx(ctx, func(tx *db.Tx) error {
		keys = 0
		for _, k := range b.keys {
			if k.YoungPerson == 0 {
				if _, err := tx.Exec(sqlPutRegisterKey, k.Register, k.ID, k.By, k.Wrapped, k.MadeAt); err != nil {
					return err
				}
				continue
			}
			there := 0
			if err := tx.QueryRow(sqlIsThere, k.Register, k.YoungPerson).Scan(&there); err != nil {
				return err
			}
			if there == 0 {
				continue // added after the backup was taken
			}
			done, err := tx.Exec(sqlPutPersonKey, k.Register, k.YoungPerson, k.ID, k.By, k.Wrapped)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			keys += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("put the keys of notes back: %w", err)
	}
	return keys, nil
}
