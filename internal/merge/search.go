package merge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/register"
)

// States of a search.
const (
	Searching = "searching"
	Finished  = "done"
	Stopped   = "stopped"
)

// Steps of a search.
const (
	Reading = 1 + iota
	Comparing
	Keeping
)

// Progress is how far a search has come.
type Progress struct {
	// Step is Reading, Comparing or Keeping.
	Step int
	// Done of Of: people read, pairs kept; 0 of 0 while people are compared.
	Done, Of int
}

// Search is one search of the register for records of one person.
type Search struct {
	Number       int64
	State        string
	Began, Ended time.Time
	By           string
	// After is the last act that it took in; Since counts those after it that
	// changed somebody, -1 where that cannot be said (a file was loaded).
	After         id.Act
	People, Pairs int
	Message       string
	// Progress is set while this process searches.
	Progress *Progress
	// Stale says that the register has changed since.
	Stale bool
}

// running is a search that this process works on.
type running struct {
	mu       sync.Mutex
	progress Progress
	cancel   context.CancelFunc
}

func (r *running) set(step, done, of int) {
	r.mu.Lock()
	r.progress = Progress{step, done, of}
	r.mu.Unlock()
}

func (r *running) get() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

const (
	sqlNextSearch = `SELECT COALESCE(MAX(number), 0) + 1 FROM duplicate_search WHERE register = $1`
	sqlAddSearch  = `INSERT INTO duplicate_search (register, number, state, began_at, ended_at, actor, actor_name, after_act, people, pairs, message)
		VALUES ($1, $2, 'searching', $3, '', $4, $5, $6, 0, 0, '')`
	sqlEndSearch = `UPDATE duplicate_search SET state = $1, ended_at = $2, after_act = $3, people = $4, pairs = $5, message = $6 WHERE register = $7 AND number = $8`
	sqlSearches  = `SELECT number, state, began_at, ended_at, actor_name, after_act, people, pairs, message FROM duplicate_search
		WHERE register = $1 AND state <> 'by hand' ORDER BY number DESC LIMIT 20`
	sqlPutPair = `INSERT INTO duplicate_pair (register, first, second, ref, search, weight, veto, sentence, reasons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (register, first, second) DO UPDATE SET search = excluded.search, weight = excluded.weight, veto = excluded.veto,
		sentence = excluded.sentence, reasons = excluded.reasons`
)

// Start begins a search of the whole register in the background; Last tells how
// far it is. Where one is under way already, that one goes on. It needs
// access.MergePeople and logs who asked.
func (s *Service) Start(ctx context.Context, by access.Actor) error {
	if err := decide(by); err != nil {
		return err
	}
	s.mu.Lock()
	if s.running[by.Register] != nil {
		s.mu.Unlock()
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	live := &running{cancel: cancel}
	live.set(Reading, 0, 0)
	s.running[by.Register] = live
	s.group.Add(1)
	s.mu.Unlock()
	number, err := s.begin(ctx, by)
	if err == nil {
		err = s.sights.See(ctx, act.Sight{By: by, Kind: access.MergePeople, Page: "search for duplicates"})
	}
	if err != nil {
		s.end(by.Register, live)
		return err
	}
	go func() {
		defer s.end(by.Register, live)
		s.search(ctx, by, number, live)
	}()
	return nil
}

func (s *Service) end(r id.Register, live *running) {
	s.mu.Lock()
	delete(s.running, r)
	s.mu.Unlock()
	live.cancel()
	s.group.Done()
}

// Close interrupts every search of this process and waits until none is left.
func (s *Service) Close() {
	s.mu.Lock()
	for _, r := range s.running {
		r.cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

func (s *Service) working(r id.Register) *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[r]
}

func (s *Service) begin(ctx context.Context, by access.Actor) (number int64, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(sqlNextSearch, int64(by.Register)).Scan(&number); err != nil {
			return fmt.Errorf("number the search: %w", err)
		}
		_, err = tx.Exec(sqlAddSearch, int64(by.Register), number, db.Instant{Time: tx.Now}, by.Ref, by.Name, int64(book.LastAct))
		return err
	})
	return number, err
}

// search finds the pairs and keeps them. What became of it stands in its row.
func (s *Service) search(ctx context.Context, by access.Actor, number int64, live *running) {
	var after id.Act
	var people *roll
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		after = book.LastAct
		veil, err := stranger(tx, by.Register)
		if err == nil {
			people, err = s.load(tx, by.Register, veil, func(n int) { live.set(Reading, n, n) })
		}
		return err
	})
	found := 0
	if err == nil {
		live.set(Comparing, len(people.people), len(people.people))
		// Half of the cores: pages must be answered meanwhile.
		doubles := match.Dedupe(people.table, listing(), max(1, runtime.GOMAXPROCS(0)/2))
		found, err = s.keep(ctx, by, number, people, doubles, live)
	}
	state, message := Finished, ""
	switch {
	case err == nil:
	case ctx.Err() != nil:
		state, message = Stopped, "The search was interrupted. Start it again."
	case db.IsFull(err):
		state, message = Stopped, "There is no room left on the disk of the database. Make room, then search again."
	default:
		state, message = Stopped, "An error in the program or the database ended the search. Start it again; if it happens again, tell whoever looks after Waymark."
	}
	n := 0
	if people != nil {
		n = len(people.people)
	}
	// The row must be settled though the search was cancelled; where even that
	// fails, Last says of a search that nobody works on that it was stopped.
	_ = s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := tx.Exec(sqlEndSearch, state, db.Instant{Time: tx.Now}, int64(after), n, found, message, int64(by.Register), number)
		return err
	})
}

// listing is the policy by which pairs are offered: that of files entering the
// register, but for how little is enough. Somebody of one name and birth date
// who lives elsewhere now may weigh little, and is what a data officer looks
// for first.
func listing() match.Policy {
	p := match.ForRegister()
	p.Least = -10
	return p
}

// offerable says that a pair is worth a person's look. It is not where all that
// speaks for it is the household that the two share: twins with numbers of
// their own, a child adopted under a new name (matching.md 5.2), children of two
// families at one address. What weighs less than the policy for files asks must
// have nothing against it.
func offerable(p match.Pair) bool {
	if p.Veto&match.VetoGiven != 0 && p.Veto&(match.VetoBirth|match.VetoNumber|match.VetoEvidence) != 0 {
		return false
	}
	return float64(p.Bits) >= match.ForRegister().Least || p.Veto == 0
}

// pairsATime is how many pairs are stored in one transaction: nobody waits
// long.
const pairsATime = 200

func (s *Service) keep(ctx context.Context, by access.Actor, number int64, people *roll, doubles match.Doubles, live *running) (int, error) {
	pairs := slices.DeleteFunc(doubles.Pairs, func(p match.Pair) bool { return !offerable(p) })
	live.set(Keeping, 0, len(pairs))
	kept := 0
	for some := range slices.Chunk(pairs, pairsATime) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		rows := make([][]any, len(some))
		for i, p := range some {
			e := doubles.Model.Explain(people.table, p.Left, people.table, p.Right, listing())
			reasons, err := json.Marshal(weighed{e.Prior, e.Reasons})
			if err != nil {
				return 0, err
			}
			pair := pairOf(people.people[p.Left], people.people[p.Right])
			rows[i] = []any{int64(by.Register), int64(pair.First), int64(pair.Second), string(id.NewRef()), number,
				int64(math.Round(float64(p.Bits) * 1000)), int64(p.Veto), e.Sentence, string(reasons)}
		}
		if err := s.db.InTx(ctx, func(tx *db.Tx) error { return putPairs(tx, rows) }); err != nil {
			return 0, err
		}
		kept += len(some)
		live.set(Keeping, kept, len(pairs))
	}
	return kept, nil
}

func putPairs(tx *db.Tx, rows [][]any) error {
	if _, err := db.ExecEach(tx, sqlPutPair, rows); err != nil {
		return fmt.Errorf("keep the pairs: %w", err)
	}
	return nil
}

// weighed is what is stored of an explanation.
type weighed struct {
	Prior   float64
	Reasons []match.Reason
}

// errNone says that nobody has searched yet.
var errNone = errors.New("no search yet")

// last is the last search that was finished, and the one after it that is under
// way or was stopped, nil where there is none. errNone where there is neither.
func (s *Service) last(tx *db.Tx, r id.Register) (finished, newer *Search, err error) {
	rows, err := tx.Query(sqlSearches, int64(r))
	if err != nil {
		return nil, nil, fmt.Errorf("read the searches: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one Search
		var began, ended db.Instant
		var end string
		if err := rows.Scan(&one.Number, &one.State, &began, &end, &one.By, (*int64)(&one.After), &one.People, &one.Pairs, &one.Message); err != nil {
			return nil, nil, fmt.Errorf("read the searches: %w", err)
		}
		if end != "" {
			if err := ended.Scan(end); err != nil {
				return nil, nil, fmt.Errorf("read the searches: %w", err)
			}
		}
		one.Began, one.Ended = began.Time, ended.Time
		if one.State == Finished {
			finished = &one
			break
		}
		if newer == nil {
			newer = &one
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	if finished == nil && newer == nil {
		return nil, nil, errNone
	}
	if newer != nil {
		if live := s.working(r); live != nil {
			now := live.get()
			newer.State, newer.Progress = Searching, &now
		} else if newer.State == Searching {
			newer.State, newer.Message = Stopped, "The search was interrupted. Start it again."
		}
	}
	return finished, newer, nil
}
