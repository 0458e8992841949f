package nccis

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// coding is how a file's characters are written as bytes.
type coding uint8

const (
	utf8Coding coding = iota
	windowsCoding
	utf16LECoding
	utf16BECoding
)

// declarationMax is as far as an XML declaration may reach.
const declarationMax = 1024

// decoded finds out how the file is written and returns it as UTF-8, without
// its byte order mark. declared says that the file names its coding.
func decoded(r io.Reader) (text io.Reader, declared bool, err error) {
	start := make([]byte, declarationMax)
	n, err := io.ReadFull(r, start)
	start = start[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, false, err
	}
	if len(start) == 0 {
		return nil, false, &Rejection{Reason: "the file is empty", Do: doWholeFile}
	}
	all := io.MultiReader(bytes.NewReader(start), r)
	if err != nil {
		all = bytes.NewReader(start) // the whole file fitted
	}
	code, mark, certain := signature(start)
	if _, err := io.CopyN(io.Discard, all, int64(mark)); err != nil {
		return nil, false, err
	}
	if code == utf16LECoding || code == utf16BECoding {
		return utf16Text(all, start[mark:], code)
	}
	if what := notXML(start[mark:]); what != "" {
		return nil, false, &Rejection{Reason: "this is not an NCCIS file: " + what, Do: doNCCIS}
	}
	name := declaredEncoding(start[mark:])
	switch strings.ToLower(name) {
	case "":
		return all, false, nil
	case "utf-8", "utf8", "us-ascii", "ascii":
		return all, true, nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "windows-1252", "cp1252", "cp-1252":
		if certain {
			return nil, false, mixedCoding(name, "UTF-8")
		}
		return &windowsReader{src: all, buf: make([]byte, 32<<10)}, true, nil
	case "utf-16", "utf-16le", "utf-16be", "unicode", "ucs-2":
		return nil, false, mixedCoding(name, "one byte for a letter, as UTF-8 is")
	}
	return nil, false, &Rejection{Line: 1,
		Reason: "the file says that its characters are coded as " + quoted(name) + ", which Waymark does not read",
		Do:     "Export it again as UTF-8"}
}

// notXML says what a file is that does not begin as XML does; "" for one that
// may be XML.
func notXML(start []byte) string {
	for _, known := range []struct{ begins, what string }{
		{"PK\x03\x04", "it is a spreadsheet, a document or a zip file"},
		{"%PDF", "it is a PDF"},
		{"\x1f\x8b", "it is compressed (gzip): unpack it first"},
		{"\x89PNG", "it is a picture"}, {"\xff\xd8\xff", "it is a picture"}, {"GIF8", "it is a picture"},
	} {
		if bytes.HasPrefix(start, []byte(known.begins)) {
			return known.what
		}
	}
	text := bytes.TrimLeft(start, " \t\r\n")
	switch {
	case len(text) == 0 && len(start) < declarationMax:
		return "it holds nothing but white space"
	case len(text) > 0 && text[0] != '<':
		return "it does not begin as XML does, with <"
	}
	return ""
}

func mixedCoding(says, is string) *Rejection {
	return &Rejection{Line: 1,
		Reason: "the first line says that the file is coded as " + quoted(says) + ", but it is written in " + is,
		Do:     "Export it again as UTF-8, with encoding=\"UTF-8\" in its first line"}
}

// signature reads the byte order mark; without one, UTF-16 gives itself away
// by the zero in its first character. mark is the length of the mark.
func signature(b []byte) (code coding, mark int, certain bool) {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return utf8Coding, 3, true
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return utf16LECoding, 2, true
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return utf16BECoding, 2, true
	case bytes.HasPrefix(b, []byte{'<', 0}):
		return utf16LECoding, 0, true
	case bytes.HasPrefix(b, []byte{0, '<'}):
		return utf16BECoding, 0, true
	}
	return utf8Coding, 0, false
}

func utf16Text(all io.Reader, start []byte, code coding) (io.Reader, bool, error) {
	text := &utf16Reader{src: all, big: code == utf16BECoding, buf: make([]byte, 32<<10)}
	head := utf16Reader{src: bytes.NewReader(start), big: text.big, buf: make([]byte, declarationMax)}
	first, _ := io.ReadAll(&head)
	switch name := declaredEncoding(first); strings.ToLower(name) {
	case "", "utf-16", "utf-16le", "utf-16be", "unicode", "ucs-2":
		return text, true, nil
	default:
		return nil, false, mixedCoding(name, "UTF-16")
	}
}

// declaredEncoding is the encoding that the XML declaration names, "" where
// there is none. Whether the declaration is well formed is the scanner's
// business.
func declaredEncoding(b []byte) string {
	if !bytes.HasPrefix(b, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, rest, found := strings.Cut(string(b[:end]), "encoding")
	if !found {
		return ""
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	rest, found = strings.CutPrefix(rest, "=")
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !found || rest == "" || (rest[0] != '"' && rest[0] != '\'') {
		return ""
	}
	name, _, closed := strings.Cut(rest[1:], rest[:1])
	if !closed {
		return ""
	}
	return name
}

// windowsReader turns Windows-1252 into UTF-8. Files that say ISO-8859-1 are
// read so too, as browsers do: the two differ only where ISO-8859-1 has
// controls that no name contains.
type windowsReader struct {
	src  io.Reader
	buf  []byte
	left []byte
	err  error
}

// windowsHigh holds the characters 0x80 to 0x9F; the five that Windows-1252
// leaves open keep the number they have in ISO-8859-1.
const windowsHigh = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

func (w *windowsReader) Read(p []byte) (int, error) {
	if len(w.left) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		n, err := w.src.Read(w.buf)
		w.left, w.err = w.buf[:n], err
	}
	high := []rune(windowsHigh)
	n := 0
	for len(w.left) > 0 && n+utf8.UTFMax <= len(p) {
		b := w.left[0]
		w.left = w.left[1:]
		switch {
		case b < 0x80:
			p[n] = b
			n++
		case b < 0xA0:
			n += utf8.EncodeRune(p[n:], high[b-0x80])
		default:
			n += utf8.EncodeRune(p[n:], rune(b))
		}
	}
	return n, nil
}

// utf16Reader turns UTF-16 into UTF-8. Half a pair, or an odd last byte, comes
// out as a byte that UTF-8 has not, so that the scanner refuses it with its
// line.
type utf16Reader struct {
	src  io.Reader
	big  bool
	buf  []byte
	left []byte
	err  error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n+utf8.UTFMax <= len(p) {
		need := 2
		if len(u.left) >= 2 && utf16.IsSurrogate(rune(u.unit(0))) {
			need = 4
		}
		if len(u.left) < need {
			if n > 0 {
				return n, nil // give what there is before asking for more
			}
			if u.err != nil {
				if len(u.left) == 0 || u.err != io.EOF {
					return 0, u.err
				}
				u.left = nil
				p[0] = 0xFF
				return 1, nil
			}
			u.fill()
			continue
		}
		r := rune(u.unit(0))
		if need == 4 {
			r = utf16.DecodeRune(r, rune(u.unit(2)))
			if r == utf8.RuneError {
				p[n] = 0xFF
				n++
				u.left = u.left[2:]
				continue
			}
		}
		n += utf8.EncodeRune(p[n:], r)
		u.left = u.left[need:]
	}
	return n, nil
}

func (u *utf16Reader) unit(i int) uint16 {
	if u.big {
		return uint16(u.left[i])<<8 | uint16(u.left[i+1])
	}
	return uint16(u.left[i+1])<<8 | uint16(u.left[i])
}

func (u *utf16Reader) fill() {
	kept := copy(u.buf, u.left)
	n, err := u.src.Read(u.buf[kept:])
	u.left, u.err = u.buf[:kept+n], err
}
