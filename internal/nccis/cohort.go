package nccis

import (
	"fmt"
	"time"

	"waymark/internal/civil"
)

// CohortFacts are what decides whether a young person is in the return.
type CohortFacts struct {
	// Stated is the cohort status as somebody or some file stated it, as it
	// came; "" where nobody did. StatedOn is the day for which it was stated.
	Stated   string
	StatedOn civil.Date
	DOB      civil.Date
	// SEND is that there is a current education, health and care plan.
	SEND bool
	// LeadHere is that the lead authority is one of this register's,
	// EducatedHere that the authority where educated is.
	LeadHere, EducatedHere bool
	// TransferredTo is the code of the authority to which the young person has
	// moved since the status was stated; "" where none or not known.
	TransferredTo string
	// Leads is the code of the authority that leads, where it is another in
	// England; "" otherwise.
	Leads string
}

// CohortOn decides the cohort status for the period end (nccis.md 3.1, 5.2,
// 5.3). in says that the young person belongs in that return; for a leaver
// (A, T, E, M, D, L) it says only that this is one, and whether it was already
// reported, which is done once, is decided elsewhere. X is never in. why says
// it in words for a data officer.
//
// A leaver's status stands. P and a code that nobody knows stand throughout the
// academic year in which they were stated, and G until the guarantee's last
// return in October: stated in September it ends with that year's. After that, or
// where nothing was stated, age decides.
func CohortOn(f CohortFacts, periodEnd civil.Date) (status string, in bool, why string) {
	if !f.StatedOn.IsZero() && f.StatedOn.After(periodEnd) {
		f.Stated, f.StatedOn = "", civil.Date{}
	}
	switch f.Stated {
	case "A", "T", "E", "M", "D", "L":
		return f.Stated, true, leaverWords(f.Stated)
	case "X":
		return "X", false, "Already reported as left. The status X is never sent."
	case "":
	default:
		if !f.LeadHere && f.TransferredTo != "" && f.Stated != "G" {
			return "T", true, movedWords(f.TransferredTo)
		}
		same := f.StatedOn.IsZero() || f.StatedOn.AcademicYear() == periodEnd.AcademicYear()
		switch closed := f.Stated == "G" && !f.StatedOn.IsZero() && periodEnd.After(guaranteeCloses(f.StatedOn)); {
		case same && !closed:
			return f.Stated, true, statedWords(f)
		case f.Stated == "G" && !closed:
			return "G", true, "Covered by this authority's September Guarantee until its return at the end of October."
		}
	}
	return cohortByAge(f, periodEnd)
}

// guaranteeCloses is the end of the first October return on or after the day on
// which a G was stated: until then it goes on being reported (nccis.md 3.1, 7).
func guaranteeCloses(statedOn civil.Date) civil.Date {
	october := civil.Month{Year: statedOn.Year(), Month: time.October}.End()
	if statedOn.After(october) {
		october = october.AddYears(1)
	}
	return october
}

func cohortByAge(f CohortFacts, periodEnd civil.Date) (status string, in bool, why string) {
	before := f.Stated != ""
	if f.DOB.IsZero() {
		if before {
			return f.Stated, true, "The status stated before stands, because there is no readable birth date to decide by. Add the birth date."
		}
		return "", false, "There is no readable birth date, so the age cannot decide. Add the birth date."
	}
	age := civil.AcademicAge(f.DOB, periodEnd)
	switch group := age - 4; {
	case group < 11:
		return "", false, "Too young: " + belowYear11(group) + "."
	case group == 11:
		if f.LeadHere || f.EducatedHere {
			return "P", true, "In Year 11, the last year of compulsory school."
		}
	case age <= lastAgeWithoutPlan(periodEnd):
		if f.LeadHere {
			return "P", true, fmt.Sprintf("Academic age %d, and this authority leads.", age)
		}
	case age > lastAgeWithPlan:
		if before {
			return "A", true, fmt.Sprintf("Academic age %d: reached the age at which a record is no longer needed.", age)
		}
		return "", false, fmt.Sprintf("Academic age %d: nobody is tracked from 25.", age)
	case f.SEND:
		if f.LeadHere {
			return "P", true, fmt.Sprintf("Academic age %d with an education, health and care plan.", age)
		}
	case !before:
		return "", false, fmt.Sprintf("Academic age %d without an education, health and care plan.", age)
	default:
		// Who was already above the general age when last stated was tracked
		// for the plan alone; so it is the plan that has ended.
		if civil.AcademicAge(f.DOB, f.StatedOn) > lastAgeWithoutPlan(f.StatedOn) {
			return "L", true, fmt.Sprintf("Academic age %d, and the education, health and care plan has ceased.", age)
		}
		return "A", true, fmt.Sprintf("Academic age %d without an education, health and care plan: reached the age at which a record is no longer needed.", age)
	}
	if before {
		to := f.TransferredTo
		if to == "" {
			to = f.Leads
		}
		return "T", true, movedWords(to)
	}
	return "", false, "Another authority leads."
}

// lastAgeWithPlan is the highest academic age tracked with a plan: it lasts
// until the end of the academic year of the 25th birthday (nccis.md 5.2).
const lastAgeWithPlan = 24

// lastAgeWithoutPlan is the highest academic age tracked for everybody: 17, and
// until August 2016 it was 19 (nccis.md 0.3, 5.2).
func lastAgeWithoutPlan(on civil.Date) int {
	if on.AcademicYear() < 2016 {
		return 19
	}
	return 17
}

func belowYear11(group int) string {
	if group < 1 {
		return "not yet in Year 1"
	}
	return fmt.Sprintf("in Year %d, and only Year 11 and above are returned", group)
}

func movedWords(to string) string {
	if to == "" {
		return "Another authority leads now. Say which one the young person moved to."
	}
	return "Another authority leads now: transferred to " + to + "."
}

func statedWords(f CohortFacts) string {
	since := "The status was stated"
	if !f.StatedOn.IsZero() {
		since += " for " + f.StatedOn.Words()
	}
	since += " and stands for that academic year"
	if f.Stated != "P" && f.Stated != "G" {
		return since + fmt.Sprintf(", but %q is not a cohort status. Choose the right one.", f.Stated)
	}
	return since + "."
}

func leaverWords(status string) string {
	switch status {
	case "A":
		return "Stated as having reached the age at which a record is no longer needed."
	case "T":
		return "Stated as transferred to another authority."
	case "E":
		return "Stated as having left England."
	case "M":
		return "Stated as a duplicate of another record."
	case "D":
		return "Stated as having died."
	}
	return "Stated as over the general age, with a plan that has ceased."
}
