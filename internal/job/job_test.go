package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waymark/internal/db"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/register"
)

// clock is a clock that a test moves.
type clock struct{ at atomic.Pointer[time.Time] }

func clockAt(t time.Time) *clock { c := &clock{}; c.at.Store(&t); return c }

func (c *clock) now() time.Time        { return *c.at.Load() }
func (c *clock) pass(by time.Duration) { t := c.now().Add(by); c.at.Store(&t) }

func newRegister(t testing.TB, d *db.DB) id.Register {
	t.Helper()
	reg, err := (&register.Service{DB: d}).Add(t.Context(), register.Register{Name: "Invented", DatabaseID: "123", Authorities: []register.Authority{{Code: "341", Name: "One"}}})
	if err != nil {
		t.Fatal(err)
	}
	return reg.ID
}

func enqueue(t testing.TB, d *db.DB, r id.Register, about ...string) {
	t.Helper()
	if err := d.InTx(t.Context(), func(tx *db.Tx) error { return job.Enqueue(tx, r, "try", time.Time{}, about...) }); err != nil {
		t.Fatal(err)
	}
}

func once(t testing.TB, w *job.Worker) int {
	t.Helper()
	n, err := w.Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func in(t testing.TB, d *db.DB, r id.Register, state job.State) []job.Job {
	t.Helper()
	var out []job.Job
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) { out, err = job.List(tx, r, state); return }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAJobIsTriedWithGrowingPausesAndGivenUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := newRegister(t, d)
		c := clockAt(dbtest.Noon)
		d = d.At(c.now)
		tried := 0
		w := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Most: 4, Handlers: map[string]job.Handler{"try": func(context.Context, *job.Work) error {
			tried++
			return errors.New("the line is dead")
		}}}
		enqueue(t, d, r, "x")
		var pauses []time.Duration
		for once(t, w) == 1 {
			if open := in(t, d, r, job.Waiting); len(open) == 1 {
				pauses = append(pauses, open[0].Due.Sub(c.now()))
				c.pass(pauses[len(pauses)-1])
			}
		}
		if fmt.Sprint(pauses) != "[30s 1m0s 2m0s]" || tried != 4 {
			t.Errorf("tried %d times with pauses %v", tried, pauses)
		}
		if up := in(t, d, r, job.GivenUp); len(up) != 1 || up[0].Problem != "the line is dead" || up[0].Tries != 4 {
			t.Fatalf("given up: %+v", up)
		}
		ref := in(t, d, r, job.GivenUp)[0].Ref
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { return job.TryAnew(tx, r, ref) }); err != nil || once(t, w) != 1 || tried != 5 {
			t.Errorf("tried anew: %d, %v", tried, err)
		}
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { return job.TryAnew(tx, r, id.NewRef()) }); !errors.Is(err, db.NotFound) {
			t.Errorf("of one that is not there: %v", err)
		}
	})
}

func TestLaterAndGiveUp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := newRegister(t, d)
		c := clockAt(dbtest.Noon)
		d = d.At(c.now)
		w := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": func(_ context.Context, w *job.Work) error {
			switch w.About {
			case "night":
				return job.Later{At: c.now().Add(8 * time.Hour), Why: "it is night"}
			case "panic":
				panic("a fault")
			}
			return job.GiveUp{Why: "of no use"}
		}}}
		enqueue(t, d, r, "night", "useless", "panic")
		if once(t, w) != 3 || once(t, w) != 0 {
			t.Error("not all were taken once")
		}
		for _, j := range in(t, d, r, job.Waiting) {
			if j.About == "night" && (j.Tries != 0 || !j.Due.Equal(c.now().Add(8*time.Hour)) || j.Problem != "it is night") {
				t.Errorf("put off: %+v", j)
			}
		}
		if n := len(in(t, d, r, job.Waiting)); n != 2 {
			t.Errorf("%d wait", n)
		}
		if up := in(t, d, r, job.GivenUp); len(up) != 1 || up[0].About != "useless" {
			t.Errorf("given up: %+v", up)
		}
	})
}

// TestTwoServersDoNotDouble: eight workers on one tray do each job once.
func TestTwoServersDoNotDouble(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := newRegister(t, d)
		var about []string
		for i := range 300 {
			about = append(about, fmt.Sprint(i))
		}
		enqueue(t, d, r, about...)
		var mu sync.Mutex
		times := map[string]int{}
		var all sync.WaitGroup
		for range 8 {
			w := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": func(ctx context.Context, w *job.Work) error {
				mu.Lock()
				defer mu.Unlock()
				times[w.About]++
				return nil
			}}}
			all.Go(func() {
				for range 400 {
					if n, err := w.Once(context.Background()); err != nil || n == 0 && len(in(t, d, r, job.Done)) >= 200 {
						if err != nil {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		all.Wait()
		w := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": func(ctx context.Context, w *job.Work) error { times[w.About]++; return nil }}}
		for once(t, w) > 0 {
		}
		for _, one := range about {
			if times[one] != 1 {
				t.Errorf("job %s was done %d times", one, times[one])
			}
		}
	})
}

// TestALeaseThatLapsed: whoever comes back too late writes nothing.
func TestALeaseThatLapsed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := newRegister(t, d)
		c := clockAt(dbtest.Noon)
		d = d.At(c.now)
		enqueue(t, d, r, "x")
		second := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": func(context.Context, *job.Work) error { return nil }}}
		var late error
		first := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": func(ctx context.Context, w *job.Work) error {
			c.pass(3 * time.Minute) // the machine slept
			if n, err := second.Once(ctx); n != 1 || err != nil {
				t.Errorf("the second took %d, %v", n, err)
			}
			late = d.InTx(ctx, func(tx *db.Tx) error { return w.Finish(tx) })
			return late
		}}}
		once(t, first)
		if !errors.Is(late, job.ErrLost) {
			t.Errorf("the first finished with %v", late)
		}
		if done := in(t, d, r, job.Done); len(done) != 1 || done[0].Tries != 2 {
			t.Errorf("done: %+v", done)
		}
	})
}

// TestKilledInTheMiddle kills a process that works on jobs, again and again,
// and finds each written once.
func TestKilledInTheMiddle(t *testing.T) {
	if dir := os.Getenv("WAYMARK_JOB_CHILD"); dir != "" {
		workUntilKilled(t, dir)
		return
	}
	if testing.Short() {
		t.Skip("kills processes")
	}
	dir := t.TempDir()
	d, err := db.OpenEvery(t.Context(), db.Settings{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	r := newRegister(t, d)
	d = d.For(r)
	var about []string
	for i := range 150 {
		about = append(about, fmt.Sprint(i))
	}
	enqueue(t, d, r, about...)
	for range 4 {
		child := exec.Command(os.Args[0], "-test.run", "^TestKilledInTheMiddle$")
		child.Env = append(os.Environ(), "WAYMARK_JOB_CHILD="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		began := len(in(t, d, r, job.Done))
		for range 400 { // until it has begun to work
			time.Sleep(25 * time.Millisecond)
			if len(in(t, d, r, job.Done)) > began+10 {
				break
			}
		}
		child.Process.Kill()
		child.Wait()
	}
	w := &job.Worker{DB: d, Register: r, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{"try": written(d, r)}}
	for range 200 {
		if once(t, w) == 0 {
			if open := in(t, d, r, job.Waiting); len(open) == 0 {
				break
			}
			time.Sleep(100 * time.Millisecond) // what the killed had leased
		}
	}
	times := map[string]int{}
	for _, j := range in(t, d, r, job.Waiting) {
		times[j.About]-- // fruits are jobs of another kind, which nobody takes
		t.Errorf("job %s was never done", j.About)
	}
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT about FROM job WHERE register = $1 AND kind = 'fruit'", int64(r))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			times[one]++
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	for _, one := range about {
		if times[one] != 1 {
			t.Errorf("job %s was written %d times", one, times[one])
		}
	}
}

// written is a handler whose fruit is a row, written with its end: a done job
// of another kind, since a test has no table of its own.
func written(d *db.DB, r id.Register) job.Handler {
	return func(ctx context.Context, w *job.Work) error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			if err := job.Enqueue(tx, r, "fruit", time.Time{}, w.About); err != nil {
				return err
			}
			if _, err := tx.Exec("UPDATE job SET state = 'done' WHERE register = $1 AND kind = 'fruit'", int64(r)); err != nil {
				return err
			}
			return w.Finish(tx)
		})
	}
}

func workUntilKilled(t *testing.T, dir string) {
	if _, err := os.Stat(filepath.Join(dir, "waymark.db")); err != nil {
		t.Fatal(err)
	}
	d, err := db.OpenEvery(t.Context(), db.Settings{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	d = d.For(1)
	w := &job.Worker{DB: d, Register: 1, Log: slog.New(slog.DiscardHandler), Lease: 2 * time.Second, Handlers: map[string]job.Handler{"try": written(d, 1)}, Every: 10 * time.Millisecond}
	w.Run(context.Background())
}
