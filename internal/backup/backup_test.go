package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"waymark/internal/backup"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/demo"
	"waymark/internal/id"
	"waymark/internal/nccis"
)

// house fills a register with a small invented world, and with what is
// awkward to store.
func house(t *testing.T, d *db.DB) {
	t.Helper()
	req, err := nccis.Load()
	if err != nil {
		t.Fatal(err)
	}
	world, err := demo.Invent(demo.Settings{Seed: 3, On: civil.Must(2026, 11, 10), Size: 0.005})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Fill(t.Context(), demo.House{DB: d, Requirement: req}, world); err != nil {
		t.Fatal(err)
	}
	awkward(t, d)
}

// awkward stores the values by which copies go wrong: nothing at all, empty
// bytes, every byte, line ends, quotes, signs of COPY, the ends of numbers.
func awkward(t *testing.T, d *db.DB) {
	t.Helper()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if err := d.InTx(t.Context(), func(tx *db.Tx) error {
		var r int64
		if err := tx.QueryRow("SELECT id FROM register").Scan(&r); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO sender (register, id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place) VALUES ($1, 1, 'r', $2, '', '', '', $3, $4, $5)`,
			r, "Ysgol Môr \"\\N\\.\t\r\n' 🌊 é é", int64(-9223372036854775808), true, false); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO intake (register, id, ref, sender, kind, file_name, bytes, sha256, received_at, actor, actor_name, as_at, state, whole, mapping, blocks, done, after_act, counts, act, undone_by, message)
			VALUES ($1, 1, 'i', 1, '', '', $2, '', '', '', '', '', '', $3, '', 0, 0, 0, '', NULL, NULL, '')`, r, int64(9223372036854775807), false); err != nil {
			return err
		}
		for i, b := range [][]byte{{}, {0}, all, bytes.Repeat(all, 3000)} {
			if _, err := tx.Exec(`INSERT INTO intake_content (register, intake, chunk, bytes) VALUES ($1, 1, $2, $3)`, r, i, b); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.InSideTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO sight (register, batch, line, at, actor, actor_name, kind, young_person, page, request, reason) VALUES (1, 'b', 1, '', '', '', '', NULL, '', '', $1)`, strings.Repeat("looked ", 1000))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// content is every row of every table but that of the keys of notes, which no
// backup holds, read as anybody would read it and in one order.
func content(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	read := func(tx *db.Tx, table db.Table) error {
		rows, err := tx.Query("SELECT * FROM " + table.Name)
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		out[table.Name] = []string{}
		for rows.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range into {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			for i, v := range values {
				if v == true || v == false { // SQLite's driver tells a truth as a number
					values[i] = map[any]int64{true: 1, false: 0}[v]
				}
				if b, ok := v.([]byte); ok && len(b) == 0 { // and no bytes as a nil slice
					values[i] = []byte{}
				}
			}
			out[table.Name] = append(out[table.Name], fmt.Sprintf("%v %#v", names, values))
		}
		slices.Sort(out[table.Name])
		return rows.Err()
	}
	if err := d.EveryRegister().Snapshot(t.Context(), func(s *db.Snapshot) error {
		for _, table := range s.Tables {
			if table.Side && d.Engine == db.SQLite {
				if err := d.InSideTx(t.Context(), func(tx *db.Tx) error { return read(tx, table) }); err != nil {
					return err
				}
			} else if err := read(s.Tx, table); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	delete(out, backup.KeyTable)
	return out
}

// target is an empty place of one engine to restore into, and what opens it
// afterwards.
func target(t *testing.T, engine db.Engine) (backup.Target, func() *db.DB) {
	t.Helper()
	to := backup.Target{Dir: filepath.Join(t.TempDir(), "restored")}
	settings := db.Settings{Dir: to.Dir}
	if engine == db.Postgres {
		to = backup.Target{URL: dbtest.Address(t)}
		settings = db.Settings{URL: to.URL}
	}
	return to, func() *db.DB {
		d, err := db.OpenEvery(context.Background(), settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
}

func key(t *testing.T) *age.X25519Identity {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func taken(t *testing.T, d *db.DB, to ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := backup.Write(t.Context(), d, &out, "test", to...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsRestoredIsWhatWasBackedUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		k, other := key(t), key(t)
		file := taken(t, d, k.Recipient(), other.Recipient())
		if bytes.Contains(file, []byte("Ysgol")) || bytes.Contains(file, []byte("WAYMARK1")) {
			t.Error("the backup can be read without a key")
		}
		want := content(t, d)
		for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
			t.Run("into "+string(engine), func(t *testing.T) {
				to, open := target(t, engine)
				r, err := backup.Restore(t.Context(), bytes.NewReader(file), to, other)
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Holds) != 1 || r.Holds[0].Act == 0 || r.Holds[0].At.IsZero() || r.Rows < 1000 {
					t.Errorf("reported %+v", r)
				}
				if diff := cmp.Diff(want, content(t, open())); diff != "" {
					t.Errorf("restored (-backed up +restored):\n%.3000s", diff)
				}
				if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to, k); !errors.Is(err, db.ErrNotEmpty) {
					t.Errorf("restored over a register: %v", err)
				}
			})
			t.Run("copied into "+string(engine), func(t *testing.T) {
				to, open := target(t, engine)
				if _, err := backup.Copy(t.Context(), d, to, "test"); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, content(t, open())); diff != "" {
					t.Errorf("copied (-from +to):\n%.3000s", diff)
				}
			})
		}
	})
}

func TestIndexesAndKeysAreThereAfterARestore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		file := taken(t, d)
		to, open := target(t, d.Engine)
		if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to); err != nil {
			t.Fatal(err)
		}
		made := open()
		if diff := cmp.Diff(shape(t, d), shape(t, made)); diff != "" {
			t.Errorf("restored (-made by migrations +restored):\n%s", diff)
		}
		err := made.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO register_authority (register, la_code, la_name) VALUES (77, '341', '')`)
			return err
		})
		if err == nil {
			t.Error("a row that points nowhere was stored: the keys are not there")
		}
	})
}

func shape(t *testing.T, d *db.DB) []string {
	t.Helper()
	shape, err := d.Shape(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

func TestDamagedBackupsAreRefusedInWords(t *testing.T) {
	d := dbtest.SQLite(t)
	house(t, d)
	k := key(t)
	sealed, plain := taken(t, d, k.Recipient()), taken(t, d)
	want := content(t, d)
	refused := func(t *testing.T, what string, file []byte, right func(error) bool, keys ...age.Identity) {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "restored")
		if _, err := backup.Restore(t.Context(), bytes.NewReader(file), backup.Target{Dir: dir}, keys...); err == nil {
			// What gzip says may be said in two ways: then the same came of it.
			made, err := db.OpenEvery(t.Context(), db.Settings{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			defer made.Close()
			if diff := cmp.Diff(want, content(t, made)); diff != "" || strings.Contains(what, "sealed") {
				t.Errorf("%s: it was restored", what)
			}
			return
		} else if !right(err) {
			t.Errorf("%s: %v", what, err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %v was left behind", what, left)
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	damaged := func(err error) bool { return errors.As(err, new(backup.Damaged)) }
	refused(t, "another key, sealed", sealed, is(backup.ErrWrongKey), key(t))
	refused(t, "no key, sealed", sealed, is(backup.ErrNoKey))
	refused(t, "a workbook", []byte("PK\x03\x04 and more"), is(backup.ErrNoBackup), k)
	refused(t, "nothing", nil, is(backup.ErrNoBackup), k)
	for name, file := range map[string][]byte{"sealed": sealed, "plain": plain} {
		for i := range 16 {
			at := 20 + (len(file)-20)*i/16
			refused(t, fmt.Sprintf("%s, cut at %d of %d", name, at, len(file)), file[:at], damaged, k)
			flipped := bytes.Clone(file)
			flipped[at] ^= 1 << (i % 8)
			refused(t, fmt.Sprintf("%s, a bit changed at %d of %d", name, at, len(file)), flipped, damaged, k)
		}
		refused(t, name+", with a tail", append(bytes.Clone(file), "more"...), damaged, k)
	}
}

func TestANewerBackupIsRefused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			dbtest.AsOwner(t, tx)
			_, err := tx.Exec(`INSERT INTO schema_version (version_id, is_applied) VALUES (9999, $1)`, true)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		to, _ := target(t, d.Engine)
		if _, err := backup.Restore(t.Context(), bytes.NewReader(taken(t, d)), to); !errors.Is(err, db.ErrNewer) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAStoppedRestoreLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		file := taken(t, d)
		for _, part := range []int{1, 3, 7} {
			to, open := target(t, d.Engine)
			ctx, stop := context.WithCancel(t.Context())
			_, err := backup.Restore(ctx, &stopping{in: bytes.NewReader(file), left: len(file) * part / 8, stop: stop}, to)
			stop()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("stopped after %d eighths: %v", part, err)
			}
			if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to); err != nil {
				t.Fatalf("once more, after it was stopped: %v", err)
			}
			if diff := cmp.Diff(content(t, d), content(t, open())); diff != "" {
				t.Errorf("restored (-backed up +restored):\n%.3000s", diff)
			}
		}
	})
}

// stopping ends the context after so many bytes.
type stopping struct {
	in   io.Reader
	left int
	stop func()
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.left <= 0 {
		s.stop()
	}
	n, err := s.in.Read(p[:min(len(p), 4096)])
	s.left -= n
	return n, err
}

func TestHalfRestoredIsRefusedInWords(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "restoring"), 0o700); err != nil {
		t.Fatal(err)
	}
	var half db.ErrHalfRestored
	if _, err := backup.Restore(t.Context(), bytes.NewReader(taken(t, dbtest.SQLite(t))), backup.Target{Dir: dir}); !errors.As(err, &half) {
		t.Errorf("restored: %v", err)
	}
	if _, err := db.OpenEvery(t.Context(), db.Settings{Dir: dir}); !errors.As(err, &half) || !strings.Contains(err.Error(), "delete "+filepath.Join(dir, "restoring")) {
		t.Errorf("opened: %v", err)
	}
}

// While many write, a backup holds exactly the acts up to one number: each
// writer changes two tables in one act, and no act is there by half.
func TestABackupIsOfOneMoment(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		write := func(n int) error {
			return d.InTx(context.Background(), func(tx *db.Tx) error {
				var act int64
				if err := tx.QueryRow(`UPDATE register SET last_act = last_act + 1 RETURNING last_act`).Scan(&act); err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO act (register, number, at, actor, actor_name, kind, reason) SELECT id, $1, $2, '', '', 'busy', '' FROM register`, act, db.Instant{Time: tx.Now}); err != nil {
					return err
				}
				_, err := tx.Exec(`INSERT INTO evidence (register, id, act, kind, said_by, grade) SELECT id, $1, $2, 'busy', '', '' FROM register`, 1_000_000_000+act, act)
				return err
			})
		}
		var stop atomic.Bool
		wrote := make(chan error, 2)
		for w := range 2 {
			go func() {
				for n := w; ; n += 2 {
					if err := write(n); err != nil || stop.Load() {
						wrote <- err
						return
					}
				}
			}()
		}
		last := int64(0)
		for range 3 {
			time.Sleep(20 * time.Millisecond)
			to, open := target(t, db.SQLite)
			r, err := backup.Copy(t.Context(), d, to, "test")
			if err != nil {
				t.Fatal(err)
			}
			var acts, top, evidence, counter int64
			if err := open().Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT (SELECT count(*) FROM act), (SELECT MAX(number) FROM act), (SELECT count(*) FROM evidence WHERE kind = 'busy'), last_act FROM register`).
					Scan(&acts, &top, &evidence, &counter)
			}); err != nil {
				t.Fatal(err)
			}
			busy := int64(0)
			if err := open().Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM act WHERE kind = 'busy'`).Scan(&busy)
			}); err != nil {
				t.Fatal(err)
			}
			if acts != top || top != counter || busy != evidence || int64(r.Holds[0].Act) != top {
				t.Errorf("%d acts up to %d of %d, %d of them busy with %d evidence; the backup says %d", acts, top, counter, busy, evidence, r.Holds[0].Act)
			}
			if top <= last {
				t.Errorf("nobody wrote while the backup was taken: act %d after %d", top, last)
			}
			last = top
		}
		stop.Store(true)
		if err := errors.Join(<-wrote, <-wrote); err != nil {
			t.Error(err)
		}
	})
}

func TestABackupThatCannotBeWrittenLeavesNoFile(t *testing.T) {
	d := dbtest.SQLite(t)
	house(t, d)
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := backup.ToFile(ctx, d, filepath.Join(dir, "a.backup"), "test"); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	broken := errors.New("no room")
	if _, err := backup.Write(t.Context(), d, failing{broken}, "test"); !errors.Is(err, broken) {
		t.Errorf("a full disk: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v was left behind", left)
	}
	if _, size, err := backup.ToFile(t.Context(), d, filepath.Join(dir, "a.backup"), "test"); err != nil || size == 0 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	info, err := os.Stat(filepath.Join(dir, "a.backup"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestBackupsAreRemembered(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		house(t, d)
		var out bytes.Buffer
		r, err := backup.Write(t.Context(), d, &out, "test")
		if err != nil {
			t.Fatal(err)
		}
		register := r.Holds[0].Register
		if taken, tested, err := backup.Last(t.Context(), d, register); taken != nil || tested != nil || err != nil {
			t.Errorf("before the first: %v %v %v", taken, tested, err)
		}
		if err := backup.Remember(t.Context(), d, r, "operator:test", "/somewhere/a.backup", 12, true); err != nil {
			t.Fatal(err)
		}
		last, tested, err := backup.Last(t.Context(), d, register)
		if err != nil || last == nil || tested != nil || last.Act != r.Holds[0].Act || last.FileName != "a.backup" || !last.Encrypted {
			t.Errorf("after the first: %+v %v %v", last, tested, err)
		}
		if err := backup.RememberTest(t.Context(), d, r.Ref); err != nil {
			t.Fatal(err)
		}
		if _, tested, err := backup.Last(t.Context(), d, register); err != nil || tested == nil || !tested.TestedAt.Equal(dbtest.Noon) {
			t.Errorf("after its test: %+v %v", tested, err)
		}
		if err := backup.RememberTest(t.Context(), d, id.NewRef()); !errors.Is(err, db.NotFound) {
			t.Errorf("a test of another's backup: %v", err)
		}
	})
}
