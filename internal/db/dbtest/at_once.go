package dbtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"waymark/internal/db"
)

// AtOnce does things while somebody else writes to the register of d, so that all
// wait for it and then go on close together, in an order that nobody chose. The
// pauses let them meet; what a test expects may not depend on them.
func AtOnce(t testing.TB, d *db.DB, do ...func()) {
	t.Helper()
	writing, written := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := d.InTx(context.Background(), func(tx *db.Tx) error {
			close(writing)
			<-written
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-writing
	for _, f := range do {
		all.Go(f)
		time.Sleep(20 * time.Millisecond)
	}
	close(written)
	all.Wait()
}
