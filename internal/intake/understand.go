package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/sheet"
)

// Understanding is how a file is thought to be read, for somebody to confirm.
type Understanding struct {
	Intake Intake
	// Book is what the file is; its Format is CTF for a Common Transfer File,
	// which needs no mapping.
	Format, Encoding, Delimiter string
	// Sheets are the names of a workbook's sheets; the Proposal is of the one
	// named in its Mapping.
	Sheets []string
	// Kind is the kind of file that is proposed; Guesses are what else it may be.
	Kind    layout.Kind
	Guesses []layout.KindGuess
	// Proposal has the columns with their reasons, and the questions.
	Proposal layout.Proposal
	// Remembered says that the sender's last file of this kind was read so.
	Remembered bool
	// First are the first rows below the header, three at most, as they stand.
	First []layout.Sample
}

// samples is how many rows are looked at to understand a file.
const samples = 300

// transferFile is the Format of a Common Transfer File.
const transferFile = "CTF"

// Understand proposes how a file is read. kind is the ID of the kind of file,
// "" for the one it was received as or looks like; onSheet is the name of the
// sheet, "" for the one that looks best. It changes nothing, needs
// access.ImportFile and logs that the first rows were shown.
func (s *Service) Understand(ctx context.Context, by access.Actor, ref id.Ref, kind, onSheet string) (Understanding, error) {
	var u Understanding
	usual := false
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		u.Intake = *in
		if kind == "" {
			kind, usual = in.Kind, in.Kind == in.Sender.Kind
		}
		return nil
	})
	if err != nil {
		return u, err
	}
	c := s.content(ctx, by.Register, &u.Intake)
	if u.Intake.transfer(c) {
		u.Format = transferFile
		u.Kind, _ = layout.FindKind("pupil-list")
		return u, s.sawFile(ctx, by)
	}
	book, err := sheet.Open(c, u.Intake.Bytes, sheet.Limits{})
	if err != nil {
		return u, inWords(err)
	}
	u.Format, u.Encoding, u.Delimiter, u.Sheets = book.Format, book.Encoding, book.Delimiter, book.Sheets
	recall := func(kind string) (*layout.Mapping, error) { return s.remembered(ctx, by.Register, &u.Intake, kind) }
	if err := u.best(book, kind, usual, onSheet, recall); err != nil {
		return u, err
	}
	u.Proposal.Mapping.AsAt = u.Intake.AsAt
	return u, s.sawFile(ctx, by)
}

func (s *Service) sawFile(ctx context.Context, by access.Actor) error {
	return s.Sights.See(ctx, act.Sight{By: by, Kind: access.ImportFile, Page: "first rows of a partner's file"})
}

// remembered is how the sender's last file of the kind was read, nil where none was.
func (s *Service) remembered(ctx context.Context, r id.Register, in *Intake, kind string) (*layout.Mapping, error) {
	mapping := ""
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(sqlMapping, int64(r), int64(in.Sender.Key), kind).Scan(&mapping)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}); err != nil || mapping == "" {
		return nil, err
	}
	earlier := &layout.Mapping{}
	if err := json.Unmarshal([]byte(mapping), earlier); err != nil {
		return nil, fmt.Errorf("read how the sender's last file was read: %w", err)
	}
	return earlier, nil
}

// best takes the sheet of which most is understood. usual says that the kind is what
// the sender usually sends, and that nobody has said it of this file.
func (u *Understanding) best(book *sheet.Book, kind string, usual bool, onSheet string, recall func(string) (*layout.Mapping, error)) error {
	most := -1
	var refused error
	for at, name := range book.Sheets {
		if onSheet != "" && name != onSheet || onSheet == "" && len(book.Sheets) > 1 && book.Hidden[at] {
			continue
		}
		rows, err := sampled(book, at)
		if err != nil {
			refused = err
			continue
		}
		if len(rows) == 0 {
			continue
		}
		k, p, guesses, remembered, err := asKind(rows, kind, usual, recall)
		if err != nil {
			return err
		}
		understood := 0
		for _, c := range p.Columns {
			if c.Item != layout.None {
				understood++
			}
		}
		if understood <= most {
			continue
		}
		most = understood
		p.Mapping.Sheet, p.Mapping.Kind = name, k.ID
		u.Kind, u.Guesses, u.Proposal, u.First, u.Remembered = k, guesses, p, nil, remembered
		for _, r := range rows {
			if r.Number >= p.FirstRow && len(u.First) < 3 {
				u.First = append(u.First, r)
			}
		}
	}
	switch {
	case most >= 0:
		return nil
	case refused != nil:
		return refused
	}
	return refuse("There is no row in the file. Look whether the right file, and the right sheet, was chosen.")
}

// asKind understands rows as the kind that was said; as the one that the sender
// usually sends, where they do not look like another; else as what they look like.
func asKind(rows []layout.Sample, kind string, usual bool, recall func(string) (*layout.Mapping, error)) (k layout.Kind, p layout.Proposal, guesses []layout.KindGuess, remembered bool, err error) {
	guesses = layout.Guess(rows)
	k, said := layout.FindKind(kind)
	if !said && len(guesses) > 0 {
		k = guesses[0].Kind
	}
	understand := func() error {
		earlier, err := recall(k.ID)
		if err != nil {
			return err
		}
		p, remembered = layout.Understand(rows, k, earlier), earlier != nil
		if said && usual && k.Known && len(guesses) > 0 && guesses[0].Kind.ID != "people" && !guessed(guesses, k) && !sameColumns(earlier, p) {
			said, k = false, guesses[0].Kind
		}
		return nil
	}
	before := k.ID
	if err = understand(); err == nil && k.ID != before {
		err = understand()
	}
	return k, p, guesses, remembered, err
}

func guessed(guesses []layout.KindGuess, k layout.Kind) bool {
	return slices.ContainsFunc(guesses, func(g layout.KindGuess) bool { return g.Kind.ID == k.ID })
}

// sameColumns says that the file has all columns that were of use the last time.
func sameColumns(earlier *layout.Mapping, p layout.Proposal) bool {
	if earlier == nil {
		return false
	}
	for _, c := range earlier.Columns {
		if c.Item != layout.None && !slices.ContainsFunc(p.Columns, func(o layout.Column) bool { return o.Header == c.Header }) {
			return false
		}
	}
	return true
}

func sampled(book *sheet.Book, at int) ([]layout.Sample, error) {
	rows, err := book.Rows(at, sheet.Mark{})
	if err != nil {
		return nil, err
	}
	var out []layout.Sample
	for len(out) < samples {
		r, ok := rows.Next()
		if !ok {
			return out, inWords(rows.Err())
		}
		out = append(out, layout.Sample{Number: r.Number, Cells: slices.Clone(r.Cells)})
	}
	return out, nil
}

// Confirmation is how somebody says that a file is to be read.
type Confirmation struct {
	// Mapping is a Proposal's, as it was corrected; it is left empty for a
	// Common Transfer File.
	Mapping layout.Mapping
	// AsAt is the day on which what the file says was so; none keeps what was
	// said when it was received.
	AsAt civil.Date
	// Whole takes it as a full roll; it counts only for kinds that may be.
	Whole bool
}

// Confirm settles how the file is read, remembers it for the sender, and makes
// it ready for Work. A file that is in review is read again. It needs
// access.ImportFile and returns field.Errors.
func (s *Service) Confirm(ctx context.Context, by access.Actor, ref id.Ref, c Confirmation) error {
	if err := access.Decide(by, access.ImportFile, access.Subject{Register: by.Register}); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		in, err := s.open(tx, by.Register, ref, Received, Mapped, Staged, Matched, InReview)
		if err != nil {
			return err
		}
		if !c.AsAt.IsZero() {
			in.AsAt = c.AsAt
		}
		if in.AsAt.After(civil.On(tx.Now, civil.London())) {
			return field.Errors{{Field: "as-at", Message: "The day of the list must be today or earlier"}}
		}
		if len(c.Mapping.Columns) == 0 && c.Mapping.Kind == "" {
			c.Mapping.Kind = "pupil-list"
		}
		k, ok := layout.FindKind(c.Mapping.Kind)
		if !ok {
			return field.Errors{{Field: "kind", Message: "Select what kind of file it is"}}
		}
		c.Mapping.AsAt = in.AsAt
		in.Kind, in.KindName, in.Mapping, in.Whole = k.ID, k.Name, c.Mapping, c.Whole && k.Full == layout.Full
		if len(c.Mapping.Columns) > 0 {
			if missing := missing(k, c.Mapping); missing != "" {
				return field.Errors{{Field: "columns", Message: "This kind of list (" + k.Name + ") needs " + missing + ". Choose which column holds it"}}
			}
			text, err := json.Marshal(c.Mapping)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(sqlRemember, int64(by.Register), int64(in.Sender.Key), k.ID, string(text)); err != nil {
				return fmt.Errorf("remember how the sender's files are read: %w", err)
			}
		}
		return restart(tx, by.Register, in)
	})
}

// missing names what the kind cannot do without and no column holds, "" for
// nothing.
func missing(k layout.Kind, m layout.Mapping) string {
	has := func(i layout.Item) bool {
		return slices.ContainsFunc(m.Columns, func(c layout.MappedColumn) bool { return c.Item == i }) ||
			slices.ContainsFunc(m.Fixed, func(f layout.Fixed) bool { return f.Item == i })
	}
	// By the sender's own reference alone somebody is met whom an earlier list named.
	byNumber := has(layout.TheirRef) && !has(layout.FullName) && !has(layout.Given) && !has(layout.Family)
	for _, group := range k.Required {
		if slices.ContainsFunc(group, has) || byNumber && slices.Contains(group, layout.FullName) {
			continue
		}
		words := ""
		for i, item := range group {
			if i > 0 {
				words += " or "
			}
			words += item.Words()
		}
		return words
	}
	return ""
}
