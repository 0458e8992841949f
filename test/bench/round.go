package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"waymark/internal/round"
)

const (
	roundDoors = 60
	roundTries = 10
	roundMost  = time.Second
	// roundOver is how much longer than the best known a round may be.
	roundOver = 0.05
)

// benchRound plans rounds of 60 doors: half of the towns spread evenly, half in
// streets close together as estates are. The best known is the shortest of a
// search twenty-five times as long and of what was planned; the bound is Held and
// Karp's, under which no way can be.
func benchRound(ctx context.Context, _ []string) error {
	fmt.Println("A round of 60 doors, planned")
	fmt.Println("  try  by the list  planned  best known  over best  over bound   time")
	var worst float64
	var slowest time.Duration
	var list, planned float64
	for try := range roundTries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start, doors := town(uint64(try), try%2 == 1)
		began := time.Now()
		order := round.Order(start, doors)
		took := time.Since(began)
		got := round.Length(start, doors, order)
		best := min(got, round.Length(start, doors, round.OrderLong(start, doors, 60_000)))
		down := make([]int, len(doors))
		for i := range down {
			down[i] = i
		}
		by := round.Length(start, doors, down)
		over := got/best - 1
		fmt.Printf("  %3d   %7.1f km %5.1f km    %5.1f km     %5.2f %%      %5.2f %%  %5d ms\n", try+1, by/1000, got/1000, best/1000, 100*over,
			100*(got/round.Bound(start, doors)-1), took.Milliseconds())
		worst, slowest, list, planned = max(worst, over), max(slowest, took), list+by, planned+got
	}
	fmt.Printf("Going down the list is %.1f times as long. The worst is %.2f %% over the best known (at most %.0f %%), the slowest took %d ms (at most %d).\n",
		list/planned, 100*worst, 100*roundOver, slowest.Milliseconds(), roundMost.Milliseconds())
	if worst > roundOver || slowest > roundMost {
		return fmt.Errorf("a round of %d doors breaks its bound", roundDoors)
	}
	return nil
}

// town is invented: sixty doors on 6 by 9 km, and a start among them.
func town(seed uint64, estates bool) (round.Point, []round.Point) {
	r := rand.New(rand.NewPCG(seed, 6))
	some := func() round.Point { return round.Point{X: r.Float64() * 6000, Y: r.Float64() * 9000} }
	doors := make([]round.Point, roundDoors)
	var middle round.Point
	for i := range doors {
		if i%8 == 0 {
			middle = some()
		}
		doors[i] = some()
		if estates {
			doors[i] = round.Point{X: middle.X + r.NormFloat64()*250, Y: middle.Y + r.NormFloat64()*250}
		}
	}
	r.Shuffle(len(doors), func(i, j int) { doors[i], doors[j] = doors[j], doors[i] })
	return some(), doors
}
