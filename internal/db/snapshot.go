package db

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Snapshot is one unchanging view of everything that is stored, while others
// go on writing.
type Snapshot struct {
	// Tx reads the register's tables in the same view.
	Tx       *Tx
	Versions Versions
	// Tables are all of them, by name within each file.
	Tables []Table
	side   *sql.Conn
}

var errNotEvery = errors.New("a view of everything needs the database for every register")

// Snapshot runs fn on one unchanging view of all tables. On SQLite the view of
// what stands beside the register begins right before the register's own, so
// that the log there names no act that the view does not hold. As long as fn
// runs the working files of SQLite grow by what others write.
func (d *DB) Snapshot(ctx context.Context, fn func(*Snapshot) error) error {
	if d.registers != everyRegister {
		return errNotEvery // rows that a policy hides must stop a copy, not be left out of it
	}
	return d.Read(ctx, func(tx *Tx) error {
		s := &Snapshot{Tx: tx, side: tx.conn}
		if tx.Engine == SQLite {
			var err error
			if s.side, err = d.readSide.Conn(ctx); err != nil {
				return fmt.Errorf("open %s: %w", sideFile, err)
			}
			defer s.side.Close()
			view, err := s.side.BeginTx(ctx, &sql.TxOptions{})
			if err != nil {
				return fmt.Errorf("open %s: %w", sideFile, err)
			}
			defer view.Rollback()
		}
		var err error
		if s.Versions.Side, err = versionOf(ctx, s.side, sideVersions); err != nil { // a view of SQLite begins with its first reading
			return err
		}
		if s.Versions.Main, err = versionOf(ctx, tx, mainVersions); err != nil {
			return err
		}
		if s.Tables, err = tablesOf(ctx, tx, tx.Engine, false); err != nil {
			return err
		}
		if tx.Engine == SQLite {
			beside, err := tablesOf(ctx, s.side, tx.Engine, true)
			if err != nil {
				return err
			}
			s.Tables = append(s.Tables, beside...)
		}
		return fn(s)
	})
}

// Each calls fn with every row of a table, in no order, and stops at its first
// error. The row is fn's until it returns.
func (s *Snapshot) Each(t Table, fn func(row []byte) error) error {
	conn := s.Tx.conn
	if t.Side {
		conn = s.side
	}
	return eachRow(s.Tx.ctx, conn, s.Tx.Engine, t, fn)
}

func eachRow(ctx context.Context, conn *sql.Conn, engine Engine, t Table, fn func(row []byte) error) error {
	err := conn.Raw(func(c any) error {
		if engine == Postgres {
			return eachPostgres(ctx, pgxOf(c), t, fn)
		}
		return eachSQLite(ctx, c.(driver.QueryerContext), t, fn)
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	return nil
}

func (t Table) columnNames() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	return strings.Join(names, ", ")
}

func eachSQLite(ctx context.Context, conn driver.QueryerContext, t Table, fn func(row []byte) error) error {
	// A statement that watched for an end would cost a goroutine: look now and
	// then instead.
	rows, err := conn.QueryContext(context.Background(), `SELECT `+t.columnNames()+` FROM "`+t.Name+`"`, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]driver.Value, len(t.Columns))
	var b []byte
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if b, err = appendTuple(b[:0], t.Columns, values); err != nil {
			return err
		}
		if err := fn(b); err != nil {
			return err
		}
	}
}

func eachPostgres(ctx context.Context, conn *pgx.Conn, t Table, fn func(row []byte) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := &copied{columns: len(t.Columns), fn: fn, cancel: cancel}
	_, err := conn.PgConn().CopyTo(ctx, in, `COPY "`+t.Name+`" (`+t.columnNames()+`) TO STDOUT (FORMAT binary)`)
	if in.err != nil {
		return in.err
	}
	if err == nil && !in.ended {
		return io.ErrUnexpectedEOF
	}
	return err
}

var (
	copyHead = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)
	copyTail = []byte{0xff, 0xff}
)

// copied cuts what COPY sends into rows.
type copied struct {
	columns int
	fn      func([]byte) error
	cancel  func()
	held    []byte
	begun   bool
	ended   bool
	err     error
}

// Write takes some bytes of the copy.
func (c *copied) Write(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if c.err = c.take(b); c.err != nil {
		return 0, c.err
	}
	return len(b), nil
}

func (c *copied) take(b []byte) error {
	c.held = append(c.held, b...)
	rest := c.held
	if !c.begun {
		if len(rest) < len(copyHead) {
			return nil
		}
		if !bytes.Equal(rest[:len(copyHead)], copyHead) {
			return errTuple
		}
		c.begun, rest = true, rest[len(copyHead):]
	}
	for len(rest) > 0 {
		if bytes.Equal(rest, copyTail) {
			c.ended, rest = true, nil
			break
		}
		n, err := tupleLen(rest, c.columns)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if err := c.fn(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	c.held = append(c.held[:0], rest...)
	return nil
}
