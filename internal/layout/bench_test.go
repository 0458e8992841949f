package layout

import (
	"fmt"
	"testing"
)

// collegeRows are rows of twelve columns as a college sends them, with few
// cells that need more than a look.
func collegeRows(n int) (Mapping, [][]string) {
	m := Mapping{Kind: "full-roll", HeaderRow: 1, HeaderRows: 1, AsAt: asAt}
	for i, c := range []struct {
		header string
		item   Item
	}{{"Ref", TheirRef}, {"ULN", ULN}, {"Surname", Family}, {"Forename", Given}, {"DOB", DOB}, {"Sex", Sex}, {"Postcode", Postcode}, {"Mobile", Mobile},
		{"Email", Email}, {"Course", Course}, {"Start", Start}, {"End", PredictedEnd}} {
		m.Columns = append(m.Columns, MappedColumn{At: i, Header: c.header, Item: c.item, Dates: DayFirst})
	}
	rows := make([][]string, n)
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("S%06d", i), ulnAfter(100000000 + i*37), "Quillfeather", "Tomos", fmt.Sprintf("%02d/%02d/%d", i%28+1, i/28%12+1, 2007+i%4), "MF"[i%2 : i%2+1],
			fmt.Sprintf("QX%d %dAB", i%90+1, i%9), fmt.Sprintf("07700%06d", i), fmt.Sprintf("s%d@college.example", i), fmt.Sprintf("BTEC L3 FT %d", i%40), "07/09/2026", "30/06/2028"}
	}
	return m, rows
}

// ulnAfter is the first unique learner number whose nine figures are n or more.
func ulnAfter(n int) string {
	for ; ; n++ {
		sum := 0
		for i, d := 0, fmt.Sprint(n); i < 9; i++ {
			sum += int(d[i]-'0') * (10 - i)
		}
		if sum%11 != 0 {
			return fmt.Sprint(n, 10-sum%11)[:9] + fmt.Sprint(10-sum%11)
		}
	}
}

// BenchmarkRead reads rows of twelve columns that are right as they stand.
func BenchmarkRead(b *testing.B) {
	m, rows := collegeRows(20000)
	k, _ := FindKind(m.Kind)
	r, err := NewReader(m, k, latestWords(b))
	if err != nil {
		b.Fatal(err)
	}
	var row Row
	for i, cells := range rows {
		if r.Read(i+2, cells, &row); len(row.Problems) > 0 || row.Skip != "" {
			b.Fatalf("row %d is not clean: %+v", i+2, row)
		}
	}
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		r.Read(at+2, rows[at], &row)
		if at++; at == len(rows) {
			at = 0
		}
	}
}

// BenchmarkUnderstand looks at the first 300 rows of a file.
func BenchmarkUnderstand(b *testing.B) {
	m, cells := collegeRows(300)
	k, _ := FindKind(m.Kind)
	head := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		head[i] = c.Header
	}
	rows := []Sample{{1, head}}
	for i, c := range cells {
		rows = append(rows, Sample{i + 2, c})
	}
	for b.Loop() {
		if p := Understand(rows, k, nil); len(p.Columns) != 12 {
			b.Fatal(len(p.Columns))
		}
	}
}

// TestCleanRowsCostNoAllocation holds what the million rows of an intake rest on.
func TestCleanRowsCostNoAllocation(t *testing.T) {
	m, rows := collegeRows(200)
	k, _ := FindKind(m.Kind)
	r, err := NewReader(m, k, latestWords(t))
	if err != nil {
		t.Fatal(err)
	}
	var row Row
	read := func() {
		for i, cells := range rows {
			r.Read(i+2, cells, &row)
		}
	}
	read()
	if n := testing.AllocsPerRun(5, read); n > 0 {
		t.Errorf("200 clean rows cost %v allocations", n)
	}
}
