package imports_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/imports"
	"waymark/internal/nccis"
	"waymark/internal/register"
	"waymark/internal/standing"
)

// acts is how many acts the register has seen.
func (h *house) acts() int {
	h.t.Helper()
	n := 0
	if err := h.db.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM act WHERE register = $1`, int64(h.reg.ID)).Scan(&n)
	}); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestAFileThatIsRefusedLeavesTheRegister(t *testing.T) {
	good := text(t, november, record("1230000000002"), record("1230000000003"))
	cut := func(old, replacement string) string {
		out := strings.Replace(good, old, replacement, 1)
		if out == good {
			t.Fatalf("%q is not in the file", old)
		}
		return out
	}
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", ""},
		{"no XML", "YoungPersonsID,DOB\n1,2\n", ""},
		{"cut short", good[:len(good)-40], ""},
		{"wrong root", strings.ReplaceAll(good, "NCCIS>", "Returns>"), "NCCIS"},
		{"two headers", cut("</FileHeader>", "</FileHeader><FileHeader></FileHeader>"), ""},
		{"an unknown element", cut("</PersonalDetails>", "<ShoeSize>7</ShoeSize></PersonalDetails>"), "ShoeSize"},
		{"an entity bomb", strings.Replace(cut("Ashbank", "&b;"), "<NCCIS>", `<!DOCTYPE NCCIS [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><NCCIS>`, 1), ""},
		{"a nest", strings.Repeat("<NCCIS>", 400_000), ""},
		{"no PeriodEnd", cut("<PeriodEnd>2026-11-30</PeriodEnd>", ""), "PeriodEnd"},
		{"a PeriodEnd that does not exist", cut("<PeriodEnd>2026-11-30</PeriodEnd>", "<PeriodEnd>2026-11-31</PeriodEnd>"), "2026-11-31"},
		{"status X", cut("<CohortStatus>P<", "<CohortStatus>X<"), "X"},
		{"a control character", cut("Ashbank", "Ash&#x1;bank"), ""},
		{"another authority", cut("<LEACode>341<", "<LEACode>888<"), "Lancashire (888)"},
		{"one of ours and another", cut("<LEACode>341</LEACode>", "<LEACode>341</LEACode><LEACode>888</LEACode>"), "Lancashire (888)"},
		{"a month that has not begun", strings.ReplaceAll(good, "2026-11-30", "2090-11-30"), "30 November 2090, and today is 10 November 2026"},
		{"the month after this one", strings.ReplaceAll(good, "2026-11-30", "2026-12-31"), "31 December 2026"},
		{"a month before", strings.ReplaceAll(good, "2026-11-30", "2026-09-30"), "31 October 2026"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				h.load(text(t, october, record("1230000000001")))
				facts, standings, acts := h.facts(), h.standings(), h.acts()
				r, err := h.s.Load(context.Background(), h.by, h.reg, textFile("bad.xml", c.file), nil)
				var rejection *nccis.Rejection
				var refusal imports.Refusal
				if !errors.As(err, &rejection) && !errors.As(err, &refusal) {
					t.Fatalf("%+v %v", r, err)
				}
				if r.Status != imports.Refused || r.Message != err.Error() || !strings.Contains(r.Message, c.want) {
					t.Errorf("%q does not name %q", r.Message, c.want)
				}
				if d := cmp.Diff(facts, h.facts()) + cmp.Diff(standings, h.standings()); d != "" || acts != h.acts() {
					t.Errorf("the register is another: %s", d)
				}
				if again, err := h.s.Get(context.Background(), h.by, r.Ref); err != nil || again.Status != imports.Refused || again.Message != r.Message {
					t.Errorf("%+v %v", again, err)
				}
			})
		})
	}
}

func TestTheSameFileAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		file := generated(t, 50, 1, true, october)
		first := h.load(file)
		facts, acts := h.facts(), h.acts()
		again := h.load(file)
		if again.Status != imports.Unchanged || again.Act != 0 || !strings.Contains(again.Message, "10 November 2026 at 12:00") {
			t.Errorf("%+v", again)
		}
		if d := cmp.Diff(facts, h.facts()); d != "" || h.acts() != acts {
			t.Errorf("something was changed: %s", d)
		}
		if _, err := h.s.Undo(context.Background(), h.by, first.Ref, "", "test", false); err != nil {
			t.Fatal(err)
		}
		if len(h.lives()) != 0 || len(h.standings()) != 0 {
			t.Error("undone, and somebody is left")
		}
		if r := h.load(file); r.Status != imports.Applied || r.Added != first.Added {
			t.Errorf("after undoing: %+v", r)
		}
		list, err := h.s.List(context.Background(), h.by)
		if err != nil || len(list) != 3 || list[0].Status != imports.Applied || list[2].Status != imports.Undone {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestOnlyADataOfficerLoads(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.by.Roles = []access.Role{access.Adviser}
	_, err := h.s.Load(context.Background(), h.by, h.reg, textFile("f.xml", "x"), nil)
	_, started := h.s.Start(context.Background(), h.by, h.reg, textFile("f.xml", "x"), nil)
	_, listed := h.s.List(context.Background(), h.by)
	_, undone := h.s.Undo(context.Background(), h.by, "x", "", "", false)
	for _, err := range []error{err, started, listed, undone} {
		var denied access.Denied
		if !errors.As(err, &denied) {
			t.Errorf("got %v", err)
		}
	}
}

func TestStopping(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		steps := map[int]int{}
		r, err := h.s.Load(ctx, h.by, h.reg, textFile("f.xml", generated(t, 5000, 1, false, october)), func(p imports.Progress) {
			if p.Bytes == 0 || p.Size == 0 || (p.Step == 2 && p.Of != 5000) {
				t.Errorf("%+v", p)
			}
			steps[p.Step]++
			if p.Step == 2 && p.Records >= 2000 {
				cancel()
			}
		})
		if err == nil || r.Status != imports.Stopped || steps[1] == 0 || steps[2] == 0 {
			t.Fatalf("%+v %v %v", r, err, steps)
		}
		if len(h.lives()) != 0 || h.acts() != 0 {
			t.Error("half a file was loaded")
		}
		if r := h.load(generated(t, 50, 1, false, october)); r.Status != imports.Applied {
			t.Errorf("%+v", r)
		}
	})
}

func TestInTheBackground(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		done := make(chan bool)
		ref, err := h.s.Start(context.Background(), h.by, h.reg, textFile(`C:\Users\x\f.xml`, generated(t, 2000, 1, false, october)), func() { close(done) })
		if err != nil {
			t.Fatal(err)
		}
		<-done
		h.s.Close()
		r, err := h.s.Get(context.Background(), h.by, ref)
		if err != nil || r.Status != imports.Applied || r.Added != 2000 || r.FileName != "f.xml" || r.Progress != nil {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// TestAFileThatChangesWhileItIsRead is taken by its first reading or not at all.
func TestAFileThatChangesWhileItIsRead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		texts := []string{text(t, october, record("1230000000001")), text(t, october, record("1230000000002"))}
		opened := 0
		_, err := h.s.Load(context.Background(), h.by, h.reg, imports.File{Name: "f.xml", Open: func() (io.ReadCloser, error) {
			opened++
			return io.NopCloser(strings.NewReader(texts[opened-1])), nil
		}}, nil)
		var refusal imports.Refusal
		if !errors.As(err, &refusal) || len(h.lives()) != 0 {
			t.Errorf("%v, %d young people", err, len(h.lives()))
		}
	})
}

// TestKilled kills a process at any moment of a load: the register is as it
// was, and takes the file afterwards.
func TestKilled(t *testing.T) {
	dir := os.Getenv("WAYMARK_TEST_LOAD_AND_BE_KILLED")
	file := generated(t, 6000, 1, false, october)
	if dir != "" {
		d, err := db.Open(context.Background(), db.Settings{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		reg, err := (&register.Service{DB: d}).Choose(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		req := nccis.MustLoad()
		s := &imports.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}}
		by := access.Actor{Register: reg.ID, Ref: "operator:x", Name: "x", Roles: []access.Role{access.Operator}}
		os.Stdout.WriteString("begun\n")
		if _, err := s.Load(context.Background(), by, reg, textFile("f.xml", file), nil); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir = t.TempDir()
	d, err := db.Open(context.Background(), db.Settings{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	newHouse(t, d)
	d.Close()
	for _, after := range []time.Duration{20, 120, 250, 400} {
		kill(t, dir, after*time.Millisecond)
		d, err := db.Open(context.Background(), db.Settings{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		req := nccis.MustLoad()
		reg, err := (&register.Service{DB: d}).Choose(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t, db: d, reg: reg, by: access.Actor{Register: reg.ID, Ref: "account:x", Name: "x", Roles: []access.Role{access.DataOfficer}},
			s: &imports.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}}}
		if err := h.s.Recover(context.Background()); err != nil {
			t.Fatal(err)
		}
		list, err := h.s.List(context.Background(), h.by)
		if err != nil {
			t.Fatal(err)
		}
		whole := len(list) > 0 && list[0].Status == imports.Applied
		if n := len(h.lives()); (n != 0) != whole || (whole && n != 6000) {
			t.Fatalf("killed after %v: %d young people, %+v", after, n, list)
		}
		for _, r := range list {
			if r.Status == imports.Reading {
				t.Errorf("still reading: %+v", r)
			}
		}
		t.Logf("killed after %v ms: applied %v, %d files seen", int(after), whole, len(list))
		d.Close()
		if whole {
			return // the machine is too fast for a later moment
		}
	}
	d, err = db.Open(context.Background(), db.Settings{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	req := nccis.MustLoad()
	reg, _ := (&register.Service{DB: d}).Choose(context.Background(), "")
	by := access.Actor{Register: reg.ID, Ref: "account:x", Name: "x", Roles: []access.Role{access.DataOfficer}}
	r, err := (&imports.Service{DB: d, Requirement: req, Standing: standing.Keeper{Requirement: req}}).Load(context.Background(), by, reg, textFile("f.xml", file), nil)
	if err != nil || r.Status != imports.Applied || r.Added != 6000 {
		t.Errorf("after all that: %+v %v", r, err)
	}
}

func kill(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "WAYMARK_TEST_LOAD_AND_BE_KILLED="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("begun\n"))); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // killed, which is no error here
}
