package sheet

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// ran are the letters by which a spreadsheet takes a cell for a formula, or is led
// to (ux-security.md 5.9).
const ran = "=+-@\t\r\n\x00"

// Defuse keeps a spreadsheet from running a cell as a formula: before a leading
// = + - @, tab, line end or NUL it puts an apostrophe. It puts one more before a
// cell that looks as though that had been done, so that reading takes away what
// was added and no more.
func Defuse(cell string) string {
	if cell != "" && (strings.IndexByte(ran, cell[0]) >= 0 || cell[0] == '\'' && armed(cell) != cell) {
		return "'" + cell
	}
	return cell
}

// armed takes away the apostrophe of Defuse.
func armed(cell string) string {
	if rest := strings.TrimLeft(cell, "'"); rest != "" && len(rest) < len(cell) && strings.IndexByte(ran, rest[0]) >= 0 {
		return cell[1:]
	}
	return cell
}

// A CSV writes a file for people: UTF-8 with the mark by which spreadsheets know
// it, lines ended as they end them, formulas defused. Files for machines, of which
// no letter may change, are not written this way.
type CSV struct {
	out  *csv.Writer
	safe []string
}

// NewCSV starts a file.
func NewCSV(w io.Writer) (*CSV, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := &CSV{out: csv.NewWriter(w)}
	c.out.UseCRLF = true
	return c, nil
}

// Write writes a row.
func (c *CSV) Write(cells ...string) error {
	c.safe = c.safe[:0]
	for _, cell := range cells {
		c.safe = append(c.safe, Defuse(cell))
	}
	return c.out.Write(c.safe)
}

// Close writes what is left; it does not close what it was given.
func (c *CSV) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// An XLSX writes a workbook of one sheet: texts as texts, which no spreadsheet
// takes for formulas, and numbers as numbers.
type XLSX struct {
	book   *excelize.File
	stream *excelize.StreamWriter
	to     io.Writer
	row    int
}

// NewXLSX starts a workbook whose sheet has the name.
func NewXLSX(w io.Writer, sheet string) (*XLSX, error) {
	book := excelize.NewFile()
	x := &XLSX{book: book, to: w}
	err := book.SetSheetName("Sheet1", sheet)
	if err == nil {
		x.stream, err = book.NewStreamWriter(sheet)
	}
	if err != nil {
		book.Close()
		return nil, err
	}
	return x, nil
}

// Write writes a row of strings, ints, float64s and nils, which are empty cells.
func (x *XLSX) Write(cells ...any) error {
	x.row++
	at, err := excelize.CoordinatesToCellName(1, x.row)
	if err != nil {
		return err
	}
	return x.stream.SetRow(at, cells)
}

// Close writes the workbook out and lets go of it; it does not close what it was
// given.
func (x *XLSX) Close() error {
	err := x.stream.Flush()
	if err == nil {
		err = x.book.Write(x.to)
	}
	if closed := x.book.Close(); err == nil {
		err = closed
	}
	return err
}
