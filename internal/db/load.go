package db

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// ErrNotEmpty says that there is data already where a backup was to be
// restored.
var ErrNotEmpty = errors.New("there is data there already; a backup is restored only into an empty database or a folder without a register")

// ErrHalfRestored says that a restore into a folder is under way, or stopped
// half way.
type ErrHalfRestored struct{ Dir string }

func (e ErrHalfRestored) Error() string {
	return fmt.Sprintf("a restore into %s is under way or was stopped half way: there is no register there yet. If none is under way, delete %s (and %s, where it is there), then give the restore again",
		e.Dir, filepath.Join(e.Dir, halfway), filepath.Join(e.Dir, sideFile))
}

// halfway is the folder in which SQLite's files are put together before they
// stand under their names.
const halfway = "restoring"

func halfRestored(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, halfway))
	return err == nil
}

// Loader fills an empty database with the rows of another. Until Finish nobody
// sees any of them: PostgreSQL holds them in one transaction, SQLite's files
// are made in a folder of their own.
type Loader struct {
	// Tables are those of the empty database.
	Tables []Table

	ctx    context.Context
	d      *DB
	dir    string // where SQLite's files are to stand in the end
	main   *sql.Conn
	side   *sql.Conn
	tx     *sql.Tx // PostgreSQL's
	again  []remade
	closed bool
}

// remade is an index or a key that stands aside while rows are loaded, and the
// statement that makes it again.
type remade struct {
	side      bool
	statement string
}

// loaderPragmas give up what keeps a file safe when the machine stops: it
// stands under its name only when it is whole and written out.
const loaderPragmas = "_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=foreign_keys(0)&_pragma=trusted_schema(0)" +
	"&_pragma=cache_size(-65536)&_pragma=temp_store(1)&_pragma=locking_mode(EXCLUSIVE)"

// NewLoader opens an empty database, or makes the folder of one, with the
// tables as they were after the migrations v. It returns ErrNotEmpty,
// ErrHalfRestored, or ErrNewer where this program does not know those
// migrations. The context ends the whole load. Close it in any case.
func NewLoader(ctx context.Context, s Settings, v Versions) (*Loader, error) {
	l := &Loader{ctx: ctx, d: &DB{now: s.Now, onClose: new([]func()), types: new(columnTypes)}}
	err := l.open(s)
	if err == nil {
		err = l.d.migrateTo(ctx, v)
	}
	if err == nil {
		err = l.begin()
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Loader) open(s Settings) error {
	if s.URL != "" {
		return l.d.openPostgres(s)
	}
	if s.Dir == "" {
		return errors.New("name the folder or the database to restore into")
	}
	if halfRestored(s.Dir) {
		return ErrHalfRestored{s.Dir}
	}
	for _, file := range []string{mainFile, sideFile} {
		if _, err := os.Stat(filepath.Join(s.Dir, file)); err == nil {
			return ErrNotEmpty
		}
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	half := filepath.Join(s.Dir, halfway)
	if err := os.Mkdir(half, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	l.dir, l.d.Engine, l.d.Dir = s.Dir, SQLite, half
	var err error
	if l.d.write, err = openFile(half, mainFile, loaderPragmas, 1); err != nil {
		return err
	}
	l.d.side, err = openFile(half, sideFile, loaderPragmas, 1)
	return err
}

// begin lists the tables, finds them empty, and puts keys and indexes aside.
func (l *Loader) begin() error {
	var err error
	if l.main, err = l.d.write.Conn(l.ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if l.d.Engine == Postgres {
		if l.tx, err = l.main.BeginTx(l.ctx, nil); err != nil {
			return err
		}
		l.side = l.main
	} else if l.side, err = l.d.side.Conn(l.ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if l.Tables, err = tablesOf(l.ctx, l.main, l.d.Engine, false); err != nil {
		return err
	}
	if l.d.Engine == Postgres {
		return errors.Join(l.unlock(), l.asidePostgres(), l.empty())
	}
	beside, err := tablesOf(l.ctx, l.side, l.d.Engine, true)
	if err != nil {
		return err
	}
	l.Tables = append(l.Tables, beside...)
	return errors.Join(l.empty(), l.asideSQLite(l.main, false), l.asideSQLite(l.side, true))
}

func (l *Loader) conn(t Table) *sql.Conn {
	if t.Side {
		return l.side
	}
	return l.main
}

func (l *Loader) empty() error {
	for _, t := range l.Tables {
		rows, err := texts(l.ctx, l.conn(t), 1, `SELECT '' FROM "`+t.Name+`" LIMIT 1`)
		if err != nil {
			return fmt.Errorf("look into %s: %w", t.Name, err)
		}
		if len(rows) > 0 {
			return ErrNotEmpty
		}
	}
	return nil
}

func (l *Loader) asideSQLite(conn *sql.Conn, side bool) error {
	indexes, err := texts(l.ctx, conn, 2, sqliteIndexes)
	if err != nil {
		return fmt.Errorf("list the indexes: %w", err)
	}
	for _, i := range indexes {
		if _, err := conn.ExecContext(l.ctx, `DROP INDEX "`+i[0]+`"`); err != nil {
			return fmt.Errorf("put the index %s aside: %w", i[0], err)
		}
		l.again = append(l.again, remade{side, i[1]})
	}
	_, err = conn.ExecContext(l.ctx, "BEGIN IMMEDIATE")
	return err
}

// unlock puts the policies aside: a restore is for every register, and COPY
// does not go past one. Finish makes them again, in the same transaction.
func (l *Loader) unlock() error {
	for _, t := range l.Tables {
		if _, err := l.main.ExecContext(l.ctx, `ALTER TABLE "`+t.Name+`" DISABLE ROW LEVEL SECURITY`); err != nil {
			return fmt.Errorf("put the policies aside: %w", err)
		}
	}
	return nil
}

func (l *Loader) asidePostgres() error {
	indexes, err := texts(l.ctx, l.main, 2, postgresIndexes)
	if err != nil {
		return fmt.Errorf("list the indexes: %w", err)
	}
	keys, err := texts(l.ctx, l.main, 3, postgresKeys)
	if err != nil {
		return fmt.Errorf("list the keys: %w", err)
	}
	var drop []string
	for _, k := range keys {
		drop = append(drop, "ALTER TABLE "+k[0]+` DROP CONSTRAINT "`+k[1]+`"`)
	}
	for _, i := range indexes {
		drop = append(drop, `DROP INDEX "`+i[0]+`"`)
		l.again = append(l.again, remade{statement: i[1]})
	}
	for _, k := range keys {
		l.again = append(l.again, remade{statement: "ALTER TABLE " + k[0] + ` ADD CONSTRAINT "` + k[1] + `" ` + k[2]})
	}
	for _, statement := range drop {
		if _, err := l.main.ExecContext(l.ctx, statement); err != nil {
			return fmt.Errorf("put keys and indexes aside: %w", err)
		}
	}
	return nil
}

// Table is the one that takes the rows of such a table, or an error where
// there is none with those columns.
func (l *Loader) Table(t Table) (Table, error) {
	at := slices.IndexFunc(l.Tables, func(here Table) bool { return here.Name == t.Name })
	if at < 0 {
		return t, fmt.Errorf("there is no table %s to take what the backup holds of it", t.Name)
	}
	here := l.Tables[at]
	if len(here.Columns) != len(t.Columns) {
		return t, fmt.Errorf("the table %s has other columns than in the backup", t.Name)
	}
	for _, c := range t.Columns {
		if !slices.Contains(here.Columns, c) {
			return t, fmt.Errorf("the table %s has no column %s of type %s, as it has in the backup", t.Name, c.Name, c.Type)
		}
	}
	t.Side = here.Side
	return t, nil
}

// Load stores the rows of one table, which Table returned. next gives pieces
// that hold whole rows, and io.EOF after the last.
func (l *Loader) Load(t Table, next func() ([]byte, error)) error {
	err := l.conn(t).Raw(func(c any) error {
		if l.d.Engine == Postgres {
			from := io.MultiReader(bytes.NewReader(copyHead), &pieces{next: next}, bytes.NewReader(copyTail))
			_, err := pgxOf(c).PgConn().CopyFrom(l.ctx, from, `COPY "`+t.Name+`" (`+t.columnNames()+`) FROM STDIN (FORMAT binary)`)
			return err
		}
		return l.loadSQLite(c.(driver.ConnPrepareContext), t, next)
	})
	if err != nil {
		return fmt.Errorf("fill %s: %w", t.Name, err)
	}
	return nil
}

func (l *Loader) loadSQLite(conn driver.ConnPrepareContext, t Table, next func() ([]byte, error)) error {
	in := &inserter{t: t, args: make([]driver.NamedValue, together*len(t.Columns))}
	for i := range in.args {
		in.args[i].Ordinal = i + 1
	}
	var err error
	if in.many, err = prepareInsert(conn, t, together); err != nil {
		return err
	}
	defer in.many.Close()
	if in.one, err = prepareInsert(conn, t, 1); err != nil {
		return err
	}
	defer in.one.Close()
	for {
		piece, err := next()
		if errors.Is(err, io.EOF) {
			return in.rest()
		}
		if err == nil {
			err = l.ctx.Err()
		}
		if err == nil {
			err = EachTuple(piece, t, in.add)
		}
		if err != nil {
			return err
		}
	}
}

// Compare looks at one table as the database now holds it: each gives every row,
// in no order.
type Compare func(t Table, each func(fn func(row []byte) error) error) error

// Finish makes keys and indexes again, sees that every key points somewhere,
// has each of the tables compared, two at once where the engine can, and then
// lets everybody see what was loaded.
func (l *Loader) Finish(tables []Table, compare Compare) error {
	for _, r := range l.again {
		conn := l.main
		if r.side {
			conn = l.side
		}
		if _, err := conn.ExecContext(l.ctx, r.statement); err != nil {
			return fmt.Errorf("make keys and indexes again: %w", err)
		}
	}
	if l.d.Engine == Postgres {
		return l.finishPostgres(tables, compare)
	}
	return l.finishSQLite(tables, compare)
}

func (l *Loader) compare(conn *sql.Conn, t Table, compare Compare) error {
	return compare(t, func(fn func([]byte) error) error { return eachRow(l.ctx, conn, l.d.Engine, t, fn) })
}

func (l *Loader) finishPostgres(tables []Table, compare Compare) error {
	for _, t := range tables {
		if err := l.compare(l.main, t, compare); err != nil {
			return err
		}
	}
	if err := makePolicies(l.ctx, l.main); err != nil {
		return err
	}
	for _, t := range l.Tables {
		if _, err := l.main.ExecContext(l.ctx, `ANALYZE "`+t.Name+`"`); err != nil {
			return fmt.Errorf("measure %s: %w", t.Name, err)
		}
	}
	if err := l.tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return l.Close()
}

func (l *Loader) finishSQLite(tables []Table, compare Compare) error {
	for _, conn := range []*sql.Conn{l.main, l.side} {
		// A second reader may come in once the first has let go.
		for _, statement := range []string{"COMMIT", "PRAGMA locking_mode=NORMAL", "SELECT count(*) FROM sqlite_schema"} {
			if _, err := conn.ExecContext(l.ctx, statement); err != nil {
				return fmt.Errorf("commit: %w", err)
			}
		}
	}
	if err := l.compareSQLite(tables, compare); err != nil {
		return err
	}
	if err := l.shut(); err != nil {
		return err
	}
	half := filepath.Join(l.dir, halfway)
	for _, file := range []string{sideFile, mainFile} {
		if err := writeOut(filepath.Join(half, file)); err != nil {
			return err
		}
	}
	for _, file := range []string{sideFile, mainFile} { // the register last: it is what says that all is there
		if err := os.Rename(filepath.Join(half, file), filepath.Join(l.dir, file)); err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(half), writeOut(l.dir))
}

// compareSQLite follows every key and reads every table, on two connections: a
// large register keeps both cores busy.
func (l *Loader) compareSQLite(tables []Table, compare Compare) error {
	other, err := openFile(l.d.Dir, mainFile, "_pragma=query_only(1)&_pragma=trusted_schema(0)&_pragma=temp_store(1)", 1)
	if err != nil {
		return err
	}
	defer other.Close()
	second, err := other.Conn(l.ctx)
	if err != nil {
		return fmt.Errorf("read what was restored: %w", err)
	}
	defer second.Close()
	next := make(chan Table, len(tables))
	var beside []Table
	for _, t := range tables {
		if t.Side {
			beside = append(beside, t)
		} else {
			next <- t
		}
	}
	close(next)
	read := func(conn *sql.Conn) error {
		for t := range next {
			if err := l.compare(conn, t, compare); err != nil {
				return err
			}
		}
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- read(second) }()
	err = l.followKeys()
	for _, t := range beside {
		if err == nil {
			err = l.compare(l.side, t, compare)
		}
	}
	if err == nil {
		err = read(l.main)
	}
	return errors.Join(err, <-done)
}

// followKeys sees that every key points to a row that is there.
func (l *Loader) followKeys() error {
	for _, conn := range []*sql.Conn{l.main, l.side} {
		broken, err := texts(l.ctx, conn, 2, `SELECT "table", "parent" FROM pragma_foreign_key_check LIMIT 1`)
		if err != nil {
			return fmt.Errorf("check the keys: %w", err)
		}
		if len(broken) > 0 {
			return fmt.Errorf("a row of %s points to a row of %s that is not there", broken[0][0], broken[0][1])
		}
	}
	return nil
}

// writeOut has the machine write a file or a folder to its disk.
func writeOut(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// shut closes every connection, which takes back what was not finished.
func (l *Loader) shut() error {
	if l.closed {
		return nil
	}
	l.closed = true
	if l.tx != nil {
		_ = l.tx.Rollback() // closing takes it back as well
	}
	for _, c := range []*sql.Conn{l.main, l.side} {
		if c != nil {
			c.Close() // a second time says only that it is closed
		}
	}
	return l.d.Close()
}

// Close leaves nothing of what was not finished.
func (l *Loader) Close() error {
	err := l.shut()
	if l.dir != "" && !Exists(Settings{Dir: l.dir}) {
		err = errors.Join(err, os.RemoveAll(filepath.Join(l.dir, halfway)))
	}
	return err
}
