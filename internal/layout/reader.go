package layout

import (
	"fmt"
	"strings"

	"waymark/internal/nccis"
)

// kept is the most cells of a column whose reading is kept for the next row.
const kept = 16384

// Reader reads the rows of one file by a mapping. It keeps what it has read of
// repeated cells, so that a Reader serves one goroutine.
type Reader struct {
	mapping Mapping
	kind    Kind
	words   *Words
	columns []readColumn
	fixed   Row

	heads  []string // the headers in plain words
	isName []bool   // by place: the column names or numbers somebody
	used   int      // how many columns have a meaning
	// firstNamed is the place of the first column with a header and a meaning.
	firstNamed, firstNamedColumn int
	places                       map[string]string
	// Place is the name of where the young people are of whose rows none says
	// where, "" where that is not known: a school's own list names no school.
	Place   string
	courses map[string]Translation
}

// readColumn is one column that has a meaning.
type readColumn struct {
	MappedColumn
	form  form
	list  List
	known map[string]*outcome
}

// NewReader makes a reader of one file. Without words, those shipped are used
// and codes are taken by their form. The error says what the mapping lacks.
func NewReader(m Mapping, k Kind, words *Words) (*Reader, error) {
	if words == nil {
		var err error
		if words, err = NewWords(nil, nil); err != nil {
			return nil, err
		}
	}
	r := &Reader{mapping: m, kind: k, words: words, firstNamed: -1, places: map[string]string{}, courses: map[string]Translation{}}
	for i, c := range m.Columns {
		if c.At < 0 || c.Item >= Count {
			return nil, fmt.Errorf("column %d of the mapping names no column of the file or no item: map the file anew", i+1)
		}
		r.heads = append(r.heads, plain(c.Header))
		for len(r.isName) <= c.At {
			r.isName = append(r.isName, false)
		}
		if c.Item == None {
			continue
		}
		switch c.Item {
		case Given, Family, FullName, UPN, ULN, TheirRef, DOB, YoungPersonsID:
			r.isName[c.At] = true
		}
		if r.used++; r.firstNamed < 0 && c.Header != "" {
			r.firstNamed, r.firstNamedColumn = c.At, i
		}
		r.columns = append(r.columns, readColumn{c, items[c.Item].form, k.List(c.Item), map[string]*outcome{}})
	}
	if r.used == 0 {
		return nil, fmt.Errorf("no column of the file has been given a meaning: choose at least the columns with the names")
	}
	return r, r.readFixed()
}

// readFixed reads the values that hold for every row, as if they stood in it.
func (r *Reader) readFixed() error {
	for _, f := range r.mapping.Fixed {
		if f.Item == None || f.Item >= Count {
			return fmt.Errorf("a value for the whole file is given for no item: choose what %q is", f.Value)
		}
		c := readColumn{MappedColumn{At: -1, Header: "the value for the whole file", Item: f.Item}, items[f.Item].form, r.kind.List(f.Item), map[string]*outcome{}}
		before := len(r.fixed.Problems)
		r.take(&c, f.Value, &r.fixed)
		for _, p := range r.fixed.Problems[before:] {
			if !p.Mended {
				return fmt.Errorf("“%s” for the whole file cannot be used as %s: %s", f.Value, f.Item.Words(), p.Words)
			}
		}
	}
	return nil
}

// Read reads one row; number is as the user's program shows it. All of into is
// overwritten; its slices are used again.
func (r *Reader) Read(number int, cells []string, into *Row) {
	into.Number, into.Values, into.Said = number, r.fixed.Values, r.fixed.Said
	into.Translations, into.Problems = append(into.Translations[:0], r.fixed.Translations...), into.Problems[:0]
	if into.Skip = r.skip(cells); into.Skip != "" {
		into.Values, into.Said, into.Translations = [Count]string{}, [Count]string{}, into.Translations[:0]
		return
	}
	for i := range r.columns {
		c := &r.columns[i]
		if c.At < len(cells) && cells[c.At] != "" {
			r.take(c, cells[c.At], into)
		}
	}
	r.finish(into)
}

// take reads one cell into the row.
func (r *Reader) take(c *readColumn, cell string, into *Row) {
	s := tidy(cell)
	if s == "" {
		return
	}
	if r.plainly(c, s) {
		r.add(c, s, cell, into)
		return
	}
	o, known := c.known[s]
	if !known {
		fresh := r.clean(c, s)
		o = &fresh
		if len(c.known) >= kept {
			clear(c.known)
		}
		c.known[strings.Clone(s)] = o
	}
	r.put(c, s, o, into)
}

// plainly says that the cell is canonical as it stands, without a look at what
// was kept: names and lines of an address.
func (r *Reader) plainly(c *readColumn, s string) bool {
	switch c.form {
	case nameForm:
		return c.Item != FullName && len(s) > 1 && simpleName(s) && !isPlaceholder(s)
	case textForm:
		return c.Item <= CarerRelationship && c.Item != FullAddress && s[0] != '=' && s[0] != '#' && len(s) > 1 && !isPlaceholder(s)
	case ulnForm:
		return nccis.ValidULN(s)
	case upnForm:
		return nccis.ValidUPN(s)
	case postcodeForm:
		return nccis.ValidPostcode(s)
	case phoneForm:
		digits, ok := phoneDigits(s)
		return ok && digits == s && !oneSign(s)
	case emailForm:
		return isPlainEmail(s)
	}
	return false
}

// set puts a value that nothing held before, or that agrees with what did.
func (row *Row) set(item Item, value, said string) {
	row.Values[item] = value
	if value != said {
		row.Said[item] = said
	}
}

// put puts what a cell was read as into the row, with its problem.
func (r *Reader) put(c *readColumn, s string, o *outcome, into *Row) {
	if o.code != "" {
		into.Problems = append(into.Problems, Problem{Item: c.Item, Column: c.title(), Value: s, Words: o.words, Code: o.code, Fatal: o.fatal, Mended: o.mended})
	}
	if o.translated {
		t := o.translation
		if t.Item == None {
			t.Item = c.Item
		}
		into.Translations = append(into.Translations, t)
		r.also(t.Also, into)
	}
	for i, line := range o.lines {
		if at := Locality + Item(i); at <= Line4 && into.Values[at] == "" {
			into.Values[at] = line
		}
	}
	for _, e := range o.more {
		if e.item != None && e.value != "" && into.Values[e.item] == "" {
			into.set(e.item, e.value, s)
		}
	}
	if o.value == "" {
		if o.code != "" && into.Said[c.Item] == "" {
			into.Said[c.Item] = s
		}
		return
	}
	r.add(c, o.value, s, into)
}

// add puts the value beside what another column of the same item gave.
func (r *Reader) add(c *readColumn, value, said string, into *Row) {
	held := into.Values[c.Item]
	switch {
	case held == "" || held == r.fixed.Values[c.Item]:
		into.Said[c.Item] = ""
		into.set(c.Item, value, said)
	case held == value:
	case c.Item == Characteristic:
		if !containsCode(held, value) {
			into.Values[c.Item] = held + " " + value
		}
	case c.Item == Note || c.Item == CarerName:
		into.Values[c.Item] = held + " " + value
	case c.Item == Course:
		into.Values[c.Item] = held + ", " + value
	case c.Item == Telephone && into.Values[Mobile] == "":
		into.set(Mobile, value, said)
	case c.Item == CarerTelephone || c.Item == CarerEmail || c.Item == Telephone || c.Item == Mobile || c.Item == Email:
	default:
		into.Problems = append(into.Problems, Problem{Item: c.Item, Column: c.title(), Value: said, Code: "two-values",
			Words: "Two columns give " + c.Item.Words() + " and they differ; the first was used. Say in the columns which is meant."})
	}
}

// also puts what words state besides: "Characteristic=160 SENSupport=Y".
func (r *Reader) also(facts string, into *Row) {
	for facts != "" {
		var one string
		one, facts, _ = strings.Cut(facts, " ")
		name, code, _ := strings.Cut(one, "=")
		item, ok := ParseItem(name)
		switch {
		case !ok || item == None:
		case item == Characteristic && into.Values[item] != "":
			if !containsCode(into.Values[item], code) {
				into.Values[item] += " " + code
			}
		case into.Values[item] == "":
			into.Values[item] = code
		}
	}
}

func containsCode(codes, code string) bool {
	for codes != "" {
		var one string
		if one, codes, _ = strings.Cut(codes, " "); one == code {
			return true
		}
	}
	return false
}

// title is how a problem names the column: its header, or its letter.
func (c *readColumn) title() string {
	return titleOf(c.Header, c.At)
}

// titleOf is what people call a column: its header, or else its letter.
func titleOf(header string, at int) string {
	if header != "" {
		return header
	}
	return "column " + columnLetter(at)
}

// columnLetter is how a spreadsheet calls the column at a place from 0: A, AB.
func columnLetter(at int) string {
	s := ""
	for at++; at > 0; at = (at - 1) / 26 {
		s = string(rune('A'+(at-1)%26)) + s
	}
	return s
}
