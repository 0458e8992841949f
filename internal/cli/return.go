package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

// ReturnCommands is `waymark return`.
type ReturnCommands struct {
	Build   ReturnBuild   `cmd:"" help:"Write the return of a month to a file, as a draft, and list what the checks find."`
	List    ReturnList    `cmd:"" help:"List the returns that were signed, and what became of them."`
	Compare ReturnCompare `cmd:"" help:"Say what differs between two signed returns, or between one and its month as known now, and why."`
	Export  ReturnExport  `cmd:"" help:"Write a return that two people have signed to a file: the same bytes every time."`
}

// ReturnBuild is `waymark return build`.
type ReturnBuild struct {
	Data
	Period    string   `required:"" help:"The month, like 2026-10." placeholder:"CCYY-MM"`
	Out       string   `required:"" help:"The file to write; one of that name is replaced once the new one is whole." placeholder:"FILE"`
	Authority []string `help:"Only the young people of this authority; repeat it for several. All of the register's, unless given." placeholder:"CODE"`
	KnownOn   string   `name:"known-on" help:"State what was known at the end of this day." placeholder:"CCYY-MM-DD"`
}

// Run builds the draft. It ends with code 1 where findings of priority 1 or 2
// stand, and 2 where nothing could be written.
func (c *ReturnBuild) Run(env *Env) error {
	period, err := civil.ParseMonth(c.Period)
	if err != nil {
		return refuse(env, err.Error(), "Give the month as --period 2026-10")
	}
	o := returns.Options{Authorities: c.Authority}
	if c.KnownOn != "" {
		if o.KnownOn, err = civil.Parse(c.KnownOn); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", c.KnownOn, err), "Give the day as --known-on 2026-10-31")
		}
	}
	return c.withHouse(env, func(house *House) error {
		by := Operator(house.Register.ID)
		d, err := house.Returns.Build(env.Ctx, by, period, o)
		if err != nil {
			return err
		}
		if err := writeWhole(c.Out, func(w io.Writer) error { return d.WriteXML(w, true) }, func(f io.Reader) error {
			if err := d.Verify(f); err != nil {
				return err
			}
			return house.Returns.Take(env.Ctx, by, d)
		}); err != nil {
			return err
		}
		if err := c.tell(env, d); err != nil {
			return err
		}
		if d.Totals.Priority[1]+d.Totals.Priority[2] > 0 {
			return ExitError{Code: 1}
		}
		return nil
	})
}

// withHouse opens the data for one command. What went wrong is told, with exit
// code 2.
func (d Data) withHouse(env *Env, do func(*House) error) error {
	house, err := env.Open(env.Ctx, d)
	if err != nil {
		return refuse(env, err.Error(), "Name the data with --data or --db, and the register with --register")
	}
	defer house.DB.Close()
	if house.Register.ID == 0 {
		return refuse(env, "there is no register here yet", "Make one with waymark register add, or look at an invented one with waymark demo")
	}
	var told ExitError
	if err := do(house); errors.As(err, &told) {
		return err
	} else if errors.Is(err, context.Canceled) {
		return refuse(env, "interrupted", "Nothing was written; start again")
	} else if err != nil {
		return refuse(env, err.Error(), "Nothing was written; put that right and start again")
	}
	return nil
}

// writeWhole writes a file so that under its name there is only ever a whole
// one: beside it first, then read back by look, then renamed.
func writeWhole(path string, write func(io.Writer) error, look func(io.Reader) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("the file cannot be made: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	defer f.Close() // a second time does nothing that matters
	out := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(write(out), out.Flush(), f.Sync()); err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := look(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	return os.Rename(f.Name(), path)
}

// tell prints the sums on standard output, and on standard error what a reader
// of the file must know.
func (c *ReturnBuild) tell(env *Env, d *returns.Draft) error {
	fmt.Fprintf(env.Stderr, "DRAFT, not signed off: %s. Sign off in the browser and send the file that two people have signed.\n", c.Out)
	if d.StandIn != "" {
		fmt.Fprintln(env.Stderr, "Note: "+d.StandIn)
	}
	var b strings.Builder
	t := d.Totals
	fmt.Fprintf(&b, "Return of %s for %s. Records: %s, of which report somebody who has left: %s. Held in the register and not in the file: %s.\n",
		strings.Join(d.Authorities, ", "), d.Period.Words(), thousands(t.Records), thousands(t.Leavers), thousands(len(d.LeftOut)))
	fmt.Fprintf(&b, "Academic age 16 and 17: %s. In education, employment or training %s, NEET %s, not known %s.\n",
		thousands(t.Rates.Cohort), thousands(t.Rates.EET), thousands(t.Rates.NEET), thousands(t.Rates.NotKnown))
	if len(d.Groups) == 0 {
		b.WriteString("Nothing was found.\n")
	} else {
		fmt.Fprintf(&b, "\n%-9s %-9s %9s  %s\n", "Check", "Priority", "Findings", "What")
		for _, g := range d.Groups {
			fmt.Fprintf(&b, "%-9s %-9d %9s  %s: %s\n", g.Check.ID, g.Check.Priority, thousands(g.Findings), g.Check.Field, g.Check.Title)
		}
		fmt.Fprintf(&b, "\nPriority 1 (serious): %s. Priority 2 (should be mended): %s. Priority 3 (advisory): %s.\n",
			thousands(t.Priority[1]), thousands(t.Priority[2]), thousands(t.Priority[3]))
	}
	_, err := io.WriteString(env.Stdout, b.String())
	return err
}

// ReturnList is `waymark return list`.
type ReturnList struct{ Data }

// Run lists the returns, the latest month first.
func (c *ReturnList) Run(env *Env) error {
	return c.withHouse(env, func(house *House) error {
		list, err := house.Returns.List(env.Ctx, Operator(house.Register.ID))
		if err != nil {
			return err
		}
		for _, r := range list {
			because := ""
			if last := r.Steps[len(r.Steps)-1]; last.Because != "" {
				because = ": " + visible(last.Because)
			}
			if _, err := fmt.Fprintf(env.Stdout, "%s\t%s\t%s\tversion %d\t%s%s\t%s records\t%s\n", r.Ref, r.Period, strings.Join(r.Authorities, ","),
				r.Version, r.State, because, thousands(r.Totals.Records), r.SHA256); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReturnExport is `waymark return export`.
type ReturnExport struct {
	Data
	Ref string `arg:"" help:"The return's reference, as waymark return list shows it."`
	Out string `required:"" help:"The file to write." placeholder:"FILE"`
}

// Run writes the frozen file.
func (c *ReturnExport) Run(env *Env) error {
	return c.withHouse(env, func(house *House) error {
		f, err := house.Returns.Fetch(env.Ctx, Operator(house.Register.ID), id.Ref(c.Ref))
		if err != nil {
			return fmt.Errorf("the return %q cannot be fetched: %w", c.Ref, err)
		}
		whole := func(r io.Reader) error {
			_, err := nccis.NewReader(r)
			return err
		}
		if err := writeWhole(c.Out, func(w io.Writer) error { _, err := f.WriteTo(w); return err }, whole); err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "%s: %d bytes, SHA-256 %s\n", c.Out, f.Size, f.SHA256)
		return err
	})
}
