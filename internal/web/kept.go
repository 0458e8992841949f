package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/account"
	"waymark/internal/db"
	"waymark/internal/id"
)

// keepSent keeps the form that was sent, for the account, and returns its
// reference; empty where there is nothing that can be kept: a file, or too much
// of it.
func (s *Server) keepSent(r *http.Request, route Route, who id.Ref, why string) (id.Ref, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || route.Secret {
		return "", nil
	}
	if err := r.ParseForm(); err != nil || len(r.PostForm) > maxFields {
		return "", nil
	}
	return s.Account.KeepForm(r.Context(), account.KeptForm{Account: who, Address: r.URL.RequestURI(), Page: route.Pattern, Form: r.PostForm, Why: why})
}

// pageOfForm is the page on which a form that was sent stands, as far as the
// route table says: the page at its own address, or home.
func (s *Server) pageOfForm(r *http.Request, route Route) string {
	for _, other := range s.routes {
		if other.Method == http.MethodGet && other.Pattern == route.Pattern {
			return localPath(r.URL.RequestURI())
		}
	}
	return "/"
}

// keepForSender keeps what somebody sent whose session has ended, where it is
// known whose it was.
func (s *Server) keepForSender(r *http.Request, route Route) (id.Ref, error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return "", nil
	}
	who, err := s.Account.LastOf(r.Context(), hashOfToken(cookie.Value))
	if errors.Is(err, db.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.keepSent(r, route, who, account.KeptSignedOut)
}

// hashOfToken is a session's token as the store has it.
func hashOfToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// showOnlyKey marks a request that draws a kept form and does nothing; its
// value is why the form was kept.
type showOnlyKey struct{}

func showOnly(r *http.Request) bool { return r.Context().Value(showOnlyKey{}) != nil }

// wasKept is what a kept form says above it when it is drawn again.
const wasKept = "This was not saved yet. Look it over, and save it now"

type keptPage struct {
	Page
	Form   *Form
	Button string
	Back   Link
}

// keptPage gives back what was kept: the form itself with what was typed, where
// its route can draw it without doing anything, and otherwise a button that
// sends it on.
func (s *Server) keptPage(w http.ResponseWriter, r *http.Request) error {
	k, route, err := s.keptForm(r)
	if err != nil {
		return err
	}
	if route.Draft && k.Why != account.KeptToProve {
		return s.sendOn(w, r, k, k.Form.Encode(), true)
	}
	p := &keptPage{Form: newForm(nil), Button: "Carry on", Back: Link{Text: "Leave it and go to the home page", Href: "/"},
		Page: Page{Title: "Carry on with what you began", Lead: "Thank you. What you sent is kept just as you sent it; press the button to do it now."}}
	if k.Why != account.KeptToProve {
		p.Title, p.Lead, p.Button = "What you sent is kept", "It could not be taken "+moment(k.Kept)+". Nothing was changed by it. Press the button to send it again just as it was.", "Send it again"
	}
	return s.render(w, r, "kept", p)
}

// keptForm is the kept form that the address names, and the route it was sent
// to; a form that was saved meanwhile is gone.
func (s *Server) keptForm(r *http.Request) (account.KeptForm, Route, error) {
	k, err := s.Account.KeptForm(r.Context(), seenOf(r).account.Ref, id.Ref(r.PathValue("ref")))
	if err != nil {
		return k, Route{}, err
	}
	for _, route := range s.routes {
		if route.Method == http.MethodPost && route.Pattern == k.Page {
			return k, route, nil
		}
	}
	return k, Route{}, db.NotFound // an upgrade has taken the page away
}

// sendKept sends a kept form on: just as it was, or as it was changed on the
// page that showed it.
func (s *Server) sendKept(w http.ResponseWriter, r *http.Request) error {
	k, _, err := s.keptForm(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	body := r.PostForm.Encode()
	if form.Text("as-kept") != "" {
		body = k.Form.Encode()
	}
	return s.sendOn(w, r, k, body, false)
}

// sendOn answers in place of the page that the form was sent to: every check of
// that page is made. Where the form is done with, what was kept is thrown away.
func (s *Server) sendOn(w http.ResponseWriter, r *http.Request, k account.KeptForm, body string, only bool) error {
	to, err := url.ParseRequestURI(k.Address)
	if err != nil {
		return fmt.Errorf("send on what was kept: %w", err)
	}
	ctx := r.Context()
	if only {
		ctx = context.WithValue(ctx, showOnlyKey{}, k.Why)
	}
	on := r.Clone(ctx)
	on.Method, on.URL, on.RequestURI, on.Pattern = http.MethodPost, to, k.Address, ""
	on.Body, on.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	on.Form, on.PostForm = nil, nil
	on.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	on.Header.Set("Content-Length", strconv.Itoa(len(body)))
	c := &counted{ResponseWriter: w}
	s.mux.ServeHTTP(c, on)
	if c.status != http.StatusSeeOther || strings.HasPrefix(c.Header().Get("Location"), provePath) {
		return nil
	}
	return s.Account.DropForm(context.WithoutCancel(ctx), k.Account, k.Ref)
}
