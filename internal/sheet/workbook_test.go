package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// bookOf is a workbook of so many rows, written by excelize.
func bookOf(t testing.TB, rows int) []byte {
	t.Helper()
	return written(t, func(f *excelize.File) error {
		for i := range rows {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &[]any{fmt.Sprint("Wren ", i), i, "same"}); err != nil {
				return err
			}
		}
		return nil
	})
}

func written(t testing.TB, fill func(*excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbookAsACollegeSendsIt(t *testing.T) {
	body := written(t, func(f *excelize.File) error {
		const s = "Sheet1"
		style := func(format string, builtIn int) int {
			st := &excelize.Style{NumFmt: builtIn}
			if format != "" {
				st.CustomNumFmt = &format
			}
			n, err := f.NewStyle(st)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		cell := func(at string, v any, style int) {
			if err := f.SetCellValue(s, at, v); err != nil {
				t.Fatal(err)
			}
			if style > 0 {
				if err := f.SetCellStyle(s, at, at, style); err != nil {
					t.Fatal(err)
				}
			}
		}
		cell("A1", "Northshore College: enrolments", 0)
		cell("A3", "Learner", 0)
		cell("C3", "Dates", 0)
		for _, m := range [][2]string{{"A3", "B3"}, {"C3", "D3"}, {"E5", "E6"}} {
			if err := f.MergeCell(s, m[0], m[1]); err != nil {
				return err
			}
		}
		for i, h := range []string{"ULN", "Name", "Born", "Start", "Course", "Attendance", "Phone", "Total"} {
			cell(fmt.Sprintf("%c4", 'A'+i), h, 0)
		}
		cell("A5", 1234567890.0, style("", 11)) // shown as 1.23E+09
		cell("B5", "Wren <Ann> & Co", 0)
		cell("C5", 39845, style("dd/mm/yyyy;@", 0))
		cell("D5", time.Date(2026, 9, 1, 14, 30, 0, 0, time.UTC), style("", 22))
		cell("E5", "A levels", 0)
		cell("F5", 0.955, style("0.0%", 0))
		cell("G5", 7700900123, style("00000000000", 0))
		if err := f.SetCellFormula(s, "H5", "1+1"); err != nil {
			return err
		}
		cell("A6", true, 0)
		cell("B6", 0.1+0.2, 0)
		cell("C6", 60, style("", 14))
		cell("D6", 0.5, style("h:mm AM/PM", 0))
		cell("F6", 1.5, style("[h]:mm", 0))
		cell("G6", 12.0, style(`0" metres"`, 0))
		if err := f.SetRowVisible(s, 6, false); err != nil {
			return err
		}
		if _, err := f.NewSheet("Codes"); err != nil {
			return err
		}
		if err := f.SetCellRichText("Codes", "B2", []excelize.RichTextRun{{Text: "two "}, {Text: "parts", Font: &excelize.Font{Bold: true}}}); err != nil {
			return err
		}
		return f.SetSheetVisible("Codes", false)
	})
	b := open(t, body)
	if b.Format != "XLSX" || strings.Join(b.Sheets, ",") != "Sheet1,Codes" || b.Hidden[0] || !b.Hidden[1] {
		t.Fatalf("%s %q %v", b.Format, b.Sheets, b.Hidden)
	}
	got, _, err := all(t, b, 0, Mark{})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, got,
		Row{1, []string{"Northshore College: enrolments"}},
		Row{3, []string{"Learner", "Learner", "Dates", "Dates"}},
		Row{4, []string{"ULN", "Name", "Born", "Start", "Course", "Attendance", "Phone", "Total"}},
		Row{5, []string{"1234567890", "Wren <Ann> & Co", "2009-02-01", "2026-09-01 14:30", "A levels", "95.5%", "07700900123"}},
		Row{6, []string{"TRUE", "0.3", "1900-02-29", "12:00", "A levels", "1.5", "12"}},
	)
	got, _, err = all(t, b, 1, Mark{})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, got, Row{2, []string{"", "two parts"}})
}

// parts is a workbook written by hand, as other programs than Excel write them.
func parts(t testing.TB, change map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"[Content_Types].xml":        `<Types/>`,
		"_rels/.rels":                `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<x:workbook xmlns:x="u" xmlns:r="v"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="One" sheetId="1" r:id="a"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="http://x/styles" Target="styles.xml"/><Relationship Id="c" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>first</t></si><si><r><t>se</t></r><rPh><t>spoken</t></rPh><r><t>cond_x000D_</t></r></si></sst>`,
		"xl/worksheets/sheet1.xml":   sheetOf(``),
	}
	for name, body := range change {
		all[name] = body
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(all[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
		delete(all, name)
	}
	for name, body := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(body))
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

// sheetOf is a sheet with the rows.
func sheetOf(rows string) string {
	return `<?xml version="1.0"?><x:worksheet xmlns:x="u"><x:sheetData>` + rows + `</x:sheetData><x:mergeCells><x:mergeCell ref="A1:C2"/></x:mergeCells></x:worksheet>`
}

func TestWorkbookOfOtherPrograms(t *testing.T) {
	b := open(t, parts(t, map[string]string{"xl/worksheets/sheet1.xml": sheetOf(
		`<x:row><x:c t="s"><x:v>1</x:v></x:c></x:row>` + // no references
			`<x:row><x:c r="D2" t="inlineStr"><x:is><x:t xml:space="preserve"> in </x:t></x:is></x:c></x:row>` +
			`<x:row r="7" hidden="1"><x:c r="B7" s="1"><x:v>0</x:v></x:c><x:c t="str"><x:f>A1</x:f><x:v>sheetData&gt; value</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c><x:c t="d"><x:v>2026-09-01T00:00:00</x:v></x:c><x:c><x:v>1.2E3</x:v></x:c></x:row>` +
			`<x:row r="8"><x:c r="B8" s="1"/></x:row>`)}))
	got, _, err := all(t, b, 0, Mark{})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, got,
		Row{1, []string{"second\r", "second\r", "second\r"}},
		Row{2, []string{"second\r", "second\r", "second\r", " in "}},
		Row{7, []string{"", "1904-01-01", "sheetData> value", "#N/A", "2026-09-01", "1200"}},
	)
}
