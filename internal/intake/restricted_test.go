package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

// TestARowTellsNoProtectedAddress: who knows a postcode and sends it with something
// to add is not told the rest of the address.
func TestARowTellsNoProtectedAddress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		const head = "UPN,Surname,Forename,DOB,Street,Town,Postcode\n"
		h.apply(list{kind: "pupil-list", text: head + "C999400120001,Tarn,Robin,01/02/2010,5 Sanctuary Row,,ZZ7 5NN\n", asAt: day("2026-10-01")})
		in := h.review(list{kind: "pupil-list", text: head + "C999400120001,Tarn,Robin,01/02/2010,,Gullhaven,ZZ7 5NN\n", asAt: day("2026-11-01")})
		address := func() (c intake.Change) {
			t.Helper()
			for _, r := range h.rows(in.Ref, intake.Filter{}) {
				for _, one := range r.Changes {
					if one.Field == "address" {
						c = one
					}
				}
			}
			return c
		}
		if c := address(); !strings.Contains(c.Before, "Sanctuary Row") || !strings.Contains(c.After, "Sanctuary Row") {
			t.Fatalf("not protected, the change is %+v", c)
		}
		if err := h.db.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'ig', 'Somebody', '', FALSE, 1)`, int64(h.reg.ID)); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 1, 'x', $2, 'protected address', '', 1, '2027-01-01', 0, 1)`,
				int64(h.reg.ID), int64(h.person("Robin").Person.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if c := address(); c.Before != access.Protected || c.After != access.Protected {
			t.Errorf("protected, the change is %+v", c)
		}
		h.guesses(head)
		if all := fmt.Sprint(h.rows(in.Ref, intake.Filter{})); strings.Contains(all, "Sanctuary") {
			t.Errorf("the rows tell the address: %s", all)
		}
	})
}

// guesses sends the right address of Robin, half of it and a wrong one: the rows and
// what the files come to are the same, until one who may see it decides.
func (h *house) guesses(head string) {
	h.t.Helper()
	told := func(address string) (intake.Intake, string) {
		in := h.review(list{kind: "pupil-list", text: head + "C999400120001,Tarn,Robin,01/02/2010," + address + "\n", asAt: day("2026-10-01")})
		rows := h.rows(in.Ref, intake.Filter{})
		if len(rows) != 1 || rows[0].Outcome != intake.OutcomeUnchanged || rows[0].Clashes != 1 || len(rows[0].Changes) != 1 || !rows[0].Changes[0].Kept {
			h.t.Errorf("a row with a protected address is %+v", rows)
		}
		shown, err := h.s.Candidates(h.t.Context(), h.by, in.Ref, rows[0].Number, 5)
		if err != nil {
			h.t.Fatal(err)
		}
		rows[0].Place = ""
		return in, fmt.Sprintf("%+v %+v %+v", rows, in.Counts, shown)
	}
	in, right := told("5 Sanctuary Row,,ZZ7 5NN")
	for _, guess := range []string{",,ZZ7 5NN", "1 Guess Street,,ZZ9 9ZZ", "5 Sanctuary Row,,ZZ9 9ZZ"} {
		if _, other := told(guess); other != right {
			h.t.Errorf("%s is told apart from the right address:\n%s\n%s", guess, other, right)
		}
	}
	var refused field.Errors
	if err := h.s.Choose(h.t.Context(), h.by, in.Ref, 2, "protected address", intake.Theirs); !errors.As(err, &refused) {
		h.t.Errorf("somebody who may not see the address decided about it: %v", err)
	}
	may := h.by
	may.Account = 1 // who answers for the restriction
	if err := h.s.Choose(h.t.Context(), may, in.Ref, 2, "protected address", intake.Theirs); err != nil {
		h.t.Fatal(err)
	}
	if got := h.rows(in.Ref, intake.Filter{}); got[0].Outcome != intake.OutcomeChanged || got[0].Clashes != 0 {
		h.t.Errorf("decided, the row is %+v", got)
	}
	// The choice was about those words: mended by whoever may not see the address,
	// the row waits again, and as it was it stands as decided.
	for _, one := range []struct{ street, want string }{{"1 Guess Street", intake.OutcomeUnchanged}, {"5 Sanctuary Row", intake.OutcomeChanged}} {
		if err := h.s.Fix(h.t.Context(), h.by, in.Ref, 2, layout.Street, one.street); err != nil {
			h.t.Fatal(err)
		}
		if got := h.rows(in.Ref, intake.Filter{}); got[0].Outcome != one.want {
			h.t.Errorf("mended to %s after the choice, the row is %+v", one.street, got)
		}
	}
}
