package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/id"
	"waymark/internal/transfer"
)

// transfersHref lists who is handed over between this authority and others of
// the house.
const transfersHref = "/transfers"

func (s *Server) transferRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/transfers", Permission: access.MoveAcross, Handler: s.transfersPage},
		{Method: "GET", Pattern: "/transfers/new", Permission: access.MoveAcross, Handler: s.newTransferPage},
		{Method: "POST", Pattern: "/transfers/new", Permission: access.MoveAcross, Handler: s.offerTransfer},
		{Method: "GET", Pattern: "/transfers/{ref}", Permission: access.MoveAcross, Handler: s.transferPage},
		{Method: "POST", Pattern: "/transfers/{ref}", Permission: access.MoveAcross, Handler: s.answerTransfer},
	}
}

type transfersPage struct {
	Page
	Came, Sent *Table
	NoneCame   *Empty
	ToSend     []toSend
	Alone      *Empty
}

// toSend are those who moved to one authority.
type toSend struct {
	To, Name, Count string
	Table           Table
}

func (s *Server) transfersPage(w http.ResponseWriter, r *http.Request) error {
	by := actorOf(r)
	lists, err := s.Transfers.Lists(r.Context(), by)
	if err != nil {
		return err
	}
	to, err := s.Transfers.Open(r.Context(), by)
	if err != nil {
		return err
	}
	p := &transfersPage{Page: Page{Title: "Transfers", Section: "/duplicates", Back: &Link{Text: "Across the border", Href: acrossHref},
		Lead: "Young people who move between this authority and another in this house. When the other authority takes them over, both records change in the same moment, and what is known of them goes along as far as it is agreed."}}
	if len(to) == 0 {
		p.Alone = &Empty{Title: "Nobody can be handed over here", Text: "No other authority in this house has an agreement in force with you on both sides. State a transfer on the record, with the authority they moved to; the return reports it once."}
	}
	if len(lists.Came) == 0 {
		p.NoneCame = &Empty{Title: "Nobody is offered to you", Text: "When another authority offers you somebody who moved to your area, they are listed here."}
	} else {
		p.Came = transferTable("Offered to you", "From", lists.Came)
	}
	if len(lists.Sent) > 0 {
		p.Sent = transferTable("Offered by you", "To", lists.Sent)
	}
	p.ToSend = toSendTables(lists.ToSend)
	return s.render(w, r, "transfers", p)
}

// toSendTables are those to offer, a table for each authority: one form goes to
// one.
func toSendTables(list []transfer.Mover) (out []toSend) {
	for _, m := range list {
		at := slices.IndexFunc(out, func(t toSend) bool { return t.To == m.To })
		if at < 0 {
			at = len(out)
			out = append(out, toSend{To: m.To, Name: m.ToName, Table: Table{Caption: "Moved to " + m.ToName, Columns: []Column{{Text: "Offer"}, {Text: "Young person"}, {Text: "Since"}}}})
		}
		t := &out[at].Table
		name := orNone(join(m.Given, m.Family))
		t.Rows = append(t.Rows, []Cell{{Tick: &Tick{ID: "offer-" + string(m.Ref), Name: "person", Value: string(m.Ref), Label: "Offer " + name + " to " + m.ToName}},
			{Header: true, Text: name, Href: personHref(m.Ref, "")}, {Text: orText(m.Since.Words(), "Not recorded")}})
	}
	for i := range out {
		out[i].Count = plural(len(out[i].Table.Rows), "young person", "young people")
	}
	return out
}

func transferTable(caption, other string, list []transfer.Transfer) *Table {
	// Those that wait come first.
	slices.SortStableFunc(list, func(a, b transfer.Transfer) int { return over(a) - over(b) })
	t := &Table{Caption: caption, Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: other}, {Text: "Moved on"}, {Text: "State"}}}
	for _, one := range list {
		state := Cell{Tag: transferTag(one), Note: whole(dayIn(one.ChangedAt).Words())}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: transferName(&one), Href: transfersHref + "/" + string(one.Ref)}, {Text: otherWords(&one)}, {Text: whole(one.MovedOn.Words())}, state})
	}
	return t
}

// over is 0 for a transfer that waits, 1 for one that is answered.
func over(t transfer.Transfer) int {
	if t.State == transfer.Offered {
		return 0
	}
	return 1
}

// transferName is who it is about: nobody where they were not taken, for then the
// other authority tells no more who it was.
func transferName(t *transfer.Transfer) string {
	return orText(t.Name(), "Somebody who was not taken over")
}

func otherWords(t *transfer.Transfer) string { return orText(t.Other, "Authority "+t.OtherLA) }

func transferTag(t transfer.Transfer) *Tag {
	switch t.State {
	case transfer.Taken:
		return &Tag{Text: "Taken over", Colour: "green"}
	case transfer.Refused:
		return &Tag{Text: "Refused", Colour: "red"}
	case transfer.GivenBack:
		return &Tag{Text: "Given back", Colour: "red"}
	case transfer.Withdrawn:
		return &Tag{Text: "Withdrawn", Colour: "grey"}
	}
	if t.Way == transfer.In {
		return &Tag{Text: "Waits for you", Colour: "yellow"}
	}
	return &Tag{Text: "Waits for them", Colour: "blue"}
}

type newTransferPage struct {
	Page
	Form   *Form
	People Choice
	Parts  []FormPart
}

func (s *Server) newTransferPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if len(q["person"]) == 0 { // first choose who moved
		http.Redirect(w, r, transfersHref, http.StatusSeeOther)
		return nil
	}
	form := newForm(map[string]string{"to": q.Get("to"), "basis": transfer.Bases()[0]})
	form.values["person"] = q["person"]
	return s.showNewTransfer(w, r, form)
}

// showNewTransfer asks on what terms those who are ticked are offered. Nobody is
// looked for here: they come from the list of movers or from a young person's page.
// Whoever unticks all is told so.
func (s *Server) showNewTransfer(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	to, err := s.Transfers.Open(r.Context(), by)
	if err != nil {
		return err
	}
	people, err := s.Transfers.Whom(r.Context(), by, refsOf(form.All("person")))
	if err != nil {
		return err
	}
	p := &newTransferPage{Page: Page{Title: "Hand over to another authority", Section: "/duplicates", Back: &Link{Text: "Transfers", Href: transfersHref}, Errors: form.Errors,
		Lead: "Nothing changes until the other authority takes them over. Until then it is shown who they are and where they live, and nothing more."}, Form: form}
	whom := Choice{Name: "person", Label: "Who moved?", Strong: true}
	for _, one := range people {
		whom.Options = append(whom.Options, Option{Value: string(one.Ref), Text: orNone(join(one.Given, one.Family))})
	}
	if len(people) == 0 {
		form.Fail("", "Choose on the page Transfers who moved, or begin on a young person’s page")
		p.Errors = form.Errors
	}
	p.People = form.Choice(whom)
	if len(people) > 0 && form.Text("moved-on-day") == "" && len(form.Errors) == 0 {
		form.SetDate("moved-on", people[0].Since)
	}
	where, shared := Choice{Name: "to", Label: "To which authority?", Strong: true}, access.Fields(0)
	for _, one := range to {
		where.Options = append(where.Options, Option{Value: one.Code, Text: one.Name, Hint: "The agreement lets go along: " + orText(joined(", ", (one.Agreed&^access.Identity).Words()...), "nothing more than who they are")})
		shared |= one.Agreed
	}
	fields := Choice{Name: "goes", Label: "What goes along, as far as the agreement lets it?", Hint: "Names, birth date, gender, numbers and address always do.", Strong: true, Small: true}
	for _, f := range (shared & access.Handed &^ access.Identity).Each() {
		fields.Options = append(fields.Options, Option{Value: f.String(), Text: capital(f.String())})
	}
	if len(form.Errors) == 0 && form.values["goes"] == nil {
		form.values["goes"] = (shared & access.Handed &^ access.Identity).Words()
	}
	basis := Choice{Name: "basis", Label: "What does the law let you hand them over for?", Strong: true}
	for _, b := range transfer.Bases() {
		basis.Options = append(basis.Options, Option{Value: b, Text: capital(b)})
	}
	p.Parts = []FormPart{form.radiosPart(where), form.datePart(DateInput{Name: "moved-on", Label: "On which day did they move?", Strong: true, Hint: "From this day on they are the other authority’s. For example, 2 11 2026"})}
	if len(people) == 1 {
		p.Parts = append(p.Parts, headingPart("The new address, if it is known and not recorded yet"),
			form.inputPart(Input{Name: "line1", Label: "Address line 1 (may be left out)"}), form.inputPart(Input{Name: "town", Label: "Town (may be left out)", Width: "20"}), form.inputPart(Input{Name: "postcode", Label: "Postcode (may be left out)", Width: "10"}))
	}
	p.Parts = append(p.Parts, form.radiosPart(basis))
	if len(fields.Options) > 0 {
		p.Parts = append(p.Parts, form.checkboxesPart(fields))
	}
	return s.render(w, r, "transfer_new", p)
}

func refsOf(texts []string) []id.Ref {
	out := make([]id.Ref, len(texts))
	for i, t := range texts {
		out[i] = id.Ref(t)
	}
	return out
}

func (s *Server) offerTransfer(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	terms := transfer.Terms{To: form.Text("to"), Basis: form.Text("basis"), Key: form.Key}
	for _, f := range access.Handed.Each() {
		if slices.Contains(form.All("goes"), f.String()) {
			terms.Goes |= f
		}
	}
	day := form.RequireDate("moved-on", "The day they moved", "Enter the day on which they moved, like 2 11 2026")
	var offers []transfer.Offer
	for _, ref := range refsOf(form.All("person")) {
		offers = append(offers, transfer.Offer{Person: ref, MovedOn: day, Line1: form.Text("line1"), Town: form.Text("town"), Postcode: form.Text("postcode")})
	}
	if form.OK() {
		err = s.Transfers.Propose(r.Context(), actorOf(r), offers, terms)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewTransfer(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, transfersHref, "Offered: "+plural(len(offers), "young person", "young people")+". Nothing changes until the other authority takes them over.", nil)
}

type transferPage struct {
	Page
	Facts  Summary
	Form   *Form
	Who    *Choice
	Why    *Choice
	Ours   *Link
	Cancel bool
	Return *giveBack
}

// giveBack is the form that gives back who was taken over, after what has been
// built on it.
type giveBack struct {
	Words string
	Since *Table
	Bars  string
	Why   Choice
}

func (s *Server) transferPage(w http.ResponseWriter, r *http.Request) error {
	return s.showTransfer(w, r, newForm(nil))
}

func (s *Server) showTransfer(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	t, alike, err := s.Transfers.Get(r.Context(), by, id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &transferPage{Page: Page{Title: "Transfer", Heading: transferName(&t), Section: "/duplicates", Back: &Link{Text: "Transfers", Href: transfersHref}, Errors: form.Errors}, Form: form}
	p.Facts = transferFacts(&t)
	if t.PersonRef != "" {
		p.Ours = &Link{Text: "Open their record", Href: personHref(t.PersonRef, "")}
	}
	if t.State == transfer.Offered && t.Way == transfer.Out {
		p.Cancel = true
	}
	if t.State == transfer.Taken && t.Way == transfer.In {
		if p.Return, err = s.giveBackOf(r, &t, form); err != nil {
			return err
		}
	}
	if t.State == transfer.Offered && t.Way == transfer.In {
		if p.Who, err = s.whoTaken(r, form, alike); err != nil {
			return err
		}
		why := Choice{Name: "why", Label: "Why do you not take them?", Small: true}
		for _, one := range transfer.Reasons() {
			why.Options = append(why.Options, Option{Value: one, Text: capital(one)})
		}
		why = form.Choice(why)
		p.Why = &why
	}
	return s.render(w, r, "transfer", p)
}

func transferFacts(t *transfer.Transfer) Summary {
	from, to := otherWords(t)+" ("+t.OtherLA+")", "this authority ("+t.OwnLA+")"
	if t.Way == transfer.Out {
		from, to = to, from
	}
	rows := []Row{{Key: "State", Tag: transferTag(*t), Value: t.Why}, {Key: "From", Value: capital(from)}, {Key: "To", Value: capital(to)}, {Key: "Moved on", Value: t.MovedOn.Words()}, {Key: "Birth date", Value: dayWords(t.Born)},
		{Key: "Gender", Value: t.Gender}, {Key: "ULN", Value: t.ULN}, {Key: "UPN", Value: t.UPN}, {Key: "YoungPersonsID there", Value: t.YoungPersonsID}, {Key: "Lives at", Value: t.Address},
		{Key: "Lawful basis", Value: capital(t.Basis)}, {Key: "What goes along", Value: capital(joined(", ", t.Goes.Words()...)), Source: "As far as the agreement lets it on the day on which they are taken over"},
		{Key: "Offered", Value: joined(", ", t.OfferedBy, moment(t.OfferedAt))}}
	if t.State != transfer.Offered {
		rows = append(rows, Row{Key: "Answered", Value: joined(", ", t.ChangedBy, moment(t.ChangedAt))})
	} else if t.Contact.Told() {
		rows = append(rows, Row{Key: "Whom to ask there", Value: whomWords(t.Contact)})
	}
	if t.Way == transfer.Out {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return r.Key == "YoungPersonsID there" })
	}
	return Summary{Rows: slices.DeleteFunc(rows, func(r Row) bool { return r.Value == "" && r.Tag == nil })}
}

// giveBackOf shows what has been built on a transfer, and asks why it is taken
// back.
func (s *Server) giveBackOf(r *http.Request, t *transfer.Transfer, form *Form) (*giveBack, error) {
	built, err := s.Transfers.Built(r.Context(), actorOf(r), t.Ref)
	if err != nil {
		return nil, err
	}
	out := &giveBack{Bars: built.Bars, Words: "Nothing has been recorded about them here since."}
	if len(built.Since) > 0 {
		out.Words = "This was recorded about them here since they were taken over."
		table := Table{Caption: "Recorded since", Quiet: true, Columns: []Column{{Text: "What"}, {Text: "By"}, {Text: "When"}}}
		for _, one := range built.Since {
			table.Rows = append(table.Rows, []Cell{{Header: true, Text: capital(string(one.What))}, {Text: one.By}, {Text: moment(one.At)}})
		}
		out.Since = &table
	}
	if built.Changed {
		out.Words += " Somebody has changed what came along: what they changed stays as they left it."
	}
	why := Choice{Name: "given-back", Label: "Why do you give them back?", Small: true}
	for _, one := range transfer.BackReasons() {
		why.Options = append(why.Options, Option{Value: one, Text: capital(one)})
	}
	out.Why = form.Choice(why)
	return out, nil
}

// whoTaken asks whether they are somebody whom we hold already.
func (s *Server) whoTaken(r *http.Request, form *Form, alike []id.YoungPerson) (*Choice, error) {
	rows, err := s.Record.Shown(r.Context(), actorOf(r), access.MoveAcross, alike, "transfer")
	if err != nil {
		return nil, err
	}
	who := Choice{Name: "as", Label: "Who are they here?", Strong: true}
	for _, one := range rows {
		if !one.Locked {
			who.Options = append(who.Options, Option{Value: string(one.Ref), Text: one.Name() + ", " + orText(one.Born.Words(), "no birth date") + ", " + one.YoungPersonsID, Hint: "We hold this record already. What it says stands, and what comes along is added."})
		}
	}
	hint := "Nobody here has their numbers, or their family name and birth date."
	if len(who.Options) > 0 {
		hint = "None of these is the same young person."
	}
	who.Options = append(who.Options, Option{Value: "new", Text: "Somebody new", Hint: hint})
	who = form.Choice(who)
	return &who, nil
}

func (s *Server) answerTransfer(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	by, ref := actorOf(r), id.Ref(r.PathValue("ref"))
	words, at, link := "", transfersHref, (*Link)(nil)
	switch form.Text("act") {
	case "take":
		as := form.Require("as", "Select who they are here")
		if as == "new" {
			as = ""
		}
		if form.OK() {
			var person id.Ref
			person, err = s.Transfers.Take(r.Context(), by, ref, id.Ref(as), form.Key)
			words, link = "Taken over. Both records have changed.", &Link{Text: "Open their record", Href: personHref(person, "")}
		}
	case "refuse":
		if why := form.Require("why", "Select why you do not take them"); form.OK() {
			err = s.Transfers.Refuse(r.Context(), by, ref, why, form.Key)
			words = "Refused. The other authority is told why; nothing else has changed."
		}
	case "back":
		if why := form.Require("given-back", "Select why you give them back"); form.OK() {
			err = s.Transfers.GiveBack(r.Context(), by, ref, why, form.Key)
			words = "Given back. Both records are as they were before, and the other authority is told why."
		}
	case "withdraw":
		err = s.Transfers.Withdraw(r.Context(), by, ref, form.Key)
		words = "Withdrawn. Nothing else has changed."
	default:
		return errNoPage
	}
	form.Take(err)
	if !form.OK() {
		return s.showTransfer(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, at, words, link)
}

// handOverHref begins to hand somebody over.
func handOverHref(ref id.Ref) string {
	return transfersHref + "/new?" + url.Values{"person": {string(ref)}}.Encode()
}
