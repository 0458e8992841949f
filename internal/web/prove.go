package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/id"
)

// provedHolds is how long a proof of who one is counts for what asks for it
// anew (ux-security.md 5.5).
const provedHolds = 10 * time.Minute

// provesAgain are the permissions whose every route asks for a new proof: what
// leaves the house with many young people in it.
var provesAgain = map[access.Action]bool{access.DownloadPeople: true, access.FetchReturn: true}

// stepsUp says that the route asks for a new proof of who one is.
func (r Route) stepsUp() bool { return r.StepUp || provesAgain[r.Permission] }

// provedLately says that whoever is signed in has proved who they are within
// the last minutes.
func (s *Server) provedLately(r *http.Request) bool {
	at, err := time.Parse(time.RFC3339, s.sessions.GetString(r.Context(), inSessionProved))
	since := s.Now().Sub(at)
	return err == nil && since > -time.Minute && since < provedHolds
}

const provePath = "/prove-it-is-you"

// toProve asks for a new proof first. A form that was sent is kept, and sent on
// afterwards; a file is not, and is chosen again.
func (s *Server) toProve(w http.ResponseWriter, r *http.Request, route Route) error {
	if safe(r.Method) {
		http.Redirect(w, r, provePath+"?"+url.Values{"next": {localPath(r.URL.RequestURI())}}.Encode(), http.StatusSeeOther)
		return nil
	}
	ref, err := s.keepSent(r, route, seenOf(r).account.Ref, account.KeptToProve)
	if err != nil {
		return err
	}
	q := url.Values{"next": {s.pageOfForm(r, route)}}
	if ref != "" {
		q.Set("kept", string(ref))
	}
	http.Redirect(w, r, provePath+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

type provePage struct {
	Page
	Form *Form
	// Next and Kept are where to go on.
	Next, Kept string
	Password   *Input
	Code       *Input
	Passkey    *Passkey
	Others     []Link
}

func (s *Server) provePage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.showProve(w, r, newForm(nil), localPath(q.Get("next")), q.Get("kept"))
}

func (s *Server) showProve(w http.ResponseWriter, r *http.Request, form *Form, next, kept string) error {
	a := seenOf(r).account
	p := &provePage{Page: Page{Title: "Prove again that it is you", Errors: form.Errors,
		Lead: "What you asked for is protected more than the rest. You are asked at most once in 10 minutes, and nothing is lost."},
		Form: form, Next: next, Kept: kept}
	if a.HasPassword {
		password := form.Input(Input{Name: "password", Label: "Your password", Autocomplete: "current-password"})
		p.Password = &password
		if a.App {
			code := form.Input(codeInput())
			p.Code = &code
		}
	}
	if a.Passkeys > 0 {
		var err error
		if p.Passkey, err = s.passkeyFor(r, &a); err != nil {
			return err
		}
	}
	p.Others = s.proveElsewhere("?" + afterSignIn(next, kept))
	return s.render(w, r, "prove", p)
}

func (s *Server) prove(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	next, kept := localPath(form.Text("next")), form.Text("kept")
	if form.Raw("assertion") != "" {
		shown, err := s.passkeyShown(r, form.Raw("assertion"))
		if err == nil && shown.Ref != seenOf(r).account.Ref {
			err = account.ErrNoMatch
		}
		if errors.Is(err, account.ErrNoMatch) {
			form.Fail("", "This passkey was not taken. Try again, or prove it another way")
			return s.showProve(w, r, form, next, kept)
		}
		if err != nil {
			return err
		}
		return s.goOn(w, r, next, kept)
	}
	if form.Raw("password") == "" {
		form.Fail("password", "Enter your password")
	}
	if seenOf(r).account.App {
		form.Require("code", "Enter the six digits that the app shows now")
	}
	if !form.OK() {
		return s.showProve(w, r, form, next, kept)
	}
	err = s.Account.CheckAgain(r.Context(), actorOf(r), form.Raw("password"), form.Text("code"), s.tryOf(r))
	if form.tooSoon("password", err) {
		return s.showProve(w, r, form, next, kept)
	}
	if errors.Is(err, account.ErrNoMatch) {
		words := "Enter the password that you sign in with: this one is wrong"
		if seenOf(r).account.App {
			words = "Enter your password and the code that the app shows now: one of them is wrong"
		}
		form.Fail("password", words)
		return s.showProve(w, r, form, next, kept)
	}
	if err != nil {
		return err
	}
	return s.goOn(w, r, next, kept)
}

// goOn notes the proof under a new token, and goes on to what was asked for.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, next, kept string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.proved(r)
	if id.Ref(kept).Valid() {
		if _, err := s.Account.KeptForm(r.Context(), seenOf(r).account.Ref, id.Ref(kept)); err == nil {
			next = "/kept/" + kept
		}
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}
