package sheet

import (
	"compress/flate"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// deepest is how far elements may stand within each other (ux-security.md 5.9). A
// sheet needs six.
const deepest = 64

// scanner goes through a part of a workbook element by element. Names are taken
// without their prefixes, because programs choose those freely.
type scanner struct {
	in    io.ReadCloser
	xml   *xml.Decoder
	depth int
}

func newScanner(in io.ReadCloser, most int64) *scanner {
	return &scanner{in: in, xml: xml.NewDecoder(&bounded{in, most})}
}

func (s *scanner) close() {
	s.in.Close() // it was only read from
}

// bounded ends reading where more comes out of a part than it said.
type bounded struct {
	in   io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, damaged("a part is larger than it says")
	}
	return n, err
}

// token is the next start, end or text; nil at the end of the part.
func (s *scanner) token() (xml.Token, error) {
	for {
		t, err := s.xml.RawToken()
		if err == io.EOF {
			if s.depth != 0 {
				return nil, damaged("a part ends in the middle")
			}
			return nil, nil
		}
		if err != nil {
			return nil, asDamage(err)
		}
		switch t.(type) {
		case xml.StartElement:
			if s.depth++; s.depth > deepest {
				return nil, damaged("its elements stand too deep within each other")
			}
		case xml.EndElement:
			if s.depth--; s.depth < 0 {
				return nil, damaged("an element ends that did not begin")
			}
		case xml.CharData:
		case xml.Directive:
			return nil, damaged("a part declares a document type, as no workbook does")
		default:
			continue
		}
		return t, nil
	}
}

// next is the next element that starts; nil at the end.
func (s *scanner) next() (*xml.StartElement, error) {
	for {
		t, err := s.token()
		if err != nil || t == nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); ok {
			return &e, nil
		}
	}
}

// text is what stands in the t elements up to the end of the element named, but
// for how it is pronounced.
func (s *scanner) text(until string) (string, error) {
	var b strings.Builder
	inText, spoken := false, 0
	for {
		t, err := s.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case nil:
			return "", damaged("a text has no end")
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				inText = true
			case "rPh":
				spoken++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case until:
				return unescaped(b.String()), nil
			case "t":
				inText = false
			case "rPh":
				spoken--
			}
		case xml.CharData:
			if inText && spoken == 0 {
				b.Write(t)
			}
		}
	}
}

// unescaped reads _x000D_ and its like, by which workbooks write letters that XML
// cannot hold.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		at := strings.Index(s, "_x")
		if at < 0 || len(s) < at+7 {
			b.WriteString(s)
			return b.String()
		}
		code, ok := hexadecimal(s[at+2 : at+6])
		if !ok || s[at+6] != '_' {
			b.WriteString(s[:at+2])
			s = s[at+2:]
			continue
		}
		b.WriteString(s[:at])
		if code != 0 {
			b.WriteRune(code)
		}
		s = s[at+7:]
	}
}

func hexadecimal(s string) (rune, bool) {
	v := rune(0)
	for i := range len(s) {
		d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if d < 0 || s[i] < '0' {
			return 0, false
		}
		v = v<<4 | rune(d)
	}
	return v, true
}

func isFlate(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}
