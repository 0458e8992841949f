package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"waymark/internal/account"
	"waymark/internal/field"
	"waymark/internal/id"
)

// Passkey is a question that the browser answers with a passkey: "passkey"
// draws what a form needs for it. Asked is what the browser is asked, in JSON;
// Make asks for a new one. Without script the form says what else there is.
type Passkey struct {
	Asked, Button string
	Make          bool
}

// ceremonyHolds is how long a browser may take to answer for a passkey.
const ceremonyHolds = 5 * time.Minute

const inSessionCeremony = "ceremony"

// ceremony is a question for a passkey that was asked in this session.
type ceremony struct {
	Text  string    `json:"text"`
	Until time.Time `json:"until"`
}

// origin is the address of ours at which passkeys count; empty where there is
// none. Browsers make none for a bare number, so a trial uses localhost.
func (s *Server) origin(r *http.Request) string {
	if s.Origin != "" {
		return s.Origin
	}
	if u, err := url.Parse("http://" + r.Host); err == nil && u.Hostname() == "localhost" && !s.HTTPS {
		return "http://" + r.Host
	}
	return ""
}

// passkeyFor asks for a passkey of the account, or of anybody's where it is
// nil. It is nil where passkeys do not count at this address.
func (s *Server) passkeyFor(r *http.Request, a *account.Account) (*Passkey, error) {
	origin := s.origin(r)
	if origin == "" {
		return nil, nil
	}
	asked, text, err := s.Account.BeginPasskeyProof(r.Context(), a, origin)
	if err != nil {
		return nil, err
	}
	return &Passkey{Asked: asked, Button: "Use a passkey"}, s.remember(r, inSessionCeremony, ceremony{text, s.Now().Add(ceremonyHolds)})
}

// ceremonyOf is the question that this session was asked last; it counts once.
func (s *Server) ceremonyOf(r *http.Request) string {
	if given, ok := handedTo(r); ok {
		return given.ceremony
	}
	var asked ceremony
	ok := s.recall(r, inSessionCeremony, &asked)
	s.sessions.Remove(r.Context(), inSessionCeremony)
	if !ok || s.Now().After(asked.Until) {
		return ""
	}
	return asked.Text
}

// passkeyShown is the account whose passkey answered, or account.ErrNoMatch.
func (s *Server) passkeyShown(r *http.Request, assertion string) (account.Account, error) {
	return s.Account.PasskeyProof(r.Context(), s.origin(r), s.ceremonyOf(r), assertion)
}

type passkeySignInPage struct {
	Page
	Form       *Form
	Next, Kept string
	Passkey    *Passkey
}

func (s *Server) passkeySignInPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if actorOf(r).Ref != "" {
		http.Redirect(w, r, localPath(q.Get("next")), http.StatusSeeOther)
		return nil
	}
	return s.showPasskeySignIn(w, r, newForm(nil), localPath(q.Get("next")), q.Get("kept"))
}

func (s *Server) showPasskeySignIn(w http.ResponseWriter, r *http.Request, form *Form, next, kept string) error {
	p := &passkeySignInPage{Form: form, Next: next, Kept: kept, Page: Page{Title: "Sign in with a passkey", Errors: form.Errors,
		Lead: "Your browser asks for your finger, your face or a PIN. Nothing is typed.",
		Back: &Link{Text: "Sign in with a password", Href: "/sign-in?" + afterSignIn(next, kept)}}}
	var err error
	if p.Passkey, err = s.passkeyFor(r, nil); err != nil {
		return err
	}
	return s.render(w, r, "passkey_sign_in", p)
}

func (s *Server) passkeySignIn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	next, kept := localPath(form.Text("next")), form.Text("kept")
	a, err := s.passkeyShown(r, form.Raw("assertion"))
	if errors.Is(err, account.ErrNoMatch) {
		form.Fail("", "This passkey was not taken. Try again, or sign in with your password")
		return s.showPasskeySignIn(w, r, form, next, kept)
	}
	if err != nil {
		return err
	}
	return s.goIn(w, r, a, halfWay{How: account.ByPasskey, Next: next, Kept: kept})
}

// otherWays are the links to sign in otherwise than by a password.
func (s *Server) otherWays(r *http.Request, query string) []Link {
	var ways []Link
	if s.origin(r) != "" {
		ways = append(ways, Link{Text: "Sign in with a passkey", Href: "/sign-in/passkey" + query})
	}
	if s.SSO != nil {
		ways = append(ways, Link{Text: "Sign in with your council account", Href: "/sign-in/sso" + query})
	}
	return ways
}

// proveElsewhere are the links to prove otherwise who one is.
func (s *Server) proveElsewhere(query string) []Link {
	if s.SSO == nil {
		return nil
	}
	return []Link{{Text: "Prove it with your council account", Href: provePath + "/sso" + query}}
}

type passkeysPage struct {
	Page
	Form *Form
	// Held are those there are, each with the form that removes it.
	Held    []heldPasskey
	Name    Input
	Passkey *Passkey
}

type heldPasskey struct{ Name, Added, Used, Remove, Key string }

func (s *Server) passkeysPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPasskeys(w, r, newForm(nil))
}

func (s *Server) showPasskeys(w http.ResponseWriter, r *http.Request, form *Form) error {
	held, err := s.Account.Passkeys(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &passkeysPage{Form: form, Page: Page{Title: "Your passkeys", Errors: form.Errors, Back: &Link{Text: "Your account", Href: "/account"},
		Lead: "A passkey is your phone, your laptop or a security key. It signs you in by your finger, your face or a PIN, and works on this website alone."},
		Name: form.Input(Input{Name: "name", Label: "What do you call it?", Hint: "For example: work laptop", Width: "20"})}
	for _, k := range held {
		one := heldPasskey{Name: k.Name, Added: moment(k.Added), Used: "Never", Remove: "/account/passkeys/" + string(k.Ref) + "/remove", Key: string(id.NewRef())}
		if !k.Used.IsZero() {
			one.Used = moment(k.Used)
		}
		p.Held = append(p.Held, one)
	}
	if origin := s.origin(r); origin != "" {
		asked, text, err := s.Account.BeginPasskey(r.Context(), actorOf(r), origin)
		if err != nil {
			return err
		}
		p.Passkey = &Passkey{Asked: asked, Button: "Make a passkey", Make: true}
		if err := s.remember(r, inSessionCeremony, ceremony{text, s.Now().Add(ceremonyHolds)}); err != nil {
			return err
		}
	}
	return s.render(w, r, "passkeys", p)
}

func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	name := form.Require("name", "Enter a name for the passkey, like “work laptop”")
	if form.OK() {
		err = s.Account.AddPasskey(r.Context(), actorOf(r), s.origin(r), s.ceremonyOf(r), form.Raw("assertion"), name, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showPasskeys(w, r, form.about("passkey", "name"))
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account/passkeys", "The passkey is made. You can sign in with it from now on.", nil)
}

func (s *Server) removePasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Account.RemovePasskey(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	var wrong field.Errors
	if errors.As(err, &wrong) {
		form.Take(err)
		return s.showPasskeys(w, r, form.about("account", ""))
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account/passkeys", "The passkey is removed.", nil)
}
