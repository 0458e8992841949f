package demo

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/standing"
)

func filled(t *testing.T, d *db.DB, w *World) register.Register {
	t.Helper()
	r, err := Fill(context.Background(), House{DB: d, Requirement: nccis.MustLoad()}, w)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegisterHoldsTheWorld(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		w := invent(t, 5, "2026-11-10", 0.03)
		r := filled(t, d, w)
		req := requirement()
		end := w.Period.Add(-1).End()
		e, _ := req.EditionOn(end)
		var lives []*life.Life
		var kept []string
		if err := d.Read(ctx, func(tx *db.Tx) error {
			var err error
			if lives, err = life.Load(tx, fact.Known{Register: r.ID}); err != nil {
				return err
			}
			kept, err = standings(tx, r.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		want := map[string]nccis.Record{}
		for _, p := range w.People {
			if p.KnownFrom() <= w.Told {
				want[p.Person.YoungPersonsID] = p.At(w.Told).On(r.Book(), e, end).Record
			}
		}
		if len(lives) != len(want) || len(lives) < 400 {
			t.Fatalf("the register holds %d people of %d", len(lives), len(want))
		}
		derived := make([]string, len(lives))
		for i, l := range lives {
			if diff := cmp.Diff(want[l.Person.YoungPersonsID], l.On(r.Book(), e, end).Record); diff != "" {
				t.Fatal("told and held differ:", diff)
			}
			row := standing.Keeper{Requirement: req}.Row(r.ID, l)
			derived[i] = l.Person.YoungPersonsID + " " + asText(row[28:31]...) + " " + asText(row[20], row[25], row[26])
		}
		if diff := cmp.Diff(derived, kept); diff != "" {
			t.Error("the standings are not those of the facts:", diff)
		}
		actsFollowTime(t, d, w)
		if whole, err := Finished(ctx, d, r.ID); err != nil || !whole {
			t.Error("the demo is not finished:", err)
		}
		returnsWereSent(t, d, w, r)
	})
}

func asText(values ...any) string {
	var out []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			out = append(out, s)
		} else {
			out = append(out, "")
		}
	}
	return strings.Join(out, "|")
}

func standings(tx *db.Tx, r id.Register) ([]string, error) {
	rows, err := tx.Query(`SELECT young_persons_id, adviser, adviser_name, COALESCE(last_contact_on, ''), activity, COALESCE(lapses_on, ''), COALESCE(neet_since, '')
		FROM standing WHERE register = $1 ORDER BY young_person`, int64(r))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var who, adviser, name, contact, activity, lapses, since string
		if err := rows.Scan(&who, &adviser, &name, &contact, &activity, &lapses, &since); err != nil {
			return nil, err
		}
		out = append(out, who+" "+strings.Join([]string{adviser, name, contact}, "|")+" "+strings.Join([]string{activity, lapses, since}, "|"))
	}
	return out, rows.Err()
}

// actsFollowTime checks that every act is stamped in the past, none before one
// with a lower number.
func actsFollowTime(t *testing.T, d *db.DB, w *World) {
	t.Helper()
	if err := d.Read(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT at, kind FROM act ORDER BY number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		n, last := 0, time.Time{}
		for rows.Next() {
			var at db.Instant
			var kind string
			if err := rows.Scan(&at, &kind); err != nil {
				return err
			}
			if at.Before(last) || !at.Before(w.On.AddDays(1).Time()) {
				t.Errorf("act %d (%s) is stamped %s, after %s", n+1, kind, at, last)
			}
			n, last = n+1, at.Time
		}
		if n < 200 || n > 500 {
			t.Errorf("%d acts, want a few hundred", n)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
}

func returnsWereSent(t *testing.T, d *db.DB, w *World, r register.Register) {
	t.Helper()
	ctx := context.Background()
	s := &returns.Service{DB: d, Requirement: nccis.MustLoad(), Standing: standing.Keeper{Requirement: nccis.MustLoad()}}
	by := access.Actor{Register: r.ID, Ref: "operator:test", Name: "test", Roles: []access.Role{access.Operator}}
	list, err := s.List(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	if want := w.sent(); len(list) != len(want) || !slices.Contains(want, w.lastMarch()) {
		t.Fatalf("%d returns, want those of %v", len(list), want)
	}
	for _, one := range list {
		if one.State != returns.Accepted || !one.Period.Before(w.Period) || one.Period.Before(w.firstSent()) {
			t.Errorf("%s is %s", one.Period, one.State)
		}
	}
	// Whoever was reported as left is not reported again.
	draft, err := s.Build(ctx, by, w.Period, returns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range draft.People {
		if status := p.Record.Get(nccis.CohortStatus); status != "P" && w.Period.Month != time.September {
			t.Errorf("%s stands in the next return with status %s", p.Record.Get(nccis.YoungPersonsID), status)
		}
	}
}

func TestCastCanSignIn(t *testing.T) {
	d := dbtest.SQLite(t)
	w := invent(t, 2, "2026-11-10", 0.01)
	r := filled(t, d, w)
	accounts := account.New(d, r.ID)
	roles := map[access.Role]int{}
	for _, s := range w.Cast {
		a, err := accounts.ByRef(context.Background(), s.Ref)
		if err != nil || a.SignIn != s.SignIn || len(a.Roles) != 1 || a.Roles[0] != s.Role {
			t.Errorf("%s: %+v, %v", s.Name, a, err)
		}
		roles[s.Role]++
	}
	for _, role := range access.Roles() {
		if roles[role] == 0 {
			t.Errorf("nobody in the cast is %s", role)
		}
	}
	if roles[access.DataOfficer] < 2 || civil.On(w.Acts[0].At, civil.London()).After(w.On.AddYears(-3)) {
		t.Error("two data officers sign, and the past is three years long")
	}
}

// TestLookedAtOnAPastDay has a world of last winter: what its partners agree and
// what somebody will do is still to come all the same.
func TestLookedAtOnAPastDay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		w := invent(t, 5, civil.On(d.Now(), civil.London()).AddDays(-320).String(), 0.02)
		r := filled(t, d, w)
		h := House{DB: d.For(r.ID), Requirement: nccis.MustLoad()}
		if err := Share(ctx, h, w, r); err != nil {
			t.Fatal(err)
		}
		if err := Notify(ctx, h, w, r); err != nil {
			t.Fatal(err)
		}
	})
}
