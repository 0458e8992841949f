package web

import (
	"errors"
	"net/http"

	"waymark/internal/civil"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/merge"
	"waymark/internal/record"
)

// comparedWith is how many records are offered to be compared with.
const comparedWith = 15

type compareWithPage struct {
	Page
	Form     *Form
	Identity Identity
	Who      Input
	Found    *Choice
	// Asked is what the choice was found by, More that there is more of it.
	Asked, More string
	Button      string
	Cancel      string
}

// compareWithPage asks for the other record of a young person whom no search
// paired.
func (s *Server) compareWithPage(w http.ResponseWriter, r *http.Request) error {
	return s.showCompareWith(w, r, newForm(nil))
}

func (s *Server) showCompareWith(w http.ResponseWriter, r *http.Request, form *Form) error {
	c, err := s.client(r, form)
	if err != nil {
		return err
	}
	found, more, err := s.otherRecords(r, form, c.ref)
	if err != nil {
		return err
	}
	p := &compareWithPage{More: more, Page: Page{Title: "Compare with another record", OwnHeading: true, Section: "/duplicates", Errors: form.Errors}, Form: form, Identity: c.identity(),
		Who:    form.Input(Input{Name: "who", Label: "Which other record?", Hint: "A number, or a name and date of birth. For example, keira 27 3 2009"}),
		Button: "Look for it", Cancel: personHref(c.ref, "")}
	if len(found) > 0 {
		choice := form.Choice(Choice{Name: "other", Label: "Which of these?", Strong: true, Options: found})
		p.Found, p.Asked, p.Button = &choice, form.Text("who"), "Compare the two records"
	}
	return s.render(w, r, "compare_with", p)
}

// otherRecords are the records that fit what was typed, without the one that
// they are compared with; more says that others fit as well.
func (s *Server) otherRecords(r *http.Request, form *Form, own id.Ref) (out []Option, more string, err error) {
	typed := form.Text("who")
	if typed == "" {
		return nil, "", nil
	}
	q := find.Ask(typed)
	if q.Empty() {
		form.Fail("who", "Enter letters or digits: there are none in “"+q.Typed+"”")
		return nil, "", nil
	}
	found, err := s.Find.Find(r.Context(), actorOf(r), q, comparedWith+1, "another record to compare with")
	if err != nil {
		return nil, "", err
	}
	for _, m := range found.Matches {
		if m.Ref != own && !m.Locked && len(out) < comparedWith {
			out = append(out, Option{Value: string(m.Ref), Text: orText(m.Name(), "No name recorded"), Hint: s.rowHint(m.Row)})
		}
	}
	switch {
	case len(out) == 0:
		form.Fail("who", "No other record fits “"+q.Typed+"”. Try fewer words, or a number")
	case found.Over || found.Total > len(found.Matches):
		more = "More records fit than are shown. Add a date of birth or a postcode to narrow it."
	}
	return out, more, nil
}

// rowHint tells two people of one name apart.
func (s *Server) rowHint(r record.Row) string {
	born := "not a date"
	if r.Born != (civil.Date{}) {
		born = whole(r.Born.Words())
	}
	return joined(", ", "born "+born, r.Postcode, activityWords(s.edition(), r.Activity))
}

// compareWith takes what was typed, or the record that was chosen: then it leads
// to the page of the pair.
func (s *Server) compareWith(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	other := form.Text("other")
	if other == "" {
		switch form.Text("who") {
		case "":
			form.Fail("who", "Enter a number, or a name and date of birth")
		case form.Text("asked"):
			form.Fail("other", "Choose one of these records, or change what you look for")
		}
		return s.showCompareWith(w, r, form)
	}
	pair, err := s.Merge.Pair(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), id.Ref(other))
	var refused merge.Refusal
	if errors.As(err, &refused) {
		form.Fail("who", refused.Message)
		return s.showCompareWith(w, r, form)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/duplicates/"+string(pair), http.StatusSeeOther)
	return nil
}
