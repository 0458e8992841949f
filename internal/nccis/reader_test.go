package nccis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const head = `<FileHeader><Databases><DatabaseId>123</DatabaseId></Databases><SourceLEAs><LEACode>341</LEACode></SourceLEAs>` +
	`<DateOfSend>2026-06-05</DateOfSend><PeriodEnd>2026-05-31</PeriodEnd><SupplierName>A supplier</SupplierName><SupplierXMLVersion>1</SupplierXMLVersion><XMLSchemaVersion>1</XMLSchemaVersion></FileHeader>`

// file is a return of the 2019 form around the records' text.
func file(records string) string { return "<NCCIS>" + head + records + "</NCCIS>" }

func person(inside string) string {
	return "<YoungPersonsRecord><PersonalDetails>" + inside + "</PersonalDetails></YoungPersonsRecord>"
}

func readAll(r io.Reader) (Header, []Record, error) {
	rd, err := NewReader(r)
	if err != nil {
		return Header{}, nil, err
	}
	var all []Record
	for {
		var rec Record
		if err := rd.Next(&rec); errors.Is(err, io.EOF) {
			return rd.Header(), all, nil
		} else if err != nil {
			return rd.Header(), all, err
		}
		all = append(all, rec)
	}
}

func mustRead(t *testing.T, text string) (Header, []Record) {
	t.Helper()
	h, all, err := readAll(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return h, all
}

func TestReadsTheWorkedExample(t *testing.T) {
	b, err := os.ReadFile("testdata/example-2026-27.xml")
	if err != nil {
		t.Fatal(err)
	}
	h, all := mustRead(t, string(b))
	want := Header{DatabaseIDs: []string{"123"}, LEACodes: []string{"341", "344"}, DateOfSend: "2026-06-05", PeriodEnd: "2026-05-31", SupplierName: "OpenCCIS", SupplierXMLVersion: "1.0", XMLSchemaVersion: "1"}
	if d := cmp.Diff(want, h); d != "" {
		t.Error(d)
	}
	first := Record{Position: 1}
	for f, v := range map[Field]string{
		YoungPersonsID: "1230000004711", CohortStatus: "P", GivenName: "Example", FamilyName: "Person", AddressLine1: "1 Sample Street", Town: "Liverpool", Postcode: "L1 1AA",
		Gender: "F", DOB: "2009-03-14", Ethnicity: "WBRI", LeadLEA: "341", EducatedLEA: "344", LEACodeAtYear11: "341", GuaranteeStatusIndicator: "Y",
		Year12GuaranteeStatus: "114", Year12LEACode: "341", LevelOfNeedCode: "3", SENDFlag: "N", SENSupportFlag: "N",
		ActivityCode: "230", StartDate: "2025-09-03", DateAscertained: "2025-10-06", DateVerified: "2026-03-18", DueToLapseDate: "2026-08-31", CurrencyLapsed: "N",
		UKProviderReferenceNumber: "10000000", PredictedEndDate: "2027-07-31",
	} {
		first.Values[f] = v
	}
	if len(all) != 2 {
		t.Fatalf("%d records", len(all))
	}
	if d := cmp.Diff(first, all[0]); d != "" {
		t.Error(d)
	}
	if !all[1].Has("140") || all[1].Position != 2 || all[1].Get(NEETStartDate) != "2026-02-09" || all[1].NoActivities {
		t.Errorf("the second record came out as %+v", all[1])
	}
}

func TestReadsWhatSuppliersWrite(t *testing.T) {
	text := "\ufeff<?xml version=\"1.0\" standalone=\"no\"?>\r\n<!DOCTYPE NCCIS2015 [ <!ENTITY a \"<b>\"> <!-- > -->]>\r\n<!-- made by a supplier -->\n<NCCIS2015 xmlns:xsi='x&lt;y>z' a = \"1\">" +
		strings.NewReplacer("DatabaseId", "DatabaseID").Replace(head) + `
	<YoungPersonsRecord><PersonalDetails><YoungPersonsID> 1230000000001
	</YoungPersonsID ><MiddleName></MiddleName><GivenName nil="">Zo&#xEB; &amp; <!-- c --><![CDATA[<J]] & o>]]></GivenName><FamilyName>O&apos;Neill&#10;x</FamilyName><Town>a` + "\r\nb\rc" + `</Town><ActivitySurveyStatus>1</ActivitySurveyStatus></PersonalDetails>
	<SeptemberGuarantee/><LevelOfNeed><LevelofNeedCode>2</LevelofNeedCode><LDDFlag>Y</LDDFlag><Characteristics><Characteristic>110</Characteristic><CharacteristicCode/><Characteristic>120</Characteristic></Characteristics></LevelOfNeed>
	<Activities><Cohort><ActivityCode>619</ActivityCode><ReviewDate /><NeetStartDate>2009-02-30</NeetStartDate></Cohort></Activities></YoungPersonsRecord>
	<?pi x?><YoungPersonsRecord><PersonalDetails/></YoungPersonsRecord></NCCIS2015>
	<!-- end -->`
	h, all := mustRead(t, text)
	if len(h.DatabaseIDs) != 1 || len(all) != 2 {
		t.Fatalf("%+v, %d records", h, len(all))
	}
	want := Record{Position: 1, Characteristics: []string{"110", "120"}, Unknown: []UnknownElement{{Name: "ActivitySurveyStatus", Value: "1", Editions: "to 2013-14"}}}
	for f, v := range map[Field]string{YoungPersonsID: "1230000000001", GivenName: "Zoë & <J]] & o>", FamilyName: "O'Neill\nx", Town: "a\nb\nc", LevelOfNeedCode: "2", SENDFlag: "Y", ActivityCode: "619", NEETStartDate: "2009-02-30"} {
		want.Values[f] = v
	}
	if d := cmp.Diff(want, all[0]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Record{Position: 2, NoActivities: true}, all[1]); d != "" {
		t.Error(d)
	}
}

func TestOneRecordIsUsedAgain(t *testing.T) {
	rd, err := NewReader(strings.NewReader(file(`<YoungPersonsRecord><PersonalDetails><GivenName>Ann</GivenName><JoiningFromOALEA>1</JoiningFromOALEA></PersonalDetails><LevelOfNeed><Characteristics><CharacteristicCode>110</CharacteristicCode></Characteristics></LevelOfNeed></YoungPersonsRecord>` + person("<Town>B</Town>"))))
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	if err := rd.Next(&rec); err != nil || rec.Get(GivenName) != "Ann" || len(rec.Unknown) != 1 {
		t.Fatalf("%+v, %v", rec, err)
	}
	if err := rd.Next(&rec); err != nil || rec.Get(GivenName) != "" || len(rec.Characteristics) != 0 || len(rec.Unknown) != 0 || rec.Get(Town) != "B" {
		t.Fatalf("the record before shines through: %+v, %v", rec, err)
	}
	for range 2 {
		if err := rd.Next(&rec); err != io.EOF {
			t.Fatalf("after the last record: %v", err)
		}
	}
}

// Whatever pieces the bytes come in, the records are the same.
func TestPiecesOfAFile(t *testing.T) {
	text := file(strings.Repeat(person("<GivenName>Zoë &amp; 李 ]] &#x2019;<![CDATA[]]]]></GivenName><!-- - --><?p ? ?>"), 3000)) + "\n<!-- end -->"
	h, all := mustRead(t, text)
	for name, r := range map[string]io.Reader{"bytes": iotest.OneByteReader(strings.NewReader(text)), "halves": iotest.HalfReader(strings.NewReader(text)), "error with data": iotest.DataErrReader(strings.NewReader(text))} {
		h2, all2, err := readAll(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(h, h2) + cmp.Diff(all, all2); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if len(all) != 3000 || all[2999].Get(GivenName) != "Zoë & 李 ]] ’]]" {
		t.Errorf("%d records, the last %+v", len(all), all[len(all)-1])
	}
}

func TestAFaultOfTheReadingIsNoRejection(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, n := range []int{0, 10, 300, 400} {
		_, _, err := readAll(io.MultiReader(strings.NewReader(file(person("<Town>B</Town>"))[:n]), iotest.ErrReader(broken)))
		var rej *Rejection
		if !errors.Is(err, broken) || errors.As(err, &rej) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestCodings(t *testing.T) {
	text := `<?xml version="1.0" encoding="X"?>` + file(person("<GivenName>Zoë D’Arc 😀</GivenName>"))
	latin := strings.NewReplacer("ë", "\xeb", "’", "\x92", "😀", "\x81").Replace(text)
	in16 := func(s string, big bool) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return string(b)
	}
	says := func(s, coding string) string { return strings.Replace(s, `"X"`, `"`+coding+`"`, 1) }
	for name, c := range map[string]struct{ text, want string }{
		"UTF-8":           {says(text, "utf-8"), "Zoë D’Arc 😀"},
		"UTF-8 with mark": {"\ufeff" + says(text, "UTF-8"), "Zoë D’Arc 😀"},
		"Windows-1252":    {says(latin, "Windows-1252"), "Zoë D’Arc \u0081"},
		"ISO-8859-1":      {says(latin, "ISO-8859-1"), "Zoë D’Arc \u0081"},
		"UTF-16 little":   {in16("\ufeff"+says(text, "UTF-16"), false), "Zoë D’Arc 😀"},
		"UTF-16 big":      {in16("\ufeff"+says(text, "UTF-16"), true), "Zoë D’Arc 😀"},
		"UTF-16 no mark":  {in16(says(text, "UTF-16"), false), "Zoë D’Arc 😀"},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
			_, all, err := readAll(r)
			if err != nil || len(all) != 1 || all[0].Get(GivenName) != c.want {
				t.Errorf("%s: %+v, %v", name, all, err)
			}
		}
	}
	for name, c := range map[string]struct{ text, reason string }{
		"Latin-1 said to be UTF-8":      {says(strings.Replace(latin, "Zo", "\nZo", 1), "UTF-8"), "line 2, record 1: the file says UTF-8, but this line has a character in another alphabet's coding"},
		"Latin-1 undeclared":            {strings.Replace(latin, ` encoding="X"`, "", 1), "it should be UTF-8"},
		"UTF-16 only said":              {says(text, "utf-16"), `says that the file is coded as "utf-16", but it is written in one byte`},
		"UTF-16 said to be UTF-8":       {in16("\ufeff"+says(text, "utf-8"), false), `coded as "utf-8", but it is written in UTF-16`},
		"Windows with the mark":         {"\ufeff" + says(text, "windows-1252"), "but it is written in UTF-8"},
		"a coding of another continent": {says(text, "Shift_JIS"), "which Waymark does not read"},
		"half a pair":                   {in16("\ufeff"+says(text, "UTF-16"), false)[:300] + "\x00\xd8\x00\x00", "another alphabet's coding"},
		"UTF-16 with an odd byte":       {in16("\ufeff<NCCIS>", false) + "x", "another alphabet's coding"},
	} {
		if _, _, err := readAll(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryIsFlat(t *testing.T) {
	one := person("<GivenName>Ann</GivenName><FamilyName>Other</FamilyName><Town>Anywhere</Town>")
	rd, err := NewReader(io.MultiReader(strings.NewReader("<NCCIS>"+head), io.LimitReader(&again{text: one}, int64(len(one)*20000)), strings.NewReader("</NCCIS>")))
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	perRecord := testing.AllocsPerRun(15000, func() {
		if err := rd.Next(&rec); err != nil {
			t.Fatal(err)
		}
	})
	if perRecord > 1.01 {
		t.Errorf("%.2f allocations a record, at most one string is meant", perRecord)
	}
	if n := len(rd.scan.buf); n != window {
		t.Errorf("the window grew to %d", n)
	}
}

// again gives a text over and over.
type again struct {
	text string
	at   int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.text[a.at:])
	a.at = (a.at + n) % len(a.text)
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	one, err := os.ReadFile("testdata/example-2026-27.xml")
	if err != nil {
		b.Fatal(err)
	}
	from := bytes.Index(one, []byte("<YoungPersonsRecord>"))
	to := bytes.LastIndex(one, []byte("</NCCIS>"))
	text := fmt.Sprintf("%s%s</NCCIS>", one[:from], strings.Repeat(string(one[from:to]), 2000))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		rd, err := NewReader(strings.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		var rec Record
		for err == nil {
			err = rd.Next(&rec)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}
