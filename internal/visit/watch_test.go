package visit_test

import (
	"errors"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/visit"
)

// TestLoneWorker: whoever checks in and does not say in time that they are safe
// raises one alarm, which stays until it is answered, is put off by extending,
// and is not raised again.
func TestLoneWorker(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ref := h.plan(h.worker, h.add("Avocet", "1 Kite Street", "ZZ1 1AB"))
		key := func() string { return string(id.NewRef()) }
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "", key()); !fails(err, "telephone") {
			t.Errorf("without a number: %v", err)
		}
		if err := h.s.CheckIn(ctx, h.manager, ref, 60, "01632 960001", key()); !errors.Is(err, db.NotFound) {
			t.Errorf("for somebody else: %v", err)
		}
		first := key()
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", first); err != nil {
			t.Fatal(err)
		}
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", first); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("sent again: %v", err)
		}
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", key()); !fails(err, "minutes") {
			t.Errorf("twice: %v", err)
		}
		watch := h.sheet(h.worker, ref).Watch
		if watch == nil || !watch.ExpectedAt.Equal(h.now.Add(time.Hour)) {
			t.Fatalf("the watch is %+v", watch)
		}
		alarms := func(want, raised int) {
			t.Helper()
			if got, err := h.s.Raise(ctx, h.officer.Register); err != nil || len(got) != raised {
				t.Errorf("%d raised, %v; want %d", len(got), err, raised)
			}
			for _, c := range []struct {
				by   access.Actor
				want int
			}{{h.manager, want}, {h.worker, want}, {h.other, 0}, {h.officer, 0}} {
				if got, err := h.s.Alarms(ctx, c.by); err != nil || len(got) != c.want {
					t.Errorf("%s has %d alarms, %v; want %d", c.by.Name, len(got), err, c.want)
				}
			}
		}
		alarms(0, 0)
		*h.now = h.now.Add(time.Hour)
		alarms(0, 0) // to the very moment
		*h.now = h.now.Add(time.Second)
		alarms(1, 1)
		alarms(1, 0) // once
		*h.now = h.now.Add(-2 * time.Hour)
		alarms(1, 0) // a clock that was set back hides none
		*h.now = h.now.Add(3 * time.Hour)
		if err := h.s.Extend(ctx, h.other, watch.Ref, 30, key()); !errors.Is(err, db.NotFound) {
			t.Errorf("somebody else extends: %v", err)
		}
		if err := h.s.Extend(ctx, h.worker, watch.Ref, 30, key()); err != nil {
			t.Fatal(err)
		}
		alarms(0, 0)
		*h.now = h.now.Add(29 * time.Minute)
		alarms(0, 0)
		*h.now = h.now.Add(2 * time.Minute)
		alarms(1, 1)
		if err := h.s.CheckOut(ctx, h.manager, watch.Ref, "", key()); !fails(err, "how") {
			t.Errorf("a manager who does not say how they know: %v", err)
		}
		if err := h.s.CheckOut(ctx, h.manager, watch.Ref, "Spoke on the telephone: the battery was flat", key()); err != nil {
			t.Fatal(err)
		}
		alarms(0, 0)
		if err := h.s.CheckOut(ctx, h.worker, watch.Ref, "", key()); !errors.Is(err, visit.ErrOver) {
			t.Errorf("once more: %v", err)
		}
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", key()); err != nil {
			t.Errorf("out again: %v", err)
		}
	})
}

// TestTheNightClocksGoBack: an hour out is an hour, though the clock on the wall
// shows the same hour twice.
func TestTheNightClocksGoBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ref := h.plan(h.worker, h.add("Avocet", "1 Kite Street", "ZZ1 1AB"))
		*h.now = time.Date(2027, 10, 31, 0, 40, 0, 0, time.UTC) // 01:40 by summer time
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", string(id.NewRef())); err != nil {
			t.Fatal(err)
		}
		watch := h.sheet(h.worker, ref).Watch
		if in, out := visit.Clock(watch.BeganAt), visit.Clock(watch.ExpectedAt); in != "01:40 BST" || out != "01:40 GMT" {
			t.Errorf("checked in at %s until %s", in, out)
		}
		for _, c := range []struct {
			minutes, alarms int
		}{{1, 0}, {30, 0}, {59, 0}, {61, 1}, {90, 1}} {
			*h.now = time.Date(2027, 10, 31, 0, 40+c.minutes, 0, 0, time.UTC)
			if got, err := h.s.Alarms(ctx, h.manager); err != nil || len(got) != c.alarms {
				t.Errorf("after %d minutes, at %s, %d alarms, %v; want %d", c.minutes, h.now.In(civil.London()).Format("15:04 MST"), len(got), err, c.alarms)
			}
		}
		if got := visit.Clock(time.Date(2027, 7, 1, 12, 5, 0, 0, time.UTC)); got != "13:05" {
			t.Errorf("in summer it is %s", got)
		}
	})
}
