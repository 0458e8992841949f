package web

import (
	"errors"
	"net/http"

	"waymark/internal/account"
)

type secondStepPage struct {
	Page
	Form *Form
	// Code is asked for where an app is set up, Passkey offered where one is.
	Code    *Input
	Passkey *Passkey
	Trouble Details
}

// halfOf is who has shown the first proof in this browser, and db.NotFound's
// like where nobody has, or too long ago.
func (s *Server) halfOf(r *http.Request) (halfWay, account.Account, bool) {
	var half halfWay
	if !s.recall(r, inSessionHalf, &half) || s.Now().After(half.Until) {
		return half, account.Account{}, false
	}
	a, err := s.Account.ByRef(r.Context(), half.Account)
	return half, a, err == nil && a.Open
}

func (s *Server) secondStepPage(w http.ResponseWriter, r *http.Request) error {
	if actorOf(r).Ref != "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	half, a, ok := s.halfOf(r)
	if !ok {
		http.Redirect(w, r, "/sign-in?"+afterSignIn(localPath(half.Next), half.Kept), http.StatusSeeOther)
		return nil
	}
	return s.showSecondStep(w, r, newForm(nil), a)
}

func (s *Server) showSecondStep(w http.ResponseWriter, r *http.Request, form *Form, a account.Account) error {
	p := &secondStepPage{Page: Page{Title: "Prove that it is you", Errors: form.Errors, Back: &Link{Text: "Sign in as somebody else", Href: "/sign-in"}}, Form: form,
		Trouble: Details{Summary: "I do not have my phone or my passkey", Paragraphs: []string{
			"If you kept your recovery codes, enter one of them instead of the code from the app. Each works once.",
			"If you have none, ask your administrator to reset your account."}}}
	if a.App {
		code := form.Input(codeInput())
		p.Code = &code
	}
	if a.Passkeys > 0 {
		var err error
		if p.Passkey, err = s.passkeyFor(r, &a); err != nil {
			return err
		}
	}
	return s.render(w, r, "second_step", p)
}

// codeInput asks for the code of an authenticator app.
func codeInput() Input {
	return Input{Name: "code", Label: "Code from your authenticator app", Hint: "Six digits, like 123 456. A recovery code is taken too.", Width: "20", Autocomplete: "one-time-code"}
}

func (s *Server) secondStep(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	half, a, ok := s.halfOf(r)
	if !ok {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	if form.Raw("assertion") != "" {
		proved, err := s.passkeyShown(r, form.Raw("assertion"))
		if err == nil && proved.Ref != a.Ref {
			err = account.ErrNoMatch
		}
		if errors.Is(err, account.ErrNoMatch) {
			form.Fail("", "This passkey was not taken. Try again, or use the code from your app")
			return s.showSecondStep(w, r, form, a)
		}
		if err != nil {
			return err
		}
		return s.goIn(w, r, a, half)
	}
	code := form.Require("code", "Enter the six digits that the app shows now")
	if !form.OK() {
		return s.showSecondStep(w, r, form, a)
	}
	err = s.Account.CheckCode(r.Context(), a, code, s.tryOf(r))
	if form.tooSoon("code", err) {
		return s.showSecondStep(w, r, form, a)
	}
	if errors.Is(err, account.ErrNoMatch) {
		form.Fail("code", "Enter the code that the app shows now: this one is wrong, over, or was used before")
		return s.showSecondStep(w, r, form, a)
	}
	if err != nil {
		return err
	}
	return s.goIn(w, r, a, half)
}
