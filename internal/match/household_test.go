package match_test

import (
	"testing"

	"waymark/internal/match"
	"waymark/internal/match/matchtest"
)

// TestAListOfBrothersAndSistersHasNoDoubles: where hardly anybody stands on a list
// twice, all that looks like it are households, and from them nobody may learn what
// one person looks like.
func TestAListOfBrothersAndSistersHasNoDoubles(t *testing.T) {
	variants, err := match.NewVariants()
	if err != nil {
		t.Fatal(err)
	}
	table, err := match.NewTable(match.NewLexicon(variants), matchtest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	const people = 30_000
	w := matchtest.New(3, people)
	var cells []string
	for i := range w.Len() {
		cells = w.Person(i, cells)
		for at, k := range matchtest.Schema() {
			if k >= match.ULN {
				cells[at] = "" // a list that has no numbers to learn from
			}
		}
		table.Add(cells)
	}
	found := match.Dedupe(table, match.ForLists(), 2)
	same, joined := 0, 0
	for _, p := range found.Pairs {
		if p.Answer == match.Same {
			same++
		}
	}
	for row, g := range found.Cluster {
		if uint32(row) != g {
			joined++
		}
	}
	t.Logf("of %d people %d pairs are called the same, %d rows are joined to another; weights from %s (%s)", people, same, joined, found.Model.Learned.From, found.Model.Learned.Why)
	if same > people/100 || joined > people/100 {
		t.Errorf("of %d people, none of whom stands there twice, %d pairs are called the same and %d rows are joined to another", people, same, joined)
	}
}
