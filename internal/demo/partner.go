package demo

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"waymark/internal/civil"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// PartnerFile is a list that a school or a college has sent, and that waits to
// be tried: as odd as such lists are.
type PartnerFile struct {
	Path, Sender string
	// Shows says what there is to see in it.
	Shows string
	// AsAt is the day on which it was true.
	AsAt civil.Date
}

// listed is somebody of whom a partner may write.
type listed struct {
	p    *Person
	name youngperson.Name
	home youngperson.Address
	// code and place are what the register holds that they do, from a day.
	code, place string
	since       civil.Date
	uln, upn    string
}

// WritePartnerFiles puts the lists that schools and colleges have sent beside
// the supplier's file.
func (w *World) WritePartnerFiles(dir string) ([]PartnerFile, error) {
	folder := filepath.Join(dir, "files-to-import")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for files to import: %w", err)
	}
	people := w.listed()
	last := w.Period.End()
	var out []PartnerFile
	for _, f := range []struct {
		name, sender, shows string
		asAt                civil.Date
		body                func() ([]byte, error)
	}{
		{"estuary-enrolments.xlsx", "Estuary and Coast College", "enrolments under two title rows, with dates as numbers, slips of the pen and a total at the foot", last.AddDays(-6), func() ([]byte, error) { return w.enrolments(people) }},
		{"gullhaven-high-intended.csv", schools()[0].name, "where Year 11 want to go, in Windows-1252 with semicolons and in the school’s own words", last.AddDays(-3), func() ([]byte, error) { return w.intended(people) }},
		{"gullhaven-college-roll-1.csv", rollOf, "everybody who was there at the start of term", last.AddDays(-35), func() ([]byte, error) { return w.roll(people, false), nil }},
		{"gullhaven-college-roll-2.csv", rollOf, "the same a month later, as a full roll: some have left, and some are simply no longer on it", last.AddDays(-5), func() ([]byte, error) { return w.roll(people, true), nil }},
	} {
		body, err := f.body()
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
		path := filepath.Join(folder, f.name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
		out = append(out, PartnerFile{Path: path, Sender: f.sender, Shows: f.shows, AsAt: f.asAt})
	}
	return out, nil
}

// rollOf is the college that sends its whole roll.
const rollOf = "Gullhaven College"

// listed are all whom the register holds, from Year 11 to Year 13.
func (w *World) listed() []listed {
	var out []listed
	for _, p := range w.People {
		if p.final > w.year || p.final < w.year-2 || p.KnownFrom() > w.Told || p.named {
			continue
		}
		l := p.At(w.Told)
		on := w.Period.Add(-1).End()
		name := l.LegalName(on)
		home := life.InForce(l.Addresses, on)
		i := l.CurrentSpell(on)
		if name == nil || home == nil || i < 0 {
			continue
		}
		one := listed{p: p, name: name.Is, home: home.Is, code: l.Spells[i].Is.Activity, place: l.Spells[i].Is.EstablishmentName}
		one.since, _ = civil.Parse(l.Spells[i].Started)
		if f := l.IdentifierFact(youngperson.ULN, on); f != nil {
			one.uln = f.Is.Value
		}
		if f := l.IdentifierFact(youngperson.UPN, on); f != nil {
			one.upn = f.Is.Value
		}
		out = append(out, one)
	}
	return out
}

// some are at most n who fit.
func some(people []listed, n int, fits func(listed) bool) []listed {
	var out []listed
	for _, one := range people {
		if len(out) < n && fits(one) {
			out = append(out, one)
		}
	}
	return out
}

// twin is one of two who were born into one family on one day.
func twin(people []listed) []listed {
	seen := map[string]bool{}
	for _, one := range people {
		key := one.name.Family + one.p.born.String() + one.home.Postcode
		if seen[key] && one.name.Given != "" {
			return []listed{one}
		}
		seen[key] = true
	}
	return nil
}

func slashed(d civil.Date) string {
	y, m, day := d.YMD()
	return fmt.Sprintf("%02d/%02d/%d", day, int(m), y)
}

// enrolments is a college's workbook.
func (w *World) enrolments(people []listed) ([]byte, error) {
	const college = "Estuary and Coast College"
	r := rand.New(rand.NewPCG(w.Seed, 1<<43))
	after := func(o listed) bool { return o.p.final < w.year }
	lost := some(people, 14, func(o listed) bool { return after(o) && o.code == "810" })
	there := some(people, 30, func(o listed) bool { return after(o) && o.place == college })
	elsewhere := some(people, 3, func(o listed) bool { return after(o) && o.place == "Saltmarsh Sixth Form College" })
	began := w.Period.Add(-2).End().AddDays(1).AddDays(6)
	courses := []string{"BTEC L3 Sport", "A levels", "Level 2 Bricklaying", "T Level Digital", "Access to catering L1"}
	var rows [][]any
	row := func(n int, o listed, given, family string, born any, start any) {
		rows = append(rows, []any{fmt.Sprintf("EC%05d", 41000+n), strings.ToUpper(family), given, born, o.p.gender, o.uln, courses[n%len(courses)], "Enrolled", start, o.home.Postcode})
	}
	n := 0
	for _, list := range [][]listed{lost, elsewhere, there, twin(people)} {
		for _, o := range list {
			given, family, born, start := o.name.Given, o.name.Family, any(asTime(o.p.born)), began
			if o.place == college && o.since.After(w.Period.Add(-15).End()) {
				start = o.since.AddDays(n % 5)
			}
			if len(list) == 1 {
				given, o.uln = "Robin", "" // of one family and one day, and nobody whom the register holds
			}
			switch n {
			case 2:
				given, o.uln = given+" ", "" // a space too many
			case 3:
				family = family[:len(family)-1] // a letter lost
			case 5:
				if y, m, d := o.p.born.YMD(); d <= 12 && d != int(m) {
					turned, _ := civil.New(y, time.Month(d), int(m))
					born, o.uln = asTime(turned), ""
				}
				given = given[:1]
			case 6:
				o.uln, o.home.Postcode, given = "", "QX9 9ZX", given[:1] // moved, and an initial
			case 7:
				born = "31/02/2009"
			case 9:
				o.uln, o.home.Postcode = "", "QX9 9ZZ" // moved
			}
			row(n, o, given, family, born, asTime(start))
			n++
		}
	}
	for _, name := range [][2]string{{"Ottoline", "Brackenthwaite"}, {"Jun-ho", "Fenwillow"}, {"Siân", "Tidewell"}} {
		born := civil.Must(int(w.year)-17, time.Month(1+r.IntN(8)), 1+r.IntN(28))
		row(n, listed{p: &Person{gender: "U"}, home: youngperson.Address{Postcode: "QX3 4AB"}}, name[0], name[1], asTime(born), asTime(began))
		n++
	}
	rows = append(rows, []any{"EC99999", "QUILLFEATHER & QUILLFEATHER", "Tansy & Marigold", "", "", "", courses[0], "Enrolled", "", ""})
	return enrolmentBook(college, rows)
}

func asTime(d civil.Date) time.Time {
	y, m, day := d.YMD()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

// enrolmentBook puts the rows under titles, as the college's system does.
func enrolmentBook(college string, rows [][]any) ([]byte, error) {
	book := excelize.NewFile()
	defer book.Close()
	const sheet = "Sheet1"
	dates, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return nil, err
	}
	set := func(at int, cells ...any) error {
		cell, err := excelize.CoordinatesToCellName(1, at)
		if err != nil {
			return err
		}
		return book.SetSheetRow(sheet, cell, &cells)
	}
	head := []any{"Stud No", "Surname", "Forename(s)", "D.O.B.", "M/F", "ULN", "Course Title", "Status", "Start Dt", "P/code"}
	total := len(rows) + 6
	for _, err := range []error{set(1, college+" – Admissions"), set(2, "New enrolments 16–18, all sites"), book.MergeCell(sheet, "A1", "J1"), set(4, head...),
		book.SetCellStyle(sheet, "D5", fmt.Sprintf("D%d", total), dates), book.SetCellStyle(sheet, "I5", fmt.Sprintf("I%d", total), dates), set(total, "Total", len(rows))} {
		if err != nil {
			return nil, err
		}
	}
	for i, row := range rows {
		if err := set(5+i, row...); err != nil {
			return nil, err
		}
	}
	// Written as a time, a cell takes excelize's own style for it: the date's is
	// set once more.
	for _, column := range []string{"D", "I"} {
		if err := book.SetCellStyle(sheet, column+"5", fmt.Sprintf("%s%d", column, total-2), dates); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err = book.Write(&out)
	return out.Bytes(), err
}

// intended is a school's list of where Year 11 want to go.
func (w *World) intended(people []listed) ([]byte, error) {
	words := []string{"A levels @ Saltmarsh Sixth Form", "College – Gullhaven", "Appr. L2", "6th form here", "Full time education: sixth form college", "Undecided", "Footy academy", "Army"}
	pupils := some(people, 60, func(o listed) bool { return o.p.final == w.year && o.place == schools()[0].name })
	var b strings.Builder
	b.WriteString("Gullhaven High School;;;;;\r\nYear 11 – intended destinations;;;;;\r\nSurname;Forename;Date of birth;UPN;Intended destination;Where\r\n")
	for i, o := range pupils {
		given, upn := o.name.Given, o.upn
		switch i {
		case 4:
			upn = strings.Replace(upn, "0", "O", 1)
		case 9:
			given = given[:1]
		}
		line := strings.Join([]string{o.name.Family, given, slashed(o.p.born), upn, words[i%len(words)], ""}, ";")
		if _, err := charmap.Windows1252.NewEncoder().String(line); err != nil {
			continue // this school's system has no such letter
		}
		b.WriteString(line + "\r\n")
	}
	text, err := charmap.Windows1252.NewEncoder().String(b.String())
	return []byte(text), err
}

// roll is everybody of a college, at the start of term or a month later.
func (w *World) roll(people []listed, later bool) []byte {
	rows := [][]string{{"Learner ID", "Learner name", "Date of birth", "ULN", "Programme", "Start", "Planned end", "Withdrawal date", "Reason"}}
	there := some(people, 120, func(o listed) bool { return o.p.final < w.year && o.place == rollOf })
	for i, o := range there {
		if later && i%23 == 7 {
			continue // no longer on it
		}
		left, why := "", ""
		if later && i%31 == 5 {
			left, why = slashed(w.Period.Add(-1).End().AddDays(1).AddDays(9+i%9)), []string{"left – job", "never turned up", "gone to another provider"}[i%3]
		}
		rows = append(rows, []string{fmt.Sprintf("GC%04d", 2000+i), o.name.Family + ", " + o.name.Given, slashed(o.p.born), o.uln, "FT 16-18 programme", slashed(o.since), "31/07/" + fmt.Sprint(int(w.year)+1), left, why})
	}
	return tableFile(rows)
}
