package backup_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/backup"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/seal"
)

// doing names, in the environment, what the process that is to be killed does.
const doing = "WAYMARK_TEST_TO_BE_KILLED"

// TestProcess is that process: it backs up, or restores, until it is killed.
func TestProcess(t *testing.T) {
	switch os.Getenv(doing) {
	case "":
		t.Skip("this is for the tests that kill it")
	case "backup":
		d, err := db.OpenEvery(t.Context(), db.Settings{Dir: os.Getenv("FROM")})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if _, _, err := backup.ToFile(t.Context(), d, os.Getenv("TO"), "test"); err != nil {
			t.Fatal(err)
		}
	case "restore":
		in, err := os.Open(os.Getenv("FROM"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if _, err := backup.Restore(t.Context(), in, backup.TargetOf(os.Getenv("TO"))); err != nil {
			t.Fatal(err)
		}
	}
}

// killed starts the process and kills it after a while; 0 lets it end. It
// returns how long it ran and whether it ended by itself.
func killed(t *testing.T, after time.Duration, what, from, to string) (ran time.Duration, ended bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcess$")
	cmd.Env = append(os.Environ(), doing+"="+what, "FROM="+from, "TO="+to)
	var told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &told
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		stop := time.AfterFunc(after, func() { cmd.Process.Kill() })
		defer stop.Stop()
	}
	err := cmd.Wait()
	if err != nil && (after == 0 || cmd.ProcessState.Exited()) {
		t.Fatalf("%v: %s", err, told.Bytes())
	}
	return time.Since(began), err == nil
}

const kills = 10

func TestAKilledBackupLeavesNoFileUnderItsName(t *testing.T) {
	dir := t.TempDir()
	ring, err := seal.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.OpenEvery(t.Context(), db.Settings{Dir: dir, Now: func() time.Time { return dbtest.Noon }, Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	house(t, d)
	want := content(t, d)
	d.Close()
	out := t.TempDir()
	whole, _ := killed(t, 0, "backup", dir, filepath.Join(out, "first"))
	cut := 0
	for i := range kills {
		name := filepath.Join(out, "a.backup")
		_, ended := killed(t, whole*time.Duration(i+1)/(kills+1), "backup", dir, name)
		file, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) && !ended {
			cut++
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		to, open := target(t, db.SQLite)
		if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to); err != nil {
			t.Errorf("killed after %d of %d, it left a file that cannot be restored: %v", i+1, kills+1, err)
		} else if diff := cmp.Diff(want, content(t, open())); diff != "" {
			t.Errorf("killed after %d of %d:\n%.2000s", i+1, kills+1, diff)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if t.Logf("%d kills, %d of them half way", kills, cut); cut == 0 {
		t.Error("no backup was cut half way: the test kills too late")
	}
}

func TestAKilledRestoreIsNoRegister(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		want := content(t, d)
		file := taken(t, d)
		name := filepath.Join(t.TempDir(), "a.backup")
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		at := func(to backup.Target) string { return to.Dir + to.URL }
		first, _ := target(t, d.Engine)
		whole, _ := killed(t, 0, "restore", name, at(first))
		cut := 0
		for i := range kills {
			to, open := target(t, d.Engine)
			killed(t, whole*time.Duration(i+1)/(kills+1), "restore", name, at(to))
			_, err := backup.Restore(t.Context(), bytes.NewReader(file), to)
			if errors.As(err, new(db.ErrHalfRestored)) { // then what it says is done
				cut++
				for _, left := range []string{"restoring", "sights.db"} {
					if err := os.RemoveAll(filepath.Join(to.Dir, left)); err != nil {
						t.Fatal(err)
					}
				}
				_, err = backup.Restore(t.Context(), bytes.NewReader(file), to)
			}
			if err != nil && !errors.Is(err, db.ErrNotEmpty) { // not empty: it had ended
				t.Fatalf("killed after %d of %d: %v", i+1, kills+1, err)
			}
			if diff := cmp.Diff(want, content(t, open())); diff != "" {
				t.Errorf("killed after %d of %d (-backed up +restored):\n%.2000s", i+1, kills+1, diff)
			}
		}
		t.Logf("%d kills, %d of them seen to be half way", kills, cut)
		if cut == 0 && d.Engine == db.SQLite {
			t.Error("no restore was cut half way: the test kills too late")
		}
	})
}
