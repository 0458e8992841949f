package retention

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/internal/civil"
	"waymark/internal/id"
	_ "waymark/test/draws"
)

// plainLongest counts anew, in the plainest way: by a list of all days to which
// some rule keeps a record, built day by day from the calendar.
func plainLongest(all []Rule, born, changed time.Time, in map[Category]bool) (until string, applies, dated bool) {
	dated = true
	var days []string
	for _, r := range all {
		var from time.Time
		switch {
		case r.Category == Files:
			continue
		case r.Category == Everyone:
		case !in[r.Category]:
			continue
		}
		applies = true
		age := map[Trigger]int{End18: 18, End25: 25}[r.From]
		switch r.From {
		case LastChange:
			from = changed
		case Birth:
			from = born
		default:
			if !born.IsZero() {
				// The birthday, and from there on to the next 31 August.
				from = plus(born, age*12)
				for from.Month() != time.August || from.Day() != 31 {
					from = from.AddDate(0, 0, 1)
				}
			}
		}
		if from.IsZero() {
			dated = false
			continue
		}
		days = append(days, plus(from, r.Months).Format("2006-01-02"))
	}
	if len(days) > 0 {
		until = slices.Max(days)
	}
	return until, applies, dated
}

// plus adds months; from a day that the month has not, its last.
func plus(t time.Time, months int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), 0, 0, 0, 0, time.UTC)
}

func TestTheLongestRuleWins(t *testing.T) {
	people := slices.DeleteFunc(Categories(), func(c Category) bool { return c == Files })
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) time.Time {
			if rapid.IntRange(0, 9).Draw(t, name+"?") == 0 {
				return time.Time{}
			}
			return time.Date(1995, 1, 1+rapid.IntRange(0, 12000).Draw(t, name), 0, 0, 0, 0, time.UTC)
		}
		born, changed := day("born"), day("changed")
		in := map[Category]bool{}
		for _, c := range people {
			in[c] = rapid.Bool().Draw(t, string(c))
		}
		var all []Rule
		for i := range rapid.IntRange(0, 6).Draw(t, "rules") {
			r := Rule{Ref: id.Ref(rune('a' + i)), Category: rapid.SampledFrom(Categories()).Draw(t, "category"), Months: rapid.IntRange(1, 900).Draw(t, "months"),
				From: rapid.SampledFrom([]Trigger{Birth, End18, End25, LastChange}).Draw(t, "from")}
			if r.Category == Files {
				r.From = Received
			}
			all = append(all, r)
		}
		civilOf := func(at time.Time) civil.Date {
			if at.IsZero() {
				return civil.Date{}
			}
			return civil.Must(at.Year(), at.Month(), at.Day())
		}
		got, applies, dated := longest(all, &facts{born: civilOf(born), lastChange: civilOf(changed), in: in})
		want, wantApplies, wantDated := plainLongest(all, born, changed, in)
		if applies != wantApplies || dated != wantDated || got.On.String() != want {
			t.Fatalf("kept until %q (applies %v, dated %v), and counted plainly until %q (%v, %v)", got.On, applies, dated, want, wantApplies, wantDated)
		}
	})
}

func TestPracticesAreRules(t *testing.T) {
	for _, r := range Practices() {
		if err := r.check(); err != nil {
			t.Errorf("%s: %v", r.Words(), err)
		}
	}
}
