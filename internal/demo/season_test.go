package demo

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/guarantee"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/report"
	"waymark/internal/rollover"
	"waymark/internal/season"
	"waymark/internal/standing"
	"waymark/internal/survey"
)

// yearHouse is a small demo as it stands on a day, and the services of the year.
type yearHouse struct {
	w        *World
	db       *db.DB
	register register.Register
	season   *season.Service
	rollover *rollover.Service
	figures  *report.Service
	manager  access.Actor
}

func fillSmall(t *testing.T, d *db.DB, on string) *yearHouse {
	t.Helper()
	f := &yearHouse{w: invent(t, 11, on, 0.03)}
	req := nccis.MustLoad()
	d = d.At(func() time.Time { return f.w.On.Time().Add(12 * time.Hour) })
	var err error
	if f.register, err = Fill(context.Background(), House{DB: d, Requirement: req}, f.w); err != nil {
		t.Fatal(err)
	}
	f.db = d
	sights, keeper := &act.Recorder{DB: d}, standing.Keeper{Requirement: req}
	records := &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: sights, Rolls: standing.NewRolls(d, keeper)}
	f.season = &season.Service{DB: d, Requirement: req, Record: records}
	f.rollover = &rollover.Service{DB: d, Requirement: req, Standing: keeper, Record: records}
	f.figures = &report.Service{DB: d, Requirement: req, Sights: sights}
	f.manager = access.Actor{Register: f.register.ID, Ref: "account:manager", Name: "Test Manager", Roles: []access.Role{access.TeamManager}, Today: f.w.On, Now: d.Now()}
	return f
}

// What the page of the guarantee counts is what is published: the four measures
// of the figures, of the same month, as known on the same day. And the baseline
// adds up: whom it holds, and who came later, without those who left.
func TestTheGuaranteeAgreesWithTheFigures(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f, ctx := fillSmall(t, d, "2026-10-03"), context.Background()
		measures := map[season.Outcome]string{season.Made: "sg_offer", season.NotAppropriate: "sg_not_appropriate", season.NoOffer: "sg_none", season.NotRecorded: "sg_not_recorded"}
		for _, day := range []string{"2026-10-03", "2026-08-20", "2026-06-15", "2025-10-31", "2025-07-04"} {
			on := civil.MustParse(day)
			year := season.Of(on)
			st, err := f.season.On(ctx, f.manager, year, on)
			if err != nil {
				t.Fatal(err)
			}
			q := report.Question{Periods: []report.Period{report.Month(on.InMonth())}, By: []string{"all"}}
			if on != f.w.On {
				q.KnownOn = on
			}
			figures, err := f.figures.Run(ctx, f.manager, q)
			if err != nil {
				t.Fatalf("%s: %v", day, err)
			}
			c := st.Count("")
			if c.Owed == 0 || len(st.Baselines) != 2 {
				t.Fatalf("%s: %d are owed an offer, by %d baselines", day, c.Owed, len(st.Baselines))
			}
			sum := 0
			for o, measure := range measures {
				row, ok := figures.Row(q.Periods[0], measure, report.All)
				if !ok || row.People() != c.By[o] || row.Among() != c.Owed {
					t.Errorf("%s: %s: %d of %d, and the figures have %d of %d (%v)", day, o, c.By[o], c.Owed, row.People(), row.Among(), ok)
				}
				sum += c.By[o]
			}
			if sum != c.Owed || c.Baseline+c.Later-c.Left != c.Owed {
				t.Errorf("%s: %d on the baseline, %d later, %d left, %d owed; the four groups hold %d", day, c.Baseline, c.Later, c.Left, c.Owed, sum)
			}
			schools := 0
			for _, one := range st.Schools("") {
				schools += one.Owed
			}
			if schools != c.Owed {
				t.Errorf("%s: the schools hold %d of %d", day, schools, c.Owed)
			}
			for _, b := range st.Baselines {
				if n := st.Count(b.Node).Baseline; n != b.People {
					t.Errorf("%s: the baseline of %s holds %d, and was drawn with %d", day, b.Node, n, b.People)
				}
			}
		}
	})
}

func TestABaselineIsDrawnOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f, ctx := fillSmall(t, d, "2026-10-03"), context.Background()
		var wrong field.Errors
		if _, err := f.season.Draw(ctx, f.manager, 2026, "again"); !errors.As(err, &wrong) || wrong[0].Field != "draw" {
			t.Errorf("drawn twice: %v", err)
		}
		if _, err := f.season.Draw(ctx, f.manager, 2027, "early"); !errors.As(err, &wrong) {
			t.Errorf("drawn before its May: %v", err)
		}
		if _, err := f.season.Draw(ctx, f.manager, 2024, "late"); !errors.As(err, &wrong) {
			t.Errorf("drawn after it closed: %v", err)
		}
		adviser := f.manager
		adviser.Roles = []access.Role{access.Adviser}
		if _, err := f.season.Draw(ctx, adviser, 2026, "adviser"); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser draws: %v", err)
		}
		var n int
		if err := f.db.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM baseline WHERE register = $1 AND season = 2026`, int64(f.register.ID)).Scan(&n)
		}); err != nil || n != 2 {
			t.Errorf("%d baselines of 2026, %v", n, err)
		}
	})
}

func TestSeptemberRehearsedDoneAndTakenBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f, ctx := fillSmall(t, d, "2026-08-28"), context.Background()
		before, err := f.rollover.Rehearse(ctx, f.manager, 2026)
		if err != nil {
			t.Fatal(err)
		}
		n := map[rollover.Change]int{}
		for _, c := range rollover.Changes() {
			n[c] = before.Count(c)
		}
		t.Logf("the day does: %v, and %d confirmations lapse", n, before.Lapsing())
		if n[rollover.Enters] == 0 || n[rollover.Stays] == 0 || before.Sets() == 0 || before.Lapsing() == 0 {
			t.Fatal("the demo's 1 September does too little to be tried")
		}
		august, err := f.season.On(ctx, f.manager, 2026, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		done, err := f.rollover.Apply(ctx, f.manager, 2026, "k1")
		if err != nil || done.People != before.Sets() {
			t.Fatalf("set of %d, and rehearsed of %d: %v", done.People, before.Sets(), err)
		}
		var wrong field.Errors
		if _, err := f.rollover.Apply(ctx, f.manager, 2026, "k2"); !errors.As(err, &wrong) {
			t.Errorf("done twice: %v", err)
		}
		if _, err := f.rollover.Apply(ctx, f.manager, 2027, "k3"); !errors.As(err, &wrong) {
			t.Errorf("done a year early: %v", err)
		}
		// August stays as it was; nobody of the live baseline is lost in September.
		after, err := f.season.On(ctx, f.manager, 2026, civil.Date{})
		if err != nil || after.Count("").Owed != august.Count("").Owed {
			t.Errorf("August counts %d, and counted %d: %v", after.Count("").Owed, august.Count("").Owed, err)
		}
		again, err := f.rollover.Rehearse(ctx, f.manager, 2026)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range rollover.Changes() {
			if again.Count(c) != n[c] {
				t.Errorf("%s: %d rehearsed, %d after it was done", c, n[c], again.Count(c))
			}
		}
		statuses := map[string]int{}
		if err := f.db.Read(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(`SELECT status, COUNT(*) FROM cohort WHERE register = $1 AND known_from = $2 GROUP BY status`, int64(f.register.ID), int64(done.Act))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var s string
				var k int
				if err := rows.Scan(&s, &k); err != nil {
					return err
				}
				statuses[s] = k
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range rollover.Changes() {
			if sets := c.Sets(); sets != "" && statuses[sets] != n[c] {
				t.Errorf("status %s is stated of %d, not of %d", sets, statuses[sets], n[c])
			}
		}
		if _, err := f.rollover.Undo(ctx, f.manager, 2026, "k4"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.rollover.Undo(ctx, f.manager, 2026, "k5"); !errors.As(err, &wrong) {
			t.Errorf("taken back twice: %v", err)
		}
		if back, err := f.rollover.Rehearse(ctx, f.manager, 2026); err != nil || back.Done != nil || back.Sets() != before.Sets() {
			t.Errorf("taken back, and the day would do otherwise: %v", err)
		}
		if _, err := f.rollover.Apply(ctx, f.manager, 2026, "k6"); err != nil {
			t.Errorf("taken back, and not to be done again: %v", err)
		}
	})
}

func TestTheSurveyCountsTheBaselineAndIsFiledOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f, ctx := fillSmall(t, d, "2026-11-22"), context.Background()
		s := &survey.Service{DB: f.db, Requirement: nccis.MustLoad(), Record: f.season.Record}
		now, err := s.On(ctx, f.manager, 2026, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		st, err := f.season.On(ctx, f.manager, 2026, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := st.Baseline(guarantee.Year11)
		sum, totals := 0, now.Totals()
		for _, n := range totals {
			sum += n
		}
		if len(now.People) == 0 || len(now.People) != b.People || sum != b.People {
			t.Errorf("the survey counts %d, %d in columns, and the baseline holds %d", len(now.People), sum, b.People)
		}
		if totals[len(totals)-1] == sum {
			t.Error("nothing is known of anybody")
		}
		// On the evening of the day less was known; whoever is counted elsewhere now is
		// just the difference.
		then, err := s.On(ctx, f.manager, 2026, survey.Reference(2026))
		if err != nil {
			t.Fatal(err)
		}
		moved := then.Totals()
		for _, c := range now.Since(then) {
			moved[c.From]--
			moved[c.To]++
		}
		for i := range moved {
			if moved[i] != totals[i] {
				t.Errorf("%s: %d by what changed, and %d", now.Columns[i].Key, moved[i], totals[i])
			}
		}
		adviser := f.manager
		adviser.Roles = []access.Role{access.Adviser}
		if _, err := s.File(ctx, adviser, 2026, "k0"); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser files: %v", err)
		}
		filed, err := s.File(ctx, f.manager, 2026, "k1")
		if err != nil {
			t.Fatal(err)
		}
		var wrong field.Errors
		if _, err := s.File(ctx, f.manager, 2026, "k2"); !errors.As(err, &wrong) {
			t.Errorf("filed twice: %v", err)
		}
		if _, err := s.File(ctx, f.manager, 2024, "k3"); !errors.As(err, new(survey.NoBaseline)) {
			t.Errorf("filed without a baseline: %v", err)
		}
		kept, err := s.Filed(ctx, f.manager, 2026)
		var again bytes.Buffer
		if err == nil {
			err = now.WriteCSV(&again, Code)
		}
		if err != nil || kept.SHA256 != filed.SHA256 || !bytes.Equal(kept.Bytes, again.Bytes()) {
			t.Errorf("what is kept is not what was filed: %v", err)
		}
	})
}
