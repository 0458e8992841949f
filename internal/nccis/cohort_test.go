package nccis

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/civil"
	_ "waymark/test/draws"
)

// Each line of nccis.md 5.2 and 5.3 that decides a status, on 31 October 2026.
func TestCohortOn(t *testing.T) {
	// aged is a birth date of the academic age on 31 October 2026.
	aged := func(age int) civil.Date { return civil.Must(2026-age, 3, 14) }
	lastYear, thisYear := day("2026-07-31"), day("2026-09-30")
	for _, c := range []struct {
		name   string
		f      CohortFacts
		status string
		in     bool
		why    string
	}{
		{"Year 10", CohortFacts{DOB: aged(14), LeadHere: true}, "", false, "Year 10"},
		{"a small child", CohortFacts{DOB: aged(3), LeadHere: true}, "", false, "not yet in Year 1"},
		{"Year 11 living here", CohortFacts{DOB: aged(15), LeadHere: true}, "P", true, "Year 11"},
		{"Year 11 at school here", CohortFacts{DOB: aged(15), EducatedHere: true}, "P", true, "Year 11"},
		{"Year 11 elsewhere", CohortFacts{DOB: aged(15)}, "", false, "Another authority"},
		{"Year 12", CohortFacts{DOB: aged(16), LeadHere: true}, "P", true, "Academic age 16"},
		{"Year 13", CohortFacts{DOB: aged(17), LeadHere: true}, "P", true, "Academic age 17"},
		{"Year 12 led elsewhere", CohortFacts{DOB: aged(16), EducatedHere: true}, "", false, "Another authority"},
		{"Year 12 gone to the authority of residence", CohortFacts{Stated: "P", StatedOn: lastYear, DOB: aged(16), EducatedHere: true, TransferredTo: "344"}, "T", true, "344"},
		{"18 with a plan", CohortFacts{DOB: aged(18), SEND: true, LeadHere: true}, "P", true, "plan"},
		{"24 with a plan", CohortFacts{DOB: aged(24), SEND: true, LeadHere: true}, "P", true, "plan"},
		{"24 with a plan, led elsewhere", CohortFacts{DOB: aged(24), SEND: true}, "", false, "Another authority"},
		{"18 without", CohortFacts{DOB: aged(18), LeadHere: true}, "", false, "without"},
		{"18 without, followed before", CohortFacts{Stated: "P", StatedOn: lastYear, DOB: aged(18), LeadHere: true}, "A", true, "no longer needed"},
		{"20, the plan has ceased", CohortFacts{Stated: "P", StatedOn: lastYear, DOB: aged(20), LeadHere: true}, "L", true, "ceased"},
		{"25 with a plan", CohortFacts{Stated: "P", StatedOn: lastYear, DOB: aged(25), SEND: true, LeadHere: true}, "A", true, "no longer needed"},
		{"25, never followed", CohortFacts{DOB: aged(25), SEND: true, LeadHere: true}, "", false, "25"},
		{"P stated this academic year stands", CohortFacts{Stated: "P", StatedOn: thisYear, DOB: aged(18), LeadHere: true}, "P", true, "30 September 2026"},
		{"G stated last summer stands until the guarantee's last return", CohortFacts{Stated: "G", StatedOn: lastYear, DOB: aged(16), TransferredTo: "344"}, "G", true, "October"},
		{"G stated this academic year stands", CohortFacts{Stated: "G", StatedOn: thisYear, DOB: aged(16), TransferredTo: "344"}, "G", true, "stands"},
		{"an unknown status is kept", CohortFacts{Stated: "Q", StatedOn: thisYear, DOB: aged(16), LeadHere: true}, "Q", true, `"Q" is not a cohort status`},
		{"an unknown status of last year gives way", CohortFacts{Stated: "Q", StatedOn: lastYear, DOB: aged(16), LeadHere: true}, "P", true, "Academic age 16"},
		{"moved during the year", CohortFacts{Stated: "P", StatedOn: thisYear, DOB: aged(16), TransferredTo: "344"}, "T", true, "344"},
		{"moved, nobody knows where", CohortFacts{Stated: "P", StatedOn: lastYear, DOB: aged(16)}, "T", true, "Say which"},
		{"stated for a later month does not count yet", CohortFacts{Stated: "A", StatedOn: day("2026-12-31"), DOB: aged(17), LeadHere: true}, "P", true, "Academic age 17"},
		{"X", CohortFacts{Stated: "X", StatedOn: lastYear, DOB: aged(17), LeadHere: true}, "X", false, "never sent"},
		{"no birth date", CohortFacts{LeadHere: true}, "", false, "birth date"},
		{"no birth date, followed before", CohortFacts{Stated: "P", StatedOn: lastYear, LeadHere: true}, "P", true, "birth date"},
	} {
		status, in, why := CohortOn(c.f, day("2026-10-31"))
		if status != c.status || in != c.in || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q %v %q, want %q %v %q", c.name, status, in, why, c.status, c.in, c.why)
		}
	}
	for _, s := range []string{"A", "T", "E", "M", "D", "L"} {
		if status, in, why := CohortOn(CohortFacts{Stated: s, StatedOn: lastYear, DOB: aged(16), LeadHere: true}, day("2026-10-31")); status != s || !in || why == "" {
			t.Errorf("the leaver's status %s does not stand: %q %v", s, status, in)
		}
	}
	before2016 := CohortFacts{DOB: civil.Must(1997, 3, 14), LeadHere: true}
	if status, in, _ := CohortOn(before2016, day("2015-10-31")); status != "P" || !in {
		t.Error("academic age 18 was tracked until August 2016")
	}
	if _, in, _ := CohortOn(before2016, day("2016-10-31")); in {
		t.Error("academic age 19 is no longer tracked from September 2016")
	}
}

func TestCohortKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := civil.MustParse("2017-01-31").AddMonths(rapid.IntRange(0, 130).Draw(t, "month"))
		f := CohortFacts{
			Stated:   rapid.SampledFrom([]string{"", "P", "G", "A", "T", "E", "M", "D", "L", "X", "Q"}).Draw(t, "stated"),
			StatedOn: end.AddDays(rapid.IntRange(-1500, 60).Draw(t, "stated on")),
			DOB:      end.AddDays(-rapid.IntRange(10*365, 30*365).Draw(t, "age")),
			SEND:     rapid.Bool().Draw(t, "send"), LeadHere: rapid.Bool().Draw(t, "lead"), EducatedHere: rapid.Bool().Draw(t, "educated"),
			TransferredTo: rapid.SampledFrom([]string{"", "344"}).Draw(t, "to"),
		}
		status, in, why := CohortOn(f, end)
		if why == "" {
			t.Fatal("no reason")
		}
		if in == (status == "" || status == "X") {
			t.Fatalf("status %q and in %v", status, in)
		}
		age := civil.AcademicAge(f.DOB, end)
		fresh := f.Stated == "" || f.StatedOn.After(end) || f.StatedOn.AcademicYear() != end.AcademicYear()
		if status == "P" && fresh && (age < 15 || age > 24 || (age > 17 && !f.SEND)) {
			t.Fatalf("academic age %d with plan %v is in by age", age, f.SEND)
		}
		if (f.Stated == "" || f.StatedOn.After(end)) && status != "" && status != "P" {
			t.Fatalf("nothing was stated, yet the status is %s", status)
		}
	})
}
