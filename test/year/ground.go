// Package year lives through a tracking year as those do who work it: September
// to January of an invented authority, at their browsers, by a clock that is put
// forward from day to day. Each month its figures are counted again, from the
// file that was signed and from what the lists, the callers and those at the
// doors have told.
package year

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/demo"
	"waymark/test/outside"
)

// Ground is where a year is lived.
type Ground struct {
	// Program is the program, built with -tags testclock.
	Program string
	// Dir is an empty folder for its data, its clock and the files.
	Dir string
	// DB is the address of an empty PostgreSQL database; without it the year is
	// lived in SQLite in the folder.
	DB string
	// Size is how much of the whole authority there is, 1 for all of it.
	Size float64
	// Log is told how it goes.
	Log func(format string, args ...any)
}

// BuildProgram builds the program with a clock that can be moved into dir. It is
// run in the folder of the sources.
func BuildProgram(ctx context.Context, dir string) (string, error) {
	out := filepath.Join(dir, "waymark-testclock")
	if told, err := exec.CommandContext(ctx, "go", "build", "-tags", "testclock", "-o", out, "waymark/cmd/waymark").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build waymark: %w\n%s", err, told)
	}
	return out, nil
}

func (g Ground) clock() string { return filepath.Join(g.Dir, "clock") }

func (g Ground) data() string { return filepath.Join(g.Dir, "data") }

// flags are those by which the program is told where and when it is.
func (g Ground) flags() []string {
	flags := []string{"--clock=@" + g.clock(), "--data", g.data()}
	if g.DB != "" {
		flags = append(flags, "--db", g.DB)
	}
	return flags
}

// set moves the clock. The file is put in place whole, because the program
// reads it at any moment.
func (g Ground) set(at time.Time) error {
	next := g.clock() + ".next"
	if err := os.WriteFile(next, []byte(at.Format(time.RFC3339)), 0o600); err != nil {
		return err
	}
	return os.Rename(next, g.clock())
}

// open opens what was lived from inside, to count.
func (g Ground) open(ctx context.Context) (*db.DB, error) {
	if g.DB != "" {
		return db.OpenEvery(ctx, db.Settings{URL: g.DB})
	}
	return db.OpenEvery(ctx, db.Settings{Dir: g.data()})
}

// life is a year that is being lived.
type life struct {
	Ground
	ctx    context.Context
	server *outside.Server
	desks  map[string]*desk
	today  civil.Date
	book   *book
	// summerFile is the last file of the old year: whom the colleges' lists name.
	summerFile *signed
	// octoberFile holds what everybody did on the day before the survey's.
	octoberFile *signed
	// refs are the YoungPersonsIDs by the references of the addresses.
	refs map[string]string
}

// desk is somebody at a browser.
type desk struct {
	*outside.Visitor
	who string
}

// at begins a day, or another hour of it, in London. Whoever was signed in is
// not any more: it is another session.
func (l *life) at(year int, month time.Month, day, hour int) error {
	at := time.Date(year, month, day, hour, 0, 0, 0, civil.London())
	l.today, l.desks = civil.Must(year, month, day), map[string]*desk{}
	return l.set(at.UTC())
}

// as is somebody of the demo's staff, signed in.
func (l *life) as(who string) (*desk, error) {
	if d := l.desks[who]; d != nil {
		return d, nil
	}
	v, err := outside.NewVisitor(l.server.Address)
	if err == nil {
		err = v.SignIn(who+"@saltmarsh.example.org", demo.Password)
	}
	if err != nil {
		return nil, fmt.Errorf("%s signs in on %s: %w", who, l.today, err)
	}
	l.desks[who] = &desk{v, who}
	return l.desks[who], nil
}

// open asks for a page, and says why where that is asked.
func (d *desk) open(path string) (outside.Page, error) {
	p, err := d.Counted(path)
	at, _, _ := strings.Cut(p.At, "?")
	switch {
	case err != nil:
	case strings.HasSuffix(at, "/why"):
		p, err = d.Fill(p, at, "reason", map[string][]string{"reason": {"other"}, "other": {"It is on the list of the month"}})
	}
	return p, err
}

// program runs a command of the program to its end.
func (l *life) program(args ...string) ([]byte, error) {
	out, err := exec.CommandContext(l.ctx, l.Program, args...).CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("waymark %s: %w\n%s", args[0], err, lastLines(out))
	}
	return out, nil
}

func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// sqlPeople are the YoungPersonsIDs by the references in addresses.
const sqlPeople = `SELECT ref, young_persons_id FROM young_person WHERE known_to IS NULL`

func (l *life) readRefs() (err error) {
	l.refs, err = l.pairs(sqlPeople)
	return err
}

// pairs reads a query of two columns from inside.
func (l *life) pairs(query string) (map[string]string, error) {
	d, err := l.Ground.open(l.ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	return out, errors.Join(d.Read(l.ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key, value string
			if err := rows.Scan(&key, &value); err != nil {
				return err
			}
			out[key] = value
		}
		return rows.Err()
	}), d.Close())
}

// between is the text after one mark and before the next, "" where there is none.
func between(text, from, to string) string {
	_, rest, ok := strings.Cut(text, from)
	if !ok {
		return ""
	}
	found, _, ok := strings.Cut(rest, to)
	if !ok {
		return ""
	}
	return found
}

// sorted are the keys of a map in their order.
func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
