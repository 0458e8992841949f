package notice

import (
	"errors"
	"testing"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

// TestOneNoticeDealtWithByTwoAtOnce: one officer does what a notice asks while
// another closes it as a mistake. One of the two is told that it was dealt with.
func TestOneNoticeDealtWithByTwoAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		n := h.receive(h.tutor, robert())
		mine, theirs := h.pressed(n.Ref), h.pressed(n.Ref)
		var settled, closed error
		dbtest.AtOnce(t, h.DB,
			func() { closed = h.Close(t.Context(), h.manager, n.Ref, Outcomes(n.Kind)[0], theirs) },
			func() { settled = h.Settle(t.Context(), h.officer, n.Ref, "", mine) })
		kept, lost := 2, closed // what the record holds: the course that ended, and that nobody knows
		if settled != nil {
			kept, lost, settled = 1, settled, closed
		}
		if settled != nil || !errors.As(lost, new(db.Conflict)) {
			t.Errorf("one was told %v, the other %v", settled, lost)
		}
		if got := h.spells(h.wren); len(got) != kept {
			t.Errorf("the record holds %q", got)
		}
	})
}
