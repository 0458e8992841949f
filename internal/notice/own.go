package notice

import (
	"context"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/sharing"
)

// Receipt is what a sender is told of its notice: what it sent, when we had it,
// and whether we are done with it. Whether the young person is known here, and
// where they live, it does not tell.
type Receipt struct {
	Stamp      string
	Kind       Kind
	Given      string
	Family     string
	TheirRef   string
	LeftOn     civil.Date
	Reasons    string
	Channel    string
	ReceivedAt time.Time
	SenderName string
	ActBy      civil.Date
	WhoActs    string
	// NoDestination says that the sender may still tell where they went.
	NoDestination bool
	Done          bool
}

// State is the receipt's state in words.
func (r Receipt) State() string {
	if r.Done {
		return "dealt with"
	}
	return "received"
}

func receiptOf(n *Notice) Receipt {
	return Receipt{Stamp: n.Stamp, Kind: n.Kind, Given: n.Given, Family: n.Family, TheirRef: n.TheirRef, LeftOn: n.LeftOn, Reasons: n.ReasonWords(), Channel: n.Channel,
		ReceivedAt: n.ReceivedAt, SenderName: n.SenderName, ActBy: n.ActBy, WhoActs: n.WhoActs, NoDestination: n.Kind == Left && n.Destination == "", Done: n.State.Over()}
}

// Mine are the receipts of the notices of a kind that the actor's organisation
// has sent, the last first, at most limit of them. It needs access.SendNotice, and
// returns sharing.NotInForce. It tells a sender only what the sender said.
func (s *Service) Mine(ctx context.Context, by access.Actor, k Kind, limit int) (out []Receipt, err error) {
	err = s.ofSender(ctx, by, func(tx *db.Tx, asking sharing.Asking) error {
		all, err := notices(tx, by.Register, byLast, "n.organisation = $1 AND n.kind = $2", int64(asking.Organisation.Key), string(k))
		out = nil
		for _, n := range all[:min(limit, len(all))] {
			out = append(out, receiptOf(n))
		}
		return err
	})
	return out, err
}

// Receipt is the receipt of one notice by its stamp, or db.NotFound where the
// actor's organisation has sent none of that stamp. It needs access.SendNotice and
// returns sharing.NotInForce.
func (s *Service) Receipt(ctx context.Context, by access.Actor, stamp string) (out Receipt, err error) {
	err = s.ofSender(ctx, by, func(tx *db.Tx, asking sharing.Asking) error {
		n, err := one(tx, by.Register, "n.organisation = $1 AND n.stamp = $2", int64(asking.Organisation.Key), strings.ToUpper(strings.TrimSpace(stamp)))
		if err == nil {
			out = receiptOf(n)
		}
		return err
	})
	return out, err
}

// ofSender reads for whoever asks for an organisation, and records that they
// looked at what they had sent.
func (s *Service) ofSender(ctx context.Context, by access.Actor, fn func(*db.Tx, sharing.Asking) error) error {
	err := s.read(ctx, by, access.SendNotice, func(tx *db.Tx) error {
		asking, err := sharing.Asks(tx, by)
		if err != nil {
			return err
		}
		return fn(tx, asking)
	})
	if err != nil {
		return err
	}
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.SendNotice, Page: "own notices"})
}

// askBefore is how many days before a confirmation lapses the institution is
// asked whether they are still there.
const askBefore = 30

const sqlUnanswered = `s.lapses_on IS NOT NULL AND s.lapses_on <= $1 AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.register = s.register AND n.young_person = s.young_person
	AND n.organisation = $2 AND n.kind IN ('left', 'staying') AND (n.state IN ('to find', 'to settle', 'to send on', 'sent on') OR n.received_at >= $3))`

// Unanswered are the actor's own people of whom nobody has heard for so long that
// what they do is about to count as not known, soonest first: the institution is
// asked whether they are still there. Whoever it has answered about since then is
// left out. It needs access.SendNotice.
func (s *Service) Unanswered(ctx context.Context, by access.Actor, limit int) (rows []record.Row, total int, err error) {
	var people []id.YoungPerson
	err = s.read(ctx, by, access.SendNotice, func(tx *db.Tx) error {
		people = nil
		asking, err := sharing.Asks(tx, by)
		if err != nil {
			return err
		}
		today := civil.On(tx.Now, civil.London())
		var w db.Where
		w.And(sqlUnanswered, today.AddDays(askBefore).String(), int64(asking.Organisation.Key), db.Instant{Time: tx.Now.AddDate(0, 0, -askBefore)})
		// Whoever is older than academic age 18 stands in no return but with a plan.
		w.And("s.dob >= $1", civil.Must(int(today.AcademicYear())-19, 9, 1).String())
		people, err = sharing.Theirs(tx, by, w, " ORDER BY s.lapses_on, s.family_key, s.given_key, s.young_person")
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	rows, err = s.Record.Some(ctx, by, people[:min(limit, len(people))], "who needs an answer")
	return rows, len(people), err
}
