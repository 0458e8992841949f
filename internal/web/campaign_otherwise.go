package web

import (
	"errors"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/campaign"
	"waymark/internal/id"
	"waymark/internal/visit"
)

// campaignAsked is the campaign from whose list a round is made, "" for none.
func campaignAsked(r *http.Request) id.Ref { return id.Ref(r.URL.Query().Get("campaign")) }

// showPlanOfCampaign is the form of visits of a campaign's list: of those whom its
// rules still let be reached.
func (s *Server) showPlanOfCampaign(w http.ResponseWriter, r *http.Request, form *Form, ref id.Ref, opened bool) error {
	by := actorOf(r)
	c, err := s.Campaigns.Get(r.Context(), by, ref)
	if err != nil {
		return err
	}
	p := &planVisitsPage{Page: Page{Title: "Plan visits", Errors: form.Errors, Section: "/visits", Back: &Link{Text: c.Name, Href: campaignHref(ref, "")}}, Form: form}
	left, err := s.Campaigns.Otherwise(r.Context(), by, ref)
	var barred campaign.Barred
	if err != nil && !errors.As(err, &barred) {
		return err
	}
	if len(left) == 0 {
		p.NoLists = &Empty{Title: "Nobody can be visited now", Text: orText(barred.Why, "Everybody on the list is settled, waits for another day, or is not to be tried."), Link: &Link{Text: "Back to the campaign", Href: campaignHref(ref, "")}}
		return s.render(w, r, "visits_plan", p)
	}
	var keys []id.YoungPerson
	for _, row := range left[:min(len(left), visit.MostPeople)] {
		keys = append(keys, row.Person)
	}
	rows, err := s.Record.Shown(r.Context(), by, access.SeePerson, keys, "plan visits")
	if err != nil {
		return err
	}
	p.Lead = "One door for all who live at an address, in the order of the shortest way. Each visit counts as a try of the campaign “" + c.Name + "”."
	p.Count = plural(len(left), "person", "people") + " of the campaign may still be reached."
	if len(left) > len(keys) {
		p.Count += " These are the first " + count(len(keys)) + ": plan the others afterwards."
	}
	if p.People, err = s.whomToVisit(r, form, p.inArea(r, rows), opened); err != nil {
		return err
	}
	p.Wrong = form.Error("person")
	if p.Parts, err = s.planParts(r, form); err != nil {
		return err
	}
	return s.render(w, r, "visits_plan", p)
}

// otherwiseLinks lead to reaching a campaign's list by visits and messages.
func otherwiseLinks(by access.Actor, ref id.Ref) (out []Link) {
	if access.May(by, access.PlanVisits) {
		out = append(out, Link{Text: "Plan visits", Href: "/visits/plan?campaign=" + string(ref)})
	}
	if access.May(by, access.SendMessage) {
		out = append(out, Link{Text: "Send messages", Href: "/messages/new?campaign=" + string(ref)})
	}
	return out
}
