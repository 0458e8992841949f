package web

import (
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/border"
	"waymark/internal/id"
)

const acrossSize = 50

// acrossHref is the page about who is on both sides of a border.
const acrossHref = "/across-the-border"

func (s *Server) acrossRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/across-the-border", Permission: access.SeeBorder, Handler: s.acrossPage},
		{Method: "GET", Pattern: "/across-the-border/contact", Permission: access.KeepBorder, Handler: s.borderContactPage},
		{Method: "POST", Pattern: "/across-the-border/contact", Permission: access.KeepBorder, Handler: s.saveBorderContact},
		{Method: "GET", Pattern: "/across-the-border/{ref}/{other}", Permission: access.KeepBorder, Handler: s.samePersonPage},
		{Method: "POST", Pattern: "/across-the-border/{ref}/{other}", Permission: access.KeepBorder, Handler: s.saySamePerson},
	}
}

type acrossPage struct {
	Page
	Ways       SubNavigation
	None       *Empty
	Shown      string
	People     Table
	Pages      Pagination
	Neighbours Table
	Transfers  *Link
	Alone      *Empty
	Contact    Summary
}

// acrossPage lists whom another authority of this house also holds, the other
// authorities, and whom they ask about ours.
func (s *Server) acrossPage(w http.ResponseWriter, r *http.Request) error {
	by, page := actorOf(r), pageAsked(r)
	way := border.Way(r.URL.Query().Get("way"))
	people, counts, err := s.Border.Across(r.Context(), by, way, (page-1)*acrossSize, acrossSize)
	if err != nil {
		return err
	}
	list, mine, err := s.Border.Neighbours(r.Context(), by)
	if err != nil {
		return err
	}
	p := &acrossPage{Page: Page{Title: "Across the border", Lead: "Young people of whom another authority in this house also holds a record. You are told that there is one and whom to ask; nothing of it is shown, and nothing of yours is shown to them.", Section: "/duplicates"}}
	all := 0
	for _, w := range border.Ways() {
		all += counts[w]
	}
	p.Ways = SubNavigation{Label: "How they are across the border", Items: []Link{{Text: "All (" + count(all) + ")", Href: acrossHref, Current: way == ""}}}
	for _, w := range border.Ways() {
		p.Ways.Items = append(p.Ways.Items, Link{Text: wayWords(w) + " (" + count(counts[w]) + ")", Href: acrossHref + "?way=" + url.QueryEscape(string(w)), Current: way == w})
	}
	total := all
	if way != "" {
		total = counts[way]
	}
	if len(people) == 0 {
		p.None = &Empty{Title: "Nobody is here", Text: "No other authority with which there is an agreement on both sides holds a record of one of your young people. Records are compared every quarter of an hour."}
	} else {
		p.People = acrossTable(people, access.May(by, access.KeepBorder))
		p.Shown = showing(page, acrossSize, len(people), total, "young person", "young people")
		p.Pages = paginate(total, acrossSize, page, func(n int) string {
			q := url.Values{"page": {strconv.Itoa(n)}}
			if way != "" {
				q.Set("way", string(way))
			}
			return acrossHref + "?" + q.Encode()
		})
	}
	if p.Neighbours = neighbourTable(list); len(list) == 0 {
		p.Alone = &Empty{Title: "No other authority keeps its register here", Text: "When one does, it is listed here."}
	}
	if access.May(by, access.MoveAcross) {
		p.Transfers = &Link{Text: "Transfers: hand over who moved, and take over who is offered to you", Href: transfersHref}
	}
	p.Contact = contactSummary(mine, access.May(by, access.KeepBorder))
	return s.render(w, r, "across", p)
}

func wayWords(w border.Way) string {
	return map[border.Way]string{border.MoverIn: "Moved in", border.MoverOut: "Moved out", border.Taught: "Taught across the border", border.Both: "Held by both"}[w]
}

func acrossTable(people []border.Person, keep bool) Table {
	t := Table{Caption: "Young people across the border", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "How"}, {Text: "Also held by"}, {Text: "Whom to ask"}, {Text: "How sure"}, {Text: "Answers"}}}
	if keep {
		t.Columns = append(t.Columns, Column{Text: "What to do"})
	}
	for _, p := range people {
		name := orNone(join(p.Given, p.Family))
		row := []Cell{{Text: name, Href: personHref(p.Ref, ""), Header: true}, {Text: wayWords(p.Way)}, {Text: p.Name}, {Text: whomWords(p.Contact)}, {Text: sureWords(p.Certain)}, {Text: answerWords(p.Held)}}
		if keep {
			row = append(row, Cell{Text: "Answer", Hidden: "whether " + p.Name + " holds the same young person as " + name, Href: acrossHref + "/" + string(p.Ref) + "/" + string(p.Held.Ref)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func join(given, family string) string {
	if given == "" || family == "" {
		return given + family
	}
	return given + " " + family
}

func sureWords(certain bool) string {
	if certain {
		return "A number agrees"
	}
	return "Name and birth date agree: to be confirmed"
}

func answerWords(h border.Held) string {
	words := func(a border.Answer) string {
		if a == border.NoAnswer {
			return "nothing yet"
		}
		return string(a)
	}
	return "We say: " + words(h.Mine) + ". They say: " + words(h.Theirs) + "."
}

// whomWords say whom to ask.
func whomWords(c border.Contact) string {
	switch {
	case !c.Told():
		return "They have not said whom to ask"
	case c.Email == "":
		return c.Team + ", " + c.Telephone
	case c.Telephone == "":
		return c.Team + ", " + c.Email
	}
	return c.Team + ", " + c.Email + ", " + c.Telephone
}

func neighbourTable(list []border.Neighbour) Table {
	t := Table{Caption: "The other authorities in this house", Quiet: true, Columns: []Column{{Text: "Authority"}, {Text: "Compared"}, {Text: "Whom to ask"}}}
	for _, n := range list {
		words := "No: neither side has an agreement in force"
		switch {
		case n.Open():
			words = "Yes: both sides have an agreement in force"
		case n.Ours:
			words = "No: they have no agreement in force with us"
		case n.Theirs:
			words = "No: we have no agreement in force with them"
		}
		t.Rows = append(t.Rows, []Cell{{Text: n.Name, Header: true}, {Text: words}, {Text: whomWords(n.Contact)}})
	}
	return t
}

func contactSummary(c border.Contact, keep bool) Summary {
	sum := Summary{Rows: []Row{{Key: "Team", Value: orNone(c.Team)}, {Key: "E-mail", Value: orNone(c.Email)}, {Key: "Telephone", Value: orNone(c.Telephone)}}}
	if keep {
		for i, what := range []string{"team", "e-mail address", "telephone number"} {
			sum.Rows[i].Actions = []Link{{Text: "Change", Hidden: "the " + what, Href: acrossHref + "/contact"}}
		}
	}
	return sum
}

// acrossBanners say on the page of a young person that another authority also
// holds a record.
func (s *Server) acrossBanners(r *http.Request, yp id.YoungPerson) ([]Banner, error) {
	by := actorOf(r)
	if !access.May(by, access.AskNeighbour) {
		return nil, nil
	}
	held, err := s.Border.Of(r.Context(), by, yp)
	if err != nil {
		return nil, err
	}
	var out []Banner
	for _, h := range held {
		b := Banner{Tone: "info", Strong: "Another authority in this house also holds a record of this young person:", Text: "ask " + h.Name + " (" + whomWords(h.Contact) + ")."}
		if !h.Certain && h.Mine != border.Same {
			b.Strong = "Another authority in this house may also hold a record of this young person:"
		}
		if access.May(by, access.SeeBorder) {
			b.Link = &Link{Text: "Across the border", Href: acrossHref}
		}
		out = append(out, b)
	}
	return out, nil
}

// tellAcross puts them on a page that shows what is known now.
func (s *Server) tellAcross(r *http.Request, p *Page, yp id.YoungPerson) error {
	if !p.KnownOn.IsZero() {
		return nil
	}
	told, err := s.acrossBanners(r, yp)
	p.Banners = append(p.Banners, told...)
	return err
}

type borderContactPage struct {
	Page
	Form  *Form
	Parts []Input
}

func (s *Server) borderContactPage(w http.ResponseWriter, r *http.Request) error {
	_, c, err := s.Border.Neighbours(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.showBorderContact(w, r, newForm(map[string]string{"team": c.Team, "email": c.Email, "telephone": c.Telephone}))
}

func (s *Server) showBorderContact(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "across_contact", &borderContactPage{
		Page: Page{Title: "Whom other authorities ask", Lead: "Another authority in this house is shown this, and nothing else, where it holds a record of one of your young people.", Errors: form.Errors,
			Back: &Link{Text: "Across the border", Href: acrossHref}, Section: "/duplicates"},
		Form: form,
		Parts: []Input{form.Input(Input{Name: "team", Label: "Team", Hint: "For example, Participation data team"}),
			form.Input(Input{Name: "email", Label: "E-mail address of the team (may be left out)", Type: "email", Autocomplete: "off"}),
			form.Input(Input{Name: "telephone", Label: "Telephone number of the team (may be left out)", Type: "tel", Autocomplete: "off"})},
	})
}

func (s *Server) saveBorderContact(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Border.SetContact(r.Context(), actorOf(r), border.Contact{Team: form.Text("team"), Email: form.Text("email"), Telephone: form.Text("telephone")}, form.Key)
	form.Take(err)
	if !form.OK() {
		return s.showBorderContact(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, acrossHref, "Other authorities are now told to ask this team.", nil)
}

type samePersonPage struct {
	Page
	Form   *Form
	Facts  Summary
	Answer Choice
}

func (s *Server) samePersonPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSamePerson(w, r, newForm(nil))
}

func sameChoice() Choice {
	return Choice{Name: "same", Label: "Is it the same young person?", Options: []Option{
		{Value: "yes", Text: "Yes, it is the same young person"},
		{Value: "no", Text: "No, it is somebody else", Hint: "Neither side is shown this match again."}}}
}

func (s *Server) showSamePerson(w http.ResponseWriter, r *http.Request, form *Form) error {
	p, err := s.Border.One(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), id.Ref(r.PathValue("other")))
	if err != nil {
		return err
	}
	return s.render(w, r, "across_answer", &samePersonPage{
		Page: Page{Title: "The same young person?", Lead: "Ask the other authority first, by telephone or secure e-mail. Both of you answer for yourselves.", Errors: form.Errors,
			Back: &Link{Text: "Across the border", Href: acrossHref}, Section: "/duplicates"},
		Form: form,
		Facts: Summary{Rows: []Row{{Key: "Young person", Value: orNone(join(p.Given, p.Family))}, {Key: "Also held by", Value: p.Name}, {Key: "Whom to ask", Value: whomWords(p.Contact)},
			{Key: "How sure", Value: sureWords(p.Certain)}, {Key: "Answers", Value: answerWords(p.Held)}}},
		Answer: form.Choice(sameChoice()),
	})
}

func (s *Server) saySamePerson(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	answer := form.OneOf(sameChoice(), "Choose whether it is the same young person")
	if !form.OK() {
		return s.showSamePerson(w, r, form)
	}
	if err := s.Border.Say(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), id.Ref(r.PathValue("other")), answer == "yes", form.Key); err != nil {
		return err
	}
	return s.done(w, r, acrossHref, "Your answer is kept, and the other authority sees it.", nil)
}
