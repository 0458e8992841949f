package restrict

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// OpenFor is how long a locked record is open to whoever broke the glass
// (ux-security.md 5.6).
const OpenFor = 30 * time.Minute

// Barred is what somebody is told of a record that is seen to exist and is not
// open to them.
type Barred struct {
	Ref id.Ref
	// Owner is whom to ask; "" for one's own or a relative's record.
	Owner string
	// Own says that the record is the actor's own or a relative's: nothing opens
	// it.
	Own bool
	// Until is until when the actor has it open, the zero time where they have not.
	Until time.Time
}

// Meets is what stands between the actor and a locked record. For a record that
// is open to all, is hidden from the actor, or does not exist, it is db.NotFound.
// It needs access.SeePerson and shows nobody.
func (s *Service) Meets(ctx context.Context, by access.Actor, person id.Ref) (Barred, error) {
	b := Barred{Ref: person}
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return b, err
	}
	return b, s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		yp, err := heldAt(tx, by.Register, person)
		if err != nil {
			return err
		}
		b.Until = veil.Glass(yp)
		if !veil.Locks(yp) && b.Until.IsZero() {
			return db.NotFound
		}
		if b.Own = veil.Own(yp); !b.Own {
			b.Owner = veil.Owner(yp)
		}
		return nil
	})
}

const sqlHeldAt = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`

func heldAt(tx *db.Tx, r id.Register, ref id.Ref) (id.YoungPerson, error) {
	var yp id.YoungPerson
	err := tx.QueryRow(sqlHeldAt, int64(r), string(ref)).Scan((*int64)(&yp))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	return yp, err
}

const (
	sqlLock  = `SELECT id FROM restriction WHERE register = $1 AND young_person = $2 AND kind = 'locked' AND known_to IS NULL`
	sqlBreak = `INSERT INTO restriction_break (register, act, ref, restriction, account, reason, until, finding) VALUES ($1, $2, $3, $4, $5, $6, $7, '')`
	// mostReason is how long a reason may be.
	mostReason = 300
)

// BreakGlass opens a locked record to the actor for half an hour. The reason
// stands in the log with everything that they are then shown, and the owner and
// information governance are told at once (Alerts). A hidden record is
// db.NotFound, and so is one that is not locked to the actor; one's own or a
// relative's is never opened. It needs access.BreakGlass, and returns
// field.Errors or act.ErrRepeated.
func (s *Service) BreakGlass(ctx context.Context, by access.Actor, person id.Ref, reason, key string) error {
	reason = strings.Join(strings.Fields(reason), " ")
	switch n := len([]rune(reason)); {
	case n < 10:
		return field.Errors{{Field: "reason", Message: "Say in a sentence why you must open this record now"}}
	case n > mostReason:
		return field.Errors{{Field: "reason", Message: fmt.Sprintf("Say it in %d letters or fewer", mostReason)}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		yp, err := heldAt(tx, by.Register, person)
		if err != nil {
			return err
		}
		if !veil.Locks(yp) || by.Account == 0 {
			return db.NotFound
		}
		if veil.Own(yp) {
			return field.Errors{{Field: "reason", Message: "This is your own record, or a relative's: nobody can open it for you"}}
		}
		var lock int64
		if err := tx.QueryRow(sqlLock, int64(by.Register), int64(yp)).Scan(&lock); err != nil {
			return fmt.Errorf("find the restriction: %w", err)
		}
		a, err := act.Begin(tx, by, access.BreakGlass, yp, act.Request{Key: key, Reason: reason})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlBreak, int64(by.Register), int64(a.Number), string(id.NewRef()), lock, int64(by.Account), reason,
			db.Instant{Time: tx.Now.Add(OpenFor)}); err != nil {
			return fmt.Errorf("open the locked record: %w", err)
		}
		return nil
	})
}

// Alert is that somebody opened a locked record. It names no young person.
type Alert struct {
	Ref            id.Ref
	YoungPersonsID string
	By             string
	At, Until      time.Time
	Reason         string
	// Finding is what information governance found; "" while nobody has looked.
	Finding string
	Owner   string
}

const (
	sqlAlerts = `SELECT b.ref, y.young_persons_id, w.full_name, a.at, b.until, b.reason, b.finding, o.full_name FROM restriction_break b
		JOIN act a ON a.register = b.register AND a.number = b.act
		JOIN restriction r ON r.register = b.register AND r.id = b.restriction
			AND r.known_from = (SELECT MAX(v.known_from) FROM restriction v WHERE v.register = b.register AND v.id = b.restriction)
		JOIN young_person y ON y.register = r.register AND y.id = r.young_person
		JOIN account w ON w.register = b.register AND w.id = b.account
		JOIN account o ON o.register = r.register AND o.id = r.owner`
	sqlReviewed = `UPDATE restriction_break SET reviewed_by = $1, finding = $2 WHERE register = $3 AND ref = $4 AND reviewed_by IS NULL`
	sqlOpenedAt = `SELECT r.young_person FROM restriction_break b JOIN restriction r ON r.register = b.register AND r.id = b.restriction
		WHERE b.register = $1 AND b.ref = $2 ORDER BY r.known_from DESC LIMIT 1`
)

// Alerts are the locked records that were opened and at which information
// governance has not looked since, the last first: all of them for information
// governance, for others those of the records that they own.
func (s *Service) Alerts(ctx context.Context, by access.Actor) ([]Alert, error) {
	if by.Account == 0 {
		return nil, nil
	}
	var out []Alert
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("b.register = $1 AND b.reviewed_by IS NULL", int64(by.Register))
		if !access.May(by, access.RestrictRecord) {
			w.And("r.owner = $1", int64(by.Account))
		}
		rows, err := tx.Query(sqlAlerts+w.SQL()+" ORDER BY b.act DESC", w.Args...)
		if err != nil {
			return fmt.Errorf("read what was opened: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var one Alert
			var at, until db.Instant
			if err := rows.Scan((*string)(&one.Ref), &one.YoungPersonsID, &one.By, &at, &until, &one.Reason, &one.Finding, &one.Owner); err != nil {
				return fmt.Errorf("read what was opened: %w", err)
			}
			one.At, one.Until = at.Time, until.Time
			out = append(out, one)
		}
		return rows.Err()
	})
	return out, err
}

// Reviewed records what information governance found of a locked record that was
// opened. It needs access.RestrictRecord, and returns field.Errors, db.NotFound
// or act.ErrRepeated.
func (s *Service) Reviewed(ctx context.Context, by access.Actor, ref id.Ref, finding, key string) error {
	finding = strings.Join(strings.Fields(finding), " ")
	if finding == "" || len([]rune(finding)) > mostReason {
		return field.Errors{{Field: "finding", Message: fmt.Sprintf("Say what you found, in %d letters or fewer", mostReason)}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := access.Decide(by, access.RestrictRecord, access.Subject{Register: by.Register}); err != nil {
			return err
		}
		var yp id.YoungPerson
		err := tx.QueryRow(sqlOpenedAt, int64(by.Register), string(ref)).Scan((*int64)(&yp))
		if errors.Is(err, sql.ErrNoRows) {
			return db.NotFound
		}
		if err != nil {
			return fmt.Errorf("read what was opened: %w", err)
		}
		a, err := act.Begin(tx, by, access.RestrictRecord, yp, act.Request{Key: key, Reason: "looked at who opened it: " + finding})
		if err != nil {
			return err
		}
		done, err := tx.Exec(sqlReviewed, int64(a.Number), finding, int64(by.Register), string(ref))
		if err != nil {
			return fmt.Errorf("record what was found: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, db.NotFound)
		}
		return nil
	})
}
