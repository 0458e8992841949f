package youngperson

import (
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
)

// Schemes of numbers that somebody once went by: held so that finding and files
// meet them, and in no return.
const (
	// FormerULN is a learner number that another replaced.
	FormerULN = "former ULN"
	// MergedID is the YoungPersonsID of another record of the same young person,
	// which was put together with this one.
	MergedID = "YoungPersonsID of a merged record"
)

// apartAt leaves out whoever was part of another record after the act: their
// own row says only whether they are now.
func apartAt(w *db.Where, k fact.Known) {
	w.And("id NOT IN (SELECT young_person FROM merged WHERE register = $1 AND known_from <= $2 AND known_to > $2)", int64(k.Register), int64(k.At))
}

const (
	sqlMergedInto = `SELECT young_person, into_person FROM merged WHERE register = $1 AND known_to IS NULL`
	sqlAnyRef     = `SELECT id, ref, young_persons_id, known_from, COALESCE(known_to, 0) FROM young_person WHERE register = $1 AND ref = $2`
	sqlIntoWhom   = `SELECT y.id, y.ref, y.young_persons_id, y.known_from, COALESCE(y.known_to, 0) FROM merged m
		JOIN young_person y ON y.register = m.register AND y.id = m.into_person
		WHERE m.register = $1 AND m.young_person = $2 AND m.known_to IS NULL`
)

// MergedInto says of everybody whose record was put together with another whose
// record it is now, through all merges in force.
func MergedInto(tx *db.Tx, r id.Register) (map[id.YoungPerson]id.YoungPerson, error) {
	rows, err := tx.Query(sqlMergedInto, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read what was put together: %w", err)
	}
	defer rows.Close()
	into := map[id.YoungPerson]id.YoungPerson{}
	for rows.Next() {
		var other, keep int64
		if err := rows.Scan(&other, &keep); err != nil {
			return nil, err
		}
		into[id.YoungPerson(other)] = id.YoungPerson(keep)
	}
	for other, keep := range into {
		for next, more := into[keep]; more; next, more = into[keep] {
			keep = next
		}
		into[other] = keep
	}
	return into, rows.Err()
}

// AnyRef is the person behind a reference, held now or once, and the act since
// when they are held no longer (0 while they are). It returns db.NotFound for a
// reference that nobody ever had.
func AnyRef(tx *db.Tx, r id.Register, ref id.Ref) (p Person, until id.Act, err error) {
	return one(tx.QueryRow(sqlAnyRef, int64(r), string(ref)))
}

func one(row *sql.Row) (p Person, until id.Act, err error) {
	err = row.Scan((*int64)(&p.ID), (*string)(&p.Ref), &p.YoungPersonsID, (*int64)(&p.KnownFrom), (*int64)(&until))
	if errors.Is(err, sql.ErrNoRows) {
		err = db.NotFound
	} else if err != nil {
		err = fmt.Errorf("find the young person: %w", err)
	}
	return p, until, err
}

// Led is whose record a reference leads to that was put together with another:
// the key that it had, and the person that it is in the end. It returns
// db.NotFound where the reference leads nowhere else.
func Led(tx *db.Tx, r id.Register, ref id.Ref) (from id.YoungPerson, to Person, err error) {
	first, until, err := AnyRef(tx, r, ref)
	if err != nil {
		return 0, Person{}, err
	}
	to = first
	for until != 0 {
		if to, until, err = one(tx.QueryRow(sqlIntoWhom, int64(r), int64(to.ID))); err != nil {
			return 0, Person{}, err
		}
	}
	if to.ID == first.ID {
		return 0, Person{}, db.NotFound
	}
	return first.ID, to, nil
}
