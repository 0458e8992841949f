package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// BulkInsert adds many rows to one table inside the transaction: whole columns
// at once on PostgreSQL (bulk_postgres.go), prepared inserts of a few rows on
// SQLite (architecture.md 3.2). Table and columns are constants of the caller.
func BulkInsert(tx *Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.Engine == Postgres {
		if err := insertColumns(tx, table, columns, rows); err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
		return nil
	}
	return tx.raw(func(conn any) error {
		if err := insertMany(conn.(driver.ConnPrepareContext), table, columns, rows); err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
		return nil
	})
}

// raw runs fn on the driver's own connection, as part of the transaction. When
// the context ends database/sql rolls the transaction back by itself, and what
// fn stored after that would stand outside of it: but not while fn holds the
// connection, so it is enough to look first.
func (tx *Tx) raw(fn func(conn any) error) error {
	return tx.conn.Raw(func(conn any) error {
		if err := tx.ctx.Err(); err != nil {
			return err
		}
		return fn(conn)
	})
}

// Measure has PostgreSQL count the tables anew, the rows of this transaction
// with them, so that the statements that follow, and its own checks of keys,
// are planned for what the tables hold now. Plans made while they were nearly
// empty read a whole register for each row that is added. Nobody else can
// measure these tables until the transaction ends. SQLite, whose plans follow
// from the keys alone, has no need of it.
func Measure(tx *Tx, tables ...string) error {
	if tx.Engine != Postgres {
		return nil
	}
	var statement strings.Builder
	if tx.db.role != "" {
		statement.WriteString("SET LOCAL ROLE NONE;") // the owner's alone to do
	}
	for _, table := range slices.Sorted(slices.Values(tables)) { // in one order, lest two measurers wait for each other
		statement.WriteString("ANALYZE " + table + ";")
	}
	if tx.db.role != "" {
		statement.WriteString("SET LOCAL ROLE " + tx.db.role)
	}
	if _, err := tx.Exec(statement.String()); err != nil {
		return fmt.Errorf("measure %s: %w", strings.Join(tables, ", "), err)
	}
	return nil
}

// together is how many rows one statement inserts on SQLite. More gain nothing.
const together = 16

// insertMany is BulkInsert on SQLite. It speaks to the driver itself and uses
// unnamed parameters: the driver looks up the name of each $1 anew for every
// row, which takes as long as the insert.
func insertMany(conn driver.ConnPrepareContext, table string, columns []string, rows [][]any) error {
	whole := len(rows) / together * together
	if err := insertGroups(conn, table, columns, rows[:whole], together); err != nil {
		return err
	}
	return insertGroups(conn, table, columns, rows[whole:], 1)
}

func insertGroups(conn driver.ConnPrepareContext, table string, columns []string, rows [][]any, size int) error {
	if len(rows) == 0 {
		return nil
	}
	// A statement that watched for an end would cost a goroutine a row; whoever
	// stores very many looks between two calls.
	ctx := context.Background()
	one := "(" + strings.Repeat("?, ", len(columns)-1) + "?)"
	stmt, err := conn.PrepareContext(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+strings.Repeat(one+", ", size-1)+one)
	if err != nil {
		return err
	}
	defer stmt.Close()
	exec, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return errors.New("the driver has no ExecContext")
	}
	args := make([]driver.NamedValue, size*len(columns))
	for i := range args {
		args[i].Ordinal = i + 1
	}
	for ; len(rows) > 0; rows = rows[size:] {
		i := 0
		for _, row := range rows[:size] {
			for _, v := range row {
				if args[i].Value, err = plainValue(v); err != nil {
					return err
				}
				i++
			}
		}
		if _, err := exec.ExecContext(ctx, args); err != nil {
			return err
		}
	}
	return nil
}

func plainValue(v any) (driver.Value, error) {
	switch v.(type) {
	case nil, int64, string, bool:
		return v, nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

// Params writes n parameters from $first on: "$1, $2, $3".
func Params(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}
