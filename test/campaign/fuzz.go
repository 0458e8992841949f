package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// campaignFuzz tries every parser of what comes from outside on hostile input.
// What it finds that is new is kept in the package's testdata/fuzz when it made
// a target fail, for `go test` to try for ever.
func campaignFuzz(ctx context.Context, args []string) error {
	flags := flagsOf("fuzz", 0, "at most so many targets; 0 for all")
	each := flags.Duration("each", 10*time.Minute, "how long each target is tried")
	keep := flags.Int("keep", 0, "of what a target learned from, how many of the shortest to keep in testdata/fuzz")
	only := flags.String("only", "", "only the targets whose name holds this")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets, err := fuzzTargets(".")
	if err != nil {
		return err
	}
	t := flags.begin(ctx)
	tried := 0
	for _, one := range targets {
		if *flags.n > 0 && tried == *flags.n || !strings.Contains(one.name, *only) {
			continue
		}
		tried++
		execs, told, err := one.try(ctx, *each)
		if ctx.Err() != nil {
			return t.end(ctx.Err())
		}
		fmt.Printf("%-34s %-24s %12d tries\n", one.name, one.folder, execs)
		t.count("targets", 1)
		t.count("tries", execs)
		if err != nil {
			t.fault("%s in %s: %v\n%s", one.name, one.folder, err, told)
		}
		kept, err := one.keep(ctx, *keep)
		t.count("inputs kept in testdata", kept)
		if err != nil {
			return t.end(err)
		}
	}
	if tried == 0 {
		err = errors.New("no fuzz target was found")
	}
	return t.end(err)
}

// fuzzTarget is one function of a package.
type fuzzTarget struct{ folder, name string }

// fuzzTargets are those of every test under the root.
func fuzzTargets(root string) (out []fuzzTarget, err error) {
	begins := regexp.MustCompile(`(?m)^func (Fuzz[A-Za-z0-9_]+)\(`)
	for _, top := range []string{"internal", "test"} {
		err = errors.Join(err, filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			body, err := os.ReadFile(path)
			for _, m := range begins.FindAllSubmatch(body, -1) {
				out = append(out, fuzzTarget{filepath.ToSlash(filepath.Dir(path)), string(m[1])})
			}
			return err
		}))
	}
	return out, err
}

// try runs one target, and tells how often it was run and what it said last.
func (f fuzzTarget) try(ctx context.Context, each time.Duration) (execs int, told string, err error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+f.name+"$", "-fuzztime", each.String(), "./"+f.folder)
	out, err := cmd.CombinedOutput()
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	counted := regexp.MustCompile(`execs: (\d+)`)
	var last []string
	for lines.Scan() {
		if m := counted.FindStringSubmatch(lines.Text()); m != nil {
			fmt.Sscan(m[1], &execs)
		}
		last = append(last, lines.Text())
	}
	return execs, strings.Join(last[max(0, len(last)-25):], "\n"), err
}

// longestKept is in bytes: what is longer is rarely the shortest that shows
// anything, and stands in the repository for ever.
const longestKept = 4096

// keep copies the shortest inputs that led somewhere new out of the cache, where
// the next clean-up would take them, into the package's testdata.
func (f fuzzTarget) keep(ctx context.Context, most int) (kept int, err error) {
	cache, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil || most == 0 {
		return 0, err
	}
	from := filepath.Join(strings.TrimSpace(string(cache)), "fuzz", "waymark", f.folder, f.name)
	files, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	var inputs [][]byte
	for _, file := range files {
		body, err := os.ReadFile(filepath.Join(from, file.Name()))
		if err != nil {
			return 0, err
		}
		if len(body) <= longestKept {
			inputs = append(inputs, body)
		}
	}
	slices.SortFunc(inputs, func(a, b []byte) int { return cmp.Or(cmp.Compare(len(a), len(b)), bytes.Compare(a, b)) })
	to := filepath.Join(f.folder, "testdata", "fuzz", f.name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return 0, err
	}
	for _, body := range inputs[:min(most, len(inputs))] {
		name := filepath.Join(to, fmt.Sprintf("%x", sha256.Sum256(body))[:16])
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			return kept, err
		}
		kept++
	}
	return kept, nil
}
