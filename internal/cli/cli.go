package cli

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"

	"waymark/internal/db"
)

// Commands is the grammar of the command line.
type Commands struct {
	Demo      Demo              `cmd:"" help:"Invent an authority with invented people, and serve it."`
	Seed      Seed              `cmd:"" help:"Fill an empty place with two invented boroughs, for tests from outside."`
	Serve     Serve             `cmd:"" help:"Serve the registers to browsers: all of them, or the one named."`
	Register  RegisterCommands  `cmd:"" help:"Make and list registers."`
	User      UserCommands      `cmd:"" help:"Make and list the accounts of staff."`
	Import    Import            `cmd:"" help:"Load a supplier's monthly NCCIS file, or take a partner's list in."`
	Check     Check             `cmd:"" help:"Check an NCCIS file as the Department would. Needs no register."`
	Link      Link              `cmd:"" help:"Find the people of one list on another. Needs no register."`
	Dedupe    Dedupe            `cmd:"" help:"Find who stands on a list more than once. Needs no register."`
	Return    ReturnCommands    `cmd:"" help:"Build, list and fetch monthly returns."`
	Reference ReferenceCommands `cmd:"" help:"Load schools, postcodes, deprivation and wards; list them and take them back."`
	Figures   Figures           `cmd:"" help:"Count who is NEET, not known or taking part, by month and group."`
	Due       Due               `cmd:"" help:"List whose situation lapses, by when and why, or count them."`
	Forecast  Forecast          `cmd:"" help:"Say what the return will say on a day to come, and replay past months."`
	Rollover  Rollover          `cmd:"" help:"Rehearse 1 September: who enters, who leaves, what lapses; and do it in one act."`
	Transfer  Transfer          `cmd:"" help:"List who is handed over between this authority and others in the house."`
	Survey    Survey            `cmd:"" help:"Count what last summer's Year 11 did on 1 November, and write the survey's file."`
	DaysNEET  DaysNEET          `cmd:"" name:"days-neet" help:"Count how long young people were NEET after Year 11, and who came back."`
	Publish   Publish           `cmd:"" help:"Publish the figures of a month with small numbers withheld, or give them out again."`
	Audit     AuditCommands     `cmd:"" help:"Check the log of who did and saw what, and print its signed head."`
	Retention RetentionCommands `cmd:"" help:"Say whose record's time is over, put them forward to be erased, and check certificates."`
	Backup    Backup            `cmd:"" help:"Write all registers to an encrypted file, while they are served."`
	Restore   Restore           `cmd:"" help:"Restore a backup into an empty place, or try with --verify whether it can be."`
	Copy      Copy              `cmd:"" help:"Copy all registers into an empty database, of the same engine or the other."`
	Rotate    RotateKeys        `cmd:"" name:"rotate-keys" help:"Seal the keys of notes under a new master key, while others work."`
	DB        DBCommands        `cmd:"" name:"db" help:"Check everything that is stored."`
	Routes    Routes            `cmd:"" help:"List every address of the pages, with the permission it needs."`
	Policy    Policy            `cmd:"" help:"List who may do what."`
}

// Run reads the arguments, does the command and returns the exit code.
func Run(args []string, env *Env) int {
	exit := -1
	parser, err := kong.New(&Commands{}, kong.Name("waymark"), kong.UsageOnError(), kong.Writers(env.Stdout, env.Stderr),
		kong.Description("Finds out where every young person is going after school, and proves it to government."),
		kong.Exit(func(code int) { exit = code }), kong.Bind(env))
	if err != nil {
		fmt.Fprintln(env.Stderr, "waymark:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		var parse *kong.ParseError
		if errors.As(err, &parse) && parse.Context != nil {
			parse.Context.PrintUsage(true)
		}
		fmt.Fprintln(env.Stderr, "waymark:", err)
		return 2
	}
	err = command.Run()
	var told ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		return told.Code
	case db.IsFull(err):
		fmt.Fprintln(env.Stderr, "waymark: there is no room left on the disk of the data. What was saved is not lost, and nothing was changed: make room there, then give the command again.")
		return 2
	}
	fmt.Fprintln(env.Stderr, "waymark:", err)
	return 2
}
