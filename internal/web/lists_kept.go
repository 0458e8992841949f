package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"waymark/internal/act"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
)

type saveListPage struct {
	Page
	Form *Form
	// Action is where the form is sent, Asks what the list asks where it is new.
	Action, Asks string
	Tags         FilterTags
	Name         Input
	Shared       Choice
}

func (s *Server) saveListPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	if len(a.q.Filters) == 0 {
		http.Redirect(w, r, "/lists", http.StatusSeeOther)
		return nil
	}
	return s.showSaveList(w, r, newForm(map[string]string{"asks": a.q.Values().Encode()}))
}

func (s *Server) showSaveList(w http.ResponseWriter, r *http.Request, form *Form) error {
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	return s.showNamedList(w, r, form, asks, nil)
}

// showNamedList is the form of a new list, or of one that is kept.
func (s *Server) showNamedList(w http.ResponseWriter, r *http.Request, form *Form, asks url.Values, kept *list.Saved) error {
	a := listAsked{saved: kept}
	a.q, _ = list.Parse(asks)
	inner := &listsPage{}
	if err := s.listTags(r, a, inner); err != nil {
		return err
	}
	shared := Choice{Name: "shared", Label: "Who sees it?", Hint: "Waymark knows teams by their members’ work, as their accounts have it, not by office or area.", Options: []Option{{Value: "", Text: "Only me"}}}
	for _, with := range list.SharedWith() {
		shared.Options = append(shared.Options, Option{Value: with, Text: withWords(with)})
	}
	if !form.values.Has("shared") {
		form.values.Set("shared", "")
	}
	p := &saveListPage{Page: Page{Title: "Keep a list under a name", Errors: form.Errors, Section: "/lists", Back: &Link{Text: "Back to the list", Href: a.href("/lists", a.q, 0)},
		Lead: "What it asks is kept, not whom it shows: it is worked out anew each time."}, Form: form, Action: "/lists/save", Asks: a.q.Values().Encode(),
		Name: form.Input(Input{Name: "name", Label: "Name of the list", Hint: "Name no young person in it. For example, Year 12 not known"}), Shared: form.Choice(shared)}
	if kept != nil {
		p.Title, p.Action, p.Asks = "Change a kept list", "/lists/"+string(kept.Ref)+"/change", ""
	}
	for _, one := range inner.Tags.Chosen {
		p.Tags.Chosen = append(p.Tags.Chosen, Link{Text: one.Text})
	}
	return s.render(w, r, "list_save", p)
}

func (s *Server) saveList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	q, _ := list.Parse(asks)
	ref, err := s.Lists.Save(r.Context(), actorOf(r), form.Text("name"), form.Text("shared"), q, form.Key)
	switch {
	case form.Take(err):
		return s.showSaveList(w, r, form)
	case errors.Is(err, act.ErrRepeated):
		return s.done(w, r, "/lists", "The list is kept.", nil)
	case err != nil:
		return err
	}
	return s.done(w, r, "/lists/"+string(ref), "The list is kept.", nil)
}

func (s *Server) changeListPage(w http.ResponseWriter, r *http.Request) error {
	one, err := s.ownList(r)
	if err != nil {
		return err
	}
	return s.showNamedList(w, r, newForm(map[string]string{"name": one.Name, "shared": one.Shared}), one.Asks, &one)
}

// ownList is the list of the address, if the reader keeps it.
func (s *Server) ownList(r *http.Request) (list.Saved, error) {
	one, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err == nil && one.Owner != actorOf(r).Ref {
		err = db.NotFound
	}
	return one, err
}

func (s *Server) changeList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	one, err := s.ownList(r)
	if err != nil {
		return err
	}
	err = s.Lists.Change(r.Context(), actorOf(r), one.Ref, form.Text("name"), form.Text("shared"), form.Key)
	if form.Take(err) {
		return s.showNamedList(w, r, form, one.Asks, &one)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/lists/"+string(one.Ref), "The list is changed.", nil)
}

func (s *Server) removeList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Lists.Remove(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/lists", "The list is removed.", nil)
}
