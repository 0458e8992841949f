package youngperson

import (
	"fmt"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
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
