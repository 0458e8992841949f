package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cluster is a PostgreSQL server of the campaign's own, as Debian's defaults
// have it: what it acknowledges is on the disk.
type cluster struct {
	bin, data string
	port      int
	as        *syscall.Credential
	run       *exec.Cmd
	more      []string
}

// newCluster makes and starts one in a folder that is not there yet.
func newCluster(ctx context.Context, data string, careless bool) (*cluster, error) {
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(all) == 0 {
		return nil, errors.New("PostgreSQL is not installed (Debian: postgresql)")
	}
	slices.Sort(all)
	c := &cluster{bin: all[len(all)-1], data: data}
	if careless {
		c.more = []string{"-c", "synchronous_commit=off", "-c", "wal_writer_delay=5s"}
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := errors.Join(os.MkdirAll(data, 0o700), os.Chown(data, uid, gid)); err != nil {
		return nil, err
	}
	made := c.command(ctx, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums")
	if out, err := made.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, tail(out))
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	return c, c.start(ctx)
}

func (c *cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// start starts it and waits until it answers: after a cut it first recovers.
func (c *cluster) start(ctx context.Context) error {
	log, err := os.CreateTemp("", "waymark-postgres-")
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	c.run = c.command(ctx, "postgres", "-D", c.data, "-p", fmt.Sprint(c.port), "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60")
	c.run.Args = append(c.run.Args, c.more...)
	c.run.Stdout, c.run.Stderr = log, log
	if err := c.run.Start(); err != nil {
		return err
	}
	pool, err := sql.Open("pgx", c.address().String())
	if err != nil {
		return err
	}
	defer pool.Close()
	for range 600 {
		if err = pool.PingContext(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	return fmt.Errorf("%w\n%s", err, tail(said))
}

// answers says that it is there, after it has had some time to recover.
func (c *cluster) answers(ctx context.Context) bool {
	pool, err := sql.Open("pgx", c.address().String())
	if err != nil {
		return false
	}
	defer pool.Close()
	for range 50 {
		if pool.PingContext(ctx) == nil {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

// kill ends it and all that it began, at once, as a power cut does.
func (c *cluster) kill() {
	if c.run == nil || c.run.Process == nil {
		return
	}
	pids := append([]int{c.run.Process.Pid}, children(c.run.Process.Pid)...)
	for _, pid := range pids {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	c.run.Wait() // says that it was killed
	c.run = nil
}

// children are the processes that one has begun.
func children(parent int) (out []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			out = append(out, pid)
		}
	}
	return out
}
