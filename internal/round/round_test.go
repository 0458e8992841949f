package round

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	_ "waymark/test/draws"
)

// exact is the shortest way, by trying every set of doors (Held and Karp).
func exact(start Point, doors []Point) float64 {
	n := len(doors)
	best := make([][]float64, 1<<n)
	for s := range best {
		best[s] = slices.Repeat([]float64{math.Inf(1)}, n)
	}
	for i := range n {
		best[1<<i][i] = apart(start, doors[i])
	}
	for s := range best {
		for i := range n {
			if math.IsInf(best[s][i], 1) {
				continue
			}
			for j := range n {
				if s&(1<<j) == 0 {
					next := s | 1<<j
					best[next][j] = min(best[next][j], best[s][i]+apart(doors[i], doors[j]))
				}
			}
		}
	}
	shortest := math.Inf(1)
	for i := range n {
		shortest = min(shortest, best[1<<n-1][i]+apart(doors[i], start))
	}
	return shortest
}

func points(t *rapid.T, most int) (Point, []Point) {
	one := rapid.Custom(func(t *rapid.T) Point {
		return Point{float64(rapid.IntRange(0, 60).Draw(t, "x")) * 137, float64(rapid.IntRange(0, 60).Draw(t, "y")) * 149}
	})
	return one.Draw(t, "start"), rapid.SliceOfN(one, 0, most).Draw(t, "doors")
}

// TestShortest compares with the exact answer: of up to nine doors, many of them
// at one point, the way found is the shortest, and the bound is under it.
func TestShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, doors := points(t, 9)
		if len(doors) == 0 {
			return
		}
		want, got := exact(start, doors), Length(start, doors, Order(start, doors))
		if got > want*1.0000001+small {
			t.Errorf("%.2f m, and the shortest is %.2f m", got, want)
		}
		if bound := Bound(start, doors); bound > want*1.0000001+small {
			t.Errorf("the bound is %.2f m, and the shortest is %.2f m", bound, want)
		}
	})
}

// TestEveryDoorOnce: every door is visited once, in every round, however many
// lie at one point; no round is too large; the same points give the same order.
func TestEveryDoorOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, doors := points(t, 70)
		most := rapid.IntRange(1, 25).Draw(t, "most")
		var all []int
		rounds := Split(start, doors, most)
		for _, r := range rounds {
			if len(r) > most {
				t.Errorf("a round of %d doors, and at most %d were asked for", len(r), most)
			}
			all = append(all, r...)
		}
		if want := (len(doors) + most - 1) / most; len(rounds) != want {
			t.Errorf("%d rounds, and %d are enough", len(rounds), want)
		}
		slices.Sort(all)
		if !slices.Equal(all, indices(len(doors))) {
			t.Errorf("the doors are %v", all)
		}
		order := Order(start, doors)
		if again := Order(start, doors); !slices.Equal(order, again) {
			t.Error("the same doors in another order")
		}
		if l := Length(start, doors, order); l > Length(start, doors, indices(len(doors)))+small {
			t.Error("longer than going down the list")
		}
	})
}

func TestFew(t *testing.T) {
	start := Point{0, 0}
	if got := Order(start, nil); len(got) != 0 {
		t.Errorf("no doors: %v", got)
	}
	one := []Point{{3, 4}}
	if l := Length(start, one, Order(start, one)); l != 10 || Bound(start, one) != 10 {
		t.Errorf("one door at 5 m: %v, bound %v", l, Bound(start, one))
	}
}
