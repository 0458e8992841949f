// Package sealed keeps words about a young person under a key of their own.
//
// In the trade, what an adviser writes after a call is the most private thing
// in the register. It is stored so that the database alone, or a copy of it,
// does not tell it: the young person's key stands in one place, person_key, and
// in no backup. When they are erased it is destroyed, and every copy of their
// notes, wherever it lies, can be read by nobody.
package sealed

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/seal"
)

// Place is where sealed words stand: they open nowhere else.
type Place struct {
	Register      id.Register
	Table, Column string
	// Row is the id of the fact, which all its versions share.
	Row int64
}

func (p Place) words() string {
	return "register " + strconv.FormatInt(int64(p.Register), 10) + ", " + p.Table + "." + p.Column + " " + strconv.FormatInt(p.Row, 10)
}

// Unreadable stands in the place of words whose key is not here: destroyed, or
// not restored with the rest.
const Unreadable = "(These words are sealed, and their key is not here.)"

// errNoRing is an error of whoever built the program.
var errNoRing = errors.New("there is no master key to seal notes with")

const (
	sqlRegisterKey    = `SELECT id, master, wrapped FROM register_key WHERE register = $1 AND id = $2`
	sqlLastKey        = `SELECT id FROM register_key WHERE register = $1 ORDER BY made_at DESC, id LIMIT 1`
	sqlAddRegisterKey = `INSERT INTO register_key (register, id, master, wrapped, made_at) VALUES ($1, $2, $3, $4, $5)`
	sqlPersonKeys     = `SELECT young_person, id, register_key, wrapped FROM person_key`
	sqlAddPersonKey   = `INSERT INTO person_key (register, young_person, id, register_key, wrapped) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register, young_person) DO NOTHING`
	sqlDestroy = `DELETE FROM person_key WHERE register = $1 AND young_person = $2`
)

func ofRegister(r id.Register) string { return "register " + strconv.FormatInt(int64(r), 10) }

func ofPerson(r id.Register, yp id.YoungPerson) string {
	return ofRegister(r) + ", young person " + strconv.FormatInt(int64(yp), 10)
}

// registerKey opens the key of that name, or the one in use where it is "".
func registerKey(tx *db.Tx, r id.Register, name string) (*seal.Key, error) {
	if tx.Ring == nil {
		return nil, errNoRing
	}
	if name == "" {
		if err := tx.QueryRow(sqlLastKey, int64(r)).Scan(&name); err != nil {
			return nil, err
		}
	}
	var key, master string
	var wrapped []byte
	if err := tx.QueryRow(sqlRegisterKey, int64(r), name).Scan(&key, &master, &wrapped); err != nil {
		return nil, err
	}
	return tx.Ring.Unwrap(master, key, wrapped, ofRegister(r))
}

// toSealWith is the register's key in use; where there is none it is made.
func toSealWith(tx *db.Tx, r id.Register) (*seal.Key, error) {
	k, err := registerKey(tx, r, "")
	if !errors.Is(err, sql.ErrNoRows) {
		return k, err
	}
	if k, err = seal.NewKey(); err != nil {
		return nil, err
	}
	master, wrapped, err := tx.Ring.Rewrapped(k, ofRegister(r))
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(sqlAddRegisterKey, int64(r), k.ID, master, wrapped, db.Instant{Time: tx.Now})
	return k, err
}

// Keys are the keys of some young people, read once.
type Keys struct {
	register id.Register
	by       map[id.YoungPerson]*wrapped
	named    map[string]*wrapped
}

type wrapped struct {
	person           id.YoungPerson
	name, byRegister string
	locked           []byte
	key              *seal.Key
}

// Read reads the keys of some young people; nil is everybody.
func Read(tx *db.Tx, r id.Register, people []id.YoungPerson) (*Keys, error) {
	k := &Keys{register: r, by: map[id.YoungPerson]*wrapped{}, named: map[string]*wrapped{}}
	if people == nil {
		return k, k.read(tx, nil)
	}
	for some := range slices.Chunk(people, 200) { // a wide IN is slow on SQLite
		if err := k.read(tx, some); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (k *Keys) read(tx *db.Tx, people []id.YoungPerson) error {
	var w db.Where
	w.And("register = $1", int64(k.register))
	if people != nil {
		in := make([]any, len(people))
		for i, p := range people {
			in[i] = int64(p)
		}
		w.In("young_person", in...)
	}
	return k.add(tx, w)
}

func (k *Keys) add(tx *db.Tx, w db.Where) error {
	rows, err := tx.Query(sqlPersonKeys+w.SQL(), w.Args...)
	if err != nil {
		return fmt.Errorf("read the keys of notes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		one := &wrapped{}
		if err := rows.Scan((*int64)(&one.person), &one.name, &one.byRegister, &one.locked); err != nil {
			return fmt.Errorf("read the keys of notes: %w", err)
		}
		k.by[one.person], k.named[one.name] = one, one
	}
	return rows.Err()
}

func (k *Keys) unwrap(tx *db.Tx, one *wrapped) (*seal.Key, error) {
	if one.key != nil {
		return one.key, nil
	}
	by, err := registerKey(tx, k.register, one.byRegister)
	if err == nil {
		one.key, err = by.Unwrap(one.name, one.locked, ofPerson(k.register, one.person))
	}
	if err != nil {
		return nil, fmt.Errorf("open the key of notes: %w", err)
	}
	return one.key, nil
}

// Seal locks words about a young person who has a key in k, or is given one.
// What is sealed already stays as it is, and so does nothing at all.
func (k *Keys) Seal(tx *db.Tx, yp id.YoungPerson, at Place, words string) (string, error) {
	if words == "" || seal.KeyOf(words) != "" {
		return words, nil
	}
	if k.by[yp] == nil {
		if err := k.give(tx, yp); err != nil {
			return "", fmt.Errorf("make a key for notes: %w", err)
		}
	}
	key, err := k.unwrap(tx, k.by[yp])
	if err != nil {
		return "", err
	}
	return key.Seal(words, at.words()), nil
}

func (k *Keys) give(tx *db.Tx, yp id.YoungPerson) error {
	by, err := toSealWith(tx, k.register)
	if err != nil {
		return err
	}
	key, err := seal.NewKey()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlAddPersonKey, int64(k.register), int64(yp), key.ID, by.ID, by.Wrap(key, ofPerson(k.register, yp))); err != nil {
		return err
	}
	// Another may have given one first.
	return k.read(tx, []id.YoungPerson{yp})
}

// Open is the words that were sealed at a place. Words that are not sealed are
// given as they are, and Unreadable where the key is gone. It returns
// seal.ErrWrongKey where the text was changed, or moved from another place.
func (k *Keys) Open(tx *db.Tx, at Place, text string) (string, error) {
	name := seal.KeyOf(text)
	if name == "" {
		return text, nil
	}
	one := k.named[name]
	if one == nil {
		// The words came with a fact from a record that is one with this now.
		var w db.Where
		w.And("register = $1 AND id = $2", int64(k.register), name)
		if err := k.add(tx, w); err != nil {
			return "", err
		}
		if one = k.named[name]; one == nil {
			return Unreadable, nil
		}
	}
	key, err := k.unwrap(tx, one)
	if err != nil {
		return "", err
	}
	return key.Open(text, at.words())
}

// Destroy deletes the key of a young person: nothing that it sealed is read
// again.
func Destroy(tx *db.Tx, r id.Register, yp id.YoungPerson) error {
	if _, err := tx.Exec(sqlDestroy, int64(r), int64(yp)); err != nil {
		return fmt.Errorf("destroy the key of notes: %w", err)
	}
	return nil
}
