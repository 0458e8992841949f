package db

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Finding is what one of the database's own checks came to: what was looked
// at, how many, and what is wrong, in words.
type Finding struct {
	What   string
	Looked int64
	Wrong  []string
}

const (
	sqliteIntegrity   = `PRAGMA integrity_check(20)`
	sqliteBrokenKeys  = `SELECT "table", "parent" FROM pragma_foreign_key_check LIMIT 20`
	postgresChecksums = `SELECT COALESCE(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()`
	postgresUntried   = `SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND NOT convalidated ORDER BY 1, 2`
	postgresHalfMade  = `SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE i.relnamespace = current_schema()::regnamespace AND NOT x.indisvalid ORDER BY 1`
)

// Sound has the engine check itself and calls tell with each finding: that the
// tables are those which the migrations make, the engine's own check of its
// files, every row read, and every key pointing somewhere. Where a restore has
// just read every row and followed every key, those two are left out.
func (d *DB) Sound(ctx context.Context, restored bool, tell func(Finding)) error {
	shape, err := d.shapeFinding(ctx)
	if err != nil {
		return err
	}
	tell(shape)
	if d.Engine == Postgres {
		f := Finding{What: "the database refuses one register the rows of another", Looked: int64(1)}
		if !d.lock.Bites {
			f.Wrong = []string{d.lock.Why}
		}
		tell(f)
	}
	checks := []func(context.Context, *Snapshot) (Finding, error){ownCheck, everyRow, everyKey}
	if restored {
		checks = checks[:1]
	}
	return d.Snapshot(ctx, func(s *Snapshot) error {
		for _, check := range checks {
			f, err := check(ctx, s)
			if err != nil {
				return err
			}
			tell(f)
		}
		return nil
	})
}

func (d *DB) shapeFinding(ctx context.Context) (Finding, error) {
	f := Finding{What: "the tables are those of this version's migrations"}
	here, err := d.Shape(ctx)
	if err != nil {
		return f, err
	}
	dir, err := os.MkdirTemp("", "waymark-shape-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	fresh, err := Open(ctx, Settings{Dir: dir})
	if err != nil {
		return f, err
	}
	defer fresh.Close()
	want, err := fresh.Shape(ctx)
	if err != nil {
		return f, err
	}
	f.Looked = int64(len(want))
	for _, line := range want {
		if !slices.Contains(here, line) {
			f.Wrong = append(f.Wrong, line+" is missing")
		}
	}
	for _, line := range here {
		if !slices.Contains(want, line) {
			f.Wrong = append(f.Wrong, line+" is no part of Waymark")
		}
	}
	return f, nil
}

func ownCheck(ctx context.Context, s *Snapshot) (Finding, error) {
	if s.Tx.Engine == Postgres {
		return postgresCheck(ctx, s)
	}
	f := Finding{What: "SQLite's integrity check of both files", Looked: 2}
	for i, conn := range []asker{s.Tx, s.side} {
		lines, err := texts(ctx, conn, 1, sqliteIntegrity)
		if err != nil {
			return f, fmt.Errorf("check the file: %w", err)
		}
		for _, line := range lines {
			if line[0] != "ok" {
				f.Wrong = append(f.Wrong, filepath.Base([]string{mainFile, sideFile}[i])+": "+line[0])
			}
		}
	}
	return f, nil
}

func postgresCheck(ctx context.Context, s *Snapshot) (Finding, error) {
	f := Finding{What: "PostgreSQL's pages and indexes", Looked: int64(len(s.Tables))}
	var failures int64
	if err := s.Tx.QueryRowContext(ctx, postgresChecksums).Scan(&failures); err != nil {
		return f, fmt.Errorf("read what PostgreSQL found: %w", err)
	}
	if failures > 0 {
		f.Wrong = append(f.Wrong, fmt.Sprintf("PostgreSQL has read %d pages with a wrong checksum", failures))
	}
	half, err := texts(ctx, s.Tx, 1, postgresHalfMade)
	if err != nil {
		return f, fmt.Errorf("list the indexes: %w", err)
	}
	for _, i := range half {
		f.Wrong = append(f.Wrong, "the index "+i[0]+" was never finished: REINDEX it")
	}
	return f, nil
}

func everyRow(_ context.Context, s *Snapshot) (Finding, error) {
	f := Finding{What: "every row can be read"}
	for _, t := range s.Tables {
		if err := s.Each(t, func([]byte) error { f.Looked++; return nil }); err != nil {
			if s.Tx.Engine == Postgres || s.Tx.ctx.Err() != nil {
				return f, err // the transaction is over
			}
			f.Wrong = append(f.Wrong, err.Error())
		}
	}
	return f, nil
}

func everyKey(ctx context.Context, s *Snapshot) (Finding, error) {
	f := Finding{What: "every key points to a row that is there", Looked: int64(len(s.Tables))}
	if s.Tx.Engine == Postgres {
		untried, err := texts(ctx, s.Tx, 2, postgresUntried)
		for _, k := range untried {
			f.Wrong = append(f.Wrong, "the key "+k[1]+" of "+k[0]+" was never checked: VALIDATE it")
		}
		return f, err
	}
	for _, conn := range []asker{s.Tx, s.side} {
		broken, err := texts(ctx, conn, 2, sqliteBrokenKeys)
		if err != nil {
			return f, fmt.Errorf("check the keys: %w", err)
		}
		for _, b := range broken {
			f.Wrong = append(f.Wrong, "a row of "+b[0]+" points to a row of "+b[1]+" that is not there")
		}
	}
	return f, nil
}
