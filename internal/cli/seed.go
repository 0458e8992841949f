package cli

import (
	"errors"
	"fmt"

	"waymark/internal/seed"
)

// Seed is `waymark seed`: what those who test from outside begin with.
type Seed struct {
	Data
	Profile string `enum:"checks" default:"checks" help:"What to fill in: checks makes two boroughs with every role, and young people in every state of protection."`
	Seed    uint64 `help:"The same number gives the same people and words." default:"1"`
	JSON    bool   `name:"json" help:"Print what was made as JSON."`
}

// Run fills an empty database and prints what is in it.
func (c *Seed) Run(env *Env) error {
	c.Data.Register, c.Data.Make = "", true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	if house.Register.ID != 0 {
		return errors.New("there is a register here already, and a seed goes into an empty place alone: name another folder with --data, or an empty database with --db")
	}
	boroughs, err := seed.Checks(env.Ctx, seed.Rooms{DB: house.DB, Registers: house.Registers, Record: house.Record}, c.Seed)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, map[string]any{"boroughs": boroughs})
	}
	for _, b := range boroughs {
		fmt.Fprintf(env.Stdout, "%s: %d accounts, %d young people. --json prints them.\n", b.Name, len(b.Accounts), len(b.People))
	}
	return nil
}
