package cli

import (
	"os"
	"testing"
)

// TestDemoFolder holds that a demo in a database finds its folder, and so its
// master key, when it is started again; that two databases have two; and that a
// demo without a database has a new one each time.
func TestDemoFolder(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	at := func(address string) string {
		t.Helper()
		dir, err := demoFolder(address)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder of %q: %v, %v", address, info, err)
		}
		if address == "" {
			os.Remove(dir)
		}
		return dir
	}
	one := at("postgres://waymark:secret@one/demo")
	if again := at("postgres://waymark:secret@one/demo"); again != one {
		t.Errorf("started again it lives in %s and not in %s", again, one)
	}
	if other := at("postgres://two/demo"); other == one {
		t.Error("two databases share a folder")
	}
	if first, second := at(""), at(""); first == second {
		t.Error("two demos without a database share a folder")
	}
}
