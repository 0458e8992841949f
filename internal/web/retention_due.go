package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/retention"
)

// retentionSize is how many records one page names: each that is named is
// logged.
const retentionSize = 50

type duePage struct {
	Page
	Form    *Form
	Stats   []Stat
	Table   *Table
	Count   string
	Pages   Pagination
	None    *Empty
	Propose bool
}

// duePage is a dry run: what the rules come to today.
func (s *Server) duePage(w http.ResponseWriter, r *http.Request) error {
	return s.showDue(w, r, newForm(nil))
}

func (s *Server) showDue(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	t, err := s.Retention.Reckon(r.Context(), by)
	if err != nil {
		return err
	}
	rules, err := s.Retention.Rules(r.Context(), by)
	if err != nil {
		return err
	}
	words := map[id.Ref]string{}
	for _, one := range rules {
		words[one.Ref] = capital(one.Words())
	}
	p := &duePage{Page: Page{Title: "Whose time is over", Lead: "What the rules come to today. Nothing is changed by looking.", Section: "/retention", Errors: form.Errors, Back: &Link{Text: "How long records are kept", Href: "/retention"}}, Form: form,
		Stats: []Stat{{Number: count(len(t.Due)), Words: "time is over"}, {Number: count(len(t.Held)), Words: "over, but held"}, {Number: count(t.Later), Words: "kept longer by a rule"},
			{Number: count(t.NoRule), Words: "no rule applies"}, {Number: count(t.Undated), Words: "no readable birth date: kept"}}}
	if len(t.Due) == 0 {
		p.None = &Empty{Title: "Nobody’s time is over", Text: "Or nothing says so: a record is put forward only by a rule."}
		return s.render(w, r, "retention_due", p)
	}
	number := max(1, atoi(r.URL.Query().Get("page")))
	from := min((number-1)*retentionSize, len(t.Due))
	some := t.Due[from:min(from+retentionSize, len(t.Due))]
	people := make([]id.YoungPerson, len(some))
	for i, d := range some {
		people[i] = d.Person
	}
	named, err := s.Retention.Named(r.Context(), by, people, "whose time is over")
	if err != nil {
		return err
	}
	of := map[id.YoungPerson]record.Row{}
	for _, row := range named {
		of[row.Person] = row
	}
	p.Table = &Table{Caption: "Records whose time is over, the longest over first", Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "Kept until"}, {Text: "By the rule"}}}
	for _, d := range some {
		var row *record.Row
		if found, ok := of[d.Person]; ok {
			row = &found
		}
		p.Table.Rows = append(p.Table.Rows, append(whoseCells(row), Cell{Text: d.On.Words()}, Cell{Text: words[d.Rule]}))
	}
	p.Count = showing(number, retentionSize, len(some), len(t.Due), "record", "records")
	p.Pages = paginate(len(t.Due), retentionSize, number, func(n int) string { return "/retention/due?page=" + strconv.Itoa(n) })
	p.Propose = access.May(by, access.KeepRetention)
	return s.render(w, r, "retention_due", p)
}

// whoseCells name somebody, where the reader may see them.
func whoseCells(row *record.Row) []Cell {
	if row == nil {
		return []Cell{{Header: true, Text: "Not shown"}, {}}
	}
	return []Cell{{Header: true, Text: row.Name(), Href: personHref(row.Ref, ""), Note: orNone(row.YoungPersonsID)}, {Text: row.Born.Words()}}
}

func (s *Server) proposeDue(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, err := s.Retention.Propose(r.Context(), actorOf(r), form.Key)
	var nobody retention.Refusal
	if errors.As(err, &nobody) {
		return s.done(w, r, "/retention", nobody.Message, nil)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, proposalHref(ref, ""), "They are put forward. Two people must release them.", nil)
}

type proposalPage struct {
	Page
	Form        *Form
	Facts       Summary
	Table       Table
	Count       string
	Pages       Pagination
	Certificate string
	Download    string
	Base        string
	// Agree, Release and Withdraw say which buttons are shown; Wait why none is.
	Agree, Release, Withdraw bool
	Wait                     string
}

func (s *Server) proposalPage(w http.ResponseWriter, r *http.Request) error {
	by, ref := actorOf(r), id.Ref(r.PathValue("ref"))
	one, err := s.Retention.Proposal(r.Context(), by, ref)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("as") == "text" && one.Certificate != "" {
		attach(w, "certificate-"+string(ref)+".txt", "text/plain; charset=utf-8")
		_, err := w.Write([]byte(one.Certificate))
		return err
	}
	p := &proposalPage{Page: Page{Title: "Records put forward to be erased", Section: "/retention", Caption: "Put forward " + moment(one.Made.At), Back: &Link{Text: "How long records are kept", Href: "/retention"}},
		Form: newForm(nil), Certificate: one.Certificate, Base: proposalHref(ref, ""), Download: proposalHref(ref, "?as=text")}
	p.Facts = proposalFacts(one)
	may := access.May(by, access.ReleaseErasure)
	p.Withdraw = (one.State == retention.Proposed || one.State == retention.Agreed) && access.May(by, access.KeepRetention)
	switch {
	case one.State == retention.Proposed:
		p.Agree = may
	case one.State == retention.Agreed && one.Agreed.By == by.Ref:
		p.Wait = "You have agreed. Another person must release it now: information governance or a team manager."
	case one.State == retention.Agreed:
		p.Release = may
	case one.State == retention.Released:
		p.Wait = plural(one.Waiting(), "record waits", "records wait") + " to be erased. It goes on by itself, also after Waymark was stopped."
	}
	return s.showProposal(w, r, p, one)
}

func (s *Server) showProposal(w http.ResponseWriter, r *http.Request, p *proposalPage, one *retention.Proposal) error {
	number := max(1, atoi(r.URL.Query().Get("page")))
	cases, err := s.Retention.Cases(r.Context(), actorOf(r), one.Ref, (number-1)*retentionSize, retentionSize)
	if err != nil {
		return err
	}
	p.Table = Table{Caption: "Records", Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "Kept until"}, {Text: "By the rule"}, {Text: "What became of it"}}}
	for _, c := range cases {
		who := whoseCells(c.Row)
		if c.CameTo == retention.Erased {
			who = []Cell{{Header: true, Text: "Erased"}, {}}
		}
		p.Table.Rows = append(p.Table.Rows, append(who, Cell{Text: c.On.Words()}, Cell{Text: orText(capital(c.Rule), "Asked for by the young person")}, Cell{Text: orText(capital(c.CameTo), "Nothing yet")}))
	}
	p.Count = showing(number, retentionSize, len(cases), one.People, "record", "records")
	p.Pages = paginate(one.People, retentionSize, number, func(n int) string { return proposalHref(one.Ref, "?page="+strconv.Itoa(n)) })
	return s.render(w, r, "retention_proposal", p)
}

func proposalFacts(one *retention.Proposal) Summary {
	step := func(st retention.Step, none string) string {
		if st.Act == 0 {
			return none
		}
		return st.Name + ", " + moment(st.At)
	}
	out := Summary{Rows: []Row{{Key: "State", Tag: proposalTag(one.State)}, {Key: "Records", Value: count(one.People)},
		{Key: "Put forward by", Value: step(one.Made, "")}, {Key: "Agreed by", Value: step(one.Agreed, "Nobody yet")}, {Key: "Released by", Value: step(one.Release, "Nobody yet")}}}
	if one.Request {
		out.Rows = append(out.Rows, Row{Key: "Why", Value: one.Reason})
	}
	for _, what := range []string{retention.Erased, retention.KeptHeld, retention.KeptNotDue, retention.KeptInFile, retention.KeptNotHere} {
		if n := one.By[what]; n > 0 {
			out.Rows = append(out.Rows, Row{Key: capital(what), Value: count(n)})
		}
	}
	return out
}

func (s *Server) agreeProposal(w http.ResponseWriter, r *http.Request) error {
	return s.stepProposal(w, r, "You have agreed. Another person must release it now.", func(form *Form, ref id.Ref) error {
		return s.Retention.Agree(r.Context(), actorOf(r), ref, form.Key)
	})
}

func (s *Server) releaseProposal(w http.ResponseWriter, r *http.Request) error {
	return s.stepProposal(w, r, "It is released. The records are being erased.", func(form *Form, ref id.Ref) error {
		return s.Retention.Release(r.Context(), actorOf(r), ref, form.Key)
	})
}

func (s *Server) withdrawProposal(w http.ResponseWriter, r *http.Request) error {
	return s.stepProposal(w, r, "It is withdrawn. Nothing was erased.", func(form *Form, ref id.Ref) error {
		return s.Retention.Withdraw(r.Context(), actorOf(r), ref, form.Key)
	})
}

func (s *Server) stepProposal(w http.ResponseWriter, r *http.Request, words string, do func(*Form, id.Ref) error) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	err = do(form, ref)
	var refused retention.Refusal
	if errors.As(err, &refused) {
		words, err = refused.Message, nil
	}
	if err != nil {
		return err
	}
	return s.done(w, r, proposalHref(ref, ""), words, nil)
}
