package cli

import (
	"encoding/csv"
	"fmt"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/returns"
)

// ReturnCompare is `waymark return compare`.
type ReturnCompare struct {
	Data
	From   string `arg:"" help:"A signed return: its reference, as waymark return list shows it, or its month, like 2026-03, for the latest version."`
	To     string `arg:"" optional:"" default:"now" help:"Another signed return, or now: the same month as known now."`
	Format string `enum:"table,csv" default:"table" help:"table says what moved the figures, in words; csv has every item that differs, person by person, with what changed it."`
}

// Run tells what differs between the two.
func (c *ReturnCompare) Run(env *Env) error {
	return c.withHouse(env, func(house *House) error {
		by := Operator(house.Register.ID)
		list, err := house.Returns.List(env.Ctx, by)
		if err != nil {
			return err
		}
		from, err := signedReturn(list, c.From)
		if err != nil {
			return err
		}
		to := id.Ref("")
		if c.To != "now" {
			if to, err = signedReturn(list, c.To); err != nil {
				return err
			}
		}
		found, err := house.Returns.Compare(env.Ctx, by, from, to)
		if err != nil {
			return err
		}
		if c.Format == "table" {
			return tellComparison(env, found)
		}
		if err := house.Returns.Explain(env.Ctx, by, found, found.Changed); err != nil {
			return err
		}
		w := csv.NewWriter(env.Stdout)
		write := func(cells ...string) error { return w.Write(cells) }
		if err := write(returns.ChangeHeads()...); err != nil {
			return err
		}
		if err := found.EachChange(write); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

// signedReturn finds a return by its reference, or the latest frozen one of a
// month.
func signedReturn(list []*returns.Return, name string) (id.Ref, error) {
	month, err := civil.ParseMonth(name)
	for _, r := range list { // the latest version first
		if string(r.Ref) == name || err == nil && r.Period == month && r.State.Frozen() {
			return r.Ref, nil
		}
	}
	return "", fmt.Errorf("there is no signed return %q: waymark return list shows those there are", name)
}

func tellComparison(env *Env, c *returns.Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "From %s to %s.\n", c.From.Name(), c.To.Name())
	fmt.Fprintf(&b, "Differ: %s. New: %s. No longer in it: %s.\n", thousands(len(c.Changed)), thousands(len(c.Joined)), thousands(len(c.Left)))
	fmt.Fprintf(&b, "Academic age 16 and 17 was %s, and is now %s.\n", thousands(c.From.Rates.Cohort), thousands(c.To.Rates.Cohort))
	for _, m := range c.Measures() {
		fmt.Fprintf(&b, "\n%s\n", m.Words())
		for _, l := range m.Lines {
			fmt.Fprintf(&b, "  %s\n", l.Text)
		}
	}
	_, err := fmt.Fprint(env.Stdout, b.String())
	return err
}
