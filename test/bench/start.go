package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"waymark/test/outside"
)

// The bounds of issue 2.
const (
	startFirst = time.Second
	startSize  = 40e6 // bytes
)

// benchStart measures how long `waymark serve` takes from its start to the
// first page, and how large the program is.
func benchStart(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	people := flags.Int("people", 18_600, "young people in the register")
	data := flags.String("data", "", "a folder made by `fill`; it is filled where it is not there")
	binary := flags.String("binary", "", "a waymark that is built already")
	times := flags.Int("times", 7, "starts, of which all must keep the bound")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := outside.Build(ctx, dir, *binary)
	if err != nil {
		return err
	}
	from, err := filled(ctx, *data, dir, *people)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, "data")
	if err := copied(from, to); err != nil {
		return err
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	// The least that any start costs: the same program, asked for its commands.
	var nothing, first, cpu []time.Duration
	for range *times {
		began := time.Now()
		if _, err := measure(ctx, program, "--help"); err != nil {
			return err
		}
		nothing = append(nothing, time.Since(began))
		s, err := outside.Serve(ctx, program, dir, "--data", to)
		if err != nil {
			return err
		}
		took, err := s.FirstPage()
		cpu = append(cpu, s.CPU())
		if err = errors.Join(err, s.Stop()); err != nil {
			return err
		}
		first = append(first, took)
	}
	fmt.Printf("the program, stripped: %.1f MB\n", float64(info.Size())/1e6)
	fmt.Printf("baseline, the program says what it can do:  first %4.0f ms, median %4.0f ms\n", ms(nothing[0]), ms(middle(nothing)))
	fmt.Printf("serve to its first page, of %d starts:       first %4.0f ms, median %4.0f ms, worst %4.0f ms; median CPU %4.0f ms\n", *times, ms(first[0]), ms(middle(first)), ms(slices.Max(first)), ms(middle(cpu)))
	if float64(info.Size()) > startSize || slices.Max(first) > startFirst {
		return fmt.Errorf("%.1f MB (at most %.0f), %v to the first page (at most %v)", float64(info.Size())/1e6, startSize/1e6, slices.Max(first), startFirst)
	}
	return nil
}

func middle(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
