// Package signal keeps what is known for risk alone, or under a restriction.
//
// In the trade these are the early signs that somebody may drop out: how often
// they were at school, whether they were excluded, what they left Year 11 with.
// Schools send them so that help comes in time. Claims of a benefit come from
// the Department for Work and Pensions and may be used only for what the law
// allows. None of them is an item of the return, and none may enter it.
package signal

import "waymark/internal/fact"

// Kinds of signal.
const (
	// Attendance is the share of sessions attended, in per cent.
	Attendance = "attendance"
	// Exclusion is the number of suspensions or exclusions, or of the school days
	// that they took; Measure says which.
	Exclusion = "exclusion"
	// KeyStage4 is a result at the end of Year 11; Measure says which.
	KeyStage4 = "key stage 4"
	// Claim is a claim of a benefit; Measure says which, Started since when.
	Claim = "benefit claim"
)

// Signal is one sign, as it came; the days of its Version say of which time it
// speaks.
type Signal struct {
	Kind, Measure, Value string
	// Restriction is the limit that the law or the agreement sets on its use,
	// in words, "" where there is none.
	Restriction string
}

// Signals is the table.
var Signals = fact.Table[Signal]{Name: "signal", What: "attendance, exclusions, results or claims", Columns: []string{"kind", "measure", "value", "restriction"},
	Fields: func(s *Signal) []any { return []any{&s.Kind, &s.Measure, &s.Value, &s.Restriction} }}
