package db

import (
	"database/sql"
	"sync/atomic"
)

// Asked is how many statements this database has been sent in transactions: a
// measure of work that no clock disturbs, by which two answers that must not be
// told apart are held to cost the same.
func (d *DB) Asked() int64 { return d.asked.Load() }

func (tx *Tx) count() {
	if tx.asked != nil {
		tx.asked.Add(1)
	}
}

// Query is that of sql.Tx, counted.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	tx.count()
	return tx.Tx.Query(query, args...)
}

// QueryRow is that of sql.Tx, counted.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	tx.count()
	return tx.Tx.QueryRow(query, args...)
}

// Exec is that of sql.Tx, counted.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	tx.count()
	return tx.Tx.Exec(query, args...)
}

// newAsked is a count that has not begun.
func newAsked() *atomic.Int64 { return new(atomic.Int64) }
