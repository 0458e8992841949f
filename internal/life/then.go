package life

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
)

const sqlKeys = `SELECT id FROM young_person WHERE register = $1 AND known_from <= $2 AND (known_to IS NULL OR known_to > $2) ORDER BY id`

// thenAtOnce is how many lives are read together.
const thenAtOnce = 1000

// Loader reads as much of the lives asked for as somebody needs: Load,
// LoadForLists and their like.
type Loader func(*db.Tx, fact.Known) ([]*Life, error)

// EachThen calls fn, by person, with what state makes of the life of everybody
// whom the register held after the act known.At: LoadForLists, without known
// times. What was known after an act never changes, so the lives are read in
// several views of the database at once, and state is called by several at
// once.
func EachThen[T any](ctx context.Context, d *db.DB, known fact.Known, state func(*Life) T, fn func(T)) error {
	return EachThenBy(ctx, d, known, LoadForLists, state, fn)
}

// EachThenBy is EachThen with what load reads of the lives, of known.People alone
// where there are any.
func EachThenBy[T any](ctx context.Context, d *db.DB, known fact.Known, load Loader, state func(*Life) T, fn func(T)) error {
	var parts []fact.Known
	if known.People != nil {
		for some := range slices.Chunk(known.People, 200) { // a wide IN is slow on SQLite
			parts = append(parts, fact.Known{Register: known.Register, At: known.At, People: some, Brief: true})
		}
	} else {
		keys, err := keysThen(ctx, d, known)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(keys, thenAtOnce) {
			parts = append(parts, fact.Known{Register: known.Register, At: known.At, From: some[0], To: some[len(some)-1], Brief: true})
		}
	}
	return eachPart(ctx, d, parts, load, state, fn)
}

func eachPart[T any](ctx context.Context, d *db.DB, parts []fact.Known, load Loader, state func(*Life) T, fn func(T)) error {
	stated, stop := stateParts(ctx, d, parts, load, state)
	defer stop()
	for i := range parts {
		part := <-stated[i]
		if part.err != nil {
			return fmt.Errorf("read what was known then: %w", part.err)
		}
		for _, one := range part.all {
			fn(one)
		}
	}
	return nil
}

func keysThen(ctx context.Context, d *db.DB, known fact.Known) (keys []id.YoungPerson, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(sqlKeys, int64(known.Register), int64(known.At))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			if err := rows.Scan(&key); err != nil {
				return err
			}
			keys = append(keys, id.YoungPerson(key))
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read who was known then: %w", err)
	}
	return keys, nil
}

// statedPart is what became of some lives.
type statedPart[T any] struct {
	all []T
	err error
}

// stateParts reads and states the parts on every processor, each into a channel
// of its own. stop ends it, and waits until it has.
func stateParts[T any](ctx context.Context, d *db.DB, parts []fact.Known, load Loader, state func(*Life) T) (stated []chan statedPart[T], stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	stated = make([]chan statedPart[T], len(parts))
	todo := make(chan int, len(parts))
	for i := range parts {
		stated[i] = make(chan statedPart[T], 1)
		todo <- i
	}
	close(todo)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		all.Go(func() {
			for i := range todo {
				var part statedPart[T]
				part.err = d.Read(ctx, func(tx *db.Tx) error {
					lives, err := load(tx, parts[i])
					for _, l := range lives {
						part.all = append(part.all, state(l))
					}
					return err
				})
				stated[i] <- part
			}
		})
	}
	return stated, func() { cancel(); all.Wait() }
}
