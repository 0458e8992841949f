package retention

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Hold keeps one record, or the whole register, from being erased: for a claim,
// an inquiry, an inspection.
type Hold struct {
	Ref id.Ref
	// Person is 0 where nothing of the register may be erased; PersonRef and
	// YoungPersonsID are theirs.
	Person         id.YoungPerson
	PersonRef      id.Ref
	YoungPersonsID string
	Reason         string
	At             time.Time
	By             string
}

const (
	sqlHolds = `SELECT h.ref, COALESCE(h.young_person, 0), COALESCE(y.ref, ''), COALESCE(y.young_persons_id, ''), h.reason, a.at, a.actor_name
		FROM retention_hold h JOIN act a ON a.register = h.register AND a.number = h.known_from
		LEFT JOIN young_person y ON y.register = h.register AND y.id = h.young_person
		WHERE h.register = $1 AND h.known_to IS NULL ORDER BY h.known_from DESC`
	sqlAddHold  = `INSERT INTO retention_hold (register, ref, young_person, reason, known_from) VALUES ($1, $2, $3, $4, $5)`
	sqlLiftHold = `UPDATE retention_hold SET known_to = $1 WHERE register = $2 AND ref = $3 AND known_to IS NULL`
	sqlHeld     = `SELECT COALESCE(young_person, 0) FROM retention_hold WHERE register = $1 AND known_to IS NULL`
)

// Holds are those in force. It needs access.SeeRetention, and logs whom it
// shows by their number.
func (s *Service) Holds(ctx context.Context, by access.Actor) ([]Hold, error) {
	if err := access.Decide(by, access.SeeRetention, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Hold
	var shown []id.YoungPerson
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlHolds, int64(by.Register))
		if err != nil {
			return fmt.Errorf("read the holds: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var h Hold
			var at db.Instant
			if err := rows.Scan((*string)(&h.Ref), (*int64)(&h.Person), (*string)(&h.PersonRef), &h.YoungPersonsID, &h.Reason, &at, &h.By); err != nil {
				return fmt.Errorf("read the holds: %w", err)
			}
			h.At = at.Time
			if out = append(out, h); h.Person != 0 {
				shown = append(shown, h.Person)
			}
		}
		return rows.Err()
	})
	if err != nil || len(shown) == 0 {
		return out, err
	}
	return out, s.Record.Sights.See(ctx, act.Sight{By: by, Kind: access.SeeRetention, People: shown, Page: "legal holds"})
}

// AddHold holds one young person's record, or with an empty reference every
// record. It needs access.KeepRetention and returns field.Errors.
func (s *Service) AddHold(ctx context.Context, by access.Actor, person id.Ref, reason, key string) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return field.Errors{{Field: "reason", Message: "Say why nothing may be erased, like the number of the claim or the inquiry"}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		var yp id.YoungPerson
		var held any
		if person != "" {
			var err error
			if yp, err = personOf(tx, by.Register, person); err != nil {
				return err
			}
			held = int64(yp)
		}
		a, err := act.Begin(tx, by, access.KeepRetention, yp, act.Request{Key: key, Reason: "hold: " + reason})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlAddHold, int64(a.Register), string(id.NewRef()), held, reason, int64(a.Number)); err != nil {
			return fmt.Errorf("hold a record: %w", err)
		}
		return nil
	})
}

// LiftHold ends a hold. It needs access.KeepRetention and returns db.NotFound.
func (s *Service) LiftHold(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.do(ctx, by, access.KeepRetention, 0, act.Request{Key: key, Reason: "hold lifted"}, func(tx *db.Tx, a *act.Act) error {
		return one(tx.Exec(sqlLiftHold, int64(a.Number), int64(a.Register), string(ref)))
	})
}

// one is db.NotFound where nothing was changed.
func one(done sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change the retention of records: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return db.NotFound
}

// held says who is held; 0 among them is everybody.
func held(tx *db.Tx, r id.Register) (map[id.YoungPerson]bool, error) {
	return whom(tx, sqlHeld, int64(r))
}

// whom are the young people whom a query names.
func whom(tx *db.Tx, query string, args ...any) (map[id.YoungPerson]bool, error) {
	named, err := keys(tx, query, args...)
	out := make(map[id.YoungPerson]bool, len(named))
	for _, k := range named {
		out[id.YoungPerson(k)] = true
	}
	return out, err
}
