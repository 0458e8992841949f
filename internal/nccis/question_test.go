package nccis

import (
	"slices"
	"testing"
)

// paths counts on how many ways each code is reached from a question on.
func paths(t *testing.T, e *Edition, from string, way []string, reached map[string]int) {
	t.Helper()
	if slices.Contains(way, from) {
		t.Fatalf("%s: the question %s leads to itself", e.Name, from)
	}
	q, ok := e.Question(from)
	if !ok || len(q.Answers) == 0 || q.Text == "" {
		t.Fatalf("%s: there is no question %s, or nothing to answer", e.Name, from)
	}
	way = append(slices.Clone(way), from)
	for _, a := range q.Answers {
		if _, ok := e.Activity(a.To); ok {
			reached[a.To]++
			continue
		}
		paths(t, e, a.To, way, reached)
	}
}

func TestEveryCodeIsReachedByOnePath(t *testing.T) {
	for _, e := range MustLoad().Editions() {
		young, old := map[string]int{}, map[string]int{}
		paths(t, e, FirstQuestion(11), nil, young)
		paths(t, e, FirstQuestion(12), nil, old)
		for _, a := range e.Activities() {
			mine, others := old, young
			if a.Group == "CS" {
				mine, others = young, old
			}
			if mine[a.Code] != 1 || others[a.Code] != 0 {
				t.Errorf("%s: %s %s is reached on %d paths, and on %d of the other age", e.Name, a.Code, a.Label, mine[a.Code], others[a.Code])
			}
		}
	}
	if FirstQuestion(5) != "school" || FirstQuestion(21) != "start" {
		t.Error("the first question does not follow the year group")
	}
}

func TestEveryAnswerLeadsSomewhere(t *testing.T) {
	req := MustLoad()
	all := req.editions
	for _, q := range all[0].questions {
		for _, a := range q.Answers {
			if !slices.ContainsFunc(all, func(e *Edition) bool { return e.leads(a.To) }) {
				t.Errorf("%q to %q leads to %q, which no edition has", a.Text, q.Text, a.To)
			}
		}
	}
}

func TestWalk(t *testing.T) {
	all := MustLoad().Editions()
	e := all[len(all)-1]
	for _, c := range []struct {
		first      string
		answers    []string
		steps      int
		next, code string
	}{
		{"start", nil, 0, "start", ""},
		{"start", []string{"learning"}, 1, "learning", ""},
		{"start", []string{"learning", "hours", "where", "210"}, 4, "", "210"},
		{"start", []string{"learning", "hours", "where", "210", "320"}, 4, "", "210"},
		{"start", []string{"learning", "job-study", "320"}, 1, "learning", ""},
		{"start", []string{"110"}, 0, "start", ""},
		{"start", []string{"720"}, 0, "start", ""}, // withdrawn in April 2018
		{"school", []string{"120"}, 1, "", "120"},
		{"nowhere", []string{"120"}, 0, "", ""},
	} {
		steps, next, code := e.Walk(c.first, c.answers)
		if len(steps) != c.steps || next.ID != c.next || code != c.code {
			t.Errorf("%s %v: %d steps, then %q, code %q", c.first, c.answers, len(steps), next.ID, code)
		}
	}
}
