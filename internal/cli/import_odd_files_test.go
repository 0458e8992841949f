package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/intake/intaketest"
)

// importWords is the command that somebody types who has such a file.
func importWords(t *testing.T, f *intaketest.File) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), f.Name)
	if err := os.WriteFile(file, f.Body(t), 0o600); err != nil {
		t.Fatal(err)
	}
	words := []string{"import", file, "--sender", f.From, "--as-at", f.AsAt}
	if f.Kind != "" {
		words = append(words, "--kind", f.Kind)
	}
	if f.Place {
		words = append(words, "--place")
	}
	if f.Whole {
		words = append(words, "--full")
	}
	for question, answer := range f.Answers {
		switch kind, _, _ := strings.Cut(question, ":"); kind {
		case "names":
			words = append(words, "--name-order", strings.TrimSuffix(answer, " first"))
		case "dates":
			words = append(words, "--date-order", strings.TrimSuffix(answer, " first"))
		default:
			t.Fatalf("%s: no flag answers %s", f.Name, question)
		}
	}
	return words
}

// takes takes a file in by the command, the first time, and gives its reference.
func (d *desk) takes(f *intaketest.File) string {
	d.t.Helper()
	out, told, code := d.types(append(importWords(d.t, f), "--apply", "--skip-undecided", "--format", "json")...)
	var done struct {
		Ref, State string
		Counts     struct{ Read, New, Changed, Unchanged, Waiting, Unusable, Skipped int }
	}
	if err := json.Unmarshal([]byte(out), &done); err != nil || code != 0 || done.State != "applied" {
		d.t.Fatalf("%s: ends with %d, %v\n%s\n%s", f.Name, code, err, out, told)
	}
	c := done.Counts
	if got := [7]int{c.Read, c.New, c.Changed, c.Unchanged, c.Waiting, c.Unusable, c.Skipped}; got != f.Comes {
		d.t.Errorf("%s: comes to %v, not %v\n%s\n%s", f.Name, got, f.Comes, out, told)
	}
	return done.Ref
}

// Every odd file goes in the first time by the command, and comes to what it comes
// to by the service. A month later they are taken back, the last first, and after
// each the register is what it was before that file, to the last fact.
func TestImportOddFilesAndTakeThemBack(t *testing.T) {
	onEachEngine(t, func(d *desk) {
		var refs []string
		before := [][]string{d.facts()}
		files := intaketest.All()
		for _, f := range files {
			refs = append(refs, d.takes(&f))
			held := d.facts()
			came, _ := intaketest.Besides(before[len(before)-1], held)
			for _, want := range f.Holds {
				if !strings.Contains(strings.Join(came, "\n"), want) {
					d.t.Errorf("%s: the register does not hold %q, but\n%s", f.Name, want, strings.Join(came, "\n"))
				}
			}
			before = append(before, held)
		}
		d.day = "2026-12-12"
		for i := len(refs) - 1; i >= 0; i-- {
			if out, told, code := d.types("import", "--undo", refs[i], "--reason", "The wrong list"); code != 0 {
				d.t.Fatalf("%s: taking it back ends with %d\n%s\n%s", files[i].Name, code, out, told)
			}
			if diff := cmp.Diff(before[i], d.facts()); diff != "" {
				d.t.Fatalf("%s taken back, the register is not what it was (-was +is):\n%s", files[i].Name, diff)
			}
		}
	})
}
