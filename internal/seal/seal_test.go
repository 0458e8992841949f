package seal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestWordsOpenInTheirPlaceAlone(t *testing.T) {
	one, other := must[*Key](t)(NewKey()), must[*Key](t)(NewKey())
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringN(1, 200, -1).Draw(t, "words")
		sealed := one.Seal(words, "here")
		if strings.Contains(sealed, words) && len(words) > 8 {
			t.Fatal("the words stand in what is sealed")
		}
		if got, err := one.Open(sealed, "here"); err != nil || got != words {
			t.Fatalf("%q opened as %q, %v", words, got, err)
		}
		if KeyOf(sealed) != one.ID || KeyOf(words) != "" && words[0] != mark[0] {
			t.Fatal("the key is not named")
		}
		if one.Seal(words, "here") == sealed {
			t.Fatal("sealed twice alike: two notes could be told to be the same")
		}
		for what, try := range map[string]func() (string, error){
			"elsewhere":      func() (string, error) { return one.Open(sealed, "there") },
			"by another key": func() (string, error) { return other.Open(sealed, "here") },
			"cut":            func() (string, error) { return one.Open(sealed[:len(sealed)-2], "here") },
			"changed": func() (string, error) {
				at := len(sealed) - 6
				c := byte('A')
				if sealed[at] == c {
					c = 'B'
				}
				return one.Open(sealed[:at]+string(c)+sealed[at+1:], "here")
			},
		} {
			if got, err := try(); !errors.Is(err, ErrWrongKey) {
				t.Fatalf("%s: %q, %v", what, got, err)
			}
		}
	})
}

func TestMasterKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "master")
	r := must[*Ring](t)(OpenRing(path, ""))
	if r.Has() {
		t.Fatal("a key before one was needed")
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("a file before a key was needed")
	}
	k := must[*Key](t)(NewKey())
	master, wrapped, err := r.Rewrapped(k, "register 1")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v, %v", info, err)
	}
	open := func(r *Ring) *Key { t.Helper(); return must[*Key](t)(r.Unwrap(master, k.ID, wrapped, "register 1")) }
	if open(must[*Ring](t)(OpenRing(path, ""))).secret != k.secret {
		t.Fatal("another key came out")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if open(must[*Ring](t)(OpenRing("", string(text)))).secret != k.secret {
		t.Fatal("from the environment another key came out")
	}
	var none ErrNoMaster
	empty := must[*Ring](t)(OpenRing(filepath.Join(t.TempDir(), "none"), ""))
	if _, err := empty.Unwrap(master, k.ID, wrapped, "register 1"); !errors.As(err, &none) || !strings.Contains(err.Error(), "put its file back") {
		t.Errorf("without its file: %v", err)
	}
	other := must[*Ring](t)(NewRing())
	if _, err := other.Unwrap(other.masters[0].ID, k.ID, wrapped, "register 1"); !errors.Is(err, ErrWrongKey) {
		t.Errorf("with another master key: %v", err)
	}
	for what, wrong := range map[string]func() error{
		"may be read by others": func() error { return os.Chmod(path, 0o640) },
		"no master key": func() error {
			return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("waymark-master-1:short\n"), 0o600))
		},
		"it is empty": func() error { return os.WriteFile(path, nil, 0o600) },
	} {
		t.Run(what, func(t *testing.T) {
			path = filepath.Join(t.TempDir(), "master")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := wrong(); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenRing(path, ""); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("refused with %v", err)
			}
		})
	}
}

// TestRotationCanBeCutAnywhere: after each step the keys open, by a ring that
// was open before and by a fresh one, and giving it again ends with one key.
func TestRotationCanBeCutAnywhere(t *testing.T) {
	for cut := range 4 {
		path := filepath.Join(t.TempDir(), "master")
		server := must[*Ring](t)(OpenRing(path, ""))
		k := must[*Key](t)(NewKey())
		master, wrapped, err := server.Rewrapped(k, "r")
		if err != nil {
			t.Fatal(err)
		}
		old := master
		opens := func(when string) {
			t.Helper()
			fresh := must[*Ring](t)(OpenRing(path, ""))
			for who, r := range map[string]*Ring{"the server": server, "a fresh process": fresh} {
				if r == server {
					r.opened = map[string]*Key{} // as if it had to open it anew
				}
				if got, err := r.Unwrap(master, k.ID, wrapped, "r"); err != nil || got.secret != k.secret {
					t.Errorf("%s: %s cannot open the key: %v", when, who, err)
				}
			}
		}
		rotate := func(steps int) {
			r := must[*Ring](t)(OpenRing(path, ""))
			if steps < 1 {
				return
			}
			if _, err := r.Begin(); err != nil {
				t.Fatal(err)
			}
			opens("begun")
			if steps < 2 {
				return
			}
			if master, wrapped, err = r.Rewrapped(k, "r"); err != nil {
				t.Fatal(err)
			}
			opens("wrapped anew")
			if steps < 3 {
				return
			}
			if err := r.Finish(); err != nil {
				t.Fatal(err)
			}
			opens("finished")
		}
		rotate(cut)
		if cut < 3 {
			rotate(3)
		}
		left := must[*Ring](t)(OpenRing(path, ""))
		if len(left.masters) != 1 || left.masters[0].ID == old || left.masters[0].ID != master {
			t.Errorf("cut after %d steps and given again: %d master keys", cut, len(left.masters))
		}
	}
}

func BenchmarkSealNote(b *testing.B) {
	k := must[*Key](b)(NewKey())
	note := strings.Repeat("She would like to start on the course in October. ", 40)
	for b.Loop() {
		if _, err := k.Open(k.Seal(note, "place"), "place"); err != nil {
			b.Fatal(err)
		}
	}
}
