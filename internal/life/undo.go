package life

import (
	"fmt"
	"slices"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Undone is what taking back an act came to.
type Undone struct {
	// Closed and Reopened count versions of facts, and people added.
	Closed, Reopened int64
	// People are all whom the act was about; their standings must be rewritten.
	People []id.YoungPerson
	// BuiltOn are those of them about whom somebody has since changed what the
	// act had stated. What they changed stays.
	BuiltOn []id.YoungPerson
}

// sqlForget lets go of the people whom the act had added.
const sqlForget = `UPDATE young_person SET known_to = $1 WHERE register = $2 AND known_from = $3 AND known_to IS NULL`

// Undo takes back, in every kind of fact, what one act did, as part of the act
// a. It is for the acts that touch many: an import, a mend of many together.
// The caller rewrites the standings of Undone.People.
func Undo(tx *db.Tx, a *act.Act, undone id.Act) (Undone, error) {
	out, err := Touched(tx, a.Register, undone)
	if err != nil {
		return out, err
	}
	for _, t := range Tables() {
		closed, reopened, err := t.Undo(tx, a, undone)
		if err != nil {
			return out, err
		}
		out.Closed += closed
		out.Reopened += reopened
	}
	done, err := tx.Exec(sqlForget, int64(a.Number), int64(a.Register), int64(undone))
	if err != nil {
		return out, fmt.Errorf("undo in young_person: %w", err)
	}
	n, err := done.RowsAffected()
	out.Closed += n
	return out, err
}

// Touched says whom an act was about, and on whom others have built since:
// what a page shows before somebody decides to undo. It changes nothing.
func Touched(tx *db.Tx, r id.Register, by id.Act) (Undone, error) {
	people, built := map[id.YoungPerson]bool{}, map[id.YoungPerson]bool{}
	for _, t := range Tables() {
		if err := t.Touched(tx, r, by, func(p id.YoungPerson) { people[p] = true }); err != nil {
			return Undone{}, err
		}
		if err := t.BuiltOn(tx, r, by, func(p id.YoungPerson) { built[p] = true }); err != nil {
			return Undone{}, err
		}
	}
	return Undone{People: inOrder(people), BuiltOn: inOrder(built)}, nil
}

func inOrder(set map[id.YoungPerson]bool) []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(set))
	for p := range set {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}
