package cli

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/publish"
	figures "waymark/internal/report"
)

// Publish is `waymark publish`: the figures of a month for the public.
type Publish struct {
	Data
	Period string   `help:"The month, like 2026-02. It must have ended." required:"" placeholder:"CCYY-MM"`
	By     []string `help:"Tables by these kinds of groups: age, sex, ethnicity, send, vulnerable, ward." default:"age,sex,send,vulnerable" placeholder:"KIND"`
	Freeze bool     `help:"Publish it: a month is published once and stays as it is. Without this the tables are shown and not kept as published."`
	Format string   `enum:"table,csv,json" default:"table" help:"table for people; csv or json for machines."`
}

// Run gives out what is published of the month, or makes it. What is published
// already is the same whatever is asked for.
func (c *Publish) Run(env *Env) error {
	m, err := civil.ParseMonth(c.Period)
	if err != nil {
		return refuse(env, err.Error(), "Give the month as --period 2026-02")
	}
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	p, err := c.find(env, house, m)
	if err != nil {
		return err
	}
	if p.State == publish.Draft {
		fmt.Fprintln(env.Stderr, "This is not published: publish it with --freeze, or on the page Figures for the public.")
	}
	switch c.Format {
	case "csv":
		return p.WriteCSV(env.Stdout)
	case "json":
		return p.WriteJSON(env.Stdout)
	}
	return c.table(env, p)
}

func (c *Publish) find(env *Env, house *House, m civil.Month) (*publish.Publication, error) {
	by := Operator(house.Register.ID)
	p, err := house.Publish.Make(env.Ctx, by, m, c.By, "")
	var published publish.Published
	var none figures.NoFigures
	var wrong field.Errors
	switch {
	case errors.As(err, &published):
		return house.Publish.Get(env.Ctx, by, published.Ref)
	case errors.As(err, &none):
		return nil, refuse(env, "there are no such figures", none.Words)
	case errors.As(err, &wrong):
		return nil, refuse(env, wrong.Error(), "See waymark publish --help")
	case err != nil:
		return nil, err
	}
	if c.Freeze {
		if err := house.Publish.Freeze(env.Ctx, by, p.Ref, ""); err != nil {
			return nil, err
		}
		return house.Publish.Get(env.Ctx, by, p.Ref)
	}
	return p, house.Publish.Drop(env.Ctx, by, p.Ref, "")
}

func (c *Publish) table(env *Env, p *publish.Publication) error {
	for _, table := range p.Tables {
		t := tabwriter.NewWriter(env.Stdout, 2, 8, 2, ' ', 0)
		head := []string{table.Words}
		for _, s := range p.Statuses {
			head = append(head, s.Name)
		}
		fmt.Fprintln(t, strings.Join(head, "\t"))
		for _, l := range table.Lines {
			cells := []string{l.Label}
			for _, n := range l.Numbers {
				cells = append(cells, strings.TrimSpace(n.Count+" "+n.Percent))
			}
			fmt.Fprintln(t, strings.Join(cells, "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(env.Stdout)
	}
	for _, rule := range p.Rules {
		fmt.Fprintln(env.Stdout, rule)
	}
	return nil
}
