package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/id"
)

// auditTimes is how many times as long as a plain loop of SHA-256 over the same
// rows, read from the same database, checking a log may take.
const auditTimes = 6

const (
	sqlBenchAct = `INSERT INTO act (register, number, at, actor, actor_name, kind, reason) VALUES (1, $1, $2, 'account:bench', 'Bench', 'correct a young person', 'Told by telephone')`
	sqlBenchAll = `SELECT number, at, actor, actor_name, kind, reason FROM act WHERE register = 1 ORDER BY number`
	sqlBenchOne = `SELECT batch, line, at, actor, actor_name, kind, young_person, page, request, reason FROM sight WHERE register = 1 ORDER BY batch, line`
)

// benchAudit measures how long it takes to seal and to check a log of so many
// entries, half acts and half sights, and how much room an entry takes.
func benchAudit(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	entries := flags.Int("entries", 1_000_000, "entries of the log")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := auditFill(ctx, d, *entries/2); err != nil {
		return err
	}
	began := time.Now()
	n, err := audit.Seal(ctx, d, 1)
	if err != nil {
		return err
	}
	seal := time.Since(began)
	key, _, err := audit.OpenKey(filepath.Join(dir, "key"))
	if err != nil {
		return err
	}
	h, _, err := audit.Sign(ctx, d, 1, key, filepath.Join(dir, "heads"), 0)
	if err != nil {
		return err
	}
	began = time.Now()
	bytes, err := auditBaseline(ctx, d)
	if err != nil {
		return err
	}
	baseline := time.Since(began)
	began = time.Now()
	a, err := audit.Verify(ctx, d, 1, []audit.Head{h})
	if err != nil {
		return err
	}
	verify := time.Since(began)
	if len(a.Faults) > 0 || a.Entries != n {
		return fmt.Errorf("the log of %d entries is not whole: %d entries, %v", n, a.Entries, a.Faults)
	}
	times := verify.Seconds() / baseline.Seconds()
	fmt.Printf("%-34s %10s %12s\n", "", "seconds", "entries/s")
	row := func(words string, took time.Duration) {
		fmt.Printf("%-34s %10.2f %12.0f\n", words, took.Seconds(), float64(n)/took.Seconds())
	}
	row("seal the first time", seal)
	row("read every row and SHA-256 it", baseline)
	row("check the whole log", verify)
	fmt.Printf("%d entries, %d bytes of them hashed; the log takes %.1f bytes an entry; checking takes %.2f times the plain loop\n", n, bytes, float64(a.Bytes)/float64(n), times)
	if times > auditTimes {
		return fmt.Errorf("checking the log takes %.2f times a plain loop of SHA-256, and may take %d", times, auditTimes)
	}
	return nil
}

func auditFill(ctx context.Context, d *db.DB, half int) error {
	const at = "2026-11-10T12:00:00.000000Z"
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`INSERT INTO register (id, ref, name, database_id, supplier_name, last_act) VALUES (1, $1, 'Bench', '991', 'Waymark', $2)`, string(id.NewRef()), half); err != nil {
			return err
		}
		for n := range half {
			if _, err := tx.Exec(sqlBenchAct, n+1, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.InSideTx(ctx, func(tx *db.Tx) error {
		sights, waiting := make([][]any, half), make([][]any, half)
		for n := range half {
			batch := string(id.NewRef())
			sights[n] = []any{int64(1), batch, int64(1), at, "account:bench", "Bench", "see a young person", int64(n % 50_000), "summary", "q", ""}
			waiting[n] = []any{int64(1), batch}
		}
		if err := db.BulkInsert(tx, "sight", []string{"register", "batch", "line", "at", "actor", "actor_name", "kind", "young_person", "page", "request", "reason"}, sights); err != nil {
			return err
		}
		return db.BulkInsert(tx, "unsealed_sight", []string{"register", "batch"}, waiting)
	})
}

// auditBaseline reads every act and sight once and hashes it, and does nothing
// more.
func auditBaseline(ctx context.Context, d *db.DB) (int, error) {
	hashed := 0
	each := func(tx *db.Tx, query string, columns int) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		cells, into := make([][]byte, columns), make([]any, columns)
		for i := range cells {
			into[i] = &cells[i]
		}
		var row []byte
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			row = row[:0]
			for _, c := range cells {
				row = append(row, c...)
			}
			sum := sha256.Sum256(row)
			hashed += len(row)
			_ = sum
		}
		return rows.Err()
	}
	if err := d.Read(ctx, func(tx *db.Tx) error { return each(tx, sqlBenchAll, 6) }); err != nil {
		return 0, err
	}
	return hashed, d.ReadSide(ctx, func(tx *db.Tx) error { return each(tx, sqlBenchOne, 10) })
}
