package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"waymark/internal/account"
)

type signInPage struct {
	Page
	Form           *Form
	Next           string
	Name, Password Input
	Trouble        Details
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if actorOf(r).Ref != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.showSignIn(w, r, newForm(nil), next)
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, form *Form, next string) error {
	return s.render(w, r, "sign_in", &signInPage{
		Page:     Page{Title: "Sign in", Lead: "Register: " + s.RegisterName, Errors: form.Errors},
		Form:     form,
		Next:     next,
		Name:     form.Input(Input{Name: "sign-in", Label: "Name or e-mail address you sign in with", Autocomplete: "username"}),
		Password: form.Input(Input{Name: "password", Label: "Password", Autocomplete: "current-password"}),
		Trouble: Details{Summary: "I cannot sign in", Paragraphs: []string{
			"Your administrator can tell you the name you sign in with, and start a new password for you.",
			"After several wrong tries you must wait before the next one. The wait is never longer than 15 minutes."}},
	})
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	next := localPath(form.Text("next"))
	name := form.Require("sign-in", "Enter the name you sign in with")
	if form.Raw("password") == "" {
		form.Fail("password", "Enter your password")
	}
	if !form.OK() {
		return s.showSignIn(w, r, form, next)
	}
	a, err := s.Account.Authenticate(r.Context(), name, form.Raw("password"), network(r), seenOf(r).id)
	var soon account.TooSoon
	switch {
	case errors.As(err, &soon):
		form.Fail("sign-in", "There were too many wrong tries. Wait "+waitWords(soon.Wait)+", then try again")
		return s.showSignIn(w, r, form, next)
	case errors.Is(err, account.ErrNoMatch):
		form.Fail("sign-in", "Enter the name and the password that you were given: these two do not belong together")
		return s.showSignIn(w, r, form, next)
	case err != nil:
		return err
	}
	ctx := r.Context()
	// A new token: one that was known before the sign-in is worth nothing
	// after it.
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.sessions.Put(ctx, account.InSession, string(a.Ref))
	s.sessions.Put(ctx, account.BrowserInSession, browser(r.UserAgent()))
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.Account.SignOut(r.Context(), actorOf(r)); err != nil {
		return err
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	// The pages that the browser still holds go too.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

func waitWords(d time.Duration) string {
	return plural(int((d+time.Minute-1)/time.Minute), "minute", "minutes")
}

// browser says which browser it is, well enough for its owner to know it.
func browser(agent string) string {
	of := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	name := of("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari")
	system := of("Windows", "Windows", "iPhone", "an iPhone", "iPad", "an iPad", "Android", "Android", "Mac OS", "a Mac", "CrOS", "a Chromebook", "Linux", "Linux")
	switch {
	case name == "":
		return "Another program"
	case system == "":
		return name
	}
	return name + " on " + system
}
