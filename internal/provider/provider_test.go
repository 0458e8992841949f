package provider

import (
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/civil"
	_ "waymark/test/draws"
)

func TestFoldMeetsTheWaysInWhichANameIsTyped(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"The Lapwing Academy", "lapwing academy"}, {"Café Bay Girls’ High School", "CAFE BAY GIRLS' HIGH SCHOOL"}, {"St. Brannock's R.C. School", "st brannocks rc school"},
		{"Bay & Dunes College", "bay and dunes college"}, {"Unit 7 – Marram", "unit 7 marram"},
	} {
		if Fold(c.a) != Fold(c.b) || Fold(c.a) == "" {
			t.Errorf("%q is %q and %q is %q", c.a, Fold(c.a), c.b, Fold(c.b))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if once := Fold(rapid.String().Draw(t, "name")); once != "" && once[0] == ' ' {
			t.Fatalf("%q begins with a blank", once)
		}
	})
}

func TestOpenOn(t *testing.T) {
	day := civil.MustParse
	closed := Establishment{Status: Closed, Opened: day("2010-09-01"), Closed: day("2019-08-31")}
	for _, c := range []struct {
		e    Establishment
		on   string
		open bool
	}{
		{closed, "2010-08-31", false}, {closed, "2010-09-01", true}, {closed, "2019-08-31", true}, {closed, "2019-09-01", false}, {closed, "", false},
		{Establishment{Status: Open}, "2026-09-01", true}, {Establishment{Status: Closing}, "", true}, {Establishment{Status: Proposed}, "2026-09-01", false}, {Establishment{Status: Closed}, "2026-09-01", false},
	} {
		var on civil.Date
		if c.on != "" {
			on = day(c.on)
		}
		if got := c.e.OpenOn(on); got != c.open {
			t.Errorf("%+v on %s: %v", c.e, c.on, got)
		}
	}
}

// Of those that share a number the one that was open is meant, whatever their
// order.
func TestBestOfANumber(t *testing.T) {
	day := civil.MustParse
	old := Establishment{URN: "1", Status: Closed, Opened: day("1958-09-01"), Closed: day("2012-08-31")}
	middle := Establishment{URN: "2", Status: Closed, Opened: day("2012-09-01"), Closed: day("2019-08-31")}
	now := Establishment{URN: "3", Status: Open, Opened: day("2019-09-01")}
	for _, list := range [][]Establishment{{old, middle, now}, {now, middle, old}, {middle, now, old}} {
		for on, want := range map[string]string{"1900-01-01": "1", "2000-01-01": "1", "2012-09-01": "2", "2026-01-01": "3"} {
			if e, ok := best(list, day(on)); !ok || e.URN != want {
				t.Errorf("on %s it is %s, want %s", on, e.URN, want)
			}
		}
	}
	if e, _ := best([]Establishment{middle, old}, day("2026-01-01")); e.URN != "2" {
		t.Errorf("of two that have closed it is %s", e.URN)
	}
	if _, ok := best(nil, day("2026-01-01")); ok {
		t.Error("there is one of none")
	}
}
