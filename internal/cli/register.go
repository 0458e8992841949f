package cli

import (
	"fmt"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/register"
)

// RegisterCommands is `waymark register`.
type RegisterCommands struct {
	Add    RegisterAdd    `cmd:"" help:"Make a register."`
	List   RegisterList   `cmd:"" help:"List the registers."`
	SignIn RegisterSignIn `cmd:"" name:"sign-in" help:"Say how people sign in: a second factor, and how long a session lasts."`
}

// RegisterAdd is `waymark register add`.
type RegisterAdd struct {
	Data
	Name       string   `required:"" help:"What the register is called, like \"Sandmere Council\"."`
	DatabaseID string   `required:"" name:"database-id" help:"The three digits that the Department gave to the database." placeholder:"NNN"`
	Authority  []string `required:"" help:"Code of a local authority that it answers for; repeat it for a joint service." placeholder:"CODE"`
}

// Run makes the register.
func (c *RegisterAdd) Run(env *Env) error {
	c.Data.Register, c.Data.Make = "", true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	if len(c.DatabaseID) != 3 || strings.Trim(c.DatabaseID, "0123456789") != "" {
		return fmt.Errorf("the database id %q is not three digits: it is the number that the Department gave to the database, and the first three digits of every YoungPersonsID", c.DatabaseID)
	}
	r := register.Register{Name: c.Name, DatabaseID: c.DatabaseID}
	for _, code := range c.Authority {
		la, ok := house.Requirement.LocalAuthority(code, civil.On(house.DB.Now(), time.UTC))
		if !ok || !la.English() {
			return fmt.Errorf("%q is not the code of an English local authority today", code)
		}
		r.Authorities = append(r.Authorities, register.Authority{Code: la.Code, Name: la.Name})
	}
	r, err = house.Registers.Add(env.Ctx, r)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "The register %s is made. Next: waymark user add --name NAME --sign-in NAME --role administrator\n", r.Name)
	return nil
}

// RegisterList is `waymark register list`.
type RegisterList struct{ Data }

// Run lists the registers.
func (c *RegisterList) Run(env *Env) error {
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	list, err := house.Registers.All(env.Ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		fmt.Fprintf(env.Stdout, "%s\tdatabase %s\tauthorities %s\n", r.Name, r.DatabaseID, strings.Join(r.Codes(), ", "))
	}
	return nil
}

// RegisterSignIn is `waymark register sign-in`: how people sign in to it.
type RegisterSignIn struct {
	Data
	SecondFactor string `enum:"needed,password-alone," default:"" help:"needed, or password-alone for a trial."`
	IdleMinutes  int    `help:"Minutes without use until somebody is signed out." placeholder:"N"`
	LastsHours   int    `help:"Hours until somebody must sign in again." placeholder:"N"`
}

// Run changes what was named, and prints how it is now.
func (c *RegisterSignIn) Run(env *Env) error {
	house, err := env.openRegister(c.Data)
	if err != nil {
		return err
	}
	defer house.DB.Close()
	before, err := house.Accounts.Rules(env.Ctx)
	if err != nil {
		return err
	}
	rules := before
	if c.SecondFactor != "" {
		rules.SecondFactor = c.SecondFactor == "needed"
	}
	if c.IdleMinutes != 0 {
		rules.Idle = time.Duration(c.IdleMinutes) * time.Minute
	}
	if c.LastsHours != 0 {
		rules.Lasts = time.Duration(c.LastsHours) * time.Hour
	}
	if rules != before {
		if err := house.Accounts.SetRules(env.Ctx, Operator(house.Register.ID), rules, ""); err != nil {
			return err
		}
	}
	factor := "a password alone is enough"
	if rules.SecondFactor {
		factor = "everybody needs a second factor"
	}
	fmt.Fprintf(env.Stdout, "%s: %s; a session ends after %d minutes without use, and after %d hours.\n", house.Register.Name, factor, int(rules.Idle.Minutes()), int(rules.Lasts.Hours()))
	return nil
}
