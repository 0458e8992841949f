package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/sheet"
)

const sqlPublications = `SELECT ref, state, made_by, made_at, frozen_by, frozen_at, sha256, content FROM publication`

func read(tx *db.Tx, w db.Where) ([]*Publication, error) {
	rows, err := tx.Query(sqlPublications+w.SQL()+" ORDER BY period DESC, id DESC", w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read what is published: %w", err)
	}
	defer rows.Close()
	var out []*Publication
	for rows.Next() {
		p := &Publication{}
		var made, frozen db.Instant
		var text string
		if err := rows.Scan((*string)(&p.Ref), &p.State, &p.MadeBy, &made, &p.FrozenBy, &frozen, &p.SHA256, &text); err != nil {
			return nil, fmt.Errorf("read what is published: %w", err)
		}
		digest := sha256.Sum256([]byte(text))
		if hex.EncodeToString(digest[:]) != p.SHA256 {
			return nil, fmt.Errorf("publish: what is kept of %s is not what was made: its hash is another", p.Ref)
		}
		if err := json.Unmarshal([]byte(text), &p.Content); err != nil {
			return nil, fmt.Errorf("read what is published: %w", err)
		}
		p.MadeAt, p.FrozenAt = made.Time, frozen.Time
		out = append(out, p)
	}
	return out, rows.Err()
}

func one(tx *db.Tx, r id.Register, ref id.Ref) (*Publication, error) {
	var w db.Where
	w.And("register = $1 AND ref = $2", int64(r), string(ref))
	all, err := read(tx, w)
	if err == nil && len(all) == 0 {
		err = db.NotFound
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// All are the publications and the drafts, the latest month first. It needs
// access.SeePublications.
func (s *Service) All(ctx context.Context, by access.Actor) (all []*Publication, err error) {
	if err := access.Decide(by, access.SeePublications, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1", int64(by.Register))
		all, err = read(tx, w)
		return err
	})
	return all, err
}

// Get is one publication or draft, or db.NotFound. It needs
// access.SeePublications.
func (s *Service) Get(ctx context.Context, by access.Actor, ref id.Ref) (p *Publication, err error) {
	if err := access.Decide(by, access.SeePublications, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		p, err = one(tx, by.Register, ref)
		return err
	})
	return p, err
}

// Public are the frozen publications of a register, the latest month first: for
// anybody.
func (s *Service) Public(ctx context.Context, r id.Register) (all []*Publication, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var w db.Where
		w.And("register = $1 AND state = $2", int64(r), Frozen)
		all, err = read(tx, w)
		return err
	})
	return all, err
}

// PublicOf is the frozen publication of a month, or db.NotFound: for anybody.
func (s *Service) PublicOf(ctx context.Context, r id.Register, m civil.Month) (*Publication, error) {
	all, err := s.Public(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Period == m.String() {
			return p, nil
		}
	}
	return nil, db.NotFound
}

// head are the columns of the file.
func head() []string {
	return []string{"period", "table", "group", "label", "status", "status_words", "count", "percent"}
}

// each calls fn with the lines of the file, everybody once.
func (c *Content) each(fn func(cells ...string) error) error {
	for t, table := range c.Tables {
		for g, l := range table.Lines {
			if t > 0 && g == 0 {
				continue
			}
			kind := table.Kind
			if g == 0 {
				kind = "all"
			}
			for s, n := range l.Numbers {
				if err := fn(c.Period, kind, l.Group, l.Label, c.Statuses[s].Name, c.Statuses[s].Words, n.Count, n.Percent); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// WriteCSV writes one line for each number, and the rules at the end.
func (c *Content) WriteCSV(w io.Writer) error {
	out, err := sheet.NewCSV(w)
	if err != nil {
		return err
	}
	err = out.Write(head()...)
	if err == nil {
		err = c.each(out.Write)
	}
	for _, rule := range c.Rules {
		err = errors.Join(err, out.Write("note", rule, "", "", "", "", "", ""))
	}
	return errors.Join(err, out.Close())
}

// WriteXLSX writes the same as a workbook of one sheet, all of it as text: c and
// z stand among the numbers.
func (c *Content) WriteXLSX(w io.Writer) error {
	book, err := sheet.NewXLSX(w, "Published "+c.Period)
	if err != nil {
		return err
	}
	write := func(cells ...string) error {
		line := make([]any, len(cells))
		for i, text := range cells {
			line[i] = text
		}
		return book.Write(line...)
	}
	err = write(head()...)
	if err == nil {
		err = c.each(write)
	}
	for _, rule := range c.Rules {
		err = errors.Join(err, write("note", rule))
	}
	return errors.Join(err, book.Close())
}

// WriteJSON writes what is published as it is kept: the bytes of its hash.
func (c *Content) WriteJSON(w io.Writer) error {
	text, _, err := c.hash()
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}
