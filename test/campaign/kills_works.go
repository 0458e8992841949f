package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"waymark/internal/backup"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/test/outside"
)

// importWork loads the supplier's file.
func importWork(file string) *work {
	load := []string{"import", file}
	return &work{name: "import",
		do: func(ctx context.Context, at place, begun func(func())) error {
			return killed(at.command(ctx, load...), begun)
		},
		again: func(ctx context.Context, at place) error { return at.run(ctx, load...) },
	}
}

// intakeWork takes in a college's roll, from its receiving to its applying.
func intakeWork(partners []demo.PartnerFile) *work {
	load := []string{"import"}
	for _, p := range partners {
		if strings.Contains(p.Path, "roll-1") {
			load = append(load, p.Path, "--sender", p.Sender, "--as-at", p.AsAt.String(), "--date-order", "day", "--apply", "--skip-undecided")
		}
	}
	return &work{name: "intake",
		do: func(ctx context.Context, at place, begun func(func())) error {
			return killed(at.command(ctx, load...), begun)
		},
		again: func(ctx context.Context, at place) error {
			ref, state, err := at.lastIntake(ctx)
			switch {
			case err != nil:
				return err
			case state == "applied":
				return nil
			case state == "mapped" || state == "staged" || state == "matched" || state == "review":
				return at.run(ctx, "import", "--ref", ref, "--apply", "--skip-undecided")
			}
			return at.run(ctx, load...) // it had not arrived, or nobody had said how it is read
		},
	}
}

// lastIntake is the partner's file that came last, and its state; empty where
// none came.
func (p place) lastIntake(ctx context.Context) (ref, state string, err error) {
	d, err := db.OpenEvery(ctx, p.settings())
	if err != nil {
		return "", "", err
	}
	defer d.Close()
	err = d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow("SELECT COALESCE(MAX(ref), ''), COALESCE(MAX(state), '') FROM intake WHERE id = (SELECT MAX(id) FROM intake)").Scan(&ref, &state)
	})
	return ref, state, err
}

// signWork has two people sign a month's return in the browser.
func signWork() *work {
	both := []string{"priya@saltmarsh.example.org", "grace@saltmarsh.example.org"}
	quietly := func(who []string) func(context.Context, place) error {
		return func(ctx context.Context, at place) error { return signAll(ctx, at, who, func(func()) {}) }
	}
	return &work{name: "sign-off", half: quietly(both[:1]), again: quietly(both), do: func(ctx context.Context, at place, begun func(func())) error {
		return signAll(ctx, at, both, begun)
	}}
}

// signAll starts the server and has people sign whatever is not signed yet. The
// month is the one whose last version was superseded.
func signAll(ctx context.Context, at place, people []string, begun func(kill func())) (err error) {
	s, err := at.serve(ctx)
	if err != nil {
		return err
	}
	var killed atomic.Bool
	defer func() {
		stopped := s.Stop()
		if killed.Load() {
			err = errKilled
		} else {
			err = errors.Join(err, stopped)
		}
	}()
	month, err := at.openMonth(ctx)
	if err != nil {
		return err
	}
	var both []*outside.Visitor
	for _, who := range people {
		v, err := outside.NewVisitor(s.Address)
		if err == nil {
			err = v.SignIn(who, demo.Password)
		}
		if err != nil {
			return err
		}
		both = append(both, v)
	}
	begun(func() { killed.Store(true); s.Kill() })
	for _, v := range both {
		if err := sign(v, month); err != nil {
			return err
		}
	}
	return nil
}

var errKilled = errors.New("killed")

// sign signs where the page asks this person for a signature.
func sign(v *outside.Visitor, month string) error {
	path := "/returns/" + month + "/sign"
	p, err := v.Get(path)
	if err != nil || v.Read.Form(p.Body, "sha256") == nil {
		return err
	}
	_, err = v.Fill(p, path, "sha256", url.Values{"declaration": {"yes"}})
	return err
}

const sqlLastMonth = `SELECT MAX(period) FROM monthly_return WHERE register = 1`

// toBeSigned is a copy in which the last month that was sent waits to be signed
// once more: another version takes its place.
func toBeSigned(ctx context.Context, base place) (place, error) {
	at, err := base.copy(ctx)
	if err != nil {
		return at, err
	}
	s, err := at.serve(ctx)
	if err != nil {
		return at, err
	}
	defer s.Stop()
	month, err := at.openMonth(ctx)
	if err != nil {
		return at, err
	}
	v, err := outside.NewVisitor(s.Address)
	if err == nil {
		err = v.SignIn("priya@saltmarsh.example.org", demo.Password)
	}
	if err != nil {
		return at, err
	}
	p, err := v.Get("/returns/" + month + "/sign")
	if err != nil {
		return at, err
	}
	_, to, ok := strings.Cut(p.Body, `action="/returns/`+month+`/files/`)
	if !ok {
		return at, fmt.Errorf("the return of %s cannot be superseded: %s", month, v.Read.TitleOf(p.Body))
	}
	to, _, _ = strings.Cut(to, `"`)
	_, err = v.Fill(p, "/returns/"+month+"/files/"+to, "state", url.Values{"state": {"superseded"}, "because": {"To be signed once more."}})
	return at, err
}

// openMonth is the last month of which a return was ever signed.
func (p place) openMonth(ctx context.Context) (month string, err error) {
	d, err := db.OpenEvery(ctx, p.settings())
	if err != nil {
		return "", err
	}
	defer d.Close()
	return month, d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow(sqlLastMonth).Scan(&month) })
}

// olderFile is a backup of an invented register as an older program left it. It
// is restored as that program had it; the next command brings it up to date.
const olderFile = "test/campaign/testdata/older.backup"

// olderPlace is a register of an older version.
func olderPlace(ctx context.Context, g *ground, e db.Engine) (place, error) {
	at, err := g.empty(ctx, e)
	if err != nil {
		return at, err
	}
	file, err := os.Open(filepath.FromSlash(olderFile))
	if err != nil {
		return at, err
	}
	defer file.Close()
	to := backup.Target{Dir: at.dir}
	if e == db.Postgres {
		to = backup.TargetOf(at.url())
	}
	_, err = backup.Restore(ctx, file, to)
	return at, err
}

// migrationWork brings it up to date.
func migrationWork() *work {
	return &work{name: "migration", older: true,
		do: func(ctx context.Context, at place, begun func(func())) error {
			return killed(at.command(ctx, "user", "list"), begun)
		},
		again: func(ctx context.Context, at place) error { return at.run(ctx, "user", "list") },
	}
}
