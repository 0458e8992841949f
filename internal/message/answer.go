package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/sealed"
)

// Source is how an answer came.
type Source string

// The sources.
const (
	BySelfReport Source = "self-report"
	ByText       Source = "text"
)

// AnswerState is where an answer stands.
type AnswerState string

// The states of an answer.
const (
	Waiting AnswerState = "waiting"
	// Used: it is on the record. Refused: a person did not use it. Stop: it asked
	// for no more texts, which was done at once.
	Used    AnswerState = "used"
	Refused AnswerState = "refused"
	Stop    AnswerState = "stop"
)

// Whose is somebody whose an answer may be.
type Whose struct {
	Named
	Person id.YoungPerson
	// Told is what they said.
	Told Said
}

// Answer is what came back.
type Answer struct {
	Ref    id.Ref
	Source Source
	State  AnswerState
	Came   time.Time
	// Number is that of a text. Unknown are the words of one from a number that
	// nobody is known to have.
	Number, Unknown string
	// Whose are those whose it may be and whom the reader may see. Others says
	// that it may be somebody's whom they may not.
	Whose  []Whose
	Others bool
}

func wrongField(name, complaint string) error {
	return field.Errors{{Field: name, Message: complaint}}
}

const (
	sqlAnswers = `SELECT a.ref, a.source, a.carrier, a.number, a.words, a.came_at, a.state FROM answer a`
	sqlWhose   = `SELECT p.id, p.answer, p.young_person, p.words FROM answer_person p`
	sqlName    = `SELECT s.young_person, s.ref, s.given, s.family FROM standing s`
	sqlSettleA = `UPDATE answer SET state = $1, settled_by = $2, words = '' WHERE register = $3 AND ref = $4 AND state = 'waiting'`
)

// mostAnswers is how many are listed.
const mostAnswers = 100

// Answers are those that wait, the oldest first, each with what was said and by
// whom; whoever may see none of those whose one may be is not told of it. It
// needs access.SettleAnswer and records who was shown.
func (s *Service) Answers(ctx context.Context, by access.Actor) ([]Answer, error) {
	if err := access.Decide(by, access.SettleAnswer, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var out []Answer
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		var w db.Where
		w.And("a.register = $1 AND a.state = 'waiting'", int64(by.Register))
		out, err = answers(tx, by, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, s.saw(ctx, by, peopleOf(out), "answers")
}

func peopleOf(all []Answer) (out []id.YoungPerson) {
	for _, a := range all {
		for _, w := range a.Whose {
			out = append(out, w.Person)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Answer is one answer, or db.NotFound. It needs access.SettleAnswer and records
// who was shown.
func (s *Service) Answer(ctx context.Context, by access.Actor, ref id.Ref) (Answer, error) {
	if err := access.Decide(by, access.SettleAnswer, access.Subject{Register: by.Register}); err != nil {
		return Answer{}, err
	}
	var one Answer
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { one, err = answerOf(tx, by, ref); return err })
	if err != nil {
		return Answer{}, err
	}
	return one, s.saw(ctx, by, peopleOf([]Answer{one}), "answer")
}

func answerOf(tx *db.Tx, by access.Actor, ref id.Ref) (Answer, error) {
	var w db.Where
	w.And("a.register = $1 AND a.ref = $2", int64(by.Register), string(ref))
	all, err := answers(tx, by, w)
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Answer{}, err
	}
	return all[0], nil
}

func answers(tx *db.Tx, by access.Actor, w db.Where) ([]Answer, error) {
	open, err := sealed.Opener(tx, by.Register)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlAnswers+w.SQL()+" ORDER BY a.came_at, a.ref", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	var all []Answer
	for rows.Next() {
		var a Answer
		var carrier string
		var came db.Instant
		if err := rows.Scan((*string)(&a.Ref), (*string)(&a.Source), &carrier, &a.Number, &a.Unknown, &came, (*string)(&a.State)); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read answers: %w", err)
		}
		a.Came = came.Time
		switch a.Unknown, err = open(a.Unknown, unknownAt(a.Ref)); {
		case errors.Is(err, sealed.ErrNoKey):
			a.Unknown = sealed.Unreadable
		case err != nil:
			rows.Close()
			return nil, fmt.Errorf("open a text that is nobody's: %w", err)
		}
		all = append(all, a)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	var out []Answer
	for some := range slices.Chunk(all, 200) {
		kept, err := withWhose(tx, by, some)
		if err != nil {
			return nil, err
		}
		if out = append(out, kept...); len(out) >= mostAnswers {
			return out[:mostAnswers], nil
		}
	}
	return out, nil
}

// candidate is a row of whose an answer may be.
type candidate struct {
	row    int64
	answer id.Ref
	kept   id.YoungPerson // under whose key it was kept
	now    id.YoungPerson // who they are now
	words  string
}

// withWhose fills in those whose the answers may be. An answer of nobody whom
// the reader may see is left out.
func withWhose(tx *db.Tx, by access.Actor, some []Answer) ([]Answer, error) {
	if len(some) == 0 {
		return nil, nil
	}
	found, err := candidates(tx, by, some)
	if err != nil {
		return nil, err
	}
	people := make([]id.YoungPerson, 0, len(found))
	for _, c := range found {
		people = append(people, c.kept, c.now)
	}
	slices.Sort(people)
	people = slices.Compact(people)
	names, err := named(tx, by, people)
	if err != nil {
		return nil, err
	}
	keys, err := sealed.Read(tx, by.Register, people)
	if err != nil {
		return nil, err
	}
	at := map[id.Ref]*Answer{}
	for i := range some {
		at[some[i].Ref] = &some[i]
	}
	theirs := map[id.Ref]bool{}
	for _, c := range found {
		a := at[c.answer]
		theirs[c.answer] = true
		name, ok := names[c.now]
		if !ok {
			a.Others = true
			continue
		}
		if slices.ContainsFunc(a.Whose, func(w Whose) bool { return w.Person == c.now }) {
			continue // two records that are one now
		}
		text, err := keys.Open(tx, answerPlace(by.Register, c.row), c.words)
		if err != nil {
			return nil, err
		}
		w := Whose{Named: name, Person: c.now}
		if err := json.Unmarshal([]byte(text), &w.Told); err != nil {
			w.Told = Said{Words: text} // its key is not here, and says so
		}
		a.Whose = append(a.Whose, w)
	}
	return slices.DeleteFunc(slices.Clone(some), func(a Answer) bool { return theirs[a.Ref] && len(a.Whose) == 0 }), nil
}

func candidates(tx *db.Tx, by access.Actor, some []Answer) ([]candidate, error) {
	var w db.Where
	w.And("p.register = $1", int64(by.Register))
	refs := make([]any, len(some))
	for i, a := range some {
		refs[i] = string(a.Ref)
	}
	w.In("p.answer", refs...)
	rows, err := tx.Query(sqlWhose+w.SQL()+" ORDER BY p.id", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read whose an answer is: %w", err)
	}
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.row, (*string)(&c.answer), (*int64)(&c.kept), &c.words); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read whose an answer is: %w", err)
		}
		out = append(out, c)
	}
	rows.Close()
	for i := range out {
		if out[i].now, err = survivor(tx, by.Register, out[i].kept); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}

// named are those of some people whom the actor may see, by name.
func named(tx *db.Tx, by access.Actor, people []id.YoungPerson) (map[id.YoungPerson]Named, error) {
	out := map[id.YoungPerson]Named{}
	for some := range slices.Chunk(people, 200) {
		var w db.Where
		access.Scope(&w, by, access.SeePerson, "s")
		keys := make([]any, len(some))
		for i, yp := range some {
			keys[i] = int64(yp)
		}
		w.In("s.young_person", keys...)
		rows, err := tx.Query(sqlName+w.SQL(), w.Args...)
		if err != nil {
			return nil, fmt.Errorf("name people: %w", err)
		}
		for rows.Next() {
			var yp id.YoungPerson
			var n Named
			var given, family string
			if err := rows.Scan((*int64)(&yp), (*string)(&n.Ref), &given, &family); err != nil {
				rows.Close()
				return nil, fmt.Errorf("name people: %w", err)
			}
			n.Name = strings.TrimSpace(given + " " + family)
			out[yp] = n
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("name people: %w", err)
		}
	}
	return out, nil
}

// WordsOf is what an answer says, in one paragraph, as it is kept with the
// contact.
func (a Said) WordsOf() string {
	if a.Words != "" {
		return a.Words
	}
	lines := []string{"Doing now: " + string(a.Doing)}
	for _, one := range [][2]string{{"Where: ", a.Where}, {"Since: ", a.Since}, {"Wants help with: ", a.HelpWith}} {
		if one[1] != "" {
			lines = append(lines, one[0]+one[1])
		}
	}
	if a.Help && a.HelpWith == "" {
		lines = append(lines, "Wants help")
	}
	return strings.Join(lines, ". ")
}

// Use puts an answer on the record of one of those whose it may be: a contact in
// their own words, and what follows from c.Outcome (contact.Confirmed,
// contact.Changed, or contact.Reached where nothing follows). c says no more than
// the outcome and what follows. It needs access.SettleAnswer and
// access.RecordActivity, and returns field.Errors, db.Conflict where somebody has
// settled it, db.NotFound or act.ErrRepeated.
func (s *Service) Use(ctx context.Context, by access.Actor, ref, whose id.Ref, c record.Spoken, key string) error {
	if !slices.Contains([]string{contact.Confirmed, contact.Changed, contact.Reached}, c.Outcome) {
		return wrongField("contact-outcome", "Select what to do with this answer")
	}
	return s.settleAnswer(ctx, by, ref, Used, act.Request{Key: key}, func(tx *db.Tx, a *act.Act, one Answer) error {
		at := slices.IndexFunc(one.Whose, func(w Whose) bool { return w.Ref == whose })
		if at < 0 {
			return wrongField("whose", "Select whose answer it is")
		}
		w := one.Whose[at]
		if err := decideBoth(tx, by, w.Person); err != nil {
			return err
		}
		c.Made = contact.Made{YoungPerson: w.Person, On: civil.On(one.Came, civil.London()), SaidBy: "the young person",
			Contact: contact.Contact{How: contact.Online, WithWhom: contact.Person, Outcome: c.Outcome, Words: w.Told.WordsOf(), Direction: contact.In, At: one.Came.In(civil.London()).Format("15:04"), Behind: contact.Message}}
		if one.Source == ByText {
			c.How = contact.Text
		}
		return s.Record.RecordContacts(tx, a, []record.Spoken{c})
	})
}

// decideBoth says whether the actor may also record what somebody does.
func decideBoth(tx *db.Tx, by access.Actor, yp id.YoungPerson) error {
	about, err := access.About(tx, by, yp)
	if err != nil {
		return err
	}
	return access.Decide(by, access.RecordActivity, about)
}

// Refuse does not use an answer: nothing of it comes on any record. reason is
// the actor's own. It needs access.SettleAnswer, and returns as Use does.
func (s *Service) Refuse(ctx context.Context, by access.Actor, ref id.Ref, reason, key string) error {
	reason = strings.Join(strings.Fields(reason), " ")
	if reason == "" {
		return wrongField("reason", "Enter why it is not used")
	}
	return s.settleAnswer(ctx, by, ref, Refused, act.Request{Key: key, Reason: reason}, func(*db.Tx, *act.Act, Answer) error { return nil })
}

func (s *Service) settleAnswer(ctx context.Context, by access.Actor, ref id.Ref, state AnswerState, r act.Request, do func(*db.Tx, *act.Act, Answer) error) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		one, err := answerOf(tx, by, ref)
		if err != nil {
			return err
		}
		about := id.YoungPerson(0)
		if len(one.Whose) == 1 && !one.Others {
			about = one.Whose[0].Person
		}
		a, err := act.Begin(tx, by, access.SettleAnswer, about, r)
		if err != nil {
			return err
		}
		if err := do(tx, a, one); err != nil {
			return err
		}
		return db.ExecEachOne(tx, "this answer", sqlSettleA, [][]any{{string(state), int64(a.Number), int64(by.Register), string(ref)}})
	})
}
