package merge

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
)

// Pair is two people, the lower key first.
type Pair struct{ First, Second id.YoungPerson }

func pairOf(a, b id.YoungPerson) Pair { return Pair{min(a, b), max(a, b)} }

// Answer is what somebody said of a pair of records.
type Answer string

// The answers. None takes one back.
const (
	None      Answer = ""
	Different Answer = "different"
	NotSure   Answer = "not sure"
)

const (
	sqlAnswer      = `SELECT answer FROM pair_answer WHERE register = $1 AND first = $2 AND second = $3 AND known_to IS NULL`
	sqlCloseAnswer = `UPDATE pair_answer SET known_to = $1 WHERE register = $2 AND first = $3 AND second = $4 AND known_to IS NULL`
	sqlAddAnswer   = `INSERT INTO pair_answer (register, first, second, answer, known_from) VALUES ($1, $2, $3, $4, $5)`
	sqlAnswers     = `SELECT p.first, p.second, p.answer, a.at, a.actor_name, a.reason FROM pair_answer p
		JOIN act a ON a.register = p.register AND a.number = p.known_from
		WHERE p.register = $1 AND p.known_to IS NULL`
)

// answers are the answers in force.
func answers(tx *db.Tx, r id.Register) (map[Pair]Said, error) {
	rows, err := tx.Query(sqlAnswers, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read what was said of pairs: %w", err)
	}
	defer rows.Close()
	out := map[Pair]Said{}
	for rows.Next() {
		var p Pair
		var s Said
		var at db.Instant
		if err := rows.Scan((*int64)(&p.First), (*int64)(&p.Second), (*string)(&s.Answer), &at, &s.By, &s.Reason); err != nil {
			return nil, fmt.Errorf("read what was said of pairs: %w", err)
		}
		s.At = at.Time
		out[p] = s
	}
	return out, rows.Err()
}

func answerOf(tx *db.Tx, r id.Register, p Pair) (Answer, error) {
	var a string
	err := tx.QueryRow(sqlAnswer, int64(r), int64(p.First), int64(p.Second)).Scan(&a)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return None, fmt.Errorf("read what was said of a pair: %w", err)
	}
	return Answer(a), nil
}

func closeAnswer(tx *db.Tx, a *act.Act, p Pair) error {
	if _, err := tx.Exec(sqlCloseAnswer, int64(a.Number), int64(a.Register), int64(p.First), int64(p.Second)); err != nil {
		return fmt.Errorf("keep what was said of a pair: %w", err)
	}
	return nil
}

func say(tx *db.Tx, a *act.Act, p Pair, answer Answer) error {
	if err := closeAnswer(tx, a, p); err != nil || answer == None {
		return err
	}
	if _, err := tx.Exec(sqlAddAnswer, int64(a.Register), int64(p.First), int64(p.Second), string(answer), int64(a.Number)); err != nil {
		return fmt.Errorf("keep what was said of a pair: %w", err)
	}
	return nil
}

// allowedTogether refuses a pair of whom somebody has said that they are two
// people.
func allowedTogether(tx *db.Tx, r id.Register, a, b id.YoungPerson) error {
	answer, err := answerOf(tx, r, pairOf(a, b))
	if err == nil && answer == Different {
		err = refuse("Somebody has said that these are different people. If that was wrong, take it back on the page of the pair first.")
	}
	return err
}

// Say keeps what somebody says of a pair that a search found: that they are
// different people, or that they are not sure, which passes it on; None takes
// an answer back. why is a note for whoever looks next, and may be empty; key
// is the form's one-use key. It needs access.MergePeople.
func (s *Service) Say(ctx context.Context, by access.Actor, pair id.Ref, answer Answer, why, key string) error {
	if err := decide(by); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		p, _, err := pairRow(tx, by.Register, pair)
		if err != nil {
			return err
		}
		if err := decideOn(tx, by, p.First, p.Second); err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.MergePeople, 0, act.Request{Reason: why, Key: key})
		if err != nil {
			return err
		}
		return say(tx, a, p, answer)
	})
}
