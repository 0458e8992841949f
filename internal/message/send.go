package message

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/notify"
	"waymark/internal/sealed"
)

const (
	sqlBegin = `UPDATE message SET state = 'sending', begun = TRUE, sent_to = $1, reach = $2, subject = $3, body = $4, tried_at = $5
		WHERE register = $6 AND id = $7 AND state IN ('queued', 'sending')`
	sqlNotBegun = `UPDATE message SET begun = FALSE, why = $1 WHERE register = $2 AND id = $3 AND state = 'sending'`
	sqlSettle   = `UPDATE message SET state = $1, carrier = $2, why = $3, sent_at = $4, settled_at = $5, begun = $6 WHERE register = $7 AND id = $8 AND state IN ('queued', 'sending')`
	sqlReceipt  = `UPDATE message SET state = $1, why = $2, settled_at = $3 WHERE register = $4 AND id = $5 AND state = 'sent'`
)

// send does the job of one message: it is marked as begun, handed to the carrier
// outside of any transaction, and what came of it is written with the end of the
// job. Killed in between it is begun, and the carrier is asked before anything
// is sent again.
func (s *Service) send(ctx context.Context, r id.Register, w *job.Work) error {
	m, note, begun, why, err := s.begin(ctx, r, w)
	if err != nil || m == nil {
		return err
	}
	carrier := s.Desk.For(notify.Channel(m.channel))
	if carrier == nil {
		return s.lasting(ctx, r, w, m, notify.NotSent{Why: "nobody carries messages like this here"})
	}
	var answer notify.Answer
	if why != "" {
		answer, err = whetherGone(ctx, carrier, m, why)
	} else {
		answer, err = notify.Attempt(ctx, carrier, note, begun)
	}
	if err != nil {
		return s.lasting(ctx, r, w, m, err)
	}
	// What the carrier said is written though the server is being stopped.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer stop()
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := s.settle(tx, r, m, answer); err != nil {
			return err
		}
		return w.Finish(tx)
	})
}

// whetherGone asks what became of a message that may have gone, and that may not
// be sent any more: it is never sent again.
func whetherGone(ctx context.Context, by notify.Carrier, m *one, why string) (notify.Answer, error) {
	a, err := by.Ask(ctx, notify.Channel(m.channel), string(m.ref))
	switch {
	case errors.Is(err, notify.ErrCannotSay):
		return notify.Answer{State: notify.Unsure, Why: by.Name() + " cannot say whether it went, and " + why}, nil
	case err != nil:
		return a, notify.Maybe{Why: err.Error()}
	case a.State == notify.Absent:
		return notify.Answer{State: notify.State(Stopped), Why: why}, nil
	}
	return a, nil
}

// begin looks at a message once more and marks it as begun. It returns no message
// where there is nothing left to do. begun says that it was marked before, and why
// that it may not be sent any more.
func (s *Service) begin(ctx context.Context, r id.Register, w *job.Work) (out *one, note notify.Note, begun bool, why string, err error) {
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		out, begun, why = nil, false, ""
		m, err := byRef(tx, r, w.About)
		if errors.Is(err, db.NotFound) || err == nil && m.state != Queued && m.state != Sending {
			return w.Finish(tx) // erased since, or done already
		}
		if err != nil {
			return err
		}
		if from := Opens(notify.Channel(m.channel), tx.Now); from.After(tx.Now) {
			return job.Later{At: from, Why: "texts go between 8 in the morning and 8 in the evening"}
		}
		to, t, not, err := s.still(tx, r, m)
		if err != nil {
			return err
		}
		if begun, why = m.begun, not; why != "" && begun {
			out = m
			return nil
		}
		if why != "" {
			if err := s.settle(tx, r, m, notify.Answer{State: notify.State(Stopped), Why: why}); err != nil {
				return err
			}
			return w.Finish(tx)
		}
		out = m
		note, err = s.write(tx, r, m, to, t)
		return err
	})
	return out, note, begun, why, err
}

// still says to whom a message goes now and by which template, or why it may
// not any more.
func (s *Service) still(tx *db.Tx, r id.Register, m *one) (*recipient, Template, string, error) {
	all, err := templates(tx, sqlTemplateThen, int64(r), string(m.template))
	if err != nil {
		return nil, Template{}, "", err
	}
	var t Template
	for _, one := range all {
		if one.Version == m.version {
			t = one
		}
	}
	if t.Ref == "" {
		return nil, t, "", fmt.Errorf("message %s: its template is not there", m.ref)
	}
	yp, err := survivor(tx, r, m.person)
	if err != nil {
		return nil, t, "", err
	}
	found, err := recipients(tx, system(r), []id.YoungPerson{yp})
	if err != nil {
		return nil, t, "", err
	}
	to := found[yp]
	if to == nil {
		return &recipient{person: yp}, t, "their record is not held any more", nil
	}
	since, err := restrictedSince(tx, r, yp, m)
	if err != nil || since != "" {
		return to, t, since, err
	}
	out, err := sieve(tx, r, t.Channel, found, civil.On(tx.Now, civil.London()))
	return to, t, out[yp], err
}

// linkStands stands in what is kept of a message in the place of its link, which
// is stored nowhere.
const linkStands = "(their own link)"

// write composes the message, keeps its words sealed, and marks it as begun.
func (s *Service) write(tx *db.Tx, r id.Register, m *one, to *recipient, t Template) (notify.Note, error) {
	link := ""
	if t.HasLink() {
		token, err := makeLink(tx, r, to.person, string(m.ref))
		if err != nil {
			return notify.Note{}, err
		}
		link = s.link(r, token)
	}
	if m.begun { // sent anew it goes where it went
		to.to, to.reach = m.to, m.reach
	}
	kept := notify.Fill(t.Body, to.values(linkStands))
	subject, err := s.seal(tx, r, m, "subject", t.Subject)
	if err != nil {
		return notify.Note{}, err
	}
	body, err := s.seal(tx, r, m, "body", kept)
	if err != nil {
		return notify.Note{}, err
	}
	m.body = kept
	if err := db.ExecEachOne(tx, "this message", sqlBegin, [][]any{{to.to, int64(to.reach), subject, body, instant(tx.Now), int64(r), m.id}}); err != nil {
		return notify.Note{}, err
	}
	return notify.Note{Reference: string(m.ref), Channel: t.Channel, To: to.to, Address: to.address, Subject: t.Subject, Body: notify.Fill(t.Body, to.values(link))}, nil
}

func instant(t time.Time) any {
	v, err := db.Instant{Time: t}.Value()
	if err != nil {
		return nil
	}
	return v
}

func place(r id.Register, column string, key int64) sealed.Place {
	return sealed.Place{Register: r, Table: "message", Column: column, Row: key}
}

func (s *Service) seal(tx *db.Tx, r id.Register, m *one, column, words string) (string, error) {
	keys, err := sealed.Read(tx, r, []id.YoungPerson{m.person})
	if err != nil {
		return "", err
	}
	return keys.Seal(tx, m.person, place(r, column, m.id), words)
}

// lasting is what becomes of a try that came to nothing certain: it is tried
// again, and after the last try a person is told.
func (s *Service) lasting(ctx context.Context, r id.Register, w *job.Work, m *one, failed error) error {
	var notSent notify.NotSent
	known := errors.As(failed, &notSent)
	last := w.Tries >= mostTries
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer stop()
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		switch {
		case last && known:
			if err := s.settle(tx, r, m, notify.Answer{State: notify.Failed, Why: "it could not be handed over: " + notSent.Why}); err != nil {
				return err
			}
		case last:
			if err := s.settle(tx, r, m, notify.Answer{State: notify.Unsure, Why: failed.Error()}); err != nil {
				return err
			}
		case known:
			_, err := tx.Exec(sqlNotBegun, notSent.Why, int64(r), m.id)
			return err
		default:
			return nil // it stays begun
		}
		return w.Finish(tx)
	})
	if last || err != nil {
		return err
	}
	return failed
}

// settle writes what became of a message. One that went is a contact on the
// record, and its receipt is asked for.
func (s *Service) settle(tx *db.Tx, r id.Register, m *one, a notify.Answer) error {
	state := State(a.State)
	sent, settled := any(nil), instant(tx.Now)
	switch state {
	case Sent:
		sent, settled = instant(tx.Now), nil
	case Delivered:
		sent = instant(tx.Now)
	}
	if err := db.ExecEachOne(tx, "this message", sqlSettle, [][]any{{string(state), a.Carrier, a.Why, sent, settled, state == Unsure, int64(r), m.id}}); err != nil {
		return err
	}
	if sent == nil {
		return nil
	}
	if state == Sent {
		if err := job.Enqueue(tx, r, jobReceipt, tx.Now.Add(10*time.Minute), string(m.ref)); err != nil {
			return err
		}
	}
	return s.asContact(tx, r, m)
}

// asContact writes a message that went as a contact by whoever sent it.
func (s *Service) asContact(tx *db.Tx, r id.Register, m *one) error {
	yp, err := survivor(tx, r, m.person)
	if err != nil {
		return err
	}
	a, err := act.Begin(tx, system(r), access.SendMessage, yp, act.Request{})
	if err != nil {
		return err
	}
	return s.contact(tx, a, yp, m)
}

// receiptDays is for how long a receipt is asked for: a telephone may be off for
// three days.
const receiptDays = 5

// receipt asks what became of a message that the carrier has, now and again
// later, where no receipt has come by itself.
func (s *Service) receipt(ctx context.Context, r id.Register, w *job.Work) error {
	var m *one
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { m, err = byRef(tx, r, w.About); return err })
	if errors.Is(err, db.NotFound) || err == nil && m.state != Sent {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.DB.Now()
	if now.Sub(m.sent) > receiptDays*24*time.Hour {
		return nil // it stays sent: nobody said more
	}
	carrier := s.Desk.For(notify.Channel(m.channel))
	if carrier == nil {
		return nil
	}
	a, err := carrier.Ask(ctx, notify.Channel(m.channel), string(m.ref))
	switch {
	case errors.Is(err, notify.ErrCannotSay):
		return nil
	case err != nil:
		return err
	case a.State == notify.Delivered || a.State == notify.Failed:
		return s.received(ctx, r, m.ref, a)
	}
	return job.Later{At: now.Add(max(10*time.Minute, min(now.Sub(m.sent), 6*time.Hour))), Why: "no receipt yet"}
}

// received writes a receipt; a second one changes nothing.
func (s *Service) received(ctx context.Context, r id.Register, ref id.Ref, a notify.Answer) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		m, err := byRef(tx, r, string(ref))
		if err != nil {
			return err
		}
		if m.state == Sending && m.begun {
			// The receipt came before the answer: then it went.
			return s.settle(tx, r, m, a)
		}
		_, err = tx.Exec(sqlReceipt, string(a.State), a.Why, instant(tx.Now), int64(r), m.id)
		return err
	})
}

// Receipt takes in what the carrier says of a message by itself. A reference
// that is not ours, or a second receipt, changes nothing.
func (s *Service) Receipt(ctx context.Context, r id.Register, reference string, a notify.Answer) error {
	if !id.Ref(strings.TrimSpace(reference)).Valid() || a.State != notify.Delivered && a.State != notify.Failed {
		return nil
	}
	err := s.received(ctx, r, id.Ref(reference), a)
	if errors.Is(err, db.NotFound) {
		return nil
	}
	return err
}
