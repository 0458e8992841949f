package web

import (
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/id"
)

type accountsPage struct {
	Page
	Table Table
	Count string
	Pages Pagination
}

func (s *Server) accountsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Account.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	page := pageOf(r, len(all), listPage)
	p := &accountsPage{Page: Page{Title: "Accounts", Lead: "Everybody who may sign in here, and what their work is.",
		Actions: []Link{{Text: "How people sign in", Href: "/accounts/sign-in"}, {Text: "Make an account", Href: "/accounts/new", Main: true}}},
		Table: s.accountsTable(all[(page-1)*listPage : min(page*listPage, len(all))]),
		Pages: paginate(len(all), listPage, page, func(n int) string { return "/accounts?page=" + strconv.Itoa(n) })}
	open := 0
	for _, a := range all {
		if a.Open {
			open++
		}
	}
	for i, a := range all[(page-1)*listPage : min(page*listPage, len(all))] {
		p.Table.Rows[i][0].Href = accountHref(a.Ref, "")
	}
	p.Count = plural(open, "account is open", "accounts are open") + "."
	return s.render(w, r, "accounts", p)
}

func (s *Server) accountsFile(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Account.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return sendTable(w, "accounts.csv", s.accountsTable(all))
}

func (s *Server) accountsTable(accounts []account.Account) Table {
	t := Table{Caption: "Accounts", Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Signs in as"}, {Text: "Roles"}, {Text: "Last day"}, {Text: "Second factor"}, {Text: "State"}}}
	for _, a := range accounts {
		t.Rows = append(t.Rows, []Cell{{Text: a.Name, Header: true}, {Text: a.SignIn}, {Text: roleWords(a.Roles)}, {Text: limitWords(a.Ends, "–")}, {Text: secondFactorWords(a)}, {Tag: s.accountState(a)}})
	}
	return t
}

func roleWords(roles []access.Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return capital(strings.Join(words, ", "))
}

type newAccountPage struct {
	Page
	Form         *Form
	Name, SignIn Input
	Roles        Choice
	Days         []FormPart
}

// roleChoice offers the roles, each with what its work is.
func roleChoice() Choice {
	work := map[access.Role]string{
		access.Adviser:               "Works with young people: finds and keeps their records.",
		access.TeamManager:           "As an adviser; also downloads lists and signs returns.",
		access.DataOfficer:           "Loads files, mends findings, makes, signs and sends the return.",
		access.InformationGovernance: "Sees records and returns, changes nothing.",
		access.Administrator:         "Makes and closes accounts. Sees no young people.",
		access.Commissioner:          "Sees figures. Sees no young people.",
		access.ContactCentre:         "Finds young people, sees how to reach them and what they do, and records what they say. Downloads nothing.",
		access.Partner:               "Sees the young people and the fields of a sharing agreement in force, and no others. Information governance says of which.",
		access.CarePartner:           "As the partner above, for a youth justice or care team.",
	}
	c := Choice{Name: "roles", Label: "Roles", Hint: "Choose all that are this person's work.", Strong: true, Small: true}
	for _, role := range access.Roles() {
		c.Options = append(c.Options, Option{Value: string(role), Text: capital(string(role)), Hint: work[role]})
	}
	return c
}

func (s *Server) newAccountPage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewAccount(w, r, newForm(nil))
}

func (s *Server) showNewAccount(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "account_new", &newAccountPage{
		Page:   Page{Title: "Make an account", Errors: form.Errors, Back: &Link{Text: "Accounts", Href: "/accounts"}},
		Form:   form,
		Name:   form.Input(Input{Name: "name", Label: "Full name", Hint: "As it should stand beside what they do."}),
		SignIn: form.Input(Input{Name: "sign-in", Label: "Name to sign in with", Hint: "Like an e-mail address, without spaces. It cannot be changed later."}),
		Days:   dayParts(form),
		Roles:  form.Choice(roleChoice()),
	})
}

func (s *Server) saveNewAccount(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	n := account.NewAccount{SignIn: form.Text("sign-in"), Name: form.Text("name"), Key: form.Key,
		Starts: form.Date("starts", "First day"), Ends: form.Date("ends", "Last day")}
	for _, role := range form.All("roles") {
		n.Roles = append(n.Roles, access.Role(role))
	}
	var a account.Account
	if form.OK() {
		a, err = s.Account.Create(r.Context(), actorOf(r), n)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewAccount(w, r, form)
	}
	if err != nil {
		return err
	}
	code, err := s.Account.StartAgain(r.Context(), actorOf(r), a.Ref, false, "")
	if err != nil {
		return err
	}
	return s.showStart(w, r, a.Ref, code, "The account is made")
}

type closeAccountPage struct {
	Page
	Form   *Form
	Who    Summary
	Reason Input
}

func (s *Server) closeAccountPage(w http.ResponseWriter, r *http.Request) error {
	return s.showCloseAccount(w, r, newForm(nil))
}

func (s *Server) showCloseAccount(w http.ResponseWriter, r *http.Request, form *Form) error {
	a, err := s.Account.ByRef(r.Context(), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	return s.render(w, r, "account_close", &closeAccountPage{
		Page: Page{Title: "Close an account", Errors: form.Errors, Back: &Link{Text: "The account", Href: accountHref(a.Ref, "")},
			Lead: "They are signed out at once and cannot sign in again. What they did keeps their name."},
		Form:   form,
		Who:    Summary{Rows: []Row{{Key: "Name", Value: a.Name}, {Key: "Signs in as", Value: a.SignIn}, {Key: "Roles", Value: roleWords(a.Roles)}}},
		Reason: form.Input(Input{Name: "reason", Label: "Why", Hint: "For example: left on 30 October. It stands in the log."}),
	})
}

func (s *Server) closeAccount(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	reason := form.Require("reason", "Say why the account is closed")
	if form.OK() {
		err = s.Account.Disable(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), reason)
		form.Take(err)
	}
	if !form.OK() {
		return s.showCloseAccount(w, r, form.about("account", "reason"))
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/accounts", "The account is closed.", nil)
}

// about moves a complaint about something that is no field of the form to one
// that is, so that the error summary leads somewhere.
func (f *Form) about(complaint, to string) *Form {
	for i := range f.Errors {
		if f.Errors[i].ID == complaint {
			f.Errors[i].ID = to
		}
	}
	return f
}
