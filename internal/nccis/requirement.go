package nccis

import (
	"fmt"

	"waymark/internal/civil"
)

// Requirement is the whole of what the Department asks for, over all editions
// held. It is read once from the CSV files beside this code and never changes;
// any number of goroutines may read it.
type Requirement struct {
	editions    []*Edition
	authorities [1000][]LA
}

// Edition is the requirement of one financial year.
type Edition struct {
	// Name is the Department's label, "2026-27".
	Name string
	// Starts is 1 April of the first year.
	Starts civil.Date
	// PlanNeededFrom is the academic age from which only young people with an
	// education, health and care plan are tracked (nccis.md 5.2).
	PlanNeededFrom int
	// Mark says how sure we are: S seen, I inferred, GK general knowledge.
	Mark, Note string

	year       int
	activities []Activity
	activity   map[string]int
	lists      [listCount][]Code
	code       [listCount]map[string]int
	checks     []CheckRow
	check      map[string]int
	run        []boundCheck
	finish     []boundCheck
	questions  []Question
}

// Load reads and validates the requirement that is embedded in the program. An
// error names the CSV file and the line.
func Load() (*Requirement, error) {
	req := &Requirement{}
	for _, part := range []func(*Requirement) error{loadEditions, loadActivities, loadCodes, loadAuthorities, loadChecks, loadQuestions} {
		if err := part(req); err != nil {
			return nil, err
		}
	}
	return req, nil
}

// MustLoad is Load for tests; it panics on an error.
func MustLoad() *Requirement {
	req, err := Load()
	if err != nil {
		panic(err)
	}
	return req
}

// Editions are those held, the earliest first.
func (req *Requirement) Editions() []*Edition { return req.editions }

// Edition finds one by its name, "2026-27".
func (req *Requirement) Edition(name string) (*Edition, bool) {
	for _, e := range req.editions {
		if e.Name == name {
			return e, true
		}
	}
	return nil, false
}

// EditionOn is the latest edition held that starts on or before the period
// end, and before the first one the earliest held. standIn says that the
// period's own financial year is not held, so that this edition stands in for
// it; StandInNote has the words.
func (req *Requirement) EditionOn(periodEnd civil.Date) (e *Edition, standIn bool) {
	e = req.editions[0]
	for _, next := range req.editions[1:] {
		if next.Starts.After(periodEnd) {
			break
		}
		e = next
	}
	return e, e.year != financialYear(periodEnd)
}

// StandInNote tells a data officer that this edition is used for a year whose
// own is not held; it is empty where the edition is the period's own.
func (e *Edition) StandInNote(periodEnd civil.Date) string {
	year := financialYear(periodEnd)
	if year == e.year {
		return ""
	}
	return fmt.Sprintf("The Department's requirement for %s is not held here, so the one for %s stands in for it. "+
		"Compare with the Department's own document where something looks wrong.", yearName(year), e.Name)
}

// Covers says that something held from one edition until another holds in this
// one. Both are labels of financial years ("2018-19"), which need not be
// editions held; to is the last year in which it holds, "" where it still does;
// an empty from is "always".
func (e *Edition) Covers(from, to string) bool {
	if from != "" {
		if y, ok := parseYear(from); !ok || e.year < y {
			return false
		}
	}
	if to != "" {
		if y, ok := parseYear(to); !ok || e.year > y {
			return false
		}
	}
	return true
}

// financialYear is the calendar year in whose April the financial year of the
// day begins.
func financialYear(d civil.Date) int {
	y, m, _ := d.YMD()
	if m < 4 {
		y--
	}
	return y
}

func yearName(year int) string { return fmt.Sprintf("%d-%02d", year, (year+1)%100) }

// parseYear reads the label of a financial year, "2026-27".
func parseYear(s string) (int, bool) {
	var first, second int
	if len(s) != 7 || s[4] != '-' {
		return 0, false
	}
	if _, err := fmt.Sscanf(s, "%4d-%2d", &first, &second); err != nil {
		return 0, false
	}
	return first, (first+1)%100 == second
}
