package nccis

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReader holds the reader against encoding/xml, both ways. Whatever the
// reader accepts, encoding/xml accepts with the same values. Whatever
// encoding/xml accepts and has the layout of a return, the reader accepts, but
// for what stricter lists.
func FuzzReader(f *testing.F) {
	example, err := os.ReadFile("testdata/example-2026-27.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		string(example), file(""), file(person("<Town>A &amp; &#66;]]<![CDATA[<c>]]><!-- d --></Town>")),
		file("<YoungPersonsRecord a='1' b = \"&lt;\"><PersonalDetails/><Activities><Cohort></Cohort ></Activities></YoungPersonsRecord>"),
		"\ufeff<?xml version='1.0' encoding='Windows-1252' standalone=\"no\"?><!DOCTYPE NCCIS [<!ENTITY a 'b>'>]><!--x-->" + file("<?p ?>"),
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + file(person("<Town>\xe9\x92\r\n</Town>")),
		file(person("<Town>A</Town><Town>B</Town>")), file(person("<Town>&x;</Town>")), file("<X/>"),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(sameAsTheLibrary)
}

// FuzzReaderTokens mixes pieces of returns, so that most of what it makes gets
// far into the reader: each byte stands for one piece.
func FuzzReaderTokens(f *testing.F) {
	pieces := tokens()
	f.Add([]byte{0, 1, 2, 3})
	f.Add([]byte(strings.Repeat("\x00\x05\x0a\x07", 5)))
	f.Fuzz(func(t *testing.T, b []byte) {
		sameAsTheLibrary(t, mixed(pieces, b))
	})
}

// TestMixedPieces is a short run of the same with every go test.
func TestMixedPieces(t *testing.T) {
	pieces := tokens()
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 24)
	for range 5_000 {
		n := random.IntN(len(b))
		for i := range n {
			b[i] = byte(random.UintN(256))
		}
		sameAsTheLibrary(t, mixed(pieces, b[:n]))
	}
}

// tokens are pieces of returns; those that keep the nesting come several times.
func tokens() []string {
	some := []string{
		"<Town>A</Town>", "<GivenName>Zo\u00eb &amp; &#x42;</GivenName>", "<DOB/>", "<County >B</County >", "<Gender\n>F</Gender>", "<LeadLEA a='1' b=\"&lt;>\">3</LeadLEA>",
		"</PersonalDetails><LevelOfNeed><SENDFlag>Y</SENDFlag><Characteristics><CharacteristicCode>110</CharacteristicCode></Characteristics></LevelOfNeed></YoungPersonsRecord><YoungPersonsRecord><PersonalDetails>",
		"</PersonalDetails></YoungPersonsRecord><YoungPersonsRecord><PersonalDetails>",
		"</PersonalDetails><Activities><Cohort><ActivityCode>210</ActivityCode></Cohort></Activities></YoungPersonsRecord><YoungPersonsRecord><PersonalDetails>",
		"<!-- c -->", "<?p i?>", "\r\n  ", "<MiddleName>a<![CDATA[<&]]>b</MiddleName>", "<FamilyName> ]] \r a\r\nb &#13;</FamilyName>", "<YoungPersonsID>1<!-- - -->2<?x ?>3</YoungPersonsID>",
		"<CohortStatus>P</CohortStatus>", "<Postcode>&quot;&apos;&gt;</Postcode>", "<ActivitySurveyStatus>1</ActivitySurveyStatus>",
	}
	odd := []string{
		"&", "&x;", "<", ">", "]]>", "x", "\x00", "\xe9", "<Town>", "</Town>", "<Shoe/>", "<![CDATA[", "<![CDATA[ ]]>", "<!-- -- -->", "<!DOCTYPE x>", "<?xml version='1.0'?>", "</PersonalDetails>",
		"</YoungPersonsRecord>", "<YoungPersonsRecord>", "<PersonalDetails>", head, "</NCCIS>", "<NCCIS>", "<Town a=1/>", "<Town a='<'/>", "<Town/ >", "</ Town>", "<Ethnicity>A<b/></Ethnicity>", "&#xFFFF;", "&#0;", "<EducatedLEA a='1'a='2'/>",
	}
	var all []string
	for len(all)+len(some) <= 256-len(odd) {
		all = append(all, some...)
	}
	return append(all, odd...)
}

func mixed(pieces []string, b []byte) []byte {
	text := "<NCCIS>" + head + "<YoungPersonsRecord><PersonalDetails>"
	for _, c := range b {
		text += pieces[int(c)%len(pieces)]
	}
	return []byte(text + "</PersonalDetails></YoungPersonsRecord></NCCIS>")
}

func sameAsTheLibrary(t *testing.T, b []byte) {
	h, all, err := readAll(bytes.NewReader(b))
	if err != nil && !isRejection(err) {
		t.Fatalf("neither read nor rejected: %v", err)
	}
	if code, _, _ := signature(b); code != utf8Coding {
		return // encoding/xml leaves UTF-16 to its caller
	}
	h2, all2, err2 := readByLibrary(b)
	switch {
	case err == nil && err2 != nil:
		t.Fatalf("the reader accepts what encoding/xml does not: %v\n%s", err2, b)
	case err != nil && err2 == nil && !stricter(err):
		t.Fatalf("the reader refuses what encoding/xml does not: %v\n%s", err, b)
	case err == nil:
		if d := cmp.Diff(h2, h) + diffRecords(all2, all); d != "" {
			t.Fatalf("%s\n%s", d, b)
		}
	}
}

// stricter lists where the reader keeps to XML 1.0, or to a bound of its own,
// and encoding/xml does not.
func stricter(err error) bool {
	for _, reason := range []string{
		"XML does not allow", "in another alphabet's coding", "zero byte", // characters in comments, instructions and definitions
		"an XML declaration", "does not say version", "XML declaration in the first line", "Waymark does not read", "but it is written in", // declarations
		"<! … >", "the DOCTYPE is malformed", // directives
		"attribute", "a tag is not closed by >", "processing instruction", // names beyond the alphabet, no space between
		"is not the number of a character", "that no ; closes", // surrogates, many leading zeros
		"longer than", "more than 1 MB",
		"text of its own, \"&#", "text of its own, \"<![CDATA[", // white space spelt out
		"text before the first element", "does not begin as XML does",
	} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	// A prefix is part of the name for the reader, which knows no namespaces.
	_, name, _ := strings.Cut(err.Error(), "<")
	name, _, _ = strings.Cut(name, ">")
	return strings.Contains(name, ":")
}

var errLayout = errors.New("not the layout of a return")

// readByLibrary reads a return with encoding/xml, by the same layout.
func readByLibrary(b []byte) (Header, []Record, error) {
	text, _ := bytes.CutPrefix(b, []byte("\ufeff"))
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(name), "utf") || strings.HasSuffix(strings.ToLower(name), "ascii") {
			return r, nil
		}
		return &windowsReader{src: r, buf: make([]byte, 100)}, nil
	}
	lib := &library{d: d}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			return Header{}, nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if lib.roots++; lib.roots > 1 || !isRoot(tok.Name.Local) {
				return Header{}, nil, errLayout
			}
			if err := lib.node(theLayout().top); err != nil {
				return Header{}, nil, err
			}
		case xml.CharData:
			if strings.Trim(string(tok), " \t\r\n") != "" {
				return Header{}, nil, errLayout
			}
		}
	}
	if lib.roots != 1 || lib.headers != 1 {
		return Header{}, nil, errLayout
	}
	rd := Reader{header: lib.r.header}
	return lib.r.header, lib.all, rd.checkHeader()
}

type library struct {
	d              *xml.Decoder
	roots, headers int
	all            []Record
	r              Reader
}

func (lib *library) node(in *item) error {
	for {
		tok, err := lib.d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			if strings.Trim(string(tok), " \t\r\n") != "" {
				return errLayout
			}
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := lib.element(in, tok); err != nil {
				return err
			}
		}
	}
}

func (lib *library) element(in *item, tok xml.StartElement) error {
	c, ok := in.byName[tok.Name.Local]
	if !ok {
		return errLayout
	}
	if in == theLayout().top && c.field != WholeRecord {
		if lib.headers++; len(lib.all) > 0 {
			return errLayout
		}
	}
	if c.field == WholeRecord {
		lib.r.clear()
		lib.r.position++
	} else if !c.many {
		if lib.r.has(c.item) {
			return errLayout
		}
		lib.r.met[c.id/64] |= 1 << (c.id % 64)
	}
	if c.kind != nodeItem {
		return lib.value(c.item)
	}
	if err := lib.node(c.item); err != nil || c.field != WholeRecord {
		return err
	}
	if err := lib.r.checkRecord(); err != nil {
		return err
	}
	var rec Record
	lib.r.give(&rec)
	lib.all = append(lib.all, rec)
	return nil
}

func (lib *library) value(it *item) error {
	from := len(lib.r.arena)
	for {
		tok, err := lib.d.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			lib.r.arena = append(lib.r.arena, tok...)
		case xml.StartElement:
			return fmt.Errorf("%w: %s in a value", errLayout, tok.Name.Local)
		case xml.EndElement:
			lib.r.keep(it, lib.r.trimmed(from))
			return nil
		}
	}
}
