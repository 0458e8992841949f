package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"waymark/internal/cli"
	"waymark/internal/match/matchtest"
)

// benchLink measures `waymark link` and `waymark dedupe` as they are given: from
// files, columns recognised, to a file. match measures the matching alone.
func benchLink(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("link", flag.ContinueOnError)
	large := flags.Int("large", 100_000, "rows of each of the two large files; 0 leaves them out")
	part := flags.String("part", "", "one command in a process of its own; used by the bench itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *part != "" {
		env := &cli.Env{Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: io.Discard, Ctx: ctx}
		if code := cli.Run(append([]string{*part}, flags.Args()...), env); code != 0 {
			return fmt.Errorf("waymark %s ended with %d", *part, code)
		}
		return tellPeak()
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("waymark link and waymark dedupe from files to a file, two cores; invented people and faults of matchtest. Peak memory of the process; CPU of all cores.")
	var broken []error
	for _, size := range []struct {
		people, rows int
		wall, mb     float64
	}{{30_000, 3_000, 0.3, 600}, {*large, *large, 8, 600}} {
		if size.people == 0 {
			continue
		}
		people, file, both, out := filepath.Join(dir, "people.csv"), filepath.Join(dir, "rows.csv"), filepath.Join(dir, "both.csv"), filepath.Join(dir, "out.csv")
		if err := writeLists(people, file, both, size.people, size.rows); err != nil {
			return err
		}
		for _, run := range []struct {
			name  string
			args  []string
			aimed bool
		}{
			{fmt.Sprintf("link %d x %d", size.rows, size.people), []string{"-part", "link", file, people, "--truth", "who", "--out", out}, true},
			{fmt.Sprintf("dedupe %d", size.rows+size.people), []string{"-part", "dedupe", both, "--truth", "who", "--out", out}, false},
		} {
			c, told, err := runLink(ctx, run.args)
			if err != nil {
				return err
			}
			fmt.Printf("%-24s wall %6.2f s  CPU %6.2f s  %5.0f MB  %s\n", run.name, c.wall.Seconds(), c.cpu.Seconds(), c.peakMB, strings.Join(strings.Split(told, "\n"), "; "))
			if run.aimed && (c.wall.Seconds() > size.wall || c.peakMB > size.mb) {
				broken = append(broken, fmt.Errorf("%s: %.2f s (at most %.1f), %.0f MB (at most %.0f)", run.name, c.wall.Seconds(), size.wall, c.peakMB, size.mb))
			}
		}
	}
	return errors.Join(broken...)
}

// runLink gives the command in a process of its own, so that its memory is its own.
func runLink(ctx context.Context, args []string) (c cost, told string, err error) {
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"link"}, args...)...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	c.wall = time.Since(start)
	if err != nil {
		return c, "", err
	}
	told, peak, ok := strings.Cut(strings.TrimSpace(string(out)), "\npeak ")
	if _, err := fmt.Sscan(peak, &c.peakMB); !ok || err != nil {
		return c, "", errors.New("this system does not tell the peak memory of a process")
	}
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return c, strings.TrimSpace(told), nil
}

// writeLists writes the lists with headers, a name for each row and the truth, and
// both in one file, in which most people of the shorter stand twice.
func writeLists(people, file, both string, n, rows int) error {
	w := matchtest.New(1, n)
	head := append([]string{"Reference", "who"}, matchtest.Columns()...)
	var cells []string
	register := func(line func([]string)) {
		for i := range w.Len() {
			cells = w.Person(i, cells)
			line(append([]string{fmt.Sprint("R", i), fmt.Sprint(i)}, cells...))
		}
	}
	var college [][]string
	w.Rows(rows, func(r matchtest.Row) {
		who := fmt.Sprint("nobody ", len(college))
		if r.Person >= 0 {
			who = fmt.Sprint(r.Person)
		}
		college = append(college, append([]string{fmt.Sprint("F", len(college)), who}, r.Cells...))
	})
	rest := func(line func([]string)) {
		for _, r := range college {
			line(r)
		}
	}
	return errors.Join(
		writeLines(people, func(line func([]string)) { line(head); register(line) }),
		writeLines(file, func(line func([]string)) { line(head); rest(line) }),
		writeLines(both, func(line func([]string)) { line(head); register(line); rest(line) }))
}
