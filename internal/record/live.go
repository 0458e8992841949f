package record

import (
	"context"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/nccis"
	"waymark/internal/register"
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
// day, if nothing more is recorded: today, or the end of the month. It reads
// the standings, so that it may be asked at any moment; the return itself,
// stated from the facts, says the same. It needs access.SeeFigures.
func (s *Service) Live(ctx context.Context, by access.Actor, on civil.Date) (Live, error) {
	if err := access.Decide(by, access.SeeFigures, access.Subject{Register: by.Register}); err != nil {
		return Live{}, err
	}
	var out Live
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		e, _ := s.Requirement.WithInvented(book.Invented()).EditionOn(on.InMonth().End())
		var w db.Where
		w.And("s.register = $1", int64(by.Register))
		inRates(&w, on)
		day := w.Param(on.String())
		rows, err := tx.Query("SELECT s.activity, CASE WHEN s.lapses_on < "+day+" THEN 1 ELSE 0 END, count(*) FROM standing s"+w.SQL()+" GROUP BY 1, 2", w.Args...)
		if err != nil {
			return fmt.Errorf("count the standings: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var activity string
			var lapsed, n int
			if err := rows.Scan(&activity, &lapsed, &n); err != nil {
				return fmt.Errorf("count the standings: %w", err)
			}
			out.Add(e.StatusOn(activity, on.AddDays(-lapsed), on), n)
		}
		return rows.Err()
	})
	return out, err
}

// inRates is who has cohort status P and is of academic age 16 or 17 on the
// day, as nccis.CohortOn decides: led here, and not stated otherwise for this
// academic year.
func inRates(w *db.Where, on civil.Date) {
	year := on.AcademicYear()
	w.And("s.dob >= $1 AND s.dob <= $2", civil.Must(int(year)-18, time.September, 1).String(), civil.Must(int(year)-16, time.August, 31).String())
	w.And("EXISTS (SELECT 1 FROM register_authority ra WHERE ra.register = s.register AND ra.la_code = s.lead_la)")
	// A G goes on until the guarantee's last return in October.
	lastG := year.Start()
	if !on.After(civil.Must(int(year), time.October, 31)) {
		lastG = (year - 1).Start()
	}
	w.And(`s.cohort_status IN ('', 'P') OR s.stated_on > $1
		OR (s.cohort_status NOT IN ('A', 'T', 'E', 'M', 'D', 'L', 'X', 'G') AND s.stated_on < $2)
		OR (s.cohort_status = 'G' AND s.stated_on < $3)`, on.String(), year.Start().String(), lastG.String())
}

// InRates says that a record of the month counts in the Department's rates of
// academic age 16 and 17, wherever it stands.
func InRates(r *nccis.Record, on civil.Date) bool {
	age := civil.AcademicAge(day(r.Get(nccis.DOB)), on)
	return r.Get(nccis.CohortStatus) == "P" && (age == 16 || age == 17)
}

// day is a date as it stands on a record; none where it cannot be read.
func day(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		return civil.Date{}
	}
	return d
}
