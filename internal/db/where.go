package db

import (
	"fmt"
	"strings"
)

// Where gathers conditions and their parameters, so that a query names only
// what it asks for. Each condition numbers its own parameters from $1; And
// renumbers them.
type Where struct {
	conditions []string
	Args       []any
}

// And adds a condition, whose $1, $2 … are args.
func (w *Where) And(condition string, args ...any) {
	for i := len(args); i >= 1; i-- {
		condition = strings.ReplaceAll(condition, fmt.Sprintf("$%d", i), fmt.Sprintf("$\x00%d", len(w.Args)+i))
	}
	w.conditions = append(w.conditions, strings.ReplaceAll(condition, "\x00", ""))
	w.Args = append(w.Args, args...)
}

// In adds "column IN (…)"; with no values nothing matches.
func (w *Where) In(column string, values ...any) {
	if len(values) == 0 {
		w.conditions = append(w.conditions, "1 = 0")
		return
	}
	w.And(column+" IN ("+Params(1, len(values))+")", values...)
}

// SQL is " WHERE a AND b", or empty where nothing was added.
func (w *Where) SQL() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(w.conditions, ") AND (") + ")"
}

// Param adds a parameter that is no condition (a LIMIT) and returns its name.
func (w *Where) Param(v any) string {
	w.Args = append(w.Args, v)
	return fmt.Sprintf("$%d", len(w.Args))
}
