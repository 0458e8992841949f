package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/reference"
	"waymark/internal/register"
)

func TestReferenceCommands(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (stdout, stderr string, code int) {
		var out, told bytes.Buffer
		env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &told, Ctx: context.Background(), Open: func(ctx context.Context, _ Data) (*House, error) {
			d, err := db.OpenEvery(ctx, db.Settings{Dir: dir})
			if err != nil {
				return nil, err
			}
			h := &House{DB: d, Registers: &register.Service{DB: d}, Reference: &reference.Service{DB: d}}
			h.Register, err = h.Registers.Choose(ctx, "")
			return h, err
		}}
		code = Run(append([]string{"reference"}, args...), env)
		return out.String(), told.String(), code
	}
	d, err := db.OpenEvery(context.Background(), db.Settings{Dir: dir, Now: dbtest.SQLite(t).Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Sandmere", DatabaseID: "468", Authorities: []register.Authority{{Code: "344", Name: "Sandmere"}}}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	sample := func(name string) string { return filepath.Join("..", "reference", "testdata", name) }

	if out, _, code := run("list"); code != 0 || !strings.Contains(out, "Nothing is loaded") {
		t.Errorf("an empty list: %d %q", code, out)
	}
	out, told, code := run("load", "--area", "QX1", "--format", "json", sample("NSPL_MAY_2025_UK.csv"))
	var report struct {
		Ref, Kind, Edition, Areas string
		Rows                      int
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.Rows != 4 || report.Kind != "postcodes" || report.Edition != "NSPL May 2025" || report.Areas != "QX1" {
		t.Fatalf("load: %d %q %q %v", code, out, told, err)
	}
	if out, _, code := run("load", "--area", "QX1", sample("NSPL_MAY_2025_UK.csv")); code != 0 || !strings.Contains(out, "nothing was changed") {
		t.Errorf("the same file again: %d %q", code, out)
	}
	if out, _, code := run("list"); code != 0 || !strings.Contains(out, "in force") || !strings.Contains(out, report.Ref) {
		t.Errorf("list: %d %q", code, out)
	}
	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("UPN,Surname\r\nx,y\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, told, code := run("load", people); code != 2 || !strings.Contains(told, "Refused: The file is none of those") {
		t.Errorf("a list of people: %d %q", code, told)
	}
	if _, told, code := run("load", filepath.Join(dir, "absent.csv")); code != 2 || told == "" {
		t.Errorf("no file: %d %q", code, told)
	}
	if out, _, code := run("undo", report.Ref); code != 0 || !strings.Contains(out, "is taken back. Nothing is loaded in its place.") {
		t.Errorf("undo: %d %q", code, out)
	}
	if _, told, code := run("undo", report.Ref); code != 2 || !strings.Contains(told, "Only what is loaded can be taken back") {
		t.Errorf("undo twice: %d %q", code, told)
	}
	if out, _, code := run("list", "--all", "--format", "json"); code != 0 || !strings.Contains(out, `"undone_by"`) {
		t.Errorf("the whole list: %d %q", code, out)
	}
}
