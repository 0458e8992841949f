package nccis

import (
	"fmt"
	"slices"
	"strings"
)

// CheckRow is one of the Department's checks as one edition has it
// (nccis.md 10.1), or a warning of ours.
type CheckRow struct {
	// ID is the Department's number as text, "SG-a" to "SG-c", or "W-…".
	ID string
	// Priority is 1 serious, 2 should be fixed, 3 advisory. An unseen one counts
	// as 2, and PrioritySeen is then false.
	Priority     int
	PrioritySeen bool
	Field        Field
	// Title says what is wrong, Do what to do about it.
	Title, Do string
	// Owner is who usually mends it: "data officer" or "adviser".
	Owner string
	// Fix is the part of the young person's page where it is mended: name,
	// birth, address, identifiers, authority, need, activity, guarantee,
	// destination or status.
	Fix string
	// Param is what the check's function needs to know besides: codes.
	Param    string
	From, To string
	// Mark is S seen, I inferred, GK general knowledge, ours.
	Mark, Note string
}

// checkFunc looks at the record that the Checker holds and reports with fail.
type checkFunc func(*Checker)

// boundCheck is a check of an edition with its function.
type boundCheck struct {
	row *CheckRow
	run checkFunc
	all *fileCheck
}

// Checks are the checks of this edition in the order of the Department's list.
// The caller must not change them.
func (e *Edition) Checks() []CheckRow { return e.checks }

// Check finds one check of this edition.
func (e *Edition) Check(id string) (CheckRow, bool) {
	i, ok := e.check[id]
	if !ok {
		return CheckRow{}, false
	}
	return e.checks[i], true
}

func loadChecks(req *Requirement) error {
	for _, e := range req.editions {
		e.check = map[string]int{}
	}
	record, file := recordChecks(), fileChecks()
	used := map[string]bool{}
	err := eachRow("check.csv", strings.Split("id,priority,field,title,do,owner,fix,param,from,to,mark,note", ","), func(r *tableRow) {
		row := readCheck(r)
		if record[row.ID] == nil && file[row.ID] == nil {
			r.fail("check %s has no function in the program", row.ID)
		}
		used[row.ID] = true
		for _, e := range req.editions {
			if !e.Covers(row.From, row.To) {
				continue
			}
			if _, twice := e.check[row.ID]; twice {
				r.fail("check %s is there twice in %s", row.ID, e.Name)
			}
			e.check[row.ID] = len(e.checks)
			e.checks = append(e.checks, row)
		}
	})
	if err != nil {
		return err
	}
	for _, id := range append(keys(record), keys(file)...) {
		if !used[id] {
			return fmt.Errorf("nccis: check.csv has no row for check %s", id)
		}
	}
	for _, e := range req.editions {
		for i := range e.checks {
			row := &e.checks[i]
			if run := record[row.ID]; run != nil {
				e.run = append(e.run, boundCheck{row: row, run: run})
			} else {
				e.finish = append(e.finish, boundCheck{row: row, all: file[row.ID]})
			}
		}
	}
	return nil
}

func readCheck(r *tableRow) CheckRow {
	row := CheckRow{
		ID: r.must("id"), Title: r.must("title"), Do: r.must("do"), Param: r.text("param"),
		Owner: r.oneOf("owner", "data officer", "adviser"),
		Fix:   r.oneOf("fix", "name", "birth", "address", "identifiers", "authority", "need", "activity", "guarantee", "destination", "status"),
		Mark:  r.mark(), Note: r.text("note"),
	}
	switch p := r.oneOf("priority", "1", "2", "3", "unseen"); p {
	case "unseen":
		row.Priority = 2
	case "1", "2", "3":
		row.Priority, row.PrioritySeen = int(p[0]-'0'), true
	}
	row.From, row.To = r.years()
	var ok bool
	if row.Field, ok = ParseField(r.must("field")); !ok {
		r.fail("field is %q, which is no element of the return", r.text("field"))
	}
	return row
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
