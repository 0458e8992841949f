package record

import (
	"context"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
)

// Spoken is a contact with what follows from it: where its outcome is
// contact.Confirmed the current activity is confirmed for its day, and where it
// is contact.Changed another begins.
type Spoken struct {
	contact.Made
	// Seen is the version of the activity that was shown as current, 0 for none.
	// It is asked for those two outcomes alone.
	Seen id.Act
	// Review is the next review where Confirmed needs one; none leaves it.
	Review civil.Date
	// Now is what they do now, for contact.Changed. It was ascertained, and
	// confirmed, on the day of the contact. Its SoOn holds for contact.Confirmed
	// too.
	Now NewSpell
}

// RecordContact writes a contact made or tried, and what follows from it, as one
// act. key is the form's one-use key. It needs access.RecordActivity, and returns
// field.Errors, db.Conflict or act.ErrRepeated.
func (s *Service) RecordContact(ctx context.Context, by access.Actor, ref id.Ref, c Spoken, key string) error {
	if err := c.Check(s.Today(), contact.Contact{}); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RecordActivity, yp, act.Request{Key: key})
		if err != nil {
			return err
		}
		c.YoungPerson = yp
		return s.RecordContacts(tx, a, []Spoken{c})
	})
}

// RecordContacts writes contacts with many young people inside an act that its
// caller has begun, each with evidence of its own, does what follows from each,
// and rewrites the standings. It returns field.Errors or db.Conflict about the
// first that cannot be written, and db.NotFound or access.ErrLocked about somebody
// whom a restriction keeps from the actor: then nothing is to be kept.
func (s *Service) RecordContacts(tx *db.Tx, a *act.Act, many []Spoken) error {
	veil, err := access.VeilOf(tx, a.By)
	if err != nil {
		return err
	}
	made := make([]contact.Made, len(many))
	people := make([]id.YoungPerson, len(many))
	for i := range many {
		if err := veil.Refuses(many[i].YoungPerson); err != nil {
			return err
		}
		made[i], people[i] = many[i].Made, many[i].YoungPerson
	}
	written, err := contact.RecordMany(tx, a, made)
	if err != nil {
		return err
	}
	before := a.Evidence
	for i := range many {
		a.Evidence = written[i].Evidence // what follows rests on what was said
		if err := s.follow(tx, a, &many[i]); err != nil {
			return err
		}
	}
	a.Evidence = before
	return s.Standing.Rewrite(tx, a, people...)
}

// follow does what an outcome asks for.
func (s *Service) follow(tx *db.Tx, a *act.Act, c *Spoken) error {
	switch c.Outcome {
	case contact.Confirmed, contact.Changed:
	default:
		return nil
	}
	l, err := life.One(tx, a.Register, c.YoungPerson, 0)
	if err != nil {
		return err
	}
	if c.Outcome == contact.Confirmed {
		if err := s.stillSo(tx, a, l, c); err != nil {
			return err
		}
		return s.hold(tx, a.Register, c.YoungPerson, owned{nccis.DateVerified: "verified", nccis.ReviewDate: "review"})
	}
	n := c.Now
	if n.Ascertained.IsZero() {
		n.Ascertained = c.On
	}
	if n.Verified.IsZero() {
		n.Verified = c.On
	}
	if err := s.checkSpell(&n); err != nil {
		return err
	}
	if err := s.start(tx, a, l, n, c.Seen); err != nil {
		return err
	}
	return s.hold(tx, a.Register, c.YoungPerson, activityFields)
}

// stillSo confirms the current activity for the day of the contact.
func (s *Service) stillSo(tx *db.Tx, a *act.Act, l *life.Life, c *Spoken) error {
	i := l.CurrentSpell(s.Today())
	if i < 0 {
		return field.Errors{{Field: "contact-outcome", Message: "Nothing is held that could be confirmed: select that it has changed, and say what they do"}}
	}
	e, _ := s.Requirement.EditionOn(s.Today().InMonth().End())
	if !e.Tells(l.Spells[i].Is.Activity) {
		return field.Errors{{Field: "contact-outcome", Message: "What is held is that nobody knows: select that it has changed, and say what they do"}}
	}
	if over := s.over(&l.Spells[i], c.On); over != "" {
		return field.Errors{{Field: "contact-outcome", Message: over}}
	}
	return s.confirm(tx, a, l, Still{On: c.On, Review: c.Review, SoOn: c.Now.SoOn}, c.Seen)
}

// over says why what is held cannot be still so on a day: its expected end has
// passed. Confirmed, it would count as not known all the same (nccis.md 6.1).
func (s *Service) over(f *fact.Of[activity.Spell], on civil.Date) string {
	e, _ := s.Requirement.EditionOn(on.InMonth().End())
	end, err := civil.Parse(f.Is.PredictedEnd)
	if err != nil {
		return "" // none, or none that can be read
	}
	if due, ok := e.Lapse(nccis.ActivityFacts{Code: f.Is.Activity, Verified: on, PredictedEnd: end}); !ok || due != end || !end.Before(on) {
		return ""
	}
	return "What is held was to end on " + end.Words() + ", so it cannot be confirmed: say what they do now, or correct when it is expected to end"
}

// confirm says that the current activity was still so on the day.
func (s *Service) confirm(tx *db.Tx, a *act.Act, l *life.Life, still Still, seen id.Act) error {
	i := l.CurrentSpell(s.Today())
	if i < 0 {
		return field.Errors{{Field: "verified", Message: "There is no activity to confirm: record what they are doing"}}
	}
	old := &l.Spells[i]
	if old.KnownFrom != seen {
		return db.Conflict{What: "this young person's activity"}
	}
	var wrong field.Errors
	if checkSoOn(&wrong, still.SoOn, Day(old.Started), s.Today()); len(wrong) > 0 {
		return wrong
	}
	if over := s.over(old, still.On); over != "" {
		return field.Errors{{Field: "verified", Message: over}}
	}
	next, changed := soAlready(*old, still.SoOn)
	if !still.Review.IsZero() && still.Review.String() != old.Is.Review {
		next.Is.Review, changed = still.Review.String(), true
	}
	if changed {
		if err := activity.Spells.Replace(tx, a, old.Version, next); err != nil {
			return err
		}
	}
	return confirmFor(tx, a, l.Person.ID, old.ID, still.On, still.SoOn)
}

// CorrectContact replaces a contact that was recorded wrongly; what followed from
// it is corrected on the activity itself. seen is the version that was shown. It
// needs access.RecordActivity, and returns field.Errors, db.Conflict, db.NotFound
// or act.ErrRepeated.
func (s *Service) CorrectContact(ctx context.Context, by access.Actor, ref id.Ref, which id.Fact, m contact.Made, seen id.Act, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, ref)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RecordActivity, yp, act.Request{Key: key})
		if err != nil {
			return err
		}
		about, err := access.About(tx, by, yp)
		if err != nil {
			return err
		}
		l, err := life.One(tx, by.Register, yp, 0)
		if err != nil {
			return err
		}
		for i := range l.Contacts {
			if l.Contacts[i].ID != which {
				continue
			}
			m.YoungPerson = yp
			if held := l.Contacts[i].Is; !about.Fields(by).Has(access.Notes) { // whoever sees no note writes over none
				m.Note, m.Words, m.NextStep = held.Note, held.Words, held.NextStep
			}
			if err := contact.Correct(tx, a, l.Contacts[i], seen, m); err != nil {
				return err
			}
			return s.Standing.Rewrite(tx, a, yp)
		}
		return db.NotFound
	})
}
