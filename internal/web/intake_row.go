package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

type intakeRowPage struct {
	Page
	Form     *Form
	Row      *reviewRow
	Match    string
	Problems Table
	Clashes  []Choice
	Next     string
	Said     Summary
	Item     Choice
	Value    Input
	Open     bool
	Skipped  bool
	CanSkip  bool
}

func (s *Server) intakeRowPage(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	return s.showIntakeRow(w, r, newForm(map[string]string{"item": asked.Get("item"), "next": asked.Get("next")}))
}

func (s *Server) showIntakeRow(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	number, err := rowAsked(r)
	if err != nil {
		return err
	}
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State != intake.InReview && in.State != intake.Applied {
		http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther)
		return nil
	}
	said, wrong, err := s.Intake.Said(r.Context(), actorOf(r), ref, number)
	if err != nil {
		return err
	}
	list, _, err := s.Intake.Rows(r.Context(), actorOf(r), ref, intake.Filter{Row: number}, 1)
	if err != nil {
		return err
	}
	p := &intakeRowPage{Page: Page{Title: "One row of a file", Heading: "Row " + strconv.Itoa(number), Caption: in.FileName, Section: "/imports", Errors: form.Errors, Back: &Link{Text: "The file", Href: intakeHref(ref, "")}},
		Form: form, Open: in.State == intake.InReview}
	if form.Text("next") == "clashes" {
		p.Next, p.Back = "clashes", &Link{Text: "Values to choose between", Href: withQuery(intakeHref(ref, "/rows"), "outcome", "clashes")}
	}
	if len(list) > 0 {
		row := reviewRowOf(ref, list[0])
		p.Row, p.CanSkip, p.Skipped = &row, true, list[0].Decision == intake.DecideSkip
		if p.Open && (list[0].Answer == intake.Undecided || list[0].Decision != "") {
			p.Match = intakeHref(ref, "/matches/"+strconv.Itoa(number))
		}
		p.Clashes = clashChoices(form, list[0])
	}
	s.fixForm(p, form, in, said, wrong)
	return s.render(w, r, "intake_row", p)
}

// clashChoices ask which of two values is to stand.
func clashChoices(form *Form, row intake.Row) []Choice {
	var out []Choice
	for i, c := range row.Changes {
		if !c.Clash {
			continue
		}
		name := "clash-" + strconv.Itoa(i+1)
		if !form.values.Has(name) {
			form.values.Set(name, "open")
		}
		out = append(out, form.Choice(Choice{Name: name, Label: capital(c.Field), Strong: true, Hint: sentence(c.Why), Options: []Option{
			{Value: intake.Ours, Text: c.Before, Hint: "as the register holds it"}, {Value: intake.Theirs, Text: c.After, Hint: "as the file says"}, {Value: "open", Text: "Leave it open"}}}))
	}
	return out
}

// fixForm says what the row holds and asks for a better value.
func (s *Server) fixForm(p *intakeRowPage, form *Form, in intake.Intake, said map[layout.Item]string, wrong []intake.RowProblem) {
	p.Said = Summary{Title: "What the row says", ID: "what-it-says"}
	var items []layout.Item
	for _, i := range layout.Items() {
		if said[i] != "" {
			p.Said.Rows = append(p.Said.Rows, Row{Key: capital(i.Words()), Value: s.saidWords(i, said[i])})
			items = append(items, i)
		}
	}
	p.Problems = Table{Caption: "What is wrong with it", Columns: []Column{{Text: "Column"}, {Text: "In the cell"}, {Text: "What is wrong"}}}
	var faulty []layout.Item
	for _, one := range wrong {
		item, _ := layout.ParseItem(one.Item)
		faulty = append(faulty, item)
		p.Problems.Rows = append(p.Problems.Rows, []Cell{{Text: orText(one.Column, capital(item.Words())), Header: true}, {Text: orText(one.Value, "Empty"), Fault: !one.Mended}, {Text: sentence(one.Words)}})
	}
	k, _ := layout.FindKind(in.Kind)
	if form.Text("item") == "" && len(faulty) > 0 {
		form.values.Set("item", faulty[0].String())
	}
	if item, ok := layout.ParseItem(form.Text("item")); ok && !form.values.Has("value") {
		value := said[item]
		for _, one := range wrong {
			if value == "" && one.Item == item.String() {
				value = one.Value
			}
		}
		form.values.Set("value", value)
	}
	p.Item = form.Choice(Choice{Name: "item", Label: "What to mend", Options: itemOptions(append(faulty, items...), k)})
	p.Value = form.Input(Input{Name: "value", Label: "What it should say", Hint: "As the file would say it. The file itself stays as it came."})
}

func (s *Server) changeRow(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	number, err := rowAsked(r)
	if err != nil {
		return err
	}
	ref, by := id.Ref(r.PathValue("ref")), actorOf(r)
	words, to := "", rowHref(ref, number)
	switch form.Text("do") {
	case "fix":
		item, ok := layout.ParseItem(form.Text("item"))
		if !ok || item == layout.None {
			form.Fail("item", "Choose what to mend")
			return s.showIntakeRow(w, r, form)
		}
		if len(form.Raw("value")) > 1000 {
			form.Fail("value", "Enter at most 1,000 signs")
			return s.showIntakeRow(w, r, form)
		}
		err, words = s.Intake.Fix(r.Context(), by, ref, number, item, form.Text("value")), "The row was read again with the "+item.Words()+" that you entered."
	case "skip":
		err, words = s.Intake.Decide(r.Context(), by, ref, number, intake.DecideSkip, ""), "The row is left out."
	case "unskip":
		err, words = s.Intake.Decide(r.Context(), by, ref, number, "", ""), "The row is no longer left out."
	case "choose":
		to, words, err = s.chooseClashes(r, form, ref, number)
	default:
		return errForm
	}
	if said := complaintOf(err); said != "" && !isRefusal(err) {
		form.Fail("value", said)
		return s.showIntakeRow(w, r, form)
	}
	if errors.Is(err, db.NotFound) {
		return err
	}
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	return s.done(w, r, to, words, nil)
}

func isRefusal(err error) bool {
	var refused intake.Refusal
	return errors.As(err, &refused) || errors.As(err, new(intake.Stale))
}

// chooseClashes settles what was chosen, and says where to go next: on to the
// next row with a clash for whoever goes through them.
func (s *Server) chooseClashes(r *http.Request, form *Form, ref id.Ref, number int) (to, words string, err error) {
	to = rowHref(ref, number)
	list, _, err := s.Intake.Rows(r.Context(), actorOf(r), ref, intake.Filter{Row: number}, 1)
	if err != nil || len(list) == 0 {
		return to, "", errors.Join(err, db.NotFound)
	}
	chosen := 0
	for i, c := range list[0].Changes {
		which := form.Text("clash-" + strconv.Itoa(i+1))
		if !c.Clash || which != intake.Ours && which != intake.Theirs {
			continue
		}
		if err := s.Intake.Choose(r.Context(), actorOf(r), ref, number, c.Field, which); err != nil {
			return to, "", err
		}
		chosen++
	}
	words = strings.TrimPrefix(plural(chosen, "value was", "values were")+" chosen.", "0 values were chosen.")
	if form.Text("next") != "clashes" {
		return to, words, nil
	}
	for page, more := 1, true; more; page++ {
		if list, more, err = s.Intake.Rows(r.Context(), actorOf(r), ref, intake.Filter{Clashing: true}, page); err != nil {
			return to, words, err
		}
		for _, one := range list {
			if one.Number > number {
				return withQuery(rowHref(ref, one.Number), "next", "clashes"), words, nil
			}
		}
	}
	return intakeHref(ref, ""), words, nil
}
