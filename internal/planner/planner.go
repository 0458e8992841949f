// Package planner says whom to try next, in which hours and by which way, from
// what has worked before.
//
// In the trade a list is worked from the top to the bottom, and the same people
// are rung in the same hours again. A planner looks at what came of earlier
// contacts, by the way they were made, the hours of the day, and how often
// somebody was tried in those hours before, and puts first who is likeliest to be
// reached. It looks at nothing else of anybody: not at who they are.
package planner

import (
	"cmp"
	"slices"
)

// Band is some hours of a day, from the first minute until before the second.
type Band struct {
	Words    string
	From, To int
}

// Bands are the hours that are told apart, in their order.
func Bands() []Band {
	return []Band{{"before noon", 9 * 60, 12 * 60}, {"noon to 2pm", 12 * 60, 14 * 60}, {"2pm to 5pm", 14 * 60, 17 * 60}, {"after 5pm", 17 * 60, 21 * 60}}
}

// BandOf is the band of a minute of the day, -1 for one outside of all.
func BandOf(minute int) int {
	return slices.IndexFunc(Bands(), func(b Band) bool { return minute >= b.From && minute < b.To })
}

// Most is from how many tries in the same hours on no more are told apart.
const Most = 2

// weight is how many tries at the rate of everybody are added to each cell: few
// tries alone tell little, and a rate moves from everybody's as it has more of its
// own.
const weight = 20

// Past is one contact tried: by which channel, in which band, after how many
// tries with the same person in that band, and whether anybody was reached.
type Past struct {
	Channel string
	Band    int
	Before  int
	Reached bool
}

type cell struct {
	channel      string
	band, before int
}

// Rates are what share of tries reached somebody.
type Rates struct {
	tries, reached map[cell]int
	// All and Reached are all tries and those that reached somebody.
	All, Reached int
}

// Learn counts what has worked.
func Learn(past []Past) Rates {
	r := Rates{tries: map[cell]int{}, reached: map[cell]int{}}
	for _, p := range past {
		if p.Band < 0 {
			continue
		}
		c := cell{p.Channel, p.Band, min(p.Before, Most)}
		r.tries[c]++
		r.All++
		if p.Reached {
			r.reached[c]++
			r.Reached++
		}
	}
	return r
}

// Overall is the share of all tries that reached somebody; with none it is taken
// for one in four.
func (r Rates) Overall() float64 {
	return (float64(r.Reached) + weight*0.25) / (float64(r.All) + weight)
}

// Of is the share of tries like this one that reached somebody, drawn towards the
// overall share where there were few, and how many there were.
func (r Rates) Of(channel string, band, before int) (rate float64, tries int) {
	c := cell{channel, band, min(before, Most)}
	tries = r.tries[c]
	return (float64(r.reached[c]) + weight*r.Overall()) / (float64(tries) + weight), tries
}

// Candidate is somebody who may be tried.
type Candidate struct {
	// Channels are the ways in which they can be.
	Channels []string
	// InBand are how often they were tried in each band.
	InBand [4]int
	// Left is how often they may still be tried in this shift.
	Left int
}

// Shift is who works and when: minutes of the day, and how many tries one person
// makes in an hour.
type Shift struct {
	Hands, From, To, AnHour int
}

// Room is how many tries the shift has in each band.
func (s Shift) Room() [4]int {
	var room [4]int
	for i, b := range Bands() {
		if minutes := min(s.To, b.To) - max(s.From, b.From); minutes > 0 {
			room[i] = s.Hands * s.AnHour * minutes / 60
		}
	}
	return room
}

// Step is one try: whom, in which band, how, and how likely somebody is reached,
// from how many tries like it.
type Step struct {
	Who, Band int
	Channel   string
	Rate      float64
	Tries     int
}

// Plan fills the room of each band with those likeliest to be reached in it, and
// fills what is left with second tries in other hours. Steps stand by band, the
// likeliest first; of two alike the one who stands first in the list.
func Plan(r Rates, all []Candidate, room [4]int) []Step {
	var steps []Step
	for i, c := range all {
		for band := range room {
			if c.Left < 1 || room[band] == 0 {
				continue
			}
			best := Step{Who: i, Band: band, Rate: -1}
			for _, channel := range c.Channels {
				if rate, tries := r.Of(channel, band, c.InBand[band]); rate > best.Rate {
					best.Channel, best.Rate, best.Tries = channel, rate, tries
				}
			}
			if best.Rate >= 0 {
				steps = append(steps, best)
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Who, b.Who)) })
	var out []Step
	planned := make([]int, len(all))
	for round := 1; round <= 2; round++ { // a second try, only once everybody has had their first
		kept := steps[:0:0]
		for _, s := range steps {
			if room[s.Band] > 0 && planned[s.Who] < round && planned[s.Who] < all[s.Who].Left {
				planned[s.Who]++
				room[s.Band]--
				out = append(out, s)
			} else {
				kept = append(kept, s)
			}
		}
		steps = kept
	}
	slices.SortStableFunc(out, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.Band, b.Band), cmp.Compare(b.Rate, a.Rate), cmp.Compare(a.Who, b.Who))
	})
	return out
}

// Expected is how many people the steps reach if each try goes as tries like it
// went.
func Expected(steps []Step) float64 {
	sum := 0.0
	for _, s := range steps {
		sum += s.Rate
	}
	return sum
}
