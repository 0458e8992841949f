package border_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/border"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
)

// town is one register of the house with its side of the border.
type town struct {
	t  *testing.T
	d  *db.DB
	r  id.Register
	by access.Actor
	s  *border.Service
}

func towns(t *testing.T, d *db.DB) (a, b town) {
	t.Helper()
	key, err := border.OpenKey(filepath.Join(t.TempDir(), "border-key"))
	if err != nil {
		t.Fatal(err)
	}
	made := [2]town{}
	for i, code := range []string{"901", "902"} {
		book, err := (&register.Service{DB: d.EveryRegister()}).Add(t.Context(), register.Register{Name: "Borough " + code, DatabaseID: code, Authorities: []register.Authority{{Code: code, Name: "Borough " + code, Invented: true}}})
		if err != nil {
			t.Fatal(err)
		}
		own := d.For(book.ID)
		made[i] = town{t: t, d: own, r: book.ID, by: access.Actor{Register: book.ID, Ref: "account:officer", Name: "Officer", Roles: []access.Role{access.DataOfficer}, Request: "q"},
			s: &border.Service{DB: own, Register: book.ID, Key: key, Sights: &act.Recorder{DB: own, Wait: time.Microsecond}}}
	}
	return made[0], made[1]
}

func (w town) do(query string, args ...any) {
	w.t.Helper()
	if err := w.d.InTx(w.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		w.t.Fatal(query, err)
	}
}

// person adds a young person with one identifier, or none.
func (w town) person(key int64, name, ypid, scheme, value, status string) {
	w.t.Helper()
	ref := fmt.Sprintf("person%d%d", w.r, key)
	w.do(`INSERT INTO young_person (register, id, ref, young_persons_id, known_from) VALUES ($1, $2, $3, $4, 1)`, int64(w.r), key, ref, ypid)
	w.do(`INSERT INTO standing (register, young_person, ref, young_persons_id, given, family, given_key, family_key, postcode_key, dob, gender, ethnicity, lead_la, educated_la, cohort_status, send, sen_support, level, vulnerable, activity, establishment_number, establishment_name, adviser, adviser_name)
		VALUES ($1, $2, $3, $4, $5, 'Sandpiper', '', '', '', '2009-05-01', '', '', '', '', $6, '', '', '', FALSE, '', '', '', '', '')`, int64(w.r), key, ref, ypid, name, status)
	if scheme != "" {
		w.do(`INSERT INTO identifier (register, young_person, id, scheme, value, started, ended, known_from, evidence) VALUES ($1, $2, $3, $4, $5, '', '', 1, 1)`, int64(w.r), key, key, scheme, value)
	}
}

// agrees gives the town an agreement with another authority.
func (w town) agrees(code, ends string) {
	w.t.Helper()
	w.do(`INSERT INTO organisation (register, id, ref, name, kind, urn, number, ukprn, la_code) VALUES ($1, 1, 'o', 'The other', 'other authority', '', '', '', $2)`, int64(w.r), code)
	w.do(`INSERT INTO agreement (register, id, ref, organisation, purpose, document, owner, people, fields, started, ends, added_by, approved_by, why_suspended, changed_by)
		VALUES ($1, 1, 'g', 1, 'moves', 'paper', 'somebody', 'named', '', '2026-01-01', $2, 1, 1, '', 1)`, int64(w.r), ends)
}

func (w town) give(want int) {
	w.t.Helper()
	if n, err := w.s.Give(w.t.Context()); err != nil || n != want {
		w.t.Errorf("register %d gives %d tokens, want %d: %v", w.r, n, want, err)
	}
}

// of says what is told of a young person.
func (w town) of(key int64) string {
	w.t.Helper()
	held, err := w.s.Of(w.t.Context(), w.by, id.YoungPerson(key))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, h := range held {
		out = append(out, fmt.Sprint(h.Name, " ", h.Certain, " ", h.Mine, "/", h.Theirs, " ", h.Email))
	}
	return strings.Join(out, "; ")
}

func TestOnlyThatThereIsOneAndWhoToAsk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d)
		a.person(1, "Wren", "9010000000001", "", "", "T")
		a.person(2, "Ada", "9010000000002", "ULN", "1234567891", "R")
		a.person(3, "Ivo", "9010000000003", "", "", "R")
		a.person(4, "Mab", "9010000000004", "", "", "R")
		b.person(7, "Wrenna", "9020000000007", "previous", "9010000000001", "P")
		b.person(8, "Adah", "9020000000008", "ULN", " 1234567891", "R")
		b.person(9, "IVO", "9020000000009", "", "", "R")
		// Nothing is given or compared until both have an agreement in force.
		a.give(0)
		a.agrees("902", "2026-11-10") // its last day is the test's
		a.give(0)
		b.agrees("901", "2027-12-31")
		a.give(9)
		b.give(8)
		if got := a.of(4); got != "" {
			t.Errorf("of somebody whom nobody else holds: %q", got)
		}
		for key, want := range map[int64]string{1: "Borough 902 true / ", 2: "Borough 902 true / ", 3: "Borough 902 false / "} {
			if got := a.of(key); got != want {
				t.Errorf("of %d: %q, want %q", key, got, want)
			}
		}
		if err := b.s.SetContact(t.Context(), b.by, border.Contact{Team: " "}, "k1"); !errors.As(err, new(field.Errors)) {
			t.Errorf("a contact that is none: %v", err)
		}
		if err := b.s.SetContact(t.Context(), b.by, border.Contact{Team: "Data team", Email: "data@902.example"}, "k2"); err != nil {
			t.Fatal(err)
		}
		people, counts, err := a.s.Across(t.Context(), a.by, "", 0, 10)
		if err != nil || len(people) != 3 || people[0].Way != border.MoverOut || counts[border.Both] != 2 {
			t.Fatalf("across: %v %v %v", people, counts, err)
		}
		if theirs, _, err := b.s.Across(t.Context(), b.by, border.MoverIn, 0, 10); err != nil || len(theirs) != 1 || theirs[0].Given != "Wrenna" {
			t.Errorf("moved in: %v %v", theirs, err)
		}
		// One side says the same, the other not.
		if err := a.s.Say(t.Context(), a.by, people[0].Ref, people[0].Held.Ref, true, "k3"); err != nil {
			t.Fatal(err)
		}
		if got, back := a.of(1), b.of(7); got != "Borough 902 true the same/ data@902.example" || back != "Borough 901 true /the same " {
			t.Errorf("%q and %q", got, back)
		}
		if err := b.s.Say(t.Context(), b.by, "person29", people[0].Held.Ref, false, "k4"); !errors.Is(err, db.NotFound) {
			t.Errorf("an answer about a register of one's own: %v", err)
		}
		one, _, err := b.s.Across(t.Context(), b.by, "", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range one {
			if p.Given == "IVO" {
				if err := b.s.Say(t.Context(), b.by, p.Ref, p.Held.Ref, false, "k5"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, back := a.of(3), b.of(9); got != "" || back != "" {
			t.Errorf("after not the same: %q and %q", got, back)
		}
		// An adviser is told whom to ask, and answers nothing; a commissioner is told nothing.
		adviser := a.by
		adviser.Roles = []access.Role{access.Adviser}
		if err := a.s.Say(t.Context(), adviser, people[0].Ref, people[0].Held.Ref, true, "k6"); !errors.As(err, new(access.Denied)) {
			t.Errorf("an adviser answered: %v", err)
		}
		adviser.Roles = []access.Role{access.Commissioner}
		if _, err := a.s.Of(t.Context(), adviser, 1); !errors.As(err, new(access.Denied)) {
			t.Errorf("a commissioner was told: %v", err)
		}
	})
}

func TestRestrictedRecordsGiveNoToken(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		a, b := towns(t, d)
		a.person(1, "Wren", "9010000000001", "ULN", "1234567891", "R")
		b.person(7, "Wren", "9020000000007", "ULN", "1234567891", "R")
		a.agrees("902", "2027-12-31")
		b.agrees("901", "2027-12-31")
		a.give(3)
		b.give(3)
		if got := a.of(1); got != "Borough 902 true / " {
			t.Fatalf("before: %q", got)
		}
		b.do(`INSERT INTO account (register, id, ref, sign_in, full_name, password, disabled, created_by) VALUES ($1, 1, 'ref', 'ig', 'Somebody', '', FALSE, 1)`, int64(b.r))
		b.do(`INSERT INTO restriction (register, id, ref, young_person, kind, ground, owner, review_on, lift_by, known_from) VALUES ($1, 1, 'x', 7, 'hidden', '', 1, '2027-01-01', 0, 1)`, int64(b.r))
		// At once, before tokens are given again; and on both sides.
		if got, back := a.of(1), b.of(7); got != "" || back != "" {
			t.Errorf("of a hidden record: %q and %q", got, back)
		}
		b.give(0)
		if err := a.d.InTx(t.Context(), func(tx *db.Tx) error { return border.Withhold(tx, a.r, 1) }); err != nil {
			t.Fatal(err)
		}
		b.do(`UPDATE restriction SET known_to = 2 WHERE register = $1`, int64(b.r))
		b.give(3)
		if got := b.of(7); got != "" {
			t.Errorf("of one withheld: %q", got)
		}
		a.give(3)
		// Whose record is to be kept and not used is told of to nobody either.
		if err := b.d.InTx(t.Context(), func(tx *db.Tx) error { return border.Withhold(tx, b.r, 7) }); err != nil {
			t.Fatal(err)
		}
		b.give(3)
		if got := a.of(1); got != "Borough 902 true / " {
			t.Fatalf("open on both sides again: %q", got)
		}
		b.do(`INSERT INTO processing_restriction (register, young_person, id, ground, reason, request, started, ended, known_from, evidence) VALUES ($1, 7, 900, '', '', '', '2026-11-01', '', 1, 0)`, int64(b.r))
		if got, back := a.of(1), b.of(7); got != "" || back != "" {
			t.Errorf("of one who is kept and not used: %q and %q", got, back)
		}
		b.give(0)
		b.do(`UPDATE processing_restriction SET ended = '2026-11-05' WHERE register = $1`, int64(b.r))
		b.give(3)
		// An agreement that lapses closes the border on the same day.
		a.do(`UPDATE agreement SET ends = '2026-11-09' WHERE register = $1`, int64(a.r))
		if got, back := a.of(1), b.of(7); got != "" || back != "" {
			t.Errorf("after the agreement: %q and %q", got, back)
		}
		a.give(0)
	})
}
