package web

import (
	"errors"
	"net/http"
	"slices"

	"waymark/internal/act"
	"waymark/internal/find"
	"waymark/internal/life"
	"waymark/internal/record"
)

type addPersonPage struct {
	Page
	Form  *Form
	Parts []FormPart
	// Alike are people of the same name and birth date.
	Alike *Table
	Sure  *Choice
}

// newClient is a record that is not there yet, for the fields that the forms
// share.
func (s *Server) newClient(r *http.Request, form *Form) (*client, error) {
	book, err := s.Registers.Get(r.Context(), s.Register)
	if err != nil {
		return nil, err
	}
	return &client{Summary: &record.Summary{Register: book, Life: &life.Life{}, Edition: s.edition()}, s: s, r: r, form: form, today: s.today(),
		req: s.Requirement.WithInvented(book.Invented())}, nil
}

func (s *Server) addPersonPage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(nil)
	form.setTold(s.today())
	// What was looked for in vain need not be typed again.
	if kept, ok := s.keptQuery(r, r.URL.Query().Get("from")); ok {
		form.SetDate("date-of-birth", find.Ask(kept.Typed).Born)
	}
	c, err := s.newClient(r, form)
	if err != nil {
		return err
	}
	if own := c.Register.Codes(); len(own) == 1 {
		c.set("lead-la", own[0])
		c.set("educated-la", own[0])
	}
	return c.showAdd(w, record.Found{})
}

func (c *client) showAdd(w http.ResponseWriter, alike record.Found) error {
	f := c.form
	parts := append([]FormPart{headingPart("Who they are")}, f.nameParts()...)
	parts = append(parts, c.birthParts("For example, 27 3 2009")...)
	parts = append(parts, headingPart("Where they live"))
	parts = append(parts, f.addressParts()...)
	parts = append(parts,
		f.selectPart(Choice{Name: "lead-la", Label: "Lead authority", Hint: "Where the young person lives", Options: c.authorities("Choose one", f.Text("lead-la"))}),
		f.selectPart(Choice{Name: "educated-la", Label: "Authority where educated", Options: c.authorities("Choose one", f.Text("educated-la"))}),
		headingPart("Needs"))
	parts = append(parts, c.needParts()...)
	parts = append(parts, morePart("Numbers",
		f.inputPart(Input{Name: "uln", Label: "Unique learner number (ULN)", Hint: "10 digits", Width: "20", InputMode: "numeric"}),
		f.inputPart(Input{Name: "upn", Label: "Unique pupil number (UPN)", Hint: "A letter and 12 more characters", Width: "20"}),
		f.inputPart(Input{Name: "previous", Label: "Identifier in the database they came from", Hint: "13 digits", Width: "20", InputMode: "numeric"})))
	parts = append(parts, f.toldParts()...)
	p := &addPersonPage{Page: Page{Title: "Add a young person", Lead: "They get a new YoungPersonsID. What they do now you record next.", Section: "/find",
		Back: &Link{Text: "Find a young person", Href: "/find"}}, Form: f, Parts: parts}
	if len(alike.Rows) > 0 {
		t := c.s.peopleTable("People already here with this family name and date of birth", alike.Rows, "")
		p.Alike = &t
		sure := f.Choice(Choice{Name: "different", Label: "Is it one of these people?", Options: []Option{{Value: "yes", Text: "No, this is somebody else"}}})
		p.Sure = &sure
	}
	f.keepToFields(append([]FormPart{{Checkboxes: p.Sure}}, parts...))
	p.Errors = f.Errors
	return c.s.render(w, c.r, "add_person", p)
}

func (s *Server) addPerson(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	c, err := s.newClient(r, form)
	if err != nil {
		return err
	}
	n := record.NewPerson{
		Name: form.personName(), Born: form.Date("date-of-birth", "Date of birth"), Gender: form.Text("gender"), Ethnicity: form.Text("ethnicity"),
		Address: form.address(), LeadLA: form.Text("lead-la"), EducatedLA: form.Text("educated-la"), Need: form.need(),
		Identifiers: record.Identifiers{ULN: form.Text("uln"), UPN: form.Text("upn"), Previous: form.Text("previous")},
	}
	told := form.told()
	alike, err := c.alike(n)
	if err != nil {
		return err
	}
	if !form.OK() {
		return c.showAdd(w, alike)
	}
	ref, err := s.Record.Add(r.Context(), actorOf(r), n, told)
	if form.Take(err) {
		return c.showAdd(w, alike)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, personHref(ref, ""), "Saved: a new young person.", &Link{Text: "Record what they do now", Href: personHref(ref, "activity/new")})
}

// alike looks for who may be the same person, so that nobody gets two records
// by a slip. It says so once; whoever ticks the box is believed.
func (c *client) alike(n record.NewPerson) (record.Found, error) {
	if n.Name.Family == "" || n.Born.IsZero() {
		return record.Found{}, nil
	}
	found, err := c.s.Record.Find(c.r.Context(), actorOf(c.r), record.Query{Name: n.Name.Family, Born: n.Born}, 5)
	if err == nil && len(found.Rows) > 0 && c.form.Text("different") == "" && !c.addedBefore(found) {
		c.form.Fail("different", "Look at the people below. If it is one of them, open that record; if not, say so")
	}
	return found, err
}

// addedBefore lets a second press of the same form through to the act, which
// knows it by its key.
func (c *client) addedBefore(found record.Found) bool {
	ref, err := c.s.Record.AddedWith(c.r.Context(), actorOf(c.r), c.form.Key)
	return err == nil && slices.ContainsFunc(found.Rows, func(r record.Row) bool { return r.Ref == ref })
}
