package message

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/notify"
	"waymark/internal/sealed"
	"waymark/internal/youngperson"
)

// Batch is what was sent together, as its reader may know of it.
type Batch struct {
	Ref      id.Ref
	Template Template
	At       time.Time
	SentBy   string
	// ByActor is the actor who sent it.
	ByActor string
	// Counts are how many messages stand in each state, of people whom the reader
	// may know of.
	Counts map[State]int
	// LeftOut is how many were left out and why; only who sent it is told.
	LeftOut map[string]int
}

// Total is how many messages there are.
func (b Batch) Total() (n int) {
	for _, one := range b.Counts {
		n += one
	}
	return n
}

// Row is one message as a page shows it.
type Row struct {
	Ref    id.Ref
	Batch  id.Ref
	Person id.YoungPerson
	Named
	// Locked says that the record is locked, and nobody is named.
	Locked  bool
	Channel notify.Channel
	To      string
	State   State
	Why     string
	// Body is what it says; "" where the row is one of many.
	Body                       string
	Queued, Tried, Sent, Ended time.Time
	SentBy                     string
	Template                   string
}

const (
	sqlBatches = `SELECT b.ref, b.template, b.version, b.left_out, b.sent_by, b.sent_by_name, b.at FROM message_batch b`
	sqlByState = `SELECT m.batch, m.state, COUNT(*) FROM message m`
)

// mostBatches is how many are listed.
const mostBatches = 50

// Batches are the last that were sent, the newest first. It needs
// access.SendMessage.
func (s *Service) Batches(ctx context.Context, by access.Actor) ([]Batch, error) {
	var w db.Where
	w.And("b.register = $1", int64(by.Register))
	return s.batches(ctx, by, w)
}

func (s *Service) batches(ctx context.Context, by access.Actor, w db.Where) (out []Batch, err error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		limit := w.Param(int64(mostBatches))
		rows, err := tx.Query(sqlBatches+w.SQL()+" ORDER BY b.at DESC, b.ref LIMIT "+limit, w.Args...)
		if err != nil {
			return fmt.Errorf("read batches of messages: %w", err)
		}
		out = nil
		for rows.Next() {
			b := Batch{Counts: map[State]int{}}
			var left string
			var at db.Instant
			if err := rows.Scan((*string)(&b.Ref), (*string)(&b.Template.Ref), (*int64)(&b.Template.Version), &left, &b.ByActor, &b.SentBy, &at); err != nil {
				rows.Close()
				return fmt.Errorf("read batches of messages: %w", err)
			}
			b.At = at.Time
			if b.ByActor == by.Ref {
				if err := json.Unmarshal([]byte(left), &b.LeftOut); err != nil {
					rows.Close()
					return fmt.Errorf("read whom a batch left out: %w", err)
				}
			}
			out = append(out, b)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return fmt.Errorf("read batches of messages: %w", err)
		}
		return fillBatches(tx, by, out)
	})
	return out, err
}

// fillBatches reads by which templates batches were sent, and what became of
// them.
func fillBatches(tx *db.Tx, by access.Actor, all []Batch) error {
	if len(all) == 0 {
		return nil
	}
	at := map[string]*Batch{}
	refs := make([]any, len(all))
	for i := range all {
		at[string(all[i].Ref)], refs[i] = &all[i], string(all[i].Ref)
		versions, err := templates(tx, sqlTemplateThen, int64(by.Register), string(all[i].Template.Ref))
		if err != nil {
			return err
		}
		for _, t := range versions {
			if t.Version == all[i].Template.Version {
				all[i].Template = t
			}
		}
	}
	var w db.Where
	access.ScopeLines(&w, by, access.SendMessage, "m")
	w.In("m.batch", refs...)
	rows, err := tx.Query(sqlByState+w.SQL()+" GROUP BY m.batch, m.state", w.Args...)
	if err != nil {
		return fmt.Errorf("count messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ref, state string
		var n int
		if err := rows.Scan(&ref, &state, &n); err != nil {
			return fmt.Errorf("count messages: %w", err)
		}
		at[ref].Counts[State(state)] = n
	}
	return rows.Err()
}

// Batch is one batch with some of its messages, those that went wrong first, from
// the row skip on. It needs access.SendMessage, records who was shown, and
// returns db.NotFound.
func (s *Service) Batch(ctx context.Context, by access.Actor, ref id.Ref, skip, size int) (Batch, []Row, error) {
	var w db.Where
	w.And("b.register = $1 AND b.ref = $2", int64(by.Register), string(ref))
	all, err := s.batches(ctx, by, w)
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Batch{}, nil, err
	}
	var of db.Where
	of.And("m.batch = $1", string(ref))
	rows, err := s.rows(ctx, by, of, " ORDER BY CASE m.state WHEN 'not sure' THEN 0 WHEN 'failed' THEN 1 WHEN 'stopped' THEN 2 ELSE 3 END, m.id", skip, size, "messages of a batch")
	return all[0], rows, err
}

// NotSure are the messages of which nobody can say whether they went, the oldest
// first. It needs access.SendMessage and records who was shown.
func (s *Service) NotSure(ctx context.Context, by access.Actor) ([]Row, error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var of db.Where
	of.And("m.state = 'not sure'")
	return s.rows(ctx, by, of, " ORDER BY m.id", 0, 200, "messages not sure")
}

// rows are messages of people whom the actor may know of, without their words.
func (s *Service) rows(ctx context.Context, by access.Actor, of db.Where, order string, skip, size int, page string) (out []Row, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		access.ScopeLines(&w, by, access.SendMessage, "m")
		w.And(conditionOf(of), of.Args...)
		order := order + " LIMIT " + w.Param(int64(size)) + " OFFSET " + w.Param(int64(skip))
		all, err := messages(tx, w, order)
		if err != nil {
			return err
		}
		out, err = asRows(tx, by, all)
		return err
	})
	if err != nil {
		return nil, err
	}
	var people []id.YoungPerson
	for _, r := range out {
		if !r.Locked {
			people = append(people, r.Person)
		}
	}
	return out, s.saw(ctx, by, people, page)
}

// conditionOf is a condition without its WHERE.
func conditionOf(w db.Where) string { return w.SQL()[len(" WHERE "):] }

func asRows(tx *db.Tx, by access.Actor, all []one) ([]Row, error) {
	veil, err := access.VeilOf(tx, by)
	if err != nil {
		return nil, err
	}
	people := make([]id.YoungPerson, len(all))
	for i, m := range all {
		if people[i], err = survivor(tx, by.Register, m.person); err != nil {
			return nil, err
		}
	}
	names, err := named(tx, by, slices.Compact(slices.Sorted(slices.Values(people))))
	if err != nil {
		return nil, err
	}
	out := make([]Row, 0, len(all))
	for i, m := range all {
		if veil.Hides(people[i]) {
			continue
		}
		r := Row{Ref: m.ref, Batch: m.batch, Person: people[i], Channel: notify.Channel(m.channel), State: m.state, Why: m.why, Queued: m.queued, Tried: m.tried, Sent: m.sent, Ended: m.settled, SentBy: m.byName}
		if name, ok := names[people[i]]; ok && !veil.Locks(people[i]) {
			r.Named, r.To = name, m.to
		} else {
			r.Locked = true
		}
		out = append(out, r)
	}
	return out, nil
}

// Kept is what is kept about messages with one young person.
type Kept struct {
	Rows []Row
	// Unwanted are the messages that they do not want.
	Unwanted []fact.Of[youngperson.NoMessage]
	// Waiting is how many of their answers wait.
	Waiting int
}

const sqlWaitingOf = `SELECT COUNT(*) FROM answer_person p JOIN answer a ON a.register = p.register AND a.ref = p.answer WHERE p.register = $1 AND p.young_person = $2 AND a.state = 'waiting'`

// Of is what is kept about messages with one young person, the newest first, with
// what was said. It needs access.SendMessage, records who was shown, and returns
// db.NotFound or access.ErrLocked.
func (s *Service) Of(ctx context.Context, by access.Actor, ref id.Ref) (out Kept, err error) {
	var yp id.YoungPerson
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = Kept{}
		if yp, err = person(tx, by, ref); err != nil {
			return err
		}
		about, err := access.About(tx, by, yp)
		if err != nil {
			return err
		}
		if err := access.Decide(by, access.SendMessage, about); err != nil {
			return err
		}
		if out.Rows, err = withWords(tx, by, yp); err != nil {
			return err
		}
		if err := tx.QueryRow(sqlWaitingOf, int64(by.Register), int64(yp)).Scan(&out.Waiting); err != nil {
			return err
		}
		return youngperson.NoMessages.Each(tx, fact.Known{Register: by.Register, People: []id.YoungPerson{yp}}, func(f *fact.Of[youngperson.NoMessage]) error {
			out.Unwanted = append(out.Unwanted, *f)
			return nil
		})
	})
	if err != nil {
		return Kept{}, err
	}
	return out, s.saw(ctx, by, []id.YoungPerson{yp}, "messages")
}

// withWords are the messages of one young person with what they say.
func withWords(tx *db.Tx, by access.Actor, yp id.YoungPerson) ([]Row, error) {
	var w db.Where
	w.And("m.register = $1", int64(by.Register))
	w.And("m.young_person = $1 OR m.young_person IN (SELECT g.young_person FROM merged g WHERE g.register = $2 AND g.into_person = $1 AND g.known_to IS NULL)", int64(yp), int64(by.Register))
	all, err := messages(tx, w, " ORDER BY m.id DESC")
	if err != nil {
		return nil, err
	}
	out, err := asRows(tx, by, all)
	if err != nil || len(out) != len(all) {
		return out, err
	}
	for i, m := range all {
		keys, err := sealed.Read(tx, by.Register, []id.YoungPerson{m.person})
		if err != nil {
			return nil, err
		}
		if out[i].Body, err = keys.Open(tx, place(by.Register, "body", m.id), m.body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const sqlDecide = `UPDATE message SET state = $1, begun = $2, why = $3, sent_at = $4, settled_at = $5 WHERE register = $6 AND id = $7 AND state = 'not sure'`

// Decide settles a message of which nobody can say whether it went: went has it
// count as sent, and otherwise it is sent anew. key is the form's one-use key. It
// needs access.SendMessage, and returns db.NotFound, access.ErrLocked,
// db.Conflict or act.ErrRepeated.
func (s *Service) Decide(ctx context.Context, by access.Actor, ref id.Ref, went bool, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		m, err := byRef(tx, by.Register, string(ref))
		if err != nil {
			return err
		}
		yp, err := survivor(tx, by.Register, m.person)
		if err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err == nil {
			err = veil.Refuses(yp)
		}
		if err != nil {
			return err
		}
		reason := "it is sent anew"
		if went {
			reason = "it went"
		}
		a, err := act.Begin(tx, by, access.SendMessage, yp, act.Request{Key: key, Reason: reason})
		if err != nil {
			return err
		}
		if !went {
			if err := db.ExecEachOne(tx, "this message", sqlDecide, [][]any{{string(Queued), false, "", nil, nil, int64(by.Register), m.id}}); err != nil {
				return err
			}
			return job.Enqueue(tx, by.Register, jobSend, Opens(notify.Channel(m.channel), tx.Now), string(m.ref))
		}
		if err := db.ExecEachOne(tx, "this message", sqlDecide, [][]any{{string(Sent), false, "decided by " + by.Name, instant(m.tried), instant(tx.Now), int64(by.Register), m.id}}); err != nil {
			return err
		}
		keys, err := sealed.Read(tx, by.Register, []id.YoungPerson{m.person})
		if err != nil {
			return err
		}
		if m.body, err = keys.Open(tx, place(by.Register, "body", m.id), m.body); err != nil {
			return err
		}
		return s.contact(tx, a, yp, m)
	})
}

// Tray is what the server has to do.
type Tray struct {
	Counts  map[job.State]int
	GivenUp []job.Job
	Waiting []job.Job
}

// Tray is what waits to be done, and what was given up. It needs
// access.KeepRegister, and names nobody.
func (s *Service) Tray(ctx context.Context, by access.Actor) (out Tray, err error) {
	if err := access.Decide(by, access.KeepRegister, access.Subject{Register: by.Register}); err != nil {
		return Tray{}, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if out.Counts, err = job.Counts(tx, by.Register); err != nil {
			return err
		}
		if out.GivenUp, err = job.List(tx, by.Register, job.GivenUp); err != nil {
			return err
		}
		out.Waiting, err = job.List(tx, by.Register, job.Waiting)
		return err
	})
	return out, err
}

// TryAnew puts a job that was given up back in the tray. It needs
// access.KeepRegister, and returns db.NotFound or act.ErrRepeated.
func (s *Service) TryAnew(ctx context.Context, by access.Actor, ref id.Ref, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.KeepRegister, 0, act.Request{Key: key}); err != nil {
			return err
		}
		return job.TryAnew(tx, by.Register, ref)
	})
}
