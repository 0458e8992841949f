package publish

import (
	"math"
	"slices"
)

// Status is one column of a published table, counted within its Parent: those
// NEET within those NEET or not known, these within the cohort.
type Status struct {
	Name, Words string
	// Parent is the index of the status of which this one is a part, -1 for the
	// whole.
	Parent int
}

// cell is one number: of a status, in a group; group 0 is everybody.
type cell struct{ status, group int }

// network is one table as flows: each number is what flows along one arc. From
// outside it flows into a group, parts into the statuses, joins those of the
// other groups, and leaves through the totals of everybody. So a table adds up
// if, and only if, as much flows into each node as out of it; and what can be
// worked out of a number withheld is between the least and the most that can
// flow along its arc while those shown stay as they are (whole numbers, as all
// bounds are).
type network struct {
	arcs  []arc
	at    map[cell]int
	nodes int
	// out holds the arcs that touch each node.
	out [][]int
}

type arc struct {
	cell     cell
	from, to int
	flow     int
	// least and most are between which the number is known to lie by what is
	// shown. Where the percentages of its line are withheld too it is between
	// rounded[0] and rounded[1], and where it is withheld itself from 1 on.
	least, most int
	rounded     [2]int
	withheld    bool
	cost        int
}

// unlimited is more than any register holds.
const unlimited = math.MaxInt32

// newNetwork lays out a table with numbers by group and status: counts[0] is
// everybody, the others are the groups, which add up to it.
func newNetwork(statuses []Status, counts [][]int) *network {
	n := &network{at: map[cell]int{}, nodes: 1}
	inner := make([]bool, len(statuses))
	for _, s := range statuses[1:] {
		inner[s.Parent] = true
	}
	node := func() int { n.nodes++; return n.nodes - 1 }
	// Nodes of everybody's totals, and where each status of all groups joins.
	totals, joins := make([]int, len(statuses)), make([]int, len(statuses))
	for s := range statuses {
		if inner[s] {
			totals[s] = node()
		} else {
			joins[s] = node()
		}
	}
	add := func(c cell, from, to int) {
		n.at[c] = len(n.arcs)
		n.arcs = append(n.arcs, arc{cell: c, from: from, to: to, flow: counts[c.group][c.status]})
	}
	for s, status := range statuses {
		from, to := joins[s], 0
		if inner[s] {
			from = totals[s]
		}
		if status.Parent >= 0 {
			to = totals[status.Parent]
		}
		add(cell{s, 0}, from, to)
	}
	for g := 1; g < len(counts); g++ {
		parts := make([]int, len(statuses))
		for s, status := range statuses {
			from, to := 0, joins[s]
			if status.Parent >= 0 {
				from = parts[status.Parent]
			}
			if inner[s] {
				parts[s] = node()
				to = parts[s]
			}
			add(cell{s, g}, from, to)
		}
	}
	n.out = make([][]int, n.nodes)
	for i, a := range n.arcs {
		n.out[a.from] = append(n.out[a.from], i)
		if a.to != a.from {
			n.out[a.to] = append(n.out[a.to], i)
		}
	}
	return n
}

// ways are what may be given up so that more can flow along an arc.
type way int

const (
	asShown way = iota
	noPercent
	noCount
)

// room is how much more could flow along the arc out of the node, given what
// was pushed, if so much were given up. A 0 that is shown stays.
func (n *network) room(i, node int, pushed []int, give way) int {
	a := &n.arcs[i]
	least, most := a.least, a.most
	switch {
	case a.withheld || give == asShown:
	case a.flow == 0 || a.cell.group == 0 && give == noPercent:
		return 0
	case give == noPercent:
		least, most = min(least, a.rounded[0]), max(most, a.rounded[1])
	default:
		least, most = smallest, unlimited
	}
	if a.from == node {
		return most - a.flow - pushed[i]
	}
	return a.flow + pushed[i] - least
}

// open is the least that must be given up so that anything can flow along the
// arc, and what that costs; ok is false where nothing helps. Where nothing may
// be given up, only what flows as it is counts.
func (n *network) open(i, node int, pushed []int, mayGive bool) (give way, cost int, ok bool) {
	for give := asShown; give <= noCount; give++ {
		if n.room(i, node, pushed, give) > 0 {
			return give, n.arcs[i].cost * [...]int{0, 1, costOfCount}[give], true
		}
		if !mayGive {
			break
		}
	}
	return 0, 0, false
}

// costOfCount is how much more a number is worth than the percentages of a line.
const costOfCount = 8

// push sends up to want more along the arc, around through the others that are
// free, and returns how much could be sent and what flows then. Sending back
// (less) is the other direction.
func (n *network) push(along, want int, back bool) (sent int, pushed []int) {
	pushed = make([]int, len(n.arcs))
	source, sink := n.arcs[along].to, n.arcs[along].from
	if back {
		source, sink = sink, source
	}
	for sent < want {
		path := n.shortest(along, source, sink, pushed, false)
		if path == nil {
			break
		}
		amount := want - sent
		at := source
		for _, step := range path {
			amount = min(amount, n.room(step.arc, at, pushed, asShown))
			at = n.other(step.arc, at)
		}
		n.send(path, source, amount, pushed)
		sent += amount
	}
	return sent, pushed
}

// other is the node at the arc's other end.
func (n *network) other(i, node int) int {
	if a := &n.arcs[i]; a.from == node {
		return a.to
	}
	return n.arcs[i].from
}

func (n *network) send(path []step, source, amount int, pushed []int) {
	at := source
	for _, s := range path {
		if n.arcs[s.arc].from == at {
			pushed[s.arc] += amount
		} else {
			pushed[s.arc] -= amount
		}
		at = n.other(s.arc, at)
	}
}

// step is an arc on a way, and what must be given up for it.
type step struct {
	arc  int
	give way
}

// shortest is the way from source to sink that costs least; nil where there is
// none.
func (n *network) shortest(without, source, sink int, pushed []int, mayGive bool) []step {
	cost, by := make([]int, n.nodes), make([]step, n.nodes)
	for i := range cost {
		cost[i], by[i].arc = unlimited, -1
	}
	cost[source] = 0
	done := make([]bool, n.nodes)
	open := &heap{}
	open.add(0, source)
	for !open.empty() && !done[sink] {
		at := open.take()
		if done[at] {
			continue
		}
		done[at] = true
		for _, i := range n.out[at] {
			give, more, ok := n.open(i, at, pushed, mayGive)
			next := n.other(i, at)
			if i == without || !ok || cost[at]+more >= cost[next] {
				continue
			}
			cost[next], by[next] = cost[at]+more, step{i, give}
			open.add(cost[next], next)
		}
	}
	if by[sink].arc < 0 {
		return nil
	}
	var path []step
	for at := sink; at != source; at = n.other(by[at].arc, at) {
		path = append(path, by[at])
	}
	slices.Reverse(path)
	return path
}

// heap gives the nearest of those waiting.
type heap struct{ waiting []waiting }

type waiting struct{ cost, node int }

func (h *heap) empty() bool { return len(h.waiting) == 0 }

func (h *heap) add(cost, node int) {
	h.waiting = append(h.waiting, waiting{cost, node})
	for i := len(h.waiting) - 1; i > 0; {
		up := (i - 1) / 2
		if h.waiting[up].cost <= h.waiting[i].cost {
			break
		}
		h.waiting[up], h.waiting[i] = h.waiting[i], h.waiting[up]
		i = up
	}
}

func (h *heap) take() int {
	first, last := h.waiting[0].node, len(h.waiting)-1
	h.waiting[0] = h.waiting[last]
	h.waiting = h.waiting[:last]
	for i := 0; ; {
		least := i
		for _, down := range []int{2*i + 1, 2*i + 2} {
			if down < last && h.waiting[down].cost < h.waiting[least].cost {
				least = down
			}
		}
		if least == i {
			return first
		}
		h.waiting[i], h.waiting[least] = h.waiting[least], h.waiting[i]
		i = least
	}
}
