package year

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"waymark/test/outside"
)

// Live lives the year from 31 August 2026 to the signing of January's return, and
// gives how each month's numbers came about.
func Live(ctx context.Context, g Ground) (all []Moves, err error) {
	l := &life{Ground: g, ctx: ctx, book: newBook()}
	if err := os.MkdirAll(g.data(), 0o700); err != nil {
		return nil, err
	}
	if err := l.at(2026, time.August, 31, 9); err != nil {
		return nil, err
	}
	if _, err := l.program(append([]string{"demo", "--no-serve", fmt.Sprintf("--size=%g", g.Size)}, g.flags()...)...); err != nil {
		return nil, err
	}
	if l.server, err = outside.Serve(ctx, g.Program, g.Dir, g.flags()...); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, l.server.Stop())
		if err != nil {
			err = errors.Join(err, l.server.Complain())
		}
	}()
	return l.live()
}

func (l *life) live() ([]Moves, error) {
	before, err := l.summer()
	if err != nil {
		return nil, err
	}
	var all []Moves
	files := []*signed{before}
	for _, month := range []func(before *signed) (*signed, error){l.september, l.october, l.november, l.december, l.january} {
		after, err := month(before)
		if err != nil {
			return all, err
		}
		moves, err := l.book.agree(before, after)
		all = append(all, moves)
		l.Log("%s", moves)
		if err != nil {
			return all, err
		}
		if err := l.agreesWithFigures(after, ""); err != nil {
			return all, err
		}
		files, before = append(files, after), after
	}
	return all, l.lookBack(files)
}

// summer is the last day of the old year and the first of the new: the
// supplier's last file, the old months signed, and 1 September rehearsed and done.
func (l *life) summer() (*signed, error) {
	waiting, err := filepath.Glob(filepath.Join(l.data(), "files-to-import", "*2026-07.xml"))
	if err != nil || len(waiting) != 1 {
		return nil, fmt.Errorf("no file of July waits: %w", err)
	}
	if err := l.loadSupplier(waiting[0]); err != nil {
		return nil, err
	}
	if err := l.backFromDemo(); err != nil {
		return nil, err
	}
	if err := l.readRefs(); err != nil {
		return nil, err
	}
	if _, err := l.sign("2026-07"); err != nil {
		return nil, err
	}
	if err := l.rollOver(); err != nil {
		return nil, err
	}
	if err := l.at(2026, time.September, 2, 9); err != nil {
		return nil, err
	}
	l.summerFile, err = l.sign("2026-08")
	return l.summerFile, err
}

// agreesWithFigures holds the figures of a month against the signed file.
func (l *life) agreesWithFigures(s *signed, knownOn string) error {
	f, err := l.figures(s.month, knownOn)
	if err != nil {
		return err
	}
	if c := s.count(); c != f {
		return fmt.Errorf("%s: the figures say %+v, and the signed file %+v", s.month, f, c)
	}
	return nil
}
