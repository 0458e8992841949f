package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

// comes is all that a file comes to, in words.
func (h *house) comes(ref id.Ref) []string {
	h.t.Helper()
	out := []string{fmt.Sprintf("%s %+v", h.get(ref).State, h.get(ref).Counts)}
	for _, r := range h.rows(ref, intake.Filter{}) {
		out = append(out, fmt.Sprintf("%+v", r))
	}
	gone, _, err := h.s.Gone(context.Background(), h.by, ref, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, g := range gone {
		out = append(out, fmt.Sprintf("gone %+v", g))
	}
	return out
}

// again has a file worked out anew from a stage on, by a new process.
func (h *house) again(ref id.Ref, from intake.State) {
	h.t.Helper()
	h.serve(h.db)
	if err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
		if from == intake.Staged {
			if _, err := tx.Exec(`DELETE FROM intake_row WHERE register = $1 AND intake = (SELECT id FROM intake WHERE register = $1 AND ref = $2)`, int64(h.reg.ID), string(ref)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE intake SET state = $1, done = 0 WHERE register = $2 AND ref = $3`, string(from), int64(h.reg.ID), string(ref))
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.s.Work(context.Background(), h.by, ref, nil); err != nil {
		h.t.Fatal(err)
	}
}

// Deciding a row tells only those again whom it touches; to tell the whole file
// again, and to match it again from nothing, comes to the same.
func TestDecidingTellsWhatItTouchesAndNoMore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		seeds, tried := uint64(12), 0
		if d.Engine == db.Postgres {
			seeds = 3
		}
		for seed := range seeds {
			r := rand.New(rand.NewPCG(seed, 7))
			h := h0(t, d)
			h.freshRegister(fmt.Sprint(r.Uint64()))
			for range 1 + r.IntN(3) {
				h.tryApply(wildList(r))
			}
			tried += h.decideAtRandom(r)
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		if tried < int(seeds) {
			t.Errorf("only %d decisions were tried", tried)
		}
	})
}

func (h *house) decideAtRandom(r *rand.Rand) (tried int) {
	ctx := context.Background()
	ref, err := h.tryConfirm(ctx, wildList(r))
	if err == nil {
		err = h.s.Work(ctx, h.by, ref, nil)
	}
	if err != nil {
		return 0
	}
	lives := h.lives()
	for range 8 {
		rows := h.rows(ref, intake.Filter{})
		if len(rows) == 0 {
			return tried
		}
		row := rows[r.IntN(len(rows))]
		var did string
		switch r.IntN(7) {
		case 0:
			did, err = "left out", h.s.Decide(ctx, h.by, ref, row.Number, intake.DecideSkip, "")
		case 1:
			did, err = "new", h.s.Decide(ctx, h.by, ref, row.Number, intake.DecideNew, "")
		case 2, 3:
			if len(lives) == 0 {
				continue
			}
			who := lives[r.IntN(len(lives))].Person.Ref
			did, err = "person "+string(who), h.s.Decide(ctx, h.by, ref, row.Number, intake.DecidePerson, who)
		case 4:
			did, err = "taken back", h.s.Decide(ctx, h.by, ref, row.Number, "", "")
		case 5:
			if len(row.Changes) == 0 {
				continue
			}
			did, err = "chosen", h.s.Choose(ctx, h.by, ref, row.Number, row.Changes[r.IntN(len(row.Changes))].Field, []string{"", intake.Ours, intake.Theirs}[r.IntN(3)])
		case 6:
			did, err = "mended", h.s.Fix(ctx, h.by, ref, row.Number, layout.Given, []string{"Robert", "Amina", "Wynn"}[r.IntN(3)])
		}
		if err != nil {
			if strings.Contains(err.Error(), "It takes a given name") {
				continue
			}
			h.t.Fatalf("%s: %v", did, err)
		}
		tried++
		got := h.comes(ref)
		for _, from := range []intake.State{intake.Matched, intake.Staged} {
			h.again(ref, from)
			if d := cmp.Diff(h.comes(ref), got); d != "" {
				h.t.Errorf("row %d %s; worked out anew from %s it comes to something else (-anew +told):\n%s", row.Number, did, from, d)
				return tried
			}
		}
	}
	return tried
}

// Candidates are the same whether the register was read anew or kept, with acts of
// others between.
func TestCandidatesOfAKeptRegister(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(october, "2026-09-28"))
		in := h.review(roll(strings.Replace(october, "Robert", "Bob", 1), "2026-10-05"))
		row := h.rows(in.Ref, intake.Filter{})[0]
		ask := func() (out []string) {
			list, err := h.s.Candidates(context.Background(), h.by, in.Ref, row.Number, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range list {
				out = append(out, fmt.Sprintf("%s %s %s %.6f %+v", c.Person, c.Name, c.Place, c.Probability, c.Explanation))
			}
			return out
		}
		check := func(what string) {
			t.Helper()
			kept := ask()
			h.serve(d)
			if d := cmp.Diff(ask(), kept); d != "" || len(kept) == 0 {
				t.Errorf("%s (-anew +kept):\n%s", what, d)
			}
		}
		check("as it was matched")
		h.recorded("Amina", "330", "2026-11-05", "visit", "2026-11-06")
		check("after an act that changes nobody's identity")
		h.apply(list{kind: "people", asAt: day("2026-11-01"), text: "Surname,Forename,Date of birth,Postcode\nOakmerstead,Bobby,02/11/2009,LW2 8WH\n"})
		check("after a file that may have added somebody like them")
	})
}
