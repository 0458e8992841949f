// Package round orders doors into a way to go: from a start point to each of
// them once, and back.
//
// In the trade a round is what one person walks or drives in a day of visits.
// Who plans it by hand goes down the list, or along the streets they know; the
// shortest way visits the same doors in a fraction of the miles. The distance is
// as the crow flies between the middles of postcodes: streets are not known.
//
// It is pure: the same points give the same order, on every machine. No
// well-kept library of Go that does this was found, so it is our own: the
// nearest door next, from several first doors, mended by 2-opt and Or-opt, and
// then shaken and mended again a fixed number of times (iterated local search).
package round

import "math"

// Point is a place on a plane, in metres.
type Point struct{ X, Y float64 }

// Order is the order in which to visit the points, by their index, on a way that
// begins and ends at start. The work grows with the square of their number:
// sixty take a few hundredths of a second.
func Order(start Point, doors []Point) []int {
	if len(doors) < 2 {
		return indices(len(doors))
	}
	return search(start, doors, shakes(len(doors)))
}

// OrderLong is Order that searches on for so many shakes more: what a
// measurement compares Order with.
func OrderLong(start Point, doors []Point, shakes int) []int {
	if len(doors) < 2 {
		return indices(len(doors))
	}
	return search(start, doors, shakes)
}

// shakes is how often a way is shaken: fewer where each takes longer.
func shakes(n int) int { return max(200, 240_000/(n+40)) }

// Length is how long the way from start through the doors in the order and back
// is, in metres.
func Length(start Point, doors []Point, order []int) float64 {
	at, sum := start, 0.0
	for _, i := range order {
		sum += apart(at, doors[i])
		at = doors[i]
	}
	return sum + apart(at, start)
}

func apart(a, b Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// table is the distances between all points; 0 is the start, door i is i+1.
type table struct {
	n int
	d []float64
	// near are the other points of each, the nearest first, as far as they count.
	near [][]int
}

const nearest = 10

func tableOf(start Point, doors []Point) *table {
	all := append([]Point{start}, doors...)
	t := &table{n: len(all), d: make([]float64, len(all)*len(all)), near: make([][]int, len(all))}
	for i := range all {
		for j := range all {
			t.d[i*t.n+j] = apart(all[i], all[j])
		}
	}
	for i := range all {
		t.near[i] = t.nearestOf(i)
	}
	return t
}

func (t *table) at(i, j int) float64 { return t.d[i*t.n+j] }

func (t *table) nearestOf(i int) []int {
	var out []int
	for j := range t.n {
		if j == i {
			continue
		}
		at := len(out)
		for at > 0 && t.at(i, out[at-1]) > t.at(i, j) {
			at--
		}
		if at < nearest {
			out = append(out, 0)
			copy(out[at+1:], out[at:])
			out[at] = j
			out = out[:min(len(out), nearest)]
		}
	}
	return out
}

func (t *table) length(tour []int) float64 {
	sum := t.at(tour[len(tour)-1], tour[0])
	for i := 1; i < len(tour); i++ {
		sum += t.at(tour[i-1], tour[i])
	}
	return sum
}

// search is a good tour from the start and back, less the start.
func search(start Point, doors []Point, shakes int) []int {
	t := tableOf(start, doors)
	var best []int
	for _, first := range []int{0, t.n / 3, 2 * t.n / 3} {
		tour := t.nearestNext(first)
		t.mend(tour)
		if best == nil || t.length(tour) < t.length(best) {
			best = tour
		}
	}
	best = t.shaken(best, shakes)
	at := 0
	for best[at] != 0 {
		at++
	}
	out := make([]int, 0, len(doors))
	for k := 1; k < t.n; k++ {
		out = append(out, best[(at+k)%t.n]-1)
	}
	if out[0] > out[len(out)-1] { // the way round is the same both ways: say one of them
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// nearestNext always goes on to the nearest point that was not visited yet.
func (t *table) nearestNext(first int) []int {
	been := make([]bool, t.n)
	tour := []int{first}
	been[first] = true
	for len(tour) < t.n {
		at, next := tour[len(tour)-1], -1
		for j := range t.n {
			if !been[j] && (next < 0 || t.at(at, j) < t.at(at, next)) {
				next = j
			}
		}
		been[next] = true
		tour = append(tour, next)
	}
	return tour
}

// small is what a change must save to count, in metres: less is rounding.
const small = 1e-7

// mend changes the tour while any piece turned round (2-opt), or up to three
// points moved elsewhere (Or-opt), makes it shorter.
func (t *table) mend(tour []int) {
	where := make([]int, t.n)
	for again := true; again; {
		for i, p := range tour {
			where[p] = i
		}
		again = t.turn(tour, where) || t.move(tour, where)
	}
}

// turn does 2-opt: it turns a piece round while that helps, and says whether any
// did.
func (t *table) turn(tour, where []int) bool {
	done := false
	for i := 0; i < t.n; i++ {
		a, b := tour[i], tour[(i+1)%t.n]
		for _, c := range t.near[a] {
			gain := t.at(a, b) - t.at(a, c)
			if gain <= small {
				break
			}
			j := where[c]
			d := tour[(j+1)%t.n]
			if gain+t.at(c, d)-t.at(b, d) > small {
				t.reverse(tour, where, i+1, j)
				done = true
				break // what stands at place i may be another
			}
		}
	}
	return done
}

// reverse turns the piece of the tour from place i to place j round, or what
// lies outside of it, which comes to the same.
func (t *table) reverse(tour, where []int, i, j int) {
	if i > j {
		i, j = j+1, i-1
	}
	for ; i < j; i, j = i+1, j-1 {
		tour[i], tour[j] = tour[j], tour[i]
		where[tour[i]], where[tour[j]] = i, j
	}
}

// move does Or-opt: it takes up to three points that follow one another out and
// puts them elsewhere, either way round, and says whether that helped once.
func (t *table) move(tour, where []int) bool {
	for size := 1; size <= 3 && size < t.n-2; size++ {
		for i := range tour {
			if t.moveFrom(tour, where, i, size) {
				return true
			}
		}
	}
	return false
}

func (t *table) moveFrom(tour, where []int, i, size int) bool {
	at := func(k int) int { return tour[((k%t.n)+t.n)%t.n] }
	before, first, last, after := at(i-1), at(i), at(i+size-1), at(i+size)
	saved := t.at(before, first) + t.at(last, after) - t.at(before, after)
	if saved <= small {
		return false
	}
	inside := func(p int) bool { return (where[p]-i+t.n)%t.n < size }
	for _, end := range []int{first, last} {
		other := first + last - end
		for _, c := range t.near[end] {
			if t.at(end, c) >= saved {
				break
			}
			if inside(c) {
				continue
			}
			for _, step := range []int{1, -1} {
				d := at(where[c] + step)
				if inside(d) {
					continue
				}
				if saved-t.at(c, end)-t.at(other, d)+t.at(c, d) > small {
					t.put(tour, where, i, size, c, d, end, step)
					return true
				}
			}
		}
	}
	return false
}

// put writes the tour anew with the piece between c and d, with end beside c.
func (t *table) put(tour, where []int, i, size, c, d, end, step int) {
	piece := make([]int, size)
	for k := range piece {
		piece[k] = tour[(i+k)%t.n]
	}
	rest := make([]int, 0, t.n)
	for k := range t.n - size {
		rest = append(rest, tour[(i+size+k)%t.n])
	}
	// In going order the piece stands after c (or, going back, after d).
	if (step == 1) != (piece[0] == end) {
		for a, b := 0, size-1; a < b; a, b = a+1, b-1 {
			piece[a], piece[b] = piece[b], piece[a]
		}
	}
	follows := c
	if step == -1 {
		follows = d
	}
	k := 0
	for _, p := range rest {
		tour[k] = p
		k++
		if p == follows {
			k += copy(tour[k:], piece)
		}
	}
	for k, p := range tour {
		where[p] = k
	}
}

// shaken cuts the tour in four and joins it crosswise (a double bridge), mends
// it, and keeps what is shorter, so many times.
func (t *table) shaken(tour []int, shakes int) []int {
	if t.n < 5 {
		return tour
	}
	best, length := append([]int(nil), tour...), t.length(tour)
	try := make([]int, t.n)
	chance := uint64(0x9e3779b97f4a7c15) // the same every time
	draw := func(n int) int {
		chance ^= chance << 13
		chance ^= chance >> 7
		chance ^= chance << 17
		return int(chance % uint64(n))
	}
	for range shakes {
		// Three cuts not far from one another: a small change is mended quickly.
		span := min(t.n-1, 30)
		from := draw(t.n)
		a := 1 + draw(span-2)
		b := a + 1 + draw(span-a-1)
		c := b + 1 + draw(span-b)
		k := 0
		at := func(i int) int { return best[(from+i)%t.n] }
		for _, piece := range [][2]int{{0, a}, {b, c}, {a, b}, {c, t.n}} {
			for i := piece[0]; i < piece[1]; i++ {
				try[k] = at(i)
				k++
			}
		}
		t.mend(try)
		if l := t.length(try); l < length-small {
			length = l
			copy(best, try)
		}
	}
	return best
}
