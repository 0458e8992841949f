package layout

import (
	"fmt"
	"slices"
	"strings"
)

// headRow is where the header stands in the sample.
type headRow struct {
	at, rows int // rows 0: there is none, and the data begin at at
	names    []string
	why      string
}

// lookedAt is how far down a header is looked for.
const lookedAt = 40

// findHeader finds the header among the first rows: the row with the most cells
// that are names of columns and none that is a person's.
func findHeader(rows []Sample, kind *Kind) headRow {
	best, bestScore := -1, 0
	for i := 0; i < len(rows) && i < lookedAt; i++ {
		if s := headerScore(rows[i].Cells, kind); s > bestScore {
			best, bestScore = i, s
		}
	}
	if best >= 0 && bestScore >= 4 {
		return headerAt(rows, best, kind)
	}
	first := firstFull(rows)
	if h, ok := headerByContrast(rows, first); ok {
		return h
	}
	return headRow{at: first, why: "no row has names of columns; the columns are known by what is in them"}
}

// headerScore is how much a row looks like names of columns: two for each name
// known, one for a text that could be one, and much less for a person's value.
func headerScore(cells []string, kind *Kind) int {
	score, known, data, months := 0, 0, 0, 0
	seen := map[string]bool{}
	for _, cell := range cells {
		text := tidy(cell)
		if text == "" {
			continue
		}
		switch sh := shapeOf(text); sh {
		case dateShape, upnShape, ulnShape, postcodeShape, emailShape, phoneShape, serialShape, ypidShape, longShape, lostShape, ukprnShape, laestabShape:
			if data++; firstOfMonth(text) {
				months++
			}
			continue
		}
		if len(text) > 80 {
			score--
			continue
		}
		n := shipped().headings.name(text, kind)
		switch key := plain(text); {
		case n.sure && !seen[key]:
			score, known = score+3, known+1
			seen[key] = true
		case len(n.candidates) > 0 && !seen[key]:
			score++
			seen[key] = true
		}
	}
	if known == 0 {
		return 0
	}
	if known >= 2 && months > 1 {
		data -= months // the columns of a table by months
	}
	if known == 1 && data == 0 && filledCells(cells) == 1 {
		return min(score, 3) // a title such as "Learner destinations"
	}
	return score - 3*data
}

// headerByContrast takes the first full row for a header where it has no value
// of a person and the rows below it have.
func headerByContrast(rows []Sample, first int) (headRow, bool) {
	if first+1 >= len(rows) {
		return headRow{}, false
	}
	telling := func(cells []string) (n int) {
		for _, c := range cells {
			switch shapeOf(tidy(c)) {
			case dateShape, upnShape, ulnShape, postcodeShape, emailShape, phoneShape, serialShape, longShape, shortShape, codeShape, yesShape, sexShape:
				n++
			}
		}
		return n
	}
	below := telling(rows[first+1].Cells)
	if len(rows) > first+2 {
		below = max(below, telling(rows[first+2].Cells))
	}
	if telling(rows[first].Cells) > 0 || below == 0 {
		return headRow{}, false
	}
	return headRow{at: first, rows: 1, names: names(rows[first].Cells), why: "the first full row has no dates or numbers and those below it have"}, true
}

func firstFull(rows []Sample) int {
	most := 0
	for _, r := range rows {
		most = max(most, filledCells(r.Cells))
	}
	for i, r := range rows {
		if n := filledCells(r.Cells); n*2 >= most && n > 0 {
			return i
		}
	}
	return 0
}

func filledCells(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// headerAt takes the header at a row, with the row before or after it where the
// two are one: "Home address" over "Line 1", "Postcode".
func headerAt(rows []Sample, at int, kind *Kind) headRow {
	own := names(rows[at].Cells)
	h := headRow{at: at, rows: 1, names: own, why: fmt.Sprintf("row %d has the names of columns", rows[at].Number)}
	if at+1 < len(rows) && isSecondLine(rows[at].Cells, rows[at+1].Cells, kind) {
		h.rows = 2
		h.names = joined(spread(rows[at].Cells, rows[at+1].Cells), rows[at+1].Cells, kind)
		h.why = fmt.Sprintf("rows %d and %d together have the names of columns", rows[at].Number, rows[at+1].Number)
		return h
	}
	if at > 0 && rows[at-1].Number+1 == rows[at].Number && isFirstLine(rows[at-1].Cells, rows[at].Cells) && reads(joined(spread(rows[at-1].Cells, rows[at].Cells), rows[at].Cells, kind), kind) >= reads(own, kind) {
		h.at, h.rows = at-1, 2
		h.names = joined(spread(rows[at-1].Cells, rows[at].Cells), rows[at].Cells, kind)
		h.why = fmt.Sprintf("rows %d and %d together have the names of columns", rows[at-1].Number, rows[at].Number)
	}
	return h
}

// isSecondLine says that the row below a header carries it on: short texts, none
// of a person, several of them names of columns, and mostly where the header
// itself is empty or spread over several.
func isSecondLine(head, below []string, kind *Kind) bool {
	filled, known, under := 0, 0, 0
	for i, c := range below {
		text := tidy(c)
		if text == "" {
			continue
		}
		filled++
		switch shapeOf(text) {
		case dateShape, upnShape, ulnShape, postcodeShape, emailShape, phoneShape, serialShape, longShape, commaShape, sexShape, yesShape, codeShape, addressText:
			if plain(text) != "line 1" && plain(text) != "address 1" && len(shipped().headings.name(text, kind).candidates) == 0 {
				return false
			}
		}
		if len(text) > 40 {
			return false
		}
		name := shipped().headings.name(text, kind)
		if name.sure || len(name.candidates) > 0 && len(text) > 3 {
			known++
		}
		if i >= len(head) || tidy(head[i]) == "" || i > 0 && head[i] == head[i-1] || i+1 < len(head) && (head[i] == head[i+1] || tidy(head[i+1]) == "") {
			under++
		}
	}
	return known >= 1 && known*2 >= filled && under*2 >= filled && headerScore(below, kind) > 0
}

// reads is how many names of columns are known.
func reads(names []string, kind *Kind) (n int) {
	for _, name := range names {
		if shipped().headings.name(name, kind).sure {
			n++
		}
	}
	return n
}

// isFirstLine says that the row above a header groups its columns: fewer cells
// filled than below but more than one, or one cell over several.
func isFirstLine(above, head []string) bool {
	groups, filled := 0, 0
	last, furthest := "", 0
	for i, c := range above {
		text := tidy(c)
		if text == "" {
			continue
		}
		filled, furthest = filled+1, i
		if len(text) > 40 || shapeOf(text) == dateShape {
			return false
		}
		if text != last {
			groups++
		}
		last = text
	}
	return groups >= 2 && furthest*2 >= len(head)-1 && filled < filledCells(head)+filledCells(head)/2 && filledCells(head) > groups
}

// spread carries a group's name over the empty cells to its right, as merged
// cells do that a program has written once.
func spread(above, below []string) []string {
	out := make([]string, max(len(above), len(below)))
	last := ""
	for i := range out {
		text := ""
		if i < len(above) {
			text = tidy(above[i])
		}
		if text != "" {
			last = text
		} else if i < len(below) && tidy(below[i]) != "" {
			text = last
		}
		out[i] = text
	}
	return out
}

// joined are the names of columns from two rows. Where the lower name is known
// by itself it is taken with the upper only if that makes another of it: "Parent"
// over "Telephone".
func joined(above, below []string, kind *Kind) []string {
	out := make([]string, max(len(above), len(below)))
	for i := range out {
		up, down := "", ""
		if i < len(above) {
			up = tidy(above[i])
		}
		if i < len(below) {
			down = tidy(below[i])
		}
		switch {
		case down == "" || up == "" || up == down:
			out[i] = up + down
			if up == down {
				out[i] = up
			}
		default:
			out[i] = up + " " + down
			both, alone := shipped().headings.name(out[i], kind), shipped().headings.name(down, kind)
			if alone.sure && !both.sure && !both.others && !containsAny(strings.Fields(plain(up)), carers) {
				out[i] = down
			}
		}
	}
	return out
}

func names(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = tidy(c)
	}
	return out
}

// body are the rows below the header that are persons, as far as one can see.
func body(rows []Sample, h headRow) []Sample {
	if h.at+h.rows >= len(rows) {
		return nil
	}
	out := make([]Sample, 0, len(rows))
	for _, r := range rows[h.at+h.rows:] {
		if n := filledCells(r.Cells); n == 0 || n == 1 && len(h.names) > 3 || h.rows > 0 && slices.Equal(names(r.Cells), h.names) {
			continue
		}
		if at := slices.IndexFunc(r.Cells, func(c string) bool { return tidy(c) != "" }); at < 0 || mayBeTotal(r.Cells[at]) {
			continue
		}
		out = append(out, r)
	}
	return out
}
