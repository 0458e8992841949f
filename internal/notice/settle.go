package notice

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// Pressed is what every step of a notice needs: the version that the page showed
// and the one-use key.
type Pressed struct {
	Seen id.Act
	Key  string
}

// step does one thing with a notice as one act: it is read, held against what
// the page showed, and kept with what do has changed.
func (s *Service) step(ctx context.Context, by access.Actor, action access.Action, ref id.Ref, p Pressed, evidence *act.Evidence, do func(tx *db.Tx, a *act.Act, n *Notice) (what string, err error)) error {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	step := func(tx *db.Tx) error { return s.stepIn(tx, by, action, ref, p, evidence, do) }
	code, err := s.handedBy(ctx, by, ref)
	if err != nil {
		return err
	}
	if code != "" {
		if err := s.inBoth(ctx, by, ref, code, step); !errors.Is(err, db.NotFound) {
			return err
		}
	}
	return s.DB.InTx(ctx, step)
}

func (s *Service) stepIn(tx *db.Tx, by access.Actor, action access.Action, ref id.Ref, p Pressed, evidence *act.Evidence, do func(tx *db.Tx, a *act.Act, n *Notice) (string, error)) error {
	n, err := s.visible(tx, by, ref)
	if err != nil {
		return err
	}
	if evidence != nil {
		told := *evidence
		from, err := organisation(tx, by.Register, n.Organisation, n.Institution)
		if err != nil {
			return err
		}
		told.Kind, told.SaidBy, told.ReceivedOn = act.EnrolmentList, n.Institution+", notice "+n.Stamp, dayOf(n.ReceivedAt)
		if from.Kind == "school" {
			told.Kind = act.SchoolList
		}
		evidence = &told
	}
	a, err := act.Begin(tx, by, action, n.Person, act.Request{Reason: n.Stamp, Key: p.Key, Evidence: evidence})
	if err != nil {
		return err
	}
	if n.Version != p.Seen {
		return db.Conflict{What: "this notice"}
	}
	if n.State.Over() {
		return field.Errors{{Field: "act", Message: "This notice is over: " + n.Outcome}}
	}
	what, err := do(tx, a, n)
	if err != nil {
		return err
	}
	return put(tx, a, n, what)
}

// visible is a notice that the actor may know of; ErrLocked where they may know
// no more than that there is one.
func (s *Service) visible(tx *db.Tx, by access.Actor, ref id.Ref) (*Notice, error) {
	n, err := one(tx, by.Register, "n.ref = $1", string(ref))
	if err != nil {
		return nil, err
	}
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	return n, veil.Refuses(n.Person)
}

// Meet says who a notice is about, as somebody has decided. It needs
// access.SettleNotice; db.NotFound is that there is no such young person.
func (s *Service) Meet(ctx context.Context, by access.Actor, ref, person id.Ref, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		who, until, err := youngperson.AnyRef(tx, by.Register, person)
		if err == nil && until != 0 {
			err = db.NotFound
		}
		if err != nil {
			return "", err
		}
		about, err := access.About(tx, by, who.ID)
		if err != nil {
			return "", err
		}
		if access.Decide(by, access.SettleNotice, about) != nil {
			return "", db.NotFound
		}
		lead := ""
		if err := tx.QueryRow(sqlLeadLA, int64(by.Register), int64(who.ID)).Scan(&lead); err != nil {
			return "", fmt.Errorf("read whose the young person is: %w", err)
		}
		n.Person, n.MetBy = who.ID, by.Name+" said so"
		return "Said who it is about", s.toNext(tx, by.Register, n, lead)
	})
}

// Apart takes back who a notice is about: it waits for somebody to say. It needs
// access.SettleNotice.
func (s *Service) Apart(ctx context.Context, by access.Actor, ref id.Ref, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		n.Person, n.MetBy, n.State, n.HomeLA = 0, "", ToFind, ""
		return "Said that it is about somebody else", s.setDue(tx, by.Register, n)
	})
}

// Follows is what settling a notice would do to the record, for the page that
// asks. It needs access.SettleNotice.
func (s *Service) Follows(ctx context.Context, by access.Actor, ref id.Ref, to string) (left record.Left, err error) {
	err = s.read(ctx, by, access.SettleNotice, func(tx *db.Tx) error {
		n, err := s.visible(tx, by, ref)
		if err != nil || n.Person == 0 {
			return errors.Join(err, onlyIf(n != nil && n.Person == 0, db.NotFound))
		}
		l, err := life.One(tx, by.Register, n.Person, 0)
		if err != nil {
			return err
		}
		leaving, err := s.leaving(tx, by.Register, n, to)
		left = s.Record.Leaves(l, leaving)
		return err
	})
	return left, err
}

func onlyIf(holds bool, err error) error {
	if holds {
		return err
	}
	return nil
}

// Settle does what follows from a notice, as one act on its evidence: whoever has
// left is closed where they were, and what they do since is the code to, or not
// known where that is ""; whoever is still there is confirmed. Nothing is done
// twice. It needs access.SettleNotice and returns field.Errors.
func (s *Service) Settle(ctx context.Context, by access.Actor, ref id.Ref, to string, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, &act.Evidence{}, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		if n.State != ToSettle || n.Person == 0 {
			return "", field.Errors{{Field: "act", Message: "Say first who the notice is about"}}
		}
		switch n.Kind {
		case Left:
			leaving, err := s.leaving(tx, by.Register, n, to)
			if err != nil {
				return "", err
			}
			left, err := s.Record.RecordLeft(tx, a, n.Person, leaving)
			switch {
			case err != nil:
				return "", err
			case left.Known:
				n.Outcome = "The register knew already"
			case left.Opens == "":
				n.Outcome = "What they did there is closed; what they do since was held"
			default:
				n.Outcome = "What they did there is closed; what they do since is recorded (" + left.Opens + ")"
			}
		case Staying:
			if err := s.Record.RecordStaying(tx, a, n.Person, dayOf(n.ReceivedAt)); err != nil {
				return "", err
			}
			n.Outcome = "What they do is confirmed"
		default:
			return "", field.Errors{{Field: "outcome", Message: "Say how the worry ended"}}
		}
		n.State, n.Due = Settled, civil.Date{}
		return n.Outcome, nil
	})
}

// Plan says who will act on a notice of risk, and by which day. It needs
// access.SettleNotice and returns field.Errors.
func (s *Service) Plan(ctx context.Context, by access.Actor, ref id.Ref, who string, until civil.Date, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		today := civil.On(tx.Now, civil.London())
		var wrong field.Errors
		if n.Kind != Risk {
			wrong.Add("act", "Only a notice of risk says who will act")
		}
		if who == "" || len([]rune(who)) > mostWords {
			wrong.Add("who-acts", fmt.Sprintf("Enter who will act, in %d letters or fewer", mostWords))
		}
		if until.IsZero() || until.Before(today) || until.DaysSince(today) > 366 {
			wrong.Add("act-by", "Enter the day by which they will act, from today to a year from now")
		}
		if err := wrong.Err(); err != nil {
			return "", err
		}
		n.WhoActs, n.ActBy = who, until
		return "Said who will act, and by when", s.setDue(tx, by.Register, n)
	})
}

// Close ends a notice from which nothing follows on the record, and says why.
// What was sent by mistake is erased. It needs access.SettleNotice and returns
// field.Errors.
func (s *Service) Close(ctx context.Context, by access.Actor, ref id.Ref, outcome string, p Pressed) error {
	return s.step(ctx, by, access.SettleNotice, ref, p, nil, func(tx *db.Tx, a *act.Act, n *Notice) (string, error) {
		if !knownOutcome(n.Kind, outcome) {
			return "", field.Errors{{Field: "outcome", Message: "Select how it ended"}}
		}
		n.State, n.Outcome, n.Due = Closed, outcome, civil.Date{}
		if outcome == ByMistake {
			n.Person, n.MetBy = 0, ""
			if _, err := tx.Exec(sqlForget, int64(by.Register), n.Key); err != nil {
				return "", fmt.Errorf("erase what was sent by mistake: %w", err)
			}
		}
		return outcome, nil
	})
}
