package match

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// pair is a scored pair of rows.
type pair struct {
	a, b uint32
	bits float32 // prior included
}

// scoredPairs compares every row of a table with its candidates in the index and
// keeps the pairs of at least the given weight, the heaviest first. Where the index
// is that of the same table each pair comes once.
func scoredPairs(md *Model, t *Table, x *index, cores int, least float32) []pair {
	parts := make([][]pair, cores)
	var all sync.WaitGroup
	for core := range cores {
		all.Go(func() {
			w, fd, own := newWorker(t.lexicon), newFinder(x), x.table == t
			for row := uint32(core); row < uint32(t.rows); row += uint32(cores) {
				fd.begin()
				for _, other := range fd.find(t, row, allKeys) {
					if own && other <= row {
						continue
					}
					var v vector
					if bits := md.pairScore(w, t, x.table, row, other, &v, least-float32(md.prior)) + float32(md.prior); bits >= least {
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
// out: each field by the value that agrees best. A pair that cannot reach the least
// weight is hopeless.
func (md *Model) pairScore(w *worker, ta, tb *Table, a, b uint32, v *vector, least float32) float32 {
	ra, rb := ta.at(a), tb.at(b)
	if !ra.more && !rb.more {
		return md.score(w, ra, rb, v, least)
	}
	_, _, best := md.forms(w, ta, tb, a, b, v)
	return best
}

// forms are the two records with those of their values that agree best, and the
// weight of that. One value after the other is put in its place and kept where it
// says more.
func (md *Model) forms(w *worker, ta, tb *Table, a, b uint32, v *vector) (x, y record, best float32) {
	x, y = *ta.at(a), *tb.at(b)
	best = md.score(w, &x, &y, v, hopeless)
	try := func(left, right *record) bool {
		var tv vector
		if s := md.score(w, left, right, &tv, best); s > best {
			best, *v = s, tv
			return true
		}
		return false
	}
	if x.more {
		for _, o := range ta.also[a] {
			changed := x
			changed.set(o.kind, o.value)
			if try(&changed, &y) {
				x = changed
			}
		}
	}
	if y.more {
		for _, o := range tb.also[b] {
			changed := y
			changed.set(o.kind, o.value)
			if try(&x, &changed) {
				y = changed
			}
		}
	}
	return x, y, best
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

// LinkLists finds the people of one list in another: all pairs, for either list may
// name a person more than once. A pair is to be decided where a row has a better
// one. Both tables share a lexicon.
func LinkLists(left, right *Table, policy Policy, cores int) Doubles {
	x := newIndex(right, max(1, cores))
	md := learn(left, right, x, max(1, cores))
	out := Doubles{Model: md, Pairs: answered(md, left, x, policy, max(1, cores))}
	bestLeft, bestRight := map[uint32]float32{}, map[uint32]float32{}
	for i := range out.Pairs { // the heaviest first
		p := &out.Pairs[i]
		l, seenLeft := bestLeft[p.Left]
		r, seenRight := bestRight[p.Right]
		if seenLeft && float64(l-p.Bits) > policy.Margin || seenRight && float64(r-p.Bits) > policy.Margin {
			p.Answer, p.Veto = Decide, p.Veto|VetoRunnerUp
			continue
		}
		if !seenLeft {
			bestLeft[p.Left] = p.Bits
		}
		if !seenRight {
			bestRight[p.Right] = p.Bits
		}
	}
	return out
}

// answered are the pairs of at least the policy's weight with their vetoes.
func answered(md *Model, t *Table, x *index, policy Policy, cores int) []Pair {
	pairs := scoredPairs(md, t, x, cores, float32(policy.Least))
	out := make([]Pair, len(pairs))
	w := newWorker(t.lexicon)
	for i, p := range pairs {
		var v vector
		md.pairScore(w, t, x.table, p.a, p.b, &v, hopeless)
		found := Pair{Left: p.a, Right: p.b, Bits: p.bits, Answer: Decide, Veto: md.vetoes(policy, &v, t.at(p.a), x.table.at(p.b))}
		if found.Veto == 0 && float64(p.bits) >= policy.Sure {
			found.Answer = Same
		}
		out[i] = found
	}
	return out
}

// Among finds the rows of one list that may be one person by weights that are
// known already, as those by which the list was linked with a register: a short
// list teaches little, and takes as long to learn from as a long one. The pairs
// come heaviest first. The table shares the lexicon from which the model was
// learned.
func (md *Model) Among(t *Table, policy Policy, cores int) []Pair {
	own := *md
	own.prior = -math.Log2(float64(max(t.rows, 2)))
	return answered(&own, t, newIndex(t, max(1, cores)), policy, max(1, cores))
}

// Learn is the model that Dedupe works with, for whoever compares two rows of the
// list that they have chosen themselves.
func Learn(t *Table, cores int) *Model {
	return learn(t, t, newIndex(t, max(1, cores)), max(1, cores))
}

// Dedupe finds the rows of one list that are one person. Groups are put together
// by the weights between all their rows, never through a bridge of one likeness,
// and never against a veto.
func Dedupe(t *Table, policy Policy, cores int) Doubles {
	x := newIndex(t, max(1, cores))
	md := learn(t, t, x, max(1, cores))
	w := newWorker(t.lexicon)
	out := Doubles{Model: md, Pairs: answered(md, t, x, policy, max(1, cores))}
	out.Cluster = clusters(t.rows, out.Pairs, func(a, b uint32) float32 {
		var v vector
		bits := md.pairScore(w, t, t, a, b, &v, hopeless) + float32(md.prior)
		if md.vetoes(policy, &v, t.at(a), t.at(b))&(VetoGiven|VetoNumber) != 0 {
			return min(bits, 0) + joinAgainst
		}
		return bits
	})
	return out
}
