package find

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// answers are who is found by each question as known on a day, and why.
func (w town) answers(s *Service, on string) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, typed := range []string{"keira", "novak", "adamczyk", "keira novak", "kiera", "kate ashdown", "27 3 2009", "2009", "qx7", "qx9 9zz", "qx7 8af", "1000000019", "saltmarsh",
		"991 0000000001", "robin", "teal", "%", "zz9", "katherine 2011"} {
		q := Ask(typed)
		if on != "" {
			q.KnownOn = civil.MustParse(on)
		}
		found, err := s.Find(w.t.Context(), w.officer, q, 50, "find")
		if err != nil {
			w.t.Fatal(err)
		}
		text := fmt.Sprintf("%d %v:", found.Total, found.Over)
		for _, m := range found.Matches {
			text += fmt.Sprintf(" %+v %q;", m.Row, m.Why)
		}
		out[typed] = text
	}
	return out
}

// passed says that what was done so far since an act was done at a moment.
func (w town) passed(since id.Act, at string) (last id.Act) {
	w.t.Helper()
	if err := w.db.InTx(w.t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec("UPDATE act SET at = $1 WHERE register = $2 AND number > $3", at, int64(w.officer.Register), int64(since)); err != nil {
			return err
		}
		return tx.QueryRow("SELECT last_act FROM register WHERE id = $1", int64(w.officer.Register)).Scan(&last)
	}); err != nil {
		w.t.Fatal(err)
	}
	return last
}

func TestWhoWasFoundThen(t *testing.T) {
	onBoth(t, func(t *testing.T, w town) {
		keira := w.add("Keira", "Novak", "2009-03-27", "QX7 8AF")
		kate := w.add("Katherine", "Ashdown", "2010-11-02", "QX1 1AA")
		began := w.passed(0, "2026-06-01T09:00:00.000000Z")
		first := w.answers(w.Service, "2026-06-30")
		rename := func(ref id.Ref, given, family, postcode string) {
			w.change(ref, func(tx *db.Tx, a *act.Act, l *life.Life) error {
				if err := replaced(tx, a, youngperson.Names, l.Names[0], youngperson.Name{Kind: youngperson.Legal, Given: given, Family: family}); err != nil {
					return err
				}
				return replaced(tx, a, youngperson.Addresses, l.Addresses[0], youngperson.Address{Line1: "1 Mill Lane", Postcode: postcode})
			})
		}
		rename(keira, "Keira", "Adamczyk", "QX9 9ZZ")
		then := w.passed(began, "2026-09-01T09:00:00.000000Z")
		second := w.answers(w.Service, "2026-09-30")
		if reflect.DeepEqual(first, second) {
			t.Error("a change of name changes no answer")
		}
		// What follows is done today; Katherine is taken back.
		rename(keira, "Keira", "Teal", "ZZ9 9ZZ")
		w.add("Robin", "Novak", "2009-05-01", "QX7 8AF")
		w.change(kate, func(tx *db.Tx, a *act.Act, l *life.Life) error {
			if err := replaced(tx, a, youngperson.ParticularsTable, l.Particulars[0], youngperson.Particulars{DOB: "2011-11-02", Gender: "F", Ethnicity: "WBRI"}); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE young_person SET known_to = $1 WHERE register = $2 AND id = $3`, int64(a.Number), int64(a.Register), int64(l.Person.ID))
			return err
		})
		if err := w.records.RecordActivity(t.Context(), w.officer, keira, record.NewSpell{Activity: "220", Started: civil.MustParse("2026-09-07"),
			EstablishmentName: "Saltmarsh Sixth Form College", PredictedEnd: civil.MustParse("2028-07-07")}, 0, told()); err != nil {
			t.Fatal(err)
		}
		// A service of its own, so that what is kept from before helps nobody.
		fresh, err := New(w.db, w.records)
		if err != nil {
			t.Fatal(err)
		}
		for day, was := range map[string]map[string]string{"2026-06-30": first, "2026-09-30": second} {
			for _, s := range []*Service{w.Service, fresh} {
				for typed, now := range w.answers(s, day) {
					if now != was[typed] {
						t.Errorf("%q as known on %s: was %s, is %s", typed, day, was[typed], now)
					}
				}
			}
		}
		today := w.answers(fresh, "2026-11-10")
		for typed, now := range w.answers(w.Service, "") {
			if now != today[typed] {
				t.Errorf("%q as known now %s, as known today %s", typed, now, today[typed])
			}
		}
		q := Ask(string(kate))
		for day, want := range map[string]int{"2026-06-30": 1, "2026-09-30": 1, "2026-11-10": 0} {
			q.KnownOn = civil.MustParse(day)
			if found, err := fresh.Find(t.Context(), w.officer, q, 5, "find"); err != nil || found.Total != want {
				t.Errorf("by reference on %s: %d, %v", day, found.Total, err)
			}
		}
		q.KnownOn = civil.MustParse("2026-05-31")
		if _, err := fresh.Find(t.Context(), w.officer, q, 5, "find"); !errors.As(err, new(act.BeforeBegan)) || then == 0 {
			t.Errorf("before the register began: %v", err)
		}
	})
}
