package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"waymark/internal/db"
)

// campaignPowercuts cuts the disk off below the server at random moments, as a
// power cut does: what no write-out has brought to the disk is gone. The data
// is on an ext4 file system of its own, which is shut down, unmounted and
// mounted again. A client outside keeps what it was told is saved. On
// PostgreSQL the server of the database is cut off with its data.
func campaignPowercuts(ctx context.Context, args []string) (err error) {
	flags := flagsOf("powercuts", 200, "power cuts on each engine")
	only := flags.String("engine", "", "only this engine: sqlite or postgres")
	most := flags.Duration("most", 3*time.Second, "the longest that people write before a cut")
	careless := flags.Bool("careless", false, "have PostgreSQL acknowledge before it has written out: the campaign must then find acts lost")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	for _, needed := range []string{"xfs_io", "mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(needed); err != nil {
			return t.end(fmt.Errorf("%s is not there (Debian: xfsprogs, e2fsprogs, mount): %w", needed, err))
		}
	}
	g, err := stand(ctx)
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, g.clear()) }()
	for _, e := range engines() {
		if *only != "" && string(e) != *only {
			continue
		}
		c := &cutter{t: t, ground: g, engine: e, most: *most, careless: *careless}
		err := c.begin(ctx)
		for i := 0; i < *flags.n && err == nil && ctx.Err() == nil; i++ {
			err = c.cut(ctx, uint64(i))
		}
		if err == nil && *flags.n > 2 && c.ever == 0 {
			err = fmt.Errorf("on %s nobody was told that anything is saved: the campaign tries nothing", e)
		}
		if err = errors.Join(err, c.end()); err != nil || ctx.Err() != nil {
			return t.end(errors.Join(err, ctx.Err()))
		}
	}
	return t.end(nil)
}

// cutter is a register on a disk that can be cut off.
type cutter struct {
	t *tally
	*ground
	engine db.Engine
	most   time.Duration
	disk   *disk
	at     place
	refs   []string
	// flats are all that was ever acknowledged, by key: outside of the disk.
	told *acknowledged
	pg   *cluster
	next atomic.Int64
	// careless is whether PostgreSQL acknowledges what it has not written out.
	careless bool
	ever     int // how many were acknowledged, lost ones too
}

// begin makes the disk and fills the register on it.
func (c *cutter) begin(ctx context.Context) (err error) {
	c.told = &acknowledged{flats: map[string]string{}}
	if c.disk, err = newDisk(filepath.Join(c.dir, string(c.engine)), 800); err != nil {
		return err
	}
	c.at = place{g: c.ground, engine: c.engine, dir: filepath.Join(c.disk.mount, "data")}
	if c.engine == db.Postgres {
		if c.pg, err = newCluster(ctx, filepath.Join(c.disk.mount, "postgres"), c.careless); err != nil {
			return err
		}
		c.at.base, c.at.g = "postgres", &ground{dir: c.dir, program: c.program, server: c.pg.address()}
	}
	if _, _, _, err = c.at.invented(ctx, 200, filepath.Join(c.dir, "files")); err != nil {
		return err
	}
	c.refs, err = c.at.somePeople(ctx, 4)
	return err
}

func (c *cutter) end() error {
	var err error
	if c.pg != nil {
		c.pg.kill()
	}
	if c.disk != nil {
		err = c.disk.remove()
	}
	return err
}

// cut has people write, cuts the disk off, brings it back and counts.
func (c *cutter) cut(ctx context.Context, n uint64) error {
	r := c.t.stream(n<<8 | uint64(len(c.engine)))
	s, err := c.at.serve(ctx)
	if err != nil {
		return err
	}
	writers := make([]*writer, 3)
	for i := range writers {
		if writers[i], err = signedIn(s.Address, []string{"priya", "tomasz", "grace"}[i]); err != nil {
			return errors.Join(err, s.Stop())
		}
		writers[i].Client.Timeout = 20 * time.Second
	}
	before := len(c.told.flats)
	var writing sync.WaitGroup
	var off atomic.Bool
	for i, w := range writers {
		writing.Go(func() {
			for !off.Load() {
				flat := fmt.Sprintf("Flat %d", c.next.Add(1))
				path, form, err := w.addressOf(c.refs[i], flat)
				if err != nil {
					continue
				}
				if became, err := w.send(path, form); err == nil && became == saved {
					c.told.add(form) // whatever happened to the disk meanwhile: they were told so
				}
			}
		})
	}
	time.Sleep(time.Duration(r.Int64N(int64(c.most))))
	if err := c.disk.cut(); err != nil {
		return err
	}
	time.Sleep(time.Duration(r.Int64N(int64(200 * time.Millisecond)))) // the machine lives a moment longer
	s.Kill()
	if c.pg != nil {
		c.pg.kill()
	}
	off.Store(true)
	writing.Wait()
	s.Stop() // says that it was killed
	c.t.count("power cuts on "+string(c.engine), 1)
	c.t.count("acts acknowledged on "+string(c.engine), len(c.told.flats)-before)
	c.ever += len(c.told.flats) - before
	return c.back(ctx, n)
}

// back brings the disk back and counts what is on it.
func (c *cutter) back(ctx context.Context, n uint64) error {
	if err := c.disk.again(); err != nil {
		return err
	}
	if c.pg != nil {
		if err := c.pg.start(ctx); err != nil {
			c.t.fault("cut %d on %s: PostgreSQL does not start again: %v", n, c.engine, err)
			return err
		}
	}
	kept, err := c.at.kept(ctx)
	if err != nil {
		return err
	}
	c.t.count("acknowledged acts lost", 0)
	for key, flat := range c.told.flats {
		if held := kept[key]; len(held) != 1 || held[0] != flat {
			c.t.count("acknowledged acts lost", 1)
			c.t.fault("cut %d on %s: %s was acknowledged and is held as %q", n, c.engine, flat, held)
			delete(c.told.flats, key) // told once
		}
	}
	if err := c.at.sound(ctx); err != nil {
		c.t.fault("cut %d on %s: %v", n, c.engine, err)
	}
	return nil
}

// disk is an ext4 file system in a file.
type disk struct{ image, mount string }

func newDisk(path string, mb int64) (*disk, error) {
	d := &disk{path + ".img", path + ".disk"}
	if err := os.MkdirAll(d.mount, 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(d.image)
	if err == nil {
		err = errors.Join(file.Truncate(mb<<20), file.Close())
	}
	if err == nil {
		err = run("mkfs.ext4", "-q", "-F", d.image)
	}
	if err == nil {
		err = run("mount", "-o", "loop", d.image, d.mount)
	}
	if err == nil {
		// Whoever runs the database walks through.
		err = errors.Join(os.Chmod(d.mount, 0o755), os.Chmod(filepath.Dir(d.mount), 0o755))
	}
	if err != nil {
		return nil, fmt.Errorf("this machine mounts no disk for the campaign (it needs root and loop devices), and without one it proves nothing: %w", err)
	}
	return d, nil
}

// cut shuts the file system down: nothing reaches it any more, and nothing that
// was not written out before is there afterwards.
func (d *disk) cut() error { return run("xfs_io", "-x", "-c", "shutdown", d.mount) }

// again takes it off and puts it on again. Whoever was at work there is gone a
// moment later.
func (d *disk) again() error {
	if err := d.off(); err != nil {
		return err
	}
	return run("mount", "-o", "loop", d.image, d.mount)
}

func (d *disk) off() (err error) {
	for range 100 {
		if err = run("umount", d.mount); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func (d *disk) remove() error {
	if err := d.off(); err != nil && !strings.Contains(err.Error(), "not mounted") {
		return err
	}
	return os.Remove(d.image)
}

func run(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// freePort is one that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (c *cluster) address() *url.URL {
	return &url.URL{Scheme: "postgres", User: url.User("postgres"), Host: fmt.Sprintf("127.0.0.1:%d", c.port), Path: "/postgres"}
}
