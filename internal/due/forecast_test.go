package due

import (
	"errors"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/youngperson"
)

// plainCount counts a day the slow way, with nothing of the outlook: it states
// each life for that very day.
func plainCount(lives []*life.Life, book register.Book, req *nccis.Requirement, on civil.Date) (c Count) {
	e, _ := req.EditionOn(on.InMonth().End())
	for _, l := range lives {
		v := l.On(book, e, on)
		born, err := civil.Parse(v.Record.Get(nccis.DOB))
		if err != nil || !v.In || v.Record.Get(nccis.CohortStatus) != "P" || !book.Authorities[v.Record.Get(nccis.LeadLEA)] {
			continue
		}
		if age := civil.AcademicAge(born, on); age != 16 && age != 17 {
			continue
		}
		switch v.Status {
		case nccis.OutOfRates:
			continue
		case nccis.NEET:
			c.NEET++
		case nccis.NotKnown:
			c.NotKnown++
		}
		c.Cohort++
	}
	return c
}

func (w *world) then(on civil.Date) (out []*life.Life) {
	w.t.Helper()
	err := w.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		at, err := act.AsKnown(tx, w.reg.ID, on)
		if err != nil {
			return err
		}
		out, err = life.Load(tx, fact.Known{Register: w.reg.ID, At: at})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestForecastIsTheRecordOfThatDay(t *testing.T) {
	invented(t, func(w *world) {
		lives := w.lives(civil.Date{})
		for _, to := range []civil.Date{w.on, w.on.AddDays(1), w.on.InMonth().End(), w.on.AddDays(37), w.on.AddDays(120), civil.Must(2027, 8, 31), civil.Must(2027, 9, 1), civil.Must(2027, 10, 31)} {
			f, err := w.Forecast(t.Context(), w.by, Asked{To: to})
			if err != nil {
				t.Fatal(err)
			}
			if want := plainCount(lives, w.reg.Book(), w.Requirement, to); f.Nothing != want {
				t.Errorf("%s: the forecast says %+v, the records %+v", to, f.Nothing, want)
			}
			if want := plainCount(lives, w.reg.Book(), w.Requirement, w.on); f.Today != want || want.NEET*want.NotKnown == 0 {
				t.Errorf("today: the forecast says %+v, the records %+v", f.Today, want)
			}
			if f.Nothing.NotKnown != f.Due+f.Unknown || f.Confirmed.NotKnown != f.Unknown {
				t.Errorf("%s: %d lapse and %d are not known already, of %+v; confirmed %+v", to, f.Due, f.Unknown, f.Nothing, f.Confirmed)
			}
			if f.Nothing.Cohort != f.Today.Cohort+f.Entering-f.Leaving {
				t.Errorf("%s: %d enter and %d leave between %+v and %+v", to, f.Entering, f.Leaving, f.Today, f.Nothing)
			}
			sum := Share{}
			for _, g := range f.ByAdviser {
				sum.Due, sum.Unknown, sum.Nothing.NEET = sum.Due+g.Due, sum.Unknown+g.Unknown, sum.Nothing.NEET+g.Nothing.NEET
			}
			if sum.Due != f.Due || sum.Unknown != f.Unknown || sum.Nothing.NEET != f.Nothing.NEET {
				t.Errorf("%s: the advisers come to %+v, all to %d and %d of %+v", to, sum, f.Due, f.Unknown, f.Nothing)
			}
			if last := f.Course[len(f.Course)-1]; last.On != to || last.Nothing != f.Nothing || last.Confirmed != f.Confirmed {
				t.Errorf("%s: the course ends with %+v", to, last)
			}
		}
	})
}

// TestLiveIsTheFigures holds that what the outlook says of the ends of months
// is what the figures say.
func TestLiveIsTheFigures(t *testing.T) {
	invented(t, func(w *world) {
		figures := &report.Service{DB: w.DB, Requirement: w.Requirement, Sights: w.Sights}
		defer figures.Close()
		for back := range 8 {
			m := w.on.InMonth().Add(-back)
			r, err := figures.Run(t.Context(), w.by, report.Question{Periods: []report.Period{report.Month(m)}, By: []string{"all"}})
			if err != nil {
				t.Fatal(err)
			}
			live, err := w.Live(t.Context(), w.by, m.End())
			if err != nil {
				t.Fatal(err)
			}
			neet, _ := r.Row(report.Month(m), "neet", report.All)
			unknown, _ := r.Row(report.Month(m), "not_known", report.All)
			if live != (Count{neet.Among(), neet.People(), unknown.People()}) {
				t.Errorf("%s: live says %+v, the figures %d and %d of %d", m, live, neet.People(), unknown.People(), neet.Among())
			}
		}
	})
}

func TestForecastFollowsEachAct(t *testing.T) {
	invented(t, func(w *world) {
		before, err := w.Forecast(t.Context(), w.by, Asked{})
		if err != nil {
			t.Fatal(err)
		}
		var some []id.YoungPerson
		for _, l := range w.lives(civil.Date{}) {
			if plainCount([]*life.Life{l}, w.reg.Book(), w.Requirement, w.on).NotKnown == 1 {
				some = append(some, l.Person.ID)
			}
		}
		err = w.DB.InTx(t.Context(), func(tx *db.Tx) error {
			for _, yp := range some[:2] {
				a, err := act.Begin(tx, w.by, access.RecordActivity, yp, act.Request{Evidence: &act.Evidence{Kind: act.Telephone}})
				if err != nil {
					return err
				}
				spell, err := activity.Spells.New(tx, a, yp, w.on.String(), activity.Spell{Activity: "330"})
				if err != nil {
					return err
				}
				if _, err := activity.Verifications.New(tx, a, yp, "", activity.Verification{Spell: spell.ID, Verified: w.on.String()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		after, err := w.Forecast(t.Context(), w.by, Asked{})
		if err != nil {
			t.Fatal(err)
		}
		if want := plainCount(w.lives(civil.Date{}), w.reg.Book(), w.Requirement, after.To); after.Nothing != want || after.Nothing == before.Nothing {
			t.Errorf("after two found work the forecast says %+v, the records %+v; before %+v", after.Nothing, want, before.Nothing)
		}
	})
}

func TestReplayIsWhatWouldHaveBeenSaid(t *testing.T) {
	invented(t, func(w *world) {
		defer w.Close()
		months, err := w.Replay(t.Context(), w.by, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(months) < 6 {
			t.Fatalf("only %d months were replayed", len(months))
		}
		for i, m := range months {
			if i != 0 && i != len(months)-1 && i != len(months)/2 {
				continue
			}
			f, err := w.Forecast(t.Context(), w.by, Asked{To: m.Month.End(), KnownOn: m.KnownOn, Shares: m.Shares})
			if err != nil {
				t.Fatal(err)
			}
			if f.Nothing != m.Nothing || f.Confirmed != m.Confirmed || f.Worked != m.Worked {
				t.Errorf("%s: replayed as %+v, forecast as %+v", m.Month, m, f)
			}
			if want := plainCount(w.then(m.KnownOn), w.reg.Book(), w.Requirement, m.Month.End()); m.Nothing != want {
				t.Errorf("%s: the forecast was %+v, by the records of %s it is %+v", m.Month, m.Nothing, m.KnownOn, want)
			}
			if want := plainCount(w.then(m.CameOn), w.reg.Book(), w.Requirement, m.Month.End()); m.Came != want {
				t.Errorf("%s: %+v came, the records of %s say %+v", m.Month, m.Came, m.CameOn, want)
			}
			if m.Own.Due+m.Own.Unknown != m.Nothing.NotKnown || m.Own.DueEET+m.Own.DueNEET > m.Own.Due || m.Own.UnknownEET+m.Own.UnknownNEET > m.Own.Unknown {
				t.Errorf("%s: the lists are %+v of %+v", m.Month, m.Own, m.Nothing)
			}
			t.Logf("%s: known %s: nothing %+v (%+.1f), worked %+v (%+.1f), came %+v; lists %+v", m.Month, m.KnownOn, m.Nothing, m.Error(m.Nothing), m.Worked, m.Error(m.Worked), m.Came, m.Own)
		}
		again, err := w.Replay(t.Context(), w.by, 0, time.Minute)
		if err != nil || len(again) != len(months) {
			t.Errorf("asked again: %d months, %v", len(again), err)
		}
	})
}

func TestForecastRefusesWhatNobodyCanKnow(t *testing.T) {
	invented(t, func(w *world) {
		for _, a := range []Asked{{To: w.on.AddDays(-1)}, {To: w.on.AddDays(Ahead + 1)}, {KnownOn: w.on.AddDays(1)}} {
			var wrong field.Errors
			if _, err := w.Forecast(t.Context(), w.by, a); !errors.As(err, &wrong) {
				t.Errorf("%+v: %v", a, err)
			}
		}
		var before act.BeforeBegan
		if _, err := w.Forecast(t.Context(), w.by, Asked{KnownOn: civil.Must(2001, 1, 1), To: civil.Must(2001, 1, 31)}); !errors.As(err, &before) {
			t.Errorf("before the register began: %v", err)
		}
		if _, err := w.Forecast(t.Context(), access.Actor{Register: w.reg.ID, Ref: "account:p", Roles: []access.Role{access.Partner}}, Asked{}); !errors.As(err, new(access.Denied)) {
			t.Errorf("a partner was told the forecast: %v", err)
		}
	})
}

// TestWhatIsKnownToCome holds the events that a forecast must see, one by one.
func TestWhatIsKnownToCome(t *testing.T) {
	req := nccis.MustLoad()
	reg := register.Register{ID: 1, Authorities: []register.Authority{{Code: "344"}}}
	day := civil.MustParse
	spell := func(key int64, code, started, ended string, is activity.Spell) fact.Of[activity.Spell] {
		is.Activity = code
		return fact.Of[activity.Spell]{Version: fact.Version{ID: id.Fact(key), Started: started, Ended: ended}, Is: is}
	}
	verified := func(key int64, on string) fact.Of[activity.Verification] {
		return fact.Of[activity.Verification]{Is: activity.Verification{Spell: id.Fact(key), Verified: on}}
	}
	draw := func(born string, spells []fact.Of[activity.Spell], verifications ...fact.Of[activity.Verification]) func(string) stands {
		l := &life.Life{Person: youngperson.Person{ID: 1}, Spells: spells, Verifications: verifications,
			Particulars: []fact.Of[youngperson.Particulars]{{Is: youngperson.Particulars{DOB: born}}},
			Statuses:    []fact.Of[cohort.Status]{{Is: cohort.Status{Status: "P", StatedOn: "2026-09-30", LeadLA: "344"}}}}
		o := newOutlook(reg, report.NewDays(reg, req), 0, day("2026-09-01"), day("2028-09-30"))
		c := o.draw(l)
		return func(on string) stands { return c.course.at(day(on)).stands }
	}
	const inEET, inNEET, lapsed, out = counted | isEET, counted | isNEET, counted | isUnknown | isLapsed, stands(0)
	for _, one := range []struct {
		what string
		at   func(string) stands
		want map[string]stands
	}{
		{"a college place ends with August, until it is confirmed", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "230", "2026-09-07", "", activity.Spell{})}, verified(1, "2026-10-01")),
			map[string]stands{"2026-10-01": inEET, "2027-08-31": inEET, "2027-09-01": lapsed, "2028-08-31": lapsed, "2028-09-01": out}},
		{"temporary work counts until 28 days after its review", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "350", "2026-10-01", "", activity.Spell{Review: "2026-12-01"})}, verified(1, "2026-10-01")),
			map[string]stands{"2026-12-29": inEET, "2026-12-30": lapsed}},
		{"training ends on the day on which it is expected to", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "430", "2026-10-01", "", activity.Spell{PredictedEnd: "2026-12-18"})}, verified(1, "2026-10-01")),
			map[string]stands{"2026-12-18": inEET, "2026-12-19": lapsed}},
		{"a start that is agreed comes", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "619", "2026-09-07", "2027-01-03", activity.Spell{}), spell(2, "310", "2027-01-04", "", activity.Spell{})}, verified(1, "2026-10-01"), verified(2, "2026-10-01")),
			map[string]stands{"2026-12-31": inNEET, "2027-01-03": inNEET, "2027-01-04": inEET}},
		{"Year 11 enters in September, lapsed", draw("2011-02-01", []fact.Of[activity.Spell]{spell(1, "110", "2026-09-07", "", activity.Spell{})}, verified(1, "2026-10-01")),
			map[string]stands{"2027-08-31": out, "2027-09-01": lapsed}},
		{"NEET does not lapse", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "619", "2026-10-01", "", activity.Spell{})}, verified(1, "2026-10-01")),
			map[string]stands{"2026-10-01": inNEET, "2028-08-31": inNEET, "2028-09-01": out}},
		{"whoever is of age 17 leaves in September", draw("2009-02-01", []fact.Of[activity.Spell]{spell(1, "619", "2026-10-01", "", activity.Spell{})}, verified(1, "2026-10-01")),
			map[string]stands{"2027-08-31": inNEET, "2027-09-01": out}},
		{"a confirmation while it counts puts the lapse off", draw("2010-02-01", []fact.Of[activity.Spell]{spell(1, "330", "2026-09-07", "", activity.Spell{})}, verified(1, "2026-09-10"), verified(1, "2027-03-01")),
			map[string]stands{"2027-03-10": inEET, "2027-09-01": inEET, "2027-09-02": lapsed}},
	} {
		for on, want := range one.want {
			if got := one.at(on); got != want {
				t.Errorf("%s: on %s %05b, want %05b", one.what, on, got, want)
			}
		}
	}
}
