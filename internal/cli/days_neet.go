package cli

import (
	"errors"
	"fmt"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/due"
	"waymark/internal/field"
)

// DaysNEET is `waymark days-neet`: how long those who finished Year 11 in one
// summer were NEET, and who came back.
type DaysNEET struct {
	Data
	Leavers int    `help:"The year in whose summer they finished Year 11; the last one unless given." placeholder:"CCYY"`
	Months  int    `default:"12" help:"How many months from the 1 September after: 6, 12 or 24."`
	Within  int    `default:"90" help:"In how many days of becoming NEET education, employment or training must follow."`
	By      string `enum:"all,sex,send,school,adviser" default:"all" help:"Count them by sex, send, school or adviser."`
	KnownOn string `name:"known-on" help:"Count what was known at the end of this day." placeholder:"CCYY-MM-DD"`
	Format  string `enum:"table,csv,json" default:"table" help:"table for people; csv, or json with one object a line, for machines and spreadsheets."`
}

// Run counts and writes. It ends with code 2 for what cannot be asked.
func (c *DaysNEET) Run(env *Env) error {
	a := due.NEETAsked{Leavers: c.Leavers, Months: c.Months, Within: c.Within, By: c.By}
	if c.KnownOn != "" {
		var err error
		if a.KnownOn, err = civil.Parse(c.KnownOn); err != nil {
			return refuse(env, fmt.Sprintf("%q is %v", c.KnownOn, err), "Give the day as --known-on 2026-10-31")
		}
	}
	return c.withHouse(env, func(house *House) error {
		d, err := house.Due.DaysNEET(env.Ctx, Operator(house.Register.ID), a)
		var before act.BeforeBegan
		if errors.As(err, &before) {
			return refuse(env, before.Error(), "Give the day as --known-on 2026-10-31")
		}
		var wrong field.Errors
		if errors.As(err, &wrong) {
			return refuse(env, wrong.Error(), "Ask for a year, months and days that can be counted")
		}
		if err != nil {
			return err
		}
		return writeRows(env.Stdout, c.Format, due.NEETColumns(), d.Rows())
	})
}
