package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"waymark/internal/match"
	"waymark/internal/match/matchtest"
)

// benchMatch measures the matching of issue 4: how right it is on the labelled sets
// and on invented authorities, and how fast beside a plain loop in the same run.
func benchMatch(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("match", flag.ContinueOnError)
	data := flags.String("data", "../shared/data", "the folder of the labelled sets")
	only := flags.String("only", "sets,own,speed,search", "which parts to run")
	large := flags.Int("large", 1_000_000, "rows of the large file, against three times as many people; 0 leaves it out")
	small := flags.Bool("small", true, "run the smaller sizes of the speed part too")
	part := flags.String("part", "", "one part in a process of its own; used by the bench itself")
	people := flags.String("people", "", "with -part: the register's file")
	file := flags.String("file", "", "with -part: the other file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch *part {
	case "link":
		return errors.Join(linkPart(*people, *file), tellPeak())
	case "plain":
		return errors.Join(plainPart(*people, *file), tellPeak())
	case "search":
		return errors.Join(searchPart(*people), tellPeak())
	}
	var broken []error
	for _, what := range strings.Split(*only, ",") {
		switch what {
		case "sets":
			broken = append(broken, benchSets(*data))
		case "own":
			broken = append(broken, benchOwn())
		case "speed":
			broken = append(broken, benchSpeed(ctx, *large, *small))
		case "search":
			broken = append(broken, benchSearch(ctx))
		default:
			return fmt.Errorf("there is no part %q", what)
		}
	}
	return errors.Join(broken...)
}

// labelled is a set with the truth known and the aims for it.
type labelled struct {
	name, path      string
	truth           func(cell func(string) string) string
	without         match.Kind // a kind that is left out
	pairF1, wholeF1 float64
}

// columnKinds is what the columns of the sets hold: semantics, no setting.
func columnKinds() map[string]match.Kind {
	return map[string]match.Kind{
		"given_name": match.Given, "first_name": match.Given, "surname": match.Family, "street_number": match.House, "address_1": match.Street,
		"address_2": match.Locality, "suburb": match.Town, "city": match.Town, "postcode": match.Postcode, "state": match.Region,
		"date_of_birth": match.Birth, "dob": match.Birth, "soc_sec_id": match.Number, "email": match.Email,
	}
}

func benchSets(data string) error {
	febrl := func(cell func(string) string) string { return strings.Split(cell("rec_id"), "-")[1] }
	splink := func(cell func(string) string) string { return cell("cluster") }
	sets := []labelled{
		{"FEBRL 1", "febrl/dataset1.csv", febrl, match.Other, 0, 0},
		{"FEBRL 2", "febrl/dataset2.csv", febrl, match.Other, 0, 0},
		{"FEBRL 3", "febrl/dataset3.csv", febrl, match.Other, 0.9998, 0},
		{"FEBRL 2 without number", "febrl/dataset2.csv", febrl, match.Number, 0, 0},
		{"FEBRL 3 without number", "febrl/dataset3.csv", febrl, match.Number, 0.998, 0.9996},
		{"fake_1000", "splink/fake_1000.csv", splink, match.Other, 0.94, 0.90},
	}
	fmt.Println("Labelled sets, one setting for all, nothing tuned to a set. Every true pair counts, found or not.")
	fmt.Printf("%-24s %24s %24s %8s %8s  %-8s %7s\n", "set", "pairs P R F1", "clusters P R F1", "aim", "aim", "learned", "seconds")
	var broken []error
	for _, s := range sets {
		if _, err := os.Stat(filepath.Join(data, s.path)); err != nil {
			fmt.Printf("%-24s is not there: %v\n", s.name, err)
			continue
		}
		broken = append(broken, s.run(data))
	}
	fmt.Println()
	return errors.Join(broken...)
}

func (s labelled) run(data string) error {
	table, truth, err := s.read(filepath.Join(data, s.path))
	if err != nil {
		return err
	}
	start := time.Now()
	found := match.Dedupe(table, match.ForLists(), 2)
	took := time.Since(start)
	sizes := map[string]int{}
	all := 0
	for _, t := range truth {
		all += sizes[t]
		sizes[t]++
	}
	var pairs, whole score
	for _, p := range found.Pairs {
		if p.Answer == match.Same {
			pairs.add(truth[p.Left] == truth[p.Right])
		}
	}
	groups := map[uint32][]int{}
	for row, g := range found.Cluster {
		for _, other := range groups[g] {
			whole.add(truth[row] == truth[other])
		}
		groups[g] = append(groups[g], row)
	}
	fmt.Printf("%-24s %24s %24s %8s %8s  %-8s %7.2f\n", s.name, pairs.text(all), whole.text(all), aim(s.pairF1), aim(s.wholeF1), found.Model.Learned.From, took.Seconds())
	if pairs.f1(all) < s.pairF1 || whole.f1(all) < s.wholeF1 {
		return fmt.Errorf("%s: F1 of pairs %.4f (aim %s), of clusters %.4f (aim %s)", s.name, pairs.f1(all), aim(s.pairF1), whole.f1(all), aim(s.wholeF1))
	}
	return nil
}

func aim(f float64) string {
	if f == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4f", f)
}

// score counts pairs found, and those of them that are right.
type score struct{ found, right int }

func (s *score) add(right bool) {
	s.found++
	if right {
		s.right++
	}
}

func (s score) f1(all int) float64 { return 2 * float64(s.right) / float64(max(1, s.found+all)) }

func (s score) text(all int) string {
	return fmt.Sprintf("%.4f %.4f %.4f", float64(s.right)/float64(max(1, s.found)), float64(s.right)/float64(max(1, all)), s.f1(all))
}

func (s labelled) read(path string) (*match.Table, []string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, nil, err
	}
	at, kinds := map[string]int{}, columnKinds()
	var schema []match.Kind
	for i, column := range rows[0] {
		at[column] = i
		k := kinds[column]
		if k == s.without {
			k = match.Other
		}
		schema = append(schema, k)
	}
	table, err := newTable(nil, schema)
	if err != nil {
		return nil, nil, err
	}
	var truth []string
	for _, row := range rows[1:] {
		table.Add(row)
		truth = append(truth, s.truth(func(column string) string { return row[at[column]] }))
	}
	return table, truth, nil
}

func newTable(l *match.Lexicon, schema []match.Kind) (*match.Table, error) {
	if l == nil {
		v, err := match.NewVariants()
		if err != nil {
			return nil, err
		}
		l = match.NewLexicon(v)
	}
	return match.NewTable(l, schema)
}

// benchOwn links invented files with invented registers by the register's policy.
func benchOwn() error {
	fmt.Println("Invented authorities: 60,000 people, files of 40,000 rows; 12 in 100 given names and 18 in 100 family names differ, 45% of UPNs and 60% of ULNs missing.")
	fmt.Printf("%-6s %9s %10s %9s %9s %16s %9s %9s\n", "seed", "automatic", "wrong", "per 10^4", "kin wrong", "recall automatic", "+ review", "review")
	var broken []error
	for seed := uint64(1); seed <= 4; seed++ {
		broken = append(broken, ownOne(seed))
	}
	fmt.Println()
	return errors.Join(broken...)
}

func ownOne(seed uint64) error {
	w := matchtest.New(seed, 60_000)
	people, err := newTable(nil, matchtest.Schema())
	if err != nil {
		return err
	}
	var cells []string
	for i := range w.Len() {
		cells = w.Person(i, cells)
		people.Add(cells)
	}
	file, err := newTable(people.Lexicon(), matchtest.Schema())
	if err != nil {
		return err
	}
	var rows []matchtest.Row
	w.Rows(40_000, func(r matchtest.Row) {
		file.Add(r.Cells)
		r.Cells = nil
		rows = append(rows, r)
	})
	m := match.NewMatcher(people, match.ForRegister(), 2)
	out := m.Link(file)
	known, automatic, wrong, kin, review, offered := 0, 0, 0, 0, 0, 0
	for i, l := range out.Links {
		r := rows[i]
		real := r.Person >= 0 && r.Sort != matchtest.Adopted
		if real {
			known++
		}
		switch {
		case l.Answer == match.Same:
			automatic++
			if !real || int(l.Person) != r.Person {
				wrong++
				if r.Sort == matchtest.Twin || r.Sort == matchtest.Relative || r.Sort == matchtest.RelativeTwin || r.Sort == matchtest.Adopted {
					kin++
				}
			}
		case l.Answer == match.Decide:
			review++
			for _, c := range m.Candidates(file, i, 5) {
				if real && int(c.Person) == r.Person {
					offered++
				}
			}
		}
	}
	perTenThousand := 1e4 * float64(wrong) / float64(max(1, automatic))
	recall, withReview := float64(automatic-wrong)/float64(known), float64(automatic-wrong+offered)/float64(known)
	share := float64(review) / float64(len(rows))
	fmt.Printf("%-6d %9d %10d %9.2f %9d %16.4f %9.4f %8.2f%%\n", seed, automatic, wrong, perTenThousand, kin, recall, withReview, 100*share)
	if perTenThousand > 1 || kin > 0 || recall < 0.95 || withReview < 0.995 || share > 0.05 {
		return fmt.Errorf("invented authority %d misses an aim (1 in 10,000, no kin, 0.95, 0.995, 5%%)", seed)
	}
	return nil
}

// linkPart links two files in this process and tells what each step took.
func linkPart(people, file string) error {
	start := time.Now()
	register, err := readPeople(nil, people)
	if err != nil {
		return err
	}
	loaded := time.Now()
	m := match.NewMatcher(register, match.ForRegister(), runtime.NumCPU())
	indexed := time.Now()
	rows, err := readPeople(register.Lexicon(), file)
	if err != nil {
		return err
	}
	read := time.Now()
	m.Learn(rows)
	learned := time.Now()
	out := m.Link(rows)
	done := time.Now()
	same := 0
	for _, l := range out.Links {
		if l.Answer == match.Same {
			same++
		}
	}
	fmt.Printf("cold %.2f s (register %.2f, index %.2f, file %.2f, learn %.2f, link %.2f), warm %.2f s; %d automatic\n", done.Sub(start).Seconds(), loaded.Sub(start).Seconds(),
		indexed.Sub(loaded).Seconds(), read.Sub(indexed).Seconds(), learned.Sub(read).Seconds(), done.Sub(learned).Seconds(), (read.Sub(indexed) + done.Sub(learned)).Seconds(), same)
	return nil
}

// readPeople reads a file of matchtest's columns: pieces of it are cut into cells
// while the pieces before are folded.
func readPeople(l *match.Lexicon, path string) (*match.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	table, err := newTable(l, matchtest.Schema())
	if err != nil {
		return nil, err
	}
	batches := make(chan [][]string, 2)
	free := make(chan [][]string, 4)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- eachPiece(f, func(piece string) {
			var batch [][]string
			select {
			case batch = <-free:
			default:
			}
			batches <- cut(batch, piece)
		})
	}()
	for batch := range batches {
		table.AddMany(batch)
		select {
		case free <- batch:
		default:
		}
	}
	return table, <-failed
}

// eachPiece hands a file on in pieces of whole lines.
func eachPiece(f *os.File, visit func(string)) error {
	piece := make([]byte, 256<<10)
	kept := 0 // of the line that the last piece ended in
	for {
		n, err := f.Read(piece[kept:])
		whole := bytes.LastIndexByte(piece[:kept+n], '\n') + 1
		if whole == 0 && n == len(piece)-kept {
			return errors.New("a line is too long")
		}
		if errors.Is(err, io.EOF) {
			whole = kept + n
		}
		if whole > 0 {
			visit(string(piece[:whole]))
		}
		kept = copy(piece, piece[whole:kept+n])
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// cut parts lines into cells, into the rows of an earlier batch where there is one.
func cut(batch [][]string, piece string) [][]string {
	batch = batch[:cap(batch)]
	n := 0
	for line := range strings.Lines(piece) {
		if n == len(batch) {
			batch = append(batch, nil)
			batch = batch[:cap(batch)]
		}
		batch[n] = split(batch[n][:0], strings.TrimSuffix(line, "\n"))
		n++
	}
	return batch[:n]
}

func split(cells []string, line string) []string {
	for {
		cell, rest, more := strings.Cut(line, ",")
		cells = append(cells, cell)
		if !more {
			return cells
		}
		line = rest
	}
}

// benchSpeed runs each size in a process of its own, so that its memory is its own.
func benchSpeed(ctx context.Context, large int, small bool) error {
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("Speed, two cores; peak memory of the process. CPU is user and system time of all cores.")
	var broken []error
	for _, size := range []struct {
		people, rows int
		wall, mb     float64
		plain        bool
	}{{30_000, 3_000, 0.3, 600, true}, {100_000, 100_000, 8, 600, true}, {3 * large, large, 18, 1229, false}} {
		if size.rows == 0 || !small && size.plain {
			continue
		}
		people, file := filepath.Join(dir, "people.csv"), filepath.Join(dir, "rows.csv")
		if err := writeWorld(people, file, size.people, size.rows); err != nil {
			return err
		}
		c, err := runPart(ctx, fmt.Sprintf("%d x %d", size.rows, size.people), "-part", "link", "-people", people, "-file", file)
		if err != nil {
			return err
		}
		if c.wall.Seconds() > size.wall || c.peakMB > size.mb {
			broken = append(broken, fmt.Errorf("%d x %d: %.2f s (at most %.1f), %.0f MB (at most %.0f)", size.rows, size.people, c.wall.Seconds(), size.wall, c.peakMB, size.mb))
		}
		if size.plain {
			if _, err := runPart(ctx, "  a plain loop", "-part", "plain", "-people", people, "-file", file); err != nil {
				return err
			}
		}
	}
	fmt.Println()
	return errors.Join(broken...)
}

func runPart(ctx context.Context, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"match"}, args...)...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	c := cost{wall: time.Since(start)}
	if err != nil {
		return c, err
	}
	// The kernel counts what the parent held when it started the child as the
	// child's own, so the child tells its peak itself, on its last line.
	told, peak, ok := strings.Cut(strings.TrimSpace(string(out)), "\npeak ")
	if _, err := fmt.Sscan(peak, &c.peakMB); !ok || err != nil {
		return c, errors.New("this system does not tell the peak memory of a process")
	}
	fmt.Printf("%-20s wall %6.2f s  CPU %6.2f s  %5.0f MB  %s\n", name, c.wall.Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), c.peakMB, told)
	return c, nil
}

// tellPeak prints the most memory that this process has held, in MB.
func tellPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n := 0.0
			_, err := fmt.Sscan(kb, &n)
			fmt.Printf("\npeak %.0f\n", n/1024)
			return err
		}
	}
	return errors.New("this system does not tell the peak memory of a process")
}

func writeWorld(people, file string, n, rows int) error {
	w := matchtest.New(1, n)
	var cells []string
	err := writeLines(people, func(line func([]string)) {
		for i := range w.Len() {
			cells = w.Person(i, cells)
			line(cells)
		}
	})
	return cmp.Or(err, writeLines(file, func(line func([]string)) {
		w.Rows(rows, func(r matchtest.Row) { line(r.Cells) })
	}))
}

func writeLines(path string, write func(line func([]string))) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	write(func(cells []string) {
		fmt.Fprintln(out, strings.Join(cells, ","))
	})
	return errors.Join(out.Flush(), f.Close())
}
