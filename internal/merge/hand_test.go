package merge

import (
	"errors"
	"math"
	"testing"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Two records that no search pairs are weighed when somebody chooses them, once,
// and then are a pair like any other.
func TestTwoRecordsAreComparedByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren("Katherine", "2010-03-03")
		other := h.wren("Oluwaseun", "2009-11-21")
		list := h.searched()
		for _, o := range list.Pairs {
			if o.People[0].Given == "Oluwaseun" || o.People[1].Given == "Oluwaseun" {
				t.Fatalf("the search pairs the two by itself: %+v", o.Pair)
			}
		}
		pair, err := h.Pair(t.Context(), h.officer, other, wren)
		h.must(err)
		again, err := h.Pair(t.Context(), h.officer, wren, other)
		h.must(err)
		if again != pair {
			t.Errorf("chosen again, they are the pair %s and not %s", again, pair)
		}
		c, err := h.Compare(t.Context(), h.officer, pair)
		h.must(err)
		total := c.Prior
		for _, r := range c.Reasons {
			total += r.Bits
		}
		if math.Abs(total-c.Bits) > 0.01 || len(c.Reasons) == 0 || c.Likelihood() != Unlikely || c.Changed {
			t.Errorf("they weigh %.2f of %.2f, %s, changed %v", c.Bits, total, c.Likelihood(), c.Changed)
		}
		if after, err := h.Pairs(t.Context(), h.officer, Which{Limit: 50}); err != nil || after.Total != list.Total || after.Search.Number != list.Search.Number {
			t.Errorf("what was compared by hand is offered to all: %+v, %v", after, err)
		}
		h.must(h.Say(t.Context(), h.officer, pair, NotSure, "ask the school", string(id.NewRef())))
		if passed, err := h.Pairs(t.Context(), h.officer, Which{Limit: 50}); err != nil || passed.Total != list.Total+1 {
			t.Errorf("what was passed on is not offered: %+v, %v", passed, err)
		}
		h.join(wren, other, nil)
		if _, err := h.Compare(t.Context(), h.officer, pair); !errors.As(err, new(Together)) {
			t.Errorf("put together, they are compared: %v", err)
		}
		if _, err := h.Pair(t.Context(), h.officer, wren, other); !errors.Is(err, db.NotFound) {
			t.Errorf("put together, they are chosen again: %v", err)
		}
	})
}

func TestByHandNobodyIsComparedWithThemselves(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.wren("Katherine", "2010-03-03")
		if _, err := h.Pair(t.Context(), h.officer, wren, wren); !errors.As(err, new(Refusal)) {
			t.Errorf("a record is compared with itself: %v", err)
		}
		if _, err := h.Pair(t.Context(), h.officer, wren, id.NewRef()); !errors.Is(err, db.NotFound) {
			t.Errorf("a record is compared with none: %v", err)
		}
		adviser := h.officer
		adviser.Roles = []access.Role{access.Adviser}
		if _, err := h.Pair(t.Context(), adviser, wren, h.wren("Ren", "2010-03-04")); !errors.As(err, new(*access.Denied)) && !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser compares records: %v", err)
		}
	})
}
