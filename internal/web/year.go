package web

import (
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
)

// yearHref is where the pages about the year begin: they stand under one entry
// of the menu.
const yearHref = "/calendar"

// yearPage is one page about the year: its numbers, and sections below one
// another, each with a table or with something to press.
type yearPage struct {
	Page
	Ways     SubNavigation
	Warning  string
	Filter   []Choice
	Stats    []Stat
	Words    []string
	Sections []yearSection
	Form     *Form
}

// yearSection is one of them.
type yearSection struct {
	Title string
	Words []string
	None  *Empty
	Count string
	Table *Table
	Pages Pagination
	Links []Link
	Press *yearPress
}

// yearPress is a form that does one act. Keep are fields that nobody sees.
type yearPress struct {
	Action, Button string
	Keep           [][2]string
	Parts          []FormPart
	Quiet, Warns   bool
}

// yearWays leads around the pages about the year; here is the one that is
// looked at.
func (s *Server) yearWays(r *http.Request, here string) SubNavigation {
	nav := SubNavigation{Label: "The year"}
	for _, w := range []struct {
		text, href string
		needs      access.Action
	}{{"Calendar", yearHref, access.SeeCalendar}, {"Intended destinations", destinationsHref, access.SeeYear}, {"September Guarantee", guaranteeHref, access.SeeYear},
		{"1 September", rolloverHref, access.SeeYear}, {"Activity Survey", surveyHref, access.SeeYear}} {
		if access.May(actorOf(r), w.needs) {
			nav.Items = append(nav.Items, Link{Text: w.text, Href: w.href, Current: w.href == here})
		}
	}
	return nav
}

// yearRoutes are the pages about the year.
func (s *Server) yearRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: yearHref, Permission: access.SeeCalendar, Handler: s.calendarPage, Nav: "The year"},
		{Method: "GET", Pattern: "/calendar.ics", Permission: access.SeeCalendar, Handler: s.calendarFile},
		{Method: "GET", Pattern: "/calendar/new", Permission: access.KeepCalendar, Handler: s.newDayPage},
		{Method: "POST", Pattern: "/calendar/new", Permission: access.KeepCalendar, Handler: s.newDay, Draft: true},
		{Method: "GET", Pattern: "/calendar/{year}/{key}/move", Permission: access.KeepCalendar, Handler: s.moveDayPage},
		{Method: "POST", Pattern: "/calendar/{year}/{key}/move", Permission: access.KeepCalendar, Handler: s.moveDay, Draft: true},
		{Method: "GET", Pattern: "/calendar/{ref}", Permission: access.KeepCalendar, Handler: s.changeDayPage},
		{Method: "POST", Pattern: "/calendar/{ref}", Permission: access.KeepCalendar, Handler: s.changeDay, Draft: true},
		{Method: "POST", Pattern: "/calendar/{ref}/remove", Permission: access.KeepCalendar, Handler: s.removeDay},

		{Method: "GET", Pattern: guaranteeHref, Permission: access.SeeYear, Handler: s.guaranteePage},
		{Method: "POST", Pattern: guaranteeHref + "/draw", Permission: access.DrawBaseline, Handler: s.drawBaseline},
		{Method: "GET", Pattern: guaranteeHref + "/people", Permission: access.ListPeople, Handler: s.guaranteePeoplePage},
		{Method: "GET", Pattern: guaranteeHref + "/people.csv", Permission: access.DownloadPeople, Handler: s.guaranteePeopleFile},
		{Method: "GET", Pattern: destinationsHref, Permission: access.SeeYear, Handler: s.destinationsPage},
		{Method: "GET", Pattern: destinationsHref + "/people", Permission: access.ListPeople, Handler: s.destinationsPeoplePage},
		{Method: "GET", Pattern: destinationsHref + "/people.csv", Permission: access.DownloadPeople, Handler: s.destinationsPeopleFile},
		{Method: "GET", Pattern: surveyHref, Permission: access.SeeYear, Handler: s.surveyPage},
		{Method: "POST", Pattern: surveyHref, Permission: access.FileSurvey, Handler: s.fileSurvey},
		{Method: "GET", Pattern: surveyHref + ".csv", Permission: access.FetchReturn, Handler: s.surveyFile},
		{Method: "GET", Pattern: surveyHref + "/people", Permission: access.ListPeople, Handler: s.surveyPeoplePage},
		{Method: "GET", Pattern: rolloverHref, Permission: access.SeeYear, Handler: s.rolloverPage},
		{Method: "POST", Pattern: rolloverHref, Permission: access.RollOver, Handler: s.rollOver},
		{Method: "POST", Pattern: rolloverHref + "/undo", Permission: access.RollOver, Handler: s.undoRollover},
		{Method: "POST", Pattern: rolloverHref + "/offer", Permission: access.MoveAcross, Handler: s.offerWhoPasses},
		{Method: "GET", Pattern: rolloverHref + "/people", Permission: access.ListPeople, Handler: s.rolloverPeoplePage},
		{Method: "GET", Pattern: rolloverHref + "/people.csv", Permission: access.DownloadPeople, Handler: s.rolloverPeopleFile},
	}
}

// newYearPage is a page about the year, ready for its sections.
func (s *Server) newYearPage(r *http.Request, here, title string) *yearPage {
	return &yearPage{Page: Page{Title: title, Section: yearHref}, Ways: s.yearWays(r, here), Form: newForm(nil)}
}

// yearAsked is the academic year in the address, as "2026"; without one that of
// today. It is false for what is no year.
func (s *Server) yearAsked(r *http.Request) (civil.AcademicYear, bool) {
	text := r.URL.Query().Get("year")
	if text == "" {
		return s.today().AcademicYear(), true
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return civil.AcademicYear(n), err == nil && n >= 2000 && n <= 2100
}

// yearChoice lets choose among academic years around one.
func (f *Form) yearChoice(label string, around civil.AcademicYear, before, after int) Choice {
	c := Choice{Name: "year", Label: label}
	for y := around - civil.AcademicYear(before); y <= around+civil.AcademicYear(after); y++ {
		c.Options = append(c.Options, Option{Value: strconv.Itoa(int(y)), Text: y.String()})
	}
	return f.Choice(c)
}
