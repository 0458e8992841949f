package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"

	"waymark/internal/planner"
)

// benchPlanner shows what planning gains: the same invented lists worked from top
// to bottom, by plans in the same hours, and by plans that choose the hours, all
// with as many callers for as long. It is seeded: the same figures come each time.
func benchPlanner(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("planner", flag.ContinueOnError)
	campaigns := flags.Int("campaigns", 100, "how many invented campaigns")
	seed := flags.Uint64("seed", 1, "the seed of the first")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var reached, tries [3]int
	better, best := 0, 0
	for i := range uint64(*campaigns) {
		chance := func(stream uint64) func() float64 { return rand.New(rand.NewPCG(*seed+i, stream)).Float64 }
		list, plan, choice := planner.Compare(chance(1), chance(2), chance(3), chance(4), chance(5))
		for k, w := range []planner.Worked{list, plan, choice} {
			reached[k] += w.Reached
			tries[k] += w.Tries
		}
		if plan.Reached > list.Reached {
			better++
		}
		if choice.Reached > list.Reached {
			best++
		}
	}
	fmt.Printf("%d campaigns of 300 people, 8 shifts of 3 callers for 3 hours, 12 tries an hour\n", *campaigns)
	fmt.Printf("  %-34s %9s %9s %9s %s\n", "", "reached", "tries", "gain", "better than the list in")
	for k, words := range []string{"the list from top to bottom", "plans, in the same hours", "plans that choose the hours"} {
		fmt.Printf("  %-34s %9.1f %9.1f %+8.1f%% %d\n", words, float64(reached[k])/float64(*campaigns), float64(tries[k])/float64(*campaigns),
			100*float64(reached[k]-reached[0])/float64(reached[0]), []int{0, better, best}[k])
	}
	if reached[1] <= reached[0] || reached[2] <= reached[0] {
		return fmt.Errorf("planning gains nothing over the list")
	}
	return nil
}
