package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/notice"
)

// noticeRoutes are the pages of leaver notices, for staff.
func (s *Server) noticeRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/notices", Permission: access.SeeNotices, Handler: s.noticesPage, Nav: "Leaver notices"},
		{Method: "GET", Pattern: "/notices/new", Permission: access.SettleNotice, Handler: s.newNoticePage},
		{Method: "POST", Pattern: "/notices/new", Permission: access.SettleNotice, Handler: s.saveNotice},
		{Method: "GET", Pattern: "/notices/file", Permission: access.SettleNotice, Handler: s.noticeFilePage},
		{Method: "POST", Pattern: "/notices/file", Permission: access.SettleNotice, Handler: s.takeNoticeFile, Body: 10 << 20},
		{Method: "GET", Pattern: "/notices/limits", Permission: access.KeepNotices, Handler: s.noticeLimitsPage},
		{Method: "POST", Pattern: "/notices/limits", Permission: access.KeepNotices, Handler: s.saveNoticeLimits},
		{Method: "GET", Pattern: "/notices/reminders", Permission: access.KeepNotices, Handler: s.remindersPage},
		{Method: "POST", Pattern: "/notices/reminders", Permission: access.KeepNotices, Handler: s.saveReminders},
		{Method: "GET", Pattern: "/notices/{ref}", Permission: access.SeeNotices, Handler: s.noticePage},
		{Method: "POST", Pattern: "/notices/{ref}", Permission: access.SettleNotice, Handler: s.doNotice},
		{Method: "GET", Pattern: "/notices/{ref}/letter", Permission: access.KeepNotices, Handler: s.noticeLetter},
	}
}

func noticeHref(ref id.Ref, tail string) string { return "/notices/" + string(ref) + tail }

type noticesPage struct {
	Page
	Stats []Stat
	Shown string
	Table *Table
	None  *Empty
	Pages Pagination
}

// noticeShown are the lists of notices by the word that stands in the address.
func noticeShown(show string) (notice.Filter, string, bool) {
	switch show {
	case "":
		return notice.Filter{Open: true}, "All that are not over", true
	case "late":
		return notice.Filter{Late: true}, "Overdue", true
	case "risk":
		return notice.Filter{Open: true, Kind: notice.Risk}, "Risk of leaving", true
	case "mine":
		return notice.Filter{Open: true, Mine: true}, "About your young people", true
	case "over":
		return notice.Filter{State: notice.Settled}, "Settled", true
	case "closed":
		return notice.Filter{State: notice.Closed}, "Closed", true
	case "passed":
		return notice.Filter{State: notice.Passed}, "With their authority", true
	}
	for _, state := range notice.States() {
		if show == string(state) {
			return notice.Filter{State: state}, capital(show), true
		}
	}
	return notice.Filter{}, "", false
}

func (s *Server) noticesPage(w http.ResponseWriter, r *http.Request) error {
	show := r.URL.Query().Get("show")
	f, words, ok := noticeShown(show)
	if !ok {
		return errNoPage
	}
	counts, err := s.Notices.Count(r.Context(), actorOf(r), false)
	if err != nil {
		return err
	}
	_, total, err := s.Notices.List(r.Context(), actorOf(r), f, 0, 0)
	if err != nil {
		return err
	}
	page := pageOf(r, total, listPage)
	list, total, err := s.Notices.List(r.Context(), actorOf(r), f, (page-1)*listPage, listPage)
	if err != nil {
		return err
	}
	p := &noticesPage{Page: Page{Title: "Leaver notices", Lead: "What schools, colleges and providers tell of those who have left, or may. Each waits here until it is over.",
		Actions: []Link{{Text: "Write one down", Href: "/notices/new", Main: true}, {Text: "Load a list of leavers", Href: "/notices/file"}}}}
	if access.May(actorOf(r), access.KeepNotices) {
		p.Actions = append(p.Actions, Link{Text: "Limits of days", Href: "/notices/limits"}, Link{Text: "Reminders", Href: "/notices/reminders"})
	}
	at := func(show string) string { return "/notices?show=" + url.QueryEscape(show) }
	for _, state := range []notice.State{notice.ToFind, notice.ToSettle, notice.ToSendOn, notice.SentOn} {
		p.Stats = append(p.Stats, Stat{Number: count(counts.Of[state]), Words: string(state), Href: at(string(state))})
	}
	late := Stat{Number: count(counts.Late), Words: "overdue", Href: at("late")}
	if counts.Late > 0 {
		late.Tone = "bad"
	}
	p.Stats = append(p.Stats, late, Stat{Number: count(counts.Risk), Words: "at risk of leaving", Href: at("risk")},
		Stat{Number: count(counts.Of[notice.Settled] + counts.Of[notice.Passed] + counts.Of[notice.Closed]), Words: "over", Href: at("over")})
	p.Shown = words + ": " + plural(total, "notice", "notices")
	if total == 0 {
		p.None = &Empty{Title: "There is none", Text: "Nothing of this kind waits.", Link: &Link{Text: "All that are not over", Href: "/notices"}}
		return s.render(w, r, "notices", p)
	}
	t := s.noticesTable(words, list)
	p.Table = &t
	p.Pages = paginate(total, listPage, page, func(n int) string { return at(show) + "&page=" + strconv.Itoa(n) })
	return s.render(w, r, "notices", p)
}

func (s *Server) noticesTable(caption string, list []*notice.Notice) Table {
	t := Table{Caption: caption, Stacked: true, Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "From"}, {Text: "Tells"}, {Text: "State"}, {Text: "Next step by"}}}
	for _, n := range list {
		if n.Locked {
			t.Rows = append(t.Rows, []Cell{{Text: "Locked record", Header: true}, {}, {Text: n.Kind.Words()}, {Tag: noticeTag(n, s.today())}, {Text: whole(n.Due.Words())}})
			continue
		}
		tells := Cell{Text: n.Kind.Words(), Note: orText(whole(n.LeftOn.Words()), n.ReasonWords())}
		t.Rows = append(t.Rows, []Cell{{Text: n.Name(), Href: noticeHref(n.Ref, ""), Header: true, Note: n.Stamp}, {Text: n.Institution, Note: whole(dayIn(n.ReceivedAt).Words())}, tells,
			{Tag: noticeTag(n, s.today())}, {Text: whole(n.Due.Words()), Note: n.State.Next()}})
	}
	return t
}

func noticeTag(n *notice.Notice, today civil.Date) *Tag {
	switch {
	case n.Overdue(today):
		return &Tag{Text: capital(string(n.State)) + ", overdue", Colour: "red"}
	case n.State.Over():
		return &Tag{Text: capital(string(n.State)), Colour: "grey"}
	case n.State == notice.ToSettle:
		return &Tag{Text: capital(string(n.State)), Colour: "blue"}
	}
	return &Tag{Text: capital(string(n.State)), Colour: "yellow"}
}

type noticeFormPage struct {
	Page
	Form    *Form
	Parts   []FormPart
	File    *Upload
	Button  string
	Cancel  string
	Faulty  *Table
	Agreed  *Details
	Refused string
}

func (s *Server) newNoticePage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewNotice(w, r, newForm(map[string]string{"kind": string(notice.Left)}))
}

func (s *Server) showNewNotice(w http.ResponseWriter, r *http.Request, f *Form) error {
	var channels []Option
	for _, c := range notice.StaffChannels() {
		channels = append(channels, Option{Value: c, Text: capital(c)})
	}
	p := &noticeFormPage{Page: Page{Title: "Write down a notice", Errors: f.Errors, Section: "/notices", Back: &Link{Text: "Leaver notices", Href: "/notices"},
		Lead: "A school, a college or a provider has told you that a young person has left, or may leave."}, Form: f, Button: "Save the notice", Cancel: "/notices"}
	p.Parts = append([]FormPart{f.inputPart(Input{Name: "institution", Label: "School, college or provider"}), f.radiosPart(Choice{Name: "channel", Label: "How did it come?", Small: true, Options: channels}),
		f.radiosPart(Choice{Name: "kind", Label: "What does it tell?", Small: true, Options: []Option{
			{Value: string(notice.Left), Text: "They have left, or will on a day"}, {Value: string(notice.Risk), Text: "They may leave"}}})}, s.saidParts(f, "")...)
	return s.render(w, r, "notice_form", p)
}

// saidParts ask what an institution says of a young person; kind "" asks for
// either of leaving and risk.
func (s *Server) saidParts(f *Form, kind notice.Kind) []FormPart {
	parts := []FormPart{
		f.inputPart(Input{Name: "given-name", Label: "Given name"}), f.inputPart(Input{Name: "family-name", Label: "Family name"}),
		f.datePart(DateInput{Name: "date-of-birth", Label: "Date of birth", Hint: "For example, 27 3 2009"}),
		f.inputPart(Input{Name: "postcode", Label: "Postcode (if known)", Width: "10"}), f.inputPart(Input{Name: "uln", Label: "Unique learner number (if known)", Width: "20", InputMode: "numeric"}),
		f.inputPart(Input{Name: "home-authority", Label: "The number of the authority in which they live (if it is another)", Hint: "Three digits, like 931", Width: "3", InputMode: "numeric"}),
	}
	if kind != notice.Risk {
		parts = append(parts, s.leftParts(f)...)
	}
	if kind != notice.Left {
		parts = append(parts, riskParts(f)...)
	}
	return parts
}

// leftParts ask when and why they have left, and where to.
func (s *Server) leftParts(f *Form) []FormPart {
	e, _ := s.Requirement.EditionOn(s.today())
	reasons := []Option{{Text: "Not known"}}
	for _, one := range notice.Reasons() {
		reasons = append(reasons, Option{Value: one.Code, Text: one.Words})
	}
	return []FormPart{f.datePart(DateInput{Name: "left-on", Label: "Last day", Hint: "Where it is still to come, the day that is expected"}),
		f.selectPart(Choice{Name: "reason", Label: "Why they have left", Options: reasons}),
		f.selectPart(Choice{Name: "destination", Label: "What they do now", Options: append([]Option{{Text: "Not known"}}, activityOptions(e)...)})}
}

// riskParts ask why they may leave, who will act and by when.
func riskParts(f *Form) []FormPart {
	var worries []Option
	for _, one := range notice.Worries() {
		worries = append(worries, Option{Value: one.Code, Text: one.Words})
	}
	return []FormPart{f.checkboxesPart(Choice{Name: "worries", Label: "Why they may leave", Small: true, Options: worries}),
		f.inputPart(Input{Name: "who-acts", Label: "Who will act first", Hint: "A name or a post, like Head of Year 12"}),
		f.datePart(DateInput{Name: "act-by", Label: "By which day", Hint: "For example, 27 3 2027"})}
}

// readSaid reads what saidParts asked.
func readSaid(f *Form, kind notice.Kind) notice.Said {
	said := notice.Said{Kind: kind, Given: f.Text("given-name"), Family: f.Text("family-name"), Born: f.Date("date-of-birth", "Date of birth"), Postcode: f.Text("postcode"), ULN: f.Text("uln"),
		HomeLA: f.Text("home-authority"), TheirRef: f.Text("their-reference")}
	if kind == notice.Risk {
		said.Reasons, said.WhoActs, said.ActBy = f.All("worries"), f.Text("who-acts"), f.Date("act-by", "The day")
		return said
	}
	said.LeftOn, said.Destination = f.Date("left-on", "Last day"), f.Text("destination")
	if reason := f.Text("reason"); reason != "" {
		said.Reasons = []string{reason}
	}
	return said
}

// takeSaid puts the complaints about a notice beside the fields of the form.
func takeSaid(f *Form, kind notice.Kind, err error) bool {
	if !f.Take(err) {
		return false
	}
	for i, e := range f.Errors {
		switch e.ID {
		case "date-of-birth", "left-on", "act-by":
			f.Errors[i].ID = e.ID + "-day"
		case "reasons":
			if f.Errors[i].ID = "reason"; kind == notice.Risk {
				f.Errors[i].ID = "worries"
			}
		}
	}
	return true
}

func (s *Server) saveNotice(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	kind := notice.Kind(f.Text("kind"))
	said := readSaid(f, kind)
	channel := f.Text("channel")
	known := false
	for _, c := range notice.StaffChannels() {
		known = known || c == channel
	}
	if !known {
		f.Fail("channel", "Select how it came")
	}
	if !f.OK() {
		return s.showNewNotice(w, r, f)
	}
	n, err := s.Notices.Receive(r.Context(), actorOf(r), notice.Sent{Said: said, Channel: channel, Institution: f.Text("institution"), Key: f.Key})
	if takeSaid(f, kind, err) {
		return s.showNewNotice(w, r, f)
	}
	return s.noticeSaved(w, r, n, err, func(n *notice.Notice) string { return noticeHref(n.Ref, "") })
}

type noticeLetterPage struct {
	Page
	Lines []string
}

func (s *Server) noticeLetter(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	lines, err := s.Notices.Letter(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	return s.render(w, r, "notice_letter", &noticeLetterPage{Page: Page{Title: "Draft to the other authority", Section: "/notices", Back: &Link{Text: "The notice", Href: noticeHref(ref, "")},
		Lead: "Copy it into a secure e-mail, or print it. Then say on the notice how it was sent."}, Lines: lines})
}

func (s *Server) noticeLimitsPage(w http.ResponseWriter, r *http.Request) error {
	l, err := s.Notices.Limits(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.showNoticeLimits(w, r, newForm(map[string]string{"find": fmt.Sprint(l.Find), "settle": fmt.Sprint(l.Settle), "send-on": fmt.Sprint(l.SendOn), "chase": fmt.Sprint(l.Chase), "act-days": fmt.Sprint(l.Act)}))
}

func (s *Server) showNoticeLimits(w http.ResponseWriter, r *http.Request, f *Form) error {
	p := &noticeFormPage{Page: Page{Title: "Limits of days", Errors: f.Errors, Section: "/notices", Back: &Link{Text: "Leaver notices", Href: "/notices"},
		Lead: "Within how many days each step is to be done. They hold for steps from now on; what is past its day stands under Overdue."}, Form: f, Button: "Save the limits", Cancel: "/notices"}
	for _, one := range []Input{{Name: "find", Label: "To say who a notice is about"}, {Name: "settle", Label: "To settle it"}, {Name: "send-on", Label: "To send it on to their authority"},
		{Name: "chase", Label: "To ask that authority again"}, {Name: "act-days", Label: "To act on a risk, where no day was given"}} {
		one.Width, one.InputMode, one.Suffix = "3", "numeric", "days"
		p.Parts = append(p.Parts, f.inputPart(one))
	}
	return s.render(w, r, "notice_form", p)
}

func (s *Server) saveNoticeLimits(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	days := func(name string) int {
		n, err := strconv.Atoi(f.Text(name))
		if err != nil {
			return 0 // refused, as nought is
		}
		return n
	}
	err = s.Notices.SetLimits(r.Context(), actorOf(r), notice.Limits{Find: days("find"), Settle: days("settle"), SendOn: days("send-on"), Chase: days("chase"), Act: days("act-days")}, f.Key)
	if f.Take(err) {
		return s.showNoticeLimits(w, r, f)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/notices", "The limits are saved.", nil)
}
