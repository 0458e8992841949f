package returns

import (
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/nccis"
)

// situationNotKnown is the Department's code for somebody of whom nobody has said
// anything yet (nccis.md 4).
const situationNotKnown = "810"

// lostAfterYear11 ends what is held of compulsory school where the young person
// has finished it, and states that nobody has said what came after. In September
// that is everybody on whom no enrolment list has come yet, and the return cannot
// be signed while they stand as pupils. What began in the new school year is left
// alone: a school says that they are in Year 11, and then the birth date is wrong.
func lostAfterYear11(p *patient) ([]Edit, func(*db.Tx, *act.Act) error) {
	old := p.view.Spell
	begins := p.periodEnd.AcademicYear().Start()
	if old == nil || !readDate(old.Started).Before(begins) {
		return nil, nil
	}
	out := edits(Edit{nccis.ActivityCode, old.Is.Activity, situationNotKnown}, Edit{nccis.StartDate, old.Started, begins.String()})
	return out, func(tx *db.Tx, a *act.Act) error { return lose(tx, a, *old, begins) }
}

// lose ends a spell the day before the day from which the situation is not known.
func lose(tx *db.Tx, a *act.Act, old fact.Of[activity.Spell], from civil.Date) error {
	ended := old
	ended.Ended = from.AddDays(-1).String()
	if err := activity.Spells.Replace(tx, a, old.Version, ended); err != nil {
		return err
	}
	spell, err := activity.Spells.New(tx, a, old.YoungPerson, from.String(), activity.Spell{Activity: situationNotKnown, Ascertained: from.String()})
	if err == nil {
		_, err = activity.Verifications.New(tx, a, old.YoungPerson, "", activity.Verification{Spell: spell.ID, Verified: from.String()})
	}
	return err
}

// endOfYear11 is when compulsory school ends: a school's roll does not say it,
// because it follows from the birth date (nccis.md 5.1). Of what comes after Year
// 11 only the college knows.
func endOfYear11(p *patient, s *activity.Spell) {
	code, ok := p.edition.Activity(s.Activity)
	born := readDate(p.value(nccis.DOB))
	if !ok || code.Group != "CS" || born.IsZero() {
		return
	}
	if years := 11 - nccis.YearGroup(born, p.periodEnd); years >= 0 {
		s.PredictedEnd = (p.periodEnd.AcademicYear() + civil.AcademicYear(years)).End().String()
	}
}
