package db

import (
	"context"
	"database/sql"
	"errors"
)

// ReadSide runs fn on one unchanging view of the tables that stand beside the
// register (sight, session, the log over both), without holding up who writes
// to them. It may not write.
func (d *DB) ReadSide(ctx context.Context, fn func(*Tx) error) error {
	o := &sql.TxOptions{}
	if d.Engine == Postgres {
		o = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	return d.once(ctx, d.readSide, o, fn)
}

// OnClose has fn done before the database is closed, the last named first: what
// a command leaves in order when it ends.
func (d *DB) OnClose(fn func()) { *d.onClose = append(*d.onClose, fn) }

// Answers says whether both halves of the database can be read now.
func (d *DB) Answers(ctx context.Context) error {
	ask := func(tx *Tx) error {
		var one int
		return tx.QueryRow("SELECT 1").Scan(&one)
	}
	return errors.Join(d.Read(ctx, ask), d.ReadSide(ctx, ask))
}
