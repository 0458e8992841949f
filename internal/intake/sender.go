package intake

import (
	"context"
	"fmt"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/layout"
)

// Sender is whoever sends files: a school, a college, a team.
type Sender struct {
	Key  id.Sender `json:"-"`
	Ref  id.Ref    `json:"ref"`
	Name string    `json:"name"`
	// Kind is the ID of the kind of file that it usually sends, "" for none.
	Kind string `json:"kind,omitempty"`
	// Agreement says under which agreement it sends; AgreementEnds is its last
	// day, none where it has no end.
	Agreement     string     `json:"agreement,omitempty"`
	AgreementEnds civil.Date `json:"agreement_ends,omitzero"`
	// Tolerance is by how many days a start date may differ and be of the same
	// spell.
	Tolerance int `json:"tolerance"`
	// SendsFull says that its rolls are full: who is not on one is not there.
	SendsFull bool `json:"sends_full"`
	// Place says that it is itself where the young people learn or work, so that
	// a row that names no place means it.
	Place bool `json:"place"`
}

// DefaultTolerance is a new sender's tolerance, in days.
const DefaultTolerance = 14

const (
	sqlSenders   = `SELECT id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place FROM sender`
	sqlAddSender = `INSERT INTO sender (register, id, ref, name, kind, agreement, agreement_ends, tolerance, sends_full, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlSetSender = `UPDATE sender SET name = $3, kind = $4, agreement = $5, agreement_ends = $6, tolerance = $7, sends_full = $8, place = $9
		WHERE register = $1 AND id = $2`
	sqlNextKeys = `UPDATE register SET last_key = last_key + 1 WHERE id = $1 RETURNING last_key`
)

func senders(tx *db.Tx, w db.Where) ([]Sender, error) {
	rows, err := tx.Query(sqlSenders+w.SQL()+" ORDER BY name", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the senders: %w", err)
	}
	defer rows.Close()
	var out []Sender
	for rows.Next() {
		var s Sender
		if err := rows.Scan((*int64)(&s.Key), (*string)(&s.Ref), &s.Name, &s.Kind, &s.Agreement, &s.AgreementEnds, &s.Tolerance, &s.SendsFull, &s.Place); err != nil {
			return nil, fmt.Errorf("read the senders: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func senderWhere(tx *db.Tx, r id.Register, condition string, args ...any) (Sender, error) {
	var w db.Where
	w.And("register = $1", int64(r))
	w.And(condition, args...)
	list, err := senders(tx, w)
	if err == nil && len(list) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return Sender{}, err
	}
	return list[0], nil
}

// Senders are all who send files, by name. It needs access.ImportFile.
func (s *Service) Senders(ctx context.Context, by access.Actor) ([]Sender, error) {
	var out []Sender
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1", int64(by.Register))
		var err error
		out, err = senders(tx, w)
		return err
	})
	return out, err
}

// KeepSender adds a sender, or changes the one with the Ref, and gives it back.
// key is the form's one-use key. It needs access.KeepSender and returns
// field.Errors.
func (s *Service) KeepSender(ctx context.Context, by access.Actor, one Sender, key string) (Sender, error) {
	one.Name = strings.Join(strings.Fields(one.Name), " ")
	var wrong field.Errors
	if one.Name == "" {
		wrong.Add("sender-name", "Enter the name of the school, college or team")
	}
	if one.Tolerance < 0 || one.Tolerance > 366 {
		wrong.Add("tolerance", "Enter by how many days a start date may differ, from 0 to 366")
	}
	if _, ok := layout.FindKind(one.Kind); one.Kind != "" && !ok {
		wrong.Add("kind", "Select a kind of file")
	}
	if wrong != nil {
		return one, wrong
	}
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.KeepSender, 0, act.Request{Reason: "Sender " + one.Name, Key: key})
		if err != nil {
			return err
		}
		if other, err := senderWhere(tx, by.Register, "name = $1", one.Name); err == nil && other.Ref != one.Ref {
			return field.Errors{{Field: "sender-name", Message: "There is a sender of that name. Choose it, or enter another name"}}
		}
		if one.Ref != "" {
			held, err := senderWhere(tx, by.Register, "ref = $1", string(one.Ref))
			if err != nil {
				return err
			}
			one.Key = held.Key
			_, err = tx.Exec(sqlSetSender, int64(by.Register), int64(one.Key), one.Name, one.Kind, one.Agreement, one.AgreementEnds.String(), one.Tolerance, one.SendsFull, one.Place)
			return err
		}
		next, err := a.Keys(1)
		if err != nil {
			return err
		}
		one.Key, one.Ref = id.Sender(next), id.NewRef()
		_, err = tx.Exec(sqlAddSender, int64(by.Register), next, string(one.Ref), one.Name, one.Kind, one.Agreement, one.AgreementEnds.String(), one.Tolerance, one.SendsFull, one.Place)
		return err
	})
	if err != nil {
		one.Ref = ""
	}
	return one, err
}

// SenderNamed is the sender of that name, or db.NotFound. It needs
// access.ImportFile.
func (s *Service) SenderNamed(ctx context.Context, by access.Actor, name string) (Sender, error) {
	var out Sender
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		var err error
		out, err = senderWhere(tx, by.Register, "name = $1", strings.Join(strings.Fields(name), " "))
		return err
	})
	return out, err
}

const (
	sqlWords    = `SELECT list, words, code FROM sender_word WHERE register = $1`
	sqlTeach    = `INSERT INTO sender_word (register, list, words, code, act) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (register, list, words) DO UPDATE SET code = excluded.code, act = excluded.act`
	sqlMapping  = `SELECT mapping FROM sender_mapping WHERE register = $1 AND sender = $2 AND kind = $3`
	sqlRemember = `INSERT INTO sender_mapping (register, sender, kind, mapping) VALUES ($1, $2, $3, $4) ON CONFLICT (register, sender, kind) DO UPDATE SET mapping = excluded.mapping`
)

// ownWords are the authority's own table of what senders' words mean.
func ownWords(tx *db.Tx, r id.Register) ([]layout.OwnWord, error) {
	rows, err := tx.Query(sqlWords, int64(r))
	if err != nil {
		return nil, fmt.Errorf("read the table of words: %w", err)
	}
	defer rows.Close()
	var out []layout.OwnWord
	for rows.Next() {
		var w layout.OwnWord
		if err := rows.Scan((*string)(&w.List), &w.Said, &w.Code); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// words is the translator of the day, with the authority's own table.
func (s *Service) words(tx *db.Tx, r id.Register, on civil.Date) (*layout.Words, error) {
	own, err := ownWords(tx, r)
	if err != nil {
		return nil, err
	}
	e, _ := s.Requirement.EditionOn(on)
	return layout.NewWords(e, own)
}

// Teach puts into the authority's table what a sender's words mean, for this
// and every later file, and reads this file again. It needs access.KeepSender.
func (s *Service) Teach(ctx context.Context, by access.Actor, ref id.Ref, list layout.List, said, code string) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, Mapped, Staged, Matched, InReview)
		if err != nil {
			return err
		}
		a, err := act.Begin(tx, by, access.KeepSender, 0, act.Request{Reason: "What a sender's words mean"})
		if err != nil {
			return err
		}
		e, _ := s.Requirement.EditionOn(in.AsAt)
		if _, err := layout.NewWords(e, []layout.OwnWord{{List: list, Said: said, Code: code}}); err != nil {
			return field.Errors{{Field: "code", Message: "Select one of the codes of the list"}}
		}
		if _, err := tx.Exec(sqlTeach, int64(by.Register), string(list), strings.ToLower(strings.Join(strings.Fields(said), " ")), code, int64(a.Number)); err != nil {
			return fmt.Errorf("learn what words mean: %w", err)
		}
		return restart(tx, by.Register, in)
	})
	if err != nil {
		return err
	}
	return s.Work(ctx, by, ref, nil)
}

// read runs fn for somebody who may do the action.
func (s *Service) read(ctx context.Context, by access.Actor, action access.Action, fn func(*db.Tx) error) error {
	if err := access.Decide(by, action, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.DB.Read(ctx, fn)
}
