package visit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/place"
	"waymark/internal/round"
)

const (
	sqlOpenRound = `SELECT COALESCE(MAX(id), 0) FROM visit_round WHERE register = $1 AND worker = $2 AND day = $3 AND closed = FALSE`
	sqlApart     = `DELETE FROM visit_stop WHERE register = $1 AND round = $2 AND young_person = $3 AND door = 0 AND outcome = ''`
	sqlMoveStop  = `UPDATE visit_stop SET round = $4, door = $5 WHERE register = $1 AND round = $2 AND young_person = $3`
	sqlMetres    = `UPDATE visit_round SET metres = $3, list_metres = 0 WHERE register = $1 AND id = $2`
)

// Move gives a door of a round, with everybody at it, to another worker: it goes
// into their open round of that day, where it lengthens the way least, or
// into a new one. It returns the round that has it now. It needs access.PlanVisits,
// and returns field.Errors or act.ErrRepeated.
func (s *Service) Move(ctx context.Context, by access.Actor, ref id.Ref, number int, to id.Ref, key string) (now id.Ref, err error) {
	worker, err := s.worker(ctx, by, to)
	if err != nil {
		return "", err
	}
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		from, err := roundOf(tx, by, "r.ref", string(ref))
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.PlanVisits, 0, act.Request{Reason: "door moved to another worker", Key: key})
		if err != nil {
			return err
		}
		mine, err := wayOf(tx, by, from)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(mine.doors, func(d walked) bool { return d.shown == number && number > 0 })
		switch {
		case from.Closed:
			return field.Errors{{Field: "door", Message: "This round is closed. Plan the door anew"}}
		case at < 0:
			return field.Errors{{Field: "door", Message: "Select the door"}}
		case mine.doors[at].told:
			return field.Errors{{Field: "door", Message: "What came of this door is told already"}}
		case worker.Ref == from.Worker:
			return field.Errors{{Field: "worker", Message: "They go there already. Select somebody else"}}
		}
		target, err := openRound(tx, a, from, worker)
		if err != nil {
			return err
		}
		theirs, err := wayOf(tx, by, target)
		if err != nil {
			return err
		}
		moved := mine.doors[at]
		mine.doors = slices.Delete(mine.doors, at, at+1)
		theirs.add(moved)
		for _, yp := range moved.people {
			if _, err := tx.Exec(sqlApart, int64(by.Register), target.id, int64(yp)); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlMoveStop, int64(by.Register), from.id, int64(yp), target.id, int64(0)); err != nil {
				return err
			}
		}
		now = target.Ref
		if err := mine.write(tx, by.Register); err != nil {
			return err
		}
		return theirs.write(tx, by.Register)
	})
	if err != nil {
		return "", fmt.Errorf("move a door to another worker: %w", err)
	}
	return now, nil
}

// openRound is the worker's open round of the day, made where there is none.
func openRound(tx *db.Tx, a *act.Act, like Round, worker account.Account) (Round, error) {
	var key int64
	if err := tx.QueryRow(sqlOpenRound, int64(a.Register), string(worker.Ref), like.Day.String()).Scan(&key); err != nil {
		return Round{}, err
	}
	if key == 0 {
		var err error
		if key, err = a.Keys(1); err != nil {
			return Round{}, err
		}
		row := []any{int64(a.Register), key, string(id.NewRef()), like.Day.String(), like.ByCar, like.Start, string(worker.Ref), worker.Name, a.By.Ref, a.By.Name, int64(0), int64(0), false, int64(a.Number)}
		if err := db.BulkInsert(tx, "visit_round", roundColumns, [][]any{row}); err != nil {
			return Round{}, err
		}
	}
	all, err := rounds(tx, a.By, " WHERE r.register = $1 AND r.id = $2", []any{int64(a.Register), key})
	if err != nil || len(all) == 0 {
		return Round{}, fmt.Errorf("read the round that a door moves to: %w", err)
	}
	return all[0], nil
}

// walked is a door of a way: told where the outcome of anybody at it is.
type walked struct {
	number int
	// shown is its number on the sheet of the actor, 0 where all at it are hidden
	// from them.
	shown  int
	at     round.Point
	people []id.YoungPerson
	told   bool
}

// way is a round as it is walked.
type way struct {
	round int64
	start round.Point
	doors []walked
}

// wayOf reads the doors of a round in their order. A door whose place the actor
// may not know, or that is not known any more, counts as where the one before is.
func wayOf(tx *db.Tx, by access.Actor, r Round) (*way, error) {
	book, err := place.Read(tx, by.Register, 0)
	if err != nil {
		return nil, err
	}
	w := &way{round: r.id}
	if w.start, _, err = pointOf(book, r.Start); err != nil {
		return nil, err
	}
	all, err := stops(tx, " WHERE register = $1 AND round = $2 AND door > 0 ORDER BY door, young_person", []any{int64(by.Register), r.id})
	if err != nil {
		return nil, err
	}
	people := make([]id.YoungPerson, len(all))
	for i := range all {
		people[i] = all[i].yp
	}
	known, err := behind(tx, by, people)
	if err != nil {
		return nil, err
	}
	at, shown := w.start, 0
	for _, st := range all {
		if b := known[st.yp]; b != nil {
			if p, found, err := pointOf(book, b.address.Postcode); err != nil {
				return nil, err
			} else if found {
				at = p
			}
		}
		if n := len(w.doors); n == 0 || w.doors[n-1].number != st.door {
			w.doors = append(w.doors, walked{number: st.door, at: at})
		}
		last := &w.doors[len(w.doors)-1]
		// Whoever is to be kept apart now stands at no door of the sheet (tell).
		if b := known[st.yp]; last.shown == 0 && b != nil && (b.why == "" || st.Outcome != "") {
			shown++
			last.shown = shown
		}
		last.people, last.told = append(last.people, st.yp), last.told || st.Outcome != ""
	}
	return w, nil
}

// metres is how long the way is.
func (w *way) metres() float64 {
	points, order := make([]round.Point, len(w.doors)), make([]int, len(w.doors))
	for i, d := range w.doors {
		points[i], order[i] = d.at, i
	}
	return round.Length(w.start, points, order)
}

// add puts a door where the way becomes longer by least, after those that are
// told already.
func (w *way) add(d walked) {
	first := 0
	for i, one := range w.doors {
		if one.told {
			first = i + 1
		}
	}
	best, least := first, math.Inf(1)
	for at := first; at <= len(w.doors); at++ {
		longer := way{start: w.start, doors: slices.Insert(slices.Clone(w.doors), at, d)}
		if m := longer.metres(); m < least {
			best, least = at, m
		}
	}
	w.doors = slices.Insert(w.doors, best, d)
}

// write numbers the doors in their order, and says how long the way is now.
func (w *way) write(tx *db.Tx, r id.Register) error {
	for i, d := range w.doors {
		for _, yp := range d.people {
			if _, err := tx.Exec(sqlMoveStop, int64(r), w.round, int64(yp), w.round, int64(i+1)); err != nil {
				return err
			}
		}
	}
	_, err := tx.Exec(sqlMetres, int64(r), w.round, int64(w.metres()))
	return err
}
