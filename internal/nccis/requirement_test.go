package nccis

import (
	"slices"
	"strings"
	"testing"

	"waymark/internal/civil"
)

func TestEditionOn(t *testing.T) {
	req := MustLoad()
	for _, c := range []struct {
		on, want string
		standIn  bool
	}{
		{"2014-12-31", "2015-16", true}, {"2015-03-31", "2015-16", true}, {"2015-04-01", "2015-16", false}, {"2016-03-31", "2015-16", false},
		{"2016-04-30", "2015-16", true}, {"2019-03-31", "2015-16", true}, {"2019-04-30", "2019-20", false}, {"2021-03-31", "2020-21", false},
		{"2021-04-30", "2020-21", true}, {"2022-02-28", "2020-21", true}, {"2023-03-31", "2022-23", false}, {"2026-03-31", "2022-23", true},
		{"2026-10-31", "2026-27", false}, {"2027-04-30", "2026-27", true},
	} {
		e, standIn := req.EditionOn(day(c.on))
		note := e.StandInNote(day(c.on))
		if e.Name != c.want || standIn != c.standIn || (note != "") != standIn {
			t.Errorf("%s: %s, standing in %v (%q); want %s, %v", c.on, e.Name, standIn, note, c.want, c.standIn)
		}
	}
	e, _ := req.Edition("2022-23")
	if note := e.StandInNote(day("2025-10-31")); !strings.Contains(note, "2025-26") || !strings.Contains(note, "2022-23") {
		t.Errorf("%q does not name both years", note)
	}
	if _, ok := req.Edition("2016-17"); ok {
		t.Error("2016-17 is not held")
	}
}

func TestCovers(t *testing.T) {
	e, _ := MustLoad().Edition("2019-20")
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"", "", true}, {"2015-16", "", true}, {"2019-20", "", true}, {"2020-21", "", false}, {"", "2018-19", false}, {"", "2019-20", true},
		{"2015-16", "2020-21", true}, {"rubbish", "", false}, {"2019-21", "", false},
	} {
		if e.Covers(c.from, c.to) != c.want {
			t.Errorf("from %q to %q covers 2019-20: %v", c.from, c.to, !c.want)
		}
	}
}

func TestLocalAuthorities(t *testing.T) {
	req := MustLoad()
	now := day("2026-10-31")
	english := 0
	for _, la := range req.LocalAuthorities(now) {
		if la.Kind == Authority {
			english++
			if len(la.GSS) != 9 || la.Region == "" {
				t.Errorf("%+v", la)
			}
		}
	}
	if english != 153 {
		t.Errorf("%d current authorities, want 153", english)
	}
	for _, c := range []struct {
		code, on  string
		now, ever bool
	}{
		{"343", "2026-10-31", true, true}, {"909", "2023-03-31", true, true}, {"909", "2023-04-01", false, true}, {"942", "2023-03-31", false, false},
		{"942", "2023-04-01", true, true}, {"836", "2019-03-31", true, true}, {"836", "2019-04-01", false, true}, {"839", "2019-04-01", true, true},
		{"928", "2021-04-01", false, true}, {"702", "2026-10-31", true, true}, {"004", "2026-10-31", true, true}, {"991", "2026-10-31", false, false},
		{"34", "2026-10-31", false, false}, {"3a3", "2026-10-31", false, false}, {"", "2026-10-31", false, false}, {"0343", "2026-10-31", false, false},
	} {
		_, holds := req.LocalAuthority(c.code, day(c.on))
		_, ever := req.LocalAuthorityEver(c.code, day(c.on))
		if holds != c.now || ever != c.ever {
			t.Errorf("%s on %s: %v %v, want %v %v", c.code, c.on, holds, ever, c.now, c.ever)
		}
	}
	for _, la := range req.LocalAuthorities(day("2019-03-31")) {
		for _, next := range strings.Fields(la.Successor) {
			if s, ok := req.LocalAuthority(next, now); !ok || s.From != la.To.AddDays(1) {
				t.Errorf("%s is followed by %s, which begins on %v", la.Code, next, s.From)
			}
		}
	}
	if la, _ := req.LocalAuthority("004", now); la.English() {
		t.Error("004 is an English authority")
	}
}

// The sets that the reference names (nccis.md 4, 10.1), for the editions read in full.
func TestActivitySets(t *testing.T) {
	req := MustLoad()
	set := func(e *Edition, keep func(Activity) bool) string {
		var out []string
		for _, a := range e.Activities() {
			if keep(a) {
				out = append(out, a.Code)
			}
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	for _, name := range []string{"2015-16", "2019-20", "2026-27"} {
		e, _ := req.Edition(name)
		review := "260 290 350 616 710"
		if name == "2015-16" {
			review = "260 290 350 710 720"
		}
		for _, c := range []struct {
			what, want string
			keep       func(Activity) bool
		}{
			{"NEET", "540 610 615 616 619 620 630 640 650 660 670 680", func(a Activity) bool { return a.Status == NEET }},
			{"not known", "810 820 830", func(a Activity) bool { return a.Status == NotKnown }},
			{"compulsory", "110 120 130 140 150", func(a Activity) bool { return a.Status == CompulsorySchoolAge }},
			{"review date", review, func(a Activity) bool { return a.ReviewRequired }},
			{"end date", "110 120 130 140 150 210 220 230 240 250 260 270 280 290 410 430 440 450 460", func(a Activity) bool { return a.EndDateRequired }},
			{"lapse date", "110 120 130 140 150 210 220 230 240 250 260 270 280 290 310 320 330 340 350 360 380 381 410 430 440 450 460 530 550 710", func(a Activity) bool { return a.LapseDateRequired }},
			{"plan", "280 460", func(a Activity) bool { return a.SENDRequired }},
			{"participating", "210 220 230 240 250 270 280 290 310 320 381 410 430 450 460 550", func(a Activity) bool { return a.InEducationOrTraining }},
		} {
			if got := set(e, c.keep); got != c.want {
				t.Errorf("%s, %s: %s, want %s", name, c.what, got, c.want)
			}
		}
	}
	e, _ := req.Edition("2020-21")
	if a, _ := e.Activity("440"); !strings.HasPrefix(a.Label, "DWP") {
		t.Errorf("440 is %q from 2020-21", a.Label)
	}
}

func TestCodesByYear(t *testing.T) {
	req := MustLoad()
	for _, c := range []struct {
		list List
		code string
		from string
	}{{Ethnicities, "BBRI", "2020-21"}, {Characteristics, "200", "2019-20"}, {Characteristics, "210", "2022-23"}, {Genders, "W", "2015-16"}} {
		held := false
		for _, e := range req.Editions() {
			held = held || e.Name == c.from
			if _, ok := e.Code(c.list, c.code); ok != held {
				t.Errorf("%s in %s: %v", c.code, e.Name, ok)
			}
		}
	}
	e, _ := req.Edition("2026-27")
	var vulnerable []string
	for _, code := range e.Codes(Characteristics) {
		if code.Vulnerable {
			vulnerable = append(vulnerable, code.Code)
		}
	}
	if got := strings.Join(vulnerable, " "); got != "110 130 140 150 160 170 190 200 210" {
		t.Errorf("the vulnerable group is %s", got)
	}
	if e.Label(Genders, "F") != "Female" || e.Label(Genders, "?") != "?" {
		t.Error("labels")
	}
	for list, want := range map[List]int{CohortStatuses: 9, Genders: 4, Ethnicities: 21, LevelsOfNeed: 3, Characteristics: 11, IntendedDestinations: 8, GuaranteeStatuses: 13} {
		if got := len(e.Codes(list)); got != want {
			t.Errorf("list %d has %d codes, want %d", list, got, want)
		}
	}
	if got := len(e.Activities()); got != 45 {
		t.Errorf("%d activity codes", got)
	}
}

func TestChecksByYear(t *testing.T) {
	req := MustLoad()
	has := func(name, id string) bool {
		e, _ := req.Edition(name)
		_, ok := e.Check(id)
		return ok
	}
	for _, c := range []struct {
		id    string
		years string
	}{
		{"29", "2015-16"}, {"33", "2015-16"}, {"36", "2015-16"}, {"236", "2015-16"}, {"301", "2015-16 2019-20"},
		{"303", "2019-20 2020-21 2022-23 2026-27"}, {"305", "2019-20 2020-21 2022-23 2026-27"}, {"306", "2020-21 2022-23 2026-27"},
		{"909", "2020-21 2022-23 2026-27"}, {"SG-a", "2020-21 2022-23 2026-27"}, {"44", "2026-27"}, {"46", "2026-27"},
	} {
		for _, e := range req.Editions() {
			if has(e.Name, c.id) != slices.Contains(strings.Fields(c.years), e.Name) {
				t.Errorf("check %s in %s: %v", c.id, e.Name, has(e.Name, c.id))
			}
		}
	}
	e, _ := req.Edition("2026-27")
	for _, id := range []string{"44", "45", "46", "306", "909", "SG-a", "SG-b", "SG-c"} {
		if row, _ := e.Check(id); row.Priority != 2 || row.PrioritySeen {
			t.Errorf("check %s: priority %d, seen %v", id, row.Priority, row.PrioritySeen)
		}
	}
}

func TestFaultsNameFileAndLine(t *testing.T) {
	columns := []string{"code", "from", "to", "leaver", "mark"}
	for text, want := range map[string]string{
		"code,from\n": "x.csv line 1: the columns are",
		"code,from,to,leaver,mark\nA,2015-16,,yes,S\nB,2015-17,,yes,S\n":  "x.csv line 3: from is",
		"code,from,to,leaver,mark\nA,2019-20,2015-16,yes,S\n":             "x.csv line 2: to is",
		"code,from,to,leaver,mark\nA,,,yes,S\n":                           "x.csv line 2: from is empty",
		"code,from,to,leaver,mark\nA,2015-16,,perhaps,S\n":                "x.csv line 2: leaver is",
		"code,from,to,leaver,mark\nA,2015-16,,yes,?\n":                    "x.csv line 2: mark is",
		"code,from,to,leaver,mark\nA,2015-16\n":                           "line 2",
		"code,from,to,leaver,mark\n\"A\nA\",2015-16,,yes,S\nB,x,,yes,S\n": "x.csv line 4",
	} {
		err := eachRowOf("x.csv", text, columns, func(r *tableRow) { r.must("code"); r.years(); r.yes("leaver"); r.mark() })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, s := range []string{"", "m", "0m", "-3m", "review+d", "review+28", "aug", "12"} {
		if l, err := parseLapse(s); err == nil {
			t.Errorf("the lapse rule %q is %+v", s, l)
		}
	}
}

func TestEveryItemHasALabel(t *testing.T) {
	seen := map[string]Field{}
	for f := Field(0); f < FieldCount; f++ {
		label := FieldLabel(f)
		if other, twice := seen[label]; twice || label == "Whole record" {
			t.Errorf("%v and %v are both %q", f, other, label)
		}
		seen[label] = f
	}
}

func TestLookupsAllocateNothing(t *testing.T) {
	req := MustLoad()
	e, _ := req.Edition("2026-27")
	on := civil.MustParse("2026-10-31")
	n := testing.AllocsPerRun(100, func() {
		e.Activity("230")
		e.Code(Ethnicities, "WBRI")
		req.LocalAuthority("343", on)
		e.Lapse(ActivityFacts{Code: "230", Verified: on})
		e.StatusOn("230", on, on)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
