package imports

import (
	"context"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
)

// Preview is what undoing an import would come to.
type Preview struct {
	Report Report
	// People are all whom the import added or changed.
	People int
	// Added are those whom it added, and who would go.
	Added int
	// Kept are those of them about whom others have recorded something since.
	// Undoing is refused while there are any, unless it is forced; then they
	// stay, with what others recorded.
	Kept []Person
	// BuiltOn are people of whom others have since changed what the import had
	// stated; what they changed stays.
	BuiltOn []Person
	// Later is the file that must be undone first, "" where there is none.
	Later string
}

// Person names a young person's page.
type Person struct {
	ID             id.YoungPerson
	Ref            id.Ref
	YoungPersonsID string
}

const (
	sqlAddedBy    = `SELECT id, ref, young_persons_id FROM young_person WHERE register = $1 AND known_from = $2 AND known_to IS NULL ORDER BY id`
	sqlPerson     = `SELECT ref, young_persons_id FROM young_person WHERE register = $1 AND id = $2`
	sqlKeepPerson = `UPDATE young_person SET known_to = NULL WHERE register = $1 AND id = $2`
	sqlTakeIDBack = `UPDATE young_person SET young_persons_id = '' WHERE register = $1 AND id IN (SELECT young_person FROM source_record WHERE register = $1 AND known_from = $2 AND gave_id)`
	sqlCloseSaid  = `UPDATE source_record SET known_to = $1 WHERE register = $2 AND known_from = $3 AND known_to IS NULL`
	sqlReopenSaid = `INSERT INTO source_record (register, young_person, source, record_key, period_end, cohort_status, hash, content, spell, gave_id, known_from)
		SELECT register, young_person, source, record_key, period_end, cohort_status, hash, content, spell, FALSE, CAST($1 AS BIGINT)
		FROM source_record WHERE register = $2 AND known_to = $3`
	sqlDropStandings = `DELETE FROM standing WHERE register = $1 AND young_person IN (SELECT id FROM young_person WHERE register = $1 AND known_to = $2)`
	sqlMarkUndone    = `UPDATE import SET status = 'undone', undone_by = $1, message = $2 WHERE register = $3 AND id = $4`
)

// UndoPreview says what undoing would come to. It changes nothing. It needs
// access.UndoImport and logs who was shown.
func (s *Service) UndoPreview(ctx context.Context, by access.Actor, ref id.Ref) (Preview, error) {
	var p Preview
	if err := access.Decide(by, access.UndoImport, access.Subject{Register: by.Register}); err != nil {
		return p, err
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		p, _, err = preview(tx, by.Register, ref)
		return err
	})
	if err != nil {
		return p, err
	}
	var people []id.YoungPerson
	for _, list := range [][]Person{p.Kept, p.BuiltOn} {
		for _, one := range list {
			people = append(people, one.ID)
		}
	}
	return p, s.sights().See(ctx, act.Sight{By: by, Kind: access.UndoImport, People: people, Page: "undo an import"})
}

func preview(tx *db.Tx, reg id.Register, ref id.Ref) (Preview, map[id.YoungPerson]Person, error) {
	r, err := one(tx, reg, ref)
	p := Preview{Report: r}
	if err != nil {
		return p, nil, err
	}
	if r.Status != Applied {
		return p, nil, refuse("Only an import that is loaded can be undone; this one is " + string(r.Status) + ".")
	}
	list, err := loaded(tx, reg)
	if err != nil {
		return p, nil, err
	}
	for _, other := range list {
		if other.ID > r.ID && other.Status == Applied && share(other.Databases, r.Databases) {
			p.Later = other.FileName + ", period to " + other.PeriodEnd.Words()
			break
		}
	}
	touched, err := life.Touched(tx, reg, r.Act)
	if err != nil {
		return p, nil, err
	}
	p.People = len(touched.People)
	added, err := addedBy(tx, reg, r.Act)
	if err != nil {
		return p, nil, err
	}
	p.Added = len(added)
	later, err := recordedSince(tx, reg, r.Act, added)
	if err != nil {
		return p, nil, err
	}
	for _, yp := range later {
		p.Kept = append(p.Kept, added[yp])
	}
	for _, yp := range touched.BuiltOn {
		if _, ok := added[yp]; ok {
			continue
		}
		one := Person{ID: yp}
		if err := tx.QueryRow(sqlPerson, int64(reg), int64(yp)).Scan((*string)(&one.Ref), &one.YoungPersonsID); err != nil {
			return p, nil, fmt.Errorf("read who was changed since: %w", err)
		}
		p.BuiltOn = append(p.BuiltOn, one)
	}
	return p, added, nil
}

func addedBy(tx *db.Tx, reg id.Register, by id.Act) (map[id.YoungPerson]Person, error) {
	rows, err := tx.Query(sqlAddedBy, int64(reg), int64(by))
	if err != nil {
		return nil, fmt.Errorf("read whom the import added: %w", err)
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
func recordedSince(tx *db.Tx, reg id.Register, since id.Act, people map[id.YoungPerson]Person) ([]id.YoungPerson, error) {
	found := map[id.YoungPerson]bool{}
	for _, t := range life.Tables() {
		rows, err := tx.Query("SELECT DISTINCT young_person FROM "+t.Name+" WHERE register = $1 AND known_from > $2", int64(reg), int64(since))
		if err != nil {
			return nil, fmt.Errorf("read what was recorded since: %w", err)
		}
		for rows.Next() {
			var yp int64
			if err := rows.Scan(&yp); err != nil {
				rows.Close()
				return nil, err
			}
			if _, ok := people[id.YoungPerson(yp)]; ok {
				found[id.YoungPerson(yp)] = true
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return sorted(found), nil
}

// Undo takes back an import, as an act of its own: what it had stated is held
// no longer, what it had replaced is held again. What others have recorded
// since stays. Where they have recorded something about people whom the import
// added, it is refused unless force is set; then those people stay. key is the
// form's one-use key. It needs access.UndoImport.
func (s *Service) Undo(ctx context.Context, by access.Actor, ref id.Ref, key, reason string, force bool) (Report, error) {
	var out Report
	if err := access.Decide(by, access.UndoImport, access.Subject{Register: by.Register}); err != nil {
		return out, err
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.UndoImport, 0, act.Request{Reason: reason, Key: key, Undoes: r.Act})
		if err != nil {
			return err
		}
		p, _, err := preview(tx, by.Register, ref)
		if err != nil {
			return err
		}
		if p.Later != "" {
			return refuse("A later file from the same database is loaded (" + p.Later + "). Undo that one first.")
		}
		if len(p.Kept) > 0 && !force {
			return refuse(fmt.Sprintf("Others have recorded something about %d of the young people whom this import added. Look at them first; they can be kept while the rest is undone.", len(p.Kept)))
		}
		out = p.Report
		return s.takeBack(tx, a, p, &out)
	})
	return out, err
}

func (s *Service) takeBack(tx *db.Tx, a *act.Act, p Preview, r *Report) error {
	undone, err := life.Undo(tx, a, r.Act)
	if err != nil {
		return err
	}
	for _, one := range p.Kept {
		if _, err := tx.Exec(sqlKeepPerson, int64(a.Register), int64(one.ID)); err != nil {
			return fmt.Errorf("keep a young person: %w", err)
		}
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sqlTakeIDBack, []any{int64(a.Register), int64(r.Act)}},
		{sqlCloseSaid, []any{int64(a.Number), int64(a.Register), int64(r.Act)}},
		{sqlReopenSaid, []any{int64(a.Number), int64(a.Register), int64(r.Act)}},
		{sqlDropStandings, []any{int64(a.Register), int64(a.Number)}},
	} {
		if _, err := tx.Exec(step.sql, step.args...); err != nil {
			return fmt.Errorf("undo the import: %w", err)
		}
	}
	added, err := addedBy(tx, a.Register, r.Act)
	if err != nil {
		return err
	}
	gone, err := goneBy(tx, a)
	if err != nil {
		return err
	}
	var restand []id.YoungPerson
	for _, yp := range undone.People {
		if !gone[yp] {
			restand = append(restand, yp)
		}
	}
	if err := s.Standing.Rewrite(tx, a, restand...); err != nil {
		return err
	}
	r.Status, r.UndoneBy = Undone, a.Number
	r.Message = fmt.Sprintf("Undone on %s by %s.", when(tx.Now), a.By.Name)
	if n := len(added); n > 0 {
		r.Message += fmt.Sprintf(" %d young people stay, because others have recorded something about them.", n)
	}
	if _, err := tx.Exec(sqlMarkUndone, int64(a.Number), r.Message, int64(a.Register), int64(r.ID)); err != nil {
		return fmt.Errorf("mark the import as undone: %w", err)
	}
	return nil
}

const sqlGoneBy = `SELECT id FROM young_person WHERE register = $1 AND known_to = $2`

func goneBy(tx *db.Tx, a *act.Act) (map[id.YoungPerson]bool, error) {
	rows, err := tx.Query(sqlGoneBy, int64(a.Register), int64(a.Number))
	if err != nil {
		return nil, fmt.Errorf("undo the import: %w", err)
	}
	defer rows.Close()
	out := map[id.YoungPerson]bool{}
	for rows.Next() {
		var yp int64
		if err := rows.Scan(&yp); err != nil {
			return nil, err
		}
		out[id.YoungPerson(yp)] = true
	}
	return out, rows.Err()
}

func sorted(set map[id.YoungPerson]bool) []id.YoungPerson {
	out := make([]id.YoungPerson, 0, len(set))
	for yp := range set {
		out = append(out, yp)
	}
	slices.Sort(out)
	return out
}
