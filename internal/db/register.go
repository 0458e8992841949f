package db

import (
	"context"
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
	names := make([]string, len(registers))
	for i, r := range slices.Sorted(slices.Values(registers)) {
		names[i] = strconv.FormatInt(int64(r), 10)
	}
	other := *d
	other.registers = strings.Join(names, ",")
	return &other
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

type registersKey struct{}

// withRegisters tells the driver for which registers a transaction is begun.
func (d *DB) withRegisters(ctx context.Context) context.Context {
	return context.WithValue(ctx, registersKey{}, d.registers)
}

func registersOf(ctx context.Context) string {
	names, _ := ctx.Value(registersKey{}).(string)
	return names
}
