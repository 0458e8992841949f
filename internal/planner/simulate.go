package planner

// Person is somebody of a simulation: how likely they answer in each band, by
// their one way to be reached. The planner is never told.
type Person struct {
	Answers [4]float64
}

// Invent invents people: a fifth can never be reached, the others answer in some
// hours and hardly in others, each in their own. next gives numbers from 0 to 1.
func Invent(n int, next func() float64) []Person {
	out := make([]Person, n)
	for i := range out {
		if next() < 0.2 {
			continue // a number that nobody answers
		}
		usual := 0.1 + 0.25*next()
		for b := range out[i].Answers {
			out[i].Answers[b] = usual * 0.4
		}
		// Some are at college or work by day, some sleep in the morning.
		good := []int{3, 3, 3, 2, 1, 0}[int(next()*6)]
		out[i].Answers[good] = usual + 0.25
	}
	return out
}

// Worked is what came of a simulation.
type Worked struct {
	Shifts, Tries, Reached int
	Past                   []Past
}

// ByList works shifts from the top of the list to its bottom and round again,
// those reached left out: each shift goes on where the one before ended.
func ByList(people []Person, shifts []Shift, next func() float64) Worked {
	w := Worked{Shifts: len(shifts)}
	reached, inBand, at := make([]bool, len(people)), make([][4]int, len(people)), 0
	for _, s := range shifts {
		today := make([]int, len(people))
		for band, room := range s.Room() {
			for passed := 0; room > 0 && passed < len(people); passed++ {
				who := at % len(people)
				at++
				if reached[who] || today[who] >= aDay {
					continue
				}
				passed = 0
				room--
				today[who]++
				w.try(people[who], band, &inBand[who], &reached[who], next)
			}
		}
	}
	return w
}

// aDay is how often one person is tried in a shift of a simulation.
const aDay = 2

// ByPlan works the same shifts by plans, each from what was learned before and in
// the shifts before it. Where it may choose, each shift is worked in whichever of
// the hours of the shifts promises most, with as many hands and as long.
func ByPlan(people []Person, shifts []Shift, before []Past, choose bool, next func() float64) Worked {
	w := Worked{Shifts: len(shifts)}
	reached, inBand := make([]bool, len(people)), make([][4]int, len(people))
	for _, s := range shifts {
		candidates := make([]Candidate, len(people))
		for i := range people {
			candidates[i] = Candidate{Channels: []string{"phone"}, InBand: inBand[i], Left: aDay}
			if reached[i] {
				candidates[i].Left = 0
			}
		}
		rates := Learn(append(append([]Past{}, before...), w.Past...))
		plan := Plan(rates, candidates, s.Room())
		for _, other := range shifts {
			if instead := Plan(rates, candidates, other.Room()); choose && Expected(instead) > Expected(plan) {
				plan = instead
			}
		}
		for _, step := range plan {
			if !reached[step.Who] {
				w.try(people[step.Who], step.Band, &inBand[step.Who], &reached[step.Who], next)
			}
		}
	}
	return w
}

func (w *Worked) try(p Person, band int, inBand *[4]int, reached *bool, next func() float64) {
	w.Tries++
	ok := next() < p.Answers[band]
	w.Past = append(w.Past, Past{Channel: "phone", Band: band, Before: inBand[band], Reached: ok})
	inBand[band]++
	if ok {
		*reached = true
		w.Reached++
	}
}

// Days are shifts of so many days: three people, from 10 to 13 on one day and from
// 16 to 19 on the next,
// who make twelve tries an hour.
func Days(n int) []Shift {
	var out []Shift
	for i := range n {
		out = append(out, Shift{Hands: 3, From: 10 * 60, To: 13 * 60, AnHour: 12})
		if i%2 == 1 {
			out[len(out)-1] = Shift{Hands: 3, From: 16 * 60, To: 19 * 60, AnHour: 12}
		}
	}
	return out
}

// Compare works one invented list in three ways, as many shifts of the same length
// with the same hands: by the list, by plans in the same hours, and by plans that
// choose the hours; each by a stream of chance of its own. None knows anything but
// what an earlier campaign with other people, worked by its list, left behind.
func Compare(people, earlier, list, plan, choice func() float64) (byList, byPlan, byChoice Worked) {
	before := ByList(Invent(400, earlier), Days(10), earlier).Past
	all := Invent(300, people)
	return ByList(all, Days(8), list), ByPlan(all, Days(8), before, false, plan), ByPlan(all, Days(8), before, true, choice)
}
