package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// refusal opens and reads a file to its end, and returns why it was refused.
func refusal(t *testing.T, body []byte, l Limits) Refused {
	t.Helper()
	b, err := Open(bytes.NewReader(body), int64(len(body)), l)
	if err == nil {
		_, _, err = all(t, b, 0, Mark{})
	}
	var refused Refused
	if !errors.As(err, &refused) {
		t.Fatalf("it was not refused, but: %v", err)
	}
	return refused
}

func TestRefusedInWords(t *testing.T) {
	old := func(entries ...string) []byte {
		body := make([]byte, 4096)
		copy(body, compoundFile)
		for i, e := range entries {
			copy(body[1024+128*i:], wide(e))
		}
		return body
	}
	sized := make([]byte, 60)
	copy(sized, "\x00\x00\x00\x18ftypheic")
	truncated := bookOf(t, 500)
	for _, c := range []struct {
		name  string
		body  []byte
		words string
		row   int
	}{
		{"nothing", nil, "empty", 0},
		{"space alone", []byte("\ufeff \r\n\r\n"), "empty", 0},
		{"a picture named .csv", []byte("\x89PNG\r\n\x1a\n0000IHDR"), "picture", 0},
		{"a photograph", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "picture", 0},
		{"a telephone's photograph", sized, "picture", 0},
		{"PDF", []byte("%PDF-1.7\n%\xe2\xe3"), "PDF", 0},
		{"JSON", []byte("[ {\"name\": \"Ana\"} ]"), "JSON", 0},
		{"a password", old("Root Entry", "EncryptionInfo", "EncryptedPackage"), "password", 0},
		{"old workbook", old("Root Entry", "Workbook"), "Save As", 0},
		{"old document", old("Root Entry", "WordDocument"), "Word", 0},
		{"a web page named .xls", []byte("<html><table><tr><td>1"), "web page", 0},
		{"XML", []byte("<?xml version=\"1.0\"?><a/>"), "XML", 0},
		{"bytes", append([]byte("a,b\n1,2\n"), 0, 1, 2, 3), "no text", 3},
		{"control", []byte("a,b\n\x01\x02\x03\x04\x05\x06"), "no text", 0},
		{"NUL far down", append(bytes.Repeat([]byte("a,b\n"), 80_000), "x,\x00y\n"...), "NUL", 80_001},
		{"10,000 columns", []byte("a,b\n" + strings.Repeat("x,", 9999) + "x\n"), "more than 300 columns", 2},
		{"a quote never closed", []byte("a,b\n1,2\n3,\"open\n" + strings.Repeat("5,6\n", 9)), "never closed", 3},
		{"a quote never closed in a long file", []byte("a,b\n3,\"open\n" + strings.Repeat("5,6\n", 90_000)), "never closed", 2},
		{"a cell of 40 kB", []byte("a,b\n1,2\n1," + strings.Repeat("x", 40_000) + "\n"), "column B holds more than 32768", 3},
		{"a quoted cell of 40 kB", []byte("a,b\n1,\"" + strings.Repeat("x", 40_000) + "\"\n"), "column B holds more than 32768", 2},
		{"a line without end", bytes.Repeat([]byte("x"), 20<<20), "longer than 16 MB", 1},
		{"half a workbook", truncated[:len(truncated)/2], "damaged", 0},
		{"an archive", zipOf(t, "list.csv", "a,b"), "archive", 0},
		{"a Word document", zipOf(t, "word/document.xml", "<w/>"), "Word", 0},
		{"OpenDocument", zipOf(t, "mimetype", "x", "content.xml", "<a/>"), "OpenDocument", 0},
		{"a binary workbook", zipOf(t, "xl/workbook.bin", "x"), ".xlsb", 0},
		{"macros", parts(t, map[string]string{"xl/vbaProject.bin": "x"}), "macros", 0},
		{"macros under another name", parts(t, map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="m" Type="http://x/vbaProject" Target="m.bin"/></Relationships>`}), "macros", 0},
		{"no sheet", parts(t, map[string]string{"xl/workbook.xml": `<workbook/>`}), "no sheet", 0},
		{"a declared type", parts(t, map[string]string{"xl/worksheets/sheet1.xml": `<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>`}), "document type", 0},
		{"deep", parts(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat("<a>", 100_000)}), "deep", 0},
		{"cut short", parts(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1</v>`}), "damaged", 0},
		{"a text that is not there", parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(`<x:row><x:c t="s"><x:v>9</x:v></x:c></x:row>`)}), "row 1 names a text", 0},
		{"rows out of order", parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(`<x:row r="2"/><x:row r="1"/>`)}), "does not come after", 0},
		{"a row that cannot be", parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(`<x:row r="99999999"/>`)}), "does not come after", 0},
		{"a wide sheet", parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(`<x:row r="4"><x:c r="XFD4"><x:v>1</x:v></x:c></x:row>`)}), "more than 300 columns", 4},
		{"a long cell", parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(`<x:row r="4"><x:c r="B4" t="str"><x:v>` + strings.Repeat("x", 40_000) + `</x:v></x:c></x:row>`)}), "column B", 4},
		{"a zip bomb", parts(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat(" ", 20<<20)}), "more than 100 times", 0},
		{"a bomb that lies", lying(t), "damaged", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := refusal(t, c.body, Limits{})
			if !strings.Contains(got.Words, c.words) || got.Row != c.row {
				t.Errorf("row %d: %s\nshould be of row %d and say %q", got.Row, got.Words, c.row, c.words)
			}
		})
	}
}

func TestLimitsAreKept(t *testing.T) {
	many := map[string]string{}
	for i := range 40 {
		many[fmt.Sprint("xl/media/", i)] = "x"
	}
	for _, c := range []struct {
		name   string
		body   []byte
		limits Limits
		words  string
		row    int
	}{
		{"bytes", []byte("a,b\n1,2\n"), Limits{Bytes: 4}, "MB", 0},
		{"rows", []byte("a,b\n1,2\n\n3,4\n"), Limits{Rows: 2}, "more than 2 rows", 4},
		{"rows of a workbook", bookOf(t, 5), Limits{Rows: 4}, "more than 4 rows", 5},
		{"parts", parts(t, many), Limits{Entries: 20}, "parts inside", 0},
		{"unpacked", bookOf(t, 5), Limits{Unpacked: 1000}, "unpacked", 0},
		{"texts", bookOf(t, 50), Limits{Texts: 500}, "different texts", 0},
		{"sheets", written(t, func(f *excelize.File) error { _, err := f.NewSheet("Two"); return err }), Limits{Sheets: 1}, "more than 1 sheets", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := refusal(t, c.body, c.limits)
			if !strings.Contains(got.Words, c.words) || got.Row != c.row {
				t.Errorf("row %d: %s\nshould be of row %d and say %q", got.Row, got.Words, c.row, c.words)
			}
		})
	}
}

func zipOf(t *testing.T, namesAndBodies ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(namesAndBodies); i += 2 {
		w, err := z.Create(namesAndBodies[i])
		if err == nil {
			_, err = w.Write([]byte(namesAndBodies[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lying is a workbook whose list of parts says that a sheet of 20 MB has 1,000
// bytes.
func lying(t *testing.T) []byte {
	const size = 20 << 20
	body := parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf("") + strings.Repeat(" ", size)})
	full := uint32(len(sheetOf("")) + size)
	at := bytes.LastIndex(body, binary.LittleEndian.AppendUint32(nil, full))
	if at < 0 {
		t.Fatal("the size is not in the list of parts")
	}
	binary.LittleEndian.PutUint32(body[at:], 1000)
	return body
}
