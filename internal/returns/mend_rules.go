package returns

import (
	"strings"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// rules are the mends that one rule can do for many: those where the right
// value follows from what the register already holds, or is the Department's
// own word for "nobody knows yet".
func rules() map[string]Mend {
	return map[string]Mend{
		"43":  {Does: "Write the postcode in capitals, with one space before the last three characters", rule: mendPostcode},
		"44":  {Does: "Take the signs that are not allowed out of the given name, and write the letter O for a nought inside it", Guess: true, rule: mendName(nccis.GivenName)},
		"45":  {Does: "Take the signs that are not allowed out of the family name, and write the letter O for a nought inside it", Guess: true, rule: mendName(nccis.FamilyName)},
		"46":  {Does: "Take the signs that are not allowed out of the middle name, and write the letter O for a nought inside it", Guess: true, rule: mendName(nccis.MiddleName)},
		"4":   {Does: "Set the gender to U, not known", rule: mendParticulars(nccis.Gender, nccis.Genders, "U")},
		"5":   {Does: "Write the gender as its code, or as U, not known", rule: mendParticulars(nccis.Gender, nccis.Genders, "U")},
		"6":   {Does: "Set the ethnicity to NOBT, not obtained", rule: mendParticulars(nccis.Ethnicity, nccis.Ethnicities, "NOBT")},
		"7":   {Does: "Write the ethnicity as its code, or as NOBT, not obtained", rule: mendParticulars(nccis.Ethnicity, nccis.Ethnicities, "NOBT")},
		"30":  {Does: "Take spaces and signs out of the unique learner number", rule: mendIdentifier(youngperson.ULN, nccis.UniqueLearnerNo, 10)},
		"38":  {Does: "Take spaces and signs out of the unique pupil number", rule: mendIdentifier(youngperson.UPN, nccis.UniquePupilNumber, 13)},
		"34":  {Does: "Clear the authority transferred to", rule: mendCohort(clearTransfer)},
		"25":  {Does: "Set the authority at Year 11 to that of the Year 11 guarantee", rule: mendCohort(year11FromGuarantee)},
		"9":   {Does: "Report as having left because of age (status A)", rule: mendCohort(leaveByAge)},
		"40":  {Does: "Report as having left because of age (status A)", rule: mendCohort(leaveByAge)},
		"102": {Does: "Write the SEND flag as Y or N", rule: mendNeed(func(p *patient, n *need.Need) { n.SEND = yesNo(n.SEND) })},
		"103": {Does: "Set the SEND flag to N", rule: mendNeed(func(p *patient, n *need.Need) { n.SEND = "N" })},
		"303": {Does: "Set the SEN support flag to N", rule: mendNeed(func(p *patient, n *need.Need) { n.SENSupport = "N" })},
		"304": {Does: "Write the SEN support flag as Y or N", rule: mendNeed(func(p *patient, n *need.Need) { n.SENSupport = yesNo(n.SENSupport) })},
		"306": {Does: "Set the SEN support flag to N, because there is a plan", rule: mendNeed(func(p *patient, n *need.Need) { n.SENSupport = "N" })},
		"905": {Does: "Record the guarantee status as 159, not yet recorded, and its authority", rule: mendGuarantee},
		"906": {Does: "Record the guarantee status as 159, not yet recorded, and its authority", rule: mendGuarantee},
		"225": {Does: "Clear the NEET start date, so that it is worked out from the activities", rule: mendSpell(clearNEETStart)},
		"226": {Does: "Clear the NEET start date", rule: mendSpell(clearNEETStart)},
		"230": {Does: "Record that what they do since they finished Year 11 is not known (810, from 1 September), until somebody says", rule: lostAfterYear11},
		"259": {Does: "Set the expected end of compulsory school to 31 August after Year 11", rule: mendSpell(endOfYear11)},
		"237": {Does: "Set the date ascertained to the date verified", rule: mendSpell(ascertainedWhenVerified)},
		"242": {Does: "Set the date ascertained to the start of the activity", rule: mendSpell(ascertainedAtStart)},
	}
}

// edits lists what differs.
func edits(pairs ...Edit) []Edit {
	var out []Edit
	for _, e := range pairs {
		if e.Before != e.After {
			out = append(out, e)
		}
	}
	return out
}

// letters keeps letters and digits, in capitals.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, strings.ToUpper(s))
}

func mendPostcode(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
	old := life.InForce(p.Addresses, p.periodEnd)
	if old == nil {
		return nil, nil
	}
	next := old.Is
	if s := letters(next.Postcode); len(s) > 4 {
		next.Postcode = s[:len(s)-3] + " " + s[len(s)-3:]
	}
	if !nccis.ValidPostcode(next.Postcode) {
		return nil, nil
	}
	return edits(Edit{nccis.Postcode, old.Is.Postcode, next.Postcode}), replaced(p, youngperson.Addresses, old, next)
}

// mendParticulars writes a code as the list has it, or the code for not known.
func mendParticulars(f nccis.Field, list nccis.List, unknown string) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := life.InForce(p.Particulars, p.periodEnd)
		var next youngperson.Particulars
		if old != nil {
			next = old.Is
		}
		part := &next.Gender
		if f == nccis.Ethnicity {
			part = &next.Ethnicity
		}
		before := *part
		*part = unknown
		for _, c := range p.edition.Codes(list) {
			if strings.EqualFold(c.Code, before) || strings.EqualFold(c.Label, before) {
				*part = c.Code
			}
		}
		return edits(Edit{f, before, *part}), replaced(p, youngperson.ParticularsTable, old, next)
	}
}

func mendIdentifier(scheme string, f nccis.Field, length int) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := p.IdentifierFact(scheme, p.periodEnd)
		if old == nil {
			return nil, nil
		}
		next := old.Is
		next.Value = letters(next.Value)
		if len(next.Value) != length || (scheme == youngperson.ULN && !nccis.ValidULN(next.Value)) {
			return nil, nil
		}
		return edits(Edit{f, old.Is.Value, next.Value}), replaced(p, youngperson.Identifiers, old, next)
	}
}

func mendCohort(change func(*patient, *cohort.Status)) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := life.InForce(p.Statuses, p.periodEnd)
		if old == nil {
			return nil, nil
		}
		next := old.Is
		change(p, &next)
		return edits(Edit{nccis.CohortStatus, old.Is.Status, next.Status}, Edit{nccis.TransferredToLACode, old.Is.TransferredTo, next.TransferredTo},
			Edit{nccis.LEACodeAtYear11, old.Is.LAAtYear11, next.LAAtYear11}), replaced(p, cohort.Statuses, old, next)
	}
}

func clearTransfer(p *patient, s *cohort.Status) { s.TransferredTo = "" }

func year11FromGuarantee(p *patient, s *cohort.Status) {
	if la := p.value(nccis.Year11LEACode); la != "" {
		s.LAAtYear11 = la
	}
}

// leaveByAge states A for the month: somebody over the age has no business in
// it otherwise (nccis.md 5.2).
func leaveByAge(p *patient, s *cohort.Status) {
	s.Status, s.StatedOn = "A", p.periodEnd.String()
}

func mendNeed(change func(*patient, *need.Need)) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := life.InForce(p.Needs, p.periodEnd)
		var was, next need.Need
		if old != nil {
			was, next = old.Is, old.Is
		}
		change(p, &next)
		return edits(Edit{nccis.SENDFlag, was.SEND, next.SEND}, Edit{nccis.SENSupportFlag, was.SENSupport, next.SENSupport}), replaced(p, need.Needs, old, next)
	}
}

// yesNo writes what plainly means Y or N as that, and leaves the rest.
func yesNo(s string) string {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "y", "yes", "true", "1":
		return "Y"
	case "n", "no", "false", "0":
		return "N"
	}
	return s
}

// mendGuarantee completes the node that the young person's own guarantee
// belongs to: the Year 11 one belongs to the authority that educated them, the
// Year 12 one to that of residence (nccis.md 7).
func mendGuarantee(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
	node, status, authority := guarantee.Year11, nccis.Year11GuaranteeStatus, nccis.Year11LEACode
	candidates := []string{p.value(nccis.LEACodeAtYear11), p.value(nccis.EducatedLEA), p.value(nccis.LeadLEA)}
	if p.finding.Field == nccis.Year12GuaranteeStatus || p.finding.Field == nccis.Year12LEACode {
		node, status, authority = guarantee.Year12, nccis.Year12GuaranteeStatus, nccis.Year12LEACode
		candidates = []string{p.value(nccis.LeadLEA)}
	}
	next := guarantee.Guarantee{Node: node, Season: life.Season(p.periodEnd)}
	var was guarantee.Guarantee
	at := -1
	for i := range p.Guarantees {
		if g := p.Guarantees[i].Is; g.Node == node && g.Season == next.Season {
			at, was, next = i, g, g
		}
	}
	if next.Status == "" {
		next.Status = "159"
	}
	for _, code := range candidates {
		if la, ok := p.req.LocalAuthority(code, p.periodEnd); next.LACode == "" && ok && la.English() {
			next.LACode = code
		}
	}
	if next.LACode == "" {
		return nil, nil
	}
	out := edits(Edit{status, was.Status, next.Status}, Edit{authority, was.LACode, next.LACode})
	if at < 0 {
		return out, replaced(p, guarantee.Guarantees, nil, next)
	}
	return out, replaced(p, guarantee.Guarantees, &p.Guarantees[at], next)
}

func mendSpell(change func(*patient, *activity.Spell)) rule {
	return func(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
		old := p.view.Spell
		if old == nil {
			return nil, nil
		}
		next := old.Is
		change(p, &next)
		return edits(Edit{nccis.DateAscertained, old.Is.Ascertained, next.Ascertained}, Edit{nccis.PredictedEndDate, old.Is.PredictedEnd, next.PredictedEnd}, Edit{nccis.NEETStartDate, old.Is.NEETStart, next.NEETStart}),
			replaced(p, activity.Spells, old, next)
	}
}

func clearNEETStart(p *patient, s *activity.Spell) { s.NEETStart = "" }

// ascertainedWhenVerified: what was confirmed on a day was known by then.
func ascertainedWhenVerified(p *patient, s *activity.Spell) {
	started, verified := readDate(p.value(nccis.StartDate)), readDate(p.value(nccis.DateVerified))
	if !verified.IsZero() && !verified.Before(started) {
		s.Ascertained = verified.String()
	}
}

func ascertainedAtStart(p *patient, s *activity.Spell) {
	started, verified := readDate(p.value(nccis.StartDate)), readDate(p.value(nccis.DateVerified))
	if !started.IsZero() && (verified.IsZero() || !started.After(verified)) {
		s.Ascertained = started.String()
	}
}
