package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgconn"

	"waymark/internal/civil"
	"waymark/internal/nccis"
	"waymark/internal/nccis/nccistest"
)

func testReturn(t *testing.T, faults bool, la string) string {
	t.Helper()
	var b bytes.Buffer
	if err := nccistest.WriteFile(&b, 300, 3, faults, civil.MustParse("2026-05-31"), la); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// runCheck runs the command as it is typed, the file on standard input.
func runCheck(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var c Check
	k, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out, told bytes.Buffer
	err = c.Run(&Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &told, Ctx: context.Background()})
	var exit ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), told.String(), exit.Code
}

func TestCheckOfACleanFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "return.xml")
	if err := os.WriteFile(path, []byte(testReturn(t, false, "341")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, told, code := runCheck(t, "", path)
	if code != 0 || told != "" || !strings.Contains(out, "300 records checked by the requirement for 2026-27.\nNothing was found.") {
		t.Errorf("%d\n%s%s", code, out, told)
	}
	if out, _, code := runCheck(t, "", "--format", "json", path); out != "" || code != 0 {
		t.Errorf("%d, %s", code, out)
	}
	if out, _, _ := runCheck(t, "", "--format", "csv", path); out != "check,priority,record,position,field,value,message\n" {
		t.Errorf("%s", out)
	}
}

func TestCheckFindsTheSameInEachFormat(t *testing.T) {
	text := testReturn(t, true, "341")
	lines, _, code := runCheck(t, text, "--format", "json", "-")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	var objects []map[string]any
	for line := range strings.Lines(lines) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		if len(o) != 7 {
			t.Errorf("keys of %s", line)
		}
		objects = append(objects, o)
	}
	sheet, _, code := runCheck(t, text, "--format", "csv", "-")
	rows, err := csv.NewReader(strings.NewReader(sheet)).ReadAll()
	if err != nil || code != 1 || len(rows) != len(objects)+1 {
		t.Fatalf("%d rows for %d objects, exit %d, %v", len(rows), len(objects), code, err)
	}
	for i, o := range objects {
		for c, key := range rows[0] {
			if want, ok := o[key].(string); ok && rows[i+1][c] != want {
				t.Errorf("row %d, %s: %q, want %q", i+1, key, rows[i+1][c], want)
			}
		}
	}
	table, _, code := runCheck(t, text, "-")
	if code != 1 || strings.Count(table, "\n  ") < len(objects) || !strings.Contains(table, "Priority 1 (serious): ") {
		t.Errorf("exit %d\n%s", code, table)
	}
}

func TestAdvisoryFindingsAreNoFailure(t *testing.T) {
	text := testReturn(t, false, "341")
	from, to := strings.Index(text, "<YoungPersonsRecord>"), strings.Index(text, "</YoungPersonsRecord>")+len("</YoungPersonsRecord>")
	twin := strings.NewReplacer("1230000000001", "1230000009001", "<UniqueLearnerNo>", "<!--", "</UniqueLearnerNo>", "-->").Replace(text[from:to])
	out, _, code := runCheck(t, strings.Replace(text, "</NCCIS>", twin+"</NCCIS>", 1), "--format", "json", "-")
	if code != 0 || strings.Count(out, "\n") != 2 || !strings.Contains(out, `{"check":"908","priority":3,"record":"1230000000001","position":1,`) {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestCheckRefuses(t *testing.T) {
	text := testReturn(t, true, "341")
	for name, c := range map[string]struct {
		text string
		args []string
		want string
	}{
		"no file":            {"", []string{"no-such-file.xml"}, "no such file"},
		"a folder":           {"", []string{t.TempDir()}, "is a folder"},
		"an edition":         {text, []string{"--edition", "2031-32", "-"}, "Choose one of 2015-16, 2019-20, 2020-21, 2022-23, 2026-27"},
		"not XML":            {"hello", []string{"-"}, "the Department would refuse this file whole: this is not an NCCIS file"},
		"cut short":          {text[:len(text)/2], []string{"-"}, "the file ends before it is complete"},
		"an unknown element": {strings.Replace(text, "<Town>", "<Shoe/><Town>", 1), []string{"-"}, "record 1: <PersonalDetails> holds <Shoe>"},
		"no such authority":  {testReturn(t, false, "991"), []string{"-"}, "Northmere exists only in Waymark's demonstration"},
	} {
		for _, format := range []string{"table", "json", "csv"} {
			out, told, code := runCheck(t, c.text, append([]string{"--format", format}, c.args...)...)
			if code != 2 || !strings.HasPrefix(told, "Refused: ") || !strings.Contains(told, c.want) || strings.Count(told, "\n") < 2 {
				t.Errorf("%s: exit %d\n%s%s", name, code, told, out)
			}
			if name == "cut short" && format == "table" && !strings.Contains(out, "the rest of it was not checked") {
				t.Errorf("%s: %s", name, out)
			}
		}
	}
}

func TestCheckTellsOfTheDemonstration(t *testing.T) {
	text := strings.Replace(testReturn(t, false, "992"), "Invented for a test", nccis.DemoSupplier, 1)
	_, told, code := runCheck(t, text, "-")
	if code != 0 || !strings.Contains(told, "THIS IS A FILE OF THE DEMONSTRATION") {
		t.Errorf("exit %d\n%s", code, told)
	}
}

func TestCheckTellsOfAStandIn(t *testing.T) {
	var b bytes.Buffer
	if err := nccistest.WriteFile(&b, 3, 3, false, civil.MustParse("2025-05-31"), "341"); err != nil {
		t.Fatal(err)
	}
	if _, told, code := runCheck(t, b.String(), "-"); code != 0 || !strings.Contains(told, "stands in for it") {
		t.Errorf("exit %d\n%s", code, told)
	}
}

func TestCheckTellsOfAPeriodThatEndsAmidAMonth(t *testing.T) {
	file := strings.Replace(testReturn(t, false, "341"), "<PeriodEnd>2026-05-31<", "<PeriodEnd>2026-05-30<", 1)
	_, told, _ := runCheck(t, file, "-")
	if !strings.Contains(told, "PeriodEnd, 30 May 2026, is not the last day of a month") {
		t.Errorf("%q", told)
	}
}

func TestFormulasAreDefused(t *testing.T) {
	text := strings.Replace(testReturn(t, false, "341"), "<Ethnicity>", "<Ethnicity>=cmd|' /C calc'!A0", 1)
	out, _, _ := runCheck(t, text, "--format", "csv", "-")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 2 || !strings.HasPrefix(rows[1][5], "'=cmd|") {
		t.Errorf("%v, %v", rows, err)
	}
}

// A value cannot give a terminal orders or pretend to be another line.
func TestTheTableShowsValuesOnOneLine(t *testing.T) {
	text := strings.Replace(testReturn(t, false, "341"), "<Ethnicity>", "<Ethnicity>\nRecord 9&#x9b;[2J", 1)
	out, _, code := runCheck(t, text, "-")
	if code != 1 || strings.ContainsRune(out, '\u009b') || strings.Contains(out, "\nRecord 9") || !strings.Contains(out, `\u009b`) {
		t.Errorf("exit %d\n%q", code, out)
	}
}

// A disk without room says so to whoever gives any command.
func TestDataWithoutRoomIsTold(t *testing.T) {
	var out, told bytes.Buffer
	env := &Env{Stdout: &out, Stderr: &told, Ctx: context.Background(), Open: func(context.Context, Data) (*House, error) {
		return nil, fmt.Errorf("read the version of the data: %w", &pgconn.PgError{Code: "53100", Message: "could not extend file"})
	}}
	if code := Run([]string{"register", "list"}, env); code != 2 || !strings.Contains(told.String(), "make room there") || strings.Contains(told.String(), "53100") {
		t.Errorf("%d, %q", code, told.String())
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	var told bytes.Buffer
	c := Check{File: "-", Format: "json"}
	err := c.Run(&Env{Stdin: strings.NewReader(testReturn(t, true, "341")), Stdout: noRoom{}, Stderr: &told, Ctx: context.Background()})
	if !errors.Is(err, ExitError{Code: 2}) || !strings.Contains(told.String(), "no space left") {
		t.Errorf("%v, %s", err, &told)
	}
}

type noRoom struct{}

func (noRoom) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
