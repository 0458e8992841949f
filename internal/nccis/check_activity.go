package nccis

import (
	"fmt"
	"strings"

	"waymark/internal/civil"
)

// needChecks are those of LevelOfNeed.
func needChecks() map[string]checkFunc {
	return map[string]checkFunc{
		"33":  checkPlanMissing,
		"100": missing(LevelOfNeedCode, "The level of need is missing."),
		"101": notInList(LevelOfNeedCode, LevelsOfNeed, "Level of need"),
		"102": notYesNo(SENDFlag, "SEND flag"),
		"103": missing(SENDFlag, "The SEND flag is missing."),
		"104": checkCharacteristics,
		"233": checkNeededCharacteristic,
		"234": checkNeededCharacteristic,
		"235": checkNeededCharacteristic,
		"236": checkNeededCharacteristic,
		"254": checkActivityNeedsPlan,
		"255": checkActivityNeedsPlan,
		"260": checkPregnantMale,
		"303": missing(SENSupportFlag, "The SEN support flag is missing."),
		"304": notYesNo(SENSupportFlag, "SEN support flag"),
		"306": checkBothFlags,
	}
}

func checkPlanMissing(c *Checker) {
	if c.tooOldWithoutPlan() {
		c.failAt(SENDFlag, fmt.Sprintf("The young person is of academic age %d, and the SEND flag is not Y.", c.yearGroup+4))
	}
}

func checkCharacteristics(c *Checker) {
	for _, v := range c.r.Characteristics {
		if !c.e.holds(Characteristics, v) {
			c.fail(CharacteristicCode, v, fmt.Sprintf("Characteristic %q is not one of the codes for %s: %s.", v, c.e.Name, c.e.codesInWords(Characteristics, nil)))
		}
	}
}

// checkNeededCharacteristic is checks 233 to 236: the activity that the row
// names needs the characteristic that activity.csv gives it.
func checkNeededCharacteristic(c *Checker) {
	if c.act == nil || c.act.Code != c.row().Param || c.act.NeedsCharacteristic == "" || c.r.Has(c.act.NeedsCharacteristic) {
		return
	}
	c.fail(CharacteristicCode, c.r.Get(CharacteristicCode), fmt.Sprintf("The activity is %s (%s), but characteristic %s is not there.",
		c.act.Code, c.act.Label, c.act.NeedsCharacteristic))
}

// checkActivityNeedsPlan is checks 254 and 255.
func checkActivityNeedsPlan(c *Checker) {
	if c.act != nil && c.act.Code == c.row().Param && c.act.SENDRequired && c.r.Values[SENDFlag] != "Y" {
		c.failAt(SENDFlag, fmt.Sprintf("The activity is %s (%s), which is only for young people with a plan, but the SEND flag is not Y.", c.act.Code, c.act.Label))
	}
}

func checkPregnantMale(c *Checker) {
	if c.r.Values[Gender] == "M" && c.r.Has(c.row().Param) {
		c.fail(CharacteristicCode, c.row().Param, fmt.Sprintf("Characteristic %s (pregnant) is there, but the gender is M.", c.row().Param))
	}
}

func checkBothFlags(c *Checker) {
	if c.r.Values[SENDFlag] == "Y" && c.r.Values[SENSupportFlag] == "Y" {
		c.failAt(SENSupportFlag, "The SEND flag and the SEN support flag are both Y, so that the young person would count twice.")
	}
}

// activityChecks are those of Activities and IntendedDestination.
func activityChecks() map[string]checkFunc {
	return map[string]checkFunc{
		"39":  checkProvider,
		"200": missingActivity(ActivityCode, "The current activity is missing."),
		"201": checkActivityKnown,
		"202": missingDate(StartDate, "start date of the activity", func(c *Checker) civil.Date { return c.start }),
		"203": missingDate(DateAscertained, "date ascertained", func(c *Checker) civil.Date { return c.ascertained }),
		"220": missingActivity(CurrencyLapsed, "Whether the activity has lapsed (CurrencyLapsed) is missing."),
		"221": notYesNo(CurrencyLapsed, "CurrencyLapsed"),
		"224": checkNEETStart,
		"225": checkNEETStartOrder,
		"226": checkNEETStartUncalled,
		"228": checkEstablishment,
		"229": checkPost16TooEarly,
		"230": checkCompulsoryTooLate,
		"231": checkLapsedTooEarly,
		"232": checkLapsedUnmarked,
		"237": later(DateAscertained, "date ascertained", func(c *Checker) civil.Date { return c.ascertained }, "date verified", func(c *Checker) civil.Date { return c.verified }),
		"238": later(DueToLapseDate, "lapse date", func(c *Checker) civil.Date { return c.due }, "expected end of the course", func(c *Checker) civil.Date { return c.end }),
		"240": checkNode,
		"242": earlier(DateAscertained, "date ascertained", func(c *Checker) civil.Date { return c.ascertained }),
		"243": checkLapseMissing,
		"244": readable(DueToLapseDate, "Lapse date", func(c *Checker) civil.Date { return c.due }),
		"251": checkNEETBefore15,
		"253": checkAgeAtStart,
		"256": checkVerifiedBeforeStart,
		"257": later(ReviewDate, "review date", func(c *Checker) civil.Date { return c.review }, "expected end of the course", func(c *Checker) civil.Date { return c.end }),
		"258": readable(PredictedEndDate, "Expected end date", func(c *Checker) civil.Date { return c.end }),
		"259": checkEndMissing,
		"262": checkReview,
		"301": checkDestinationMissing,
		"302": notInList(IntendedDestinationYr11, IntendedDestinations, "Intended destination"),
		"305": checkVerifiedAfterPeriod,
		"909": checkNotThisYear,
	}
}

func checkNode(c *Checker) {
	if c.r.NoActivities {
		c.fail(ActivitiesNode, "", "The record has no Activities element, so nothing says what the young person does.")
	}
}

// missingActivity is missing for an item of Activities: where the whole of it
// is absent, check 240 has said so.
func missingActivity(f Field, what string) checkFunc {
	return func(c *Checker) {
		if c.r.Values[f] == "" && !c.r.NoActivities {
			c.fail(f, "", what)
		}
	}
}

// missingDate makes the check that a date of Activities is there and a date.
func missingDate(f Field, name string, read func(*Checker) civil.Date) checkFunc {
	return func(c *Checker) {
		switch v := c.r.Values[f]; {
		case v == "" && !c.r.NoActivities:
			c.fail(f, v, "The "+name+" is missing.")
		case c.unreadable(f, read(c)):
			c.fail(f, v, notADate(sentence(name), v))
		}
	}
}

// sentence begins with a capital.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// readable makes the check that a date, where it is there, is one.
func readable(f Field, name string, read func(*Checker) civil.Date) checkFunc {
	return func(c *Checker) {
		if c.unreadable(f, read(c)) {
			c.failAt(f, notADate(name, c.r.Values[f]))
		}
	}
}

// later makes the check that a date is not after another; both must be there.
func later(f Field, name string, read func(*Checker) civil.Date, otherName string, other func(*Checker) civil.Date) checkFunc {
	return func(c *Checker) {
		if a, b := read(c), other(c); !b.IsZero() && a.After(b) {
			c.failAt(f, fmt.Sprintf("The %s (%s) is later than the %s (%s).", name, a.Words(), otherName, b.Words()))
		}
	}
}

// earlier makes the check that a date is not before the start of the activity.
func earlier(f Field, name string, read func(*Checker) civil.Date) checkFunc {
	return func(c *Checker) {
		if a := read(c); !a.IsZero() && a.Before(c.start) {
			c.failAt(f, fmt.Sprintf("The %s (%s) is earlier than the start of the activity (%s).", name, a.Words(), c.start.Words()))
		}
	}
}

func checkVerifiedBeforeStart(c *Checker) {
	// Only editions from 2019-20 have a check of their own for this date (305).
	if _, own := c.e.check["305"]; !own && c.unreadable(DateVerified, c.verified) {
		c.failAt(DateVerified, notADate("Date verified", c.r.Values[DateVerified]))
		return
	}
	if !c.verified.IsZero() && c.verified.Before(c.start) {
		c.failAt(DateVerified, fmt.Sprintf("The date verified (%s) is earlier than the start of the activity (%s).", c.verified.Words(), c.start.Words()))
	}
}

func checkVerifiedAfterPeriod(c *Checker) {
	if c.unreadable(DateVerified, c.verified) {
		c.failAt(DateVerified, notADate("Date verified", c.r.Values[DateVerified]))
	} else if !c.periodEnd.IsZero() && c.verified.After(c.periodEnd) {
		c.failAt(DateVerified, fmt.Sprintf("The date verified (%s) is after the end of the period (%s).", c.verified.Words(), c.periodEnd.Words()))
	}
}

func checkActivityKnown(c *Checker) {
	if v := c.r.Values[ActivityCode]; v != "" && c.act == nil {
		c.fail(ActivityCode, v, fmt.Sprintf("Activity %q is not one of the codes for %s.", v, c.e.Name))
	}
}

func checkPost16TooEarly(c *Checker) {
	if c.act != nil && c.ageKnown() && c.act.Status != CompulsorySchoolAge && c.yearGroup < 12 {
		c.failAt(ActivityCode, fmt.Sprintf("Activity %s (%s) is for after Year 11, but the young person, born on %s, is not there yet.", c.act.Code, c.act.Label, c.dob.Words()))
	}
}

func checkCompulsoryTooLate(c *Checker) {
	if c.act != nil && c.ageKnown() && c.act.Status == CompulsorySchoolAge && c.yearGroup > 11 {
		c.failAt(ActivityCode, fmt.Sprintf("Activity %s (%s) is for Year 11, but the young person, born on %s, is past it.", c.act.Code, c.act.Label, c.dob.Words()))
	}
}

func checkAgeAtStart(c *Checker) {
	if c.act == nil || c.act.Code != c.row().Param || c.dob.IsZero() || c.start.IsZero() {
		return
	}
	if age := civil.Age(c.dob, c.start); age < c.act.NotUnder {
		c.failAt(ActivityCode, fmt.Sprintf("Activity %s (%s) is not allowed under %d, and the young person was %d when it started.", c.act.Code, c.act.Label, c.act.NotUnder, max(age, 0)))
	}
}

func checkNEETStart(c *Checker) {
	if c.act == nil || c.act.Status != NEET {
		return
	}
	if v := c.r.Values[NEETStartDate]; v == "" {
		c.fail(NEETStartDate, v, fmt.Sprintf("Activity %s (%s) is NEET, but the NEET start date is missing.", c.act.Code, c.act.Label))
	} else if c.neetStart.IsZero() {
		c.fail(NEETStartDate, v, notADate("NEET start date", v))
	}
}

func checkNEETStartOrder(c *Checker) {
	if !c.start.IsZero() && c.neetStart.After(c.start) {
		c.failAt(NEETStartDate, fmt.Sprintf("The NEET start date (%s) is later than the start of the activity (%s).", c.neetStart.Words(), c.start.Words()))
	}
}

func checkNEETStartUncalled(c *Checker) {
	if v := c.r.Values[NEETStartDate]; v != "" && c.act != nil && c.act.Status != NEET {
		c.fail(NEETStartDate, v, fmt.Sprintf("There is a NEET start date (%s), but activity %s (%s) is not NEET.", v, c.act.Code, c.act.Label))
	}
}

func checkNEETBefore15(c *Checker) {
	if !c.neetStart.IsZero() && !c.dob.IsZero() && c.neetStart.Before(c.dob.AddYears(15)) {
		c.failAt(NEETStartDate, fmt.Sprintf("The NEET start date (%s) is before the 15th birthday of somebody born on %s.", c.neetStart.Words(), c.dob.Words()))
	}
}

func checkEstablishment(c *Checker) {
	v := c.r.Values[EstablishmentNumber]
	if v == "" {
		return
	}
	if len(v) != 7 || !allDigits(v) {
		c.fail(EstablishmentNumber, v, fmt.Sprintf("Establishment number %q is not seven digits.", v))
	} else if !c.knownLA(v[:3], false, true) {
		c.fail(EstablishmentNumber, v, fmt.Sprintf("Establishment number %s begins with %s, which is not the code of an authority.", v, v[:3]))
	}
}

func checkProvider(c *Checker) {
	if v := c.r.Values[UKProviderReferenceNumber]; v != "" && !ValidUKPRN(v) {
		c.fail(UKProviderReferenceNumber, v, fmt.Sprintf("UK provider reference number %q is badly formed.", v))
	}
}

func checkLapsedTooEarly(c *Checker) {
	if c.r.Values[CurrencyLapsed] == "Y" && !c.periodEnd.IsZero() && c.due.After(c.periodEnd) {
		c.failAt(CurrencyLapsed, fmt.Sprintf("The activity is marked as lapsed, but its lapse date (%s) is after the end of the period (%s).", c.due.Words(), c.periodEnd.Words()))
	}
}

func checkLapsedUnmarked(c *Checker) {
	if c.r.Values[CurrencyLapsed] == "N" && Lapsed(c.due, c.periodEnd) {
		c.failAt(CurrencyLapsed, fmt.Sprintf("The activity is marked as current, but its lapse date (%s) is before the end of the period (%s).", c.due.Words(), c.periodEnd.Words()))
	}
}

func checkLapseMissing(c *Checker) {
	if c.act != nil && c.act.LapseDateRequired && c.r.Values[DueToLapseDate] == "" {
		c.fail(DueToLapseDate, "", fmt.Sprintf("Activity %s (%s) needs a lapse date, and there is none.", c.act.Code, c.act.Label))
	}
}

func checkEndMissing(c *Checker) {
	if c.act != nil && c.act.EndDateRequired && c.r.Values[PredictedEndDate] == "" {
		c.fail(PredictedEndDate, "", fmt.Sprintf("Activity %s (%s) needs an expected end date, and there is none.", c.act.Code, c.act.Label))
	}
}

func checkReview(c *Checker) {
	switch v := c.r.Values[ReviewDate]; {
	case c.unreadable(ReviewDate, c.review):
		c.fail(ReviewDate, v, notADate("Review date", v))
	case v == "" && c.act != nil && c.act.ReviewRequired:
		c.fail(ReviewDate, v, fmt.Sprintf("Activity %s (%s) needs a review date, and there is none.", c.act.Code, c.act.Label))
	}
}

func checkDestinationMissing(c *Checker) {
	if c.ageKnown() && c.yearGroup == 11 && c.r.Values[IntendedDestinationYr11] == "" {
		c.fail(IntendedDestinationYr11, "", "The young person is in Year 11, and the intended destination is missing.")
	}
}

func checkNotThisYear(c *Checker) {
	if c.act == nil || c.act.Status != CompulsorySchoolAge || c.periodEnd.IsZero() || c.start.IsZero() && c.verified.IsZero() {
		return
	}
	if c.start.Before(c.yearStart) && c.verified.Before(c.yearStart) {
		c.failAt(StartDate, fmt.Sprintf("Activity %s (%s) was neither started nor verified since %s.", c.act.Code, c.act.Label, c.yearStart.Words()))
	}
}
