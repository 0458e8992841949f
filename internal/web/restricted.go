package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/restrict"
)

// restrictRoutes are the pages about restricted records: whose they are, those of
// whoever answers for one, and the way into a locked one.
func (s *Server) restrictRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/restricted", Permission: access.RestrictRecord, Handler: s.restrictedPage, Nav: "Restricted"},
		{Method: "GET", Pattern: "/restricted/new", Permission: access.RestrictRecord, Handler: s.newRestrictionPage},
		{Method: "POST", Pattern: "/restricted/new", Permission: access.RestrictRecord, Handler: s.newRestriction, StepUp: true},
		{Method: "GET", Pattern: "/restricted/own", Permission: access.RestrictRecord, Handler: s.ownRecordsPage},
		{Method: "POST", Pattern: "/restricted/own", Permission: access.RestrictRecord, Handler: s.addOwnRecord},
		{Method: "POST", Pattern: "/restricted/own/end", Permission: access.RestrictRecord, Handler: s.endOwnRecord, StepUp: true},
		{Method: "GET", Pattern: "/restricted/yours", Permission: access.ReviewRestriction, Handler: s.yourRestrictedPage},
		{Method: "GET", Pattern: "/restricted/waiting", Permission: access.SeePerson, Handler: s.waitingPage},
		{Method: "POST", Pattern: "/restricted/waiting", Permission: access.SeePerson, Handler: s.dealtWaiting},
		{Method: "GET", Pattern: "/restricted/opened/{ref}", Permission: access.RestrictRecord, Handler: s.openedPage},
		{Method: "POST", Pattern: "/restricted/opened/{ref}", Permission: access.RestrictRecord, Handler: s.reviewOpened},
		{Method: "GET", Pattern: "/restricted/records/{ref}", Permission: access.ReviewRestriction, Handler: s.restrictionPage},
		{Method: "POST", Pattern: "/restricted/records/{ref}/renew", Permission: access.ReviewRestriction, Handler: s.renewRestriction},
		{Method: "POST", Pattern: "/restricted/records/{ref}/name", Permission: access.ReviewRestriction, Handler: s.nameRestriction, StepUp: true},
		{Method: "POST", Pattern: "/restricted/records/{ref}/unname", Permission: access.ReviewRestriction, Handler: s.unnameRestriction, StepUp: true},
		{Method: "POST", Pattern: "/restricted/records/{ref}/lift", Permission: access.ReviewRestriction, Handler: s.liftRestriction, StepUp: true},
		{Method: "GET", Pattern: "/account/relatives", Permission: access.DeclareOwn, Handler: s.declareOwnPage},
		{Method: "POST", Pattern: "/account/relatives", Permission: access.DeclareOwn, Handler: s.declareOwn},
		{Method: "GET", Pattern: "/young-people/{ref}/locked", Permission: access.SeePerson, Handler: s.lockedPage},
		{Method: "POST", Pattern: "/young-people/{ref}/locked", Permission: access.BreakGlass, Handler: s.breakGlass, StepUp: true},
	}
}

func restrictionHref(ref id.Ref, tail string) string {
	return "/restricted/records/" + string(ref) + tail
}

type restrictedPage struct {
	Page
	Opened, Table *Table
	None          *Empty
}

// restrictedPage lists every restriction by when it is to be reviewed. It names
// no young person: whoever watches over restrictions need not know whose they
// are.
func (s *Server) restrictedPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Restricted.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	alerts, err := s.Restricted.Alerts(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &restrictedPage{Page: Page{Title: "Restricted records", Lead: "Each is reviewed every 90 days. One that is not reviewed is open to its owner alone.",
		Actions: []Link{{Text: "Restrict a record", Href: "/restricted/new", Main: true}, {Text: "Own and relatives’ records", Href: "/restricted/own"}}}}
	if len(alerts) > 0 {
		p.Opened = openedTable(alerts, true)
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "No record is restricted", Text: "Records of staff and their relatives, of young people in danger, and of cases in the papers are."}
	} else {
		p.Table = restrictedTable("Restrictions in force", all, s.today())
	}
	return s.render(w, r, "restricted", p)
}

// yourRestrictedPage lists the restrictions that the reader answers for.
func (s *Server) yourRestrictedPage(w http.ResponseWriter, r *http.Request) error {
	mine, err := s.Restricted.Mine(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	alerts, err := s.Restricted.Alerts(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &restrictedPage{Page: Page{Title: "Restricted records you answer for", Lead: "Look at each every 90 days: is it still needed, and are the right people named?", Back: &Link{Text: "Home", Href: "/"}}}
	if len(alerts) > 0 {
		p.Opened = openedTable(alerts, access.May(actorOf(r), access.RestrictRecord))
	}
	if len(mine) == 0 {
		p.None = &Empty{Title: "You answer for none", Text: "Information governance restricts records, and names who answers for each."}
	} else {
		p.Table = restrictedTable("Restrictions you answer for", mine, s.today())
	}
	return s.render(w, r, "restricted", p)
}

func restrictedTable(caption string, list []restrict.Restriction, today civil.Date) *Table {
	t := Table{Caption: caption, Columns: []Column{{Text: "Record"}, {Text: "How"}, {Text: "Ground"}, {Text: "Owner"}, {Text: "May open it"}, {Text: "Review by"}}}
	for _, one := range list {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(one.YoungPersonsID, "No YoungPersonsID"), Href: restrictionHref(one.Ref, "")},
			{Text: capital(string(one.Kind))}, {Text: capital(one.Ground)}, {Text: one.Owner.Name, Note: closedWords(one.Owner)}, {Text: namesOf(one)}, reviewCell(one, today)})
	}
	return &t
}

func closedWords(p restrict.Person) string {
	if p.Closed {
		return "account closed: hand it to somebody else"
	}
	return ""
}

func namesOf(one restrict.Restriction) string {
	if one.Lapsed {
		return "Only the owner, until it is reviewed"
	}
	names := []string{}
	for _, p := range one.Named {
		names = append(names, p.Name)
	}
	if len(names) == 0 {
		return "Only the owner"
	}
	return strings.Join(names, ", ")
}

// reviewSoon is how many days before its review a restriction is marked.
const reviewSoon = 14

func reviewCell(one restrict.Restriction, today civil.Date) Cell {
	c := Cell{Text: whole(one.ReviewOn.Words())}
	switch {
	case one.Lapsed:
		c.Tag = &Tag{Text: "Overdue", Colour: "red"}
	case one.ReviewOn.DaysSince(today) <= reviewSoon:
		c.Tag = &Tag{Text: "Soon", Colour: "yellow"}
	}
	if one.LiftBy.Account != 0 {
		c.Note = one.LiftBy.Name + " asks to lift it"
	}
	return c
}

// openedTable are the locked records that were opened.
func openedTable(alerts []restrict.Alert, review bool) *Table {
	t := Table{Caption: "Locked records that were opened", Columns: []Column{{Text: "By"}, {Text: "When"}, {Text: "Record"}, {Text: "Why"}, {Text: "Owner"}}}
	for _, a := range alerts {
		row := []Cell{{Header: true, Text: a.By}, {Text: auditMoment(a.At), Note: "open until " + clockWords(a.Until)}, {Text: orText(a.YoungPersonsID, "No YoungPersonsID")}, {Text: a.Reason}, {Text: a.Owner}}
		if review {
			row[0].Href, row[0].Hidden = "/restricted/opened/"+string(a.Ref), "opened a locked record at "+auditMoment(a.At)+": say what you found"
		}
		t.Rows = append(t.Rows, row)
	}
	return &t
}

// clockWords is a time of day in London: 14:32.
func clockWords(at time.Time) string { return at.In(civil.London()).Format("15:04") }

// restrictForm is a page that is a form below what it is about.
type restrictForm struct {
	Page
	Who    Summary
	Words  []string
	Form   *Form
	Kept   []keptField
	Parts  []FormPart
	Button string
	// Below stands after the form: what is there already, each with a button.
	Below *Table
	Ends  []endButton
}

// endButton is a form that is one button.
type endButton struct {
	Action, Text, Hidden, Key string
	Warning                   bool
	Kept                      []keptField
}

var kindWords = map[access.Kind]struct{ text, hint string }{
	access.Locked:           {"Locked", "Everybody may know that there is a record; only those named open it. In need others open it for 30 minutes, with a reason, and you are told at once."},
	access.Hidden:           {"Hidden", "For everybody who is not named it is as if there were no such record."},
	access.ProtectedAddress: {"Protected address", "The record is open; the address, and all that follows from it, is shown to those named alone."},
}

func (s *Server) newRestrictionPage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewRestriction(w, r, newForm(map[string]string{"person": r.URL.Query().Get("person")}))
}

func (s *Server) showNewRestriction(w http.ResponseWriter, r *http.Request, form *Form) error {
	people, err := s.Restricted.CouldBeNamed(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	kinds := Choice{Name: "kind", Label: "How is it restricted?", Strong: true}
	for _, k := range access.Kinds() {
		ground := Choice{Name: groundField(k), Label: "Ground", Options: []Option{{Value: "", Text: "Choose one"}}}
		for _, g := range restrict.Grounds(k) {
			ground.Options = append(ground.Options, Option{Value: g, Text: capital(g)})
		}
		kinds.Options = append(kinds.Options, Option{Value: string(k), Text: kindWords[k].text, Hint: kindWords[k].hint, Reveal: &Reveal{Selects: []Choice{form.Choice(ground)}}})
	}
	return s.render(w, r, "restrict_form", &restrictForm{
		Page: Page{Title: "Restrict a record", Errors: form.Errors, Back: &Link{Text: "Restricted records", Href: "/restricted"}},
		Form: form, Button: "Restrict the record", Parts: []FormPart{
			form.inputPart(Input{Name: "person", Label: "Reference or YoungPersonsID of the record", Hint: "A reference stands at the end of the address of the record’s page.", Strong: true}),
			form.radiosPart(kinds),
			form.selectPart(Choice{Name: "owner", Label: "Who answers for it?", Hint: "They review it, and others ask them.", Strong: true, Options: peopleOptions(people, true)}),
			form.checkboxesPart(Choice{Name: "named", Label: "Who else may open it?", Hint: "People, not roles.", Strong: true, Small: true, Options: peopleOptions(people, false)}),
		}})
}

// groundField is the name of the field for the ground of a kind.
func groundField(k access.Kind) string { return "ground-" + strings.ReplaceAll(string(k), " ", "-") }

func peopleOptions(people []restrict.Person, choose bool) []Option {
	var out []Option
	if choose {
		out = append(out, Option{Value: "", Text: "Choose one"})
	}
	for _, p := range people {
		out = append(out, Option{Value: string(p.Ref), Text: p.Name})
	}
	return out
}

func (s *Server) newRestriction(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	n := restrict.New{Person: form.Require("person", "Enter the reference or the YoungPersonsID of the record"), Kind: access.Kind(form.Text("kind")), Key: form.Key}
	n.Ground, n.Owner = form.Text(groundField(n.Kind)), id.Ref(form.Text("owner"))
	for _, ref := range form.All("named") {
		n.Named = append(n.Named, id.Ref(ref))
	}
	if form.OK() {
		_, err = s.Restricted.Restrict(r.Context(), actorOf(r), n)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewRestriction(w, r, form.about("ground", groundField(n.Kind)))
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/restricted", "The record is restricted.", nil)
}

// restrictionPage is one restriction, for whoever keeps it: what it is, and what
// can be done about it.
func (s *Server) restrictionPage(w http.ResponseWriter, r *http.Request) error {
	return s.showRestriction(w, r, newForm(nil))
}

type restrictionPage struct {
	Page
	Who        Summary
	Form       *Form
	Ref        string
	Renew      Choice
	Name       Choice
	MayName    bool
	Named      *Table
	Ends       []endButton
	LiftWords  string
	LiftButton string
}

func (s *Server) showRestriction(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	one, err := s.Restricted.Get(r.Context(), by, id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	people, err := s.Restricted.CouldBeNamed(r.Context(), by)
	if err != nil {
		return err
	}
	back := &Link{Text: "Restricted records", Href: "/restricted"}
	if !access.May(by, access.RestrictRecord) {
		back = &Link{Text: "Restricted records you answer for", Href: "/restricted/yours"}
	}
	p := &restrictionPage{Page: Page{Title: "Restricted record", Heading: "Record " + orText(one.YoungPersonsID, "without a YoungPersonsID"), Errors: form.Errors, Back: back, Section: "/restricted"}, Form: form, Ref: string(one.Ref)}
	review := reviewCell(one, s.today())
	rows := []Row{{Key: "How", Value: kindWords[one.Kind].text}, {Key: "Ground", Value: capital(one.Ground)}, {Key: "Owner", Value: one.Owner.Name, Source: closedWords(one.Owner)},
		{Key: "Review by", Value: one.ReviewOn.Words(), Tag: review.Tag}}
	if one.Through(by) {
		rows = append(rows, Row{Key: "The record", Value: "Open it", Href: personHref(one.PersonRef, "")})
	}
	p.Who = Summary{Rows: rows}
	owner := Choice{Name: "owner", Label: "Who answers for it from now on?", Options: peopleOptions(people, false)}
	if form.Text("owner") == "" {
		form.values.Set("owner", string(one.Owner.Ref))
	}
	p.Renew = form.Choice(owner)
	p.MayName = one.Kind != access.Hidden || by.Holds(access.InformationGovernance)
	p.Name = form.Choice(Choice{Name: "named", Label: "Let one more person open it", Options: peopleOptions(slices.DeleteFunc(people, func(o restrict.Person) bool {
		return o.Ref == one.Owner.Ref || slices.ContainsFunc(one.Named, func(n restrict.Person) bool { return n.Ref == o.Ref })
	}), true)})
	for _, n := range one.Named {
		p.Ends = append(p.Ends, endButton{Action: restrictionHref(one.Ref, "/unname"), Text: "Take the name away", Hidden: n.Name, Key: string(id.NewRef()), Kept: []keptField{{"account", string(n.Ref)}}})
	}
	switch one.LiftBy.Account {
	case 0:
		p.LiftWords, p.LiftButton = "Two people lift a restriction. You ask for it; the owner or somebody else in information governance agrees.", "Ask to lift it"
	case by.Account:
		p.LiftWords = "You have asked to lift it. The owner or somebody else in information governance must agree."
	default:
		p.LiftWords, p.LiftButton = one.LiftBy.Name+" has asked to lift it. If you agree, the record is open to everybody at once.", "Lift the restriction"
	}
	if !p.MayName {
		form.about("named", "")
	}
	if p.LiftButton == "" {
		form.about("lift", "")
	}
	p.Errors = form.Errors
	return s.render(w, r, "restriction", p)
}

// keepRestriction does one act on a restriction and comes back to its page.
func (s *Server) keepRestriction(w http.ResponseWriter, r *http.Request, act func(*Form) (to, words string, err error)) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	to, words, err := act(form)
	if form.Take(err) {
		return s.showRestriction(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, to, words, nil)
}

func (s *Server) renewRestriction(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	return s.keepRestriction(w, r, func(f *Form) (string, string, error) {
		to := restrictionHref(ref, "")
		if own := id.Ref(f.Text("owner")); own != "" && !access.May(actorOf(r), access.RestrictRecord) {
			to = "/restricted/yours" // it may be somebody else's from now on
		}
		return to, "The restriction is reviewed, and holds for another 90 days.", s.Restricted.Renew(r.Context(), actorOf(r), ref, id.Ref(f.Text("owner")), f.Key)
	})
}

func (s *Server) nameRestriction(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	return s.keepRestriction(w, r, func(f *Form) (string, string, error) {
		return restrictionHref(ref, ""), "One more person may open the record.", s.Restricted.Name(r.Context(), actorOf(r), ref, id.Ref(f.Text("named")), f.Key)
	})
}

func (s *Server) unnameRestriction(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	return s.keepRestriction(w, r, func(f *Form) (string, string, error) {
		return restrictionHref(ref, ""), "The name is taken away.", s.Restricted.Unname(r.Context(), actorOf(r), ref, id.Ref(f.Text("account")), f.Key)
	})
}

func (s *Server) liftRestriction(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	return s.keepRestriction(w, r, func(f *Form) (string, string, error) {
		lifted, err := s.Restricted.Lift(r.Context(), actorOf(r), ref, f.Key)
		if !lifted {
			return restrictionHref(ref, ""), "You have asked to lift the restriction. Somebody else must agree.", err
		}
		to := "/restricted/yours"
		if access.May(actorOf(r), access.RestrictRecord) {
			to = "/restricted"
		}
		return to, "The restriction is lifted.", err
	})
}

// openedPage is one locked record that somebody opened, for information
// governance to look at.
func (s *Server) openedPage(w http.ResponseWriter, r *http.Request) error {
	return s.showOpened(w, r, newForm(nil))
}

func (s *Server) showOpened(w http.ResponseWriter, r *http.Request, form *Form) error {
	alerts, err := s.Restricted.Alerts(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(alerts, func(a restrict.Alert) bool { return string(a.Ref) == r.PathValue("ref") })
	if i < 0 {
		return errNoPage
	}
	a := alerts[i]
	return s.render(w, r, "restrict_form", &restrictForm{
		Page: Page{Title: "A locked record was opened", Errors: form.Errors, Back: &Link{Text: "Restricted records", Href: "/restricted"}},
		Who: Summary{Rows: []Row{{Key: "By", Value: a.By}, {Key: "When", Value: auditMoment(a.At) + ", until " + clockWords(a.Until)}, {Key: "Record", Value: orText(a.YoungPersonsID, "No YoungPersonsID")},
			{Key: "Why", Value: a.Reason}, {Key: "Owner", Value: a.Owner}}},
		Words: []string{"Ask them and the owner. What they were shown stands in the audit log."}, Form: form, Button: "Save what you found",
		Parts: []FormPart{form.textareaPart(Textarea{Name: "finding", Label: "What did you find?", Hint: "For example: rightly opened, the police rang. It stands in the log.", Strong: true, MaxLength: 300, Rows: 3})}})
}

func (s *Server) reviewOpened(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Restricted.Reviewed(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Text("finding"), form.Key)
	if form.Take(err) {
		return s.showOpened(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/restricted", "What you found is recorded.", nil)
}

// numbered is a number in a text.
func numbered(n int) string { return strconv.Itoa(n) }
