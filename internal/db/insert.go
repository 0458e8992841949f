package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// inserter stores copied rows on SQLite, a few to a statement.
type inserter struct {
	t         Table
	many, one insertStmt
	args      []driver.NamedValue
	held      int
}

type insertStmt interface {
	driver.Stmt
	driver.StmtExecContext
}

func prepareInsert(conn driver.ConnPrepareContext, t Table, rows int) (insertStmt, error) {
	one := "(" + strings.Repeat("?, ", len(t.Columns)-1) + "?)"
	stmt, err := conn.PrepareContext(context.Background(), `INSERT INTO "`+t.Name+`" (`+t.columnNames()+`) VALUES `+strings.Repeat(one+", ", rows-1)+one)
	if err != nil {
		return nil, err
	}
	if s, ok := stmt.(insertStmt); ok {
		return s, nil
	}
	stmt.Close()
	return nil, errors.New("the driver has no ExecContext")
}

func (in *inserter) add(row []byte) error {
	n := len(in.t.Columns)
	if err := readTuple(row, in.t.Columns, in.args[in.held*n:(in.held+1)*n]); err != nil {
		return err
	}
	if in.held++; in.held < together {
		return nil
	}
	in.held = 0
	_, err := in.many.ExecContext(context.Background(), in.args)
	return err
}

// rest stores the rows that were too few for a statement.
func (in *inserter) rest() error {
	n := len(in.t.Columns)
	for i := range in.held {
		args := make([]driver.NamedValue, n)
		for j := range args {
			args[j] = driver.NamedValue{Ordinal: j + 1, Value: in.args[i*n+j].Value}
		}
		if _, err := in.one.ExecContext(context.Background(), args); err != nil {
			return err
		}
	}
	in.held = 0
	return nil
}

// pieces reads one piece after the other.
type pieces struct {
	next func() ([]byte, error)
	held []byte
}

func (p *pieces) Read(into []byte) (int, error) {
	for len(p.held) == 0 {
		var err error
		if p.held, err = p.next(); err != nil {
			return 0, err
		}
	}
	n := copy(into, p.held)
	p.held = p.held[n:]
	return n, nil
}
