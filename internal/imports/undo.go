package imports

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/change"
	"waymark/internal/db"
	"waymark/internal/id"
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
type Person = change.Person

const (
	sqlTakeIDBack = `UPDATE young_person SET young_persons_id = '' WHERE register = $1 AND id IN (SELECT young_person FROM source_record WHERE register = $1 AND known_from = $2 AND gave_id)`
	sqlCloseSaid  = `UPDATE source_record SET known_to = $1 WHERE register = $2 AND known_from = $3 AND known_to IS NULL`
	sqlReopenSaid = `INSERT INTO source_record (register, young_person, source, record_key, period_end, cohort_status, hash, content, spell, gave_id, known_from)
		SELECT register, young_person, source, record_key, period_end, cohort_status, hash, content, spell, FALSE, CAST($1 AS BIGINT)
		FROM source_record WHERE register = $2 AND known_to = $3`
	sqlMarkUndone = `UPDATE import SET status = 'undone', undone_by = $1, message = $2 WHERE register = $3 AND id = $4`
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
		p, err = preview(tx, by.Register, ref)
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

func preview(tx *db.Tx, reg id.Register, ref id.Ref) (Preview, error) {
	r, err := one(tx, reg, ref)
	p := Preview{Report: r}
	if err != nil {
		return p, err
	}
	if r.Status != Applied {
		return p, refuse("Only an import that is loaded can be undone; this one is " + string(r.Status) + ".")
	}
	list, err := loaded(tx, reg)
	if err != nil {
		return p, err
	}
	for _, other := range list {
		if other.ID > r.ID && other.Status == Applied && share(other.Databases, r.Databases) {
			p.Later = other.FileName + ", period to " + other.PeriodEnd.Words()
			break
		}
	}
	t, err := change.Look(tx, reg, r.Act)
	if err != nil {
		return p, err
	}
	p.People, p.Added, p.Kept, p.BuiltOn = t.People, len(t.Added), t.Kept, t.BuiltOn
	return p, nil
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
		p, err := preview(tx, by.Register, ref)
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
	keep := make([]id.YoungPerson, 0, len(p.Kept))
	for _, one := range p.Kept {
		if !one.Away { // who leads to another record is held there
			keep = append(keep, one.ID)
		}
	}
	touched, err := change.TakeBack(tx, a, r.Act, change.Choice{Keep: keep, Bare: true})
	if err != nil {
		return err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sqlTakeIDBack, []any{int64(a.Register), int64(r.Act)}},
		{sqlCloseSaid, []any{int64(a.Number), int64(a.Register), int64(r.Act)}},
		{sqlReopenSaid, []any{int64(a.Number), int64(a.Register), int64(r.Act)}},
	} {
		if _, err := tx.Exec(step.sql, step.args...); err != nil {
			return fmt.Errorf("undo the import: %w", err)
		}
	}
	if err := change.Restand(tx, a, s.Standing, touched); err != nil {
		return err
	}
	r.Status, r.UndoneBy = Undone, a.Number
	r.Message = fmt.Sprintf("Undone on %s by %s.", when(tx.Now), a.By.Name)
	if n := len(keep); n > 0 {
		r.Message += fmt.Sprintf(" %d young people stay, because others have recorded something about them.", n)
	}
	if _, err := tx.Exec(sqlMarkUndone, int64(a.Number), r.Message, int64(a.Register), int64(r.ID)); err != nil {
		return fmt.Errorf("mark the import as undone: %w", err)
	}
	return nil
}
