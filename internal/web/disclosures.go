package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/audit"
	"waymark/internal/id"
	"waymark/internal/rights"
)

const disclosuresHref = "/disclosures"

type disclosuresPage struct {
	Page
	// Told is what left the house, Looked who looked at claims inside it.
	Told, Looked *Table
	Pages        Pagination
}

// disclosuresPage shows to information governance what was told to whom outside,
// on which ground and when, and who looked at benefit claims, and why.
func (s *Server) disclosuresPage(w http.ResponseWriter, r *http.Request) error {
	const size, looks = 50, 50
	page := min(max(1, atoi(r.URL.Query().Get("page"))), 1_000_000)
	told, total, err := s.Rights.Releases(r.Context(), actorOf(r), (page-1)*size, size)
	if err != nil {
		return err
	}
	looked, err := s.Audit.Page(r.Context(), actorOf(r), audit.Question{What: audit.SeenOnly, Kind: access.SeeClaims}, 0, looks)
	if err != nil {
		return err
	}
	p := &disclosuresPage{Page: Page{Title: "Disclosures", Section: "/requests", Back: &Link{Text: "Requests", Href: "/requests"},
		Lead: "What was told about a young person by telephone, letter or in person is written down on their record, under Rights. Benefit claims come from the Department for Work and Pensions. Telling one to anybody outside the purposes that the law names is an offence (Education and Skills Act 2008, section 15)."},
		Pages: paginate(total, size, page, func(n int) string { return disclosuresHref + "?page=" + strconv.Itoa(n) })}
	p.Told = &Table{Caption: "Told to somebody", Columns: []Column{{Text: "About"}, {Text: "What"}, {Text: "To whom"}, {Text: "On what ground"}, {Text: "When"}, {Text: "Decided by"}, {Text: "Written down by"}}}
	for _, one := range told {
		about := Cell{Header: true, Text: joined(" ", one.Given, one.Family), Note: one.YoungPersonsID, Href: personHref(one.Ref, "")}
		if one.Locked {
			p.Told.Rows = append(p.Told.Rows, []Cell{{Header: true, Text: "A locked record"}, {Text: "Locked"}, {Text: "Locked"}, {Text: "Locked"}, {Text: whole(one.On.Words())}, {Text: "Locked"}, {Text: one.LogName}})
			continue
		}
		p.Told.Rows = append(p.Told.Rows, []Cell{about, {Text: one.What, Note: claimsNote(one.Disclosure)}, {Text: joined(": ", capital(one.Recipient), one.ToWhom), Note: capital(one.How)},
			{Text: capital(one.Ground)}, {Text: whole(one.On.Words())}, {Text: orNone(one.DecidedBy)}, {Text: one.LogName}})
	}
	p.Looked = &Table{Caption: "Looked at by staff, the latest " + strconv.Itoa(looks), Columns: []Column{{Text: "Who"}, {Text: "About"}, {Text: "On what ground"}, {Text: "When"}}}
	for _, e := range looked.Events {
		about := Cell{Text: e.YoungPersonsID}
		if e.Ref != "" {
			about.Href = personHref(e.Ref, "")
		}
		p.Looked.Rows = append(p.Looked.Rows, []Cell{{Header: true, Text: e.ActorName}, about, {Text: e.Reason}, {Text: whole(moment(e.At))}})
	}
	if len(p.Told.Rows) == 0 {
		p.Told = nil
	}
	if len(p.Looked.Rows) == 0 {
		p.Looked = nil
	}
	return s.render(w, r, "disclosures", p)
}

func claimsNote(d rights.Disclosure) string {
	if d.OfClaims {
		return "From Work and Pensions"
	}
	return ""
}

func (s *Server) newDisclosurePage(w http.ResponseWriter, r *http.Request) error {
	f := newForm(nil)
	f.SetDate("disclosed-on", s.today())
	return s.showNewDisclosure(w, r, f)
}

func (s *Server) showNewDisclosure(w http.ResponseWriter, r *http.Request, f *Form) error {
	c, err := s.client(r, f)
	if err != nil {
		return err
	}
	choice := func(name, label string, small bool, words []string) Choice {
		ch := Choice{Name: name, Label: label, Small: small}
		for _, one := range words {
			ch.Options = append(ch.Options, Option{Value: one, Text: capital(one)})
		}
		return ch
	}
	ground := choice("disclosed-ground", "On what ground?", false, rights.Grounds())
	ground.Options = append(ground.Options, Option{Value: otherGround, Text: "Another", Reveal: &Reveal{Inputs: []Input{f.Input(Input{Name: "disclosed-ground-words", Label: "Which law, and where in it?"})}}})
	p := &newRequestPage{Page: Page{Title: "Record a disclosure", Caption: c.caption(), Section: "/find", Errors: f.Errors, Back: &Link{Text: "Back without saving", Href: personHref(c.ref, "")},
		Lead: "What was told about this young person by telephone, by letter or in person: to the police, a court, another authority or anybody else. They are told of it when they ask what is held, unless you leave it out then."}, Form: f}
	p.Parts = []FormPart{
		f.radiosPart(choice("disclosed-recipient", "Who was told?", true, rights.Recipients())),
		f.inputPart(Input{Name: "disclosed-to", Label: "Who is that?", Hint: "Name the office and the person, for example Harbour police station, officer 4417"}),
		f.textareaPart(Textarea{Name: "disclosed-what", Label: "What was told?", Hint: "Kinds of information are enough, for example address and college", Rows: 3, MaxLength: rights.Longest}),
		f.checkboxesPart(Choice{Name: "disclosed-claims", Label: "Benefit claims", Small: true, Options: []Option{{Value: "yes", Text: "Some of it came from the Department for Work and Pensions", Hint: "Passing it on outside the purposes that the law names is an offence"}}}),
		f.radiosPart(ground),
		f.radiosPart(choice("disclosed-how", "How?", true, rights.Ways())),
		f.datePart(DateInput{Name: "disclosed-on", Label: "On which day?"}),
		f.inputPart(Input{Name: "disclosed-by", Label: "Who decided that it may be told?"}),
	}
	return s.render(w, r, "new_request", p)
}

// otherGround asks for the ground in words.
const otherGround = "another"

func (s *Server) newDisclosure(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	d := rights.Disclosure{Recipient: f.Text("disclosed-recipient"), ToWhom: f.Text("disclosed-to"), What: f.Text("disclosed-what"), Ground: f.Text("disclosed-ground"), How: f.Text("disclosed-how"),
		On: f.Date("disclosed-on", "The day"), DecidedBy: f.Text("disclosed-by"), OfClaims: f.Text("disclosed-claims") == "yes"}
	if d.Ground == otherGround {
		d.Ground = f.Text("disclosed-ground-words")
	}
	if f.OK() {
		if err = s.Rights.Disclose(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), d, f.Key); f.Take(err) {
			err = nil
		}
	}
	switch {
	case !f.OK():
		return s.showNewDisclosure(w, r, f.about("disclosed-on", "disclosed-on-day"))
	case err != nil && !errors.Is(err, act.ErrRepeated):
		return err
	}
	return s.done(w, r, disclosuresHref, "The disclosure is recorded.", nil)
}
