// Package cohort keeps who is in the return: cohort status (YP10) and the
// authorities that it hangs on.
//
// The cohort is everybody about whom an authority must report: its Year 11, all
// residents of academic age 16 and 17, and those of 18 to 24 with a current
// education, health and care plan. Whoever leaves it is reported once more,
// with the reason (nccis.md 3.1, 5).
package cohort

import "waymark/internal/fact"

// Status is the cohort status as somebody stated it, and the authorities.
type Status struct {
	Status string
	// StatedOn is the day it was stated for: a file's PeriodEnd, or the day a
	// person said so. "" where nobody stated it.
	StatedOn string
	// LeadLA is the authority of residence.
	LeadLA, EducatedLA, LAAtYear11, TransferredTo string
	// GuaranteeIndicator is Y, N or "".
	GuaranteeIndicator string
}

// Statuses is the table.
var Statuses = fact.Table[Status]{Name: "cohort", What: "cohort status or authority",
	Columns: []string{"status", "stated_on", "lead_la", "educated_la", "la_at_year_11", "transferred_to", "guarantee_indicator"},
	Fields: func(s *Status) []any {
		return []any{&s.Status, &s.StatedOn, &s.LeadLA, &s.EducatedLA, &s.LAAtYear11, &s.TransferredTo, &s.GuaranteeIndicator}
	}}
