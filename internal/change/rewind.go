package change

import (
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
)

const sqlUndoings = `SELECT number, undoes FROM act WHERE register = $1 AND number > $2 AND number < $3 AND undoes IS NOT NULL`

// version is where one version of a fact stands between acts.
type version struct{ from, to id.Act }

// rewind takes back what an act had stated and another, taken back since, had
// replaced: what the act stated is then held by the act that took the other
// back, and is its all the same.
func rewind(tx *db.Tx, a *act.Act, undone id.Act) error {
	undoes, err := undoings(tx, a, undone)
	if err != nil || len(undoes) == 0 {
		return err
	}
	for _, t := range life.Tables() {
		list, err := returned(tx, a, undone, t)
		if err != nil {
			return err
		}
		for key, versions := range list {
			last := versions[len(versions)-1]
			if last.to != 0 || last.from == a.Number || origin(versions, last, undoes) != undone {
				continue
			}
			if err := back(tx, a, undone, t, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// factKey names one fact of one person.
type factKey struct {
	person id.YoungPerson
	fact   id.Fact
}

func undoings(tx *db.Tx, a *act.Act, since id.Act) (map[id.Act]id.Act, error) {
	rows, err := tx.Query(sqlUndoings, int64(a.Register), int64(since), int64(a.Number))
	if err != nil {
		return nil, fmt.Errorf("read what was taken back since: %w", err)
	}
	defer rows.Close()
	out := map[id.Act]id.Act{}
	for rows.Next() {
		var number, undoes int64
		if err := rows.Scan(&number, &undoes); err != nil {
			return nil, err
		}
		out[id.Act(number)] = id.Act(undoes)
	}
	return out, rows.Err()
}

// returned are the facts that an act stated, or replaced, and that an act which
// took another back has told again since, with all their versions in order.
func returned(tx *db.Tx, a *act.Act, undone id.Act, t fact.Shape) (map[factKey][]version, error) {
	same := "o.register = v.register AND o.young_person = v.young_person AND o.id = v.id"
	rows, err := tx.Query("SELECT v.young_person, v.id, v.known_from, COALESCE(v.known_to, 0) FROM "+t.Name+" v WHERE v.register = $1"+
		" AND EXISTS (SELECT 1 FROM "+t.Name+" o WHERE "+same+" AND o.known_from = $2)"+
		" AND EXISTS (SELECT 1 FROM "+t.Name+" o JOIN act u ON u.register = o.register AND u.number = o.known_from WHERE "+same+
		" AND o.known_from > $2 AND u.undoes IS NOT NULL) ORDER BY v.id, v.known_from", int64(a.Register), int64(undone))
	if err != nil {
		return nil, fmt.Errorf("read what came back in %s: %w", t.Name, err)
	}
	defer rows.Close()
	out := map[factKey][]version{}
	for rows.Next() {
		var yp, key, from, to int64
		if err := rows.Scan(&yp, &key, &from, &to); err != nil {
			return nil, err
		}
		k := factKey{id.YoungPerson(yp), id.Fact(key)}
		out[k] = append(out[k], version{id.Act(from), id.Act(to)})
	}
	return out, rows.Err()
}

// origin is the act that first told what a version says: a version told by the
// taking back of an act is that which the act had closed.
func origin(versions []version, v version, undoes map[id.Act]id.Act) id.Act {
	for range versions {
		closedBy, ok := undoes[v.from]
		if !ok {
			break
		}
		found := false
		for _, w := range versions {
			if w.to == closedBy {
				v, found = w, true
			}
		}
		if !found {
			break
		}
	}
	return v.from
}

// back closes one fact and tells again what the act had replaced in it.
func back(tx *db.Tx, a *act.Act, undone id.Act, t fact.Shape, k factKey) error {
	if _, err := tx.Exec("UPDATE "+t.Name+" SET known_to = $1 WHERE register = $2 AND young_person = $3 AND id = $4 AND known_to IS NULL",
		int64(a.Number), int64(a.Register), int64(k.person), int64(k.fact)); err != nil {
		return fmt.Errorf("take back in %s: %w", t.Name, err)
	}
	columns := "started, ended, evidence, " + strings.Join(t.Columns, ", ")
	if _, err := tx.Exec("INSERT INTO "+t.Name+" (register, young_person, id, known_from, "+columns+") SELECT register, young_person, id, CAST($1 AS BIGINT), "+columns+
		" FROM "+t.Name+" WHERE register = $2 AND young_person = $3 AND id = $4 AND known_to = $5",
		int64(a.Number), int64(a.Register), int64(k.person), int64(k.fact), int64(undone)); err != nil {
		return fmt.Errorf("take back in %s: %w", t.Name, err)
	}
	return nil
}
