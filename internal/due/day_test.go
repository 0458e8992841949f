package due

import (
	"context"
	"errors"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/youngperson"
)

// TestADayHoldsWhatIsTheirs gives an adviser some of those who are due, with a
// promise to one, and asks for their day.
func TestADayHoldsWhatIsTheirs(t *testing.T) {
	invented(t, func(w *world) {
		adviser := access.Actor{Register: w.reg.ID, Account: 0, Ref: "account:somebody", Name: "Somebody", Roles: []access.Role{access.Adviser}}
		if parts, err := Day(t.Context(), adviser, w.on, 10, w.Mine); err != nil || len(parts) != 0 {
			t.Fatalf("before anybody is theirs: %+v, %v", parts, err)
		}
		p, err := w.Page(t.Context(), w.by, Question{Window: Overdue}, 0, 14)
		if err != nil || len(p.Items) < 6 {
			t.Fatal(err, len(p.Items))
		}
		var mine []id.YoungPerson
		for _, one := range p.Items {
			if !one.Locked {
				mine = append(mine, one.Person)
			}
		}
		err = w.DB.InTx(t.Context(), func(tx *db.Tx) error {
			for i, yp := range mine {
				a, err := act.Begin(tx, w.by, access.CorrectPerson, yp, act.Request{Evidence: &act.Evidence{Kind: act.System}})
				if err != nil {
					return err
				}
				l, err := life.One(tx, w.reg.ID, yp, 0)
				if err != nil {
					return err
				}
				for _, old := range l.Allocations {
					if old.Ended == "" {
						if err := youngperson.Allocations.Close(tx, a, old.Version); err != nil {
							return err
						}
					}
				}
				if _, err := youngperson.Allocations.New(tx, a, yp, w.on.AddDays(-2).String(), youngperson.Allocation{Adviser: "somebody", AdviserName: "Somebody"}); err != nil {
					return err
				}
				if i < 2 {
					made := w.on.AddDays(-1).String()
					if _, err := contact.Contacts.New(tx, a, yp, made, contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached, NextOn: w.on.AddDays(-i).String(), By: adviser.Ref}); err != nil {
						return err
					}
				}
				if err := w.Lists.Standing.Rewrite(tx, a, yp); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		parts, err := Day(t.Context(), adviser, w.on, 5, w.Mine)
		if err != nil {
			t.Fatal(err)
		}
		got := map[Section]Tasks{}
		for i, one := range parts {
			got[one.Section] = one
			if i > 0 && parts[i-1].Section == one.Section {
				t.Errorf("%s stands twice", one.Section)
			}
		}
		if n := got[Today].Total; n != 1 || got[Today].Tasks[0].Do != "Record" {
			t.Errorf("today: %+v", got[Today])
		}
		if late := got[Late]; late.Total != len(mine)+1 || len(late.Tasks) != 5 || late.All == "" {
			t.Errorf("overdue: %d of %d shown, of %d", len(late.Tasks), late.Total, len(mine))
		}
		if fresh := got[NewToYou]; fresh.Total != len(mine) || fresh.Tasks[0].Why == "" {
			t.Errorf("new: %+v", fresh)
		}
		if _, err := w.Mine(t.Context(), access.Actor{Register: w.reg.ID, Ref: "account:c", Roles: []access.Role{access.Commissioner}}, w.on, 10); !errors.As(err, new(access.Denied)) {
			t.Errorf("a commissioner has young people: %v", err)
		}
		broken := func(context.Context, access.Actor, civil.Date, int) ([]Tasks, error) { return nil, db.NotFound }
		if _, err := Day(t.Context(), adviser, w.on, 10, w.Mine, broken); !errors.Is(err, db.NotFound) {
			t.Errorf("a source that fails: %v", err)
		}
	})
}
