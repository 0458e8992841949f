package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/job"
	"waymark/internal/message"
	"waymark/internal/notify"
)

// messageRoutes are the pages of messages: what is sent, and what comes back.
func (s *Server) messageRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/messages", Permission: access.SendMessage, Handler: s.messagesPage, Nav: "Messages"},
		{Method: "GET", Pattern: "/messages/new", Permission: access.SendMessage, Handler: s.newMessagePage},
		{Method: "GET", Pattern: "/messages/check", Permission: access.SendMessage, Handler: s.checkMessagePage},
		{Method: "POST", Pattern: "/messages/check", Permission: access.SendMessage, Handler: s.sendMessages},
		{Method: "GET", Pattern: "/messages/sent/{ref}", Permission: access.SendMessage, Handler: s.batchPage},
		{Method: "GET", Pattern: "/messages/not-sure", Permission: access.SendMessage, Handler: s.notSurePage},
		{Method: "POST", Pattern: "/messages/not-sure/{ref}", Permission: access.SendMessage, Handler: s.decideMessage},
		{Method: "GET", Pattern: "/messages/templates", Permission: access.SendMessage, Handler: s.templatesPage},
		{Method: "GET", Pattern: "/messages/templates/new", Permission: access.KeepTemplate, Handler: s.newTemplatePage},
		{Method: "POST", Pattern: "/messages/templates/new", Permission: access.KeepTemplate, Handler: s.addTemplate},
		{Method: "GET", Pattern: "/messages/templates/{ref}", Permission: access.SendMessage, Handler: s.templatePage},
		{Method: "GET", Pattern: "/messages/templates/{ref}/change", Permission: access.KeepTemplate, Handler: s.changeTemplatePage},
		{Method: "POST", Pattern: "/messages/templates/{ref}/change", Permission: access.KeepTemplate, Handler: s.changeTemplate},
		{Method: "POST", Pattern: "/messages/templates/{ref}/end", Permission: access.KeepTemplate, Handler: s.endTemplate},
		{Method: "GET", Pattern: "/messages/answers", Permission: access.SettleAnswer, Handler: s.answersPage},
		{Method: "POST", Pattern: "/messages/answers/{ref}/refuse", Permission: access.SettleAnswer, Handler: s.refuseAnswer},
		{Method: "GET", Pattern: "/young-people/{ref}/messages", Permission: access.SendMessage, Handler: s.personMessagesPage},
		{Method: "POST", Pattern: "/young-people/{ref}/messages", Permission: access.SendMessage, Handler: s.keepPersonMessages},
		{Method: "GET", Pattern: "/jobs", Permission: access.KeepRegister, Handler: s.jobsPage, Nav: "Jobs"},
		{Method: "POST", Pattern: "/jobs/{ref}", Permission: access.KeepRegister, Handler: s.tryJobAnew},
		{Method: "GET", Pattern: "/a/{register}/{token}", Permission: access.Public, Handler: s.selfReportPage},
		{Method: "POST", Pattern: "/a/{register}/{token}", Permission: access.Public, Handler: s.selfReport, Secret: true, Body: 64 << 10},
		{Method: "POST", Pattern: "/received/{register}/text", Permission: access.Public, Handler: s.textReceived, Secret: true, Body: 64 << 10},
		{Method: "POST", Pattern: "/received/{register}/receipt", Permission: access.Public, Handler: s.receiptReceived, Secret: true, Body: 64 << 10},
	}
}

func batchHref(ref id.Ref) string { return "/messages/sent/" + string(ref) }

func templateHref(ref id.Ref, tail string) string { return "/messages/templates/" + string(ref) + tail }

// messageTag is where a message stands, in a word.
func messageTag(state message.State) *Tag {
	colour := map[message.State]string{message.Delivered: "green", message.Sent: "blue", message.Sending: "blue", message.Unsure: "yellow", message.Failed: "red"}[state]
	return &Tag{Text: capital(string(state)), Colour: orText(colour, "grey")}
}

type messagesPage struct {
	Page
	Ways  SubNavigation
	Table Table
	None  *Empty
}

// messageWays are the ways around the pages of messages.
func (s *Server) messageWays(r *http.Request, here string) SubNavigation {
	n := SubNavigation{Label: "Messages"}
	for _, one := range []struct {
		words, href string
		needs       access.Action
	}{{"Sent", "/messages", access.SendMessage}, {"Answers", "/messages/answers", access.SettleAnswer}, {"Not sure", "/messages/not-sure", access.SendMessage}, {"Templates", "/messages/templates", access.SendMessage}} {
		if access.May(actorOf(r), one.needs) {
			n.Items = append(n.Items, Link{Text: one.words, Href: one.href, Current: one.href == here})
		}
	}
	return n
}

func (s *Server) messagesPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Messages.Batches(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &messagesPage{Page: Page{Title: "Messages", Lead: "Texts, e-mails and letters that were sent, and what became of them.",
		Actions: []Link{{Text: "Send messages", Href: "/messages/new", Main: true}}}, Ways: s.messageWays(r, "/messages")}
	if len(all) == 0 {
		p.None = &Empty{Title: "Nothing has been sent yet", Text: "Write a template first, then send it to the people of a list or to one young person.", Link: &Link{Text: "Templates", Href: "/messages/templates"}}
		return s.render(w, r, "messages", p)
	}
	p.Table = Table{Caption: "Sent, the newest first", Quiet: true, Stacked: true, Columns: []Column{{Text: "Message"}, {Text: "By"}, {Text: "To", Numeric: true}, {Text: "Delivered", Numeric: true}, {Text: "On the way", Numeric: true}, {Text: "Came to nothing", Numeric: true}}}
	for _, b := range all {
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: b.Template.Name, Note: joined(", ", capital(string(b.Template.Channel)), moment(b.At)), Href: batchHref(b.Ref), Hidden: "of " + moment(b.At), Header: true}, {Text: b.SentBy},
			{Text: count(b.Total())}, {Text: count(b.Counts[message.Delivered])}, {Text: count(b.Counts[message.Sent] + b.Counts[message.Sending] + b.Counts[message.Queued])},
			{Text: count(b.Counts[message.Failed] + b.Counts[message.Unsure] + b.Counts[message.Stopped])}})
	}
	return s.render(w, r, "messages", p)
}

type batchPage struct {
	Page
	Stats   []Stat
	Facts   Summary
	Left    *Table
	Table   Table
	Pages   Pagination
	Message string
}

// batchSize is how many messages stand on a page.
const batchSize = 50

func (s *Server) batchPage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	at, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || at < 1 || at > 100000 {
		at = 1
	}
	b, rows, err := s.Messages.Batch(r.Context(), actorOf(r), ref, (at-1)*batchSize, batchSize)
	if err != nil {
		return err
	}
	p := &batchPage{Page: Page{Title: "Messages that were sent", Heading: b.Template.Name, Caption: capital(string(b.Template.Channel)), Section: "/messages", Back: &Link{Text: "Messages", Href: "/messages"}}, Message: b.Template.Body}
	for _, state := range message.States() {
		if n := b.Counts[state]; n > 0 {
			tone := map[message.State]string{message.Delivered: "good", message.Failed: "bad", message.Unsure: "warn"}[state]
			p.Stats = append(p.Stats, Stat{Number: count(n), Words: string(state), Note: "of " + count(b.Total()), Tone: tone})
		}
	}
	if b.Counts[message.Queued]+b.Counts[message.Sending] > 0 {
		p.Refresh = 15
	}
	p.Facts = Summary{Rows: []Row{{Key: "Sent by", Value: b.SentBy}, {Key: "Begun", Value: moment(b.At)}, {Key: "Lawful basis", Value: b.Template.Basis}}}
	if len(b.LeftOut) > 0 {
		p.Left = &Table{Caption: "Left out when you sent it", Stacked: true, Columns: []Column{{Text: "Why"}, {Text: "People", Numeric: true}}}
		for _, why := range slices.Sorted(maps.Keys(b.LeftOut)) {
			p.Left.Rows = append(p.Left.Rows, []Cell{{Text: capital(why), Header: true}, {Text: count(b.LeftOut[why])}})
		}
	}
	p.Table = messageTable("Messages, those that came to nothing first", rows)
	p.Pages = paginate(b.Total(), batchSize, at, func(n int) string { return batchHref(ref) + "?page=" + strconv.Itoa(n) })
	return s.render(w, r, "message_batch", p)
}

func messageTable(caption string, rows []message.Row) Table {
	t := Table{Caption: caption, Columns: []Column{{Text: "Young person"}, {Text: "To"}, {Text: "State"}, {Text: "When"}}}
	for _, m := range rows {
		name := Cell{Text: "Restricted record", Header: true}
		if !m.Locked {
			name = Cell{Text: m.Name, Href: personHref(m.Named.Ref, "messages"), Header: true}
		}
		when := m.Ended
		if when.IsZero() {
			when = m.Sent
		}
		if when.IsZero() {
			when = m.Queued
		}
		t.Rows = append(t.Rows, []Cell{name, {Text: orText(m.To, "By post")}, {Tag: messageTag(m.State), Note: capital(m.Why)}, {Text: moment(when)}})
	}
	return t
}

type notSurePage struct {
	Page
	Ways SubNavigation
	Form *Form
	None *Empty
	Rows []notSureRow
}

type notSureRow struct{ Name, Href, Action, Why, When string }

func (s *Server) notSurePage(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.Messages.NotSure(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &notSurePage{Page: Page{Title: "Messages that may have gone", Section: "/messages", Lead: "The carrier did not answer, and cannot say. Ask the young person, or look in the mailbox they were sent from, before you send one again."},
		Ways: s.messageWays(r, "/messages/not-sure"), Form: newForm(nil)}
	if len(rows) == 0 {
		p.None = &Empty{Title: "There is none", Text: "Every message is known to have gone, or not to have gone."}
	}
	for _, m := range rows {
		row := notSureRow{Name: "Restricted record", Action: "/messages/not-sure/" + string(m.Ref), Why: capital(m.Why), When: joined(", ", capital(string(m.Channel)), moment(m.Tried))}
		if !m.Locked {
			row.Name, row.Href = m.Name, personHref(m.Named.Ref, "messages")
		}
		p.Rows = append(p.Rows, row)
	}
	return s.render(w, r, "message_not_sure", p)
}

func (s *Server) decideMessage(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	went, done := form.Text("went") == "yes", "It is sent anew."
	if went {
		done = "It counts as sent."
	} else if form.Text("went") != "no" {
		return errNoPage
	}
	if err := s.Messages.Decide(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), went, form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/messages/not-sure", done, nil)
}

type jobsPage struct {
	Page
	Form    *Form
	Stats   []Stat
	Waiting Table
	GivenUp []jobRow
}

type jobRow struct{ Kind, Why, When, Action string }

func (s *Server) jobsPage(w http.ResponseWriter, r *http.Request) error {
	tray, err := s.Messages.Tray(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &jobsPage{Page: Page{Title: "Jobs", Lead: "What the server does by itself, after somebody has asked for it. A job that fails is tried again, after pauses that grow, for about six hours."}, Form: newForm(nil),
		Stats:   []Stat{{Number: count(tray.Counts[job.Waiting]), Words: "waiting"}, {Number: count(tray.Counts[job.Done]), Words: "done", Note: "in the last week"}, {Number: count(tray.Counts[job.GivenUp]), Words: "given up"}},
		Waiting: Table{Caption: "Waiting, the next first", Stacked: true, Columns: []Column{{Text: "Job"}, {Text: "Next try"}, {Text: "Tries", Numeric: true}, {Text: "What went wrong"}}}}
	for _, j := range tray.Waiting {
		p.Waiting.Rows = append(p.Waiting.Rows, []Cell{{Text: capital(j.Kind), Header: true}, {Text: moment(j.Due)}, {Text: count(j.Tries)}, {Text: j.Problem}})
	}
	for _, j := range tray.GivenUp {
		p.GivenUp = append(p.GivenUp, jobRow{Kind: capital(j.Kind), Why: j.Problem, When: moment(j.Ended), Action: "/jobs/" + string(j.Ref)})
	}
	return s.render(w, r, "jobs", p)
}

func (s *Server) tryJobAnew(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.Messages.TryAnew(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/jobs", "The job is tried again.", nil)
}

// channelWords is a channel as a heading says it.
func channelWords(c notify.Channel) string { return capital(string(c)) }
