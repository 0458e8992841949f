package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	sqlReason      = `SELECT reason FROM act WHERE register = $1 AND number = $2`
	sqlKeepHash    = `INSERT INTO erased_act_reason (register, act, hash, erased_by) VALUES ($1, $2, $3, $4)`
	sqlEraseReason = `UPDATE act SET reason = $3 WHERE register = $1 AND number = $2`

	sqlSightReasons     = `SELECT batch, line, reason FROM sight WHERE register = $1 AND young_person = $2 AND reason <> '' AND reason <> $3 ORDER BY batch, line`
	sqlKeepSightHash    = `INSERT INTO erased_sight_reason (register, batch, line, hash, erased_by) VALUES ($1, $2, $3, $4, $5)`
	sqlEraseSightReason = `UPDATE sight SET reason = $4 WHERE register = $1 AND batch = $2 AND line = $3`
)

// EraseReasons takes away the words that people typed as reasons of acts, where
// they tell of somebody who is to be forgotten. Their hashes stay with the
// number of the erasing act, which is under way in tx, so that the log can
// still be checked. A reason that was erased before stays so; an act that is
// not there is db.NotFound.
func EraseReasons(tx *db.Tx, by *act.Act, acts ...id.Act) error {
	for _, n := range acts {
		var reason string
		err := tx.QueryRow(sqlReason, int64(by.Register), int64(n)).Scan(&reason)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return db.NotFound
		case err != nil:
			return fmt.Errorf("read the reason of act %d: %w", n, err)
		case reason == Erased:
			continue
		}
		hash := reasonHash(reason)
		if _, err := tx.Exec(sqlKeepHash, int64(by.Register), int64(n), hash[:], int64(by.Number)); err != nil {
			return fmt.Errorf("keep the hash of the reason of act %d: %w", n, err)
		}
		if _, err := tx.Exec(sqlEraseReason, int64(by.Register), int64(n), Erased); err != nil {
			return fmt.Errorf("erase the reason of act %d: %w", n, err)
		}
	}
	return nil
}

// EraseSightReasons is EraseReasons for the reasons given for looking at one
// young person. They stand beside the register, so this is a transaction of
// its own, to be done after the erasing act is stored; done twice it does
// nothing more.
func EraseSightReasons(ctx context.Context, d *db.DB, r id.Register, yp id.YoungPerson, erasedBy id.Act) error {
	return d.InSideTx(ctx, func(tx *db.Tx) error {
		found, err := sightReasons(tx, r, yp)
		if err != nil {
			return fmt.Errorf("read why people looked: %w", err)
		}
		for _, s := range found {
			hash := reasonHash(s.reason)
			if _, err := tx.Exec(sqlKeepSightHash, int64(r), s.batch, s.line, hash[:], int64(erasedBy)); err != nil {
				return fmt.Errorf("keep the hash of a reason for looking: %w", err)
			}
			if _, err := tx.Exec(sqlEraseSightReason, int64(r), s.batch, s.line, Erased); err != nil {
				return fmt.Errorf("erase a reason for looking: %w", err)
			}
		}
		return nil
	})
}

type sightReason struct {
	batch  string
	line   int64
	reason string
}

func sightReasons(tx *db.Tx, r id.Register, yp id.YoungPerson) ([]sightReason, error) {
	rows, err := tx.Query(sqlSightReasons, int64(r), int64(yp), Erased)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sightReason
	for rows.Next() {
		var s sightReason
		if err := rows.Scan(&s.batch, &s.line, &s.reason); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
