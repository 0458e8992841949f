package returns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

const (
	sqlLeftIn = `SELECT MAX(r.period) FROM monthly_return r
		JOIN monthly_return_person p ON p.register = r.register AND p.monthly_return = r.id AND p.young_person = $2
		WHERE r.register = $1 AND p.leaver AND r.period < $3 AND r.state IN ('sent', 'accepted')`
	sqlCameBack = `SELECT COUNT(*) FROM monthly_return r
		JOIN monthly_return_person p ON p.register = r.register AND p.monthly_return = r.id AND p.young_person = $2
		WHERE r.register = $1 AND NOT p.leaver AND r.state IN ('sent', 'accepted') AND r.period = (SELECT MAX(period)
			FROM monthly_return WHERE register = $1 AND period < $3 AND state IN ('sent', 'accepted'))`
)

// LeftIn is the month of the return, sent for an earlier month than the one
// given, that reported a young person as having left. It is false where none
// did, and where they have come back since. It needs access.SeePerson.
func (s *Service) LeftIn(ctx context.Context, by access.Actor, yp id.YoungPerson, before civil.Month) (civil.Month, bool, error) {
	var month sql.NullString
	back := 0
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		about, err := access.About(tx, by, yp)
		if err == nil {
			err = access.Decide(by, access.SeePerson, about)
		}
		if err != nil {
			return err
		}
		if err := tx.QueryRow(sqlLeftIn, int64(by.Register), int64(yp), before.String()).Scan(&month); err != nil || !month.Valid {
			return err
		}
		return tx.QueryRow(sqlCameBack, int64(by.Register), int64(yp), before.String()).Scan(&back)
	})
	if errors.As(err, new(access.Denied)) {
		return civil.Month{}, false, err
	}
	if err != nil {
		return civil.Month{}, false, fmt.Errorf("ask whether somebody was reported as having left: %w", err)
	}
	if !month.Valid || back > 0 {
		return civil.Month{}, false, nil
	}
	in, err := civil.ParseMonth(month.String)
	return in, err == nil, err
}
