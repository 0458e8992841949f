package sealed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/seal"
)

// What belongs to no one young person is sealed under the key of its register:
// the secret of an authenticator app, a form that was not saved, the bytes of a
// file that holds many people. Nothing of it is forgotten by destroying a key;
// it is deleted instead. A rotation of the master key carries it by itself,
// because the register's key stays.

// ErrNoKey says that something was sealed under a key of a register that is not
// here: the database was restored without its key book.
var ErrNoKey = errors.New("what is stored is sealed under a key that is not here: restore with the key book that was written with the backup")

// Lock seals under the key of a register.
type Lock struct {
	register id.Register
	key      *seal.Key
}

// OfRegister is the lock of a register; its key is made where there is none.
func OfRegister(tx *db.Tx, r id.Register) (Lock, error) {
	key, err := toSealWith(tx, r)
	if err != nil {
		return Lock{}, fmt.Errorf("open the register's key: %w", err)
	}
	return Lock{r, key}, nil
}

// LockOf is OfRegister without a transaction of the caller's: it writes only
// where the register has no key yet.
func LockOf(ctx context.Context, d *db.DB, r id.Register) (l Lock, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		key, err := registerKey(tx, r, "")
		l = Lock{r, key}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = d.InTx(ctx, func(tx *db.Tx) error { l, err = OfRegister(tx, r); return err })
	}
	if err != nil {
		return Lock{}, fmt.Errorf("open the register's key: %w", err)
	}
	return l, nil
}

func (l Lock) place(where string) string { return ofRegister(l.register) + ", " + where }

// Key is the name of the key, which is kept beside sealed bytes.
func (l Lock) Key() string { return l.key.ID }

// Words seals words that belong to a place, named by table, column and row: they
// open nowhere else. Nothing at all stays nothing.
func (l Lock) Words(words, where string) string { return l.key.Seal(words, l.place(where)) }

// Digest is what words that belong to a place come to under the key; the same words
// there come to the same again (seal.Key.Digest).
func (l Lock) Digest(words, where string) string { return l.key.Digest(words, l.place(where)) }

// Bytes seals bytes that belong to a place.
func (l Lock) Bytes(clear []byte, where string) []byte { return l.key.SealBytes(clear, l.place(where)) }

// Words opens what Lock.Words sealed at a place. Words that are not sealed are
// given as they are. It returns ErrNoKey, or seal.ErrWrongKey where the text was
// changed or moved.
func Words(tx *db.Tx, r id.Register, text, where string) (string, error) {
	name := seal.KeyOf(text)
	if name == "" {
		return text, nil
	}
	l, err := lockNamed(tx, r, name)
	if err != nil {
		return "", err
	}
	return l.key.Open(text, l.place(where))
}

// Bytes opens what Lock.Bytes sealed at a place with the key of that name; bytes
// beside which no key is named are given as they are. Errors are those of Words.
func Bytes(tx *db.Tx, r id.Register, key string, locked []byte, where string) ([]byte, error) {
	if key == "" {
		return locked, nil
	}
	l, err := lockNamed(tx, r, key)
	if err != nil {
		return nil, err
	}
	return l.key.OpenBytes(locked, l.place(where))
}

// Opener opens words of one register, at any places. It reads the register's keys
// first, so that it may be used while rows are read. Words that are not sealed are
// given as they are; errors are those of Words.
func Opener(tx *db.Tx, r id.Register) (func(text, where string) (string, error), error) {
	names, err := db.Values[string](tx, sqlKeyNames, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the register's keys: %w", err)
	}
	type opened struct {
		lock Lock
		err  error
	}
	locks := map[string]opened{}
	for _, name := range names {
		l, err := lockNamed(tx, r, name)
		locks[name] = opened{l, err} // told where something is sealed under it
	}
	return func(text, where string) (string, error) {
		name := seal.KeyOf(text)
		if name == "" {
			return text, nil
		}
		l, held := locks[name]
		if !held {
			return "", ErrNoKey
		}
		if l.err != nil {
			return "", l.err
		}
		return l.lock.key.Open(text, l.lock.place(where))
	}, nil
}

func lockNamed(tx *db.Tx, r id.Register, name string) (Lock, error) {
	key, err := registerKey(tx, r, name)
	if errors.Is(err, sql.ErrNoRows) {
		return Lock{}, ErrNoKey
	}
	return Lock{r, key}, err
}

const sqlKeyNames = `SELECT id FROM register_key WHERE register = $1`

// OpenAll opens many words of one register, read without a transaction of the
// caller's: of the file beside, which has no keys in it.
func OpenAll(ctx context.Context, d *db.DB, r id.Register, n int, at func(int) (text *string, where string)) error {
	if n == 0 {
		return nil
	}
	return d.Read(ctx, func(tx *db.Tx) error {
		for i := range n {
			text, where := at(i)
			words, err := Words(tx, r, *text, where)
			if err != nil {
				return err
			}
			*text = words
		}
		return nil
	})
}
