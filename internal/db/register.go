package db

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/id"
)

// For is the same database for the acts of one register, or of the few that
// are named: on PostgreSQL its transactions find no row of any other and can
// write none, whatever they ask (lock.go). SQLite has no such lock: there every
// statement names the register, and that is all.
func (d *DB) For(registers ...id.Register) *DB {
	other := *d
	other.registers = joined(registers)
	return &other
}

func joined(registers []id.Register) string {
	names := make([]string, len(registers))
	for i, r := range slices.Sorted(slices.Values(registers)) {
		names[i] = strconv.FormatInt(int64(r), 10)
	}
	return strings.Join(names, ",")
}

// EveryRegister is the same database for what is done across registers: a
// backup, a check of everything stored, finding whose a session is.
// test/registers_test.go lists the rooms that may ask for it.
func (d *DB) EveryRegister() *DB {
	other := *d
	other.registers = everyRegister
	return &other
}

// everyRegister is the setting that opens all rows.
const everyRegister = "*"

// OpenEvery is Open for every register at once.
func OpenEvery(ctx context.Context, s Settings) (*DB, error) {
	d, err := Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return d.EveryRegister(), nil
}

// beginning is what the driver is told of a transaction: for which registers it is
// begun, and whether it writes to them.
type beginning struct {
	registers string
	alone     bool
}

type beginningKey struct{}

// begins tells the driver of a transaction on a connection of a pool.
func (d *DB) begins(ctx context.Context, pool *sql.DB) context.Context {
	return context.WithValue(ctx, beginningKey{}, beginning{d.registers, pool == d.write && d.alone()})
}

func begunFor(ctx context.Context) beginning {
	b, _ := ctx.Value(beginningKey{}).(beginning)
	return b
}
