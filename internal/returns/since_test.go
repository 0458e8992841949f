package returns

import (
	"errors"
	"slices"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/need"
)

// done says that the acts so far after a number were done at a moment, and
// returns the last of them.
func (h *house) done(after id.Act, at string) (last id.Act) {
	h.Helper()
	err := h.s.DB.InTx(h.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec("UPDATE act SET at = $1 WHERE register = $2 AND number > $3", at, int64(h.reg.ID), int64(after)); err != nil {
			return err
		}
		return tx.QueryRow("SELECT last_act FROM register WHERE id = $1", int64(h.reg.ID)).Scan(&last)
	})
	if err != nil {
		h.Fatal(err)
	}
	return last
}

// keysOf are whom some of a comparison are.
func keysOf(c *Comparison) (joined, left, changed []id.YoungPerson) {
	for _, p := range c.Joined {
		joined = append(joined, p.Key)
	}
	for _, p := range c.Left {
		left = append(left, p.Key)
	}
	for _, p := range c.Changed {
		changed = append(changed, p.Now.Key)
	}
	return joined, left, changed
}

// TestWhatChangedSince holds that what is told of those touched since is what a
// comparison with the whole return as known then tells.
func TestWhatChangedSince(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		keys := h.load(october(), h.clean(), h.clean(), h.clean(), h.clean())
		began := h.done(0, "2026-11-02T09:00:00.000000Z")
		h.setNeed(keys[3], func(n *need.Need) { n.Level = "2" })
		before := h.done(began, "2026-11-06T16:30:00.000000Z")
		officer, october := h.officer(), civil.Month{Year: 2026, Month: 10}
		friday := Moment{On: civil.MustParse("2026-11-06")}
		since := func(m Moment) *Comparison {
			t.Helper()
			c, err := h.s.Since(t.Context(), officer, october, nil, m)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if c := since(friday); len(c.Joined)+len(c.Left)+len(c.Changed)+len(c.Shifts) != 0 {
			t.Errorf("nothing was learned, and yet %+v", c)
		}
		// On Monday one turns out to be NEET, one has a plan, and one is new.
		h.setSpell(keys[0], func(s *activity.Spell) { s.Activity, s.PredictedEnd, s.NEETStart = "619", "", "2026-10-05" })
		h.setNeed(keys[1], func(n *need.Need) { n.Level = "1" })
		h.done(before, "2026-11-09T10:00:00.000000Z")
		narrow := since(friday)
		if joined, left, changed := keysOf(narrow); len(joined)+len(left) != 0 || !slices.Equal(changed, keys[:2]) {
			t.Errorf("joined %v, left %v, changed %v", joined, left, changed)
		}
		if narrow.From.Rates.NEET != 0 || narrow.To.Rates.NEET != 1 || narrow.From.Rates.Cohort != 4 || len(narrow.Shifts) != 1 {
			t.Errorf("from %+v to %+v, %d shifts", narrow.From.Rates, narrow.To.Rates, len(narrow.Shifts))
		}
		lines := narrow.Measures()[0].Lines
		if want := "1 who counted as in education, employment or training now counts as NEET (learned 9 November 2026)"; len(lines) != 1 || lines[0].Text != want {
			t.Errorf("it says %v, want %q", lines, want)
		}
		if narrow.From.Name() != "October 2026, as known on 6 November 2026" {
			t.Errorf("it is called %q", narrow.From.Name())
		}
		if _, _, changed := keysOf(since(Moment{On: civil.MustParse("2026-11-02")})); !slices.Equal(changed, []id.YoungPerson{keys[0], keys[1], keys[3]}) {
			t.Errorf("since the 2nd, changed are %v", changed)
		}
		// A file names nobody of those it touched: then everybody is stated again.
		fresh := h.load(civil.MustParse("2026-10-31"), h.clean())
		whole := since(friday)
		if joined, left, changed := keysOf(whole); !slices.Equal(joined, fresh) || len(left) != 0 || !slices.Equal(changed, keys[:2]) {
			t.Errorf("after a file: joined %v, left %v, changed %v", joined, left, changed)
		}
		if whole.From.Rates != narrow.From.Rates || whole.To.Rates.Cohort != 5 {
			t.Errorf("after a file: from %+v to %+v", whole.From.Rates, whole.To.Rates)
		}
		h.sinceRefuses(october)
	})
}

// sinceRefuses holds what cannot be asked, and who may not.
func (h *house) sinceRefuses(month civil.Month) {
	h.Helper()
	ask := func(by access.Actor, m Moment) error {
		_, err := h.s.Since(h.Context(), by, month, nil, m)
		return err
	}
	today := civil.On(h.s.DB.Now(), civil.London())
	if err := ask(h.officer(), Moment{On: today}); !errors.As(err, new(field.Errors)) {
		h.Errorf("since today: %v", err)
	}
	if err := ask(h.officer(), Moment{On: civil.MustParse("2026-11-01")}); !errors.As(err, new(act.BeforeBegan)) {
		h.Errorf("before the register began: %v", err)
	}
	if err := ask(h.who("Ada Brook", access.Adviser), Moment{On: today.AddDays(-1)}); !errors.As(err, new(access.Denied)) {
		h.Errorf("an adviser was answered %v", err)
	}
}

// TestSinceItWasSigned compares a month with what was known when another was
// signed.
func TestSinceItWasSigned(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		keys := h.load(october(), h.clean(), h.clean())
		frozen := h.sent("2026-10")
		h.setNeed(keys[1], func(n *need.Need) { n.Level = "1" })
		list, err := h.s.List(t.Context(), h.officer())
		if err != nil {
			t.Fatal(err)
		}
		november := civil.Month{Year: 2026, Month: 11}
		moments := Moments(list, november, h.reg.Codes(), civil.MustParse("2026-11-16"))
		var words []string
		for _, m := range moments {
			words = append(words, m.Words())
		}
		if want := []string{"on 13 November 2026", "on 15 November 2026", "on 9 November 2026", "when October 2026 was signed"}; !slices.Equal(words, want) {
			t.Errorf("on a Monday are offered %q", words)
		}
		if n := len(Moments(list, civil.Month{Year: 2026, Month: 9}, h.reg.Codes(), civil.MustParse("2026-11-18"))); n != 2 {
			t.Errorf("of September %d moments are offered, want the last two days", n)
		}
		last := moments[len(moments)-1]
		c, err := h.s.Since(t.Context(), h.officer(), november, nil, last)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, changed := keysOf(c); last.Key() != string(frozen.Ref) || !slices.Equal(changed, keys[1:]) || c.Changed[0].Items[0].Field != nccis.LevelOfNeedCode {
			t.Errorf("since it was signed changed are %v", changed)
		}
	})
}
