package export_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/export"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/register"
)

// desk is a register, its exports and three people at work, under a clock that
// a test moves.
type desk struct {
	*testing.T
	ctx                      context.Context
	db                       *db.DB
	s                        *export.Service
	now                      time.Time
	officer, manager, reader access.Actor
}

func newDesk(t *testing.T, d *db.DB) *desk {
	k := &desk{T: t, ctx: context.Background(), now: time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)}
	k.db = d.At(func() time.Time { return k.now })
	reg, err := (&register.Service{DB: k.db}).Add(k.ctx, register.Register{Name: "Sandmere", DatabaseID: "991", Authorities: []register.Authority{{Code: "991", Name: "Sandmere"}}})
	if err != nil {
		t.Fatal(err)
	}
	k.s = &export.Service{DB: k.db}
	who := func(name string, role access.Role) access.Actor {
		return access.Actor{Register: reg.ID, Ref: "account:" + name, Name: name, Roles: []access.Role{role}}
	}
	k.officer, k.manager, k.reader = who("Ines", access.DataOfficer), who("Otto", access.TeamManager), who("Ada", access.Adviser)
	return k
}

func file(people int, reason string) export.File {
	return export.File{Name: "list-2026-11-10.csv", Address: "/lists.csv?status=neet", People: people, Reason: reason}
}

// asks holds that the file has to be asked for first.
func (k *desk) asks(by access.Actor, ref id.Ref, f export.File) {
	k.Helper()
	var ask export.ErrAsk
	if _, err := k.s.Begin(k.ctx, by, ref, f); !errors.As(err, &ask) || ask.People != f.People {
		k.Errorf("a file of %d was answered by %v", f.People, err)
	}
}

func (k *desk) acts(kind access.Action) (n int) {
	k.Helper()
	if err := k.db.Read(k.ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT COUNT(*) FROM act WHERE kind = $1", string(kind)).Scan(&n)
	}); err != nil {
		k.Fatal(err)
	}
	return n
}

func TestAFileOfFewIsLoggedAndSealed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		e, err := k.s.Begin(k.ctx, k.officer, "", file(export.Many, ""))
		if err != nil || k.acts(access.DownloadPeople) != 1 {
			t.Fatalf("%v, %d acts", err, k.acts(access.DownloadPeople))
		}
		if err := k.s.Sent(k.ctx, k.officer, e, 12, "abc"); err != nil {
			t.Fatal(err)
		}
		all, err := k.s.Latest(k.ctx, k.officer, 10)
		if err != nil || len(all) != 1 || !all[0].Taken || all[0].Rows != 12 || all[0].SHA256 != "abc" || all[0].AskedName != "Ines" {
			t.Errorf("%+v, %v", all, err)
		}
		if line := e.Line(12, "abc"); !strings.Contains(line, "12 rows, taken by Ines on 2026-11-10 09:00 UTC. SHA-256 of the lines above: abc") || !strings.Contains(line, string(e.Ref)) {
			t.Errorf("the file says %q", line)
		}
		if _, err := k.s.Begin(k.ctx, k.reader, "", file(1, "")); !errors.As(err, &access.Denied{}) {
			t.Errorf("an adviser took a file: %v", err)
		}
	})
}

func TestAFileOfManyIsAskedForWithAReason(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.asks(k.officer, "", file(501, ""))
		var wrong field.Errors
		if _, err := k.s.Ask(k.ctx, k.officer, file(501, "  ")); !errors.As(err, &wrong) || wrong[0].Field != "reason" {
			t.Errorf("no reason was answered by %v", err)
		}
		f := file(501, "letters to those without an offer")
		f.Key = "once"
		e, err := k.s.Ask(k.ctx, k.officer, f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.s.Ask(k.ctx, k.officer, f); !errors.Is(err, act.ErrRepeated) {
			t.Errorf("pressed twice: %v", err)
		}
		if got, err := k.s.Begin(k.ctx, k.officer, e.Ref, file(501, "")); err != nil || got.Reason != f.Reason {
			t.Errorf("%+v, %v", got, err)
		}
		k.asks(k.manager, e.Ref, file(501, "")) // another's
		other := file(501, "")
		other.Address = "/lists.csv?status=nk"
		k.asks(k.officer, e.Ref, other)          // another file
		k.asks(k.officer, e.Ref, file(5001, "")) // grown past what one may take alone
		k.now = k.now.Add(25 * time.Hour)
		k.asks(k.officer, e.Ref, file(501, "")) // another day
	})
}

func TestAFileOfVeryManyIsReleasedByASecondPerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		e, err := k.s.Ask(k.ctx, k.officer, file(8000, "the yearly audit"))
		if err != nil || !e.Waits() {
			t.Fatalf("%+v, %v", e, err)
		}
		k.asks(k.officer, e.Ref, file(8000, ""))
		var wrong field.Errors
		if _, err := k.s.Release(k.ctx, k.officer, e.Ref, ""); !errors.As(err, &wrong) {
			t.Errorf("who asked released it: %v", err)
		}
		if _, err := k.s.Release(k.ctx, k.reader, e.Ref, ""); !errors.As(err, &access.Denied{}) {
			t.Errorf("an adviser released it: %v", err)
		}
		if got, err := k.s.Get(k.ctx, k.manager, e.Ref); err != nil || got.Reason != "the yearly audit" {
			t.Errorf("the second person sees %+v, %v", got, err)
		}
		if _, err := k.s.Release(k.ctx, k.manager, e.Ref, ""); err != nil || k.acts(access.ReleaseExport) != 1 {
			t.Errorf("%v, %d acts", err, k.acts(access.ReleaseExport))
		}
		if _, err := k.s.Release(k.ctx, k.manager, e.Ref, ""); !errors.As(err, &db.Conflict{}) {
			t.Errorf("released twice: %v", err)
		}
		got, err := k.s.Begin(k.ctx, k.officer, e.Ref, file(8000, ""))
		if err != nil || !strings.Contains(got.Line(8000, "x"), "released by Otto, because: the yearly audit") {
			t.Errorf("%q, %v", got.Line(8000, "x"), err)
		}
		if _, err := k.s.Get(k.ctx, k.manager, e.Ref); !errors.Is(err, db.NotFound) {
			t.Errorf("it is the asker's alone once released, and the manager got %v", err)
		}
		late, err := k.s.Ask(k.ctx, k.officer, file(8000, "again"))
		if err != nil {
			t.Fatal(err)
		}
		k.now = k.now.Add(25 * time.Hour)
		if _, err := k.s.Release(k.ctx, k.manager, late.Ref, ""); !errors.As(err, &wrong) {
			t.Errorf("released a day late: %v", err)
		}
	})
}
