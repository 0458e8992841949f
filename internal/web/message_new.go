package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/message"
	"waymark/internal/notify"
)

type newMessagePage struct {
	Page
	Ways     SubNavigation
	None     *Empty
	Person   string
	Template Choice
	Campaign string
	List     *Choice
}

// newMessagePage asks which message, and to whom.
func (s *Server) newMessagePage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewMessage(w, r, newForm(map[string]string{"template": r.URL.Query().Get("template"), "list": r.URL.Query().Get("list"), "campaign": r.URL.Query().Get("campaign")}), id.Ref(r.URL.Query().Get("person")))
}

func (s *Server) showNewMessage(w http.ResponseWriter, r *http.Request, form *Form, person id.Ref) error {
	all, err := s.Messages.Templates(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &newMessagePage{Page: Page{Title: "Send messages", Errors: form.Errors, Section: "/messages", Back: &Link{Text: "Messages", Href: "/messages"}}}
	if len(all) == 0 {
		p.None = &Empty{Title: "There is no template yet", Text: "What messages say is written beforehand, with the lawful basis on which they are sent.", Link: &Link{Text: "Templates", Href: "/messages/templates"}}
		return s.render(w, r, "message_new", p)
	}
	choice := Choice{Name: "template", Label: "Which message?", Strong: true, Small: true}
	for _, t := range all {
		choice.Options = append(choice.Options, Option{Value: string(t.Ref), Text: t.Name, Hint: channelWords(t.Channel)})
	}
	p.Template = form.Choice(choice)
	if person != "" {
		p.Person = string(person)
		return s.render(w, r, "message_new", p)
	}
	if ref := id.Ref(form.Text("campaign")); ref != "" {
		c, err := s.Campaigns.Get(r.Context(), actorOf(r), ref)
		if err != nil {
			return err
		}
		p.Campaign, p.Back = string(ref), &Link{Text: c.Name, Href: campaignHref(ref, "")}
		p.Lead = "To those of the campaign “" + c.Name + "” whom its rules still let be reached. Each message counts as a try."
		return s.render(w, r, "message_new", p)
	}
	lists, err := s.Lists.Saved(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	to := Choice{Name: "list", Label: "To the people of which list?", Hint: "A list that you, or somebody who shared it, keeps under a name. Messages to one young person are sent from their record.", Options: []Option{{Text: "Choose a list"}}}
	for _, l := range lists {
		to.Options = append(to.Options, Option{Value: string(l.Ref), Text: l.Name})
	}
	to = form.Choice(to)
	p.List = &to
	return s.render(w, r, "message_new", p)
}

// order is what was asked to be sent to whom.
func (s *Server) order(r *http.Request, from url.Values) (message.Order, error) {
	o := message.Order{Template: id.Ref(from.Get("template"))}
	if person := id.Ref(from.Get("person")); person != "" {
		o.People = []id.Ref{person}
		return o, nil
	}
	if o.Campaign = id.Ref(from.Get("campaign")); o.Campaign != "" {
		return o, nil
	}
	saved, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(from.Get("list")))
	if err != nil {
		return o, err
	}
	q, _ := list.Parse(saved.Asks)
	o.Question = &q
	return o, nil
}

type checkMessagePage struct {
	Page
	Form              *Form
	Kept              []keptField
	Stats             []Stat
	Facts             Summary
	Sample            string
	Left              []leftOut
	Read              *Choice
	CanSend           bool
	Button, Cancel    string
	Template, Shorter string
}

// leftOut are those whom a batch leaves out for one reason.
type leftOut struct {
	Words string
	Names []Link
	More  string
}

// checkMessagePage shows what a batch would be, before it is sent.
func (s *Server) checkMessagePage(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	if len(asked) == 0 {
		http.Redirect(w, r, "/messages/new", http.StatusSeeOther)
		return nil
	}
	form := newForm(nil)
	if asked.Get("template") == "" {
		form.Fail("template", "Select which message to send")
	}
	if asked.Get("list") == "" && asked.Get("person") == "" && asked.Get("campaign") == "" {
		form.Fail("list", "Choose a list")
	}
	if !form.OK() {
		form.values = asked
		return s.showNewMessage(w, r, form, id.Ref(asked.Get("person")))
	}
	return s.showCheckMessage(w, r, form, asked)
}

func (s *Server) showCheckMessage(w http.ResponseWriter, r *http.Request, form *Form, asked url.Values) error {
	o, err := s.order(r, asked)
	if err != nil {
		return err
	}
	v, err := s.Messages.Prepare(r.Context(), actorOf(r), o)
	if err != nil {
		return err
	}
	p := &checkMessagePage{Page: Page{Title: "Look at it again before it is sent", Caption: v.Template.Name, Errors: form.Errors, Section: "/messages", Back: &Link{Text: "Choose again", Href: "/messages/new?" + url.Values{"template": asked["template"], "list": asked["list"], "person": asked["person"], "campaign": asked["campaign"]}.Encode()}},
		Form: form, Sample: v.Sample, CanSend: v.People > 0 && v.Carrier != "", Cancel: "/messages", Button: "Send " + plural(v.People, string(v.Template.Channel), string(v.Template.Channel)+"s")}
	left := 0
	for _, l := range v.LeftOut {
		left += l.N
		one := leftOut{Words: count(l.N) + " – " + l.Why}
		for _, n := range l.Some {
			one.Names = append(one.Names, Link{Text: n.Name, Href: personHref(n.Ref, "")})
		}
		if more := l.N - len(l.Some); more > 0 && len(l.Some) > 0 {
			one.More = "and " + count(more) + " more"
		}
		p.Left = append(p.Left, one)
	}
	p.Stats = []Stat{{Number: count(v.People), Words: either(v.People, "message goes", "messages go")}, {Number: count(left), Words: "left out", Note: "each with why, below"}}
	p.Facts = Summary{Rows: []Row{{Key: "By", Value: channelWords(v.Template.Channel) + ", through " + orText(v.Carrier, "nobody: ask whoever runs the server to set it up")}, {Key: "Lawful basis", Value: v.Template.Basis}}}
	if v.From.After(s.Now()) {
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Begins to go", Value: moment(v.From) + ": texts go between 8 in the morning and 8 in the evening"})
	}
	if v.Template.Channel == notify.Text && v.People > 0 {
		words := plural(v.Parts, "part", "parts") + " for each, " + count(v.Parts*v.People) + " to pay for at most"
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Length", Value: words})
		if v.Odd != 0 {
			p.Shorter = "The letter “" + string(v.Odd) + "” is not in the plain alphabet of texts, so each part holds 70 letters in place of 160."
		}
	}
	if v.Template.Subject != "" {
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Subject", Value: v.Template.Subject})
	}
	if v.People >= message.Many {
		read := form.Choice(Choice{Name: "read", Label: "This goes to many people", Options: []Option{{Value: "yes", Text: "I have read the message and who gets it, and it is right"}}})
		p.Read = &read
	}
	p.Kept = []keptField{{"template", asked.Get("template")}, {"list", asked.Get("list")}, {"person", asked.Get("person")}, {"campaign", asked.Get("campaign")}, {"shown", strconv.Itoa(v.People)}}
	return s.render(w, r, "message_check", p)
}

func (s *Server) sendMessages(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	shown, err := strconv.Atoi(form.Text("shown"))
	if err != nil {
		shown = -1
	}
	o, err := s.order(r, form.values)
	if err != nil {
		return err
	}
	if form.OK() {
		var batch id.Ref
		batch, err = s.Messages.Send(r.Context(), actorOf(r), o, shown, form.Text("read") == "yes", form.Key)
		if err == nil {
			return s.done(w, r, batchHref(batch), "The messages are on their way.", nil)
		}
	}
	if form.Take(err) || !form.OK() {
		return s.showCheckMessage(w, r, form, form.values)
	}
	return err
}

type templatesPage struct {
	Page
	Ways  SubNavigation
	Table Table
	None  *Empty
	// Reminders go to authorities and institutions, and are always there.
	Reminders Table
}

func templateTable(caption string, all []message.Template) Table {
	t := Table{Caption: caption, Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "By"}, {Text: "Lawful basis"}}}
	for _, one := range all {
		t.Rows = append(t.Rows, []Cell{{Text: one.Name, Href: templateHref(one.Ref, ""), Header: true}, {Text: channelWords(one.Channel)}, {Text: one.Basis}})
	}
	return t
}

func (s *Server) templatesPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Messages.Templates(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	reminders, err := s.Messages.Reminders(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &templatesPage{Page: Page{Title: "Templates of messages", Section: "/messages", Lead: "What messages say, each with the lawful basis on which it is sent."}, Ways: s.messageWays(r, "/messages/templates")}
	if access.May(actorOf(r), access.KeepTemplate) {
		p.Actions = []Link{{Text: "Write a template", Href: "/messages/templates/new", Main: true}}
	}
	p.Table, p.Reminders = templateTable("To young people", all), templateTable("Reminders of leaver notices", reminders)
	if len(all) == 0 {
		p.None = &Empty{Title: "There is none yet", Text: "Data officers and managers write them."}
	}
	return s.render(w, r, "message_templates", p)
}

type templatePage struct {
	Page
	Form    *Form
	Facts   Summary
	Body    string
	Change  string
	End     string
	Version string
	Earlier []message.Template
}

func (s *Server) templatePage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	all, err := s.Messages.Versions(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	t := all[0]
	p := &templatePage{Page: Page{Title: "A template of messages", Heading: t.Name, Caption: channelWords(t.Channel), Section: "/messages", Back: &Link{Text: "Templates", Href: "/messages/templates"}},
		Form: newForm(nil), Body: t.Body, Earlier: all[1:], Version: strconv.FormatInt(int64(t.Version), 10), Facts: Summary{Rows: []Row{{Key: "Lawful basis", Value: t.Basis}}}}
	if t.Subject != "" {
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Subject", Value: t.Subject})
	}
	if t.Channel == notify.Text {
		parts, _ := message.Parts(t.Body)
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Length", Value: plural(len([]rune(t.Body)), "letter", "letters") + ", " + plural(parts, "part", "parts") + ", before names and links are filled in"})
	}
	if access.May(actorOf(r), access.KeepTemplate) {
		p.Change = templateHref(ref, "/change")
		if !t.IsReminder() {
			p.End = templateHref(ref, "/end")
		}
	}
	return s.render(w, r, "message_template", p)
}

type templateFormPage struct {
	Page
	Form           *Form
	Action, Cancel string
	Version        string
	Name, Subject  Input
	Channel, Basis Choice
	Body           Textarea
}

func (s *Server) newTemplatePage(w http.ResponseWriter, r *http.Request) error {
	return s.showTemplateForm(w, r, newForm(nil))
}

func (s *Server) changeTemplatePage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Messages.Versions(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	t := all[0]
	return s.showTemplateForm(w, r, newForm(map[string]string{"channel": string(t.Channel), "name": t.Name, "basis": t.Basis, "subject": t.Subject, "body": t.Body, "version": strconv.FormatInt(int64(t.Version), 10)}))
}

func (s *Server) showTemplateForm(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	p := &templateFormPage{Page: Page{Title: "Write a template", Errors: form.Errors, Section: "/messages", Back: &Link{Text: "Templates", Href: "/messages/templates"}}, Form: form, Action: "/messages/templates/new", Cancel: "/messages/templates", Version: form.Text("version")}
	if ref != "" {
		p.Title, p.Action, p.Cancel = "Change a template", templateHref(ref, "/change"), templateHref(ref, "")
		p.Lead = "What was sent before keeps the words it was sent with."
	}
	channels := Choice{Name: "channel", Label: "How does it go?", Strong: true, Small: true, Inline: true}
	for _, c := range notify.Channels() {
		channels.Options = append(channels.Options, Option{Value: string(c), Text: channelWords(c)})
	}
	bases := Choice{Name: "basis", Label: "Lawful basis", Strong: true, Small: true}
	of := message.Template{Ref: ref}
	for _, b := range of.Bases() {
		bases.Options = append(bases.Options, Option{Value: b, Text: b})
	}
	p.Channel, p.Basis = form.Choice(channels), form.Choice(bases)
	p.Name = form.Input(Input{Name: "name", Label: "Name", Hint: "By which colleagues find it. Young people do not see it.", Strong: true})
	p.Subject = form.Input(Input{Name: "subject", Label: "Subject (e-mails and letters)", Hint: "It is seen before the message is opened: it names nobody", Strong: true})
	p.Body = form.Textarea(Textarea{Name: "body", Label: "What it says", Strong: true, Rows: 8, MaxLength: 918,
		Hint: "Write for somebody of nine: short sentences, no codes. ((first name)), ((adviser)) and ((link)) are filled in for each; ((link)) is their own link to tell us what they do. End a text with: Reply STOP to stop these texts."})
	if of.IsReminder() {
		p.Channel, p.Name.Hint, p.Subject.Label = Choice{}, "By which colleagues find it", "Subject"
		p.Body.MaxLength = 8000
		p.Body.Hint = "It names nobody: it goes to an office by e-mail. Filled in for each: ((" + strings.Join(of.Placeholders(), ")), ((") + "))."
	}
	return s.render(w, r, "message_template_form", p)
}

func (f *Form) messageTemplate(ref id.Ref) message.Template {
	version, err := strconv.ParseInt(f.Text("version"), 10, 64)
	if err != nil {
		version = -1
	}
	return message.Template{Ref: ref, Channel: notify.Channel(f.Text("channel")), Name: f.Text("name"), Basis: f.Text("basis"), Subject: f.Text("subject"), Body: f.Text("body"), Version: id.Act(version)}
}

func (s *Server) addTemplate(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, err := s.Messages.AddTemplate(r.Context(), actorOf(r), form.messageTemplate(""), form.Key)
	if form.Take(err) || !form.OK() {
		return s.showTemplateForm(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, templateHref(ref, ""), "The template is written.", nil)
}

func (s *Server) changeTemplate(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Messages.ChangeTemplate(r.Context(), actorOf(r), form.messageTemplate(ref), form.Key)
	if form.Take(err) || !form.OK() {
		return s.showTemplateForm(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, templateHref(ref, ""), "The template is changed.", nil)
}

func (s *Server) endTemplate(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	t := form.messageTemplate(id.Ref(r.PathValue("ref")))
	if err := s.Messages.EndTemplate(r.Context(), actorOf(r), t.Ref, t.Version, form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/messages/templates", "The template is out of use.", nil)
}
