package civil

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The holidays that gov.uk/bank-holidays publishes for England and Wales.
func TestBankHolidaysAreThosePublished(t *testing.T) {
	published := map[int][]string{
		2020: {"2020-01-01", "2020-04-10", "2020-04-13", "2020-05-25", "2020-08-31", "2020-12-25", "2020-12-28"},
		2021: {"2021-01-01", "2021-04-02", "2021-04-05", "2021-05-03", "2021-05-31", "2021-08-30", "2021-12-27", "2021-12-28"},
		2024: {"2024-01-01", "2024-03-29", "2024-04-01", "2024-05-06", "2024-05-27", "2024-08-26", "2024-12-25", "2024-12-26"},
		2025: {"2025-01-01", "2025-04-18", "2025-04-21", "2025-05-05", "2025-05-26", "2025-08-25", "2025-12-25", "2025-12-26"},
		2026: {"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"},
		2027: {"2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28"},
	}
	// In 2020 the early May holiday was moved for once, which the rule cannot know.
	moved := map[string]bool{"2020-05-04": true, "2020-05-08": true}
	for year, want := range published {
		is := map[string]bool{}
		for _, d := range want {
			is[d] = true
		}
		for d := Must(year, time.January, 1); d.Year() == year; d = d.AddDays(1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !weekend && !moved[d.String()] && BankHoliday(d) != is[d.String()] {
				t.Errorf("%s: a bank holiday is %v", d, BankHoliday(d))
			}
		}
	}
}

func TestWorkingDaysAgreeWithCountingThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Must(2020, time.January, 1).AddDays(rapid.IntRange(0, 4000).Draw(t, "day"))
		n := rapid.IntRange(1, 30).Draw(t, "days")
		to, back := d.AddWorkingDays(n), d.AddWorkingDays(-n)
		count := func(from, to Date) (k int) {
			for e := from.AddDays(1); !e.After(to); e = e.AddDays(1) {
				if Working(e) {
					k++
				}
			}
			return k
		}
		if !Working(to) || count(d, to) != n {
			t.Fatalf("%d working days after %s is not %s", n, d, to)
		}
		if !Working(back) || count(back.AddDays(-1), d.AddDays(-1)) != n {
			t.Fatalf("%d working days before %s is not %s", n, d, back)
		}
		before, after := d.WorkingOnOrBefore(), d.WorkingOnOrAfter()
		if !Working(before) || before.After(d) || count(before, d) > 0 || !Working(after) || after.Before(d) || count(d.AddDays(-1), after) != 1 {
			t.Fatalf("the working day on or before %s is not %s, or on or after not %s", d, before, after)
		}
	})
}

func TestNthWeekday(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{{1, "2024-09-06"}, {2, "2024-09-13"}, {-1, "2024-09-27"}, {-4, "2024-09-06"}, {5, ""}, {-5, ""}, {0, ""}} {
		on, ok := NthWeekday(2024, time.September, time.Friday, c.n)
		if ok != (c.want != "") || ok && on.String() != c.want {
			t.Errorf("Friday %d of September 2024 is %s, %v", c.n, on, ok)
		}
	}
}
