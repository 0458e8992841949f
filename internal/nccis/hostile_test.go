package nccis

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// Each file is refused whole, in words that name what is wrong and where.
func TestRejections(t *testing.T) {
	const id = "<YoungPersonsID>1230000000001</YoungPersonsID>"
	edit := func(old, new string) string { return strings.Replace(file(""), old, new, 1) }
	two := file(person(id) + "\n<YoungPersonsRecord>\n<PersonalDetails>" + id)
	for name, c := range map[string]struct{ text, want string }{
		"empty":                   {"", "the file is empty"},
		"white space":             {" \n ", "it holds nothing but white space"},
		"only a declaration":      {`<?xml version="1.0"?>`, "the file ends before it is complete"},
		"not XML":                 {"Dear all,\nplease find", "does not begin as XML does"},
		"CSV":                     {"YoungPersonsID,CohortStatus\n1,P", "does not begin as XML does"},
		"a spreadsheet":           {"PK\x03\x04zzzz", "it is a spreadsheet"},
		"a picture":               {"\x89PNG\r\n\x1a\n\x00\x00", "it is a picture"},
		"a photograph":            {"\xff\xd8\xff\xe0\x00\x10JFIF", "it is a picture"},
		"NUL bytes":               {strings.Repeat("\x00", 5000), "does not begin as XML does"},
		"random bytes after <":    {"<\x01\x02", "line 1: there is a control character (U+0001)"},
		"wrong root":              {"<ESFA><a/></ESFA>", "its outermost element is <ESFA>"},
		"a root of another year":  {"<NCCIS20151>", "its outermost element is <NCCIS20151>"},
		"a web page":              {"<!DOCTYPE html><html>", "its outermost element is <html>"},
		"empty root":              {"<NCCIS/>", "has no FileHeader"},
		"root without a header":   {"<NCCIS></NCCIS>", "has no FileHeader"},
		"record before header":    {"<NCCIS>" + person(id) + head + "</NCCIS>", "no FileHeader before its first record"},
		"two headers":             {file(person(id) + "\n" + head), "line 2: the file has more than one FileHeader"},
		"two roots":               {file(person(id)) + "\n" + file(""), "more than one root"},
		"two files joined":        {file(person(id)) + "\n<?xml version=\"1.0\"?>\n" + file(""), "line 2: an XML declaration"},
		"root in root":            {"<NCCIS><NCCIS>", "a second <NCCIS> begins inside the first"},
		"truncated in a value":    {strings.TrimSuffix(two, id+"</NCCIS>") + "<Giv", "line 3, record 2: the file ends before it is complete"},
		"truncated after a value": {strings.TrimSuffix(two, "</NCCIS>"), "line 3, record 2: the file ends before it is complete: </PersonalDetails> is missing"},
		"truncated between":       {"<NCCIS>" + head + person(id), "the file ends before it is complete: </NCCIS> is missing"},
		"truncated in a tag":      {file(""), ""},
		"truncated header":        {"<NCCIS>" + head[:51], "</Databases> is missing"},
		"mismatched tags":         {file(person("<Town>A</County>")), "<Town> is closed by </County>"},
		"no end tag":              {file("<YoungPersonsRecord><PersonalDetails></YoungPersonsRecord>"), "<PersonalDetails> is closed by </YoungPersonsRecord>"},
		"unknown element":         {file(person(id + "<Shoe>9</Shoe>")), "record 1: <PersonalDetails> holds <Shoe>, an element that no edition of the return has (in the record with YoungPersonsID 1230000000001)"},
		"element in a wrong node": {file(person("<ActivityCode>210</ActivityCode>")), "<ActivityCode> stands in <PersonalDetails>, but belongs in <Cohort>"},
		"unknown in header":       {edit("<DateOfSend>", "<Colour/><DateOfSend>"), "<FileHeader> holds <Colour>"},
		"text in a node":          {file("<YoungPersonsRecord>hello<PersonalDetails/></YoungPersonsRecord>"), `<YoungPersonsRecord> holds text of its own, "hello"`},
		"text between records":    {file(person(id) + "x"), `<NCCIS> holds text of its own, "x"`},
		"an element in a value":   {file(person("<Town>A<b>c</b></Town>")), "the value of Town holds an element, <b>"},
		"an element twice":        {file(person("<Town>A</Town><Town>B</Town>")), "<Town> stands twice"},
		"both spellings":          {file("<YoungPersonsRecord><PersonalDetails/><LevelOfNeed><SENDFlag>Y</SENDFlag><LDDFlag>Y</LDDFlag></LevelOfNeed></YoungPersonsRecord>"), "SENDFlag stands twice"},
		"two activities":          {file("<YoungPersonsRecord><PersonalDetails/><Activities><Cohort/><Cohort/></Activities></YoungPersonsRecord>"), "Cohort stands twice in one record"},
		"no PersonalDetails":      {file("<YoungPersonsRecord><LevelOfNeed/></YoungPersonsRecord>"), "record 1: a YoungPersonsRecord has no PersonalDetails"},
		"an empty record":         {file("<YoungPersonsRecord/>"), "record 1: a YoungPersonsRecord has no PersonalDetails"},
		"cohort status X":         {file(person(id + "<CohortStatus>X</CohortStatus>")), "a CohortStatus is X"},
		"no DatabaseId":           {edit("<DatabaseId>123</DatabaseId>", "<DatabaseId/>"), "the FileHeader has no DatabaseId"},
		"a bad DatabaseId":        {edit(">123<", ">12a<"), `DatabaseId "12a" is not three digits`},
		"no authority":            {edit("<LEACode>341</LEACode>", ""), "the FileHeader has no LEACode"},
		"a bad authority":         {edit(">341<", ">Sefton<"), `LEACode "Sefton" is not three digits`},
		"no DateOfSend":           {edit("<DateOfSend>2026-06-05</DateOfSend>", ""), "no DateOfSend"},
		"a bad DateOfSend":        {edit("2026-06-05", "05/06/2026"), `DateOfSend "05/06/2026" is not a date`},
		"a bad PeriodEnd":         {edit("2026-05-31", "2026-05-32"), `PeriodEnd "2026-05-32" is not a date`},
		"a bare &":                {file(person("<Town>Marks & Co</Town>")), "record 1: there is a bare & sign"},
		"a bare & at the end":     {file(person("<Town>R&D</Town>")), "there is a bare & sign"},
		"an & without end":        {file(person("<Town>&" + strings.Repeat("a", 40) + ";</Town>")), "an & sign that no ; closes"},
		"a bare <":                {file(person("<Town>a < b</Town>")), "a bare < sign in the value of Town"},
		"a bare < in a node":      {file("<YoungPersonsRecord>< 5"), "a < that begins no element"},
		"an unknown entity":       {file(person("<Town>Caf&eacute;</Town>")), "it uses &eacute;"},
		"a number of no letter":   {file(person("<Town>&#0;</Town>")), "&#0; is not the number of a character"},
		"a surrogate's number":    {file(person("<Town>&#xD800;</Town>")), "&#xD800; is not the number of a character"},
		"a number too large":      {file(person("<Town>&#99999999999999;</Town>")), "is not the number of a character"},
		"an outside entity":       {`<!DOCTYPE NCCIS [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + file(person("<Town>&x;</Town>")), "it uses &x;"},
		"]]> in text":             {file(person("<Town>a]]>b</Town>")), "]]> stands in the value of Town"},
		"a control character":     {file(person("<Town>a\x0bb</Town>")), "there is a control character (U+000B)"},
		"a zero byte":             {file(person("\n\n<Town>a\x00b</Town>")), "line 3, record 1: there is a zero byte"},
		"a non-character":         {file(person("<Town>a\uffffb</Town>")), "a character that XML does not allow (U+FFFF)"},
		"half a letter at end":    {file(person("<Town>\xc3")), "another alphabet's coding"},
		"an overlong letter":      {file(person("<Town>\xc0\xaf</Town>")), "another alphabet's coding"},
		"XML 1.1":                 {`<?xml version="1.1"?>` + file(""), `does not say version="1.0"`},
		"a space before":          {"\n<?xml version=\"1.0\"?>" + file(""), "stands where it is not the very beginning"},
		"two DOCTYPEs":            {"<!DOCTYPE NCCIS><!DOCTYPE NCCIS>" + file(""), "a <! … > that a return cannot hold"},
		"a DOCTYPE inside":        {file("<!DOCTYPE x>"), "a <! … > inside <NCCIS>"},
		"text after the end":      {file("") + "x", "text after the end"},
		"NULs after the end":      {file("") + "\x00\x00", "zero byte"},
		"a bad attribute":         {file("<YoungPersonsRecord id=1>"), "not in quotation marks"},
		"attributes in one":       {file(`<YoungPersonsRecord a="1"b="2">`), "a tag is not closed by >"},
		"an attribute twice":      {file(`<YoungPersonsRecord a="1" b="2" a="1">`), "an attribute stands twice in one tag"},
		"too many attributes":     {file("<YoungPersonsRecord" + attributes(1001) + ">"), "more than a thousand attributes"},
		"< in an attribute":       {file(`<YoungPersonsRecord a="<">`), "there is a < inside a tag"},
		"entity in an attribute":  {file(`<YoungPersonsRecord a="&b;">`), "it uses &b;"},
		"an unclosed tag":         {file("<YoungPersonsRecord<"), "a tag is not closed by >"},
		"hyphens in a comment":    {file("<!-- a -- b -->"), "two hyphens inside a comment"},
		"an unclosed comment":     {file("<!-- a "), "the file ends before it is complete"},
		"a long name":             {"<NCCIS>" + "<" + strings.Repeat("a", 1<<20), "is longer than any that the return has"},
	} {
		if c.want == "" { // every shorter piece of a whole file
			for n := range len(c.text) {
				if _, _, err := readAll(strings.NewReader(c.text[:n])); !isRejection(err) {
					t.Errorf("%s, %d bytes: %v", name, n, err)
				}
			}
			continue
		}
		_, _, err := readAll(strings.NewReader(c.text))
		var rej *Rejection
		if !errors.As(err, &rej) {
			t.Errorf("%s: %v, want a rejection", name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || rej.Reason == "" || rej.Do == "" {
			t.Errorf("%s: %q, want %q", name, err, c.want)
		}
	}
}

func isRejection(err error) bool {
	var rej *Rejection
	return errors.As(err, &rej)
}

func TestARejectionStays(t *testing.T) {
	rd, err := NewReader(strings.NewReader(file("<YoungPersonsRecord/>" + person("<Town>A</Town>"))))
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	first := rd.Next(&rec)
	if second := rd.Next(&rec); first == nil || first != second {
		t.Errorf("%v, then %v", first, second)
	}
}

// Files without end must be refused after a little of them.
func TestBombs(t *testing.T) {
	bomb := `<!DOCTYPE NCCIS [<!ENTITY a0 "ha">`
	for _, n := range "123456789" {
		bomb += "<!ENTITY a" + string(n) + ` "` + strings.Repeat("&a"+string(n-1)+";", 10) + `">`
	}
	for name, c := range map[string]struct {
		r    io.Reader
		want string
	}{
		"a deep nest of unknown elements": {strings.NewReader(file("")[:len(file(""))-8] + strings.Repeat("<a>", 400_000)), "an element that no edition"},
		"a deep nest of a known element":  {strings.NewReader("<NCCIS>" + head + strings.Repeat("<YoungPersonsRecord>", 400_000)), "<YoungPersonsRecord> stands in <YoungPersonsRecord>"},
		"a deep nest as the root":         {strings.NewReader(strings.Repeat("<NCCIS>", 400_000)), "a second <NCCIS>"},
		"a billion laughs":                {strings.NewReader(bomb + "]>" + file(person("<Town>&a9;</Town>"))), "it uses &a9;"},
		"a value without end":             {io.MultiReader(strings.NewReader("<NCCIS>"+head+"<YoungPersonsRecord><PersonalDetails><Town>"), &again{text: "a"}), "the value of Town is longer than 64 kB"},
		"a megabyte in a value":           {strings.NewReader(file(person("<Town>" + strings.Repeat("a", 1<<20) + "</Town>"))), "the value of Town is longer than 64 kB"},
		"CDATA without end":               {io.MultiReader(strings.NewReader("<NCCIS>"+head+"<YoungPersonsRecord><PersonalDetails><Town><![CDATA["), &again{text: "]]"}), "the value of Town is longer than 64 kB"},
		"codes without end":               {io.MultiReader(strings.NewReader("<NCCIS>"+head+"<YoungPersonsRecord><LevelOfNeed><Characteristics>"), &again{text: "<CharacteristicCode>110</CharacteristicCode>"}), "more than 1 MB"},
		"authorities without end":         {io.MultiReader(strings.NewReader("<NCCIS><FileHeader><SourceLEAs>"), &again{text: "<LEACode>110</LEACode>"}), "more than 1 MB"},
		"a declaration without end":       {io.MultiReader(strings.NewReader("<?xml "), &again{text: "a"}), "is not closed by ?>"},
	} {
		_, _, err := readAll(c.r)
		if !isRejection(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

// Long, but lawful: gone over without being held.
func TestLongButLawful(t *testing.T) {
	long := strings.Repeat("x ", 1<<20)
	text := "<!DOCTYPE NCCIS [<!-- " + long + "-->]><!-- " + long + "-->" + file(`<YoungPersonsRecord a="`+long+`"><PersonalDetails>`+strings.Repeat("\n", 1<<20)+`<Town a='`+long+`'/></PersonalDetails></YoungPersonsRecord><?p `+long+`?>`)
	_, all := mustRead(t, text)
	if len(all) != 1 {
		t.Errorf("%d records", len(all))
	}
}

func TestALineFarIntoTheFile(t *testing.T) {
	_, _, err := readAll(strings.NewReader("<NCCIS>" + head + strings.Repeat(person("<Town>A</Town>")+"\n", 9999) + "<YoungPersonsRecord>\n<X/>"))
	var rej *Rejection
	if !errors.As(err, &rej) || rej.Line != 10001 || rej.Position != 10000 {
		t.Errorf("%+v", rej)
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d="1"`, i)
	}
	return b.String()
}
