package planner

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

// Few tries tell little: a rate begins at everybody's and moves with its own.
func TestRatesAreDrawnTowardsAll(t *testing.T) {
	var past []Past
	for range 1000 {
		past = append(past, Past{Channel: "phone", Band: 0, Reached: false}, Past{Channel: "phone", Band: 3, Reached: true})
	}
	past = append(past, Past{Channel: "e-mail", Band: 1, Reached: true}, Past{Channel: "phone", Band: -1, Reached: true})
	r := Learn(past)
	morning, n := r.Of("phone", 0, 0)
	evening, _ := r.Of("phone", 3, 0)
	if n != 1000 || morning > 0.05 || evening < 0.95 {
		t.Errorf("of %d tries %.2f in the morning, %.2f in the evening", n, morning, evening)
	}
	if once, n := r.Of("e-mail", 1, 0); n != 1 || once < 0.45 || once > 0.6 {
		t.Errorf("one try that reached somebody is worth %.2f from %d", once, n)
	}
	if never, n := r.Of("text", 2, 5); n != 0 || never != r.Overall() {
		t.Errorf("what was never tried is worth %.2f from %d, all %.2f", never, n, r.Overall())
	}
}

// A plan never has more tries than there is room for, tries nobody more often than
// they may be, nobody twice in the same hours, and wastes no room.
func TestPlanKeepsToItsRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var past []Past
		for range rapid.IntRange(0, 200).Draw(t, "past") {
			past = append(past, Past{Channel: rapid.SampledFrom([]string{"phone", "e-mail"}).Draw(t, "channel"), Band: rapid.IntRange(-1, 3).Draw(t, "band"),
				Before: rapid.IntRange(0, 4).Draw(t, "before"), Reached: rapid.Bool().Draw(t, "reached")})
		}
		all := make([]Candidate, rapid.IntRange(0, 30).Draw(t, "people"))
		for i := range all {
			all[i] = Candidate{Channels: rapid.SampledFrom([][]string{{"phone"}, {"e-mail", "phone"}, nil}).Draw(t, "channels"), Left: rapid.IntRange(0, 2).Draw(t, "left")}
		}
		var room [4]int
		for b := range room {
			room[b] = rapid.IntRange(0, 20).Draw(t, "room")
		}
		steps := Plan(Learn(past), all, room)
		used, tries, twice := [4]int{}, map[int]int{}, map[[2]int]bool{}
		for _, s := range steps {
			used[s.Band]++
			tries[s.Who]++
			if twice[[2]int{s.Who, s.Band}] {
				t.Fatalf("%d is tried twice in the same hours", s.Who)
			}
			twice[[2]int{s.Who, s.Band}] = true
			if s.Rate < 0 || s.Rate > 1 || tries[s.Who] > all[s.Who].Left {
				t.Fatalf("step %+v, who may be tried %d times", s, all[s.Who].Left)
			}
		}
		for b := range room {
			if used[b] > room[b] {
				t.Fatalf("band %d has %d tries, room for %d", b, used[b], room[b])
			}
			for i, c := range all {
				if used[b] < room[b] && tries[i] < c.Left && tries[i] < 1 && len(c.Channels) > 0 {
					t.Fatalf("band %d has room and %d is not tried", b, i)
				}
			}
		}
	})
}

// With the same hours and the same people a plan reaches more than the list from
// top to bottom does, in the mean of many simulated campaigns and in most of them.
func TestPlanGainsOverTheList(t *testing.T) {
	list, plan, choice, better, n := 0, 0, 0, 0, 40
	for seed := range uint64(n) {
		chance := func(stream uint64) func() float64 { return rand.New(rand.NewPCG(seed, stream)).Float64 }
		l, p, c := Compare(chance(1), chance(2), chance(3), chance(4), chance(5))
		if l.Shifts != p.Shifts || p.Tries > l.Tries+l.Tries/50 {
			t.Fatalf("not the same hours: %d and %d shifts, %d and %d tries", l.Shifts, p.Shifts, l.Tries, p.Tries)
		}
		list, plan, choice = list+l.Reached, plan+p.Reached, choice+c.Reached
		if p.Reached > l.Reached {
			better++
		}
	}
	t.Logf("%d campaigns: %.1f people reached by the list, %.1f by plans (%+.1f%%); the plan was better in %d", n, float64(list)/float64(n), float64(plan)/float64(n),
		100*float64(plan-list)/float64(list), better)
	t.Logf("where the hours may be chosen %.1f (%+.1f%%)", float64(choice)/float64(n), 100*float64(choice-list)/float64(list))
	if plan <= list || choice <= list || better < n*3/5 {
		t.Errorf("plans reached %d, the list %d; better in %d of %d", plan, list, better, n)
	}
}
