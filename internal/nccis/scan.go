package nccis

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"unicode/utf8"
)

const (
	// window is how much of a file is held at a time.
	window = 256 << 10
	// nameMax, referenceMax and valueMax bound what a file may make us hold.
	nameMax      = 128
	referenceMax = 32
	valueMax     = 64 << 10
	recordMax    = 1 << 20
)

// scanner goes through the bytes of an XML file once, holding one window of
// it. It demands that the file be well formed and that every character be one
// that XML allows; what the elements mean is the reader's business.
type scanner struct {
	src io.Reader
	// buf[pos:end] is what is read, lawful and not yet used; buf[end:raw] is
	// the beginning of a character whose other bytes have not come.
	buf           []byte
	pos, end, raw int
	// lines counts the line ends before buf[0].
	lines int
	// stop says why nothing more will come: io.EOF, a fault of the reading, or
	// the rejection of the byte after buf[end-1].
	stop error
	// declared says that the file names its coding.
	declared bool
}

// more drops what is used and reads on. False means that nothing more comes.
func (s *scanner) more() bool {
	if s.stop != nil {
		return false
	}
	if s.buf == nil {
		s.buf = make([]byte, window)
	}
	if s.pos > 0 {
		s.lines += bytes.Count(s.buf[:s.pos], []byte{'\n'})
		copy(s.buf, s.buf[s.pos:s.raw])
		s.end, s.raw, s.pos = s.end-s.pos, s.raw-s.pos, 0
	}
	for tries := 0; s.stop == nil; tries++ {
		n, err := s.src.Read(s.buf[s.raw:])
		s.raw += n
		if err == nil && n == 0 && tries > 100 {
			err = io.ErrNoProgress
		}
		before := s.end
		s.admit(err)
		if s.end > before {
			return true
		}
	}
	return false
}

// admit moves end over the characters that are whole and lawful.
func (s *scanner) admit(err error) {
	good, cut := lawful(s.buf[s.end:s.raw])
	s.end += good
	switch {
	case s.end == s.raw || (cut && err == nil):
		s.stop = err
	case cut && !errors.Is(err, io.EOF):
		s.stop = err
	default:
		s.stop = s.unlawful(s.buf[s.end:s.raw])
	}
}

func (s *scanner) unlawful(b []byte) error {
	line := s.lines + bytes.Count(s.buf[:s.end], []byte{'\n'}) + 1
	r, size := utf8.DecodeRune(b)
	if r != utf8.RuneError || size > 1 {
		name := "a character that XML does not allow (" + unicodeName(r) + ")"
		if r == 0 {
			name = "a zero byte, which no text file has"
		} else if r < ' ' {
			name = "a control character (" + unicodeName(r) + "), which XML does not allow"
		}
		return &Rejection{Reason: "there is " + name, Do: doCharacters, Line: line}
	}
	says := "the file does not say how it is coded, so it should be UTF-8"
	if s.declared {
		says = "the file says UTF-8"
	}
	return &Rejection{Line: line,
		Reason: says + ", but this line has a character in another alphabet's coding",
		Do:     "Export it again as UTF-8; or, if it is Windows text, let its first line declare encoding=\"Windows-1252\""}
}

// lawful returns the length of the longest beginning of b that is whole
// characters of XML 1.0, and whether what follows may be one cut in two.
func lawful(b []byte) (n int, cut bool) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for n < len(b) {
		for n+8 <= len(b) { // eight plain letters at a time
			w := binary.LittleEndian.Uint64(b[n:])
			if odd := (w | (w-ones*0x20)&^w) & high; odd != 0 {
				n += bits.TrailingZeros64(odd) / 8
				break
			}
			n += 8
		}
		if n == len(b) {
			return n, false
		}
		c := b[n]
		switch {
		case c >= ' ' && c < utf8.RuneSelf, c == '\n', c == '\t', c == '\r':
			n++
		case c < ' ':
			return n, false
		default:
			r, size := utf8.DecodeRune(b[n:])
			if r == utf8.RuneError && size <= 1 {
				return n, !utf8.FullRune(b[n:])
			}
			if r == 0xFFFE || r == 0xFFFF {
				return n, false
			}
			n += size
		}
	}
	return n, false
}

// at is the byte i places on; 0, which no lawful text has, where there is none.
func (s *scanner) at(i int) byte {
	for s.pos+i >= s.end {
		if !s.more() {
			return 0
		}
	}
	return s.buf[s.pos+i]
}

// ahead says that the unread text begins with t.
func (s *scanner) ahead(t string) bool {
	for i := 0; i < len(t); i++ {
		if s.at(i) != t[i] {
			return false
		}
	}
	return true
}

// ended is the error for a file that stops where more must come: why nothing
// comes, or that it is cut short.
func (s *scanner) ended() error {
	if s.stop != nil && !errors.Is(s.stop, io.EOF) {
		return s.stop
	}
	return s.reject("the file ends before it is complete", doWholeFile)
}

// line is the number of the line that is being read.
func (s *scanner) line() int {
	return s.lines + bytes.Count(s.buf[:s.pos], []byte{'\n'}) + 1
}

func (s *scanner) reject(reason, do string) error {
	return &Rejection{Reason: reason, Do: do, Line: s.line()}
}

func white(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// space goes over white space and says that there was some.
func (s *scanner) space() bool {
	met := false
	for {
		for s.pos < s.end {
			if !white(s.buf[s.pos]) {
				return met
			}
			s.pos++
			met = true
		}
		if !s.more() {
			return met
		}
	}
}

func nameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf
}

func nameByte(c byte) bool {
	return nameStart(c) || c >= '0' && c <= '9' || c == '-' || c == '.'
}

// name reads a name, which is valid until the next call.
func (s *scanner) name(of string) ([]byte, error) {
	if c := s.at(0); c == 0 {
		return nil, s.ended()
	} else if !nameStart(c) {
		if of == "an element" {
			return nil, s.reject("there is a < that begins no element", doEscape)
		}
		return nil, s.reject("there is no name where "+of+" should begin", doExportAgain)
	}
	i := 1
	for {
		for s.pos+i < s.end && nameByte(s.buf[s.pos+i]) {
			i++
		}
		if i > nameMax {
			return nil, s.reject("the name of "+of+" is longer than any that the return has", doExportAgain)
		}
		if s.pos+i < s.end {
			break
		}
		if s.at(i) == 0 {
			return nil, s.ended()
		}
	}
	s.pos += i
	return s.buf[s.pos-i : s.pos], nil
}

// restOfTag goes over the attributes, which no edition uses, to the end of a
// start tag. empty says that the element closes itself.
func (s *scanner) restOfTag() (empty bool, err error) {
	var met map[string]bool
	for {
		spaced := s.space()
		switch c := s.at(0); {
		case c == '>':
			s.pos++
			return false, nil
		case c == '/':
			if s.at(1) == 0 {
				return false, s.ended()
			}
			if s.at(1) != '>' {
				return false, s.reject("a tag has a / that does not end it", doExportAgain)
			}
			s.pos += 2
			return true, nil
		case c == 0:
			return false, s.ended()
		case !spaced:
			return false, s.reject("a tag is not closed by >", doExportAgain)
		}
		if met == nil {
			met = map[string]bool{}
		}
		if err := s.attribute(met); err != nil {
			return false, err
		}
	}
}

// maxAttributes bounds what one tag may make the scanner remember.
const maxAttributes = 1000

// attribute goes over one; met are the names of those before it in the tag.
func (s *scanner) attribute(met map[string]bool) error {
	name, err := s.name("an attribute")
	if err != nil {
		return err
	}
	if met[string(name)] {
		return s.reject("an attribute stands twice in one tag", doExportAgain)
	}
	if len(met) == maxAttributes {
		return s.reject("a tag has more than a thousand attributes; the return needs none", doExportAgain)
	}
	met[string(name)] = true
	for _, c := range name {
		if c >= utf8.RuneSelf {
			return s.reject("an attribute has a name outside the alphabet that the return uses", doExportAgain)
		}
	}
	if bytes.Count(name, []byte{':'}) > 1 {
		return s.reject("the name of an attribute has more than one colon", doExportAgain)
	}
	s.space()
	if s.at(0) != '=' {
		if s.at(0) == 0 {
			return s.ended()
		}
		return s.reject("an attribute in a tag has no = and value", doExportAgain)
	}
	s.pos++
	s.space()
	quote := s.at(0)
	if quote == 0 {
		return s.ended()
	}
	if quote != '"' && quote != '\'' {
		return s.reject("an attribute's value is not in quotation marks", doExportAgain)
	}
	s.pos++
	for {
		switch c := s.at(0); c {
		case 0:
			return s.ended()
		case quote:
			s.pos++
			return nil
		case '<':
			return s.reject("there is a < inside a tag", doEscape)
		case '&':
			if _, err := s.reference(); err != nil {
				return err
			}
		default:
			s.pos++
		}
	}
}

// endTag reads the end tag of the element that was opened as name; its </ is
// next.
func (s *scanner) endTag(name string) error {
	s.pos += 2
	// The usual case needs no name of its own.
	if n := len(name); s.pos+n < s.end && string(s.buf[s.pos:s.pos+n]) == name && s.buf[s.pos+n] == '>' {
		s.pos += n + 1
		return nil
	}
	got, err := s.name("an end tag")
	if err != nil {
		return err
	}
	if string(got) != name {
		return s.reject("<"+name+"> is closed by </"+clip(got)+">", doExportAgain)
	}
	s.space()
	switch s.at(0) {
	case '>':
		s.pos++
		return nil
	case 0:
		return s.ended()
	}
	return s.reject("the end tag of "+name+" is not closed by >", doExportAgain)
}

// past goes on until after the text t, which holds no line end.
func (s *scanner) past(t string) error {
	for {
		if i := bytes.Index(s.buf[s.pos:s.end], []byte(t)); i >= 0 {
			s.pos += i + len(t)
			return nil
		}
		if keep := len(t) - 1; s.end-s.pos > keep {
			s.pos = s.end - keep // t may begin at the window's edge
		}
		if !s.more() {
			return s.ended()
		}
	}
}

// aside goes over a comment or a processing instruction; one of them is next.
func (s *scanner) aside() error {
	if s.at(1) == '!' {
		s.pos += len("<!--")
		if err := s.past("--"); err != nil {
			return err
		}
		switch s.at(0) {
		case '>':
			s.pos++
			return nil
		case 0:
			return s.ended()
		}
		return s.reject("there are two hyphens inside a comment, where XML allows none", doExportAgain)
	}
	s.pos += len("<?")
	target, err := s.name("a processing instruction")
	if err != nil {
		return err
	}
	if bytes.EqualFold(target, []byte("xml")) {
		return s.reject("an XML declaration (<?xml …?>) stands where it is not the very beginning of the file", "Delete what stands before it, an empty line too; or the second file that was joined to the first")
	}
	for _, c := range target {
		if c >= utf8.RuneSelf || c == ':' {
			return s.reject("a processing instruction has a name that XML does not allow", doExportAgain)
		}
	}
	if c := s.at(0); c != 0 && !white(c) && !s.ahead("?>") {
		return s.reject("a processing instruction (<? … ?>) is malformed", doExportAgain)
	}
	return s.past("?>")
}

// isAside says that a comment or a processing instruction is next.
func (s *scanner) isAside() bool {
	return s.at(0) == '<' && (s.at(1) == '?' || s.ahead("<!--"))
}
