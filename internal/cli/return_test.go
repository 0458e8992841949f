package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/cohort"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/returns"
	"waymark/internal/standing"
)

// returnHouse opens the same fresh house for every command.
func returnHouse(t *testing.T) (*House, func(args ...string) (stdout, stderr string, code int)) {
	t.Helper()
	dir := t.TempDir()
	open := func() *House {
		d, err := db.OpenEvery(context.Background(), db.Settings{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		req := nccis.MustLoad()
		h := &House{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}, Registers: &register.Service{DB: d}}
		h.Accounts = account.New(d, 1)
		h.Returns = &returns.Service{DB: d, Requirement: req, Standing: h.Standing}
		return h
	}
	h := open()
	t.Cleanup(func() { h.DB.Close() })
	var err error
	h.Register, err = h.Registers.Add(context.Background(), register.Register{Name: "Northmere", DatabaseID: "123", SupplierName: nccis.DemoSupplier,
		Authorities: []register.Authority{{Code: "991", Name: "Northmere", Invented: true}}})
	if err != nil {
		t.Fatal(err)
	}
	return h, func(args ...string) (string, string, int) {
		var out, told bytes.Buffer
		env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &told, Ctx: context.Background(), Open: func(context.Context, Data) (*House, error) {
			again := open()
			again.Register = h.Register
			return again, nil
		}}
		code := Run(append([]string{"return"}, args...), env)
		return out.String(), told.String(), code
	}
}

func TestReturnBuildWritesAMarkedDraft(t *testing.T) {
	h, run := returnHouse(t)
	path := filepath.Join(t.TempDir(), "october.xml")
	out, told, code := run("build", "--period", "2026-10", "--out", path)
	if code != 0 || !strings.Contains(out, "Records: 0,") || !strings.Contains(told, "DRAFT, not signed off") {
		t.Errorf("%d\n%s%s", code, out, told)
	}
	if err := h.DB.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, Operator(h.Register.ID), access.AddPerson, 0, act.Request{Evidence: &act.Evidence{Kind: act.Visit}})
		if err != nil {
			return err
		}
		key, err := a.Keys(1)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO young_person (register, id, ref, young_persons_id, known_from) VALUES ($1, $2, $3, $4, $5)",
			int64(a.Register), key, string(id.NewRef()), "1230000000001", int64(a.Number)); err != nil {
			return err
		}
		_, err = cohort.Statuses.New(tx, a, id.YoungPerson(key), "", cohort.Status{Status: "P", StatedOn: "2026-10-31", LeadLA: "991"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	out, _, code = run("build", "--period", "2026-10", "--out", path)
	if code != 1 || !strings.Contains(out, "Records: 1,") || !strings.Contains(out, "GivenName") {
		t.Errorf("%d\n%s", code, out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.SplitN(string(text), "\n", 3); !strings.HasPrefix(lines[0], "<?xml ") || !strings.HasPrefix(lines[1], "<!-- DRAFT, not signed off") || !strings.HasPrefix(lines[2], "<NCCIS>") {
		t.Errorf("%q", lines)
	}
	if _, told, code := runCheck(t, "", path); code != 1 {
		t.Errorf("waymark check of the draft: %d\n%s", code, told)
	}
	if _, told, code := run("build", "--period", "2026-10", "--out", path, "--known-on", "2020-01-01"); code != 2 || !strings.Contains(told, "so nothing was known on 1 January 2020") {
		t.Errorf("as known before anything was: %d\n%s", code, told)
	}
}

func TestReturnBuildRefuses(t *testing.T) {
	_, run := returnHouse(t)
	path := filepath.Join(t.TempDir(), "october.xml")
	for _, c := range []struct{ want, args string }{
		{"is not a month", "--period 2026-13 --out " + path},
		{"is not an authority of Northmere", "--period 2026-10 --authority 341 --out " + path},
		{"the file cannot be made", "--period 2026-10 --out " + filepath.Join(path, "none", "x.xml")},
		{"not a date", "--period 2026-10 --known-on yesterday --out " + path},
	} {
		if _, told, code := run(append([]string{"build"}, strings.Fields(c.args)...)...); code != 2 || !strings.Contains(told, c.want) {
			t.Errorf("%s: %d, %s", c.args, code, told)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a refused command wrote a file")
	}
}

func TestReturnExportWritesTheFrozenBytes(t *testing.T) {
	h, run := returnHouse(t)
	ctx := context.Background()
	var frozen *returns.Return
	for i, role := range []access.Role{access.DataOfficer, access.TeamManager} {
		by := access.Actor{Register: h.Register.ID, Ref: "account:" + string(role), Account: id.Account(i + 1), Name: string(role), Roles: []access.Role{role}}
		month := returns.DefaultPeriod(civil.On(dbtest.Noon, civil.London()))
		p, err := h.Returns.Position(ctx, by, month, nil)
		if err != nil {
			t.Fatal(err)
		}
		if frozen, err = h.Returns.Sign(ctx, by, month, nil, returns.Signature{SHA256: p.SHA256, Declared: true}); err != nil {
			t.Fatal(err)
		}
	}
	out, _, code := run("list")
	if code != 0 || !strings.Contains(out, string(frozen.Ref)) || !strings.Contains(out, "signed") || !strings.Contains(out, frozen.SHA256) {
		t.Errorf("%d\n%s", code, out)
	}
	path := filepath.Join(t.TempDir(), "frozen.xml")
	if out, told, code := run("export", string(frozen.Ref), "--out", path); code != 0 || !strings.Contains(out, frozen.SHA256) {
		t.Errorf("%d\n%s%s", code, out, told)
	}
	text, err := os.ReadFile(path)
	if err != nil || int64(len(text)) != frozen.Size || bytes.Contains(text, []byte("DRAFT")) {
		t.Errorf("%v\n%s", err, text)
	}
	if _, told, code := run("export", "nothing", "--out", path+"2"); code != 2 || !strings.Contains(told, "not found") {
		t.Errorf("%d %s", code, told)
	}
	month := frozen.Period.String()
	if out, told, code := run("compare", month); code != 0 || !strings.Contains(out, "as known now") || !strings.Contains(out, "NEET was 0, and still is.") {
		t.Errorf("%d\n%s%s", code, out, told)
	}
	if out, told, code := run("compare", string(frozen.Ref), month, "--format", "csv"); code != 0 || out != strings.Join(returns.ChangeHeads(), ",")+"\n" {
		t.Errorf("%d\n%s%s", code, out, told)
	}
	if _, told, code := run("compare", "2019-01"); code != 2 || !strings.Contains(told, "waymark return list shows") {
		t.Errorf("%d %s", code, told)
	}
}
