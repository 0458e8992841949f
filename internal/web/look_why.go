package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

type lookWhyPage struct {
	Page
	Form   *Form
	BackTo string
	Reason Choice
}

// reasonHolds is how long a reason counts for one young person: a day's work.
const reasonHolds = 8 * time.Hour

const inSessionReasons = "reasons"

// givenReason is a reason that the session remembers.
type givenReason struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

func (s *Server) givenReasons(r *http.Request) map[string]givenReason {
	given := map[string]givenReason{}
	if err := json.Unmarshal([]byte(s.sessions.GetString(r.Context(), inSessionReasons)), &given); err != nil {
		return map[string]givenReason{} // none yet
	}
	for ref, g := range given {
		if s.Now().After(g.Until) {
			delete(given, ref)
		}
	}
	return given
}

// reasonFor is why the reader looks at the young person whom the address is
// about, where they have said so today.
func (s *Server) reasonFor(r *http.Request) string {
	rest, about := strings.CutPrefix(r.URL.Path, "/young-people/")
	if !about {
		return ""
	}
	ref, _, _ := strings.Cut(rest, "/")
	return s.givenReasons(r)[ref].Reason
}

// toReason sends a reader who has no relation on file to say why they look, and
// back to where they were. It reports whether the error was that one.
func toReason(w http.ResponseWriter, r *http.Request, err error) bool {
	ref := r.PathValue("ref")
	if !errors.Is(err, record.ErrReason) || ref == "" {
		return false
	}
	back := url.Values{}
	if r.URL.RequestURI() != personHref(id.Ref(ref), "") {
		back.Set("back", r.URL.RequestURI())
	}
	http.Redirect(w, r, personHref(id.Ref(ref), "why")+asQuery(back), http.StatusSeeOther)
	return true
}

// lookWhyPage asks why. It says nothing about the young person.
func (s *Server) lookWhyPage(w http.ResponseWriter, r *http.Request) error {
	ref, back := id.Ref(r.PathValue("ref")), r.URL.Query().Get("back")
	switch err := s.Record.Related(r.Context(), actorOf(r), ref); {
	case err == nil:
		http.Redirect(w, r, backTo(back, personHref(ref, "")), http.StatusSeeOther)
		return nil
	case !errors.Is(err, record.ErrReason):
		return err
	}
	return s.showLookWhy(w, r, newForm(nil), back)
}

func (s *Server) showLookWhy(w http.ResponseWriter, r *http.Request, form *Form, back string) error {
	reasons := Choice{Name: "reason", Label: "Why do you need this record?", Heading: true,
		Hint: "You are not this young person’s adviser. Your answer is kept with the log of who looked, and holds for 8 hours."}
	for _, one := range record.LookReasons() {
		reasons.Options = append(reasons.Options, Option{Value: one, Text: capital(one)})
	}
	reasons.Options = append(reasons.Options, Option{Value: "other", Text: "Something else",
		Reveal: &Reveal{Inputs: []Input{form.Input(Input{Name: "other", Label: "What is it?"})}}})
	return s.render(w, r, "look_why", &lookWhyPage{
		Page: Page{Title: "Why do you need this record?", OwnHeading: true, Section: "/find", Errors: form.Errors, Back: &Link{Text: "Find somebody else", Href: "/find"}},
		Form: form, BackTo: back, Reason: form.Choice(reasons)})
}

func (s *Server) lookWhy(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, reason := id.Ref(r.PathValue("ref")), form.Text("reason")
	if reason == "other" {
		if reason = form.Text("other"); reason == "" {
			form.Fail("other", "Say why you look at this record")
		}
	}
	if form.OK() {
		err = s.Record.GiveReason(r.Context(), actorOf(r), ref, reason)
		form.Take(err)
	}
	if !form.OK() {
		return s.showLookWhy(w, r, form, form.Text("back"))
	}
	var wrong field.Errors
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	if err := s.keepReason(r, ref, reason, reasonHolds); err != nil {
		return err
	}
	http.Redirect(w, r, backTo(form.Text("back"), personHref(ref, "")), http.StatusSeeOther)
	return nil
}

// keepReason has the session remember why its reader looks at a young person.
func (s *Server) keepReason(r *http.Request, ref id.Ref, reason string, holds time.Duration) error {
	given := s.givenReasons(r)
	given[string(ref)] = givenReason{Reason: reason, Until: s.Now().Add(holds)}
	text, err := json.Marshal(given)
	if err != nil {
		return fmt.Errorf("keep the reason: %w", err)
	}
	s.sessions.Put(r.Context(), inSessionReasons, string(text))
	return nil
}
