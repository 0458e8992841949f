package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// oracle is what encoding/csv makes of the text, its lenient quotes on; more says
// whether it stopped at a fault of its own.
func oracle(body string) (rows [][]string, fault bool) {
	r := csv.NewReader(strings.NewReader(body))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, false
		}
		if err != nil {
			return rows, true
		}
		for i := range row {
			row[i] = armed(row[i])
		}
		rows = append(rows, row)
	}
}

// asOracle reads the text by commas and wants what the oracle says.
func asOracle(t *testing.T, body string) {
	b := &Book{Format: "CSV", Sheets: []string{""}, limits: DefaultLimits(), text: &text{r: strings.NewReader(body), size: int64(len(body)), delimiter: ',', end: '\n'}}
	got, _, err := all(t, b, 0, Mark{})
	want, fault := oracle(body)
	wide := false // beyond the widest sheet that is read, empty cells are left out and others refused
	for i, row := range want {
		if most := b.limits.Columns; len(row) > most {
			wide = wide || strings.Join(row[most:], "") != ""
			want[i] = row[:most]
		}
	}
	var refused Refused
	switch {
	case wide:
		if !errors.As(err, &refused) || !strings.Contains(refused.Words, "columns") && !strings.Contains(refused.Words, "never closed") {
			t.Fatalf("%q: %v, and a row is too wide", body, err)
		}
		return
	case errors.As(err, &refused) && strings.Contains(refused.Words, "never closed"):
		// The oracle gives the rest of the file as one cell.
		want = want[:max(0, len(want)-1)]
	case fault || err != nil:
		t.Fatalf("%q: %v, and the oracle's fault %v", body, err, fault)
	}
	if len(got) != len(want) {
		t.Fatalf("%q is %v, and by the oracle %q", body, got, want)
	}
	for i := range got {
		if !slices.Equal(got[i].Cells, want[i]) {
			t.Fatalf("%q: row %d is %q, and by the oracle %q", body, got[i].Number, got[i].Cells, want[i])
		}
	}
}

func csvSeeds() []string {
	return []string{"", "a,b\n1,2\n", "a,\"b\nc\"\r\n\"\"\"x\"\"\",\n", "\"open\n1,2", "a\"b,\"c\"d\",\r\n\r\n,", "'=x,\"'+1\"", "\"a\"\r", "\"\"\n\"\",\"\"", "x,\"\r\ny\"\r\n"}
}

func TestCSVAsTheOracle(t *testing.T) {
	for _, s := range append(csvSeeds(), strings.Repeat(",", 400), "a\n"+strings.Repeat(",", 400)+"b\n") {
		asOracle(t, s)
	}
	// All texts of up to seven of the letters that matter.
	const letters = "a,\"\n\r"
	var walk func(s string)
	walk = func(s string) {
		asOracle(t, s)
		if len(s) < 7 {
			for _, c := range letters {
				walk(s + string(c))
			}
		}
	}
	walk("")
}

func FuzzCSVAsTheOracle(f *testing.F) {
	for _, s := range csvSeeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !utf8.ValidString(body) || strings.ContainsRune(body, 0) || len(body) > 10_000 {
			t.Skip("the oracle neither mends letters nor has limits")
		}
		asOracle(t, body)
	})
}

// FuzzOpen reads whatever comes: it may be refused, and never more than that.
func FuzzOpen(f *testing.F) {
	for _, s := range csvSeeds() {
		f.Add([]byte(s))
		f.Add([]byte("\xff\xfe" + s))
	}
	f.Add(bookOf(f, 5))
	f.Add([]byte("sep=;\na;b\n\xe9;\xc3\xa9\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := Open(bytes.NewReader(body), int64(len(body)), Limits{})
		if err != nil {
			wantRefused(t, err)
			return
		}
		for i := range b.Sheets {
			rows, _, err := all(t, b, i, Mark{})
			if err != nil {
				wantRefused(t, err)
			}
			last := 0
			for _, r := range rows {
				if r.Number <= last || len(r.Cells) == 0 {
					t.Fatalf("row %d with %d cells comes after row %d", r.Number, len(r.Cells), last)
				}
				last = r.Number
				for _, c := range r.Cells {
					if !utf8.ValidString(c) || b.Format == "CSV" && strings.ContainsRune(c, 0) {
						t.Fatalf("row %d holds %q", r.Number, c)
					}
				}
			}
		}
	})
}

// FuzzSheet reads whatever stands in a sheet's part.
func FuzzSheet(f *testing.F) {
	f.Add(`<x:row><x:c t="s"><x:v>1</x:v></x:c></x:row>`)
	f.Add(`<x:row r="2"><x:c r="B2" s="1"><x:v>45000.5</x:v></x:c><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row>`)
	f.Add(`</x:sheetData><x:mergeCells><x:mergeCell ref="A1:XFD1048576"/>`)
	f.Fuzz(func(t *testing.T, rows string) {
		body := parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(rows)})
		b, err := Open(bytes.NewReader(body), int64(len(body)), Limits{})
		if err == nil {
			_, _, err = all(t, b, 0, Mark{})
		}
		if err != nil {
			wantRefused(t, err)
		}
	})
}

func wantRefused(t *testing.T, err error) {
	t.Helper()
	var refused Refused
	if !errors.As(err, &refused) || len(refused.Words) < 10 {
		t.Fatalf("the error is not in words for the sender: %v", err)
	}
}

// TestWorkbookAsExcelizeReadsIt compares texts and numbers with excelize, cell by
// cell.
func TestWorkbookAsExcelizeReadsIt(t *testing.T) {
	body := bookOf(t, 400)
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := all(t, open(t, body), 0, Mark{})
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d rows, not %d: %v", len(got), len(want), err)
	}
	for i := range want {
		if !slices.Equal(got[i].Cells, want[i]) {
			t.Errorf("row %d is %q, not %q", i+1, got[i].Cells, want[i])
		}
	}
}

// BenchmarkCSV tells what a row of a college's file costs.
func BenchmarkCSV(b *testing.B) {
	body := bytes.Repeat([]byte("1234567890,A123456789012,Wren,Curlewmarsh,2009-02-01,F,1 Quay Street,Saltmarsh,LW2 8WH,07700900123,A levels,2026-09-01\n"), 100_000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		book, err := Open(bytes.NewReader(body), int64(len(body)), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows(0, Mark{})
		if err != nil {
			b.Fatal(err)
		}
		for _, more := rows.Next(); more; _, more = rows.Next() {
		}
		if rows.Err() != nil {
			b.Fatal(rows.Err())
		}
	}
}

func BenchmarkXLSX(b *testing.B) {
	body := bookOf(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		book, err := Open(bytes.NewReader(body), int64(len(body)), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows(0, Mark{})
		if err != nil {
			b.Fatal(err)
		}
		for _, more := rows.Next(); more; _, more = rows.Next() {
		}
	}
}
