package db

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// Scrub sees that what was deleted stands in no file any more. SQLite has
// overwritten it when it was deleted (secure_delete), and what was written
// before that stands in the files beside until they are folded in; PostgreSQL
// gives the room of deleted rows free, to be written over. It runs outside of
// any transaction and holds nobody up for long.
func (d *DB) Scrub(ctx context.Context) error {
	if d.Engine == SQLite {
		for _, pool := range []asker{d.write, d.side} {
			if _, err := texts(ctx, pool, 3, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				return fmt.Errorf("fold in what was written: %w", err)
			}
		}
		return nil
	}
	tables, err := tablesOf(ctx, d.write, d.Engine, false)
	if err != nil {
		return err
	}
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	// The owner's alone to do. The connection is not used again: it may not go
	// on as the owner.
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }()
	if _, err := conn.ExecContext(ctx, "SET ROLE NONE"); err != nil {
		return fmt.Errorf("free the room of deleted rows: %w", err)
	}
	for _, t := range tables {
		if _, err := conn.ExecContext(ctx, `VACUUM "`+t.Name+`"`); err != nil {
			return fmt.Errorf("free the room of deleted rows: %w", err)
		}
	}
	return nil
}
