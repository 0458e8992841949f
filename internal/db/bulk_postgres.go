package db

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
)

// columnTypes are the types of each table's columns, read once.
type columnTypes struct {
	mu     sync.Mutex
	tables map[string]map[string]string
}

const sqlColumnTypes = `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`

func (c *columnTypes) of(tx *Tx, table string) (map[string]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.tables[table]; ok {
		return known, nil
	}
	rows, err := texts(tx.ctx, tx, 2, sqlColumnTypes, table)
	if err != nil {
		return nil, fmt.Errorf("read the columns: %w", err)
	}
	types := map[string]string{}
	for _, r := range rows {
		types[r[0]] = r[1]
	}
	if c.tables == nil {
		c.tables = map[string]map[string]string{}
	}
	c.tables[table] = types
	return types, nil
}

// piece is how many rows one statement carries.
const piece = 5000

// insertColumns stores rows as arrays, one for each column. COPY would be as
// fast, and goes past no policy (lock.go): it is refused where there is one.
func insertColumns(tx *Tx, table string, columns []string, rows [][]any) error {
	types, err := tx.db.types.of(tx, table)
	if err != nil {
		return err
	}
	arrays := make([]string, len(columns))
	for i, c := range columns {
		kind, ok := types[c]
		if !ok {
			return fmt.Errorf("there is no column %s", c)
		}
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, kind)
	}
	statement := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")"
	for len(rows) > 0 {
		n := min(piece, len(rows))
		args := make([]any, len(columns))
		for i, c := range columns {
			if args[i], err = columnOf(rows[:n], i, types[c]); err != nil {
				return fmt.Errorf("column %s: %w", c, err)
			}
		}
		if err := tx.raw(func(conn any) error {
			_, err := pgxOf(conn).Exec(tx.ctx, statement, args...)
			return err
		}); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// columnOf is one column of the rows as an array of its type.
func columnOf(rows [][]any, at int, kind string) (any, error) {
	switch kind {
	case "bigint":
		return gather[int64](rows, at)
	case "text":
		return gather[string](rows, at)
	case "boolean":
		return gather[bool](rows, at)
	case "bytea":
		out := make([][]byte, len(rows))
		for i, row := range rows {
			v, err := plainValue(row[at])
			if err != nil {
				return nil, err
			}
			if v == nil {
				continue
			}
			b, ok := v.([]byte)
			if !ok {
				return nil, fmt.Errorf("holds a %T where bytes belong", v)
			}
			if out[i] = b; b == nil {
				out[i] = []byte{}
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("has the type %s, which this house does not use", kind)
}

func gather[T int64 | string | bool](rows [][]any, at int) ([]*T, error) {
	held := make([]T, len(rows))
	out := make([]*T, len(rows))
	for i, row := range rows {
		v, err := plainValue(row[at])
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		t, ok := v.(T)
		if !ok {
			return nil, mismatch(v)
		}
		held[i] = t
		out[i] = &held[i]
	}
	return out, nil
}

func mismatch(v driver.Value) error { return fmt.Errorf("holds a %T where something else belongs", v) }
