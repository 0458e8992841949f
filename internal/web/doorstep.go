package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/record"
	"waymark/internal/visit"
)

type doorstepPage struct {
	Page
	Form *Form
	Seen string
	// LastDay is by which day what is told was so already (visit.Told.LastDay).
	LastDay string
	Facts   Summary
	Outcome Choice
	Now     Choice
	Since   Choice
	Note    Textarea
	Next    Choice
	// Told is what was told already: then there is no form.
	Told   string
	RoundH string
}

func (s *Server) doorstepPage(w http.ResponseWriter, r *http.Request) error {
	return s.showDoorstep(w, r, newForm(map[string]string{"next": "0"}))
}

// showDoorstep is the page for one hand on a doorstep: safety first, then the
// few questions, four presses from here (ux-security.md screen 8).
func (s *Server) showDoorstep(w http.ResponseWriter, r *http.Request, form *Form) error {
	round, st, err := s.Visits.Stop(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &doorstepPage{Page: Page{Title: "At the door", Heading: orText(st.Name, "No name recorded"), Errors: form.Errors, Section: "/visits", Back: &Link{Text: "The round", Href: roundHref(round.Ref, "")}},
		Form: form, RoundH: roundHref(round.Ref, ""), Seen: form.Text("seen")}
	if p.Seen == "" {
		p.Seen = strconv.FormatInt(int64(st.Seen), 10)
	}
	if _, sent := form.values["last-day"]; sent { // what the page said stays said
		st.LastDay = record.Day(form.Text("last-day"))
	}
	p.LastDay = st.LastDay.String()
	for _, n := range st.Safety {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: safetyWords(n.Kind) + ".", Text: n.Words})
	}
	if st.Why != "" {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "Do not go to this door.", Text: st.Why.ToDo()})
	}
	held := orText(s.heldAtDoor(st), "Nothing is held")
	p.Facts = Summary{Rows: []Row{{Key: "Where", Value: joined(", ", addressLine(st.Address), strings.ReplaceAll(st.Address.Postcode, " ", "\u00a0"))}, {Key: "Held now", Value: held}, {Key: "Reference", Value: st.YoungPersonsID}}}
	if st.Telephone != "" {
		p.Facts.Rows = append(p.Facts.Rows, Row{Key: "Ring", Value: st.Telephone, Href: "tel:" + st.Telephone})
	}
	if st.Outcome != "" {
		p.Told = capital(string(st.Outcome)) + ", " + st.ToldAt.Words() + "."
		return s.render(w, r, "doorstep", p)
	}
	p.Outcome = form.Choice(Choice{Name: "outcome", Label: "What came of it?", Strong: true, Options: s.doorOutcomes(st)})
	p.Now = Choice{Name: "activity", Label: "If it has changed: what do they do now?", Strong: true}
	if !s.edition().Tells(st.Activity) {
		p.Now.Label = "If you saw them: what do they do now?"
	}
	for _, one := range visit.Situations() {
		p.Now.Options = append(p.Now.Options, Option{Value: one.Code, Text: one.Words})
	}
	p.Now = form.Choice(p.Now)
	p.Since = form.Choice(Choice{Name: "since", Label: "And since when?", Strong: true, Options: []Option{{Value: "today", Text: "Since today"},
		{Value: "day", Text: "Since another day", Reveal: &Reveal{Dates: []DateInput{form.DateInput(DateInput{Name: "started", Label: "Which day?", Hint: "For example, 7 9 2026"})}}}}})
	p.Note = form.Textarea(Textarea{Name: "note", Label: "Note (optional)", Hint: "Up to 300 letters. You need a signal to save.", Rows: 2, MaxLength: visit.MostNote})
	p.Next = form.Choice(Choice{Name: "next", Label: "What next?", Strong: true, Options: []Option{{Value: "0", Text: "Nothing more to do"}, {Value: "1", Text: "Try again tomorrow"},
		{Value: "7", Text: "Try again in a week"}, {Value: "28", Text: "Try again in four weeks"}}})
	return s.render(w, r, "doorstep", p)
}

// doorOutcomes are the five outcomes; where nothing is known of somebody, nothing
// can be confirmed.
func (s *Server) doorOutcomes(st visit.Stop) []Option {
	same := "I saw them: nothing has changed"
	if since := record.SameSince(st.LastDay, st.Since); !since.IsZero() {
		same += " since " + dayAndMonth(since)
	}
	out := []Option{{Value: string(visit.Confirmed), Text: same, Hint: s.heldAtDoor(st)}, {Value: string(visit.Changed), Text: "I saw them: it has changed"},
		{Value: string(visit.SomeoneElse), Text: "I saw someone else"}, {Value: string(visit.NoAnswer), Text: "No answer"}, {Value: string(visit.MovedAway), Text: "They have moved away"}}
	if !s.edition().Tells(st.Activity) {
		out[1].Text = "I saw them"
		return out[1:]
	}
	return out
}

// tellVisit records what came of a visit. Sent again, because a bad signal lost
// the answer, it does nothing and answers as the first time.
func (s *Server) tellVisit(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if showOnly(r) {
		return s.showDoorstep(w, r, form)
	}
	ref := id.Ref(r.PathValue("ref"))
	round, err := s.Visits.RoundOfStop(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	told := visit.Told{Outcome: visit.Outcome(form.Text("outcome")), Activity: form.Text("activity"), LastDay: record.Day(form.Text("last-day")), Note: form.Text("note"), Next: s.nextVisit(form), Key: form.Key}
	if told.Outcome == visit.Changed {
		told.Started = s.sinceAtDoor(form)
	}
	if !form.OK() {
		return s.showDoorstep(w, r, form)
	}
	seen, err := strconv.ParseInt(form.Text("seen"), 10, 64)
	if err == nil {
		told.Seen = id.Act(seen)
	}
	err = s.Visits.Tell(r.Context(), actorOf(r), ref, told)
	if form.Take(err) {
		return s.showDoorstep(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, roundHref(round, ""), "Saved: the visit.", nil)
}

// heldAtDoor is what the register holds, and since when.
func (s *Server) heldAtDoor(st visit.Stop) string {
	held := activityWords(s.edition(), st.Activity)
	if held != "" && !st.Since.IsZero() {
		held += ", since " + st.Since.Words()
	}
	return held
}

// sinceAtDoor is since when they do what they do now, none where nobody said.
func (s *Server) sinceAtDoor(form *Form) civil.Date {
	switch form.Text("since") {
	case "today":
		return s.today()
	case "day":
		return form.RequireDate("started", "The day it started", "Enter the day it started, like 7 9 2026")
	}
	return civil.Date{}
}

// nextVisit is the day of what comes next, none where there is nothing more.
func (s *Server) nextVisit(form *Form) civil.Date {
	days := atoi(form.Text("next"))
	if days < 1 || days > 366 {
		return civil.Date{}
	}
	return s.today().AddDays(days)
}

// dayAndMonth is a day of the last twelve months in short: "31 October".
func dayAndMonth(d civil.Date) string {
	_, month, day := d.YMD()
	return strconv.Itoa(day) + " " + month.String()
}
