package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func open(t testing.TB, body []byte) *Book {
	t.Helper()
	b, err := Open(bytes.NewReader(body), int64(len(body)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// all are the rows of a sheet, their numbers and cells kept.
func all(t testing.TB, b *Book, sheet int, from Mark) ([]Row, Mark, error) {
	t.Helper()
	rows, err := b.Rows(sheet, from)
	if err != nil {
		return nil, Mark{}, err
	}
	var out []Row
	for {
		row, more := rows.Next()
		if !more {
			return out, rows.Mark(), rows.Err()
		}
		out = append(out, Row{row.Number, slices.Clone(row.Cells)})
	}
}

func wantRows(t *testing.T, got []Row, want ...Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("there are %d rows, not %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if got[i].Number != want[i].Number || !slices.Equal(got[i].Cells, want[i].Cells) {
			t.Errorf("row %d is %d %q, not %d %q", i, got[i].Number, got[i].Cells, want[i].Number, want[i].Cells)
		}
	}
}

func TestCSVAsPeopleSaveIt(t *testing.T) {
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy, s string) string {
		out, err := unicode.UTF16(e, bom).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ansi := func(s string) string {
		out, err := charmap.Windows1252.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	list := "Forename,Surname\r\nZoë,O’Dell\r\nAnaïs,Curlew\r\n"
	rows := []Row{{1, []string{"Forename", "Surname"}}, {2, []string{"Zoë", "O’Dell"}}, {3, []string{"Anaïs", "Curlew"}}}
	for _, c := range []struct {
		name, body, encoding, delimiter string
		want                            []Row
	}{
		{"plain", list, "UTF-8", ",", rows},
		{"marked", "\ufeff" + list, "UTF-8", ",", rows},
		{"Windows", ansi(list), "Windows-1252", ",", rows},
		{"pasted together from two", list + ansi("Zoë,Dunlin\n"), "Windows-1252", ",", append(slices.Clone(rows), Row{4, []string{"Zoë", "Dunlin"}})},
		{"Unicode text", utf16(unicode.LittleEndian, unicode.UseBOM, strings.ReplaceAll(list, ",", "\t")), "UTF-16LE", "\t", rows},
		{"Unicode text, big end first", utf16(unicode.BigEndian, unicode.UseBOM, list), "UTF-16BE", ",", rows},
		{"Unicode text without a mark", utf16(unicode.LittleEndian, unicode.IgnoreBOM, list), "UTF-16LE", ",", rows},
		{"semicolons", strings.ReplaceAll(list, ",", ";"), "UTF-8", ";", rows},
		{"bars", strings.ReplaceAll(list, ",", "|"), "UTF-8", "|", rows},
		{"told", "sep=|\r\nForename|Surname, first\r\n", "UTF-8", "|", []Row{{2, []string{"Forename", "Surname, first"}}}},
		{"told a tab", "sep=\t\nForename\tSurname\n", "UTF-8", "\t", []Row{{2, []string{"Forename", "Surname"}}}},
		{"old Macintosh", strings.ReplaceAll(list, "\r\n", "\r"), "UTF-8", ",", rows},
		{"addresses with commas", "Name;Address;DOB\n" + strings.Repeat("Wren;1, Quay Street, Saltmarsh, LW2 8WH;1\n", 3), "UTF-8", ";",
			[]Row{{1, []string{"Name", "Address", "DOB"}}, {2, []string{"Wren", "1, Quay Street, Saltmarsh, LW2 8WH", "1"}}, {3, []string{"Wren", "1, Quay Street, Saltmarsh, LW2 8WH", "1"}}, {4, []string{"Wren", "1, Quay Street, Saltmarsh, LW2 8WH", "1"}}}},
		{"one column", "UPN\nX1\n", "UTF-8", ",", []Row{{1, []string{"UPN"}}, {2, []string{"X1"}}}},
		{"line ends in a cell", "a,b\n\"1\r\n2\",x\n3,4", "UTF-8", ",", []Row{{1, []string{"a", "b"}}, {2, []string{"1\n2", "x"}}, {4, []string{"3", "4"}}}},
		{"quotes askew", "a,b\nthe \"Hut\",\"x\"y\"\n\"\",\"a\"\"b\"\n", "UTF-8", ",", []Row{{1, []string{"a", "b"}}, {2, []string{"the \"Hut\"", "x\"y"}}, {3, []string{"", "a\"b"}}}},
		{"blank lines", "a,b\n\n\r\n1,2\n,\n", "UTF-8", ",", []Row{{1, []string{"a", "b"}}, {4, []string{"1", "2"}}, {5, []string{"", ""}}}},
		{"formulas as we defuse them", "a,b\n'=1+1,'t Hooft\n'+44 1,''=x\n", "UTF-8", ",", []Row{{1, []string{"a", "b"}}, {2, []string{"=1+1", "'t Hooft"}}, {3, []string{"+44 1", "'=x"}}}},
		{"delimiters to the right", "a,b\n1,2" + strings.Repeat(",", 16000) + "\n", "UTF-8", ",", []Row{{1, []string{"a", "b"}}, {2, append([]string{"1", "2"}, make([]string, 298)...)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, []byte(c.body))
			if b.Encoding != c.encoding || b.Delimiter != c.delimiter || b.Format != "CSV" || len(b.Sheets) != 1 {
				t.Errorf("it is %s in %s by %q, not %s by %q", b.Format, b.Encoding, b.Delimiter, c.encoding, c.delimiter)
			}
			got, _, err := all(t, b, 0, Mark{})
			if err != nil {
				t.Fatal(err)
			}
			wantRows(t, got, c.want...)
		})
	}
}

// TestMarks goes on from each row of files long enough for several windows.
func TestMarks(t *testing.T) {
	var body strings.Builder
	for i := range 9000 {
		body.WriteString([]string{"Zoë,1 Quay Street,2009-01-02", "\"O’Dell, Ana\",\"line\nbreak\",𐐷", "", "x,\"\"\"y\"\"\",z"}[i%4] + "\r\n")
	}
	wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(body.String())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"UTF-8": body.String(), "UTF-16": wide, "workbook": string(bookOf(t, 300))} {
		b := open(t, []byte(body))
		want, end, err := all(t, b, 0, Mark{})
		if err != nil {
			t.Fatal(name, err)
		}
		if end.Count != len(want) || len(want) < 300 {
			t.Fatalf("%s: the mark at the end counts %d of %d rows", name, end.Count, len(want))
		}
		rows, err := b.Rows(0, Mark{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			rows.Next()
			if i%97 != 0 && i != len(want)-1 {
				continue
			}
			written, err := json.Marshal(rows.Mark())
			if err != nil {
				t.Fatal(err)
			}
			var mark Mark
			if err := json.Unmarshal(written, &mark); err != nil {
				t.Fatal(err)
			}
			got, last, err := all(t, b, 0, mark)
			if err != nil || last != end {
				t.Fatalf("%s: from row %d on it ends at %v, not %v: %v", name, i, last, end, err)
			}
			wantRows(t, got, want[i+1:]...)
		}
	}
}

func TestDefusingIsTakenBackExactly(t *testing.T) {
	for _, cell := range []string{"", "=1", "+44", "-", "@x", "'", "''", "'=1", "''=1", "'t Hooft", "\tx", "\rx", "\nx", "a=1", "'x", "'-"} {
		safe := Defuse(cell)
		if safe != "" && strings.IndexByte("=+-@\t\r\n\x00", safe[0]) >= 0 {
			t.Errorf("%q is still a formula: %q", cell, safe)
		}
		if back := armed(safe); back != cell {
			t.Errorf("%q is written %q and read %q", cell, safe, back)
		}
	}
}

func TestDefusing(t *testing.T) {
	for cell, want := range map[string]string{"@x": "'@x", "-1": "'-1", "+44": "'+44", "\t=1": "'\t=1", "\r=1": "'\r=1", "=1": "'=1", "a=1": "a=1", "": "", "Zoë": "Zoë", "O'Neill": "O'Neill"} {
		if got := Defuse(cell); got != want {
			t.Errorf("%q is written %q", cell, got)
		}
	}
}

func TestWrittenIsRead(t *testing.T) {
	rows := [][]string{{"Name", "Note"}, {"=cmd", "'=x"}, {"a, \"b\"", "1\n2"}, {"Zoë", "-"}}
	var file bytes.Buffer
	w, err := NewCSV(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file.String(), "'=cmd") {
		t.Error("the formula was not defused")
	}
	got, _, err := all(t, open(t, file.Bytes()), 0, Mark{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if !slices.Equal(got[i].Cells, rows[i]) {
			t.Errorf("%q came back as %q", rows[i], got[i].Cells)
		}
	}
	file.Reset()
	x, err := NewXLSX(&file, "People")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Write("Name", "=A1", 7, 0.5, nil, "x"), x.Close()); err != nil {
		t.Fatal(err)
	}
	b := open(t, file.Bytes())
	got, _, err = all(t, b, 0, Mark{})
	if err != nil || b.Sheets[0] != "People" {
		t.Fatal(b.Sheets, err)
	}
	wantRows(t, got, Row{1, []string{"Name", "=A1", "7", "0.5", "", "x"}})
}

// failing is a disk that breaks.
type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestAFaultOfTheDiskIsNoFaultOfTheFile(t *testing.T) {
	_, err := Open(failing{}, 10, Limits{})
	var refused Refused
	if errors.As(err, &refused) || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error is %v", err)
	}
}
