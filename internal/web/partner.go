package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/notice"
	"waymark/internal/record"
	"waymark/internal/sharing"
)

// partnerRoutes are the pages of schools, colleges and providers: their own
// people, and no other.
func (s *Server) partnerRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/partner/people", Permission: access.PartnerPages, Handler: s.partnerPeople, Nav: "Our people"},
		{Method: "GET", Pattern: "/partner/people/{ref}/left", Permission: access.PartnerPages, Handler: s.partnerTellPage(notice.Left)},
		{Method: "POST", Pattern: "/partner/people/{ref}/left", Permission: access.PartnerPages, Handler: s.partnerTell(notice.Left)},
		{Method: "GET", Pattern: "/partner/people/{ref}/risk", Permission: access.PartnerPages, Handler: s.partnerTellPage(notice.Risk)},
		{Method: "POST", Pattern: "/partner/people/{ref}/risk", Permission: access.PartnerPages, Handler: s.partnerTell(notice.Risk)},
		{Method: "GET", Pattern: "/partner/leavers", Permission: access.PartnerPages, Handler: s.partnerLeavers, Nav: "Leavers"},
		{Method: "POST", Pattern: "/partner/leavers", Permission: access.PartnerPages, Handler: s.partnerAnswer},
		{Method: "GET", Pattern: "/partner/leavers/new", Permission: access.PartnerPages, Handler: s.partnerNewPage},
		{Method: "POST", Pattern: "/partner/leavers/new", Permission: access.PartnerPages, Handler: s.partnerNew},
		{Method: "GET", Pattern: "/partner/risk", Permission: access.PartnerPages, Handler: s.partnerRisk, Nav: "Risk of leaving"},
		{Method: "GET", Pattern: "/partner/destinations", Permission: access.PartnerPages, Handler: s.partnerDestinations, Nav: "Destinations and offers"},
		{Method: "GET", Pattern: "/partner/files", Permission: access.PartnerPages, Handler: s.partnerFiles, Nav: "Files we sent"},
		{Method: "POST", Pattern: "/partner/files", Permission: access.SendFile, Handler: s.partnerSend, Body: 20 << 20},
		{Method: "GET", Pattern: "/partner/files/{ref}", Permission: access.PartnerPages, Handler: s.partnerFile},
	}
}

type partnerPage struct {
	Page
	Form  *Form
	Shown string
	Table *Table
	None  *Empty
	Pages Pagination
	// Answers are asked for in one form, a person each.
	Answers []Choice
	Asked   string
	File    *Upload
	Kind    *Choice
	AsAt    *DateInput
	Facts   *Summary
	Parts   []FormPart
	Button  string
	Cancel  string
	Links   []Link
}

// partnerOf begins a partner's page: for whom it asks, and until when.
func (s *Server) partnerOf(r *http.Request, title, lead string) (*partnerPage, sharing.Asking, error) {
	asking, err := s.Sharing.Mine(r.Context(), actorOf(r))
	if err != nil {
		return nil, asking, err
	}
	p := &partnerPage{Page: Page{Title: title, Lead: lead, Caption: asking.Organisation.Name}}
	g := asking.Agreement
	p.Banners = append(p.Banners, s.agreementBanner(g, "your own young people"))
	return p, asking, nil
}

// agreementBanner says until when an agreement holds, and what it lets be seen of
// whom.
func (s *Server) agreementBanner(g sharing.Agreement, whom string) Banner {
	tone, soon := "info", endsSoon(g, s.today())
	if soon != "" {
		tone = "warn"
	}
	return Banner{Tone: tone, Strong: "Your agreement ends on " + g.Ends.Words() + ".", Text: joined(" ", capital(soon)+dot(soon), "You see "+whom+", and of them: "+strings.Join(g.Fields.Words(), ", ")+".")}
}

func dot(text string) string {
	if text == "" {
		return ""
	}
	return "."
}

// mostOwn bounds the number of a page in an address.
const mostOwn = 100_000

func (s *Server) partnerPeople(w http.ResponseWriter, r *http.Request) error {
	p, asking, err := s.partnerOf(r, "Our people", "Who is with you, as the authority holds it.")
	if err != nil {
		return err
	}
	page := pageOf(r, mostOwn, listPage)
	rows, total, err := s.Sharing.OwnPeople(r.Context(), actorOf(r), (page-1)*listPage, listPage)
	if err != nil {
		return err
	}
	if total == 0 {
		p.None = &Empty{Title: "Nobody is with you, as the authority holds it", Text: "Send your enrolment list, so that it knows.", Link: &Link{Text: "Files we sent", Href: "/partner/files"}}
		return s.render(w, r, "partner", p)
	}
	born, doing := asking.Agreement.Fields.Has(access.Birth), asking.Agreement.Fields.Has(access.Activities)
	t := Table{Caption: "Our people", Stacked: true, Quiet: true, Columns: []Column{{Text: "Name"}}}
	if born {
		t.Columns = append(t.Columns, Column{Text: "Born"})
	}
	if doing {
		t.Columns = append(t.Columns, Column{Text: "Last confirmed"})
	}
	t.Columns = append(t.Columns, Column{Text: "Tell us"}, Column{Text: "Worry"})
	for _, row := range rows {
		if row.Locked {
			continue
		}
		cells := []Cell{{Text: orText(rowWords(row), "Not shared"), Header: true, Href: personHref(row.Ref, "")}}
		if born {
			cells = append(cells, Cell{Text: whole(row.Born.Words())})
		}
		if doing {
			cells = append(cells, Cell{Text: whole(row.VerifiedOn.Words())})
		}
		t.Rows = append(t.Rows, append(cells, Cell{Text: "Has left", Hidden: ": " + row.Name(), Href: "/partner/people/" + string(row.Ref) + "/left"}, Cell{Text: "May leave", Hidden: ": " + row.Name(), Href: "/partner/people/" + string(row.Ref) + "/risk"}))
	}
	p.Shown = showing(page, listPage, len(rows), total, "young person", "young people")
	p.Table = &t
	p.Pages = paginate(total, listPage, page, func(n int) string { return "/partner/people?page=" + strconv.Itoa(n) })
	return s.render(w, r, "partner", p)
}

// askedAtOnce is of how many people a partner is asked on one page.
const askedAtOnce = 10

func (s *Server) partnerLeavers(w http.ResponseWriter, r *http.Request) error {
	return s.showPartnerLeavers(w, r, newForm(nil))
}

func (s *Server) showPartnerLeavers(w http.ResponseWriter, r *http.Request, f *Form) error {
	p, _, err := s.partnerOf(r, "Leavers", "Section 13 of the Education and Skills Act 2008: tell us as soon as a young person has left.")
	if err != nil {
		return err
	}
	p.Form, p.Errors = f, f.Errors
	p.Links = []Link{{Text: "Tell us of somebody who is not on this page", Href: "/partner/leavers/new"}, {Text: "Send a file", Href: "/partner/files"}}
	rows, total, err := s.Notices.Unanswered(r.Context(), actorOf(r), askedAtOnce)
	if err != nil {
		return err
	}
	p.Asked = "Your leavers: nobody needs an update"
	if total > 0 {
		p.Asked = "Your leavers: " + count(total) + " " + needs(total) + " an update"
	}
	for _, row := range rows {
		if row.Locked {
			continue
		}
		p.Answers = append(p.Answers, f.Choice(Choice{Name: "answer-" + string(row.Ref), Label: orText(rowWords(row), "Not shared"), Hint: labelled("Last confirmed ", row.VerifiedOn.Words()), Small: true, Strong: true,
			Options: []Option{{Value: string(notice.Staying), Text: "Still with us"},
				{Value: string(notice.Left), Text: "Has left", Reveal: &Reveal{
					Dates:   []DateInput{f.DateInput(DateInput{Name: "left-on-" + string(row.Ref), Label: "Last day of " + orText(rowWords(row), "this person")})},
					Selects: []Choice{f.Choice(Choice{Name: "reason-" + string(row.Ref), Label: "Why " + orText(rowWords(row), "they") + " left", Options: reasonOptions()})}}}}}))
	}
	if n := len(p.Answers); n < total {
		p.Shown = "The first " + count(n) + " are here. Answer those you know and send them: the next take their place."
	}
	list, err := s.Notices.Mine(r.Context(), actorOf(r), notice.Left, 100)
	if err != nil {
		return err
	}
	p.Table = receipts("What you told us of leavers", list)
	return s.render(w, r, "partner_leavers", p)
}

func needs(n int) string {
	if n == 1 {
		return "needs"
	}
	return "need"
}

func reasonOptions() []Option {
	out := []Option{{Text: "Not known"}}
	for _, one := range notice.Reasons() {
		out = append(out, Option{Value: one.Code, Text: one.Words})
	}
	return out
}

// receipts are what a sender has told, or nil where that is nothing.
func receipts(caption string, list []notice.Receipt) *Table {
	if len(list) == 0 {
		return nil
	}
	t := Table{Caption: caption, Stacked: true, Columns: []Column{{Text: "Young person"}, {Text: "You said"}, {Text: "Received"}, {Text: "State"}}}
	for _, one := range list {
		said := Cell{Text: orText(labelled("left on ", whole(one.LeftOn.Words())), one.Reasons), Note: joined(", by ", one.WhoActs, one.ActBy.Words())}
		tag := &Tag{Text: capital(one.State()), Colour: "blue"}
		if one.Done {
			tag.Colour = "grey"
		}
		t.Rows = append(t.Rows, []Cell{{Text: orText(joined(" ", one.Given, one.Family), "Details erased"), Header: true, Note: one.Stamp}, said, {Text: whole(dayIn(one.ReceivedAt).Words()), Note: one.SenderName}, {Tag: tag}})
	}
	return &t
}

// partnerAnswer takes the radios of the page of leavers: each that is answered is
// one notice, and those that are not wait.
func (s *Server) partnerAnswer(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	rows, _, err := s.Notices.Unanswered(r.Context(), actorOf(r), askedAtOnce)
	if err != nil {
		return err
	}
	told, answered := 0, 0
	for _, row := range rows {
		ref := string(row.Ref)
		kind := notice.Kind(f.Text("answer-" + ref))
		if kind != notice.Left && kind != notice.Staying {
			continue
		}
		answered++
		sent := notice.Sent{Said: notice.Said{Kind: kind}, Channel: notice.ByPage, Person: row.Ref, Key: notice.PartKey(f.Key, ref)}
		if kind == notice.Left {
			sent.LeftOn = f.Date("left-on-"+ref, "Last day")
			if reason := f.Text("reason-" + ref); reason != "" {
				sent.Reasons = []string{reason}
			}
			if f.Error("left-on-"+ref) != "" {
				continue
			}
		}
		_, err := s.Notices.Receive(r.Context(), actorOf(r), sent)
		if f.takeOf(ref, err) {
			continue
		}
		if err != nil && !errors.Is(err, act.ErrRepeated) {
			return err
		}
		told++
	}
	if answered == 0 && f.OK() && len(rows) > 0 {
		f.Fail("answer-"+string(rows[0].Ref), "Answer about one of them at least")
	}
	if !f.OK() {
		return s.showPartnerLeavers(w, r, f)
	}
	return s.done(w, r, "/partner/leavers", plural(told, "answer is", "answers are")+" received.", nil)
}

// takeOf puts complaints about one of several people beside that one's fields.
func (f *Form) takeOf(ref string, err error) bool {
	one := newForm(nil)
	if !one.Take(err) {
		return false
	}
	for _, e := range one.Errors {
		at := "answer-" + ref
		if e.ID == "left-on" {
			at = "left-on-" + ref + "-day"
		}
		f.Fail(at, e.Message)
	}
	return true
}

func (s *Server) partnerNewPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPartnerNew(w, r, newForm(nil))
}

func (s *Server) showPartnerNew(w http.ResponseWriter, r *http.Request, f *Form) error {
	p, _, err := s.partnerOf(r, "Tell us of a leaver", "Somebody who has left you, or will on a day.")
	if err != nil {
		return err
	}
	p.Form, p.Errors, p.Section, p.Back, p.Button, p.Cancel = f, f.Errors, "/partner/leavers", &Link{Text: "Leavers", Href: "/partner/leavers"}, "Send the notice", "/partner/leavers"
	p.Parts = append(s.saidParts(f, notice.Left), f.inputPart(Input{Name: "their-reference", Label: "Your own reference for them (if you have one)", Width: "20"}))
	return s.render(w, r, "partner_form", p)
}

func (s *Server) partnerNew(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	said := readSaid(f, notice.Left)
	if !f.OK() {
		return s.showPartnerNew(w, r, f)
	}
	n, err := s.Notices.Receive(r.Context(), actorOf(r), notice.Sent{Said: said, Channel: notice.ByPage, Key: f.Key})
	if takeSaid(f, notice.Left, err) {
		return s.showPartnerNew(w, r, f)
	}
	return s.noticeSaved(w, r, n, err, func(*notice.Notice) string { return "/partner/leavers" })
}

// partnerTellPage asks what a partner tells of one of its people.
func (s *Server) partnerTellPage(kind notice.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error { return s.showPartnerTell(w, r, kind, newForm(nil)) }
}

func (s *Server) showPartnerTell(w http.ResponseWriter, r *http.Request, kind notice.Kind, f *Form) error {
	person, err := s.Record.Summary(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	title, section := "Tell us that they have left", "/partner/leavers"
	if kind == notice.Risk {
		title, section = "Tell us that they may leave", "/partner/risk"
	}
	p, _, err := s.partnerOf(r, title, "It goes to the young person’s adviser at the authority.")
	if err != nil {
		return err
	}
	p.Form, p.Errors, p.Section, p.Back, p.Button, p.Cancel = f, f.Errors, section, &Link{Text: "Our people", Href: "/partner/people"}, "Send", "/partner/people"
	p.Facts = &Summary{Rows: []Row{{Key: "Young person", Value: nameOf(person)}}}
	p.Parts = s.leftParts(f)
	if kind == notice.Risk {
		p.Parts = riskParts(f)
	}
	return s.render(w, r, "partner_form", p)
}

// nameOf is what the reader sees of the name on a record.
func nameOf(m *record.Summary) string {
	return orText(joined(" ", m.View.Record.Get(nccis.GivenName), m.View.Record.Get(nccis.FamilyName)), "Not shared")
}

func (s *Server) partnerTell(kind notice.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := readForm(r)
		if err != nil {
			return err
		}
		said := readSaid(f, kind)
		if !f.OK() {
			return s.showPartnerTell(w, r, kind, f)
		}
		n, err := s.Notices.Receive(r.Context(), actorOf(r), notice.Sent{Said: said, Channel: notice.ByPage, Person: id.Ref(r.PathValue("ref")), Key: f.Key})
		if takeSaid(f, kind, err) {
			return s.showPartnerTell(w, r, kind, f)
		}
		to := "/partner/leavers"
		if kind == notice.Risk {
			to = "/partner/risk"
		}
		return s.noticeSaved(w, r, n, err, func(*notice.Notice) string { return to })
	}
}

func (s *Server) partnerRisk(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.partnerOf(r, "Risk of leaving", "Tell us before the break: why they may leave, who will act, and by when. It goes to their adviser.")
	if err != nil {
		return err
	}
	list, err := s.Notices.Mine(r.Context(), actorOf(r), notice.Risk, 100)
	if err != nil {
		return err
	}
	choose := Link{Text: "Choose one of our people", Href: "/partner/people"}
	if p.Table = receipts("What you told us of risk", list); p.Table == nil {
		p.None = &Empty{Title: "You have told us of nobody yet", Text: "Choose one of your people, and say why they may leave.", Link: &choose}
	} else {
		p.Links = []Link{choose}
	}
	return s.render(w, r, "partner", p)
}

func (s *Server) partnerDestinations(w http.ResponseWriter, r *http.Request) error {
	p, asking, err := s.partnerOf(r, "Intended destinations and offers", "Your Years 11 and 12: where they mean to go, and whether they have an offer, as the authority holds it. Send what is missing as a file.")
	if err != nil {
		return err
	}
	p.Links = []Link{{Text: "Send a file", Href: "/partner/files"}}
	if !asking.Agreement.Fields.Has(access.Guarantees) {
		p.None = &Empty{Title: "Your agreement does not give destinations and offers", Text: "You can send them as a file all the same.", Link: &Link{Text: "Files we sent", Href: "/partner/files"}}
		return s.render(w, r, "partner", p)
	}
	page := pageOf(r, mostOwn, listPage)
	list, total, err := s.Sharing.OwnOffers(r.Context(), actorOf(r), (page-1)*listPage, listPage)
	if err != nil {
		return err
	}
	if total == 0 {
		p.None = &Empty{Title: "Nobody of Year 11 or 12 is with you", Text: "As the authority holds it. Send your pupil list, so that it knows.", Link: &Link{Text: "Files we sent", Href: "/partner/files"}}
		return s.render(w, r, "partner", p)
	}
	e, _ := s.Requirement.EditionOn(s.today())
	code := func(list nccis.List, code, none string) Cell {
		if code == "" {
			return Cell{Tag: &Tag{Text: none, Colour: "yellow"}}
		}
		return Cell{Text: orText(e.Label(list, code), code)}
	}
	t := Table{Caption: "Destinations and offers", Stacked: true, Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Means to go"}, {Text: "September Guarantee"}, {Text: "Places"}}}
	for _, one := range list {
		if !one.Locked {
			t.Rows = append(t.Rows, []Cell{{Text: orText(rowWords(one.Row), "Not shared"), Header: true}, code(nccis.IntendedDestinations, one.Destination, "Not told"), code(nccis.GuaranteeStatuses, one.Guarantee, "Not told"), {Text: orText(offersLine(one.Offers), "None recorded")}})
		}
	}
	p.Shown = showing(page, listPage, len(list), total, "young person", "young people")
	p.Table = &t
	p.Pages = paginate(total, listPage, page, func(n int) string { return "/partner/destinations?page=" + strconv.Itoa(n) })
	return s.render(w, r, "partner", p)
}
