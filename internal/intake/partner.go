package intake

import (
	"context"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/sharing"
)

// Own is a partner's own file, as the partner is told of it. Whom its rows met is
// not told: that would say who is known here.
type Own struct {
	Ref      id.Ref
	FileName string
	KindName string
	Received string
	By       string
	AsAt     civil.Date
	State    State
	// Read are the rows that were read, Unusable those of them that could not be.
	Read, Unusable int
	// Message is why it was refused.
	Message string
	// Faulty are the rows that could not be used, with what to do.
	Faulty []RowProblem
}

// Words is the state as a sender is told it.
func (o Own) Words() string {
	switch o.State {
	case Applied:
		return "taken over"
	case Refused:
		return "cannot be read"
	case Cancelled, Undone:
		return "put away"
	case Receiving:
		return "arriving"
	}
	return "waits for a data officer"
}

func ownOf(in *Intake) Own {
	o := Own{Ref: in.Ref, FileName: in.FileName, KindName: in.KindName, Received: civil.On(in.ReceivedAt, civil.London()).Words(), By: in.By, AsAt: in.AsAt, State: in.State,
		Read: in.Counts.Read, Unusable: in.Counts.Unusable}
	if in.State == Refused {
		o.Message = in.Message
	}
	return o
}

// senders are the keys of the senders of the actor's organisation.
func sendersOf(tx *db.Tx, by access.Actor) ([]id.Sender, error) {
	asking, err := sharing.Asks(tx, by)
	if err != nil {
		return nil, err
	}
	return sharing.SendersOf(tx, by.Register, asking.Organisation.Key)
}

// Send receives a file that a partner sends under its agreement: it waits for a
// data officer, who says how it is read and applies it. The sender of the File is
// the organisation's own, whatever it says. It needs access.SendFile, and returns
// sharing.NotInForce, a Refusal, and field.Errors.
func (s *Service) Send(ctx context.Context, by access.Actor, f File) (Own, error) {
	if err := access.Decide(by, access.SendFile, access.Subject{Register: by.Register}); err != nil {
		return Own{}, err
	}
	var mine []id.Sender
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if mine, err = sendersOf(tx, by); err != nil {
			return err
		}
		if len(mine) == 0 {
			return field.Errors{{Field: "file", Message: "No files are taken from your organisation yet. Ask the authority’s data officer to add it as a sender under your agreement"}}
		}
		first, err := senderWhere(tx, by.Register, "id = $1", int64(mine[0]))
		f.Sender = first.Ref
		return err
	})
	if err != nil {
		return Own{}, err
	}
	in, err := s.receive(ctx, by, f)
	if err == nil && !slices.Contains(mine, in.Sender.Key) {
		return Own{}, db.NotFound // a key that is of another's file
	}
	return ownOf(&in), err
}

// Mine are the files of the actor's organisation, the last first. It needs
// access.SendFile and returns sharing.NotInForce.
func (s *Service) Mine(ctx context.Context, by access.Actor) (out []Own, err error) {
	err = s.read(ctx, by, access.SendFile, func(tx *db.Tx) error {
		list, err := ownIntakes(tx, by, nil)
		out = nil
		for i := range list {
			out = append(out, ownOf(&list[i]))
		}
		return err
	})
	return out, err
}

// mostFaulty is how many rows that could not be used are given back at a time.
const mostFaulty = 500

// MineOne is one of the organisation's files with the rows that could not be
// used, or db.NotFound. It needs access.SendFile and returns sharing.NotInForce.
func (s *Service) MineOne(ctx context.Context, by access.Actor, ref id.Ref) (out Own, err error) {
	err = s.read(ctx, by, access.SendFile, func(tx *db.Tx) error {
		list, err := ownIntakes(tx, by, &ref)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return db.NotFound
		}
		out = ownOf(&list[0])
		var w db.Where
		w.And("fatal")
		out.Faulty, err = problems(tx, by.Register, list[0].ID, w, " LIMIT "+w.Param(mostFaulty))
		return err
	})
	if err != nil {
		return out, err
	}
	return out, s.Sights.See(ctx, act.Sight{By: by, Kind: access.SendFile, Page: "own file"})
}

// ownIntakes are the files of the actor's organisation; ref narrows to one.
func ownIntakes(tx *db.Tx, by access.Actor, ref *id.Ref) ([]Intake, error) {
	mine, err := sendersOf(tx, by)
	if err != nil {
		return nil, err
	}
	var w db.Where
	w.And("i.register = $1", int64(by.Register))
	keys := make([]any, len(mine))
	for i, k := range mine {
		keys[i] = int64(k)
	}
	w.In("i.sender", keys...)
	if ref != nil {
		w.And("i.ref = $1", string(*ref))
	}
	return intakes(tx, w, " ORDER BY i.id DESC")
}
