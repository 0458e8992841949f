package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/audit"
	"waymark/internal/db"
)

// TestAuditCommands makes a register, signs its log, keeps the head elsewhere,
// and changes the database past the program.
func TestAuditCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	run := func(want int, args ...string) string {
		t.Helper()
		var said bytes.Buffer
		if code := Main(append(args, "--data", dir), strings.NewReader("seven purple otters\n"), &said, &said); code != want {
			t.Errorf("waymark %s: %d, want %d: %s", strings.Join(args, " "), code, want, said.String())
		}
		return said.String()
	}
	has := func(said string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%q is not in %q", w, said)
			}
		}
	}
	run(0, "register", "add", "--name", "Sandmere Council", "--database-id", "123", "--authority", "341")
	run(0, "user", "add", "--name", "A Member", "--sign-in", "a", "--role", "adviser")
	has(run(0, "audit", "verify"), "The log is whole: 1 entries", "compared with no signed head", "Nothing waits")
	said := run(0, "audit", "head")
	has(said, "seal 1\n", "Public key: waymark+", "A key was made in "+filepath.Join(dir, "audit-key"))
	_, public, _ := strings.Cut(said, "Public key: ")
	public = strings.TrimSpace(public)
	has(run(0, "audit", "verify"), "It fits all 1 signed heads; the last is seal 1 of ")

	elsewhere := filepath.Join(t.TempDir(), "heads")
	run(0, "user", "add", "--name", "B Member", "--sign-in", "b", "--role", "adviser")
	run(0, "audit", "head")
	heads, err := os.ReadFile(filepath.Join(dir, "audit-heads"))
	if err == nil {
		err = os.WriteFile(elsewhere, heads, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	has(run(0, "audit", "verify", "--head", elsewhere, "--public-key", public), "It fits all 4 signed heads; the last is seal 2")
	has(run(2, "audit", "verify", "--head", elsewhere+"-not-there"), "no such file")
	has(run(2, "audit", "verify", "--public-key", "nonsense"), "is no public key")
	other, _, err := audit.OpenKey(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	has(run(1, "audit", "verify", "--public-key", other.Public), "CANNOT BE TRUSTED", "another key")

	past := func(query string) {
		t.Helper()
		d, err := db.Open(context.Background(), db.Settings{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.InTx(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	past("UPDATE act SET actor_name = 'Somebody Else' WHERE number = 2")
	has(run(1, "audit", "verify"), "THE LOG IS NOT WHOLE. The first entry that is wrong is entry 2: edited.", "Keep this database")
}
