package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens the database as whoever the address names: who makes the
// tables. lockRows then changes over to the role that pages and commands have.
func (d *DB) openPostgres(s Settings) error {
	d.Engine = Postgres
	u, err := url.Parse(s.URL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("--db must be an address like postgres://user:password@host:5432/waymark")
	}
	if s.Schema != "" {
		q := u.Query()
		q.Set("search_path", s.Schema)
		u.RawQuery = q.Encode()
	}
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	d.postgres = config
	d.usePools("")
	return nil
}

// usePools goes on with connections that have taken the role, or none where it is
// empty. Who writes to the register waits their turn (alone), so they have
// connections of their own: however many wait, who only reads goes on.
func (d *DB) usePools(role string) {
	d.write = postgresPool(d.postgres, role, 12)
	rest := postgresPool(d.postgres, role, 20)
	d.read, d.side, d.readSide = rest, rest, rest
}

func postgresPool(config *pgx.ConnConfig, role string, conns int) *sql.DB {
	take := stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		if role == "" {
			return nil
		}
		_, err := conn.Exec(ctx, "SET ROLE "+role)
		return err
	})
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config, take)})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns / 2)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}

// connector makes connections that say for which registers a transaction is,
// in the same message that begins it.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	plain, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver gave a %T", conn), conn.Close())
	}
	return &registerConn{plain}, nil
}

type registerConn struct{ *stdlib.Conn }

// BeginTx begins a transaction for the registers that the context names.
func (c *registerConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	begin := "begin"
	switch sql.IsolationLevel(o.Isolation) {
	case sql.LevelDefault:
	case sql.LevelRepeatableRead:
		begin += " isolation level repeatable read"
	default:
		return nil, fmt.Errorf("begin a transaction: no isolation %d is used here", o.Isolation)
	}
	if o.ReadOnly {
		begin += " read only"
	}
	b := begunFor(ctx)
	if b.registers != "" {
		// A number, a comma or a star: For and EveryRegister make nothing else.
		begin += "; select set_config('waymark.registers', '" + b.registers + "', true)"
	}
	if b.alone {
		begin += "; " + sqlAlone(b.registers)
	}
	tx, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return nil, err
	}
	return begun{ctx, tx}, nil
}

// begun is a transaction as database/sql wants it.
type begun struct {
	ctx context.Context
	tx  pgx.Tx
}

func (b begun) Commit() error   { return b.tx.Commit(b.ctx) }
func (b begun) Rollback() error { return b.tx.Rollback(b.ctx) }

// pgxOf is the connection beneath one of ours.
func pgxOf(conn any) *pgx.Conn { return conn.(*registerConn).Conn.Conn() }
