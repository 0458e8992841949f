package nccis

import (
	"fmt"
	"slices"
	"strings"

	"waymark/internal/civil"
)

// recordChecks names the function of every check that looks at one record. Each
// reports nothing, or what is wrong with the very value.
func recordChecks() map[string]checkFunc {
	all := map[string]checkFunc{}
	for _, part := range []map[string]checkFunc{personChecks(), needChecks(), activityChecks(), guaranteeChecks(), ownWarnings()} {
		for id, run := range part {
			all[id] = run
		}
	}
	return all
}

// personChecks are those of PersonalDetails.
func personChecks() map[string]checkFunc {
	return map[string]checkFunc{
		"1":   checkIdentifier,
		"2":   missing(GivenName, "The given name is missing."),
		"3":   missing(FamilyName, "The family name is missing."),
		"4":   missing(Gender, "The gender is missing."),
		"5":   notInList(Gender, Genders, "Gender"),
		"6":   missing(Ethnicity, "The ethnicity is missing."),
		"7":   notInList(Ethnicity, Ethnicities, "Ethnicity"),
		"8":   checkBirthDate,
		"9":   checkTooOld,
		"10":  checkTooYoung,
		"11":  missing(CohortStatus, "The cohort status is missing."),
		"13":  checkTransferMissing,
		"14":  missing(LeadLEA, "The lead authority is missing."),
		"15":  checkLeadKnown,
		"19":  checkEducatedKnown,
		"24":  checkYear11Known,
		"25":  checkYear11Agrees,
		"26":  checkLeadInFile,
		"29":  checkContractStart,
		"30":  checkULN,
		"31":  checkAddress,
		"32":  missing(Postcode, "The postcode is missing."),
		"34":  checkTransferUncalled,
		"35":  checkTransferKnown,
		"36":  notYesNo(YouthContractIndicator, "Youth Contract indicator"),
		"37":  checkPreviousIdentifier,
		"38":  checkUPN,
		"40":  checkAgeWithoutPlan,
		"41":  checkTransferUnknownArea,
		"42":  checkTransferToItself,
		"43":  checkPostcode,
		"44":  illegalCharacters(GivenName, "Given name"),
		"45":  illegalCharacters(FamilyName, "Family name"),
		"46":  illegalCharacters(MiddleName, "Middle name"),
		"903": checkDatabase,
		"904": checkCohortStatus,
	}
}

// missing makes the check that an item is there.
func missing(f Field, what string) checkFunc {
	return func(c *Checker) {
		if c.r.Values[f] == "" {
			c.fail(f, "", what)
		}
	}
}

// notInList makes the check that an item, where it is there, is in its list.
func notInList(f Field, list List, name string) checkFunc {
	return func(c *Checker) {
		if v := c.r.Values[f]; v != "" && !c.e.holds(list, v) {
			c.fail(f, v, fmt.Sprintf("%s %q is not one of the codes for %s: %s.", name, v, c.e.Name, c.e.codesInWords(list, nil)))
		}
	}
}

// notYesNo makes the check that a flag, where it is there, is Y or N.
func notYesNo(f Field, name string) checkFunc {
	return func(c *Checker) {
		if v := c.r.Values[f]; v != "" && v != "Y" && v != "N" {
			c.fail(f, v, fmt.Sprintf("%s %q is neither Y nor N.", name, v))
		}
	}
}

func checkIdentifier(c *Checker) {
	switch v := c.r.Values[YoungPersonsID]; {
	case v == "":
		c.fail(YoungPersonsID, v, "The YoungPersonsID is missing.")
	case len(v) != 13:
		c.fail(YoungPersonsID, v, fmt.Sprintf("YoungPersonsID %q has %s, not 13.", v, characters(len([]rune(v)))))
	case !allDigits(v):
		c.fail(YoungPersonsID, v, fmt.Sprintf("YoungPersonsID %q holds a character that is not a digit.", v))
	}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func checkDatabase(c *Checker) {
	v := c.r.Values[YoungPersonsID]
	if v == "" || len(c.header.DatabaseIDs) == 0 {
		return
	}
	prefix := v
	if len(v) > 3 {
		prefix = v[:3]
	}
	if !slices.Contains(c.header.DatabaseIDs, prefix) {
		c.fail(YoungPersonsID, v, fmt.Sprintf("YoungPersonsID %q does not begin with a database number of the file's header (%s).", v, strings.Join(c.header.DatabaseIDs, ", ")))
	}
}

func checkBirthDate(c *Checker) {
	switch v := c.r.Values[DOB]; {
	case v == "":
		c.fail(DOB, v, "The date of birth is missing.")
	case c.dob.IsZero():
		c.fail(DOB, v, notADate("Date of birth", v))
	}
}

// notADate tells a date that does not exist from a text that is none.
func notADate(name, v string) string {
	if len(v) == 10 && v[4] == '-' && v[7] == '-' && allDigits(v[:4]+v[5:7]+v[8:]) {
		return fmt.Sprintf("%s %s is not a date of the calendar.", name, v)
	}
	return fmt.Sprintf("%s %q is not a date written like 2009-03-14.", name, v)
}

func checkTooOld(c *Checker) {
	if c.ageKnown() && c.yearGroup > 21 && c.r.Values[CohortStatus] != "A" {
		c.failAt(DOB, fmt.Sprintf("Born on %s, the young person is of academic age %d: older than 25.", c.dob.Words(), c.yearGroup+4))
	}
}

func checkTooYoung(c *Checker) {
	if !c.ageKnown() || c.yearGroup >= 11 {
		return
	}
	if c.dob.After(c.periodEnd) {
		c.failAt(DOB, fmt.Sprintf("Date of birth %s is in the future: the period ends on %s.", c.dob.Words(), c.periodEnd.Words()))
		return
	}
	c.failAt(DOB, fmt.Sprintf("Born on %s, the young person is not yet in Year 11 on %s.", c.dob.Words(), c.periodEnd.Words()))
}

// tooOldWithoutPlan is the rule of checks 33 and 40.
func (c *Checker) tooOldWithoutPlan() bool {
	status := c.r.Values[CohortStatus]
	return c.ageKnown() && c.yearGroup+4 >= c.e.PlanNeededFrom && c.r.Values[SENDFlag] != "Y" && (status == "P" || status == "G")
}

func checkAgeWithoutPlan(c *Checker) {
	if c.tooOldWithoutPlan() {
		c.failAt(DOB, fmt.Sprintf("Born on %s, the young person is of academic age %d without a plan; from %d only those with one are tracked.", c.dob.Words(), c.yearGroup+4, c.e.PlanNeededFrom))
	}
}

func checkCohortStatus(c *Checker) {
	v := c.r.Values[CohortStatus]
	if v == "" {
		return
	}
	if i, ok := c.e.code[CohortStatuses][v]; ok && c.e.lists[CohortStatuses][i].Sent {
		return
	}
	if v == "X" {
		c.fail(CohortStatus, v, "Cohort status X is never sent: it stands for somebody already reported as left.")
		return
	}
	sent := func(code Code) bool { return code.Sent }
	c.fail(CohortStatus, v, fmt.Sprintf("Cohort status %q is not one of the codes: %s.", v, c.e.codesInWords(CohortStatuses, sent)))
}

// knownLA says that the code is an authority, or where allowed a place
// elsewhere; past also accepts an authority that was there earlier.
func (c *Checker) knownLA(code string, elsewhere, past bool) bool {
	la := c.req.authority(code, c.periodEnd, past)
	return la != nil && (elsewhere || la.English())
}

// notKnownLA says why a code is not an authority on the period end.
func (c *Checker) notKnownLA(name, code string) string {
	if la := c.req.authority(code, c.periodEnd, true); la != nil && !la.To.IsZero() && la.English() {
		return fmt.Sprintf("%s %s (%s) ended on %s; its successor is %s.", name, code, la.Name, la.To.Words(), strings.ReplaceAll(la.Successor, " ", " or "))
	} else if la != nil {
		return fmt.Sprintf("%s %s (%s) is not an English authority.", name, code, la.Name)
	}
	return fmt.Sprintf("%s %q is not the code of an authority.", name, code)
}

func checkLeadKnown(c *Checker) {
	if v := c.r.Values[LeadLEA]; v != "" && !c.knownLA(v, false, false) {
		c.fail(LeadLEA, v, c.notKnownLA("Lead authority", v))
	}
}

func checkLeadInFile(c *Checker) {
	if v := c.r.Values[LeadLEA]; v != "" && !slices.Contains(c.header.LEACodes, v) {
		c.fail(LeadLEA, v, fmt.Sprintf("Lead authority %q is not one of the authorities of this file (%s).", v, strings.Join(c.header.LEACodes, ", ")))
	}
}

func checkEducatedKnown(c *Checker) {
	switch v := c.r.Values[EducatedLEA]; {
	case v == "":
		c.fail(EducatedLEA, v, "The authority where educated is missing.")
	case !c.knownLA(v, true, false):
		c.fail(EducatedLEA, v, c.notKnownLA("Authority where educated", v))
	}
}

func checkYear11Known(c *Checker) {
	if v := c.r.Values[LEACodeAtYear11]; v != "" && !c.knownLA(v, true, true) {
		c.fail(LEACodeAtYear11, v, c.notKnownLA("Authority at Year 11", v))
	}
}

func checkYear11Agrees(c *Checker) {
	v, guarantee := c.r.Values[LEACodeAtYear11], c.r.Values[Year11LEACode]
	if v != "" && guarantee != "" && v != guarantee {
		c.fail(LEACodeAtYear11, v, fmt.Sprintf("The authority at Year 11 is %s, but the Year 11 guarantee belongs to %s.", v, guarantee))
	}
}

func checkTransferMissing(c *Checker) {
	if c.r.Values[CohortStatus] == "T" && c.r.Values[TransferredToLACode] == "" {
		c.fail(TransferredToLACode, "", "The cohort status is T (transferred), but the authority transferred to is missing.")
	}
}

func checkTransferUncalled(c *Checker) {
	if v, status := c.r.Values[TransferredToLACode], c.r.Values[CohortStatus]; v != "" && status != "T" {
		c.fail(TransferredToLACode, v, fmt.Sprintf("There is an authority transferred to (%s), but the cohort status is %s.", v, orMissing(status)))
	}
}

func orMissing(v string) string {
	if v == "" {
		return "missing"
	}
	return v
}

func checkTransferKnown(c *Checker) {
	v := c.r.Values[TransferredToLACode]
	if v == "" {
		return
	}
	switch c.r.Values[CohortStatus] {
	case "T":
		if !c.knownLA(v, false, false) {
			c.fail(TransferredToLACode, v, c.notKnownLA("Authority transferred to", v))
		}
	case "E":
		if la := c.req.authority(v, c.periodEnd, false); la == nil || la.English() || v == unknownArea {
			c.fail(TransferredToLACode, v, fmt.Sprintf("%q is not a place outside England (000 to 003), although the cohort status is E (left England).", v))
		}
	}
}

// unknownArea is the code of a place that nobody knows (nccis.md 12.1).
const unknownArea = "004"

func checkTransferUnknownArea(c *Checker) {
	if c.r.Values[TransferredToLACode] == unknownArea {
		c.failAt(TransferredToLACode, "The authority transferred to is 004, an unknown area.")
	}
}

func checkTransferToItself(c *Checker) {
	if v := c.r.Values[TransferredToLACode]; v != "" && v == c.r.Values[LeadLEA] {
		c.fail(TransferredToLACode, v, fmt.Sprintf("The authority transferred to (%s) is the lead authority itself.", v))
	}
}

func checkContractStart(c *Checker) {
	if c.r.Values[YouthContractIndicator] != "Y" {
		return
	}
	v := c.r.Values[YouthContractStartDate]
	if v == "" {
		c.fail(YouthContractStartDate, v, "The Youth Contract indicator is Y, but its start date is missing.")
	} else if _, err := civil.Parse(v); err != nil {
		c.fail(YouthContractStartDate, v, notADate("Youth Contract start date", v))
	}
}

func checkULN(c *Checker) {
	if v := c.r.Values[UniqueLearnerNo]; v != "" && !wellFormedULN(v) {
		c.fail(UniqueLearnerNo, v, fmt.Sprintf("Unique learner number %q is badly formed.", v))
	}
}

func checkUPN(c *Checker) {
	if v := c.r.Values[UniquePupilNumber]; v != "" && len(v) != 13 {
		c.fail(UniquePupilNumber, v, fmt.Sprintf("Unique pupil number %q has %s, not 13.", v, characters(len([]rune(v)))))
	}
}

func checkPreviousIdentifier(c *Checker) {
	if v := c.r.Values[PreviousYPIDIdentifier]; v != "" && !ValidYoungPersonsID(v) {
		c.fail(PreviousYPIDIdentifier, v, fmt.Sprintf("Previous identifier %q is not 13 digits.", v))
	}
}

func checkAddress(c *Checker) {
	for f := AddressLine1; f <= County; f++ {
		if c.r.Values[f] != "" {
			return
		}
	}
	c.fail(AddressLine1, "", "Address lines 1 to 4, the town and the county are all empty.")
}

func checkPostcode(c *Checker) {
	if v := c.r.Values[Postcode]; v != "" && !ValidPostcode(v) {
		c.fail(Postcode, v, fmt.Sprintf("Postcode %q does not have the shape of a postcode.", v))
	}
}

// illegalCharacters makes the check that a name holds none of the characters
// forbidden since 2026-27 (nccis.md 10.1, name rule).
func illegalCharacters(f Field, name string) checkFunc {
	return func(c *Checker) {
		v := c.r.Values[f]
		for i := 0; i < len(v); i++ {
			if forbiddenInName(v[i]) {
				c.fail(f, v, fmt.Sprintf("%s %q holds the character %q, which is not allowed in a name.", name, v, string(v[i])))
				return
			}
		}
	}
}

func forbiddenInName(b byte) bool {
	switch b {
	case '/', '\\', ':', '?', '@', '$', '&', '*', '(', ')', '{', '}', '[', ']', '!', '"', '+', '=', '|':
		return true
	}
	return digit(b)
}
