package visit_test

import (
	"errors"
	"testing"

	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/visit"
)

// TestOneVisitToldByTwoAtOnce: who was at the door and who leads them tell what came
// of one visit in the same moment. It is told once.
func TestOneVisitToldByTwoAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		person := h.add("Avocet", "1 Kite Street", "ZZ1 1AA")
		stop := h.sheet(h.worker, h.plan(h.worker, person)).Doors[0].Stops[0]
		tell := func(o visit.Outcome, err *error) func() {
			return func() {
				*err = h.s.Tell(ctx, h.worker, stop.Ref, visit.Told{Outcome: o, Seen: stop.Seen, Key: string(id.NewRef())})
			}
		}
		var first, second error
		dbtest.AtOnce(t, h.db, tell(visit.NoAnswer, &first), tell(visit.MovedAway, &second))
		won, lost := contact.NoAnswer, second
		if first != nil {
			won, lost, first = contact.MovedAway, first, second
		}
		if first != nil || !errors.As(lost, new(db.Conflict)) {
			t.Errorf("one was told %v, the other %v", first, lost)
		}
		if held := h.life(person).Contacts; len(held) != 1 || held[0].Is.Outcome != won {
			t.Errorf("the record holds %+v", held)
		}
	})
}
