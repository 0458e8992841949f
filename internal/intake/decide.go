package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/sealed"
)

const (
	sqlDecideRow = `INSERT INTO intake_decision (register, intake, row_number, answer, young_person, choices, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (register, intake, row_number) DO UPDATE SET answer = excluded.answer, young_person = excluded.young_person, choices = excluded.choices,
		decided_by = excluded.decided_by, decided_at = excluded.decided_at`
	sqlPersonAt = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`
	sqlIsRow    = `SELECT count(*) FROM intake_row WHERE register = $1 AND intake = $2 AND row_number = $3`
)

// Decide says whom a row is about: DecidePerson with the reference of somebody
// of the register, DecideNew, DecideSkip, or "" to take the decision back. What
// the file comes to is worked out again. The decision is remembered for the
// sender's next file once this one is applied. It needs access.ImportFile and
// returns field.Errors.
func (s *Service) Decide(ctx context.Context, by access.Actor, ref id.Ref, row int, answer string, person id.Ref) error {
	return s.decide(ctx, by, ref, row, func(tx *db.Tx, in *Intake, d *decision) error {
		d.answer, d.yp = answer, 0
		switch answer {
		case "", DecideSkip:
			return nil
		case DecideNew:
			held, err := (&blocks{tx: tx, r: by.Register, in: in}).row(row)
			if err != nil {
				return err
			}
			if held.who() == "" {
				return field.Errors{{Field: "answer", Message: "It takes a given name, a family name and a birth date to add somebody. Correct the row first, or leave it out"}}
			}
			return nil
		case DecidePerson:
			veil, err := stranger(tx, by.Register)
			if err != nil {
				return err
			}
			err = tx.QueryRow(sqlPersonAt, int64(by.Register), string(person)).Scan((*int64)(&d.yp))
			if errors.Is(err, sql.ErrNoRows) || veil.Restricted(d.yp) {
				return db.NotFound
			}
			return err
		}
		return field.Errors{{Field: "answer", Message: "Select whom the row is about"}}
	})
}

// Choose says which value is to stand where a row and the register clash: Ours
// or Theirs, "" to leave it open. name is the Change's Field. It needs
// access.ImportFile and returns field.Errors.
func (s *Service) Choose(ctx context.Context, by access.Actor, ref id.Ref, row int, name, which string) error {
	if which != "" && which != Ours && which != Theirs {
		return field.Errors{{Field: "choice", Message: "Select which of the two is to stand"}}
	}
	return s.decide(ctx, by, ref, row, func(tx *db.Tx, in *Intake, d *decision) (err error) {
		name := name
		if name == fieldSheltered {
			if name, err = shelteredIn(tx, by, in, row); err != nil {
				return err
			}
		}
		if d.choices == nil {
			d.choices = map[string]string{}
		}
		d.choices[name] = which
		if which == "" {
			delete(d.choices, name)
		}
		return nil
	})
}

const sqlToldWhom = `SELECT young_person, changes FROM intake_outcome WHERE register = $1 AND intake = $2 AND row_number = $3`

// shelteredIn is the choice about the protected address that a row would change, in
// the words that it has now; it refuses whoever may not see the address.
func shelteredIn(tx *db.Tx, by access.Actor, in *Intake, row int) (string, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return "", err
	}
	var yp id.YoungPerson
	var text string
	if err := tx.QueryRow(sqlToldWhom, int64(by.Register), int64(in.ID), int64(row)).Scan((*int64)(&yp), &text); err != nil {
		return "", fmt.Errorf("look whom the row is about: %w", err)
	}
	if veil.Protects(yp) {
		return "", field.Errors{{Field: "choice", Message: "The address is protected: whoever may see it decides which is to stand"}}
	}
	if text, err = sealed.Words(tx, by.Register, text, changesAt(in.ID, int64(row))); err != nil {
		return "", fmt.Errorf("read what row %d would change: %w", row, err)
	}
	var changes []Change
	if text != "" {
		if err := json.Unmarshal([]byte(text), &changes); err != nil {
			return "", fmt.Errorf("read what row %d would change: %w", row, err)
		}
	}
	at := slices.IndexFunc(changes, func(c Change) bool { return c.Field == fieldSheltered })
	if at < 0 {
		return "", field.Errors{{Field: "choice", Message: "The row says nothing else of the protected address any more: look at it again"}}
	}
	lock, err := sealed.OfRegister(tx, by.Register)
	if err != nil {
		return "", err
	}
	return shelteredOf(lock, in.ID, yp, changes[at].After), nil
}

// decide notes what somebody says of a row, and works out again what it touches.
func (s *Service) decide(ctx context.Context, by access.Actor, ref id.Ref, row int, set func(*db.Tx, *Intake, *decision) error) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	whole := false
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		whole = false
		in, err := s.open(tx, by.Register, ref, InReview)
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(sqlIsRow, int64(by.Register), int64(in.ID), int64(row)).Scan(&n); err != nil || n == 0 {
			return errors.Join(err, db.NotFound)
		}
		err = s.restate(tx, by.Register, in, row, func() error { return s.note(tx, by, in, row, set) })
		if !errors.Is(err, errWhole) {
			return err
		}
		whole = true
		in.State, in.Done = Matched, 0
		return save(tx, by.Register, in)
	})
	if err != nil || !whole {
		return err
	}
	return s.Work(ctx, by, ref, nil)
}

// note writes down what somebody says of a row.
func (s *Service) note(tx *db.Tx, by access.Actor, in *Intake, row int, set func(*db.Tx, *Intake, *decision) error) error {
	all, err := decisionsWhere(tx, sqlDecisionOf, int64(by.Register), int64(in.ID), int64(row))
	if err != nil {
		return err
	}
	d := all[row]
	if err := set(tx, in, &d); err != nil {
		return err
	}
	choices := ""
	if len(d.choices) > 0 {
		text, err := json.Marshal(d.choices)
		if err != nil {
			return err
		}
		choices = string(text)
	}
	if _, err := tx.Exec(sqlDecideRow, int64(by.Register), int64(in.ID), int64(row), d.answer, int64(d.yp), choices, by.Name, db.Instant{Time: tx.Now}); err != nil {
		return fmt.Errorf("note the decision: %w", err)
	}
	return nil
}

const (
	sqlSetFix = `INSERT INTO intake_fix (register, intake, row_number, item, value, fixed_by, fixed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (register, intake, row_number, item) DO UPDATE SET value = excluded.value, fixed_by = excluded.fixed_by, fixed_at = excluded.fixed_at`
)

// Fix puts a value in the place of a row's cell, as if the file had held it, and
// reads, matches and weighs the file again. It needs access.ImportFile and
// returns db.NotFound where there is no such row.
func (s *Service) Fix(ctx context.Context, by access.Actor, ref id.Ref, row int, item layout.Item, value string) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	if item == layout.None || item >= layout.Count {
		return field.Errors{{Field: "item", Message: "Select what the value is"}}
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, InReview)
		if err != nil {
			return err
		}
		if _, err := (&blocks{tx: tx, r: by.Register, in: in}).row(row); err != nil {
			return err
		}
		lock, err := sealed.OfRegister(tx, by.Register)
		if err != nil {
			return err
		}
		kept := lock.Words(value, fixAt(in.ID, int64(row), item.String()))
		if _, err := tx.Exec(sqlSetFix, int64(by.Register), int64(in.ID), int64(row), item.String(), kept, by.Name, db.Instant{Time: tx.Now}); err != nil {
			return fmt.Errorf("mend the row: %w", err)
		}
		return restart(tx, by.Register, in)
	})
	if err != nil {
		return err
	}
	return s.Work(ctx, by, ref, nil)
}

// GonePerson is somebody who was on the sender's last full roll and is not on
// this one.
type GonePerson struct {
	Person         id.Ref `json:"person"`
	YoungPersonsID string `json:"young_persons_id"`
	Name           string `json:"name"`
	Activity       string `json:"activity"`
	Place          string `json:"place,omitempty"`
	// Decision is GoneLeft, GoneThere, or "" for to be followed up.
	Decision string `json:"decision,omitempty"`

	yp id.YoungPerson
}

// The decisions about somebody gone.
const (
	// GoneLeft is that they have left by the day of the roll: the activity is
	// closed and what they do is not known, inferred from the roll.
	GoneLeft = "left"
	// GoneThere is that they are still there, and the roll is wrong.
	GoneThere = "there"
)

const sqlGone = `SELECT g.young_person, g.decision, y.ref, y.young_persons_id, s.given, s.family, s.activity, s.establishment_name FROM intake_gone g
	JOIN young_person y ON y.register = g.register AND y.id = g.young_person JOIN standing s ON s.register = g.register AND s.young_person = g.young_person`

// Gone are those who were on the last full roll of this sender and are not on
// this one, by family name. Nothing is changed about them unless somebody
// decides it. page counts from 1. It needs access.ImportFile and logs who was
// shown.
func (s *Service) Gone(ctx context.Context, by access.Actor, ref id.Ref, page int) (list []GonePerson, more bool, err error) {
	err = s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("g.register = $1 AND g.intake = $2", int64(by.Register), int64(in.ID))
		tail := paged(&w, page)
		rows, err := tx.Query(sqlGone+w.SQL()+" ORDER BY s.family_key, s.given_key, g.young_person"+tail, w.Args...)
		if err != nil {
			return fmt.Errorf("read who is gone: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var g GonePerson
			var given, family string
			if err := rows.Scan((*int64)(&g.yp), &g.Decision, (*string)(&g.Person), &g.YoungPersonsID, &given, &family, &g.Activity, &g.Place); err != nil {
				return err
			}
			g.Name = joined(" ", given, family)
			list = append(list, g)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		veil, err := access.VeilOf(tx, by)
		list = slices.DeleteFunc(list, func(g GonePerson) bool { return err == nil && veil.Bars(g.yp) })
		return err
	})
	if err != nil {
		return nil, false, err
	}
	list, more = cut(list, page)
	var people []id.YoungPerson
	for _, g := range list {
		people = append(people, g.yp)
	}
	return list, more, s.see(ctx, by, people, "no longer on a full roll")
}

const sqlDecideGone = `UPDATE intake_gone SET decision = $1, decided_by = $2, decided_at = $3 WHERE register = $4 AND intake = $5 AND young_person = $6`

// DecideGone says of somebody who is no longer on the roll that they have left
// (GoneLeft), are there all the same (GoneThere), or are to be followed up ("").
// It needs access.ImportFile and returns field.Errors.
func (s *Service) DecideGone(ctx context.Context, by access.Actor, ref id.Ref, person id.Ref, decision string) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	if decision != "" && decision != GoneLeft && decision != GoneThere {
		return field.Errors{{Field: "decision", Message: "Select whether they have left"}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, InReview)
		if err != nil {
			return err
		}
		var yp int64
		if err := tx.QueryRow(sqlPersonAt, int64(by.Register), string(person)).Scan(&yp); errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		} else if err != nil {
			return err
		}
		done, err := tx.Exec(sqlDecideGone, decision, by.Name, db.Instant{Time: tx.Now}, int64(by.Register), int64(in.ID), yp)
		if err != nil {
			return fmt.Errorf("note the decision: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, db.NotFound)
		}
		if err := count(tx, by.Register, in); err != nil {
			return err
		}
		return save(tx, by.Register, in)
	})
}
