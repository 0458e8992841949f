package nccis

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// child goes to the next element inside a node and reads its start tag; empty
// says that the element closed itself. Without an item the node's end tag,
// that of the element opened as name, has been read.
func (r *Reader) child(in *item, name string) (c child, empty bool, err error) {
	s := &r.scan
	for {
		s.space()
		switch {
		case s.at(0) == 0:
			return child{}, false, r.cut(name)
		case s.at(0) != '<':
			return child{}, false, r.strayText(name)
		case s.at(1) == '/':
			return child{}, false, s.endTag(name)
		case s.at(1) == '!' || s.at(1) == '?':
			if s.ahead("<![CDATA[") {
				return child{}, false, r.strayText(name)
			}
			if !s.isAside() {
				return child{}, false, r.straySection(name)
			}
			if err := s.aside(); err != nil {
				return child{}, false, err
			}
			continue
		}
		s.pos++
		return r.open(in, name)
	}
}

func (r *Reader) open(in *item, name string) (child, bool, error) {
	s := &r.scan
	got, err := s.name("an element")
	if err != nil {
		return child{}, false, err
	}
	c, ok := in.byName[string(got)]
	if !ok {
		return child{}, false, r.unknown(string(got), name)
	}
	if !c.many && in != r.root {
		if r.has(c.item) {
			what := "<" + c.name + "> stands twice in one <" + name + ">"
			if c.name != c.names[0] || c.kind == nodeItem {
				what = c.names[0] + " stands twice in one record"
			}
			return child{}, false, s.reject(what, "The Department refuses a file with it: "+lowerFirst(doExportAgain))
		}
		r.met[c.id/64] |= 1 << (c.id % 64)
	}
	if s.pos < s.end && s.buf[s.pos] == '>' {
		s.pos++
		return c, false, nil
	}
	empty, err := s.restOfTag()
	return c, empty, err
}

// cut is the error for a file that ends inside the element opened as name.
func (r *Reader) cut(name string) error {
	err := r.scan.ended()
	rej, ok := err.(*Rejection)
	if ok && rej.Do == doWholeFile {
		rej.Reason += ": </" + name + "> is missing"
		if name != r.name {
			rej.Reason += ", and </" + r.name + "> after it"
		}
	}
	return err
}

// strayText is the error for text between the elements of a node.
func (r *Reader) strayText(name string) error {
	s := &r.scan
	s.at(nameMax)
	text := s.buf[s.pos:min(s.end, s.pos+nameMax)]
	if i := bytes.IndexAny(text[1:], "<\n\r"); i >= 0 {
		text = text[:i+1]
	}
	if bytes.HasPrefix(text, []byte("&")) && !bytes.HasPrefix(text, []byte("&#")) {
		if _, err := s.reference(); err != nil {
			return err // a bare & or an entity is the worse fault
		}
	}
	return s.reject("<"+name+"> holds text of its own, "+quoted(clip(text))+", where only other elements may stand", doUnexpected)
}

// straySection is the error for a <! … > that is neither comment nor CDATA.
func (r *Reader) straySection(name string) error {
	if r.scan.at(2) == 0 {
		return r.cut(name)
	}
	return r.scan.reject("there is a <! … > inside <"+name+">, where XML allows none", doExportAgain)
}

// unknown is the error for an element that no edition has in the node.
func (r *Reader) unknown(got, name string) error {
	l := theLayout()
	switch places := l.places(got); {
	case isRoot(got):
		return r.scan.reject("a second <"+got+"> begins inside the first", "Send one file for each export; do not join two into one")
	case len(places) > 0:
		return r.scan.reject("<"+clip([]byte(got))+"> stands in <"+name+">, but belongs in <"+places[0]+">", doUnexpected)
	}
	return r.scan.reject("<"+name+"> holds <"+clip([]byte(got))+">, an element that no edition of the return has", doUnexpected)
}

// places are the nodes that hold an element of that spelling.
func (l *layout) places(spelling string) []string {
	var found []string
	var look func(it *item)
	look = func(it *item) {
		if c, ok := it.byName[spelling]; ok {
			found = append(found, c.parent)
		}
		for _, c := range it.children {
			look(c)
		}
	}
	look(l.top)
	return found
}

// node reads the children of the node that was just opened, to its end tag.
func (r *Reader) node(in child) error {
	for {
		c, empty, err := r.child(in.item, in.name)
		if err != nil {
			return err
		}
		switch {
		case c.item == nil:
			return nil
		case empty:
		case c.kind == nodeItem:
			if err := r.node(c); err != nil {
				return err
			}
		default:
			v, err := r.value(c.name)
			if err != nil {
				return err
			}
			r.keep(c.item, v)
		}
	}
}

// keep puts a value where it belongs; an empty one is an absent one.
func (r *Reader) keep(it *item, v stretch) {
	if v.from == v.to && it.kind != olderItem {
		return
	}
	switch it.kind {
	case valueItem:
		r.values[it.field] = v
	case codeItem:
		r.codes = append(r.codes, v)
	case olderItem:
		r.older = append(r.older, olderElement{it, v})
	case headItem:
		r.keepHeader(it.names[0], string(r.arena[v.from:v.to]))
	}
}

func (r *Reader) keepHeader(name, value string) {
	h := &r.header
	switch name {
	case "DatabaseId":
		h.DatabaseIDs = append(h.DatabaseIDs, value)
	case "LEACode":
		h.LEACodes = append(h.LEACodes, value)
	case "DateOfSend":
		h.DateOfSend = value
	case "PeriodEnd":
		h.PeriodEnd = value
	case "SupplierName":
		h.SupplierName = value
	case "SupplierXMLVersion":
		h.SupplierXMLVersion = value
	case "XMLSchemaVersion":
		h.XMLSchemaVersion = value
	}
}

// value reads the text of the element that was opened as name, to its end
// tag, into the arena, without the white space around it.
func (r *Reader) value(name string) (stretch, error) {
	s := &r.scan
	from := len(r.arena)
	for {
		b := s.buf[s.pos:s.end]
		n := plain(b)
		r.arena = append(r.arena, b[:n]...)
		s.pos += n
		if len(r.arena)-from > valueMax {
			return stretch{}, s.reject("the value of "+name+" is longer than 64 kB", "Shorten it in your system, or ask the supplier to mend the export")
		}
		if len(r.arena) > recordMax {
			return stretch{}, s.reject("one record or header holds more than 1 MB", doExportAgain)
		}
		if n == len(b) {
			if !s.more() {
				return stretch{}, r.cut(name)
			}
			continue
		}
		if b[n] == '<' && s.at(1) == '/' {
			return r.trimmed(from), s.endTag(name)
		}
		if err := r.special(name); err != nil {
			return stretch{}, err
		}
	}
}

// plain is how far a value goes on with letters that mean nothing else.
func plain(b []byte) int {
	for i, c := range b {
		if c == '<' || c == '&' || c == ']' || c == '\r' {
			return i
		}
	}
	return len(b)
}

// special reads what inside a value is not a plain letter.
func (r *Reader) special(name string) error {
	s := &r.scan
	switch s.at(0) {
	case '&':
		c, err := s.reference()
		if err != nil {
			return err
		}
		r.arena = utf8.AppendRune(r.arena, c)
	case '\r': // XML reads every line end as one \n
		r.arena = append(r.arena, '\n')
		if s.at(1) == '\n' {
			s.pos++
		}
		s.pos++
	case ']':
		if s.ahead("]]>") {
			return s.reject("]]> stands in the value of "+name+", where XML allows it only as the end of a CDATA section", "Take it out of the value in your system")
		}
		r.arena = append(r.arena, ']')
		s.pos++
	default:
		return r.markup(name)
	}
	return nil
}

// markup reads a comment, an instruction or a CDATA section inside a value.
func (r *Reader) markup(name string) error {
	s := &r.scan
	switch c := s.at(1); {
	case c == 0:
		return r.cut(name)
	case s.isAside():
		return s.aside()
	case s.ahead("<![CDATA["):
		s.pos += len("<![CDATA[")
		return r.cdata(name)
	case nameStart(c):
		s.pos++
		got, err := s.name("an element")
		if err != nil {
			return err
		}
		return s.reject("the value of "+name+" holds an element, <"+clip(got)+">, where only text may stand", doUnexpected)
	}
	if s.at(1) == '!' {
		return r.straySection(name)
	}
	return s.reject("there is a bare < sign in the value of "+name, doEscape)
}

func (r *Reader) cdata(name string) error {
	s := &r.scan
	from := len(r.arena)
	for !s.ahead("]]>") {
		switch c := s.at(0); c {
		case 0:
			return r.cut(name)
		case '\r':
			r.arena = append(r.arena, '\n')
			if s.at(1) == '\n' {
				s.pos++
			}
		default:
			r.arena = append(r.arena, c)
		}
		s.pos++
		if len(r.arena)-from > valueMax {
			return nil // value says so
		}
	}
	s.pos += len("]]>")
	return nil
}

// trimmed is the arena from there on, without the white space around it.
func (r *Reader) trimmed(from int) stretch {
	to := len(r.arena)
	for from < to && white(r.arena[to-1]) {
		to--
	}
	for from < to && white(r.arena[from]) {
		from++
	}
	return stretch{from, to}
}

func lowerFirst(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }
