package returns

import (
	"context"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/register"
)

// Due is the day by which a month's return is to be sent. The Department's
// timetable is not published; the 9th of the next month is a date seen in use
// (nccis.md 9).
func Due(m civil.Month) civil.Date { return m.Add(1).First().AddDays(8) }

// Next is the month whose return is to be sent next: the last one that has
// ended, or the one under way where that was sent for every authority of the
// register.
func Next(list []*Return, codes []string, today civil.Date) civil.Month {
	month := DefaultPeriod(today)
	sent := map[string]bool{}
	for _, r := range list {
		if r.Period == month && (r.State == Sent || r.State == Accepted) {
			for _, code := range r.Authorities {
				sent[code] = true
			}
		}
	}
	for _, code := range codes {
		if !sent[code] {
			return month
		}
	}
	return month.Add(1)
}

// Kept is the draft of a month that stands in memory for all authorities of
// the register, as it was when somebody last asked for it, or nil. It needs
// SeeReturn. Home pages use it, because it takes no time.
func (s *Service) Kept(ctx context.Context, by access.Actor, period civil.Month) (*Draft, error) {
	if err := access.Decide(by, access.SeeReturn, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var r register.Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, err = register.Of(tx, by.Register)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, by, s.keptDraft(draftKey{by.Register, period, strings.Join(r.Codes(), " ")}))
}

// Figures are the totals of the returns that were sent, the latest month
// first. It needs SeeFigures and tells of nobody in particular.
func (s *Service) Figures(ctx context.Context, by access.Actor) ([]*Return, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []*Return
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1 AND state IN ('sent', 'accepted')", int64(by.Register))
		var err error
		out, err = stored(tx, w)
		return err
	})
	return out, err
}
