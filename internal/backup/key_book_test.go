package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/backup"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// wrappedIn are the keys as they stand in the database.
func wrappedIn(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT id, wrapped FROM person_key")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var wrapped []byte
			if err := rows.Scan(&name, &wrapped); err != nil {
				return err
			}
			out[name] = string(wrapped)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func keysIn(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM person_key").Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNoBackupHoldsAPersonsKey: the keys come back from the key book alone,
// into either engine; a copy, which is no backup, has them.
func TestNoBackupHoldsAPersonsKey(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		want := keysIn(t, d)
		if want == 0 {
			t.Fatal("nobody has a key")
		}
		k := key(t)
		file := taken(t, d, k.Recipient())
		name := filepath.Join(t.TempDir(), "keys")
		if n, err := backup.WriteKeys(t.Context(), d, name, k.Recipient()); err != nil || n != want {
			t.Fatalf("%d keys written of %d, %v", n, want, err)
		}
		bytesOf, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
			t.Run("into "+string(engine), func(t *testing.T) {
				to, open := target(t, engine)
				if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to, k); err != nil {
					t.Fatal(err)
				}
				r := open()
				if n := keysIn(t, r); n != 0 {
					t.Errorf("the backup held %d keys", n)
				}
				book, err := backup.ReadKeys(bytes.NewReader(bytesOf), k)
				if err != nil {
					t.Fatal(err)
				}
				for _, back := range []int{want, 0} { // given twice it does no more
					if n, err := book.Restore(t.Context(), r); err != nil || n != back || keysIn(t, r) != want {
						t.Errorf("%d keys came back of %d, %v", n, want, err)
					}
				}
				if diff := cmp.Diff(wrappedIn(t, d), wrappedIn(t, r)); diff != "" {
					t.Errorf("the keys that came back are not those that went:\n%s", diff)
				}
				copied, openCopy := target(t, engine)
				if _, err := backup.Copy(t.Context(), d, copied, "test"); err != nil {
					t.Fatal(err)
				}
				if n := keysIn(t, openCopy()); n != want {
					t.Errorf("a copy has %d keys of %d", n, want)
				}
			})
		}
		if _, err := backup.ReadKeys(bytes.NewReader(bytesOf)); !errors.Is(err, backup.ErrNoKey) {
			t.Errorf("without the key: %v", err)
		}
		if _, err := backup.ReadKeys(bytes.NewReader(bytesOf), key(t)); !errors.Is(err, backup.ErrWrongKey) {
			t.Errorf("with another: %v", err)
		}
		if _, err := backup.WriteKeys(t.Context(), d, name); err != nil {
			t.Fatal(err)
		}
		plain, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{0, 3, 40, len(plain) / 2, bytes.LastIndexByte(plain[:len(plain)-1], '\n') + 1} {
			if _, err := backup.ReadKeys(bytes.NewReader(plain[:cut])); !errors.Is(err, backup.ErrNoBook) {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
	})
}
