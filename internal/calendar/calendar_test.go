package calendar_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
	_ "waymark/test/draws"
)

var (
	manager = access.Actor{Register: 1, Ref: "account:m", Name: "Test Manager", Roles: []access.Role{access.TeamManager}}
	officer = access.Actor{Register: 1, Ref: "account:o", Name: "Test Officer", Roles: []access.Role{access.DataOfficer}}
	adviser = access.Actor{Register: 1, Ref: "account:a", Name: "Test Adviser", Roles: []access.Role{access.Adviser}}
)

func begin(t *testing.T, d *db.DB) *calendar.Service {
	t.Helper()
	if _, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Sandmere", DatabaseID: "991",
		Authorities: []register.Authority{{Code: "991", Name: "Sandmere", Invented: true}}}); err != nil {
		t.Fatal(err)
	}
	return &calendar.Service{DB: d}
}

// one is an entry of a year by its key.
func one(t *testing.T, all []calendar.Entry, key string) calendar.Entry {
	t.Helper()
	for _, e := range all {
		if e.Key == key {
			return e
		}
	}
	t.Fatalf("there is no %q in the year", key)
	return calendar.Entry{}
}

func TestTheFixedPointsOfAYear(t *testing.T) {
	d := dbtest.SQLite(t)
	s := begin(t, d)
	year, err := s.Year(context.Background(), adviser, 2024)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][2]string{
		"rollover":               {"2024-09-01", "2024-09-01"},
		"enrolment-lists":        {"2024-09-01", "2024-09-13"}, // the county's own day of that year
		"guarantee-offers":       {"2024-09-30", "2024-09-30"},
		"survey":                 {"2024-11-01", "2025-01-31"},
		"headline":               {"2024-12-01", "2025-02-28"},
		"guarantee-baseline":     {"2025-05-20", "2025-05-30"}, // a county closed its own on that day
		"results-16":             {"2025-08-21", "2025-08-21"},
		"results-18":             {"2025-08-14", "2025-08-14"},
		"monthly-return-2025-01": {"2025-02-03", "2025-02-13"},
	} {
		e := one(t, year, key)
		if e.Opens.String() != want[0] || e.Closes.String() != want[1] {
			t.Errorf("%s is from %s to %s, not from %s to %s", key, e.Opens, e.Closes, want[0], want[1])
		}
	}
	leap, err := s.Year(context.Background(), adviser, 2027)
	if err != nil {
		t.Fatal(err)
	}
	if e := one(t, leap, "headline"); e.Closes.String() != "2028-02-29" {
		t.Errorf("February of a leap year ends on %s", e.Closes)
	}
	// The season that opened at the end of May runs into the next year.
	seasons := 0
	for _, e := range year {
		if e.Key == "guarantee-season" {
			seasons++
		}
	}
	if seasons != 2 {
		t.Errorf("%d seasons of the guarantee touch the academic year, not 2", seasons)
	}
}

// Every fixed point of every year opens within it, closes on or after the day on
// which it opens, and within a year of it.
func TestEveryYearHasEveryFixedPoint(t *testing.T) {
	d := dbtest.SQLite(t)
	s := begin(t, d)
	rapid.Check(t, func(rt *rapid.T) {
		year := civil.AcademicYear(rapid.IntRange(2015, 2060).Draw(rt, "year"))
		all, err := s.Year(context.Background(), adviser, year)
		if err != nil {
			rt.Fatal(err)
		}
		months, opening := 0, 0
		for _, e := range all {
			if e.Closes.Before(e.Opens) || e.Closes.DaysSince(e.Opens) > 366 {
				rt.Fatalf("%s is from %s to %s", e.Key, e.Opens, e.Closes)
			}
			if e.Year != year {
				continue
			}
			opening++
			if strings.HasPrefix(e.Key, "monthly-return-") {
				months++
				if !civil.Working(e.Opens) || !civil.Working(e.Closes) {
					rt.Fatalf("%s opens or closes on a day off: %s, %s", e.Key, e.Opens, e.Closes)
				}
			} else if e.Opens.AcademicYear() != year {
				rt.Fatalf("%s of %s opens on %s", e.Key, year, e.Opens)
			}
		}
		// The return for August follows it, in the next academic year.
		if months != 11 {
			rt.Fatalf("%d returns open within %s", months, year)
		}
		if opening < 28 {
			rt.Fatalf("only %d things open in %s", opening, year)
		}
	})
}

func TestOwnDaysAreAddedChangedAndTakenOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s, ctx := begin(t, d), context.Background()
		e := calendar.Entry{Words: "Lists from the colleges", Opens: civil.MustParse("2026-09-14"), Closes: civil.MustParse("2026-09-18"), Roles: []access.Role{access.DataOfficer}, Href: "/imports"}
		if _, err := s.Add(ctx, adviser, e, "k0"); !errors.As(err, new(access.Denied)) {
			t.Fatalf("an adviser adds a day: %v", err)
		}
		ref, err := s.Add(ctx, manager, e, "k1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(ctx, manager, e, "k1"); !errors.Is(err, act.ErrRepeated) {
			t.Fatalf("pressed twice: %v", err)
		}
		found, err := s.Find(ctx, adviser, "", 0, ref)
		if err != nil || found.Words != e.Words || found.Year != 2026 || found.Closes != e.Closes || len(found.Roles) != 1 || found.Statutory() {
			t.Fatalf("kept as %+v, %v", found, err)
		}
		changed := found
		changed.Closes = civil.MustParse("2026-09-25")
		if err := s.Change(ctx, officer, changed, "k2"); err != nil {
			t.Fatal(err)
		}
		// Whoever had seen the version before is second.
		if err := s.Change(ctx, manager, found, "k3"); !errors.As(err, new(db.Conflict)) {
			t.Fatalf("changed from an old page: %v", err)
		}
		if found, err = s.Find(ctx, adviser, "", 0, ref); err != nil || found.Closes != changed.Closes {
			t.Fatalf("changed to %+v, %v", found, err)
		}
		if err := s.Remove(ctx, manager, ref, found.Version, "k4"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(ctx, adviser, "", 0, ref); !errors.Is(err, db.NotFound) {
			t.Fatalf("taken out, and still there: %v", err)
		}
		for field, bad := range map[string]calendar.Entry{
			"words":  {Opens: e.Opens},
			"opens":  {Words: "x"},
			"closes": {Words: "x", Opens: e.Opens, Closes: e.Opens.AddDays(-1)},
			"href":   {Words: "x", Opens: e.Opens, Href: "https://elsewhere.example"},
		} {
			if _, err := s.Add(ctx, manager, bad, string(id.NewRef())); !complains(err, field) {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func complains(err error, about string) bool {
	var wrong field.Errors
	if !errors.As(err, &wrong) {
		return false
	}
	for _, w := range wrong {
		if w.Field == about {
			return true
		}
	}
	return false
}

func TestOnlyWhatIsTheirsToChooseIsMoved(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s, ctx := begin(t, d), context.Background()
		to := calendar.Entry{Key: "enrolment-lists", Year: 2026, Opens: civil.MustParse("2026-09-01"), Closes: civil.MustParse("2026-09-18")}
		ref, err := s.Add(ctx, manager, to, "k1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(ctx, manager, to, "k2"); !errors.As(err, new(db.Conflict)) {
			t.Fatalf("moved twice: %v", err)
		}
		year, err := s.Year(ctx, adviser, 2026)
		if err != nil {
			t.Fatal(err)
		}
		if e := one(t, year, "enrolment-lists"); !e.Moved() || e.Closes != to.Closes {
			t.Fatalf("moved to %s", e.Closes)
		}
		if next, err := s.Year(ctx, adviser, 2027); err != nil || one(t, next, "enrolment-lists").Moved() {
			t.Fatalf("the year after moved too: %v", err)
		}
		if err := s.Remove(ctx, manager, ref, one(t, year, "enrolment-lists").Version, "k3"); err != nil {
			t.Fatal(err)
		}
		if year, err = s.Year(ctx, adviser, 2026); err != nil || one(t, year, "enrolment-lists").Closes.String() != "2026-09-11" {
			t.Fatalf("put back, and still elsewhere: %v", err)
		}
		if _, err := s.Add(ctx, manager, calendar.Entry{Key: "survey", Year: 2026, Opens: to.Opens, Closes: to.Closes}, "k4"); !complains(err, "opens") {
			t.Fatalf("what is fixed for everybody was moved: %v", err)
		}
		if _, err := s.Add(ctx, manager, calendar.Entry{Key: "no-such", Year: 2026, Opens: to.Opens}, "k5"); !errors.Is(err, db.NotFound) {
			t.Fatalf("what is not there was moved: %v", err)
		}
	})
}

func TestWhatIsDue(t *testing.T) {
	d := dbtest.SQLite(t)
	s, ctx := begin(t, d), context.Background()
	drawn := false
	s.Done = map[string]func(context.Context, access.Actor, calendar.Entry) (bool, error){
		"guarantee-baseline": func(context.Context, access.Actor, calendar.Entry) (bool, error) { return drawn, nil },
		"monthly-return": func(_ context.Context, _ access.Actor, e calendar.Entry) (bool, error) {
			return !strings.HasSuffix(e.Key, "2027-04"), nil
		},
	}
	said := func(by access.Actor, day string) string {
		lines, err := s.Due(ctx, by, civil.MustParse(day))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, l := range lines {
			b.WriteString(l.Words + ": " + l.When + "\n")
		}
		return b.String()
	}
	for _, c := range []struct {
		by            access.Actor
		day           string
		want, wantNot string
	}{
		{officer, "2027-05-25", "September Guarantee: draw the baselines of Years 11 and 12: closes in 3 days", "cohort-check"},
		{officer, "2027-05-28", "draw the baselines of Years 11 and 12: closes today", "Return for March"},
		{officer, "2027-06-05", "draw the baselines of Years 11 and 12: was due 8 days ago", "School census"},
		{officer, "2027-05-25", "Return for April 2027: was due", "Return for February"},
		{adviser, "2027-05-25", "September Guarantee is reported: opens in 6 days", "draw the baselines"},
		{adviser, "2026-11-22", "List of those at risk of leaving: the first of the year: closes in 26 days", "Return"},
		{manager, "2026-08-31", "rehearse 1 September first: tomorrow", "Survey"},
	} {
		got := said(c.by, c.day)
		if !strings.Contains(got, c.want) || strings.Contains(got, c.wantNot) {
			t.Errorf("%s to %s: want %q, not %q, in\n%s", c.day, c.by.Name, c.want, c.wantNot, got)
		}
	}
	if drawn = true; strings.Contains(said(officer, "2027-06-05"), "draw the baselines") {
		t.Error("what is done is still due")
	}
	if _, err := s.Due(ctx, access.Actor{Register: 1, Ref: "account:p", Roles: []access.Role{access.Partner}}, civil.MustParse("2027-06-05")); !errors.As(err, new(access.Denied)) {
		t.Errorf("a partner is told what is due: %v", err)
	}
}

func TestAsAnICalendarFile(t *testing.T) {
	var b bytes.Buffer
	words := strings.Repeat("Élèves; lists, ", 20)
	err := calendar.WriteICS(&b, "The year", []calendar.Entry{{Ref: "abc", Words: words, Opens: civil.MustParse("2026-12-30"), Closes: civil.MustParse("2026-12-31")}}, time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(b.String(), "\r\n ", "")
	for _, want := range []string{"DTSTART;VALUE=DATE:20261230", "DTEND;VALUE=DATE:20270101", "SUMMARY:" + strings.NewReplacer(";", `\;`, ",", `\,`).Replace(words), "UID:abc@waymark"} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not in\n%s", want, whole)
		}
	}
}
