package civil

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

func TestAgreesWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3652059).Draw(t, "day")
		d := Date{int32(n)}
		y, m, day := d.YMD()
		std := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n-1)
		if sy, sm, sd := std.Date(); sy != y || sm != m || sd != day || std.Weekday() != d.Weekday() || !d.Time().Equal(std) {
			t.Fatalf("day %d is %v %v, the standard library has %v %v", n, d, d.Weekday(), std, std.Weekday())
		}
		back, err := Parse(d.String())
		if err != nil || back != d {
			t.Fatalf("%v read back as %v, %v", d, back, err)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "2026-02-29", "2009-02-30", "31/12/2008", "2026-1-01", "2026-13-01", "2026-00-10", "0000-01-01", "2026-01-01T00:00:00", " 2026-01-01", "２026-01-1"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("%q was read as %v", s, d)
		}
	}
}

func TestMonthsKeepTheDay(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2019-03-26", 6, "2019-09-26"}, {"2025-08-31", 6, "2026-02-28"}, {"2023-08-31", 6, "2024-02-29"},
		{"2026-01-31", 1, "2026-02-28"}, {"2024-02-29", 12, "2025-02-28"}, {"2026-12-15", 1, "2027-01-15"}, {"2026-03-31", -1, "2026-02-28"},
	} {
		if got := MustParse(c.from).AddMonths(c.months).String(); got != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestAges(t *testing.T) {
	for _, c := range []struct {
		born, on  string
		age, acad int
	}{
		{"2009-08-31", "2026-10-31", 17, 17}, // 17 on 31 August: year 13
		{"2009-09-01", "2026-10-31", 17, 16}, // a day younger, a year group lower
		{"2009-09-01", "2026-08-31", 16, 15},
		{"2008-02-29", "2026-02-28", 17, 17}, {"2008-02-29", "2026-03-01", 18, 17},
		{"2030-01-01", "2026-03-01", -1, -1},
	} {
		born, on := MustParse(c.born), MustParse(c.on)
		if a, b := Age(born, on), AcademicAge(born, on); a != c.age || b != c.acad {
			t.Errorf("born %s on %s: age %d and academic age %d, want %d and %d", c.born, c.on, a, b, c.age, c.acad)
		}
	}
}

func TestNoDate(t *testing.T) {
	var none Date
	if none.String() != "" || none.Words() != "" || !none.AddDays(3).IsZero() || !none.AddMonths(3).IsZero() || Age(none, MustParse("2026-01-01")) != -1 {
		t.Error("no date became a date")
	}
	if v, _ := none.Value(); v != nil {
		t.Errorf("no date is stored as %v", v)
	}
	var d Date
	if err := d.Scan(nil); err != nil || !d.IsZero() {
		t.Errorf("NULL was read as %v, %v", d, err)
	}
	if err := d.Scan("nonsense"); err == nil {
		t.Error("nonsense was read as a date")
	}
}
