package visit_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/notify"
	"waymark/internal/notify/notifytest"
	"waymark/internal/visit"
)

// TestTheDutyIsTold: of each alarm the duty gets one text and one e-mail, though
// the carrier is down, loses its answers or the program is killed; an alarm that
// was answered before it could be sent is told to nobody; and each later alarm is
// told again.
func TestTheDutyIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		carrier := notifytest.New(t)
		var err error
		if h.s.Desk, err = notify.NewDesk(carrier.Settings(func() time.Time { return *h.now })); err != nil {
			t.Fatal(err)
		}
		h.s.Log = slog.New(slog.DiscardHandler)
		r, key := h.officer.Register, func() string { return string(id.NewRef()) }
		for name, wrong := range map[string]visit.Duty{"telephone": {Telephone: "the duty desk"}, "email": {Email: "duty"}} {
			if err := h.s.SetDuty(ctx, h.manager, wrong, key()); !fails(err, name) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if err := h.s.SetDuty(ctx, h.worker, visit.Duty{}, key()); err == nil {
			t.Error("an adviser says whom to tell")
		}
		for range 2 { // set again it is as it is set last
			if err := h.s.SetDuty(ctx, h.manager, visit.Duty{Telephone: "07700 900123", Email: "duty@sandmere.example.org"}, key()); err != nil {
				t.Fatal(err)
			}
		}
		ref := h.plan(h.worker, h.add("Avocet", "1 Kite Street", "ZZ1 1AB"))
		if err := h.s.CheckIn(ctx, h.worker, ref, 60, "01632 960001", key()); err != nil {
			t.Fatal(err)
		}
		watch := h.sheet(h.worker, ref).Watch.Ref
		work := func(minutes int) {
			t.Helper()
			for range minutes {
				if _, err := h.s.Raise(ctx, r); err != nil {
					t.Fatal(err)
				}
				if _, err := h.s.Worker(r).Once(ctx); err != nil {
					t.Fatal(err)
				}
				*h.now = h.now.Add(time.Minute)
			}
		}
		told := func(sent, shown int) {
			t.Helper()
			times := carrier.Times()
			for reference, n := range times {
				if n != 1 {
					t.Errorf("%s was sent %d times", reference, n)
				}
			}
			if len(times) != sent {
				t.Errorf("%d messages were sent, want %d", len(times), sent)
			}
			out, err := h.s.Out(ctx, h.manager)
			if err != nil {
				t.Fatal(err)
			}
			gone := 0
			for _, w := range out {
				for _, one := range w.Duty {
					if one.State == string(notify.Taken) || one.State == string(notify.Delivered) {
						gone++
					}
				}
			}
			if gone != shown {
				t.Errorf("%d are shown as gone, want %d", gone, shown)
			}
		}
		work(60)
		told(0, 0)
		// The carrier loses its first answers, is down, and answers twice.
		faults := []notifytest.Fault{notifytest.Lost, notifytest.Down, notifytest.Cut, notifytest.Twice, notifytest.Lost}
		carrier.Fault = func(n int) notifytest.Fault {
			if n <= len(faults) {
				return faults[n-1]
			}
			return notifytest.None
		}
		work(90)
		told(2, 2)
		for _, m := range carrier.Taken() {
			if !strings.Contains(m.Body, "Imogen") || !strings.Contains(m.Body, "01632 960001") || strings.Contains(m.Body, "Avocet") || strings.Contains(m.Body, "Kite") {
				t.Errorf("the duty is told %q", m.Body)
			}
		}
		// They extend, and miss it again: that is another alarm.
		if err := h.s.Extend(ctx, h.worker, watch, 5, key()); err != nil {
			t.Fatal(err)
		}
		work(30)
		told(4, 2)
		// Raised and answered before anything was sent.
		if err := h.s.Extend(ctx, h.worker, watch, 5, key()); err != nil {
			t.Fatal(err)
		}
		*h.now = h.now.Add(6 * time.Minute)
		if got, err := h.s.Raise(ctx, r); err != nil || len(got) != 1 {
			t.Fatalf("%d raised, %v", len(got), err)
		}
		if err := h.s.CheckOut(ctx, h.worker, watch, "", key()); err != nil {
			t.Fatal(err)
		}
		work(10)
		told(4, 0)
	})
}
