package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/match"
)

// lists are the flags of the commands that compare lists of people.
type lists struct {
	ID    string            `name:"id" help:"Column by which the rows are named. Without it, a column that is called an id and holds a different one in each row, else the row's number." placeholder:"COLUMN"`
	Truth string            `help:"Column that is the same for rows of one person: takes no part, and tells how right the answers are." placeholder:"COLUMN"`
	Map   map[string]string `help:"What a column holds, where it is taken for something else: --map 'Called=given name'; nothing leaves it out." placeholder:"HEADER=ITEM" mapsep:"none"`
	Sheet string            `help:"Sheet of a workbook. Without it, the one that looks most like people." placeholder:"NAME"`
	Out   string            `help:"File to write; - writes to standard output." default:"-" placeholder:"FILE.csv"`
}

// Link is `waymark link`: who of one list is on the other? It needs no register
// and stores nothing.
type Link struct {
	Left       string `arg:"" help:"A list of people: CSV or .xlsx."`
	Right      string `arg:"" help:"The other list."`
	RightID    string `name:"right-id" help:"Like --id, for the other list, where the column has another name there." placeholder:"COLUMN"`
	RightTruth string `name:"right-truth" help:"Like --truth, for the other list." placeholder:"COLUMN"`
	lists      `embed:""`
}

// Dedupe is `waymark dedupe`: who stands on a list more than once?
type Dedupe struct {
	File  string `arg:"" help:"A list of people: CSV or .xlsx."`
	Pairs string `help:"File to write the pairs of rows to, with their weights, those to be decided too." placeholder:"FILE.csv"`
	lists `embed:""`
}

// Run writes left, right, weight in bits, probability and answer of each pair that
// is the same or to be decided, the heaviest first.
func (c *Link) Run(env *Env) error {
	both, err := c.read(env, side{c.Left, c.ID, c.Truth}, side{c.Right, orElse(c.RightID, c.ID), orElse(c.RightTruth, c.Truth)})
	if err != nil {
		return refuseList(env, err)
	}
	left, right := both[0], both[1]
	found := match.LinkLists(left.table, right.table, match.ForLists(), runtime.NumCPU())
	if err := writeTo(env, c.Out, func(w *csv.Writer) error { return writePairs(w, left, right, found.Pairs) }); err != nil {
		return refuse(env, err.Error(), "Name a file that you may write with --out")
	}
	tellPairs(env.Stderr, found)
	if left.truth >= 0 {
		tellScore(c.told(env), "pairs", scorePairs(left, right, found.Pairs))
	}
	return nil
}

// Run writes id and cluster of each row: rows of one person have one cluster.
func (c *Dedupe) Run(env *Env) error {
	one, err := c.read(env, side{c.File, c.ID, c.Truth})
	if err != nil {
		return refuseList(env, err)
	}
	l := one[0]
	found := match.Dedupe(l.table, match.ForLists(), runtime.NumCPU())
	err = writeTo(env, c.Out, func(w *csv.Writer) error { return writeClusters(w, l, found.Cluster) })
	if err == nil && c.Pairs != "" {
		err = writeTo(env, c.Pairs, func(w *csv.Writer) error { return writePairs(w, l, l, found.Pairs) })
	}
	if err != nil {
		return refuse(env, err.Error(), "Name a file that you may write with --out")
	}
	tellPairs(env.Stderr, found)
	people := map[uint32]bool{}
	for _, g := range found.Cluster {
		people[g] = true
	}
	fmt.Fprintf(env.Stderr, "%s rows are %s people.\n", thousands(l.table.Len()), thousands(len(people)))
	if l.truth >= 0 {
		tellScore(c.told(env), "pairs", scorePairs(l, l, found.Pairs))
		tellScore(c.told(env), "clusters", scoreClusters(l, found.Cluster))
	}
	return nil
}

// side is one of the lists, as the arguments name it.
type side struct{ path, id, truth string }

// read opens the lists, says what their columns were taken for, and fills their
// tables.
func (c *lists) read(env *Env, sides ...side) ([]*list, error) {
	var out []*list
	used := map[string]bool{}
	for _, s := range sides {
		l, done, err := openList(s.path, c.Sheet, slices.AppendSeq([]string{s.id, s.truth}, maps.Keys(c.Map)))
		if err != nil {
			return nil, err
		}
		defer done() // it was only read from
		if err := errors.Join(l.overrule(c.Map, used), l.setAside(s.id, s.truth)); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	for header := range c.Map {
		if !used[header] {
			_, err := out[0].find(header)
			return nil, fmt.Errorf("--map: %w", err)
		}
	}
	if len(out) > 1 {
		oneSchool(out...)
	}
	variants, err := match.NewVariants()
	if err != nil {
		return nil, err
	}
	// The tables grow once and stay, so little is garbage, and memory is dear.
	defer debug.SetGCPercent(debug.SetGCPercent(30))
	lexicon := match.NewLexicon(variants)
	for _, l := range out {
		if err := l.fill(lexicon); err != nil {
			return nil, err
		}
		l.tell(env.Stderr)
	}
	return out, nil
}

// told is where figures go: to standard output, unless that is where the file goes.
func (c *lists) told(env *Env) io.Writer {
	if c.Out == "-" {
		return env.Stderr
	}
	return env.Stdout
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func refuseList(env *Env, err error) error {
	words, do, ok := strings.Cut(visible(err.Error()), ". ")
	if !ok {
		do = "Give the name of a list of people, as CSV or .xlsx, that you may read"
	}
	return refuse(env, words, do)
}

// writeTo writes a CSV file. It is for people and for programs: values that a
// spreadsheet would run are defused by whoever writes them.
func writeTo(env *Env, path string, write func(*csv.Writer) error) (err error) {
	var to io.Writer = env.Stdout
	if path != "-" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = f
	}
	buffered := bufio.NewWriterSize(to, 64<<10)
	w := csv.NewWriter(buffered)
	if err := write(w); err != nil {
		return err
	}
	w.Flush()
	return errors.Join(w.Error(), buffered.Flush())
}

func writePairs(w *csv.Writer, left, right *list, pairs []match.Pair) error {
	if err := w.Write([]string{"left", "right", "weight", "probability", "answer"}); err != nil {
		return err
	}
	line := make([]string, 5)
	for _, p := range pairs {
		line[0], line[1] = left.called(p.Left), right.called(p.Right)
		line[2] = strconv.FormatFloat(float64(p.Bits), 'f', 2, 64)
		line[3] = strconv.FormatFloat(p.Probability(), 'f', 6, 64)
		line[4] = p.Answer.String()
		if err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func writeClusters(w *csv.Writer, l *list, cluster []uint32) error {
	if err := w.Write([]string{"id", "cluster"}); err != nil {
		return err
	}
	numbers := map[uint32]int{}
	for row, g := range cluster {
		if numbers[g] == 0 {
			numbers[g] = len(numbers) + 1
		}
		if err := w.Write([]string{l.called(uint32(row)), strconv.Itoa(numbers[g])}); err != nil {
			return err
		}
	}
	return nil
}

func tellPairs(to io.Writer, found match.Doubles) {
	same := 0
	for _, p := range found.Pairs {
		if p.Answer == match.Same {
			same++
		}
	}
	fmt.Fprintf(to, "%s pairs are the same, %s are to be decided. Weights: %s.\n", thousands(same), thousands(len(found.Pairs)-same), found.Model.Learned.From)
}

// score counts pairs of rows: given, right among those given, and right in all.
type score struct{ given, right, all int }

func (s *score) add(right bool) {
	s.given++
	if right {
		s.right++
	}
}

// sameTruth says that two rows are of one person. A row without a truth is nobody's.
func sameTruth(a, b string) bool { return a != "" && a == b }

// scorePairs compares the pairs that are the same with all pairs of the truth, those
// too that nobody looked at.
func scorePairs(left, right *list, pairs []match.Pair) score {
	s := score{all: truePairs(left, right)}
	for _, p := range pairs {
		if p.Answer == match.Same {
			s.add(sameTruth(left.known[p.Left], right.known[p.Right]))
		}
	}
	return s
}

// truePairs counts the pairs of rows of one person; one list has each once.
func truePairs(left, right *list) int {
	sizes := map[string]int{}
	n := 0
	for _, t := range left.known {
		if t != "" {
			if left == right {
				n += sizes[t]
			}
			sizes[t]++
		}
	}
	if left != right {
		for _, t := range right.known {
			n += sizes[t] // "" has none
		}
	}
	return n
}

// scoreClusters compares all pairs of rows within the clusters with the truth.
func scoreClusters(l *list, cluster []uint32) score {
	s := score{all: truePairs(l, l)}
	groups := map[uint32][]int{}
	for row, g := range cluster {
		for _, other := range groups[g] {
			s.add(sameTruth(l.known[row], l.known[other]))
		}
		groups[g] = append(groups[g], row)
	}
	return s
}

func tellScore(to io.Writer, what string, s score) {
	share := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	fmt.Fprintf(to, "%-9s precision %.4f  recall %.4f  F1 %.4f  (%s given, %s of them right, %s in truth)\n", what,
		share(s.right, s.given), share(s.right, s.all), share(2*s.right, s.given+s.all), thousands(s.given), thousands(s.right), thousands(s.all))
}
