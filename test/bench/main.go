// Command bench measures what the issues demand figures for, each beside its
// baseline in the same run: `go run ./test/bench check`, or all of them without
// a name.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	// One file of this folder for each: measure, print a table, and return an
	// error where a bound is broken.
	benches := map[string]func(ctx context.Context, args []string) error{
		"all":       benchAll,
		"audit":     benchAudit,
		"backup":    benchBackup,
		"campaign":  benchCampaign,
		"check":     benchCheck,
		"england":   benchEngland,
		"fill":      benchFill,
		"due":       benchDue,
		"figures":   benchFigures,
		"find":      benchFind,
		"import":    benchImport,
		"intake":    benchIntake,
		"link":      benchLink,
		"match":     benchMatch,
		"message":   benchMessage,
		"page":      benchPage,
		"past":      benchPast,
		"planner":   benchPlanner,
		"reference": benchReference,
		"rollover":  benchRollover,
		"return":    benchReturn,
		"round":     benchRound,
		"start":     benchStart,
		"work":      benchWork,
	}
	var names []string
	for name := range benches {
		names = append(names, name)
	}
	slices.Sort(names)
	args := os.Args[1:]
	if len(args) == 0 {
		args = []string{"all"}
	}
	if benches[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: go run ./test/bench "+strings.Join(names, "|"))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := benches[args[0]](ctx, args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}
