package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/campaign"
	"waymark/internal/chart"
	"waymark/internal/id"
)

// campaignRoutes are the lists that are worked.
func (s *Server) campaignRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/campaigns", Permission: access.WorkCampaign, Handler: s.campaignsPage, Nav: "Campaigns"},
		{Method: "GET", Pattern: "/campaigns/new", Permission: access.KeepCampaign, Handler: s.newCampaignPage},
		{Method: "POST", Pattern: "/campaigns/new", Permission: access.KeepCampaign, Handler: s.addCampaign, Draft: true},
		{Method: "GET", Pattern: "/campaigns/{ref}", Permission: access.WorkCampaign, Handler: s.campaignPage},
		{Method: "GET", Pattern: "/campaigns/{ref}/change", Permission: access.KeepCampaign, Handler: s.changeCampaignPage},
		{Method: "POST", Pattern: "/campaigns/{ref}/change", Permission: access.KeepCampaign, Handler: s.changeCampaign, Draft: true},
		{Method: "POST", Pattern: "/campaigns/{ref}/close", Permission: access.KeepCampaign, Handler: s.closeCampaign},
		{Method: "GET", Pattern: "/campaigns/{ref}/work", Permission: access.WorkCampaign, Handler: s.campaignWorkPage},
		{Method: "POST", Pattern: "/campaigns/{ref}/work", Permission: access.WorkCampaign, Handler: s.saveCampaignOutcome},
		{Method: "POST", Pattern: "/campaigns/{ref}/take", Permission: access.WorkCampaign, Handler: s.takeCampaignRow},
		{Method: "POST", Pattern: "/campaigns/{ref}/undo", Permission: access.WorkCampaign, Handler: s.undoCampaignOutcome},
		{Method: "GET", Pattern: "/campaigns/{ref}/plan", Permission: access.WorkCampaign, Handler: s.campaignPlanPage},
		{Method: "GET", Pattern: "/campaigns/{ref}/answer", Permission: access.WorkCampaign, Handler: s.campaignAnswerPage},
		{Method: "POST", Pattern: "/campaigns/{ref}/answer", Permission: access.WorkCampaign, Handler: s.saveCampaignAnswer, Draft: true},
	}
}

const campaignsHref = "/campaigns"

func campaignHref(ref id.Ref, tail string) string { return campaignsHref + "/" + string(ref) + tail }

type campaignsPage struct {
	Page
	Table *Table
	None  *Empty
	Links []Link
}

func campaignTag(c campaign.Campaign) *Tag {
	return &Tag{Text: string(c.Stage()), Colour: map[campaign.Stage]string{campaign.StageUnderWay: "green", campaign.StagePlanned: "blue", campaign.StageClosed: "grey"}[c.Stage()]}
}

// campaignsPage lists the campaigns of the reader, or all for whoever keeps them.
func (s *Server) campaignsPage(w http.ResponseWriter, r *http.Request) error {
	by := actorOf(r)
	all, err := s.Campaigns.AllProgress(r.Context(), by)
	if err != nil {
		return err
	}
	p := &campaignsPage{Page: Page{Title: "Campaigns", Lead: "Lists of young people whom a few of you try to reach, until you know what each of them does."}}
	if access.May(by, access.KeepCampaign) {
		p.Links = []Link{{Text: "Begin a campaign from a list", Href: "/lists"}}
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "No campaigns", Text: "Nobody has given you one yet. A team manager or a data officer makes a campaign of any list."}
		return s.render(w, r, "campaigns", p)
	}
	t := Table{Caption: "Campaigns", Quiet: true, Stacked: true, Columns: []Column{{Text: "Campaign"}, {Text: "From"}, {Text: "To"}, {Text: "On the list", Numeric: true}, {Text: "To do now", Numeric: true}, {Text: "Settled", Numeric: true}, {Text: "Who works it"}}}
	for _, g := range all {
		c, people, todo, settled := g.Campaign, "–", "–", "–"
		if !c.Frozen.IsZero() {
			people, todo, settled = count(g.People), count(g.In[campaign.ToDo]), fmt.Sprintf("%d%%", g.SettledShare())
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: c.Name, Href: campaignHref(c.Ref, ""), Tag: campaignTag(c)}, {Text: whole(c.Opens.Words())}, {Text: whole(c.Closes.Words())},
			{Text: people}, {Text: todo}, {Text: settled}, {Text: handNames(c)}})
	}
	p.Table = &t
	return s.render(w, r, "campaigns", p)
}

func handNames(c campaign.Campaign) string {
	words := ""
	for _, h := range c.Hands {
		words = joined(", ", words, h.Name)
	}
	return words
}

type campaignPage struct {
	Page
	Facts  Summary
	Stats  []Stat
	Do     []Link
	Chart  template.HTML
	Last   *Table
	Why    *Table
	Before *Table
	Close  *Form
	Tags   FilterTags
	CloseX string
}

// campaignPage says how far a campaign is.
func (s *Server) campaignPage(w http.ResponseWriter, r *http.Request) error {
	by, ref := actorOf(r), id.Ref(r.PathValue("ref"))
	g, err := s.Campaigns.Progress(r.Context(), by, ref)
	if err != nil {
		return err
	}
	c := g.Campaign
	p := &campaignPage{Page: Page{Title: "Campaign", Heading: c.Name, Lead: c.Target, Section: campaignsHref, Back: &Link{Text: "Campaigns", Href: campaignsHref}}}
	p.Facts = Summary{Rows: append([]Row{{Key: "Stands", Value: "", Tag: campaignTag(c)}}, campaignFacts(c)...)}
	if c.Frozen.IsZero() {
		p.Banners = []Banner{{Tone: "info", Strong: "Planned.", Text: "Its list is frozen when it is first opened on or after " + c.Opens.Words() + "; until then nobody is on it."}}
	} else {
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "List frozen", Value: c.Frozen.Words()})
		p.progress(g)
	}
	if p.Before, err = s.campaignBefore(r, c); err != nil {
		return err
	}
	if c.Running() {
		p.Do = []Link{{Text: "Work the list", Href: campaignHref(ref, "/work"), Main: true}, {Text: "Plan a shift", Href: campaignHref(ref, "/plan")}}
		p.Do = append(p.Do, otherwiseLinks(by, ref)...)
	}
	if access.May(by, access.KeepCampaign) && c.Stage() != campaign.StageClosed {
		p.Do = append(p.Do, Link{Text: "Change", Href: campaignHref(ref, "/change")})
		p.Close, p.CloseX = newForm(nil), campaignHref(ref, "/close")
	}
	return s.render(w, r, "campaign", p)
}

// campaignFacts are what somebody may change of a campaign and its page says, apart
// from its name and what it is for.
func campaignFacts(c campaign.Campaign) []Row {
	return []Row{{Key: "From and to", Value: c.Opens.Words() + " to " + c.Closes.Words()}, {Key: "Who works it", Value: handNames(c)},
		{Key: "To be settled", Value: fmt.Sprintf("%d of 100", c.Goal)}, {Key: "Rules", Value: rulesWords(c.Rules)}}
}

func (p *campaignPage) progress(g campaign.Progress) {
	tone := "warn"
	if g.SettledShare() >= g.Campaign.Goal {
		tone = "good"
	}
	p.Stats = []Stat{
		{Number: fmt.Sprintf("%d%%", g.SettledShare()), Words: "settled", Note: fmt.Sprintf("%s of %s; %d%% is the aim", count(g.In[campaign.Settled]), count(g.People), g.Campaign.Goal), Tone: tone},
		{Number: count(g.In[campaign.ToDo]), Words: "to do now", Note: count(g.In[campaign.Waiting]) + " wait for another day, " + count(g.In[campaign.Stopped]) + " are not tried"},
		{Number: count(g.Reached), Words: either(g.Reached, "person reached", "people reached"), Note: plural(g.Tries, "try", "tries") + " with " + count(g.Tried) + " of them"},
		{Number: count(g.Now), Words: "not known now", Note: count(g.Then) + " when the list was frozen"},
	}
	last := Table{Caption: "What came of them last", Columns: []Column{{Text: "Outcome"}, {Text: "Young people", Numeric: true}}}
	var labels []string
	var values []float64
	for _, n := range g.Last {
		last.Rows = append(last.Rows, []Cell{{Header: true, Text: outcomeWords(n.Words)}, {Text: count(n.N)}})
		labels, values = append(labels, outcomeWords(n.Words)), append(values, float64(n.N))
	}
	if len(labels) > 0 {
		p.Last = &last
		if drawn, err := chart.Bars(chart.Head{ID: "last", Title: "What came of them last", Subtitle: "Young people tried in this campaign, by the last outcome"}, labels, values); err == nil {
			p.Chart = drawn // else the table says it alone
		}
	}
	if len(g.Why) > 0 {
		why := Table{Caption: "Why some are not tried", Columns: []Column{{Text: "Why"}, {Text: "Young people", Numeric: true}}}
		for _, n := range g.Why {
			why.Rows = append(why.Rows, []Cell{{Header: true, Text: n.Words}, {Text: count(n.N)}})
		}
		p.Why = &why
	}
}

// rulesWords are the rules of a campaign as people read them.
func rulesWords(r campaign.Rules) string {
	days := ""
	for _, d := range r.Days {
		days = joined(", ", days, d.String())
	}
	if len(r.Days) == 5 && r.Days[0] == 1 && r.Days[4] == 5 {
		days = "Monday to Friday"
	}
	if len(r.Days) == 7 {
		days = "every day"
	}
	channels := ""
	for _, c := range r.Channels {
		channels = joined(", then ", channels, c)
	}
	return fmt.Sprintf("By %s, %s to %s, %s. One person at most %s, at most %s a day. After a wrong number nobody tries for %s. A number is not used where its note says: %s.",
		channels, r.From, r.To, days, plural(r.Tries, "time", "times"), plural(r.ADay, "time", "times"), plural(r.Pause, "day", "days"), orText(joinedAll(", ", r.Stop), "(no words)"))
}

func joinedAll(between string, parts []string) string { return joined(between, parts...) }

func (s *Server) closeCampaign(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	if err := s.Campaigns.Close(r.Context(), actorOf(r), ref, form.Key); err != nil {
		return err
	}
	return s.done(w, r, campaignHref(ref, ""), "The campaign is closed. What was recorded stays on each record.", nil)
}

// number reads a whole number that a form asks for; what is none is -1, which
// the trade answers.
func (f *Form) number(name string) int {
	n, err := strconv.Atoi(f.Text(name))
	if err != nil {
		return -1
	}
	return n
}
