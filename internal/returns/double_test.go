package returns

import (
	"bytes"
	"context"
	"testing"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/merge"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// TestADoubleIsReportedOnce puts two records of one young person together: the
// one that went is in the next return with status M, and in none after it.
func TestADoubleIsReportedOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		keys := h.load(civil.MustParse("2026-09-30"), h.clean(), h.clean(), h.clean())
		h.sent("2026-09")
		s, err := merge.New(&record.Service{DB: d, Requirement: h.s.Requirement, Standing: h.s.Standing, Sights: &act.Recorder{DB: d}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		before := h.build("2026-10", Options{})
		keep, other := h.person(keys[0]), h.person(keys[1])
		merged, err := s.Join(ctx, h.officer(), merge.Joining{Keep: keep.Person.Ref, Other: other.Person.Ref, Reason: "One mother told us of both", Key: "k1", Seen: merge.Seen(keep, other)})
		if err != nil {
			t.Fatal(err)
		}
		after := h.build("2026-10", Options{})
		if got := statuses(after); got[keys[0]] != "P" || got[keys[1]] != "M" || got[keys[2]] != "P" || len(got) != 3 {
			t.Errorf("put together: %v", got)
		}
		if len(after.Totals.Checks) != 0 {
			t.Errorf("findings: %v", after.Totals.Checks)
		}
		if err := after.Verify(bytes.NewReader(xml(t, after))); err != nil {
			t.Error(err)
		}
		fresh, err := (&Service{DB: d, Requirement: h.s.Requirement, Version: "1.0"}).Build(ctx, h.officer(), october().InMonth(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(xml(t, fresh), xml(t, after)) {
			t.Error("the draft brought up to date differs from one stated afresh")
		}
		if past := h.build("2026-10", Options{KnownAt: before.KnownAt}); statuses(past)[keys[1]] != "P" {
			t.Errorf("as known before: %v", statuses(past))
		}
		h.sent("2026-10")
		if got := statuses(h.build("2026-11", Options{})); len(got) != 2 || got[keys[1]] != "" {
			t.Errorf("the month after: %v", got)
		}
		u, err := s.Undoing(ctx, h.officer(), merged)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.TakeApart(ctx, h.officer(), merge.TakingApart{Merge: merged, Reason: "Twins after all", Key: "k2", Seen: u.Seen}); err != nil {
			t.Fatal(err)
		}
		if got := statuses(h.build("2026-11", Options{})); len(got) != 3 || got[keys[1]] != "P" {
			t.Errorf("taken apart: %v", got)
		}
	})
}

// TestADoubleThatTheDepartmentNeverHadIsNotReported puts a record in that was
// added here and has been in no return.
func TestADoubleThatTheDepartmentNeverHadIsNotReported(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		keys := h.load(civil.MustParse("2026-09-30"), h.clean())
		h.sent("2026-09")
		keys = append(keys, h.load(october(), h.clean())...)
		s, err := merge.New(&record.Service{DB: d, Requirement: h.s.Requirement, Standing: h.s.Standing, Sights: &act.Recorder{DB: d}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		keep, other := h.person(keys[0]), h.person(keys[1])
		if _, err := s.Join(ctx, h.officer(), merge.Joining{Keep: keep.Person.Ref, Other: other.Person.Ref, Reason: "The same", Key: "k1", Seen: merge.Seen(keep, other)}); err != nil {
			t.Fatal(err)
		}
		if got := statuses(h.build("2026-10", Options{})); len(got) != 1 || got[keys[0]] != "P" {
			t.Errorf("%v", got)
		}
	})
}

func (h *house) person(key id.YoungPerson) *life.Life {
	h.Helper()
	var l *life.Life
	if err := h.s.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		l, err = life.One(tx, h.reg.ID, key, 0)
		return err
	}); err != nil {
		h.Fatal(err)
	}
	return l
}

func statuses(d *Draft) map[id.YoungPerson]string {
	out := map[id.YoungPerson]string{}
	for _, p := range d.People {
		out[p.Key] = p.Record.Values[nccis.CohortStatus]
	}
	return out
}
