package cli

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"

	"waymark/internal/db"
)

// Commands is the grammar of the command line.
type Commands struct {
	Demo     Demo             `cmd:"" help:"Invent an authority with invented people, and serve it."`
	Serve    Serve            `cmd:"" help:"Serve a register to browsers."`
	Register RegisterCommands `cmd:"" help:"Make and list registers."`
	User     UserCommands     `cmd:"" help:"Make and list the accounts of staff."`
	Import   Import           `cmd:"" help:"Load a supplier's monthly NCCIS file into the register."`
	Check    Check            `cmd:"" help:"Check an NCCIS file as the Department would. Needs no register."`
	Return   ReturnCommands   `cmd:"" help:"Build, list and fetch monthly returns."`
	Figures  Figures          `cmd:"" help:"Count who is NEET, not known or taking part, by month and group."`
	Routes   Routes           `cmd:"" help:"List every address of the pages, with the permission it needs."`
	Policy   Policy           `cmd:"" help:"List who may do what."`
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
