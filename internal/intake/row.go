package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"

	"context"
)

const (
	sqlAddIntake = `INSERT INTO intake (register, id, ref, sender, kind, file_name, bytes, sha256, received_at, actor, actor_name, as_at, state, whole,
		mapping, blocks, done, after_act, counts, message) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', 0, 0, 0, '{}', $15)`
	sqlSetIntake = `UPDATE intake SET kind = $3, bytes = $4, sha256 = $5, as_at = $6, state = $7, whole = $8, mapping = $9, blocks = $10, done = $11,
		after_act = $12, counts = $13, act = $14, undone_by = $15, message = $16 WHERE register = $1 AND id = $2`
	sqlIntakes = `SELECT i.id, i.ref, i.kind, i.file_name, i.bytes, i.sha256, i.received_at, i.actor_name, i.as_at, i.state, i.whole, i.mapping, i.blocks, i.done,
		i.after_act, i.counts, COALESCE(i.act, 0), COALESCE(i.undone_by, 0), i.message,
		s.id, s.ref, s.name, s.kind, s.agreement, s.agreement_ends, s.tolerance, s.sends_full, s.place
		FROM intake i JOIN sender s ON s.register = i.register AND s.id = i.sender`
)

func intakes(tx *db.Tx, w db.Where, tail string) ([]Intake, error) {
	rows, err := tx.Query(sqlIntakes+w.SQL()+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the partners' files: %w", err)
	}
	defer rows.Close()
	var out []Intake
	for rows.Next() {
		var in Intake
		var received db.Instant
		var mapping, counts string
		s := &in.Sender
		if err := rows.Scan((*int64)(&in.ID), (*string)(&in.Ref), &in.Kind, &in.FileName, &in.Bytes, &in.SHA256, &received, &in.By, &in.AsAt, (*string)(&in.State),
			&in.Whole, &mapping, &in.Of, &in.Done, (*int64)(&in.after), &counts, (*int64)(&in.Act), (*int64)(&in.UndoneBy), &in.Message,
			(*int64)(&s.Key), (*string)(&s.Ref), &s.Name, &s.Kind, &s.Agreement, &s.AgreementEnds, &s.Tolerance, &s.SendsFull, &s.Place); err != nil {
			return nil, fmt.Errorf("read the partners' files: %w", err)
		}
		in.ReceivedAt = received.Time
		if err := json.Unmarshal([]byte(counts), &in.Counts); err != nil {
			return nil, fmt.Errorf("read what a file came to: %w", err)
		}
		if mapping != "" {
			if err := json.Unmarshal([]byte(mapping), &in.Mapping); err != nil {
				return nil, fmt.Errorf("read how a file is read: %w", err)
			}
		}
		if k, ok := layout.FindKind(in.Kind); ok {
			in.KindName = k.Name
		}
		out = append(out, in)
	}
	return out, rows.Err()
}

func one(tx *db.Tx, r id.Register, ref id.Ref) (*Intake, error) {
	var w db.Where
	w.And("i.register = $1 AND i.ref = $2", int64(r), string(ref))
	list, err := intakes(tx, w, "")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, db.NotFound
	}
	return &list[0], nil
}

// open is one file that must be in one of the states.
func (s *Service) open(tx *db.Tx, r id.Register, ref id.Ref, states ...State) (*Intake, error) {
	in, err := one(tx, r, ref)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(states, in.State) {
		return nil, refuse("The file is " + string(in.State) + " by now; look at it again.")
	}
	return in, nil
}

// save writes down how far the file has come.
func save(tx *db.Tx, r id.Register, in *Intake) error {
	counts, err := json.Marshal(in.Counts)
	if err != nil {
		return err
	}
	mapping := ""
	if len(in.Mapping.Columns) > 0 || in.Mapping.Kind != "" {
		text, err := json.Marshal(in.Mapping)
		if err != nil {
			return err
		}
		mapping = string(text)
	}
	_, err = tx.Exec(sqlSetIntake, int64(r), int64(in.ID), in.Kind, in.Bytes, in.SHA256, in.AsAt.String(), string(in.State), in.Whole, mapping, in.Of, in.Done,
		int64(in.after), string(counts), orNull(int64(in.Act)), orNull(int64(in.UndoneBy)), in.Message)
	if err != nil {
		return fmt.Errorf("note how far the file has come: %w", err)
	}
	return nil
}

func orNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// Get is one file and how far it has come. It needs access.ImportFile.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (Intake, error) {
	var out Intake
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err == nil {
			out = *in
		}
		return err
	})
	return out, err
}

// List are the files, the newest first. It needs access.ImportFile.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Intake, error) {
	var out []Intake
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		var w db.Where
		w.And("i.register = $1", int64(by.Register))
		var err error
		out, err = intakes(tx, w, " ORDER BY i.id DESC")
		return err
	})
	return out, err
}

const (
	sqlDropBlocks   = `DELETE FROM intake_block WHERE register = $1 AND intake = $2`
	sqlDropProblems = `DELETE FROM intake_problem WHERE register = $1 AND intake = $2`
	sqlDropRows     = `DELETE FROM intake_row WHERE register = $1 AND intake = $2`
	sqlDropOutcomes = `DELETE FROM intake_outcome WHERE register = $1 AND intake = $2`
	sqlDropGone     = `DELETE FROM intake_gone WHERE register = $1 AND intake = $2 AND decision = ''`
)

func drop(tx *db.Tx, r id.Register, in *Intake, statements ...string) error {
	for _, sql := range statements {
		if _, err := tx.Exec(sql, int64(r), int64(in.ID)); err != nil {
			return fmt.Errorf("begin a stage anew: %w", err)
		}
	}
	return nil
}

// restart has the file read again from its beginning; decisions stay.
func restart(tx *db.Tx, r id.Register, in *Intake) error {
	in.State, in.Of, in.Done, in.Counts = Mapped, 0, 0, Counts{}
	if err := drop(tx, r, in, sqlDropBlocks, sqlDropProblems, sqlDropRows, sqlDropAside, sqlDropOutcomes, sqlDropGone); err != nil {
		return err
	}
	return save(tx, r, in)
}

// rematch has the rows matched again; decisions stay.
func rematch(tx *db.Tx, r id.Register, in *Intake) error {
	in.State, in.Done = Staged, 0
	if err := drop(tx, r, in, sqlDropRows, sqlDropAside, sqlDropOutcomes); err != nil {
		return err
	}
	return save(tx, r, in)
}

// Cancel puts a file away; nothing was changed, and its bytes go. It needs
// access.ImportFile.
func (s *Service) Cancel(ctx context.Context, by access.Actor, ref id.Ref) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	s.Stop(ref)
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, Received, Mapped, Staged, Matched, InReview)
		if err != nil {
			return err
		}
		return put(tx, by.Register, in, Cancelled, "Put away by "+by.Name+". Nothing was changed.")
	})
}

const sqlDropContent = `DELETE FROM intake_content WHERE register = $1 AND intake = $2`

// put ends a file without an act: what was staged of it goes.
func put(tx *db.Tx, r id.Register, in *Intake, state State, message string) error {
	if err := drop(tx, r, in, sqlDropContent, sqlDropBlocks, sqlDropRows, sqlDropAside, sqlDropOutcomes, sqlDropGone); err != nil {
		return err
	}
	in.State, in.Message = state, message
	return save(tx, r, in)
}

// refusedBy is the message of an error that a person can do something about,
// "" where it is another.
func refusedBy(err error) string {
	var refusal Refusal
	if errors.As(err, &refusal) {
		return refusal.Message
	}
	return ""
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
