package restrict

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Waiting is a row of a partner's file that met a locked or a hidden record. It
// changed nothing: those whom the restriction lets through take note of it, and
// change the record by hand where it is so.
type Waiting struct {
	Restriction id.Restriction
	Intake      id.Import
	Row         int
	Sender      string
	FileName    string
	AsAt        string
	// Said is what the row says, by item in words.
	Said map[string]string
	// PersonRef leads to the record.
	PersonRef id.Ref
	Kind      access.Kind

	person id.YoungPerson
}

const (
	sqlKeepRow = `INSERT INTO restriction_row (register, restriction, intake, row_number, sender, file_name, as_at, said)
		SELECT r.register, r.id, $3, $4, $5, $6, $7, $8 FROM restriction r WHERE r.register = $1 AND r.young_person = $2 AND r.known_to IS NULL AND r.kind <> 'protected address'
		ON CONFLICT (register, restriction, intake, row_number) DO NOTHING`
	sqlWaiting = `SELECT q.restriction, q.intake, q.row_number, q.sender, q.file_name, q.as_at, q.said, y.ref, r.kind, r.young_person FROM restriction_row q
		JOIN restriction r ON r.register = q.register AND r.id = q.restriction AND r.known_to IS NULL
		JOIN intake i ON i.register = q.register AND i.id = q.intake AND i.state = 'applied'
		JOIN young_person y ON y.register = r.register AND y.id = r.young_person`
	sqlDealt = `UPDATE restriction_row SET dealt = $1 WHERE register = $2 AND restriction = $3 AND intake = $4 AND row_number = $5 AND dealt IS NULL`
)

// KeepRow keeps a row that met the young person for those whom the restriction
// lets through. They see it once the file is applied.
func KeepRow(tx *db.Tx, r id.Register, yp id.YoungPerson, w Waiting) error {
	said, err := json.Marshal(w.Said)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(sqlKeepRow, int64(r), int64(yp), int64(w.Intake), int64(w.Row), w.Sender, w.FileName, w.AsAt, string(said)); err != nil {
		return fmt.Errorf("keep a row for those who may see it: %w", err)
	}
	return nil
}

// Queue are the rows that wait for the actor, the earliest first: those about
// records to which a restriction lets them through. It records who was shown.
func (s *Service) Queue(ctx context.Context, by access.Actor) ([]Waiting, error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Waiting
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlWaiting+" WHERE q.register = $1 AND q.dealt IS NULL ORDER BY q.intake, q.row_number", int64(by.Register))
		if err != nil {
			return fmt.Errorf("read what waits: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var one Waiting
			var said string
			if err := rows.Scan((*int64)(&one.Restriction), (*int64)(&one.Intake), &one.Row, &one.Sender, &one.FileName, &one.AsAt, &said,
				(*string)(&one.PersonRef), (*string)(&one.Kind), (*int64)(&one.person)); err != nil {
				return fmt.Errorf("read what waits: %w", err)
			}
			if veil.Bars(one.person) || !veil.Glass(one.person).IsZero() {
				continue
			}
			if err := json.Unmarshal([]byte(said), &one.Said); err != nil {
				return fmt.Errorf("read what waits: %w", err)
			}
			out = append(out, one)
		}
		return rows.Err()
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	people := make([]id.YoungPerson, len(out))
	for i := range out {
		people[i] = out[i].person
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SeePerson, People: people, Page: "rows about restricted records"})
}

const sqlWaits = `SELECT r.young_person FROM restriction_row q JOIN restriction r ON r.register = q.register AND r.id = q.restriction AND r.known_to IS NULL
	JOIN intake i ON i.register = q.register AND i.id = q.intake AND i.state = 'applied' WHERE q.register = $1 AND q.dealt IS NULL`

// Waits counts the rows that wait for the actor, and shows nobody.
func (s *Service) Waits(ctx context.Context, by access.Actor) (int, error) {
	n := 0
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlWaits, int64(by.Register))
		if err != nil {
			return fmt.Errorf("count what waits: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var yp id.YoungPerson
			if err := rows.Scan((*int64)(&yp)); err != nil {
				return fmt.Errorf("count what waits: %w", err)
			}
			if !veil.Bars(yp) && veil.Glass(yp).IsZero() {
				n++
			}
		}
		return rows.Err()
	})
	return n, err
}

// Dealt says that a row was taken note of. It returns db.NotFound for a row that
// does not wait for the actor, or act.ErrRepeated.
func (s *Service) Dealt(ctx context.Context, by access.Actor, w Waiting, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		all, err := inForce(tx, by.Register, func(where *db.Where) { where.And("r.id = $1", int64(w.Restriction)) })
		if err != nil {
			return err
		}
		if len(all) == 0 || !all[0].Through(by) {
			return db.NotFound
		}
		a, err := act.Begin(tx, by, access.SeePerson, all[0].person, act.Request{Key: key, Reason: fmt.Sprintf("took note of row %d of %s", w.Row, w.FileName)})
		if err != nil {
			return err
		}
		done, err := tx.Exec(sqlDealt, int64(a.Number), int64(by.Register), int64(w.Restriction), int64(w.Intake), int64(w.Row))
		if err != nil {
			return fmt.Errorf("take note of a row: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, db.NotFound)
		}
		return nil
	})
}
