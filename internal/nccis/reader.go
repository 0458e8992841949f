package nccis

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"waymark/internal/civil"
)

// Reader takes one return apart, record by record, whoever supplied it and
// whichever edition it follows: both roots, the known spellings, empty
// elements as absent ones (nccis.md 1.1). It holds one window of the file and
// one record, however long the file is.
//
// A Reader refuses what the Department refuses whole (nccis.md 10.2), with a
// *Rejection; it judges no value of a record but cohort status X.
type Reader struct {
	scan   scanner
	root   *item
	name   string // the root as this file spells it
	empty  bool   // the root closed itself
	header Header
	// err is what Next returned last, for ever after.
	err error

	// What has been read of the record at hand. values are stretches of arena.
	position int
	arena    []byte
	values   [FieldCount]stretch
	codes    []stretch
	older    []olderElement
	met      [2]uint64 // the rows of layout.csv that were met
}

// stretch is a piece of the arena.
type stretch struct{ from, to int }

type olderElement struct {
	*item
	value stretch
}

// NewReader reads a file as far as the end of its FileHeader. The error is a
// *Rejection, or the fault of the reading.
func NewReader(r io.Reader) (*Reader, error) {
	text, declared, err := decoded(r)
	if err != nil {
		return nil, err
	}
	rd := &Reader{scan: scanner{src: text, declared: declared}}
	if err := rd.begin(); err != nil {
		return nil, err
	}
	return rd, nil
}

// Header is the file's header. Its codes and dates have the right form;
// whether an authority has the code, CheckFile asks.
func (r *Reader) Header() Header { return r.header }

// Line is the line of the file that has been reached, from 1.
func (r *Reader) Line() int { return r.scan.line() }

func (r *Reader) begin() error {
	s := &r.scan
	if err := s.prolog(); err != nil {
		return err
	}
	s.pos++
	name, err := s.name("an element")
	if err != nil {
		return err
	}
	if !isRoot(string(name)) {
		return s.reject("this is not an NCCIS file: its outermost element is <"+clip(name)+">, where NCCIS or NCCIS and a year should be",
			doNCCIS)
	}
	r.name, r.root = string(name), theLayout().top
	if r.empty, err = s.restOfTag(); err != nil {
		return err
	}
	if r.empty {
		return r.noHeader("the file has no FileHeader")
	}
	c, empty, err := r.child(r.root, r.name)
	if err != nil {
		return err
	}
	if c.item == nil || c.field == WholeRecord {
		return r.noHeader("the file has no FileHeader before its first record")
	}
	if !empty {
		if err := r.node(c); err != nil {
			return err
		}
	}
	return r.checkHeader()
}

// isRoot knows NCCIS and NCCIS2015 with any year (nccis.md 1.1).
func isRoot(name string) bool {
	year, ok := strings.CutPrefix(name, "NCCIS")
	if !ok || year == "" {
		return ok
	}
	n, err := strconv.Atoi(year)
	return err == nil && n >= 2000 && n <= 2099
}

// Next reads the next record into rec, all of which it overwrites; the slices
// that rec has are used again, its strings are not. At the proper end of the
// file it returns io.EOF; else a *Rejection, or the fault of the reading.
func (r *Reader) Next(rec *Record) error {
	if r.err == nil {
		r.err = r.next(rec)
	}
	return r.err
}

func (r *Reader) next(rec *Record) error {
	c, empty, err := r.child(r.root, r.name)
	if err != nil {
		return err
	}
	if c.item == nil {
		if err := r.scan.epilog(r.name); err != nil {
			return err
		}
		return io.EOF
	}
	if c.field != WholeRecord {
		return r.scan.reject("the file has more than one FileHeader", "Send one file for each export; do not join two into one")
	}
	r.clear()
	r.position++
	if !empty {
		if err := r.node(c); err != nil {
			return r.inRecord(err)
		}
	}
	if err := r.checkRecord(); err != nil {
		return r.inRecord(err)
	}
	r.give(rec)
	return nil
}

func (r *Reader) clear() {
	r.arena, r.codes, r.older = r.arena[:0], r.codes[:0], r.older[:0]
	r.values = [FieldCount]stretch{}
	r.met = [2]uint64{}
}

// give turns what was read into a Record with one string.
func (r *Reader) give(rec *Record) {
	text := string(r.arena)
	rec.Position = r.position
	for f := range rec.Values {
		rec.Values[f] = text[r.values[f].from:r.values[f].to]
	}
	rec.Characteristics = rec.Characteristics[:0]
	for _, c := range r.codes {
		rec.Characteristics = append(rec.Characteristics, text[c.from:c.to])
	}
	rec.NoActivities = !r.has(theLayout().fields[ActivitiesNode])
	rec.Unknown = rec.Unknown[:0]
	for _, o := range r.older {
		rec.Unknown = append(rec.Unknown, UnknownElement{Name: o.names[0], Value: text[o.value.from:o.value.to], Editions: o.editions()})
	}
}

func (r *Reader) has(it *item) bool { return r.met[it.id/64]&(1<<(it.id%64)) != 0 }

// inRecord adds to a rejection which record it met.
func (r *Reader) inRecord(err error) error {
	var rej *Rejection
	if !errors.As(err, &rej) || r.position == 0 || rej.Position != 0 {
		return err
	}
	rej.Position = r.position
	if v := r.values[YoungPersonsID]; v.to > v.from && v.to <= len(r.arena) {
		rej.Reason += " (in the record with YoungPersonsID " + clip(r.arena[v.from:v.to]) + ")"
	}
	return rej
}

// checkRecord refuses the two records that the Department refuses a file for.
func (r *Reader) checkRecord() error {
	if !r.has(theLayout().fields[PersonalDetailsNode]) {
		return r.scan.reject("a YoungPersonsRecord has no PersonalDetails", doExportAgain)
	}
	if v := r.values[CohortStatus]; string(r.arena[v.from:v.to]) == "X" {
		return r.scan.reject("a CohortStatus is X, which systems keep for those already reported as left and must never send",
			"In your system give the young person the status with which they left (A, T, E, M, D or L), or leave them out, and export again")
	}
	return nil
}

func (r *Reader) noHeader(reason string) error {
	return r.scan.reject(reason, "Every return begins with a FileHeader that names the database, the authorities and the period: "+lowerFirst(doExportAgain))
}

// checkHeader refuses what the Department refuses in a header, as far as the
// file alone can tell.
func (r *Reader) checkHeader() error {
	h, s := &r.header, &r.scan
	if len(h.DatabaseIDs) == 0 {
		return s.reject("the FileHeader has no DatabaseId", doSetting)
	}
	if len(h.LEACodes) == 0 {
		return s.reject("the FileHeader has no LEACode", doSetting)
	}
	for _, id := range h.DatabaseIDs {
		if _, ok := threeDigits(id); !ok {
			return s.reject("the FileHeader's DatabaseId "+quoted(id)+" is not three digits", doSetting)
		}
	}
	for _, code := range h.LEACodes {
		if _, ok := threeDigits(code); !ok {
			return s.reject("the FileHeader's LEACode "+quoted(code)+" is not three digits", doSetting)
		}
	}
	for _, d := range []struct{ name, value string }{{"DateOfSend", h.DateOfSend}, {"PeriodEnd", h.PeriodEnd}} {
		if d.value == "" {
			return s.reject("the FileHeader has no "+d.name, doSetting)
		}
		if _, err := civil.Parse(d.value); err != nil {
			return s.reject("the FileHeader's "+d.name+" "+quoted(d.value)+" is "+civil.ErrDate.Error(), doSetting)
		}
	}
	return nil
}
