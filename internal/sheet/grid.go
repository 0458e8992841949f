package sheet

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lastRow is the last row that a workbook's sheet can have.
const lastRow = 1 << 20

// grid goes through the rows of one sheet of a workbook.
type grid struct {
	*scanner
	w      *workbook
	limits Limits
	merged merges
	in     bool // within sheetData
	row    int  // number of the last row seen
	from   int  // rows up to it were read before
	given  int  // number of the last row given
	cells  []string
}

// rows reads a sheet. Where it goes on from a mark it reads over what came before.
func (w *workbook) rows(sheet int, l Limits, from Mark) (*Rows, error) {
	name := w.sheets[sheet]
	merged, err := w.findMerges(name)
	if err != nil {
		return nil, err
	}
	s, err := w.scan(name)
	if err != nil {
		return nil, err
	}
	g := &grid{scanner: s, w: w, limits: l, merged: merged, from: from.Row, given: from.Row, cells: make([]string, 0, 32)}
	return &Rows{next: g.next, mark: func() Mark { return Mark{Row: g.given} }, limit: l.Rows, count: from.Count}, nil
}

func (g *grid) next() (Row, error) {
	for {
		t, err := g.token()
		if err != nil {
			return Row{}, err
		}
		switch t := t.(type) {
		case nil:
			return Row{}, io.EOF
		case xml.StartElement:
			switch {
			case t.Name.Local == "sheetData":
				g.in = true
			case g.in && t.Name.Local == "row":
				if err := g.readRow(&t); err != nil {
					return Row{}, err
				}
				if len(g.cells) > 0 && g.row > g.from {
					g.given = g.row
					return Row{Number: g.row, Cells: g.cells}, nil
				}
			}
		case xml.EndElement:
			if g.in && t.Name.Local == "sheetData" {
				g.close()
				return Row{}, io.EOF
			}
		}
	}
}

// readRow reads the cells up to the end of the row; none are left where nothing
// stands in them.
func (g *grid) readRow(row *xml.StartElement) error {
	number := g.row + 1
	if r := attribute(row, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n <= g.row || n > lastRow {
			return damaged("row " + cut(r) + " does not come after row " + strconv.Itoa(g.row))
		}
		number = n
	}
	g.row, g.cells = number, g.cells[:0]
	column := -1
	for {
		t, err := g.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case nil:
			return damaged("a row has no end")
		case xml.EndElement:
			if t.Name.Local == "row" {
				if err := g.merged.fill(g); err != nil {
					return err
				}
				for n := len(g.cells); n > 0 && g.cells[n-1] == ""; n-- {
					g.cells = g.cells[:n-1]
				}
				return nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			column++
			if ref := attribute(&t, "r"); ref != "" {
				if column, err = columnOf(ref); err != nil {
					return err
				}
			}
			value, err := g.readCell(&t)
			if err == nil {
				err = g.set(column, value)
			}
			if err != nil {
				return err
			}
		}
	}
}

// set puts a value in its column.
func (g *grid) set(column int, value string) error {
	if value == "" {
		return nil
	}
	if column >= g.limits.Columns {
		return tooWide(g.row, g.limits)
	}
	if len(value) > g.limits.Cell && utf8.RuneCountInString(value) > g.limits.Cell {
		return tooLong(g.row, column, g.limits)
	}
	for len(g.cells) <= column {
		g.cells = append(g.cells, "")
	}
	g.cells[column] = value
	return nil
}

// readCell reads the value up to the end of the cell. A formula's text is passed
// over, and its value as it was last worked out taken.
func (g *grid) readCell(cell *xml.StartElement) (string, error) {
	kind, styled := attribute(cell, "t"), attribute(cell, "s")
	raw, inline, in := "", "", false
	for {
		t, err := g.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case nil:
			return "", damaged("a cell has no end")
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				in = true
			case "is":
				if inline, err = g.text("is"); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if in {
				raw += string(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v":
				in = false
			case "c":
				if kind == "inlineStr" {
					return inline, nil
				}
				return g.value(kind, styled, raw)
			}
		}
	}
}

// value is what a person sees of a cell.
func (g *grid) value(kind, styled, raw string) (string, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(raw))
		if raw == "" {
			return "", nil
		}
		if err != nil || n < 0 || n >= len(g.w.texts) {
			return "", damaged("row " + strconv.Itoa(g.row) + " names a text that is not there")
		}
		return g.w.texts[n], nil
	case "str":
		return unescaped(raw), nil
	case "b":
		if truth(raw) {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e":
		return raw, nil
	case "d":
		date, clock, _ := strings.Cut(raw, "T")
		if clock = strings.TrimSuffix(strings.TrimSuffix(clock, "Z"), ".000"); clock == "" || clock == "00:00:00" {
			return date, nil
		}
		return date + " " + clock, nil
	}
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", nil
	}
	var st style
	if n, err := strconv.Atoi(styled); err == nil && n >= 0 && n < len(g.w.styles) {
		st = g.w.styles[n]
	}
	return st.show(raw, g.w.y1904), nil
}

// columnOf is the number, from 0, of the column of a reference like AB12.
func columnOf(ref string) (int, error) {
	n, i := 0, 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		n = 26*n + int(c-'a') + 1
	}
	if i == 0 || i > 3 {
		return 0, damaged("there is no cell " + cut(ref))
	}
	return n - 1, nil
}
