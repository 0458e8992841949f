package web

import (
	"net/http"

	"waymark/internal/access"
	"waymark/internal/id"
)

// tokenRoutes are the pages of access for partners' systems.
func (s *Server) tokenRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/partner-systems", Permission: access.KeepToken, Handler: s.tokensPage, Nav: "Partners’ systems"},
		{Method: "GET", Pattern: "/partner-systems/{ref}", Permission: access.KeepToken, Handler: s.tokenPage},
		{Method: "POST", Pattern: "/partner-systems/{ref}", Permission: access.KeepToken, Handler: s.keepToken, StepUp: true, Secret: true},
	}
}

type tokensPage struct {
	Page
	Form   *Form
	Table  *Table
	None   *Empty
	Tokens []tokenHere
	// Shown is a token that was just made: it is told this once.
	Shown string
	Parts []FormPart
}

// tokenHere is one token, with the button that ends it.
type tokenHere struct {
	Facts Summary
	Ref   string
	Name  string
	Open  bool
}

func (s *Server) tokensPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Sharing.TokensOf(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &tokensPage{Page: Page{Title: "Partners’ systems", Lead: "A partner’s own system sends leaver notices with a token, under a sharing agreement. It sees nobody."}}
	if len(list) == 0 {
		p.None = &Empty{Title: "There is no agreement yet", Text: "Information governance adds agreements under Sharing."}
		return s.render(w, r, "tokens", p)
	}
	p.Table = &Table{Caption: "Agreements", Quiet: true, Columns: []Column{{Text: "Organisation"}, {Text: "State"}, {Text: "Last day"}}}
	for _, a := range list {
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: a.Organisation.Name, Note: a.Document, Href: "/partner-systems/" + string(a.Ref), Header: true}, {Tag: agreementTag(a.On(s.today()))}, {Text: whole(a.Ends.Words())}})
	}
	return s.render(w, r, "tokens", p)
}

func (s *Server) tokenPage(w http.ResponseWriter, r *http.Request) error {
	return s.showTokens(w, r, newForm(nil), "")
}

func (s *Server) showTokens(w http.ResponseWriter, r *http.Request, f *Form, shown string) error {
	g, list, err := s.Sharing.Tokens(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &tokensPage{Page: Page{Title: "Access for a partner’s systems", Heading: g.Organisation.Name, Errors: f.Errors, Section: "/partner-systems", Back: &Link{Text: "Partners’ systems", Href: "/partner-systems"}}, Form: f, Shown: shown}
	for _, t := range list {
		state := &Tag{Text: "Open", Colour: "green"}
		over := t.Over || s.today().After(t.Ends)
		if over {
			state = &Tag{Text: "Over", Colour: "grey"}
		}
		used := "Never"
		if !t.LastUsed.IsZero() {
			used = moment(t.LastUsed)
		}
		p.Tokens = append(p.Tokens, tokenHere{Ref: string(t.Ref), Name: t.Name, Open: !over, Facts: Summary{Rows: []Row{{Key: "System", Value: t.Name}, {Key: "State", Tag: state}, {Key: "Last day", Value: t.Ends.Words()}, {Key: "Last used", Value: used}}}})
	}
	p.Parts = []FormPart{f.inputPart(Input{Name: "name", Label: "Which system is it for?", Hint: "For example, College student records"}), f.datePart(DateInput{Name: "ends", Label: "Last day", Hint: "At the latest " + g.Ends.Words()})}
	return s.render(w, r, "tokens", p)
}

func (s *Server) keepToken(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	if f.Text("act") == "end" {
		if err := s.Sharing.EndToken(r.Context(), actorOf(r), ref, id.Ref(f.Text("which")), f.Key); err != nil {
			return err
		}
		return s.done(w, r, "/partner-systems/"+string(ref), "It is let in no longer.", nil)
	}
	ends := f.Date("ends", "The last day")
	if !f.OK() {
		return s.showTokens(w, r, f, "")
	}
	shown, err := s.Sharing.MakeToken(r.Context(), actorOf(r), ref, f.Text("name"), ends, f.Key)
	if f.Take(err) {
		return s.showTokens(w, r, f, "")
	}
	if err != nil {
		return err
	}
	// It is shown in the answer itself: it must stand neither in an address nor in
	// the session.
	return s.showTokens(w, r, newForm(nil), shown)
}
