package rights

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// Service keeps requests and answers them.
type Service struct {
	DB     *db.DB
	Record *record.Service
	Sights *act.Recorder
}

// Who may ask.
const (
	ByPerson = "the young person"
	ByParent = "a parent or carer"
	ByOther  = "somebody for them"
)

// New is a request as it came.
type New struct {
	Kind Kind
	// AskedBy is ByPerson, ByParent or ByOther; AskedName the name of whoever is
	// not the young person.
	AskedBy, AskedName string
	ReceivedOn         civil.Date
	// How it came, and what is asked, in their words.
	How, Words string
}

// Step is one thing that was done about a request.
type Step struct {
	Act  id.Act
	At   time.Time
	Kind StepKind
	On   civil.Date
	// Choice is the answer to the step's question, Words what is to be known.
	Choice, Words string
	// By is who wrote it down; WhoName who works on it, of Taken.
	By, Who, WhoName string
}

// Request is one request and all that was done about it.
type Request struct {
	Ref id.Ref
	New
	Steps []Step
	// Person is whose it is.
	Person                       id.Ref
	Given, Family, YoungPersonID string
	WrittenBy                    string
	Clock                        Clock
	key                          int64
	person                       id.YoungPerson
}

// Open says that it is not closed.
func (r *Request) Open() bool { return r.Clock.DoneOn.IsZero() }

// Last is the last step of a kind, nil where there is none.
func (r *Request) Last(kind StepKind) *Step {
	for i := len(r.Steps) - 1; i >= 0; i-- {
		if r.Steps[i].Kind == kind {
			return &r.Steps[i]
		}
	}
	return nil
}

func (n *New) check(today civil.Date) error {
	n.AskedName, n.How = strings.Join(strings.Fields(n.AskedName), " "), strings.TrimSpace(n.How)
	n.Words = strings.TrimSpace(n.Words)
	var wrong field.Errors
	if !slices.Contains(Kinds(), n.Kind) {
		wrong.Add("kind", "Select what is asked")
	}
	if !slices.Contains([]string{ByPerson, ByParent, ByOther}, n.AskedBy) {
		wrong.Add("asked-by", "Select who asks")
	} else if n.AskedBy != ByPerson && n.AskedName == "" {
		wrong.Add("asked-name", "Enter the name of whoever asks")
	}
	if n.ReceivedOn.IsZero() || n.ReceivedOn.After(today) {
		wrong.Add("received-on", "Enter the day on which it came, today or earlier")
	}
	if n.Words == "" {
		wrong.Add("words", "Write what they ask, in their words")
	}
	return wrong.Err()
}

const (
	sqlPerson = `SELECT id FROM young_person WHERE register = $1 AND ref = $2 AND known_to IS NULL`
	sqlAdd    = `INSERT INTO rights_request (register, id, ref, young_person, kind, asked_by, asked_name, received_on, how, words, act)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
)

// person finds whom a request is about, for somebody who may know of them.
func person(tx *db.Tx, by access.Actor, ref id.Ref) (yp id.YoungPerson, err error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(sqlPerson, int64(by.Register), string(ref)).Scan((*int64)(&yp))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, db.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("find the young person: %w", err)
	}
	return yp, veil.Refuses(yp)
}

// Today is the day in London.
func (s *Service) Today() civil.Date { return civil.On(s.DB.Now(), civil.London()) }

// Receive writes down a request, whose clock began on the day it came. It needs
// access.RecordRequest, and returns field.Errors, db.NotFound or
// act.ErrRepeated.
func (s *Service) Receive(ctx context.Context, by access.Actor, about id.Ref, n New, key string) (id.Ref, error) {
	if err := n.check(s.Today()); err != nil {
		return "", err
	}
	ref := id.NewRef()
	return ref, s.DB.InTx(ctx, func(tx *db.Tx) error {
		yp, err := person(tx, by, about)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.RecordRequest, yp, act.Request{Reason: string(n.Kind), Key: key})
		if err != nil {
			return err
		}
		next, err := a.Keys(1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(sqlAdd, int64(by.Register), next, string(ref), int64(yp), string(n.Kind), n.AskedBy, n.AskedName, n.ReceivedOn.String(), n.How, n.Words, int64(a.Number))
		if err != nil {
			return fmt.Errorf("write down the request: %w", err)
		}
		return nil
	})
}

const sqlStep = `INSERT INTO rights_step (register, request, act, kind, on_day, who, who_name, choice, words, actor_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// Do writes down a step. It needs access.KeepRequests, and returns field.Errors
// for a step that makes no sense as the request stands.
func (s *Service) Do(ctx context.Context, by access.Actor, ref id.Ref, step Step, key string) error {
	step.Words, step.Choice = strings.TrimSpace(step.Words), strings.TrimSpace(step.Choice)
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		r, err := s.one(tx, by, ref)
		if err != nil {
			return err
		}
		if err := r.takes(&step, s.Today()); err != nil {
			return err
		}
		_, err = s.add(tx, by, r, step, key)
		return err
	})
}

func (s *Service) add(tx *db.Tx, by access.Actor, r *Request, step Step, key string) (*act.Act, error) {
	if step.Kind == Taken {
		step.Who, step.WhoName = by.Ref, by.Name
	}
	a, err := act.Begin(tx, by, access.KeepRequests, r.person, act.Request{Reason: string(r.Kind) + ": " + string(step.Kind), Key: key})
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(sqlStep, int64(by.Register), r.key, int64(a.Number), string(step.Kind), step.On.String(), step.Who, step.WhoName, step.Choice, step.Words, by.Name); err != nil {
		return nil, fmt.Errorf("write down what was done about a request: %w", err)
	}
	return a, nil
}

// Outcomes are how a request may be answered.
func Outcomes() []string {
	return []string{"done as asked", "done in part", "refused", "nothing is held", "handed over to retention"}
}

// takes says whether a step makes sense as the request stands.
func (r *Request) takes(step *Step, today civil.Date) error {
	var wrong field.Errors
	paused := !r.Clock.PausedOn.IsZero()
	if step.On.IsZero() || step.On.After(today) || step.On.Before(r.ReceivedOn) {
		wrong.Add("on", "Enter the day of the step: from "+r.ReceivedOn.Words()+" to today")
	}
	needs := func(field, text, message string) {
		if text == "" {
			wrong.Add(field, message)
		}
	}
	switch {
	case !slices.Contains(Steps(), step.Kind):
		wrong.Add("step", "Select what was done")
	case !r.Open():
		wrong.Add("step", "The request is closed. Write down a new one where they ask again")
	case step.Kind == Acknowledged && r.Clock.Acknowledged:
		wrong.Add("step", "It is acknowledged already")
	case step.Kind == Paused && paused:
		wrong.Add("step", "The clock stands still already")
	case step.Kind == Resumed && !paused:
		wrong.Add("step", "The clock does not stand still")
	case step.Kind == Resumed && step.On.Before(r.Clock.PausedOn):
		wrong.Add("on", "The clock stood still from "+r.Clock.PausedOn.Words()+": enter that day or a later one")
	case step.Kind == Extended && r.Clock.Extended:
		wrong.Add("step", "The two months more are taken already")
	case step.Kind == Extended && step.On.After(r.Clock.Due):
		wrong.Add("step", "They must be told within the first month, which is over")
	case step.Kind == Answered && paused:
		wrong.Add("step", "The clock stands still. Write down first that it goes on")
	case step.Kind == Answered && !slices.Contains(Outcomes(), step.Choice):
		wrong.Add("outcome", "Select the outcome")
	case step.Kind == Answered && r.Kind == Access && r.Last(Identity) == nil:
		wrong.Add("step", "Write down first how it was checked who asks")
	}
	switch step.Kind {
	case Identity:
		needs("words", step.Words, "Write how it was checked who they are: what you saw, or that they are known to whom")
	case Competence:
		needs("words", step.Words, "Write what was decided, and why")
	case Paused:
		needs("words", step.Words, "Write what we asked them for")
	case Extended:
		needs("words", step.Words, "Write why two months more are needed, as they were told")
	case Answered, Withdrawn:
		needs("words", step.Words, "Write what they were told")
	}
	return wrong.Err()
}
