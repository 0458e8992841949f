package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/test/draws"
)

// campaignProperties tries every property on thousands of cases that were not drawn
// before, where `make check` tries the same hundred for each commit. What made a
// property fail is printed with the seed that draws it again.
func campaignProperties(ctx context.Context, args []string) error {
	flags := flagsOf("properties", 5000, "on how many cases each property is tried")
	only := flags.String("only", "", "only the packages whose path holds this")
	if err := flags.Parse(args); err != nil {
		return err
	}
	folders, err := withProperties(".")
	if err != nil {
		return err
	}
	t := flags.begin(ctx)
	for _, folder := range folders {
		if !strings.Contains(folder, *only) {
			continue
		}
		began := time.Now()
		cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=0", "./"+folder, "-rapid.checks="+strconv.Itoa(*flags.n), "-rapid.seed="+strconv.FormatUint(t.seed, 10), "-rapid.nofailfile")
		cmd.Env = append(os.Environ(), draws.Seed+"=")
		told, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			break
		}
		fmt.Printf("%-34s %8.1f s\n", folder, time.Since(began).Seconds())
		t.count("packages", 1)
		if err != nil {
			t.fault("%s: %v\n%s", folder, err, told)
		}
	}
	return t.end(ctx.Err())
}

// withProperties are the folders with a test that draws its cases.
func withProperties(root string) (out []string, err error) {
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		body, err := os.ReadFile(path)
		if strings.Contains(string(body), `"pgregory.net/rapid"`) {
			out = append(out, filepath.ToSlash(filepath.Dir(path)))
		}
		return err
	})
	slices.Sort(out)
	return slices.Compact(out), err
}
