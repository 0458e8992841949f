package intake_test

import (
	"context"
	"testing"
	"time"

	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
)

// BenchmarkRoll takes a college's roll of 3,000 into a register of 30,000, from
// the first byte to its review, and then a full roll of 25,000 people by one act.
// held is how long that act holds the writer (architecture.md 1.5: at most 4 s).
func BenchmarkRoll(b *testing.B) {
	h := newHouse(b, dbtest.SQLite(b))
	for b.Loop() {
		h.freshRegister(time.Now().String())
		h.serve(h.db.At(time.Now)) // a real clock tells how long the writer was held
		ctx := context.Background()
		began := time.Now()
		first := h.review(roll(invented(30_000, 0), "2026-09-20"))
		b.ReportMetric(time.Since(began).Seconds(), "review30000new-s")
		done, err := h.s.Apply(ctx, h.by, first.Ref, intake.Applying{SkipUndecided: true})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(done.Held.Seconds(), "held30000new-s")
		began = time.Now()
		small := h.review(roll(invented(3000, 5000), "2026-10-05"))
		b.ReportMetric(time.Since(began).Seconds(), "review3000-s")
		b.Logf("3,000 rows: %+v", small.Counts)
		again := h.review(roll(invented(25_000, 0), "2026-11-02"))
		if done, err = h.s.Apply(ctx, h.by, again.Ref, intake.Applying{SkipUndecided: true}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(done.Held.Seconds(), "held25000-s")
		b.Logf("25,000 people: %+v", done.Counts)
	}
}

// BenchmarkStage reads, maps, checks and stages a large CSV file.
func BenchmarkStage(b *testing.B) {
	h := newHouse(b, dbtest.SQLite(b))
	text := invented(200_000, 0)
	for b.Loop() {
		ref := h.confirm(roll(text, "2026-09-20"))
		began := time.Now()
		ctx, cancel := context.WithCancel(context.Background())
		if err := h.s.Work(ctx, h.by, ref, func(in intake.Intake) {
			if in.State == intake.Staged {
				b.ReportMetric(time.Since(began).Seconds(), "stage200000-s")
				cancel()
			}
		}); err == nil {
			b.Fatal("nothing was stopped")
		}
	}
}
