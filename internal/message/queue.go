package message

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/job"
)

// Many is from how many people on a batch asks for a second look before it is
// sent: whoever sends says that they have read it.
const Many = 20

const sqlAddBatch = `INSERT INTO message_batch (register, ref, template, version, asks, people, left_out, sent_by, sent_by_name, at, known_from, campaign)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

var messageColumns = []string{"register", "id", "ref", "batch", "young_person", "channel", "sent_to", "reach", "subject", "body", "state", "begun", "carrier", "why", "queued_at"}

// Send queues a batch and returns its reference; the messages go one after the
// other, from Preview.From on. shown is how many the sender was shown, and read
// that they have looked again: where the two differ from what is so now, nothing
// is sent and field.Errors say so. key is the form's one-use key. It needs
// access.SendMessage, and returns act.ErrRepeated for a second press.
func (s *Service) Send(ctx context.Context, by access.Actor, o Order, shown int, read bool, key string) (id.Ref, error) {
	if err := access.Decide(by, access.SendMessage, access.Subject{Register: by.Register}); err != nil {
		return "", err
	}
	people, err := s.people(ctx, by, o)
	if err != nil {
		return "", err
	}
	batch := id.NewRef()
	return batch, s.DB.InTx(ctx, func(tx *db.Tx) error {
		p, err := s.prepare(tx, by, o, people)
		if err != nil {
			return err
		}
		about := id.YoungPerson(0)
		if len(p.to) == 1 && o.Question == nil {
			about = p.to[0].person
		}
		a, err := act.Begin(tx, by, access.SendMessage, about, act.Request{Key: key, Reason: p.template.Basis})
		if err != nil {
			return err // pressed again, nobody of a campaign is left to be told: that is no fault
		}
		if err := s.mayGo(p, shown, read); err != nil {
			return err
		}
		return s.queue(tx, a, batch, o, p)
	})
}

// mayGo holds what is so now against what the sender was shown.
func (s *Service) mayGo(p prepared, shown int, read bool) error {
	var wrong field.Errors
	switch n := len(p.to); {
	case n == 0:
		wrong.Add("send", "Nobody would get this message")
	case n != shown:
		wrong.Add("send", fmt.Sprintf("It would go to %d people now, and to %d when you looked. Look again, and send it if it is right", n, shown))
	case n >= Many && !read:
		wrong.Add("read", "Say that you have read the message and who it goes to")
	}
	if s.Desk.For(p.template.Channel) == nil {
		wrong.Add("send", "Nobody carries messages like this here: ask whoever runs the server to set it up")
	}
	return wrong.Err()
}

func (s *Service) queue(tx *db.Tx, a *act.Act, batch id.Ref, o Order, p prepared) error {
	counts := map[string]int{}
	for why, all := range p.left {
		counts[why] = len(all)
	}
	left, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	now := db.Instant{Time: tx.Now}
	if _, err := tx.Exec(sqlAddBatch, int64(a.Register), string(batch), string(p.template.Ref), int64(p.template.Version), o.asks(), int64(len(p.to)), string(left),
		a.By.Ref, a.By.Name, now, int64(a.Number), string(o.Campaign)); err != nil {
		return fmt.Errorf("write a batch of messages: %w", err)
	}
	at, err := now.Value()
	if err != nil {
		return err
	}
	first, err := a.Keys(len(p.to))
	if err != nil {
		return err
	}
	rows, refs := make([][]any, len(p.to)), make([]string, len(p.to))
	for i := range p.to {
		r := &p.to[i]
		refs[i] = string(id.NewRef())
		rows[i] = []any{int64(a.Register), first + int64(i), refs[i], string(batch), int64(r.person), string(p.template.Channel), r.to, int64(r.reach), "", "", string(Queued), false, "", "", at}
	}
	if err := db.BulkInsert(tx, "message", messageColumns, rows); err != nil {
		return err
	}
	return job.Enqueue(tx, a.Register, jobSend, Opens(p.template.Channel, tx.Now), refs...)
}

// one is a message as it is stored, with its words open.
type one struct {
	id                  int64
	ref, batch          id.Ref
	person              id.YoungPerson
	channel             string
	to                  string
	reach               id.Fact
	subject, body       string
	state               State
	begun               bool
	carrier, why        string
	queued, tried, sent time.Time
	settled             time.Time
	template            id.Ref
	version             id.Act
	byRef, byName       string
}

const sqlMessage = `SELECT m.id, m.ref, m.batch, m.young_person, m.channel, m.sent_to, m.reach, m.subject, m.body, m.state, m.begun, m.carrier, m.why,
	m.queued_at, m.tried_at, m.sent_at, m.settled_at, b.template, b.version, b.sent_by, b.sent_by_name
	FROM message m JOIN message_batch b ON b.register = m.register AND b.ref = m.batch`

func messages(tx *db.Tx, w db.Where, order string) ([]one, error) {
	rows, err := tx.Query(sqlMessage+w.SQL()+order, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	defer rows.Close()
	var out []one
	for rows.Next() {
		var m one
		var queued, tried, sent, settled db.Instant
		if err := rows.Scan(&m.id, (*string)(&m.ref), (*string)(&m.batch), (*int64)(&m.person), &m.channel, &m.to, (*int64)(&m.reach), &m.subject, &m.body, (*string)(&m.state), &m.begun, &m.carrier, &m.why,
			&queued, &tried, &sent, &settled, (*string)(&m.template), (*int64)(&m.version), &m.byRef, &m.byName); err != nil {
			return nil, fmt.Errorf("read messages: %w", err)
		}
		m.queued, m.tried, m.sent, m.settled = queued.Time, tried.Time, sent.Time, settled.Time
		out = append(out, m)
	}
	return out, rows.Err()
}

// byRef is one message, or db.NotFound.
func byRef(tx *db.Tx, r id.Register, ref string) (*one, error) {
	var w db.Where
	w.And("m.register = $1 AND m.ref = $2", int64(r), ref)
	all, err := messages(tx, w, "")
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}
