package campaign_test

import (
	"context"
	"errors"
	"testing"

	"waymark/internal/campaign"
	"waymark/internal/contact"
	"waymark/internal/db/dbtest"
)

// TestTakenWhileAnotherSaves has one caller save what came of a row, and another
// take it before that is written down, and the other way about. Whoever has the row
// may try it: nobody is called again a moment after they were, and nothing is saved
// of a row that another has.
func TestTakenWhileAnotherSaves(t *testing.T) {
	onBoth(t, 4, func(t *testing.T, w *world) {
		if _, err := w.All(t.Context(), w.manager); err != nil { // freezes the list
			t.Fatal(err)
		}
		for i, person := range w.people {
			var saved, took error
			save := func() {
				saved = w.Save(context.Background(), w.callers[1], w.ref, person, campaign.Outcome{Outcome: contact.Refused}, "")
			}
			take := func() { took = w.Take(context.Background(), w.callers[0], w.ref, person) }
			if i%2 == 0 {
				dbtest.AtOnce(t, w.DB, save, take)
			} else {
				dbtest.AtOnce(t, w.DB, take, save)
			}
			switch {
			case kindOf(saved) == "done" && kindOf(took) == "barred", kindOf(saved) == "held" && kindOf(took) == "done":
			default:
				t.Errorf("saved: %v; taken: %v", saved, took)
			}
		}
	})
}

// TestTakenBackTwiceAtOnce has one caller press "Take it back" in two windows.
func TestTakenBackTwiceAtOnce(t *testing.T) {
	onBoth(t, 2, func(t *testing.T, w *world) {
		if _, err := w.All(t.Context(), w.manager); err != nil {
			t.Fatal(err)
		}
		for _, person := range w.people {
			w.must(w.Save(t.Context(), w.callers[0], w.ref, person, campaign.Outcome{Outcome: contact.NoAnswer}, ""))
			var first, second error
			dbtest.AtOnce(t, w.DB,
				func() { first = w.Undo(context.Background(), w.callers[0], w.ref, person, "") },
				func() { second = w.Undo(context.Background(), w.callers[0], w.ref, person, "") },
			)
			if errors.Is(first, campaign.ErrTooLate) {
				first, second = second, first
			}
			if first != nil || !errors.Is(second, campaign.ErrTooLate) {
				t.Errorf("taken back: %v; and again: %v", first, second)
			}
		}
	})
}
