package reference

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/dataset"
	"waymark/internal/db"
	"waymark/internal/place"
	"waymark/internal/sheet"
)

// How many rows are staged as one piece: a fraction of a second each.
const (
	pieceRows      = 4000
	piecePostcodes = 10_000 // which share rows of the database by sector
	pieceWards     = 200
)

// Load reads a file, finds out what it is, and puts it in force in the place of
// the set of its kind before it, as one act. The same file again changes
// nothing and says so. The error is a Refusal where the file cannot be loaded
// as it is; then, and where ctx ends first, everything is as it was. It needs
// access.KeepReference. progress, which may be nil, is called now and then from
// the calling goroutine.
func (s *Service) Load(ctx context.Context, by access.Actor, f File, progress func(Progress)) (Report, error) {
	if err := access.Decide(by, access.KeepReference, access.Subject{Register: by.Register}); err != nil {
		return Report{}, err
	}
	l := &load{s: s, by: by, file: f, tell: progress, began: s.DB.Now()}
	l.report.FileName, l.report.Bytes = baseName(f.Name), f.Size
	if l.tell == nil {
		l.tell = func(Progress) {}
	}
	err := l.run(ctx)
	l.report.Took = s.DB.Now().Sub(l.began)
	if err == nil {
		return l.report, nil
	}
	if l.report.ID != 0 {
		// What was staged must go though the load was stopped.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if gone := s.discard(after, by.Register, l.report.Set); gone != nil && !db.IsFull(gone) {
			err = errors.Join(err, gone)
		}
	}
	var refused sheet.Refused
	var noWards place.NotWards
	switch {
	case errors.As(err, &refused):
		err = refuse("The file was not loaded: " + refused.Error() + ".")
	case errors.As(err, &noWards):
		err = refuse("The file was not loaded: " + noWards.Error() + ".")
	case db.IsDuplicate(err):
		err = refuse("The file was not loaded: a number or a code stands in it twice, where each may stand once. Download it again.")
	case db.IsFull(err):
		err = refuse("There is no room left on the disk of the database. Nothing was changed: make room there, then load the file again.")
	}
	return l.report, err
}

// baseName leaves out the folders of a name, of either kind of machine.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

// load is one file on its way.
type load struct {
	s      *Service
	by     access.Actor
	file   File
	areas  areas
	report Report
	began  time.Time
	parts  int
	tell   func(Progress)
	told   time.Time
	rows   int // read
}

func (l *load) run(ctx context.Context) error {
	if l.file.Size == 0 {
		return refuse("The file is empty. Download it again.")
	}
	var err error
	if l.areas, l.report.Areas, err = parseAreas(l.file.Areas); err != nil {
		return err
	}
	if looksLikeJSON(l.file, l.file.Size) {
		return l.wards(ctx)
	}
	return l.table(ctx)
}

// table loads a file of rows.
func (l *load) table(ctx context.Context) error {
	book, err := sheet.Open(l.file, l.file.Size, limits)
	if err != nil {
		return err
	}
	rows, kind, headings, err := l.head(book)
	if err != nil {
		return err
	}
	at, missing, _ := kind.columnsOf(headings)
	if len(missing) > 0 {
		return refuse(fmt.Sprintf("The file looks like %s, but has not the column %s. Nothing was changed: download it again, with all its columns.", kind.what, strings.Join(missing, ", ")))
	}
	if kind.kind == dataset.Postcodes && at[lsoa11] < 0 && at[lsoa21] < 0 {
		return refuse("The file looks like " + kind.what + ", but has neither the column lsoa21 nor lsoa11. Nothing was changed: download it again, with all its columns.")
	}
	if !l.areas.everywhere() && kind.kind != dataset.Postcodes {
		return refuse("Only the postcode directory and wards can be narrowed to areas. Leave out the areas and load " + kind.what + " whole.")
	}
	if err := l.endsWell(book); err != nil {
		return err
	}
	l.report.Kind = kind.kind
	l.report.Edition, l.report.Basis = edition(kind.kind, l.report.FileName, headings, &at)
	if done, err := l.begin(ctx); done || err != nil {
		return err
	}
	if err := l.stage(ctx, rows, &line{at: &at, headings: headings}, batchOf(kind.kind, l.areas)); err != nil {
		return err
	}
	return l.enforce(ctx)
}

// head finds the sheet whose first row has the headings of a kind.
func (l *load) head(book *sheet.Book) (*sheet.Rows, layout, []string, error) {
	for i := range book.Sheets {
		rows, err := book.Rows(i, sheet.Mark{})
		if err != nil {
			return nil, layout{}, nil, err
		}
		first, ok := rows.Next()
		if !ok {
			if err := rows.Err(); err != nil {
				return nil, layout{}, nil, err
			}
			continue
		}
		if kind, headings, ok := recognise(first.Cells); ok {
			return rows, kind, headings, nil
		}
	}
	return nil, layout{}, nil, refuse("The file is none of those that can be loaded here: by the headings of its first row it is neither the list of establishments or of their links (GIAS), " +
		"nor UK provider reference numbers, the postcode directory (NSPL or ONSPD), the indices of deprivation (file 7), or wards (GeoJSON).")
}

// endsWell refuses a CSV file whose last line does not end, as all published
// ones do: it was cut.
func (l *load) endsWell(book *sheet.Book) error {
	if book.Format != "CSV" || l.file.Whole || strings.HasPrefix(book.Encoding, "UTF-16") {
		return nil
	}
	var last [1]byte
	if n, err := l.file.ReadAt(last[:], l.file.Size-1); n == 0 {
		return err
	}
	if last[0] != '\n' && last[0] != '\r' {
		return refuse("The file ends in the middle of a line, so not all of it may have arrived. Nothing was changed: download it again. If you are sure that it is whole, say so and load it again.")
	}
	return nil
}

// begin ends the load where the very file is in force; else it notes the set.
func (l *load) begin(ctx context.Context) (done bool, err error) {
	if err := l.s.Recover(ctx, l.by.Register); err != nil {
		return false, err
	}
	if l.report.SHA256, err = sum(ctx, l.file); err != nil {
		return false, err
	}
	err = l.s.DB.Read(ctx, func(tx *db.Tx) error {
		former, ok, err := dataset.InForce(tx, l.by.Register, l.report.Kind, 0)
		if ok {
			l.report.Former = &former
		}
		return err
	})
	if err != nil {
		return false, err
	}
	if f := l.report.Former; f != nil && f.SHA256 == l.report.SHA256 && f.Areas == l.report.Areas {
		l.report.Set, l.report.Unchanged = *f, true
		return true, nil
	}
	return false, l.s.DB.InTx(ctx, func(tx *db.Tx) error { return dataset.Receive(tx, l.by, &l.report.Set) })
}

func sum(ctx context.Context, f File) (string, error) {
	h := sha256.New()
	in := io.NewSectionReader(f, 0, f.Size)
	for {
		n, err := io.CopyN(h, in, 64<<20)
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", fmt.Errorf("read the file: %w", err)
		}
		if n == 0 || ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}

// stage reads the rows and stages them, one piece being written while the next
// is read.
func (l *load) stage(ctx context.Context, rows *sheet.Rows, at *line, b batch) error {
	some := pieceRows
	if l.report.Kind == dataset.Postcodes {
		some = piecePostcodes
	}
	w := l.writer(ctx)
	err := l.read(ctx, rows, at, b, some, w)
	if failed := w.close(); failed != nil {
		return failed
	}
	return err
}

func (l *load) read(ctx context.Context, rows *sheet.Rows, at *line, b batch, some int, w *writer) error {
	for {
		row, ok := rows.Next()
		if !ok {
			break
		}
		at.row = row
		if len(row.Cells) < len(at.headings) && rows.Mark().Offset > 0 {
			return refuse(fmt.Sprintf("Row %d has %d columns, where there are %d in the others: the file is damaged there, or was cut. Nothing was changed: download it again.",
				row.Number, len(row.Cells), len(at.headings)))
		}
		if err := b.add(at); err != nil {
			return err
		}
		if l.rows++; l.rows%pieceRows == 0 {
			l.progress(rows.Mark().Offset)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if b.count() == some {
			if !w.write(b) {
				return nil // close says why
			}
			b = b.fresh()
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if b.count() > 0 {
		w.write(b)
	}
	return nil
}

func (l *load) progress(at int64) {
	now := l.s.DB.Now()
	if now.Sub(l.told) < 200*time.Millisecond {
		return
	}
	l.told = now
	p := Progress{Rows: l.rows, Bytes: at, Size: l.file.Size}
	if took := now.Sub(l.began).Seconds(); took > 0 {
		p.Rate = float64(l.rows) / took
	}
	l.tell(p)
}

// writer stages pieces on a goroutine of its own.
type writer struct {
	pieces chan batch
	failed chan error
	stop   context.CancelFunc
	ended  <-chan struct{}
}

func (l *load) writer(ctx context.Context) *writer {
	ctx, stop := context.WithCancel(ctx)
	w := &writer{pieces: make(chan batch), failed: make(chan error, 1), stop: stop, ended: ctx.Done()}
	go func() {
		for b := range w.pieces {
			if err := l.piece(ctx, b); err != nil {
				stop()
				w.failed <- err
				return
			}
		}
		w.failed <- nil
	}()
	return w
}

// write hands over a piece; false where an earlier one failed.
func (w *writer) write(b batch) bool {
	select {
	case w.pieces <- b:
		return true
	case <-w.ended:
		return false
	}
}

// close waits until all is written.
func (w *writer) close() error {
	close(w.pieces)
	err := <-w.failed
	w.stop()
	return err
}

func (l *load) piece(ctx context.Context, b batch) error {
	l.parts++
	began := l.s.DB.Now()
	err := l.s.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := dataset.Touch(tx, l.by.Register, l.report.Set); err != nil {
			return err
		}
		return b.store(tx, l.by.Register, l.report.ID, l.parts)
	})
	l.report.Entries += b.count()
	l.held(began)
	return err
}

func (l *load) held(began time.Time) {
	l.report.Held = max(l.report.Held, l.s.DB.Now().Sub(began))
}

// fewest is how much of the set before it a newer one has at least, in a
// hundred: one with less was cut, unless somebody says that it is whole.
const fewest = 90

// enforce puts the staged set in force, by one act.
func (l *load) enforce(ctx context.Context) error {
	r := &l.report
	if r.Entries == 0 {
		if !l.areas.everywhere() {
			return refuse("Nothing in the file lies in " + strings.ReplaceAll(r.Areas, ",", ", ") + ". Nothing was changed: look at the areas again.")
		}
		return refuse("The file has headings and no rows under them. Nothing was changed: download it again.")
	}
	if f := r.Former; f != nil && !l.file.Whole && f.Areas == r.Areas && r.Entries < f.Entries*fewest/100 {
		return refuse(fmt.Sprintf("The file has %d rows, and the one that is loaded has %d: not all of it may have arrived. Nothing was changed: download it again. If you are sure that it is whole, say so and load it again.", r.Entries, f.Entries))
	}
	began := l.s.DB.Now()
	defer l.held(began)
	return l.s.DB.InTx(ctx, func(tx *db.Tx) error {
		a, err := act.Begin(tx, l.by, access.KeepReference, 0, act.Request{Reason: "Loaded " + r.FileName, Key: l.file.Key})
		if err != nil {
			return err
		}
		return dataset.Enforce(tx, a, &r.Set)
	})
}

// wards loads a GeoJSON file.
func (l *load) wards(ctx context.Context) error {
	l.report.Kind = dataset.Wards
	if len(l.areas.posts) > 0 {
		return refuse("Wards can be narrowed by their councils' codes, like E08, not by postcodes.")
	}
	if done, err := l.begin(ctx); done || err != nil {
		return err
	}
	b := &gathered[place.Ward]{save: whole(place.AddWards)}
	year, err := place.ReadWards(io.NewSectionReader(l.file, 0, l.file.Size), func(w place.Ward) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !l.areas.everywhere() && w.Authority == "" {
			return refuse("The file does not say in which council ward " + w.Code + " lies, so it cannot be narrowed. Leave out the areas.")
		}
		l.rows++
		if !l.areas.keep(w.Authority, "") {
			return nil
		}
		if b.rows = append(b.rows, w); len(b.rows) < pieceWards {
			return nil
		}
		l.progress(0)
		err := l.piece(ctx, b)
		b.rows = b.rows[:0]
		return err
	})
	if err == nil && len(b.rows) > 0 {
		err = l.piece(ctx, b)
	}
	if err != nil {
		return err
	}
	if year != "" {
		l.report.Edition = "wards of " + year
	}
	return l.enforce(ctx)
}
