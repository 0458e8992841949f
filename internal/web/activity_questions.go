package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// The stages of recording by questions: what they do, since when and where, who
// said so, and what it comes to. All of it travels in the form; nothing about
// anybody stands in an address.
const (
	askingWhat  = "what"
	askingWhen  = "when"
	askingWho   = "who"
	askingCheck = "check"
)

type activityQuestionsPage struct {
	Page
	Form  *Form
	Kept  []keptField
	Parts []FormPart
	Stage string
	// Comes is the code as it emerges, and what it means.
	Comes *comesTo
	// Answered are the answers given so far, each with the way back to it.
	Answered []answered
	// Effect is what saving would do, line by line; Found what the Department
	// would ask for besides.
	Effect, Found  []string
	Button, Cancel string
	// Known is the form for those who know the code.
	Known string
}

// comesTo is the code that the answers come to.
type comesTo struct {
	Words string
	Means []string
}

// answered is one answer and the value that its button sends to change it.
type answered struct{ Key, Value, Back string }

// questions is one pass through the questions, read from what came.
type questions struct {
	*client
	answers []string
	steps   []nccis.Step
	next    nccis.Question
	code    string
	stage   string
}

func (s *Server) activityQuestionsPage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(map[string]string{"back-to": r.URL.Query().Get("back")})
	c, err := s.client(r, form)
	if err != nil {
		return err
	}
	c.setSeen(record.Seen(c.View.Spell))
	form.setTold(c.today)
	q := &questions{client: c, stage: askingWhat}
	q.walk()
	return q.show(w, nil)
}

// answerActivityQuestion takes one step: on to the next question, back to an
// earlier one, or the save.
func (s *Server) answerActivityQuestion(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	c, err := s.client(r, form)
	if err != nil {
		return err
	}
	q := &questions{client: c, answers: slices.Clone(form.All("answers")), stage: form.Text("stage")}
	if back := form.Text("back"); back != "" {
		return q.goBack(w, back)
	}
	q.walk()
	switch q.stage {
	case askingWhen:
		return q.whenAnswered(w)
	case askingWho:
		return q.whoAnswered(w)
	case askingCheck:
		return q.save(w)
	}
	return q.whatAnswered(w)
}

// walk follows the answers, and leaves only those that make sense.
func (q *questions) walk() {
	year := 12
	if born := q.born(); !born.IsZero() {
		year = nccis.YearGroup(born, q.today)
	}
	q.steps, q.next, q.code = q.Edition.Walk(nccis.FirstQuestion(year), q.answers)
	q.answers = q.answers[:len(q.steps)]
	if q.code == "" {
		q.stage = askingWhat
	}
}

func (q *questions) goBack(w http.ResponseWriter, to string) error {
	if n, err := strconv.Atoi(to); err == nil && n >= 0 && n < len(q.answers) {
		q.set("answer", q.answers[n])
		q.answers = q.answers[:n]
	} else if to == askingWhen || to == askingWho {
		q.stage = to
	}
	q.walk()
	return q.show(w, nil)
}

// whatAnswered takes the answer to the question at hand. Once the code is known
// the Department's own checks decide whether it can be theirs.
func (q *questions) whatAnswered(w http.ResponseWriter) error {
	if q.code == "" {
		answer := q.form.Text("answer")
		if !slices.ContainsFunc(q.next.Answers, func(a nccis.Answer) bool { return a.To == answer }) {
			q.form.Fail("answer", "Select an answer")
			return q.show(w, nil)
		}
		asked := q.next
		q.answers = append(q.answers, answer)
		q.walk()
		if q.code != "" {
			if refused, err := q.refused(); err != nil {
				return err
			} else if refused != "" {
				q.answers = q.answers[:len(q.answers)-1]
				q.walk()
				q.next = asked
				q.form.Fail("answer", refused)
				return q.show(w, nil)
			}
		} else {
			q.form.values.Del("answer")
		}
	}
	if q.code != "" {
		q.stage = askingWhen
	}
	return q.show(w, nil)
}

// refused is why the Department would refuse the code itself for this young
// person, whatever else is answered; "" where it would not.
func (q *questions) refused() (string, error) {
	started := q.today
	if q.View.Spell != nil {
		if d, err := civil.Parse(q.View.Spell.Started); err == nil && d.After(started) {
			started = d
		}
	}
	_, err := q.s.Record.Foresee(q.r.Context(), actorOf(q.r), q.ref, record.NewSpell{Activity: q.code, Started: started}, q.seen())
	var wrong field.Errors
	if errors.As(err, &wrong) {
		for _, e := range wrong {
			if e.Field == "activity" {
				return e.Message, nil
			}
		}
		return "", nil
	}
	return "", err
}

// spell is the activity that the answers describe. It was ascertained, and
// confirmed, on the day on which it was learned.
func (q *questions) spell() record.NewSpell {
	n := q.newSpell()
	n.Activity = q.code
	if on := q.form.Date("told-on", "The day we learned it"); !on.IsZero() {
		n.Ascertained, n.Verified = on, on
	}
	return n
}

func (q *questions) whenAnswered(w http.ResponseWriter) error {
	n := q.newSpell()
	n.Activity = q.code
	if n.Started.After(n.SoOn) { // what was ticked of an earlier start is not meant of this one
		q.form.values.Del("so-on")
		n.SoOn = civil.Date{}
	}
	if n.Started.IsZero() && q.form.OK() {
		q.form.Fail("started-day", "Enter the day it started, like 7 9 2026")
	}
	if !q.form.OK() {
		return q.show(w, nil)
	}
	_, err := q.s.Record.Foresee(q.r.Context(), actorOf(q.r), q.ref, n, q.seen())
	if q.form.Take(err) {
		return q.show(w, nil)
	} else if err != nil {
		return err
	}
	q.stage = askingWho
	return q.show(w, nil)
}

func (q *questions) whoAnswered(w http.ResponseWriter) error {
	told := q.form.told()
	if told.Kind == "" {
		q.form.Fail("told-kind", "Select how you learned this")
	}
	if told.On.After(q.today) {
		q.form.Fail("told-on-day", "The day you learned this must be today or earlier")
	}
	if !q.form.OK() {
		return q.show(w, nil)
	}
	f, err := q.s.Record.Foresee(q.r.Context(), actorOf(q.r), q.ref, q.spell(), q.seen())
	if q.form.Take(err) {
		q.stage = askingWhen
		return q.show(w, nil)
	} else if err != nil {
		return err
	}
	q.stage = askingCheck
	return q.show(w, f)
}

func (q *questions) save(w http.ResponseWriter) error {
	n, told := q.spell(), q.form.told()
	err := q.s.Record.RecordActivity(q.r.Context(), actorOf(q.r), q.ref, n, q.seen(), told)
	var conflict db.Conflict
	switch {
	case q.form.Take(err):
		q.stage = askingWhen
		if told.Kind == "" {
			q.stage = askingWho
		}
		return q.show(w, nil)
	case errors.As(err, &conflict):
		// Nothing was saved, and what was answered would be said of another
		// activity than the one that was shown.
		return err
	case err != nil && !errors.Is(err, act.ErrRepeated):
		return err
	}
	return q.s.done(w, q.r, backTo(q.form.Text("back-to"), personHref(q.ref, "")), "Saved: what they do now. "+q.countsUntil(n), nil)
}

// show draws the stage at hand.
func (q *questions) show(w http.ResponseWriter, f *record.Foresight) error {
	p := &activityQuestionsPage{Form: q.form, Stage: q.stage, Button: "Continue", Cancel: backTo(q.form.Text("back-to"), personHref(q.ref, ""))}
	if q.stage == askingWhat {
		p.Parts = []FormPart{q.form.radiosPart(q.question())}
		if len(q.steps) == 0 {
			p.Known = personHref(q.ref, "activity/new")
		}
	}
	switch q.stage {
	case askingWhen:
		p.Parts = q.whenParts()
	case askingWho:
		p.Parts = q.whoParts()
	case askingCheck:
		p.Button = "Save"
		p.foreseen(q, f)
	}
	p.Comes = q.comesTo()
	p.Answered = q.answered()
	q.form.keepToFields(p.Parts)
	p.Kept = q.keep(p.Parts)
	p.Page = Page{Title: "What are they doing now?", Caption: q.caption(), Errors: q.form.Errors, Section: "/find", Back: &Link{Text: "Back without saving", Href: p.Cancel}}
	return q.s.render(w, q.r, "activity_questions", p)
}

func (q *questions) question() Choice {
	c := Choice{Name: "answer", Label: q.next.Text, Strong: true}
	for _, a := range q.next.Answers {
		c.Options = append(c.Options, Option{Value: a.To, Text: a.Text, Hint: a.Hint})
	}
	return c
}

// whenParts ask since when and where, and what else the code needs.
func (q *questions) whenParts() []FormPart {
	a, _ := q.Edition.Activity(q.code)
	parts := []FormPart{q.form.datePart(DateInput{Name: "started", Label: "Since when?", Hint: "For example, 7 9 2026"})}
	if a.Status == nccis.EET || a.Status == nccis.CompulsorySchoolAge || a.Status == nccis.OutOfRates {
		parts = append(parts, q.form.inputPart(Input{Name: "establishment-name", Label: "Where? (optional)", Hint: "School, college, training provider or employer"}))
	}
	if a.EndDateRequired {
		parts = append(parts, q.form.datePart(DateInput{Name: "predicted-end", Label: "Until when is it expected to last?", Hint: "The last day of the course. For example, 7 7 2028"}))
	}
	if a.ReviewRequired {
		parts = append(parts, q.form.datePart(DateInput{Name: "review", Label: "When will you look at it again?", Hint: "It is for a time only, so the Department asks for a review date"}))
	}
	return parts
}

// whoParts ask who said so, and whether it was so at the end of last month, where
// it had begun by then.
func (q *questions) whoParts() []FormPart {
	if q.newSpell().Started.After(q.lastDay) {
		return q.form.toldParts()
	}
	return append(q.soOnParts(), q.form.toldParts()...)
}

// comesTo says which code has emerged, and what it means.
func (q *questions) comesTo() *comesTo {
	a, ok := q.Edition.Activity(q.code)
	if !ok {
		return nil
	}
	c := &comesTo{Words: "This is " + a.Code + ": " + a.Label + "."}
	switch {
	case a.Status == nccis.OutOfRates:
		c.Means = append(c.Means, "It is left out of the rates.")
	case a.Status == nccis.CompulsorySchoolAge:
		c.Means = append(c.Means, "It counts as of compulsory school age.")
	default:
		c.Means = append(c.Means, "It counts as "+statusWords(a.Status)+".")
	}
	c.Means = append(c.Means, lapseWords(a.Lapse))
	return c
}

// lapseWords says how long a confirmation lasts.
func lapseWords(l nccis.LapseRule) string {
	switch {
	case l.EndOfYear:
		return "It lapses at the end of August, unless it is confirmed in the new school year."
	case l.AfterReview > 0:
		return "It lapses " + strconv.Itoa(l.AfterReview) + " days after the review date."
	case l.Months > 0:
		return "It lapses " + plural(l.Months, "month", "months") + " after it was last confirmed."
	}
	return "It does not lapse."
}

// answered are the answers so far: what they do, then since when, then who
// said so.
func (q *questions) answered() []answered {
	var out []answered
	for i, step := range q.steps {
		out = append(out, answered{Key: step.Question.Text, Value: step.Answer.Text, Back: strconv.Itoa(i)})
	}
	add := func(parts []FormPart, back string) {
		eachField(parts, func(p FormPart) {
			if label, value := p.words(); value != "" {
				out = append(out, answered{Key: strings.TrimSuffix(label, " (optional)"), Value: value, Back: back})
			}
		})
	}
	if q.stage == askingWho || q.stage == askingCheck {
		add(q.whenParts(), askingWhen)
	}
	if q.stage == askingCheck {
		add(q.whoParts(), askingWho)
	}
	return out
}

// keep carries along what this stage does not ask.
func (q *questions) keep(parts []FormPart) []keptField {
	asked := map[string]bool{"key": true, "answers": true, "answer": true, "stage": true, "back": true}
	eachField(parts, func(p FormPart) {
		name := p.field()
		asked[name] = true
		if base, isDate := strings.CutSuffix(name, "-day"); isDate {
			asked[base+"-month"], asked[base+"-year"] = true, true
		}
	})
	out := []keptField{{"stage", q.stage}}
	for _, a := range q.answers {
		out = append(out, keptField{"answers", a})
	}
	var rest []keptField
	for name := range q.form.values {
		if value := q.form.Text(name); !asked[name] && value != "" {
			rest = append(rest, keptField{name, value})
		}
	}
	slices.SortFunc(rest, func(a, b keptField) int { return strings.Compare(a.Name, b.Name) })
	return append(out, rest...)
}

// foreseen says what saving would do.
func (p *activityQuestionsPage) foreseen(q *questions, f *record.Foresight) {
	if f == nil {
		return
	}
	if !f.After.Lapses.IsZero() {
		p.Effect = append(p.Effect, "It counts until "+f.After.Lapses.Words()+".")
	}
	before, after := statusWords(f.Before.Status), statusWords(f.After.Status)
	if before == after {
		p.Effect = append(p.Effect, "They still count as "+after+".")
	} else {
		p.Effect = append(p.Effect, "They move from "+before+" to "+after+".")
	}
	whose := returnName(f.Month, q.today)
	moved := false
	for _, one := range []struct {
		what      string
		now, then int
	}{{"not known", f.Now.NotKnown, f.Then.NotKnown}, {"NEET", f.Now.NEET, f.Then.NEET}} {
		if one.now == one.then && f.Now.Cohort == f.Then.Cohort {
			continue
		}
		moved = true
		p.Effect = append(p.Effect, whose+" would say "+percent(one.then, f.Then.Cohort)+" "+one.what+" instead of "+percent(one.now, f.Now.Cohort)+
			": "+count(one.then)+" of "+count(f.Then.Cohort)+", and now "+count(one.now)+" of "+count(f.Now.Cohort)+".")
	}
	if moved {
		return
	}
	words := whose + " would say the same of academic age 16 and 17 as now."
	if born := q.born(); !born.IsZero() {
		if age := civil.AcademicAge(born, f.Month.End()); age != 16 && age != 17 {
			words = fmt.Sprintf("They are of academic age %d: the percentages of %s are of 16 and 17, and stay as they are.", age, whose)
		}
	}
	p.Effect = append(p.Effect, words)
	for _, one := range f.Found {
		p.Found = append(p.Found, one.Message+" (check "+one.Check+")")
	}
}

// questionRoutes are the addresses of recording by questions.
func (s *Server) questionRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/young-people/{ref}/activity/questions", Permission: access.RecordActivity, Handler: s.activityQuestionsPage},
		{Method: "POST", Pattern: "/young-people/{ref}/activity/questions", Permission: access.RecordActivity, Handler: s.answerActivityQuestion},
	}
}
