package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/standing"
)

// benchRollover measures 1 September rehearsed and done, and the page of the
// September Guarantee, beside a plain loop that states every life on both days and
// beside one act for each leaver.
func benchRollover(ctx context.Context, args []string) error {
	now := time.Date(2026, 8, 31, 23, 30, 0, 0, time.UTC) // half past midnight on 1 September in London
	return history{name: "rollover", people: 40_000, times: 20, now: now}.run(ctx, args,
		func(ctx context.Context, b *figuresBench) error {
			r := rolloverBench{dueBench{b}}
			if err := r.stand(ctx); err != nil {
				return err
			}
			return r.measure(ctx)
		})
}

type rolloverBench struct{ dueBench }

// rolledYear is the year that begins on the bench's day.
const rolledYear = civil.AcademicYear(2026)

func (b rolloverBench) measure(ctx context.Context) error {
	keeper := standing.Keeper{Requirement: b.req}
	plain, err := b.bothDays(ctx)
	if err != nil {
		return err
	}
	row := func(what string, took, beside time.Duration) {
		line := fmt.Sprintf("  %-58s %9.1f ms", what, float64(took.Microseconds())/1000)
		if beside > 0 {
			line += fmt.Sprintf("  %6.1f times as fast as its baseline", beside.Seconds()/took.Seconds())
		}
		fmt.Println(line)
	}
	row("baseline: a plain loop that states every life on both days", plain, 0)
	s := &rollover.Service{DB: b.d, Requirement: b.req, Standing: keeper}
	g := &season.Service{DB: b.d, Requirement: b.req}
	var day *rollover.Rehearsal
	for _, one := range []struct {
		what string
		do   func(int) error
	}{
		{"1 September rehearsed", func(int) (err error) { day, err = s.Rehearse(ctx, b.by, rolledYear); return err }},
		{"the September Guarantee as of today", func(int) error {
			st, err := g.On(ctx, b.by, 2026, civil.Date{})
			if err == nil && st.Count("").Owed == 0 {
				err = errors.New("nobody is owed an offer")
			}
			return err
		}},
	} {
		began := time.Now()
		if err := one.do(0); err != nil {
			return err
		}
		row(one.what+", cold", time.Since(began), plain)
		warm, err := b.repeat(one.do)
		if err != nil {
			return err
		}
		row("   asked again (p95)", warm, plain)
		after, err := b.repeat(one.do, func(i int) error { return b.record(ctx, i, 5) })
		if err != nil {
			return err
		}
		row("   the same, five acts since the last (p95)", after, plain)
	}
	single, err := b.oneByOne(ctx, day)
	if err != nil {
		return err
	}
	each := single * time.Duration(day.Sets())
	row(fmt.Sprintf("baseline: an act for each of %d leavers, by %d of them", day.Sets(), someLeavers), each, 0)
	began := time.Now()
	done, err := s.Apply(ctx, b.by, rolledYear, string(id.NewRef()))
	if err != nil {
		return err
	}
	row(fmt.Sprintf("rolled over in one act: %d people", done.People), time.Since(began), each)
	began = time.Now()
	if _, err := s.Undo(ctx, b.by, rolledYear, string(id.NewRef())); err != nil {
		return err
	}
	row("taken back in one act", time.Since(began), each)
	fmt.Printf("  peak memory %.0f MB\n", peakMB())
	return nil
}

// bothDays states every life on the last day of the old year and in the first
// month of the new one.
func (b rolloverBench) bothDays(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	changed := 0
	err := b.d.Read(ctx, func(tx *db.Tx) error {
		reg, err := register.Of(tx, b.by.Register)
		if err != nil {
			return err
		}
		last, first := rolledYear.Start().AddDays(-1), rolledYear.Start().InMonth().End()
		before, _ := b.req.EditionOn(last)
		after, _ := b.req.EditionOn(first)
		for from := 1; from <= b.people; from += 1000 {
			lives, err := life.Load(tx, fact.Known{Register: reg.ID, From: id.YoungPerson(from), To: id.YoungPerson(from + 999)})
			if err != nil {
				return err
			}
			for _, l := range lives {
				was, is := l.On(reg.Book(), before, last), l.On(reg.Book(), after, first)
				if was.Record.Get(nccis.CohortStatus) != is.Record.Get(nccis.CohortStatus) {
					changed++
				}
			}
		}
		return nil
	})
	if err == nil && changed == 0 {
		err = errors.New("1 September changes nobody")
	}
	return time.Since(began), err
}

// someLeavers is of how many leavers the status is stated one by one.
const someLeavers = 100

// oneByOne is how long one leaver takes, each in an act of their own. The status
// that they have is stated again, so that the rollover finds them as they were.
func (b rolloverBench) oneByOne(ctx context.Context, day *rollover.Rehearsal) (time.Duration, error) {
	s := &record.Service{DB: b.d, Requirement: b.req, Standing: standing.Keeper{Requirement: b.req}, Sights: &act.Recorder{DB: b.d}}
	var refs []id.Ref
	if err := b.d.Read(ctx, func(tx *db.Tx) error {
		for i := range day.People {
			if p := &day.People[i]; p.Change.Sets() != "" && len(refs) < someLeavers {
				l, err := life.One(tx, b.by.Register, p.Person, 0)
				if err != nil {
					return err
				}
				refs = append(refs, l.Person.Ref)
			}
		}
		return nil
	}); err != nil || len(refs) == 0 {
		return 0, errors.Join(err, errors.New("nobody leaves"))
	}
	by := b.by
	began := time.Now()
	for _, ref := range refs {
		sum, err := s.Summary(ctx, by, ref)
		if err != nil {
			return 0, err
		}
		held := life.InForce(sum.Life.Statuses, sum.Today)
		next := cohort.Status{}
		if held != nil {
			next = held.Is
		}
		if err := s.CorrectCohort(ctx, by, ref, next, record.Seen(held), record.Told{Kind: act.Telephone}); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(len(refs)), nil
}
