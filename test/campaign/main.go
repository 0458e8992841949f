// Command campaign tries for hours what `make check` tries for seconds: that
// nothing is lost, doubled, halved or shown, whatever happens. Each campaign
// prints its seed and what it counted, and ends with 1 where it found a fault.
//
//	go run ./test/campaign NAME [flags]
//
// or `make campaign-NAME`, which first brings what it needs. Every campaign
// takes -n (how often, so that a short form runs quickly) and -seed (to do
// again what failed).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	// One file of this folder for each: count into a tally, and return what its
	// end returns.
	campaigns := map[string]func(ctx context.Context, args []string) error{
		"backup":     campaignBackup,
		"diskfull":   campaignDiskfull,
		"edits":      campaignEdits,
		"fuzz":       campaignFuzz,
		"hidden":     campaignHidden,
		"kills":      campaignKills,
		"policy":     campaignPolicy,
		"powercuts":  campaignPowercuts,
		"properties": campaignProperties,
		"twice":      campaignTwice,
		"world":      campaignWorld,
		"year":       campaignYear,
	}
	var names []string
	for name := range campaigns {
		names = append(names, name)
	}
	slices.Sort(names)
	args := os.Args[1:]
	usage := "go run ./test/campaign " + strings.Join(names, "|") + " [flags]"
	if len(args) == 0 {
		fmt.Println(usage)
		return
	}
	if campaigns[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: "+usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := campaigns[args[0]](ctx, args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
