package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"waymark/test/outside"
)

// The bound of issue 5: a backup of 5 GB and its verified restore.
const (
	backupBytes = 5e9
	backupTime  = 10 * time.Minute
	backupPeak  = 300 // MB, whatever the size
)

// benchBackup measures `waymark backup`, `restore` and `restore --verify` of an
// invented authority and of a filled register, beside `sqlite3 .backup` and
// `cp` of the same files, and says what the rates come to for 5 GB.
func benchBackup(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	people := flags.Int("people", 100_000, "young people in the larger register")
	data := flags.String("data", "", "a folder made by `fill`; it is filled where it is not there")
	binary := flags.String("binary", "", "a waymark that is built already")
	postgres := flags.String("db", "", "an empty PostgreSQL database to restore the larger one into as well")
	times := flags.Int("times", 3, "runs of each, of which the best counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "waymark-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &backupBench{dir: dir, times: *times}
	if b.program, err = outside.Build(ctx, dir, *binary); err != nil {
		return err
	}
	if err := b.keys(); err != nil {
		return err
	}
	demo := filepath.Join(dir, "demo")
	if _, err := measure(ctx, b.program, "demo", "--no-serve", "--data", demo); err != nil {
		return err
	}
	if _, _, err := b.both(ctx, "demo", demo); err != nil {
		return err
	}
	from, err := filled(ctx, *data, dir, *people)
	if err != nil {
		return err
	}
	large := filepath.Join(dir, "large")
	if err := copied(from, large); err != nil {
		return err
	}
	took, peak, err := b.both(ctx, fmt.Sprintf("%d people", *people), large)
	if err != nil {
		return err
	}
	if *postgres != "" {
		if err := b.row(ctx, "  waymark restore, PostgreSQL", 1, b.program, "restore", b.file(), "--identity", b.secret, "--into", *postgres); err != nil {
			return err
		}
	}
	implied := time.Duration(float64(took) * backupBytes / float64(b.size))
	fmt.Printf("backup and verified restore of 5 GB, by these rates: %s (at most %s)\n", implied.Round(time.Second), backupTime)
	if implied > backupTime || peak > backupPeak {
		return fmt.Errorf("5 GB would take %s (at most %s); %.0f MB of memory (at most %d)", implied.Round(time.Second), backupTime, peak, backupPeak)
	}
	return nil
}

type backupBench struct {
	program, dir, public, secret string
	times                        int
	size                         int64 // of the database that is measured
	last                         cost
}

func (b *backupBench) keys() error {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	b.public, b.secret = k.Recipient().String(), filepath.Join(b.dir, "key.txt")
	return os.WriteFile(b.secret, []byte(k.String()+"\n"), 0o600)
}

func (b *backupBench) file() string { return filepath.Join(b.dir, "backup.age") }

// row measures one command and prints it.
func (b *backupBench) row(ctx context.Context, name string, times int, command string, args ...string) error {
	for i := range times {
		if at := len(args) - 1; strings.HasPrefix(name, "  waymark restore into") {
			args[at] = filepath.Join(b.dir, fmt.Sprintf("restored-%d", time.Now().UnixNano()))
		}
		c, err := measure(ctx, command, args...)
		if err != nil {
			return err
		}
		b.last = c.best(b.last, i)
	}
	fmt.Printf("%-34s %8.2f %8.2f %8.1f %8.1f\n", name, b.last.wall.Seconds(), b.last.cpu.Seconds(), b.last.peakMB, float64(b.size)/1e6/b.last.wall.Seconds())
	return nil
}

// both measures a backup and a restore of one folder, and returns what a
// backup and its verified restore took, and the peak of memory in MB.
func (b *backupBench) both(ctx context.Context, what, data string) (took time.Duration, peak float64, err error) {
	b.size = 0
	for _, name := range []string{"waymark.db", "sights.db"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			return 0, 0, err
		}
		b.size += info.Size()
	}
	fmt.Printf("%s, %.0f MB\n%-34s %8s %8s %8s %8s\n", what, float64(b.size)/1e6, "command", "wall s", "CPU s", "peak MB", "MB/s")
	register := filepath.Join(data, "waymark.db")
	for _, c := range []struct {
		name string
		args []string
	}{
		{"cp", []string{"cp", register, filepath.Join(b.dir, "copy.db")}},
		{"sqlite3 .backup", []string{"sqlite3", register, ".backup '" + filepath.Join(b.dir, "copy.db") + "'"}},
		{"  waymark backup", []string{b.program, "backup", "--data", data, "--recipient", b.public, "--to", b.file()}},
		{"  waymark restore into a folder", []string{b.program, "restore", b.file(), "--identity", b.secret, "--into", ""}},
		{"  waymark restore --verify", []string{b.program, "restore", b.file(), "--verify", "--identity", b.secret, "--scratch", b.dir, "--data", data}},
	} {
		if err := b.row(ctx, c.name, b.times, c.args[0], c.args[1:]...); err != nil {
			return 0, 0, err
		}
		if c.name == "  waymark backup" || c.name == "  waymark restore --verify" {
			took += b.last.wall
			peak = max(peak, b.last.peakMB)
		}
	}
	info, err := os.Stat(b.file())
	if err != nil {
		return 0, 0, err
	}
	fmt.Printf("the backup: %.1f MB, %.0f%% of the database\n", float64(info.Size())/1e6, 100*float64(info.Size())/float64(b.size))
	restored, err := filepath.Glob(filepath.Join(b.dir, "restored-*"))
	for _, r := range restored {
		err = errors.Join(err, os.RemoveAll(r))
	}
	return took, peak, err
}
