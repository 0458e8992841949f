package record

import (
	"fmt"
	"strings"

	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
)

// Leaving is that somebody has left a school, a college or a provider.
type Leaving struct {
	// On is the last day there.
	On civil.Date
	// Place is what they left, by number where it has one and by name.
	Numbers []string // URN, establishment number
	UKPRN   string
	Name    string
	// To is the code of what they do since; "" is that nobody says.
	To string
	// Told is the day on which we were told.
	Told civil.Date
}

// Left is what leaving does to a record.
type Left struct {
	// Closes is the spell that ends, nil where the register holds none there.
	Closes *fact.Of[activity.Spell]
	// Known says that the register knows: the spell has ended about then.
	Known bool
	// Opens is the code of what follows, "" where something else is held since.
	Opens string
}

// nearDays is by how many days two days of leaving may differ and be one: as for
// files of a sender of whom nothing else is said.
const nearDays = 14

// Leaves says what a leaving does to a life, and changes nothing. The spell is
// the one in which they were on the day, unless its place is another; a job is
// not what a learner has left.
func (s *Service) Leaves(l *life.Life, n Leaving) Left {
	e, _ := s.Requirement.EditionOn(n.On)
	best := -1
	for i := range l.Spells {
		f := &l.Spells[i]
		began, ended := spellDay(f.Started), spellDay(f.Ended)
		place, told := n.at(f.Is)
		learning := false
		if a, ok := e.Activity(f.Is.Activity); ok {
			learning = a.Status == nccis.EET && !(f.Is.Activity >= "320" && f.Is.Activity <= "381")
		}
		switch {
		case began.After(n.On), told && !place, !told && !learning:
		case f.Is.Activity == "150" || f.Is.Activity >= "810" && f.Is.Activity <= "830":
		case !ended.IsZero() && n.On.DaysSince(ended) > nearDays:
		case best < 0 || !began.Before(spellDay(l.Spells[best].Started)):
			best = i
		}
	}
	out := Left{}
	if best < 0 {
		return out
	}
	out.Closes = &l.Spells[best]
	if ended := spellDay(out.Closes.Ended); !ended.IsZero() && within(ended.DaysSince(n.On), nearDays) {
		out.Known = true
		return out
	}
	for i := range l.Spells {
		if f := &l.Spells[i]; f.ID != out.Closes.ID && spellDay(f.Started).After(n.On) {
			return out // what they do since is held
		}
	}
	if out.Opens = n.To; out.Opens == "" {
		out.Opens = notKnown(l, n.On.AddDays(1))
	}
	return out
}

func within(days, most int) bool { return days <= most && -days <= most }

// at says that a spell is at the place, where both tell which that is.
func (n Leaving) at(is activity.Spell) (same, told bool) {
	if is.UKPRN != "" && n.UKPRN != "" {
		return is.UKPRN == n.UKPRN, true
	}
	for _, number := range n.Numbers {
		if number != "" && is.EstablishmentNumber != "" && (is.UKPRN == "" || n.UKPRN == "") {
			if number == is.EstablishmentNumber {
				return true, true
			}
			told = true
		}
	}
	if told {
		return false, true
	}
	ours, theirs := plainName(is.EstablishmentName), plainName(n.Name)
	if ours == "" || theirs == "" {
		return false, false
	}
	return strings.Contains(ours, theirs) || strings.Contains(theirs, ours), true
}

func plainName(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), " ")
}

func spellDay(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

// notKnown is the code of an unknown situation: of compulsory age it is another
// (nccis.md 4).
func notKnown(l *life.Life, on civil.Date) string {
	if p := life.InForce(l.Particulars, on); p != nil {
		if born := spellDay(p.Is.DOB); !born.IsZero() && nccis.YearGroup(born, on) <= 11 {
			return "150"
		}
	}
	return "810"
}

var leavingFields = owned{nccis.ActivityCode: "activity", nccis.StartDate: "left-on", nccis.DateAscertained: "left-on", nccis.DateVerified: "left-on"}

// RecordLeft does to the record what Leaves says, inside an act of the caller
// that has evidence, and rewrites the standing. It returns field.Errors for
// "left-on" where nothing here can be closed by it.
func (s *Service) RecordLeft(tx *db.Tx, a *act.Act, yp id.YoungPerson, n Leaving) (Left, error) {
	l, err := life.One(tx, a.Register, yp, 0)
	if err != nil {
		return Left{}, err
	}
	if today := civil.On(tx.Now, civil.London()); !n.On.Before(today) {
		return Left{}, field.Errors{{Field: "left-on", Message: "Their last day is " + n.On.Words() + ". Settle it on the day after, or later"}}
	}
	out := s.Leaves(l, n)
	switch {
	case out.Closes == nil:
		return out, field.Errors{{Field: "left-on", Message: "The register does not hold them there on " + n.On.Words() + ", so there is nothing to close. Correct their activity on the record, or close the notice"}}
	case out.Known:
		return out, nil
	}
	ended := *out.Closes
	ended.Ended = n.On.String()
	if err := activity.Spells.Replace(tx, a, out.Closes.Version, ended); err != nil {
		return out, err
	}
	if out.Opens != "" {
		next := activity.Spell{Activity: out.Opens, Ascertained: latestDay(n.Told, n.On.AddDays(1)).String()}
		e, _ := s.Requirement.EditionOn(n.On)
		if code, ok := e.Activity(out.Opens); ok && code.Status == nccis.NEET {
			next.NEETStart = n.On.AddDays(1).String()
		}
		opened, err := activity.Spells.New(tx, a, yp, n.On.AddDays(1).String(), next)
		if err != nil {
			return out, err
		}
		if _, err := activity.Verifications.New(tx, a, yp, "", activity.Verification{Spell: opened.ID, Verified: latestDay(n.Told, n.On.AddDays(1)).String()}); err != nil {
			return out, err
		}
	}
	if err := s.hold(tx, a.Register, yp, leavingFields); err != nil {
		return out, err
	}
	return out, s.Standing.Rewrite(tx, a, yp)
}

func latestDay(a, b civil.Date) civil.Date {
	if b.After(a) {
		return b
	}
	return a
}

// RecordStaying confirms, inside an act of the caller that has evidence, that the
// current activity was still so on the day. It returns field.Errors for "on".
func (s *Service) RecordStaying(tx *db.Tx, a *act.Act, yp id.YoungPerson, on civil.Date) error {
	l, err := life.One(tx, a.Register, yp, 0)
	if err != nil {
		return err
	}
	i := l.CurrentSpell(civil.On(tx.Now, civil.London()))
	if i < 0 {
		return field.Errors{{Field: "on", Message: "There is no activity to confirm: record what they are doing"}}
	}
	if _, err := activity.Verifications.New(tx, a, yp, "", activity.Verification{Spell: l.Spells[i].ID, Verified: on.String()}); err != nil {
		return fmt.Errorf("confirm the activity: %w", err)
	}
	return s.Standing.Rewrite(tx, a, yp)
}
