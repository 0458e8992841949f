package match

import (
	"fmt"
	"math"
)

// sampleRows is how many rows a model is learned from at most, and randomPairs how
// many pairs drawn at random tell how often two people agree by chance.
const (
	sampleRows  = 5_000
	randomPairs = 60_000
	rounds      = 20
)

// observed is a pair seen while learning.
type observed struct {
	v    vector
	rare float32 // what the rarity of its words adds
	p    float32 // the probability that it is one person
	a, b uint32
	n    float32 // how many pairs drawn at random look like this
}

// learner learns a model for the rows of a against those of b; for one list
// against itself they are the same table.
type learner struct {
	a, b   *Table
	index  *index
	own    bool // one list against itself
	cores  int
	model  *Model
	pairs  []observed
	random []observed
	total  float64   // the pairs of rows that the sample stands for
	rows   int       // of a, that were sampled
	weight []float64 // own: what each row counts for, one person's rows together 1
}

// learn learns a model. It changes nothing in the tables, takes its sample at even
// steps and so gives the same model for the same rows.
func learn(a, b *Table, x *index, cores int) *Model {
	l := &learner{a: a, b: b, index: x, own: a == b, cores: cores, model: newModel()}
	l.model.prior = -math.Log2(float64(max(b.rows, 2)))
	l.countWords()
	l.drawRandom()
	l.chance(true)
	l.gather()
	l.expect()
	if l.own && l.step() == 1 {
		// Rows of one person make their names look common: count people, not rows.
		l.refine(6)
		l.weighRows()
		l.countWords()
		l.gather()
	}
	if l.fromNumbers() {
		return l.checked()
	}
	l.refine(rounds)
	l.model.Learned = Learning{From: "rows", Pairs: l.matches(), Why: "too few rows share a number, so the weights come from all rows"}
	return l.checked()
}

// step is the distance between the rows of a that are sampled.
func (l *learner) step() int { return max(1, l.a.rows/sampleRows) }

// countWords counts how common each name, town and street is among the people of b.
func (l *learner) countWords() {
	for _, f := range [...]Kind{Given, Family, Locality, Town, Street} {
		size := len(l.a.lexicon.names)
		if f != Given && f != Family {
			size = len(l.a.lexicon.texts)
		}
		count := make([]float64, size)
		total := 0.0
		for row := range uint32(l.b.rows) {
			if word := l.b.at(row).get(f); word != 0 {
				n := 1.0
				if l.weight != nil {
					n = l.weight[row]
				}
				count[word] += n
				total += n
			}
		}
		l.model.common[f] = rarities(count, total)
		if f == Given {
			l.model.borne = make([]uint32, len(count))
			for i, n := range count {
				l.model.borne[i] = uint32(n + 0.5)
			}
		}
	}
}

// rarities are the bits by which the agreement of each word says more, or less,
// than the agreement of some word. A word seen once says at most six bits more.
func rarities(count []float64, total float64) []float32 {
	if total == 0 {
		return nil
	}
	mean := 0.0
	for _, n := range count {
		mean += n / total * n / total
	}
	bits := make([]float32, len(count))
	for i, n := range count {
		// One is added: a word seen once here may be seen again elsewhere.
		bits[i] = float32(min(mostRare, math.Log2(mean*(total+1)/(n+0.5))))
	}
	return bits
}

// look is what a pair looks like to one who counts pairs.
type look struct {
	v    vector
	rare int8
}

// drawRandom draws pairs of rows at random. Pairs that agree alike are counted, not
// kept.
func (l *learner) drawRandom() {
	n := min(randomPairs, l.a.rows*l.b.rows)
	if !l.own {
		n = min(n, 20_000+5*l.a.rows) // a short file is not worth waiting longer for
	}
	parts := make([][]observed, l.cores)
	each(l.cores, func(core int) {
		parts[core] = l.drawPart(uint64(n*core/l.cores), uint64(n*(core+1)/l.cores))
	})
	at := map[look]int{}
	for _, part := range parts {
		for _, o := range part {
			l.random = counting(l.random, at, o)
		}
	}
}

// drawPart draws some of the pairs.
func (l *learner) drawPart(from, to uint64) (pairs []observed) {
	w, at := newWorker(l.a.lexicon), map[look]int{}
	for i := from; i < to; i++ {
		a, b := uint32(mixed(2*i+1)%uint64(l.a.rows)), uint32(mixed(2*i+2)%uint64(l.b.rows))
		if l.own && a == b {
			continue
		}
		o := observed{a: a, b: b, n: 1}
		ra, rb := l.a.at(a), l.b.at(b)
		w.compare(ra, rb, &o.v)
		o.v[Birth] = compareBirth(ra.birth, rb.birth)
		o.v[Given], o.v[Family] = w.compareName(ra.given, rb.given), w.compareName(ra.family, rb.family)
		o.rare = l.model.rare(&o.v, ra, rb)
		pairs = counting(pairs, at, o)
	}
	return pairs
}

// counting adds a pair to those that look like it, or as the first of its kind.
func counting(pairs []observed, at map[look]int, o observed) []observed {
	seen := look{o.v, int8(o.rare)}
	if i, ok := at[seen]; ok {
		pairs[i].n += o.n
		return pairs
	}
	at[seen] = len(pairs)
	return append(pairs, o)
}

// chance counts how often two people agree by chance: random pairs, each for as
// much as it is not one person.
func (l *learner) chance(first bool) {
	const held = 100 // pairs that the table of chances counts for
	var count [features][levels]float64
	for i := range l.random {
		o := &l.random[i]
		o.p = l.probability(o)
		for f, level := range o.v {
			count[f][level] += float64(o.n) * (1 - float64(o.p))
		}
	}
	table := chance()
	for f := range features {
		if f == order {
			continue
		}
		sum := 0.0
		for _, n := range count[f][1:] {
			sum += n
		}
		normalise(&table[f])
		for level := 1; level < levels; level++ {
			if table[f][level] == 0 {
				continue
			}
			l.model.u[f][level] = max((count[f][level]+held*table[f][level])/(sum+held), 0.2/(sum+held))
		}
	}
	l.model.weigh()
}

// gather compares the sampled rows with their candidates: in a list with itself
// all of them, between two lists those by loose keys only where no other fits.
func (l *learner) gather() {
	l.rows = (l.a.rows + l.step() - 1) / l.step()
	parts := make([]taker, l.cores)
	each(l.cores, func(core int) {
		parts[core] = taker{learner: l, worker: newWorker(l.a.lexicon), finder: newFinder(l.index)}
		for i := l.rows * core / l.cores; i < l.rows*(core+1)/l.cores; i++ {
			parts[core].gatherRow(uint32(i * l.step()))
		}
	})
	l.pairs = l.pairs[:0]
	for _, part := range parts {
		l.pairs = append(l.pairs, part.taken...)
	}
	l.total = float64(l.rows) * float64(l.b.rows)
	if l.own && l.step() == 1 {
		l.total /= 2
	}
}

// taker is what one core needs to gather pairs.
type taker struct {
	*learner
	worker *worker
	finder *finder
	taken  []observed
}

func (t *taker) gatherRow(row uint32) {
	t.finder.begin()
	kinds := []uint64{tightKeys, widerKeys, looseKeys}
	if t.own {
		kinds = []uint64{allKeys}
	}
	for _, k := range kinds {
		if t.take(row, t.finder.find(t.a, row, k)) {
			return
		}
	}
}

// take keeps the pairs of a row that could be one person, and says whether one of
// them fits well.
func (t *taker) take(row uint32, candidates []uint32) (fits bool) {
	least := float32(-15 - t.model.prior)
	for _, other := range candidates {
		if t.own && (other == row || t.step() == 1 && other < row) {
			continue
		}
		o := observed{a: row, b: other}
		ra, rb := t.a.at(row), t.b.at(other)
		// What is far from one person by any weights would only take time.
		bits := t.model.score(t.worker, ra, rb, &o.v, least)
		if bits < least {
			continue
		}
		o.rare = t.model.rare(&o.v, ra, rb)
		t.taken = append(t.taken, o)
		fits = fits || float64(bits)+t.model.prior > wellFitted
	}
	return fits
}

// rare is what the rarity of words adds to the weights of a vector.
func (md *Model) rare(v *vector, a, b *record) float32 {
	x := float32(0)
	if v[order] == orderTurned {
		return md.turnedWeight(v[Given], a.given, b.family) + md.turnedWeight(v[Family], a.family, b.given) - md.weight[Given][v[Given]] - md.weight[Family][v[Family]]
	}
	x += md.nameWeight(int(Given), v[Given], a.given, b.given) - md.weight[Given][v[Given]]
	x += md.nameWeight(int(Family), v[Family], a.family, b.family) - md.weight[Family][v[Family]]
	return x
}

// probability is that of one person, by the model as it stands.
func (l *learner) probability(o *observed) float32 {
	bits := l.model.prior + float64(o.rare)
	for f, level := range o.v {
		switch Kind(f) {
		case Postcode, House, Street, Locality, Town, Region:
		default:
			bits += float64(l.model.weight[f][level])
		}
	}
	var none record
	bits += float64(l.model.address(&none, &o.v))
	return float32(Probability(bits))
}

// Probability is that of one person for a weight in bits, prior included.
func Probability(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

func (l *learner) expect() {
	for i := range l.pairs {
		l.pairs[i].p = l.probability(&l.pairs[i])
	}
}

func (l *learner) matches() float64 {
	sum := 0.0
	for i := range l.pairs {
		sum += float64(l.pairs[i].p)
	}
	return sum
}

// refine is expectation and maximisation: u from random pairs, m from the pairs
// for as much as each is one person, held by the table.
func (l *learner) refine(times int) {
	for range times {
		l.expect()
		matches := l.matches()
		l.model.m = counted(l.pairs, tabulated(), heldPairs)
		l.model.prior = math.Log2(max(matches, 0.5) / l.total)
		l.model.weigh()
		l.chance(false)
	}
	l.expect()
}

// heldPairs is the number of pairs that the table of m counts for.
const heldPairs = 20

// counted is how the pairs agree, each for as much as it is one person, with the
// table counting for some pairs.
func counted(pairs []observed, table [features][levels]float64, held float64) [features][levels]float64 {
	var m [features][levels]float64
	for i := range pairs {
		o := &pairs[i]
		for f, level := range o.v {
			m[f][level] += float64(o.p)
		}
	}
	for f := range features {
		normalise(&table[f])
		m[f][0] = 0
		for level := 1; level < levels; level++ {
			m[f][level] += held * table[f][level]
		}
		normalise(&m[f])
	}
	return m
}

// weighRows says what each row counts for, so that one person's rows count 1.
func (l *learner) weighRows() {
	l.weight = make([]float64, l.a.rows)
	for i := range l.weight {
		l.weight[i] = 1
	}
	for i := range l.pairs {
		o := &l.pairs[i]
		l.weight[o.a] += float64(o.p)
		l.weight[o.b] += float64(o.p)
	}
	for i, n := range l.weight {
		l.weight[i] = 1 / n
	}
}

// enoughSeeds is the number of pairs with an agreeing number from which m is
// learned by them alone.
const enoughSeeds = 300

// fromNumbers learns m from pairs whose number agrees and in which two of given
// name, family name and birth date do too, the field itself left out of that
// count. It is false where there are too few.
func (l *learner) fromNumbers() bool {
	var seeds [features][]observed
	all := 0.0
	for _, o := range l.pairs {
		if !numbersAgree(&o.v) {
			continue
		}
		good := [features]bool{}
		good[Given] = o.v[Given] != 0 && o.v[Given] < nameNear
		good[Family] = o.v[Family] != 0 && o.v[Family] < nameNear
		good[Birth] = o.v[Birth] != 0 && o.v[Birth] <= birthDigit
		agree := 0
		for _, g := range good {
			if g {
				agree++
			}
		}
		o.p = 1
		counts := false
		for f := range features {
			without := agree
			if good[f] {
				without--
			}
			if without >= 2 {
				seeds[f] = append(seeds[f], o)
				counts = counts || f == int(Sex) || f == order
			}
		}
		if counts {
			all++
		}
	}
	if all < enoughSeeds {
		return false
	}
	// The numbers themselves, and how many pairs there are, come from all pairs.
	l.refine(2)
	table := l.model.m
	for f := range features {
		if isNumber(f) || len(seeds[f]) < enoughSeeds/2 {
			continue
		}
		l.model.m[f] = counted(seeds[f], tabulated(), heldPairs)[f]
	}
	fixed := l.model.m
	for range rounds / 4 {
		l.model.weigh()
		l.expect()
		l.model.prior = math.Log2(max(l.matches(), 0.5) / l.total)
		table = counted(l.pairs, tabulated(), heldPairs)
		for f := range features {
			if isNumber(f) || len(seeds[f]) < enoughSeeds/2 {
				fixed[f] = table[f]
			}
		}
		l.model.m = fixed
		l.model.weigh()
		l.chance(false)
	}
	l.expect()
	l.model.Learned = Learning{From: "numbers", Pairs: all, Why: fmt.Sprintf("%.0f pairs in the sample share a number and two of given name, family name and birth date", all)}
	return true
}

func isNumber(f int) bool { return f >= int(ULN) }

func numbersAgree(v *vector) bool {
	for f := int(ULN); f < features; f++ {
		if v[f] == numberSame {
			return true
		}
	}
	return false
}

// otherGiven is the share of rows of one person whose first names differ beyond
// which it was no person that was learned, but a household: a list of brothers and
// sisters in which hardly anybody stands twice has nothing else to learn from. The
// worst written of the labelled sets has 14 in 100.
const otherGiven = 0.33

// checked refuses a model that has gone wrong: where rows that it calls one
// person seldom agree in full, or are a household's, or where it finds far more or far fewer of them
// than the table does, the table's weights stand.
func (l *learner) checked() *Model {
	known, same := 0.0, 0.0
	for f := range features {
		if f == order || l.model.common[f] == nil && f == int(Given) {
			continue
		}
		seen := 0.0
		for i := range l.pairs {
			if l.pairs[i].v[f] != 0 {
				seen += float64(l.pairs[i].p)
			}
		}
		if seen > 0 {
			known++
			same += l.model.m[f][1]
		}
	}
	found := l.matches()
	table := &learner{a: l.a, b: l.b, own: l.own, pairs: append([]observed(nil), l.pairs...), total: l.total, random: l.random, model: newModel()}
	table.model.common, table.model.borne = l.model.common, l.model.borne
	table.model.u = l.model.u
	for range 4 {
		table.model.weigh()
		table.expect()
		table.model.prior = math.Log2(max(table.matches(), 0.5) / table.total)
	}
	expected := table.matches()
	why := ""
	switch {
	case known > 0 && same/known < 0.25:
		why = fmt.Sprintf("rows that were taken for one person agreed in full in only %.0f%% of their fields", 100*same/known)
	case l.model.m[Given][nameFar] > otherGiven:
		why = fmt.Sprintf("of rows that were taken for one person %.0f%% had first names of two, as brothers and sisters have", 100*l.model.m[Given][nameFar])
	case found < expected/5 || found > expected*5:
		why = fmt.Sprintf("%.0f pairs of one person were found where about %.0f were to be expected", found, expected)
	default:
		return l.model
	}
	table.model.Learned = Learning{From: "table", Pairs: expected, Why: why + ", so the tabulated weights are used"}
	return table.model
}
