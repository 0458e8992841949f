package web

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/record"
	"waymark/internal/visit"
)

type planVisitsPage struct {
	Page
	Form *Form
	// Lists are what a round can be made from, where none is chosen yet.
	Lists   *Table
	NoLists *Empty
	Parts   []FormPart
	// Area asks for those of one part of the authority, where they are many, with
	// the rest of the address, which its form keeps; Chosen is the one that was.
	Area   Choice
	Kept   []keptField
	Chosen FilterTags
	People *Table
	Wrong  string // beside the people
	Count  string
}

func (s *Server) planVisitsPage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(map[string]string{"worker": strings.TrimPrefix(actorOf(r).Ref, "account:"), "how": "walk", "most": "20"})
	form.SetDate("day", s.today())
	start, err := s.Visits.LastStart(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	form.values.Set("start", start)
	return s.showPlanVisits(w, r, form, true)
}

// showPlanVisits shows the form; whom is a list's question, in the address. All
// are ticked where it is opened, and those who were where it is sent back.
func (s *Server) showPlanVisits(w http.ResponseWriter, r *http.Request, form *Form, opened bool) error {
	if ref := campaignAsked(r); ref != "" {
		return s.showPlanOfCampaign(w, r, form, ref, opened)
	}
	by := actorOf(r)
	p := &planVisitsPage{Page: Page{Title: "Plan visits", Errors: form.Errors, Section: "/visits", Back: &Link{Text: "Visits", Href: "/visits"}}, Form: form}
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	if a.saved != nil && len(a.q.Filters) == 0 {
		a.q, _ = list.Parse(a.saved.Asks)
	}
	if len(a.q.Filters) == 0 {
		return s.chooseList(w, r, p)
	}
	a.q.Columns = nil
	found, err := s.Lists.Page(r.Context(), by, a.q, 0, visit.MostPeople)
	if err != nil {
		return err
	}
	if len(found.Rows) == 0 {
		p.NoLists = &Empty{Title: "Nobody is on this list now", Text: "Choose another one, or change what it asks.", Link: &Link{Text: "Choose another list", Href: "/visits/plan"}}
		return s.render(w, r, "visits_plan", p)
	}
	p.Lead = "One door for all who live at an address, in the order of the shortest way."
	p.Count = plural(found.Total, "person is on the list", "people are on the list") + "."
	if found.Total > len(found.Rows) {
		p.Count += fmt.Sprintf(" These are the first %d: plan the others afterwards.", len(found.Rows))
	}
	var rows []record.Row
	for _, row := range found.Rows {
		rows = append(rows, row.Row)
	}
	if p.People, err = s.whomToVisit(r, form, p.inArea(r, rows), opened); err != nil {
		return err
	}
	p.Wrong = form.Error("person")
	if p.Parts, err = s.planParts(r, form); err != nil {
		return err
	}
	return s.render(w, r, "visits_plan", p)
}

// manyToVisit is from how many people on they are offered by area: more than one
// round takes.
const manyToVisit = 20

// inArea are those of the area that the address names. Where it names none it
// offers those that there are.
func (p *planVisitsPage) inArea(r *http.Request, rows []record.Row) []record.Row {
	asked := r.URL.Query()
	area := asked.Get(string(list.Area))
	asked.Del(string(list.Area))
	if area != "" {
		p.Chosen = FilterTags{Label: "Shown are those of", Chosen: []Link{{Text: "Area: " + area, Href: "/visits/plan" + asQuery(asked)}}}
		return slices.DeleteFunc(rows, func(row record.Row) bool { return areaOf(row) != area })
	}
	in := map[string]int{}
	for _, row := range rows {
		if a := areaOf(row); a != "" {
			in[a]++
		}
	}
	if len(rows) <= manyToVisit || len(in) < 2 {
		return rows
	}
	p.Area = Choice{Name: string(list.Area), Label: "In which area?", ID: "in-area", Options: []Option{{Text: "Everywhere"}}}
	for _, a := range slices.SortedFunc(maps.Keys(in), inOrder) {
		p.Area.Options = append(p.Area.Options, Option{Value: a, Text: a + " (" + count(in[a]) + ")"})
	}
	for name, values := range asked {
		for _, v := range values {
			p.Kept = append(p.Kept, keptField{name, v})
		}
	}
	slices.SortFunc(p.Kept, func(a, b keptField) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
	return rows
}

// areaOf is the first half of somebody's postcode, "" where none is known or it may
// not be shown.
func areaOf(row record.Row) string {
	area, _, _ := strings.Cut(row.Postcode, " ")
	if area == access.Protected {
		return ""
	}
	return area
}

// inOrder sorts areas as people count them: QX2 before QX11.
func inOrder(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (s *Server) whomToVisit(r *http.Request, form *Form, rows []record.Row, opened bool) (*Table, error) {
	elsewhere, err := s.Visits.Elsewhere(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	ticked := map[string]bool{}
	for _, ref := range form.All("person") {
		ticked[ref] = true
	}
	t := &Table{Caption: "Whom to visit", Stacked: true, Columns: []Column{{Text: "Visit"}, {Text: "Name"}, {Text: "Area"}, {Text: "What is held"}}}
	ticks := 0
	for _, row := range rows {
		if row.Locked {
			continue // nobody is sent to a record that they may not open
		}
		visit := Cell{Text: "On a round already"}
		tick := &Tick{ID: "person", Name: "person", Value: string(row.Ref), Label: "Visit " + orText(row.Name(), "somebody without a name"), Chosen: opened || ticked[string(row.Ref)]}
		if !elsewhere[row.Ref] {
			if ticks++; ticks > 1 {
				tick.ID = "person-" + strconv.Itoa(ticks)
			}
			visit = Cell{Tick: tick}
		}
		t.Rows = append(t.Rows, []Cell{visit, {Header: true, Text: orText(row.Name(), "No name recorded"), Href: personHref(row.Ref, ""), Note: row.YoungPersonsID}, {Text: orText(areaOf(row), row.Postcode)},
			{Text: orText(activityWords(s.edition(), row.Activity), "Nothing recorded")}})
	}
	return t, nil
}

func (s *Server) planParts(r *http.Request, form *Form) ([]FormPart, error) {
	workers, err := s.Visits.Workers(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	var who []Option
	for _, a := range workers {
		who = append(who, Option{Value: string(a.Ref), Text: a.Name})
	}
	if !slices.ContainsFunc(who, func(o Option) bool { return o.Value == form.Text("worker") }) {
		who = append([]Option{{Text: "Select who goes"}}, who...)
	}
	return []FormPart{
		form.datePart(DateInput{Name: "day", Label: "On which day?", Hint: "For example, 27 11 2026"}),
		form.selectPart(Choice{Name: "worker", Label: "Who goes?", Options: who}),
		form.radiosPart(Choice{Name: "how", Label: "How?", Inline: true, Small: true, Options: []Option{{Value: "walk", Text: "On foot"}, {Value: "drive", Text: "By car"}}}),
		form.inputPart(Input{Name: "start", Label: "From where?", Hint: "The postcode at which the round begins and ends: an office, a library, a car park", Width: "10"}),
		form.inputPart(Input{Name: "most", Label: "How many doors can one person do?", Hint: "Where there are more, more rounds are made", Width: "3", InputMode: "numeric"}),
	}, nil
}

// chooseList shows what a round can be made from.
func (s *Server) chooseList(w http.ResponseWriter, r *http.Request, p *planVisitsPage) error {
	p.Lead = "A round is made from a list. Choose one that is kept, or make one on the page Lists and press “Plan visits” below it."
	saved, err := s.Lists.Saved(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	t := &Table{Caption: "Lists", Columns: []Column{{Text: "List"}, {Text: "Whose"}}}
	for _, own := range []struct{ name, asks string }{
		{"Nobody knows what they do now", "status=nk"}, {"No longer counts: the confirmation has lapsed", "status=lapsed"}, {"Not in education, employment or training", "status=neet"}} {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: own.name, Href: "/visits/plan?" + own.asks + "&in-return=yes&adviser=me"}, {Text: "My young people"}},
			[]Cell{{Header: true, Text: own.name, Href: "/visits/plan?" + own.asks + "&in-return=yes", Hidden: ", everybody"}, {Text: "Everybody"}})
	}
	for _, one := range saved {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.Name, Href: "/visits/plan?list=" + string(one.Ref)}, {Text: "Kept by " + one.OwnerName}})
	}
	p.Lists = t
	return s.render(w, r, "visits_plan", p)
}

func (s *Server) planVisits(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	plan := visit.Plan{Day: form.Date("day", "The day of the visits"), ByCar: form.Text("how") == "drive", Start: form.Text("start"), Worker: id.Ref(form.Text("worker")), Most: atoi(form.Text("most")), Key: form.Key}
	for _, ref := range form.All("person") {
		plan.People = append(plan.People, id.Ref(ref))
	}
	var refs []id.Ref
	if form.OK() {
		if ref := campaignAsked(r); ref != "" {
			refs, err = s.Campaigns.PlanVisits(r.Context(), actorOf(r), ref, s.Visits, plan)
		} else {
			refs, err = s.Visits.Plan(r.Context(), actorOf(r), plan)
		}
		if errors.Is(err, act.ErrRepeated) {
			refs, err = s.Visits.PlannedWith(r.Context(), actorOf(r), form.Key)
		}
		form.Take(err)
	}
	if !form.OK() {
		return s.showPlanVisits(w, r, form, false)
	}
	if err != nil {
		return err
	}
	if len(refs) == 1 {
		return s.done(w, r, roundHref(refs[0], ""), "The round is planned.", nil)
	}
	return s.done(w, r, "/visits", plural(len(refs), "round is", "rounds are")+" planned.", nil)
}
