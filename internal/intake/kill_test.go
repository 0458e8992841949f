package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/intake"
)

// invented is a roll of n people, the same for the same number.
func invented(n, from int) string {
	given := []string{"Robert", "Amina", "Iwan", "Leila", "Kofi", "Maeve", "Tomos", "Priya", "Jonah", "Zofia", "Idris", "Carys", "Emeka"}
	family := []string{"Oakmerstead", "Tarnbrook", "Fellgate", "Sandgate", "Holtby", "Marram", "Curlew", "Samphire", "Dunlin", "Estuary", "Groyne"}
	var b strings.Builder
	b.WriteString(rollHead)
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, "R%d,,%s%s,%s,%02d/%02d/%d,%s,LW%d %dA%c,07/09/2026,A levels\n", i, family[i%11], strings.ToLower(family[(i/11)%11]), given[(i/7)%13],
			1+i%28, 1+(i/28)%12, 2008+(i/336)%3, []string{"M", "F"}[i%2], 1+i%9, i%10, 'A'+rune(i%26))
	}
	return b.String()
}

// wearing makes a service whose context ends after so many looks at the clock: before each
// transaction, and so between any two.
func (h *house) wearing(d *db.DB, looks int) (context.Context, *intake.Service) {
	ctx, cancel := context.WithCancel(context.Background())
	left := looks
	worn := d.At(func() time.Time {
		if left--; left <= 0 {
			cancel()
		}
		return dbtest.Noon
	})
	h.serve(worn)
	return ctx, h.s
}

func TestBrokenOffAnywhereItGoesOnWithoutADouble(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.apply(roll(invented(300, 0), "2026-09-20"))
		text := invented(9300, 100)
		ref := h.confirm(roll(text, "2026-10-05"))
		breaks := 0
		for looks := 1; ; looks++ {
			ctx, s := h.wearing(d, looks)
			err := s.Work(ctx, h.by, ref, nil)
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				t.Fatalf("broken off at look %d: %v", looks, err)
			}
			breaks++
		}
		h.serve(d)
		in := h.get(ref)
		if breaks < 5 || in.State != intake.InReview || in.Counts.Read != 9300 || in.Counts.Ready+in.Counts.Waiting != 9300 {
			t.Fatalf("after %d breaks: %s %+v", breaks, in.State, in.Counts)
		}
		whole := h.review(roll(text, "2026-10-05"))
		if d := cmp.Diff(whole.Counts, in.Counts); d != "" {
			t.Errorf("read in one go it comes to something else (-one go +broken):\n%s", d)
		}
		if d := cmp.Diff(outcomes(h.rows(whole.Ref, intake.Filter{})), outcomes(h.rows(ref, intake.Filter{}))); d != "" {
			t.Errorf("rows differ:\n%.2000s", d)
		}
		before := h.facts()
		for looks := 1; ; looks++ {
			ctx, s := h.wearing(d, looks)
			_, err := s.Apply(ctx, h.by, ref, intake.Applying{SkipUndecided: true})
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				t.Fatalf("applying, broken off at look %d: %v", looks, err)
			}
			h.serve(d)
			h.same("after an apply that was broken off", before)
		}
		h.serve(d)
		if in = h.get(ref); in.State != intake.Applied || len(h.lives()) != 300+in.Counts.New {
			t.Errorf("%s, %d people, %+v", in.State, len(h.lives()), in.Counts)
		}
		h.undo(ref, intake.Undoing{})
		h.same("undone", before)
	})
}

func outcomes(rows []intake.Row) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.Number, r.Name, r.Outcome, r.Answer, r.Person, r.Bits, len(r.Changes)))
	}
	return out
}

func TestRecoverGoesOn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ref := h.confirm(roll(october, "2026-10-05"))
		half, err := h.s.Receive(context.Background(), h.by, intake.File{Name: "half.csv", From: broken{}, Sender: h.sender.Ref})
		if err == nil {
			t.Fatal("half a file was received")
		}
		h.serve(d)
		if err := h.s.Recover(context.Background(), h.reg.ID); err != nil {
			t.Fatal(err)
		}
		h.s.Close()
		for try := 0; h.get(ref).State != intake.InReview && try < 5; try++ {
			if err := h.s.Work(context.Background(), h.by, ref, nil); err != nil {
				t.Fatal(err)
			}
		}
		if in := h.get(ref); in.State != intake.InReview || in.Counts.New != 3 {
			t.Errorf("%s %+v", in.State, in.Counts)
		}
		if in := h.get(half.Ref); in.State != intake.Refused || in.Message == "" {
			t.Errorf("half a file is %s: %s", in.State, in.Message)
		}
	})
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the connection broke") }

func TestCancelledIsAway(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		in := h.review(roll(october, "2026-10-05"))
		if err := h.s.Cancel(context.Background(), h.by, in.Ref); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.Apply(context.Background(), h.by, in.Ref, intake.Applying{}); !errors.As(err, new(intake.Refusal)) {
			t.Errorf("a cancelled file was applied: %v", err)
		}
		if len(h.lives()) != 0 {
			t.Error("somebody was added")
		}
	})
}
