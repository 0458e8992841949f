package match

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
)

// A Table is one list of people, folded and held by columns of numbers: about 110
// bytes a row and nothing that the garbage collector follows.
type Table struct {
	lexicon *Lexicon
	schema  []Kind
	chunks  [][]record
	rows    int
	also    map[uint32][]other // further values of a row's fields
}

// record is one row of a table, every value a number of the lexicon or a packed one.
type record struct {
	given, middle, family uint32
	birth                 birth
	place                 place
	house, street         uint32
	locality, town        uint32
	region, email, school uint32
	phone                 number
	id                    [4]number // ULN, UPN, YoungPersonsID, Number
	sex                   byte
	more                  bool // table.also has further values
	temporary             bool // the UPN is a temporary one
}

// other is a further value of one of a row's fields.
type other struct {
	kind  Kind
	value uint64
}

const chunkRows = 1 << 14

// ErrNothingToMatch is what NewTable returns for columns by which nobody can be
// told from anybody.
var ErrNothingToMatch = errors.New("none of the columns is a name, a birth date or a person's number, so there is nothing to match people by")

// NewTable starts a list whose rows have the columns of the schema. Lists to be
// compared share the lexicon.
func NewTable(l *Lexicon, schema []Kind) (*Table, error) {
	useful := false
	for _, k := range schema {
		if k >= kinds {
			return nil, fmt.Errorf("match: %d is no kind of column", k)
		}
		useful = useful || k == Given || k == Family || k == Birth || k == Email || k >= ULN
	}
	if !useful {
		return nil, ErrNothingToMatch
	}
	return &Table{lexicon: l, schema: schema, also: map[uint32][]other{}}, nil
}

// Len is the number of rows.
func (t *Table) Len() int { return t.rows }

// Add adds a row, its cells in the order of the schema, and returns its number
// from 0. Cells that are missing at the end are empty. The strings are not kept.
func (t *Table) Add(cells []string) int {
	row := t.grow(1)
	w := words{Lexicon: t.lexicon}
	for _, f := range t.read(&w, row, cells, nil) {
		t.keep(f)
	}
	return row
}

// AddMany adds many rows at once, on all cores, and returns the number of the first.
// The table is the same as if they were added one by one.
func (t *Table) AddMany(rows [][]string) int {
	const share = 128 // rows that a core takes at a time
	first := t.grow(len(rows))
	type hand struct {
		further []furtherValue
		again   []int // rows with a word that is new
	}
	hands := make([]hand, min(runtime.GOMAXPROCS(0), len(rows)/share+1))
	t.lexicon.ahead = make([]*ahead, len(hands))
	var next atomic.Int64
	each(len(hands), func(core int) {
		h := &hands[core]
		w := words{Lexicon: t.lexicon, own: newAhead()}
		t.lexicon.ahead[core] = w.own
		for {
			to := int(next.Add(share))
			if to-share >= len(rows) {
				return
			}
			for i := to - share; i < min(to, len(rows)); i++ {
				before := len(h.further)
				h.further = t.read(&w, first+i, rows[i], h.further)
				if w.missed {
					w.missed, h.further = false, h.further[:before]
					*t.at(uint32(first + i)) = record{}
					h.again = append(h.again, i)
				}
			}
		}
	})
	var again []int
	for _, h := range hands {
		for _, f := range h.further {
			t.keep(f)
		}
		again = append(again, h.again...)
	}
	slices.Sort(again)
	w := words{Lexicon: t.lexicon}
	for _, i := range again {
		for _, f := range t.read(&w, first+i, rows[i], nil) {
			t.keep(f)
		}
	}
	t.lexicon.ahead = nil
	return first
}

// read sets the values of a row, and appends those that are further ones.
func (t *Table) read(w *words, row int, cells []string, further []furtherValue) []furtherValue {
	for i, k := range t.schema {
		if i >= len(cells) {
			break
		}
		if cells[i] == "" {
			continue
		}
		if v, more := t.put(w, row, k, cells[i]); more {
			further = append(further, furtherValue{uint32(row), other{k, v}})
		}
	}
	return further
}

// furtherValue is a value of a row that has one of its kind already.
type furtherValue struct {
	row uint32
	other
}

func (t *Table) keep(f furtherValue) {
	t.at(f.row).more = true
	t.also[f.row] = append(t.also[f.row], f.other)
}

// grow makes room for n more rows and returns the number of the first.
func (t *Table) grow(n int) int {
	first := t.rows
	t.rows += n
	for len(t.chunks)*chunkRows < t.rows {
		t.chunks = append(t.chunks, make([]record, chunkRows))
	}
	return first
}

// Also adds a value to a row that is there: the first of its kind is the row's
// value, any further one (a former name, an earlier address, another number) is
// another that the row answers to.
func (t *Table) Also(row int, k Kind, cell string) {
	w := words{Lexicon: t.lexicon}
	if v, more := t.put(&w, row, k, cell); more {
		t.keep(furtherValue{uint32(row), other{k, v}})
	}
}

// put sets the row's value of the kind where it has none; otherwise it returns the
// value as a further one.
func (t *Table) put(w *words, row int, k Kind, cell string) (v uint64, more bool) {
	r := t.at(uint32(row))
	if k == Street {
		cell = w.splitHouse(r, cell)
	}
	v = w.value(r, k, cell)
	if v == 0 {
		return 0, false
	}
	now := r.get(k)
	if now == 0 {
		r.set(k, v)
	}
	return v, now != 0 && now != v
}

// splitHouse takes the house number off the start of an address line.
func (w *words) splitHouse(r *record, line string) string {
	line = strings.TrimSpace(line)
	if line == "" || !isDigit(line[0]) || r.house != 0 {
		return line
	}
	end := 0
	for end < len(line) && line[end] != ' ' && line[end] != ',' {
		end++
	}
	r.house = w.textID(line[:end])
	return strings.TrimLeft(line[end:], " ,")
}

// value is the number under which the cell is held; 0 where it says nothing.
func (w *words) value(r *record, k Kind, cell string) uint64 {
	switch k {
	case Given, Middle, Family:
		return uint64(w.nameID(cell))
	case Birth:
		return uint64(readBirth(cell))
	case Sex:
		return uint64(readSex(cell))
	case Postcode:
		if p, ok := readPostcode(cell); ok {
			return uint64(p)
		}
		if id := w.textID(cell); id != 0 {
			return uint64(id | otherPlace)
		}
		return 0
	case House, Street, Locality, Town, Region, School:
		return uint64(w.textID(cell))
	case Email:
		if !strings.Contains(cell, "@") {
			return 0
		}
		return uint64(w.emailID(cell))
	case Phone:
		return uint64(readPhone(cell))
	case ULN:
		return uint64(readULN(cell))
	case UPN:
		n, temporary := readUPN(cell)
		if r.id[UPN-ULN] == 0 {
			r.temporary = temporary
		}
		return uint64(n)
	case YoungPersonsID, Number:
		return uint64(readNumber(cell))
	}
	return 0
}

// readSex keeps the first letter of male, female, boy, girl, man, woman, or the
// digits 1 and 2; anything else says nothing.
func readSex(s string) byte {
	if s == "" {
		return 0
	}
	switch s[0] | 0x20 {
	case 'm', 'b':
		return 'M'
	case 'f', 'g', 'w':
		return 'F'
	}
	switch s {
	case "1":
		return 'M'
	case "2":
		return 'F'
	}
	return 0
}

func (t *Table) at(row uint32) *record { return &t.chunks[row/chunkRows][row%chunkRows] }

// glance reads both ends of the record, so that the cache has it.
func (r *record) glance() uint64 { return uint64(r.given) ^ uint64(r.sex) }

func (r *record) get(k Kind) uint64 {
	switch k {
	case Given:
		return uint64(r.given)
	case Middle:
		return uint64(r.middle)
	case Family:
		return uint64(r.family)
	case Birth:
		return uint64(r.birth)
	case Sex:
		return uint64(r.sex)
	case Postcode:
		return uint64(r.place)
	case House:
		return uint64(r.house)
	case Street:
		return uint64(r.street)
	case Locality:
		return uint64(r.locality)
	case Town:
		return uint64(r.town)
	case Region:
		return uint64(r.region)
	case Phone:
		return uint64(r.phone)
	case Email:
		return uint64(r.email)
	case School:
		return uint64(r.school)
	case ULN, UPN, YoungPersonsID, Number:
		return uint64(r.id[k-ULN])
	}
	return 0
}

func (r *record) set(k Kind, v uint64) {
	switch k {
	case Given:
		r.given = uint32(v)
	case Middle:
		r.middle = uint32(v)
	case Family:
		r.family = uint32(v)
	case Birth:
		r.birth = birth(v)
	case Sex:
		r.sex = byte(v)
	case Postcode:
		r.place = place(v)
	case House:
		r.house = uint32(v)
	case Street:
		r.street = uint32(v)
	case Locality:
		r.locality = uint32(v)
	case Town:
		r.town = uint32(v)
	case Region:
		r.region = uint32(v)
	case Phone:
		r.phone = number(v)
	case Email:
		r.email = uint32(v)
	case School:
		r.school = uint32(v)
	case ULN, UPN, YoungPersonsID, Number:
		r.id[k-ULN] = number(v)
	}
}
