package round

import "math"

// Bound is a length in metres that no way through all the doors can be shorter
// than (Held and Karp's bound: the longest of cheapest 1-trees under prices on
// the points). Shortest ways are mostly within one or two per cent of it.
func Bound(start Point, doors []Point) float64 {
	if len(doors) == 0 {
		return 0
	}
	if len(doors) == 1 {
		return 2 * apart(start, doors[0])
	}
	t := tableOf(start, doors)
	price := make([]float64, t.n)
	upper := Length(start, doors, Order(start, doors))
	best, step := 0.0, 2.0
	stale := 0
	for range 600 {
		length, degree := t.oneTree(price)
		if length > best+small {
			best, stale = length, 0
		} else if stale++; stale == 20 {
			step, stale = step/2, 0
		}
		off := 0.0
		for _, d := range degree {
			off += float64((d - 2) * (d - 2))
		}
		if off == 0 { // the tree is a tour: it is the shortest
			return length
		}
		by := step * (upper - length) / off
		if by <= 0 {
			by = step * upper / 1e4
		}
		for i, d := range degree {
			price[i] += by * float64(d-2)
		}
	}
	return best
}

// oneTree is the cheapest tree over all points but the start, with the two
// cheapest ways to the start: its length less twice the prices, and how many
// ways meet in each point.
func (t *table) oneTree(price []float64) (length float64, degree []int) {
	cost := func(i, j int) float64 { return t.at(i, j) + price[i] + price[j] }
	degree = make([]int, t.n)
	in := make([]bool, t.n)
	near, to := make([]float64, t.n), make([]int, t.n)
	for j := 2; j < t.n; j++ {
		near[j], to[j] = cost(1, j), 1
	}
	in[1] = true
	for range t.n - 2 {
		next := -1
		for j := 2; j < t.n; j++ {
			if !in[j] && (next < 0 || near[j] < near[next]) {
				next = j
			}
		}
		in[next] = true
		length += near[next]
		degree[next]++
		degree[to[next]]++
		for j := 2; j < t.n; j++ {
			if c := cost(next, j); !in[j] && c < near[j] {
				near[j], to[j] = c, next
			}
		}
	}
	first, second, a, b := math.Inf(1), math.Inf(1), -1, -1
	for j := 1; j < t.n; j++ {
		switch c := cost(0, j); {
		case c < first:
			first, second, a, b = c, first, j, a
		case c < second:
			second, b = c, j
		}
	}
	length += first + second
	degree[0] = 2
	degree[a]++
	degree[b]++
	for _, p := range price {
		length -= 2 * p
	}
	return length, degree
}
