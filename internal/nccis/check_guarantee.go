package nccis

import (
	"fmt"
	"strings"
)

// guaranteeChecks are those of SeptemberGuarantee.
func guaranteeChecks() map[string]checkFunc {
	return map[string]checkFunc{
		"27":   checkGuaranteeStatuses,
		"261":  checkGuaranteeAuthorities,
		"905":  checkGuaranteeCohort,
		"906":  checkGuaranteeIndicator,
		"SG-a": checkYear12StatusTooEarly,
		"SG-b": checkTooYoungForOffer,
		"SG-c": checkTooOldForOffer,
	}
}

// statusNotRecorded is the guarantee status that says nothing yet.
const statusNotRecorded = "159"

func checkGuaranteeStatuses(c *Checker) {
	for _, node := range [...]struct {
		field  Field
		year11 bool
	}{{Year11GuaranteeStatus, true}, {Year12GuaranteeStatus, false}} {
		v := c.r.Values[node.field]
		if v == "" {
			continue
		}
		i, ok := c.e.code[GuaranteeStatuses][v]
		if ok && (node.year11 && c.e.lists[GuaranteeStatuses][i].Year11 || !node.year11 && c.e.lists[GuaranteeStatuses][i].Year12) {
			continue
		}
		year, allowed := "Year 12", func(code Code) bool { return code.Year12 }
		if node.year11 {
			year, allowed = "Year 11", func(code Code) bool { return code.Year11 }
		}
		c.fail(node.field, v, fmt.Sprintf("September Guarantee status %q is not one of the codes for %s: %s.", v, year, c.e.codesInWords(GuaranteeStatuses, allowed)))
	}
}

func checkGuaranteeAuthorities(c *Checker) {
	if v := c.r.Values[Year11LEACode]; v != "" && !c.knownLA(v, false, true) {
		c.fail(Year11LEACode, v, c.notKnownLA("Authority of the Year 11 guarantee", v))
	}
	if v := c.r.Values[Year12LEACode]; v != "" && !c.knownLA(v, false, true) {
		c.fail(Year12LEACode, v, c.notKnownLA("Authority of the Year 12 guarantee", v))
	}
}

// guaranteeGap is what the node of the person's own guarantee lacks; ok is
// false where it is complete or the person belongs to no guarantee.
func (c *Checker) guaranteeGap() (f Field, what string, ok bool) {
	if !c.ageKnown() {
		return 0, "", false
	}
	status, authority, year := Year11GuaranteeStatus, Year11LEACode, "Year 11"
	switch c.yearGroup {
	case c.firstGuarantee:
	case c.firstGuarantee + 1:
		status, authority, year = Year12GuaranteeStatus, Year12LEACode, "Year 12"
	default:
		return 0, "", false
	}
	switch {
	case c.r.Values[status] == "":
		return status, "the status of the " + year + " guarantee is missing", true
	case c.r.Values[authority] == "":
		return authority, "the authority of the " + year + " guarantee is missing", true
	}
	return 0, "", false
}

func checkGuaranteeCohort(c *Checker) {
	status := c.r.Values[CohortStatus]
	if len(status) != 1 || !strings.Contains(c.row().Param, status) {
		return
	}
	if f, what, gap := c.guaranteeGap(); gap {
		c.fail(f, "", fmt.Sprintf("The cohort status is %s, but %s.", status, what))
	}
}

func checkGuaranteeIndicator(c *Checker) {
	if c.r.Values[GuaranteeStatusIndicator] != "Y" {
		return
	}
	if f, what, gap := c.guaranteeGap(); gap {
		c.fail(f, "", fmt.Sprintf("The guarantee indicator is Y, but %s.", what))
	}
}

// recorded says that a guarantee status says something.
func (c *Checker) recorded(f Field) bool {
	v := c.r.Values[f]
	return v != "" && v != statusNotRecorded
}

func checkYear12StatusTooEarly(c *Checker) {
	if c.ageKnown() && c.yearGroup == c.firstGuarantee && c.recorded(Year12GuaranteeStatus) {
		c.failAt(Year12GuaranteeStatus, fmt.Sprintf("There is a Year 12 guarantee status (%s), but the young person, born on %s, belongs to the Year 11 guarantee.", c.r.Values[Year12GuaranteeStatus], c.dob.Words()))
	}
}

func checkTooYoungForOffer(c *Checker) {
	if !c.ageKnown() || c.yearGroup >= c.firstGuarantee {
		return
	}
	for _, f := range [...]Field{Year11GuaranteeStatus, Year12GuaranteeStatus} {
		if c.recorded(f) {
			c.failAt(f, fmt.Sprintf("There is a September Guarantee status (%s), but the young person, born on %s, is too young for one.", c.r.Values[f], c.dob.Words()))
			return
		}
	}
}

func checkTooOldForOffer(c *Checker) {
	if !c.ageKnown() || c.yearGroup <= c.firstGuarantee+1 {
		return
	}
	for _, f := range [...]Field{Year11GuaranteeStatus, Year12GuaranteeStatus} {
		if c.recorded(f) {
			c.failAt(f, fmt.Sprintf("There is a September Guarantee status (%s), but the young person, born on %s, is too old for one.", c.r.Values[f], c.dob.Words()))
			return
		}
	}
}

// ownWarnings are those that the Department does not have.
func ownWarnings() map[string]checkFunc {
	return map[string]checkFunc{
		"W-control": warnControl,
		"W-element": warnElement,
		"W-value":   notYesNo(GuaranteeStatusIndicator, "September Guarantee indicator"),
	}
}

func warnControl(c *Checker) {
	for f := Field(0); f < FieldCount; f++ {
		if v := c.r.Values[f]; v != "" && hasControl(v) {
			c.fail(f, v, fmt.Sprintf("%s %q holds a control character, which no keyboard types.", FieldLabel(f), v))
		}
	}
	for _, v := range c.r.Characteristics {
		if hasControl(v) {
			c.fail(CharacteristicCode, v, fmt.Sprintf("Characteristic %q holds a control character, which no keyboard types.", v))
		}
	}
}

// hasControl finds the control characters of ASCII and those from U+0080 to
// U+009F, which are what Windows-1252 text read as Latin-1 leaves behind.
func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c-0x20 < 0x5f {
			continue // the printable signs of ASCII, in one comparison
		} else if c < 0x20 || c == 0x7f || (c == 0xc2 && i+1 < len(s) && s[i+1] >= 0x80 && s[i+1] < 0xa0) {
			return true
		}
	}
	return false
}

func warnElement(c *Checker) {
	for _, f := range c.unheld {
		if v := c.r.Values[f]; v != "" {
			c.fail(f, v, fmt.Sprintf("%s (%s) is held %s, and so is not part of the requirement for %s.", FieldLabel(f), f, f.Editions(), c.e.Name))
		}
	}
	for i := range c.r.Unknown {
		u := &c.r.Unknown[i]
		if u.Editions != "" {
			c.fail(WholeRecord, u.Value, fmt.Sprintf("The element %s is held %s, and so is not part of the requirement for %s.", u.Name, u.Editions, c.e.Name))
		}
	}
}
