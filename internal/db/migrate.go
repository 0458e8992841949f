package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations/*.sql migrations/side/*.sql
var migrations embed.FS

// migrate brings both sets of tables up to date: the register's, and those
// beside it (sight, session). Each set has its own version table, because on
// SQLite they are two files.
func (d *DB) migrate(ctx context.Context) error {
	err := d.migrateTo(ctx, Versions{})
	if err == nil && d.Engine == Postgres {
		err = d.lockRows(ctx)
	}
	return err
}

// migrateTo goes no further than the migrations that it names; 0 is the last.
func (d *DB) migrateTo(ctx context.Context, v Versions) error {
	if err := d.migrateSet(ctx, d.write, "migrations", mainVersions, v.Main); err != nil {
		return err
	}
	if err := d.migrateSet(ctx, d.side, "migrations/side", sideVersions, v.Side); err != nil {
		return err
	}
	if d.Engine == Postgres {
		return d.collateByBytes(ctx)
	}
	return nil
}

const (
	sqlLocaleColumns = `SELECT c.table_name, c.column_name FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = current_schema() AND c.data_type = 'text' AND c.collation_name IS DISTINCT FROM 'C' ORDER BY 1, 2`
	sqlLocale = `SELECT datcollate FROM pg_database WHERE datname = current_database()`
)

// collateByBytes makes every text column of a PostgreSQL database sort by
// bytes, as SQLite does, so that lists have one order and prefixes are found on
// both, whatever the locale that the database was made with.
func (d *DB) collateByBytes(ctx context.Context) error {
	var locale string
	if err := d.write.QueryRowContext(ctx, sqlLocale).Scan(&locale); err != nil {
		return fmt.Errorf("read the database's collation: %w", err)
	}
	if locale == "C" || locale == "POSIX" {
		return nil
	}
	rows, err := d.write.QueryContext(ctx, sqlLocaleColumns)
	if err != nil {
		return fmt.Errorf("read the columns' collation: %w", err)
	}
	var alter []string
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			rows.Close()
			return err
		}
		alter = append(alter, fmt.Sprintf(`ALTER TABLE %q ALTER COLUMN %q TYPE TEXT COLLATE "C"`, table, column))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, statement := range alter {
		if _, err := d.write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make a column sort by bytes: %w", err)
		}
	}
	return nil
}

func (d *DB) migrateSet(ctx context.Context, pool *sql.DB, folder, versions string, to int64) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	dialect := database.DialectSQLite3
	if d.Engine == Postgres {
		dialect = database.DialectPostgres
	}
	store, err := database.NewStore(dialect, versions)
	if err != nil {
		return fmt.Errorf("prepare the table of versions: %w", err)
	}
	p, err := goose.NewProvider("", pool, files, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the data: %w", err)
	}
	if to == 0 {
		to = target
	}
	if current > to || to > target {
		return ErrNewer
	}
	// What a migration moves it moves for every register.
	if _, err := p.UpTo(d.EveryRegister().begins(ctx, pool), to); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}
