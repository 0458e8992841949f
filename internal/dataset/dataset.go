// Package dataset keeps the versions of what other bodies publish as a whole
// and replace as a whole.
//
// In the trade these are reference data: the Department's list of schools, the
// postcode directory of the Office for National Statistics, the indices of
// deprivation. Nobody mends one row of them; a newer set takes the place of the
// older one. So a set is one version: its rows are staged under its number,
// piece by piece, and count for nothing until one short act puts it in force.
// Taking it back is an act too, and the set before it is in force again. What
// was in force after an earlier act can be asked, as of everything.
package dataset

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Kind is what a set is of. Of each kind one set is in force at a time.
type Kind string

// The kinds.
const (
	// Establishments are schools and colleges: the Department's register, GIAS.
	Establishments Kind = "establishments"
	// Links say which establishment came after which.
	Links Kind = "establishment links"
	// Providers are the holders of UK provider reference numbers.
	Providers Kind = "providers"
	// Postcodes are the postcode directory: NSPL or ONSPD.
	Postcodes Kind = "postcodes"
	// Deprivation are the indices of deprivation.
	Deprivation Kind = "deprivation"
	// Wards are ward names and boundaries.
	Wards Kind = "wards"
)

// Kinds are all kinds, in the order in which pages show them.
func Kinds() []Kind {
	return []Kind{Establishments, Links, Providers, Postcodes, Deprivation, Wards}
}

// Set is one version of one kind.
type Set struct {
	ID   id.Dataset `json:"-"`
	Ref  id.Ref     `json:"ref"`
	Kind Kind       `json:"kind"`
	// Edition is what its publisher calls it, "" where the file does not say.
	Edition string `json:"edition"`
	// Basis is the census whose areas it speaks of: 2011 or 2021, "" for none.
	Basis string `json:"basis,omitempty"`
	// Areas are those to which it was narrowed when it was loaded, "" for all.
	Areas    string `json:"areas,omitempty"`
	FileName string `json:"file"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	// Entries is how many rows were kept.
	Entries    int       `json:"rows"`
	ReceivedAt time.Time `json:"received_at"`
	// TouchedAt is when the last piece of it was staged.
	TouchedAt time.Time `json:"-"`
	By        string    `json:"by"`
	// Act put it in force, 0 while it is staged; UndoneBy took it back.
	Act      id.Act `json:"act,omitempty"`
	UndoneBy id.Act `json:"undone_by,omitempty"`
}

// Table is a table of the rows of sets. Key is a column of which few rows have
// the same value: by it rows are taken out in pieces.
type Table struct{ Name, Key string }

const (
	sqlColumns = `SELECT id, ref, kind, edition, basis, areas, file_name, bytes, sha256, entries, received_at, touched_at, actor_name,
		COALESCE(act, 0), COALESCE(undone_by, 0) FROM dataset`
	sqlNextKey = `UPDATE register SET last_key = last_key + 1 WHERE id = $1 RETURNING last_key`
	sqlReceive = `INSERT INTO dataset (register, id, ref, kind, edition, basis, areas, file_name, bytes, sha256, entries, received_at, touched_at, actor, actor_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $11, $12, $13)`
	sqlTouch   = `UPDATE dataset SET touched_at = $3 WHERE register = $1 AND id = $2 AND act IS NULL`
	sqlEnforce = `UPDATE dataset SET act = $3, entries = $4, edition = $5 WHERE register = $1 AND id = $2 AND act IS NULL`
	sqlUndo    = `UPDATE dataset SET undone_by = $3 WHERE register = $1 AND id = $2 AND act IS NOT NULL AND undone_by IS NULL`
	sqlForget  = `DELETE FROM dataset WHERE register = $1 AND id = $2 AND act IS NULL`
)

// ErrGone says that a set that was being staged is there no longer: it was
// taken for one that somebody had left.
var ErrGone = errors.New("dataset: what was staged has been thrown away")

// InForce is the set of a kind in force after an act, 0 for now; false where
// there was none.
func InForce(tx *db.Tx, reg id.Register, kind Kind, at id.Act) (Set, bool, error) {
	if at == 0 {
		at = math.MaxInt64
	}
	var w db.Where
	w.And("register = $1 AND kind = $2", int64(reg), string(kind))
	w.And("act <= $1 AND (undone_by IS NULL OR undone_by > $1)", int64(at))
	list, err := read(tx, w, " ORDER BY act DESC NULLS LAST LIMIT 1")
	if err != nil || len(list) == 0 {
		return Set{}, false, err
	}
	return list[0], true, nil
}

// All are the sets of a register that ever were in force, and those that are
// being staged, the newest first.
func All(tx *db.Tx, reg id.Register) ([]Set, error) {
	var w db.Where
	w.And("register = $1", int64(reg))
	return read(tx, w, " ORDER BY id DESC")
}

// Of is the set with the reference, or db.NotFound.
func Of(tx *db.Tx, reg id.Register, ref id.Ref) (Set, error) {
	var w db.Where
	w.And("register = $1 AND ref = $2", int64(reg), string(ref))
	list, err := read(tx, w, "")
	if err != nil {
		return Set{}, err
	}
	if len(list) == 0 {
		return Set{}, db.NotFound
	}
	return list[0], nil
}

func read(tx *db.Tx, w db.Where, tail string) ([]Set, error) {
	rows, err := tx.Query(sqlColumns+w.SQL()+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read which sets are loaded: %w", err)
	}
	defer rows.Close()
	var out []Set
	for rows.Next() {
		var s Set
		var received, touched db.Instant
		if err := rows.Scan((*int64)(&s.ID), (*string)(&s.Ref), (*string)(&s.Kind), &s.Edition, &s.Basis, &s.Areas, &s.FileName, &s.Bytes, &s.SHA256, &s.Entries,
			&received, &touched, &s.By, (*int64)(&s.Act), (*int64)(&s.UndoneBy)); err != nil {
			return nil, fmt.Errorf("read which sets are loaded: %w", err)
		}
		s.ReceivedAt, s.TouchedAt = received.Time, touched.Time
		out = append(out, s)
	}
	return out, rows.Err()
}

// Receive notes a set whose rows are about to be staged, and gives it its
// number and its reference.
func Receive(tx *db.Tx, by access.Actor, s *Set) error {
	s.Ref, s.By, s.ReceivedAt, s.TouchedAt = id.NewRef(), by.Name, tx.Now, tx.Now
	if err := tx.QueryRow(sqlNextKey, int64(by.Register)).Scan((*int64)(&s.ID)); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		}
		return fmt.Errorf("note the set: %w", err)
	}
	if _, err := tx.Exec(sqlReceive, int64(by.Register), int64(s.ID), string(s.Ref), string(s.Kind), s.Edition, s.Basis, s.Areas, s.FileName, s.Bytes, s.SHA256,
		db.Instant{Time: tx.Now}, by.Ref, by.Name); err != nil {
		return fmt.Errorf("note the set: %w", err)
	}
	return nil
}

// Touch says that the set is still being staged; every piece does. ErrGone
// says that it is not there any more.
func Touch(tx *db.Tx, reg id.Register, s Set) error {
	return one(tx, ErrGone, sqlTouch, int64(reg), int64(s.ID), db.Instant{Time: tx.Now})
}

// Enforce puts the staged set in force, by the act.
func Enforce(tx *db.Tx, a *act.Act, s *Set) error {
	s.Act = a.Number
	return one(tx, ErrGone, sqlEnforce, int64(a.Register), int64(s.ID), int64(a.Number), int64(s.Entries), s.Edition)
}

// Undo takes a set back, by the act. A set that is not in force, and was not
// when a later one came, is a db.Conflict.
func Undo(tx *db.Tx, a *act.Act, s *Set) error {
	s.UndoneBy = a.Number
	return one(tx, db.Conflict{What: "this set"}, sqlUndo, int64(a.Register), int64(s.ID), int64(a.Number))
}

func one(tx *db.Tx, none error, query string, args ...any) error {
	done, err := tx.Exec(query, args...)
	if err != nil {
		return fmt.Errorf("change a set: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return none
}

// Remove takes out up to some rows of a set that never was in force, and says
// whether any may be left; once none is, the set itself goes. It is called
// until nothing is left, each time in a transaction of its own, so that nobody
// waits long.
func Remove(tx *db.Tx, reg id.Register, s Set, tables []Table, some int) (more bool, err error) {
	for _, t := range tables {
		done, err := tx.Exec("DELETE FROM "+t.Name+" WHERE register = $1 AND dataset = $2 AND "+t.Key+
			" IN (SELECT "+t.Key+" FROM "+t.Name+" WHERE register = $1 AND dataset = $2 ORDER BY "+t.Key+" LIMIT $3)", int64(reg), int64(s.ID), int64(some))
		if err != nil {
			return false, fmt.Errorf("throw away what was staged: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return true, err
		}
	}
	_, err = tx.Exec(sqlForget, int64(reg), int64(s.ID))
	return false, err
}
