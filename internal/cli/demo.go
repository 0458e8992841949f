package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"waymark/internal/civil"
	"waymark/internal/demo"
	"waymark/internal/demo/called"
	"waymark/internal/register"
	"waymark/internal/sealed"
)

// Demo is `waymark demo`: an invented authority to try everything with.
type Demo struct {
	Boroughs int     `help:"How many authorities to invent, each with a register of its own in one house: 1 is a large one, 2 to 6 are small neighbours." default:"1"`
	Seed     uint64  `help:"The same number, size and day give the same people." default:"1"`
	Size     float64 `help:"How much of the one large authority to invent: 0.1 is a tenth of its people, for trials." default:"1"`
	On       string  `help:"The day on which to look at it; today when absent." placeholder:"CCYY-MM-DD"`
	Data     string  `help:"Folder to live in; a new temporary one when absent, and with --db one that belongs to that database, so that a second start finds its keys." placeholder:"DIR"`
	DB       string  `name:"db" help:"Address of an empty PostgreSQL database to live in: postgres://…" placeholder:"URL"`
	NoServe  bool    `name:"no-serve" help:"Fill the folder and end."`
	Addr     string  `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8080"`
}

// Run invents the authority, prints how to sign in, and serves it until it is
// interrupted. Data that already holds the demo is served as it is.
func (c *Demo) Run(env *Env) error {
	dir := c.Data
	if dir == "" {
		var err error
		if dir, err = demoFolder(c.DB); err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
	}
	if c.Boroughs < 1 || c.Boroughs > demo.MostBoroughs() {
		return fmt.Errorf("--boroughs %d: there can be 1 to %d", c.Boroughs, demo.MostBoroughs())
	}
	if c.Size < demo.Smallest || c.Size > 1 {
		return fmt.Errorf("--size %g: it is between %g and 1", c.Size, demo.Smallest)
	}
	house, err := env.Open(env.Ctx, Data{Data: dir, DB: c.DB, Make: true, Every: true})
	if err != nil {
		return err
	}
	defer house.DB.Close()
	held, err := house.Registers.All(env.Ctx)
	switch {
	case err != nil:
	case len(held) > 0:
		err = c.again(env, house, held)
	case c.Boroughs > 1:
		err = c.fillBoroughs(env, house, dir)
	default:
		err = c.fill(env, house, dir)
	}
	if err != nil {
		return err
	}
	if c.NoServe {
		return nil
	}
	seals := Seals{}.in(Data{Data: dir})
	return env.Serve(env.Ctx, house, ServeOptions{Addr: c.Addr, Heads: seals.Heads, AuditKey: seals.AuditKey, Ready: func(address, _ string) {
		fmt.Fprintf(env.Stdout, "\nOpen http://%s in a browser. Ctrl-C ends the demo; its folder stays.\n", address)
	}})
}

// demoFolder is a new folder for a demo that lives in it. One that lives in a
// database has a folder that follows from its address, because its master key
// stands there: started again without --data it must be found.
func demoFolder(address string) (string, error) {
	if address == "" {
		return os.MkdirTemp("", "waymark-demo-")
	}
	at, err := os.UserCacheDir()
	if err != nil {
		at = os.TempDir() // a service may have no home
	}
	name := sha256.Sum256([]byte(address))
	dir := filepath.Join(at, "waymark", "demo-"+hex.EncodeToString(name[:8]))
	return dir, os.MkdirAll(dir, 0o700)
}

// settings say what the demo is invented from.
func (c *Demo) settings(house *House) (demo.Settings, error) {
	today := civil.On(house.DB.Now(), civil.London())
	on := today
	if c.On != "" {
		var err error
		if on, err = civil.Parse(c.On); err != nil {
			return demo.Settings{}, fmt.Errorf("--on %s: %w", c.On, err)
		}
		if on.After(today) {
			return demo.Settings{}, fmt.Errorf("--on %s is later than today: nothing can be known of it yet", c.On)
		}
	}
	return demo.Settings{Seed: c.Seed, On: on, Size: c.Size}, nil
}

func (c *Demo) fill(env *Env, house *House, dir string) error {
	settings, err := c.settings(house)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stderr, "Inventing "+demo.Name+" and three years of its past; this takes some seconds.")
	world, err := demo.Invent(settings)
	if err != nil {
		return err
	}
	// The file is written on one core while the register fills on another.
	var file string
	var partners []demo.PartnerFile
	written := make(chan error, 1)
	go func() {
		var err, failed error
		file, err = world.WriteFile(dir, house.Requirement)
		partners, failed = world.WritePartnerFiles(dir)
		written <- errors.Join(err, failed)
	}()
	house.Register, err = demo.Fill(env.Ctx, demo.House{DB: house.DB, Requirement: house.Requirement}, world)
	if err = errors.Join(err, <-written); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	if err := called.Fill(env.Ctx, demo.House{DB: house.DB, Requirement: house.Requirement}, world, house.Register.ID); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	if err := demo.Furnish(env.Ctx, demo.House{DB: house.DB, Requirement: house.Requirement}, world, house.Register); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	if err := called.Message(env.Ctx, demo.House{DB: house.DB, Requirement: house.Requirement}, world, house.Register.ID); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%s is invented: %d young people, as known on %s. Nobody in it exists.\n\nFolder: %s\n", demo.Name, len(world.People), settings.On.Words(), dir)
	if err := c.signIns(env, desk{demo.Name, world.Cast}); err != nil {
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
	fmt.Fprintf(env.Stdout, "\nLists from schools and colleges to try, on the page Files in, beside it in %s:\n", filepath.Dir(file))
	for _, one := range partners {
		fmt.Fprintf(env.Stdout, "   %s: from %s, true on %s; %s\n", filepath.Base(one.Path), one.Sender, one.AsAt.Words(), one.Shows)
	}
	return nil
}

// desk is who may sign in to one register, under a heading where there are
// several.
type desk struct {
	name string
	cast []demo.Staff
}

// signIns prints who may sign in.
func (c *Demo) signIns(env *Env, desks ...desk) error {
	fmt.Fprintf(env.Stdout, "\nSign-ins, each with the password %s\n", demo.Password)
	for _, d := range desks {
		fmt.Fprintln(env.Stdout)
		if len(desks) > 1 {
			fmt.Fprintln(env.Stdout, d.name)
		}
		t := tabwriter.NewWriter(env.Stdout, 0, 4, 2, ' ', 0)
		for _, s := range d.cast {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.SignIn, s.Name, s.Role, s.Shows)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// fillBoroughs invents small authorities beside one another.
func (c *Demo) fillBoroughs(env *Env, house *House, dir string) error {
	settings, err := c.settings(house)
	if err != nil {
		return err
	}
	worlds, err := demo.InventBoroughs(settings, c.Boroughs)
	if err != nil {
		return err
	}
	h := demo.House{DB: house.DB, Requirement: house.Requirement}
	var registers []register.Register
	for _, w := range worlds {
		fmt.Fprintln(env.Stderr, "Inventing "+w.Borough.Name+".")
		r, err := demo.Fill(env.Ctx, h, w)
		if err == nil {
			err = called.Fill(env.Ctx, h, w, r.ID)
		}
		if err == nil {
			err = demo.Furnish(env.Ctx, h, w, r)
		}
		if err == nil {
			err = called.Message(env.Ctx, h, w, r.ID)
		}
		if err != nil {
			return fmt.Errorf("fill %s: %w", w.Borough.Name, err)
		}
		if _, err := w.WriteFile(dir, house.Requirement); err != nil {
			return err
		}
		registers = append(registers, r)
	}
	if err := demo.ShareAcross(env.Ctx, h, worlds, registers); err != nil {
		return fmt.Errorf("share across the borders: %w", err)
	}
	if err := demo.HandAcross(env.Ctx, h, worlds, registers); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%d authorities are invented, as known on %s. Nobody in them exists.\n\nFolder: %s; the supplier's file of each waits in files-to-import.\n", len(worlds), settings.On.Words(), dir)
	var desks []desk
	for _, w := range worlds {
		desks = append(desks, desk{fmt.Sprintf("%s, %d young people", w.Borough.Name, len(w.People)), w.Cast})
	}
	if err := c.signIns(env, desks...); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "\nWhat to try first: sign in as %s and open Across the border; then as %s, who sees another register and the same border from its other side.\n",
		worlds[0].Cast[0].SignIn, worlds[1].Cast[0].SignIn)
	return nil
}

// again serves a demo that was filled before, and nothing else.
func (c *Demo) again(env *Env, house *House, held []register.Register) error {
	if c.Boroughs > 1 && len(held) != c.Boroughs {
		return fmt.Errorf("there is a demo of %d here, not of %d: leave --boroughs out, or name another folder or database", len(held), c.Boroughs)
	}
	var names []string
	var desks []desk
	for i, r := range held {
		if !demo.Is(r) {
			return errors.New("there is a register here already, and it is no demo: name another folder with --data, an empty database with --db, or leave both out")
		}
		whole, err := demo.Finished(env.Ctx, house.DB, r.ID)
		if err != nil {
			return err
		}
		if !whole {
			return errors.New("a demo was begun here and interrupted: delete the folder, or empty the database, and start again")
		}
		names = append(names, r.Name)
		desks = append(desks, desk{r.Name, demo.StaffOf(i, c.Seed)})
	}
	for _, r := range held {
		if err := sealed.Try(env.Ctx, house.DB.For(r.ID)); err != nil {
			return fmt.Errorf("%w. This demo was first started with another folder: name that with --data, or empty the database and start again", err)
		}
	}
	fmt.Fprintln(env.Stderr, "Here already, and served as it is: "+strings.Join(names, ", ")+".")
	return c.signIns(env, desks...)
}
