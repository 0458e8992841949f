package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/nccis"
	"waymark/internal/seal"
	"waymark/test/outside"
)

// ground is where a campaign works: a folder of its own, the built program, and
// a PostgreSQL server in which databases may be made. Clear it away in the end.
type ground struct {
	dir     string
	program string
	server  *url.URL
	admin   *sql.DB
	made    atomic.Int64
	name    string
}

// stand makes the ground, with the program built.
func stand(ctx context.Context) (*ground, error) {
	g, err := standInside()
	if err != nil {
		return nil, err
	}
	if g.program, err = outside.Build(ctx, g.dir, ""); err != nil {
		return nil, errors.Join(err, g.clear())
	}
	return g, nil
}

// standInside is the ground for what is tried without the program. It fails
// where there is no PostgreSQL: a campaign on one engine would prove half of
// what it says.
func standInside() (*ground, error) {
	g := &ground{}
	address := os.Getenv("WAYMARK_TEST_POSTGRES")
	if address == "" {
		return nil, errors.New("WAYMARK_TEST_POSTGRES names no PostgreSQL server; make campaign-NAME starts one")
	}
	var err error
	if g.server, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("WAYMARK_TEST_POSTGRES: %w", err)
	}
	if g.admin, err = sql.Open("pgx", address); err != nil {
		return nil, err
	}
	if g.dir, err = os.MkdirTemp("", "waymark-campaign-"); err != nil {
		return nil, err
	}
	g.name = strings.ToLower(strings.NewReplacer("-", "_").Replace(filepath.Base(g.dir)))
	return g, nil
}

// clear leaves nothing behind.
func (g *ground) clear() error {
	rows, err := g.admin.Query("SELECT datname FROM pg_database WHERE datname LIKE $1", strings.ReplaceAll(g.name, "_", `\_`)+"%")
	var names []string
	if err == nil {
		for rows.Next() {
			var name string
			if err = rows.Scan(&name); err == nil {
				names = append(names, name)
			}
		}
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	for _, name := range names {
		_, dropped := g.admin.Exec(`DROP DATABASE "` + name + `" WITH (FORCE)`)
		err = errors.Join(err, dropped)
	}
	return errors.Join(err, g.admin.Close(), os.RemoveAll(g.dir))
}

// place is one register's database: a folder, or a database of the server.
type place struct {
	g      *ground
	engine db.Engine
	dir    string
	base   string
}

// engines are both.
func engines() []db.Engine { return []db.Engine{db.SQLite, db.Postgres} }

// empty is a new place with nothing in it.
func (g *ground) empty(ctx context.Context, e db.Engine) (place, error) {
	n := g.made.Add(1)
	p := place{g: g, engine: e, dir: filepath.Join(g.dir, fmt.Sprintf("place-%d", n))}
	if e == db.SQLite {
		return p, nil
	}
	p.base = fmt.Sprintf("%s_%d", g.name, n)
	_, err := g.admin.ExecContext(ctx, `CREATE DATABASE "`+p.base+`" TEMPLATE template0`)
	return p, err
}

// copy is another place with the same in it. Nobody may be at work in the first.
func (p place) copy(ctx context.Context) (place, error) {
	n := p.g.made.Add(1)
	c := place{g: p.g, engine: p.engine, dir: filepath.Join(p.g.dir, fmt.Sprintf("place-%d", n))}
	if err := copyFolder(p.dir, c.dir); err != nil && !gone(p.dir) {
		return c, err
	}
	if p.engine == db.SQLite {
		return c, nil
	}
	c.base = fmt.Sprintf("%s_%d", p.g.name, n)
	for try := 0; ; try++ {
		_, err := p.g.admin.ExecContext(ctx, `CREATE DATABASE "`+c.base+`" TEMPLATE "`+p.base+`"`)
		// Whoever was at work there a moment ago is still being shown out.
		if err == nil || try == 50 || !strings.Contains(err.Error(), "being accessed") {
			return c, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// drop throws it away.
func (p place) drop() error {
	err := os.RemoveAll(p.dir)
	if p.base != "" {
		_, dropped := p.g.admin.Exec(`DROP DATABASE IF EXISTS "` + p.base + `" WITH (FORCE)`)
		err = errors.Join(err, dropped)
	}
	return err
}

// settings are those by which it is opened from inside.
func (p place) settings() db.Settings {
	if p.engine == db.SQLite {
		return db.Settings{Dir: p.dir}
	}
	return db.Settings{URL: p.url()}
}

func (p place) url() string {
	u := *p.g.server
	u.Path = "/" + p.base
	return u.String()
}

// flags are those by which the program is told of it.
func (p place) flags() []string {
	if p.engine == db.SQLite {
		return []string{"--data", p.dir}
	}
	// The folder is where the seals' key is kept.
	return []string{"--db", p.url(), "--data", p.dir}
}

// command is the program with its arguments, on this place.
func (p place) command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, p.g.program, append(slices.Clone(args), p.flags()...)...)
}

// run runs a command to its end, and gives what it said where it failed.
func (p place) run(ctx context.Context, args ...string) error {
	out, err := p.command(ctx, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("waymark %s: %w\n%s", strings.Join(args[:min(2, len(args))], " "), err, tail(out))
	}
	return nil
}

func tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-12):], []byte("\n"))
}

// serve starts the server there.
func (p place) serve(ctx context.Context) (*outside.Server, error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	return outside.Serve(ctx, p.g.program, p.g.dir, p.flags()...)
}

// invented fills a place with an invented authority, and writes the files that
// its supplier and its partners sent into a folder.
func (p place) invented(ctx context.Context, people int, files string) (w *demo.World, supplier string, partners []demo.PartnerFile, err error) {
	const whole = 18_600 // people in an authority of size 1
	req, err := nccis.Load()
	if err != nil {
		return nil, "", nil, err
	}
	if w, err = demo.Invent(demo.Settings{Seed: 1, On: civil.On(time.Now(), civil.London()), Size: float64(people) / whole}); err != nil {
		return nil, "", nil, err
	}
	at := p.settings()
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, "", nil, err
	}
	if at.Ring, err = seal.OpenRing(filepath.Join(p.dir, "master-key"), ""); err != nil {
		return nil, "", nil, err
	}
	d, err := db.OpenEvery(ctx, at)
	if err != nil {
		return nil, "", nil, err
	}
	_, err = demo.Fill(ctx, demo.House{DB: d, Requirement: req}, w)
	if err = errors.Join(err, d.Close(), os.MkdirAll(files, 0o700)); err != nil {
		return nil, "", nil, err
	}
	if supplier, err = w.WriteFile(files, req); err != nil {
		return nil, "", nil, err
	}
	partners, err = w.WritePartnerFiles(files)
	return w, supplier, partners, err
}

// sound runs db check and, where there is a log to verify, audit verify.
func (p place) sound(ctx context.Context) error {
	return errors.Join(p.run(ctx, "db", "check"), p.run(ctx, "audit", "verify"))
}

// digest is what the register says, whoever said it and under whatever keys:
// each person's facts as held now, what follows of them, and the returns that
// were signed. Two registers with the same digest say the same.
func (p place) digest(ctx context.Context) (string, error) {
	d, err := db.OpenEvery(ctx, p.settings())
	if err != nil {
		return "", err
	}
	defer d.Close()
	var said []string
	err = d.Read(ctx, func(tx *db.Tx) error {
		for _, query := range digestQueries() {
			rows, err := tx.Query(query)
			if err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
			lines, err := textRows(rows)
			if err != nil {
				return err
			}
			slices.Sort(lines)
			said = append(said, query)
			said = append(said, lines...)
		}
		return nil
	})
	sum := sha256.Sum256([]byte(strings.Join(said, "\n")))
	return hex.EncodeToString(sum[:8]), err
}

func textRows(rows *sql.Rows) (lines []string, err error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var line strings.Builder
		for _, v := range values {
			line.WriteString(v.String + "\x1f")
		}
		lines = append(lines, line.String())
	}
	return lines, rows.Err()
}

// gone says that nothing is there.
func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// copyFolder copies what is in a folder, for nobody else to read.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(at, 0o700)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(at, body, 0o600)
	})
}
