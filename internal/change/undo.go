package change

import (
	"fmt"
	"slices"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/standing"
)

// Person names a young person's page.
type Person struct {
	ID             id.YoungPerson
	Ref            id.Ref
	YoungPersonsID string
	// Merged says that they have since been put together with another record, and
	// are so still: that must be taken apart before they can be taken back.
	Merged bool
	// Away says that their record is the one that leads to the other's.
	Away bool
}

// Taking is what taking back an act on many would come to.
type Taking struct {
	// People are how many it was about.
	People int
	// Added are those whom it added.
	Added map[id.YoungPerson]Person
	// Kept are those of them about whom others have recorded something since.
	Kept []Person
	// BuiltOn are others of whom somebody has since changed what the act had
	// stated.
	BuiltOn []Person
}

const (
	sqlAddedBy     = `SELECT id, ref, young_persons_id FROM young_person WHERE register = $1 AND known_from = $2 AND known_to IS NULL ORDER BY id`
	sqlMergedSince = `SELECT y.id, y.ref, y.young_persons_id, CASE WHEN m.young_person = y.id THEN 1 ELSE 0 END, CASE WHEN y.known_from = $2 THEN 1 ELSE 0 END
		FROM merged m JOIN young_person y ON y.register = m.register AND (y.id = m.young_person OR y.id = m.into_person)
		WHERE m.register = $1 AND m.known_from > $2 AND m.known_to IS NULL ORDER BY y.id`
	sqlPerson        = `SELECT ref, young_persons_id FROM young_person WHERE register = $1 AND id = $2`
	sqlKeepPerson    = `UPDATE young_person SET known_to = NULL WHERE register = $1 AND id = $2`
	sqlGoneBy        = `SELECT id, ref, young_persons_id FROM young_person WHERE register = $1 AND known_to = $2 ORDER BY id`
	sqlDropStandings = `DELETE FROM standing WHERE register = $1 AND young_person IN (SELECT id FROM young_person WHERE register = $1 AND known_to = $2)`
	// An act that was taken back, and the one that took it back, together changed
	// nothing.
	notTakenBack = ` AND NOT EXISTS (SELECT 1 FROM act u WHERE u.register = $1 AND (u.undoes = known_from OR (u.number = known_from AND u.undoes IS NOT NULL)))`
	// A confirmation of a spell that is held no longer confirms nothing.
	sqlDropConfirmed = ` AND known_to IS NULL AND known_from > $3 AND NOT EXISTS (SELECT 1 FROM spell
		WHERE spell.register = verification.register AND spell.young_person = verification.young_person AND spell.id = verification.spell AND spell.known_to IS NULL)`
)

// Look says whom an act on many was about and what has been built on it since.
// It changes nothing.
func Look(tx *db.Tx, r id.Register, by id.Act) (Taking, error) {
	var t Taking
	touched, err := life.Touched(tx, r, by)
	if err != nil {
		return t, err
	}
	t.People = len(touched.People)
	if t.Added, err = people(tx, sqlAddedBy, r, by); err != nil {
		return t, err
	}
	later, err := recordedSince(tx, r, by, t.Added)
	if err != nil {
		return t, err
	}
	for _, yp := range later {
		t.Kept = append(t.Kept, t.Added[yp])
	}
	merged, err := mergedSince(tx, r, by, &t)
	if err != nil {
		return t, err
	}
	stands, err := stillBuiltOn(tx, r, by)
	if err != nil {
		return t, err
	}
	for _, yp := range touched.BuiltOn {
		if _, ok := t.Added[yp]; ok || !stands[yp] {
			continue
		}
		one := Person{ID: yp, Merged: merged[yp]}
		if err := tx.QueryRow(sqlPerson, int64(r), int64(yp)).Scan((*string)(&one.Ref), &one.YoungPersonsID); err != nil {
			return t, fmt.Errorf("read who was changed since: %w", err)
		}
		t.BuiltOn = append(t.BuiltOn, one)
	}
	return t, nil
}

// mergedSince are those who have been put together with another record since, and are
// so still. Whom the act had added, and who lead to another record now, are among
// those who are kept: somebody has built on them.
func mergedSince(tx *db.Tx, r id.Register, by id.Act, t *Taking) (map[id.YoungPerson]bool, error) {
	rows, err := tx.Query(sqlMergedSince, int64(r), int64(by))
	if err != nil {
		return nil, fmt.Errorf("read who was put together since: %w", err)
	}
	defer rows.Close()
	merged := map[id.YoungPerson]bool{}
	for rows.Next() {
		one := Person{Merged: true}
		var away, added int
		if err := rows.Scan((*int64)(&one.ID), (*string)(&one.Ref), &one.YoungPersonsID, &away, &added); err != nil {
			return nil, err
		}
		if merged[one.ID] = true; away == 1 && added == 1 {
			one.Away = true
			t.Kept, t.Added[one.ID] = append(t.Kept, one), one
		}
	}
	for i := range t.Kept {
		t.Kept[i].Merged = t.Kept[i].Merged || merged[t.Kept[i].ID]
	}
	return merged, rows.Err()
}

// stillBuiltOn are those of whom an act that was not taken back has changed what
// this one had stated.
func stillBuiltOn(tx *db.Tx, r id.Register, by id.Act) (map[id.YoungPerson]bool, error) {
	out := map[id.YoungPerson]bool{}
	for _, t := range life.Tables() {
		built, err := db.Values[id.YoungPerson](tx, "SELECT DISTINCT young_person FROM "+t.Name+" WHERE register = $1 AND known_from = $2 AND known_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM act u WHERE u.register = $1 AND u.undoes = known_to)", int64(r), int64(by))
		if err != nil {
			return nil, fmt.Errorf("read what was built on it since: %w", err)
		}
		for _, yp := range built {
			out[yp] = true
		}
	}
	return out, nil
}

func people(tx *db.Tx, query string, r id.Register, by id.Act) (map[id.YoungPerson]Person, error) {
	rows, err := tx.Query(query, int64(r), int64(by))
	if err != nil {
		return nil, fmt.Errorf("read whom the act added: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]Person{}
	for rows.Next() {
		var p Person
		if err := rows.Scan((*int64)(&p.ID), (*string)(&p.Ref), &p.YoungPersonsID); err != nil {
			return nil, err
		}
		out[p.ID] = p
	}
	return out, rows.Err()
}

// recordedSince are those of the people about whom a later act has recorded a
// fact, by key.
func recordedSince(tx *db.Tx, r id.Register, since id.Act, people map[id.YoungPerson]Person) ([]id.YoungPerson, error) {
	found := map[id.YoungPerson]bool{}
	for _, t := range life.Tables() {
		later, err := db.Values[id.YoungPerson](tx, "SELECT DISTINCT young_person FROM "+t.Name+" WHERE register = $1 AND known_from > $2"+notTakenBack, int64(r), int64(since))
		if err != nil {
			return nil, fmt.Errorf("read what was recorded since: %w", err)
		}
		for _, yp := range later {
			if _, ok := people[yp]; ok {
				found[yp] = true
			}
		}
	}
	return sorted(found), nil
}

// Choice says what becomes of what others have built on an act since.
type Choice struct {
	// Keep are people whom it had added and who stay all the same, with what it
	// stated of them; where Bare is set only with what others have told.
	Keep []id.YoungPerson
	Bare bool
	// Whole are people of whom also what others have made of the act's facts is
	// taken back.
	Whole []id.YoungPerson
}

// TakeBack takes back, as part of the act a, what an act on many did, and
// returns whose standings must be written anew by Restand.
func TakeBack(tx *db.Tx, a *act.Act, undone id.Act, c Choice) ([]id.YoungPerson, error) {
	out, err := life.Undo(tx, a, undone)
	if err != nil {
		return nil, err
	}
	if err := rewind(tx, a, undone); err != nil {
		return nil, err
	}
	for _, yp := range c.Keep {
		if err := hold(tx, a, undone, yp, c.Bare); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(c.Whole, 200) {
		if err := restore(tx, a, undone, part); err != nil {
			return nil, err
		}
	}
	return out.People, nil
}

// hold keeps somebody whom an act had added, with all that it had stated about
// them unless bare is set.
func hold(tx *db.Tx, a *act.Act, undone id.Act, yp id.YoungPerson, bare bool) error {
	if _, err := tx.Exec(sqlKeepPerson, int64(a.Register), int64(yp)); err != nil {
		return fmt.Errorf("keep a young person: %w", err)
	}
	if bare {
		return nil
	}
	for _, t := range life.Tables() {
		if _, err := tx.Exec("UPDATE "+t.Name+" SET known_to = NULL WHERE register = $1 AND young_person = $2 AND known_from = $3 AND known_to = $4",
			int64(a.Register), int64(yp), int64(undone), int64(a.Number)); err != nil {
			return fmt.Errorf("keep what is held in %s: %w", t.Name, err)
		}
	}
	return nil
}

// restore takes back what later acts made of the facts that an act had stated
// about some people: what the act had replaced is held again.
func restore(tx *db.Tx, a *act.Act, undone id.Act, people []id.YoungPerson) error {
	values := make([]any, len(people))
	for i, p := range people {
		values[i] = int64(p)
	}
	in := " AND young_person IN (" + db.Params(4, len(people)) + ")"
	for _, t := range life.Tables() {
		// Whom the act had added goes with all that others have told of them.
		if _, err := tx.Exec("UPDATE "+t.Name+" SET known_to = $1 WHERE register = $2"+in+" AND known_to IS NULL AND known_from > $3"+
			" AND EXISTS (SELECT 1 FROM young_person y WHERE y.register = "+t.Name+".register AND y.id = "+t.Name+".young_person AND y.known_to = $1)",
			append([]any{int64(a.Number), int64(a.Register), int64(undone)}, values...)...); err != nil {
			return fmt.Errorf("take back in %s: %w", t.Name, err)
		}
		same := t.Name + ".register = other.register AND " + t.Name + ".young_person = other.young_person AND " + t.Name + ".id = other.id"
		if _, err := tx.Exec("UPDATE "+t.Name+" SET known_to = $1 WHERE register = $2"+in+" AND known_to IS NULL AND known_from > $3 AND known_from < $1"+
			" AND EXISTS (SELECT 1 FROM "+t.Name+" AS other WHERE "+same+" AND (other.known_from = $3 OR other.known_to = $3))",
			append([]any{int64(a.Number), int64(a.Register), int64(undone)}, values...)...); err != nil {
			return fmt.Errorf("take back in %s: %w", t.Name, err)
		}
		columns := "started, ended, evidence"
		for _, c := range t.Columns {
			columns += ", " + c
		}
		if _, err := tx.Exec("INSERT INTO "+t.Name+" (register, young_person, id, known_from, "+columns+") SELECT register, young_person, id, CAST($1 AS BIGINT), "+columns+
			" FROM "+t.Name+" WHERE register = $2"+in+" AND known_to = $3 AND NOT EXISTS (SELECT 1 FROM "+t.Name+" AS other WHERE "+same+" AND other.known_to IS NULL)",
			append([]any{int64(a.Number), int64(a.Register), int64(undone)}, values...)...); err != nil {
			return fmt.Errorf("take back in %s: %w", t.Name, err)
		}
	}
	_, err := tx.Exec("UPDATE "+activity.Verifications.Name+" SET known_to = $1 WHERE register = $2"+in+sqlDropConfirmed,
		append([]any{int64(a.Number), int64(a.Register), int64(undone)}, values...)...)
	if err != nil {
		return fmt.Errorf("take back confirmations: %w", err)
	}
	return nil
}

// Restand writes the standings of the people anew, and lets go of those whom
// the act let go.
func Restand(tx *db.Tx, a *act.Act, k standing.Keeper, touched []id.YoungPerson) error {
	if _, err := tx.Exec(sqlDropStandings, int64(a.Register), int64(a.Number)); err != nil {
		return fmt.Errorf("let go of standings: %w", err)
	}
	gone, err := people(tx, sqlGoneBy, a.Register, a.Number)
	if err != nil {
		return err
	}
	var list []id.YoungPerson
	for _, yp := range touched {
		if _, ok := gone[yp]; !ok {
			list = append(list, yp)
		}
	}
	return k.Rewrite(tx, a, list...)
}

func sorted(set map[id.YoungPerson]bool) []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(set))
	for yp := range set {
		out = append(out, yp)
	}
	slices.Sort(out)
	return out
}
