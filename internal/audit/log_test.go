package audit_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	_ "waymark/test/draws"
)

// book is a register with a log, and where its seals go.
type book struct {
	t     testing.TB
	d     *db.DB
	r     id.Register
	by    access.Actor
	key   *audit.Key
	heads string
	sees  *act.Recorder
}

const sqlTestRegister = `INSERT INTO register (id, ref, name, database_id, supplier_name) VALUES ($1, $2, 'Sandmere', '991', 'Waymark')`

func newBook(t testing.TB, d *db.DB, r id.Register) *book {
	t.Helper()
	dir := t.TempDir()
	d = d.For(r)
	b := &book{t: t, d: d, r: r, heads: filepath.Join(dir, "heads"), sees: &act.Recorder{DB: d, Wait: time.Microsecond},
		by: access.Actor{Register: r, Ref: "operator:test", Name: "Test", Roles: []access.Role{access.Operator}, Request: "q"}}
	b.exec(sqlTestRegister, int64(r), string(id.NewRef()))
	var err error
	if b.key, _, err = audit.OpenKey(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	return b
}

// exec changes the register past the program, as whoever owns its tables.
func (b *book) exec(query string, args ...any) {
	b.t.Helper()
	err := b.d.InTx(context.Background(), func(tx *db.Tx) error {
		dbtest.AsOwner(b.t, tx)
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		b.t.Fatal(query, err)
	}
}

// beside is exec for the tables beside the register.
func (b *book) beside(query string, args ...any) {
	b.t.Helper()
	err := b.d.InSideTx(context.Background(), func(tx *db.Tx) error {
		dbtest.AsOwner(b.t, tx)
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		b.t.Fatal(query, err)
	}
}

func (b *book) act(reason string) id.Act {
	b.t.Helper()
	var n id.Act
	err := b.d.InTx(context.Background(), func(tx *db.Tx) error {
		a, err := act.Begin(tx, b.by, access.KeepRegister, 0, act.Request{Reason: reason})
		if err == nil {
			n = a.Number
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *book) see(reason string, people ...id.YoungPerson) {
	b.t.Helper()
	by := b.by
	by.Reason = reason
	if err := b.sees.See(context.Background(), act.Sight{By: by, Kind: access.SeePerson, People: people, Page: "summary"}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) seal() {
	b.t.Helper()
	if _, err := audit.Seal(context.Background(), b.d, b.r); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) sign() audit.Head {
	b.t.Helper()
	b.seal()
	h, _, err := audit.Sign(context.Background(), b.d, b.r, b.key, b.heads, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

func (b *book) verify() audit.Account {
	b.t.Helper()
	heads, err := audit.HeadsOf(b.heads, []string{b.key.Public})
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := audit.Verify(context.Background(), b.d, b.r, heads)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// fill writes n acts and as many batches of sights, and seals each pair.
func (b *book) fill(n int) {
	b.t.Helper()
	for i := range n {
		b.act(fmt.Sprint("reason ", i))
		b.see("", id.YoungPerson(i+1), id.YoungPerson(i+2))
		b.seal()
		if i%5 == 4 {
			b.sign()
		}
	}
	b.sign()
}

func TestAWholeLog(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		other := newBook(t, d, 2)
		other.fill(3)
		b.fill(12)
		b.act("not sealed")
		b.see("", 5)
		a := b.verify()
		if len(a.Faults) > 0 || a.Entries != 24 || a.Acts != 12 || a.Batches != 12 || a.Sights != 24 || a.Heads != 3 || a.UnsealedActs != 1 || a.UnsealedBatches != 1 || a.Last.Entries != 24 {
			t.Errorf("%+v", a)
		}
		if a := other.verify(); len(a.Faults) > 0 || a.Acts != 3 {
			t.Errorf("%+v", a)
		}
		if a.Last.Root != a.Root {
			t.Error("the root is not the last seal's")
		}
		b.sign()
		if a := b.verify(); len(a.Faults) > 0 || a.Entries != 26 || a.UnsealedActs != 0 || a.UnsealedBatches != 0 {
			t.Errorf("%+v", a)
		}
	})
}

func TestAnEmptyLog(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		if a := b.verify(); len(a.Faults) > 0 || a.Entries != 0 {
			t.Errorf("%+v", a)
		}
		b.sign()
		if a := b.verify(); len(a.Faults) > 0 || a.Heads != 1 {
			t.Errorf("%+v", a)
		}
	})
}

// TestEveryKindOfTampering changes a whole log in each way, by SQL, and says
// which entry must be named: act n is entry 2n-1, the nth sights are entry 2n,
// twelve of each.
func TestEveryKindOfTampering(t *testing.T) {
	const nth = `(SELECT batch FROM sight WHERE register = 1 AND young_person = $1 AND line = 1)`
	for _, c := range []struct {
		name  string
		do    func(b *book)
		entry int64
		what  string
	}{
		{"an act's reason", func(b *book) { b.exec(`UPDATE act SET reason = 'other' WHERE register = 1 AND number = 5`) }, 9, audit.Edited},
		{"who did it", func(b *book) { b.exec(`UPDATE act SET actor = 'account:x' WHERE register = 1 AND number = 1`) }, 1, audit.Edited},
		{"when it was done", func(b *book) {
			b.exec(`UPDATE act SET at = '2026-11-10T12:00:00.000001Z' WHERE register = 1 AND number = 12`)
		}, 23, audit.Edited},
		{"a text instead of none", func(b *book) { b.exec(`UPDATE act SET one_use_key = '' WHERE register = 1 AND number = 2`) }, 3, audit.Edited},
		{"an act taken away", func(b *book) { b.exec(`DELETE FROM act WHERE register = 1 AND number = 4`) }, 7, audit.Deleted},
		{"the last act taken away", func(b *book) { b.exec(`DELETE FROM act WHERE register = 1 AND number = 12`) }, 23, audit.CutOff},
		{"acts and their count", func(b *book) {
			b.exec(`DELETE FROM act WHERE register = 1 AND number > 8`)
			b.exec(`UPDATE register SET last_act = 8 WHERE id = 1`)
		}, 17, audit.RolledBack},
		{"two acts exchanged", func(b *book) {
			b.exec(`UPDATE act SET number = -1 WHERE register = 1 AND number = 2`)
			b.exec(`UPDATE act SET number = 2 WHERE register = 1 AND number = 3`)
			b.exec(`UPDATE act SET number = 3 WHERE register = 1 AND number = -1`)
		}, 3, audit.Reordered},
		{"an act before the first", func(b *book) {
			b.exec(`INSERT INTO act (register, number, at, actor, actor_name, kind, reason) VALUES (1, 0, '', '', '', '', '')`)
		}, 1, audit.Inserted},
		{"whom they saw", func(b *book) {
			b.beside(`UPDATE sight SET young_person = 99 WHERE register = 1 AND line = 2 AND batch = `+nth, 3)
		}, 6, audit.Edited},
		{"that it was a person at all", func(b *book) {
			b.beside(`UPDATE sight SET young_person = NULL WHERE register = 1 AND line = 2 AND batch = `+nth, 3)
		}, 6, audit.Edited},
		{"one line of a batch", func(b *book) { b.beside(`DELETE FROM sight WHERE register = 1 AND line = 2 AND batch = `+nth, 1) }, 2, audit.Edited},
		{"a line put into a batch", func(b *book) {
			b.beside(`INSERT INTO sight (register, batch, line, at, actor, actor_name, kind, page, request) SELECT register, batch, 3, at, actor, actor_name, kind, page, request FROM sight WHERE register = 1 AND line = 1 AND batch = `+nth, 4)
		}, 8, audit.Edited},
		{"a batch taken away", func(b *book) { b.beside(`DELETE FROM sight WHERE register = 1 AND batch = `+nth, 1) }, 2, audit.Deleted},
		{"sights put in", func(b *book) {
			b.beside(`INSERT INTO sight (register, batch, line, at, actor, actor_name, kind, page, request) VALUES (1, 'forged', 1, '2026-11-10T12:00:00.000000Z', 'account:x', '', '', '', '')`)
		}, 25, audit.Inserted},
		{"sights put in late, as if they waited", func(b *book) {
			b.beside(`INSERT INTO sight (register, batch, line, at, actor, actor_name, kind, page, request) VALUES (1, 'forged', 1, '2026-11-09T12:00:00.000000Z', 'account:x', '', '', '', '')`)
			b.beside(`INSERT INTO unsealed_sight (register, batch) VALUES (1, 'forged')`)
			b.seal()
		}, 25, audit.Inserted},
		{"sights that waited", func(b *book) {
			b.see("", 40)
			b.beside(`DELETE FROM sight WHERE register = 1 AND young_person = 40`)
		}, 25, audit.Deleted},
		{"an act that waited", func(b *book) {
			b.act("one")
			b.act("two")
			b.exec(`DELETE FROM act WHERE register = 1 AND number = 13`)
		}, 25, audit.Deleted},
		{"the last act that waited", func(b *book) {
			b.act("one")
			b.exec(`DELETE FROM act WHERE register = 1 AND number = 13`)
		}, 25, audit.CutOff},
		{"the log's own hash", func(b *book) { b.beside(`UPDATE audit_tile SET hashes = $1 WHERE register = 1`, make([]byte, 24*32)) }, 1, audit.Edited},
		{"the log's hash cut short", func(b *book) { b.beside(`UPDATE audit_tile SET hashes = $1 WHERE register = 1`, make([]byte, 32)) }, 1, audit.Edited},
		{"the log's entries", func(b *book) { b.beside(`UPDATE audit_tile SET entries = 'nonsense' WHERE register = 1`) }, 1, audit.Replaced},
		{"the log taken away", func(b *book) { b.beside(`DELETE FROM audit_tile WHERE register = 1`) }, 1, audit.Deleted},
		{"the log begun anew", func(b *book) {
			b.beside(`DELETE FROM audit_tile WHERE register = 1`)
			b.beside(`DELETE FROM audit_log WHERE register = 1`)
			b.beside(`INSERT INTO unsealed_sight (register, batch) SELECT DISTINCT register, batch FROM sight WHERE register = 1`)
			b.seal()
		}, 1, audit.Replaced},
		{"an act edited, and the log begun anew to fit it", func(b *book) {
			b.exec(`UPDATE act SET reason = 'other' WHERE register = 1 AND number = 1`)
			b.beside(`DELETE FROM audit_tile WHERE register = 1`)
			b.beside(`UPDATE audit_log SET size = 0, acts = 0, edge = $1 WHERE register = 1`, []byte{})
			b.beside(`INSERT INTO unsealed_sight (register, batch) SELECT DISTINCT register, batch FROM sight WHERE register = 1`)
			b.sign()
		}, 1, audit.Replaced},
		{"an erasure that nobody did", func(b *book) {
			b.exec(`UPDATE act SET reason = $1 WHERE register = 1 AND number = 2`, audit.Erased)
			b.exec(`INSERT INTO erased_act_reason (register, act, hash, erased_by) VALUES (1, 2, $1, 99)`, make([]byte, 32))
		}, 3, audit.Edited},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				b := newBook(t, d, 1)
				b.fill(12)
				if a := b.verify(); len(a.Faults) > 0 {
					t.Fatalf("whole, and yet: %+v", a.Faults)
				}
				c.do(b)
				a := b.verify()
				if len(a.Faults) == 0 {
					t.Fatal("nothing was found")
				}
				if f := a.Faults[0]; f.Entry != c.entry || f.What != c.what {
					t.Errorf("entry %d %s: %s; want entry %d %s", f.Entry, f.What, f.Words, c.entry, c.what)
				}
				t.Log(a.Faults[0].Words)
			})
		})
	}
}

// tables that are put back when a database is: the register's and those beside.
var (
	mainTables = []string{"act"}
	sideTables = []string{"sight", "audit_tile", "audit_log", "unsealed_sight"}
)

// TestYesterdaysDatabase puts every table back as it was at an earlier seal.
func TestYesterdaysDatabase(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		b.fill(4)
		was := b.sign()
		for _, one := range mainTables {
			b.exec(`CREATE TABLE kept_` + one + ` AS SELECT * FROM ` + one)
		}
		for _, one := range sideTables {
			b.beside(`CREATE TABLE kept_` + one + ` AS SELECT * FROM ` + one)
		}
		b.fill(4)
		for _, one := range mainTables {
			b.exec(`DELETE FROM ` + one)
			b.exec(`INSERT INTO ` + one + ` SELECT * FROM kept_` + one)
		}
		for _, one := range sideTables {
			b.beside(`DELETE FROM ` + one)
			b.beside(`INSERT INTO ` + one + ` SELECT * FROM kept_` + one)
		}
		b.exec(`UPDATE register SET last_act = 4 WHERE id = 1`)
		a := b.verify()
		if len(a.Faults) == 0 || a.Faults[0].Entry != was.Entries+1 || a.Faults[0].What != audit.RolledBack {
			t.Errorf("%+v", a.Faults)
		}
		// The work that went on since is no disguise, however much it is.
		b.fill(9)
		a = b.verify()
		if len(a.Faults) == 0 || a.Faults[0].Entry != was.Entries+1 || a.Faults[0].What != audit.Replaced {
			t.Errorf("%+v", a.Faults)
		}
		// Without the seals outside it would be unseen: that is what they are for.
		a, err := audit.Verify(t.Context(), d, 1, nil)
		if err != nil || len(a.Faults) > 0 {
			t.Errorf("%v %+v", err, a.Faults)
		}
	})
}

func TestReasonsCanBeErased(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		n := b.act("the name of somebody who wants to be forgotten")
		b.see("she rang", 7)
		b.fill(4)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			a, err := act.Begin(tx, b.by, access.KeepRegister, 0, act.Request{Reason: "erasure"})
			if err != nil {
				return err
			}
			return audit.EraseReasons(tx, a, n, n)
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := audit.EraseSightReasons(t.Context(), d, 1, 7, 6); err != nil {
				t.Fatal(err)
			}
		}
		b.sign()
		if a := b.verify(); len(a.Faults) > 0 || a.ErasedReasons != 2 {
			t.Errorf("%+v", a)
		}
		b.exec(`UPDATE act SET reason = 'another story' WHERE register = 1 AND number = $1`, int64(n))
		if a := b.verify(); len(a.Faults) != 1 || a.Faults[0].What != audit.Edited {
			t.Errorf("%+v", a.Faults)
		}
	})
}

// TestAnyTamperingIsFound draws logs and changes, and asks that each change is
// found at the entry where it was made, or before.
func TestAnyTamperingIsFound(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := id.Register(0)
		rapid.Check(t, func(rt *rapid.T) {
			r++
			b := newBook(t, d, r)
			for range rapid.IntRange(2, 14).Draw(rt, "length") {
				switch rapid.IntRange(0, 4).Draw(rt, "next") {
				case 0:
					b.sign()
				case 1, 2:
					b.see(rapid.StringMatching(`[a-z]{0,3}`).Draw(rt, "why"), 1, 2)
				default:
					b.act(rapid.StringMatching(`[a-z]{0,3}`).Draw(rt, "reason"))
				}
			}
			b.act("last")
			b.see("last", 3)
			b.sign()
			whole := b.verify()
			if len(whole.Faults) > 0 {
				rt.Fatalf("whole, and yet: %+v", whole.Faults)
			}
			act := rapid.Int64Range(1, whole.Acts).Draw(rt, "act")
			changes := []func(){
				func() { b.exec(`UPDATE act SET kind = 'x' WHERE register = $1 AND number = $2`, int64(r), act) },
				func() {
					b.exec(`UPDATE act SET reason = reason || '!' WHERE register = $1 AND number = $2`, int64(r), act)
				},
				func() { b.exec(`UPDATE act SET young_person = 1 WHERE register = $1 AND number = $2`, int64(r), act) },
				func() { b.exec(`UPDATE act SET undoes = 0 WHERE register = $1 AND number = $2`, int64(r), act) },
				func() { b.exec(`DELETE FROM act WHERE register = $1 AND number = $2`, int64(r), act) },
				func() { b.exec(`DELETE FROM act WHERE register = $1 AND number >= $2`, int64(r), act) },
				func() { b.beside(`UPDATE sight SET reason = reason || '!' WHERE register = $1`, int64(r)) },
				func() { b.beside(`UPDATE sight SET line = line + 5 WHERE register = $1`, int64(r)) },
				func() { b.beside(`DELETE FROM sight WHERE register = $1 AND young_person = 3`, int64(r)) },
				func() { b.beside(`UPDATE audit_log SET size = size - 1 WHERE register = $1`, int64(r)) },
				func() { b.beside(`UPDATE audit_log SET acts = acts + 1 WHERE register = $1`, int64(r)) },
			}
			at := rapid.IntRange(0, len(changes)-1).Draw(rt, "change")
			changes[at]()
			found, err := audit.Verify(context.Background(), d, r, readHeads(t, b))
			if err == nil && len(found.Faults) == 0 {
				rt.Fatal("nothing was found")
			}
		})
	})
}
