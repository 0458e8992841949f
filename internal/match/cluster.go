package match

// Clustering puts rows together that are one person, in a list that may name a
// person many times. Rows are not joined through a third: two groups become one
// only where the weights between all their rows, for and against, speak for it on
// the whole, so that a bridge of one likeness joins nobody.

// most and least that one pair of rows may say for or against joining two groups:
// one pair must not decide for many.
const (
	joinFor     = 12
	joinAgainst = -12
	joinLargest = 400 // pairs between two groups beyond which no more are weighed
)

type clusterer struct {
	group   []uint32 // by row
	members map[uint32][]uint32
	between func(a, b uint32) float32
}

// clusters gives each row the number of its group, which is its first row.
func clusters(rows int, pairs []Pair, between func(a, b uint32) float32) []uint32 {
	c := &clusterer{group: make([]uint32, rows), members: map[uint32][]uint32{}, between: between}
	for i := range c.group {
		c.group[i] = uint32(i)
	}
	// The likeliest first; what was refused is asked again when groups have grown.
	for range 3 {
		joined := false
		for _, p := range pairs {
			if p.Bits <= 0 {
				break
			}
			joined = c.join(p) || joined
		}
		if !joined {
			break
		}
	}
	return c.group
}

func (c *clusterer) of(group uint32) []uint32 {
	if m := c.members[group]; m != nil {
		return m
	}
	return []uint32{group}
}

// join joins the groups of a pair where the weights between them speak for it.
func (c *clusterer) join(p Pair) bool {
	x, y := c.group[p.Left], c.group[p.Right]
	if x == y {
		return false
	}
	left, right := c.of(x), c.of(y)
	if !c.speaksFor(left, right) {
		return false
	}
	if y < x {
		x, y, left, right = y, x, right, left
	}
	all := append(append(make([]uint32, 0, len(left)+len(right)), left...), right...)
	for _, r := range right {
		c.group[r] = x
	}
	c.members[x] = all
	delete(c.members, y)
	return true
}

func (c *clusterer) speaksFor(left, right []uint32) bool {
	sum, n := float32(0), 0
	for _, a := range left {
		for _, b := range right {
			if n++; n > joinLargest {
				return sum > 0
			}
			sum += max(joinAgainst, min(joinFor, c.between(a, b)))
		}
	}
	return sum > 0
}
