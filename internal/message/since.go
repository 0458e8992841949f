package message

import (
	"context"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/notify"
)

// Why a message that was asked for does not go by itself any more. Whoever may
// still write to the young person asks for it anew.
const (
	ProtectedSince = "their address has been protected since it was asked for"
	ClosedSince    = "their record has been restricted since it was asked for"
)

// sqlSince are the restrictions that began after a batch was asked for.
const sqlSince = `SELECT r.kind FROM restriction r JOIN message_batch b ON b.register = r.register AND b.ref = $3
	WHERE r.register = $1 AND r.young_person = $2 AND r.known_to IS NULL AND r.known_from > b.known_from`

// restrictedSince says why a message may not go that was asked for before a
// restriction began: whoever asked might not be let to ask now. "" is that it may.
func restrictedSince(tx *db.Tx, r id.Register, yp id.YoungPerson, m *one) (string, error) {
	kinds, err := db.Values[access.Kind](tx, sqlSince, int64(r), int64(yp), string(m.batch))
	if err != nil {
		return "", fmt.Errorf("read what has been restricted since: %w", err)
	}
	why := ""
	for _, k := range kinds {
		switch {
		case k != access.ProtectedAddress:
			return ClosedSince, nil
		case m.channel == string(notify.Letter):
			why = ProtectedSince
		}
	}
	return why, nil
}

// A letter that was stopped is shown until another was asked for, or for a month.
const (
	stoppedDays = 30
	sqlStopped  = `m.state = 'stopped' AND m.channel = 'letter' AND m.why IN ($1, $2) AND m.settled_at > $3
		AND EXISTS (SELECT 1 FROM restriction x WHERE x.register = m.register AND x.young_person = m.young_person AND x.known_to IS NULL)
		AND NOT EXISTS (SELECT 1 FROM message later WHERE later.register = m.register AND later.young_person = m.young_person AND later.channel = m.channel AND later.id > m.id)`
)

// StoppedLetters are the letters of the last 30 days that a restriction has
// stopped, to those whose address the actor may see: they decide whether one is
// sent. It needs access.SeePerson and records who was shown.
func (s *Service) StoppedLetters(ctx context.Context, by access.Actor) (out []Row, err error) {
	out, err = s.stopped(ctx, by)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	people := make([]id.YoungPerson, len(out))
	for i := range out {
		people[i] = out[i].Person
	}
	return out, s.saw(ctx, by, people, "letters that were stopped")
}

// StoppedWait counts StoppedLetters, and shows nobody. It needs access.SeePerson.
func (s *Service) StoppedWait(ctx context.Context, by access.Actor) (int, error) {
	all, err := s.stopped(ctx, by)
	return len(all), err
}

func (s *Service) stopped(ctx context.Context, by access.Actor) (out []Row, err error) {
	if err := access.Decide(by, access.SeePerson, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	return out, s.DB.Read(ctx, func(tx *db.Tx) error {
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("m.register = $1", int64(by.Register))
		w.And(sqlStopped, ProtectedSince, ClosedSince, db.Instant{Time: tx.Now.AddDate(0, 0, -stoppedDays)})
		all, err := messages(tx, w, " ORDER BY m.id")
		if err != nil {
			return err
		}
		rows, err := asRows(tx, by, all)
		out = nil
		for _, r := range rows {
			if !r.Locked && !veil.Protects(r.Person) && veil.Glass(r.Person).IsZero() {
				out = append(out, r)
			}
		}
		return err
	})
}
