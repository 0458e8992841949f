package audit_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

func readHeads(t testing.TB, b *book) []audit.Head {
	t.Helper()
	heads, err := audit.HeadsOf(b.heads, []string{b.key.Public})
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

// TestHeadsAreThoseOfTheChecksumDatabase holds the roots against tlog's own,
// and any two heads against its proof of consistency.
func TestHeadsAreThoseOfTheChecksumDatabase(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newBook(t, d, 1)
	for range 40 {
		b.act("x")
		b.sign()
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = stored[n]
		}
		return out, nil
	})
	heads := readHeads(t, b)
	for n, leaf := range leaves(t, b) {
		more, err := tlog.StoredHashesForRecordHash(int64(n), leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
		root, err := tlog.TreeHash(int64(n+1), reader)
		if err != nil || root != heads[n].Root {
			t.Fatalf("seal %d: %v", n+1, err)
		}
	}
	for i := range heads {
		for j := i; j < len(heads); j++ {
			proof, err := tlog.ProveTree(heads[j].Entries, heads[i].Entries, reader)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(proof, heads[j].Entries, heads[j].Root, heads[i].Entries, heads[i].Root); err != nil {
				t.Errorf("seal %d does not go on from seal %d: %v", heads[j].Seal, heads[i].Seal, err)
			}
		}
	}
}

func leaves(t *testing.T, b *book) []tlog.Hash {
	var out []tlog.Hash
	err := b.d.ReadSide(t.Context(), func(tx *db.Tx) error {
		var hashes []byte
		if err := tx.QueryRow(`SELECT hashes FROM audit_tile WHERE register = 1 AND number = 0`).Scan(&hashes); err != nil {
			return err
		}
		for h := range slices.Chunk(hashes, 32) {
			out = append(out, tlog.Hash(h))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheKeyAndTheFileOfSeals(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newBook(t, d, 1)
	b.fill(4)
	path := filepath.Join(t.TempDir(), "key")
	other, made, err := audit.OpenKey(path)
	if err != nil || !made {
		t.Fatal(err, made)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("the key may be read by others", info.Mode())
	}
	again, made, err := audit.OpenKey(path)
	if err != nil || made || again.Public != other.Public || !strings.HasPrefix(again.Public, "waymark+") {
		t.Error(err, made, again)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.OpenKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error("a key that others may read was taken:", err)
	}
	if _, err := audit.HeadsOf(b.heads, []string{other.Public}); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Error("seals were taken that another key signed:", err)
	}
	text, err := os.ReadFile(b.heads)
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"fewer entries": strings.Replace(string(text), "\n8\n", "\n7\n", 1),
		"another time":  strings.Replace(string(text), "at 2026", "at 2025", 1),
		"cut off":       string(text[:len(text)-60]),
	} {
		if forged == string(text) {
			t.Fatal(name, "changed nothing: ", string(text))
		}
		if _, err := audit.ReadHeads(strings.NewReader(forged), []string{b.key.Public}); err == nil {
			t.Error(name, "was taken")
		}
	}
	if _, err := audit.ReadHeads(strings.NewReader(""), []string{"nonsense"}); err == nil {
		t.Error("nonsense was taken for a key")
	}
}

// TestTwoSealAtOnce has four seal while two write.
func TestTwoSealAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		done := make(chan error, 6)
		for range 4 {
			go func() {
				var err error
				for range 20 {
					if _, err = audit.Seal(context.Background(), d, 1); err != nil {
						break
					}
				}
				done <- err
			}()
		}
		for range 2 {
			go func() {
				for range 20 {
					b.act("x")
					b.see("", 1)
				}
				done <- nil
			}()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		b.sign()
		if a := b.verify(); len(a.Faults) > 0 || a.Acts != 40 || a.Sights != 40 {
			t.Errorf("%+v", a)
		}
	})
}
