package notice

import (
	"context"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/register"
)

const sqlSetFrom = `UPDATE notice SET from_la = $1 WHERE register = $2 AND id = $3 AND from_la = ''`

// handedBy is the authority of this house that handed a notice over, "" where
// none did.
func (s *Service) handedBy(ctx context.Context, by access.Actor, ref id.Ref) (code string, err error) {
	if s.Border == nil {
		return "", nil
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		n, err := s.visible(tx, by, ref)
		if err == nil {
			code = n.FromLA
		}
		return err
	})
	return code, err
}

// inBoth runs a step of a notice that another authority of this house handed over,
// and tells that one in the same moment where the step ends the notice. It returns
// db.NotFound where that authority is in this house no more, or the notice is none
// of the actor's.
func (s *Service) inBoth(ctx context.Context, by access.Actor, ref id.Ref, code string, step func(*db.Tx) error) error {
	return s.Border.Settle(ctx, code, func(tx *db.Tx, from id.Register) error {
		if err := step(tx); err != nil {
			return err
		}
		n, err := one(tx, by.Register, "n.ref = $1", string(ref))
		if err != nil || !n.State.Over() {
			return err
		}
		return s.answer(tx, by, from, n)
	})
}

// answer tells the authority from which a notice came that we have dealt with it:
// that alone, and not what followed, nor whether we knew them.
func (s *Service) answer(tx *db.Tx, by access.Actor, to id.Register, n *Notice) error {
	theirs, err := one(tx, to, "n.stamp_there = $1", n.Stamp)
	if errors.Is(err, db.NotFound) {
		return nil // it has been erased there
	}
	if err != nil {
		return err
	}
	there, err := neighbour(tx, by, to)
	if err != nil {
		return err
	}
	a, err := act.Begin(tx, there, access.SendNotice, 0, act.Request{Reason: theirs.Stamp + ": authority " + theirs.HomeLA + " has dealt with it"})
	if err != nil {
		return fmt.Errorf("tell the other authority: %w", err)
	}
	theirs.Outcome = theirs.handed() + ", and dealt with on " + civil.On(tx.Now, civil.London()).Words()
	return put(tx, a, theirs, "Authority "+theirs.HomeLA+" has dealt with it")
}

// neighbour is who acts in another register of this house for ours.
func neighbour(tx *db.Tx, by access.Actor, to id.Register) (access.Actor, error) {
	ours, err := register.Of(tx, by.Register)
	return access.Actor{Register: to, Ref: "register:" + string(ours.Ref), Name: ours.Name, Roles: []access.Role{access.Partner}, Request: by.Request, Today: by.Today, Now: by.Now}, err
}

// handed is how a notice ended that another authority of this house has now.
func (n *Notice) handed() string {
	return "Handed to authority " + n.HomeLA + ", where it is " + n.StampThere
}
