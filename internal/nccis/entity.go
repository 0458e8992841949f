package nccis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// reference decodes the & that is next: one of the five that XML has by
// itself, or a character's number. No other is ever expanded, wherever the
// file may declare it, so nothing can be fetched or multiplied by one.
func (s *scanner) reference() (rune, error) {
	i := 1
	for ; i < referenceMax; i++ {
		c := s.at(i)
		if c == ';' {
			break
		}
		if c == 0 {
			return 0, s.ended()
		}
		if !nameByte(c) && c != '#' {
			return 0, s.reject("there is a bare & sign", doEscape)
		}
	}
	if i == referenceMax {
		return 0, s.reject("there is an & sign that no ; closes", doEscape)
	}
	name := s.buf[s.pos+1 : s.pos+i]
	r, ok := predefined(string(name))
	if !ok {
		if len(name) > 0 && name[0] != '#' {
			return 0, s.reject("it uses &"+clip(name)+"; — an entity that XML does not have by itself, and Waymark, like the Department, follows no definitions inside a file",
				"Ask the supplier to write the character itself in place of &"+clip(name)+";")
		}
		return 0, s.reject("&"+clip(name)+"; is not the number of a character that XML allows", doEscape)
	}
	s.pos += i + 1
	return r, nil
}

func predefined(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !lawfulRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

func lawfulRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != 0xFFFE && r != 0xFFFF && utf8.ValidRune(r)
}

// prolog reads what stands before the root: the XML declaration, comments, and
// a DOCTYPE, which is gone over and never followed.
func (s *scanner) prolog() error {
	if s.ahead("<?xml") && white(s.at(5)) {
		if err := s.declaration(); err != nil {
			return err
		}
	}
	doctype := false
	for {
		s.space()
		switch {
		case s.at(0) == 0:
			return s.ended()
		case s.at(0) != '<':
			return s.reject("there is text before the first element of the file", doNCCIS)
		case s.isAside():
			if err := s.aside(); err != nil {
				return err
			}
		case s.ahead("<!DOCTYPE") && !doctype:
			doctype = true
			if err := s.doctype(); err != nil {
				return err
			}
		case s.at(1) == '!':
			return s.reject("there is a <! … > that a return cannot hold before its first element", doExportAgain)
		default:
			return nil
		}
	}
}

// declaration reads <?xml version="1.0" …?>.
func (s *scanner) declaration() error {
	i := len("<?xml")
	for ; !(s.at(i) == '?' && s.at(i+1) == '>'); i++ {
		if s.at(i) == 0 {
			return s.ended()
		}
		if i > declarationMax || s.at(i) == '<' {
			return s.reject("the XML declaration in the first line is not closed by ?>", doExportAgain)
		}
	}
	text := bytes.TrimLeft(s.buf[s.pos+len("<?xml"):s.pos+i], " \t\r\n")
	s.pos += i + 2
	rest, ok := bytes.CutPrefix(text, []byte("version"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	rest, eq := bytes.CutPrefix(rest, []byte("="))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if !ok || !eq || !(bytes.HasPrefix(rest, []byte(`"1.0"`)) || bytes.HasPrefix(rest, []byte(`'1.0'`))) {
		return s.reject(`the first line does not say version="1.0" first, which is the XML that the return is written in`, doExportAgain)
	}
	return nil
}

// doctype goes over a document type definition: to the > that matches, not
// counting what stands in quotation marks or comments.
func (s *scanner) doctype() error {
	s.pos += len("<!DOCTYPE")
	if c := s.at(0); c != 0 && !white(c) {
		return s.reject("the DOCTYPE is malformed", doExportAgain)
	}
	depth, quote := 1, byte(0)
	for depth > 0 {
		c := s.at(0)
		switch {
		case c == 0:
			return s.ended()
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			depth--
		case c == '<' && s.ahead("<!--"):
			s.pos += len("<!--")
			if err := s.past("-->"); err != nil {
				return err
			}
			continue
		case c == '<':
			depth++
		}
		s.pos++
	}
	return nil
}

// epilog demands that nothing but comments follows the root.
func (s *scanner) epilog(root string) error {
	for {
		s.space()
		switch {
		case s.at(0) == 0:
			if errors.Is(s.stop, io.EOF) {
				return nil
			}
			return s.stop
		case s.isAside():
			if err := s.aside(); err != nil {
				return err
			}
		case s.at(0) == '<' && nameStart(s.at(1)):
			return s.reject("there is more than one root: another element begins after </"+root+">", "Send one file for each export; do not join two into one")
		default:
			return s.reject("there is text after the end of the return, </"+root+">", "Delete what follows it, or export the file again")
		}
	}
}

func unicodeName(r rune) string { return fmt.Sprintf("U+%04X", r) }

func quoted(s string) string { return strconv.QuoteToGraphic(clip([]byte(s))) }

// clip makes a piece of a file short enough to stand in a message.
func clip(b []byte) string {
	const most = 60
	if len(b) <= most {
		return string(b)
	}
	b = b[:most]
	for len(b) > 0 && !utf8.Valid(b) {
		b = b[:len(b)-1]
	}
	return string(b) + "…"
}
