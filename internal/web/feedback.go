package web

import (
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/due"
	"waymark/internal/id"
)

type feedbackPage struct {
	Page
	States SubNavigation
	Table  *Table
	None   *Empty
	Count  string
	Links  []Link
}

type feedbackAnswerPage struct {
	Page
	Form  *Form
	State Choice
}

const feedbackHref = "/feedback"

// feedbackRoutes are the work list of what the Department sent back.
func (s *Server) feedbackRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: feedbackHref, Permission: access.MergePeople, Handler: s.feedbackPage},
		{Method: "GET", Pattern: claimantsHref, Permission: access.SeeClaims, Handler: s.claimantsPage},
		{Method: "POST", Pattern: claimantsHref, Permission: access.SeeClaims, Handler: s.showClaimants},
		{Method: "GET", Pattern: feedbackHref + "/{ref}/{row}", Permission: access.MergePeople, Handler: s.feedbackAnswerPage},
		{Method: "POST", Pattern: feedbackHref + "/{ref}/{row}", Permission: access.MergePeople, Handler: s.answerFeedback},
	}
}

func feedbackWords(state due.FeedbackState) string {
	return map[due.FeedbackState]string{due.ToDo: "To do", due.Done: "Done", due.NotOurs: "Not ours"}[state]
}

// feedbackPage lists the duplicates that the Department found.
func (s *Server) feedbackPage(w http.ResponseWriter, r *http.Request) error {
	state := due.FeedbackState(r.URL.Query().Get("state"))
	if feedbackWords(state) == "" {
		state = due.ToDo
	}
	list, counts, err := s.Due.Feedback(r.Context(), actorOf(r), state)
	if err != nil {
		return err
	}
	p := &feedbackPage{Page: Page{Title: "The Department’s duplicates", Section: "/duplicates", Back: &Link{Text: "Duplicates", Href: "/duplicates"},
		Lead: "Young people whom the Department found in the returns of two authorities. One keeps the record; the other reports it as a duplicate or as transferred."},
		States: SubNavigation{Label: "What was done"}}
	for _, one := range due.FeedbackStates() {
		p.States.Items = append(p.States.Items, Link{Text: feedbackWords(one) + " (" + count(counts[one]) + ")", Href: feedbackHref + asQuery(url.Values{"state": {string(one)}}), Current: one == state})
	}
	if access.May(actorOf(r), access.SeeClaims) {
		p.Links = append(p.Links, Link{Text: "New claimants whom the Department sent back", Href: claimantsHref})
	}
	if access.May(actorOf(r), access.ImportFile) {
		p.Links = append(p.Links, Link{Text: "Take in a file of the Department’s feedback", Href: "/imports"})
	}
	if len(list) == 0 {
		p.None = &Empty{Title: "Nothing is here", Text: "Files of the kind “The Department’s feedback: duplicates” put their rows here once they are applied.", Link: &Link{Text: "Duplicates within the register", Href: "/duplicates"}}
		return s.render(w, r, "feedback", p)
	}
	p.Count = plural(len(list), "young person", "young people") + "."
	t := Table{Caption: "The Department’s duplicates", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Came"}, {Text: "Cohort"}, {Text: "What was done"}, {Text: "Do"}}}
	for _, one := range list {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
			continue
		}
		done := Cell{Text: feedbackWords(one.State)}
		if one.By != "" {
			done.Note = one.By + ", " + one.On.Words()
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(one.Name(), "No name recorded"), Href: personHref(one.Ref, "")},
			{Text: whole(one.ReceivedOn.Words()), Note: plural(one.SinceReceived(s.today()), "day ago", "days ago")}, {Text: one.CohortStatus, Note: one.LeadLA}, done,
			{Text: "Answer", Hidden: "for " + one.Name(), Href: feedbackHref + "/" + string(one.File) + "/" + strconv.Itoa(one.Position)}})
	}
	p.Table = &t
	return s.render(w, r, "feedback", p)
}

func (s *Server) feedbackAnswerPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFeedbackAnswer(w, r, newForm(nil))
}

func feedbackChoice() Choice {
	return Choice{Name: "state", Label: "What was done?", Options: []Option{
		{Value: string(due.Done), Text: "Done", Hint: "We reported it as a duplicate or as transferred, or the other authority did"},
		{Value: string(due.NotOurs), Text: "Not ours", Hint: "The record is ours to keep, and the other authority is to report it; or it is not the same young person"},
		{Value: string(due.ToDo), Text: "Still to do"}}}
}

func (s *Server) showFeedbackAnswer(w http.ResponseWriter, r *http.Request, form *Form) error {
	all, _, err := s.Due.Feedback(r.Context(), actorOf(r), "")
	if err != nil {
		return err
	}
	for _, one := range all {
		if string(one.File) == r.PathValue("ref") && strconv.Itoa(one.Position) == r.PathValue("row") && !one.Locked {
			return s.render(w, r, "feedback_answer", &feedbackAnswerPage{Page: Page{Title: "Answer a duplicate", Heading: "Duplicate: " + orText(one.Name(), "no name recorded"), Section: "/duplicates",
				Back: &Link{Text: "The Department’s duplicates", Href: feedbackHref}, Errors: form.Errors}, Form: form, State: form.Choice(feedbackChoice())})
		}
	}
	return errNoPage
}

func (s *Server) answerFeedback(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	state := due.FeedbackState(form.OneOf(feedbackChoice(), "Choose what was done"))
	if form.OK() {
		err = s.Due.Answer(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), atoi(r.PathValue("row")), state, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showFeedbackAnswer(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, feedbackHref, "The answer is kept.", nil)
}
