package rights

import (
	"fmt"
	"time"

	"waymark/internal/civil"
)

// Kind is what is asked.
type Kind string

// The kinds.
const (
	Access      Kind = "access to what is held"
	Correction  Kind = "correction"
	Restriction Kind = "restriction of processing"
	Erasure     Kind = "erasure"
	Objection   Kind = "objection"
	Complaint   Kind = "complaint"
)

// Kinds are all, in the order in which the form offers them.
func Kinds() []Kind {
	return []Kind{Access, Correction, Restriction, Erasure, Objection, Complaint}
}

// StepKind is one kind of thing done about a request.
type StepKind string

// The kinds of steps.
const (
	Identity     StepKind = "identity checked"
	Competence   StepKind = "competence decided"
	Taken        StepKind = "taken on"
	Acknowledged StepKind = "acknowledged"
	Paused       StepKind = "clock stopped"
	Resumed      StepKind = "clock goes on"
	Extended     StepKind = "two months more"
	Answered     StepKind = "answered"
	Withdrawn    StepKind = "withdrawn"
)

// Steps are all, in the order in which the form offers them.
func Steps() []StepKind {
	return []StepKind{Acknowledged, Identity, Competence, Taken, Paused, Resumed, Extended, Answered, Withdrawn}
}

// Times of the law.
const (
	monthsToAnswer = 1
	monthsMore     = 2
	// The period of 30 days begins with the day on which the complaint came, so
	// its last day is the 29th after that.
	daysToAcknowledge = 29
)

// Clock is how a request stands on a day.
type Clock struct {
	// Due is the last day for the answer; AcknowledgeBy, of a complaint, that
	// for saying that it came.
	Due, AcknowledgeBy civil.Date
	// PausedOn is since when the clock stands still, no date while it runs.
	PausedOn civil.Date
	// DoneOn is the day of the answer, or of its being withdrawn.
	DoneOn civil.Date
	// Acknowledged and Extended say that it was.
	Acknowledged, Extended bool
}

// clockOf follows from what was done. While it stands still the last day moves
// on with today.
func clockOf(kind Kind, received civil.Date, steps []Step, today civil.Date) Clock {
	var c Clock
	stood := 0
	for _, s := range steps {
		switch s.Kind {
		case Acknowledged:
			c.Acknowledged = true
		case Extended:
			c.Extended = true
		case Paused:
			c.PausedOn = s.On
		case Resumed:
			stood += s.On.DaysSince(c.PausedOn)
			c.PausedOn = civil.Date{}
		case Answered, Withdrawn:
			c.DoneOn = s.On
		}
	}
	if !c.PausedOn.IsZero() {
		end := today
		if !c.DoneOn.IsZero() {
			end = c.DoneOn
		}
		stood += max(0, end.DaysSince(c.PausedOn))
	}
	months := monthsToAnswer
	if c.Extended {
		months += monthsMore
	}
	c.Due = workday(received.AddMonths(months).AddDays(stood))
	if kind == Complaint {
		c.AcknowledgeBy = received.AddDays(daysToAcknowledge)
	}
	return c
}

// workday moves a last day that is a Saturday or a Sunday on to the Monday.
// Bank holidays are not moved: a day too early harms nobody.
func workday(d civil.Date) civil.Date {
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDays(2)
	case time.Sunday:
		return d.AddDays(1)
	}
	return d
}

// Overdue says that a last day has passed.
func (c Clock) Overdue(today civil.Date) bool {
	return c.DoneOn.IsZero() && c.PausedOn.IsZero() && (today.After(c.Due) || !c.AcknowledgeBy.IsZero() && !c.Acknowledged && today.After(c.AcknowledgeBy))
}

// Next is the day by which something must be done: acknowledge, or answer.
func (c Clock) Next() civil.Date {
	if !c.AcknowledgeBy.IsZero() && !c.Acknowledged && c.AcknowledgeBy.Before(c.Due) {
		return c.AcknowledgeBy
	}
	return c.Due
}

// Words say how it stands on a day.
func (c Clock) Words(today civil.Date) string {
	days := func(n int) string {
		if n == 1 {
			return "1 day"
		}
		return fmt.Sprintf("%d days", n)
	}
	what := "Answer"
	if c.Next() == c.AcknowledgeBy && !c.Acknowledged {
		what = "Acknowledge"
	}
	switch next := c.Next(); {
	case !c.DoneOn.IsZero():
		return "Closed on " + c.DoneOn.Words()
	case !c.PausedOn.IsZero():
		return "The clock stands still since " + c.PausedOn.Words()
	case today.After(next):
		return what + ": " + days(today.DaysSince(next)) + " overdue"
	case today == next:
		return what + " today"
	default:
		return what + " by " + next.Words() + ", in " + days(next.DaysSince(today))
	}
}
