package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/id"
	"waymark/internal/safety"
	"waymark/internal/visit"
	"waymark/internal/youngperson"
)

type roundPage struct {
	Page
	Form   *Form
	Stats  []Stat
	Doors  *Table
	Apart  *Table
	None   *Empty
	SheetH string
	Close  string
	// Move is the form by which a door goes to somebody else.
	Move     []FormPart
	MoveH    string
	MoveOpen bool
	// In is the form to check in; Out what is said of whoever is out.
	In       []FormPart
	InAction string
	Out      *checkedIn
}

// checkedIn is somebody out alone, with the forms to say that they are safe.
type checkedIn struct {
	Words, EndAction, ExtendAction string
	Own                            bool
	Extend                         Choice
	How                            Input
}

func (s *Server) roundPage(w http.ResponseWriter, r *http.Request) error {
	return s.showRound(w, r, id.Ref(r.PathValue("ref")), newForm(map[string]string{"minutes": "120", "extend": "30"}))
}

func (s *Server) showRound(w http.ResponseWriter, r *http.Request, ref id.Ref, form *Form) error {
	by := actorOf(r)
	sh, err := s.Visits.Sheet(r.Context(), by, ref, "round of visits")
	if err != nil {
		return err
	}
	works := sh.Works(by) && access.May(by, access.WorkVisits)
	p := &roundPage{Page: Page{Title: "Round of visits", Heading: sh.Day.Words(), Caption: sh.WorkerName, Errors: form.Errors, Section: "/visits", Back: &Link{Text: "Visits", Href: "/visits"}}, Form: form,
		SheetH: roundHref(sh.Ref, "/sheet")}
	p.Stats = []Stat{{Number: count(sh.Round.Doors), Words: either(sh.Round.Doors, "door", "doors"), Note: count(sh.People) + " " + either(sh.People, "person", "people")},
		{Number: count(sh.Told), Words: "told", Note: "of " + count(sh.People)}, {Number: kilometres(sh.Metres), Words: roundWay(sh.Round), Note: "from " + sh.Start + " and back" + labelled("; in the order of the list ", inListOrder(sh.Round))}}
	if sh.Locked > 0 {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: count(sh.Locked) + " of this round " + either(sh.Locked, "is", "are") + " not shown.", Text: "The record was locked since the round was planned. Do not go to a door that is not on this page."})
	}
	if !sh.Closed {
		p.Close = roundHref(sh.Ref, "/close")
		if p.Move, err = s.moveParts(r, sh, form); err != nil {
			return err
		}
		p.MoveH, p.MoveOpen = roundHref(sh.Ref, "/move"), form.Error("door") != "" || form.Error("worker") != ""
	}
	p.Doors = s.doorTable(sh, works)
	if len(sh.Doors) == 0 {
		p.None = &Empty{Title: "This round has no door", Text: "Nobody on it can be visited. Below stands why, and what to do."}
	}
	p.Apart = s.apartTable(sh)
	s.checkInParts(p, sh, by, form)
	return s.render(w, r, "visit_round", p)
}

func (s *Server) doorTable(sh *visit.Sheet, works bool) *Table {
	if len(sh.Doors) == 0 {
		return nil
	}
	t := &Table{Caption: "Doors in the order of the way", Stacked: true, Columns: []Column{{Text: "Door", Numeric: true}, {Text: "Who"}, {Text: "Where"}, {Text: "Before you go"}}}
	for _, d := range sh.Doors {
		for i, st := range d.Stops {
			number := count(d.Number)
			if i > 0 {
				number = "same"
			}
			who := Cell{Header: true, Text: orText(st.Name, "No name recorded"), Href: personHref(st.Person, ""), Note: st.YoungPersonsID}
			if works {
				who.Href = "/doorstep/" + string(st.Ref)
			}
			// On a phone only the first columns are seen: what must not be missed
			// stands beside the name.
			before := safetyCell(st.Safety)
			if who.Badge, before.Badge = before.Badge, nil; who.Badge == nil {
				before.Text = "Nothing noted"
			} else if before.Note == "" {
				before.Text = who.Badge.Text
			} else {
				before.Text, before.Note = before.Note, ""
			}
			if st.Outcome != "" {
				who.Tag = visitTag(st.Outcome)
			}
			t.Rows = append(t.Rows, []Cell{{Text: number}, who, {Text: addressLine(st.Address), Note: st.Address.Postcode}, before})
		}
	}
	return t
}

func (s *Server) apartTable(sh *visit.Sheet) *Table {
	if len(sh.Apart) == 0 {
		return nil
	}
	t := &Table{Caption: "Not on the way, and what to do", Stacked: true, Columns: []Column{{Text: "Who"}, {Text: "Why"}, {Text: "What to do"}}}
	for _, st := range sh.Apart {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(st.Name, "No name recorded"), Href: personHref(st.Person, ""), Note: st.YoungPersonsID}, {Text: capital(string(st.Why))}, {Text: st.Why.ToDo()}})
	}
	return t
}

func (s *Server) checkInParts(p *roundPage, sh *visit.Sheet, by access.Actor, form *Form) {
	own := string(sh.Worker) == strings.TrimPrefix(by.Ref, "account:")
	switch {
	case sh.Watch != nil && (own || by.Holds(access.TeamManager)):
		base := "/check-ins/" + string(sh.Watch.Ref)
		words := sh.WorkerName + " checked in at " + visit.Clock(sh.Watch.BeganAt) + " and is to be safe by " + visit.Clock(sh.Watch.ExpectedAt) + ". Ring " + sh.Watch.Telephone + "."
		if own {
			words = "You checked in at " + visit.Clock(sh.Watch.BeganAt) + ". Say by " + visit.Clock(sh.Watch.ExpectedAt) + " that you are safe; else you are rung on " + sh.Watch.Telephone + "."
		}
		p.Out = &checkedIn{Own: own, EndAction: base + "/end", ExtendAction: base + "/extend",
			Words:  words,
			Extend: form.Choice(Choice{Name: "extend", Label: "How much longer?", Options: minuteOptions(15, 30, 60, 120), Inline: true}),
			How:    form.Input(Input{Name: "how", Label: "How do you know that they are safe?"})}
	case sh.Watch == nil && own && !sh.Closed && sh.Day == s.today():
		p.InAction = roundHref(sh.Ref, "/check-in")
		p.In = []FormPart{form.radiosPart(Choice{Name: "minutes", Label: "For how long will you be out?", Options: minuteOptions(30, 60, 120, 180, 240), Inline: true}),
			form.inputPart(Input{Name: "telephone", Label: "On which number can you be rung?", Type: "tel", Width: "20"})}
	}
}

func minuteOptions(minutes ...int) []Option {
	var out []Option
	for _, m := range minutes {
		text := count(m) + " minutes"
		if m%60 == 0 {
			text = plural(m/60, "hour", "hours")
		}
		out = append(out, Option{Value: count(m), Text: text})
	}
	return out
}

func addressLine(a youngperson.Address) string {
	return joined(", ", a.Line1, a.Line2, a.Line3, a.Line4, a.Town)
}

func safetyCell(notes []safety.Note) Cell {
	c := Cell{Text: "Nothing noted"}
	if len(notes) == 0 {
		return c
	}
	c.Text = ""
	c.Badge = &Badge{Text: safetyWords(notes[0].Kind), Tone: "bad", Solid: notes[0].Kind == safety.DoNotVisit || notes[0].Kind == safety.NotAlone}
	var more []string
	for i, n := range notes {
		if i > 0 {
			more = append(more, safetyWords(n.Kind))
		}
		more = append(more, n.Words)
	}
	c.Note = joined(". ", more...)
	return c
}

func safetyWords(kind string) string {
	if kind == safety.Other {
		return "Take care"
	}
	return capital(kind)
}

func visitTag(o visit.Outcome) *Tag {
	colour := map[visit.Outcome]string{visit.Confirmed: "green", visit.Changed: "green", visit.SomeoneElse: "yellow", visit.MovedAway: "orange"}[o]
	return &Tag{Text: capital(string(o)), Colour: orText(colour, "grey")}
}

// roundSheet is the round on one side of paper: that it was opened to be printed
// is recorded of everybody on it.
func (s *Server) roundSheet(w http.ResponseWriter, r *http.Request) error {
	sh, err := s.Visits.Sheet(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), "printed sheet of visits")
	if err != nil {
		return err
	}
	p := &roundPage{Page: Page{Title: "Sheet of visits", Heading: "Visits on " + sh.Day.Words(), Caption: sh.WorkerName, Section: "/visits", Back: &Link{Text: "The round", Href: roundHref(sh.Ref, "")},
		Lead: "Print this page. Keep it on you, and hand it in to be destroyed when you are back."}}
	t := &Table{Caption: "Doors in the order of the way", Quiet: true, Columns: []Column{{Text: "Door", Numeric: true}, {Text: "Who"}, {Text: "Where"}, {Text: "Before you go"}, {Text: "Outcome"}}}
	for _, d := range sh.Doors {
		for _, st := range d.Stops {
			// Initials would not do: at the door somebody is asked for by name.
			t.Rows = append(t.Rows, []Cell{{Text: count(d.Number)}, {Header: true, Text: orText(st.Name, "No name recorded"), Note: st.YoungPersonsID}, {Text: addressLine(st.Address), Note: st.Address.Postcode}, safetyCell(st.Safety), {Text: ""}})
		}
	}
	p.Doors = t
	return s.render(w, r, "visit_sheet", p)
}

// inListOrder is how long the way would be in the order of the list, "" where that
// is not known any more.
func inListOrder(r visit.Round) string {
	if r.ListMetres == 0 {
		return ""
	}
	return kilometres(r.ListMetres)
}

// moveParts are the form to give a door to somebody else, nil where there is no
// door to give or nobody to take it.
func (s *Server) moveParts(r *http.Request, sh *visit.Sheet, form *Form) ([]FormPart, error) {
	workers, err := s.Visits.Workers(r.Context(), actorOf(r))
	if err != nil {
		return nil, err
	}
	doors, who := []Option{{Text: "Choose one"}}, []Option{{Text: "Choose one"}}
	for _, d := range sh.Doors {
		if st := d.Stops[0]; st.Outcome == "" {
			doors = append(doors, Option{Value: strconv.Itoa(d.Number), Text: joined(", ", count(d.Number), addressLine(st.Address))})
		}
	}
	for _, a := range workers {
		if a.Ref != sh.Worker {
			who = append(who, Option{Value: string(a.Ref), Text: a.Name})
		}
	}
	if len(doors) == 1 || len(who) == 1 {
		return nil, nil
	}
	return []FormPart{form.selectPart(Choice{Name: "door", Label: "Which door?", Options: doors}), form.selectPart(Choice{Name: "worker", Label: "Who goes there instead?", Options: who})}, nil
}

func (s *Server) moveDoor(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	_, err = s.Visits.Move(r.Context(), actorOf(r), ref, atoi(form.Text("door")), id.Ref(form.Text("worker")), form.Key)
	if form.Take(err) {
		return s.showRound(w, r, ref, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, roundHref(ref, ""), "The door is on their round now.", nil)
}

func (s *Server) closeRound(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.Visits.Close(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key); err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/visits", "The round is closed.", nil)
}

func (s *Server) checkIn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Visits.CheckIn(r.Context(), actorOf(r), ref, atoi(form.Text("minutes")), form.Text("telephone"), form.Key)
	if form.Take(err) {
		return s.showRound(w, r, ref, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, roundHref(ref, ""), "You are checked in. Check out when you are back.", nil)
}

func (s *Server) extendCheckIn(w http.ResponseWriter, r *http.Request) error {
	return s.onCheckIn(w, r, "You have longer. Check out when you are back.", func(form *Form, watch id.Ref) error {
		return s.Visits.Extend(r.Context(), actorOf(r), watch, atoi(form.Text("extend")), form.Key)
	})
}

func (s *Server) checkOut(w http.ResponseWriter, r *http.Request) error {
	return s.onCheckIn(w, r, "Checked out: everybody knows that all is well.", func(form *Form, watch id.Ref) error {
		return s.Visits.CheckOut(r.Context(), actorOf(r), watch, form.Text("how"), form.Key)
	})
}

func (s *Server) onCheckIn(w http.ResponseWriter, r *http.Request, done string, do func(*Form, id.Ref) error) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	round, err := s.Visits.RoundOfWatch(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	err = do(form, ref)
	if form.Take(err) {
		return s.showRound(w, r, round, form)
	}
	if errors.Is(err, visit.ErrOver) {
		return s.done(w, r, roundHref(round, ""), "This check-in was over already.", nil)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, roundHref(round, ""), done, nil)
}

// safetyAlerts stand beside the name: what whoever goes there must know first.
func (c *client) safetyAlerts() (out []Badge) {
	for _, n := range safety.InForce(c.Life.Safety) {
		out = append(out, Badge{Text: joined(": ", safetyWords(n.Kind), n.Words), Tone: "bad", Solid: n.Kind == safety.DoNotVisit || n.Kind == safety.NotAlone})
	}
	return out
}

func (v personView) safetyRows() (out []Row) {
	for _, f := range v.Life.Safety {
		row := Row{Key: safetyWords(f.Is.Kind), Value: orText(f.Is.Words, "Noted"), Source: v.source(f.Version)}
		if v.edit {
			row.Actions = []Link{{Text: "Change", Hidden: "the safety note", Href: personHref(v.ref, "safety/edit") + "?which=" + markOf(f.ID)}}
		}
		out = append(out, row)
	}
	return out
}
