package intaketest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// sixthForm is a workbook whose first sheet is a cover: names of columns in two
// rows with merged cells, whole names in one column, a line above and a subtotal
// below each tutor group.
func sixthForm(t testing.TB) []byte {
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "Cover"))
	for i, line := range []string{"Dunlin Grammar School", "Sixth form numbers, autumn term", "For the attention of the participation team", "Please do not forward. Queries to the sixth form office."} {
		must(f.SetCellValue("Cover", fmt.Sprint("B", 2+2*i), line))
	}
	const s = "Y12 & Y13"
	_, err := f.NewSheet(s)
	must(err)
	at := 1
	put := func(row ...any) {
		must(f.SetSheetRow(s, fmt.Sprint("A", at), &row))
		at++
	}
	put("Dunlin Grammar School - sixth form by tutor group")
	put()
	put(nil, "Learner", nil, nil, "Numbers", nil, "Home", "Studies", nil, nil)
	for _, span := range [][2]string{{"B3", "D3"}, {"E3", "F3"}, {"H3", "J3"}} {
		must(f.MergeCell(s, span[0], span[1]))
	}
	put("Stud No", "Surname, Forename", "DoB (dd/mm)", "M/F", "UPN", "ULN", "P/code", "Programme", "Started", "Leaver Y/N")
	put("12A - Mr Plover")
	put("0412", "Larkspur, Zoë", "01/09/2009", "F", "J999400120005", "20 0000 0079", "QX55FN", "A Levels", "03/09/2026", "N")
	put("0413", "O'Hartle, Dylan", "14/02/2010", "M", "P999400120018", "20 0000 0141", "QX11AG", "A Levels", "03/09/2026", "N")
	put("Total 12A", 2)
	put("12B - Ms Knot")
	put("0420", "Petrov-Shaw, Imogen", "23/03/2010", "F", "D999400120019", "20 0000 0214", "QX22BH", "A Levels", "03/09/2026", "N")
	put("0421", "McTarn, Noor", "30/11/2009", "F", "A999400120017", "20 0000 0281", "QX33DJ", "BTEC L3 Business", "03/09/2026", "Y")
	put("Total 12B", 2)
	put("Grand total", 4)
	_, err = f.NewSheet("Lookups")
	must(err)
	must(f.SetSheetCol("Lookups", "A1", &[]any{"Programme", "A Levels", "BTEC L3 Business", "T Level"}))
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

// sendTeam is a workbook as another program than a spreadsheet writes it: its words
// stand in the cells themselves, nothing says how large the sheet is, and every row
// ends with empty cells as far as a sheet reaches.
func sendTeam(t testing.TB) []byte {
	var rows strings.Builder
	for i, row := range []string{
		"Child's Forename|Child's Surname|Date of Birth|UPN|EHC Plan?|Date of final plan|Primary need|Setting|NCY",
		"Ngozi|Saltmarsh|15/11/2009|F999400120003|Yes|12 March 2024|SLCN|Northshore College|12",
		"Kofi|Quillfeather|15/07/2010|M999400120007|Yes|1st May 2026|ASD|Estuary High|12",
		"Wren|Okonkwo-Marsh|22/04/2010|V999400120004|No - SEN Support||MLD||12",
	} {
		fmt.Fprintf(&rows, `<row r="%d">`, i+1)
		for at, cell := range strings.Split(row, "|") {
			name, err := excelize.ColumnNumberToName(at + 1)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&rows, `<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, name, i+1, cell)
		}
		for _, name := range []string{"XFC", "XFD"} {
			fmt.Fprintf(&rows, `<c r="%s%d" s="1"/>`, name, i+1)
		}
		rows.WriteString("</row>")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/_rels/workbook.xml.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/workbook.xml", `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Export" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/worksheets/sheet1.xml", `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows.String() + `</sheetData></worksheet>`},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(part[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pasted is a file put together from two: the rows from the mark on were written by
// an older program.
func pasted(text string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		first, second, _ := strings.Cut(text, "----\r\n")
		old, err := charmap.Windows1252.NewEncoder().String(second)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(first + old)
	}
}

const spacedTransfer = "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>
<ctf:CTfile xmlns:ctf="urn:example:transfer" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:example:transfer CTF.xsd">
  <ctf:Header><ctf:DocumentName>Common Transfer File</ctf:DocumentName><ctf:CTFversion>24.0</ctf:CTFversion><ctf:DateTime>2026-11-04T09:30:00</ctf:DateTime>
    <ctf:SourceSchool><ctf:LEA>341</ctf:LEA><ctf:Estab>4001</ctf:Estab></ctf:SourceSchool></ctf:Header>
  <ctf:CTFpupilData>
    <ctf:Pupil><ctf:ApplicationReference>77</ctf:ApplicationReference><ctf:UPN>B999400120010</ctf:UPN><ctf:Surname>Reedmace</ctf:Surname><ctf:Forename>Ines</ctf:Forename><ctf:DOB>2011-02-03</ctf:DOB><ctf:Sex>F</ctf:Sex>
      <ctf:BasicDetails><ctf:NCyearActual>11</ctf:NCyearActual><ctf:Ethnicity>WOTH</ctf:Ethnicity></ctf:BasicDetails>
      <ctf:Address><ctf:AddressLine1>3 Samphire Row</ctf:AddressLine1><ctf:AddressLine2>Mudflat</ctf:AddressLine2><ctf:PostCode>QX12AG</ctf:PostCode></ctf:Address>
      <ctf:Contacts><ctf:Contact><ctf:Surname>Reedmace</ctf:Surname><ctf:Forename>Lena</ctf:Forename><ctf:Relationship>MOT</ctf:Relationship><ctf:Phone>07700 900155</ctf:Phone></ctf:Contact></ctf:Contacts></ctf:Pupil>
    <ctf:Pupil><ctf:UPN>M999400120007</ctf:UPN><ctf:Surname>Quillfeather</ctf:Surname><ctf:Forename>Kofi</ctf:Forename><ctf:DOB>2010-07-15</ctf:DOB><ctf:Sex>M</ctf:Sex></ctf:Pupil>
  </ctf:CTFpupilData>
</ctf:CTfile>
`

// laterFiles are of other senders than oddFiles, and come when those are in the
// register.
var laterFiles = []File{
	{Name: "Dunlin 6th form.xlsx", Comes: [7]int{9, 3, 1, 0, 0, 0, 5}, Holds: []string{"O'Hartle", "2000000281", "Dunlin Grammar School", "810"}, Looks: "starters-leavers", From: "Dunlin Grammar School", Place: true, AsAt: "2026-11-03", Body: sixthForm},
	{Name: "attendance by month.csv", Comes: [7]int{3, 0, 2, 0, 0, 0, 1}, Holds: []string{"83.2"}, Looks: "attendance", From: "Estuary High", Place: true, AsAt: "2026-11-04", Body: utf8Tabs(
		"Estuary High|Attendance autumn 2026\n\nAdm No|Name|DOB|Sep-26|Oct-26|Nov-26|YTD %\n" +
			"3301|Quillfeather, Kofi|15/07/2010|88.1%|79.4%|81.0%|83.2%\n3302|Mensahby, Maja|22/12/2009|97.0%|96.2%|–|96.6%\n3303|Oldcastle, Perpetua|01/02/2010|90.0%|91.0%|92.0%|91.0%\n")},
	{Name: "Trainees nov.csv", Comes: [7]int{4, 1, 2, 1, 0, 0, 0}, Holds: []string{"Fenlark", "Knot Skills", "250"}, Looks: "starters-leavers", From: "Knot Skills", Place: true, AsAt: "2026-11-05", Body: pasted(
		"Trainee ref;First name(s);Family name;Born on;Home postcode;Tel (mob);Programme;Started on;Due to finish;Hrs p/w;Leaver?\r\n" +
			"KS-7;Kofi;Quillfeather;15 July 2010;QX77BH;07700 900107;Study programme - Construction L1;2nd November 2026;31 July 2027;16,5;N\r\n" +
			"KS-8;Tomos;de Winterbourne;8 June 2010;qx2 2bh;;Study programme - Motor Vehicle L1;12 Oct 2026;31 July 2027;18,0;Y\r\n" +
			"----\r\nKS-9;Séamus;Adeyemi-Brook;8th February 2010;QX66AG;;Functional skills - day release;26 Oct 2026;26 March 2027;6,5;N\r\n" +
			"KS-10;Zoë;Fenlark;November 3rd 2009;QX88DJ;07700 900110;Study programme - Hair L1;2 November 2026;31 July 2027;16,5;N\r\n")},
	{Name: "YJS open.csv", Comes: [7]int{3, 0, 3, 0, 0, 0, 0}, Holds: []string{"2026-09-14", "170"}, Looks: "youth-justice", From: "Youth justice service", AsAt: "2026-11-05", Body: plainText(
		"\"Youth Justice Service: open interventions at 05/11/2026\",,,,,,,,\r\n\"Order Ref\",\"Forename(s)\",\"Family Name\",\"D.O.B.\",\"Post Code\",\"Intervention\",\"Order start\",\"Order end\",\"ETE status\",\"Case manager\"\r\n" +
			"\"CV/0031\",\"Kofi\",\"Quillfeather\",\"15.07.2010\",\"QX7 7BH\",\"Referral order\",\"14.09.2026\",\"13.03.2027\",\"Training provider - FT\",\"D. Avocet\"\r\n" +
			"\"CV/0034\",\"Maja\",\"Mensahby\",\"22.12.2009\",\"QX8 8DJ\",\"Youth rehabilitation order\",\"01.10.2026\",\"30.09.2027\",\"College\",\"D. Avocet\"\r\n" +
			"\"CV/0035\",\"T\",\"de Winterbourne\",\"08.06.2010\",\"QX2 2BH\",\"Youth conditional caution\",\"20.10.2026\",\"20.01.2027\",\"Working\",\"S. Turnstone\"\r\n")},
	{Name: "SEND export.xlsx", Comes: [7]int{3, 0, 2, 1, 0, 0, 0}, Holds: []string{"need"}, Looks: "send", From: "SEND team", AsAt: "2026-11-06", Body: sendTeam},
	{Name: "3414001_CTF_3419999.xml", Comes: [7]int{2, 1, 1, 0, 0, 0, 0}, Holds: []string{"Reedmace", "3 Samphire Row"}, From: "Estuary High", Place: true, AsAt: "2026-11-06", Body: plainText(spacedTransfer)},
	{Name: "Where are they now.csv", Comes: [7]int{5, 0, 5, 0, 0, 0, 0}, Holds: []string{"619"}, Looks: "where-now", From: "Estuary High", Place: true, AsAt: "2026-11-09", Body: plainText(
		"Y11 leavers 2026,,,,,,,,,\nSurname,Forename,DOB,Sixth form,College,Apprenticeship,Job,NEET,Moved away,Comments\n" +
			"Thistlewood,Ana,5-Jan-10,,x,,,,,\nAdeyemi-Brook,Séamus,8-Feb-10,,,x,,,,Sandpiper Joinery\nLarkspur,Zoë,1-Sep-09,X,,,,,,\nMensahby,Maja,22-Dec-09,,,,,x,,left in Oct\nSaltmarsh,Ngozi,15-Nov-09,,x,,,,,\n")},
}

func utf8Tabs(text string) func(testing.TB) []byte {
	return plainText(strings.ReplaceAll(text, "|", "\t"))
}
