package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/record"
)

type findPage struct {
	Page
	Box      findBox
	Examples []string
	Past     *pastForm
}

// findBox is the one box in which people are looked for; "find-box".
type findBox struct {
	Form  *Form
	Who   Input
	Quiet bool
	// Action is where it is sent, Suggest where people are asked for as one
	// types: both keep the day whose knowledge is shown.
	Action, Suggest string
}

const (
	// findLimit is how many are shown: more than that is too many to read.
	findLimit = 50
	// suggested is how many appear as one types.
	suggested = 8
)

func newFindBox(form *Form, label, hint string) findBox {
	return findBox{Form: form, Action: "/find", Suggest: "/find/suggest", Who: form.Input(Input{Name: "who", Label: label, Hint: hint})}
}

// knownOn keeps the day in what the box asks.
func (b *findBox) knownOn(on civil.Date) {
	b.Action, b.Suggest = asKnown(b.Action, on), asKnown(b.Suggest, on)
}

func (s *Server) findPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFind(w, r, newForm(nil), nil)
}

func (s *Server) showFind(w http.ResponseWriter, r *http.Request, form *Form, banners []Banner) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	p := &findPage{
		Page: Page{Title: "Find a young person", Errors: form.Errors, Banners: banners, KnownOn: on},
		Past: s.pastForm(r, on),
		Box:  newFindBox(form, "Who are you looking for?", "All that you type must fit. For example, keira 2009"),
		Examples: []string{"Parts of names in any order, former names, nicknames and names that sound alike",
			"A date of birth in any form, or its year: 27 3 2009, 27/03/09, 27 March 2009, 2009",
			"A postcode or its first half, where they live or have lived",
			"A school or college",
			"A ULN, UPN or YoungPersonsID"},
	}
	p.Box.knownOn(on)
	if on.IsZero() && access.May(actorOf(r), access.AddPerson) {
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
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	q := find.Ask(form.Text("who"))
	switch {
	case q.Typed == "":
		form.Fail("who", "Enter a name, a date of birth, a postcode, a school or a number")
	case q.Empty():
		form.Fail("who", "Enter letters or digits: there are none in “"+q.Typed+"”")
	case q.NoDay != "":
		form.Fail("who", "“"+q.NoDay+"” is not a day of the calendar. Correct it, or look for the year alone")
	}
	if !form.OK() {
		return s.showFind(w, r, form, nil)
	}
	ref, err := s.keepQuery(r, q, len([]rune(form.Text("who"))))
	if err != nil {
		return err
	}
	http.Redirect(w, r, asKnown("/find/results/"+string(ref), on), http.StatusSeeOther)
	return nil
}

// keptQuery is a question as the session holds it.
type keptQuery struct {
	Ref   id.Ref `json:"ref"`
	Typed string `json:"typed"`
	// Letters is how long it was, where it was too long to look for.
	Letters int `json:"letters,omitempty"`
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

func (s *Server) keptQuery(r *http.Request, ref string) (keptQuery, bool) {
	kept := s.keptQueries(r)
	i := slices.IndexFunc(kept, func(k keptQuery) bool { return string(k.Ref) == ref })
	if i < 0 {
		return keptQuery{}, false
	}
	return kept[i], true
}

func (s *Server) keepQuery(r *http.Request, q find.Question, letters int) (id.Ref, error) {
	one := keptQuery{Ref: id.NewRef(), Typed: q.Typed}
	if q.Cut {
		one.Letters = letters
	}
	kept := append(s.keptQueries(r), one)
	if len(kept) > keptQueries {
		kept = kept[len(kept)-keptQueries:]
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("keep what was looked for: %w", err)
	}
	s.sessions.Put(r.Context(), inSessionQueries, string(text))
	return one.Ref, nil
}

type foundPage struct {
	Page
	Asked, Cut, Count string
	Table             *Table
	// Advice says what to try where nobody was found.
	Advice []string
	Box    findBox
	Add    *Link
	Past   *pastForm
}

func (s *Server) findResults(w http.ResponseWriter, r *http.Request) error {
	kept, ok := s.keptQuery(r, r.PathValue("ref"))
	if !ok {
		return s.showFind(w, r, newForm(nil), []Banner{{Tone: "info", Strong: "These results are gone.",
			Text: "What you look for is kept only while you are signed in, and only the latest few times. Look again."}})
	}
	q := find.Ask(kept.Typed)
	var err error
	if q.KnownOn, err = s.knownOn(r); err != nil {
		return err
	}
	on := q.KnownOn
	found, err := s.Find.Find(r.Context(), actorOf(r), q, findLimit, "search")
	if err != nil {
		return err
	}
	p := &foundPage{Page: Page{Title: "People found", Back: &Link{Text: "Look for somebody else", Href: asKnown("/find", on)}, Section: "/find", KnownOn: on}, Asked: q.Words(),
		Past: s.pastForm(r, on),
		Box:  newFindBox(newForm(map[string]string{"who": kept.Typed}), "Look again", "")}
	p.Box.Quiet = true
	p.Box.knownOn(on)
	if kept.Letters > 0 {
		p.Cut = fmt.Sprintf("You typed %s letters. Only the first %d were looked for.", count(kept.Letters), len([]rune(q.Typed)))
	}
	if on.IsZero() && access.May(actorOf(r), access.AddPerson) {
		p.Add = &Link{Text: "Add a young person", Href: "/young-people/new?from=" + string(kept.Ref)}
	}
	switch n := len(found.Matches); {
	case n == 0:
		p.Title = "Nobody found"
		p.Advice = []string{"Try fewer words, or only the first letters of the family name.",
			"Try the date of birth alone: names are spelt in many ways.",
			"Look whether day and month of the birth date were swapped.",
			"Somebody new in the area may not have a record yet."}
		if !on.IsZero() {
			p.Advice[3] = "They may have been added later, or be known now by what nobody had told by then: look as known now."
		}
	case found.Total > n:
		p.Count = fmt.Sprintf("%s people match. These are the %d that fit best. %s", totalWords(found), n, narrower(q))
	default:
		p.Count = plural(n, "person matches", "people match") + "."
	}
	if len(found.Matches) > 0 {
		p.Table = s.foundTable(found, on)
	}
	return s.render(w, r, "find_results", p)
}

func totalWords(found find.Found) string {
	if found.Over {
		return "More than " + count(found.Total)
	}
	return count(found.Total)
}

// narrower says what to add to a question that fits too many.
func narrower(q find.Question) string {
	if q.Born.IsZero() && len([]rune(q.Typed)) > 40 {
		return "Add the year they were born, a date of birth or a postcode to narrow it."
	}
	if q.Born.IsZero() {
		return "Add the year they were born, a date of birth or a postcode to narrow it, as in “" + q.Typed + " 2009”."
	}
	return "Add a name or a postcode to narrow it."
}

func (s *Server) foundTable(found find.Found, on civil.Date) *Table {
	rows := make([]record.Row, 0, len(found.Matches))
	for _, m := range found.Matches {
		rows = append(rows, m.Row)
	}
	t := s.peopleTableOn("People found", rows, on)
	t.Quiet = true
	t.Columns = slices.Insert(t.Columns, 1, Column{Text: "Why"})
	for i, m := range found.Matches {
		t.Rows[i] = slices.Insert(t.Rows[i], 1, Cell{Text: whyWords(m.Why)})
	}
	return &t
}

// whyWords are the reasons as a line: "Given name Keira; born in that year".
func whyWords(why []string) string { return capital(strings.Join(why, "; ")) }

// suggestion is what appears as one types.
type suggestion struct {
	People []suggestedPerson `json:"people"`
	// Words are said to screen readers; More leads to the whole page.
	Words string `json:"words"`
	More  string `json:"more,omitempty"`
}

type suggestedPerson struct {
	Href  string `json:"href"`
	Name  string `json:"name"`
	About string `json:"about"`
	Why   string `json:"why,omitempty"`
}

// suggest answers as one types. It changes nothing, and is a POST so that no
// name stands in an address.
func (s *Server) suggest(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	q := find.Ask(r.PostForm.Get("who"))
	q.KnownOn = on
	found, err := s.Find.Find(r.Context(), actorOf(r), q, suggested, "find as typed")
	if err != nil {
		return err
	}
	out := suggestion{People: []suggestedPerson{}, Words: "Nobody found yet."}
	if n := len(found.Matches); n > 0 {
		out.Words = plural(n, "person matches", "people match") + ". Use the up and down arrow keys."
		if found.Total > n {
			out.More = fmt.Sprintf("See all %s who match", strings.ToLower(totalWords(found)))
			out.Words = fmt.Sprintf("%s people match; the first %d are listed. Use the up and down arrow keys.", totalWords(found), n)
		}
		if found.Total > findLimit {
			out.More = fmt.Sprintf("See the first %d of %s who match", findLimit, strings.ToLower(totalWords(found)))
		}
	}
	for _, m := range found.Matches {
		if m.Locked {
			out.People = append(out.People, suggestedPerson{Href: personHref(m.Ref, ""), Name: record.RestrictedWords, About: askWords(m.Row)})
			continue
		}
		born := shortAge(m.Born, s.todayOr(on))
		if !m.Born.IsZero() {
			born = joined(", ", m.Born.Words(), born)
		}
		out.People = append(out.People, suggestedPerson{Href: asKnown(personHref(m.Ref, ""), on), Name: orText(m.Name(), "No name recorded"),
			About: joined(" · ", born, area(m.Postcode), m.Establishment, m.Adviser), Why: whyWords(m.Why)})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(out)
}
