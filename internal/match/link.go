package match

import (
	"cmp"
	"slices"
	"sync"
)

// A Link is what was found for a row: the person it fits best.
type Link struct {
	Row, Person uint32
	Bits        float32 // weight, prior included
	Margin      float32 // over the next best person, 30 where it is larger or there is none
	Answer      Answer
	Veto        Veto
}

// Probability is that the row and the person are one.
func (l Link) Probability() float64 { return Probability(float64(l.Bits)) }

// A Matcher holds a register's people ready to be matched with files. It may be
// used by many at once after it is built.
type Matcher struct {
	people *Table
	index  *index
	model  *Model
	policy Policy
	cores  int
}

// NewMatcher indexes the people on as many cores as are given. Rows with further
// values (Table.Also) answer to former names, addresses and numbers too.
func NewMatcher(people *Table, policy Policy, cores int) *Matcher {
	return &Matcher{people: people, index: newIndex(people, max(1, cores)), policy: policy, cores: max(1, cores)}
}

// Learn learns the weights from a file of rows whose table shares the people's
// lexicon; until then, and where it is called again, Link learns from the first
// file that it sees.
func (m *Matcher) Learn(rows *Table) *Model {
	m.model = learn(rows, m.people, m.index, m.cores)
	return m.model
}

// Outcome is what was found for all rows of a file.
type Outcome struct {
	// Links holds one link a row, in the order of the rows; those that fit nobody
	// are Different.
	Links []Link
	// Sure is the weight from which links were automatic.
	Sure float64
	// ExpectedWrong is how many of the links that are Same are wrong, by the model.
	ExpectedWrong float64
	// ExpectedMissed is how many rows without one are somebody known, by the model.
	ExpectedMissed float64
	// Model tells the weights.
	Model *Model
}

// Link finds for each row the person it is. No two rows become the same person
// unseen, nobody is joined through a third, and the answer does not depend on the
// order of rows.
func (m *Matcher) Link(rows *Table) Outcome {
	if m.model == nil {
		m.Learn(rows)
	}
	out := Outcome{Links: make([]Link, rows.rows), Model: m.model}
	var all sync.WaitGroup
	for core := range m.cores {
		all.Go(func() {
			s := m.searcher()
			// Rows beside each other go to one core: neighbours share words.
			const batch = 512
			for start := core * batch; start < rows.rows; start += m.cores * batch {
				for row := start; row < min(start+batch, rows.rows); row++ {
					out.Links[row] = s.best(rows, uint32(row))
				}
			}
		})
	}
	all.Wait()
	m.settle(&out)
	return out
}

// searcher is what one core needs to find the best person for a row.
type searcher struct {
	*Matcher
	worker *worker
	finder *finder
}

func (m *Matcher) searcher() *searcher {
	return &searcher{m, newWorker(m.people.lexicon), newFinder(m.index)}
}

// mostMargin is the margin beyond which nobody asks how large it is.
const mostMargin = 30

// wellFitted is the weight from which nobody is looked for by wider keys: who
// shares none of the tight ones cannot come near.
const wellFitted = 16

// best is the person whom the row fits best, with the vetoes of the pair.
func (s *searcher) best(rows *Table, row uint32) Link {
	link := Link{Row: row, Bits: -100, Margin: mostMargin}
	next := float32(hopeless)
	var v, best vector
	least := float32(s.policy.Least-s.policy.Margin) - float32(s.model.prior)
	try := func(people []uint32) {
		for _, person := range people {
			// Who is further behind the best than the margin makes no difference.
			bits := s.model.pairScore(s.worker, rows, s.people, row, person, &v, max(least, link.Bits-mostMargin))
			switch {
			case bits == hopeless:
			case bits > link.Bits || bits == link.Bits && person < link.Person:
				next = link.Bits
				link.Bits, link.Person, best = bits, person, v
			case bits > next:
				next = bits
			}
		}
	}
	// Certain first: a number that agrees, with both names and the birth date. Nobody
	// else need be looked at. Then what is likely, then what is barely so.
	s.finder.begin()
	try(s.finder.find(rows, row, numberKeys))
	if link.Bits == -100 || !certain(&best) {
		try(s.finder.find(rows, row, tightKeys))
		for _, kinds := range [...]uint64{widerKeys, looseKeys} {
			if float64(link.Bits)+s.model.prior < wellFitted {
				try(s.finder.find(rows, row, kinds))
			}
		}
	}
	if link.Bits == -100 {
		return link
	}
	if next > -100 {
		link.Margin = min(mostMargin, link.Bits-next)
	}
	link.Bits += float32(s.model.prior)
	link.Veto = s.model.vetoes(s.policy, &best, rows.at(row), s.people.at(link.Person))
	if link.Veto&VetoEvidence == 0 && float64(link.Margin) < s.policy.Margin {
		link.Veto |= VetoRunnerUp
	}
	return link
}

// certain says that a number agrees, no other contradicts, and both names and the
// birth date are the same.
func certain(v *vector) bool {
	return lastingNumber(v) && v[ULN] <= numberSame && v[UPN] <= numberSame && v[YoungPersonsID] <= numberSame &&
		v[Birth] == birthSame && v[Given] != 0 && v[Given] <= nameVariant && v[Family] != 0 && v[Family] <= namePart
}

// settle gives the answers, once all rows are known.
func (m *Matcher) settle(out *Outcome) {
	fitted := make([]uint8, m.people.rows) // by how many rows each person is claimed; 2 is several
	for i := range out.Links {
		l := &out.Links[i]
		if float64(l.Bits) >= m.policy.Least && !(m.policy.Strict && l.Veto.another()) {
			l.Answer = Decide
			fitted[l.Person] = min(2, fitted[l.Person]+1)
		}
	}
	var heaviest []uint32 // of people whom several rows fit
	for i, l := range out.Links {
		if l.Answer == Decide && fitted[l.Person] > 1 {
			heaviest = append(heaviest, uint32(i))
		}
	}
	slices.SortFunc(heaviest, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(out.Links[a].Person, out.Links[b].Person), cmp.Compare(out.Links[b].Bits, out.Links[a].Bits), cmp.Compare(a, b))
	})
	for i := 1; i < len(heaviest); i++ {
		first, l := &out.Links[heaviest[i-1]], &out.Links[heaviest[i]]
		if first.Person == l.Person {
			// Who is somebody else by the look of it casts no doubt on the other row.
			if m.policy.Strict && l.Veto&^VetoTwice == 0 {
				first.Veto |= VetoTwice
			}
			l.Veto |= VetoTwice
		}
	}
	out.Sure = m.sure(out.Links)
	for i := range out.Links {
		l := &out.Links[i]
		if l.Answer == Decide && l.Veto == 0 && float64(l.Bits) >= out.Sure {
			l.Answer = Same
			out.ExpectedWrong += 1 - l.Probability()
		} else if l.Bits > -100 {
			out.ExpectedMissed += l.Probability()
		}
	}
}

// sure is the weight from which the share of wrong ones expected among the links
// is no more than the policy's.
func (m *Matcher) sure(links []Link) float64 {
	if m.policy.Wrong == 0 {
		return m.policy.Sure
	}
	const steps = 80 // of half a bit
	var count, wrong [steps]float64
	for _, l := range links {
		if l.Answer == Decide && l.Veto == 0 && float64(l.Bits) >= m.policy.Sure {
			i := min(steps-1, int(2*(float64(l.Bits)-m.policy.Sure)))
			count[i]++
			wrong[i] += 1 - l.Probability()
		}
	}
	n, bad := 0.0, 0.0
	sure := m.policy.Sure + steps/2
	for i := steps - 1; i >= 0; i-- {
		n += count[i]
		bad += wrong[i]
		if bad > m.policy.Wrong*n {
			break
		}
		sure = m.policy.Sure + float64(i)/2
	}
	return sure
}

// Candidates are the people whom a row could be, the likeliest first, at most n
// of them: what a person who decides is offered.
func (m *Matcher) Candidates(rows *Table, row, n int) []Link {
	if m.model == nil {
		m.Learn(rows)
	}
	s := m.searcher()
	var found []Link
	s.finder.begin()
	for _, person := range s.finder.find(rows, uint32(row), allKeys) {
		var v vector
		bits := m.model.pairScore(s.worker, rows, m.people, uint32(row), person, &v, hopeless) + float32(m.model.prior)
		veto := m.model.vetoes(m.policy, &v, rows.at(uint32(row)), m.people.at(person))
		if float64(bits) < m.policy.Least || m.policy.Strict && veto.another() {
			continue
		}
		found = append(found, Link{Row: uint32(row), Person: person, Bits: bits, Margin: mostMargin, Answer: Decide, Veto: veto})
	}
	slices.SortFunc(found, func(a, b Link) int {
		return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Person, b.Person))
	})
	for i := range found[:max(0, len(found)-1)] {
		found[i].Margin = min(mostMargin, found[i].Bits-found[i+1].Bits)
	}
	return found[:min(n, len(found))]
}

// Use takes a model that was learned before, of people with the same lexicon.
func (m *Matcher) Use(model *Model) { m.model = model }
