package record

import (
	"context"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// Live is what the return would say of academic age 16 and 17 (nccis.md 11.1).
// Cohort leaves out young adults in custody.
type Live struct{ Cohort, EET, NEET, NotKnown int }

// Combined is NEET and not known together.
func (l Live) Combined() int { return l.NEET + l.NotKnown }

// Add counts n more (or fewer) who stand so.
func (l *Live) Add(stands nccis.Status, n int) {
	switch stands {
	case nccis.OutOfRates:
		return
	case nccis.EET:
		l.EET += n
	case nccis.NEET:
		l.NEET += n
	case nccis.NotKnown:
		l.NotKnown += n
	}
	l.Cohort += n
}

// Live counts the register as known now by where its young people stand on a
// day, if nothing more is recorded: today, or the end of the month. It looks
// down the roll, so that it may be asked at any moment; the return itself,
// stated from the facts, says the same. It needs access.SeeFigures.
func (s *Service) Live(ctx context.Context, by access.Actor, on civil.Date) (Live, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return Live{}, err
	}
	var book register.Register
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		book, err = register.Of(tx, by.Register)
		return err
	})
	if err != nil {
		return Live{}, err
	}
	e, _ := s.Requirement.WithInvented(book.Invented()).EditionOn(on.InMonth().End())
	roll, release, err := s.Rolls.Now(ctx, by.Register)
	if err != nil {
		return Live{}, err
	}
	defer release()
	// Of each activity, how many have lapsed on the day and how many have not.
	counts := make([][2]int, roll.Words())
	in := inRates(roll, book.Book(), on)
	roll.Each(func(l *standing.Line) {
		if in(l) {
			lapsed := 0
			if !l.LapsesOn.IsZero() && l.LapsesOn.Before(on) {
				lapsed = 1
			}
			counts[l.Activity][lapsed]++
		}
	})
	var out Live
	for w, n := range counts {
		for lapsed := range n {
			if n[lapsed] > 0 {
				out.Add(e.StatusOn(roll.Text(standing.Word(w)), on.AddDays(-lapsed), on), n[lapsed])
			}
		}
	}
	return out, nil
}

// inRates is who has cohort status P and is of academic age 16 or 17 on the
// day, as nccis.CohortOn decides: led here, and not stated otherwise for this
// academic year.
func inRates(roll *standing.Roll, book register.Book, on civil.Date) func(*standing.Line) bool {
	year := on.AcademicYear()
	oldest, youngest := civil.Must(int(year)-18, time.September, 1), civil.Must(int(year)-16, time.August, 31)
	// A G goes on until the guarantee's last return in October.
	lastG := year.Start()
	if !on.After(civil.Must(int(year), time.October, 31)) {
		lastG = (year - 1).Start()
	}
	// until is the day before which a status must have been stated to give way
	// to age; no date where it never does.
	led, plain, until := make([]bool, roll.Words()), make([]bool, roll.Words()), make([]civil.Date, roll.Words())
	for w := range led {
		text := roll.Text(standing.Word(w))
		led[w] = book.Authorities[text]
		plain[w] = text == "" || text == "P"
		switch text {
		case "A", "T", "E", "M", "D", "L", "X":
		case "G":
			until[w] = lastG
		default:
			until[w] = year.Start()
		}
	}
	return func(l *standing.Line) bool {
		if l.Born.Before(oldest) || l.Born.After(youngest) || !led[l.Lead] {
			return false
		}
		return plain[l.Cohort] || l.StatedOn.After(on) || !l.StatedOn.IsZero() && l.StatedOn.Before(until[l.Cohort])
	}
}

// InRates says that a record of the month counts in the Department's rates of
// academic age 16 and 17, wherever it stands.
func InRates(r *nccis.Record, on civil.Date) bool {
	age := civil.AcademicAge(Day(r.Get(nccis.DOB)), on)
	return r.Get(nccis.CohortStatus) == "P" && (age == 16 || age == 17)
}

// Day is a date as it stands on a record; none where it cannot be read.
func Day(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		return civil.Date{}
	}
	return d
}
