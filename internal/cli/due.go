package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/due"
	"waymark/internal/sheet"
)

// Due is `waymark due`: whose situation has to be confirmed, by when, and why.
type Due struct {
	Data
	On       string `help:"From this day on; today unless given." placeholder:"CCYY-MM-DD"`
	Window   string `enum:"overdue,week,7,month,30,60,90" default:"30" help:"Who has lapsed already (overdue), or lapses this week, by the end of the month, or in 7, 30, 60 or 90 days."`
	KnownOn  string `name:"known-on" help:"By what was known at the end of this day, and from it on unless --on says otherwise." placeholder:"CCYY-MM-DD"`
	Adviser  string `help:"Only those of this adviser: an account's reference, the name of one without an account, or none." placeholder:"ADVISER"`
	School   string `help:"Only those of this school, college or employer: its number, its name where it has none, or none." placeholder:"SCHOOL"`
	Activity string `help:"Only those with this activity code, or of this group, like ED." placeholder:"CODE"`
	Count    string `enum:"no,adviser,school,activity" default:"no" help:"Count them by adviser, school or activity, in every window, and name nobody."`
	Format   string `enum:"table,csv,json" default:"table" help:"table for people; csv, or json with one object a line, for machines and spreadsheets."`
}

// Run writes the list. It ends with code 2 where the day cannot be read.
func (c *Due) Run(env *Env) error {
	q := due.Question{Window: due.Window(c.Window), Adviser: c.Adviser, School: c.School, Activity: c.Activity}
	for _, one := range []struct {
		text, flag string
		day        *civil.Date
	}{{c.On, "--on", &q.On}, {c.KnownOn, "--known-on", &q.KnownOn}} {
		if one.text == "" {
			continue
		}
		var err error
		if *one.day, err = civil.Parse(one.text); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", one.text, err), "Give the day as "+one.flag+" 2026-10-31")
		}
	}
	return c.withHouse(env, func(house *House) error {
		today := civil.On(house.DB.Now(), civil.London())
		if q.KnownOn.After(today) {
			return refuse(env, q.KnownOn.Words()+" has not come yet, so nobody can tell what will be known then", "Give today or an earlier day as --known-on 2026-10-31")
		}
		if q.On.IsZero() {
			if q.On = q.KnownOn; q.On.IsZero() {
				q.On = today
			}
		}
		out := bufio.NewWriter(env.Stdout)
		err := c.write(env, house, q, out)
		if gone := out.Flush(); err == nil && gone != nil {
			return refuse(env, gone.Error(), "Send the list to a place that takes it")
		}
		var before act.BeforeBegan
		if errors.As(err, &before) {
			return refuse(env, before.Error(), "Give a later day as --known-on 2026-10-31")
		}
		return err
	})
}

func (c *Due) write(env *Env, house *House, q due.Question, w io.Writer) error {
	by := Operator(house.Register.ID)
	if c.Count != "no" {
		return c.counts(env, house, q, w)
	}
	switch c.Format {
	case "json":
		_, err := house.Due.WriteJSON(env.Ctx, by, q, w)
		return err
	case "csv":
		out, err := sheet.NewCSV(w)
		if err != nil {
			return err
		}
		if err := out.Write(due.Columns()...); err != nil {
			return err
		}
		err = house.Due.All(env.Ctx, by, q, func(i due.Item) error { return out.Write(i.Cells(i.CohortStatus)...) })
		return errors.Join(err, out.Close())
	}
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "lapses\tname\tsituation\twhere\tadviser\twhy")
	n := 0
	err := house.Due.All(env.Ctx, by, q, func(i due.Item) error {
		n++
		if i.Locked {
			_, err := fmt.Fprintln(t, "\tthis record is restricted\t\t\t\t")
			return err
		}
		_, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", i.LapsesOn, i.Name(), i.Activity, i.Establishment, i.Adviser, i.Reason)
		return err
	})
	if err := errors.Join(err, t.Flush()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d of them, %s from %s\n", n, q.Window.Words(q.On), q.On)
	return err
}

// counts writes how many are due, and names nobody.
func (c *Due) counts(env *Env, house *House, q due.Question, w io.Writer) error {
	all, groups, err := house.Due.Counts(env.Ctx, Operator(house.Register.ID), q, due.By(c.Count))
	if err != nil {
		return err
	}
	all.Name = "all together"
	head := []string{c.Count}
	for _, window := range due.Windows() {
		head = append(head, string(window))
	}
	rows := [][]string{}
	for _, g := range append(groups, all) {
		row := []string{g.Name}
		if g.Name == "" {
			row[0] = "none recorded"
		}
		for _, n := range g.Due {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	return writeRows(w, c.Format, head, rows)
}
