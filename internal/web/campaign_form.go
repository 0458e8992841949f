package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/contact"
	"waymark/internal/id"
	"waymark/internal/list"
)

type campaignFormPage struct {
	Page
	Form           *Form
	Tags           FilterTags
	Keep           [][2]string
	Parts          []FormPart
	Button         string
	Action, Cancel string
}

// newCampaignPage makes a campaign of a list.
func (s *Server) newCampaignPage(w http.ResponseWriter, r *http.Request) error {
	q, _ := list.Parse(r.URL.Query())
	if len(q.Filters) == 0 {
		http.Redirect(w, r, "/lists", http.StatusSeeOther)
		return nil
	}
	form := newForm(map[string]string{"asks": q.Values().Encode(), "goal": "80"})
	form.SetDate("opens", s.today())
	form.SetDate("closes", s.today().AddDays(28))
	form.setRules(campaign.Usual())
	return s.showNewCampaign(w, r, form)
}

// setRules fills in the fields of rules.
func (f *Form) setRules(rules campaign.Rules) {
	for name, value := range map[string]string{"from": rules.From, "to": rules.To, "tries": strconv.Itoa(rules.Tries), "a-day": strconv.Itoa(rules.ADay),
		"pause": strconv.Itoa(rules.Pause), "stop": strings.Join(rules.Stop, ", ")} {
		f.values.Set(name, value)
	}
	for _, d := range rules.Days {
		f.values.Add("days", strconv.Itoa(int(d)))
	}
	f.values["channels"] = rules.Channels
}

func (s *Server) showNewCampaign(w http.ResponseWriter, r *http.Request, form *Form) error {
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	a := listAsked{}
	a.q, _ = list.Parse(asks)
	tags, err := s.plainTags(r, a)
	if err != nil {
		return err
	}
	hands, err := s.Campaigns.CanWork(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &campaignFormPage{Page: Page{Title: "Begin a campaign", Section: campaignsHref, Back: &Link{Text: "Back to the list", Href: a.href("/lists", a.q, 0)},
		Lead: "Its list is frozen on its day: whoever fits then is on it, and stays on it."}, Form: form, Tags: tags, Keep: [][2]string{{"asks", a.q.Values().Encode()}}, Button: "Begin the campaign",
		Action: "/campaigns/new", Cancel: campaignsHref}
	p.Parts = campaignParts(form, hands, true)
	form.keepToFields(p.Parts)
	p.Errors = form.Errors
	return s.render(w, r, "campaign_new", p)
}

// plainTags are what a list asks, in words that lead nowhere.
func (s *Server) plainTags(r *http.Request, a listAsked) (tags FilterTags, err error) {
	inner := &listsPage{}
	err = s.listTags(r, a, inner)
	for _, one := range inner.Tags.Chosen {
		tags.Chosen = append(tags.Chosen, Link{Text: one.Text})
	}
	return tags, err
}

// campaignParts are the fields of a campaign; without its first day once its list
// is frozen.
func campaignParts(f *Form, hands []campaign.Hand, planned bool) []FormPart {
	who := Choice{Name: "hands", Label: "Who works it?", Small: true, Strong: true}
	for _, h := range hands {
		who.Options = append(who.Options, Option{Value: string(h.Ref), Text: h.Name, Hint: capital(string(h.Role))})
	}
	days := Choice{Name: "days", Label: "Days of the week", Small: true}
	for _, d := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} {
		days.Options = append(days.Options, Option{Value: strconv.Itoa(int(d)), Text: d.String()})
	}
	parts := []FormPart{
		f.inputPart(Input{Name: "name", Label: "Name of the campaign", Strong: true, Hint: "Name no young person in it. For example, Year 12 not known"}),
		f.inputPart(Input{Name: "target", Label: "What it is for (optional)", Hint: "For example, to know what they do before the November return"}),
		f.inputPart(Input{Name: "goal", Label: "How many of a hundred are to be settled?", Width: "3", InputMode: "numeric"}),
	}
	if planned {
		parts = append(parts, f.datePart(DateInput{Name: "opens", Label: "First day", Strong: true}))
	}
	return append(parts,
		f.datePart(DateInput{Name: "closes", Label: "Last day", Strong: true}),
		f.checkboxesPart(who),
		headingPart("Rules"),
		FormPart{Text: "Hours and days are those of London. Nobody can be taken from the list against them."},
		f.inputPart(Input{Name: "from", Label: "Not before", Width: "5", Hint: "Like 09:00"}),
		f.inputPart(Input{Name: "to", Label: "Not after", Width: "5", Hint: "Like 19:00"}),
		f.checkboxesPart(days),
		f.checkboxesPart(Choice{Name: "channels", Label: "How are they tried?", Small: true, Options: []Option{{Value: contact.Phone, Text: "Telephone"}, {Value: contact.Email, Text: "E-mail"}}}),
		f.inputPart(Input{Name: "tries", Label: "At most so many tries with one person", Width: "2", InputMode: "numeric"}),
		f.inputPart(Input{Name: "a-day", Label: "At most so many on one day, by whoever tries", Width: "2", InputMode: "numeric"}),
		f.inputPart(Input{Name: "pause", Label: "Days to wait after a wrong number", Width: "2", InputMode: "numeric"}),
		f.inputPart(Input{Name: "stop", Label: "Words in the note of a number that keep it from being used", Hint: "With commas between"}))
}

func (s *Server) addCampaign(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	n := form.campaign()
	n.Asks, _ = list.Parse(asks)
	if !form.OK() {
		return s.showNewCampaign(w, r, form)
	}
	ref, err := s.Campaigns.Add(r.Context(), actorOf(r), n, form.Key)
	if form.Take(err) {
		return s.showNewCampaign(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) { // the first press did it
		return err
	}
	return s.done(w, r, campaignHref(ref, ""), "The campaign is made.", nil)
}

// campaign reads what was typed of one.
func (f *Form) campaign() campaign.New {
	n := campaign.New{Name: f.Text("name"), Target: f.Text("target"), Goal: f.number("goal"), Opens: f.Date("opens", "The first day"), Closes: f.Date("closes", "The last day"),
		Rules: campaign.Rules{From: f.Text("from"), To: f.Text("to"), Tries: f.number("tries"), ADay: f.number("a-day"), Pause: f.number("pause"), Channels: f.All("channels")}}
	for _, d := range f.All("days") {
		if day, err := strconv.Atoi(d); err == nil && day >= 0 && day < 7 {
			n.Rules.Days = append(n.Rules.Days, time.Weekday(day))
		}
	}
	for _, word := range strings.Split(f.Text("stop"), ",") {
		if word = strings.TrimSpace(word); word != "" {
			n.Rules.Stop = append(n.Rules.Stop, word)
		}
	}
	for _, ref := range f.All("hands") {
		n.Hands = append(n.Hands, id.Ref(ref))
	}
	return n
}
