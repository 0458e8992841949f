package web

import (
	"errors"
	"net/http"

	"waymark/internal/account"
	"waymark/internal/field"
)

type beginPage struct {
	Page
	Form *Form
	Who  Summary
	// Password is nil where the code is spent.
	Password *Input
	// Others are other ways to begin.
	Others []Link
}

// beginPage lets somebody choose their password with a code from their
// administrator.
func (s *Server) beginPage(w http.ResponseWriter, r *http.Request) error {
	return s.showBegin(w, r, newForm(nil))
}

func (s *Server) showBegin(w http.ResponseWriter, r *http.Request, form *Form) error {
	a, err := s.Account.Started(r.Context(), r.PathValue("code"))
	w.Header().Set("Cache-Control", "no-store")
	if errors.Is(err, account.ErrSpent) {
		return s.render(w, r, "begin", &beginPage{Form: form, Page: Page{Title: "This link has been used",
			Lead: "It works once, and for 24 hours. Ask your administrator for a new one."}})
	}
	if err != nil {
		return err
	}
	password := form.Input(Input{Name: "new-password", Label: "Your new password", Autocomplete: "new-password", Hint: "At least 12 characters. Three random words are good."})
	var others []Link
	if s.SSO != nil {
		others = []Link{{Text: "Use your council account instead", Href: "/begin/" + r.PathValue("code") + "/single-sign-on"}}
	}
	return s.render(w, r, "begin", &beginPage{Form: form, Password: &password, Others: others,
		Page: Page{Title: "Choose your password", Errors: form.Errors, Lead: "Nobody else knows it, your administrator neither."},
		Who:  Summary{Rows: []Row{{Key: "Name", Value: a.Name}, {Key: "You sign in as", Value: a.SignIn}}}})
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if form.Raw("new-password") == "" {
		form.Fail("new-password", "Enter the password that you want to sign in with")
	}
	if form.OK() {
		_, err = s.Account.ChooseFirst(r.Context(), r.PathValue("code"), form.Raw("new-password"), seenOf(r).id, form.Key)
		var wrong field.Errors
		if errors.As(err, &wrong) {
			form.Take(err)
		}
	}
	if !form.OK() || errors.Is(err, account.ErrSpent) {
		return s.showBegin(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/sign-in", "Your password is set. Sign in with it now.", nil)
}
