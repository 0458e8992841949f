package db

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"waymark/internal/id"
)

// Who writes to a register is alone with it from the moment on at which the
// transaction begins, on both engines (docs/decisions/0014). SQLite has one writer;
// on PostgreSQL the register's row is the lock, and whoever waits for another of
// this process waits without a connection, so that the writers of one register
// leave some to those of others.

// sqlAlone waits on PostgreSQL for registers until no other transaction writes to
// them, and keeps them until this one ends. It is the lock that numbering an act
// takes, before anything is read.
func sqlAlone(registers string) string {
	return "select id from register where id in (" + registers + ") order by id for no key update"
}

// Alone does for a transaction of EveryRegister what For's have from their
// beginning: nothing else is written to these registers until it ends. It is asked
// before anything is read that decides what is written.
func (tx *Tx) Alone(registers ...id.Register) error {
	if tx.Engine == SQLite {
		return nil
	}
	if _, err := tx.Exec(sqlAlone(joined(registers))); err != nil {
		return fmt.Errorf("wait for the registers: %w", err)
	}
	return nil
}

// turns are one place for each register, which is full while somebody of this
// process writes to it.
type turns struct {
	mu sync.Mutex
	of map[string]chan struct{}
}

func (t *turns) place(register string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]chan struct{}{}
	}
	if t.of[register] == nil {
		t.of[register] = make(chan struct{}, 1)
	}
	return t.of[register]
}

// turn waits until nobody else of this process writes to the registers, and
// returns what ends our own turn.
func (d *DB) turn(ctx context.Context) (end func(), err error) {
	var taken []chan struct{}
	end = func() {
		for _, p := range taken {
			<-p
		}
	}
	if !d.alone() {
		return end, nil
	}
	for r := range strings.SplitSeq(d.registers, ",") { // in order, as joined puts them
		p := d.turns.place(r)
		select {
		case p <- struct{}{}:
			taken = append(taken, p)
		case <-ctx.Done():
			end()
			return nil, fmt.Errorf("wait to write: %w", ctx.Err())
		}
	}
	return end, nil
}

// alone says that the database's writing transactions lock their registers.
func (d *DB) alone() bool {
	return d.Engine == Postgres && d.registers != "" && d.registers != everyRegister
}
