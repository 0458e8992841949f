package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Taken is a backup as the register remembers it.
type Taken struct {
	Ref     id.Ref
	TakenAt time.Time
	By      string
	// Act is the last one of the register that it holds.
	Act       id.Act
	FileName  string
	Bytes     int64
	Encrypted bool
	// TestedAt is when it was last restored and compared; zero for never.
	TestedAt time.Time
}

const (
	sqlTook = `INSERT INTO backup (register, ref, taken_at, taken_by, act, file_name, bytes, encrypted, tested_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')`
	sqlTest = `UPDATE backup SET tested_at = $1 WHERE register > 0 AND ref = $2`
	sqlLast = `SELECT ref, taken_at, taken_by, act, file_name, bytes, encrypted, tested_at FROM backup WHERE register = $1`
)

// Remember keeps that a backup was taken, for each register that it holds.
func Remember(ctx context.Context, d *db.DB, r *Report, by, file string, bytes int64, encrypted bool) error {
	return d.EveryRegister().InSideTx(ctx, func(tx *db.Tx) error {
		for _, h := range r.Holds {
			if _, err := tx.Exec(sqlTook, int64(h.Register), string(r.Ref), db.Instant{Time: r.TakenAt}, by, int64(h.Act),
				filepath.Base(file), bytes, encrypted); err != nil {
				return fmt.Errorf("remember the backup: %w", err)
			}
		}
		return nil
	})
}

// RememberTest keeps that a backup was restored and compared. It returns
// db.NotFound where this database does not remember the backup.
func RememberTest(ctx context.Context, d *db.DB, backup id.Ref) error {
	return d.EveryRegister().InSideTx(ctx, func(tx *db.Tx) error {
		done, err := tx.Exec(sqlTest, db.Instant{Time: tx.Now}, string(backup))
		if err != nil {
			return fmt.Errorf("remember the test of the backup: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return db.NotFound
	})
}

// Last is the last backup of a register, and the last that was restored and
// compared; nil where there is none.
func Last(ctx context.Context, d *db.DB, r id.Register) (taken, tested *Taken, err error) {
	err = d.EveryRegister().InSideTx(ctx, func(tx *db.Tx) error {
		if taken, err = one(tx.QueryRow(sqlLast+` ORDER BY taken_at DESC LIMIT 1`, int64(r))); err != nil {
			return err
		}
		tested, err = one(tx.QueryRow(sqlLast+` AND tested_at <> '' ORDER BY tested_at DESC LIMIT 1`, int64(r)))
		return err
	})
	return taken, tested, err
}

func one(row *sql.Row) (*Taken, error) {
	var t Taken
	var at db.Instant
	var tested string
	err := row.Scan((*string)(&t.Ref), &at, &t.By, (*int64)(&t.Act), &t.FileName, &t.Bytes, &t.Encrypted, &tested)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil && tested != "" {
		var on db.Instant
		err = on.Scan(tested)
		t.TestedAt = on.Time
	}
	if err != nil {
		return nil, fmt.Errorf("read which backups were taken: %w", err)
	}
	t.TakenAt = at.Time
	return &t, nil
}
