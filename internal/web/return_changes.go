package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/returns"
)

// returnChangesPage is a comparison of a month with itself as it was known before.
type returnChangesPage struct {
	returnComparePage
	Ways  SubNavigation
	Since Choice
	Day   DateInput
	// Kept is the rest of the address, which the form keeps.
	Kept []keptField
}

// changesSince is what the address of a month's changes asks for.
type changesSince struct {
	compared
	month   monthly
	moments []returns.Moment
	moment  returns.Moment
	form    *Form
	// chosen says that the address names the moment.
	chosen bool
}

// askedSince reads the address: since the first of the moments that are offered,
// unless another one or a day is given.
func (s *Server) askedSince(r *http.Request) (changesSince, error) {
	q := r.URL.Query()
	a := changesSince{form: newForm(map[string]string{"since": q.Get("since"), "day-day": q.Get("day-day"), "day-month": q.Get("day-month"), "day-year": q.Get("day-year")})}
	var err error
	if a.month, err = s.monthly(r); err != nil {
		return a, err
	}
	list, err := s.Returns.List(r.Context(), actorOf(r))
	if err != nil {
		return a, err
	}
	codes := a.month.authorities
	if codes == nil {
		codes = a.month.register.Codes()
	}
	a.moments = returns.Moments(list, a.month.period, codes, s.today())
	a.moment = a.moments[0]
	given := a.form.Text("since")
	at := slices.IndexFunc(a.moments, func(m returns.Moment) bool { return m.Key() == given })
	if at >= 0 {
		a.moment = a.moments[at]
	} else if day, err := civil.Parse(given); err == nil {
		a.moment = returns.Moment{On: day}
		a.form.SetDate("day", day)
	}
	if day := a.form.Date("day", "The day"); !day.IsZero() {
		a.moment = returns.Moment{On: day}
	}
	a.chosen = a.moment.Key() != a.moments[0].Key()
	a.compared = compared{list: q.Get("list"), path: "changes", href: func(path, list string) string { return a.month.href(path, "since", a.moment.Key(), "list", list) }}
	if a.list == "" {
		a.list = "changed"
	}
	return a, nil
}

// changes are what changed since the moment asked for; nil with the complaints in
// the form where nothing can be told since then.
func (s *Server) changes(r *http.Request, a changesSince) (*returns.Comparison, error) {
	if !a.form.OK() {
		return nil, nil
	}
	c, err := s.Returns.Since(r.Context(), actorOf(r), a.month.period, a.month.authorities, a.moment)
	var wrong field.Errors
	var before act.BeforeBegan
	switch {
	case errors.As(err, &wrong):
		a.form.Fail("day-day", wrong[0].Message)
		return nil, nil
	case errors.As(err, &before) && !a.chosen:
		return nil, nil // nobody asked for that day: there is nothing to tell yet
	case errors.As(err, &before):
		a.form.Fail("day-day", before.Error())
		return nil, nil
	}
	return c, err
}

// returnChangesPage says what changed in the month's return since yesterday, or
// since another moment: who is new in it, who no longer is, and what differs of
// the others.
func (s *Server) returnChangesPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedSince(r)
	if err != nil {
		return err
	}
	c, err := s.changes(r, a)
	if err != nil {
		return err
	}
	p := &returnChangesPage{returnComparePage: returnComparePage{Page: s.head(a.month, "What changed in "+a.month.name(s.today()))}, Ways: a.month.ways("changes")}
	p.Errors = a.form.Errors
	a.choice(p, s.today())
	if c == nil {
		if a.form.OK() {
			p.None = &Empty{Title: "There is nothing to compare with yet", Text: "This register held nothing at the end of " + a.moment.On.Words() + ". Once a day has passed since it began, this page says what changed."}
		}
		return s.render(w, r, "return_changes", p)
	}
	p.Lead = "The month as it was known " + a.moment.Words() + ", beside the same month as known now."
	if len(c.Changed)+len(c.Joined)+len(c.Left)+len(c.Shifts) == 0 {
		p.None = &Empty{Title: "Nothing has changed", Text: capital(a.month.name(s.today())) + " reads now as it was known " + a.moment.Words() + ", of everybody in it. Choose an earlier day to see what was learned since."}
		return s.render(w, r, "return_changes", p)
	}
	p.figures(c, a.compared)
	if err := s.showCompared(r, &p.returnComparePage, c, a.compared); err != nil {
		return err
	}
	return s.render(w, r, "return_changes", p)
}

// choice is the form that asks for another moment.
func (a changesSince) choice(p *returnChangesPage, today civil.Date) {
	options := make([]Option, 0, len(a.moments)+1)
	offered := false
	for _, m := range a.moments {
		words := capital(m.Words())
		if m.Return == nil {
			words = m.On.Weekday().String() + " " + m.On.Words()
		}
		if m.On == today.AddDays(-1) {
			words = "Yesterday, " + words
		}
		offered = offered || m.Key() == a.moment.Key()
		options = append(options, Option{Value: m.Key(), Text: strings.Replace(words, "When ", "", 1)})
	}
	if !offered && a.moment.Return == nil {
		options = append(options, Option{Value: a.moment.Key(), Text: a.moment.On.Words()})
	}
	p.Since = newForm(map[string]string{"since": a.moment.Key()}).Choice(Choice{Name: "since", Label: "Since", Options: options})
	p.Day = a.form.DateInput(DateInput{Name: "day", Label: "Or since the end of another day", Hint: "For example, " + exampleDay(today)})
	for _, code := range a.month.authorities {
		p.Kept = append(p.Kept, keptField{"authority", code})
	}
}

// returnChangesFile is the whole of it for a spreadsheet.
func (s *Server) returnChangesFile(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedSince(r)
	if err != nil {
		return err
	}
	c, err := s.changes(r, a)
	if err != nil {
		return err
	}
	if c == nil {
		http.Redirect(w, r, a.href("changes", ""), http.StatusSeeOther) // where it says what to do
		return nil
	}
	return s.sendChanges(w, r, c, "changes-"+a.month.period.String()+"-since-"+a.moment.Key()+".csv")
}
