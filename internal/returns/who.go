package returns

import (
	"cmp"
	"slices"

	"waymark/internal/nccis"
)

// Tally is how many of something there are.
type Tally struct {
	// Key is a code, or the words themselves where there is no code.
	Key   string
	Words string
	N     int
}

// Who is who stands in a draft and why, in numbers.
type Who struct {
	// In says why those in the file are in, Out why those left out are not; the
	// most frequent first.
	In, Out []Tally
	// Status counts those in the file by cohort status.
	Status []Tally
	// Year11 and Year12 are the September Guarantee by status, as the file
	// states it (nccis.md 3.7); "" counts nobody: a record without it is left
	// out.
	Year11, Year12 []Tally
}

// Who counts the draft's people.
func (d *Draft) Who() Who {
	in, out, status, y11, y12 := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range d.People {
		v := &p.Record.Values
		in[p.Why]++
		status[v[nccis.CohortStatus]]++
		y11[v[nccis.Year11GuaranteeStatus]]++
		y12[v[nccis.Year12GuaranteeStatus]]++
	}
	for i := range d.LeftOut {
		out[d.LeftOut[i].Why]++
	}
	delete(y11, "")
	delete(y12, "")
	same := func(words string) string { return words }
	coded := func(list nccis.List) func(string) string {
		return func(code string) string { return d.Edition.Label(list, code) }
	}
	return Who{In: tallied(in, same), Out: tallied(out, same), Status: tallied(status, coded(nccis.CohortStatuses)),
		Year11: tallied(y11, coded(nccis.GuaranteeStatuses)), Year12: tallied(y12, coded(nccis.GuaranteeStatuses))}
}

func tallied(n map[string]int, words func(string) string) []Tally {
	out := make([]Tally, 0, len(n))
	for key, count := range n {
		out = append(out, Tally{Key: key, Words: words(key), N: count})
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Key, b.Key)) })
	return out
}
