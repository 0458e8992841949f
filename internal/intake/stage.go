package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/layout"
	"waymark/internal/register"
	"waymark/internal/sealed"
	"waymark/internal/sheet"
)

// blocksAtAll is how many blocks are staged in one transaction.
const blocksAtAll = 8

// read is what was read of one block, on its way into the database.
type read struct {
	rows        []staged
	content     []byte // the rows as they are stored, once they are packed
	count       int
	problems    [][]any
	begins      sheet.Mark
	ends        sheet.Mark
	skipped     int
	unusable    int
	first, last int
}

var (
	errEnough      = errors.New("intake: no more rows are wanted")
	blockColumns   = []string{"register", "intake", "block", "first_row", "last_row", "begins", "ends", "content", "sealed_by"}
	problemColumns = []string{"register", "intake", "row_number", "line", "code", "item", "column_name", "value", "words", "fatal", "mended"}
)

const sqlLastBlock = `SELECT ends, last_row FROM intake_block WHERE register = $1 AND intake = $2 ORDER BY block DESC LIMIT 1`

// stage reads the file row by row into blocks, from where it was broken off.
func (s *Service) stage(ctx context.Context, r id.Register, in *Intake, told func()) error {
	reader, err := s.reader(ctx, r, in)
	if err != nil {
		return err
	}
	s.reread(r, in.ID)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks := make(chan *read, blocksAtAll)
	reader.spare = make(chan []staged, cap(blocks))
	failed := make(chan error, 1)
	go func() {
		defer close(blocks)
		failed <- reader.blocks(ctx, func(b *read) error {
			select {
			case blocks <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	var some []*read
	write := func() error {
		if len(some) == 0 {
			return nil
		}
		if err := s.writeBlocks(ctx, r, in, some); err != nil {
			return err
		}
		some = some[:0]
		told()
		return nil
	}
	var wrong error
	for b := range blocks {
		if wrong != nil {
			continue // the reader ends by itself
		}
		b.pack(reader.spare)
		if some = append(some, b); len(some) == blocksAtAll {
			if wrong = write(); wrong != nil {
				cancel()
			}
		}
	}
	if err := <-failed; wrong == nil {
		wrong = err
	}
	if wrong != nil {
		return wrong
	}
	if err := write(); err != nil {
		return err
	}
	if in.Counts.Read == 0 {
		return refuse("There is no row of a person in the file. Look whether the right file, the right sheet and the right header row were chosen.")
	}
	return s.forward(ctx, r, in, Staged)
}

// forward takes the file to its next state.
func (s *Service) forward(ctx context.Context, r id.Register, in *Intake, to State) error {
	return s.DB.InTx(ctx, func(tx *db.Tx) error {
		next := *in
		next.State, next.Done = to, 0
		if err := s.unmoved(tx, r, in); err != nil {
			return err
		}
		if err := save(tx, r, &next); err != nil {
			return err
		}
		*in = next
		return nil
	})
}

// errMovedOn is that somebody else took the file further, or put it away.
var errMovedOn = errors.New("the file was taken further by somebody else")

// unmoved holds what a stage has in hand against what stands: two processes may
// not work on one file.
func (s *Service) unmoved(tx *db.Tx, r id.Register, in *Intake) error {
	now, err := one(tx, r, in.Ref)
	if err != nil {
		return err
	}
	if now.State != in.State || now.Of != in.Of || now.Done != in.Done {
		return errMovedOn
	}
	return nil
}

func (s *Service) writeBlocks(ctx context.Context, r id.Register, in *Intake, some []*read) error {
	next := *in
	err := s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := s.unmoved(tx, r, in); err != nil {
			return err
		}
		next = *in
		lock, err := sealed.OfRegister(tx, r)
		if err != nil {
			return err
		}
		var rows, problems [][]any
		for _, b := range some {
			row, err := b.row(lock, r, in, next.Of)
			if err != nil {
				return err
			}
			rows, problems = append(rows, row), append(problems, sealedProblems(lock, in.ID, b.problems)...)
			next.Of++
			next.Counts.Read += b.count + b.skipped
			next.Counts.Skipped += b.skipped
			next.Counts.Unusable += b.unusable
		}
		if err := db.BulkInsert(tx, "intake_block", blockColumns, rows); err != nil {
			return err
		}
		if err := db.BulkInsert(tx, "intake_problem", problemColumns, problems); err != nil {
			return err
		}
		return save(tx, r, &next)
	})
	if err == nil {
		*in = next
	}
	return err
}

func (b *read) row(lock sealed.Lock, r id.Register, in *Intake, at int) ([]any, error) {
	begins, err := json.Marshal(b.begins)
	if err != nil {
		return nil, err
	}
	ends, err := json.Marshal(b.ends)
	return []any{int64(r), int64(in.ID), int64(at), int64(b.first), int64(b.last), string(begins), string(ends), lock.Bytes(b.content, blockAt(in.ID, int64(at))), lock.Key()}, err
}

// pack keeps the rows as they are stored and gives their room back: unpacked they
// take ten times as much, and many blocks may wait for the writer.
func (b *read) pack(spare chan<- []staged) {
	b.content, b.count = encode(b.rows), len(b.rows)
	clear(b.rows)
	select {
	case spare <- b.rows[:0]:
	default:
	}
	b.rows = nil
}

// rowReader reads the rows of one file as they are understood.
type rowReader struct {
	s       *Service
	r       id.Register
	in      *Intake
	kind    layout.Kind
	words   *layout.Words
	reader  *layout.Reader
	book    *sheet.Book
	sheet   int
	content *content
	from    sheet.Mark
	after   int // the last row that is staged already
	fixes   map[int]map[layout.Item]string
	spare   chan []staged // rooms for rows that are packed already
	ours    []string      // the codes of the register's authorities
}

func (s *Service) reader(ctx context.Context, r id.Register, in *Intake) (*rowReader, error) {
	k, ok := layout.FindKind(in.Kind)
	if !ok {
		return nil, refuse("The kind of file " + in.Kind + " is no longer known. Choose another.")
	}
	o := &rowReader{s: s, r: r, in: in, kind: k, content: s.content(ctx, r, in)}
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if o.words, err = s.words(tx, r, in.AsAt); err != nil {
			return err
		}
		book, err := register.Of(tx, r)
		if err != nil {
			return err
		}
		o.ours = book.Codes()
		if o.fixes, err = fixes(tx, r, in); err != nil {
			return err
		}
		return o.resume(tx)
	})
	if err != nil {
		return nil, err
	}
	if in.transfer(o.content) {
		return o, nil
	}
	if o.reader, err = layout.NewReader(in.Mapping, k, o.words); err != nil {
		return nil, refuse(capital(err.Error()) + ".")
	}
	if in.Sender.Place {
		o.reader.Place = in.Sender.Name
	}
	if o.book, err = sheet.Open(o.content, in.Bytes, sheet.Limits{}); err != nil {
		return nil, inWords(err)
	}
	if o.sheet = slices.Index(o.book.Sheets, in.Mapping.Sheet); o.sheet < 0 {
		o.sheet = 0
	}
	return o, nil
}

// resume finds where the last block ended.
func (o *rowReader) resume(tx *db.Tx) error {
	if o.in.Of == 0 {
		return nil
	}
	var ends string
	if err := tx.QueryRow(sqlLastBlock, int64(o.r), int64(o.in.ID)).Scan(&ends, &o.after); err != nil {
		return fmt.Errorf("find where reading was broken off: %w", err)
	}
	return json.Unmarshal([]byte(ends), &o.from)
}

// blocks reads on to the end of the file and gives each block as it is full.
func (o *rowReader) blocks(ctx context.Context, emit func(*read) error) error {
	b := o.block(o.from)
	said := map[string]bool{}
	full := func(at sheet.Mark) error {
		b.ends = at
		if len(b.rows)+b.skipped == 0 {
			return nil
		}
		err := emit(b)
		b = o.block(at)
		clear(said)
		return err
	}
	last := o.from
	err := o.each(ctx, func(row *layout.Row, at sheet.Mark) error {
		last = at
		o.take(b, row, said)
		if len(b.rows)+b.skipped < blockRows {
			return nil
		}
		return full(at)
	})
	if err != nil {
		return err
	}
	return full(last)
}

// block is an empty block, in a room that is free where there is one.
func (o *rowReader) block(begins sheet.Mark) *read {
	select {
	case rows := <-o.spare:
		return &read{begins: begins, rows: rows}
	default:
		return &read{begins: begins, rows: make([]staged, 0, blockRows)}
	}
}

// take puts one row into the block.
func (o *rowReader) take(b *read, row *layout.Row, said map[string]bool) {
	if b.first == 0 {
		b.first = row.Number
	}
	b.last = row.Number
	line := 0
	problem := func(p layout.Problem) {
		line++
		b.problems = append(b.problems, []any{int64(o.r), int64(o.in.ID), int64(row.Number), int64(line), p.Code, p.Item.String(), p.Column, p.Value, p.Words, p.Fatal, p.Mended})
	}
	if row.Skip != "" {
		b.skipped++
		problem(layout.Problem{Code: "no-person", Words: capital(row.Skip) + ". The row was left out.", Mended: true})
		return
	}
	one := staged{number: row.Number, values: row.Values}
	for _, p := range row.Problems {
		one.unusable = one.unusable || p.Fatal
		problem(p)
	}
	for _, t := range row.Translations {
		key := string(t.List) + " " + t.Said
		if t.How.Sure() || said[key] {
			continue
		}
		said[key] = true // once a block: the same words mean the same in every row
		problem(layout.Problem{Code: translated, Item: t.Item, Value: t.Said, Words: t.Why + " (" + joined(" ", t.Code, o.words.Label(t.List, t.Code)) + ")", Mended: true})
	}
	if item, code := one.elsewhere(o.ours); code != "" {
		problem(layout.Problem{Code: otherAuthority, Item: item, Column: o.in.Mapping.Header(item), Value: row.Values[item], Words: "This is of authority " + code +
			", which is not this register's. What it says of somebody whom we hold is taken; nobody new is added by it unless somebody decides it.", Mended: true})
	}
	if one.unusable {
		b.unusable++
	}
	b.rows = append(b.rows, one)
}

// translated is the code under which words stand that were translated by guess.
const translated = "translated"

// each gives every row below the header that was not staged already.
func (o *rowReader) each(ctx context.Context, fn func(*layout.Row, sheet.Mark) error) error {
	if o.book == nil {
		return o.eachPupil(ctx, fn)
	}
	rows, err := o.book.Rows(o.sheet, o.from)
	if err != nil {
		return err
	}
	below := o.in.Mapping.HeaderRow + max(o.in.Mapping.HeaderRows, 1) - 1
	if o.in.Mapping.HeaderRow == 0 {
		below = 0
	}
	var row layout.Row
	for n := 0; ; n++ {
		r, ok := rows.Next()
		if !ok {
			return inWords(rows.Err())
		}
		if r.Number <= below {
			continue
		}
		if n%blockRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := o.understand(r, &row); err != nil {
			return err
		}
		if err := fn(&row, rows.Mark()); err != nil {
			return err
		}
	}
}

// understand reads one row, with what somebody wrote in the place of its cells.
func (o *rowReader) understand(r sheet.Row, row *layout.Row) error {
	fixed := o.fixes[r.Number]
	if fixed == nil {
		o.reader.Read(r.Number, r.Cells, row)
		return nil
	}
	m, cells := o.in.Mapping, slices.Clone(r.Cells)
	m.Columns = slices.DeleteFunc(slices.Clone(m.Columns), func(c layout.MappedColumn) bool { _, ok := fixed[c.Item]; return ok })
	m.Fixed = slices.DeleteFunc(slices.Clone(m.Fixed), func(f layout.Fixed) bool { _, ok := fixed[f.Item]; return ok })
	for len(cells) < len(o.in.Mapping.Columns) {
		cells = append(cells, "")
	}
	for item, value := range fixed {
		m.Columns = append(m.Columns, layout.MappedColumn{At: len(cells), Header: item.Words(), Item: item})
		cells = append(cells, value)
	}
	reader, err := layout.NewReader(m, o.kind, o.words)
	if err != nil {
		return err
	}
	reader.Read(r.Number, cells, row)
	return nil
}

// eachPupil gives every pupil of a Common Transfer File.
func (o *rowReader) eachPupil(ctx context.Context, fn func(*layout.Row, sheet.Mark) error) error {
	err := layout.CTF(io.NewSectionReader(o.content, 0, o.in.Bytes), func(row *layout.Row) error {
		if row.Number <= o.after {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for item, value := range o.fixes[row.Number] {
			row.Values[item] = value
			row.Problems = slices.DeleteFunc(row.Problems, func(p layout.Problem) bool { return p.Item == item })
		}
		return fn(row, sheet.Mark{Row: row.Number})
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, errEnough) {
		return refuse("The file cannot be read to its end: " + err.Error() + ". Export it again.")
	}
	return err
}

const sqlFixes = `SELECT row_number, item, value FROM intake_fix WHERE register = $1 AND intake = $2`

func fixes(tx *db.Tx, r id.Register, in *Intake) (map[int]map[layout.Item]string, error) {
	rows, err := tx.Query(sqlFixes, int64(r), int64(in.ID))
	if err != nil {
		return nil, fmt.Errorf("read what was mended: %w", err)
	}
	defer rows.Close()
	type fix struct {
		number      int64
		name, value string
	}
	var all []fix
	for rows.Next() {
		var f fix
		if err := rows.Scan(&f.number, &f.name, &f.value); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	open, err := sealed.Opener(tx, r)
	if err != nil {
		return nil, err
	}
	out := map[int]map[layout.Item]string{}
	for _, f := range all {
		item, ok := layout.ParseItem(f.name)
		if !ok {
			continue
		}
		value, err := open(f.value, fixAt(in.ID, f.number, f.name))
		if err != nil {
			return nil, fmt.Errorf("open what was mended: %w", err)
		}
		number := int(f.number)
		if out[number] == nil {
			out[number] = map[layout.Item]string{}
		}
		out[number][item] = value
	}
	return out, nil
}
