package backup

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"waymark/internal/db"
)

// Damaged says that a file is no whole backup: cut short, changed, or none at
// all.
type Damaged struct{ Why error }

func (d Damaged) Error() string {
	return "the backup is damaged or cut short (" + d.Why.Error() + "); nothing of it was restored. Fetch the file again, or take an earlier backup"
}

// Unwrap is what was found.
func (d Damaged) Unwrap() error { return d.Why }

// The refusals that are no damage.
var (
	// ErrWrongKey says that none of the keys opens the backup.
	ErrWrongKey = errors.New("none of these keys opens the backup: it was encrypted to another. Look for the key that belongs to one of the recipients it was made for; without it nobody can read it")
	// ErrNoKey says that the backup is encrypted and no key was given.
	ErrNoKey = errors.New("the backup is encrypted: name the file of a key that opens it with --identity")
	// ErrNoBackup says that the file is something else.
	ErrNoBackup = errors.New("this file is no backup of Waymark")
)

// Target is where a backup is restored to: a folder for SQLite, or the address
// of an empty PostgreSQL database.
type Target struct{ Dir, URL string }

// TargetOf reads DIR or postgres://….
func TargetOf(s string) Target {
	if strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") {
		return Target{URL: s}
	}
	return Target{Dir: s}
}

// Settings are those by which the target is opened.
func (t Target) settings(now func() time.Time) db.Settings {
	return db.Settings{URL: t.URL, Dir: t.Dir, Now: now}
}

// Restore reads a backup into an empty database and compares each table, its
// rows and their sum, before anybody can see them. Where anything is wrong it
// leaves the target as empty as it was. It returns Damaged, ErrWrongKey,
// ErrNoKey, ErrNoBackup, db.ErrNotEmpty, db.ErrHalfRestored or db.ErrNewer.
func Restore(ctx context.Context, from io.Reader, to Target, keys ...age.Identity) (*Report, error) {
	in, err := open(from, keys)
	if err != nil {
		return nil, err
	}
	ahead := newBefore(in)
	defer ahead.Close()
	report, err := restore(ctx, ahead, to)
	return report, err
}

// open takes off the encryption and the pressing.
func open(from io.Reader, keys []age.Identity) (io.Reader, error) {
	in := bufio.NewReaderSize(from, 1<<18)
	begins, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	var clear io.Reader = in
	switch {
	case bytes.Equal(begins, []byte("age-")):
		if len(keys) == 0 {
			return nil, ErrNoKey
		}
		var wrong *age.NoIdentityMatchError
		if clear, err = age.Decrypt(in, keys...); errors.As(err, &wrong) {
			return nil, ErrWrongKey
		} else if err != nil {
			return nil, Damaged{err}
		}
	case !bytes.HasPrefix(begins, []byte{0x1f, 0x8b}):
		return nil, ErrNoBackup
	}
	pressed, err := gzip.NewReader(clear)
	if err != nil {
		return nil, Damaged{err}
	}
	return pressed, nil
}

// restore reads what write wrote.
func restore(ctx context.Context, from io.Reader, to Target) (*Report, error) {
	in := newUnarchive(&watched{ctx: ctx, in: from})
	h, err := in.header()
	if err != nil {
		return nil, damage(ctx, err)
	}
	l, err := db.NewLoader(ctx, to.settings(nil), h.Versions)
	if err != nil {
		return nil, err
	}
	report := &Report{Header: h}
	loaded, err := fill(in, l, report)
	if err == nil {
		err = finish(l, loaded)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, errors.Join(err, l.Close())
	}
	return report, nil
}

// damage is an error of reading, unless the reading was ended from outside.
func damage(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return Damaged{err}
}

// watched ends the reading when the context ends.
type watched struct {
	ctx context.Context
	in  io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.in.Read(p)
}

// filled is a table that was loaded, and the sum of what was.
type filled struct {
	table db.Table
	sum   Sum
}

// fill loads all tables.
func fill(in *unarchive, l *db.Loader, report *Report) ([]filled, error) {
	var out []filled
	for {
		kind, payload, err := in.next()
		if err != nil {
			return nil, Damaged{err}
		}
		if kind == frameLast {
			if err := in.done(payload, report.Rows); err != nil {
				return nil, Damaged{err}
			}
			if len(out) != report.Tables {
				return nil, Damaged{errNotWhole}
			}
			return out, nil
		}
		if kind != frameTable {
			return nil, Damaged{errNotWhole}
		}
		f, err := fillOne(in, payload, l, report)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
}

func fillOne(in *unarchive, payload []byte, l *db.Loader, report *Report) (filled, error) {
	var f filled
	if err := hear(payload, &f.table); err != nil {
		return f, Damaged{err}
	}
	var err error
	if f.table, err = l.Table(f.table); err != nil {
		return f, Damaged{err} // after the same migrations the tables are the same
	}
	var end tableEnd
	var broken error // of the file, as against one of the database
	err = l.Load(f.table, func() ([]byte, error) {
		kind, piece, err := in.next()
		if err == nil {
			switch kind {
			case frameEnd:
				if err = hear(piece, &end); err == nil {
					return nil, io.EOF
				}
			case frameRows:
				err = db.EachTuple(piece, f.table, func(row []byte) error {
					f.sum.add(row)
					report.Bytes += int64(len(row))
					return nil
				})
			default:
				err = errNotWhole
			}
		}
		if err != nil {
			broken = Damaged{err}
			return nil, broken
		}
		return piece, nil
	})
	switch {
	case broken != nil:
		return f, broken
	case err != nil:
		return f, err
	case end.Rows != f.sum.Rows || end.Sum != f.sum.Hex():
		return f, Damaged{fmt.Errorf("the rows of %s are not those that were written", f.table.Name)}
	}
	report.Rows += f.sum.Rows
	return f, nil
}

// finish has every table read again as the database now holds it, and compared,
// before anybody can see them. The longest come first.
func finish(l *db.Loader, loaded []filled) error {
	want, tables := map[string]Sum{}, make([]db.Table, len(loaded))
	slices.SortStableFunc(loaded, func(a, b filled) int { return cmp.Compare(b.sum.Rows, a.sum.Rows) })
	for i, f := range loaded {
		want[f.table.Name], tables[i] = f.sum, f.table
	}
	return l.Finish(tables, func(t db.Table, each func(func([]byte) error) error) error {
		var sum Sum
		if err := each(func(row []byte) error { sum.add(row); return nil }); err != nil {
			return err
		}
		if sum != want[t.Name] {
			return fmt.Errorf("the table %s holds %d rows after the restore and not the same as the backup's %d; nothing was restored. Look at the disk of the target", t.Name, sum.Rows, want[t.Name].Rows)
		}
		return nil
	})
}

// Copy restores what one database holds into another, empty one, of either
// engine, as of one moment and without a file between them.
func Copy(ctx context.Context, d *db.DB, to Target, program string) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, in := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		_, err := write(ctx, d, in, program)
		wrote <- err
		in.CloseWithError(err)
	}()
	report, err := restore(ctx, out, to)
	out.CloseWithError(err)
	if failed := <-wrote; failed != nil && (err == nil || errors.As(err, new(Damaged))) {
		err = failed // what the reader saw of it is only that it ended
	}
	return report, err
}
