package access_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"waymark/internal/access"
	"waymark/internal/access/accesstest"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
)

// rolledBack ends a transaction whose worlds are not to be kept.
var rolledBack = errors.New("rolled back")

// TestDecideScopeAndLookAgree holds the three ways to ask whom an actor may see
// equal to a model of them, over thousands of small worlds on each engine. The
// long campaign (go run ./test/campaign policy) does the same over a million.
func TestDecideScopeAndLookAgree(t *testing.T) {
	const worlds, together = 2000, 250
	seed := uint64(1)
	if text := os.Getenv("WAYMARK_TEST_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := rand.New(rand.NewPCG(seed, 0))
		people, let, disabled, partners := 0, 0, 0, 0
		for done := 0; done < worlds; done += together {
			some := make([]accesstest.World, together)
			for i := range some {
				some[i] = accesstest.New(r)
			}
			err := d.EveryRegister().InTx(t.Context(), func(tx *db.Tx) error {
				if err := accesstest.Store(tx, 1, some); err != nil {
					return err
				}
				for i, w := range some {
					n, err := w.Check(tx, id.Register(i+1))
					if err != nil {
						return err
					}
					people, let = people+n.People, let+n.Let
					if w.Closed() {
						disabled++
					}
					if access.ReachOf(w.Actor(1), w.Action) == access.Theirs && n.Let > 0 {
						partners++
					}
				}
				return rolledBack
			})
			if !errors.Is(err, rolledBack) {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		// A test of worlds in which nobody is ever let through shows nothing.
		if let < people/10 || people-let < people/10 || disabled == 0 || partners < worlds/50 {
			t.Errorf("of %d people %d were let through, %d accounts were closed, %d partners saw somebody: the worlds are too plain", people, let, disabled, partners)
		}
		t.Logf("seed %d: %d worlds, %d people, %d let through, %d partners who saw somebody", seed, worlds, people, let, partners)
	})
}
