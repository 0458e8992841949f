// Package dbtest gives each test a fresh, migrated database on each engine.
//
// It is for the first register that a test makes, as pages and commands have
// it: on PostgreSQL the lock on the rows of others bites. A test with several
// asks for another by db.For, or for all by db.EveryRegister.
//
// SQLite is always there. PostgreSQL is the server that WAYMARK_TEST_POSTGRES
// names (an address of a database in which schemas may be made); `make check`
// starts one. Where it names none the PostgreSQL half is skipped and says so.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/seal"
)

// Noon is the moment at which tests take place unless they say otherwise.
var Noon = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

// Run runs the test on a database of its own on each engine, in parallel.
func Run(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

func clock() time.Time { return Noon }

// SQLite opens a fresh SQLite database: a copy of the one that this process has
// migrated, for the migrations cost more than most tests do.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	files, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, db.Settings{Dir: dir, Now: clock})
}

// migrated is the files of an empty SQLite database with all its tables, by
// name; made once in a process, and held in memory so that nothing is left
// behind.
var migrated = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "waymark-migrated-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(context.Background(), db.Settings{Dir: dir, Now: clock})
	if err != nil {
		return nil, err
	}
	// Closing brings what the log beside a file holds into the file.
	if err := d.Close(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// Postgres opens a fresh schema, or skips.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	address, schema := freshSchema(t)
	return open(t, db.Settings{URL: address, Schema: schema, Now: clock})
}

// Address is that of a fresh and empty schema of PostgreSQL, for a test that gives
// it to a program; without a server the test is skipped.
func Address(t testing.TB) string {
	t.Helper()
	address, schema := freshSchema(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Server is the PostgreSQL server and its address, for a test that does to it what
// no page does; without one the test is skipped.
func Server(t testing.TB) (address string, server *sql.DB) {
	t.Helper()
	address = os.Getenv("WAYMARK_TEST_POSTGRES")
	if address == "" {
		t.Skip("NOT TESTED ON POSTGRESQL: WAYMARK_TEST_POSTGRES names no server; `make check` starts one")
	}
	server, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return address, server
}

// freshSchema makes an empty schema and drops it when the test has ended.
func freshSchema(t testing.TB) (address, schema string) {
	t.Helper()
	address, server := Server(t)
	schema = "t" + strings.ToLower(string(id.NewRef()))
	if _, err := server.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(fmt.Errorf("make a schema for the test: %w", err))
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Log(err)
		}
	})
	return address, schema
}

// AsOwner goes on with the transaction as whoever owns the tables: what pages
// and commands may not do on PostgreSQL, changing how a table is made.
func AsOwner(t testing.TB, tx *db.Tx) {
	t.Helper()
	if tx.Engine == db.SQLite {
		return
	}
	if _, err := tx.Exec("SET LOCAL ROLE NONE"); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, s db.Settings) *db.DB {
	t.Helper()
	var err error
	if s.Ring, err = seal.NewRing(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d.For(1)
}
