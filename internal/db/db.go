// Package db opens the database, SQLite or PostgreSQL, and is the only package
// that knows which of the two it is.
//
// The same SQL text runs on both (architecture.md 3). Two things differ, and
// live here: how many rows are loaded at once (BulkInsert), and how a
// transaction is begun.
//
// On SQLite there is one writer, and readers who are never held. What must
// never wait for that writer (who looked at whom, and who is signed in) is
// kept beside the register in a file of its own and written with InSideTx; on
// PostgreSQL it is the same database.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"waymark/internal/seal"
)

// Engine is the kind of database.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Settings say where the data is and what time it is.
type Settings struct {
	// URL is postgres://… ; empty means SQLite.
	URL string
	// Dir is the folder of the SQLite files, made when absent.
	Dir string
	// Schema is the PostgreSQL schema to live in; empty means the default.
	Schema string
	// Now is the clock; nil means the machine's.
	Now func() time.Time
	// Ring has the master key under which notes are sealed; without one none
	// can be written or read.
	Ring *seal.Ring
}

// DB is an open database.
type DB struct {
	Engine Engine
	// Dir is the folder of the SQLite files; empty on PostgreSQL.
	Dir   string
	write *sql.DB
	read  *sql.DB
	side  *sql.DB
	// readSide reads beside whoever writes to side.
	readSide *sql.DB
	now      func() time.Time
	asked    *atomic.Int64
	// Ring is the one of the Settings.
	Ring *seal.Ring
	// onClose is shared by all that stand for the same database.
	onClose *[]func()
	// registers are those whose rows a transaction reaches: "" none, "1,2", "*".
	registers string
	// PostgreSQL's: how to connect, the role that connections take, and what
	// came of it.
	postgres *pgx.ConnConfig
	role     string
	lock     Lock
	types    *columnTypes
	turns    *turns
}

// ErrNewer is what Open returns where the data was written by a newer Waymark.
var ErrNewer = errors.New("this data was written by a newer version of Waymark; install that version, or restore a backup made with this one")

// Open opens the database, making the SQLite files where there are none, and
// brings its tables up to date. What it returns is for no register yet: For
// and EveryRegister say for which.
func Open(ctx context.Context, s Settings) (*DB, error) {
	d := &DB{now: s.Now, Ring: s.Ring, onClose: new([]func()), types: new(columnTypes), turns: new(turns), asked: newAsked()}
	if d.now == nil {
		d.now = time.Now
	}
	var err error
	if s.URL != "" {
		err = d.openPostgres(s)
	} else {
		err = d.openSQLite(s)
	}
	if err == nil {
		err = d.migrate(ctx)
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

const sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)&_pragma=secure_delete(1)" +
	"&_pragma=mmap_size(0)&_pragma=temp_store(2)"

func (d *DB) openSQLite(s Settings) error {
	d.Engine, d.Dir, d.lock = SQLite, s.Dir, Lock{Why: sqliteLock}
	if s.Dir == "" {
		return errors.New("name the folder of the data with --data DIR, or a PostgreSQL database with --db postgres://…")
	}
	if halfRestored(s.Dir) && !Exists(s) {
		return ErrHalfRestored{s.Dir}
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var err error
	if d.write, err = openFile(s.Dir, mainFile, sqlitePragmas+"&_txlock=immediate&_pragma=cache_size(-65536)", 1); err != nil {
		return err
	}
	if d.read, err = openFile(s.Dir, mainFile, sqlitePragmas+"&_pragma=cache_size(-16384)&_pragma=query_only(1)", max(4, runtime.NumCPU())); err != nil {
		return err
	}
	if d.side, err = openFile(s.Dir, sideFile, sqlitePragmas+"&_txlock=immediate", 1); err != nil {
		return err
	}
	d.readSide, err = openFile(s.Dir, sideFile, sqlitePragmas+"&_pragma=query_only(1)", 2)
	return err
}

// The files of SQLite: the register, and what stands beside it.
const (
	mainFile = "waymark.db"
	sideFile = "sights.db"
)

func openFile(dir, file, settings string, conns int) (*sql.DB, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: filepath.ToSlash(filepath.Join(dir, file))}).String()
	pool, err := sql.Open("sqlite", dsn+"?"+settings)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// Close closes every connection.
func (d *DB) Close() error {
	for i := len(*d.onClose) - 1; i >= 0; i-- {
		(*d.onClose)[i]()
	}
	*d.onClose = nil
	var errs []error
	seen := map[*sql.DB]bool{}
	for _, pool := range []*sql.DB{d.read, d.readSide, d.side, d.write} {
		if pool != nil && !seen[pool] {
			seen[pool] = true
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Now is the clock that every transaction is stamped by.
func (d *DB) Now() time.Time { return d.now() }

// At is the same database by another clock: what a demo writes in the past is
// stamped in the past.
func (d *DB) At(now func() time.Time) *DB {
	other := *d
	other.now = now
	return &other
}

// Tx is one transaction. Now is fixed for the whole of it.
type Tx struct {
	*sql.Tx
	Now    time.Time
	Engine Engine
	Ring   *seal.Ring
	conn   *sql.Conn
	ctx    context.Context
	asked  *atomic.Int64
	db     *DB
}

// Context is the one that the transaction was begun with.
func (tx *Tx) Context() context.Context { return tx.ctx }

// InTx runs fn in one writing transaction, which commits when fn returns nil. Those
// of one register run one after another on both engines: what fn reads there stays
// so until it has written (docs/decisions/0014).
// A lost race (SQLITE_BUSY, 40001, 40P01) runs fn again from the start, so fn
// must do nothing outside the transaction.
func (d *DB) InTx(ctx context.Context, fn func(*Tx) error) error {
	return d.retry(ctx, d.write, &sql.TxOptions{}, fn)
}

// Read runs fn on one unchanging view of the database. It may not write.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	o := &sql.TxOptions{}
	if d.Engine == Postgres {
		o = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	return d.once(ctx, d.read, o, fn)
}

// InSideTx is InTx for the tables that never wait for the register's writer:
// sight and session.
func (d *DB) InSideTx(ctx context.Context, fn func(*Tx) error) error {
	return d.retry(ctx, d.side, &sql.TxOptions{}, fn)
}

func (d *DB) retry(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(*Tx) error) error {
	for try := 0; ; try++ {
		err := d.once(ctx, pool, o, fn)
		if err == nil || !lostRace(err) || try == 9 || ctx.Err() != nil {
			return err
		}
		slog.DebugContext(ctx, "transaction lost a race and runs again", "try", try+1)
		time.Sleep(time.Duration(1+rand.IntN(10<<min(try, 5))) * time.Millisecond)
	}
}

func (d *DB) once(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(*Tx) error) (err error) {
	if pool == d.write {
		next, err := d.turn(ctx)
		if err != nil {
			return err
		}
		defer next()
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(d.begins(ctx, pool), o)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer tx.Rollback() // no effect once committed
	if err := fn(&Tx{Tx: tx, Now: d.now().UTC(), Engine: d.Engine, Ring: d.Ring, conn: conn, ctx: ctx, asked: d.asked, db: d}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// NotFound says that there is no such thing, or none that this reader may know
// of: doors answer both alike.
var NotFound = errors.New("not found")

// Conflict says that somebody else changed the same thing first. Doors show
// both versions.
type Conflict struct {
	// What is in conflict, in words: "this young person's address".
	What string
}

func (c Conflict) Error() string {
	return "somebody else has changed " + c.What + " since you opened it; look at it again and repeat your change if it is still needed"
}

func lostRace(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// IsDuplicate says that the error is a broken unique constraint, on either
// engine.
func IsDuplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsFull says that the disk or the database has no room left, or the disk of
// temporary files. SQLite tells by another code that there is none for the
// index that its readers share, which it needs even to begin to read.
func IsFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "53")
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == sqlite3.SQLITE_FULL || lite.Code() == sqlite3.SQLITE_IOERR_SHMSIZE)
}
