package report

import (
	"context"
	"errors"
	"testing"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
)

func TestWhoAsksNeedNotWaitForAllToBeCounted(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 300)
		month := civil.On(dbtest.Noon, civil.London()).InMonth()
		q := Question{Periods: []Period{Month(month)}, By: []string{"all"}}
		w.s.Patience = time.Nanosecond
		if _, err := w.s.Run(context.Background(), w.by, q); !errors.As(err, new(Working)) {
			t.Fatalf("asked for everybody at once: %v", err)
		}
		w.s.Patience = 0
		r, err := w.s.Run(context.Background(), w.by, q)
		if err != nil || len(r.Rows) == 0 {
			t.Fatalf("asked again: %v", err)
		}
		if w.s.kept(w.by.Register) == nil {
			t.Error("what was counted is not kept")
		}
	})
}

func TestWhatIsCountedGoesOnWithoutWhoAsked(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 50)
		ctx, leave := context.WithCancel(context.Background())
		leave()
		if err := w.s.Warm(ctx, w.by.Register); !errors.Is(err, context.Canceled) {
			t.Fatalf("left: %v", err)
		}
		for range 200 {
			if w.s.kept(w.by.Register) != nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if w.s.kept(w.by.Register) == nil {
			t.Error("the counting ended with who asked")
		}
		w.s.Close()
		if err := w.s.Warm(context.Background(), w.by.Register); !errors.Is(err, errClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}
