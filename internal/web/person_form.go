package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

// personForm is one form on a young person's record. All of them work alike:
// they show what is held, say in the end where the change was learned, come
// back to where their reader was, and show both versions where somebody else
// was first.
type personForm struct {
	// addresses are the ends of its addresses after /young-people/{ref}/.
	addresses  []string
	title      string
	lead       string
	button     string // "Save" where empty
	permission access.Action
	// start fills in what is held.
	start func(*client)
	// parts are the fields, in their order.
	parts func(*client) []FormPart
	// save reads the form and does the act. It calls Form.Fail for what cannot
	// be read, and then does nothing.
	save func(*client, record.Told) error
	// saved says what was done, naming nobody.
	saved func(*client) string
	// told is where it was learned, where the form itself says so; nil asks.
	told func(*client) record.Told
	// instead is where to go where the form makes no sense for this person; ""
	// where it does.
	instead func(*client) string
}

// client is one young person's record with a form over it.
type client struct {
	*record.Summary
	s    *Server
	r    *http.Request
	ref  id.Ref
	form *Form
	// today is the day from which it is seen; on is the day whose knowledge is
	// asked for, no date for now.
	today, on civil.Date
	// lastDay is the last day of last month, where nobody has signed its return.
	lastDay civil.Date
	// req knows the register's own authorities, a demo's too.
	req *nccis.Requirement
}

type personFormPage struct {
	Page
	Form   *Form
	Kept   []keptField
	Parts  []FormPart
	Button string
	Cancel string
}

// keptField is what a form carries along unseen: the version shown, where to
// go back to, and values that came and could not be read.
type keptField struct{ Name, Value string }

func (f *Form) kept() []keptField {
	var out []keptField
	for name := range f.values {
		if value := f.Text(name); value != "" && (slices.Contains([]string{"seen", "back", "which", "node"}, name) || strings.HasSuffix(name, "-came")) {
			out = append(out, keptField{name, value})
		}
	}
	slices.SortFunc(out, func(a, b keptField) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (s *Server) client(r *http.Request, form *Form) (*client, error) {
	c, err := s.clientKnown(r, form, civil.Date{})
	if err == nil {
		c.lastDay, err = s.Record.LastDayOpen(r.Context(), actorOf(r))
	}
	return c, err
}

// clientKnown is the record as known on a day, seen from that day; no date is
// now.
func (s *Server) clientKnown(r *http.Request, form *Form, on civil.Date) (*client, error) {
	ref := id.Ref(r.PathValue("ref"))
	sum, err := s.Record.SummaryKnown(r.Context(), actorOf(r), ref, on)
	if err != nil {
		return nil, err
	}
	return &client{Summary: sum, s: s, r: r, ref: ref, form: form, today: sum.Today, on: on, req: s.Requirement.WithInvented(sum.Register.Invented())}, nil
}

func (s *Server) openPersonForm(f personForm) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		asked := r.URL.Query()
		form := newForm(map[string]string{"back": asked.Get("back"), "which": asked.Get("which"), "node": asked.Get("node")})
		c, err := s.client(r, form)
		if err != nil {
			return err
		}
		if f.instead != nil {
			if to := f.instead(c); to != "" {
				http.Redirect(w, r, to, http.StatusSeeOther)
				return nil
			}
		}
		f.start(c)
		if form.Text("told-on-day") == "" {
			form.setTold(c.today)
		}
		return c.show(w, f)
	}
}

func (s *Server) savePersonForm(f personForm) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := readForm(r)
		if err != nil {
			return err
		}
		c, err := s.client(r, form)
		if err != nil {
			return err
		}
		if showOnly(r) { // what was kept is looked over before it is saved
			return s.showKept(w, c, f)
		}
		told := f.evidence(c)
		err = f.save(c, told)
		var conflict db.Conflict
		switch {
		case form.Take(err), err == nil && !form.OK():
			if told.Kind == "" && f.told == nil {
				form.Fail("told-kind", "Select how you learned this")
			}
			return c.show(w, f)
		case errors.As(err, &conflict):
			return s.bothVersions(w, r, c, f, err)
		case errors.Is(err, act.ErrRepeated): // the first press did it
		case err != nil:
			return err
		}
		return s.done(w, r, backTo(form.Text("back"), personHref(c.ref, "")), "Saved: "+f.saved(c), nil)
	}
}

// showKept draws what was kept. Where somebody else was first its writer has
// seen both versions, and saves over what is held now.
func (s *Server) showKept(w http.ResponseWriter, c *client, f personForm) error {
	if c.r.Context().Value(showOnlyKey{}) == account.KeptConflict {
		theirs, err := s.client(c.r, newForm(map[string]string{"which": c.form.Text("which"), "node": c.form.Text("node")}))
		if err != nil {
			return err
		}
		f.start(theirs)
		c.set("seen", theirs.form.Text("seen"))
	}
	return c.show(w, f)
}

func (f personForm) evidence(c *client) record.Told {
	if f.told != nil {
		return f.told(c)
	}
	return c.form.told()
}

func (c *client) show(w http.ResponseWriter, f personForm) error {
	parts := f.parts(c)
	if f.told == nil {
		parts = append(parts, c.form.toldParts()...)
	}
	c.form.keepToFields(parts)
	cancel := backTo(c.form.Text("back"), personHref(c.ref, ""))
	p := &personFormPage{
		Page: Page{Title: f.title, Caption: c.caption(), Lead: f.lead, Errors: c.form.Errors, Section: "/find", Banners: c.s.restrictedBanners(c.Summary),
			Back: &Link{Text: "Back without saving", Href: cancel}},
		Form: c.form, Kept: c.form.kept(), Parts: parts, Button: f.button, Cancel: cancel,
	}
	if p.Button == "" {
		p.Button = "Save"
	}
	return c.s.render(w, c.r, "person_form", p)
}

// keepToFields puts the complaints in the order of the form's fields. One
// about a field that this form does not have stands in the summary without a
// link to nowhere.
func (f *Form) keepToFields(parts []FormPart) {
	here := map[string]int{}
	eachField(parts, func(p FormPart) { here[p.field()] = len(here) + 1 })
	for i, e := range f.Errors {
		if here[e.ID] == 0 && here[e.ID+"-day"] > 0 {
			f.Errors[i].ID += "-day"
		} else if here[e.ID] == 0 {
			f.Errors[i].ID = ""
		}
	}
	slices.SortStableFunc(f.Errors, func(a, b FieldError) int { return here[a.ID] - here[b.ID] })
}

// bothVersions answers a conflict: what the register holds now, and what the
// reader wrote.
func (s *Server) bothVersions(w http.ResponseWriter, r *http.Request, yours *client, f personForm, err error) error {
	theirs, failed := s.client(r, newForm(map[string]string{"which": yours.form.Text("which"), "node": yours.form.Text("node")}))
	if failed != nil {
		return failed
	}
	f.start(theirs)
	both := bothVersions{err, Card{ID: "theirs", Title: "As it is now"}, Card{ID: "yours", Title: "What you wrote"}}
	both.Theirs.Rows, both.Yours.Rows = partRows(f.parts(theirs)), partRows(f.parts(yours))
	return both
}

func partRows(parts []FormPart) []Row {
	var rows []Row
	eachField(parts, func(p FormPart) {
		label, value := p.words()
		if value == "" {
			value = "Nothing"
		}
		rows = append(rows, Row{Key: label, Value: value})
	})
	return rows
}

// caption says whose form it is: name, birth date and number, so that nobody
// writes on the wrong record.
func (c *client) caption() string {
	words := c.name()
	if born := c.born(); !born.IsZero() {
		words += ", born " + born.Words()
	}
	return words + ", " + c.Life.Person.YoungPersonsID
}

func (c *client) name() string {
	get := c.View.Record.Get
	name := joined(" ", get(nccis.GivenName), get(nccis.MiddleName), get(nccis.FamilyName))
	if name == "" {
		return "No name recorded"
	}
	return name
}

func (c *client) born() civil.Date {
	d, err := civil.Parse(c.View.Record.Get(nccis.DOB))
	if err != nil {
		return civil.Date{} // shown as it came
	}
	return d
}

// set fills in one field.
func (c *client) set(name, value string) { c.form.values.Set(name, value) }

// setSeen keeps which version the form shows.
func (c *client) setSeen(a id.Act) { c.set("seen", strconv.FormatInt(int64(a), 10)) }

// seen is the version that the form showed.
func (c *client) seen() id.Act {
	n, err := strconv.ParseInt(c.form.Text("seen"), 10, 64)
	if err != nil {
		return -1 // no version at all: a conflict
	}
	return id.Act(n)
}

// setDay fills in a date as it came; what cannot be read stays out of the
// boxes and is shown by came.
func (c *client) setDay(name, text string) {
	if d, err := civil.Parse(text); err == nil {
		c.form.SetDate(name, d)
		return
	}
	c.set(name+"-came", text)
}

// came adds to a hint a value that came and cannot be read as a date.
func (c *client) came(name, hint string) string {
	if text := c.form.Text(name + "-came"); text != "" {
		if hint != "" {
			hint += ". "
		}
		return hint + "As it came: " + text
	}
	return hint
}

// withHeld adds what is held where it is none of the options, so that it is
// shown and not lost.
func withHeld(options []Option, held ...string) []Option {
	for _, h := range held {
		if h != "" && !slices.ContainsFunc(options, func(o Option) bool { return o.Value == h }) {
			options = append(options, Option{Value: h, Text: h + " (not a valid code)"})
		}
	}
	return options
}

// joined puts together what is not empty.
func joined(between string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += between
		}
		out += p
	}
	return out
}
