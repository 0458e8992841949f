package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
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
