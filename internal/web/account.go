package web

import (
	"errors"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/field"
	"waymark/internal/id"
)

type accountPage struct {
	Page
	// Relatives leads to where a record is closed to its own.
	Relatives *Link
	Form      *Form
	Who       Summary
	Sessions  []ownSession
	Old, New  Input
	// Kept leads to what was typed and not saved.
	Kept []Link
}

type ownSession struct {
	Browser, Began, Used string
	Here                 bool
	End                  string
	Key                  string
}

func (s *Server) accountPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAccount(w, r, newForm(nil))
}

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, form *Form) error {
	ctx, actor := r.Context(), actorOf(r)
	a, err := s.Account.ByID(ctx, actor.Account)
	if err != nil {
		return err
	}
	own, err := s.Account.OwnSessions(ctx, actor)
	if err != nil {
		return err
	}
	here, err := s.thisSession(r)
	if err != nil {
		return err
	}
	p := &accountPage{
		Page: Page{Title: "Your account", Errors: form.Errors},
		Form: form,
		Old:  form.Input(Input{Name: "old-password", Label: "Password you use now", Autocomplete: "current-password"}),
		New: form.Input(Input{Name: "new-password", Label: "New password", Autocomplete: "new-password",
			Hint: "At least 12 characters. Three random words are good. Your other browsers are signed out."}),
	}
	var roles string
	for i, role := range a.Roles {
		if i > 0 {
			roles += ", "
		}
		roles += string(role)
	}
	p.Who.Rows = []Row{{Key: "Name", Value: a.Name}, {Key: "You sign in as", Value: a.SignIn}, {Key: "Your roles", Value: roles}}
	p.Who.Rows = append(p.Who.Rows,
		Row{Key: "Authenticator app", Value: either(boolInt(a.App), "Set up", "Not set up"), Actions: []Link{{Text: "Change", Hidden: "authenticator app", Href: "/account/second-factor"}}},
		Row{Key: "Passkeys", Value: count(a.Passkeys), Actions: []Link{{Text: "Change", Hidden: "passkeys", Href: "/account/passkeys"}}})
	p.Sessions = s.sessionRows(own, here, func(ref id.Ref) string { return "/account/sessions/" + string(ref) + "/end" })
	kept, err := s.Account.KeptForms(ctx, a.Ref)
	if err != nil {
		return err
	}
	for _, k := range kept {
		p.Kept = append(p.Kept, Link{Text: "What you typed " + moment(k.Kept), Href: "/kept/" + string(k.Ref)})
	}
	if access.May(actor, access.DeclareOwn) {
		p.Relatives = &Link{Text: "Is a record your own, or a relative’s? Have it closed to you", Href: "/account/relatives"}
	}
	return s.render(w, r, "account", p)
}

// thisSession is the reference of the session that asks.
func (s *Server) thisSession(r *http.Request) (id.Ref, error) {
	return s.Account.SessionRef(r.Context(), hashOfToken(s.sessions.Token(r.Context())))
}

func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	here, err := s.thisSession(r)
	if err != nil {
		return err
	}
	err = s.Account.SetPassword(r.Context(), actorOf(r), form.Raw("old-password"), form.Raw("new-password"), here)
	if form.Take(err) {
		return s.showAccount(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account", "Your password is changed.", nil)
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.Account.EndSession(r.Context(), actorOf(r), id.Ref(r.PathValue("ref"))); err != nil {
		return err
	}
	return s.done(w, r, "/account", "That browser is signed out.", nil)
}

// Take puts the trade's complaints beside their fields, and says whether there
// were any. A date's complaint leads to its day.
func (f *Form) Take(err error) bool {
	var wrong field.Errors
	if !errors.As(err, &wrong) {
		return false
	}
	for _, one := range wrong {
		at := one.Field
		if _, date := f.values[at+"-day"]; date {
			at += "-day"
		}
		f.Fail(at, one.Message)
	}
	return true
}
