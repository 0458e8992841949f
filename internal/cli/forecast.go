package cli

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/due"
	"waymark/internal/field"
)

// Forecast is `waymark forecast`: what the return will say on a day, and how
// well that would have been said in past months.
type Forecast struct {
	Data
	To      string `help:"The day that it is about; the end of the month unless given." placeholder:"CCYY-MM-DD"`
	KnownOn string `name:"known-on" help:"Make it as it would have been made at the end of this day. With --replay, its day of the month is that on which each past month is forecast." placeholder:"CCYY-MM-DD"`
	Replay  bool   `help:"Forecast each past month again, and hold it against what came. Reads the register once for each month."`
	Format  string `enum:"table,csv,json" default:"table" help:"table for people; csv, or json with one object a line, for machines and spreadsheets."`
}

// Run forecasts and writes. It ends with code 2 for a day that cannot be asked
// about.
func (c *Forecast) Run(env *Env) error {
	var a due.Asked
	for _, one := range []struct {
		text, flag string
		day        *civil.Date
	}{{c.To, "--to", &a.To}, {c.KnownOn, "--known-on", &a.KnownOn}} {
		if one.text == "" {
			continue
		}
		var err error
		if *one.day, err = civil.Parse(one.text); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", one.text, err), "Give the day as "+one.flag+" 2027-03-31")
		}
	}
	return c.withHouse(env, func(house *House) error {
		defer house.Due.Close()
		by := Operator(house.Register.ID)
		var months []due.Replayed
		var err error
		if c.Replay {
			_, _, day := a.KnownOn.YMD()
			if a.KnownOn.IsZero() {
				day = due.ReplayDay
			}
			if months, err = house.Due.Replay(env.Ctx, by, day, 0); err != nil {
				return err
			}
			a.Shares = due.SharesOf(months)
		}
		f, err := house.Due.Forecast(env.Ctx, by, a)
		var wrong field.Errors
		var before act.BeforeBegan
		switch {
		case errors.As(err, &wrong):
			return refuse(env, wrong.Error(), "Give the day as --to 2027-03-31")
		case errors.As(err, &before):
			return refuse(env, before.Error(), "Give a later day as --known-on 2026-10-31")
		case err != nil:
			return err
		}
		if c.Format != "table" {
			return writeRows(env.Stdout, c.Format, due.ForecastColumns(), f.Rows(months))
		}
		return writeForecast(env.Stdout, f, months)
	})
}

// writeForecast is the forecast for people.
func writeForecast(w io.Writer, f *due.Forecast, months []due.Replayed) error {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintf(t, "academic age 16 and 17\tcohort\tNEET\tnot known\tcombined\t\n")
	row := func(what string, c due.Count) {
		fmt.Fprintf(t, "%s\t%d\t%d (%.1f%%)\t%d (%.1f%%)\t%d (%.1f%%)\t\n", what, c.Cohort, c.NEET, c.Share(c.NEET), c.NotKnown, c.Share(c.NotKnown), c.Combined(), c.Share(c.Combined()))
	}
	row("on "+f.From.String(), f.Today)
	row("on "+f.To.String()+", nothing done", f.Nothing)
	row("on "+f.To.String()+", all due confirmed", f.Confirmed)
	if f.Shares.Months > 0 {
		row("on "+f.To.String()+", lists worked as before", f.Worked)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d lapse until then, %d are not known already; %d enter, %d leave, %d start, %d end\n", f.Due, f.Unknown, f.Entering, f.Leaving, f.Starting, f.Ending)
	if s := f.Shares; s.Months > 0 {
		fmt.Fprintf(w, "as before: of %d due in the last %d months %d confirmed, %d NEET; of %d not known %d found, %d NEET\n", s.Due, s.Months, s.DueEET, s.DueNEET, s.Unknown, s.UnknownEET, s.UnknownNEET)
	}
	if len(months) == 0 {
		return nil
	}
	fmt.Fprintln(t, "month\tforecast on\tcame\tnothing done\terror\tall confirmed\terror\tas before\terror\t")
	for _, m := range months {
		share := func(c due.Count) string { return fmt.Sprintf("%.1f%%", c.Share(c.Combined())) }
		off := func(c due.Count) string { return fmt.Sprintf("%+.1f", m.Error(c)) }
		worked, workedOff := "-", "-"
		if m.Shares.Months > 0 {
			worked, workedOff = share(m.Worked), off(m.Worked)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", m.Month, m.KnownOn, share(m.Came), share(m.Nothing), off(m.Nothing), share(m.Confirmed), off(m.Confirmed), worked, workedOff)
	}
	return t.Flush()
}
