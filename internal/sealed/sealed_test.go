package sealed_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/register"
	"waymark/internal/seal"
	"waymark/internal/sealed"
	"waymark/internal/standing"
	"waymark/internal/youngperson"
)

type house struct {
	t       testing.TB
	db      *db.DB
	records *record.Service
	by      access.Actor
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	reg, err := (&register.Service{DB: d}).Add(context.Background(), register.Register{Name: "Invented", DatabaseID: "123", Authorities: []register.Authority{{Code: "341", Name: "One"}}})
	if err != nil {
		t.Fatal(err)
	}
	req := nccis.MustLoad()
	keeper := standing.Keeper{Requirement: req}
	return &house{t: t, db: d, by: access.Actor{Register: reg.ID, Ref: "account:x", Name: "Dana Officer", Roles: []access.Role{access.DataOfficer}},
		records: &record.Service{DB: d, Requirement: req, Standing: keeper, Sights: &act.Recorder{DB: d}, Rolls: standing.NewRolls(d, keeper)}}
}

func (h *house) add(given string) id.Ref {
	h.t.Helper()
	ref, err := h.records.Add(context.Background(), h.by, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AA"}, LeadLA: "341", EducatedLA: "341", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, record.Told{Kind: act.Telephone})
	if err != nil {
		h.t.Fatal(err)
	}
	return ref
}

const told = "She sleeps at her aunt’s and would rather that nobody knew"

func (h *house) note(ref id.Ref, words string) {
	h.t.Helper()
	if err := h.records.RecordContact(context.Background(), h.by, ref, record.Spoken{Made: contact.Made{On: civil.Must(2026, 11, 9), Contact: contact.Contact{How: contact.Phone, WithWhom: contact.Person, Outcome: contact.Reached, Note: words}}}, ""); err != nil {
		h.t.Fatal(err)
	}
}

// held are the notes of everybody, as a reader sees them.
func (h *house) held() []string {
	h.t.Helper()
	var out []string
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		all, err := tx.Query("SELECT id FROM young_person WHERE known_to IS NULL ORDER BY id")
		if err != nil {
			return err
		}
		var keys []id.YoungPerson
		for all.Next() {
			var k int64
			if err := all.Scan(&k); err != nil {
				return err
			}
			keys = append(keys, id.YoungPerson(k))
		}
		for _, k := range keys {
			l, err := life.One(tx, h.by.Register, k, 0)
			if err != nil {
				return err
			}
			for _, c := range l.Contacts {
				out = append(out, c.Is.Note)
			}
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) stored() string {
	h.t.Helper()
	var text string
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT note FROM contact ORDER BY id, known_from LIMIT 1").Scan(&text)
	}); err != nil {
		h.t.Fatal(err)
	}
	return text
}

func (h *house) do(statement string, args ...any) {
	h.t.Helper()
	if err := h.db.InTx(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(statement, args...); return err }); err != nil {
		h.t.Fatal(err)
	}
}

func TestNotesAreSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.note(h.add("Wren"), told)
		if text := h.stored(); seal.KeyOf(text) == "" || strings.Contains(text, "aunt") {
			t.Errorf("the note is stored as %q", text)
		}
		if got := h.held(); len(got) != 1 || got[0] != told {
			t.Errorf("and read as %q", got)
		}
		// What the database alone tells of another's note tells nothing.
		h.note(h.add("Robin"), "Short")
		h.do("UPDATE contact SET note = (SELECT MIN(note) FROM contact)")
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			n, err := sealed.Count(tx, h.by.Register)
			if n != (sealed.Counted{Sealed: 2, Broken: 1}) {
				t.Errorf("a note that was moved is counted as %+v", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestADestroyedKeyIsDestroyed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.note(h.add("Wren"), told)
		h.note(h.add("Robin"), "Robin will ring")
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			var first int64
			if err := tx.QueryRow("SELECT MIN(id) FROM young_person").Scan(&first); err != nil {
				return err
			}
			return sealed.Destroy(tx, h.by.Register, id.YoungPerson(first))
		}); err != nil {
			t.Fatal(err)
		}
		if got := h.held(); len(got) != 2 || got[0] != sealed.Unreadable || got[1] != "Robin will ring" {
			t.Errorf("read as %q", got)
		}
	})
}

func TestWhatWasWrittenBeforeIsSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		wren := h.add("Wren")
		for range 3 {
			h.note(wren, told)
		}
		h.do("UPDATE contact SET note = $1", told) // as an older version wrote it
		if got := h.held(); len(got) != 3 || got[1] != told {
			t.Errorf("before: %q", got)
		}
		for i, want := range []int{3, 0} {
			n, err := sealed.SealPlain(t.Context(), d, h.by.Register)
			if err != nil || n != want {
				t.Errorf("time %d sealed %d, %v", i, n, err)
			}
		}
		if got := h.held(); seal.KeyOf(h.stored()) == "" || len(got) != 3 || got[2] != told {
			t.Errorf("stored as %q, read as %q", h.stored(), got)
		}
	})
}

// TestRotationWhileServing: a server that was open before goes on reading and
// writing through a rotation by another process, and the old master key opens
// nothing afterwards.
func TestRotationWhileServing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		path := filepath.Join(t.TempDir(), "master")
		open := func() *seal.Ring {
			r, err := seal.OpenRing(path, "")
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		d.Ring = open()
		h := newHouse(t, d)
		wren := h.add("Wren")
		h.note(wren, told)
		before, err := seal.OpenRing(path, "")
		if err != nil {
			t.Fatal(err)
		}
		operator := *d
		operator.Ring = open()
		n, master, err := sealed.Rotate(t.Context(), &operator)
		if err != nil || n != 1 {
			t.Fatalf("wrapped %d keys, %v", n, err)
		}
		if now, err := open().Master(); err != nil || now != master {
			t.Errorf("the file holds %s, %v", now, err)
		}
		h.note(wren, "And again")
		fresh := *d
		fresh.Ring = open()
		h.db = &fresh
		if got := h.held(); len(got) != 2 || got[0] != told || got[1] != "And again" {
			t.Errorf("read afterwards as %q", got)
		}
		if err := sealed.Try(t.Context(), &fresh); err != nil {
			t.Errorf("the trial at the start: %v", err)
		}
		// The old key, as it would stand on a stolen disk.
		old, err := before.Master()
		if err != nil || old != master { // it reads its file anew: the file is the new one
			t.Errorf("a ring that was open before still has %s, %v", old, err)
		}
		lost := *d
		lost.Ring, err = seal.NewRing()
		if err != nil {
			t.Fatal(err)
		}
		if err := sealed.Try(t.Context(), &lost); err == nil || !strings.Contains(err.Error(), "put its file back") {
			t.Errorf("without the master key the trial says %v", err)
		}
	})
}
