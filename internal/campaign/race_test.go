package campaign_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"waymark/internal/campaign"
	"waymark/internal/contact"
	"waymark/internal/db"
)

// TestTakenWhileAnotherSaves has one caller save what came of a row, and another
// take it before that is written down. Whoever has the row may try it: nobody is
// called again a moment after they were. The pauses let the two meet; what must
// hold does not depend on them.
func TestTakenWhileAnotherSaves(t *testing.T) {
	onBoth(t, 3, func(t *testing.T, w *world) {
		if _, err := w.All(t.Context(), w.manager); err != nil { // freezes the list
			t.Fatal(err)
		}
		for _, person := range w.people {
			// Somebody writes to the row, so that both wait for it.
			writing, written := make(chan struct{}), make(chan struct{})
			var all sync.WaitGroup
			all.Go(func() {
				w.must(w.DB.InTx(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE campaign_row SET last_at = last_at WHERE register = $1`, int64(w.manager.Register))
					close(writing)
					<-written
					return err
				}))
			})
			<-writing
			var saved, took error
			all.Go(func() {
				saved = w.Save(context.Background(), w.callers[1], w.ref, person, campaign.Outcome{Outcome: contact.Refused}, "")
			})
			time.Sleep(150 * time.Millisecond)
			all.Go(func() { took = w.Take(context.Background(), w.callers[0], w.ref, person) })
			time.Sleep(150 * time.Millisecond)
			close(written)
			all.Wait()
			switch {
			case kindOf(saved) == "done" && kindOf(took) == "barred", kindOf(saved) == "held" && kindOf(took) == "done":
			default:
				t.Errorf("saved: %v; taken: %v", saved, took)
			}
		}
	})
}
