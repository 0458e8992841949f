// Package dbtest gives each test a fresh, migrated database on each engine.
//
// SQLite is always there. PostgreSQL is the server that WAYMARK_TEST_POSTGRES
// names (an address of a database in which schemas may be made); `make check`
// starts one. Where it names none the PostgreSQL half is skipped and says so.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/id"
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

// SQLite opens a fresh SQLite database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Settings{Dir: t.TempDir(), Now: clock})
}

// Postgres opens a fresh schema, or skips.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	address := os.Getenv("WAYMARK_TEST_POSTGRES")
	if address == "" {
		t.Skip("NOT TESTED ON POSTGRESQL: WAYMARK_TEST_POSTGRES names no server; `make check` starts one")
	}
	schema := "t" + strings.ToLower(string(id.NewRef()))
	server, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if _, err := server.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(fmt.Errorf("make a schema for the test: %w", err))
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Log(err)
		}
	})
	return open(t, db.Settings{URL: address, Schema: schema, Now: clock})
}

func open(t testing.TB, s db.Settings) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}
