package returns

import (
	"context"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Moment is what somebody asks to know the changes since: the end of a day, or a
// return that was signed.
type Moment struct {
	On civil.Date
	// Return is nil for the end of a day.
	Return *Return
}

// Key names the moment in an address: the day, or the return's reference.
func (m Moment) Key() string {
	if m.Return != nil {
		return string(m.Return.Ref)
	}
	return m.On.String()
}

// Words name the moment after "as known": "on 22 November 2026", "when October
// 2026 was signed".
func (m Moment) Words() string {
	if m.Return != nil {
		return "when " + m.Return.Period.Words() + " was signed"
	}
	return "on " + m.On.Words()
}

// Moments are those that are offered for a month, the first of them unless
// another is asked for: the last working day before today, yesterday, a week
// ago, and the last two returns of these authorities that were signed.
func Moments(list []*Return, period civil.Month, authorities []string, today civil.Date) []Moment {
	yesterday := today.AddDays(-1)
	worked := yesterday
	for worked.Weekday() == time.Saturday || worked.Weekday() == time.Sunday {
		worked = worked.AddDays(-1)
	}
	out := []Moment{{On: worked}}
	if worked != yesterday {
		out = append(out, Moment{On: yesterday})
	}
	out = append(out, Moment{On: today.AddDays(-7)})
	signed := 0
	for _, one := range list { // the latest month first
		if signed < 2 && one.State.Frozen() && !period.Before(one.Period) && slices.Equal(one.Authorities, authorities) {
			signed++
			out = append(out, Moment{Return: one})
		}
	}
	return out
}

// Since tells what differs in a month's return between a moment and now, person
// by person: the same month, stated from what was known then and from what is.
// No authorities are all of the register's. It needs SeeReturn; it returns
// field.Errors ("since") for a day that is not over and act.BeforeBegan for one
// on which nothing was known. Whoever shows the people records the sight.
//
// Only those whom acts have touched since are stated again, so that it takes no
// time on most days; everybody is where a file was loaded in between.
func (s *Service) Since(ctx context.Context, by access.Actor, period civil.Month, authorities []string, m Moment) (*Comparison, error) {
	if today := civil.On(s.DB.Now(), civil.London()); m.Return == nil && !m.On.Before(today) {
		return nil, field.Errors{{Field: "since", Message: "Enter a day before today: what changes is told since its end"}}
	}
	now, err := s.build(ctx, by, period, Options{Authorities: authorities})
	if err != nil {
		return nil, err
	}
	then, err := s.then(ctx, by, now, m)
	if err != nil {
		return nil, err
	}
	veil, err := s.veil(ctx, by)
	if err != nil {
		return nil, err
	}
	c := &Comparison{SamePeriod: true, From: veiledSide(veil, then),
		To: veiledSide(veil, Side{Period: period, Authorities: now.Authorities, KnownAt: now.KnownAt, Rates: now.Totals.Rates, People: now.People})}
	c.differ()
	return c, s.learnShifts(ctx, by, c)
}

// then is a month as it was known at a moment, where now is the same as known now.
func (s *Service) then(ctx context.Context, by access.Actor, now *Draft, m Moment) (Side, error) {
	o := Options{Authorities: now.Authorities, KnownOn: m.On}
	if m.Return != nil {
		o = Options{Authorities: now.Authorities, KnownAt: m.Return.KnownAt}
	}
	b := &builder{s: s, period: now.Period, periodEnd: now.Period.End()}
	var touched []id.YoungPerson
	var known bool
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		err := b.begin(tx, by.Register, o)
		if err != nil {
			return err
		}
		if touched, known, err = touchedSince(tx, by.Register, b.at, now.KnownAt); err != nil || !known {
			return err
		}
		b.reported = now.reported
		return b.restate(tx, touched)
	})
	if err != nil {
		return Side{}, err
	}
	side := Side{Moment: &m, Period: now.Period, Authorities: now.Authorities, KnownAt: b.at}
	if !known {
		d, err := s.build(ctx, by, now.Period, o)
		if err != nil {
			return Side{}, err
		}
		side.Rates, side.People = d.Totals.Rates, d.People
		return side, nil
	}
	b.merge(now, touched)
	b.order()
	count := newCounter(b.edition, b.periodEnd)
	for _, p := range b.people {
		count.person(p)
	}
	side.Rates, side.People = count.Rates, b.people
	return side, nil
}
