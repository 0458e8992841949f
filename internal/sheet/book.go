package sheet

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits is how much a file may be. A limit of 0 is the default one.
type Limits struct {
	Bytes    int64 // of the file
	Unpacked int64 // of a workbook, unpacked
	Ratio    int64 // unpacked to packed, of one part of a workbook
	Entries  int   // parts of a workbook
	Sheets   int   // of a workbook
	Columns  int   // that hold anything
	Cell     int   // letters of a cell
	Rows     int   // of a sheet
	Texts    int64 // bytes of a workbook's shared texts, which are held in memory
}

// DefaultLimits are the limits of ux-security.md 5.9.
func DefaultLimits() Limits {
	return Limits{Bytes: 200 << 20, Unpacked: 1 << 30, Ratio: 100, Entries: 2000, Sheets: 100, Columns: 300, Cell: 32 << 10, Rows: 2_000_000, Texts: 96 << 20}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ v, d *int64 }{{&l.Bytes, &d.Bytes}, {&l.Unpacked, &d.Unpacked}, {&l.Ratio, &d.Ratio}, {&l.Texts, &d.Texts}} {
		if *f.v == 0 {
			*f.v = *f.d
		}
	}
	for _, f := range []struct{ v, d *int }{{&l.Entries, &d.Entries}, {&l.Sheets, &d.Sheets}, {&l.Columns, &d.Columns}, {&l.Cell, &d.Cell}, {&l.Rows, &d.Rows}} {
		if *f.v == 0 {
			*f.v = *f.d
		}
	}
	return l
}

// Refused is why a file, or what is left of it, cannot be read, in the words of
// whoever sent it: what is wrong, and what to do. Row is the row where it is, 0
// where it is the file as such.
type Refused struct {
	Words string
	Row   int
}

// Error is the words, with the row before them where there is one.
func (r Refused) Error() string {
	if r.Row > 0 {
		return "row " + strconv.Itoa(r.Row) + ": " + r.Words
	}
	return r.Words
}

func refuse(row int, format string, args ...any) error {
	return Refused{Words: fmt.Sprintf(format, args...), Row: row}
}

// Book is a file of rows: a CSV file, which has one sheet, or a workbook. It may
// be used by many at once; each reads by Rows of its own.
type Book struct {
	// Format is CSV or XLSX.
	Format string
	// Encoding and Delimiter are how a CSV file is written: UTF-8, UTF-16LE,
	// UTF-16BE or Windows-1252, and one of , ; | and tab.
	Encoding, Delimiter string
	// Sheets are the names of the sheets in their order; a CSV file's one has none.
	Sheets []string
	// Hidden says of each sheet whether the program shows it only when asked.
	Hidden []bool

	limits Limits
	text   *text
	work   *workbook
}

// Open looks at a file's first bytes, not at its name, and says what it is. What
// cannot be read is Refused; any other error is of r.
func Open(r io.ReaderAt, size int64, l Limits) (*Book, error) {
	l = l.orDefault()
	if size > l.Bytes {
		return nil, refuse(0, "the file has %d MB; at most %d MB can be taken. Send it in parts, or leave out sheets and pictures", (size+1<<20-1)>>20, l.Bytes>>20)
	}
	head := make([]byte, min(size, sniffed))
	if n, err := r.ReadAt(head, 0); err != nil && !(errors.Is(err, io.EOF) && n == len(head)) {
		if errors.Is(err, io.EOF) {
			return nil, refuse(0, "the file ends before it should: not all of it arrived. Send it again")
		}
		return nil, err
	}
	workbook, err := sniff(r, size, head)
	if err != nil {
		return nil, err
	}
	if workbook {
		return openWorkbook(r, size, l)
	}
	return openText(r, size, head, l)
}

// Row is one row. Number is as the program that wrote the file shows it, from 1;
// of a CSV file the line on which the row begins. Cells may be used until the next
// call of Next, and each string for ever.
type Row struct {
	Number int
	Cells  []string
}

// Mark is a place between two rows of one sheet of one file, from which reading
// can go on later, in another process too. The zero Mark is the beginning.
type Mark struct {
	// Row is the number of the last row that was read (XLSX), or the number of
	// lines that were (CSV).
	Row int `json:"row"`
	// Count is how many rows were read.
	Count int `json:"count"`
	// Offset is the byte where the next row begins, of a CSV file.
	Offset int64 `json:"offset,omitempty"`
}

// Rows goes through the rows of one sheet. Rows in which nothing stands are left
// out; hidden ones are not.
type Rows struct {
	next  func() (Row, error) // io.EOF at the end
	mark  func() Mark
	limit int
	count int
	err   error
}

// Rows reads the sheet, numbered from 0, from the mark on.
func (b *Book) Rows(sheet int, from Mark) (*Rows, error) {
	if sheet < 0 || sheet >= len(b.Sheets) {
		return nil, fmt.Errorf("sheet: there is no sheet %d among %d", sheet, len(b.Sheets))
	}
	if b.text != nil {
		return b.text.rows(b.limits, from), nil
	}
	return b.work.rows(sheet, b.limits, from)
}

// Next is the next row; false at the end, and where something is wrong, which Err
// tells.
func (r *Rows) Next() (Row, bool) {
	if r.err != nil {
		return Row{}, false
	}
	row, err := r.next()
	if err != nil {
		r.err = err
		return Row{}, false
	}
	if r.count++; r.count > r.limit {
		r.err = refuse(row.Number, "the file has more than %d rows. Send it in parts", r.limit)
		return Row{}, false
	}
	return row, true
}

// Err is why reading ended before the end: Refused, or an error of the file's
// reader. It is nil at the end.
func (r *Rows) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

// Mark is the place after the row that Next gave last.
func (r *Rows) Mark() Mark {
	m := r.mark()
	m.Count = r.count
	return m
}

// ColumnName is the name that spreadsheets give a column, numbered from 0: A, Z,
// AA.
func ColumnName(at int) string {
	var b [8]byte
	i := len(b)
	for at++; at > 0 && i > 0; at = (at - 1) / 26 {
		i--
		b[i] = byte('A' + (at-1)%26)
	}
	return string(b[i:])
}

// tooWide refuses a row that goes on beyond the limit.
func tooWide(row int, l Limits) error {
	return refuse(row, "the row has more than %d columns. Keep the columns that are about the people, and delete the others", l.Columns)
}

// tooLong refuses a cell that is longer than any that is typed.
func tooLong(row, column int, l Limits) error {
	return refuse(row, "the cell in column %s holds more than %d letters. Shorten it, or delete the column", ColumnName(column), l.Cell)
}

// cut shortens what is shown of a value.
func cut(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
