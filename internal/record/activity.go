package record

import (
	"context"

	"waymark/internal/access"
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

// NewSpell is an activity as somebody records or corrects it.
type NewSpell struct {
	Activity string
	Started  civil.Date
	// Ascertained is the day we learned that it had begun; none is today.
	Ascertained civil.Date
	// Verified is the day on which it was last confirmed; none is Ascertained.
	Verified civil.Date
	// SoOn is the last day of a month that has ended, where it was so on it already;
	// none says nothing of it. It was then ascertained, and confirmed, by that day.
	SoOn civil.Date
	// Review is asked for where the activity needs one, PredictedEnd for
	// education and training.
	Review, PredictedEnd civil.Date
	// NEETStart is since when they have been NEET; none is worked out.
	NEETStart                                     civil.Date
	EstablishmentNumber, EstablishmentName, UKPRN string
}

var activityFields = owned{nccis.ActivityCode: "activity", nccis.StartDate: "started", nccis.DateAscertained: "ascertained", nccis.DateVerified: "verified",
	nccis.ReviewDate: "review", nccis.PredictedEndDate: "predicted-end", nccis.NEETStartDate: "neet-start", nccis.EstablishmentNumber: "establishment-number",
	nccis.EstablishmentName: "establishment-name", nccis.UKProviderReferenceNumber: "ukprn", nccis.DueToLapseDate: "predicted-end"}

// RecordActivity sets the young person's current activity from the day it
// started and closes the one before. It needs access.RecordActivity, and
// returns field.Errors, db.Conflict or act.ErrRepeated. seen is the version of
// the activity that the form showed as current, 0 for none.
func (s *Service) RecordActivity(ctx context.Context, by access.Actor, ref id.Ref, n NewSpell, seen id.Act, told Told) error {
	if err := s.checkSpell(&n); err != nil {
		return err
	}
	return s.change(ctx, by, access.RecordActivity, ref, told, activityFields, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return s.start(tx, a, l, n, seen)
	})
}

// start closes the current spell and starts the new one.
func (s *Service) start(tx *db.Tx, a *act.Act, l *life.Life, n NewSpell, seen id.Act) error {
	var current *fact.Of[activity.Spell]
	if i := l.CurrentSpell(s.Today()); i >= 0 {
		current = &l.Spells[i]
	}
	if Seen(current) != seen {
		return db.Conflict{What: "this young person's activity"}
	}
	if current != nil {
		if err := s.endBefore(tx, a, current, n); err != nil {
			return err
		}
	}
	f, err := activity.Spells.New(tx, a, l.Person.ID, n.Started.String(), n.spell())
	if err != nil {
		return err
	}
	return confirmFor(tx, a, l.Person.ID, f.ID, n.Verified, n.SoOn)
}

// endBefore ends the current spell on the day before the new one starts. A
// spell that would then never have been was an error: it is held no longer.
func (s *Service) endBefore(tx *db.Tx, a *act.Act, current *fact.Of[activity.Spell], n NewSpell) error {
	started, err := civil.Parse(current.Started)
	if err == nil && n.Started.Before(started) {
		return field.Errors{{Field: "started", Message: "The activity held now started later, on " + started.Words() +
			". Enter a later date, or correct that activity instead"}}
	}
	if err == nil && started == n.Started {
		return activity.Spells.Close(tx, a, current.Version)
	}
	ended := *current
	ended.Ended = n.Started.AddDays(-1).String()
	return activity.Spells.Replace(tx, a, current.Version, ended)
}

// CorrectActivity replaces what is held of one spell: it was recorded wrongly.
func (s *Service) CorrectActivity(ctx context.Context, by access.Actor, ref id.Ref, spell id.Fact, n NewSpell, seen id.Act, told Told) error {
	if err := s.checkSpell(&n); err != nil {
		return err
	}
	return s.change(ctx, by, access.RecordActivity, ref, told, activityFields, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		for i := range l.Spells {
			old := &l.Spells[i]
			if old.ID != spell {
				continue
			}
			if old.KnownFrom != seen {
				return db.Conflict{What: "this young person's activity"}
			}
			next := *old
			next.Started, next.Is = n.Started.String(), n.spell()
			if old.Started != next.Started || old.Is != next.Is {
				if err := activity.Spells.Replace(tx, a, old.Version, next); err != nil {
					return err
				}
			}
			return s.setVerified(tx, a, l, spell, n.Verified)
		}
		return db.NotFound
	})
}

// setVerified makes the day the latest confirmation of the spell: later ones
// were wrong.
func (s *Service) setVerified(tx *db.Tx, a *act.Act, l *life.Life, spell id.Fact, on civil.Date) error {
	there := false
	for _, v := range l.Verifications {
		if v.Is.Spell != spell {
			continue
		}
		day, err := civil.Parse(v.Is.Verified)
		if err == nil && !day.After(on) {
			there = there || day == on
			continue
		}
		if err := activity.Verifications.Close(tx, a, v.Version); err != nil {
			return err
		}
	}
	if there {
		return nil
	}
	_, err := activity.Verifications.New(tx, a, l.Person.ID, "", activity.Verification{Spell: spell, Verified: on.String()})
	return err
}

// Still is that somebody still does what is held.
type Still struct {
	// On is the day for which it was confirmed, Review the next review, where it
	// is to be another. SoOn is as in NewSpell.
	On, Review, SoOn civil.Date
}

// ConfirmActivity says that the current activity was still so on the day. It
// makes the record current again; nothing else changes.
func (s *Service) ConfirmActivity(ctx context.Context, by access.Actor, ref id.Ref, still Still, seen id.Act, told Told) error {
	if still.On.IsZero() || still.On.After(s.Today()) {
		return field.Errors{{Field: "verified", Message: "Enter the day it was confirmed, today or earlier"}}
	}
	// What else is wrong with the activity stays a finding: that somebody still
	// does it is worth keeping either way.
	owns := owned{nccis.DateVerified: "verified", nccis.ReviewDate: "review"}
	return s.change(ctx, by, access.RecordActivity, ref, told, owns, func(tx *db.Tx, a *act.Act, l *life.Life) error {
		return s.confirm(tx, a, l, still, seen)
	})
}

func (n NewSpell) spell() activity.Spell {
	return activity.Spell{Activity: n.Activity, Ascertained: n.Ascertained.String(), Review: n.Review.String(), PredictedEnd: n.PredictedEnd.String(),
		NEETStart: n.NEETStart.String(), EstablishmentNumber: n.EstablishmentNumber, EstablishmentName: n.EstablishmentName, UKPRN: n.UKPRN}
}

func (s *Service) checkSpell(n *NewSpell) error {
	trim(&n.EstablishmentNumber, &n.EstablishmentName, &n.UKPRN)
	today := s.Today()
	var wrong field.Errors
	if n.Activity == "" {
		wrong.Add("activity", "Select what they are doing")
	}
	if n.Started.IsZero() || n.Started.After(today) {
		wrong.Add("started", "Enter the day it started, today or earlier")
	}
	if n.Ascertained.IsZero() {
		n.Ascertained = today
	}
	checkSoOn(&wrong, n.SoOn, n.Started, today)
	if n.Ascertained.After(today) {
		wrong.Add("ascertained", "The day we learned this must be today or earlier")
	}
	if n.Verified.IsZero() {
		n.Verified = n.Ascertained
	}
	if n.Verified.After(today) {
		wrong.Add("verified", "The day it was confirmed must be today or earlier")
	}
	if !n.SoOn.IsZero() && n.Ascertained.After(n.SoOn) {
		n.Ascertained = n.SoOn
	}
	return wrong.Err()
}
