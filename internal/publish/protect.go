package publish

// The numbers that are never shown, and so the least that must stay possible of
// each that is withheld.
const (
	smallest = 1
	largest  = 5
)

func small(n int) bool { return n >= smallest && n <= largest }

// protector withholds numbers in the tables of one publication, which have
// everybody's totals in common.
//
// Each table is held against attack alone, with the totals of everybody that
// are shown known exactly, and those that are withheld free in it. That is enough for all of them together: where a
// total of everybody is withheld, so is that status in every group of every
// table, and whatever one table makes of the totals, the others can follow by
// moving people from one such status to another within their groups.
type protector struct {
	statuses []Status
	// tables[t][g][s] are the numbers; tables[t][0] is everybody, the same in
	// each.
	tables [][][]int
	// withheld[t][g][s] are the numbers withheld, those of everybody alike in
	// all; bare[t][g] are the lines of which no percentage is shown.
	withheld [][][]bool
	bare     [][]bool
	children [][]int
}

// protect returns which numbers of each table are withheld, and of which lines
// the percentages are. The groups of each
// table add up to everybody in every status, and the parts of a status to it. ok
// is false where no way was found to withhold enough: then nothing may be shown.
func protect(statuses []Status, tables [][][]int) (withheld [][][]bool, bare [][]bool, ok bool) {
	p := &protector{statuses: statuses, tables: tables, children: make([][]int, len(statuses))}
	for s, status := range statuses {
		if status.Parent >= 0 {
			p.children[status.Parent] = append(p.children[status.Parent], s)
		}
	}
	for _, table := range tables {
		withheld := make([][]bool, len(table))
		for g := range table {
			withheld[g] = make([]bool, len(statuses))
		}
		p.withheld, p.bare = append(p.withheld, withheld), append(p.bare, make([]bool, len(table)))
	}
	for t, table := range tables {
		for g := range table {
			for s, n := range table[g] {
				if small(n) {
					p.withhold(t, cell{s, g})
				}
			}
		}
	}
	for again := true; again; {
		again = false
		for t := range tables {
			more, ok := p.guard(t)
			if !ok {
				return nil, nil, false
			}
			again = again || more
		}
	}
	return p.withheld, p.bare, true
}

// count is how much is given up.
func (p *protector) count() (n int) {
	for t, table := range p.withheld {
		for g, line := range table {
			if p.bare[t][g] {
				n++
			}
			for _, w := range line {
				if w {
					n++
				}
			}
		}
	}
	return n
}

// withhold withholds a number, and all of which it is the total.
func (p *protector) withhold(t int, c cell) {
	if c.group != 0 {
		p.withholdIn(t, c)
		return
	}
	for t := range p.tables {
		for g := range p.tables[t] {
			p.withholdIn(t, cell{c.status, g})
		}
	}
}

// withholdIn leaves a 0 that follows from another one beside it, which is shown:
// nobody would be hidden by it.
func (p *protector) withholdIn(t int, c cell) {
	if p.tables[t][c.group][c.status] == 0 {
		parent := p.statuses[c.status].Parent
		if p.shown0(t, cell{c.status, 0}) || parent >= 0 && p.shown0(t, cell{parent, c.group}) {
			return
		}
	}
	p.withheld[t][c.group][c.status] = true
	for _, child := range p.children[c.status] {
		p.withholdIn(t, cell{child, c.group})
	}
}

func (p *protector) shown0(t int, c cell) bool {
	return p.tables[t][c.group][c.status] == 0 && !p.withheld[t][c.group][c.status]
}

// underTotal says that a total of which the number is a part is withheld: then
// a 0 is withheld too (unless it follows from a 0 that is shown), and a number withheld may be one.
func (p *protector) underTotal(t int, c cell) bool {
	if parent := p.statuses[c.status].Parent; parent >= 0 && p.withheld[t][c.group][parent] {
		return true
	}
	return c.group != 0 && p.withheld[t][0][c.status]
}

// cost is how much is lost by withholding a number: a total is worth more than
// its parts, everybody more than a group, a large number more than a small one.
func (p *protector) cost(t int, c cell) int {
	weight := 1
	for range p.children[c.status] {
		weight *= 8
	}
	if p.statuses[c.status].Parent < 0 {
		weight *= 8
	}
	if c.group == 0 {
		weight *= 64 * len(p.tables)
	}
	return weight * (1000 + min(p.tables[t][c.group][c.status], 1000))
}

// guard withholds more in one table until every number that is 1 to 5 may be any
// of 1 to 5, and says whether it did. What is withheld for their sake alone is
// hidden by them, and not the other way round: asking the same of it would leave
// nothing to publish. ok is false where it cannot: each round
// withholds one more, or gives up.
func (p *protector) guard(t int) (more, ok bool) {
	n := newNetwork(p.statuses, p.tables[t])
	for i := range n.arcs {
		n.arcs[i].cost = p.cost(t, n.arcs[i].cell)
	}
	p.free(t, n)
	// A number that may be any of them may be so still when more is withheld: so
	// none is asked about again but those withheld for others' sake, next time.
	for i := 0; i < len(n.arcs); {
		before := p.count()
		if !n.arcs[i].withheld || !small(n.arcs[i].flow) || p.widen(t, n, i, false) && p.widen(t, n, i, true) {
			i++
			continue
		}
		if p.count() == before {
			return more, false
		}
		p.free(t, n)
		more = true
	}
	return more, true
}

// free says of each number between which it is known to lie.
func (p *protector) free(t int, n *network) {
	boxes := make([][][2]int, len(p.tables[t]))
	for g, line := range p.tables[t] {
		boxes[g] = known(line, p.withheld[t][g], p.bare[t][g])
	}
	for i := range n.arcs {
		a := &n.arcs[i]
		a.withheld = p.withheld[t][a.cell.group][a.cell.status]
		switch {
		case a.withheld && p.underTotal(t, a.cell):
			a.least, a.most = 0, unlimited
		case a.withheld:
			a.least, a.most = smallest, unlimited
		case a.cell.group == 0:
			a.least, a.most = a.flow, a.flow
		default:
			box := boxes[a.cell.group][a.cell.status]
			a.least, a.most = box[0], box[1]
		}
		a.rounded = between(a.flow)
	}
}

// widen is true where the number may be as much as 5 (back: as little as 1);
// else it gives up something that stands in the way.
func (p *protector) widen(t int, n *network, i int, back bool) bool {
	a := &n.arcs[i]
	want := largest - a.flow
	if back {
		want = a.flow - smallest
	}
	if want <= 0 {
		return true
	}
	sent, pushed := n.push(i, want, back)
	if sent == want {
		return true
	}
	source, sink := a.to, a.from
	if back {
		source, sink = sink, source
	}
	path := n.shortest(i, source, sink, pushed, true)
	for _, s := range path {
		switch c := n.arcs[s.arc].cell; s.give {
		case noPercent:
			p.bare[t][c.group] = true
		case noCount:
			p.withhold(t, c)
		}
	}
	if path == nil {
		p.withhold(t, p.above(t, a.cell))
	}
	return false
}

// above is a total of the number that is not withheld yet, and no 0; where there
// is none, it is the total of everybody.
func (p *protector) above(t int, c cell) cell {
	for s := p.statuses[c.status].Parent; s >= 0; s = p.statuses[s].Parent {
		if p.tables[t][c.group][s] > 0 && !p.withheld[t][c.group][s] {
			return cell{s, c.group}
		}
	}
	for s := c.status; s >= 0; s = p.statuses[s].Parent {
		if p.tables[t][0][s] > 0 && !p.withheld[t][0][s] {
			return cell{s, 0}
		}
	}
	return cell{0, 0}
}
