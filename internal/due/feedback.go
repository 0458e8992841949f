package due

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// FeedbackState is what was done about a row of the Department's feedback.
type FeedbackState string

// The states. Of a duplicate one authority keeps the record, and the other
// reports it as M or T (nccis.md 5.3): NotOurs says that it is the other's to do.
const (
	ToDo    FeedbackState = "to do"
	Done    FeedbackState = "done"
	NotOurs FeedbackState = "not ours"
)

// FeedbackStates are all, in the order in which they are shown.
func FeedbackStates() []FeedbackState { return []FeedbackState{ToDo, Done, NotOurs} }

// The kinds of file in which the Department's duplicates and new claimants come
// in.
const (
	duplicateKind = "dfe-duplicates"
	claimantKind  = "dfe-claimants"
)

// Feedback is one young person whom the Department sent back: found in two
// returns, or a new claimant of a benefit.
type Feedback struct {
	record.Row
	// File and Position are the file's reference and the row in it; ReceivedOn is
	// when it came.
	File       id.Ref
	Position   int
	ReceivedOn civil.Date
	State      FeedbackState
	// By says who answered last, and On when; "" where nobody has yet.
	By string
	On civil.Date
}

const (
	sqlFeedback = `SELECT i.ref, i.received_at, o.row_number, o.young_person, COALESCE(f.state, 'to do'), COALESCE(a.actor_name, ''), COALESCE(a.at, i.received_at)
		FROM intake i
		JOIN intake_outcome o ON o.register = i.register AND o.intake = i.id AND o.young_person <> 0
		LEFT JOIN feedback_answer f ON f.register = o.register AND f.intake = o.intake AND f.row_number = o.row_number
		LEFT JOIN act a ON a.register = f.register AND a.number = f.act
		WHERE i.register = $1 AND i.kind = $2 AND i.state = 'applied'
		ORDER BY i.received_at DESC, i.id DESC, o.row_number`
	sqlFeedbackRow = `SELECT i.id, o.young_person FROM intake i
		JOIN intake_outcome o ON o.register = i.register AND o.intake = i.id AND o.row_number = $3 AND o.young_person <> 0
		WHERE i.register = $1 AND i.ref = $2 AND i.kind = $4 AND i.state = 'applied'`
	sqlFeedbackAnswer = `INSERT INTO feedback_answer (register, intake, row_number, state, act) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (register, intake, row_number) DO UPDATE SET state = excluded.state, act = excluded.act`
)

// Feedback is the work list of the Department's duplicates: those in a state, or
// all where it is "", those that came last first, and how many there are in each
// state. Whoever may not be shown is left out. It needs access.MergePeople, and
// records who was shown.
func (s *Service) Feedback(ctx context.Context, by access.Actor, state FeedbackState) (list []Feedback, counts map[FeedbackState]int, err error) {
	if err := access.Decide(by, access.MergePeople, access.Subject{Register: by.Register}); err != nil {
		return nil, nil, err
	}
	return s.feedback(ctx, duplicateKind, state, func(people []id.YoungPerson) ([]record.Row, error) {
		return s.Records.Some(ctx, by, people, "feedback")
	}, by.Register)
}

// Claimants is the work list of the new claimants whom the Department sent back,
// like Feedback: their records are to be brought up to date (nccis.md 9). ground is
// one of record.ClaimGrounds and stands in the log of who was shown (Education and
// Skills Act 2008 s.15). It needs access.SeeClaims, and returns field.Errors
// without a ground.
func (s *Service) Claimants(ctx context.Context, by access.Actor, ground string, state FeedbackState) (list []Feedback, counts map[FeedbackState]int, err error) {
	if err := access.Decide(by, access.SeeClaims, access.Subject{Register: by.Register}); err != nil {
		return nil, nil, err
	}
	if !slices.Contains(record.ClaimGrounds(), ground) {
		return nil, nil, field.Errors{{Field: "ground", Message: "Select what you need the claimants for"}}
	}
	by.Reason = ground
	return s.feedback(ctx, claimantKind, state, func(people []id.YoungPerson) ([]record.Row, error) {
		return s.Records.Shown(ctx, by, access.SeeClaims, people, "new claimants")
	}, by.Register)
}

// feedback is the work list of a kind, of those who may be shown.
func (s *Service) feedback(ctx context.Context, kind string, state FeedbackState, show func([]id.YoungPerson) ([]record.Row, error), r id.Register) (out []Feedback, counts map[FeedbackState]int, err error) {
	list, people, err := s.sentBack(ctx, kind, r)
	if err != nil {
		return nil, nil, fmt.Errorf("read the Department's feedback: %w", err)
	}
	slices.Sort(people)
	shown, err := show(slices.Compact(people))
	if err != nil {
		return nil, nil, err
	}
	rows := map[id.YoungPerson]record.Row{}
	for _, r := range shown {
		rows[r.Person] = r
	}
	counts = map[FeedbackState]int{}
	for _, one := range list {
		r, ok := rows[one.Person]
		if !ok {
			continue
		}
		counts[one.State]++
		if one.Row = r; state == "" || one.State == state {
			out = append(out, one)
		}
	}
	return out, counts, nil
}

// sentBack are the rows of the applied files of a kind, the last first.
func (s *Service) sentBack(ctx context.Context, kind string, r id.Register) (list []Feedback, people []id.YoungPerson, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		list, people = nil, nil
		rows, err := tx.Query(sqlFeedback, int64(r), kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one Feedback
			var received, at db.Instant
			if err := rows.Scan((*string)(&one.File), &received, &one.Position, (*int64)(&one.Person), (*string)(&one.State), &one.By, &at); err != nil {
				return err
			}
			one.ReceivedOn = civil.On(received.Time, civil.London())
			if one.By != "" {
				one.On = civil.On(at.Time, civil.London())
			}
			list, people = append(list, one), append(people, one.Person)
		}
		return rows.Err()
	})
	return list, people, err
}

// Answer says what was done about a row of feedback. It needs
// access.MergePeople; db.NotFound is that there is no such row, and it returns
// field.Errors for what is no state.
func (s *Service) Answer(ctx context.Context, by access.Actor, file id.Ref, position int, state FeedbackState, key string) error {
	return s.answer(ctx, by, access.MergePeople, duplicateKind, []Sent{{file, position}}, state, key)
}

// Sent names a row of a file of the Department's feedback.
type Sent struct {
	File     id.Ref
	Position int
}

// AnswerClaimants says what was done about new claimants, like Answer. It needs
// access.SeeClaims.
func (s *Service) AnswerClaimants(ctx context.Context, by access.Actor, rows []Sent, state FeedbackState, key string) error {
	if len(rows) == 0 {
		return field.Errors{{Field: "row", Message: "Tick at least one young person"}}
	}
	return s.answer(ctx, by, access.SeeClaims, claimantKind, rows, state, key)
}

func (s *Service) answer(ctx context.Context, by access.Actor, action access.Action, kind string, rows []Sent, state FeedbackState, key string) error {
	if !slices.Contains(FeedbackStates(), state) {
		return field.Errors{{Field: "state", Message: "Choose what was done: to do, done, or not ours"}}
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		for i, row := range rows {
			one := key
			if i > 0 && key != "" {
				one += "-" + strconv.Itoa(i+1) // a key is one act's
			}
			if err := answerRow(tx, by, action, kind, row, state, one); err != nil {
				return err
			}
		}
		return nil
	})
}

func answerRow(tx *db.Tx, by access.Actor, action access.Action, kind string, row Sent, state FeedbackState, key string) error {
	var intake int64
	var yp id.YoungPerson
	err := tx.QueryRow(sqlFeedbackRow, int64(by.Register), string(row.File), row.Position, kind).Scan(&intake, (*int64)(&yp))
	if errors.Is(err, sql.ErrNoRows) {
		return db.NotFound
	}
	if err != nil {
		return fmt.Errorf("find the row of feedback: %w", err)
	}
	about, err := access.About(tx, by, yp)
	if err == nil {
		err = access.Decide(by, action, about)
	}
	if err != nil {
		return err
	}
	if kind == claimantKind {
		yp = 0 // the history of a record does not tell that somebody claims
	}
	a, err := act.Begin(tx, by, action, yp, act.Request{Key: key, Reason: "the Department's feedback: " + string(state)})
	if err != nil {
		return err
	}
	_, err = tx.Exec(sqlFeedbackAnswer, int64(by.Register), intake, row.Position, string(state), int64(a.Number))
	return err
}

// SinceReceived is how many days a row has been waiting on a day.
func (f Feedback) SinceReceived(today civil.Date) int { return today.DaysSince(f.ReceivedOn) }
