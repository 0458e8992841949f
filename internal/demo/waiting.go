package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// reports says that somebody who is in the cohort, or leaves it, with the
// status stands in a month's return: leavers once, in the month of leaving.
func (w *World) reports(p *Person, m civil.Month, status string) bool {
	switch status {
	case "P", "G":
		return true
	case "A":
		return m == (civil.AcademicYear(int(p.final) + 3)).Start().InMonth()
	}
	return m == p.Left
}

// Waiting is the file that the supplier of the system before exported for the
// last complete month, and that waits to be imported.
type Waiting struct {
	Header  nccis.Header
	Records []nccis.Record
	// Planted counts, by check, what is wrong in it and can be mended.
	Planted map[string]int
}

// Waiting states everybody as the supplier would, and spoils a few records as
// they are spoilt in life.
func (w *World) Waiting(req *nccis.Requirement) *Waiting {
	end := w.Period.End()
	e, _ := req.EditionOn(end)
	book := register.Book{Authorities: map[string]bool{w.Borough.Code: true}}
	f := &Waiting{Planted: map[string]int{}, Header: nccis.Header{
		DatabaseIDs: []string{w.Borough.Code}, LEACodes: []string{w.Borough.Code}, DateOfSend: end.AddDays(4).String(), PeriodEnd: end.String(),
		SupplierName: nccis.DemoSupplier, SupplierXMLVersion: "21.3.0.2", XMLSchemaVersion: "1.0",
	}}
	var all []*spoilable
	for _, p := range w.People {
		v := p.At(w.Filed).On(book, e, end)
		if !v.In || !w.reports(p, w.Period, v.Record.Get(nccis.CohortStatus)) {
			continue
		}
		s := &spoilable{r: &v.Record, at: len(f.Records), year: nccis.YearGroup(p.born, end), status: v.Status, school: p.school.name, stranger: p.KnownFrom() > w.Told}
		s.fresh = v.Spell != nil && v.Spell.KnownFrom > id.Act(w.Told)
		v.Record.Position = len(f.Records) + 1
		f.Records = append(f.Records, v.Record)
		if v.Record.Get(nccis.CohortStatus) == "P" {
			all = append(all, s)
		}
	}
	for _, s := range all {
		s.r = &f.Records[s.at]
	}
	r := rand.New(rand.NewPCG(w.Seed, 1<<42))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, fault := range faults(end) {
		if _, ok := e.Check(fault.check); ok {
			f.plant(fault, all)
		}
	}
	f.sameNumber(all)
	return f
}

// spoilable is one record and what the faults ask about it.
type spoilable struct {
	r    *nccis.Record
	at   int
	year int // the year group
	// fresh is that the register has not heard of the activity yet.
	fresh bool
	// stranger is that it has not heard of the young person either. What a file
	// leaves out is missing only of strangers: of others the register knows it.
	stranger bool
	status   nccis.Status
	school   string
	spoiled  bool
}

func (s *spoilable) set(f nccis.Field, v string) { s.r.Values[f] = v }

func (s *spoilable) is(f nccis.Field, v string) bool { return s.r.Values[f] == v }

// fault is one way in which records are spoilt in life: by typing, by a form
// that was left half filled in, by a list that was loaded without a column.
type fault struct {
	check string
	times int
	fits  func(*spoilable) bool
	spoil func(s *spoilable, n int)
}

func (f *Waiting) plant(fault fault, all []*spoilable) {
	n := 0
	for _, s := range all {
		if n == fault.times {
			return
		}
		if !s.spoiled && fault.fits(s) {
			fault.spoil(s, n)
			s.spoiled = true
			n++
			f.Planted[fault.check]++
		}
	}
}

// sameNumber gives one person's learner number to another too (907).
func (f *Waiting) sameNumber(all []*spoilable) {
	var first *spoilable
	for _, s := range all {
		if s.spoiled || s.is(nccis.UniqueLearnerNo, "") {
			continue
		}
		s.spoiled = true
		if first == nil {
			first = s
			continue
		}
		s.set(nccis.UniqueLearnerNo, first.r.Values[nccis.UniqueLearnerNo])
		f.Planted["907"] += 2
		return
	}
}

func anybody(*spoilable) bool { return true }

func stranger(s *spoilable) bool { return s.stranger }

// faults are those of one file. None makes two checks complain, and each can
// be mended on a page.
func faults(end civil.Date) []fault {
	clear := func(fields ...nccis.Field) func(*spoilable, int) {
		return func(s *spoilable, _ int) {
			for _, f := range fields {
				s.set(f, "")
			}
		}
	}
	return []fault{
		{"254", 1, func(s *spoilable) bool { return s.is(nccis.ActivityCode, "280") && s.year < 14 }, func(s *spoilable, _ int) { s.set(nccis.SENDFlag, "N") }},
		{"262", 1, func(s *spoilable) bool { return s.fresh && s.is(nccis.ActivityCode, "616") }, clear(nccis.ReviewDate)},
		{"233", 1, func(s *spoilable) bool { return s.is(nccis.ActivityCode, "620") }, func(s *spoilable, _ int) { s.without("140") }},
		{"40", 1, func(s *spoilable) bool {
			return s.year >= 14 && s.is(nccis.SENDFlag, "Y") && !s.is(nccis.ActivityCode, "280") && !s.is(nccis.ActivityCode, "460")
		}, func(s *spoilable, _ int) { s.set(nccis.SENDFlag, "N") }},
		{"303", 15, func(s *spoilable) bool {
			return s.stranger && s.year == 11 && s.school == schools()[6].name && s.is(nccis.SENSupportFlag, "N") && s.is(nccis.SENDFlag, "N")
		}, clear(nccis.SENSupportFlag)},
		{"224", 2, func(s *spoilable) bool { return s.status == nccis.NEET }, clear(nccis.NEETStartDate)},
		{"305", 1, func(s *spoilable) bool { return s.fresh && s.is(nccis.ActivityCode, "230") }, func(s *spoilable, _ int) {
			s.set(nccis.DateVerified, end.AddDays(3).String())
		}},
		{"237", 2, func(s *spoilable) bool {
			verified, err := civil.Parse(s.r.Values[nccis.DateVerified])
			return err == nil && verified.AddDays(4).Before(end) && s.year > 11
		}, func(s *spoilable, _ int) {
			s.set(nccis.DateAscertained, civil.MustParse(s.r.Values[nccis.DateVerified]).AddDays(3).String())
		}},
		{"906", 1, func(s *spoilable) bool {
			return s.year == 12 && s.is(nccis.Year11GuaranteeStatus, "") && s.is(nccis.Year12GuaranteeStatus, "")
		}, func(s *spoilable, _ int) { s.set(nccis.GuaranteeStatusIndicator, "Y") }},
		{"45", 2, func(s *spoilable) bool { return strings.HasPrefix(s.r.Values[nccis.FamilyName], "O") }, func(s *spoilable, _ int) {
			s.set(nccis.FamilyName, "0"+s.r.Values[nccis.FamilyName][1:])
		}},
		{"43", 5, anybody, func(s *spoilable, n int) { s.set(nccis.Postcode, misspelt(s.r.Values[nccis.Postcode], n)) }},
		{"6", 3, stranger, clear(nccis.Ethnicity)},
		{"3", 1, stranger, clear(nccis.FamilyName)},
		{"4", 1, stranger, clear(nccis.Gender)},
		{"31", 2, stranger, clear(nccis.AddressLine1, nccis.AddressLine2, nccis.Town, nccis.County)},
		{"26", 2, func(s *spoilable) bool { return s.year > 11 }, func(s *spoilable, _ int) { s.set(nccis.LeadLEA, "888") }},
		{"30", 1, func(s *spoilable) bool { return !s.is(nccis.UniqueLearnerNo, "") }, func(s *spoilable, _ int) {
			s.set(nccis.UniqueLearnerNo, "0"+s.r.Values[nccis.UniqueLearnerNo][1:])
		}},
		{"38", 1, func(s *spoilable) bool { return !s.is(nccis.UniquePupilNumber, "") }, func(s *spoilable, _ int) {
			s.set(nccis.UniquePupilNumber, s.r.Values[nccis.UniquePupilNumber][:12])
		}},
		{"100", 1, stranger, clear(nccis.LevelOfNeedCode)},
		{"228", 1, func(s *spoilable) bool { return len(s.r.Values[nccis.EstablishmentNumber]) == 7 && s.year > 11 }, func(s *spoilable, _ int) {
			s.set(nccis.EstablishmentNumber, s.r.Values[nccis.EstablishmentNumber][:6])
		}},
	}
}

// without takes a characteristic away, leaving the life's own list alone.
func (s *spoilable) without(code string) {
	var kept []string
	for _, c := range s.r.Characteristics {
		if c != code {
			kept = append(kept, c)
		}
	}
	s.r.Characteristics = kept
}

// misspelt is a postcode as it is typed in haste.
func misspelt(postcode string, n int) string {
	switch n % 4 {
	case 0:
		return strings.ReplaceAll(postcode, " ", "")
	case 1:
		return strings.ToLower(postcode)
	case 2:
		return strings.Replace(postcode, "X", "X ", 1)
	}
	return fmt.Sprintf("%s0", postcode[:len(postcode)-1])
}
