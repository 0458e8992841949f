// Package intaketest has files as odd as schools and colleges really send them,
// with what each must come to, for the tests that send them by the service, by the
// command and by page. All people in them are invented.
package intaketest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// File is a file as a school or a college really sends it, and what it must come
// to in a register that has taken in all those above it.
type File struct {
	Name string
	// Kind is what whoever takes it in says that it is; "" is what it looks like.
	Kind string
	// Looks is the kind that it must be taken for where nobody says it.
	Looks string
	// From is who sent it, and Place says that they are a place where people learn.
	From  string
	Place bool
	// AsAt is the day of which it speaks, CCYY-MM-DD.
	AsAt string
	// Whole says that it is a full roll.
	Whole bool
	Body  func(testing.TB) []byte
	// Comes is read, new, changed, unchanged, waiting, unusable, skipped, in rows.
	Comes [7]int
	// Holds are values that the register holds afterwards and did not before.
	Holds []string
	// Answers are to the questions that the file asks; there are no others.
	Answers map[string]string
}

func plainText(text string) func(testing.TB) []byte {
	return func(testing.TB) []byte { return []byte(text) }
}

func windows(text string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		out, err := charmap.Windows1252.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(out)
	}
}

func utf16Tabs(text string) func(testing.TB) []byte {
	return func(testing.TB) []byte {
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(strings.ReplaceAll(text, "|", "\t"))) {
			out = binary.LittleEndian.AppendUint16(out, u)
		}
		return out
	}
}

// enrolments is a college's workbook: two rows of title, a header of two rows with
// merged cells, dates as numbers, a formula, and a second sheet of notes.
func enrolments(t testing.TB) []byte {
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const s = "Sheet1"
	must(f.SetCellValue(s, "A1", "Northshore College"))
	must(f.SetCellValue(s, "A2", "Enrolments to 10 September 2026 - CONFIDENTIAL"))
	must(f.SetSheetRow(s, "A3", &[]any{"Student", nil, nil, nil, "Contact", nil, "Programme", nil}))
	must(f.MergeCell(s, "A3", "D3"))
	must(f.MergeCell(s, "E3", "F3"))
	must(f.MergeCell(s, "G3", "H3"))
	must(f.SetSheetRow(s, "A4", &[]any{"ID", "Surname", "Forename", "DOB", "Mobile", "Postcode", "Course", "Start date"}))
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	for i, row := range [][]any{
		{"N100", "Thistlewood", "Ana", date("2010-01-05"), "07700 900101", "QX1 1AG", "A Levels (3)", date("2026-09-07")},
		{"N101", "de Winterbourne", "Tomos", date("2010-06-08"), "07700 900102", "QX2 2BH", "BTEC L3 Sport", date("2026-09-07")},
		{"N102", "Saltmarsh", "Ngozi", date("2009-11-15"), "", "QX3 3DJ", "T Level Digital", date("2026-09-08")},
		{"N103", "Fernhollow", "Beatrix", date("2009-10-02"), "07700 900104", "QX9 9EL", "A Levels (3)", date("2026-09-07")},
	} {
		at, err := excelize.CoordinatesToCellName(1, 5+i)
		must(err)
		must(f.SetSheetRow(s, at, &row))
		for _, column := range []int{4, 8} {
			at, err := excelize.CoordinatesToCellName(column, 5+i)
			must(err)
			must(f.SetCellStyle(s, at, at, day))
		}
	}
	must(f.SetCellFormula(s, "A8", `"N"&103`))
	_, err = f.NewSheet("Notes")
	must(err)
	must(f.SetCellValue("Notes", "A1", "Please telephone the registry before you use this list."))
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

func date(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

const transfer = `<?xml version="1.0" encoding="UTF-8"?>
<CTfile><Header><DocumentName>Common Transfer File</DocumentName><CTFversion>23.0</CTFversion>
<SourceSchool><LEA>341</LEA><Estab>4001</Estab><SchoolName>Estuary High</SchoolName></SourceSchool></Header>
<CTFpupilData>
<Pupil><UPN>J999400120005</UPN><Surname>Larkspur</Surname><Forename>Zoë</Forename><DOB>2009-09-01</DOB><Gender>F</Gender>
<BasicDetails><PreferredForename>Zo</PreferredForename><NCyearActual>12</NCyearActual></BasicDetails><SENprovision>K</SENprovision>
<Address><BS7666Address><PAON>14</PAON><Street>Curlew Lane</Street><Town>Saltmarsh</Town><PostCode>QX5 5FN</PostCode></BS7666Address></Address></Pupil>
<Pupil><UPN>Q999400120009</UPN><Surname>Nowakowska-Finch</Surname><Forename>Rafe</Forename><DOB>2010-05-01</DOB><Gender>M</Gender></Pupil>
</CTFpupilData></CTfile>`

// Odd are the files, in the order in which they come.
func Odd() []File { return slices.Clone(oddFiles) }

// All are those of Odd and, after them, those of Later.
func All() []File { return slices.Concat(oddFiles, laterFiles) }

var oddFiles = []File{
	{Name: "Census spring.csv", Kind: "pupil-list", From: "Estuary High", Place: true, AsAt: "2026-05-21", Comes: [7]int{8, 8, 0, 0, 0, 0, 0}, Holds: []string{"Zoë", "Séamus", "C999400120001"}, Body: windows(
		"UPN;Legal Surname;Legal Forename;Date of Birth;Gender;Ethnicity;NC Year;SEN Provision;Entry Date;Post Code\r\n" +
			"C999400120001;Thistlewood;Ana;05/01/2010;F;WBRI;11;N;07/09/2021;QX1 1AG\r\n" +
			"R999400120002;de Winterbourne;Tomos;08/06/2010;M;WBRI;11;K;07/09/2021;QX2 2BH\r\n" +
			"F999400120003;Saltmarsh;Ngozi;15/11/2009;F;BAFR;11;E;07/09/2021;QX3 3DJ\r\n" +
			"V999400120004;Okonkwo-Marsh;Wren;22/04/2010;F;MWBA;11;N;07/09/2021;QX4 4EL\r\n" +
			"J999400120005;Larkspur;Zoë;01/09/2009;F;WBRI;11;K;07/09/2021;QX5 5FN\r\n" +
			"Y999400120006;Adeyemi-Brook;Séamus;08/02/2010;M;WIRI;11;N;07/09/2021;QX6 6AG\r\n" +
			"M999400120007;Quillfeather;Kofi;15/07/2010;M;BAFR;11;N;07/09/2021;QX7 7BH\r\n" +
			"B999400120008;Mensahby;Maja;22/12/2009;F;WOTH;11;N;07/09/2021;QX8 8DJ\r\n")},
	{Name: "Yr11 destinations FINAL v2.csv", Kind: "intended-destinations", From: "Estuary High", Place: true, AsAt: "2026-06-10", Comes: [7]int{4, 0, 4, 0, 0, 0, 0}, Holds: []string{"destination", "intended"}, Body: plainText(
		"Name,DOB,What do you want to do next?,Where?\n" +
			"\"Thistlewood, Ana\",5 January 2010,6th form,Estuary High\n\"de Winterbourne, Tomos\",8 June 2010,College,Northshore College\n" +
			"\"Okonkwo-Marsh, Wren\",22 April 2010,Apprenticeship,\n\"Quillfeather, Kofi\",15 July 2010,not sure,\n")},
	{Name: "SeptGuarantee.txt", Kind: "september-guarantee", From: "Estuary High", Place: true, AsAt: "2026-06-30", Comes: [7]int{3, 0, 3, 0, 0, 0, 0}, Holds: []string{"Northshore College", "offered"}, Body: utf16Tabs(
		"UPN|Surname|Forename|DoB|Offer Made?|Offer Institution\r\nC999400120001|Thistlewood|Ana|05/01/2010|Y|Northshore College\r\n" +
			"R999400120002|de Winterbourne|Tomos|08/06/2010|Conditional|Northshore College\r\nV999400120004|Okonkwo-Marsh|Wren|22/04/2010|N|\r\n")},
	{Name: "3414001_CTF_341.xml", From: "Estuary High", Place: true, AsAt: "2026-07-14", Comes: [7]int{2, 1, 1, 0, 0, 0, 0}, Holds: []string{"known_as", "14 Curlew Lane"}, Body: plainText(transfer)},
	{Name: "attendance summer.csv", Kind: "attendance", From: "Estuary High", Place: true, AsAt: "2026-07-17", Comes: [7]int{4, 0, 3, 0, 0, 0, 1}, Holds: []string{"attendance", "91.2"}, Body: plainText(
		"UPN,Surname,Forename,DOB,Attendance %\nC999400120001,Thistlewood,Ana,05/01/2010,0.912\nR999400120002,de Winterbourne,Tomos,08/06/2010,0.874\nV999400120004,Okonkwo-Marsh,Wren,22/04/2010,1\n" +
			"E999400120012,Elsewhere,Nobody,01/01/2010,0.990\n")},
	{Name: "Enrolments 10 Sept.xlsx", Kind: "enrolment", From: "Northshore College", Place: true, AsAt: "2026-09-10", Comes: [7]int{4, 1, 3, 0, 0, 0, 0}, Holds: []string{"Northshore College", "07700900104"}, Body: enrolments},
	{Name: "starters and leavers.csv", Kind: "starters-leavers", From: "Northshore College", Place: true, AsAt: "2026-10-12", Comes: [7]int{4, 0, 4, 0, 0, 0, 0}, Holds: []string{"2026-10-02"}, Body: plainText(
		"Student ID,Surname,Forename,DOB,Start date,Date left,Reason\nN100,Thistlewood,Ana,05/01/2010,7 Sept 2026,,\n" +
			"N101,de Winterbourne,Tomos,08.06.10,07/09/26,2026-10-02,left - job\nN104,Mensahby,Maja,22-Dec-2009,2026-10-01,,\nN102,Saltmarsh,Ngozi,15/11/2009,21/09/26,,\n")},
	{Name: "FULL ROLL oct.csv", Kind: "full-roll", From: "Northshore College", Place: true, AsAt: "2026-10-15", Whole: true, Comes: [7]int{4, 0, 4, 0, 0, 0, 0}, Body: plainText(
		"Person Code,Learner Surname,Learner First Name,Date of Birth,Prog Title,Start\nN100,Thistlewood,Ana,05/01/2010,A levels @ Northshore,07/09/2026\n" +
			"N102,Saltmarsh,Ngozi,15/11/2009,T Level Digital Production,08/09/2026\nN103,Fernhollow,Beatrix,02/10/2009,A levels @ Northshore,07/09/2026\n" +
			"N104,Mensahby,Maja,22/12/2009,Level 2 Hair & Beauty,01/10/2026\n")},
	{Name: "DPOutcome.csv", Kind: "ilr-destinations", From: "Northshore College", Place: true, AsAt: "2026-10-20", Comes: [7]int{1, 0, 1, 0, 0, 0, 0}, Holds: []string{"330"}, Body: plainText(
		"UKPRN,LearnRefNumber,FamilyName,GivenNames,DateOfBirth,OutType,OutCode,OutStartDate\n10099999,N101,de Winterbourne,Tomos,2010-06-08,EMP,1,2026-10-05\n")},
	{Name: "Apprenticeship starts.psv", Kind: "apprenticeship-starts", From: "Tern Training", AsAt: "2026-10-22", Comes: [7]int{3, 0, 3, 0, 0, 0, 0}, Holds: []string{"Tern Training", "2028-03-31"}, Answers: map[string]string{"names:0": "given first"}, Body: plainText(
		"Apprentice Name|Apprentice DOB|Employer|Training provider|Standard|Start|Planned end\nWren Okonkwo-Marsh|2010/04/22|Mudflat Bakery Ltd|Tern Training|Baker L2|5 Oct 2026|31-03-2028\n" +
			"Rafe Nowakowska-Finch|2010/05/01|Mudflat Bakery Ltd|Tern Training|Baker L2|5 Oct 2026|31-03-2028\nSéamus Adeyemi-Brook|2010/02/08|Sandpiper Joinery|Tern Training|Joinery L2|5 Oct 2026|31-03-2028\n")},
	{Name: "CLA & EHCP.csv", Kind: "care", From: "Children in care team", AsAt: "2026-10-26", Comes: [7]int{2, 0, 2, 0, 0, 0, 0}, Holds: []string{"110"}, Body: plainText(
		"LCS ID,First Name,Last Name,DOB,Legal Status,Looked After,Care Leaver,EHCP\n90001,Kofi,Quillfeather,15/07/2010,S20,Y,N,N\n90002,Séamus,Adeyemi-Brook,08/02/2010,Care order,Y,N,Y\n")},
	{Name: "uc claimants.csv", Kind: "claimants", From: "Jobcentre", AsAt: "2026-10-28", Comes: [7]int{2, 0, 2, 0, 0, 0, 0}, Holds: []string{"Universal Credit"}, Body: plainText(
		"Surname,Forename,Date of birth,Address,Benefit,Claim start date\nThistlewood,Ana,05/01/2010,\"1, Curlew Lane, Saltmarsh, QX1 1AG\",Universal Credit,01/10/2026\nQuillfeather,Kofi,15/07/2010,\"7, Curlew Lane, Saltmarsh, QX7 7BH\",Universal Credit,15/10/2026\n")},
	{Name: "people.csv", Kind: "people", From: "Youth club", AsAt: "2026-11-02", Comes: [7]int{6, 1, 1, 0, 1, 1, 2}, Holds: []string{"07700900111", "Oriel"}, Body: plainText(
		"First name,Surname,Date of birth,Postcode,Phone\nKofi,Quillfeather,15/07/2010,QX7 7BH,07700 900107\nAna & Ben,Thistlewood,05/01/2010,QX1 1AG,\n" +
			"First name,Surname,Date of birth,Postcode,Phone\nOriel,Dunmarrow,03/03/2010,QX1 2AG,07700 900111\nMaja,Mensahby,31/02/2009,QX8 8DJ,\nTotal: 4,,,,\n")},
}
