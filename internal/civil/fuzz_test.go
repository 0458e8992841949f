package civil

import "testing"

// FuzzParse: what is read as a day or a month is written as it was read.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-11-10", "2024-02-29", "2025-02-29", "0000-00-00", "9999-12-31", "2026-10", "", "٢٠٢٦-١٠-١٠", "-001-01-01", "2026-1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil {
			if again, err := Parse(d.String()); err != nil || again != d {
				t.Errorf("%q is read as %v, and that as %v (%v)", s, d, again, err)
			}
			if next := d.AddDays(1); !next.After(d) {
				t.Errorf("the day after %v is %v", d, next)
			}
		}
		if m, err := ParseMonth(s); err == nil {
			if again, err := ParseMonth(m.String()); err != nil || again != m {
				t.Errorf("%q is read as the month %v, and that as %v (%v)", s, m, again, err)
			}
		}
	})
}
