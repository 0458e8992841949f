package web

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"waymark/internal/access"
	"waymark/internal/db/dbtest"
	"waymark/internal/id"
	"waymark/internal/intake"
)

type guidePage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	Cards    []Card
	History  Timeline
	Card     Summary
	Details  Details
	Stats    []Stat
	Steps    []Step
	Progress Progress
	Filter   Choice
	Chosen   FilterTags
	Table    Table
	Pages    Pagination
	Empty    Empty
	Panel    Panel
	Form     *Form
	First    Input
	Born     DateInput
	How      Choice
	Needs    Choice
	Note     Textarea
	File     Upload
}

// TestStyleGuide draws every part there is on one page. With
// WAYMARK_STYLE_GUIDE=127.0.0.1:8099 it serves the page until a GET of /stop,
// to be looked at in a browser.
func TestStyleGuide(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	withGuide(t, h)
	page := h.ask(Scenario{As: access.DataOfficer, URL: "/style-guide"})
	if page.Code != http.StatusUnprocessableEntity {
		t.Fatalf("answered %d: %s", page.Code, page.Body)
	}
	wellFormed(t, page.Body.String())
	for _, want := range []string{"OFFICIAL–SENSITIVE", "Printed by Test Data officer", `aria-current="page"`, `<progress aria-label="Reading the file" max="25000" value="12000">`,
		`aria-sort="ascending"`, "4,812", `href="tel:01632960118"`, `aria-describedby="first-hint first-error"`, `value="Febuary"`} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the guide does not hold %q", want)
		}
	}
	everyPartIsShown(t, page.Body.String())
	if address := os.Getenv("WAYMARK_STYLE_GUIDE"); address != "" {
		serveGuide(t, h, address)
	}
}

// everyPartIsShown compares with the class that each part's template draws.
func everyPartIsShown(t *testing.T, page string) {
	t.Helper()
	for _, class := range []string{"wm-identity", "wm-sub-navigation", "govuk-warning-text", "wm-card", "wm-timeline", "govuk-summary-card", "govuk-details",
		"wm-stat", "wm-progress", "govuk-select", "wm-filter-tags", "govuk-table", "govuk-pagination", "wm-empty", "govuk-inset-text", "govuk-panel", "govuk-input",
		"govuk-date-input", "govuk-radios", "govuk-checkboxes", "govuk-textarea", "govuk-file-upload", "wm-badge", "govuk-tag", "wm-banner", "govuk-error-summary", "govuk-breadcrumbs"} {
		if !strings.Contains(page, `class="`+class) {
			t.Errorf("the guide shows no %s", class)
		}
	}
}

func serveGuide(t *testing.T, h *house, address string) {
	stop := make(chan struct{})
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stop" {
			close(stop)
			return
		}
		if r.URL.Path != "/sign-in" && r.URL.Path != "/help" {
			r.AddCookie(h.cookies[access.DataOfficer])
		}
		h.ServeHTTP(w, r)
	})}
	go server.ListenAndServe()
	<-stop
	server.Close()
}

func withGuide(t *testing.T, h *house) {
	t.Helper()
	body, err := os.ReadFile("testdata/style_guide.html")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"page/style_guide.html": {Data: body}}
	for _, folder := range []string{"page", "part"} {
		entries, err := templateFiles.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			text, err := templateFiles.ReadFile(folder + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			files[folder+"/"+e.Name()] = &fstest.MapFile{Data: text}
		}
	}
	if h.templates, err = parseTemplates(files, h.assets); err != nil {
		t.Fatal(err)
	}
	h.routes = append(h.routes, Route{Method: "GET", Pattern: "/style-guide", Permission: access.SignedIn, Handler: h.guide})
	if h.handler, err = h.build(h.routes); err != nil {
		t.Fatal(err)
	}
}

func (h *house) guide(w http.ResponseWriter, r *http.Request) error {
	f, err := formOf(url.Values{"key": {string(id.NewRef())}, "first": {"Wren"}, "born-day": {"31"}, "born-month": {"Febuary"}, "born-year": {"2009"}, "how": {"phone"}})
	if err != nil {
		return err
	}
	f.Fail("first", "Enter the first name as the young person uses it")
	f.Date("born", "Date of birth")
	f.Fail("how", "Choose how you learned it")
	tone := func(title, tone string, rows ...Row) Card {
		return Card{ID: strings.ToLower(title), Title: title, Tone: tone, Rows: rows, Action: &Link{Text: "Change", Hidden: strings.ToLower(title), Href: "/home"}}
	}
	p := &guidePage{
		Page: Page{Title: "Style guide", OwnHeading: true, Errors: f.Errors, Section: "/young-people",
			Crumbs:  []Link{{Text: "Find a person", Href: "/young-people"}, {Text: "Young person"}},
			Banners: []Banner{{Tone: "warn", Strong: "Lapses in 6 days.", Text: "Confirm what Wren is doing before 16 November, or the next return shows it as not known.", Link: &Link{Text: "Record a contact", Href: "/home"}}}},
		Identity: Identity{Name: "Wren Ashdown", Known: "Wrennie", Facts: []Row{{Key: "Age", Value: "17 (18 on 3 March)"}, {Key: "Born", Value: "3 March 2009"},
			{Key: "YoungPersonsID", Value: "9910000004812"}, {Key: "Year group", Value: "13"}, {Key: "Adviser", Value: "Imogen Tarn"}},
			Alerts: []Badge{{Text: "Do not visit alone", Tone: "bad", Solid: true}, {Text: "In care: Sandmere", Tone: "info"}}},
		Sub: SubNavigation{Label: "Young person", Items: []Link{{Text: "Summary", Href: "/style-guide", Current: true}, {Text: "Contacts", Href: "/home"}, {Text: "History", Href: "/home"}, {Text: "Where facts came from", Href: "/home"}}},
		Cards: []Card{
			tone("Now", "warn", Row{Key: "Situation", Value: "Sixth form college", Source: "Sandmere College, enrolment list, 8 September 2026", Badge: &Badge{Text: "Lapses 16 November", Tone: "warn"}}, Row{Key: "Since", Value: "7 September 2026"}),
			tone("Next", "", Row{Key: "Review", Value: "14 November 2026"}, Row{Key: "Who", Value: "Imogen Tarn"}),
			tone("People", "", Row{Key: "Adviser", Value: "Imogen Tarn, North team"}, Row{Key: "Carer", Value: "Rowan Ashdown (aunt)"}),
			tone("Contact", "good", Row{Key: "Telephone", Value: "01632 960118", Href: "tel:01632 960118"}, Row{Key: "Last spoken to", Value: "2 October 2026"}),
		},
		History: Timeline{Label: "History, newest first", Items: []Event{
			{Title: "Sixth form college", Date: "From 7 September 2026", Body: "Sandmere College, A levels.", By: "From the college's enrolment list, 8 September 2026", Now: true, Badge: &Badge{Text: "Now", Tone: "good"}, Actions: []Link{{Text: "Correct", Hidden: "sixth form college", Href: "/home"}}},
			{Title: "Not settled", Date: "14 July to 6 September 2026", Body: "Looked for an apprenticeship in joinery.", By: "Said by Wren, by telephone, 16 July 2026"},
			{Title: "School, year 11", Date: "To 26 June 2026", By: "From the school list"},
		}},
		Card:    Summary{Title: "Needs", ID: "needs-card", Actions: []Link{{Text: "Change", Hidden: "needs", Href: "/home"}}, Rows: []Row{{Key: "Level", Value: "Targeted"}, {Key: "SEND", Value: "Education, health and care plan", Source: "School list, 2 May 2025"}}},
		Details: Details{Summary: "What “current” means", Paragraphs: []string{"It was confirmed recently enough to count in the return."}},
		Steps:   intakeSteps(intake.InReview),
		Stats: []Stat{{Number: "4,812", Words: "young people in this return", Note: "of 6,104 in the register"}, {Number: "37", Words: "findings to mend first", Note: "12 fewer than yesterday", Tone: "bad", Href: "/home"},
			{Number: "214", Words: "lapse before return day", Note: "in 6 days", Tone: "warn", Href: "/home"}, {Number: "4.1%", Words: "not in education, employment or training", Note: "212 of 5,170; up 11 since August"}},
		Progress: Progress{Label: "Reading the file", Done: 12000, Total: 25000, Words: "12,000 of 25,000 records, 3,100 a second, about 4 seconds left"},
		Filter:   f.Choice(Choice{Name: "year", Label: "Year group", Options: []Option{{Value: "", Text: "Any"}, {Value: "12", Text: "Year 12"}, {Value: "13", Text: "Year 13"}}}),
		Chosen:   FilterTags{Label: "Chosen filters", Chosen: []Link{{Text: "Year 13", Href: "/style-guide"}, {Text: "North team", Href: "/style-guide"}}, Clear: "/style-guide"},
		Table: Table{Caption: "37 findings by check", Columns: []Column{{Text: "Select"}, {Text: "Person", Sort: "/style-guide?sort=name", Sorted: "ascending"}, {Text: "Situation"}, {Text: "Status"}, {Text: "Findings", Numeric: true}},
			Rows: [][]Cell{
				{{Tick: &Tick{ID: "tick-1", Name: "people", Value: "1", Label: "Select Wren Ashdown"}}, {Header: true, Text: "Ashdown, Wren", Href: "/home", Note: "17, Lantern Row"}, {Text: "Sixth form college"}, {Tag: &Tag{"Current", "green"}}, {Text: "1"}},
				{{Tick: &Tick{ID: "tick-2", Name: "people", Value: "2", Label: "Select Kofi Larkrise"}}, {Header: true, Text: "Larkrise, Kofi", Href: "/home", Note: "16, Mill Lane"}, {Text: "410: no such code in 2026-27", Fault: true}, {Tag: &Tag{"Not known", "red"}}, {Text: "12"}},
			}},
		Pages: paginate(500, 25, 4, func(n int) string { return "/style-guide?page=" + count(n) }),
		Empty: Empty{Title: "Nobody matches", Text: "Try fewer words, or only the first letters of the family name.", Link: &Link{Text: "Add a young person", Href: "/home"}},
		Panel: Panel{Title: "Return signed off", Text: "October 2026, by two names"},
		Form:  f,
		First: f.Input(Input{Name: "first", Label: "First name", Hint: "As the young person uses it"}),
		Born:  f.DateInput(DateInput{Name: "born", Label: "Date of birth", Hint: "For example, 27 3 2009"}),
		How: f.Choice(Choice{Name: "how", Label: "How did you learn this?", Strong: true, Options: []Option{{Value: "phone", Text: "By telephone", Reveal: &Reveal{Inputs: []Input{f.Input(Input{Name: "who", Label: "Who said it?"})}}},
			{Value: "visit", Text: "On a visit", Hint: "You saw it yourself"}}}),
		Needs: f.Choice(Choice{Name: "needs", Label: "Needs", Small: true, Options: []Option{{Value: "care", Text: "In care"}, {Value: "carer", Text: "Young carer"}}}),
		Note:  f.Textarea(Textarea{Name: "note", Label: "What happened", MaxLength: 300}),
		File:  f.Upload(Upload{Name: "file", Label: "Supplier's file", Hint: "XML, at most 200 MB", Accept: ".xml"}),
	}
	return h.render(w, r, "style_guide", p)
}
