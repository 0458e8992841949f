package returns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
)

const (
	// An unchanged file was loaded too: it said what the register held.
	sqlLastPeriod = `SELECT period_end FROM import WHERE register = $1 AND status IN ('applied', 'unchanged') ORDER BY period_end DESC LIMIT 1`
	// Lists loaded before files were kept are acts without a file; partners' files
	// are no month's.
	sqlLastLoaded = `SELECT a.at FROM act a WHERE a.register = $1 AND a.kind = $2
			AND NOT EXISTS (SELECT 1 FROM act u WHERE u.register = a.register AND u.undoes = a.number)
			AND NOT EXISTS (SELECT 1 FROM import i WHERE i.register = a.register AND i.act = a.number)
			AND NOT EXISTS (SELECT 1 FROM intake i WHERE i.register = a.register AND i.act = a.number)
		ORDER BY a.at DESC LIMIT 1`
)

// silentFor is after how many months without a file none is awaited any more:
// such a register is kept by hand.
const silentFor = 3

// Awaited says whether a month's file is still to come: whether files of the
// months before it were loaded, and none of it or of a later one. last is the
// month of the last file. It needs SeeFigures: whoever reads a number must know
// that it is not the last word.
func (s *Service) Awaited(ctx context.Context, by access.Actor, period civil.Month) (last civil.Month, awaited bool, err error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return last, false, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var text string
		if err := tx.QueryRow(sqlLastPeriod, int64(by.Register)).Scan(&text); err == nil {
			last = readDate(text).InMonth()
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var at db.Instant
		err := tx.QueryRow(sqlLastLoaded, int64(by.Register), string(access.ImportFile)).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if m := civil.On(at.Time, civil.London()).InMonth(); err == nil && last.Before(m) {
			last = m
		}
		return err
	})
	if err != nil {
		return last, false, fmt.Errorf("read which month's file came last: %w", err)
	}
	return last, last != (civil.Month{}) && last.Before(period) && !last.Add(silentFor).Before(period), nil
}
