package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/record"
	"waymark/internal/visit"
)

// visitRoutes are the rounds of home visits.
func (s *Server) visitRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/visits", Permission: access.PlanVisits, Handler: s.visitsPage, Nav: "Visits"},
		{Method: "GET", Pattern: "/visits/plan", Permission: access.PlanVisits, Handler: s.planVisitsPage},
		{Method: "POST", Pattern: "/visits/plan", Permission: access.PlanVisits, Handler: s.planVisits},
		{Method: "GET", Pattern: "/visits/duty", Permission: access.KeepDuty, Handler: s.dutyPage},
		{Method: "POST", Pattern: "/visits/duty", Permission: access.KeepDuty, Handler: s.saveDuty},
		{Method: "GET", Pattern: "/visits/{ref}", Permission: access.PlanVisits, Handler: s.roundPage},
		{Method: "GET", Pattern: "/visits/{ref}/sheet", Permission: access.PlanVisits, Handler: s.roundSheet},
		{Method: "POST", Pattern: "/visits/{ref}/move", Permission: access.PlanVisits, Handler: s.moveDoor},
		{Method: "POST", Pattern: "/visits/{ref}/close", Permission: access.PlanVisits, Handler: s.closeRound},
		{Method: "POST", Pattern: "/visits/{ref}/check-in", Permission: access.WorkVisits, Handler: s.checkIn},
		{Method: "GET", Pattern: "/doorstep/{ref}", Permission: access.WorkVisits, Handler: s.doorstepPage},
		{Method: "POST", Pattern: "/doorstep/{ref}", Permission: access.WorkVisits, Handler: s.tellVisit, Draft: true},
		{Method: "POST", Pattern: "/check-ins/{ref}/extend", Permission: access.WorkVisits, Handler: s.extendCheckIn},
		{Method: "POST", Pattern: "/check-ins/{ref}/end", Permission: access.WorkVisits, Handler: s.checkOut},
	}
}

func roundHref(ref id.Ref, tail string) string { return "/visits/" + string(ref) + tail }

type visitsPage struct {
	Page
	Out   *Table
	Table *Table
	None  *Empty
}

// visitsBack is how many days back the list of rounds goes.
const visitsBack = 28

func (s *Server) visitsPage(w http.ResponseWriter, r *http.Request) error {
	by := actorOf(r)
	rounds, err := s.Visits.Rounds(r.Context(), by, s.today().AddDays(-visitsBack))
	if err != nil {
		return err
	}
	out, err := s.Visits.Out(r.Context(), by)
	if err != nil {
		return err
	}
	p := &visitsPage{Page: Page{Title: "Visits", Lead: "Rounds of home visits of the last four weeks and to come.", Actions: []Link{{Text: "Plan visits", Href: "/visits/plan", Main: true}}}}
	if access.May(by, access.KeepDuty) {
		p.Actions = append(p.Actions, Link{Text: "Who is told of a missed check-in", Href: "/visits/duty"})
	}
	if len(out) > 0 {
		t := Table{Caption: "Out now", Stacked: true, Columns: []Column{{Text: "Who"}, {Text: "Ring"}, {Text: "Checked in"}, {Text: "Safe by"}}}
		for _, one := range out {
			safe := Cell{Text: s.safeBy(one.ExpectedAt)}
			if one.Alarm(s.Now()) {
				safe.Tag, safe.Note = &Tag{Text: "Missed", Colour: "red"}, dutyWords(one.Duty)
			}
			t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.WorkerName, Href: roundHref(one.Round, "")}, {Text: one.Telephone}, {Text: visit.Clock(one.BeganAt)}, safe})
		}
		p.Out = &t
	}
	if len(rounds) == 0 {
		p.None = &Empty{Title: "No round is planned", Text: "Make one from a list: whoever is not known, or lapses before the return.", Link: &Link{Text: "Plan visits", Href: "/visits/plan"}}
		return s.render(w, r, "visits", p)
	}
	t := Table{Caption: "Rounds", Stacked: true, Columns: []Column{{Text: "Day"}, {Text: "Who goes"}, {Text: "Doors", Numeric: true}, {Text: "People told", Numeric: true}, {Text: "Way"}, {Text: "State"}}}
	for _, one := range rounds {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.Day.Words(), Href: roundHref(one.Ref, ""), Hidden: ", " + one.WorkerName}, {Text: one.WorkerName}, {Text: count(one.Doors)},
			{Text: count(one.Told) + " of " + count(one.People)}, {Text: kilometres(one.Metres), Note: roundWay(one)}, {Tag: roundTag(one)}})
	}
	p.Table = &t
	return s.render(w, r, "visits", p)
}

func roundTag(one visit.Round) *Tag {
	switch {
	case one.Closed:
		return &Tag{Text: "Closed", Colour: "grey"}
	case one.Told == one.People && one.People > 0:
		return &Tag{Text: "Done", Colour: "green"}
	case one.Told > 0:
		return &Tag{Text: "Under way", Colour: "yellow"}
	}
	return &Tag{Text: "Planned", Colour: "blue"}
}

func kilometres(metres int) string { return fmt.Sprintf("%.1f km", float64(metres)/1000) }

// roundWay says how it is gone and about how long it takes.
func roundWay(one visit.Round) string {
	how := "on foot"
	if one.ByCar {
		how = "by car"
	}
	minutes := int(one.Time().Minutes())
	if minutes < 60 {
		return fmt.Sprintf("%s, about %d minutes", how, minutes)
	}
	return fmt.Sprintf("%s, about %d h %02d", how, minutes/60, minutes%60)
}

type planVisitsPage struct {
	Page
	Form *Form
	// Lists are what a round can be made from, where none is chosen yet.
	Lists   *Table
	NoLists *Empty
	Parts   []FormPart
	People  *Table
	Wrong   string // beside the people
	Count   string
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
	p.People = s.whomToVisit(form, rows, opened)
	p.Wrong = form.Error("person")
	if p.Parts, err = s.planParts(r, form); err != nil {
		return err
	}
	return s.render(w, r, "visits_plan", p)
}

func (s *Server) whomToVisit(form *Form, rows []record.Row, opened bool) *Table {
	ticked := map[string]bool{}
	for _, ref := range form.All("person") {
		ticked[ref] = true
	}
	t := &Table{Caption: "Whom to visit", Stacked: true, Columns: []Column{{Text: "Visit"}, {Text: "Name"}, {Text: "Area"}, {Text: "What is held"}}}
	for _, row := range rows {
		if row.Locked {
			continue // nobody is sent to a record that they may not open
		}
		tick := &Tick{ID: "person", Name: "person", Value: string(row.Ref), Label: "Visit " + orText(row.Name(), "somebody without a name"), Chosen: opened || ticked[string(row.Ref)]}
		if len(t.Rows) > 0 {
			tick.ID = "person-" + strconv.Itoa(len(t.Rows)+1)
		}
		area, _, _ := strings.Cut(row.Postcode, " ")
		t.Rows = append(t.Rows, []Cell{{Tick: tick}, {Header: true, Text: orText(row.Name(), "No name recorded"), Href: personHref(row.Ref, ""), Note: row.YoungPersonsID}, {Text: area},
			{Text: orText(activityWords(s.edition(), row.Activity), "Nothing recorded")}})
	}
	return t
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

// safeBy is the hour by which somebody was to be back, with its day where that is
// not today: an alarm stands until somebody answers it.
func (s *Server) safeBy(at time.Time) string {
	if day := civil.On(at, civil.London()); day != s.today() {
		return visit.Clock(at) + " on " + day.Words()
	}
	return visit.Clock(at)
}

// warnOfAlarms says on every page of whoever must know it that somebody who is
// out has not said that they are safe.
func (s *Server) warnOfAlarms(r *http.Request, p *Page) {
	if s.Visits == nil {
		return
	}
	alarms, err := s.Visits.Alarms(r.Context(), actorOf(r))
	if err != nil {
		s.Log.ErrorContext(r.Context(), "cannot look for missed check-ins", "id", seenOf(r).id, "error", err.Error())
		p.Banners = append([]Banner{{Tone: "bad", Strong: "Nobody could look for missed check-ins.", Text: "Ask those who are out whether they are safe."}}, p.Banners...)
		return
	}
	for _, one := range alarms {
		b := Banner{Tone: "bad", Status: true, Strong: one.WorkerName + " has not checked in.", Text: "They were to say by " + s.safeBy(one.ExpectedAt) + " that they are safe. Ring " + one.Telephone + " now.",
			Link: &Link{Text: "Open the round", Href: roundHref(one.Round, "")}}
		if string(one.Worker) == strings.TrimPrefix(actorOf(r).Ref, "account:") {
			b.Strong, b.Text = "Are you safe?", "You were to say so by "+s.safeBy(one.ExpectedAt)+". Your manager is told that you have not."
		}
		p.Banners = append([]Banner{b}, p.Banners...)
	}
}
