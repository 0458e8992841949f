package returns

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/youngperson"
)

// setSpell changes one young person's activity, as a correction would.
func (h *house) setSpell(key id.YoungPerson, change func(*activity.Spell)) {
	h.Helper()
	if err := h.s.DB.InTx(h.Context(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, h.officer(), access.RecordActivity, key, act.Request{Evidence: &act.Evidence{Kind: act.Visit, SaidBy: "their aunt"}})
		if err != nil {
			return err
		}
		l, err := life.One(tx, h.reg.ID, key, 0)
		if err != nil {
			return err
		}
		next := l.Spells[0]
		change(&next.Is)
		return activity.Spells.Replace(tx, a, l.Spells[0].Version, next)
	}); err != nil {
		h.Fatal(err)
	}
}

func TestWhyAReturnReadsOtherwiseNow(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		neet := func() nccis.Record {
			return with(h.clean(), map[nccis.Field]string{nccis.ActivityCode: "619", nccis.PredictedEndDate: "", nccis.DueToLapseDate: "", nccis.NEETStartDate: "2026-09-03"})
		}
		keys := h.load(october(), h.clean(), h.clean(), neet(), neet(), neet())
		frozen := h.sent("2026-10")
		same, err := h.s.Compare(t.Context(), h.officer(), frozen.Ref, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(same.Changed)+len(same.Joined)+len(same.Left)+len(same.Shifts) != 0 {
			t.Fatalf("nothing was learned, and yet %+v", same)
		}
		// Two were in college all along, one of the pupils was working without
		// pay, and one more has a plan.
		for _, key := range keys[2:4] {
			h.setSpell(key, func(s *activity.Spell) { s.Activity, s.PredictedEnd, s.NEETStart = "220", "2028-07-31", "" })
		}
		h.setSpell(keys[0], func(s *activity.Spell) { s.Activity, s.PredictedEnd = "540", "" })
		h.setNeed(keys[1], func(n *need.Need) { n.Level = "1" })
		c, err := h.s.Compare(t.Context(), h.officer(), frozen.Ref, "")
		if err != nil {
			t.Fatal(err)
		}
		if c.From.Rates.NEET != 3 || c.To.Rates.NEET != 2 || !c.SamePeriod || len(c.Changed) != 4 {
			t.Errorf("NEET %d then %d, %d changed", c.From.Rates.NEET, c.To.Rates.NEET, len(c.Changed))
		}
		var said []string
		for _, m := range c.Measures() {
			said = append(said, m.Words())
			for _, l := range m.Lines {
				said = append(said, l.Text)
			}
		}
		for _, want := range []string{"NEET was 3, and is now 2.", "2 who counted as NEET turn out to have been in education, employment or training (learned 10 November 2026)",
			"1 who counted as in education, employment or training turns out to have been NEET (learned 10 November 2026)", "Not known was 0, and still is."} {
			if !slices.Contains(said, want) {
				t.Errorf("%q is not among\n%s", want, strings.Join(said, "\n"))
			}
		}
		if err := h.s.Explain(t.Context(), h.officer(), c, c.Changed); err != nil {
			t.Fatal(err)
		}
		var lines []string
		write := func(cells ...string) error { lines = append(lines, strings.Join(cells[2:], "|")); return nil }
		if err := c.EachChange(write); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"changed|Current activity|619|220|2026-11-10|Wilfred Oakapple|visit|their aunt|2026-11-10", "changed|Level of need|3|1|2026-11-10|Wilfred Oakapple|phone||2026-11-10"} {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) }) {
				t.Errorf("%q is not among\n%s", want, strings.Join(lines, "\n"))
			}
		}
	})
}

func TestTwoFrozenReturnsAreCompared(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		keys := h.load(october(), h.clean(), h.clean())
		october := h.sent("2026-10")
		h.act(h.officer(), access.CorrectPerson, &act.Evidence{Kind: act.Telephone}, func(tx *db.Tx, a *act.Act) error {
			l, err := life.One(tx, h.reg.ID, keys[0], 0)
			if err != nil {
				return err
			}
			next := l.Names[0]
			next.Is.Family = "Larkmoor"
			return youngperson.Names.Replace(tx, a, l.Names[0].Version, next)
		})
		h.load(civil.MustParse("2026-10-31").AddDays(30), with(h.clean(), nil))
		november := h.sent("2026-11")
		c, err := h.s.Compare(t.Context(), h.officer(), october.Ref, november.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Joined) != 1 || len(c.Left) != 0 || len(c.Changed) != 1 || c.SamePeriod || c.Changed[0].Items[0].Field != nccis.FamilyName || c.Changed[0].Items[0].After != "Larkmoor" {
			t.Errorf("joined %d, left %d, changed %+v", len(c.Joined), len(c.Left), c.Changed)
		}
		back, err := h.s.Compare(t.Context(), h.officer(), november.Ref, october.Ref)
		if err != nil || len(back.Joined) != 0 || len(back.Left) != 1 {
			t.Errorf("the other way round: %+v, %v", back, err)
		}
		if _, err := h.s.Compare(t.Context(), h.officer(), id.NewRef(), ""); !errors.Is(err, db.NotFound) {
			t.Errorf("a return there is none of: %v", err)
		}
		if _, err := h.s.Compare(t.Context(), h.who("Ada Brook", access.Adviser), october.Ref, ""); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser was answered %v", err)
		}
		if err := h.s.DB.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE monthly_return SET sha256 = 'x' WHERE register = $1 AND id = $2", int64(h.reg.ID), int64(october.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Compare(t.Context(), h.officer(), october.Ref, ""); !errors.Is(err, ErrDamaged) {
			t.Errorf("a damaged file was answered %v", err)
		}
	})
}
