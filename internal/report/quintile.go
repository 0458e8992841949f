package report

import (
	"math"
	"slices"
)

// Quintiles places each of the values in one of five groups as near equal in
// size as can be, the larger groups first: group 1 has the lowest values. Equal
// values are placed in the order given. A value that is missing or withheld
// (NaN) is in no group, 0. The rule is inferred from every placement that the
// Department has published (context.md 3.1).
//
// Lowest is best for NEET, not known and both. For participation and the
// September Guarantee the Department published the groups so until 2023, and
// turned them round from 2024 on: BestFirst.
func Quintiles(values []float64) []int {
	places := make([]int, 0, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	out := make([]int, len(values))
	for rank, i := range places {
		out[i] = quintileOf(rank, len(places))
	}
	return out
}

// quintileOf is the group of a rank, from 0, among n.
func quintileOf(rank, n int) int {
	size, larger := n/5, n%5
	if rank < larger*(size+1) {
		return rank/(size+1) + 1
	}
	return (rank-larger*(size+1))/size + larger + 1
}

// BestFirst turns groups round, for a measure where more is better: 1 becomes 5.
func BestFirst(groups []int) []int {
	out := make([]int, len(groups))
	for i, g := range groups {
		if g != 0 {
			out[i] = 6 - g
		}
	}
	return out
}

// QuintileBounds are the lowest value, the four cuts between the groups and the
// highest, the cuts by linear interpolation at 20, 40, 60 and 80 per cent
// (context.md 3.1). It has no bounds of no values.
func QuintileBounds(values []float64) (bounds [6]float64, ok bool) {
	var sorted []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 {
		return bounds, false
	}
	slices.Sort(sorted)
	for i := range bounds {
		h := float64(len(sorted)-1) * float64(i) / 5
		low := int(math.Floor(h))
		bounds[i] = sorted[low]
		if low+1 < len(sorted) {
			bounds[i] += (h - float64(low)) * (sorted[low+1] - sorted[low])
		}
	}
	return bounds, true
}
