package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// benchAll does every measurement, one after the other and each in a process of
// its own: what `make bench` does unless one is named. It goes on after a bound
// is broken, and names in the end those that were. The whole takes some 45
// minutes on two cores.
func benchAll(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("all", flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// The same 100,000 people serve those that work on a filled register.
	data := filepath.Join(dir, "filled")
	var broken []error
	for _, one := range [][]string{{"fill", "-data", data}, {"start", "-data", data}, {"check"}, {"import"}, {"intake"}, {"reference"}, {"page"}, {"audit"}, {"return"}, {"rollover"}, {"past", "-data", data}, {"backup", "-data", data},
		{"work", "-data", data}, {"figures"}, {"due"}, {"find"}, {"match"}, {"link"}, {"england"}} {
		fmt.Printf("\n== %s\n", one[0])
		began := time.Now()
		cmd := exec.CommandContext(ctx, self, one...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
		if err := cmd.Run(); err != nil {
			broken = append(broken, fmt.Errorf("%s: %w", one[0], err))
		}
		fmt.Printf("   (%.0f s)\n", time.Since(began).Seconds())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(broken...)
}
