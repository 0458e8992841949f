package db_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// twoRegisters are a database with two registers.
func twoRegisters(t *testing.T, d *db.DB) *db.DB {
	t.Helper()
	every := d.EveryRegister()
	if err := every.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES (1, 'one', 'One', '801', 'x'), (2, 'two', 'Two', '802', 'x')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return every
}

// count reads a number, takes its time, and writes it one higher: a writer that
// another's change passes by between the two loses it.
func countOne(tx *db.Tx, r id.Register) error {
	var n int
	if err := tx.QueryRow(`SELECT last_key FROM register WHERE id = $1`, int64(r)).Scan(&n); err != nil {
		return err
	}
	time.Sleep(2 * time.Millisecond)
	_, err := tx.Exec(`UPDATE register SET last_key = $1 WHERE id = $2`, n+1, int64(r))
	return err
}

// TestWritersOfARegister has many writers read and then write at once: of one
// register, of the other, and of both, named in either order.
func TestWritersOfARegister(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		every := twoRegisters(t, d)
		const each = 10
		var all sync.WaitGroup
		begin := func(on *db.DB, fn func(tx *db.Tx) error) {
			for range each {
				all.Go(func() {
					if err := on.InTx(context.Background(), fn); err != nil {
						t.Error(err)
					}
				})
			}
		}
		both := func(first, second id.Register) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				if err := tx.Alone(first, second); err != nil {
					return err
				}
				if err := countOne(tx, first); err != nil {
					return err
				}
				return countOne(tx, second)
			}
		}
		begin(every.For(1), func(tx *db.Tx) error { return countOne(tx, 1) })
		begin(every.For(2), func(tx *db.Tx) error { return countOne(tx, 2) })
		begin(every.For(2, 1), func(tx *db.Tx) error { return countOne(tx, 1) })
		begin(every, both(1, 2))
		begin(every, both(2, 1))
		all.Wait()
		if err := every.Read(t.Context(), func(tx *db.Tx) error {
			for r, want := range map[int64]int{1: 4 * each, 2: 3 * each} {
				var n int
				if err := tx.QueryRow(`SELECT last_key FROM register WHERE id = $1`, r).Scan(&n); err != nil || n != want {
					t.Errorf("register %d was written to %d times, and holds %d (%v)", r, want, n, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReadersPassWriters has more writers wait than there are connections: who
// only reads, and who logs what they saw, does not wait with them; nor, on
// PostgreSQL, does who writes to another register.
func TestReadersPassWriters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		one := twoRegisters(t, d).For(1)
		writing, written := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			if err := one.InTx(context.Background(), func(tx *db.Tx) error { close(writing); <-written; return nil }); err != nil {
				t.Error(err)
			}
		})
		<-writing
		for range 30 {
			all.Go(func() {
				if err := one.InTx(context.Background(), func(tx *db.Tx) error { return countOne(tx, 1) }); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(50 * time.Millisecond) // they queue
		soon, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		look := func(tx *db.Tx) error { _, err := tx.Exec(`SELECT 1`); return err }
		if err := one.Read(soon, look); err != nil {
			t.Errorf("a reader waited for writers: %v", err)
		}
		if err := one.InSideTx(soon, look); err != nil {
			t.Errorf("who logs what they saw waited for writers: %v", err)
		}
		if d.Engine == db.Postgres {
			if err := one.For(2).InTx(soon, func(tx *db.Tx) error { return countOne(tx, 2) }); err != nil {
				t.Errorf("a writer waited for those of another register: %v", err)
			}
		}
		close(written)
		all.Wait()
	})
}
