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

// BeforeBegan says that a day lies before the register's first act: nothing was
// known then, which is something else than nobody being in it.
type BeforeBegan struct {
	On civil.Date
	// Began is the day of the first act; no date where there is none yet.
	Began civil.Date
}

func (b BeforeBegan) Error() string {
	if b.Began.IsZero() {
		return "This register holds nothing yet, so nothing was known on " + b.On.Words() + "."
	}
	return "This register began on " + b.Began.Words() + ", so nothing was known on " + b.On.Words() + ". Choose a later day."
}

const sqlBegan = `SELECT MIN(at) FROM act WHERE register = $1`

// AsKnown is the act after which to read what was known on a day: KnownOn, 0
// for no day, which is now, and BeforeBegan where the register had not begun.
func AsKnown(tx *db.Tx, r id.Register, on civil.Date) (id.Act, error) {
	if on.IsZero() {
		return 0, nil
	}
	at, err := KnownOn(tx, r, on)
	if err != nil || at > 0 {
		return at, err
	}
	var first db.Instant
	if err := tx.QueryRow(sqlBegan, int64(r)).Scan(&first); err != nil {
		return 0, fmt.Errorf("find when the register began: %w", err)
	}
	before := BeforeBegan{On: on}
	if !first.IsZero() {
		before.Began = civil.On(first.Time, civil.London())
	}
	return 0, before
}
