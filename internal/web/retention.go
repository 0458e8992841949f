package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/retention"
)

// retentionRoutes are the pages about how long records are kept, and how they
// are erased when their time is over.
func (s *Server) retentionRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/retention", Permission: access.SeeRetention, Handler: s.retentionPage, Nav: "Retention"},
		{Method: "GET", Pattern: "/retention/rules/new", Permission: access.KeepRetention, Handler: s.newRulePage},
		{Method: "POST", Pattern: "/retention/rules/new", Permission: access.KeepRetention, Handler: s.newRule},
		{Method: "POST", Pattern: "/retention/rules/{ref}/end", Permission: access.KeepRetention, Handler: s.endRule},
		{Method: "GET", Pattern: "/retention/holds/new", Permission: access.KeepRetention, Handler: s.newHoldPage},
		{Method: "POST", Pattern: "/retention/holds/new", Permission: access.KeepRetention, Handler: s.newHold},
		{Method: "POST", Pattern: "/retention/holds/{ref}/lift", Permission: access.KeepRetention, Handler: s.liftHold},
		{Method: "GET", Pattern: "/retention/due", Permission: access.SeeRetention, Handler: s.duePage},
		{Method: "POST", Pattern: "/retention/due", Permission: access.KeepRetention, Handler: s.proposeDue},
		{Method: "GET", Pattern: "/retention/one", Permission: access.KeepRetention, Handler: s.eraseOnePage},
		{Method: "POST", Pattern: "/retention/one", Permission: access.KeepRetention, Handler: s.eraseOne},
		{Method: "GET", Pattern: "/retention/check", Permission: access.SeeRetention, Handler: s.checkCertificatePage},
		{Method: "POST", Pattern: "/retention/check", Permission: access.SeeRetention, Handler: s.checkCertificate},
		{Method: "GET", Pattern: "/retention/proposals/{ref}", Permission: access.SeeRetention, Handler: s.proposalPage},
		{Method: "POST", Pattern: "/retention/proposals/{ref}/agree", Permission: access.ReleaseErasure, Handler: s.agreeProposal, StepUp: true},
		{Method: "POST", Pattern: "/retention/proposals/{ref}/release", Permission: access.ReleaseErasure, Handler: s.releaseProposal, StepUp: true},
		{Method: "POST", Pattern: "/retention/proposals/{ref}/withdraw", Permission: access.KeepRetention, Handler: s.withdrawProposal},
	}
}

func proposalHref(ref id.Ref, tail string) string {
	return "/retention/proposals/" + string(ref) + tail
}

type retentionPage struct {
	Page
	Form      *Form
	Proposals *Table
	Rules     []ruleLine
	Holds     []ruleLine
	NoRules   *Empty
	Practices Details
	Keep      bool
}

// ruleLine is a rule or a hold, with the button that ends it.
type ruleLine struct {
	Words, More, Href, HrefText, Action, Button string
}

func (s *Server) retentionPage(w http.ResponseWriter, r *http.Request) error {
	return s.showRetention(w, r, newForm(nil))
}

func (s *Server) showRetention(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	p := &retentionPage{Page: Page{Title: "How long records are kept", Lead: "By your authority’s own schedule. The longest rule that applies to a young person wins, and a hold wins over every rule.", Errors: form.Errors,
		Actions: []Link{{Text: "Whose time is over", Href: "/retention/due", Main: true}, {Text: "Check a certificate", Href: "/retention/check"}}},
		Form: form, Keep: access.May(by, access.KeepRetention)}
	if p.Keep {
		p.Actions = append(p.Actions, Link{Text: "Erase one record", Href: "/retention/one"})
	}
	rules, err := s.Retention.Rules(r.Context(), by)
	if err != nil {
		return err
	}
	for _, one := range rules {
		p.Rules = append(p.Rules, ruleLine{Words: capital(one.Words()), More: one.Basis, Action: "/retention/rules/" + string(one.Ref) + "/end", Button: "End this rule"})
	}
	if len(rules) == 0 {
		p.NoRules = &Empty{Title: "No rule is in force", Text: "Nobody’s record is put forward to be erased. What files held is deleted after " + strconv.Itoa(retention.DefaultFileDays) + " days all the same."}
	}
	p.Practices = Details{Summary: "What other authorities do"}
	for _, one := range retention.Practices() {
		p.Practices.Paragraphs = append(p.Practices.Paragraphs, capital(one.Words())+". "+one.Basis+".")
	}
	holds, err := s.Retention.Holds(r.Context(), by)
	if err != nil {
		return err
	}
	for _, h := range holds {
		line := ruleLine{Words: "Every record", More: h.Reason + ". Held by " + h.By + ", " + moment(h.At), Action: "/retention/holds/" + string(h.Ref) + "/lift", Button: "Lift this hold"}
		if h.Person != 0 {
			line.Words, line.Href, line.HrefText = "", personHref(h.PersonRef, ""), "The record "+orText(h.YoungPersonsID, "without a YoungPersonsID")
		}
		p.Holds = append(p.Holds, line)
	}
	if p.Proposals, err = s.proposalsTable(r); err != nil {
		return err
	}
	return s.render(w, r, "retention", p)
}

func (s *Server) proposalsTable(r *http.Request) (*Table, error) {
	all, err := s.Retention.Proposals(r.Context(), actorOf(r))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	t := &Table{Caption: "Put forward to be erased", Columns: []Column{{Text: "Put forward"}, {Text: "State"}, {Text: "Records", Numeric: true}, {Text: "Erased", Numeric: true}, {Text: "By"}}}
	for _, p := range all {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: moment(p.Made.At), Href: proposalHref(p.Ref, "")}, {Tag: proposalTag(p.State)},
			{Text: count(p.People)}, {Text: count(p.By[retention.Erased])}, {Text: p.Made.Name}})
	}
	return t, nil
}

func proposalTag(state retention.State) *Tag {
	switch state {
	case retention.Proposed:
		return &Tag{Text: "Waits for two people", Colour: "yellow"}
	case retention.Agreed:
		return &Tag{Text: "Waits for a second person", Colour: "yellow"}
	case retention.Released:
		return &Tag{Text: "Being erased", Colour: "red"}
	case retention.Done:
		return &Tag{Text: "Erased", Colour: "green"}
	}
	return &Tag{Text: "Withdrawn", Colour: "grey"}
}

type retentionFormPage struct {
	Page
	Form    *Form
	Parts   []FormPart
	Warning string
	Action  string
	Button  string
	Result  *Banner
}

func (s *Server) newRulePage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewRule(w, r, newForm(nil))
}

func (s *Server) showNewRule(w http.ResponseWriter, r *http.Request, form *Form) error {
	whose := Choice{Name: "category", Label: "Whose records?", Strong: true}
	for _, c := range retention.Categories() {
		whose.Options = append(whose.Options, Option{Value: string(c), Text: capital(string(c))})
	}
	from := Choice{Name: "from", Label: "Counted from which day?", Strong: true}
	for _, t := range retention.Triggers() {
		from.Options = append(from.Options, Option{Value: string(t), Text: capital(string(t))})
	}
	return s.render(w, r, "retention_form", &retentionFormPage{Page: Page{Title: "Add a rule of retention", Section: "/retention", Errors: form.Errors, Back: &Link{Text: "How long records are kept", Href: "/retention"}},
		Form: form, Action: "/retention/rules/new", Button: "Add the rule", Parts: []FormPart{form.radiosPart(whose), form.radiosPart(from),
			form.inputPart(Input{Name: "years", Label: "Kept for so many years after that day", Strong: true, Width: "3", InputMode: "numeric"}),
			form.inputPart(Input{Name: "months", Label: "And so many months (may be left out)", Width: "3", InputMode: "numeric"}),
			form.inputPart(Input{Name: "basis", Label: "Why: the line of your retention schedule, or the law", Strong: true, Hint: "It stands on certificates. For example, Corporate retention schedule 2026, line 14"})}})
}

func (s *Server) newRule(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	rule := retention.Rule{Category: retention.Category(form.Text("category")), From: retention.Trigger(form.Text("from")), Basis: form.Text("basis")}
	number := func(name string) int {
		n, err := strconv.Atoi(orText(form.Text(name), "0"))
		if err != nil || n < 0 || n > 100 {
			form.Fail(name, "Enter a number of "+name+", from 0 to 100")
		}
		return n
	}
	rule.Months = 12*number("years") + number("months")
	if form.OK() {
		err = s.Retention.AddRule(r.Context(), actorOf(r), rule, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewRule(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/retention", "The rule is in force.", nil)
}

func (s *Server) endRule(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.Retention.DropRule(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/retention", "The rule is in force no longer.", nil)
}

func (s *Server) newHoldPage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewHold(w, r, newForm(nil))
}

func (s *Server) showNewHold(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "retention_form", &retentionFormPage{Page: Page{Title: "Hold records", Lead: "For a claim, an inquiry or an inspection: nothing that is held is erased, whatever a rule says and whoever has released it.", Section: "/retention", Errors: form.Errors, Back: &Link{Text: "How long records are kept", Href: "/retention"}},
		Form: form, Action: "/retention/holds/new", Button: "Hold", Parts: []FormPart{
			form.radiosPart(Choice{Name: "whose", Label: "What is held?", Strong: true, Options: []Option{
				{Value: "one", Text: "One young person’s record", Reveal: &Reveal{Inputs: []Input{form.Input(whomInput())}}},
				{Value: "all", Text: "Every record of the register", Hint: "Files are kept too"}}}),
			form.inputPart(Input{Name: "reason", Label: "Why", Strong: true, Hint: "The number of the claim or the inquiry. Write nothing about the young person"})}})
}

func whomInput() Input {
	return Input{Name: "whom", Label: "YoungPersonsID of the record", Hint: "Or the end of its address", Width: "20"}
}

func (s *Server) newHold(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	by := actorOf(r)
	whose := form.OneOf(Choice{Name: "whose", Options: []Option{{Value: "one"}, {Value: "all"}}}, "Select what is held")
	var ref id.Ref
	if whose == "one" {
		ref, err = s.Retention.Whom(r.Context(), by, form.Text("whom"), "whom")
		form.Take(err)
	}
	if form.OK() && err == nil {
		err = s.Retention.AddHold(r.Context(), by, ref, form.Text("reason"), form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewHold(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/retention", "It is held.", nil)
}

func (s *Server) liftHold(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.Retention.LiftHold(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/retention", "The hold is lifted.", nil)
}

func (s *Server) eraseOnePage(w http.ResponseWriter, r *http.Request) error {
	return s.showEraseOne(w, r, newForm(nil))
}

func (s *Server) showEraseOne(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "retention_form", &retentionFormPage{Page: Page{Title: "Erase one record", Lead: "Where a young person has asked for it and it was granted. Two people release it, as any other erasure.", Section: "/retention", Errors: form.Errors, Back: &Link{Text: "How long records are kept", Href: "/retention"}},
		Form: form, Action: "/retention/one", Button: "Put it forward", Parts: []FormPart{form.inputPart(whomInput()),
			form.inputPart(Input{Name: "reason", Label: "Why", Strong: true, Hint: "The number of the request. It is erased with the record"})}})
}

func (s *Server) eraseOne(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	person, err := s.Retention.Whom(r.Context(), actorOf(r), form.Text("whom"), "whom")
	form.Take(err)
	var ref id.Ref
	if form.OK() && err == nil {
		ref, err = s.Retention.ProposeOne(r.Context(), actorOf(r), person, form.Text("reason"), form.Key)
		form.Take(err)
	}
	var refused retention.Refusal
	if errors.As(err, &refused) {
		form.Fail("whom", refused.Message)
	}
	if !form.OK() {
		return s.showEraseOne(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, proposalHref(ref, ""), "The record is put forward. Two people must release it.", nil)
}

func (s *Server) checkCertificatePage(w http.ResponseWriter, r *http.Request) error {
	return s.showCheckCertificate(w, r, newForm(nil), nil)
}

func (s *Server) showCheckCertificate(w http.ResponseWriter, r *http.Request, form *Form, result *Banner) error {
	return s.render(w, r, "retention_form", &retentionFormPage{Page: Page{Title: "Check a certificate of erasure", Lead: "It is compared with the register: every word of it, and that nothing of those erased has come back.", Section: "/retention", Errors: form.Errors, Back: &Link{Text: "How long records are kept", Href: "/retention"}},
		Form: form, Action: "/retention/check", Button: "Check it", Result: result, Parts: []FormPart{form.textareaPart(Textarea{Name: "certificate", Label: "The certificate, whole, as it was downloaded", Strong: true, Rows: 12})}})
}

func (s *Server) checkCertificate(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	form.Require("certificate", "Paste the text of the certificate")
	if !form.OK() {
		return s.showCheckCertificate(w, r, form, nil)
	}
	p, err := s.Retention.Verify(r.Context(), actorOf(r), form.Raw("certificate"))
	var not retention.Refusal
	if errors.As(err, &not) {
		return s.showCheckCertificate(w, r, form, &Banner{Tone: "bad", Strong: "The certificate does not hold.", Text: not.Message, Status: true})
	}
	if err != nil {
		return err
	}
	return s.showCheckCertificate(w, r, form, &Banner{Tone: "good", Strong: "The certificate holds.", Text: plural(p.By[retention.Erased], "record was", "records were") + " erased by it, and nothing of them is in the register.", Status: true})
}
