package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/list"
)

// changeCampaignPage changes a campaign while it is planned or under way.
func (s *Server) changeCampaignPage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Campaigns.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	return s.showChangeCampaign(w, r, c, campaignFormOf(c))
}

// campaignFormOf is a form filled in with a campaign as it is held.
func campaignFormOf(c campaign.Campaign) *Form {
	form := newForm(map[string]string{"name": c.Name, "target": c.Target, "goal": strconv.Itoa(c.Goal), "version": strconv.FormatInt(c.Version, 10)})
	form.SetDate("opens", c.Opens)
	form.SetDate("closes", c.Closes)
	form.setRules(c.Rules)
	for _, h := range c.Hands {
		form.values.Add("hands", string(h.Ref))
	}
	return form
}

func (s *Server) showChangeCampaign(w http.ResponseWriter, r *http.Request, c campaign.Campaign, form *Form) error {
	if c.Stage() == campaign.StageClosed {
		return db.Conflict{What: "this campaign"}
	}
	asked := listAsked{}
	asked.q, _ = list.Parse(c.Asks)
	tags, err := s.plainTags(r, asked)
	if err != nil {
		return err
	}
	p := &campaignFormPage{Page: Page{Title: "Change a campaign", Caption: c.Name, Section: campaignsHref, Back: &Link{Text: c.Name, Href: campaignHref(c.Ref, "")}}, Form: form, Tags: tags,
		Keep: [][2]string{{"version", form.Text("version")}}, Button: "Save", Action: campaignHref(c.Ref, "/change"), Cancel: campaignHref(c.Ref, "")}
	if !c.Frozen.IsZero() {
		p.Lead = "Who is on its list stays: it was frozen on " + c.Frozen.Words() + ". What you change here counts from the next try on."
	}
	if p.Parts, err = s.changeCampaignParts(r, c, form); err != nil {
		return err
	}
	form.keepToFields(p.Parts)
	p.Errors = form.Errors
	return s.render(w, r, "campaign_new", p)
}

// changeCampaignParts are its fields. Whoever could not be given it any more is
// taken off by the next change.
func (s *Server) changeCampaignParts(r *http.Request, c campaign.Campaign, form *Form) ([]FormPart, error) {
	hands, err := s.Campaigns.CanWork(r.Context(), actorOf(r))
	return campaignParts(form, hands, c.Frozen.IsZero()), err
}

func (s *Server) changeCampaign(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	by, ref := actorOf(r), id.Ref(r.PathValue("ref"))
	c, err := s.Campaigns.Get(r.Context(), by, ref)
	if err != nil {
		return err
	}
	n := form.campaign()
	seen, _ := strconv.ParseInt(form.Text("version"), 10, 64) // what is no number is no version that is held
	if form.OK() {
		err = s.Campaigns.Change(r.Context(), by, ref, n, seen, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showChangeCampaign(w, r, c, form)
	}
	if errors.As(err, new(db.Conflict)) {
		return s.bothCampaigns(r, form, ref, err)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) { // the first press did it
		return err
	}
	return s.done(w, r, campaignHref(ref, ""), "The campaign is changed.", nil)
}

// bothCampaigns shows what somebody else has made of it meanwhile, and what the
// reader wrote.
func (s *Server) bothCampaigns(r *http.Request, yours *Form, ref id.Ref, err error) error {
	c, failed := s.Campaigns.Get(r.Context(), actorOf(r), ref)
	if failed != nil {
		return failed
	}
	both := bothVersions{err, Card{ID: "theirs", Title: "As it is now"}, Card{ID: "yours", Title: "What you wrote"}}
	for form, rows := range map[*Form]*[]Row{campaignFormOf(c): &both.Theirs.Rows, yours: &both.Yours.Rows} {
		parts, failed := s.changeCampaignParts(r, c, form)
		if failed != nil {
			return failed
		}
		*rows = partRows(parts)
	}
	return both
}

// campaignBefore is what a campaign was before each of its changes, a row for each
// thing that was changed; nil where nobody has changed it.
func (s *Server) campaignBefore(r *http.Request, now campaign.Campaign) (*Table, error) {
	all, err := s.Campaigns.Before(r.Context(), actorOf(r), now.Ref)
	if err != nil {
		return nil, err
	}
	t := Table{Caption: "What it was before", Stacked: true, Columns: []Column{{Text: "Until"}, {Text: "Changed by"}, {Text: "What"}, {Text: "Was"}}}
	facts := func(c campaign.Campaign) []Row {
		return append([]Row{{Key: "Name", Value: c.Name}, {Key: "What it is for", Value: orText(c.Target, "(nothing)")}}, campaignFacts(c)...)
	}
	next := facts(now)
	for _, one := range all {
		was := facts(one.Was)
		for i, row := range was {
			if row.Value != next[i].Value {
				t.Rows = append(t.Rows, []Cell{{Header: true, Text: moment(one.At)}, {Text: one.By}, {Text: row.Key}, {Text: row.Value}})
			}
		}
		next = was
	}
	if len(t.Rows) == 0 {
		return nil, nil
	}
	return &t, nil
}
