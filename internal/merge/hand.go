package merge

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/match"
	"waymark/internal/register"
)

// ByHand is the state of a search that compared nobody but two records that
// somebody chose.
const ByHand = "by hand"

const (
	sqlPairRef = `SELECT d.ref FROM duplicate_pair d WHERE d.register = $1 AND d.first = $2 AND d.second = $3`
	sqlAddHand = `INSERT INTO duplicate_search (register, number, state, began_at, ended_at, actor, actor_name, after_act, people, pairs, message)
		VALUES ($1, $2, 'by hand', $3, $3, $4, $5, $6, 2, 1, '')`
)

// Pair is the reference of the pair of two records that somebody chose, to be
// compared, said to be different or put together like one that a search found.
// Where no search has found it, it is weighed now, among everybody in the
// register. It needs access.MergePeople and logs who was compared; it returns a
// Refusal where both are one record, and db.NotFound where either is held no
// longer or is not for the actor.
func (s *Service) Pair(ctx context.Context, by access.Actor, one, other id.Ref) (id.Ref, error) {
	if err := decide(by); err != nil {
		return "", err
	}
	if one == other {
		return "", refuse("This is the same record. Choose another one to compare it with.")
	}
	var ref id.Ref
	var chosen Pair
	var people *roll
	var after id.Act
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var keys [2]id.YoungPerson
		for i, r := range []id.Ref{one, other} {
			var err error
			if keys[i], err = person(tx, by, r); err != nil {
				return err
			}
		}
		chosen = pairOf(keys[0], keys[1])
		var err error
		if ref, err = pairRef(tx, by.Register, chosen); err != nil || ref != "" {
			return err
		}
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		after = book.LastAct
		veil, err := access.VeilOf(tx, by)
		if err == nil {
			people, err = s.load(tx, by.Register, veil, func(int) {})
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if err := s.sights.See(ctx, act.Sight{By: by, Kind: access.MergePeople, People: []id.YoungPerson{chosen.First, chosen.Second}, Page: "two records compared"}); err != nil {
		return "", err
	}
	if ref != "" {
		return ref, nil
	}
	return s.keepByHand(ctx, by, chosen, people, after)
}

func pairRef(tx *db.Tx, r id.Register, p Pair) (ref id.Ref, err error) {
	err = tx.QueryRow(sqlPairRef, int64(r), int64(p.First), int64(p.Second)).Scan((*string)(&ref))
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the pair: %w", err)
	}
	return ref, nil
}

// keepByHand weighs the pair by how common everything is in the register, and
// keeps it. Who did the same meanwhile comes to the same pair.
func (s *Service) keepByHand(ctx context.Context, by access.Actor, p Pair, people *roll, after id.Act) (id.Ref, error) {
	left, found := slices.BinarySearch(people.people, p.First)
	right, also := slices.BinarySearch(people.people, p.Second)
	if !found || !also {
		return "", db.NotFound
	}
	model := match.Learn(people.table, max(1, runtime.GOMAXPROCS(0)/2))
	e := model.Explain(people.table, uint32(left), people.table, uint32(right), listing())
	reasons, err := json.Marshal(weighed{e.Prior, e.Reasons})
	if err != nil {
		return "", err
	}
	var ref id.Ref
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if ref, err = pairRef(tx, by.Register, p); err != nil || ref != "" {
			return err
		}
		var number int64
		if err := tx.QueryRow(sqlNextSearch, int64(by.Register)).Scan(&number); err != nil {
			return fmt.Errorf("number the comparison: %w", err)
		}
		if _, err := tx.Exec(sqlAddHand, int64(by.Register), number, db.Instant{Time: tx.Now}, by.Ref, by.Name, int64(after)); err != nil {
			return fmt.Errorf("keep the comparison: %w", err)
		}
		ref = id.NewRef()
		return putPairs(tx, [][]any{{int64(by.Register), int64(p.First), int64(p.Second), string(ref), number,
			int64(math.Round(e.Total * 1000)), int64(e.Veto), e.Sentence, string(reasons)}})
	})
	return ref, err
}
