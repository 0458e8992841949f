package round

import "math"

// Split cuts one way through many doors into rounds of at most most doors each,
// so that all of them together are as short as they can be in that order, and
// orders each anew. Every door is in one round. Where one round is enough it is
// that of Order.
func Split(start Point, doors []Point, most int) [][]int {
	if len(doors) == 0 {
		return nil
	}
	order := Order(start, doors)
	if most < 1 || len(doors) <= most {
		return [][]int{order}
	}
	// best[i] is the shortest way to have visited the first i, with as few rounds
	// as there must be: a round more costs more than any way saves.
	n, extra := len(order), 4*Length(start, doors, order)+1
	best, from := make([]float64, n+1), make([]int, n+1)
	for i := 1; i <= n; i++ {
		best[i] = math.Inf(1)
		for j := max(0, i-most); j < i; j++ {
			if l := best[j] + extra + Length(start, doors, order[j:i]); l < best[i] {
				best[i], from[i] = l, j
			}
		}
	}
	var out [][]int
	for i := n; i > 0; i = from[i] {
		piece := order[from[i]:i]
		some := make([]Point, len(piece))
		for k, d := range piece {
			some[k] = doors[d]
		}
		var one []int
		for _, k := range Order(start, some) {
			one = append(one, piece[k])
		}
		out = append([][]int{one}, out...)
	}
	return out
}
