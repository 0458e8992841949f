package notice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waymark/internal/field"
	"waymark/internal/id"
)

// TestHostileFilesOfLeavers: each file is refused whole in plain words, or taken
// row by row, and what cannot be used is named by its row and column; of a file
// that is refused there is nothing.
func TestHostileFilesOfLeavers(t *testing.T) {
	const head = "Given name,Family name,Date of birth,Leaving date,Reason for leaving\n"
	files := []struct {
		name, text string
		refused    string // what the refusal says, "" for none
		given      []string
		rows       []int    // rows that could not be used
		says       []string // what is said of them
	}{
		{name: "empty", refused: "empty"},
		{name: "white space", text: " \n\n\t\n", refused: "empty"},
		{name: "no header", text: "Robin,Ash,03/03/2009,30/10/2026,Withdrew\n", refused: "Date of birth"},
		{name: "columns of another list", text: "UPN,Attendance\nA1,92%\n", refused: "It needs Given name"},
		{name: "a header alone", text: head, refused: "nobody"},
		{name: "one line of 9 MB", text: head + "Robin," + strings.Repeat("x", 9<<20) + ",03/03/2009,30/10/2026,\n", refused: "Row 2: the cell in column B"},
		{name: "nothing but quotes", text: head + `"` + strings.Repeat(`""`, 5000), refused: "Row 2: a quotation mark"},
		{name: "a picture", text: "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", refused: "not"},
		{name: "a zip that is no workbook", text: "PK\x03\x04" + strings.Repeat("\x00", 60), refused: "workbook"},
		{name: "UTF-8 with a byte order mark", text: "\ufeff" + head + "Zoë,Brontë,03/03/2009,30/10/2026,\n", given: []string{"Zoë"}},
		{name: "Windows-1252 with semicolons", text: strings.ReplaceAll(head, ",", ";") + "Zo\xeb;O\x92Hare;03/03/2009;30/10/2026;\n", given: []string{"Zoë"}},
		{name: "UTF-16", text: utf16(head + "Åsa,Brontë,03/03/2009,30/10/2026,\n"), given: []string{"Åsa"}},
		{name: "dates as Excel's numbers", text: head + "Robin,Ash,39875,46325,\n", given: []string{"Robin"}},
		{name: "a row twice", text: head + strings.Repeat("Wren,Ash,03/03/2009,30/10/2026,\n", 2), given: []string{"Wren"}},
		{name: "formulas", text: head + "=cmd|' /C calc'!A0,@SUM(1),03/03/2009,30/10/2026,\n", rows: []int{2}, says: []string{"Given name"}},
		{name: "no such day", text: head + "Robin,Ash,03/03/2009,31/02/2026,\nTess,Ash,04/03/2009,30/10/2026,\n", given: []string{"Tess"}, rows: []int{2}, says: []string{"Leaving date"}},
		{name: "a day to come in years", text: head + "Robin,Ash,03/03/2009,30/10/2062,\n", rows: []int{2}, says: []string{"Leaving date"}},
		{name: "older than their own leaving", text: head + "Robin,Ash,03/03/2027,30/10/2026,\n", rows: []int{2}, says: []string{"Date of birth"}},
		{name: "too few cells", text: head + "Robin\nTill,Ash,04/03/2009,30/10/2026\n,Ash,05/03/2009,29/10/2026\n", given: []string{"Till"}, rows: []int{4}, says: []string{"name"}},
		{name: "too many cells", text: head + "Merle,Ash,03/03/2009,30/10/2026,,,,,what,is,this\n", given: []string{"Merle"}},
		{name: "a reason of their own", text: head + "Linn,Ash,03/03/2009,30/10/2026,Went to sea\n", given: []string{"Linn"}},
		{name: "a name of control characters", text: head + "Ro\x01bin\x02,Ash,03/03/2009,30/10/2026,\n", given: []string{"Ro bin"}},
	}
	onBoth(t, func(t *testing.T, h *house) {
		for _, f := range files {
			before := h.givens()
			took, err := h.ReceiveFile(t.Context(), h.tutor, File{From: strings.NewReader(f.text), Size: int64(len(f.text)), Key: string(id.NewRef())})
			var wrong field.Errors
			if err != nil && !errors.As(err, &wrong) {
				t.Errorf("%s: %v", f.name, err)
				continue
			}
			got := h.givens()[len(before):]
			var rows []int
			var words []string
			for _, fault := range took.Faulty {
				rows, words = append(rows, fault.Row), append(words, fault.Words)
			}
			if (f.refused != "") != (wrong != nil) || wrong != nil && !strings.Contains(wrong[0].Message, f.refused) {
				t.Errorf("%s: refused with %v, want %q", f.name, wrong, f.refused)
			}
			if !slices.Equal(got, f.given) || !slices.Equal(rows, f.rows) {
				t.Errorf("%s: notices of %q, rows not used %v; want %q and %v", f.name, got, rows, f.given, f.rows)
			}
			for i, want := range f.says {
				if i < len(words) && !strings.Contains(words[i], want) {
					t.Errorf("%s: of row %d it says %q, which does not name %q", f.name, rows[i], words[i], want)
				}
			}
		}
	})
}

// givens are the given names of all notices, the first received first.
func (h *house) givens() []string {
	h.t.Helper()
	list, _, err := h.List(h.t.Context(), h.manager, Filter{}, 0, 1000)
	h.must(err)
	slices.SortFunc(list, func(a, b *Notice) int {
		return strings.Compare(fmt.Sprint(a.ReceivedAt.UnixNano()), fmt.Sprint(b.ReceivedAt.UnixNano()))
	})
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Given
	}
	return out
}

func utf16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range text {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}
