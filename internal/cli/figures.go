package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"waymark/internal/civil"
	"waymark/internal/field"
	figures "waymark/internal/report"
)

// Figures is `waymark figures`: how many are NEET, not known, taking part; by
// group, with the change on the year before.
type Figures struct {
	Data
	Period  string   `help:"The month, like 2026-02, or the first and last of several whose mean is wanted, like 2025-12/2026-02. For a February the mean of December to February is given too. The last month that has ended, unless given." placeholder:"CCYY-MM"`
	KnownOn string   `name:"known-on" help:"Count what was known at the end of this day." placeholder:"CCYY-MM-DD"`
	By      []string `help:"Count by these only: all, age, year, sex, ethnicity, send, vulnerable, ward, school, adviser. By all of them, unless given; a table for people is by all alone, unless given." placeholder:"KIND"`
	Group   []string `help:"Only the people of this group, like sex:F or ward:CH41; repeat it: of one kind any, of several kinds each." placeholder:"GROUP" sep:"none"`
	Format  string   `enum:"table,csv,json" default:"table" help:"table for people; csv, or json with one object a line, for machines and spreadsheets."`
}

// Run counts and writes. It ends with code 2 where there are no such figures.
func (c *Figures) Run(env *Env) error {
	q := figures.Question{By: c.By}
	var err error
	if c.KnownOn != "" {
		if q.KnownOn, err = civil.Parse(c.KnownOn); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", c.KnownOn, err), "Give the day as --known-on 2026-10-31")
		}
	}
	for _, g := range c.Group {
		q.Only = append(q.Only, figures.Group(g))
	}
	if c.Format == "table" && len(q.By) == 0 {
		q.By = []string{"all"}
	}
	return c.withHouse(env, func(house *House) error {
		period := figures.Month(civil.On(house.DB.Now(), civil.London()).InMonth().Add(-1))
		if c.Period != "" {
			if period, err = figures.ParsePeriod(c.Period); err != nil {
				return refuse(env, err.Error(), "Give the month as --period 2026-02")
			}
		}
		q.Periods = []figures.Period{period}
		if period.From == period.To {
			q.Periods = figures.PeriodsFor(period.To)
		}
		r, err := house.Figures.Run(env.Ctx, Operator(house.Register.ID), q)
		if err != nil {
			return unanswered(env, err)
		}
		if c.Format != "table" && len(q.Only) == 0 { // a window's days are of everybody
			rows, err := house.Due.WindowRows(env.Ctx, Operator(house.Register.ID), period.To, c.By, q.KnownOn)
			if err != nil {
				return err
			}
			r.Rows = append(r.Rows, rows...)
		}
		for _, note := range r.Notes {
			fmt.Fprintln(env.Stderr, "Note: "+note)
		}
		out := bufio.NewWriter(env.Stdout)
		if err := errors.Join(c.write(out, r), out.Flush()); err != nil {
			return refuse(env, err.Error(), "Send the figures to a place that takes them")
		}
		return nil
	})
}

// unanswered tells why a question has no answer.
func unanswered(env *Env, err error) error {
	var none figures.NoFigures
	var bad figures.BadGroup
	var wrong field.Errors
	switch {
	case errors.As(err, &none):
		return refuse(env, "there are no such figures", none.Words)
	case errors.As(err, &bad):
		return refuse(env, bad.Error(), "Ask with --by age or --group sex:F")
	case errors.As(err, &wrong):
		return refuse(env, wrong.Error(), "Give the day as --known-on 2026-10-31")
	}
	return err
}

func (c *Figures) write(w io.Writer, r *figures.Result) error {
	switch c.Format {
	case "csv":
		return r.WriteCSV(w)
	case "json":
		return r.WriteJSON(w)
	}
	return writeFigures(w, r)
}

// writeFigures is the table for people: one decimal, whole people, the change
// beside the figure that it is of.
func writeFigures(w io.Writer, r *figures.Result) error {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "period\tgroup\tmeasure\tvalue\tpeople\tof\tchange on the year before")
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.IsChange() {
			continue
		}
		unit, people, among, change := "%", fmt.Sprint(row.People()), fmt.Sprint(row.Among()), ""
		if strings.HasPrefix(row.Measure, "days_neet_me") {
			unit, people, among = " days", "", ""
		}
		if row.NotForPublication() {
			people += " *"
		}
		if by, ok := r.Change(row); ok {
			change = by.OneDecimal() + " points"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s%s\t%s\t%s\t%s\n", row.Period, row.Group, row.Measure, row.OneDecimal(), unit, people, among, change)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "* one to five people, or all but one to five: not for publication")
	return err
}
