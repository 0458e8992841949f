package message_test

import (
	"testing"

	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/message"
)

// TestOneMessageSentByTwoAtOnce: two people send one template to one list in the same
// moment. Everybody gets it once, and who came second is told so; a day later it may
// go again, and to one person at any time.
func TestOneMessageSentByTwoAtOnce(t *testing.T) {
	onBoth(t, func(h *house) {
		wren := h.add("Wren", "07700 900001")
		h.add("Robin", "07700 900002")
		o := message.Order{Template: h.text("Hi ((first name)), what are you doing now?"), Question: everybody()}
		send := func(ref *id.Ref, err *error) func() {
			return func() { *ref, *err = h.Send(h.Context(), h.officer, o, 2, true, string(id.NewRef())) }
		}
		var a, b id.Ref
		var first, second error
		dbtest.AtOnce(h.T, h.DB, send(&a, &first), send(&b, &second))
		if first != nil {
			a, first, second = b, second, first
		}
		h.must(first)
		wrongIn(h.T, second, "send")
		h.work(1)
		if got := h.states(a); got[message.Sent]+got[message.Delivered] != 2 {
			h.Errorf("it went %v", got)
		}
		p, err := h.Prepare(h.Context(), h.officer, o)
		h.must(err)
		if p.People != 0 || len(p.LeftOut) != 1 || p.LeftOut[0].Why != message.HasIt || p.LeftOut[0].N != 2 {
			h.Errorf("asked again: %d, left out %+v", p.People, p.LeftOut)
		}
		if p, err := h.Prepare(h.Context(), h.officer, message.Order{Template: o.Template, People: []id.Ref{wren}}); err != nil || p.People != 1 {
			h.Errorf("to one person again: %d, %v", p.People, err)
		}
		h.work(24)
		if p, err := h.Prepare(h.Context(), h.officer, o); err != nil || p.People != 2 {
			h.Errorf("a day later: %d, %v", p.People, err)
		}
	})
}
