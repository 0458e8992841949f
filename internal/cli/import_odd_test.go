package cli_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func zipped(t *testing.T, names map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// secret is a workbook with a password.
func secret(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "curlew"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	macroTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`
	sheetHead  = `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
)

// TestImportRefusesWhatIsNoList tells of every file that is no list of people what
// it is and what to do, and holds nothing.
func TestImportRefusesWhatIsNoList(t *testing.T) {
	data := t.TempDir()
	if _, told, code := typed(t, data, "register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	for _, one := range []struct{ name, text, says string }{
		{"empty.csv", "", "empty"},
		{"photo.csv", "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01", 500), "picture"},
		{"letter.csv", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"},
		{"secret.xlsx", secret(t), "password"},
		{"macro.xlsm", zipped(t, map[string]string{"[Content_Types].xml": macroTypes, "xl/workbook.xml": "<workbook/>", "xl/vbaProject.bin": "x"}), "macro"},
		{"bomb.xlsx", zipped(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   sheetHead + strings.Repeat(" ", 64<<20) + "</sheetData></worksheet>"}), "unpacked"},
		{"wide.csv", strings.Repeat("a,", 10_000) + "b\n" + strings.Repeat("1,", 10_000) + "2\n", "column"},
	} {
		file := filepath.Join(t.TempDir(), one.name)
		if err := os.WriteFile(file, []byte(one.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, told, code := typed(t, data, "import", file, "--sender", "Northshore College", "--kind", "full-roll")
		if code != 2 || !strings.Contains(told, "Refused:") || !strings.Contains(strings.ToLower(told), strings.ToLower(one.says)) {
			t.Errorf("%s ends with %d: %s", one.name, code, told)
		}
		t.Logf("%s: %s", one.name, strings.TrimSpace(told))
	}
}

// oddRows are rows of which each has something wrong, among others that have not.
const oddRows = "Stud No,ULN,UPN,Surname,Forename,Date of birth,LA code,Start date\n" +
	"1,2000000001,C999400120001,Larkspur,Ana,22/11/2009,341,07/09/2026\n" +
	"2,1.23457E+09,,Tarnbrook,Amina,23/11/2009,341,07/09/2026\n" +
	"3,,R99940O120002,Fellgate,Iwan,24/11/2009,341,07/09/2026\n" +
	"4,,,Holtby,Leila,31/02/2009,341,07/09/2026\n" +
	"5,,,Sandgate,Kofi,40137,341,07/09/2026\n" +
	"6,,,Marram,\"=HYPERLINK(\"\"http://x.example\"\")\",25/11/2009,341,07/09/2026\n" +
	"7,,,Samphire,Maeve,26/11/2009,999,07/09/2026\n" +
	"Stud No,ULN,UPN,Surname,Forename,Date of birth,LA code,Start date\n" +
	"8,,,Dunlin,Ana & Ben,27/11/2009,341,07/09/2026\n" +
	"9,,,Groyne,Zofia,28/11/2009,341,07/09/2026\n" +
	"Total: 9,,,,,,,\n"

// TestImportNamesEachRowThatIsWrong holds nothing else up by it.
func TestImportNamesEachRowThatIsWrong(t *testing.T) {
	data := t.TempDir()
	if _, told, code := typed(t, data, "register", "add", "--name", "Invented", "--database-id", "123", "--authority", "341"); code != 0 {
		t.Fatal(told)
	}
	file := filepath.Join(t.TempDir(), "roll.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(oddRows)
	args := []string{"import", file, "--sender", "Northshore College", "--kind", "full-roll", "--as-at", "2026-10-05"}
	out, told, code := typed(t, data, args...)
	t.Log(out, told)
	if code != 1 {
		t.Fatalf("the review ends with %d", code)
	}
	for _, want := range []string{
		"row 3, column ULN, 1.23457E+09", "row 4, column UPN, R99940O120002", "row 5, column Date of birth, 31/02/2009", "row 6, column Date of birth, 40137",
		"row 7, column Forename", "row 8, column LA code, 999", "row 9", "row 10, column Forename, Ana & Ben", "row 12",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the review does not say %q", want)
		}
	}
	if out, told, code = typed(t, data, append(args, "--apply", "--skip-undecided")...); code != 0 || !strings.Contains(out, "applied") {
		t.Fatalf("the others were held up: %d\n%s\n%s", code, out, told)
	}
	if out, _, _ = typed(t, data, append(args, "--apply", "--skip-undecided")...); !strings.Contains(out, "This very file was applied already") || !strings.Contains(out, "Nothing was changed") {
		t.Errorf("the same file again:\n%s", out)
	}
	// Last month's file after this month's.
	write("Stud No,ULN,UPN,Surname,Forename,Date of birth,LA code,Start date\n1,2000000001,C999400120001,Larkspur,Anna,22/11/2009,341,07/09/2026\n")
	args[len(args)-1] = "2026-09-10"
	if out, told, code = typed(t, data, append(args, "--apply")...); code != 0 || !strings.Contains(out, "Nothing was changed") {
		t.Errorf("last month's file: %d\n%s\n%s", code, out, told)
	}
}
