package place

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is a place on a plane: metres of the national grid or, where the file
// was in degrees, hundred-thousandths of a degree of longitude and latitude.
type Point struct{ X, Y int }

// Boundary is the outline of an area: rings, the last point of each joined to
// the first. Where rings lie within one another, a point is inside if it is
// within an odd number of them, which is how SVG fills by "evenodd".
type Boundary struct {
	Rings [][]Point
	// Degrees says that the points are in degrees.
	Degrees bool
}

// perDegree is how many units of a Point there are in a degree.
const perDegree = 100_000

// String writes the boundary as it is stored: "m" for metres or "d" for
// degrees, then the rings.
func (b Boundary) String() string {
	if len(b.Rings) == 0 {
		return ""
	}
	out := []byte{'m'}
	if b.Degrees {
		out[0] = 'd'
	}
	for _, ring := range b.Rings {
		out = append(out, ';')
		for i, p := range ring {
			if i > 0 {
				out = append(out, ' ')
			}
			out = strconv.AppendInt(out, int64(p.X), 10)
			out = append(out, ',')
			out = strconv.AppendInt(out, int64(p.Y), 10)
		}
	}
	return string(out)
}

// ParseBoundary reads what String wrote.
func ParseBoundary(text string) (Boundary, error) {
	var b Boundary
	if text == "" {
		return b, nil
	}
	b.Degrees = text[0] == 'd'
	for i, part := range strings.Split(text, ";") {
		if i == 0 {
			continue
		}
		var ring []Point
		for pair := range strings.FieldsSeq(part) {
			x, y, _ := strings.Cut(pair, ",")
			var p Point
			var err error
			if p.X, err = strconv.Atoi(x); err == nil {
				p.Y, err = strconv.Atoi(y)
			}
			if err != nil {
				return Boundary{}, fmt.Errorf("read the boundary of a ward: %w", err)
			}
			ring = append(ring, p)
		}
		b.Rings = append(b.Rings, ring)
	}
	return b, nil
}

// tolerance is by how much a simplified line may miss a point that is left
// out: 25 metres, which no map of a council shows.
const (
	toleranceMetres  = 25
	toleranceDegrees = 25 // of a hundred-thousandth: some 20 to 28 metres in England
)

// simplified leaves out the points of a ring that lie on its line. Nothing is
// left of a ring that is no area any more.
func simplified(ring []Point, tolerance float64) []Point {
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	ring = thinned(ring, tolerance/2)
	if len(ring) < 3 {
		return nil
	}
	// The ring is cut at the point that is furthest from the first.
	far, most := 0, -1.0
	for i, p := range ring {
		if d := math.Hypot(float64(p.X-ring[0].X), float64(p.Y-ring[0].Y)); d > most {
			far, most = i, d
		}
	}
	if far == 0 {
		return nil
	}
	keep := make([]bool, len(ring)+1)
	closed := append(append(make([]Point, 0, len(ring)+1), ring...), ring[0])
	keep[0], keep[far] = true, true
	type stretch struct{ from, to int }
	todo := []stretch{{0, far}, {far, len(ring)}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		at, furthest := 0, tolerance
		for i := s.from + 1; i < s.to; i++ {
			if d := distance(closed[i], closed[s.from], closed[s.to]); d > furthest {
				at, furthest = i, d
			}
		}
		if at > 0 {
			keep[at] = true
			todo = append(todo, stretch{s.from, at}, stretch{at, s.to})
		}
	}
	var out []Point
	for i, p := range ring {
		if keep[i] {
			out = append(out, p)
		}
	}
	if len(out) < 3 {
		return nil
	}
	return out
}

// thinned leaves out points that are next to the one before: a coast has a
// thousand where one shows.
func thinned(ring []Point, apart float64) []Point {
	var out []Point
	for _, p := range ring {
		if n := len(out); n == 0 || math.Hypot(float64(p.X-out[n-1].X), float64(p.Y-out[n-1].Y)) >= apart {
			out = append(out, p)
		}
	}
	return out
}

// distance is how far a point is from the line between two others.
func distance(p, a, b Point) float64 {
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	px, py := float64(p.X-a.X), float64(p.Y-a.Y)
	long := dx*dx + dy*dy
	if long == 0 {
		return math.Hypot(px, py)
	}
	t := max(0, min(1, (px*dx+py*dy)/long))
	return math.Hypot(px-t*dx, py-t*dy)
}
