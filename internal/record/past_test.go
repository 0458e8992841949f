package record

import (
	"testing"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// passed says that what was done since an act was done at a moment.
func (r room) passed(since id.Act, at string) (last id.Act) {
	r.t.Helper()
	r.must(r.DB.InTx(r.t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec("UPDATE act SET at = $1 WHERE register = $2 AND number > $3", at, int64(r.officer.Register), int64(since)); err != nil {
			return err
		}
		return tx.QueryRow("SELECT last_act FROM register WHERE id = $1", int64(r.officer.Register)).Scan(&last)
	}))
	return last
}

func TestWhenItLapsesAsKnownThen(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx, ref := t.Context(), r.add()
		began := r.passed(0, "2026-09-01T09:00:00.000000Z")
		r.must(r.Allocate(ctx, r.officer, ref, youngperson.Allocation{AdviserName: "Mei Larkrise"}, 0, told()))
		college := NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: civil.MustParse("2026-12-18"), EstablishmentName: "Larkfield College"}
		r.must(r.RecordActivity(ctx, r.officer, ref, college, 0, told()))
		then := r.passed(began, "2026-10-01T09:00:00.000000Z")
		spell := r.see(ref).View.Spell
		college.PredictedEnd = civil.MustParse("2028-07-07")
		r.must(r.CorrectActivity(ctx, r.officer, ref, spell.ID, college, spell.KnownFrom, told()))
		held, err := r.Clocks(ctx, r.officer, ref, civil.Date{})
		r.must(err)
		replaced := 0
		for _, h := range held {
			if h.To != nil && h.Next != nil && h.Table == "spell" && h.From.Act == then && h.Next.Value("predicted_end") == "2028-07-07" {
				replaced++
			}
		}
		if replaced != 1 {
			t.Errorf("%d versions of the spell were replaced, want 1", replaced)
		}
		sum, err := r.SummaryKnown(ctx, r.officer, ref, civil.MustParse("2026-10-31"))
		r.must(err)
		if sum.View.Lapses.String() != "2026-12-18" || sum.Today.String() != "2026-10-31" || life.InForce(sum.Life.Allocations, sum.Today) == nil {
			t.Errorf("as known then it lapses on %v, seen from %v", sum.View.Lapses, sum.Today)
		}
	})
}
