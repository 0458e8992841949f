package nccis

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func written(t interface{ Fatal(...any) }, e *Edition, h Header, all []Record) string {
	var b bytes.Buffer
	w, err := NewWriter(&b, e, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := w.Write(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func edition(t interface{ Fatal(...any) }, name string) *Edition {
	req, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	e, ok := req.Edition(name)
	if !ok {
		t.Fatal("edition " + name + " is not held")
	}
	return e
}

func TestWritesTheSchemasOrder(t *testing.T) {
	h, all := mustRead(t, file(`<YoungPersonsRecord><Activities><Cohort><StartDate>2026-01-01</StartDate><ActivityCode>210</ActivityCode></Cohort></Activities>
		<PersonalDetails><YouthContractIndicator>Y</YouthContractIndicator><Town>A &amp; B &lt; C</Town><GivenName>Zoë&#13;</GivenName></PersonalDetails></YoungPersonsRecord>`+person("<GivenName>B</GivenName>")))
	all[0].Values[GivenName] = "Zoë\r]]>"
	got := written(t, edition(t, "2026-27"), h, all)
	want := `<?xml version="1.0" encoding="UTF-8"?>
<NCCIS>
  <FileHeader>
    <Databases>
      <DatabaseId>123</DatabaseId>
    </Databases>
    <SourceLEAs>
      <LEACode>341</LEACode>
    </SourceLEAs>
    <DateOfSend>2026-06-05</DateOfSend>
    <PeriodEnd>2026-05-31</PeriodEnd>
    <SupplierName>A supplier</SupplierName>
    <SupplierXMLVersion>1</SupplierXMLVersion>
    <XMLSchemaVersion>1</XMLSchemaVersion>
  </FileHeader>
  <YoungPersonsRecord>
    <PersonalDetails>
      <GivenName>Zoë&#xD;]]&gt;</GivenName>
      <Town>A &amp; B &lt; C</Town>
    </PersonalDetails>
    <LevelOfNeed>
    </LevelOfNeed>
    <Activities>
      <Cohort>
        <ActivityCode>210</ActivityCode>
        <StartDate>2026-01-01</StartDate>
      </Cohort>
    </Activities>
  </YoungPersonsRecord>
  <YoungPersonsRecord>
    <PersonalDetails>
      <GivenName>B</GivenName>
    </PersonalDetails>
    <LevelOfNeed>
    </LevelOfNeed>
  </YoungPersonsRecord>
</NCCIS>
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for name, root := range map[string]string{"2015-16": "<NCCIS2015>", "2019-20": "<NCCIS>", "2020-21": "<NCCIS>", "2022-23": "<NCCIS>"} {
		if text := written(t, edition(t, name), h, nil); !strings.Contains(text, "?>\n"+root+"\n") {
			t.Errorf("the root of %s:\n%.80s", name, text)
		}
	}
}

func TestWriterRefusesWhatXMLCannotHold(t *testing.T) {
	for _, bad := range []string{"a\x00b", "a\x0bb", "a\xffb", "a\uffffb"} {
		var b bytes.Buffer
		w, err := NewWriter(&b, edition(t, "2026-27"), Header{SupplierName: "fine"})
		if err != nil {
			t.Fatal(err)
		}
		rec := Record{Position: 7}
		rec.Values[YoungPersonsID], rec.Values[FamilyName] = "1230000000007", bad
		err = w.Write(&rec)
		if err == nil || !strings.Contains(err.Error(), "record 7") || !strings.Contains(err.Error(), "1230000000007") || !strings.Contains(err.Error(), "FamilyName") {
			t.Errorf("%q: %v", bad, err)
		}
		rec.Values[FamilyName] = "Mended"
		if err := w.Write(&rec); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if strings.Count(b.String(), "<YoungPersonsRecord>") != 1 {
			t.Errorf("a part of the refused record was written:\n%s", &b)
		}
		if _, err := NewWriter(&b, edition(t, "2026-27"), Header{SupplierName: bad}); err == nil || !strings.Contains(err.Error(), "SupplierName") {
			t.Errorf("header %q: %v", bad, err)
		}
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	full := errors.New("no space left on device")
	w, err := NewWriter(writerFunc(func([]byte) (int, error) { return 0, full }), edition(t, "2026-27"), Header{})
	if err != nil {
		t.Fatal(err)
	}
	rec := Record{}
	rec.Values[Town] = strings.Repeat("a", 100_000)
	if err := w.Write(&rec); !errors.Is(err, full) {
		t.Errorf("Write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("Close: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// What is written is read back as it was.
func TestReadOfWriteIsIdentity(t *testing.T) {
	req, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.StringOfN(rapid.OneOf(rapid.SampledFrom([]rune("ab <>&'\"]\r\n\té李😀-;#x\u0085\ufeff")), rapid.Rune()), 0, 30, -1)
	value := rapid.Custom(func(t *rapid.T) string {
		lawful := strings.Map(func(r rune) rune {
			if !lawfulRune(r) {
				return -1
			}
			return r
		}, text.Draw(t, "text"))
		return strings.Trim(lawful, " \t\r\n")
	})
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(req.Editions()).Draw(t, "edition")
		h := Header{DatabaseIDs: []string{"123", "456"}, LEACodes: []string{"341"}, DateOfSend: "2026-06-05", PeriodEnd: "2026-05-31", SupplierName: value.Draw(t, "supplier")}
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Record {
			var rec Record
			rec.NoActivities = true
			for f := range FieldCount {
				if e.HasField(f) && rapid.Bool().Draw(t, "there") {
					rec.Values[f] = value.Draw(t, f.String())
					if f >= ActivityCode && f <= PredictedEndDate && rec.Values[f] != "" {
						rec.NoActivities = false
					}
				}
			}
			if rec.Values[CohortStatus] == "X" {
				rec.Values[CohortStatus] = "P"
			}
			for range rapid.IntRange(0, 3).Draw(t, "codes") {
				if c := value.Draw(t, "code"); c != "" {
					rec.Characteristics = append(rec.Characteristics, c)
				}
			}
			return rec
		}), 0, 4).Draw(t, "records")
		for i := range all {
			all[i].Position = i + 1
		}
		out := written(t, e, h, all)
		h2, all2, err := readAll(strings.NewReader(out))
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if d := cmp.Diff(h, h2) + diffRecords(all, all2); d != "" {
			t.Fatalf("%s\n%s", d, out)
		}
	})
}

func diffRecords(want, got []Record) string {
	if len(want) == 0 && len(got) == 0 {
		return ""
	}
	return cmp.Diff(want, got)
}

// The 2015-16 form is valid against the schema of that year. The schema
// declares no root (nccis.md 1.1), so testdata/nccis2015.xsd wraps it.
func TestOutputOf2015IsValid(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("xmllint IS NOT INSTALLED: the 2015-16 form was not validated")
		t.Skip()
	}
	schema, err := filepath.Abs("../../../shared/data/nccis-2015-16.xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(schema); err != nil {
		t.Log("THE SCHEMA IS ABSENT: the 2015-16 form was not validated: ", err)
		t.Skip()
	}
	wrapper, err := os.ReadFile("testdata/nccis2015.xsd")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	at := filepath.Join(dir, "root.xsd")
	if err := os.WriteFile(at, bytes.Replace(wrapper, []byte("nccis-2015-16.xsd"), []byte("file://"+schema), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	validate := func(name, text string) (string, error) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(lint, "--noout", "--nonet", "--schema", at, path).CombinedOutput()
		return string(out), err
	}
	h := Header{DatabaseIDs: []string{"123", "124"}, LEACodes: []string{"341", "344"}, DateOfSend: "2015-06-05", PeriodEnd: "2015-05-31", SupplierName: "Waymark", SupplierXMLVersion: "1", XMLSchemaVersion: "1"}
	text := written(t, edition(t, "2015-16"), h, schemaRecords())
	if out, err := validate("return.xml", text); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, text)
	}
	if _, err := validate("wrong.xml", strings.Replace(text, "<Gender>F</Gender>", "<Gender>Q</Gender>", 1)); err == nil {
		t.Error("the schema accepts what it must not: the test validates nothing")
	}
}

// schemaRecords are one record with everything and one with only what the
// schema demands.
func schemaRecords() []Record {
	full, bare := Record{Position: 1, Characteristics: []string{"110", "180"}}, Record{Position: 2, NoActivities: true}
	for f := range FieldCount {
		full.Values[f] = "Text"
	}
	for f, v := range map[Field]string{
		YoungPersonsID: "1230000000001", CohortStatus: "P", Gender: "F", DOB: "1998-03-14", Ethnicity: "WBRI", LeadLEA: "341", EducatedLEA: "344", TransferredToLACode: "344", LEACodeAtYear11: "341",
		GuaranteeStatusIndicator: "Y", YouthContractIndicator: "Y", YouthContractStartDate: "2014-01-01", Year11GuaranteeStatus: "110", Year11LEACode: "341", Year12GuaranteeStatus: "114", Year12LEACode: "341",
		LevelOfNeedCode: "3", SENDFlag: "N", SENSupportFlag: "N", ActivityCode: "230", StartDate: "2014-09-03", DateAscertained: "2014-10-06", DateVerified: "2015-03-18", ReviewDate: "2015-05-01",
		DueToLapseDate: "2015-08-31", CurrencyLapsed: "N", EstablishmentNumber: "3414001", NEETStartDate: "2014-01-01", PredictedEndDate: "2016-07-31", IntendedDestinationYr11: "111",
	} {
		full.Values[f] = v
	}
	for _, f := range []Field{YoungPersonsID, CohortStatus, GivenName, FamilyName, Postcode, Gender, DOB, Ethnicity, LeadLEA, EducatedLEA, LevelOfNeedCode, SENDFlag} {
		bare.Values[f] = full.Values[f]
	}
	return []Record{full, bare}
}
