package nccis

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waymark/internal/civil"
)

func day(s string) civil.Date {
	if s == "" {
		return civil.Date{}
	}
	return civil.MustParse(s)
}

// Each line of nccis.md 6.1 and each step of 6.2.
func TestLapse(t *testing.T) {
	req := MustLoad()
	for _, c := range []struct {
		codes                       []string
		edition                     string
		verified, review, end, want string
	}{
		{[]string{"110", "120", "130", "140", "150"}, "2026-27", "2026-09-01", "", "2027-07-31", "2027-07-31"},
		{[]string{"110", "150"}, "2026-27", "2027-08-31", "", "", "2027-08-31"},
		{[]string{"210", "220", "230", "240", "250", "270", "280"}, "2019-20", "2019-03-26", "", "2020-08-31", "2019-08-31"},
		{[]string{"210", "230"}, "2019-20", "2019-09-01", "", "", "2020-08-31"},
		{[]string{"210", "230"}, "2019-20", "2019-03-26", "", "2019-06-30", "2019-06-30"},
		{[]string{"260", "290", "350", "710"}, "2026-27", "2026-05-01", "2026-06-30", "", "2026-07-28"},
		{[]string{"260", "290", "350", "710"}, "2026-27", "2026-05-01", "2026-08-31", "", "2026-09-28"},
		{[]string{"260"}, "2026-27", "2026-05-01", "2026-08-31", "2026-09-10", "2026-09-10"},
		{[]string{"260", "710"}, "2026-27", "2026-05-01", "", "", ""},
		{[]string{"720"}, "2015-16", "2015-05-01", "2015-06-30", "", "2015-07-28"},
		{[]string{"720"}, "2019-20", "2019-05-01", "2019-06-30", "", ""},
		{[]string{"310", "320"}, "2019-20", "2019-03-26", "", "", "2020-03-26"},
		{[]string{"330", "340", "360", "380", "381", "550"}, "2019-20", "2019-03-26", "", "", "2019-09-26"},
		{[]string{"330"}, "2026-27", "2026-08-31", "", "", "2027-02-28"},
		{[]string{"410", "430", "440", "450", "460"}, "2019-20", "2019-03-26", "", "", "2019-09-26"},
		{[]string{"410", "430", "440", "450", "460"}, "2019-20", "2019-03-26", "", "2019-05-01", "2019-05-01"},
		{[]string{"530"}, "2019-20", "2019-03-26", "", "", "2019-06-26"},
		{[]string{"530"}, "2019-20", "2019-03-26", "", "2019-04-01", "2019-04-01"},
		{[]string{"540", "610", "615", "616", "619", "620", "630", "640", "650", "660", "670", "680"}, "2026-27", "2026-05-01", "2026-06-01", "2026-07-01", ""},
		{[]string{"810", "820", "830", "999", ""}, "2026-27", "2026-05-01", "2026-06-01", "2026-07-01", ""},
		{[]string{"230", "310"}, "2026-27", "", "", "", ""},
	} {
		e, _ := req.Edition(c.edition)
		for _, code := range c.codes {
			due, ok := e.Lapse(ActivityFacts{Code: code, Verified: day(c.verified), Review: day(c.review), PredictedEnd: day(c.end)})
			if due != day(c.want) || ok != (c.want != "") {
				t.Errorf("%s, verified %s, review %s, end %s: lapses %v %v, want %s", code, c.verified, c.review, c.end, due, ok, c.want)
			}
		}
	}
	e, _ := req.Edition("2026-27")
	if due, _ := e.Lapse(ActivityFacts{Code: "330", Ascertained: day("2026-05-01"), Started: day("2026-04-01")}); due != day("2026-11-01") {
		t.Errorf("without a date verified the date ascertained counts, got %v", due)
	}
	if due, _ := e.Lapse(ActivityFacts{Code: "330", Started: day("2026-04-01")}); due != day("2026-10-01") {
		t.Errorf("without either the start counts, got %v", due)
	}
}

func TestStatusOn(t *testing.T) {
	e, _ := MustLoad().Edition("2026-27")
	for _, c := range []struct {
		code, due string
		want      Status
	}{
		{"230", "2026-10-30", NotKnown}, {"230", "2026-10-31", EET}, {"230", "2026-11-01", EET}, {"230", "", EET},
		{"710", "2026-10-30", NotKnown}, {"710", "2026-10-31", OutOfRates},
		{"619", "2026-10-30", NEET}, {"550", "2026-12-01", EET}, {"810", "", NotKnown}, {"110", "2026-10-30", NotKnown}, {"110", "2026-10-31", CompulsorySchoolAge},
		{"720", "", NotKnown}, {"", "", NotKnown},
	} {
		if got := e.StatusOn(c.code, day(c.due), day("2026-10-31")); got != c.want {
			t.Errorf("%s due %s is %s, want %s", c.code, c.due, got, c.want)
		}
	}
}

func TestCurrentActivity(t *testing.T) {
	spells := []Spell{
		{Code: "110", Started: day("2025-09-01"), Ended: day("2026-06-30")},
		{Code: "230", Started: day("2026-09-03")},
		{Code: "619", Started: day("2026-11-02"), Ended: day("2026-12-01")},
		{Code: "310", Started: day("2027-01-04")},
		{Code: "330", Started: day("2027-01-04")},
	}
	for on, want := range map[string]string{
		"2025-08-31": "", "2025-09-01": "110", "2026-06-30": "110", "2026-07-01": "", "2026-09-03": "230",
		"2026-11-01": "230", "2026-11-02": "619", "2026-12-02": "", "2027-01-04": "330",
	} {
		got := ""
		if i, ok := CurrentActivity(spells, day(on)); ok {
			got = spells[i].Code
		}
		if got != want {
			t.Errorf("on %s %q is in force, want %q", on, got, want)
		}
	}
}

func TestNEETStart(t *testing.T) {
	e, _ := MustLoad().Edition("2026-27")
	neet := func(code, start, end, stated string) Spell {
		return Spell{Code: code, Started: day(start), Ended: day(end), NEETStart: day(stated)}
	}
	for _, c := range []struct {
		name   string
		spells []Spell
		on     string
		want   string
	}{
		{"not NEET", []Spell{neet("230", "2026-01-01", "", "")}, "2026-03-01", ""},
		{"derived", []Spell{neet("230", "2026-01-01", "2026-02-01", ""), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2026-02-02"},
		{"stated", []Spell{neet("619", "2026-02-02", "", "2025-12-24")}, "2026-03-01", "2025-12-24"},
		{"stated too late", []Spell{neet("619", "2026-02-02", "", "2026-02-03")}, "2026-03-01", "2026-02-02"},
		{"carried over", []Spell{neet("610", "2026-01-01", "2026-02-01", ""), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2026-01-01"},
		{"a stated one carried over", []Spell{neet("610", "2026-01-01", "2026-02-01", "2025-11-11"), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2025-11-11"},
		{"an open spell carried over", []Spell{neet("610", "2026-01-01", "", ""), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2026-01-01"},
		{"cleared by work", []Spell{neet("610", "2026-01-01", "", ""), neet("330", "2026-01-20", "", ""), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2026-02-02"},
		{"cleared by a gap", []Spell{neet("610", "2026-01-01", "2026-01-20", ""), neet("619", "2026-02-02", "", "")}, "2026-03-01", "2026-02-02"},
		{"as of before", []Spell{neet("610", "2026-01-01", "", ""), neet("330", "2026-02-01", "", "")}, "2026-01-31", "2026-01-01"},
	} {
		if got := e.NEETStart(c.spells, day(c.on)); got != day(c.want) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestYearGroup(t *testing.T) {
	for _, c := range []struct {
		born, on string
		want     int
	}{
		{"2011-08-31", "2026-09-01", 11}, {"2011-09-01", "2026-09-01", 10}, {"2011-08-31", "2026-08-31", 10},
		{"2010-08-31", "2027-08-31", 12}, {"2009-08-31", "2026-10-31", 13}, {"2001-08-31", "2026-10-31", 21}, {"", "2026-10-31", -5}, {"2030-01-01", "2026-10-31", -5},
	} {
		if got := YearGroup(day(c.born), day(c.on)); got != c.want {
			t.Errorf("born %s on %s: Year %d, want %d", c.born, c.on, got, c.want)
		}
	}
}

// life draws spells of any activities over ten years, some without an end.
func life(t *rapid.T, e *Edition) []Spell {
	var codes []string
	for _, a := range e.Activities() {
		codes = append(codes, a.Code)
	}
	from := civil.MustParse("2016-04-01")
	draw := func(t *rapid.T) Spell {
		start := from.AddDays(rapid.IntRange(0, 3650).Draw(t, "start"))
		s := Spell{Code: rapid.SampledFrom(codes).Draw(t, "code"), Started: start}
		if rapid.Bool().Draw(t, "ended") {
			s.Ended = start.AddDays(rapid.IntRange(0, 700).Draw(t, "length"))
		}
		if rapid.Bool().Draw(t, "stated") {
			s.NEETStart = start.AddDays(rapid.IntRange(-700, 50).Draw(t, "neet"))
		}
		return s
	}
	return rapid.SliceOfN(rapid.Custom(draw), 0, 8).Draw(t, "spells")
}

func TestLivesKeepTheRules(t *testing.T) {
	req := MustLoad()
	rapid.Check(t, func(t *rapid.T) {
		e := req.Editions()[rapid.IntRange(0, len(req.Editions())-1).Draw(t, "edition")]
		spells := life(t, e)
		on := civil.MustParse("2016-04-01").AddDays(rapid.IntRange(-10, 4400).Draw(t, "on"))
		i, ok := CurrentActivity(spells, on)
		since := e.NEETStart(spells, on)
		if !ok {
			if !since.IsZero() {
				t.Fatalf("nothing is in force, but NEET since %v", since)
			}
			return
		}
		s := spells[i]
		if s.Started.After(on) || (!s.Ended.IsZero() && s.Ended.Before(on)) {
			t.Fatalf("%+v is not in force on %v", s, on)
		}
		a, _ := e.Activity(s.Code)
		if (a.Status == NEET) == since.IsZero() || since.After(s.Started) {
			t.Fatalf("%s since %v, but NEET since %v", s.Code, s.Started, since)
		}
		// Only of two that start on one day does the order in the slice decide.
		starts := map[civil.Date]bool{}
		for _, one := range spells {
			starts[one.Started] = true
		}
		again := slices.Clone(spells)
		slices.Reverse(again)
		if j, _ := CurrentActivity(again, on); len(starts) == len(spells) && (j < 0 || again[j] != s) {
			t.Fatalf("the order of the spells changes which is in force: %d, %+v", j, s)
		}
	})
}

func TestLapseKeepsTheRules(t *testing.T) {
	req := MustLoad()
	rapid.Check(t, func(t *rapid.T) {
		e := req.Editions()[rapid.IntRange(0, len(req.Editions())-1).Draw(t, "edition")]
		a := rapid.SampledFrom(e.Activities()).Draw(t, "activity")
		some := func(name string) civil.Date {
			if rapid.IntRange(0, 4).Draw(t, name+" there") == 0 {
				return civil.Date{}
			}
			return civil.MustParse("2015-04-01").AddDays(rapid.IntRange(0, 4500).Draw(t, name))
		}
		f := ActivityFacts{Code: a.Code, Verified: some("verified"), Review: some("review"), PredictedEnd: some("end")}
		due, ok := e.Lapse(f)
		switch {
		case ok == due.IsZero():
			t.Fatalf("ok is %v with %v", ok, due)
		case !a.Lapse.Lapses() && ok:
			t.Fatalf("%s lapses on %v", a.Code, due)
		case ok && !f.PredictedEnd.IsZero() && due.After(f.PredictedEnd):
			t.Fatalf("%s lapses on %v, after the course has ended", a.Code, due)
		case ok && Lapsed(due, due):
			t.Fatal("lapsed on the due day itself")
		case ok && !Lapsed(due, due.AddDays(1)):
			t.Fatal("still current on the day after")
		}
		// To confirm later never makes the activity lapse sooner.
		if !f.Verified.IsZero() && ok {
			later := f
			later.Verified = f.Verified.AddDays(rapid.IntRange(1, 400).Draw(t, "later"))
			if next, _ := e.Lapse(later); next.Before(due) {
				t.Fatalf("%s: verified later, it lapses on %v instead of %v", a.Code, next, due)
			}
		}
	})
}
