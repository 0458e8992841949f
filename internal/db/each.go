package db

import (
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ExecEach runs one statement once for each row of arguments, in their order,
// inside the transaction, and returns how many rows of the table each run
// touched. On PostgreSQL the runs are sent together, so that the server's
// answer is waited for once and not once a row; on SQLite the statement is
// prepared once.
func ExecEach(tx *Tx, statement string, rows [][]any) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if tx.Engine == Postgres {
		return execTogether(tx, statement, rows)
	}
	stmt, err := tx.Prepare(statement)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	touched := make([]int64, len(rows))
	for i, args := range rows {
		done, err := stmt.Exec(args...)
		if err == nil {
			touched[i], err = done.RowsAffected()
		}
		if err != nil {
			return nil, err
		}
	}
	return touched, nil
}

// mostSent is how many runs are sent before their answers are read.
const mostSent = 1000

func execTogether(tx *Tx, statement string, rows [][]any) ([]int64, error) {
	touched := make([]int64, 0, len(rows))
	err := tx.raw(func(conn any) error {
		c := pgxOf(conn)
		for len(rows) > 0 {
			n := min(len(rows), mostSent)
			var sent pgx.Batch
			for _, args := range rows[:n] {
				sent.Queue(statement, args...)
			}
			answers := c.SendBatch(tx.ctx, &sent)
			for range n {
				done, err := answers.Exec()
				if err != nil {
					answers.Close()
					return err
				}
				touched = append(touched, done.RowsAffected())
			}
			if err := answers.Close(); err != nil {
				return err
			}
			rows = rows[n:]
		}
		return nil
	})
	return touched, err
}

// ExecEachOne is ExecEach where each run must touch just one row; the error is
// a Conflict about what where one does not.
func ExecEachOne(tx *Tx, what, statement string, rows [][]any) error {
	touched, err := ExecEach(tx, statement, rows)
	if err != nil {
		return fmt.Errorf("change %s: %w", what, err)
	}
	for _, n := range touched {
		if n != 1 {
			return Conflict{What: what}
		}
	}
	return nil
}
