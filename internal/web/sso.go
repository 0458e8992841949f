package web

import (
	"errors"
	"net/http"

	"waymark/internal/account"
	"waymark/internal/field"
	"waymark/internal/id"
)

const inSessionJourney = "journey"

// Why a browser is on its way to the sign-in service.
const (
	toSignInBySSO = "sign in"
	toProveBySSO  = "prove"
	toBindBySSO   = "bind"
)

// ssoJourney is a browser on its way to the sign-in service, and what for.
type ssoJourney struct {
	account.Journey
	Why  string `json:"why"`
	Next string `json:"next"`
	Kept string `json:"kept"`
	// Code is the administrator's code that the journey is to spend.
	Code string `json:"code"`
}

// goToSSO sends the browser to the sign-in service.
func (s *Server) goToSSO(w http.ResponseWriter, r *http.Request, j ssoJourney) error {
	if s.SSO == nil { // no page leads here
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	to, journey, err := s.SSO.Begin(r.Context(), j.Why == toProveBySSO)
	if err != nil {
		return s.ssoFailed(w, r, err)
	}
	j.Journey = journey
	if err := s.remember(r, inSessionJourney, j); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) ssoSignIn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.goToSSO(w, r, ssoJourney{Why: toSignInBySSO, Next: localPath(q.Get("next")), Kept: q.Get("kept")})
}

func (s *Server) ssoProve(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.goToSSO(w, r, ssoJourney{Why: toProveBySSO, Next: localPath(q.Get("next")), Kept: q.Get("kept")})
}

func (s *Server) ssoBind(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Account.Started(r.Context(), r.PathValue("code")); err != nil {
		return s.showBegin(w, r, newForm(nil))
	}
	return s.goToSSO(w, r, ssoJourney{Why: toBindBySSO, Next: "/", Code: r.PathValue("code")})
}

// ssoBack is where the sign-in service sends browsers back to.
func (s *Server) ssoBack(w http.ResponseWriter, r *http.Request) error {
	given, ok := handedTo(r)
	if !ok {
		if s.SSO == nil || !s.recall(r, inSessionJourney, &given.journey) {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return nil
		}
		s.sessions.Remove(r.Context(), inSessionJourney) // it counts once
		given.who, given.err = s.SSO.Finish(r.Context(), given.journey.Journey, r.URL.Query())
	}
	j, who, err := given.journey, given.who, given.err
	if err != nil {
		return s.ssoFailed(w, r, err)
	}
	var a account.Account
	if j.Why == toBindBySSO {
		a, err = s.Account.BindWithCode(r.Context(), j.Code, who, seenOf(r).id)
	} else {
		a, err = s.Account.OfSubject(r.Context(), who)
	}
	var wrong field.Errors
	switch {
	case errors.Is(err, account.ErrNoMatch), errors.Is(err, account.ErrSpent), errors.As(err, &wrong):
		return s.ssoNobody(w, r)
	case err != nil:
		return err
	}
	if j.Why == toProveBySSO {
		if a.Ref != seenOf(r).account.Ref {
			return s.ssoNobody(w, r)
		}
		return s.goOn(w, r, j.Next, j.Kept)
	}
	half := halfWay{How: account.BySSO, Next: j.Next, Kept: j.Kept}
	if s.SSO.Strong() {
		return s.goIn(w, r, a, half)
	}
	// The service vouches for one factor alone: the rest is as after a password.
	half.How = account.ByPassword
	return s.firstStep(w, r, a, half)
}

// ssoFailed says that the sign-in service's answer was not taken; why is for the
// log alone.
func (s *Server) ssoFailed(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, account.ErrSSO) {
		return err
	}
	s.Log.WarnContext(r.Context(), "single sign-on refused", "id", seenOf(r).id, "why", err.Error())
	return s.renderStatus(w, r, http.StatusForbidden, "sso", &ssoPage{Again: Link{Text: "Go back to sign in", Href: "/sign-in"}, Page: Page{Title: "Signing in did not work",
		Lead: "Your council’s sign-in service gave an answer that Waymark cannot take. Try again. If it goes on, give the reference " + seenOf(r).id + " to whoever looks after Waymark."}})
}

// ssoNobody says that somebody who is known to the service has no account here.
func (s *Server) ssoNobody(w http.ResponseWriter, r *http.Request) error {
	return s.renderStatus(w, r, http.StatusForbidden, "sso", &ssoPage{Again: Link{Text: "Sign in another way", Href: "/sign-in"}, Page: Page{Title: "You have no account here",
		Lead: "Your council’s sign-in service knows you, and no account of Waymark is yours by it. Ask your administrator."}})
}

type ssoPage struct {
	Page
	Again Link
}

func (s *Server) bindPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	who, _, err := s.Account.SubjectOf(r.Context(), a.ID)
	if err != nil {
		return err
	}
	return s.showBind(w, r, newForm(map[string]string{"object": who.Object}))
}

func (s *Server) showBind(w http.ResponseWriter, r *http.Request, form *Form) error {
	object := form.Input(Input{Name: "object", Label: "Object id", Hint: "It stands on the person’s page in Microsoft Entra, like 1b4e28ba-2fa1-41d2-883f-0016d3cca427. Not their e-mail address. Leave it empty to end single sign-on for them."})
	parts := []FormPart{{Input: &object}}
	if s.SSO == nil {
		parts = append([]FormPart{{Text: "Single sign-on is not set up here yet. What you enter counts once it is."}}, parts...)
	}
	return s.showAccountForm(w, r, form, &accountFormPage{Page: Page{Title: "Single sign-on for somebody"}, Parts: parts, Button: "Save"})
}

func (s *Server) bindAccount(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	who := account.Subject{Object: form.Text("object")}
	if s.SSO != nil {
		who.Issuer, who.Tenant = s.SSO.Issuer, s.SSO.Tenant
	} else if who.Object != "" {
		form.Fail("object", "Single sign-on is not set up here: ask whoever looks after Waymark to connect it first")
		return s.showBind(w, r, form)
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Account.Bind(r.Context(), actorOf(r), ref, who, form.Key)
	if form.Take(err) {
		return s.showBind(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, accountHref(ref, ""), "Single sign-on is saved.", nil)
}
