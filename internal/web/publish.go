package web

import (
	"errors"
	"io"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/publish"
	"waymark/internal/report"
)

// publishRoutes are the pages of figures for the public. Without the setting no
// address of them can be opened by the public itself.
func (s *Server) publishRoutes() []Route {
	routes := []Route{
		{Method: "GET", Pattern: "/publications", Permission: access.SeePublications, Handler: s.publicationsPage},
		{Method: "POST", Pattern: "/publications", Permission: access.PublishFigures, Handler: s.makePublication},
		{Method: "GET", Pattern: "/publications/{ref}", Permission: access.SeePublications, Handler: s.publicationPage},
		{Method: "POST", Pattern: "/publications/{ref}/freeze", Permission: access.FreezeFigures, Handler: s.freezePublication},
		{Method: "POST", Pattern: "/publications/{ref}/drop", Permission: access.PublishFigures, Handler: s.dropPublication},
		{Method: "GET", Pattern: "/publications/{ref}/file", Permission: access.SeePublications, Handler: s.publicationFile},
	}
	if s.PublicFigures {
		routes = append(routes,
			Route{Method: "GET", Pattern: "/published", Permission: access.Public, Handler: s.publicPage},
			Route{Method: "GET", Pattern: "/published/{period}/file", Permission: access.Public, Handler: s.publicFile})
	}
	return routes
}

type publicationsPage struct {
	Page
	Made   *Table
	None   *Empty
	Form   *Form
	Month  Choice
	Kinds  Choice
	May    bool
	Rules  Details
	Public string
}

// publishMonths is how many months back one can be published.
const publishMonths = 24

func (s *Server) publicationsPage(w http.ResponseWriter, r *http.Request) error {
	f := newForm(map[string]string{"period": s.today().InMonth().Add(-1).String()})
	f.values["kinds"] = []string{"age", "sex", "send", "vulnerable"}
	return s.showPublications(w, r, f)
}

func (s *Server) showPublications(w http.ResponseWriter, r *http.Request, form *Form) error {
	all, err := s.Publish.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &publicationsPage{Page: Page{Title: "Figures for the public", Section: "/figures", Errors: form.Errors, Back: &Link{Text: "Figures", Href: "/figures"},
		Lead: "Tables from which nobody can work out a number of 1 to 5. A month is published once, and stays as it was published."},
		Form: form, May: access.May(actorOf(r), access.PublishFigures), Rules: Details{Summary: "What is withheld", Paragraphs: publish.Rules()}}
	if s.PublicFigures {
		p.Public = "/published"
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "Nothing was published yet", Text: "Make the tables of a month below, look at them, and then publish them."}
	} else {
		p.Made = publicationsTable(all)
	}
	var months, kinds []Option
	for i := 1; i <= publishMonths; i++ {
		m := s.today().InMonth().Add(-i)
		months = append(months, Option{Value: m.String(), Text: m.Words()})
	}
	for _, k := range publish.Kinds() {
		kinds = append(kinds, Option{Value: k, Text: report.KindInWords(k)})
	}
	p.Month = form.Choice(Choice{Name: "period", Label: "Month", Options: months, Hint: "Where its return was signed, the figures are those of the return’s moment"})
	p.Kinds = form.Choice(Choice{Name: "kinds", Label: "Tables by", Options: kinds, Small: true, Hint: "Smaller groups mean that more has to be withheld"})
	return s.render(w, r, "publications", p)
}

func publicationsTable(all []*publish.Publication) *Table {
	t := &Table{Caption: "Made so far", Columns: []Column{{Text: "Month"}, {Text: "State"}, {Text: "By"}, {Text: "Tables"}}}
	for _, one := range all {
		state, by := Cell{Tag: &Tag{Text: "Draft", Colour: "yellow"}}, Cell{Text: one.MadeBy, Note: moment(one.MadeAt)}
		if one.State == publish.Frozen {
			state, by = Cell{Tag: &Tag{Text: "Published", Colour: "green"}}, Cell{Text: one.FrozenBy, Note: moment(one.FrozenAt)}
		}
		words := ""
		for _, table := range one.Tables {
			words = joined(", ", words, table.Words)
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.Month().Words(), Href: "/publications/" + string(one.Ref)}, state, by, {Text: words}})
	}
	return t
}

func (s *Server) makePublication(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	m, err := civil.ParseMonth(form.Text("period"))
	if err != nil {
		m = civil.Month{}
	}
	made, err := s.Publish.Make(r.Context(), actorOf(r), m, form.All("kinds"), form.Key)
	var none report.NoFigures
	var published publish.Published
	switch {
	case form.Take(err):
	case errors.As(err, &none):
		form.Fail("period", none.Words)
	case errors.As(err, &published):
		form.Fail("period", published.Error())
	case errors.Is(err, act.ErrRepeated):
		return s.done(w, r, "/publications", "The tables are made.", nil)
	case err != nil:
		return err
	}
	if !form.OK() {
		return s.showPublications(w, r, form)
	}
	return s.done(w, r, "/publications/"+string(made.Ref), "The tables are made. Look at them before they are published.", nil)
}

type publicationPage struct {
	Page
	Tables  []Table
	Rules   []string
	Form    *Form
	Draft   bool
	Freeze  string
	Drop    string
	Files   []Link
	Hash    string
	Warning string
}

func (s *Server) publicationPage(w http.ResponseWriter, r *http.Request) error {
	by := actorOf(r)
	one, err := s.Publish.Get(r.Context(), by, id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	at := "/publications/" + string(one.Ref)
	p := &publicationPage{Page: Page{Title: "Figures for the public of " + one.Month().Words(), Heading: "What young people do: the end of " + one.Month().Words(), Section: "/figures",
		Caption: one.Register, Back: &Link{Text: "Figures for the public", Href: "/publications"}}, Tables: publishedTables(&one.Content), Rules: one.Rules, Form: newForm(nil), Hash: one.SHA256}
	p.Draft = one.State == publish.Draft
	if p.Draft {
		p.Warning = "This is a draft. Nothing is public yet."
		if access.May(by, access.FreezeFigures) {
			p.Freeze = at + "/freeze"
		}
		if access.May(by, access.PublishFigures) {
			p.Drop = at + "/drop"
		}
	}
	for _, f := range publishFiles() {
		p.Files = append(p.Files, Link{Text: "Download as " + f.words, Href: at + "/file?as=" + f.as})
	}
	return s.render(w, r, "publication", p)
}

// publishedTables are drawn with the count, and beneath it the percentage.
func publishedTables(c *publish.Content) []Table {
	var out []Table
	for _, table := range c.Tables {
		t := Table{Caption: table.Words, Columns: []Column{{Text: table.Words}}}
		for _, s := range c.Statuses {
			t.Columns = append(t.Columns, Column{Text: s.Words, Numeric: true})
		}
		for _, l := range table.Lines {
			cells := []Cell{{Header: true, Text: l.Label}}
			for _, n := range l.Numbers {
				cell := Cell{Text: n.Count, Numeric: true}
				switch n.Percent {
				case "", publish.Withheld:
				case publish.NotApplicable:
					cell.Note = n.Percent
				default:
					cell.Note = n.Percent + "%"
				}
				cells = append(cells, cell)
			}
			t.Rows = append(t.Rows, cells)
		}
		out = append(out, t)
	}
	return out
}

func (s *Server) freezePublication(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	at := "/publications/" + r.PathValue("ref")
	err = s.Publish.Freeze(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	var published publish.Published
	if errors.As(err, &published) {
		return db.Conflict{What: "the figures of this month, which are published already"}
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, at, "The figures are published. They stay as they are.", nil)
}

func (s *Server) dropPublication(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Publish.Drop(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/publications", "The draft is gone.", nil)
}

// publishFile is one way to write a publication.
type publishFile struct {
	as, words, kind string
	write           func(*publish.Content, io.Writer) error
}

func publishFiles() []publishFile {
	return []publishFile{
		{"csv", "CSV", "text/csv; charset=utf-8", (*publish.Content).WriteCSV},
		{"xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (*publish.Content).WriteXLSX},
		{"json", "JSON", "application/json", (*publish.Content).WriteJSON},
	}
}

func sendPublication(w http.ResponseWriter, r *http.Request, c *publish.Content) error {
	for _, f := range publishFiles() {
		if f.as == r.URL.Query().Get("as") {
			attach(w, "figures-"+c.Period+"."+f.as, f.kind)
			return f.write(c, w)
		}
	}
	return db.NotFound
}

func (s *Server) publicationFile(w http.ResponseWriter, r *http.Request) error {
	one, err := s.Publish.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	return sendPublication(w, r, &one.Content)
}

type publicPage struct {
	Page
	Months []publicMonth
	None   *Empty
}

type publicMonth struct {
	Heading string
	Tables  []Table
	Rules   []string
	Files   []Link
}

// publicPage is what anybody may read.
func (s *Server) publicPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Publish.Public(r.Context(), s.Register)
	if err != nil {
		return err
	}
	p := &publicPage{Page: Page{Title: "What young people do at 16 and 17", Caption: s.RegisterName}}
	for _, one := range all {
		m := publicMonth{Heading: "The end of " + one.Month().Words(), Tables: publishedTables(&one.Content), Rules: one.Rules}
		for _, f := range publishFiles() {
			m.Files = append(m.Files, Link{Text: "Download as " + f.words, Hidden: one.Month().Words(), Href: "/published/" + one.Period + "/file?as=" + f.as})
		}
		p.Months = append(p.Months, m)
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "Nothing was published yet"}
	}
	return s.render(w, r, "published", p)
}

func (s *Server) publicFile(w http.ResponseWriter, r *http.Request) error {
	m, err := civil.ParseMonth(r.PathValue("period"))
	if err != nil {
		return db.NotFound
	}
	one, err := s.Publish.PublicOf(r.Context(), s.Register, m)
	if err != nil {
		return err
	}
	return sendPublication(w, r, &one.Content)
}
