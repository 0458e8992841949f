package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/civil"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

// days are one in each part of the year, and the first on which there is a demo.
func days() []string {
	return []string{"2026-11-22", "2026-10-03", "2026-09-15", "2027-02-10", "2026-05-31", "2026-08-01", "2025-06-01"}
}

func invent(t testing.TB, seed uint64, on string, size float64) *World {
	t.Helper()
	w, err := Invent(Settings{Seed: seed, On: civil.MustParse(on), Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func requirement() *nccis.Requirement {
	return nccis.MustLoad().WithInvented(map[string]string{Code: Name})
}

// monthly are the records of a month of history, as the register knew them.
func monthly(w *World, req *nccis.Requirement, k int) (civil.Month, *nccis.Edition, []life.View) {
	m := w.first.Add(k)
	e, _ := req.EditionOn(m.End())
	book := register.Book{Authorities: map[string]bool{w.Borough.Code: true}}
	var out []life.View
	for _, p := range w.People {
		if p.KnownFrom() > (k+1)*slots {
			continue
		}
		v := p.At((k+1)*slots).On(book, e, m.End())
		if v.In && w.reports(p, m, v.Record.Get(nccis.CohortStatus)) {
			v.Record.Position = len(out) + 1
			out = append(out, v)
		}
	}
	return m, e, out
}

func TestSameSeedAndDaySameWorld(t *testing.T) {
	text := func(seed uint64, on string) string {
		b, err := json.Marshal(invent(t, seed, on, 0.02))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := text(7, "2026-11-22")
	if len(one) < 100000 {
		t.Fatalf("a world in %d letters", len(one))
	}
	if text(7, "2026-11-22") != one {
		t.Error("the same seed and day gave another world")
	}
	if text(8, "2026-11-22") == one || text(7, "2026-11-21") == one {
		t.Error("another seed or another day gave the same world")
	}
}

func TestEveryMonthIsClean(t *testing.T) {
	for i, on := range days() {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, req := invent(t, uint64(i)+1, on, 0.25), requirement()
			records, found := 0, 0
			for k := range Months + 1 {
				m, e, views := monthly(w, req, k)
				c := req.NewChecker(e, nccis.Header{DatabaseIDs: []string{Code}, LEACodes: []string{Code}, PeriodEnd: m.End().String()})
				say := func(f nccis.Finding) {
					if found++; found < 10 {
						t.Errorf("%s: %+v", m, f)
					}
				}
				for i := range views {
					c.Record(&views[i].Record, say)
				}
				c.Finish(say)
				records += len(views)
			}
			if records < 37*2000 {
				t.Errorf("only %d records in %d months", records, Months+1)
			}
		})
	}
}

// tally counts those of academic age 16 and 17 whom the authority leads.
func tally(e *nccis.Edition, m civil.Month, views []life.View) map[string]int {
	n := map[string]int{}
	for i := range views {
		v := &views[i]
		if age := civil.AcademicAge(civil.MustParse(v.Record.Get(nccis.DOB)), m.End()); age < 16 || age > 17 || v.Record.Get(nccis.CohortStatus) != "P" {
			continue
		}
		n["cohort"]++
		n[string(v.Status)]++
		if a, _ := e.Activity(v.Record.Get(nccis.ActivityCode)); v.Status == nccis.EET && a.InEducationOrTraining {
			n["in E&T"]++
			n[a.Published]++
		}
		if v.Record.Get(nccis.SENDFlag) == "Y" {
			n["plan"]++
		}
		if v.Record.Get(nccis.SENSupportFlag) == "Y" {
			n["support"]++
		}
		for _, c := range v.Record.Characteristics {
			if code, _ := e.Code(nccis.Characteristics, c); code.Vulnerable {
				n["vulnerable"]++
				break
			}
		}
	}
	return n
}

// The bands are around Sefton's line of the Department's scorecard of 2025
// (nccis.md 11.5): NEET 3.6, not known 0.2, participating 93.0, full-time
// education 85.9, apprenticeships 3.9, offers 96.1.
func TestRatesAreNearThePublished(t *testing.T) {
	w, req := invent(t, 1, "2026-11-22", 1), requirement()
	between := func(what string, part, whole int, low, high float64) {
		t.Helper()
		if pc := 100 * float64(part) / float64(whole); pc < low || pc > high {
			t.Errorf("%s: %.2f %% (%d of %d), want %.1f to %.1f", what, pc, part, whole, low, high)
		} else {
			t.Logf("%s: %.2f %% (%d of %d)", what, pc, part, whole)
		}
	}
	winter := map[string]int{}
	for k := range Months + 1 {
		m, e, views := monthly(w, req, k)
		n := tally(e, m, views)
		switch m.Month {
		case 12, 1, 2:
			if m.End().AcademicYear() == 2025 {
				for what, count := range n {
					winter[what] += count
				}
			}
		case 3:
			between(m.Words()+" participating", n["in E&T"], n["cohort"], 91, 94)
			between(m.Words()+" full-time education", n["FTE"], n["cohort"], 83.5, 87.5)
			between(m.Words()+" apprenticeships", n["APP"], n["cohort"], 3.4, 5.2)
		case 9:
			between(m.Words()+" not known", n[string(nccis.NotKnown)], n["cohort"], 15, 30)
			offers(t, w, m, views, between)
		case 10:
			if k == Months {
				between("cohort in Sefton's size", n["cohort"], 6100, 97, 103)
				between("plans", n["plan"], n["cohort"], 2.8, 5)
				between("SEN support", n["support"], n["cohort"], 8.5, 12)
				between("vulnerable", n["vulnerable"], n["cohort"], 2, 5)
			}
		}
	}
	between("winter NEET", winter["NEET"], winter["cohort"], 3.0, 4.2)
	between("winter not known", winter[string(nccis.NotKnown)], winter["cohort"], 0.2, 1.5)
}

func offers(t *testing.T, w *World, m civil.Month, views []life.View, between func(string, int, int, float64, float64)) {
	t.Helper()
	all, made := 0, 0
	for i := range views {
		for _, f := range []nccis.Field{nccis.Year11GuaranteeStatus, nccis.Year12GuaranteeStatus} {
			switch views[i].Record.Get(f) {
			case "":
			case "110", "114", "115":
				all, made = all+1, made+1
			default:
				all++
			}
		}
	}
	if all == 0 && m != w.first {
		t.Errorf("%s: no guarantee at all", m)
	}
	between(m.Words()+" offers", made, all, 94.5, 97.5)
}

func TestWaitingFileHoldsThePlantedFindingsAndNoOther(t *testing.T) {
	for i, on := range days() {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := invent(t, uint64(i)+1, on, 1)
			req := nccis.MustLoad()
			f := w.Waiting(req)
			var file bytes.Buffer
			if err := f.Write(&file); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(file.String(), "<!DOCTYPE NCCIS>") || !strings.Contains(file.String(), "<MiddleName></MiddleName>") {
				t.Error("the file has none of a supplier's habits")
			}
			got, total := map[string]int{}, 0
			sum, err := nccis.CheckFile(context.Background(), &file, req, nccis.CheckOptions{}, func(f nccis.Finding) error {
				got[f.Check]++
				total++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f.Planted, got); diff != "" {
				t.Error("planted and found differ:", diff)
			}
			if sum.Records != len(f.Records) || sum.Records < 8900 || total < 35 || total > 60 || got["303"] < 15 {
				t.Errorf("%d records, %d findings: %v", sum.Records, total, got)
			}
		})
	}
}

func TestNothingInventedCanReachAnybody(t *testing.T) {
	w := invent(t, 3, "2026-11-22", 0.3)
	telephone := regexp.MustCompile(`^(07700 900|01632 960)[0-9]{3}$`)
	mail := regexp.MustCompile(`^[a-z]*\.[0-9]{4}@([a-z]+\.)?example\.org$`)
	postcode := regexp.MustCompile(`^QX[0-9]{1,2} [0-9][A-Z]{2}$`)
	say := func(ok bool, what, value string) {
		if !ok {
			t.Errorf("%s %q", what, value)
		}
	}
	seen := map[string]bool{}
	once := func(value string) bool {
		was := seen[value]
		seen[value] = true
		return !was
	}
	for _, p := range w.People {
		say(once(string(p.Person.Ref)) && p.Person.Ref.Valid(), "reference", string(p.Person.Ref))
		say(once(p.Person.YoungPersonsID) && nccis.ValidYoungPersonsID(p.Person.YoungPersonsID), "identifier", p.Person.YoungPersonsID)
		for _, f := range p.Identifiers {
			ok := nccis.ValidULN(f.Is.Value) && f.Is.Scheme == "ULN" || nccis.ValidUPN(f.Is.Value) && f.Is.Scheme == "UPN" ||
				nccis.ValidYoungPersonsID(f.Is.Value) && f.Is.Scheme == "previous"
			say(ok && (once(f.Is.Value) || f.Is.Scheme == "previous"), f.Is.Scheme, f.Is.Value)
		}
		for _, f := range p.Reaches {
			say(telephone.MatchString(f.Is.Value) || mail.MatchString(f.Is.Value), "way to reach", f.Is.Value)
		}
		for _, f := range p.Carers {
			say(telephone.MatchString(f.Is.Telephone), "carer's telephone", f.Is.Telephone)
			say(f.Is.Email == "" || mail.MatchString(f.Is.Email), "carer's e-mail", f.Is.Email)
		}
		for _, f := range p.Addresses {
			say(postcode.MatchString(f.Is.Postcode) && nccis.ValidPostcode(f.Is.Postcode), "postcode", f.Is.Postcode)
		}
		for _, f := range p.Spells {
			say(f.Is.EstablishmentNumber == "" || strings.HasPrefix(f.Is.EstablishmentNumber, Code), "establishment", f.Is.EstablishmentNumber)
			say(f.Is.UKPRN == "" || strings.HasPrefix(f.Is.UKPRN, "1995"), "provider", f.Is.UKPRN)
		}
		for _, f := range p.Contacts {
			say(!strings.Contains(f.Is.Note, "NAME") && f.Is.Note != "", "note", f.Is.Note)
		}
	}
	if len(seen) < 10000 {
		t.Errorf("looked at %d values only", len(seen))
	}
}

func TestNamesAreOfManyKinds(t *testing.T) {
	w := invent(t, 1, "2026-11-22", 1)
	kinds := map[string]int{}
	for _, p := range w.People {
		n := p.Legal()
		for kind, ok := range map[string]bool{
			"double-barrelled": strings.Contains(n.Family, "-"), "apostrophe": strings.Contains(n.Family, "'"),
			"accent": strings.ContainsAny(n.Given+n.Family, "áéíóúłńżçşığö"), "several words": strings.Contains(n.Family, " "),
			"one letter": len(n.Given) == 1, "twenty letters": len(n.Family) >= 20, "two letters": len(n.Family) == 2,
		} {
			if ok {
				kinds[kind]++
			}
		}
	}
	if len(kinds) < 7 {
		t.Errorf("of seven kinds only %v", kinds)
	}
	for _, s := range w.Stories {
		if s.Person.KnownFrom() == 0 || s.Is == "" {
			t.Errorf("%+v has no place in the register", s.Person.Legal())
		}
	}
}

func TestTooEarlyADay(t *testing.T) {
	if _, err := Invent(Settings{Seed: 1, On: civil.MustParse("2025-05-31")}); err == nil || !strings.Contains(fmt.Sprint(err), "1 June 2025") {
		t.Error(err)
	}
}
