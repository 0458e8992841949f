package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/record"
)

// How long a row is held by whoever works it, and for how long an outcome can be
// taken back (ux-security.md screen 10).
const (
	holdFor = 10 * time.Minute
	undoFor = 5 * time.Minute
)

// Held says that somebody else works a row.
type Held struct {
	By    string
	Until time.Time
}

func (h Held) Error() string {
	return h.By + " is working on this row until " + h.Until.In(civil.London()).Format("15:04") + ". Take another, or wait."
}

// Barred says why a row may not be worked now, in words: the rules of the campaign,
// or the young person themselves.
type Barred struct{ Why string }

func (b Barred) Error() string { return b.Why }

// ErrTooLate says that an outcome can no longer be taken back in one press: it was
// saved more than five minutes ago, or by somebody else, or has been built on.
var ErrTooLate = errors.New("this can no longer be taken back here. Correct the contact on the young person's record")

const (
	sqlTake = `UPDATE campaign_row SET worker = $1, worker_name = $2, locked_until = $3 WHERE register = $4 AND campaign = $5 AND young_person = $6`
	sqlFree = `UPDATE campaign_row SET worker = '', worker_name = '', locked_until = '' WHERE register = $1 AND campaign = $2 AND worker = $3 AND young_person <> $4`
	sqlDone = `UPDATE campaign_row SET worker = '', worker_name = '', locked_until = '', last_act = $1, last_by = $2, last_at = $3 WHERE register = $4 AND campaign = $5 AND young_person = $6`
)

// Take gives a row to the actor for ten minutes, and lets go of any other that
// they had in the campaign: nobody sits on two. It returns Held where somebody
// else has it, Barred where the rules let nobody try it now, and db.NotFound.
func (s *Service) Take(ctx context.Context, by access.Actor, ref, person id.Ref) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := s.workable(tx, by, ref)
		if err != nil {
			return err
		}
		r, err := s.row(tx, by, c, person)
		if err != nil {
			return err
		}
		if err := mayTry(tx, c, r); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlTake, by.Ref, by.Name, db.Instant{Time: tx.Now.Add(holdFor)}, int64(by.Register), c.key, int64(r.Person)); err != nil {
			return fmt.Errorf("take a row: %w", err)
		}
		_, err = tx.Exec(sqlFree, int64(by.Register), c.key, by.Ref, int64(r.Person))
		return err
	})
}

// workable is a campaign that the actor may work and that is under way.
func (s *Service) workable(tx *db.Tx, by access.Actor, ref id.Ref) (*Campaign, error) {
	c, err := s.get(tx, by, ref)
	if err == nil && !c.Running() {
		err = Barred{"This campaign is " + map[Stage]string{StageClosed: "closed", StagePlanned: "planned for later"}[c.Stage()] + ": nobody is tried for it now."}
	}
	return c, err
}

// mayTry is nil where the rules let somebody try the row now.
func mayTry(tx *db.Tx, c *Campaign, r *Row) error {
	if r.Worker != "" && !r.Mine {
		return Held{r.Worker, r.Until}
	}
	if r.Due.State != ToDo {
		why := r.Due.Why + "."
		if r.Due.State == Waiting {
			why += " They are tried again from " + r.Due.On.Words() + "."
		}
		return Barred{why}
	}
	if r.Mine { // taken within the hours: what came of it may be saved after them
		return nil
	}
	if open, why := c.Rules.Open(tx.Now); !open {
		return Barred{why}
	}
	return nil
}

// Outcome is what came of trying one row.
type Outcome struct {
	// Outcome is one of contact.Outcomes.
	Outcome string
	// With is contact.Person or the like; "" is worked out from the number.
	With string
	Note string
	// Minutes is how long it took, 0 where nobody said.
	Minutes int64
	// NextOn is a day agreed with them for the next try; none is worked out.
	NextOn civil.Date
	// Seen, Review and Now are as in record.Spoken.
	Seen   id.Act
	Review civil.Date
	Now    record.NewSpell
}

// Save writes what came of a row as one act: the contact on the number that the
// row shows, its evidence, the confirmation or the new activity where it says so,
// and lets go of the row. key is the form's one-use key. It returns field.Errors,
// db.Conflict where somebody else changed the activity, Held, Barred,
// act.ErrRepeated or db.NotFound.
func (s *Service) Save(ctx context.Context, by access.Actor, ref, person id.Ref, o Outcome, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err != nil {
			return err
		}
		yp, err := s.personOf(tx, by, c, person)
		if err != nil {
			return err
		}
		// The act first: a second press is told so, whatever has become of the row.
		a, err := act.Begin(tx, by, access.RecordActivity, yp, act.Request{Key: key})
		if err != nil {
			return err
		}
		if c, err = s.workable(tx, by, ref); err != nil {
			return err
		}
		r, err := s.row(tx, by, c, person)
		if err == nil {
			err = mayTry(tx, c, r)
		}
		if err != nil {
			return err
		}
		if err := s.Record.RecordContacts(tx, a, []record.Spoken{o.spoken(c, r, tx.Now)}); err != nil {
			return err
		}
		_, err = tx.Exec(sqlDone, int64(a.Number), by.Ref, db.Instant{Time: tx.Now}, int64(by.Register), c.key, int64(yp))
		return err
	})
}

// spoken is the outcome as a contact of now.
func (o Outcome) spoken(c *Campaign, r *Row, now time.Time) record.Spoken {
	wall := now.In(civil.London())
	m := contact.Made{YoungPerson: r.Person, On: civil.On(now, civil.London()), Contact: contact.Contact{How: contact.Phone, WithWhom: o.With, Outcome: o.Outcome,
		Note: o.Note, Direction: contact.Out, At: wall.Format("15:04"), Minutes: o.Minutes, NextOn: o.NextOn.String(), Behind: contact.Campaign, BehindID: c.key}}
	if n := r.Due.Number; n != nil {
		m.How, m.Reach = n.Channel, n.Fact
		if m.WithWhom == "" && n.Whose != "" {
			m.WithWhom, m.SaidBy = contact.Family, "their "+n.Whose
		}
	}
	if m.WithWhom == "" {
		m.WithWhom = contact.Person
	}
	return record.Spoken{Made: m, Seen: o.Seen, Review: o.Review, Now: o.Now}
}

// personOf is the key of a row's young person, where the actor may know of them.
func (s *Service) personOf(tx *db.Tx, by access.Actor, c *Campaign, person id.Ref) (id.YoungPerson, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	var yp id.YoungPerson
	if err := tx.QueryRow(sqlRowOf, int64(by.Register), c.key, string(person)).Scan((*int64)(&yp)); err != nil {
		return 0, noRow(err)
	}
	return yp, veil.Refuses(yp)
}

const sqlForget = `UPDATE campaign_row SET last_act = 0, last_by = '', last_at = '' WHERE register = $1 AND campaign = $2 AND young_person = $3`

// Undo takes back what the actor saved of a row in the last five minutes: the
// contact, and the confirmation or the activity that followed from it, by an act of
// its own. The row is theirs again. It returns ErrTooLate, act.ErrRepeated or
// db.NotFound.
func (s *Service) Undo(ctx context.Context, by access.Actor, ref, person id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		c, err := s.get(tx, by, ref)
		if err != nil {
			return err
		}
		r, err := s.row(tx, by, c, person)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RecordActivity, r.Person, act.Request{Key: key, Reason: "took back what was saved in a campaign", Undoes: r.lastAct})
		if err != nil {
			return err
		}
		if r.Undo.IsZero() {
			return ErrTooLate
		}
		for _, t := range []fact.Shape{contact.Contacts.Shape(), activity.Spells.Shape(), activity.Verifications.Shape()} {
			built := false
			if err := t.BuiltOn(tx, by.Register, r.lastAct, func(yp id.YoungPerson) { built = built || yp == r.Person }); err != nil {
				return err
			}
			if built {
				return ErrTooLate
			}
			if _, _, err := t.Undo(tx, a, r.lastAct); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(sqlForget, int64(by.Register), c.key, int64(r.Person)); err != nil {
			return fmt.Errorf("take back an outcome: %w", err)
		}
		return s.Record.Standing.Rewrite(tx, a, r.Person)
	})
}
