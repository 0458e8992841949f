package cli

import (
	"bufio"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/rollover"
)

// Rollover is `waymark rollover`: 1 September rehearsed, and done.
type Rollover struct {
	Data
	Year  int  `help:"The academic year that begins, by its first calendar year: 2026 is 2026/27. The one that has just begun until the end of October, and then the next, unless given." placeholder:"CCYY"`
	Apply bool `help:"Set the leavers' statuses and transfers, in one act." xor:"do"`
	Undo  bool `help:"Take the rollover of the year back." xor:"do"`
}

// Run rehearses, and does what was asked. It ends with code 2 where that cannot
// be done.
func (c *Rollover) Run(env *Env) error {
	return c.withHouse(env, func(house *House) error {
		year := civil.AcademicYear(c.Year)
		if c.Year == 0 {
			today := civil.On(house.DB.Now(), civil.London())
			year = today.AcademicYear()
			if _, m, _ := today.YMD(); m != time.September && m != time.October {
				year++
			}
		}
		if year < 2000 || year > 2100 {
			return refuse(env, fmt.Sprintf("%d is no academic year", c.Year), "Give it as --year 2026")
		}
		by := Operator(house.Register.ID)
		if c.Undo {
			out, err := house.Rollover.Undo(env.Ctx, by, year, string(id.NewRef()))
			if err := refusedRollover(env, err); err != nil {
				return err
			}
			fmt.Fprintf(env.Stdout, "The rollover to %s is taken back: %d people. Changed since, and left as it is: %d.\n", year, len(out.People), len(out.BuiltOn))
			return nil
		}
		day, err := house.Rollover.Rehearse(env.Ctx, by, year)
		if err != nil {
			return err
		}
		if err := writeRehearsal(env, day); err != nil {
			return refuse(env, err.Error(), "Send the table to a place that takes it")
		}
		if !c.Apply {
			return nil
		}
		done, err := house.Rollover.Apply(env.Ctx, by, year, string(id.NewRef()))
		if err := refusedRollover(env, err); err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "\nRolled over: the status of %d people is set (act %d).\n", done.People, done.Act)
		return nil
	})
}

func refusedRollover(env *Env, err error) error {
	var wrong field.Errors
	if errors.As(err, &wrong) {
		return refuse(env, wrong.Error(), "Look at 1 September without --apply first")
	}
	return err
}

func writeRehearsal(env *Env, day *rollover.Rehearsal) error {
	out := bufio.NewWriter(env.Stdout)
	t := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	fmt.Fprintf(t, "1 September %d\tpeople\tstatus set\n", int(day.Year))
	for _, c := range rollover.Changes() {
		fmt.Fprintf(t, "%s\t%d\t%s\n", c, day.Count(c), c.Sets())
	}
	fmt.Fprintf(t, "confirmation lapses on 31 August\t%d\t\n", day.Lapsing())
	turning := day.Turning()
	for age := 15; age <= 25; age++ {
		if turning[age] > 0 {
			fmt.Fprintf(t, "academic age %d (Year %d)\t%d\t\n", age, age-4, turning[age])
		}
	}
	return errors.Join(t.Flush(), out.Flush())
}
