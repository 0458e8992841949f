package web

import (
	"net/http"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/id"
)

// accountHref is the address of one account's page, or of one below it.
func accountHref(ref id.Ref, tail string) string { return "/accounts/" + string(ref) + tail }

type oneAccountPage struct {
	Page
	Who      Summary
	Sessions []ownSession
	Links    []Link
}

// oneAccountPage is an account as an administrator sees it.
func (s *Server) oneAccountPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	sessions, err := s.Account.SessionsOf(r.Context(), actorOf(r), a.Ref)
	if err != nil {
		return err
	}
	p := &oneAccountPage{Page: Page{Title: "An account", Heading: a.Name, Back: &Link{Text: "Accounts", Href: "/accounts"}},
		Sessions: s.sessionRows(sessions, "", func(ref id.Ref) string { return accountHref(a.Ref, "/sessions/"+string(ref)+"/end") })}
	who, bound, err := s.Account.SubjectOf(r.Context(), a.ID)
	if err != nil {
		return err
	}
	own := a.ID == actorOf(r).Account
	change := func(tail, what string) []Link {
		if own || a.Disabled {
			return nil
		}
		return []Link{{Text: "Change", Hidden: what, Href: accountHref(a.Ref, tail)}}
	}
	p.Who.Rows = []Row{
		{Key: "Signs in as", Value: a.SignIn},
		{Key: "State", Value: "", Tag: s.accountState(a)},
		{Key: "Roles", Value: roleWords(a.Roles), Actions: change("/roles", "roles")},
		{Key: "First day", Value: limitWords(a.Starts, "No limit"), Actions: change("/days", "first day")},
		{Key: "Last day", Value: limitWords(a.Ends, "No limit"), Actions: change("/days", "last day")},
		{Key: "Password", Value: either(boolInt(a.HasPassword), "Chosen by them", "Not chosen yet"), Actions: reset(change("/reset", "password"))},
		{Key: "Second factor", Value: secondFactorWords(a)},
		{Key: "Single sign-on", Value: either(boolInt(bound), "Object id "+who.Object, "Not used"), Actions: change("/single-sign-on", "single sign-on")},
	}
	switch {
	case own:
		p.Banners = []Banner{{Tone: "info", Text: "This is your own account. Another administrator can change it."}}
	case !a.Disabled:
		p.Links = []Link{{Text: "Close the account", Href: accountHref(a.Ref, "/close")}}
	}
	return s.render(w, r, "account_one", p)
}

func reset(links []Link) []Link {
	for i := range links {
		links[i].Text = "Reset"
	}
	return links
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func limitWords(d civil.Date, none string) string {
	if d.IsZero() {
		return none
	}
	return d.Words()
}

func (s *Server) accountState(a account.Account) *Tag {
	colour := map[string]string{"Open": "green", "Closed": "grey", "Ended": "grey", "Not begun": "yellow"}
	state := a.State(civil.On(s.Now(), civil.London()))
	return &Tag{Text: state, Colour: colour[state]}
}

func secondFactorWords(a account.Account) string {
	switch {
	case a.App && a.Passkeys > 0:
		return "Authenticator app, and " + plural(a.Passkeys, "passkey", "passkeys")
	case a.App:
		return "Authenticator app"
	case a.Passkeys > 0:
		return capital(plural(a.Passkeys, "passkey", "passkeys"))
	}
	return "None set up"
}

// sessionRows are sessions as a table shows them; here is the one that asks.
func (s *Server) sessionRows(sessions []account.Session, here id.Ref, end func(id.Ref) string) []ownSession {
	var rows []ownSession
	for _, one := range sessions {
		rows = append(rows, ownSession{
			Browser: one.Browser,
			Began:   one.Began.In(civil.London()).Format("2 January at 15:04"),
			Used:    one.Used.In(civil.London()).Format("2 January at 15:04"),
			Here:    one.Ref == here,
			End:     end(one.Ref),
			Key:     string(id.NewRef()),
		})
	}
	return rows
}

func (s *Server) endSessionOf(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	if err := s.Account.EndSessionOf(r.Context(), actorOf(r), ref, id.Ref(r.PathValue("session")), form.Key); err != nil {
		return err
	}
	return s.done(w, r, accountHref(ref, ""), "That browser is signed out.", nil)
}

type accountFormPage struct {
	Page
	Form   *Form
	Parts  []FormPart
	Button string
	Cancel string
}

// showAccountForm draws a form about one account.
func (s *Server) showAccountForm(w http.ResponseWriter, r *http.Request, form *Form, p *accountFormPage) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p.Form, p.Errors, p.Caption, p.Cancel = form, form.Errors, a.Name, accountHref(a.Ref, "")
	p.Back = &Link{Text: "The account", Href: p.Cancel}
	return s.render(w, r, "account_form", p)
}

func (s *Server) rolesPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	form := newForm(nil)
	for _, role := range a.Roles {
		form.values.Add("roles", string(role))
	}
	return s.showRoles(w, r, form)
}

func (s *Server) showRoles(w http.ResponseWriter, r *http.Request, form *Form) error {
	roles := form.Choice(roleChoice())
	return s.showAccountForm(w, r, form, &accountFormPage{Page: Page{Title: "Change somebody’s roles", Lead: "They are signed out, and have the new roles when they sign in again."},
		Parts: []FormPart{{Checkboxes: &roles}}, Button: "Change the roles"})
}

func (s *Server) changeRoles(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	var roles []access.Role
	for _, role := range form.All("roles") {
		roles = append(roles, access.Role(role))
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Account.SetRoles(r.Context(), actorOf(r), ref, roles, form.Key)
	if form.Take(err) {
		return s.showRoles(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, accountHref(ref, ""), "The roles are changed.", nil)
}

func (s *Server) daysPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	form := newForm(nil)
	form.SetDate("starts", a.Starts)
	form.SetDate("ends", a.Ends)
	return s.showDays(w, r, form)
}

func dayParts(form *Form) []FormPart {
	starts := form.DateInput(DateInput{Name: "starts", Label: "First day", Hint: "They cannot sign in before it. Leave it empty for no limit."})
	ends := form.DateInput(DateInput{Name: "ends", Label: "Last day", Hint: "From the next day they cannot sign in, and are signed out wherever they are. Leave it empty where it is not known."})
	return []FormPart{{Date: &starts}, {Date: &ends}}
}

func (s *Server) showDays(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.showAccountForm(w, r, form, &accountFormPage{Page: Page{Title: "Say how long somebody works here"}, Parts: dayParts(form), Button: "Save"})
}

func (s *Server) changeDays(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	starts, ends := form.Date("starts", "First day"), form.Date("ends", "Last day")
	ref := id.Ref(r.PathValue("ref"))
	if form.OK() {
		err = s.Account.SetDays(r.Context(), actorOf(r), ref, starts, ends, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showDays(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, accountHref(ref, ""), "The days are saved.", nil)
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request) error {
	return s.showReset(w, r, newForm(nil))
}

func (s *Server) showReset(w http.ResponseWriter, r *http.Request, form *Form) error {
	anew := form.Choice(Choice{Name: "anew", Label: "Have they lost their phone or passkey too?", Small: true,
		Options: []Option{{Value: "yes", Text: "Yes: remove their authenticator app and passkeys, and sign them out everywhere"}}})
	return s.showAccountForm(w, r, form.about("account", "anew"), &accountFormPage{Page: Page{Title: "Reset somebody’s sign-in",
		Lead: "You get a link for them. It works once, within 24 hours, and they choose their own password with it. Be sure that it is they who ask: speak to them, or see them."},
		Parts: []FormPart{{Checkboxes: &anew}}, Button: "Make the link"})
}

func (s *Server) resetAccount(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	code, err := s.Account.StartAgain(r.Context(), actorOf(r), ref, form.Text("anew") == "yes", form.Key)
	if form.Take(err) {
		return s.showReset(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.showStart(w, r, ref, code, "The link is made")
}

type startPage struct {
	Page
	Address string
	Back    Link
}

// addressOf is a path as somebody else has to type it: at the address that the
// server was told is its own, or else at that by which the reader has reached it.
func (s *Server) addressOf(r *http.Request, path string) string {
	switch {
	case s.Origin != "":
		return s.Origin + path
	case s.HTTPS:
		return "https://" + r.Host + path
	}
	return "http://" + r.Host + path
}

// showStart shows, once, the link by which somebody chooses their password. It
// is drawn in answer to the form, because it may be kept nowhere.
func (s *Server) showStart(w http.ResponseWriter, r *http.Request, ref id.Ref, code, title string) error {
	return s.render(w, r, "account_start", &startPage{Page: Page{Title: title, Section: "/accounts",
		Lead: "Give this link to them and to nobody else, by a way that only they read. It works once, until " + moment(s.Now().Add(account.StartHolds)) + ". It is not shown again; you can make a new one."},
		Address: s.addressOf(r, "/begin/"+code), Back: Link{Text: "Back to the account", Href: accountHref(ref, "")}})
}

type rulesPage struct {
	Page
	Form  *Form
	Parts []FormPart
}

func (s *Server) rulesPage(w http.ResponseWriter, r *http.Request) error {
	rules, err := s.Account.Rules(r.Context())
	if err != nil {
		return err
	}
	form := newForm(map[string]string{"idle": strconv.Itoa(int(rules.Idle.Minutes())), "lasts": strconv.Itoa(int(rules.Lasts.Hours())), "factor": "no"})
	if rules.SecondFactor {
		form.values.Set("factor", "yes")
	}
	return s.showRules(w, r, form)
}

func factorChoice() Choice {
	return Choice{Name: "factor", Label: "Is a password enough to sign in?", Options: []Option{
		{Value: "yes", Text: "No, everybody needs a second factor", Hint: "An authenticator app or a passkey. Whoever has none sets one up when they next sign in."},
		{Value: "no", Text: "Yes, a password is enough", Hint: "For trying Waymark out. Cyber Essentials asks for a second factor."}}}
}

func (s *Server) showRules(w http.ResponseWriter, r *http.Request, form *Form) error {
	factor := form.Choice(factorChoice())
	idle := form.Input(Input{Name: "idle", Label: "Minutes without use until somebody is signed out", Hint: "30 unless there is a reason: shared offices and visits leave browsers open.", Width: "4", InputMode: "numeric"})
	lasts := form.Input(Input{Name: "lasts", Label: "Hours until somebody must sign in again", Hint: "12 unless there is a reason: one working day.", Width: "4", InputMode: "numeric"})
	return s.render(w, r, "account_rules", &rulesPage{Form: form, Page: Page{Title: "How people sign in", Errors: form.Errors, Section: "/accounts", Back: &Link{Text: "Accounts", Href: "/accounts"}},
		Parts: []FormPart{{Radios: &factor}, {Input: &idle}, {Input: &lasts}}})
}

func (s *Server) saveRules(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	rules := account.Rules{SecondFactor: form.OneOf(factorChoice(), "Choose whether a password is enough") == "yes"}
	number := func(name, complaint string) time.Duration {
		n, err := strconv.Atoi(form.Require(name, complaint))
		if err != nil || n < 0 || n > 10_000 {
			form.Fail(name, complaint)
		}
		return time.Duration(n)
	}
	rules.Idle = number("idle", "Enter a number of minutes, like 30") * time.Minute
	rules.Lasts = number("lasts", "Enter a number of hours, like 12") * time.Hour
	if form.OK() {
		err = s.Account.SetRules(r.Context(), actorOf(r), rules, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showRules(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/accounts", "How people sign in is saved.", nil)
}
