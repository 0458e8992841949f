package cli

import (
	"bufio"
	"errors"
	"fmt"
	"text/tabwriter"

	"waymark/internal/civil"
	"waymark/internal/survey"
)

// Survey is `waymark survey`: the Annual Activity Survey of a year.
type Survey struct {
	Data
	Year    int    `help:"The year of its 1 November. The last, unless given." placeholder:"CCYY"`
	KnownOn string `name:"known-on" help:"Count what was known at the end of this day." placeholder:"CCYY-MM-DD"`
	Format  string `enum:"table,csv" default:"table" help:"table for people; csv is the file itself, by school and sex."`
}

// Run counts and writes: once the survey is filed the csv is what was filed,
// unless a day is asked for. It ends with code 2 where there is no survey.
func (c *Survey) Run(env *Env) error {
	var on civil.Date
	if c.KnownOn != "" {
		var err error
		if on, err = civil.Parse(c.KnownOn); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", c.KnownOn, err), "Give the day as --known-on 2027-01-15")
		}
	}
	return c.withHouse(env, func(house *House) error {
		year := c.Year
		if today := civil.On(house.DB.Now(), civil.London()); year == 0 {
			if year = today.Year(); today.Before(survey.Reference(year)) {
				year--
			}
		}
		if year < 2000 || year > 2100 {
			return refuse(env, fmt.Sprintf("%d is no year of a survey", year), "Give it as --year 2026")
		}
		by := Operator(house.Register.ID)
		if filed, err := house.Survey.Filed(env.Ctx, by, year); err != nil {
			return err
		} else if filed != nil && c.Format == "csv" && on.IsZero() {
			_, err := env.Stdout.Write(filed.Bytes)
			return err
		}
		st, err := house.Survey.On(env.Ctx, by, year, on)
		if words, none := survey.HasNone(err); none {
			return refuse(env, "there is no such survey", words)
		}
		if err != nil {
			return err
		}
		out := bufio.NewWriter(env.Stdout)
		if c.Format == "csv" {
			err = st.WriteCSV(out, house.Register.Codes()[0])
		} else {
			t := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
			fmt.Fprintf(t, "on %s, as known on %s\tpeople\n", survey.Reference(year), st.KnownOn)
			for i, n := range st.Totals() {
				fmt.Fprintf(t, "%s\t%d\n", st.Columns[i].Heading, n)
			}
			fmt.Fprintf(t, "all on the Year 11 baseline\t%d\n", len(st.People))
			err = t.Flush()
		}
		if err := errors.Join(err, out.Flush()); err != nil {
			return refuse(env, err.Error(), "Send the survey to a place that takes it")
		}
		return nil
	})
}
