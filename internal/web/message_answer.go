package web

import (
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/record"
)

type answersPage struct {
	Page
	Ways SubNavigation
	Form *Form
	None *Empty
	Rows []answerRow
}

// answerRow is an answer that waits. Whose are the ways to use it, one for each
// whose it may be.
type answerRow struct {
	ID, Title, Came string
	Said            []string
	Whose           []Link
	// Many says whose it may be, where the ways are too many to stand in a line.
	Many   string
	Note   string
	Refuse string
	Reason Input
}

func (s *Server) answersPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAnswers(w, r, newForm(nil), "")
}

// showAnswers lists what waits; refused is the answer whose form was sent.
func (s *Server) showAnswers(w http.ResponseWriter, r *http.Request, form *Form, refused id.Ref) error {
	all, err := s.Messages.Answers(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &answersPage{Page: Page{Title: "Answers that wait", Errors: form.Errors, Section: "/messages", Lead: "What young people told us by their own link or by text. Nothing of it is on a record until somebody uses it."},
		Ways: s.messageWays(r, "/messages/answers"), Form: form}
	if len(all) == 0 {
		p.None = &Empty{Title: "No answer waits", Text: "An answer stands here from the moment at which it came."}
	}
	for _, a := range all {
		row := answerRow{ID: "answer-" + string(a.Ref), Title: "By text", Came: moment(a.Came), Refuse: "/messages/answers/" + string(a.Ref) + "/refuse"}
		if a.Source == message.BySelfReport {
			row.Title = "By their own link"
		}
		reason := Input{Name: "reason", ID: "reason-" + string(a.Ref), Label: "Why it is not used", Width: "20"}
		if refused == a.Ref {
			reason.Value, reason.Error = form.Text("reason"), form.Error("reason")
			for i := range p.Errors {
				p.Errors[i].ID = reason.ID
			}
		}
		row.Reason = reason
		s.whoseAnswer(&row, a)
		p.Rows = append(p.Rows, row)
	}
	return s.render(w, r, "answers", p)
}

func (s *Server) whoseAnswer(row *answerRow, a message.Answer) {
	for _, one := range a.Whose {
		row.Whose = append(row.Whose, Link{Text: "Use it for " + one.Name, Href: personHref(one.Ref, "answer") + "?which=" + string(a.Ref) + "&back=/messages/answers"})
	}
	switch {
	case len(a.Whose) == 1 && !a.Others:
		row.Title = a.Whose[0].Name + " – " + lowerFirst(row.Title)
		row.Said = saidWords(a.Whose[0].Told)
	case len(a.Whose) == 0:
		row.Title += ", from a number that nobody is known to have"
		row.Said = []string{"“" + a.Unknown + "”"}
		row.Note = "From " + a.Number + ". If you find out whose it is, add the number to their record and record the contact there."
	default:
		if len(a.Whose) > fewWhose {
			row.Many = "It may be one of " + count(len(a.Whose)) + " people"
		}
		row.Title += ", from a number that several people have"
		row.Said = saidWords(a.Whose[0].Told)
		row.Note = "From " + a.Number + ". Ask before you choose whose it is."
	}
}

// fewWhose is how many people stand in a line to choose from.
const fewWhose = 5

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return string(text[0]|0x20) + text[1:]
}

// doingWords are what a young person may say that they do, for staff.
func doingWords(d message.Doing) string {
	return map[message.Doing]string{message.AtSchool: "At school or sixth form", message.AtCollege: "At college", message.AtUniversity: "At university", message.Apprentice: "In an apprenticeship", message.InTraining: "On a training course",
		message.Working: "Working", message.Volunteering: "Volunteering", message.Looking: "Looking for a job, a course or training", message.Unwell: "Unwell", message.Caring: "Looking after a child or somebody else", message.SomethingElse: "Something else"}[d]
}

// saidWords are what was said, line by line.
func saidWords(a message.Said) []string {
	var out []string
	if a.Words != "" {
		out = append(out, "“"+a.Words+"”")
		if a.Doing == message.NothingPlainly {
			return append(out, "It does not say plainly what they do.")
		}
		return append(out, "Read as: "+doingWords(a.Doing)+".")
	}
	out = append(out, doingWords(a.Doing)+joined("", labelled(", at ", a.Where), labelled(", since ", a.Since))+".")
	if a.Help {
		out = append(out, "They want help"+labelled(" with: ", a.HelpWith)+".")
	}
	return out
}

func (s *Server) refuseAnswer(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Messages.Refuse(r.Context(), actorOf(r), ref, form.Text("reason"), form.Key)
	if form.Take(err) || !form.OK() {
		return s.showAnswers(w, r, form, ref)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/messages/answers", "The answer is not used.", nil)
}

// codesOf are the Department's codes that an answer most likely means; the first
// is filled in.
func codesOf(d message.Doing) string {
	return map[message.Doing]string{message.AtSchool: "210", message.AtCollege: "230", message.AtUniversity: "240", message.Apprentice: "310", message.InTraining: "430",
		message.Working: "330", message.Volunteering: "540", message.Looking: "619", message.Unwell: "640", message.Caring: "630"}[d]
}

// answerForm uses an answer on the record of one young person. Its which is the
// answer.
func answerForm() personForm {
	return personForm{
		addresses: []string{"answer"}, title: "Use an answer", permission: access.SettleAnswer, button: "Use the answer",
		lead: "Check it against what you know of them. It is kept as a contact in their own words.",
		instead: func(c *client) string {
			if _, ok := c.toldUs(); !ok {
				return "/messages/answers"
			}
			return ""
		},
		start: func(c *client) {
			c.setSeen(record.Seen(c.View.Spell))
			a, ok := c.toldUs()
			if !ok {
				return
			}
			code := codesOf(a.Doing)
			if e, known := c.s.edition().Activity(code); known {
				c.set("activity", e.Code)
			}
			c.set("establishment-name", a.Where)
			if c.View.Spell != nil && code != "" && c.View.Spell.Is.Activity == code {
				c.set("contact-outcome", contact.Confirmed)
			}
		},
		parts: answerParts,
		save: func(c *client, told record.Told) error {
			spoken := record.Spoken{Seen: c.seen(), Review: c.form.Date("review", "The review date")}
			spoken.Outcome = c.form.Text("contact-outcome")
			if spoken.Outcome == contact.Changed {
				spoken.Now = c.newSpell()
			}
			spoken.Now.SoOn = c.form.soOn()
			if !c.form.OK() {
				return nil
			}
			return c.s.Messages.Use(c.r.Context(), actorOf(c.r), id.Ref(c.form.Text("which")), c.ref, spoken, told.Key)
		},
		saved: func(c *client) string {
			if c.form.Text("contact-outcome") == contact.Changed {
				return "the answer. " + c.countsUntil(c.newSpell())
			}
			return "the answer."
		},
		told: keyAlone,
	}
}

// toldUs is what the answer says that the form is about, where it may be this
// young person's.
func (c *client) toldUs() (message.Said, bool) {
	a, err := c.s.Messages.Answer(c.r.Context(), actorOf(c.r), id.Ref(c.form.Text("which")))
	if err != nil {
		return message.Said{}, false
	}
	at := slices.IndexFunc(a.Whose, func(w message.Whose) bool { return w.Ref == c.ref })
	if at < 0 || a.State != message.Waiting {
		return message.Said{}, false
	}
	return a.Whose[at].Told, true
}

func answerParts(c *client) []FormPart {
	f := c.form
	said, _ := c.toldUs()
	held := "Nothing is held now"
	if c.View.Spell != nil {
		held = joined(", ", activityWords(c.s.edition(), c.View.Spell.Is.Activity), c.View.Spell.Is.EstablishmentName, since(c.View.Spell.Started))
	}
	outcomes := []Option{
		{Value: contact.Confirmed, Text: "They still do what we hold", Hint: held},
		{Value: contact.Changed, Text: "They do something else", Reveal: &Reveal{
			Selects: []Choice{f.Choice(Choice{Name: "activity", Label: "What do they do now?", Options: withHeld(c.activities(), f.Text("activity"))})},
			Dates: []DateInput{f.DateInput(DateInput{Name: "started", Label: "When did it start?", Hint: orText(labelled("They said: ", said.Since), "For example, 7 9 2026")}),
				f.DateInput(DateInput{Name: "predicted-end", Label: "When is it expected to end?", Hint: "Needed for education and training"})},
			More: []Input{f.Input(Input{Name: "establishment-name", Label: "Where? (optional)", Hint: "School, college, training provider or employer"})},
		}},
		{Value: contact.Reached, Text: "Keep it as a contact alone", Hint: "It does not settle what they do"},
	}
	parts := []FormPart{}
	for _, line := range saidWords(said) {
		parts = append(parts, FormPart{Text: line})
	}
	parts = append(append(parts, f.radiosPart(Choice{Name: "contact-outcome", Label: "What follows from it?", Strong: true, Small: true, Options: outcomes})), c.soOnParts()...)
	return append(parts, morePart("Review date", f.datePart(DateInput{Name: "review", Label: "When will what they do be looked at again?", Hint: "Needed where the activity is for a time only"})))
}

type personMessagesPage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	Form     *Form
	Do       []Link
	Link     string
	LinkEnds string
	Items    Timeline
	None     *Empty
	Unwanted []unwanted
	MayStop  bool
	Channel  Choice
	SaidBy   Input
	LinkForm *Form
}

// unwanted are messages that somebody does not want.
type unwanted struct{ Words, Note, Which, Seen string }

func (s *Server) personMessagesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPersonMessages(w, r, newForm(nil), "")
}

func (s *Server) showPersonMessages(w http.ResponseWriter, r *http.Request, form *Form, link string) error {
	c, err := s.client(r, form)
	if err != nil {
		return err
	}
	kept, err := s.Messages.Of(r.Context(), actorOf(r), c.ref)
	if err != nil {
		return err
	}
	p := &personMessagesPage{Page: Page{Title: "Messages with a young person", OwnHeading: true, Section: "/find", Errors: form.Errors, Banners: s.restrictedBanners(c.Summary)},
		Identity: c.identity(), Sub: c.subNavigation("messages"), Form: form, Link: link, LinkForm: newForm(nil), Items: Timeline{Label: "Messages, the newest first"},
		MayStop: access.May(actorOf(r), access.StopMessages), LinkEnds: civil.On(s.Messages.Until(), civil.London()).Words(),
		Do: []Link{{Text: "Send a message", Href: "/messages/new?person=" + string(c.ref), Main: true}}}
	if kept.Waiting > 0 {
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: plural(kept.Waiting, "answer waits", "answers wait") + ".", Link: &Link{Text: "Answers that wait", Href: "/messages/answers"}})
	}
	for _, m := range kept.Rows {
		e := Event{Title: joined(" to ", channelWords(m.Channel), m.To), Date: moment(m.Queued), Body: orText(m.Body, "It is written when it goes."), By: joined(", ", labelled("By ", m.SentBy), m.Why), Badge: &Badge{Text: capital(string(m.State))}}
		if m.State == message.Delivered {
			e.Badge.Tone = "good"
		}
		p.Items.Items = append(p.Items.Items, e)
	}
	if len(kept.Rows) == 0 {
		p.None = &Empty{Title: "No message was sent", Text: "Messages that are sent from here stand here, with what became of each."}
	}
	for _, n := range c.Life.NoMessages {
		p.Unwanted = append(p.Unwanted, unwanted{Words: "No " + noneOf(n.Is.Channel), Note: joined(", ", labelled("since ", dayWords(n.Started)), n.Is.SaidBy), Which: markOf(n.ID), Seen: strconv.FormatInt(int64(n.KnownFrom), 10)})
	}
	p.Channel = form.Choice(Choice{Name: "channel", Label: "Which messages do they not want?", Small: true, Options: []Option{{Value: "text", Text: "Texts"}, {Value: "e-mail", Text: "E-mails"}, {Value: "letter", Text: "Letters"}, {Value: "all", Text: "Any messages"}}})
	p.SaidBy = form.Input(Input{Name: "said-by", Label: "Who asked for it, and how?", Hint: "For example, the young person, by telephone", Width: "20"})
	return s.render(w, r, "person_messages", p)
}

func noneOf(channel string) string {
	if channel == "" {
		return "messages at all"
	}
	return channel + "s"
}

// keepPersonMessages does one act of the page of a young person's messages.
func (s *Server) keepPersonMessages(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ctx, by, ref := r.Context(), actorOf(r), id.Ref(r.PathValue("ref"))
	done := ""
	switch form.Text("act") {
	case "link":
		link, err := s.Messages.NewLink(ctx, by, ref, form.Key)
		if err != nil {
			return err
		}
		return s.showPersonMessages(w, r, newForm(nil), s.addressOf(r, link))
	case "stop":
		channel := form.Text("channel")
		if channel == "" {
			channel = "?"
		} else if channel == "all" {
			channel = ""
		}
		done, err = "It is noted. They get no more of these messages.", s.Messages.StopMessages(ctx, by, ref, channel, form.Text("said-by"), form.Key)
	case "allow":
		c, failed := s.client(r, form)
		if failed != nil {
			return failed
		}
		done, err = "It is noted. They may get these messages again.", s.Messages.AllowMessages(ctx, by, ref, markedID(c, c.Life.NoMessages), c.seen(), form.Key)
	default:
		return errNoPage
	}
	if form.Take(err) || !form.OK() {
		return s.showPersonMessages(w, r, form, "")
	}
	if err != nil {
		return err
	}
	return s.done(w, r, personHref(ref, "messages"), done, nil)
}
