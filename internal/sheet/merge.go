package sheet

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
)

// merge is a block of cells that are shown as one, which holds the value of its
// first.
type merge struct {
	top, bottom, left, right int
	value                    string
}

// merges are those of a sheet, by their first row.
type merges struct {
	waiting []merge
	open    []merge // that the row at hand lies in
}

// mostMerges is how many a sheet may have; each is held.
const mostMerges = 200_000

// findMerges reads the list of merged cells, which stands behind the rows that it
// is about: the part is unpacked once more, and only what is behind them looked at.
func (w *workbook) findMerges(name string) (merges, error) {
	f := w.parts[name]
	if f == nil {
		return merges{}, damaged("a sheet is missing")
	}
	in, err := f.Open()
	if err != nil {
		return merges{}, asDamage(err)
	}
	defer in.Close()
	rest, err := behindRows(&bounded{in, min(int64(f.UncompressedSize64), w.limits.Unpacked)})
	if err != nil || rest == nil {
		return merges{}, asDamage(err)
	}
	var m merges
	d := xml.NewDecoder(rest)
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return merges{}, asDamage(err)
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "mergeCell" {
			continue
		}
		if len(m.waiting) >= mostMerges {
			return merges{}, refuse(0, "a sheet has more than %d merged cells. Take the merging off, and send the file again", mostMerges)
		}
		if one, ok := readMerge(attribute(&e, "ref")); ok {
			m.waiting = append(m.waiting, one)
		}
	}
	slices.SortStableFunc(m.waiting, func(a, b merge) int { return cmp.Compare(a.top, b.top) })
	return m, nil
}

// behindRows reads over the rows; nil where they have no end.
func behindRows(in io.Reader) (io.Reader, error) {
	const word = "sheetData>"
	const longest = len("</:"+word) + 32 // with a prefix
	buffer, held := make([]byte, 128<<10), 0
	for {
		n, err := in.Read(buffer[held:])
		here := buffer[:held+n]
		for from := 0; ; {
			at := bytes.Index(here[from:], []byte(word))
			if at < 0 {
				break
			}
			end := from + at + len(word)
			// No text can hold <, so what begins with </ is the end of the element.
			if open := bytes.LastIndexByte(here[:from+at], '<'); open >= 0 && bytes.HasPrefix(here[open:], []byte("</")) {
				return io.MultiReader(bytes.NewReader(here[end:]), in), nil
			}
			from = end
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		held = min(len(here), longest)
		copy(buffer, here[len(here)-held:])
	}
}

// readMerge reads a block like A1:D1.
func readMerge(ref string) (merge, bool) {
	first, last, ok := strings.Cut(ref, ":")
	if !ok {
		return merge{}, false
	}
	left, top, ok1 := readRef(first)
	right, bottom, ok2 := readRef(last)
	return merge{top: top, bottom: bottom, left: left, right: right}, ok1 && ok2 && left <= right && top <= bottom
}

func readRef(ref string) (column, row int, ok bool) {
	column, err := columnOf(ref)
	if err != nil {
		return 0, 0, false
	}
	row, err = strconv.Atoi(strings.TrimLeft(strings.ToUpper(ref), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	return column, row, err == nil && row > 0
}

// fill repeats the values of merged cells over the part of their blocks that lies
// in the row at hand.
func (m *merges) fill(g *grid) error {
	m.open = slices.DeleteFunc(m.open, func(o merge) bool { return o.bottom < g.row })
	for len(m.waiting) > 0 && m.waiting[0].top <= g.row {
		one := m.waiting[0]
		m.waiting = m.waiting[1:]
		if one.top == g.row && one.left < len(g.cells) && g.cells[one.left] != "" {
			one.value = g.cells[one.left]
			m.open = append(m.open, one)
		}
	}
	// Blocks never lie over each other, so a row is in no more than it has columns.
	if len(m.open) > g.limits.Columns {
		return damaged("merged cells lie over each other in row " + strconv.Itoa(g.row))
	}
	for _, o := range m.open {
		for column := o.left; column <= min(o.right, g.limits.Columns-1); column++ {
			if column < len(g.cells) && g.cells[column] != "" {
				continue
			}
			if err := g.set(column, o.value); err != nil {
				return err
			}
		}
	}
	return nil
}
