package sheet

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// window is how much of a CSV file is read at a time.
const window = 256 << 10

// longestRow is the most that one row may be before it is looked at.
const longestRow = 16 << 20

// parser finds rows in a window that moves over the text. A row becomes one string
// of which its cells are parts, so that a cell costs nothing of its own.
type parser struct {
	t      *text
	limits Limits
	in     io.Reader
	step   int    // bytes read at a time
	window []byte // unread text
	buffer []byte // where window lies
	done   bool   // in has ended
	nul    bool   // a NUL was read
	known  int    // in window, after the line that is being looked at
	line   int    // lines read
	offset int64  // bytes of the file read

	cells []string
	ends  []int  // of cells in plain
	plain []byte // of a row with quotes: its cells one after the other
	fixed []byte
}

func (p *parser) mark() Mark { return Mark{Row: p.line, Offset: p.offset} }

// fill reads more behind the window; io.EOF where there is no more.
func (p *parser) fill() error {
	if p.done {
		return io.EOF
	}
	if len(p.window) > longestRow {
		return refuse(p.line+1, "the row is longer than %d MB. Look for a quotation mark that is never closed, or whether the file is a list at all", longestRow>>20)
	}
	// What is left moves to the front; the buffer grows where it is most of it.
	if need := len(p.window) + p.step; cap(p.buffer) < need {
		p.buffer = make([]byte, max(need, 2*cap(p.buffer)))
	}
	n := copy(p.buffer[:cap(p.buffer)], p.window)
	got, err := io.ReadFull(p.in, p.buffer[n:n+p.step])
	p.window = p.buffer[:n+got]
	p.nul = p.nul || bytes.IndexByte(p.window[n:], 0) >= 0
	switch err {
	case nil:
		return nil
	case io.EOF, io.ErrUnexpectedEOF:
		p.done = true
		if got == 0 {
			return io.EOF
		}
		return nil
	}
	return err
}

// row is the next row that is not blank.
func (p *parser) row() (Row, error) {
	for {
		end, err := p.find(0)
		if err != nil {
			return Row{}, err
		}
		number := p.line + 1
		if bytes.IndexByte(p.window[:end], '"') < 0 {
			row, err := p.simple(end, number)
			if err != nil || len(row.Cells) > 0 {
				return row, err
			}
			continue
		}
		return p.quoted(number)
	}
}

// find is the place after the line in which the place from lies. What was found is
// kept, because each cell of a row with quotation marks asks again.
func (p *parser) find(from int) (end int, err error) {
	if from < p.known {
		return p.known, nil
	}
	seen := from
	for {
		if n := bytes.IndexByte(p.window[seen:], p.t.end); n >= 0 {
			p.known = seen + n + 1
			return p.known, nil
		}
		seen = len(p.window)
		if err := p.fill(); err == io.EOF {
			if seen == from {
				return 0, io.EOF
			}
			p.known = seen
			return seen, nil
		} else if err != nil {
			return 0, err
		}
	}
}

// content is a line without what ends it.
func (p *parser) content(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == p.t.end {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && p.t.end == '\n' && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// take moves the window behind a row of n bytes and so many lines.
func (p *parser) take(n, lines int) {
	if p.t.wide == nil {
		p.offset += int64(n)
	} else {
		for rest := p.window[:n]; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			p.offset += int64(2 * utf16.RuneLen(r))
			rest = rest[size:]
		}
	}
	p.window = p.window[n:]
	p.known = 0
	p.line += lines
}

// odd says that the bytes of a row are not all UTF-8; a NUL among them is refused.
func (p *parser) odd(row []byte, number int) (bool, error) {
	if p.nul && bytes.IndexByte(row, 0) >= 0 {
		return false, noText(number)
	}
	return p.t.wide == nil && !utf8.Valid(row), nil
}

// simple is a row without quotation marks.
func (p *parser) simple(end, number int) (Row, error) {
	line := p.content(p.window[:end])
	odd, err := p.odd(line, number)
	if err != nil {
		return Row{}, err
	}
	if odd {
		p.fixed = mended(p.fixed[:0], line)
		line = p.fixed
	}
	p.cells = p.cells[:0]
	if len(line) > 0 {
		s := string(line)
		start := 0
		for i := range len(s) {
			if s[i] == p.t.delimiter {
				if err := p.add(s[start:i], number); err != nil {
					return Row{}, err
				}
				start = i + 1
			}
		}
		if err := p.add(s[start:], number); err != nil {
			return Row{}, err
		}
	}
	p.take(end, 1)
	return Row{Number: number, Cells: p.cells}, nil
}

// add adds a cell. Cells beyond the last column that may be are left out as long
// as they are empty: programs write those for columns that were once used.
func (p *parser) add(cell string, number int) error {
	if len(p.cells) >= p.limits.Columns {
		if cell != "" {
			return tooWide(number, p.limits)
		}
		return nil
	}
	if len(cell) > p.limits.Cell && utf8.RuneCountInString(cell) > p.limits.Cell {
		return tooLong(number, len(p.cells), p.limits)
	}
	if len(cell) > 1 && cell[0] == '\'' {
		cell = armed(cell)
	}
	p.cells = append(p.cells, cell)
	return nil
}

// quoted is a row with quotation marks; line ends between them belong to it. As
// spreadsheets do, a mark in the middle of a cell is a letter, and so is one in
// quotes after which the cell goes on.
func (p *parser) quoted(number int) (Row, error) {
	p.plain, p.ends, p.cells = p.plain[:0], p.ends[:0], p.cells[:0]
	at, lines := 0, 0
	for {
		var last bool
		var err error
		if at < len(p.window) && p.window[at] == '"' {
			at, lines, last, err = p.quotedCell(at+1, lines, number)
		} else {
			at, last, err = p.openCell(at)
		}
		if err != nil {
			return Row{}, err
		}
		p.ends = append(p.ends, len(p.plain))
		if last {
			break
		}
	}
	// Marks and delimiters are ASCII, so a row that is UTF-8 has cells that are.
	odd, err := p.odd(p.window[:at], number)
	if err != nil {
		return Row{}, err
	}
	if odd {
		err = p.mendedCells(number)
	} else {
		err = p.split(string(p.plain), number)
	}
	if err != nil {
		return Row{}, err
	}
	p.take(at, lines+1)
	return Row{Number: number, Cells: p.cells}, nil
}

// split cuts the row's text into cells at their ends.
func (p *parser) split(s string, number int) error {
	start := 0
	for _, end := range p.ends {
		if err := p.add(s[start:end], number); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// mendedCells adds cells that were not UTF-8, each mended for itself, because their
// lengths change.
func (p *parser) mendedCells(number int) error {
	start := 0
	for _, end := range p.ends {
		p.fixed = mended(p.fixed[:0], p.plain[start:end])
		if err := p.add(string(p.fixed), number); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// openCell takes a cell without quotation marks around it. It gives the place
// after its delimiter, or after the line where it is the last.
func (p *parser) openCell(at int) (next int, last bool, err error) {
	end, err := p.find(at)
	if err == io.EOF {
		return at, true, nil // the text ends with a delimiter
	}
	if err != nil {
		return 0, false, err
	}
	line := p.content(p.window[at:end])
	if n := bytes.IndexByte(line, p.t.delimiter); n >= 0 {
		p.plain = append(p.plain, line[:n]...)
		return at + n + 1, false, nil
	}
	p.plain = append(p.plain, line...)
	return end, true, nil
}

// quotedCell takes the rest of a cell whose opening mark was read. lines counts
// the line ends in it.
func (p *parser) quotedCell(at, lines, number int) (next, lined int, last bool, err error) {
	opened, from := at, len(p.plain)
	for {
		end, err := p.find(at)
		if err == io.EOF {
			return 0, 0, false, neverClosed(number, len(p.ends), p.window[opened:min(len(p.window), opened+20)])
		}
		if err != nil {
			return 0, 0, false, err
		}
		line := p.window[at:end]
		n := bytes.IndexByte(line, '"')
		if n < 0 {
			p.plain = append(p.plain, p.content(line)...)
			if len(p.plain)-from > 4*p.limits.Cell {
				return 0, 0, false, neverClosed(number, len(p.ends), p.window[opened:min(len(p.window), opened+20)])
			}
			if line[len(line)-1] == p.t.end {
				p.plain = append(p.plain, '\n')
				lines++
			}
			at = end
			continue
		}
		p.plain = append(p.plain, line[:n]...)
		rest := line[n+1:]
		switch {
		case len(rest) > 0 && rest[0] == '"':
			p.plain = append(p.plain, '"')
			at += n + 2
		case len(rest) > 0 && rest[0] == p.t.delimiter:
			return at + n + 2, lines, false, nil
		case len(p.content(rest)) == 0:
			return end, lines, true, nil
		default:
			p.plain = append(p.plain, '"')
			at += n + 1
		}
	}
}
