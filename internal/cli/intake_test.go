package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/app"
)

// typed gives the command as it is typed, on data of its own.
func typed(t *testing.T, data string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, told bytes.Buffer
	code = app.Main(append(args, "--data", data), strings.NewReader(""), &out, &told)
	return out.String(), told.String(), code
}

func TestImportOfAPartnersList(t *testing.T) {
	data := t.TempDir()
	if _, told, code := typed(t, data, "register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	file := filepath.Join(t.TempDir(), "roll.csv")
	if err := os.WriteFile(file, []byte("Stud No;Surname;Forename;Date of birth;Start date;Thing\n1;Oakmerstead;Robert;22/11/2009;27/09/2026;x\n2;Tarnbrook;Amina;31/02/2009;27/09/2026;y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, told, code := typed(t, data, "import", file); code != 2 || !strings.Contains(told, "--sender") {
		t.Errorf("without a sender: %d %s", code, told)
	}
	if _, told, code := typed(t, data, "import", file, "--sender", "Northshore College", "--map", "Nothing=DOB"); code != 2 || !strings.Contains(told, "no column called Nothing") {
		t.Errorf("a column that is none: %d %s", code, told)
	}
	args := []string{"import", file, "--sender", "Northshore College", "--kind", "full-roll", "--full", "--as-at", "2026-10-05", "--map", "Stud No=TheirRef", "--map", "Thing=", "--date-order", "day"}
	out, told, code := typed(t, data, args...)
	if code != 1 || !strings.Contains(out, "need a decision") || !strings.Contains(out, "31/02/2009") || !strings.Contains(out, "Nothing is changed yet") {
		t.Fatalf("the review ends with %d:\n%s\n%s", code, out, told)
	}
	if _, told, code := typed(t, data, append(args, "--apply")...); code != 2 || !strings.Contains(told, "nobody has decided") {
		t.Errorf("applied with a row that waits: %d %s", code, told)
	}
	out, told, code = typed(t, data, append(args, "--apply", "--skip-undecided", "--format", "json")...)
	var done struct {
		Ref, State string
		Act        int
		Counts     struct{ Read, New, Waiting int }
	}
	if err := json.Unmarshal([]byte(out), &done); err != nil || code != 0 || done.State != "applied" || done.Act == 0 || done.Counts.New != 1 {
		t.Fatalf("applied: %d %v %s %s", code, err, out, told)
	}
	if out, told, code := typed(t, data, "import", "--undo", done.Ref); code != 0 || !strings.Contains(out, "undone") {
		t.Errorf("undone: %d %s %s", code, out, told)
	}
	if _, told, code := typed(t, data, "import", "--undo", done.Ref); code != 2 || !strings.Contains(told, "Only a file that is applied") {
		t.Errorf("undone twice: %d %s", code, told)
	}
}
