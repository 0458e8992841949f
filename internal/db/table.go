package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Column is a column as it is stored. Type is BIGINT, TEXT, BOOLEAN or BYTEA:
// there are no others.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Table is a table as it is stored, with its columns in their order. The
// tables that count the migrations are not among those that are listed.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	// Side says that on SQLite it stands in the file beside the register.
	Side bool `json:"-"`
}

// Versions are the last migrations of the register's tables and of those
// beside it.
type Versions struct {
	Main int64 `json:"main"`
	Side int64 `json:"side"`
}

const (
	mainVersions = "schema_version"
	sideVersions = "side_schema_version"

	sqliteTables  = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`
	sqliteColumns = `SELECT name, type FROM pragma_table_info($1) ORDER BY cid`
	sqliteIndexes = `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`

	postgresColumns = `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position`
	// postgresShape lists what we may not read too.
	postgresShape = `SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum`
	postgresIndexes = `SELECT i.relname, pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		WHERE i.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))
		ORDER BY i.relname`
	postgresKeys = `SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2`
)

// asker is a connection, a pool or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tablesOf lists the tables that one connection reaches, by name.
func tablesOf(ctx context.Context, q asker, engine Engine, side bool) ([]Table, error) {
	list := postgresTables
	if engine == SQLite {
		list = sqliteTablesOf
	}
	tables, err := list(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	tables = slices.DeleteFunc(tables, func(t Table) bool { return t.Name == mainVersions || t.Name == sideVersions })
	for i := range tables {
		tables[i].Side = side
	}
	return tables, nil
}

func sqliteTablesOf(ctx context.Context, q asker) ([]Table, error) {
	names, err := texts(ctx, q, 1, sqliteTables)
	if err != nil {
		return nil, err
	}
	var out []Table
	for _, name := range names {
		columns, err := texts(ctx, q, 2, sqliteColumns, name[0])
		if err != nil {
			return nil, err
		}
		t := Table{Name: name[0]}
		for _, c := range columns {
			t.Columns = append(t.Columns, Column{c[0], c[1]})
		}
		out = append(out, t)
	}
	return out, nil
}

// postgresTypes are the types as this house writes them, by PostgreSQL's names.
func postgresType(name string) string {
	switch name {
	case "bigint":
		return "BIGINT"
	case "text":
		return "TEXT"
	case "boolean":
		return "BOOLEAN"
	case "bytea":
		return "BYTEA"
	}
	return name
}

func postgresTables(ctx context.Context, q asker) ([]Table, error) {
	rows, err := texts(ctx, q, 3, postgresColumns)
	return postgresTablesIn(rows), err
}

func postgresTablesIn(rows [][]string) []Table {
	var out []Table
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Name != r[0] {
			out = append(out, Table{Name: r[0]})
		}
		t := &out[len(out)-1]
		t.Columns = append(t.Columns, Column{r[1], postgresType(r[2])})
	}
	return out
}

// texts reads rows of n texts.
func texts(ctx context.Context, q asker, n int, query string, args ...any) ([][]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		row := make([]string, n)
		into := make([]any, n)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// versionOf is the last migration that a table of versions counts.
func versionOf(ctx context.Context, q asker, table string) (int64, error) {
	var n int64
	if err := q.QueryRowContext(ctx, "SELECT MAX(version_id) FROM "+table).Scan(&n); err != nil {
		return 0, fmt.Errorf("read the version of the tables: %w", err)
	}
	return n, nil
}

// Shape tells how the database is built, a line for each column and each
// index: it is the same wherever the same migrations ran.
func (d *DB) Shape(ctx context.Context) ([]string, error) {
	var out []string
	err := d.EveryRegister().Snapshot(ctx, func(s *Snapshot) error { // no row is read
		tables := s.Tables
		if d.Engine == Postgres {
			rows, err := texts(ctx, s.Tx, 3, postgresShape)
			if err != nil {
				return fmt.Errorf("list the tables: %w", err)
			}
			tables = slices.DeleteFunc(postgresTablesIn(rows), func(t Table) bool { return t.Name == mainVersions || t.Name == sideVersions })
		}
		for _, t := range tables {
			for _, c := range t.Columns {
				out = append(out, "table "+t.Name+", column "+c.Name+" "+c.Type)
			}
		}
		conns, list := []asker{s.Tx, s.side}, sqliteIndexes
		if d.Engine == Postgres {
			conns, list = conns[:1], postgresIndexes
		}
		for _, conn := range conns {
			indexes, err := texts(ctx, conn, 2, list)
			if err != nil {
				return fmt.Errorf("list the indexes: %w", err)
			}
			for _, i := range indexes {
				out = append(out, "index "+i[0])
			}
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}
