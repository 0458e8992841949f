package layout

import "strings"

// skip says why a row is no person; "" where it may be one. names are the
// columns that name somebody.
func (r *Reader) skip(cells []string) string {
	filled, first, first2 := 0, -1, -1
	for i, c := range cells {
		if c != "" && strings.TrimSpace(c) != "" {
			if filled++; filled == 1 {
				first = i
			} else if filled == 2 {
				first2 = i
			}
			if filled == 5 && !mayBeTotal(cells[first]) && !r.couldBeHeader(cells) {
				return ""
			}
		}
	}
	if filled == 0 {
		return "blank row"
	}
	if r.isHeader(cells) {
		return "the header again"
	}
	if mayBeTotal(cells[first]) && r.isTotal(cells, first, filled) {
		return "a total, not a person"
	}
	if filled == 1 && r.used > 2 && (!r.isName[min(first, len(r.isName)-1)] || noteLike(cells[first]) || r.ofNamedPeople(first)) {
		return "a note, not a person: one cell is filled"
	}
	if filled == 2 && r.used > 3 && noteLike(cells[first]) && !r.saysWho(cells, first2) {
		return "a note, not a person"
	}
	return ""
}

// ofNamedPeople says that the place is that of the sender's own numbers in a list
// that names people besides: such a number alone is the line above a tutor group.
func (r *Reader) ofNamedPeople(at int) bool {
	named := false
	for i := range r.columns {
		switch c := &r.columns[i]; c.Item {
		case TheirRef:
			if c.At != at {
				return false
			}
		case FullName, Family:
			named = true
		}
	}
	return named && r.maps(TheirRef)
}

// couldBeHeader is a quick look at whether the row repeats the header.
func (r *Reader) couldBeHeader(cells []string) bool {
	at := r.firstNamed
	return at >= 0 && at < len(cells) && len(cells[at]) > 0 && strings.EqualFold(strings.TrimSpace(cells[at]), r.mapping.Columns[r.firstNamedColumn].Header)
}

// isHeader says that most cells repeat the header, in either of its rows.
func (r *Reader) isHeader(cells []string) bool {
	same, filled := 0, 0
	for i, c := range r.mapping.Columns {
		if c.At >= len(cells) {
			continue
		}
		cell := tidy(cells[c.At])
		if cell == "" {
			continue
		}
		filled++
		if r.heads[i] != "" && (strings.EqualFold(cell, c.Header) || plain(cell) == r.heads[i] || strings.HasSuffix(r.heads[i], " "+plain(cell)) && c.Item != None) {
			same++
		}
	}
	return same >= 2 && same*10 >= filled*6 || same == 1 && filled == 1 && r.used <= 2
}

// totals are how a row of totals begins.
var totals = [...]string{"total", "grand total", "count", "sum", "number of", "no. of", "no of", "subtotal", "sub total", "sub-total", "overall", "average",
	"all learners", "all students", "all pupils"}

// mayBeTotal says that a cell begins as the first cell of a row of totals does.
func mayBeTotal(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < 3 {
		return false
	}
	switch s[0] | 0x20 {
	case 't', 'g', 'c', 's', 'n', 'o', 'a':
	default:
		return false
	}
	for _, w := range totals {
		if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) && (len(s) == len(w) || !isASCIILetter(s[len(w)]) || s[len(w)]|0x20 == 's') {
			return true
		}
	}
	return false
}

// isTotal says that a row whose first cell begins as totals do counts rather
// than names: no birth date, no number of a person, and hardly more than figures.
func (r *Reader) isTotal(cells []string, first, filled int) bool {
	for _, c := range r.mapping.Columns {
		if c.At >= len(cells) || c.At == first {
			continue
		}
		switch cell := tidy(cells[c.At]); c.Item {
		case DOB:
			if sh := shapeOf(cell); sh == dateShape || sh == serialShape {
				return false
			}
		case UPN, ULN, Postcode:
			if sh := shapeOf(cell); sh == upnShape || sh == ulnShape || sh == postcodeShape {
				return false
			}
		case Given, Family:
			if cell != "" && countDigits(cell) == 0 && !strings.HasPrefix(cell, "=") {
				return false
			}
		}
	}
	return true
}

// noteLike says that a cell is a sentence, a page number, a line under a table.
func noteLike(s string) bool {
	s = strings.TrimSpace(s)
	lower := strings.ToLower(s)
	for _, w := range []string{"page ", "report ", "produced", "printed", "generated", "source", "note", "end of", "exported", "run on", "run by", "confidential", "official", "key:", "key ", "*", "n.b", "nb", "please", "date:", "prepared", "created", "data as", "as at", "copyright", "©", "contact ", "this ", "these ", "filter", "selected", "total", "applied filters", "sensitive", "no more", "---", "==="} {
		if strings.HasPrefix(lower, w) && (len(lower) == len(w) || !isASCIILetter(w[len(w)-1]) || !isASCIILetter(lower[len(w)]) || w == "filter") {
			return true
		}
	}
	return strings.Count(s, " ") >= 4
}

// saysWho says that a cell of a column that names or numbers somebody is filled.
func (r *Reader) saysWho(cells []string, at int) bool {
	if at < 0 || at >= len(r.isName) {
		return false
	}
	return r.isName[at]
}
