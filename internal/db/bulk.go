package db

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// BulkInsert adds many rows to one table inside the transaction: COPY on
// PostgreSQL, one prepared insert on SQLite, where wide statements are slow
// (architecture.md 3.2). Table and columns are constants of the caller.
func BulkInsert(tx *Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.Engine == Postgres {
		return tx.conn.Raw(func(driver any) error {
			n, err := driver.(*stdlib.Conn).Conn().CopyFrom(tx.ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
			if err == nil && int(n) != len(rows) {
				err = fmt.Errorf("%d rows of %d arrived", n, len(rows))
			}
			if err != nil {
				return fmt.Errorf("load %s: %w", table, err)
			}
			return nil
		})
	}
	stmt, err := tx.Prepare("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + Params(1, len(columns)) + ")")
	if err != nil {
		return fmt.Errorf("load %s: %w", table, err)
	}
	defer stmt.Close()
	for _, row := range rows {
		if _, err := stmt.Exec(row...); err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
	}
	return nil
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
