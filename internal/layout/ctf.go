package layout

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// ctfDepth is how deep elements may lie within one another; the format needs
// nine (ux-security.md 5.9).
const ctfDepth = 64

// ErrNotCTF is that the file is XML, but no Common Transfer File.
var ErrNotCTF = errors.New("this file is XML, but it is no Common Transfer File: its first element is not CTfile")

var ctfBegins = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?CTfile[\s>/]`)

// IsCTF says by the first bytes of a file that it is a Common Transfer File, with
// or without a namespace's prefix before its first element.
func IsCTF(head []byte) bool { return ctfBegins.Match(head) }

// ctfElement is an element whose text is an item, with the elements in which it
// must stand. Where several fit, the longest path does.
type ctfElement struct {
	path string
	item Item
}

// ctfElements are the parts of the format that are of use (context.md 8.2, from
// general knowledge: the pupil's own elements are found by their names whatever
// the version).
var ctfElements = []ctfElement{
	{"UPN", UPN}, {"FormerUPN", FormerUPN}, {"UniqueLearnerNumber", ULN}, {"ULN", ULN},
	{"Surname", Family}, {"LegalSurname", Family}, {"Forename", Given}, {"LegalForename", Given}, {"MiddleNames", Middle}, {"MiddleName", Middle},
	{"PreferredForename", KnownAs}, {"FormerSurname", FormerFamily}, {"DOB", DOB}, {"BirthDate", DOB}, {"Gender", Sex}, {"Sex", Sex}, {"Ethnicity", Ethnicity},
	{"NCyearActual", YearGroup}, {"SENstatus", SEND}, {"SENprovision", SEND}, {"SENProvision", SEND}, {"Email", Email},
	{"PAON", House}, {"Street", Street}, {"Locality", Locality}, {"Town", Town}, {"PostTown", Town}, {"AdministrativeArea", County},
	{"County", County}, {"PostCode", Postcode}, {"Postcode", Postcode}, {"AddressLine1", Street}, {"AddressLine2", Locality}, {"AddressLine3", Line3}, {"AddressLine4", Line4},
	{"PhoneNo", Telephone}, {"Phone", Telephone}, {"TelephoneNumber", Telephone}, {"Telephone", Telephone},
	{"Contact/Forename", CarerName}, {"Contact/Surname", CarerName}, {"Contact/Relationship", CarerRelationship},
	{"Contact/PhoneNo", CarerTelephone}, {"Contact/Phone", CarerTelephone}, {"Contact/TelephoneNumber", CarerTelephone}, {"Contact/Telephone", CarerTelephone}, {"Contact/Email", CarerEmail},
	{"SchoolHistory/School/SchoolName", SchoolName}, {"SchoolHistory/School/LEA", LACode}, {"SchoolHistory/School/Estab", SchoolNumber},
	{"SchoolHistory/School/EntryDate", Start}, {"SchoolHistory/School/LeavingDate", End}, {"SchoolHistory/School/LeavingReason", Note}, {"LookedAfter", Characteristic}, {"InCare", Characteristic},
}

// ctfOthers are the elements that hold somebody or something else than the pupil
// itself, so that a name within them is only taken by a path that says so.
var ctfOthers = []string{"Contact", "School", "SENhistory", "SENHistory", "Attendance", "AttendanceData", "StageAssessments", "NAWdetails", "SuppInfo", "PupilData"}

// CTF reads the Common Transfer File in which schools pass pupils on, pupil by
// pupil, into the same rows as a list. A row's number is the pupil's place in
// the file, from 1, and its columns are named as the elements are. The row is
// used again for the next pupil; an error of fn ends the reading. Elements
// nested deeper than 64 are refused.
func CTF(r io.Reader, fn func(*Row) error) error {
	c, err := newCTF()
	if err != nil {
		return err
	}
	d := xml.NewDecoder(r)
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("the file is written in %s; have it written in UTF-8", charset)
	}
	seen := false
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			switch {
			case !seen:
				return ErrNotCTF
			case len(c.path) > 0:
				return errors.New("the file ends in the middle of an element: have it sent again")
			}
			return nil
		}
		if err != nil {
			line, _ := d.InputPos()
			return fmt.Errorf("the file cannot be read as XML after line %d: have it sent again: %w", line, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !seen && !strings.EqualFold(t.Name.Local, "CTfile") {
				return ErrNotCTF
			}
			seen = true
			if len(c.path) == ctfDepth {
				line, _ := d.InputPos()
				return fmt.Errorf("elements lie more than %d deep at line %d: this is no Common Transfer File", ctfDepth, line)
			}
			c.open(t.Name.Local)
		case xml.EndElement:
			if len(c.path) == 0 || c.path[len(c.path)-1] != t.Name.Local {
				line, _ := d.InputPos()
				return fmt.Errorf("the element %s is closed at line %d but not open: have the file sent again", t.Name.Local, line)
			}
			if err := c.shut(fn); err != nil {
				return err
			}
		case xml.CharData:
			c.text(t)
		}
	}
}

// longestText is the most of one element's text that is kept.
const longestText = 4096

// ctf is a file while it is being read.
type ctf struct {
	reader *Reader
	path   []string
	pupil  int // how deep the pupil's element lies, 0 outside one
	cells  []string
	at     map[string]int // by element, the column
	buffer []byte
	count  int
	row    Row
}

// newCTF makes a reader with one column for each element.
func newCTF() (*ctf, error) {
	k, ok := FindKind("pupil-list")
	if !ok {
		return nil, errors.New("layout: there is no kind of file “pupil-list”")
	}
	m := Mapping{Kind: k.ID}
	c := &ctf{at: map[string]int{}}
	for i, e := range ctfElements {
		column := MappedColumn{At: i, Header: e.path, Item: e.item}
		if e.item == Characteristic {
			column.Yes = "110"
		}
		m.Columns = append(m.Columns, column)
		c.at[e.path] = i
	}
	c.cells = make([]string, len(ctfElements))
	var err error
	c.reader, err = NewReader(m, k, nil)
	return c, err
}

func (c *ctf) open(name string) {
	c.path = append(c.path, name)
	c.buffer = c.buffer[:0]
	if c.pupil > 0 && name == "School" { // the next of the history
		for _, part := range []string{"SchoolName", "LEA", "Estab", "EntryDate", "LeavingDate", "LeavingReason"} {
			c.cells[c.at["SchoolHistory/School/"+part]] = ""
		}
	}
	if c.pupil == 0 && name == "Pupil" {
		c.pupil = len(c.path)
		clear(c.cells)
	}
}

func (c *ctf) text(t []byte) {
	if c.pupil > 0 && len(c.buffer) < longestText {
		c.buffer = append(c.buffer, t[:min(len(t), longestText-len(c.buffer))]...)
	}
}

// shut takes the text of the element that ends, and hands the pupil on where it
// is the pupil's.
func (c *ctf) shut(fn func(*Row) error) error {
	defer func() { c.path, c.buffer = c.path[:len(c.path)-1], c.buffer[:0] }()
	if c.pupil == 0 {
		return nil
	}
	if len(c.path) == c.pupil {
		c.pupil = 0
		c.count++
		c.reader.Read(c.count, c.cells, &c.row)
		return fn(&c.row)
	}
	text := tidy(string(c.buffer))
	at, ok := c.column()
	if text == "" || !ok {
		return nil
	}
	switch c.reader.mapping.Columns[at].Item {
	case LACode, SchoolNumber, SchoolName, Start, End, Note: // the last school of the history wins
		c.cells[at] = text
	default:
		if c.cells[at] == "" {
			c.cells[at] = text
		}
	}
	return nil
}

// column is the column of the element that is open.
func (c *ctf) column() (int, bool) {
	inside := c.path[c.pupil:]
	last := inside[len(inside)-1]
	for _, other := range ctfOthers {
		for i, name := range inside[:len(inside)-1] {
			if name == other {
				from := i
				if from > 0 && inside[from-1] == "SchoolHistory" {
					from--
				}
				at, ok := c.at[strings.Join(inside[from:], "/")]
				if !ok && other == "Contact" {
					at, ok = c.at["Contact/"+last]
				}
				return at, ok
			}
		}
	}
	at, ok := c.at[last]
	return at, ok
}
