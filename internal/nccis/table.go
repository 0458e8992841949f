package nccis

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/civil"
)

//go:embed editions.csv activity.csv cohort_status.csv gender.csv ethnicity.csv level_of_need.csv
//go:embed characteristic.csv intended_destination.csv guarantee_status.csv local_authority.csv check.csv question.csv
var requirementFiles embed.FS

// tableRow is one row of a requirement CSV; its first fault is kept, with file
// and line, so that whoever edited the file finds the place.
type tableRow struct {
	file   string
	line   int
	column map[string]int
	values []string
	err    error
}

// eachRow reads a requirement CSV, checks its head line and hands each row on.
func eachRow(file string, columns []string, visit func(*tableRow)) error {
	raw, err := requirementFiles.ReadFile(file)
	if err != nil {
		return fmt.Errorf("nccis: %s: %w", file, err)
	}
	return eachRowOf(file, string(raw), columns, visit)
}

func eachRowOf(file, text string, columns []string, visit func(*tableRow)) error {
	r := csv.NewReader(strings.NewReader(text))
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("nccis: %s line 1: %w", file, err)
	}
	if !slices.Equal(head, columns) {
		return fmt.Errorf("nccis: %s line 1: the columns are %s, expected %s", file, strings.Join(head, ","), strings.Join(columns, ","))
	}
	at := make(map[string]int, len(head))
	for i, name := range head {
		at[name] = i
	}
	r.FieldsPerRecord = len(head)
	for {
		values, err := r.Read()
		if err != nil {
			if values == nil && err.Error() == "EOF" {
				return nil
			}
			return fmt.Errorf("nccis: %s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		row := &tableRow{file: file, line: line, column: at, values: values}
		visit(row)
		if row.err != nil {
			return row.err
		}
	}
}

func (r *tableRow) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("nccis: %s line %d: %s", r.file, r.line, fmt.Sprintf(format, args...))
	}
}

func (r *tableRow) text(column string) string { return r.values[r.column[column]] }

func (r *tableRow) must(column string) string {
	s := r.text(column)
	if s == "" {
		r.fail("%s is empty", column)
	}
	return s
}

func (r *tableRow) yes(column string) bool {
	switch r.text(column) {
	case "yes":
		return true
	case "no":
	default:
		r.fail("%s is %q; write yes or no", column, r.text(column))
	}
	return false
}

func (r *tableRow) oneOf(column string, allowed ...string) string {
	s := r.text(column)
	if !slices.Contains(allowed, s) {
		r.fail("%s is %q; write one of %s", column, s, strings.Join(allowed, ", "))
	}
	return s
}

func (r *tableRow) mark() string { return r.oneOf("mark", "S", "I", "GK", "unseen", "ours") }

func (r *tableRow) date(column string) civil.Date {
	s := r.text(column)
	if s == "" {
		return civil.Date{}
	}
	d, err := civil.Parse(s)
	if err != nil {
		r.fail("%s is %q: %v", column, s, err)
	}
	return d
}

// years reads the from and to of a row that is dated by edition.
func (r *tableRow) years() (from, to string) {
	from, to = r.must("from"), r.text("to")
	f, ok := parseYear(from)
	if from != "" && !ok {
		r.fail("from is %q; write a financial year like 2026-27", from)
	}
	if to != "" {
		if t, ok := parseYear(to); !ok || t < f {
			r.fail("to is %q; write the last financial year in which it holds, like 2026-27, or leave it empty", to)
		}
	}
	return from, to
}

func loadEditions(req *Requirement) error {
	err := eachRow("editions.csv", []string{"name", "starts", "plan_needed_from_age", "mark", "note"}, func(r *tableRow) {
		e := &Edition{Name: r.must("name"), Starts: r.date("starts"), Mark: r.mark(), Note: r.text("note")}
		year, ok := parseYear(e.Name)
		if !ok {
			r.fail("name is %q; write a financial year like 2026-27", e.Name)
		}
		if want, _ := civil.New(year, 4, 1); e.Starts != want {
			r.fail("the edition %s starts on 1 April of its first year", e.Name)
		}
		if _, err := fmt.Sscanf(r.must("plan_needed_from_age"), "%d", &e.PlanNeededFrom); err != nil {
			r.fail("plan_needed_from_age is %q; write an age", r.text("plan_needed_from_age"))
		}
		if n := len(req.editions); n > 0 && !req.editions[n-1].Starts.Before(e.Starts) {
			r.fail("the editions stand in the order of their years")
		}
		e.year = year
		req.editions = append(req.editions, e)
	})
	if err == nil && len(req.editions) == 0 {
		return fmt.Errorf("nccis: editions.csv holds no edition")
	}
	return err
}
