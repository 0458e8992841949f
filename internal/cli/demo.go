package cli

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"waymark/internal/civil"
	"waymark/internal/demo"
	"waymark/internal/nccis"
)

// Demo is `waymark demo`: an invented authority to try everything with.
type Demo struct {
	Seed    uint64 `help:"The same number and day give the same people." default:"1"`
	On      string `help:"The day on which to look at it; today when absent." placeholder:"CCYY-MM-DD"`
	Data    string `help:"Folder to live in; a new temporary one when absent." placeholder:"DIR"`
	DB      string `name:"db" help:"Address of an empty PostgreSQL database to live in: postgres://…" placeholder:"URL"`
	NoServe bool   `name:"no-serve" help:"Fill the folder and end."`
	Addr    string `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8080"`
}

// Run invents the authority, prints how to sign in, and serves it until it is
// interrupted. Data that already holds the demo is served as it is.
func (c *Demo) Run(env *Env) error {
	dir := c.Data
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "waymark-demo-"); err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
	}
	house, err := env.Open(env.Ctx, Data{Data: dir, DB: c.DB, Make: true})
	if err != nil {
		return err
	}
	defer house.DB.Close()
	if house.Register.ID == 0 {
		err = c.fill(env, house, dir)
	} else {
		err = c.again(env, house)
	}
	if err != nil {
		return err
	}
	if c.NoServe {
		return nil
	}
	return env.Serve(env.Ctx, house, ServeOptions{Addr: c.Addr, Ready: func(address string) {
		fmt.Fprintf(env.Stdout, "\nOpen http://%s in a browser. Ctrl-C ends the demo; its folder stays.\n", address)
	}})
}

func (c *Demo) fill(env *Env, house *House, dir string) error {
	today := civil.On(house.DB.Now(), civil.London())
	on := today
	if c.On != "" {
		var err error
		if on, err = civil.Parse(c.On); err != nil {
			return fmt.Errorf("--on %s: %w", c.On, err)
		}
		if on.After(today) {
			return fmt.Errorf("--on %s is later than today: nothing can be known of it yet", c.On)
		}
	}
	fmt.Fprintln(env.Stderr, "Inventing "+demo.Name+" and three years of its past; this takes some seconds.")
	world, err := demo.Invent(demo.Settings{Seed: c.Seed, On: on})
	if err != nil {
		return err
	}
	// The file is written on one core while the register fills on another.
	var file string
	written := make(chan error, 1)
	go func() {
		var err error
		file, err = world.WriteFile(dir, house.Requirement)
		written <- err
	}()
	house.Register, err = demo.Fill(env.Ctx, demo.House{DB: house.DB, Requirement: house.Requirement}, world)
	if err = errors.Join(err, <-written); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%s is invented: %d young people, as known on %s. Nobody in it exists.\n\nFolder: %s\n", demo.Name, len(world.People), on.Words(), dir)
	if err := c.signIns(env, world.Cast); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, `
What to try first:
1. Sign in as %s and import the supplier's file for %s, which waits here:
   %s
2. Read the findings of that month's return. About ten serious ones are mended one by one; then mend the 15 missing
   SEN support flags together. It takes ten minutes in all.
3. Sign off, and sign in as %s to sign second; download the return.
`, world.Cast[0].SignIn, world.Period.Words(), file, world.Cast[1].SignIn)
	return nil
}

func (c *Demo) signIns(env *Env, cast []demo.Staff) error {
	fmt.Fprintf(env.Stdout, "\nSign-ins, each with the password %s\n\n", demo.Password)
	t := tabwriter.NewWriter(env.Stdout, 0, 4, 2, ' ', 0)
	for _, s := range cast {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.SignIn, s.Name, s.Role, s.Shows)
	}
	return t.Flush()
}

// again serves a demo that was filled before, and nothing else.
func (c *Demo) again(env *Env, house *House) error {
	if house.Register.DatabaseID != demo.Code || house.Register.SupplierName != nccis.DemoSupplier {
		return errors.New("there is a register here already, and it is no demo: name another folder with --data, an empty database with --db, or leave both out")
	}
	whole, err := demo.Finished(env.Ctx, house.DB, house.Register.ID)
	if err != nil {
		return err
	}
	if !whole {
		return errors.New("a demo was begun here and interrupted: delete the folder, or empty the database, and start again")
	}
	fmt.Fprintln(env.Stdout, demo.Name+" is here already and is served as it is.")
	return c.signIns(env, demo.Cast(c.Seed))
}
