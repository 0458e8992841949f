package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

const addRegister = `INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES ($1, $2, $3, '991', 'Waymark')`

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		wrong := errors.New("wrong")
		err := d.InTx(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(addRegister, 1, "a", "Saltmarsh"); err != nil {
				return err
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Fatalf("got %v", err)
		}
		if n := count(t, d, "register"); n != 0 {
			t.Errorf("%d registers were left behind", n)
		}
	})
}

func TestADuplicateIsRecognised(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		add := func() error {
			return d.InTx(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(addRegister, 1, "a", "Saltmarsh")
				return err
			})
		}
		if err := add(); err != nil {
			t.Fatal(err)
		}
		if err := add(); !db.IsDuplicate(err) {
			t.Errorf("a second row with one key: %v", err)
		}
	})
}

func TestParametersOutOfOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			var a, b, c string
			if err := tx.QueryRow("SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)", "one", "two").Scan(&a, &b, &c); err != nil {
				return err
			}
			if a != "two" || b != "one" || c != "two" {
				t.Errorf("got %s %s %s", a, b, c)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestBulkInsertAndSortOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		rows := [][]any{}
		for i, name := range []string{"b", "B", "é", "a", "Z"} {
			rows = append(rows, []any{int64(i + 1), string(rune('a' + i)), name, "991", "Waymark"})
		}
		d = d.EveryRegister()
		if err := d.InTx(ctx, func(tx *db.Tx) error {
			return db.BulkInsert(tx, "register", []string{"id", "ref", "name", "database_id", "supplier_name"}, rows)
		}); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := d.Read(ctx, func(tx *db.Tx) error {
			r, err := tx.Query("SELECT name FROM register ORDER BY name")
			if err != nil {
				return err
			}
			defer r.Close()
			for r.Next() {
				var s string
				if err := r.Scan(&s); err != nil {
					return err
				}
				got = append(got, s)
			}
			return r.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(got, " "); s != "B Z a b é" {
			t.Errorf("sorted as %q: the database must sort by bytes (collation C)", s)
		}
	})
}

func TestWriterDoesNotHoldReadersNorSights(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err := d.InTx(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(addRegister, 1, "a", "Saltmarsh"); err != nil {
				return err
			}
			if n := count(t, d, "register"); n != 0 {
				t.Errorf("a reader saw %d rows that are not committed", n)
			}
			return d.InSideTx(ctx, func(side *db.Tx) error {
				_, err := side.Exec(`INSERT INTO sight (register, batch, line, at, actor, actor_name, kind, page, request) VALUES (1, 'b', 1, '', '', '', '', '', '')`)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestWritersQueueUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if err := d.InTx(ctx, func(tx *db.Tx) error { _, err := tx.Exec(addRegister, 1, "a", "Saltmarsh"); return err }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := d.InTx(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE register SET last_act = last_act + 1 WHERE id = 1`)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := d.Read(ctx, func(tx *db.Tx) error {
			var n int
			if err := tx.QueryRow(`SELECT last_act FROM register WHERE id = 1`).Scan(&n); err != nil {
				return err
			}
			if n != 20 {
				t.Errorf("20 writers counted to %d", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestInstantsAndDatesSurvive(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		moment := time.Date(2026, 10, 25, 1, 30, 0, 123456000, time.UTC)
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			var i db.Instant
			var day, none civil.Date
			if err := tx.QueryRow("SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT)", db.Instant{Time: moment}, civil.MustParse("2008-02-29"), civil.Date{}).
				Scan(&i, &day, &none); err != nil {
				return err
			}
			if !i.Equal(moment) || day.String() != "2008-02-29" || !none.IsZero() {
				t.Errorf("read back %v %v %v", i, day, none)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhereRenumbers(t *testing.T) {
	var w db.Where
	w.And("a = $1", 1)
	w.And("b = $2 OR c = $1", 2, 3)
	w.In("d", 4, 5)
	w.In("e")
	limit := w.Param(6)
	if got, want := w.SQL()+" LIMIT "+limit, " WHERE (a = $1) AND (b = $3 OR c = $2) AND (d IN ($4, $5)) AND (1 = 0) LIMIT $6"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(w.Args) != 6 {
		t.Errorf("parameters: %v", w.Args)
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(context.Background(), db.Settings{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO schema_version (version_id, is_applied) VALUES (9999, 1)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if _, err := db.Open(context.Background(), db.Settings{Dir: dir}); !errors.Is(err, db.ErrNewer) {
		t.Errorf("opened with %v", err)
	}
}

func count(t *testing.T, d *db.DB, table string) int {
	t.Helper()
	var n int
	if err := d.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM " + table).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachRunTellsWhatItTouched(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		d = d.EveryRegister()
		const rename = "UPDATE register SET name = $1 WHERE id = $2"
		err := d.InTx(ctx, func(tx *db.Tx) error {
			rows := [][]any{}
			for i := range int64(2500) { // more than are sent at once
				rows = append(rows, []any{i + 1, fmt.Sprint("r", i), "before", "991", "Waymark"})
			}
			if err := db.BulkInsert(tx, "register", []string{"id", "ref", "name", "database_id", "supplier_name"}, rows); err != nil {
				return err
			}
			changes := [][]any{}
			for i := range int64(2500) {
				changes = append(changes, []any{fmt.Sprint("after ", i), i + 1})
			}
			touched, err := db.ExecEach(tx, rename, append(changes, []any{"nobody", int64(9999)}))
			if err != nil {
				return err
			}
			if len(touched) != 2501 || touched[0] != 1 || touched[2499] != 1 || touched[2500] != 0 {
				t.Errorf("%d runs, the last of them touched %v", len(touched), touched[len(touched)-2:])
			}
			var name string
			if err := tx.QueryRow("SELECT name FROM register WHERE id = 2500").Scan(&name); err != nil || name != "after 2499" {
				t.Errorf("the last is called %q: %v", name, err)
			}
			return db.ExecEachOne(tx, "the name", rename, [][]any{{"once more", int64(1)}, {"nobody", int64(9999)}})
		})
		if !errors.Is(err, db.Conflict{What: "the name"}) {
			t.Errorf("a run that touched nothing was answered by %v", err)
		}
		var n int
		if err := d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM register").Scan(&n) }); err != nil || n != 0 {
			t.Errorf("%d rows stayed behind: %v", n, err)
		}
	})
}
