package list

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/standing"
)

// Sortable says that a list can be sorted by the column.
func (c Column) Sortable() bool {
	return c != ColCounts && c != ColLead && c != ColSEND && c != ColGender && c != ColEthnicity
}

// dated are the columns that are days.
var dated = map[Column]func(*standing.Line) civil.Date{
	ColBorn: func(l *standing.Line) civil.Date { return l.Born }, ColContact: func(l *standing.Line) civil.Date { return l.LastContact },
	ColVerified: func(l *standing.Line) civil.Date { return l.VerifiedOn }, ColLapses: func(l *standing.Line) civil.Date { return l.LapsesOn },
	ColNEET: func(l *standing.Line) civil.Date { return l.NEETSince },
}

// worded are the columns that are words.
var worded = map[Column]func(*standing.Line) standing.Word{
	ColSituation: activityOf, ColCohort: plain[Cohort], ColLevel: plain[Level], ColAdviser: func(l *standing.Line) standing.Word { return l.Adviser },
}

// firstDay is what days are counted from.
var firstDay = civil.Must(1, 1, 1)

// sort puts lines, which come by name, in the order of the list: who has no
// date there stands last whichever way, and of equals the names decide.
func (q asking) sort(lines []standing.Place) {
	if q.Sort == ByName && !q.Down {
		return
	}
	if q.Sort == ByName || q.Sort == ColArea {
		text := func(at standing.Place) string {
			if q.Sort == ByName {
				return q.roll.Line(at).Name
			}
			if l := q.roll.Line(at); !q.veil.Protects(l.Person) {
				return l.Postcode
			}
			return ""
		}
		slices.SortStableFunc(lines, func(a, b standing.Place) int {
			if q.Down {
				a, b = b, a
			}
			return strings.Compare(text(a), text(b))
		})
		return
	}
	var place func(*standing.Line) int
	if of, ok := dated[q.Sort]; ok {
		place = func(l *standing.Line) int {
			switch d := of(l); {
			case d.IsZero():
				return math.MaxInt32
			case q.Down:
				return -d.DaysSince(firstDay)
			default:
				return d.DaysSince(firstDay)
			}
		}
	} else {
		place = q.places(worded[q.Sort])
	}
	// One number for each line, its place and then its turn, sorts some times
	// faster than comparing lines.
	keys := make([]int64, len(lines))
	for i, at := range lines {
		keys[i] = int64(place(q.roll.Line(at)))<<32 | int64(i)
	}
	slices.Sort(keys)
	sorted := make([]standing.Place, len(lines))
	for i, key := range keys {
		sorted[i] = lines[key&math.MaxUint32]
	}
	copy(lines, sorted)
}

// places are where the words of a column stand among each other.
func (q asking) places(of func(*standing.Line) standing.Word) func(*standing.Line) int {
	text := func(w int) string {
		if q.Sort == ColAdviser {
			_, name := q.roll.Halves(standing.Word(w))
			return name
		}
		return q.roll.Text(standing.Word(w))
	}
	texts := make([]string, q.roll.Words())
	for w := range texts {
		texts[w] = text(w)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(texts)))
	at := make([]int, len(texts))
	for w, t := range texts {
		at[w], _ = slices.BinarySearchFunc(distinct, t, cmp.Compare[string])
		if q.Down {
			at[w] = len(distinct) - at[w]
		}
	}
	return func(l *standing.Line) int { return at[of(l)] }
}
