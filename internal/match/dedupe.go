package match

import (
	"cmp"
	"slices"
	"sync"
)

// pair is a scored pair of rows.
type pair struct {
	a, b uint32
	bits float32 // prior included
}

// scoredPairs compares every row with its candidates and keeps the pairs of at
// least the given weight, the heaviest first.
func scoredPairs(md *Model, t *Table, x *index, cores int, least float32) []pair {
	parts := make([][]pair, cores)
	var all sync.WaitGroup
	for core := range cores {
		all.Go(func() {
			w, fd := newWorker(t.lexicon), newFinder(x)
			for row := uint32(core); row < uint32(t.rows); row += uint32(cores) {
				for _, other := range fd.find(t, row) {
					if other <= row {
						continue
					}
					var v vector
					if bits := md.pairScore(w, t, t, row, other, &v) + float32(md.prior); bits >= least {
						parts[core] = append(parts[core], pair{row, other, bits})
					}
				}
			}
		})
	}
	all.Wait()
	pairs := slices.Concat(parts...)
	slices.SortFunc(pairs, func(p, q pair) int {
		return cmp.Or(cmp.Compare(q.bits, p.bits), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	return pairs
}

// pairScore scores two rows with all values that they answer to, the prior left
// out: each field by the value that agrees best.
func (md *Model) pairScore(w *worker, ta, tb *Table, a, b uint32, v *vector) float32 {
	ra, rb := ta.at(a), tb.at(b)
	best := md.score(w, ra, rb, v)
	if !ra.more && !rb.more {
		return best
	}
	// One value after the other is put in its place and kept where it says more.
	try := func(left, right *record) bool {
		var tv vector
		if s := md.score(w, left, right, &tv); s > best {
			best, *v = s, tv
			return true
		}
		return false
	}
	x, y := *ra, *rb
	for _, o := range ta.also[a] {
		changed := x
		changed.set(o.kind, o.value)
		if try(&changed, &y) {
			x = changed
		}
	}
	for _, o := range tb.also[b] {
		changed := y
		changed.set(o.kind, o.value)
		if try(&x, &changed) {
			y = changed
		}
	}
	return best
}

// A Pair is two rows of one list, or one of each of two.
type Pair struct {
	Left, Right uint32
	Bits        float32
	Answer      Answer
	Veto        Veto
}

// Probability is that the two rows are one person.
func (p Pair) Probability() float64 { return Probability(float64(p.Bits)) }

// Doubles is what was found in one list.
type Doubles struct {
	// Pairs are those that are the same or to be decided, the heaviest first.
	Pairs []Pair
	// Cluster is, by row, the first row of the group of rows that are one person.
	Cluster []uint32
	// Model tells the weights.
	Model *Model
}

// Dedupe finds the rows of one list that are one person. Groups are put together
// by the weights between all their rows, never through a bridge of one likeness,
// and never against a veto.
func Dedupe(t *Table, policy Policy, cores int) Doubles {
	x := newIndex(t, max(1, cores))
	md := learn(t, t, x)
	w := newWorker(t.lexicon)
	pairs := scoredPairs(md, t, x, max(1, cores), float32(policy.Least))
	out := Doubles{Model: md, Pairs: make([]Pair, len(pairs))}
	for i, p := range pairs {
		var v vector
		md.pairScore(w, t, t, p.a, p.b, &v)
		found := Pair{Left: p.a, Right: p.b, Bits: p.bits, Answer: Decide, Veto: md.vetoes(policy, &v, t.at(p.a), t.at(p.b))}
		if found.Veto == 0 && float64(p.bits) >= policy.Sure {
			found.Answer = Same
		}
		out.Pairs[i] = found
	}
	out.Cluster = clusters(t.rows, pairs, func(a, b uint32) float32 {
		var v vector
		bits := md.pairScore(w, t, t, a, b, &v) + float32(md.prior)
		if md.vetoes(policy, &v, t.at(a), t.at(b))&(VetoGiven|VetoNumber) != 0 {
			return min(bits, 0) + joinAgainst
		}
		return bits
	})
	return out
}
