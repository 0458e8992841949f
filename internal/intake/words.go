package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/sealed"
)

// SaidWord is what a sender writes in a column of codes, where its meaning is
// not known or was guessed.
type SaidWord struct {
	List layout.List
	Said string
	// Why says what was made of it.
	Why string
	// Code is what it was taken for, "" where nobody knows.
	Code string
	// Rows are in how many rows it stands; 0 where it was guessed, which is told
	// once.
	Rows int
}

const sqlSaidWords = `SELECT row_number, line, code, item, column_name, value, words FROM intake_problem
	WHERE register = $1 AND intake = $2 AND code IN ('word-unknown', 'translated')`

// toldWord is a word with the column in which it stands and what was said of it there.
type toldWord struct{ code, item, column, said string }

// toldWords are the words of a file of which something was told, with what and in
// how many rows: those that nobody knows first, those of most rows first. They
// stand sealed, so that no query can put them together.
func toldWords(tx *db.Tx, r id.Register, in *Intake) (list []toldWord, why map[toldWord]string, rows map[toldWord]int, err error) {
	open, err := sealed.Opener(tx, r)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := tx.Query(sqlSaidWords, int64(r), int64(in.ID))
	if err != nil {
		return nil, nil, nil, err
	}
	defer all.Close()
	why, rows = map[toldWord]string{}, map[toldWord]int{}
	for all.Next() {
		var w toldWord
		var row, line int64
		var words string
		if err := all.Scan(&row, &line, &w.code, &w.item, &w.column, &w.said, &words); err != nil {
			return nil, nil, nil, err
		}
		if w.said, err = open(w.said, problemAt(in.ID, row, line, "value")); err != nil {
			return nil, nil, nil, err
		}
		if rows[w]++; rows[w] == 1 {
			if why[w], err = open(words, problemAt(in.ID, row, line, "words")); err != nil {
				return nil, nil, nil, err
			}
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b toldWord) int {
		return cmp.Or(cmp.Compare(b.code, a.code), cmp.Compare(a.item, b.item), cmp.Compare(rows[b], rows[a]), cmp.Compare(a.said, b.said), cmp.Compare(a.column, b.column))
	})
	return list, why, rows, all.Err()
}

// SaidWords are the words of a file that nobody has said the meaning of yet,
// those that are not known first, and the codes among which to choose, by list.
// It needs access.ImportFile; it shows nobody.
func (s *Service) SaidWords(ctx context.Context, by access.Actor, ref id.Ref) ([]SaidWord, map[layout.List][]layout.Choice, error) {
	var out []SaidWord
	codes := map[layout.List][]layout.Choice{}
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		words, err := s.words(tx, by.Register, in.AsAt)
		if err != nil {
			return err
		}
		list, why, rows, err := toldWords(tx, by.Register, in)
		if err != nil {
			return fmt.Errorf("read the words of the file: %w", err)
		}
		out = nil
		for _, one := range list {
			w := SaidWord{Said: one.said, Why: why[one], Rows: rows[one]}
			if w.List = in.listOf(one.item, one.column); w.List == "" || w.Said == "" {
				continue
			}
			if one.code == translated {
				t, _ := words.Translate(w.List, w.Said)
				w.Code, w.Rows = t.Code, 0
			}
			if slices.ContainsFunc(out, func(o SaidWord) bool { return o.List == w.List && strings.EqualFold(o.Said, w.Said) }) {
				continue
			}
			codes[w.List] = words.Codes(w.List)
			out = append(out, w)
		}
		return nil
	})
	return out, codes, err
}

// listOf is the list into which an item's words are translated in this file.
func (in *Intake) listOf(name, column string) layout.List {
	item, ok := layout.ParseItem(name)
	k, known := layout.FindKind(in.Kind)
	if !ok || !known {
		return ""
	}
	for _, c := range in.Mapping.Columns {
		if c.Item == item && c.Yes != "" && c.Header == column {
			return layout.YesNo
		}
	}
	return k.List(item)
}

// TeachAll puts into the authority's table what several words mean, as one act,
// and reads this file again. A word without a code is one that says nothing. It
// needs access.KeepSender and returns field.Errors.
func (s *Service) TeachAll(ctx context.Context, by access.Actor, ref id.Ref, words []layout.OwnWord, key string) error {
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, Mapped, Staged, Matched, InReview)
		if err != nil {
			return err
		}
		if err := s.teach(tx, by, words, key); err != nil {
			return err
		}
		return restart(tx, by.Register, in)
	})
	if err != nil {
		return err
	}
	return s.Work(ctx, by, ref, nil)
}

func (s *Service) teach(tx *db.Tx, by access.Actor, words []layout.OwnWord, key string) error {
	a, err := act.Begin(tx, by, access.KeepSender, 0, act.Request{Reason: "What senders' words mean", Key: key})
	if err != nil {
		return err
	}
	e, _ := s.Requirement.EditionOn(s.Today())
	for _, w := range words {
		if _, err := layout.NewWords(e, []layout.OwnWord{w}); err != nil || w.Said == "" {
			return field.Errors{{Field: "code", Message: "Select one of the codes of the list"}}
		}
		if _, err := tx.Exec(sqlTeach, int64(by.Register), string(w.List), folded(w.Said), w.Code, int64(a.Number)); err != nil {
			return fmt.Errorf("learn what words mean: %w", err)
		}
	}
	return nil
}

// folded is how words stand in the authority's table.
func folded(said string) string { return strings.ToLower(strings.Join(strings.Fields(said), " ")) }

// TaughtWord is one row of the authority's own table, and who taught it.
type TaughtWord struct {
	layout.OwnWord
	// Means is the code's label.
	Means string
	By    string
	At    time.Time
}

const (
	sqlTaught = `SELECT w.list, w.words, w.code, a.actor_name, a.at FROM sender_word w JOIN act a ON a.register = w.register AND a.number = w.act
		WHERE w.register = $1 ORDER BY w.list, w.words`
	sqlForgetWord    = `DELETE FROM sender_word WHERE register = $1 AND list = $2 AND words = $3`
	sqlMappingsOf    = `SELECT mapping FROM sender_mapping WHERE register = $1 AND sender = $2 ORDER BY kind`
	sqlForgetMapping = `DELETE FROM sender_mapping WHERE register = $1 AND sender = $2 AND kind = $3`
)

// Taught is the authority's own table of what senders' words mean, and the codes
// of each list. It needs access.ImportFile.
func (s *Service) Taught(ctx context.Context, by access.Actor) ([]TaughtWord, map[layout.List][]layout.Choice, error) {
	var out []TaughtWord
	codes := map[layout.List][]layout.Choice{}
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		words, err := s.words(tx, by.Register, s.Today())
		if err != nil {
			return err
		}
		for _, l := range layout.Lists() {
			codes[l] = words.Codes(l)
		}
		rows, err := tx.Query(sqlTaught, int64(by.Register))
		if err != nil {
			return fmt.Errorf("read the table of words: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var w TaughtWord
			var at db.Instant
			if err := rows.Scan((*string)(&w.List), &w.Said, &w.Code, &w.By, &at); err != nil {
				return err
			}
			w.At, w.Means = at.Time, words.Label(w.List, w.Code)
			out = append(out, w)
		}
		return nil
	})
	return out, codes, err
}

// MendWord changes what words of the authority's table mean for files to come,
// or forgets them. It needs access.KeepSender and returns db.NotFound for words
// that are not in the table, and field.Errors.
func (s *Service) MendWord(ctx context.Context, by access.Actor, w layout.OwnWord, forget bool, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		own, err := ownWords(tx, by.Register)
		if err != nil {
			return err
		}
		if !forget {
			if !slices.ContainsFunc(own, func(o layout.OwnWord) bool { return o.List == w.List && o.Said == folded(w.Said) }) {
				return db.NotFound
			}
			return s.teach(tx, by, []layout.OwnWord{w}, key)
		}
		if _, err := act.Begin(tx, by, access.KeepSender, 0, act.Request{Reason: "Words forgotten", Key: key}); err != nil {
			return err
		}
		done, err := tx.Exec(sqlForgetWord, int64(by.Register), string(w.List), folded(w.Said))
		if err != nil {
			return fmt.Errorf("forget what words mean: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return db.NotFound
		}
		return nil
	})
}

// Remembered is how a sender's files were last read, one mapping for each kind of
// file. It needs access.ImportFile and returns db.NotFound.
func (s *Service) Remembered(ctx context.Context, by access.Actor, sender id.Ref) (Sender, []layout.Mapping, error) {
	var who Sender
	var out []layout.Mapping
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		var err error
		if who, err = senderWhere(tx, by.Register, "ref = $1", string(sender)); err != nil {
			return err
		}
		rows, err := tx.Query(sqlMappingsOf, int64(by.Register), int64(who.Key))
		if err != nil {
			return fmt.Errorf("read how the sender's files are read: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			var m layout.Mapping
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				return fmt.Errorf("read how the sender's files are read: %w", err)
			}
			out = append(out, m)
		}
		return rows.Err()
	})
	return who, out, err
}

// Forget forgets how a sender's files of one kind are read: the next is
// understood anew. It needs access.KeepSender.
func (s *Service) Forget(ctx context.Context, by access.Actor, sender id.Ref, kind, key string) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		if _, err := act.Begin(tx, by, access.KeepSender, 0, act.Request{Reason: "How a sender's files are read, forgotten", Key: key}); err != nil {
			return err
		}
		who, err := senderWhere(tx, by.Register, "ref = $1", string(sender))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlForgetMapping, int64(by.Register), int64(who.Key), kind); err != nil {
			return fmt.Errorf("forget how the sender's files are read: %w", err)
		}
		return nil
	})
}
