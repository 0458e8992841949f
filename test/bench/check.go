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
	"strconv"
	"strings"
	"syscall"
	"time"

	"waymark/internal/civil"
	"waymark/internal/nccis/nccistest"
)

// The bounds of issue 2.
const (
	checkTimes   = 2.5 // of xmllint's wall time
	checkSmallMB = 150 // peak, 20,000 records
	checkLargeMB = 250 // peak, 1,000,000 records
)

// benchCheck measures `waymark check --format json` beside
// `xmllint --stream --noout` on the same files.
func benchCheck(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	sizes := flags.String("records", "20000,1000000", "sizes of the files")
	binary := flags.String("binary", "", "a waymark that is built already")
	runs := flags.Int("runs", 3, "runs of each, of which the fastest counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if *binary == "" {
		*binary = filepath.Join(dir, "waymark")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", *binary, "./cmd/waymark").CombinedOutput(); err != nil {
			return fmt.Errorf("build waymark: %w\n%s", err, out)
		}
	}
	fmt.Printf("%-10s %-7s %8s  %-26s %8s %8s %7s\n", "records", "faults", "file MB", "command", "wall s", "peak MB", "times")
	var broken []error
	for _, size := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			return err
		}
		for _, faults := range []bool{false, true} {
			b := checkBench{dir: dir, waymark: *binary, records: n, faults: faults, runs: *runs}
			if err := b.run(ctx); err != nil {
				broken = append(broken, err)
			}
		}
	}
	return errors.Join(broken...)
}

type checkBench struct {
	dir, waymark string
	records      int
	faults       bool
	runs         int
}

func (b checkBench) run(ctx context.Context) error {
	path := filepath.Join(b.dir, "return.xml")
	if err := b.write(path); err != nil {
		return err
	}
	defer os.Remove(path)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	var lint, check cost
	for i := range b.runs { // in turn, so that neither has the quieter machine
		l, err := measure(ctx, "xmllint", "--stream", "--noout", path)
		if err != nil {
			return err
		}
		c, err := measure(ctx, b.waymark, "check", "--format", "json", path)
		if err != nil {
			return err
		}
		lint, check = l.best(lint, i), c.best(check, i)
	}
	times := check.wall.Seconds() / lint.wall.Seconds()
	row := func(command string, c cost, times string) {
		fmt.Printf("%-10d %-7v %8.1f  %-26s %8.2f %8.1f %7s\n", b.records, b.faults, float64(info.Size())/1e6, command, c.wall.Seconds(), c.peakMB, times)
	}
	row("xmllint --stream --noout", lint, "1.00")
	row("waymark check -f json", check, fmt.Sprintf("%.2f", times))
	most := checkSmallMB
	if b.records > 20_000 {
		most = checkLargeMB
	}
	if times > checkTimes || check.peakMB > float64(most) {
		return fmt.Errorf("%d records, faults %v: %.2f times xmllint (at most %.1f), %.0f MB (at most %d)", b.records, b.faults, times, checkTimes, check.peakMB, most)
	}
	return nil
}

func (b checkBench) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(nccistest.WriteFile(f, b.records, 1, b.faults, civil.MustParse("2026-05-31"), "341"), f.Close())
}

// cost is what one run of a command took.
type cost struct {
	wall, cpu time.Duration
	peakMB    float64
}

// best keeps the shorter times and the larger peak.
func (c cost) best(before cost, run int) cost {
	if run > 0 {
		c.wall, c.cpu, c.peakMB = min(c.wall, before.wall), min(c.cpu, before.cpu), max(c.peakMB, before.peakMB)
	}
	return c
}

// measure runs a command with its output thrown away. Exit code 1, findings,
// is a result like any other.
func measure(ctx context.Context, name string, args ...string) (cost, error) {
	return measureTo(ctx, nil, name, args...)
}

// measureTo is measure with the output kept.
func measureTo(ctx context.Context, out io.Writer, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = out
	var told strings.Builder
	cmd.Stderr = &told
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return cost{}, fmt.Errorf("%s: %w\n%s", name, err, told.String())
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell the peak memory of a process")
	}
	return cost{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), float64(usage.Maxrss) / 1024}, nil
}
