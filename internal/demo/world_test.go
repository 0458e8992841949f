package demo

import (
	"bytes"
	"context"
	"fmt"

	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/civil"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
)

func invent(t testing.TB, on string, size float64) (*World, *nccis.Requirement) {
	t.Helper()
	req := nccis.MustLoad().WithInvented(nccis.InventedAuthorities())
	w, err := Invent(Settings{Seed: 1, On: civil.MustParse(on), Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return w, req
}

var theBook = register.Book{Authorities: map[string]bool{Code: true}}

// return_ is the records of a month, as the register knew them at its end.
func monthly(w *World, req *nccis.Requirement, k int) (civil.Month, *nccis.Edition, []life.View) {
	m := w.first.Add(k)
	e, _ := req.EditionOn(m.End())
	var out []life.View
	for _, p := range w.People {
		if p.KnownFrom() > (k+1)*slots {
			continue
		}
		v := p.At((k+1)*slots).On(theBook, e, m.End())
		if v.In && w.reports(p, m, v.Record.Get(nccis.CohortStatus)) {
			v.Record.Position = len(out) + 1
			out = append(out, v)
		}
	}
	return m, e, out
}

func TestEveryMonthIsCleanAndNearThePublishedRates(t *testing.T) {
	w, req := invent(t, "2026-11-22", 1)
	t.Logf("%d people", len(w.People))
	shown := 0
	for k := range Months + 1 {
		m, e, views := monthly(w, req, k)
		c := req.NewChecker(e, nccis.Header{DatabaseIDs: []string{Code}, LEACodes: []string{Code}, PeriodEnd: m.End().String()})
		say := func(f nccis.Finding) {
			if shown++; shown < 40 {
				t.Errorf("%s: %+v", m, f)
			}
		}
		n := map[string]int{}
		status := map[string]int{}
		for i := range views {
			v := &views[i]
			c.Record(&v.Record, say)
			dob := civil.MustParse(v.Record.Get(nccis.DOB))
			status[v.Record.Get(nccis.CohortStatus)]++
			if age := civil.AcademicAge(dob, m.End()); (age != 16 && age != 17) || v.Record.Get(nccis.CohortStatus) != "P" {
				n[fmt.Sprint("age ", age)]++
				continue
			}
			n["cohort"]++
			n[string(v.Status)]++
			a, _ := e.Activity(v.Record.Get(nccis.ActivityCode))
			if v.Status == nccis.EET && a.InEducationOrTraining {
				n["in E&T"]++
				n[a.Published]++
			}
			if v.Record.Get(nccis.SENDFlag) == "Y" {
				n["plan"]++
			}
			if v.Record.Get(nccis.SENSupportFlag) == "Y" {
				n["support"]++
			}
		}
		c.Finish(say)
		pc := func(s string) float64 { return 100 * float64(n[s]) / float64(n["cohort"]) }
		t.Logf("%s %s cohort %d NEET %.1f NK %.1f E&T %.1f FTE %.1f APP %.1f plan %.1f support %.1f %v 15: %d %v", m, e.Name, n["cohort"], pc("NEET"), pc(string(nccis.NotKnown)), pc("in E&T"), pc("FTE"), pc("APP"), pc("plan"), pc("support"), status, n["age 15"], n["age 18"])
	}
}

func TestWaitingFileHoldsThePlantedFindingsAndNoOther(t *testing.T) {
	for _, on := range []string{"2026-11-22", "2026-10-03", "2026-09-15", "2027-02-10", "2026-05-31", "2026-08-01", "2025-06-01"} {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, _ := invent(t, on, 1)
			req := nccis.MustLoad()
			f := w.Waiting(req.WithInvented(nccis.InventedAuthorities()))
			var file bytes.Buffer
			if err := f.Write(&file); err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			sum, err := nccis.CheckFile(context.Background(), &file, req, nccis.CheckOptions{}, func(f nccis.Finding) error { got[f.Check]++; return nil })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f.Planted, got); diff != "" {
				t.Error("planted and found differ:", diff)
			}
			total := 0
			for _, n := range got {
				total += n
			}
			if sum.Records != len(f.Records) || sum.Records < 9000 || total < 35 || got["303"] != 15 && w.Period.Month != 9 {
				t.Errorf("%d records, %d findings: %v", sum.Records, total, got)
			}
		})
	}
}
