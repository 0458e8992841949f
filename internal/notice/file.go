package notice

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/layout"
	"waymark/internal/sheet"
)

// File is a list of leavers as it arrives: CSV or a workbook.
type File struct {
	From io.ReaderAt
	Size int64
	// Institution is whose list it is, for staff.
	Institution string
	// Key is the form's one-use key: a file sent twice, or sent again after it was
	// broken off, gives each of its rows once.
	Key string
}

// Taken is what came of a file.
type Taken struct {
	// New and Again are rows that are notices now, or were before; Skipped are rows
	// that are of nobody who has left.
	New, Again, Skipped int
	Faulty              []Fault
}

// Fault is a row that is no notice, with what to do about it.
type Fault struct {
	Row   int
	Words string
}

const (
	// mostRows is how many rows a list of leavers may have. A larger one is an
	// enrolment list, and goes through Files in.
	mostRows = 2000
	// looked is how many rows are looked at to understand a file.
	looked = 300
	// leaversKind is the kind of file whose columns are looked for.
	leaversKind = "starters-leavers"
)

// ReceiveFile takes each row of a list of leavers as a notice. Rows without a
// leaving date and a reason are of nobody who has left. A file that cannot be read
// is refused whole, with field.Errors for "file"; a row that cannot be used is told
// with its number, and the others are taken. It needs access.SendNotice.
func (s *Service) ReceiveFile(ctx context.Context, by access.Actor, f File) (Taken, error) {
	if err := access.Decide(by, access.SendNotice, access.Subject{Register: by.Register}); err != nil {
		return Taken{}, err
	}
	var out Taken
	book, rows, reader, header, err := s.open(f)
	if err != nil {
		return out, err
	}
	all, err := book.Rows(0, sheet.Mark{})
	if err != nil {
		return out, refused(err)
	}
	for {
		row, more := all.Next()
		if !more {
			break
		}
		if row.Number < header {
			continue
		}
		if rows++; rows > mostRows {
			return out, noFile(fmt.Sprintf("The list has more than %d rows. Load it under Files in, or in parts: the first %d are taken", mostRows, mostRows))
		}
		if err := s.receiveRow(ctx, by, f, reader, row, &out); err != nil {
			return out, err
		}
	}
	if err := all.Err(); err != nil {
		return out, refused(err)
	}
	if rows == 0 {
		return out, noFile("The list has its headings, and nobody under them")
	}
	return out, nil
}

// open understands a file: it must say by itself what its columns are.
func (s *Service) open(f File) (book *sheet.Book, rows int, reader *layout.Reader, header int, err error) {
	if book, err = sheet.Open(f.From, f.Size, sheet.Limits{}); err != nil {
		return nil, 0, nil, 0, refused(err)
	}
	some, err := book.Rows(0, sheet.Mark{})
	if err != nil {
		return nil, 0, nil, 0, refused(err)
	}
	var first []layout.Sample
	for row, more := some.Next(); more && len(first) < looked; row, more = some.Next() {
		first = append(first, layout.Sample{Number: row.Number, Cells: append([]string(nil), row.Cells...)})
	}
	if err := some.Err(); err != nil {
		return nil, 0, nil, 0, refused(err)
	}
	kind, _ := layout.FindKind(leaversKind)
	p := layout.Understand(first, kind, nil)
	m := p.Mapping
	for _, need := range []struct {
		item  layout.Item
		words string
	}{{layout.DOB, "Date of birth"}, {layout.End, "Leaving date"}} {
		if !slices.ContainsFunc(m.Columns, func(c layout.MappedColumn) bool { return c.Item == need.item }) {
			return nil, 0, nil, 0, noFile("The list has no column called “" + need.words + "”. It needs Given name, Family name, Date of birth and Leaving date; Reason for leaving, Destination, ULN and Postcode help")
		}
	}
	if len(p.Questions) > 0 {
		return nil, 0, nil, 0, noFile("It is not plain how the list is to be read: " + p.Questions[0].Words + ". Write dates like 27/03/2027, with one column for each thing, or load it under Files in")
	}
	e, _ := s.Record.Requirement.EditionOn(s.Today())
	words, err := layout.NewWords(e, nil)
	if err != nil {
		return nil, 0, nil, 0, err
	}
	m.AsAt = s.Today()
	reader, err = layout.NewReader(m, kind, words)
	return book, 0, reader, p.FirstRow, err
}

func (s *Service) receiveRow(ctx context.Context, by access.Actor, f File, reader *layout.Reader, row sheet.Row, out *Taken) error {
	var read layout.Row
	reader.Read(row.Number, row.Cells, &read)
	if read.Skip != "" || read.Values[layout.End] == "" && read.Values[layout.LeavingReason] == "" && !faultAt(&read, layout.End) {
		out.Skipped++
		return nil
	}
	for _, p := range read.Problems {
		if !p.Mended && (p.Fatal || p.Item == layout.End || p.Item == layout.DOB) {
			out.Faulty = append(out.Faulty, Fault{row.Number, joinColumn(p)})
			return nil
		}
	}
	said := Said{Kind: Left, Given: read.Values[layout.Given], Family: read.Values[layout.Family], Born: day(read.Values[layout.DOB]), Postcode: read.Values[layout.Postcode],
		ULN: read.Values[layout.ULN], UPN: read.Values[layout.UPN], TheirRef: read.Values[layout.TheirRef], LeftOn: day(read.Values[layout.End]), Destination: read.Values[layout.Destination]}
	if code := read.Values[layout.LeavingReason]; code != "" {
		said.Reasons = []string{code}
	}
	_, err := s.Receive(ctx, by, Sent{Said: said, Channel: ByFile, Institution: f.Institution, Position: row.Number, Key: rowKey(f.Key, row.Number)})
	var wrong field.Errors
	switch {
	case err == nil:
		out.New++
	case errors.Is(err, act.ErrRepeated):
		out.Again++
	case errors.As(err, &wrong) && wrong[0].Field != "institution":
		out.Faulty = append(out.Faulty, Fault{row.Number, wrong.Error()})
	default:
		return err
	}
	return nil
}

func faultAt(r *layout.Row, item layout.Item) bool {
	for _, p := range r.Problems {
		if p.Item == item {
			return true
		}
	}
	return false
}

func joinColumn(p layout.Problem) string {
	if p.Column == "" {
		return p.Words
	}
	return p.Column + ": " + p.Words
}

// rowKey is the one-use key of one row of a file.
func rowKey(file string, row int) string { return PartKey(file, fmt.Sprintf("row %d", row)) }

// PartKey is the one-use key of one part of what was sent with a key: a row, or
// one of several people.
func PartKey(whole, part string) string {
	if whole == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(whole + " " + part))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

func day(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

func noFile(words string) error { return field.Errors{{Field: "file", Message: words}} }

// refused makes a complaint of what a sheet refuses, with the row where it is one.
func refused(err error) error {
	var r sheet.Refused
	if errors.As(err, &r) {
		words := r.Error()
		return noFile(strings.ToUpper(words[:1]) + words[1:])
	}
	return err
}
