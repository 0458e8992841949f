package cli

import (
	"errors"
	"fmt"
	"io"

	"waymark/internal/backup"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/inspect"
)

// DBCommands is `waymark db`.
type DBCommands struct {
	Check  DBCheck  `cmd:"" help:"Look through everything that is stored for what cannot be. Changes nothing."`
	Tested DBTested `cmd:"" help:"Remember that a backup was restored and compared on another machine."`
}

// DBCheck is `waymark db check`.
type DBCheck struct{ Data }

// Run does every check and names what is wrong. It ends with code 1 where
// anything is.
func (c *DBCheck) Run(env *Env) error {
	c.Data.Every = true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return refuse(env, err.Error(), "Name the data with --data or --db")
	}
	defer house.DB.Close()
	failed, err := checked(env, house, true, false)
	if err != nil {
		return refuse(env, stopped(env, err), "The check did not come to its end")
	}
	if err := lastBackups(env, house); err != nil {
		return err
	}
	if failed > 0 {
		fmt.Fprintf(env.Stdout, "%d checks found something wrong. Change nothing yet: keep this data as it is, and verify the last backup.\n", failed)
		return ExitError{Code: 1}
	}
	fmt.Fprintln(env.Stdout, "Nothing is wrong.")
	return nil
}

// checked does every check and tells those that find something, or all. What a
// restore has just done is not done again.
func checked(env *Env, house *House, all, restored bool) (int, error) {
	s := &inspect.Service{DB: house.DB, Standing: house.Standing, Restored: restored}
	return s.Run(env.Ctx, func(c inspect.Check) {
		if c.Found > 0 || all {
			tellCheck(env.Stdout, c)
		}
	})
}

func tellCheck(to io.Writer, c inspect.Check) {
	what := c.What
	if c.Register != "" {
		what = visible(c.Register) + ": " + what
	}
	if c.Found == 0 {
		fmt.Fprintf(to, "ok     %s (%s looked at)\n", what, thousands(int(c.Looked)))
		return
	}
	fmt.Fprintf(to, "WRONG  not so: %s (%s looked at, %s wrong)\n", what, thousands(int(c.Looked)), thousands(int(c.Found)))
	for _, w := range c.Wrong {
		fmt.Fprintf(to, "       %s\n", visible(w))
	}
	if more := int(c.Found) - len(c.Wrong); more > 0 {
		fmt.Fprintf(to, "       and %s more\n", thousands(more))
	}
}

// lastBackups says of each register when it was last backed up, and when a
// backup was last tried.
func lastBackups(env *Env, house *House) error {
	list, err := house.Registers.All(env.Ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		taken, tested, err := backup.Last(env.Ctx, house.DB, r.ID)
		if err != nil {
			return err
		}
		if taken == nil {
			fmt.Fprintf(env.Stdout, "%s: last backup: none by waymark backup.\n", visible(r.Name))
			continue
		}
		open := ""
		if !taken.Encrypted {
			open = ", NOT ENCRYPTED"
		}
		fmt.Fprintf(env.Stdout, "%s: last backup: %s, %s (%s, up to act %s%s).\n", visible(r.Name), moment(taken.TakenAt), since(house, taken.TakenAt), visible(taken.FileName), thousands(int(taken.Act)), open)
		if tested == nil {
			fmt.Fprintf(env.Stdout, "%s: last successful restore test: never. A backup that has not been restored is not a backup: waymark restore --verify.\n", visible(r.Name))
			continue
		}
		fmt.Fprintf(env.Stdout, "%s: last successful restore test: %s, %s, of the backup of %s.\n", visible(r.Name), moment(tested.TestedAt), since(house, tested.TestedAt), moment(tested.TakenAt))
	}
	return nil
}

// DBTested is `waymark db tested`.
type DBTested struct {
	Data
	Backup string `arg:"" help:"The backup's reference, as waymark restore --verify printed it."`
}

// Run remembers the test.
func (c *DBTested) Run(env *Env) error {
	c.Data.Every = true
	house, err := env.Open(env.Ctx, c.Data)
	if err != nil {
		return refuse(env, err.Error(), "Name the data with --data or --db")
	}
	defer house.DB.Close()
	if err := backup.RememberTest(env.Ctx, house.DB, id.Ref(c.Backup)); errors.Is(err, db.NotFound) {
		return refuse(env, fmt.Sprintf("no backup %q was taken of this data", c.Backup), "Give the reference that waymark restore --verify printed")
	} else if err != nil {
		return err
	}
	return lastBackups(env, house)
}
