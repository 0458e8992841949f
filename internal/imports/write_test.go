package imports_test

import (
	"context"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// A register that holds next to nobody gets its first large file. Planned for
// next to nobody, PostgreSQL would read the whole register for each fact.
func TestTablesAreMeasuredWhenTheyHaveGrown(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if d.Engine != db.Postgres {
			t.Skip("SQLite plans by the keys alone")
		}
		h := newHouse(t, d)
		measured := func() (rows int) {
			if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT reltuples FROM pg_class WHERE oid = 'young_person'::regclass`).Scan(&rows)
			}); err != nil {
				t.Fatal(err)
			}
			return rows
		}
		h.load(text(t, october, record("1230000000001")))
		if n := measured(); n > 0 {
			t.Errorf("measured at %d for one young person", n)
		}
		h.load(generated(t, 600, 1, false, november))
		if n := measured(); n < 600 {
			t.Errorf("planned for %d young people of 600", n)
		}
	})
}
