package record

import (
	"errors"
	"testing"

	"waymark/internal/act"
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

func TestWhoLapsesAsKnownThen(t *testing.T) {
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
		q := LapsingQuery{From: civil.MustParse("2026-10-31"), To: civil.MustParse("2026-12-31")}
		look := func(q LapsingQuery) int {
			t.Helper()
			found, err := r.LapsingOf(ctx, r.officer, q, 5)
			r.must(err)
			return len(found.Rows)
		}
		if n := look(q); n != 0 {
			t.Errorf("now %d lapse", n)
		}
		q.KnownOn = civil.MustParse("2026-10-31")
		for _, c := range []struct {
			adviser, school string
			want            int
		}{{"", "", 1}, {"name:Mei Larkrise", "", 1}, {"none", "", 0}, {"", "name:Larkfield College", 1}, {"", "none", 0}, {"somebody", "", 0}} {
			q.Adviser, q.School = c.adviser, c.school
			if n := look(q); n != c.want {
				t.Errorf("as known then, of %q and %q %d lapse, want %d", c.adviser, c.school, n, c.want)
			}
		}
		q = LapsingQuery{From: q.From, To: q.To, KnownOn: civil.MustParse("2026-09-30")}
		if n := look(q); n != 0 {
			t.Errorf("before the activity was told %d lapse", n)
		}
		q.KnownOn = civil.MustParse("2026-08-31")
		if _, err := r.LapsingOf(ctx, r.officer, q, 5); !errors.As(err, new(act.BeforeBegan)) {
			t.Errorf("before the register began: %v", err)
		}
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

func TestLapsingBy(t *testing.T) {
	onBoth(t, func(t *testing.T, r room) {
		ctx := t.Context()
		for i, school := range []string{"Larkfield College", "Larkfield College", "", "Marram School"} {
			ref := r.add()
			if i < 2 {
				r.must(r.Allocate(ctx, r.officer, ref, youngperson.Allocation{Adviser: []string{"one", ""}[i], AdviserName: "Mei Larkrise"}, 0, told()))
			}
			end := r.Today().AddDays([]int{7, 8, 60, 61}[i])
			r.must(r.RecordActivity(ctx, r.officer, ref, NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"), PredictedEnd: end, EstablishmentName: school}, 0, told()))
		}
		total := func(of string) (sum [3]int) {
			t.Helper()
			groups, err := r.LapsingBy(ctx, r.officer, of, r.Today(), []int{7, 30, 60})
			r.must(err)
			for _, g := range groups {
				for i, n := range g.Within {
					sum[i] += n
					q := LapsingQuery{From: r.Today(), To: r.Today().AddDays([]int{7, 30, 60}[i]), Adviser: g.Key}
					if of == BySchool {
						q.Adviser, q.School = "", g.Key
					}
					found, err := r.LapsingOf(ctx, r.officer, q, 9)
					if r.must(err); len(found.Rows) != n {
						t.Errorf("%s %q: counted %d, listed %d", of, g.Key, n, len(found.Rows))
					}
				}
			}
			if want := map[string]int{ByAdviser: 3, BySchool: 2}[of]; len(groups) != want {
				t.Errorf("by %s there are %d groups, want %d: %+v", of, len(groups), want, groups)
			}
			return sum
		}
		for _, of := range []string{ByAdviser, BySchool} {
			if got := total(of); got != [3]int{1, 2, 3} {
				t.Errorf("by %s %v lapse", of, got)
			}
		}
	})
}
