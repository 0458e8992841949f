package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/nccis"
)

// Check is `waymark check`: what would the Department find in this return? It
// needs no register and stores nothing.
type Check struct {
	File    string `arg:"" help:"The return, as your system exported it; - reads standard input."`
	Edition string `help:"Check by this edition of the requirement (like 2026-27) instead of the one of the file's period end."`
	Format  string `enum:"table,json,csv" default:"table" help:"table for people; json, one object a line, or csv for machines and spreadsheets."`
}

// Run checks the file. It ends with code 1 where there are findings of
// priority 1 or 2, and with 2 where the file is refused whole or cannot be
// read.
func (c *Check) Run(env *Env) error {
	req, err := nccis.Load()
	if err != nil {
		return err
	}
	options := nccis.CheckOptions{}
	if c.Edition != "" {
		e, ok := req.Edition(c.Edition)
		if !ok {
			return refuse(env, fmt.Sprintf("there is no edition %q here", c.Edition), "Choose one of "+editionNames(req))
		}
		options.Edition = e
	}
	in, size, err := c.open(env)
	if err != nil {
		return refuse(env, err.Error(), "Give the name of a file that you may read")
	}
	defer in.Close()
	return c.check(env, req, options, &progress{in: in, size: size, to: terminal(env.Stderr)})
}

func (c *Check) check(env *Env, req *nccis.Requirement, options nccis.CheckOptions, in *progress) error {
	out := bufio.NewWriterSize(env.Stdout, 64<<10)
	report := c.report(out)
	sum, err := nccis.CheckFile(env.Ctx, in, req, options, report.finding)
	in.done()
	rejected := (*nccis.Rejection)(nil)
	if err != nil && !errors.As(err, &rejected) {
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted before the whole file was checked")
		}
		return refuse(env, errors.Join(err, out.Flush()).Error(), "Try again with the whole file")
	}
	notes(env, sum)
	err = report.end(sum, rejected != nil)
	if err = errors.Join(err, out.Flush()); err != nil {
		return refuse(env, err.Error(), "Send the findings to a place that takes them")
	}
	switch {
	case rejected != nil:
		return refuse(env, "the Department would refuse this file whole: "+place(rejected)+rejected.Reason, rejected.Do)
	case sum.Findings[1]+sum.Findings[2] > 0:
		return ExitError{Code: 1}
	}
	return nil
}

// open gives the file with its size, 0 where that is not known.
func (c *Check) open(env *Env) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(env.Stdin), 0, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, 0, fmt.Errorf("the file cannot be opened: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", c.File)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// refuse tells why nothing more can be done, and what to do.
func refuse(env *Env, reason, do string) error {
	if _, err := fmt.Fprintf(env.Stderr, "Refused: %s.\n%s.\n", strings.TrimSuffix(reason, "."), strings.TrimSuffix(do, ".")); err != nil {
		return err
	}
	return ExitError{Code: 2}
}

func place(r *nccis.Rejection) string {
	switch {
	case r.Position > 0:
		return fmt.Sprintf("line %d, record %d: ", r.Line, r.Position)
	case r.Line > 0:
		return fmt.Sprintf("line %d: ", r.Line)
	}
	return ""
}

// notes tells on standard error what a reader of the findings must know.
func notes(env *Env, sum nccis.CheckSummary) {
	if sum.StandIn != "" {
		fmt.Fprintln(env.Stderr, "Note: "+sum.StandIn)
	}
	if end, err := civil.Parse(sum.Header.PeriodEnd); err == nil && end != end.InMonth().End() {
		fmt.Fprintf(env.Stderr, "Note: the file's PeriodEnd, %s, is not the last day of a month, as that of a return is. Put it right before you send the file.\n", end.Words())
	}
	if sum.Invented {
		fmt.Fprintf(env.Stderr, "NOTE: THIS IS A FILE OF THE DEMONSTRATION. The Department knows no such authority as %s; in any other file the code is refused.\n",
			strings.Join(sum.Header.LEACodes, ", "))
	}
}

func editionNames(req *nccis.Requirement) string {
	var names []string
	for _, e := range req.Editions() {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}
