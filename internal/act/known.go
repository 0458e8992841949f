package act

import (
	"database/sql"
	"fmt"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

const sqlKnownOn = `SELECT MAX(number) FROM act WHERE register = $1 AND at < $2`

// KnownOn is the last act before the end of a day in London: what the register
// knew on that day is what it held after that act, and because acts are
// numbered in the order of commit the answer never changes afterwards. Before
// the first act nothing was known: that is act -1, which no fact is from (0
// stands for now).
func KnownOn(tx *db.Tx, r id.Register, day civil.Date) (id.Act, error) {
	y, m, d := day.YMD()
	end := time.Date(y, m, d+1, 0, 0, 0, 0, civil.London())
	var last sql.NullInt64
	if err := tx.QueryRow(sqlKnownOn, int64(r), db.Instant{Time: end}).Scan(&last); err != nil {
		return 0, fmt.Errorf("find what was known on %s: %w", day, err)
	}
	if !last.Valid {
		return -1, nil
	}
	return id.Act(last.Int64), nil
}
