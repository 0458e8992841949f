package sheet

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// text is a CSV file.
type text struct {
	r         io.ReaderAt
	size      int64
	start     int64 // where the first row begins, after the byte order mark and a sep= line
	startLine int   // the number of lines before it
	wide      *unicode.Endianness
	delimiter byte
	end       byte // of a line: \n, and \r where no \n is used
}

// openText finds out how a CSV file is written, by its head.
func openText(r io.ReaderAt, size int64, head []byte, l Limits) (*Book, error) {
	t := &text{r: r, size: size, end: '\n'}
	b := &Book{Format: "CSV", Sheets: []string{""}, Hidden: []bool{false}, limits: l, text: t}
	b.Encoding = t.encoding(head)
	sample := head
	if t.wide != nil {
		plain, _, err := transform.Bytes(unicode.UTF16(*t.wide, unicode.IgnoreBOM).NewDecoder(), head[t.start:len(head)&^1])
		if err != nil {
			return nil, err // the decoder replaces what it cannot read, so this is not of the file
		}
		sample = plain
	} else {
		sample = head[t.start:]
		if at := bytes.IndexByte(sample, 0); at >= 0 {
			return nil, refuse(1+bytes.Count(sample[:at], []byte("\n")), "the file holds bytes that are no text, so it is no CSV file, whatever its name says. Open the list in your spreadsheet program and save it as .xlsx or CSV")
		}
		if control(sample) {
			return nil, refuse(0, "the file is no text, so it is no CSV file, whatever its name says. Open the list in your spreadsheet program and save it as .xlsx or CSV")
		}
	}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		t.end = '\r'
	}
	t.delimiter = t.separator(sample)
	if t.delimiter == 0 {
		t.delimiter = guess(sample, t.end, int64(len(head)) < size)
	}
	b.Delimiter = string(rune(t.delimiter))
	return b, nil
}

// encoding names the encoding and sets where the text begins.
func (t *text) encoding(head []byte) string {
	little, big := unicode.LittleEndian, unicode.BigEndian
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		t.wide, t.start = &little, 2
		return "UTF-16LE"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		t.wide, t.start = &big, 2
		return "UTF-16BE"
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		t.start = 3
		return "UTF-8"
	}
	// Without a mark: every other byte of Latin letters in two bytes is 0.
	var zero [2]int
	first := head[:min(len(head), 4096)]
	for i, c := range first {
		if c == 0 {
			zero[i&1]++
		}
	}
	switch {
	case zero[1] > len(first)/3 && zero[0] < zero[1]/20:
		t.wide = &little
		return "UTF-16LE"
	case zero[0] > len(first)/3 && zero[1] < zero[0]/20:
		t.wide = &big
		return "UTF-16BE"
	}
	if !utf8.Valid(head[:whole(head)]) {
		return "Windows-1252"
	}
	return "UTF-8"
}

// whole is the length of head without a letter that is cut at its end.
func whole(head []byte) int {
	n := len(head)
	for i := 1; i < utf8.UTFMax && i <= n; i++ {
		if utf8.RuneStart(head[n-i]) {
			if !utf8.FullRune(head[n-i:]) {
				return n - i
			}
			break
		}
	}
	return n
}

// control says that so much of a sample is control characters that nobody wrote it.
func control(sample []byte) bool {
	n := 0
	for _, c := range sample {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			n++
		}
	}
	return n > len(sample)/50
}

// separator reads a first line like sep=; by which spreadsheets are told the
// delimiter, and steps over it; 0 where there is none.
func (t *text) separator(sample []byte) byte {
	n := bytes.IndexByte(sample, t.end)
	if n < 0 || n > 16 {
		return 0
	}
	line := strings.TrimSpace(strings.Trim(strings.TrimRight(string(sample[:n]), "\r"), `"`))
	if strings.HasSuffix(string(sample[:min(len(sample), 5)]), "\t") {
		line = "sep=\t"
	}
	if len(line) != 5 || !strings.EqualFold(line[:4], "sep=") || !slices.Contains(delimiters(), line[4]) {
		return 0
	}
	width := int64(1)
	if t.wide != nil {
		width = 2
	}
	t.start += width * int64(n+1)
	t.startLine = 1
	return line[4]
}

func delimiters() []byte { return []byte{',', ';', '\t', '|'} }

// guess is the delimiter by which the most rows of the sample have one and the same
// number of cells, the more cells the better.
func guess(sample []byte, end byte, part bool) byte {
	const rows = 200
	if n := bytes.LastIndexByte(sample, end); part && n > 0 {
		sample = sample[:n+1]
	}
	best, bestScore := delimiters()[0], 0.0
	for _, d := range delimiters() {
		widths, n := map[int]int{}, 0
		p := &parser{t: &text{delimiter: d, end: end}, limits: Limits{Columns: 1 << 20, Cell: 1 << 30}, window: sample, done: true}
		for n < rows {
			row, err := p.row()
			if err != nil {
				break
			}
			widths[len(row.Cells)]++
			n++
		}
		for width, count := range widths {
			share := float64(count) / float64(max(1, n))
			score := share * share * float64(min(width-1, 12))
			if count == n {
				score *= 100 // an address has commas in nearly every row, and its heading none
			}
			if width > 1 && score > bestScore {
				best, bestScore = d, score
			}
		}
	}
	return best
}

// rows reads from the mark on.
func (t *text) rows(l Limits, from Mark) *Rows {
	start, line := t.start, t.startLine
	if from.Offset > 0 {
		start, line = from.Offset, from.Row
	}
	var in io.Reader = io.NewSectionReader(t.r, start, t.size-start)
	if t.wide != nil {
		in = transform.NewReader(in, unicode.UTF16(*t.wide, unicode.IgnoreBOM).NewDecoder())
	}
	step := int(min(window, 2*max(1, t.size-start))) // two bytes may be three in UTF-8
	p := &parser{t: t, limits: l, in: in, step: step, line: line, offset: start}
	return &Rows{next: p.row, mark: p.mark, limit: l.Rows, count: from.Count}
}

// mended is the row's text with what is no UTF-8 read as Windows-1252, letter by
// letter: files are pasted together from both.
func mended(out, row []byte) []byte {
	for len(row) > 0 {
		r, n := utf8.DecodeRune(row)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(row[0])
		}
		out = utf8.AppendRune(out, r)
		row = row[n:]
	}
	return out
}

// noText refuses a row with a NUL.
func noText(row int) error {
	return refuse(row, "the row holds a byte that is no text (NUL): the file was damaged, or is no CSV file. Export the list again")
}

// neverClosed refuses a quotation mark that swallows the rest of the file.
func neverClosed(row, column int, opened []byte) error {
	return refuse(row, "a quotation mark opens in column %s (%s) and is never closed, so that everything after it would be one cell. Delete the mark, or close it", ColumnName(column), cut(fmt.Sprintf("%q", opened)))
}
