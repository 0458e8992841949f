package publish

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

// attacker knows the rules and what was published, and asks of each number
// withheld what it can be, by linear programming over all tables at once. It
// shares nothing with the room: not the flows, not the one table at a time.
type attacker struct {
	statuses []Status
	shown    [][][]Number // as published
}

// bounds are between which a number lies by the count that was published.
func (a *attacker) bounds(t, g, s int, under bool) (lo, hi float64) {
	switch text := a.shown[t][g][s].Count; {
	case text == Withheld && under:
		return 0, 1e6
	case text == Withheld:
		return 1, 1e6
	case text == "0":
		return 0, 0
	default:
		var n int
		fmt.Sscan(text, &n)
		return math.Max(6, float64(n-2)), float64(n + 2)
	}
}

// between is the least and the most of one number.
func (a *attacker) between(t, g, s int) (lo, hi float64) {
	var p program
	at := map[[3]int]int{}
	for t := range a.shown {
		for g := range a.shown[t] {
			if g == 0 && t > 0 {
				continue // everybody is the same in each
			}
			for s := range a.statuses {
				parent := a.statuses[s].Parent
				under := parent >= 0 && a.shown[t][g][parent].Count == Withheld || g > 0 && a.shown[t][0][s].Count == Withheld
				from, to := a.bounds(t, g, s, under)
				at[[3]int{t, g, s}] = p.variable(from, to)
			}
		}
	}
	cell := func(t, g, s int) int {
		if g == 0 {
			t = 0
		}
		return at[[3]int{t, g, s}]
	}
	for t := range a.shown {
		for g := range a.shown[t] {
			for s := range a.statuses {
				var parts []int
				for c := range a.statuses {
					if a.statuses[c].Parent == s {
						parts = append(parts, cell(t, g, c))
					}
				}
				if len(parts) > 0 {
					p.sum(cell(t, g, s), parts)
				}
			}
		}
		for g := range a.shown[t] {
			for s := range a.statuses {
				var percent float64
				if n, _ := fmt.Sscan(a.shown[t][g][s].Percent, &percent); n == 1 {
					// percent - 0.05 <= 100 × part / whole < percent + 0.05
					p.within(cell(t, g, s), cell(t, g, 0), (percent-0.05)/100, (percent+0.05)/100)
				}
			}
		}
		for s := range a.statuses {
			var parts []int
			for g := 1; g < len(a.shown[t]); g++ {
				parts = append(parts, cell(t, g, s))
			}
			p.sum(cell(t, 0, s), parts)
		}
	}
	return p.least(cell(t, g, s)), p.most(cell(t, g, s))
}

// drawTables are random tables whose parts add up: statuses in a tree, and two
// ways of putting the same people into groups.
func drawTables(t *rapid.T) (statuses []Status, tables [][][]int) {
	parents := rapid.SampledFrom([][]int{{-1}, {-1, 0, 0}, {-1, 0, 0, 0}, {-1, 0, 0, 2, 2}, {-1, 0, 1, 1, 0, 4, 4}}).Draw(t, "statuses")
	inner := map[int]bool{}
	for i, p := range parents {
		statuses = append(statuses, Status{Name: fmt.Sprint("s", i), Parent: p})
		inner[p] = true
	}
	ways := rapid.IntRange(1, 3).Draw(t, "ways")
	sizes := make([]int, ways)
	for w := range sizes {
		sizes[w] = rapid.IntRange(1, 5).Draw(t, "groups")
		table := make([][]int, sizes[w]+1)
		for g := range table {
			table[g] = make([]int, len(statuses))
		}
		tables = append(tables, table)
	}
	// Lots of people of one kind, each lot in one group of each way.
	for range rapid.IntRange(1, 30).Draw(t, "lots") {
		n := rapid.OneOf(rapid.IntRange(1, 6), rapid.IntRange(1, 60)).Draw(t, "people")
		leaf := rapid.IntRange(0, len(statuses)-1).Filter(func(s int) bool { return !inner[s] }).Draw(t, "status")
		for w := range tables {
			g := rapid.IntRange(1, sizes[w]).Draw(t, "group")
			for s := leaf; s >= 0; s = statuses[s].Parent {
				tables[w][g][s] += n
				tables[w][0][s] += n
			}
		}
	}
	return statuses, tables
}

// shownTables are the tables as published.
func shownTables(t interface{ Fatalf(string, ...any) }, statuses []Status, tables [][][]int) [][][]Number {
	var all []counted
	for _, table := range tables {
		var one counted
		for _, line := range table {
			one.lines = append(one.lines, countedLine{numbers: line})
		}
		all = append(all, one)
	}
	published, ok := publishTables(statuses, all)
	if !ok {
		t.Fatalf("no way was found: %v", tables)
	}
	var out [][][]Number
	for _, table := range published {
		var lines [][]Number
		for _, l := range table.Lines {
			lines = append(lines, l.Numbers)
		}
		out = append(out, lines)
	}
	return out
}

// TestNothingWithheldCanBeSolvedBack attacks random publications with all that
// was published of them: counts, percentages and rules.
func TestNothingWithheldCanBeSolvedBack(t *testing.T) {
	tables, cells, all, percents := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		statuses, drawn := drawTables(t)
		shown := shownTables(t, statuses, drawn)
		tables += len(drawn)
		a := &attacker{statuses: statuses, shown: shown}
		for ti := range drawn {
			for g := range drawn[ti] {
				for s, n := range drawn[ti][g] {
					all++
					if p := shown[ti][g][s].Percent; p != "" && p != Withheld && p != NotApplicable {
						percents++
					}
					if shown[ti][g][s].Count != Withheld {
						if small(n) {
							t.Fatalf("%d is shown", n)
						}
						continue
					}
					cells++
					if !small(n) {
						continue // withheld for others' sake
					}
					if lo, hi := a.between(ti, g, s); lo > smallest+1e-6 || hi < largest-1e-6 {
						t.Fatalf("table %d, group %d, status %d: %d was withheld, and must be between %v and %v\n%v\n%v", ti, g, s, n, lo, hi, drawn, shown)
					}
				}
			}
		}
	})
	t.Logf("%d tables attacked: %d numbers, %d of them withheld; %d percentages", tables, all, cells, percents)
	if cells == 0 || percents == 0 {
		t.Fatal("nothing was withheld, or no percentage shown, so nothing was attacked")
	}
}

// TestTheAttackFindsWhatIsOpen shows that the attack works: with the small
// numbers alone withheld, it finds them.
func TestTheAttackFindsWhatIsOpen(t *testing.T) {
	statuses := []Status{{Parent: -1}, {Parent: 0}, {Parent: 0}}
	table := [][][]int{{{100, 60, 40}, {53, 50, 3}, {47, 10, 37}}}
	var naive [][]Number
	for g, line := range table[0] {
		var numbers []Number
		for s, n := range line {
			number := Number{Count: shownCount(n, g == 1 && s == 2)}
			if s > 0 {
				number.Percent = shownPercent(n, line[0], g == 1 && s == 2)
			}
			numbers = append(numbers, number)
		}
		naive = append(naive, numbers)
	}
	a := &attacker{statuses: statuses, shown: [][][]Number{naive}}
	if lo, hi := a.between(0, 1, 2); math.Ceil(lo-1e-6) != 3 || math.Floor(hi+1e-6) != 3 {
		t.Fatalf("between %v and %v", lo, hi)
	}
	a.shown = shownTables(t, statuses, table)
	if lo, hi := a.between(0, 1, 2); lo > 1 || hi < 5 {
		t.Fatalf("between %v and %v: %v", lo, hi, a.shown)
	}
}

// program is a linear program in bounded variables, solved by the plainest
// method there is: the simplex in a table, Bland's rule, two phases.
type program struct {
	lo, hi []float64
	equal  [][]float64 // sums that are 0
}

// within says that part is at least least × whole and at most most × whole.
func (p *program) within(part, whole int, least, most float64) {
	over, under := p.variable(0, 1e6), p.variable(0, 1e6)
	for _, bound := range []struct {
		slack int
		times float64
		sign  float64
	}{{over, least, -1}, {under, most, 1}} {
		row := make([]float64, len(p.lo))
		row[part], row[whole], row[bound.slack] = 1, -bound.times, bound.sign
		p.equal = append(p.equal, row)
	}
}

func (p *program) variable(lo, hi float64) int {
	p.lo, p.hi = append(p.lo, lo), append(p.hi, hi)
	return len(p.lo) - 1
}

func (p *program) sum(total int, parts []int) {
	row := make([]float64, len(p.lo))
	row[total]--
	for _, part := range parts {
		row[part]++
	}
	p.equal = append(p.equal, row)
}

func (p *program) least(v int) float64 { return p.optimum(v, 1) }
func (p *program) most(v int) float64  { return -p.optimum(v, -1) }

// optimum is the least of sign × v. With x = lo + y, y ≥ 0 and y + slack = hi −
// lo, and an artificial variable in each equation.
func (p *program) optimum(v int, sign float64) float64 {
	n := len(p.lo)
	m := len(p.equal) + n
	width := 2*n + m + 1
	rows := make([][]float64, m)
	basis := make([]int, m)
	for i := range rows {
		rows[i] = make([]float64, width)
		if i < len(p.equal) {
			right := 0.0
			for j, k := range p.equal[i] {
				rows[i][j] = k
				right -= k * p.lo[j]
			}
			rows[i][width-1] = right
		} else {
			j := i - len(p.equal)
			rows[i][j], rows[i][n+j], rows[i][width-1] = 1, 1, p.hi[j]-p.lo[j]
		}
		if rows[i][width-1] < 0 {
			for j := range rows[i] {
				rows[i][j] = -rows[i][j]
			}
		}
		rows[i][2*n+i] = 1
		basis[i] = 2*n + i
	}
	first := make([]float64, width)
	for _, row := range rows {
		for j := range row {
			if j < 2*n || j == width-1 {
				first[j] -= row[j]
			}
		}
	}
	solve(rows, first, basis, 2*n)
	if math.Abs(first[width-1]) > 1e-4 {
		panic("what was published cannot be")
	}
	second := make([]float64, width)
	second[v] = sign
	for i, b := range basis {
		if k := second[b]; b < 2*n && k != 0 {
			for j := range second {
				second[j] -= k * rows[i][j]
			}
		}
	}
	solve(rows, second, basis, 2*n)
	return sign*p.lo[v] - second[width-1]
}

func solve(rows [][]float64, goal []float64, basis []int, columns int) {
	width := len(goal)
	for {
		enter := -1
		for j := range columns {
			if goal[j] < -1e-9 {
				enter = j
				break
			}
		}
		if enter < 0 {
			return
		}
		leave, best := -1, 0.0
		for i, row := range rows {
			if row[enter] > 1e-9 {
				if ratio := row[width-1] / row[enter]; leave < 0 || ratio < best-1e-12 || ratio <= best+1e-12 && basis[i] < basis[leave] {
					leave, best = i, ratio
				}
			}
		}
		if leave < 0 {
			panic("no bound")
		}
		pivot := rows[leave][enter]
		for j := range rows[leave] {
			rows[leave][j] /= pivot
		}
		for i, row := range rows {
			if k := row[enter]; i != leave && k != 0 {
				for j := range row {
					row[j] -= k * rows[leave][j]
				}
			}
		}
		if k := goal[enter]; k != 0 {
			for j := range goal {
				goal[j] -= k * rows[leave][j]
			}
		}
		basis[leave] = enter
	}
}
