package merge

import (
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// stranger is somebody whom no restriction lets through: what a search for
// doubles may know, because all who may put records together see what it finds.
func stranger(tx *db.Tx, r id.Register) (*access.Veil, error) {
	return access.VeilOf(tx, access.Actor{Register: r})
}

// decide is access.MergePeople for some people. For one whose record is
// restricted for the actor it is what asking for that record alone comes to.
func decide(by access.Actor) error {
	return access.Decide(by, access.MergePeople, access.Subject{Register: by.Register})
}

// decideOn is decide about the two records of a pair.
func decideOn(tx *db.Tx, by access.Actor, people ...id.YoungPerson) error {
	if err := decide(by); err != nil {
		return err
	}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return err
	}
	for _, yp := range people {
		if veil.Bars(yp) {
			return db.NotFound
		}
	}
	return nil
}

// decideSeen is access.SeePerson about some people.
func decideSeen(tx *db.Tx, by access.Actor, people ...id.YoungPerson) error {
	for _, yp := range people {
		about, err := access.About(tx, by, yp)
		if err == nil {
			err = access.Decide(by, access.SeePerson, about)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unbarred leaves the merges of which the actor may know.
func unbarred(tx *db.Tx, by access.Actor, all []Merged) ([]Merged, error) {
	veil, err := access.VeilOf(tx, by)
	var out []Merged
	for _, m := range all {
		if err == nil && !veil.Bars(m.Keep) && !veil.Bars(m.Other) {
			out = append(out, m)
		}
	}
	return out, err
}

const (
	sqlRestricted = `SELECT count(*) FROM restriction r WHERE r.register = $1 AND r.young_person = $2 AND r.known_to IS NULL`
	sqlOwnToo     = `INSERT INTO own_record (register, account, young_person, relation, known_from)
		SELECT o.register, o.account, $3, o.relation, $4 FROM own_record o WHERE o.register = $1 AND o.young_person = $2 AND o.known_to IS NULL
		AND NOT EXISTS (SELECT 1 FROM own_record k WHERE k.register = o.register AND k.account = o.account AND k.young_person = $3 AND k.known_to IS NULL)`
)

// keepRestricted refuses to take a restricted record into another, which would
// open it, and closes the record that stays to whoever the other was closed to as
// a relative.
func keepRestricted(tx *db.Tx, a *act.Act, keep, other id.YoungPerson) error {
	var n int
	if err := tx.QueryRow(sqlRestricted, int64(a.Register), int64(other)).Scan(&n); err != nil {
		return fmt.Errorf("see whether the record is restricted: %w", err)
	}
	if n > 0 {
		return refuse("The record that would be taken in is restricted. Keep that one instead, or have its restriction lifted first.")
	}
	if _, err := tx.Exec(sqlOwnToo, int64(a.Register), int64(other), int64(keep), int64(a.Number)); err != nil {
		return fmt.Errorf("close the record to relatives: %w", err)
	}
	return nil
}

// countApart counts the pairs of whom somebody has said that they are different,
// but for those of which the actor may not know.
func countApart(tx *db.Tx, by access.Actor) (int, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	all, err := answers(tx, by.Register)
	n := 0
	for p, said := range all {
		if said.Answer == Different && !veil.Bars(p.First) && !veil.Bars(p.Second) {
			n++
		}
	}
	return n, err
}
