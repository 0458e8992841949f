package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/internal/nccis"
	"waymark/internal/seal"
	"waymark/test/outside"
)

// The bound of issue 5: a backup and its verified restore, for each 5 GB.
const (
	backupBytes = 5e9
	backupTime  = 10 * time.Minute
)

// campaignBackup takes a backup of a large database and restores it with
// --verify, and measures both. The database is one invented register, written
// down again under further numbers until it is as large as asked.
func campaignBackup(ctx context.Context, args []string) (err error) {
	flags := flagsOf("backup", 1, "times that it is backed up and verified")
	gb := flags.Float64("gb", 5, "how large the database is, in GB")
	data := flags.String("data", "", "a folder with a filled register to begin with, which is copied; one is invented unless given")
	people := flags.Int("people", 100_000, "young people in an invented one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t := flags.begin(ctx)
	dir, err := os.MkdirTemp("", "waymark-campaign-")
	if err != nil {
		return t.end(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := outside.Build(ctx, dir, "")
	if err != nil {
		return t.end(err)
	}
	at := place{g: &ground{dir: dir, program: program}, engine: db.SQLite, dir: filepath.Join(dir, "large")}
	if *data != "" {
		err = copyFolder(*data, at.dir)
	} else {
		err = at.filled(ctx, *people)
	}
	if err == nil {
		err = at.inflate(ctx, int64(*gb*1e9))
	}
	if err != nil {
		return t.end(err)
	}
	key, err := age.GenerateX25519Identity()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "key"), []byte(key.String()+"\n"), 0o600)
	}
	if err != nil {
		return t.end(err)
	}
	for range *flags.n {
		if err := at.backupAndVerify(ctx, t, key.Recipient().String()); err != nil {
			return t.end(err)
		}
	}
	return t.end(nil)
}

func (p place) backupAndVerify(ctx context.Context, t *tally, recipient string) error {
	info, err := os.Stat(filepath.Join(p.dir, "waymark.db"))
	if err != nil {
		return err
	}
	file := filepath.Join(p.g.dir, "large.age")
	began := time.Now()
	if err := p.run(ctx, "backup", "--to", file, "--recipient", recipient); err != nil {
		return err
	}
	took := time.Since(began)
	if err := p.run(ctx, "restore", file, "--verify", "--identity", filepath.Join(p.g.dir, "key"), "--scratch", p.g.dir); err != nil {
		return err
	}
	whole := time.Since(began)
	bound := time.Duration(float64(backupTime) * max(1, float64(info.Size())/backupBytes))
	if small := float64(info.Size()) / backupBytes; small < 0.9 {
		bound = time.Duration(float64(backupTime)*small) + 10*time.Second // to begin at all
	}
	t.count("MB of database", int(info.Size()/1e6))
	t.count("seconds to back it up", int(took.Seconds()))
	t.count("seconds to restore and verify it", int((whole - took).Seconds()))
	t.count("seconds that are allowed for both", int(bound.Seconds()))
	if whole > bound {
		t.fault("%.1f GB took %s, at most %s", float64(info.Size())/1e9, whole.Round(time.Second), bound.Round(time.Second))
	}
	return nil
}

// filled invents a register of a size.
func (p place) filled(ctx context.Context, people int) error {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	ring, err := seal.OpenRing(filepath.Join(p.dir, "master-key"), "")
	if err != nil {
		return err
	}
	w, err := demo.Invent(demo.Settings{Seed: 1, On: civil.On(time.Now(), civil.London()), Size: float64(people) / 18_600})
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Settings{Dir: p.dir, Ring: ring})
	if err != nil {
		return err
	}
	_, err = demo.Fill(ctx, demo.House{DB: d, Requirement: req}, w)
	return errors.Join(err, d.Close())
}

// inflate writes the register down again, under further numbers, until the
// database is as large as asked. The log is left out: it is of one register by
// name, and what is not sealed yet is no fault.
func (p place) inflate(ctx context.Context, bytes int64) error {
	// Opening brings an older one up to date.
	d, err := db.Open(ctx, p.settings())
	if err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "waymark.db")+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=foreign_keys(0)&_pragma=cache_size(-400000)")
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	statements, err := inflations(ctx, pool)
	for k := 1; err == nil && ctx.Err() == nil; k++ {
		var pages, size int64
		if err = errors.Join(pool.QueryRow("PRAGMA page_count").Scan(&pages), pool.QueryRow("PRAGMA page_size").Scan(&size)); err != nil || pages*size >= bytes {
			break
		}
		for _, s := range statements {
			if _, err = pool.ExecContext(ctx, s, k); err != nil {
				err = fmt.Errorf("%s: %w", s, err)
				break
			}
		}
	}
	if err == nil {
		_, err = pool.ExecContext(ctx, "PRAGMA journal_mode=WAL")
	}
	return errors.Join(err, ctx.Err(), pool.Close())
}

// inflations are the statements that write register 1 down again as 1 + $1.
func inflations(ctx context.Context, pool *sql.DB) (out []string, err error) {
	rows, err := pool.QueryContext(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'audit_%' ORDER BY name = 'register' DESC, name")
	if err != nil {
		return nil, err
	}
	tables, err := firstColumn(rows)
	for _, table := range tables {
		if err != nil {
			return nil, err
		}
		key := "register"
		if table == "register" {
			key = "id"
		}
		var columns, values []string
		if rows, err = pool.QueryContext(ctx, "SELECT name FROM pragma_table_info('"+table+"')"); err != nil {
			return nil, err
		}
		if columns, err = firstColumn(rows); err != nil {
			return nil, err
		}
		for _, c := range columns {
			switch {
			case c == key:
				values = append(values, `"`+c+`" + $1`)
			case table == "account" && c == "sign_in": // one of its kind in the whole house
				values = append(values, `"sign_in" || '.' || $1`)
			default:
				values = append(values, `"`+c+`"`)
			}
		}
		if strings.Contains(strings.Join(values, ""), "$1") {
			out = append(out, fmt.Sprintf(`INSERT INTO "%s" ("%s") SELECT %s FROM "%s" WHERE "%s" = 1`, table, strings.Join(columns, `", "`), strings.Join(values, ", "), table, key))
		}
	}
	return out, err
}
