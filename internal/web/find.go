package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/record"
)

type findPage struct {
	Page
	Form                   *Form
	Name, Postcode, Number Input
	Born                   DateInput
}

// findLimit is how many are shown: more than that is too many to read.
const findLimit = 50

func (s *Server) findPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFind(w, r, newForm(nil), nil)
}

func (s *Server) showFind(w http.ResponseWriter, r *http.Request, form *Form, banners []Banner) error {
	p := &findPage{
		Page: Page{Title: "Find a young person", Lead: "Fill in what you know. All that you fill in must agree.", Errors: form.Errors, Banners: banners},
		Form: form,
		Name: form.Input(Input{Name: "name", Label: "Name", Hint: "Given or family name or both, in any order. The first letters are enough."}),
		Born: form.DateInput(DateInput{Name: "born", Label: "Date of birth", Hint: "For example, 27 3 2009"}),
		Postcode: form.Input(Input{Name: "postcode", Label: "Postcode", Width: "10",
			Hint: "A whole postcode or its beginning"}),
		Number: form.Input(Input{Name: "number", Label: "Number", Width: "20", Hint: "YoungPersonsID, ULN or UPN"}),
	}
	if access.May(actorOf(r), access.AddPerson) {
		p.Actions = []Link{{Text: "Add a young person", Href: "/young-people/new"}}
	}
	return s.render(w, r, "find", p)
}

// find keeps what is looked for in the session and shows the results under a
// reference: a name must never stand in an address (ux-security.md 3.3).
func (s *Server) find(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	q := record.Query{Name: form.Text("name"), Born: form.Date("born", "Date of birth"), Postcode: form.Text("postcode"), Number: form.Text("number")}
	if form.OK() && q.Empty() {
		form.Fail("name", "Enter a name, a date of birth, a postcode or a number")
	}
	if !form.OK() {
		return s.showFind(w, r, form, nil)
	}
	ref, err := s.keepQuery(r, q)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/find/results/"+string(ref), http.StatusSeeOther)
	return nil
}

// keptQuery is a question as the session holds it.
type keptQuery struct {
	Ref   id.Ref       `json:"ref"`
	Query record.Query `json:"query"`
}

// keptQueries is how many questions a session remembers, so that Back works.
const keptQueries = 8

const inSessionQueries = "finds"

func (s *Server) keptQueries(r *http.Request) []keptQuery {
	var kept []keptQuery
	if err := json.Unmarshal([]byte(s.sessions.GetString(r.Context(), inSessionQueries)), &kept); err != nil {
		return nil // none yet
	}
	return kept
}

func (s *Server) keepQuery(r *http.Request, q record.Query) (id.Ref, error) {
	kept := append(s.keptQueries(r), keptQuery{Ref: id.NewRef(), Query: q})
	if len(kept) > keptQueries {
		kept = kept[len(kept)-keptQueries:]
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("keep what was looked for: %w", err)
	}
	s.sessions.Put(r.Context(), inSessionQueries, string(text))
	return kept[len(kept)-1].Ref, nil
}

type foundPage struct {
	Page
	Asked string
	Count string
	Table *Table
	Empty *Empty
	// Advice says what to try where nobody was found.
	Advice []string
	Add    *Link
}

func (s *Server) findResults(w http.ResponseWriter, r *http.Request) error {
	kept := s.keptQueries(r)
	i := slices.IndexFunc(kept, func(k keptQuery) bool { return string(k.Ref) == r.PathValue("ref") })
	if i < 0 {
		return s.showFind(w, r, newForm(nil), []Banner{{Tone: "info", Strong: "These results are gone.",
			Text: "What you look for is kept only while you are signed in, and only the latest few times. Look again."}})
	}
	q := kept[i].Query
	found, err := s.Record.Find(r.Context(), actorOf(r), q, findLimit)
	if err != nil {
		return err
	}
	p := &foundPage{Page: Page{Title: "People found", Back: &Link{Text: "Look for somebody else", Href: "/find"}, Section: "/find"}, Asked: askedWords(q)}
	if access.May(actorOf(r), access.AddPerson) {
		p.Add = &Link{Text: "Add a young person", Href: "/young-people/new?from=" + string(kept[i].Ref)}
	}
	switch n := len(found.Rows); {
	case n == 0:
		p.Title = "Nobody found"
		p.Advice = []string{"Try fewer words, or only the first letters of the family name.",
			"Try the date of birth alone: names are spelt in many ways.",
			"Look whether day and month of the birth date were swapped.",
			"Somebody new in the area may not have a record yet."}
	case found.More:
		p.Count = fmt.Sprintf("More than %d people match. These are the first %d. Add a date of birth or a postcode to narrow it.", findLimit, findLimit)
	default:
		p.Count = plural(n, "person matches", "people match") + "."
	}
	if len(found.Rows) > 0 {
		t := s.peopleTable("People found", found.Rows, r.URL.Path)
		t.Quiet = true
		p.Table = &t
	}
	return s.render(w, r, "find_results", p)
}

// askedWords repeats the question, so that a slip of the finger shows.
func askedWords(q record.Query) string {
	var parts []string
	if q.Name != "" {
		parts = append(parts, "name “"+q.Name+"”")
	}
	if q.Born != (civil.Date{}) {
		parts = append(parts, "born "+q.Born.Words())
	}
	if q.Postcode != "" {
		parts = append(parts, "postcode “"+q.Postcode+"”")
	}
	if q.Number != "" {
		parts = append(parts, "number “"+q.Number+"”")
	}
	return strings.Join(parts, ", ")
}
