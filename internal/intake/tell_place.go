package intake

import (
	"strings"

	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/layout"
)

// near says that two days may be one: they differ by no more than the sender's
// tolerance.
func (t *telling) near(a, b civil.Date) bool {
	days := a.DaysSince(b)
	return days <= t.sender.Tolerance && -days <= t.sender.Tolerance
}

// sameSpell is the spell here that the row speaks of, -1 where there is none:
// the same activity or the same place, begun on the same day or nearly.
func (t *telling) sameSpell(is activity.Spell, start civil.Date) int {
	current := t.l.CurrentSpell(t.asAt)
	best := -1
	for i := range t.l.Spells {
		f := &t.l.Spells[i]
		began, place := readDate(f.Started), samePlace(f.Is, is)
		code := f.Is.Activity == is.Activity
		if place == differs && code {
			place = t.sameEmployer(f.Is, is)
		}
		switch {
		case unknown(f.Is.Activity), place == differs, !code && place != agrees:
		case start.IsZero() && i == current && (code || place == agrees),
			!start.IsZero() && (began.IsZero() && i == current || !began.IsZero() && t.near(began, start)):
			if best < 0 || i == current {
				best = i
			}
		}
	}
	return best
}

// sameEmployer compares by the employer what goes on at places of other names: a
// provider's list and an employer's name may speak of one apprenticeship.
func (t *telling) sameEmployer(ours, theirs activity.Spell) agreement {
	employer := t.value(layout.Employer)
	switch {
	case !atWork(theirs.Activity) || employer == "":
	case samePlace(ours, activity.Spell{EstablishmentName: employer}) == agrees:
		return agrees
	case theirs.Activity == "310" && t.worksAt(theirs):
		return unsaid // what is held may be the provider
	}
	return differs
}

// agreement is how two places compare.
type agreement uint8

const (
	unsaid agreement = iota
	agrees
	differs
)

// samePlace compares by number where both have one, else by name; a name that
// holds the other is the same ("Northshore" and "Northshore College").
func samePlace(a, b activity.Spell) agreement {
	for _, n := range [][2]string{{a.EstablishmentNumber, b.EstablishmentNumber}, {a.UKPRN, b.UKPRN}} {
		if n[0] != "" && n[1] != "" {
			if n[0] == n[1] {
				return agrees
			}
			return differs
		}
	}
	x, y := foldName(a.EstablishmentName), foldName(b.EstablishmentName)
	switch {
	case x == "" || y == "":
		return unsaid
	case strings.Contains(x, y) || strings.Contains(y, x):
		return agrees
	}
	return differs
}
