package retention_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/retention"
)

func refused(t *testing.T, what string, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestTwoPeopleRelease: neither one person twice, nor one whose role does not
// include it, nor the one page that was left open, erases anything.
func TestTwoPeopleRelease(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), t.Context()
		h.add("Wren", civil.Must(1995, 3, 27))
		_, err := h.s.Propose(ctx, h.first, "")
		refused(t, "without a rule", err, "Nobody")
		h.rule(retention.Everyone, retention.Birth, 25*12)
		_, err = h.s.Propose(ctx, h.adviser, "")
		refused(t, "proposed by an adviser", err, "role")
		_, err = h.s.Propose(ctx, h.second, "")
		refused(t, "proposed by a manager", err, "role")
		ref, err := h.s.Propose(ctx, h.first, "")
		h.must(err)
		_, err = h.s.Propose(ctx, h.first, "")
		refused(t, "proposed twice", err, "wait in a proposal already")
		refused(t, "released before anybody agreed", h.s.Release(ctx, h.second, ref, ""), "changed this proposal")
		refused(t, "agreed by an adviser", h.s.Agree(ctx, h.adviser, ref, ""), "role")
		h.must(h.s.Agree(ctx, h.first, ref, ""))
		refused(t, "agreed again", h.s.Agree(ctx, h.second, ref, ""), "changed this proposal")
		refused(t, "released by the same", h.s.Release(ctx, h.first, ref, ""), "Another person must release it")
		refused(t, "released by an adviser", h.s.Release(ctx, h.adviser, ref, ""), "role")
		refused(t, "of another register", h.s.Release(ctx, access.Actor{Register: h.reg.ID + 1, Ref: "account:z", Roles: []access.Role{access.InformationGovernance}}, ref, ""), "")
		h.work()
		if got := h.names(); !slices.Equal(got, []string{"Wren"}) || h.proposal(ref).State != retention.Agreed {
			t.Errorf("one person erased: %v are held", got)
		}
		h.must(h.s.Release(ctx, h.second, ref, ""))
		refused(t, "withdrawn too late", h.s.Withdraw(ctx, h.first, ref, ""), "changed this proposal")
		h.work()
		p := h.proposal(ref)
		if len(h.names()) != 0 || p.State != retention.Done || p.By[retention.Erased] != 1 {
			t.Errorf("%s, %v, held %v", p.State, p.By, h.names())
		}
		if !strings.Contains(p.Certificate, "everybody: 25 years after the date of birth (the schedule of a test): 1") {
			t.Errorf("the certificate names no rule:\n%s", p.Certificate)
		}
		h.work() // once done it is done
		if again := h.proposal(ref); again.Certificate != p.Certificate || again.Ended != p.Ended {
			t.Error("certified twice")
		}
	})
}

// TestAHoldWins: over every rule, until it is lifted, and to the last moment:
// also over what was released already.
func TestAHoldWins(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), t.Context()
		old := civil.Must(1990, 3, 27)
		wren, robin := h.add("Wren", old), h.add("Robin", old)
		h.add("Young", born)
		h.rule(retention.Everyone, retention.Birth, 12)
		h.rule(retention.Everyone, retention.Birth, 25*12)
		h.must(h.s.AddHold(ctx, h.first, wren, "claim 12", ""))
		tally := func(due, held int) {
			t.Helper()
			got, err := h.s.Reckon(ctx, h.second)
			h.must(err)
			if len(got.Due) != due || len(got.Held) != held || got.Later != 1 || got.People != 3 {
				t.Errorf("%d are due, %d held, %d later, of %d", len(got.Due), len(got.Held), got.Later, got.People)
			}
		}
		tally(1, 1)
		h.must(h.s.AddHold(ctx, h.first, "", "an inquiry", ""))
		tally(0, 2)
		holds, err := h.s.Holds(ctx, h.second)
		h.must(err)
		if len(holds) != 2 || holds[0].Reason != "an inquiry" || holds[1].PersonRef != wren {
			t.Fatalf("the holds are %+v", holds)
		}
		h.must(h.s.LiftHold(ctx, h.first, holds[0].Ref, ""))
		refused(t, "lifted twice", h.s.LiftHold(ctx, h.first, holds[0].Ref, ""), "not found")
		tally(1, 1)
		ref := h.released()
		h.must(h.s.AddHold(ctx, h.first, robin, "claim 13", "")) // after both have said yes
		h.work()
		if p := h.proposal(ref); p.State != retention.Done || p.By[retention.KeptHeld] != 1 || len(h.names()) != 3 {
			t.Errorf("%s, %v, held are %v", p.State, p.By, h.names())
		}
		asked, err := h.s.ProposeOne(ctx, h.first, wren, "request 7", "")
		h.must(err)
		h.release(asked)
		h.work()
		if p := h.proposal(asked); p.By[retention.KeptHeld] != 1 || !strings.Contains(p.Certificate, "Left as they were, held: 1") {
			t.Errorf("asked for and held: %v\n%s", p.By, p.Certificate)
		}
		h.must(h.s.LiftHold(ctx, h.first, holds[1].Ref, ""))
		// A rule that is added in time keeps what was released too.
		late := h.released()
		h.rule(retention.Everyone, retention.Birth, 90*12)
		h.work()
		if p := h.proposal(late); p.By[retention.KeptNotDue] != 1 || len(h.names()) != 3 {
			t.Errorf("%v, held are %v", p.By, h.names())
		}
	})
}

// TestCategoriesAreForLife: whoever once had a plan or was in care is kept as
// long as that says, also where it has ended, or stood in a record that is one
// with theirs now.
func TestCategoriesAreForLife(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		old := civil.Must(1990, 3, 27)
		plan, care, plain, undated := h.add("Plan", old), h.add("Care", old), h.add("Plain", old), h.add("Undated", old)
		h.do("UPDATE need SET send = 'Y', known_to = 1 WHERE young_person = $1", h.key(plan))
		h.do("INSERT INTO characteristic (register, young_person, id, code, started, ended, known_from, known_to, evidence) SELECT register, id, 990001, '160', '', '2010-01-01', known_from, known_from, 1 FROM young_person WHERE id = $1", h.key(care))
		h.do("UPDATE particulars SET dob = '31.2.1990' WHERE young_person = $1", h.key(undated))
		h.do("UPDATE standing SET dob = NULL WHERE young_person = $1", h.key(undated))
		h.rule(retention.Everyone, retention.Birth, 25*12)
		h.rule(retention.HadPlan, retention.Birth, 45*12)
		h.rule(retention.WasInCare, retention.Birth, 75*12)
		got, err := h.s.Reckon(t.Context(), h.first)
		h.must(err)
		if len(got.Due) != 1 || int(got.Due[0].Person) != h.key(plain) || got.Later != 2 || got.Undated != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// TestOldFilesAreSwept: what files held goes after 90 days, or after what a
// rule says; the file's row, facts and the log stay.
func TestOldFilesAreSwept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.do("INSERT INTO sender (register, id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place) VALUES (1, 1, 's', 'A college', '', '', '', 1, FALSE, FALSE)")
		file := func(key int, state, received string) {
			h.do("INSERT INTO intake (register, id, ref, sender, kind, file_name, bytes, sha256, received_at, actor, actor_name, as_at, state, whole, mapping, blocks, done, after_act, counts, message) VALUES (1, $1, $2, 1, '', '', 1, 'x', $3, '', '', '', $4, FALSE, '', 0, 0, 0, '', '')", key, fmt.Sprint("n", key), received, state)
			h.do("INSERT INTO intake_content (register, intake, chunk, bytes) VALUES (1, $1, 0, $2)", key, []byte("x"))
			h.do("INSERT INTO intake_block (register, intake, block, first_row, last_row, begins, ends, content) VALUES (1, $1, 0, 1, 1, '', '', $2)", key, []byte("x"))
		}
		day := func(ago int) string {
			return dbtest.Noon.AddDate(0, 0, -ago).Format("2006-01-02T15:04:05.000000Z")
		}
		file(1, "applied", day(91))
		file(2, "applied", day(89))
		file(3, "review", day(400))
		file(4, "cancelled", day(120))
		kept := func() (n int) {
			return 10*h.number("SELECT count(DISTINCT intake) FROM intake_content") + h.number("SELECT count(DISTINCT intake) FROM intake_block")
		}
		sweep := func(want retention.Swept, left int) {
			t.Helper()
			got, err := h.s.Sweep(t.Context(), h.reg.ID)
			if err != nil || got != want || kept() != left {
				t.Errorf("swept %+v, left %d, %v", got, kept(), err)
			}
		}
		h.must(h.s.AddHold(t.Context(), h.first, "", "an inquiry", ""))
		sweep(retention.Swept{}, 44)
		h.do("UPDATE retention_hold SET known_to = known_from")
		h.rule(retention.Files, retention.Received, 4)
		sweep(retention.Swept{}, 44)
		h.do("UPDATE retention_rule SET known_to = known_from")
		sweep(retention.Swept{Partners: 2}, 22)
		sweep(retention.Swept{}, 22)
		if n := h.number("SELECT count(*) FROM intake"); n != 4 {
			t.Errorf("%d files are listed of 4", n)
		}
		if n := h.number("SELECT count(*) FROM act WHERE kind = 'delete files after their time'"); n != 1 {
			t.Errorf("%d acts say so", n)
		}
	})
}

// many adds people whose time is over, and two whose is not.
func (h *house) many(n int) {
	for i := range n {
		ref := h.add(fmt.Sprintf("Erasable%c%c", 'a'+i/26, 'a'+i%26), civil.Must(1990, 3, 1+i%28))
		if i%9 == 0 {
			h.note(ref, "words of the erasable")
		}
	}
	h.add("Stays", born)
	h.rule(retention.Everyone, retention.Birth, 25*12)
}

// all says that everybody due was erased once, and nobody else.
func (h *house) all(n int, ref id.Ref) {
	h.t.Helper()
	p := h.proposal(ref)
	acts := h.number("SELECT count(*) FROM act WHERE kind = 'erase a young person'")
	listed, err := retention.ReadList(h.list)
	h.must(err)
	if p.State != retention.Done || p.By[retention.Erased] != n || acts != n || len(listed) != n || h.number("SELECT count(*) FROM erased WHERE finished") != n {
		h.t.Errorf("%s %v, %d acts, %d on the list, of %d", p.State, p.By, acts, len(listed), n)
	}
	if got := h.names(); !slices.Equal(got, []string{"Stays"}) {
		h.t.Errorf("held are %v", got)
	}
	for _, text := range []string{"erasable"} {
		left := slices.DeleteFunc(h.everything(text), func(s string) bool {
			return strings.HasPrefix(s, "retention_proposal.certificate") || strings.HasPrefix(s, "act.")
		})
		if len(left) > 0 {
			h.t.Errorf("left: %v", left)
		}
	}
	if _, err := h.s.Verify(context.Background(), h.first, p.Certificate); err != nil {
		h.t.Error(err)
	}
	h.sound()
}

// TestBrokenOffAnywhereErasureGoesOn: broken off before each transaction in
// turn, it ends as in one go.
func TestBrokenOffAnywhereErasureGoesOn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.many(30)
		ref := h.released()
		breaks := 0
		for looks := 1; ; looks++ {
			ctx, cancel := context.WithCancel(context.Background())
			left := looks
			h.serve(d.At(func() time.Time {
				if left--; left <= 0 {
					cancel()
				}
				return dbtest.Noon
			}))
			err := h.s.Work(ctx, h.reg.ID)
			broken := ctx.Err() != nil
			cancel()
			if err == nil && !broken {
				break
			}
			if err != nil && !broken {
				t.Fatalf("broken off at look %d: %v", looks, err)
			}
			breaks++
		}
		h.serve(d)
		if breaks < 5 {
			t.Errorf("broken off only %d times", breaks)
		}
		h.all(30, ref)
	})
}

// TestProcess is the process that is killed.
func TestProcess(t *testing.T) {
	dir := os.Getenv("WAYMARK_ERASE_IN")
	if dir == "" {
		t.Skip("this is no test of its own: it is started, and killed, by TestKilledErasureGoesOn")
	}
	d, err := db.Open(t.Context(), db.Settings{Dir: dir, Now: func() time.Time { return dbtest.Noon }})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, list: filepath.Join(dir, "erased")}
	h.serve(d)
	if err := json.Unmarshal([]byte(os.Getenv("WAYMARK_ERASE_OF")), &h.reg.ID); err != nil {
		t.Fatal(err)
	}
	h.work()
}

// TestKilledErasureGoesOn kills -9 the process that erases, at moments spread
// over what it takes, and lets another go on.
func TestKilledErasureGoesOn(t *testing.T) {
	dir := t.TempDir()
	fresh := dbtest.SQLite(t) // for its keys alone
	d, err := db.Open(t.Context(), db.Settings{Dir: dir, Ring: fresh.Ring, Now: func() time.Time { return dbtest.Noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h := newHouse(t, d)
	h.list = filepath.Join(dir, "erased")
	h.serve(d)
	h.many(120)
	ref := h.released()
	kills := 0
	for wait := 15 * time.Millisecond; h.proposal(ref).State == retention.Released; wait += 10 * time.Millisecond {
		c := exec.Command(os.Args[0], "-test.run=^TestProcess$")
		c.Env = append(os.Environ(), "WAYMARK_ERASE_IN="+dir, fmt.Sprintf("WAYMARK_ERASE_OF=%d", h.reg.ID))
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
		if c.Process.Kill() == nil {
			kills++
		}
		var ended *exec.ExitError
		if err := c.Wait(); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if wait > 5*time.Second {
			t.Fatal("it does not come to an end")
		}
	}
	h.work()
	t.Logf("killed %d times", kills)
	h.all(120, ref)
}
