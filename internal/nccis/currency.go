package nccis

import "waymark/internal/civil"

// ActivityFacts are what decides how long an activity stays current.
type ActivityFacts struct {
	Code string
	// Verified is when it was last confirmed; where nobody noted that, the day
	// it was ascertained counts, and failing that its start.
	Verified, Ascertained, Started civil.Date
	Review, PredictedEnd           civil.Date
}

// Lapse is the last day on which the activity counts as current (DueToLapseDate,
// nccis.md 6.2). ok is false where it does not lapse (NEET and not-known codes),
// where the code is not one of this edition, or where the date to count from is
// missing.
func (e *Edition) Lapse(a ActivityFacts) (due civil.Date, ok bool) {
	act := e.activityOf(a.Code)
	if act == nil || !act.Lapse.Lapses() {
		return civil.Date{}, false
	}
	confirmed := a.Verified
	if confirmed.IsZero() {
		confirmed = a.Ascertained
	}
	if confirmed.IsZero() {
		confirmed = a.Started
	}
	switch rule := act.Lapse; {
	case rule.AfterReview > 0:
		due = a.Review.AddDays(rule.AfterReview)
	case confirmed.IsZero():
	case rule.EndOfYear:
		due = confirmed.AcademicYear().End()
	default:
		due = confirmed.AddMonths(rule.Months)
	}
	// An activity is never current after its course has ended (238).
	if !a.PredictedEnd.IsZero() && (due.IsZero() || a.PredictedEnd.Before(due)) {
		due = a.PredictedEnd
	}
	return due, !due.IsZero()
}

// Lapsed says that the confirmation no longer counts at the period end. On the
// due day itself it still does (nccis.md 6.2, step 7). No date never lapses.
func Lapsed(due, periodEnd civil.Date) bool {
	return !due.IsZero() && due.Before(periodEnd)
}

// StatusOn is where somebody with the activity stands at the period end: the
// status of its code, but not known once it has lapsed, and for a code that
// this edition does not have (nccis.md 4, 6.2 step 8). The reference says so of
// EET and custody; a school-age code that lapsed on 31 August tells nothing of
// the year after either, so we read it alike (inferred).
func (e *Edition) StatusOn(code string, due, periodEnd civil.Date) Status {
	a := e.activityOf(code)
	if a == nil {
		return NotKnown
	}
	if a.Lapse.Lapses() && Lapsed(due, periodEnd) {
		return NotKnown
	}
	return a.Status
}

// Spell is one stretch of one activity.
type Spell struct {
	Code string
	// Started is its first day. Ended is its last day, no date while it is open.
	Started, Ended civil.Date
	// NEETStart is the NEETStartDate stated for it, no date where none was.
	NEETStart civil.Date
}

// CurrentActivity picks the spell in force on a day: the one that started last.
// An open spell ends when a later one starts. Of two that start on one day the
// later in the slice counts. index is -1 and ok false where none is in force.
func CurrentActivity(spells []Spell, on civil.Date) (index int, ok bool) {
	index = -1
	for i := range spells {
		s := &spells[i]
		if s.Started.After(on) || (!s.Ended.IsZero() && s.Ended.Before(on)) {
			continue
		}
		if s.Ended.IsZero() && superseded(spells, i, on) {
			continue
		}
		if index < 0 || !s.Started.Before(spells[index].Started) {
			index = i
		}
	}
	return index, index >= 0
}

// superseded says that by the day another spell has started after spell i.
func superseded(spells []Spell, i int, on civil.Date) bool {
	for j := range spells {
		if !spells[j].Started.After(on) && (spells[j].Started.After(spells[i].Started) ||
			(j > i && spells[j].Started == spells[i].Started)) {
			return true
		}
	}
	return false
}

// NEETStart is since when the young person has been NEET without a break on the
// day (NEETStartDate). It carries over unchanged from one NEET spell to the
// next, and is no date for somebody who is not NEET (nccis.md 6.2). A date
// stated for a spell counts; where none was, it is derived. A stated date later
// than the spell's own start is an error (225) and does not count here.
func (e *Edition) NEETStart(spells []Spell, on civil.Date) civil.Date {
	i, ok := CurrentActivity(spells, on)
	if !ok || !e.isNEET(spells[i].Code) {
		return civil.Date{}
	}
	for {
		s := &spells[i]
		if !s.NEETStart.IsZero() && !s.NEETStart.After(s.Started) {
			return s.NEETStart
		}
		before, ok := CurrentActivity(spells, s.Started.AddDays(-1))
		if !ok || !e.isNEET(spells[before].Code) || !spells[before].Started.Before(s.Started) {
			return s.Started
		}
		i = before
	}
}

func (e *Edition) isNEET(code string) bool {
	a := e.activityOf(code)
	return a != nil && a.Status == NEET
}

// YearGroup is the national curriculum year group on a day: academic age less
// 4, so that Year 11 is academic age 15 (nccis.md 5.1). It goes on counting
// after school (Year 21 is academic age 25). Where a date is missing, or the
// birth is later, it is -5.
func YearGroup(born, on civil.Date) int { return civil.AcademicAge(born, on) - 4 }
