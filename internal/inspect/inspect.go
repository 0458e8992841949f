// Package inspect looks through a whole register for what cannot be: facts
// held twice at once or from acts that never were, a standing that does not
// follow from the facts, a frozen return whose bytes are not those that were
// signed.
//
// It changes nothing, reads one moment of the register while others work, and
// names what it finds by references, so that its report holds nobody's name.
package inspect

import (
	"context"
	"fmt"
	"sync"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/standing"
)

// Service looks through all registers of a database.
type Service struct {
	DB       *db.DB
	Standing standing.Keeper
	// Restored says that a restore has just read every row and followed every
	// key: neither is done again.
	Restored bool
}

// mostNamed is how many of what one check finds are named; the rest are
// counted.
const mostNamed = 10

// Check is what one check came to.
type Check struct {
	// Register is whose it is, "" for the whole database.
	Register string
	// What it looks at, in words, and how many it looked at.
	What   string
	Looked int64
	// Wrong names the first few that are wrong, in words; Found counts them
	// all.
	Wrong []string
	Found int64
}

func (c *Check) wrong(format string, args ...any) {
	if c.Found++; c.Found <= mostNamed {
		c.Wrong = append(c.Wrong, fmt.Sprintf(format, args...))
	}
}

// Run does every check and calls tell with each in turn, once all are done. It
// returns how many found something. Each check reads one moment of the
// register, and two are at work at once.
func (s *Service) Run(ctx context.Context, tell func(Check)) (failed int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, err := s.work(ctx)
	if err != nil {
		return 0, err
	}
	done := make([][]Check, len(work))
	next := make(chan int)
	broken := make(chan error, cores)
	var all sync.WaitGroup
	for range cores {
		all.Go(func() {
			for n := range next {
				var err error
				if done[n], err = work[n](ctx); err != nil {
					cancel() // the others need not go on
					broken <- err
					return
				}
			}
		})
	}
	for n := range work {
		if n > 0 {
			n = len(work) - n // the engine's own take longest, then those at the end
		}
		select {
		case next <- n:
		case <-ctx.Done():
		}
	}
	close(next)
	all.Wait()
	if len(broken) > 0 {
		return 0, <-broken // the others' only say that they were ended
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for _, checks := range done {
		for _, c := range checks {
			if c.Found > 0 {
				failed++
			}
			tell(c)
		}
	}
	return failed, nil
}

// cores is how many checks are at work at once. The engine's own are as long as
// all the others together.
const cores = 2

// work is what there is to do: the engine's own checks, and those of each
// register.
func (s *Service) work(ctx context.Context) ([]func(context.Context) ([]Check, error), error) {
	var all []book
	if err := s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) (err error) {
		all, err = registers(tx)
		return err
	}); err != nil {
		return nil, err
	}
	work := []func(context.Context) ([]Check, error){s.sound}
	for _, r := range all {
		for n := range (&inspection{}).checks() {
			work = append(work, func(ctx context.Context) ([]Check, error) { return s.check(ctx, r, n) })
		}
	}
	return work, nil
}

// sound has the engine check itself.
func (s *Service) sound(ctx context.Context) (out []Check, err error) {
	err = s.DB.EveryRegister().Sound(ctx, s.Restored, func(f db.Finding) {
		c := Check{What: f.What, Looked: f.Looked}
		for _, w := range f.Wrong {
			c.wrong("%s", w)
		}
		out = append(out, c)
	})
	return out, err
}

// check does the nth check of one register.
func (s *Service) check(ctx context.Context, r book, n int) ([]Check, error) {
	c := Check{Register: r.name}
	err := s.DB.EveryRegister().Read(ctx, func(tx *db.Tx) error {
		i := &inspection{db: s.DB.EveryRegister(), tx: tx, register: r.id, keeper: s.Standing}
		check := i.checks()[n]
		c.What = check.what
		if err := check.do(&c); err != nil {
			return fmt.Errorf("check whether %s: %w", check.what, err)
		}
		return nil
	})
	return []Check{c}, err
}

type book struct {
	id   id.Register
	name string
}

func registers(tx *db.Tx) ([]book, error) {
	rows, err := tx.Query("SELECT id, name FROM register ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list the registers: %w", err)
	}
	defer rows.Close()
	var out []book
	for rows.Next() {
		var b book
		if err := rows.Scan((*int64)(&b.id), &b.name); err != nil {
			return nil, fmt.Errorf("list the registers: %w", err)
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

// inspection is of one register.
type inspection struct {
	db       *db.DB
	tx       *db.Tx
	register id.Register
	keeper   standing.Keeper
}

type check struct {
	what string
	do   func(*Check) error
}

func (i *inspection) checks() []check {
	return []check{
		{"acts are numbered without gaps", i.acts},
		{"the sealed log of acts and sights is whole", i.log},
		{"evidence comes from acts and files that there are", i.evidence},
		{"each fact has one version at a time, by acts and on evidence that there are", i.facts},
		{"other versions follow one another, by acts that there are", i.versions},
		{"no key is in use that was never handed out", i.keys},
		{"each standing follows from its facts", i.standings},
		{"sealed notes open with their keys", i.words},
		{"frozen returns are the bytes that were signed", i.returns},
		{"partners' files are the bytes that came", i.files},
		{"what is kept of rows of partners' files opens with its key", i.kept},
	}
}

// count reads one number.
func (i *inspection) count(query string, args ...any) (int64, error) {
	var n int64
	err := i.tx.QueryRow(query, append([]any{int64(i.register)}, args...)...).Scan(&n)
	return n, err
}

// each calls fn with each row of three numbers.
func (i *inspection) each(query string, fn func(a, b, c int64)) error {
	rows, err := i.tx.Query(query, int64(i.register))
	if err != nil {
		return err
	}
	defer rows.Close()
	var all [][3]int64 // fn may ask for more
	for rows.Next() {
		var r [3]int64
		if err := rows.Scan(&r[0], &r[1], &r[2]); err != nil {
			return err
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, r := range all {
		fn(r[0], r[1], r[2])
	}
	return nil
}

const sqlPersonRef = `SELECT ref FROM young_person WHERE register = $1 AND id = $2`

// person names a young person by their reference.
func (i *inspection) person(yp int64) string {
	var ref string
	if err := i.tx.QueryRow(sqlPersonRef, int64(i.register), yp).Scan(&ref); err != nil {
		return fmt.Sprintf("the young person with the key %d, who is not there,", yp)
	}
	return "young person " + ref
}
