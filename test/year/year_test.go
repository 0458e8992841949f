package year

import (
	"testing"

	"waymark/internal/db/dbtest"
)

// TestYear lives the year through on a twentieth of the authority; make
// campaign-year does it with all of it.
func TestYear(t *testing.T) {
	program, err := BuildProgram(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	live := func(t *testing.T, address string) {
		t.Parallel()
		moves, err := Live(t.Context(), Ground{Program: program, Dir: t.TempDir(), DB: address, Size: 0.05, Log: t.Logf})
		if err != nil {
			t.Fatal(err)
		}
		if len(moves) != 5 {
			t.Errorf("%d months were lived", len(moves))
		}
	}
	t.Run("SQLite", func(t *testing.T) { live(t, "") })
	t.Run("PostgreSQL", func(t *testing.T) { live(t, dbtest.Address(t)) })
}

// TestDisagreementsAreFound has what agree must not let pass: whoever moves
// without anybody having told, comes from nowhere, or goes for no reason.
func TestDisagreementsAreFound(t *testing.T) {
	file := func(month yearMonth, on string, people ...person) *signed {
		s := &signed{month: month, on: on, people: map[string]person{}}
		for _, p := range people {
			s.people[p.ID] = p
		}
		return s
	}
	one := func(activity, due string) person {
		return person{ID: "1", Status: "P", Born: "2009-10-01", Activity: activity, DueTo: due}
	}
	for name, c := range map[string]struct {
		before, after *signed
		told          string
		wrong         bool
	}{
		"nothing moved":            {file("2026-10", "2026-11-02", one("230", "2027-07-31")), file("2026-11", "2026-12-01", one("230", "2027-07-31")), "", false},
		"NEET and nobody told":     {file("2026-10", "2026-11-02", one("230", "2027-07-31")), file("2026-11", "2026-12-01", one("619", "")), "", true},
		"NEET as told":             {file("2026-10", "2026-11-02", one("230", "2027-07-31")), file("2026-11", "2026-12-01", one("619", "")), "619", false},
		"told, and nothing came":   {file("2026-10", "2026-11-02", one("230", "2027-07-31")), file("2026-11", "2026-12-01", one("230", "2027-07-31")), "619", true},
		"lapsed and still counted": {file("2026-10", "2026-11-02", one("310", "2026-11-20")), file("2026-11", "2026-12-01", one("310", "2026-11-20")), "", true},
		"from nowhere":             {file("2026-10", "2026-11-02"), file("2026-11", "2026-12-01", one("230", "")), "", true},
		"gone for no reason":       {file("2026-10", "2026-11-02", one("230", "")), file("2026-11", "2026-12-01"), "", true},
	} {
		b := newBook()
		if c.told != "" {
			b.tell("1", told{on: "2026-11-10", by: byPhone, code: c.told})
		}
		if moves, err := b.agree(c.before, c.after); (err != nil) != c.wrong {
			t.Errorf("%s: %v, %v", name, moves, err)
		}
	}
}

// TestTheDayOfTheSurvey has where somebody is looked for in the survey: what was
// learned later of the day counts, and what began after it does not.
func TestTheDayOfTheSurvey(t *testing.T) {
	learner := person{ID: "1", Activity: "230", Verified: "2026-09-18", DueTo: "2027-08-01"}
	seeker := person{ID: "1", Activity: "619", Verified: "2026-07-01", Lapsed: "Y", DueTo: "2026-10-01"}
	for name, c := range map[string]struct {
		held person
		told told
		want string
	}{
		"nothing was told":          {learner, told{}, "fte_fe"},
		"it had lapsed":             {seeker, told{}, notKnown},
		"nobody had confirmed it":   {person{ID: "1", Activity: "230"}, told{}, notKnown},
		"it lapsed the day before":  {person{ID: "1", Activity: "619", Verified: "2026-07-01", DueTo: "2026-10-31"}, told{}, notKnown},
		"it was so still":           {seeker, told{on: "2026-11-10", code: "619"}, "neet_active"},
		"something else began then": {learner, told{on: "2026-11-10", code: "310", since: "2026-10-20"}, "apprenticeship"},
		"something else came later": {learner, told{on: "2026-11-10", code: "310", since: "2026-11-07"}, "fte_fe"},
		"October's file has it":     {learner, told{on: "2026-10-10", code: "310", since: "2026-10-08"}, "fte_fe"},
	} {
		b := newBook()
		b.tell("1", c.told)
		if got := b.onSurveyDay(c.held, "2026-11-02"); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
