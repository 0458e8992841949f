package youngperson

import (
	"fmt"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
)

// AddMany stores new people, whom the act makes known. Each must have its key,
// reference and YoungPersonsID.
func AddMany(tx *db.Tx, a *act.Act, people []Person) error {
	rows := make([][]any, len(people))
	for i, p := range people {
		rows[i] = []any{int64(a.Register), int64(p.ID), string(p.Ref), p.YoungPersonsID, int64(a.Number)}
	}
	return db.BulkInsert(tx, "young_person", []string{"register", "id", "ref", "young_persons_id", "known_from"}, rows)
}

// Each calls fn with every person the register held, by key.
func Each(tx *db.Tx, k fact.Known, fn func(Person) error) error {
	w := k.Where()
	k.Narrow(&w, "id")
	if k.At != 0 {
		apartAt(&w, k)
	}
	rows, err := tx.Query("SELECT id, ref, young_persons_id, known_from FROM young_person"+w.SQL()+" ORDER BY id", w.Args...)
	if err != nil {
		return fmt.Errorf("read the young people: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Person
		if err := rows.Scan((*int64)(&p.ID), (*string)(&p.Ref), &p.YoungPersonsID, (*int64)(&p.KnownFrom)); err != nil {
			return fmt.Errorf("read the young people: %w", err)
		}
		if err := fn(p); err != nil {
			return err
		}
	}
	return rows.Err()
}

// FormerID is the scheme under which a YoungPersonsID that was replaced is kept
// among the identifiers.
const FormerID = "former YoungPersonsID"

const sqlFormerIDs = `SELECT young_person, value FROM identifier`

// FormerIDs calls fn with each YoungPersonsID that was in use at the act asked
// for and has been replaced since, by person; of several the one then in use.
func FormerIDs(tx *db.Tx, k fact.Known, fn func(yp id.YoungPerson, was string)) error {
	var w db.Where
	w.And("register = $1", int64(k.Register))
	w.And("scheme = $1 AND known_from > $2", FormerID, int64(k.At))
	k.Narrow(&w, "young_person")
	rows, err := tx.Query(sqlFormerIDs+w.SQL()+" ORDER BY young_person, known_from DESC", w.Args...)
	if err != nil {
		return fmt.Errorf("read former numbers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var yp int64
		var was string
		if err := rows.Scan(&yp, &was); err != nil {
			return fmt.Errorf("read former numbers: %w", err)
		}
		fn(id.YoungPerson(yp), was) // the earliest replacement comes last, and stands
	}
	return rows.Err()
}
