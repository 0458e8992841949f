// Package merge finds records in the register that may be of one young person,
// keeps what people say of such a pair, puts two records together, and takes
// them apart again.
//
// In the trade a duplicate is a young person who was entered twice: by
// telephone under a nickname, by two schools, by two files. Putting the two
// together is a merge; the machine proposes and a person decides, always. A
// merge is one act that moves facts from one record to the other, so that it
// can be taken back at any later time, to the very facts that were there
// before. Two records that look alike and are of two people (twins above all)
// are said to be different, once, and are not offered again.
package merge

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/record"
	"waymark/internal/standing"
)

// Service finds doubles and puts records together. It is built once, by New.
type Service struct {
	db       *db.DB
	records  *record.Service
	standing standing.Keeper
	sights   *act.Recorder
	variants *match.Variants

	mu      sync.Mutex
	running map[id.Register]*running
	group   sync.WaitGroup
}

// New builds the service over the client records, or says what is wrong with
// the table of names.
func New(records *record.Service) (*Service, error) {
	v, err := match.NewVariants()
	if err != nil {
		return nil, err
	}
	return &Service{db: records.DB, records: records, standing: records.Standing, sights: records.Sights, variants: v, running: map[id.Register]*running{}}, nil
}

// Refusal is why two records are not put together, or not taken apart, in words
// with what to do. Nothing was changed.
type Refusal struct{ Message string }

func (r Refusal) Error() string { return r.Message }

func refuse(message string) error { return Refusal{message} }

// Merged is one merge, as it stands in the register.
type Merged struct {
	Ref id.Ref
	// Act put the records together; Undone took them apart, 0 while they are one.
	Act, Undone id.Act
	// Other was taken into Keep.
	Keep, Other       id.YoungPerson
	KeepRef, OtherRef id.Ref
	KeepID, OtherID   string // YoungPersonsIDs
	At                time.Time
	By, Reason        string
}

const sqlMerged = `SELECT m.ref, m.known_from, COALESCE(m.known_to, 0), m.into_person, m.young_person, k.ref, o.ref, k.young_persons_id, o.young_persons_id,
	a.at, a.actor_name, a.reason FROM merged m
	JOIN young_person k ON k.register = m.register AND k.id = m.into_person
	JOIN young_person o ON o.register = m.register AND o.id = m.young_person
	JOIN act a ON a.register = m.register AND a.number = m.known_from`

func mergesWhere(tx *db.Tx, w db.Where) ([]Merged, error) {
	rows, err := tx.Query(sqlMerged+w.SQL()+" ORDER BY m.known_from DESC", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read what was put together: %w", err)
	}
	defer rows.Close()
	var out []Merged
	for rows.Next() {
		var m Merged
		var at db.Instant
		if err := rows.Scan((*string)(&m.Ref), (*int64)(&m.Act), (*int64)(&m.Undone), (*int64)(&m.Keep), (*int64)(&m.Other), (*string)(&m.KeepRef),
			(*string)(&m.OtherRef), &m.KeepID, &m.OtherID, &at, &m.By, &m.Reason); err != nil {
			return nil, fmt.Errorf("read what was put together: %w", err)
		}
		m.At = at.Time
		out = append(out, m)
	}
	return out, rows.Err()
}

// mergeOf is the merge behind a reference, or db.NotFound.
func mergeOf(tx *db.Tx, r id.Register, ref id.Ref) (Merged, error) {
	var w db.Where
	w.And("m.register = $1 AND m.ref = $2", int64(r), string(ref))
	all, err := mergesWhere(tx, w)
	if err != nil {
		return Merged{}, err
	}
	if len(all) == 0 {
		return Merged{}, db.NotFound
	}
	return all[0], nil
}

const sqlPerson = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`

// person finds the key behind a reference that is held now and not restricted for
// the actor, or db.NotFound.
func person(tx *db.Tx, by access.Actor, ref id.Ref) (id.YoungPerson, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	var key int64
	err = tx.QueryRow(sqlPerson, int64(by.Register), string(ref)).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find the young person: %w", err)
	}
	return id.YoungPerson(key), veil.Refuses(id.YoungPerson(key))
}

// Led is where a reference leads that no longer has a record of its own.
type Led struct {
	// To is the record that it was put together with, in the end.
	To id.Ref
	Merged
}

// dayWords is the day of an instant in London, in words.
func dayWords(at time.Time) string { return civil.On(at, civil.London()).Words() }
