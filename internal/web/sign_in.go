package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"waymark/internal/account"
	"waymark/internal/id"
)

type signInPage struct {
	Page
	Form           *Form
	Next, Kept     string
	Name, Password Input
	Others         []Link
	Trouble        Details
}

// halfHolds is how long somebody may take between the two steps of signing in.
const halfHolds = 10 * time.Minute

// What the session holds of signing in.
const (
	inSessionHalf   = "half" // a halfWay
	inSessionProved = "proved"
	inSessionWarned = "warned"
)

// halfWay is somebody who has shown the first proof and not yet the second.
type halfWay struct {
	Account id.Ref    `json:"account"`
	How     string    `json:"how"`
	Next    string    `json:"next"`
	Kept    string    `json:"kept"`
	Until   time.Time `json:"until"`
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if actorOf(r).Ref != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.showSignIn(w, r, newForm(nil), next, r.URL.Query().Get("kept"))
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request, form *Form, next, kept string) error {
	lead := "Register: " + s.RegisterName
	if s.several {
		lead = "Several authorities keep their registers here. The name that you sign in with says which is yours."
	}
	p := &signInPage{
		Page:     Page{Title: "Sign in", Lead: lead, Errors: form.Errors},
		Form:     form,
		Next:     next,
		Kept:     kept,
		Name:     form.Input(Input{Name: "sign-in", Label: "Name or e-mail address you sign in with", Autocomplete: "username"}),
		Password: form.Input(Input{Name: "password", Label: "Password", Autocomplete: "current-password"}),
		Trouble: Details{Summary: "I cannot sign in", Paragraphs: []string{
			"Your administrator can tell you the name you sign in with, and start a new password for you.",
			"After several wrong tries you must wait before the next one. The wait is never longer than 15 minutes."}},
	}
	if kept != "" {
		p.Banners = []Banner{{Tone: "info", Strong: "You were signed out.", Text: "What you typed is kept for a day. Sign in, and you get it back."}}
	}
	p.Others = s.otherWays(r, "?"+afterSignIn(next, kept))
	return s.render(w, r, "sign_in", p)
}

// afterSignIn is where to go after signing in, as part of an address.
func afterSignIn(next, kept string) string {
	q := url.Values{"next": {next}}
	if kept != "" {
		q.Set("kept", kept)
	}
	return q.Encode()
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	next, kept := localPath(form.Text("next")), form.Text("kept")
	name := form.Require("sign-in", "Enter the name you sign in with")
	if form.Raw("password") == "" {
		form.Fail("password", "Enter your password")
	}
	if !form.OK() {
		return s.showSignIn(w, r, form, next, kept)
	}
	try := s.tryOf(r)
	try.SignIn, try.Password = name, form.Raw("password")
	a, err := s.Account.CheckPassword(r.Context(), try)
	if form.tooSoon("sign-in", err) {
		return s.showSignIn(w, r, form, next, kept)
	}
	if errors.Is(err, account.ErrNoMatch) {
		form.Fail("sign-in", "Enter the name and the password that you were given: these two do not belong together")
		return s.showSignIn(w, r, form, next, kept)
	}
	if err != nil {
		return err
	}
	return s.firstStep(w, r, a, halfWay{How: account.ByPassword, Next: next, Kept: kept})
}

// firstStep goes on after a first proof: to the second where the account has
// one, and in where it has none. Where one is needed and none is set up, every
// page leads to where that is done.
func (s *Server) firstStep(w http.ResponseWriter, r *http.Request, a account.Account, half halfWay) error {
	if !a.App && a.Passkeys == 0 {
		return s.goIn(w, r, a, half)
	}
	half.Account, half.Until = a.Ref, s.Now().Add(halfHolds)
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if err := s.remember(r, inSessionHalf, half); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in/second-step", http.StatusSeeOther)
	return nil
}

// goIn signs somebody in who has shown all that is asked.
func (s *Server) goIn(w http.ResponseWriter, r *http.Request, a account.Account, half halfWay) error {
	ctx := r.Context()
	welcome, err := s.Account.SignedIn(ctx, a, half.How, s.tryOf(r))
	if err != nil {
		return err
	}
	// A new token: one that was known before the sign-in is worth nothing
	// after it.
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	// Nothing of whoever was signed in here before goes on.
	if err := s.sessions.Clear(ctx); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.sessions.Put(ctx, account.InSession, string(a.Ref))
	s.sessions.Put(ctx, account.BrowserInSession, browser(r.UserAgent()))
	s.sessions.Put(ctx, account.HowInSession, half.How)
	s.sessions.Put(ctx, account.BeganInSession, s.Now().UTC().Format(time.RFC3339))
	s.proved(r)
	if words := warning(welcome); words != "" {
		s.sessions.Put(ctx, inSessionWarned, words)
	}
	if welcome.Browser != "" {
		http.SetCookie(w, s.browserCookie(welcome.Browser))
	}
	next := half.Next
	if half.Kept != "" {
		if _, err := s.Account.KeptForm(ctx, a.Ref, id.Ref(half.Kept)); err == nil {
			next = "/kept/" + half.Kept // it is theirs
		}
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// manyFailed is how many failed tries are more than somebody's own slips.
const manyFailed = 3

// warning tells somebody who has signed in of tries that may not have been
// theirs.
func warning(w account.Welcome) string {
	switch {
	case w.Codes >= manyFailed:
		return "Since you last signed in, your right password was used " + plural(w.Codes, "time", "times") + " with a wrong code. If that was not you, change your password now and tell your administrator."
	case w.Failed >= manyFailed:
		return "Since you last signed in, " + plural(w.Failed, "try to sign in as you has failed.", "tries to sign in as you have failed.") + " If that was not you, tell your administrator."
	}
	return ""
}

// proved notes that whoever is signed in has just proved who they are.
func (s *Server) proved(r *http.Request) {
	s.sessions.Put(r.Context(), inSessionProved, s.Now().UTC().Format(time.RFC3339))
}

// tryOf is what a try to sign in says of where it comes from.
func (s *Server) tryOf(r *http.Request) account.Try {
	t := account.Try{Network: network(r), Request: seenOf(r).id}
	if c, err := r.Cookie(s.browserCookie("").Name); err == nil && len(c.Value) <= 64 {
		t.Browser = c.Value
	}
	return t
}

// browserCookie is the cookie by which a browser is known in which somebody has
// signed in before. It opens nothing: it only keeps others from making its
// owner wait.
func (s *Server) browserCookie(token string) *http.Cookie {
	c := &http.Cookie{Name: "browser", Value: token, Path: "/", MaxAge: int((90 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if s.HTTPS {
		c.Name, c.Secure = "__Host-browser", true
	}
	return c
}

// remember puts a value into the session as text.
func (s *Server) remember(r *http.Request, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep in the session: %w", err)
	}
	s.sessions.Put(r.Context(), name, string(text))
	return nil
}

// recall reads what remember put there; false where there is nothing.
func (s *Server) recall(r *http.Request, name string, into any) bool {
	text := s.sessions.GetString(r.Context(), name)
	return text != "" && json.Unmarshal([]byte(text), into) == nil
}

// tooSoon puts the complaint about a try that came too soon beside the field,
// and says whether it was one.
func (f *Form) tooSoon(field string, err error) bool {
	var soon account.TooSoon
	if !errors.As(err, &soon) {
		return false
	}
	f.Fail(field, "There were too many wrong tries. Wait "+waitWords(soon.Wait)+", then try again")
	return true
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
