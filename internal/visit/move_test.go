package visit_test

import (
	"errors"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/visit"
)

// TestADoorIsMoved gives a door to another worker: it stands where their way
// becomes longer by least, both ways are numbered and measured anew, and nobody is
// at two doors. Whoever is on a round that is not over is put on no other.
func TestADoorIsMoved(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		key := func() string { return string(id.NewRef()) }
		near, mid, twin, far := h.add("Near", "1 Kite Street", "ZZ1 1AB"), h.add("Mid", "2 Kite Street", "ZZ1 1AD"), h.add("Twin", "2 Kite Street", "ZZ1 1AD"), h.add("Far", "3 Kite Street", "ZZ1 1AF")
		mine := h.plan(h.worker, near, mid, twin, far)
		again := h.sheet(h.worker, h.plan(h.worker, near))
		if len(again.Doors) != 0 || len(again.Apart) != 1 || again.Apart[0].Why != visit.OnAnotherRound || again.Apart[0].Why.ToDo() == "" {
			t.Errorf("planned twice they are at %d doors, and apart %+v", len(again.Doors), again.Apart)
		}
		if err := h.s.Close(ctx, h.worker, again.Ref, key()); err != nil {
			t.Fatal(err)
		}
		other := id.Ref(strings.TrimPrefix(h.other.Ref, "account:"))
		for name, c := range map[string]struct {
			by    access.Actor
			door  int
			to    id.Ref
			field string
		}{
			"no door":         {h.manager, 9, other, "door"},
			"nobody":          {h.manager, 2, "nobody", "worker"},
			"the same":        {h.manager, 2, h.workerRef, "worker"},
			"an adviser does": {h.worker, 2, other, "worker"},
		} {
			if _, err := h.s.Move(ctx, c.by, mine, c.door, c.to, key()); !fails(err, c.field) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.s.Move(ctx, h.other, mine, 2, other, key()); !errors.Is(err, db.NotFound) {
			t.Errorf("somebody whose round it is not takes a door: %v", err)
		}
		once := key()
		theirs, err := h.s.Move(ctx, h.manager, mine, 2, other, once)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Move(ctx, h.manager, mine, 2, other, once); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("pressed twice: %v", err)
		}
		a, b := h.sheet(h.worker, mine), h.sheet(h.other, theirs)
		if got, want := doors(a)+" | "+doors(b), "Near Far | Mid+Twin"; got != want {
			t.Errorf("the rounds are %q, want %q", got, want)
		}
		if a.Metres != 10000 || b.Metres != 6000 || a.ListMetres != 0 {
			t.Errorf("the ways are %d and %d metres", a.Metres, b.Metres)
		}
		// A second door goes into the same round, in front of or behind the first.
		if to, err := h.s.Move(ctx, h.manager, mine, 1, other, key()); err != nil || to != theirs {
			t.Errorf("moved to %s, %v", to, err)
		}
		if b = h.sheet(h.other, theirs); doors(b) != "Near Mid+Twin" || b.Metres != 6000 {
			t.Errorf("the other round is %q, %d metres", doors(b), b.Metres)
		}
		// What is told stays where it was told.
		st := b.Doors[0].Stops[0]
		if err := h.s.Tell(ctx, h.other, st.Ref, visit.Told{Outcome: visit.NoAnswer, Seen: st.Seen, Key: key()}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Move(ctx, h.manager, theirs, 1, h.workerRef, key()); !fails(err, "door") {
			t.Errorf("a door that is told: %v", err)
		}
		if back, err := h.s.Move(ctx, h.manager, theirs, 2, h.workerRef, key()); err != nil || back != mine {
			t.Errorf("back to %s, %v", back, err)
		}
		if got := doors(h.sheet(h.worker, mine)); got != "Mid+Twin Far" {
			t.Errorf("given back it is %q", got)
		}
	})
}
