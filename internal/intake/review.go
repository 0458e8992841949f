package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/life"
	"waymark/internal/match"
	"waymark/internal/sealed"
	"waymark/internal/sheet"
	"waymark/internal/youngperson"
)

// PerPage is how many rows a page holds.
const PerPage = 50

// paged is the tail of a query that asks for one page and one row more.
func paged(w *db.Where, page int) string {
	if page < 1 {
		return ""
	}
	return " LIMIT " + w.Param(int64(PerPage+1)) + " OFFSET " + w.Param(int64((page-1)*PerPage))
}

func cut[T any](list []T, page int) ([]T, bool) {
	if page > 0 && len(list) > PerPage {
		return list[:PerPage], true
	}
	return list, false
}

// Row is one row in review: what it says, whom it is about, what it would
// change.
type Row struct {
	Number int `json:"row"`
	// Name, Born and Place are what the row says of who it is.
	Name  string `json:"name,omitempty"`
	Born  string `json:"born,omitempty"`
	Place string `json:"place,omitempty"`
	// Outcome is one of the outcomes; Answer the matcher's, Decision somebody's.
	Outcome  string `json:"outcome"`
	Answer   string `json:"answer"`
	Decision string `json:"decision,omitempty"`
	// Person is whom it is told to, or fits best; none where there is nobody.
	Person     id.Ref `json:"person,omitempty"`
	PersonName string `json:"person_name,omitempty"`
	// With is the row above that is of the same new person, 0 for none.
	With int `json:"with,omitempty"`
	// Bits is the weight of the match, Sentence what was the same and what not.
	Bits     float64  `json:"bits,omitempty"`
	Sentence string   `json:"sentence,omitempty"`
	Changes  []Change `json:"changes,omitempty"`
	Clashes  int      `json:"clashes,omitempty"`

	yp id.YoungPerson
}

// Filter narrows the rows in review.
type Filter struct {
	// Outcome is one of the outcomes, "" for all.
	Outcome string
	// Clashing leaves those with changes that wait for a choice.
	Clashing bool
	// Row asks for one row; 0 is all.
	Row int
}

const sqlReview = `SELECT r.row_number, r.answer, r.with_row, r.bits, r.sentence, COALESCE(d.answer, ''), COALESCE(o.outcome, ''), COALESCE(o.clashes, 0), COALESCE(o.changes, ''),
	y.id, y.ref, s.given, s.family FROM intake_row r
	LEFT JOIN intake_decision d ON d.register = r.register AND d.intake = r.intake AND d.row_number = r.row_number
	LEFT JOIN intake_outcome o ON o.register = r.register AND o.intake = r.intake AND o.row_number = r.row_number
	LEFT JOIN young_person y ON y.register = r.register AND y.known_to IS NULL
		AND y.id = CASE WHEN COALESCE(o.young_person, 0) <> 0 THEN o.young_person WHEN COALESCE(d.young_person, 0) <> 0 THEN d.young_person ELSE r.young_person END
	LEFT JOIN standing s ON s.register = y.register AND s.young_person = y.id`

// Rows are the rows in review, in the order of the file, with whom they are
// about and what they would change, before and after. page counts from 1. It
// needs access.ImportFile and logs whose rows were shown.
func (s *Service) Rows(ctx context.Context, by access.Actor, ref id.Ref, f Filter, page int) (list []Row, more bool, err error) {
	err = s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		var w db.Where
		w.And("r.register = $1 AND r.intake = $2", int64(by.Register), int64(in.ID))
		if f.Outcome != "" {
			w.And("o.outcome = $1", f.Outcome)
		}
		if f.Clashing {
			w.And("o.clashes > 0")
		}
		if f.Row != 0 {
			w.And("r.row_number = $1", int64(f.Row))
		}
		if list, err = reviewed(tx, by.Register, in.ID, w, paged(&w, page)); err != nil {
			return err
		}
		list, more = cut(list, page)
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].veiled(veil)
		}
		return s.spell(tx, by.Register, in, list)
	})
	if err != nil {
		return nil, false, err
	}
	var people []id.YoungPerson
	for _, r := range list {
		if r.yp != 0 {
			people = append(people, r.yp)
		}
	}
	return list, more, s.see(ctx, by, people, "rows of a partner's file")
}

func reviewed(tx *db.Tx, register id.Register, in id.Import, w db.Where, tail string) ([]Row, error) {
	rows, err := tx.Query(sqlReview+w.SQL()+" ORDER BY r.row_number"+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close()
	var out []Row
	var said []string
	for rows.Next() {
		var r Row
		var bits int64
		var changes string
		var yp *int64
		var ref, given, family *string
		if err := rows.Scan(&r.Number, &r.Answer, &r.With, &bits, &r.Sentence, &r.Decision, &r.Outcome, &r.Clashes, &changes, &yp, &ref, &given, &family); err != nil {
			return nil, fmt.Errorf("read the rows: %w", err)
		}
		r.Bits = float64(bits) / 100
		if yp != nil && ref != nil {
			r.yp, r.Person = id.YoungPerson(*yp), id.Ref(*ref)
		}
		if given != nil && family != nil {
			r.PersonName = joined(" ", *given, *family)
		}
		out, said = append(out, r), append(said, changes)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	open, err := sealed.Opener(tx, register)
	if err != nil {
		return nil, err
	}
	for i, changes := range said {
		r := &out[i]
		text, err := open(changes, changesAt(in, int64(r.Number)))
		if err == nil && text != "" {
			err = json.Unmarshal([]byte(text), &r.Changes)
		}
		if err != nil {
			return nil, fmt.Errorf("read what row %d would change: %w", r.Number, err)
		}
	}
	return out, nil
}

// spell puts beside each row what it says of who it is.
func (s *Service) spell(tx *db.Tx, r id.Register, in *Intake, list []Row) error {
	if in.State.Over() && in.State != Applied {
		return nil
	}
	b := &blocks{tx: tx, r: r, in: in}
	for i := range list {
		row, err := b.row(list[i].Number)
		if err != nil {
			return err
		}
		list[i].Name = joined(" ", row.values[layout.Given], row.values[layout.Middle], row.values[layout.Family])
		list[i].Born, list[i].Place = row.values[layout.DOB], row.values[layout.Postcode]
	}
	return nil
}

// Said is all that one row says, by item in words: for the page on which
// somebody decides. It needs access.ImportFile and logs that the row was shown.
func (s *Service) Said(ctx context.Context, by access.Actor, ref id.Ref, row int) (map[layout.Item]string, []RowProblem, error) {
	out := map[layout.Item]string{}
	var wrong []RowProblem
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		held, err := (&blocks{tx: tx, r: by.Register, in: in}).row(row)
		if err != nil {
			return err
		}
		for _, i := range layout.Items() {
			if held.values[i] != "" {
				out[i] = held.values[i]
			}
		}
		var w db.Where
		w.And("row_number = $1", int64(row))
		wrong, err = problems(tx, by.Register, in.ID, w, "")
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return out, wrong, s.see(ctx, by, nil, "row of a partner's file")
}

// Candidate is somebody whom a row may be about.
type Candidate struct {
	Person         id.Ref
	YoungPersonsID string
	// Name, Born, Place and Numbers are as the register holds them now.
	Name, Born, Place string
	Numbers           []youngperson.Identifier
	// Activity is what they do now, in words.
	Activity string
	// Explanation has the reasons with their weights; Probability what they come
	// to.
	Explanation match.Explanation
	Probability float64

	yp id.YoungPerson
}

// Candidates are the people of the register whom a row may be about, the
// likeliest first, at most n. It needs access.ImportFile and logs who was
// shown.
func (s *Service) Candidates(ctx context.Context, by access.Actor, ref id.Ref, row, n int) ([]Candidate, error) {
	var out []Candidate
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		in, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		m, err := s.matching(tx, by.Register, in)
		if err != nil {
			return err
		}
		defer s.retain(m)
		at := slices.Index(m.numbers, row)
		if at < 0 {
			return db.NotFound
		}
		for _, l := range m.matcher.Candidates(m.table, at, n) {
			if m.veil.Restricted(m.people.who[l.Person]) {
				continue
			}
			out = append(out, Candidate{yp: m.people.who[l.Person], Explanation: m.matcher.Explain(m.table, at, l.Person), Probability: l.Probability()})
		}
		if err := s.describe(tx, by.Register, in, out); err != nil {
			return err
		}
		veil, err := access.VeilOf(tx, by)
		if err != nil {
			return err
		}
		var shown []Candidate
		for _, c := range out {
			if c.veiled(veil) {
				shown = append(shown, c)
			}
		}
		out = shown
		return nil
	})
	if err != nil {
		return nil, err
	}
	people := make([]id.YoungPerson, len(out))
	for i := range out {
		people[i] = out[i].yp
	}
	return out, s.see(ctx, by, people, "whom a row of a partner's file may be about")
}

func (s *Service) describe(tx *db.Tx, r id.Register, in *Intake, list []Candidate) error {
	t, err := s.teller(tx, r, in, foretold)
	if err != nil || len(list) == 0 {
		return err
	}
	people := make([]id.YoungPerson, len(list))
	for i := range list {
		people[i] = list[i].yp
	}
	lives, err := life.Load(tx, fact.Known{Register: r, People: people})
	if err != nil {
		return err
	}
	for _, l := range lives {
		c := &list[slices.Index(people, l.Person.ID)]
		c.Person, c.YoungPersonsID = l.Person.Ref, l.Person.YoungPersonsID
		if n := l.LegalName(t.end); n != nil {
			c.Name = joined(" ", n.Is.Given, n.Is.Middle, n.Is.Family)
		}
		if p := life.InForce(l.Particulars, t.end); p != nil {
			c.Born = p.Is.DOB
		}
		if a := life.InForce(l.Addresses, t.end); a != nil {
			c.Place = addressWords(a.Is)
		}
		for _, i := range l.Identifiers {
			c.Numbers = append(c.Numbers, i.Is)
		}
		if i := l.CurrentSpell(t.end); i >= 0 {
			c.Activity = (&telling{edition: t.edition}).spellWords(&l.Spells[i])
		}
	}
	return nil
}

// FaultyRows writes the rows that cannot be used, as they came and with the
// reasons, as CSV: to be corrected and sent back. It needs access.ImportFile.
func (s *Service) FaultyRows(ctx context.Context, by access.Actor, ref id.Ref, to io.Writer) error {
	var in Intake
	reasons := map[int]string{}
	err := s.read(ctx, by, access.ImportFile, func(tx *db.Tx) error {
		held, err := one(tx, by.Register, ref)
		if err != nil {
			return err
		}
		in = *held
		var w db.Where
		w.And("fatal")
		list, err := problems(tx, by.Register, in.ID, w, "")
		for _, p := range list {
			reasons[p.Row] = joined("; ", reasons[p.Row], joined(": ", p.Column, p.Words))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := s.see(ctx, by, nil, "faulty rows of a partner's file"); err != nil {
		return err
	}
	return s.writeFaulty(ctx, by.Register, &in, reasons, to)
}

func (s *Service) writeFaulty(ctx context.Context, r id.Register, in *Intake, reasons map[int]string, to io.Writer) error {
	c := s.content(ctx, r, in)
	if in.transfer(c) {
		return refuse("A Common Transfer File is corrected in the school's system, and sent again.")
	}
	book, err := sheet.Open(c, in.Bytes, sheet.Limits{})
	if err != nil {
		return inWords(err)
	}
	rows, err := book.Rows(max(0, slices.Index(book.Sheets, in.Mapping.Sheet)), sheet.Mark{})
	if err != nil {
		return err
	}
	out, err := sheet.NewCSV(to)
	if err != nil {
		return err
	}
	head := []string{"What is wrong"}
	for _, column := range in.Mapping.Columns {
		head = append(head, column.Header)
	}
	if err := out.Write(head...); err != nil {
		return err
	}
	for {
		row, ok := rows.Next()
		if !ok {
			break
		}
		if why := reasons[row.Number]; why != "" {
			if err := out.Write(append([]string{why}, row.Cells...)...); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return inWords(err)
	}
	return out.Close()
}
