package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Instant is a moment, stored as text that sorts in time order on both
// engines: 2026-10-31T09:00:00.000000Z.
type Instant struct{ time.Time }

const instantLayout = "2006-01-02T15:04:05.000000Z"

// Value stores the moment in UTC, or NULL.
func (i Instant) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.UTC().Format(instantLayout), nil
}

// Scan reads what Value stored.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = Instant{}
		return nil
	case string:
		t, err := time.Parse(instantLayout, v)
		if err != nil {
			return fmt.Errorf("db: %q is no moment: %w", v, err)
		}
		*i = Instant{t}
		return nil
	default:
		return fmt.Errorf("db: cannot read a moment from %T", src)
	}
}
