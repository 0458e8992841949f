// Tally reads `go test -json` and tells a person what happened: one line for
// each package, the output of what failed, why anything was skipped, and last
//
//	N passed, N failed, N skipped
//
// counted over tests and their subtests. Checks that are no Go tests (gofmt,
// go vet) are named as arguments, "gofmt=passed", and counted with them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	t := &tally{out: os.Stdout, lines: map[string][]string{}}
	for _, arg := range os.Args[1:] {
		t.check(arg)
	}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	if t.close() {
		os.Exit(1)
	}
}

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output, ImportPath, FailedBuild string
	Elapsed                                                float64
}

type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	// lines is the output of each test that has not ended, and of each package.
	lines map[string][]string
	// reasons are why tests were skipped, with how many said so.
	reasons map[string]int
	// inPackage counts the failed tests of a package: one that fails without a
	// failed test did not build, or ended badly, and counts as one itself.
	inPackage map[string]int
	packages  int
}

func (t *tally) check(arg string) {
	name, result, _ := strings.Cut(arg, "=")
	switch result {
	case "passed":
		t.passed++
	case "skipped":
		t.skipped++
	default:
		t.failed++
		result = "FAILED"
	}
	fmt.Fprintf(t.out, "%-8s %s\n", result, name)
}

func (t *tally) read(in io.Reader) error {
	t.reasons, t.inPackage = map[string]int{}, map[string]int{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(t.out, lines.Text()) // what the go command says besides
			continue
		}
		t.take(e)
	}
	return lines.Err()
}

func (t *tally) take(e event) {
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "output":
		t.lines[key] = append(t.lines[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e, t.lines[key])
		} else {
			t.endTest(e, t.lines[key])
		}
		delete(t.lines, key)
	}
}

func (t *tally) endTest(e event, output []string) {
	switch e.Action {
	case "pass":
		t.passed++
	case "skip":
		t.skipped++
		t.reasons[reason(output)]++
	case "fail":
		t.failed++
		t.inPackage[e.Package]++
		fmt.Fprintf(t.out, "\nFAILED   %s %s\n%s\n", e.Package, e.Test, strings.Join(output, ""))
	}
}

// reason is what a skipped test said last before it ended.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		if _, said, ok := strings.Cut(line, ".go:"); ok {
			_, rest, _ := strings.Cut(said, ":")
			if rest = strings.TrimSpace(rest); rest == "" {
				continue // t.Skip() with no words: what was logged before says why
			}
			return rest
		}
		return line
	}
	return "no reason given"
}

func (t *tally) endPackage(e event, output []string) {
	if e.Action == "skip" {
		return // no test files
	}
	t.packages++
	result := "ok"
	if e.Action == "fail" {
		result = "FAILED"
		if t.inPackage[e.Package] == 0 {
			t.failed++
			fmt.Fprintf(t.out, "\n%s\n", strings.Join(output, ""))
		}
	}
	fmt.Fprintf(t.out, "%-8s %-40s %6.1f s\n", result, e.Package, e.Elapsed)
}

// close prints what remains and says whether anything failed.
func (t *tally) close() bool {
	var reasons []string
	for r := range t.reasons {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		fmt.Fprintf(t.out, "skipped  %d: %s\n", t.reasons[r], r)
	}
	if t.packages == 0 {
		t.failed++
		fmt.Fprintln(t.out, "FAILED   no package was tested")
	}
	fmt.Fprintf(t.out, "\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return t.failed > 0
}
