package due

import (
	"time"

	"waymark/internal/civil"
	"waymark/internal/life"
	"waymark/internal/register"
	"waymark/internal/report"
)

// Spell is a stretch of days on which one young person was NEET. Open says that it
// had not ended on the last day that was looked at.
type Spell struct {
	From, To civil.Date
	Open     bool
}

// Days is how many they are.
func (s Spell) Days() int { return s.To.DaysSince(s.From) + 1 }

// OwnDays is how long one young person was NEET from the 1 September after Year 11
// on, while they were of academic age 16 or 17 and in the figures.
type OwnDays struct {
	From, To               civil.Date
	Counted, NEET, Unknown int
	Spells                 []Spell
}

// OwnDaysNEET counts the days of one life up to a day, by the rule of DaysNEET; it
// is false where no day is counted. Whoever asks has made sure that the reader may
// see the life.
func (s *Service) OwnDaysNEET(reg register.Register, l *life.Life, upTo civil.Date) (OwnDays, bool) {
	p := life.InForce(l.Particulars, upTo)
	if p == nil {
		return OwnDays{}, false
	}
	born, err := civil.Parse(p.Is.DOB)
	if err != nil {
		return OwnDays{}, false
	}
	first := upTo.AcademicYear()
	for civil.AcademicAge(born, first.Start()) > 16 {
		first--
	}
	out := OwnDays{From: civil.Must(int(first), time.September, 1), To: upTo}
	if last := out.From.AddMonths(24).AddDays(-1); last.Before(upTo) {
		out.To = last
	}
	o := newOutlook(reg, report.NewDays(reg, s.Requirement), 0, out.From, out.To)
	c := o.draw(l).course
	spent := c.spent(out.From, out.To)
	out.Counted, out.NEET, out.Unknown = spent.counted, spent.neet, spent.unknown
	c.each(out.From, out.To, func(from, to civil.Date, st stands) {
		if st&isNEET == 0 {
			return
		}
		if n := len(out.Spells); n > 0 && out.Spells[n-1].To.AddDays(1) == from {
			out.Spells[n-1].To = to
		} else {
			out.Spells = append(out.Spells, Spell{From: from, To: to})
		}
	})
	if n := len(out.Spells); n > 0 {
		out.Spells[n-1].Open = out.Spells[n-1].To == out.To && out.To == upTo
	}
	return out, out.Counted > 0
}
