package rights

import (
	"testing"

	"waymark/internal/civil"
)

func day(s string) civil.Date { return civil.MustParse(s) }

func TestTheClockOfTheLaw(t *testing.T) {
	for _, c := range []struct {
		what     string
		kind     Kind
		received string
		steps    []Step
		today    string
		due      string
		overdue  bool
		words    string
	}{
		{"one month", Access, "2026-10-01", nil, "2026-10-20", "2026-11-02", false, "Answer by 2 November 2026, in 13 days"}, // 1 November is a Sunday
		{"the last day of a shorter month", Access, "2026-01-31", nil, "2026-02-01", "2026-03-02", false, "Answer by 2 March 2026, in 29 days"},
		{"overdue", Correction, "2026-09-01", nil, "2026-10-03", "2026-10-01", true, "Answer: 2 days overdue"},
		{"stands still", Access, "2026-09-01", []Step{{Kind: Paused, On: day("2026-09-10")}}, "2026-11-10", "2026-12-01", false, "The clock stands still since 10 September 2026"},
		{"stood still for nine days", Access, "2026-09-01", []Step{{Kind: Paused, On: day("2026-09-10")}, {Kind: Resumed, On: day("2026-09-19")}}, "2026-10-12", "2026-10-12", false, "Answer today"},
		{"two months more", Access, "2026-09-01", []Step{{Kind: Extended, On: day("2026-09-10")}}, "2026-11-30", "2026-12-01", false, "Answer by 1 December 2026, in 1 day"},
		{"a complaint not acknowledged", Complaint, "2026-09-01", nil, "2026-10-01", "2026-10-01", true, "Acknowledge: 1 day overdue"},
		{"a complaint acknowledged", Complaint, "2026-09-02", []Step{{Kind: Acknowledged, On: day("2026-09-03")}}, "2026-10-02", "2026-10-02", false, "Answer today"},
		{"answered late is closed", Access, "2026-09-01", []Step{{Kind: Answered, On: day("2026-10-20")}}, "2026-11-10", "2026-10-01", false, "Closed on 20 October 2026"},
	} {
		got := clockOf(c.kind, day(c.received), c.steps, day(c.today))
		if got.Due != day(c.due) || got.Overdue(day(c.today)) != c.overdue || got.Words(day(c.today)) != c.words {
			t.Errorf("%s: due %s, overdue %v, %q", c.what, got.Due, got.Overdue(day(c.today)), got.Words(day(c.today)))
		}
	}
}
