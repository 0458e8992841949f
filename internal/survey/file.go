package survey

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/register"
)

// WriteCSV writes the file: a line for each school and sex, under the headings
// of columns.csv. It holds numbers alone.
func (s *State) WriteCSV(w io.Writer, authority string) error {
	out := csv.NewWriter(w)
	head := []string{"LA code", "Establishment number", "Establishment", "Sex", "Cohort"}
	for _, c := range s.Columns {
		head = append(head, c.Heading)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, r := range s.Rows() {
		line := []string{authority, defused(r.School.Number), defused(r.School.Name), defused(r.Sex), strconv.Itoa(r.Total)}
		for _, n := range r.Counts {
			line = append(line, strconv.Itoa(n))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// defused keeps a spreadsheet from taking a name for a formula.
func defused(text string) string {
	if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@' || text[0] == '\t' || text[0] == '\r') {
		return "'" + text
	}
	return text
}

// Filed is a survey as it was filed: it never changes afterwards.
type Filed struct {
	Year   int
	At     time.Time
	By     string
	People int
	// SHA256 is of the bytes, in hexadecimal.
	SHA256 string
	Bytes  []byte
}

const (
	sqlFiled = `SELECT s.people, s.sha256, s.bytes, a.at, a.actor_name FROM survey s JOIN act a ON a.register = s.register AND a.number = s.known_from
		WHERE s.register = $1 AND s.year = $2`
	sqlFile = `INSERT INTO survey (register, year, people, sha256, bytes, known_from) VALUES ($1, $2, $3, $4, $5, $6)`
)

// Filed is the survey of a year as it was filed, nil where it was not. It needs
// access.SeeYear.
func (s *Service) Filed(ctx context.Context, by access.Actor, year int) (*Filed, error) {
	if err := access.Decide(by, access.SeeYear, access.Subject{Register: by.Register}); err != nil {
		return nil, err
	}
	var f *Filed
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		f, err = filed(tx, by.Register, year)
		return err
	})
	return f, err
}

func filed(tx *db.Tx, r id.Register, year int) (*Filed, error) {
	rows, err := tx.Query(sqlFiled, int64(r), year)
	if err != nil {
		return nil, fmt.Errorf("read the filed survey: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	f := Filed{Year: year}
	var at db.Instant
	if err := rows.Scan(&f.People, &f.SHA256, &f.Bytes, &at, &f.By); err != nil {
		return nil, err
	}
	f.At = at.Time
	return &f, rows.Err()
}

// File freezes the survey of a year as it is known now: its bytes, their hash and
// who filed it. It is filed once, from 1 November on. It needs access.FileSurvey,
// and returns NoBaseline, field.Errors for "file", or act.ErrRepeated.
func (s *Service) File(ctx context.Context, by access.Actor, year int, key string) (Filed, error) {
	var out Filed
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, by, access.FileSurvey, 0, act.Request{Key: key, Reason: fmt.Sprintf("Annual Activity Survey of %d", year)})
		if err != nil {
			return err
		}
		before, err := filed(tx, by.Register, year)
		switch {
		case err != nil:
			return err
		case before != nil:
			return field.Errors{{Field: "file", Message: fmt.Sprintf("The survey of %d was filed already, by %s on %s", year, before.By, civil.On(before.At, civil.London()).Words())}}
		case civil.On(tx.Now, civil.London()).Before(Reference(year)):
			return field.Errors{{Field: "file", Message: "File the survey from " + Reference(year).Words() + " on: it asks for that day"}}
		}
		st := &State{Year: year}
		if err := s.state(tx, by.Register, st); err != nil {
			return err
		}
		book, err := register.Of(tx, by.Register)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := st.WriteCSV(&b, book.Codes()[0]); err != nil {
			return err
		}
		sum := sha256.Sum256(b.Bytes())
		out = Filed{Year: year, At: tx.Now, By: by.Name, People: len(st.People), SHA256: hex.EncodeToString(sum[:]), Bytes: b.Bytes()}
		_, err = tx.Exec(sqlFile, int64(by.Register), year, out.People, out.SHA256, out.Bytes, int64(a.Number))
		return err
	})
	if err != nil {
		return Filed{}, fmt.Errorf("file the survey: %w", err)
	}
	return out, nil
}

// Named is one of those asked after, with their row.
type Named = record.With[Person]

// People are those counted in a column, some of them from the one skip on, and how
// many they are. It needs access.ListPeople, and records who was shown.
func (s *Service) People(ctx context.Context, by access.Actor, year int, column string, skip, size int) ([]Named, int, error) {
	if err := access.Decide(by, access.ListPeople, access.Subject{Register: by.Register}); err != nil {
		return nil, 0, err
	}
	st, err := s.On(ctx, by, year, civil.Date{})
	if err != nil {
		return nil, 0, err
	}
	at := slices.IndexFunc(st.Columns, func(c Column) bool { return c.Key == column })
	if at < 0 {
		return nil, 0, db.NotFound
	}
	var fit []Person
	for _, p := range st.People {
		if p.Column == at {
			fit = append(fit, p)
		}
	}
	return record.PageOf(ctx, s.Record, by, access.SeePerson, fit, func(p *Person) id.YoungPerson { return p.Person }, skip, size, "survey people")
}

// HasNone says that the survey has nobody to ask after, or that nothing was known
// on the day, and why.
func HasNone(err error) (string, bool) {
	var none NoBaseline
	var began act.BeforeBegan
	switch {
	case errors.As(err, &none):
		return none.Error(), true
	case errors.As(err, &began):
		return began.Error(), true
	}
	return "", false
}
