package nccis

import (
	"slices"
	"strings"
)

// Question is one plain question on the way to a current activity code, so
// that nobody needs to know the codes by number (question.csv, ours).
type Question struct {
	ID, Text string
	Answers  []Answer
}

// Answer is one answer to a Question. To is the code that it comes to, or the
// next question.
type Answer struct{ Text, Hint, To string }

// Step is one answer given to one question.
type Step struct {
	Question Question
	Answer   Answer
}

// FirstQuestion is where to begin with somebody of a year group: those of
// compulsory school age have codes of their own (nccis.md 4).
func FirstQuestion(yearGroup int) string {
	if yearGroup <= 11 {
		return "school"
	}
	return "start"
}

// Question finds a question by its name, with the answers that this edition has
// a code for.
func (e *Edition) Question(name string) (Question, bool) {
	i := slices.IndexFunc(e.questions, func(q Question) bool { return q.ID == name })
	if i < 0 {
		return Question{}, false
	}
	q := e.questions[i]
	q.Answers = slices.DeleteFunc(slices.Clone(q.Answers), func(a Answer) bool { return !e.leads(a.To) })
	return q, true
}

// leads says that something of this edition can be reached.
func (e *Edition) leads(to string) bool {
	if e.activityOf(to) != nil {
		return true
	}
	q, ok := e.Question(to)
	return ok && len(q.Answers) > 0
}

// Walk follows answers (each the To of the one chosen) from a question on. It
// returns the steps that make sense, up to the first answer that does not,
// then the question to ask next, or the code that the answers come to.
func (e *Edition) Walk(first string, answers []string) (steps []Step, next Question, code string) {
	next, ok := e.Question(first)
	for _, to := range answers {
		if !ok {
			break
		}
		i := slices.IndexFunc(next.Answers, func(a Answer) bool { return a.To == to })
		if i < 0 {
			return steps, next, ""
		}
		steps = append(steps, Step{next, next.Answers[i]})
		if e.activityOf(to) != nil {
			return steps, Question{}, to
		}
		next, ok = e.Question(to)
	}
	return steps, next, ""
}

func loadQuestions(req *Requirement) error {
	var all []Question
	err := eachRow("question.csv", strings.Split("at,question,answer,hint,to", ","), func(r *tableRow) {
		at := r.must("at")
		if n := len(all); n == 0 || all[n-1].ID != at {
			if slices.ContainsFunc(all, func(q Question) bool { return q.ID == at }) {
				r.fail("the answers to %q do not stand together", at)
			}
			all = append(all, Question{ID: at, Text: r.must("question")})
		}
		q := &all[len(all)-1]
		a := Answer{Text: r.must("answer"), Hint: r.text("hint"), To: r.must("to")}
		if slices.ContainsFunc(q.Answers, func(o Answer) bool { return o.To == a.To }) {
			r.fail("two answers to %q lead to %s", at, a.To)
		}
		q.Answers = append(q.Answers, a)
	})
	for _, e := range req.editions {
		e.questions = all
	}
	return err
}
