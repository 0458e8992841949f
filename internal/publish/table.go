package publish

import (
	"fmt"
	"strconv"
)

// Marks that stand where there is no number, as the Department's do.
const (
	// Withheld stands for 1 to 5, or for a number that would give one away.
	Withheld = "c"
	// NotApplicable stands where there is no percentage to be had.
	NotApplicable = "z"
)

// leastBase is the least whole of which a percentage is shown.
const leastBase = 30

// Number is one number as it is published: a count rounded to the nearest 5, 0
// or Withheld; and what percentage of the whole it is, to one decimal place, or
// a mark. The whole itself has no percentage.
type Number struct {
	Count   string `json:"count"`
	Percent string `json:"percent,omitempty"`
}

// Line is a group of people, with a number for each status.
type Line struct {
	Group   string   `json:"group"`
	Label   string   `json:"label"`
	Numbers []Number `json:"numbers"`
}

// Table is the numbers by groups of one kind; the first line is everybody.
type Table struct {
	Kind  string `json:"kind"`
	Words string `json:"words"`
	Lines []Line `json:"lines"`
}

// shownCount is a count as published.
func shownCount(n int, withheld bool) string {
	if withheld {
		return Withheld
	}
	return strconv.Itoa((n + 2) / 5 * 5)
}

// between is what a count can be by the one that is shown: 1 to 5 never is.
func between(n int) [2]int {
	if n == 0 {
		return [2]int{}
	}
	shown := (n + 2) / 5 * 5
	return [2]int{max(largest+1, shown-2), shown + 2}
}

// tenths is part of whole in tenths of a per cent, rounded half up.
func tenths(part, whole int) int { return (2000*part + whole) / (2 * whole) }

// shownPercent is part of whole to one decimal place; a mark where either is
// withheld, or where the whole is too small for it.
func shownPercent(part, whole int, withheld bool) string {
	switch {
	case withheld:
		return Withheld
	case whole < leastBase:
		return NotApplicable
	}
	n := tenths(part, whole)
	return fmt.Sprintf("%d.%d", n/10, n%10)
}

// known says of each number of a line what it may be while all that is shown of
// the line stays as it is, whatever the others of the line are: the whole, and
// then each part, as wide as they can be at once.
func known(line []int, withheld []bool, bare bool) [][2]int {
	out := make([][2]int, len(line))
	for s, n := range line {
		out[s] = between(n)
	}
	if bare || withheld[0] || line[0] < leastBase {
		return out
	}
	whole, best := between(line[0]), -1
	for lo := whole[0]; lo <= line[0]; lo++ {
		for hi := line[0]; hi <= whole[1]; hi++ {
			boxes, width := [][2]int{{lo, hi}}, hi-lo
			for s, n := range line[1:] {
				box := between(n)
				if n == 0 || withheld[s+1] { // no percentage tells of it
					boxes = append(boxes, box)
					continue
				}
				for box[0] < n && tenths(box[0], hi) != tenths(n, line[0]) {
					box[0]++
				}
				for box[1] > n && tenths(box[1], lo) != tenths(n, line[0]) {
					box[1]--
				}
				if tenths(box[0], hi) != tenths(n, line[0]) || tenths(box[1], lo) != tenths(n, line[0]) {
					width = -1
					break
				}
				boxes, width = append(boxes, box), width+box[1]-box[0]
			}
			if width > best {
				out, best = boxes, width
			}
		}
	}
	return out
}

// counted is a table before anything is withheld: lines of exact numbers, the
// first of everybody.
type counted struct {
	kind, words string
	lines       []countedLine
}

type countedLine struct {
	group, label string
	numbers      []int
}

// publishTables withholds what must be in tables of one publication, and rounds
// the rest.
func publishTables(statuses []Status, tables []counted) ([]Table, bool) {
	numbers := make([][][]int, len(tables))
	for t := range tables {
		for _, l := range tables[t].lines {
			numbers[t] = append(numbers[t], l.numbers)
		}
	}
	withheld, bare, ok := protect(statuses, numbers)
	if !ok {
		return nil, false
	}
	out := make([]Table, len(tables))
	for t, table := range tables {
		out[t] = Table{Kind: table.kind, Words: table.words}
		for g, l := range table.lines {
			line := Line{Group: l.group, Label: l.label}
			for s, n := range l.numbers {
				number := Number{Count: shownCount(n, withheld[t][g][s])}
				if statuses[s].Parent >= 0 {
					number.Percent = shownPercent(n, l.numbers[0], withheld[t][g][s] || withheld[t][g][0] || bare[t][g])
				}
				line.Numbers = append(line.Numbers, number)
			}
			out[t].Lines = append(out[t].Lines, line)
		}
	}
	return out, true
}
