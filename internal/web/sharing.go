package web

import (
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/sharing"
)

// sharingRoutes are the pages of agreements: what is shared with whom.
func (s *Server) sharingRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/sharing", Permission: access.KeepAgreement, Handler: s.sharingPage, Nav: "Sharing"},
		{Method: "GET", Pattern: "/sharing/new", Permission: access.KeepAgreement, Handler: s.newAgreement},
		{Method: "POST", Pattern: "/sharing/new", Permission: access.KeepAgreement, Handler: s.saveAgreement},
		{Method: "GET", Pattern: "/sharing/{ref}", Permission: access.KeepAgreement, Handler: s.agreementPage},
		{Method: "POST", Pattern: "/sharing/{ref}", Permission: access.KeepAgreement, Handler: s.keepAgreement},
		{Method: "GET", Pattern: "/sharing/{ref}/change", Permission: access.KeepAgreement, Handler: s.changeAgreement},
		{Method: "POST", Pattern: "/sharing/{ref}/change", Permission: access.KeepAgreement, Handler: s.saveAgreement},
		{Method: "GET", Pattern: "/sharing/{ref}/end", Permission: access.KeepAgreement, Handler: s.endAgreementPage},
		{Method: "POST", Pattern: "/sharing/{ref}/end", Permission: access.KeepAgreement, Handler: s.endAgreement},
	}
}

func agreementHref(ref id.Ref, tail string) string { return "/sharing/" + string(ref) + tail }

type sharingPage struct {
	Page
	Table Table
	None  *Empty
}

func (s *Server) sharingPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Sharing.List(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &sharingPage{Page: Page{Title: "Sharing agreements", Lead: "What is shared with whom, about whom and until when. Without one in force a partner sees nobody, and its files are not received.",
		Actions: []Link{{Text: "Add an agreement", Href: "/sharing/new", Main: true}}}}
	if len(list) == 0 {
		p.None = &Empty{Title: "No agreement is kept yet", Text: "Nothing is shared with anybody outside. Add an agreement once the paper is signed.", Link: &Link{Text: "Add an agreement", Href: "/sharing/new"}}
		return s.render(w, r, "sharing", p)
	}
	p.Table = Table{Caption: "Agreements", Quiet: true, Columns: []Column{{Text: "Organisation"}, {Text: "State"}, {Text: "About"}, {Text: "First day"}, {Text: "Last day"}}}
	for _, a := range list {
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: a.Organisation.Name, Note: a.Document, Href: agreementHref(a.Ref, ""), Header: true}, {Tag: agreementTag(a.On(s.today()))},
			{Text: peopleWords(a.People)}, {Text: whole(a.Started.Words())}, {Text: whole(a.Ends.Words()), Note: endsSoon(a, s.today())}})
	}
	return s.render(w, r, "sharing", p)
}

// renewDays is how many days before its end an agreement asks to be renewed.
const renewDays = 60

func endsSoon(a sharing.Agreement, today civil.Date) string {
	if days := a.Ends.DaysSince(today); a.On(today) == sharing.InForce && days <= renewDays {
		return "ends in " + plural(days, "day", "days")
	}
	return ""
}

func agreementTag(state sharing.State) *Tag {
	colour := map[sharing.State]string{sharing.InForce: "green", sharing.Waiting: "yellow", sharing.Suspended: "red", sharing.NotYet: "blue"}[state]
	return &Tag{Text: capital(string(state)), Colour: orText(colour, "grey")}
}

func peopleWords(people string) string {
	if people == sharing.Named {
		return "Young people named"
	}
	return "Whoever is enrolled there"
}

type agreementPage struct {
	Page
	Form    *Form
	Version string
	Terms   Summary
	// Approve and Ended say what can be done; ByName that people are named.
	Approve, Ended, ByName                bool
	HeldAccounts, HeldSenders, HeldPeople heldList
	SignIn, Number                        Input
	Sender                                *Choice
	ChangeH, EndH                         string
}

// heldList is what hangs on an agreement, or words where nothing does.
type heldList struct {
	Form  *Form
	None  string
	Items []heldHere
}

// heldHere is one thing that hangs on an agreement, with the button that takes
// it away.
type heldHere struct{ Text, Note, Href, Act, Value, Button string }

func (s *Server) agreementPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAgreement(w, r, newForm(nil))
}

func (s *Server) showAgreement(w http.ResponseWriter, r *http.Request, form *Form) error {
	a, err := s.Sharing.One(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	today := s.today()
	state := a.On(today)
	p := &agreementPage{Page: Page{Title: "A sharing agreement", Heading: a.Organisation.Name, Errors: form.Errors, Section: "/sharing", Back: &Link{Text: "Sharing agreements", Href: "/sharing"}},
		Form: form, Version: strconv.FormatInt(int64(a.Version), 10), Ended: a.Ended, Approve: !a.Ended && (a.Suspended || !a.Approved), ByName: a.People == sharing.Named,
		ChangeH: agreementHref(a.Ref, "/change"), EndH: agreementHref(a.Ref, "/end")}
	p.Terms = agreementSummary(a.Agreement, state)
	switch state {
	case sharing.Suspended:
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "Suspended: " + a.Why + ".", Text: "Nothing is shared with this organisation until the agreement is approved again. Ask it who it is now, and read the signed paper."})
	case sharing.Waiting:
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "Not in force yet.", Text: "Approve it once you have read the signed paper."})
	case sharing.Lapsed:
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "Lapsed.", Text: "Nothing is shared under it since " + a.Ends.Words() + ". Change its days to renew it, or add a new one."})
	}
	p.HeldAccounts = heldList{Form: form, None: "Nobody signs in for this organisation."}
	p.HeldSenders = heldList{Form: form, None: "No sender’s files are held to it: they come in whether an agreement is in force or not."}
	p.HeldPeople = heldList{Form: form, None: "Nobody is named yet, so nobody is shared."}
	for _, one := range a.Accounts {
		note := one.SignIn
		if one.Closed {
			note += "; the account is closed"
		}
		p.HeldAccounts.Items = append(p.HeldAccounts.Items, heldHere{Text: one.Name, Note: note, Act: "unbind", Value: string(one.Ref), Button: "Take away"})
	}
	for _, one := range a.Senders {
		p.HeldSenders.Items = append(p.HeldSenders.Items, heldHere{Text: one.Name, Act: "free", Value: string(one.Ref), Button: "Hold no longer"})
	}
	for _, one := range a.Named {
		p.HeldPeople.Items = append(p.HeldPeople.Items, heldHere{Text: one.Name(), Note: one.YoungPersonsID, Href: personHref(one.Ref, ""), Act: "unname", Value: string(one.Ref), Button: "Take out"})
	}
	p.SignIn = form.Input(Input{Name: "sign-in", Label: "Name that the partner signs in with", Hint: "An administrator makes the account first, with a partner’s role."})
	p.Number = form.Input(Input{Name: "number", Label: "YoungPersonsID, ULN or UPN", Width: "20"})
	if len(a.Free) > 0 {
		choice := Choice{Name: "sender", Label: "Sender of files", Options: []Option{{Text: "Choose"}}}
		for _, one := range a.Free {
			choice.Options = append(choice.Options, Option{Value: string(one.Ref), Text: one.Name})
		}
		choice = form.Choice(choice)
		p.Sender = &choice
	}
	return s.render(w, r, "agreement", p)
}

func agreementSummary(a sharing.Agreement, state sharing.State) Summary {
	o := a.Organisation
	return Summary{Rows: []Row{
		{Key: "State", Tag: agreementTag(state)},
		{Key: "Organisation", Value: joined(", ", o.Name, o.Kind)},
		{Key: "Numbers", Value: orText(joined("; ", labelled("URN ", o.URN), labelled("DfE number ", o.Number), labelled("UKPRN ", o.UKPRN), labelled("authority ", o.LACode)), "None")},
		{Key: "Purpose", Value: a.Purpose},
		{Key: "Signed paper", Value: a.Document},
		{Key: "Answers for it there", Value: a.Owner},
		{Key: "About", Value: peopleWords(a.People)},
		{Key: "Fields", Value: capital(strings.Join(a.Fields.Words(), ", "))},
		{Key: "From", Value: a.Started.Words() + " to " + a.Ends.Words()},
	}}
}

// keepAgreement does one act of the agreement's page.
func (s *Server) keepAgreement(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ctx, by, ref := r.Context(), actorOf(r), id.Ref(r.PathValue("ref"))
	done := ""
	switch form.Text("act") {
	case "approve":
		seen, bad := strconv.ParseInt(form.Text("version"), 10, 64)
		if bad != nil {
			seen = -1 // no version: then it is one that does not stand
		}
		done, err = "The agreement is approved.", s.Sharing.Approve(ctx, by, ref, id.Act(seen), form.Key)
	case "bind":
		done, err = "The account asks for this organisation.", s.Sharing.Bind(ctx, by, ref, form.Require("sign-in", "Enter the name that the partner signs in with"), form.Key)
	case "unbind":
		done, err = "The account is taken away. It sees nobody.", s.Sharing.Unbind(ctx, by, ref, id.Ref(form.Text("which")), form.Key)
	case "hold":
		done, err = "The sender’s files are received only under this agreement.", s.Sharing.BindSender(ctx, by, ref, id.Ref(form.Text("sender")), form.Key)
	case "free":
		done, err = "The sender’s files are held to no agreement.", s.Sharing.UnbindSender(ctx, by, ref, id.Ref(form.Text("which")), form.Key)
	case "name":
		done, err = "The young person is named in the agreement.", s.Sharing.NamePerson(ctx, by, ref, form.Require("number", "Enter the YoungPersonsID, ULN or UPN of one young person"), form.Key)
	case "unname":
		done, err = "The young person is taken out.", s.Sharing.UnnamePerson(ctx, by, ref, id.Ref(form.Text("which")), form.Key)
	default:
		return errNoPage
	}
	if len(form.Errors) > 0 || form.Take(err) {
		return s.showAgreement(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, agreementHref(ref, ""), done, nil)
}

type endAgreementPage struct {
	Page
	Form    *Form
	Version string
	Terms   Summary
	Reason  Input
	Cancel  string
}

func (s *Server) endAgreementPage(w http.ResponseWriter, r *http.Request) error {
	return s.showEndAgreement(w, r, newForm(nil))
}

func (s *Server) showEndAgreement(w http.ResponseWriter, r *http.Request, form *Form) error {
	a, err := s.Sharing.One(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	return s.render(w, r, "agreement_end", &endAgreementPage{Page: Page{Title: "End a sharing agreement", Errors: form.Errors, Section: "/sharing", Back: &Link{Text: a.Organisation.Name, Href: agreementHref(a.Ref, "")},
		Lead: "From the next request on nothing is shared under it, and it cannot be approved again."},
		Form: form, Version: strconv.FormatInt(int64(a.Version), 10), Terms: agreementSummary(a.Agreement, a.On(s.today())), Cancel: agreementHref(a.Ref, ""),
		Reason: form.Input(Input{Name: "reason", Label: "Why it ends", Strong: true})})
}

func (s *Server) endAgreement(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(form.Text("version"), 10, 64)
	if err != nil {
		seen = -1
	}
	err = s.Sharing.End(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Text("reason"), id.Act(seen), form.Key)
	if form.Take(err) {
		return s.showEndAgreement(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/sharing", "The agreement is ended.", nil)
}
