package nccis

import (
	"bufio"
	"fmt"
	"io"
	"unicode/utf8"
)

// Writer writes one return: UTF-8, the schema's order, one element a line,
// nothing that is empty (nccis.md 1.1). An item that the edition does not hold
// is left out, because the file has no place for it.
type Writer struct {
	out     *bufio.Writer
	root    string
	records *item
	// held says which items the edition has.
	held [FieldCount]bool
	// line is the text of the record at hand; nothing of a record that cannot
	// be written reaches the file.
	line []byte
	err  error
}

// NewWriter writes the beginning of the file: declaration, root and header.
// The error says which value of the header XML cannot hold, or is the fault of
// the writing.
func NewWriter(w io.Writer, e *Edition, h Header) (*Writer, error) {
	out := &Writer{out: bufio.NewWriterSize(w, 64<<10), root: e.root()}
	for f := range FieldCount {
		out.held[f] = e.HasField(f)
	}
	top := theLayout().top
	out.records = top.byName["YoungPersonsRecord"].item
	out.line = fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s>\n", out.root)
	if err := out.header(top.byName["FileHeader"].item, &h, 1); err != nil {
		return nil, err
	}
	out.flushLine()
	return out, out.err
}

// Write writes one record. A value with a character that XML cannot hold is an
// error that names the record and the item, and nothing of the record is
// written.
func (w *Writer) Write(rec *Record) error {
	if w.err != nil {
		return w.err
	}
	w.line = w.line[:0]
	if err := w.node(w.records, rec, 1); err != nil {
		return err
	}
	w.flushLine()
	return w.err
}

// Close writes the end of the file. It does not close the writer beneath.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.line = append(append(append(w.line[:0], "</"...), w.root...), ">\n"...)
	w.flushLine()
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

func (w *Writer) flushLine() {
	if w.err == nil {
		_, w.err = w.out.Write(w.line)
	}
}

// header writes the FileHeader's nodes and values.
func (w *Writer) header(it *item, h *Header, depth int) error {
	w.indent(depth)
	w.tag("<", it.names[0], ">\n")
	for _, c := range it.children {
		if c.kind == nodeItem {
			if err := w.header(c, h, depth+1); err != nil {
				return err
			}
			continue
		}
		for _, v := range h.values(c.names[0]) {
			if v == "" {
				continue
			}
			if err := w.element(c.names[0], v, depth+1); err != nil {
				return fmt.Errorf("header, %s: %w", c.names[0], err)
			}
		}
	}
	w.indent(depth)
	w.tag("</", it.names[0], ">\n")
	return nil
}

func (h *Header) values(name string) []string {
	switch name {
	case "DatabaseId":
		return h.DatabaseIDs
	case "LEACode":
		return h.LEACodes
	case "DateOfSend":
		return []string{h.DateOfSend}
	case "PeriodEnd":
		return []string{h.PeriodEnd}
	case "SupplierName":
		return []string{h.SupplierName}
	case "SupplierXMLVersion":
		return []string{h.SupplierXMLVersion}
	}
	return []string{h.XMLSchemaVersion}
}

// node writes a node and what it holds; a node that holds nothing is taken
// back, unless every record must have it.
func (w *Writer) node(it *item, rec *Record, depth int) error {
	if it.field == ActivitiesNode && rec.NoActivities {
		return nil
	}
	before := len(w.line)
	w.indent(depth)
	w.tag("<", it.names[0], ">\n")
	inside := len(w.line)
	for _, c := range it.children {
		if err := w.member(c, rec, depth+1); err != nil {
			return err
		}
	}
	if len(w.line) == inside && !required(it) {
		w.line = w.line[:before]
		return nil
	}
	w.indent(depth)
	w.tag("</", it.names[0], ">\n")
	return nil
}

// required says that the schema demands the node, empty or not.
func required(it *item) bool {
	return it.field == WholeRecord || it.field == PersonalDetailsNode || it.names[0] == "LevelOfNeed"
}

func (w *Writer) member(it *item, rec *Record, depth int) error {
	switch it.kind {
	case nodeItem:
		return w.node(it, rec, depth)
	case codeItem:
		for _, c := range rec.Characteristics {
			if err := w.item(it, c, rec, depth); err != nil {
				return err
			}
		}
	case valueItem:
		if w.held[it.field] {
			return w.item(it, rec.Values[it.field], rec, depth)
		}
	}
	return nil
}

func (w *Writer) item(it *item, value string, rec *Record, depth int) error {
	if value == "" {
		return nil
	}
	if err := w.element(it.names[0], value, depth); err != nil {
		return fmt.Errorf("record %d (YoungPersonsID %q), %s: %w", rec.Position, rec.Values[YoungPersonsID], it.field, err)
	}
	return nil
}

func (w *Writer) element(name, value string, depth int) error {
	w.indent(depth)
	w.tag("<", name, ">")
	var err error
	if w.line, err = appendText(w.line, value); err != nil {
		return err
	}
	w.tag("</", name, ">\n")
	return nil
}

func (w *Writer) indent(depth int) {
	for range depth {
		w.line = append(w.line, "  "...)
	}
}

func (w *Writer) tag(open, name, end string) {
	w.line = append(append(append(w.line, open...), name...), end...)
}

// appendText escapes a value. What XML has no way to write is an error.
func appendText(b []byte, value string) ([]byte, error) {
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '\r':
			b = append(b, "&#xD;"...) // a plain one would be read as \n
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(value[i:])
			if r == utf8.RuneError && size == 1 {
				return b, fmt.Errorf("%s holds a byte that is no letter; type the value again", quoted(value))
			}
			if !lawfulRune(r) {
				return b, fmt.Errorf("%s holds the character %s, which XML cannot hold; type the value again", quoted(value), unicodeName(r))
			}
			b = append(b, value[i:i+size]...)
			i += size
			continue
		case !lawfulRune(rune(c)):
			return b, fmt.Errorf("%s holds the control character %s, which XML cannot hold; type the value again", quoted(value), unicodeName(rune(c)))
		default:
			b = append(b, c)
		}
		i++
	}
	return b, nil
}
