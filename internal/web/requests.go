package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/id"
	"waymark/internal/rights"
)

// requestRoutes are the pages of what young people and parents ask as is their
// right.
func (s *Server) requestRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/requests", Permission: access.KeepRequests, Handler: s.requestsPage, Nav: "Requests"},
		{Method: "GET", Pattern: disclosuresHref, Permission: access.LogDisclosure, Handler: s.disclosuresPage},
		{Method: "GET", Pattern: "/young-people/{ref}/disclosures/new", Permission: access.LogDisclosure, Handler: s.newDisclosurePage},
		{Method: "POST", Pattern: "/young-people/{ref}/disclosures/new", Permission: access.LogDisclosure, Handler: s.newDisclosure},
		{Method: "GET", Pattern: "/young-people/{ref}/requests/new", Permission: access.RecordRequest, Handler: s.newRequestPage},
		{Method: "POST", Pattern: "/young-people/{ref}/requests/new", Permission: access.RecordRequest, Handler: s.newRequest},
		{Method: "GET", Pattern: "/requests/{request}", Permission: access.KeepRequests, Handler: s.requestPage},
		{Method: "POST", Pattern: "/requests/{request}", Permission: access.KeepRequests, Handler: s.requestStep},
		{Method: "GET", Pattern: "/requests/{request}/pack", Permission: access.KeepRequests, Handler: s.packPage},
		{Method: "POST", Pattern: "/requests/{request}/pack", Permission: access.KeepRequests, Handler: s.packDecide},
		{Method: "POST", Pattern: "/requests/{request}/draft", Permission: access.KeepRequests, Handler: s.packDraft},
		{Method: "POST", Pattern: "/requests/{request}/release", Permission: access.ReleasePack, Handler: s.packRelease, StepUp: true},
		{Method: "POST", Pattern: "/requests/{request}/file", Permission: access.ReleasePack, Handler: s.packFile, StepUp: true},
	}
}

type requestsPage struct {
	Page
	Table *Table
	None  *Empty
	// Told leads to what was told of benefit claims.
	Told *Link
}

// requestsPage is what is due, first what is due first.
func (s *Server) requestsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Rights.All(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &requestsPage{Page: Page{Title: "Requests", Lead: "What young people and parents ask as is their right. A request is written down on the young person’s record."}}
	if access.May(actorOf(r), access.LogDisclosure) {
		p.Told = &Link{Text: "Disclosures", Href: disclosuresHref}
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "No request was written down yet", Text: "Find the young person, and record it under Rights."}
		return s.render(w, r, "requests", p)
	}
	p.Table = &Table{Caption: "Requests", Quiet: true, Columns: []Column{{Text: "Request"}, {Text: "Of"}, {Text: "Came"}, {Text: "Clock"}, {Text: "With"}}}
	for _, one := range all {
		with := "Nobody yet"
		if taken := one.Last(rights.Taken); taken != nil {
			with = taken.WhoName
		}
		p.Table.Rows = append(p.Table.Rows, []Cell{{Header: true, Text: capital(string(one.Kind)), Href: requestHref(one.Ref, ""), Hidden: "asked by " + one.AskedBy},
			{Text: joined(" ", one.Given, one.Family), Note: one.YoungPersonID}, {Text: whole(one.ReceivedOn.Words())},
			{Tag: clockTag(one, s), Note: one.Clock.Words(s.today())}, {Text: with}})
	}
	return s.render(w, r, "requests", p)
}

// near is how many days before the last one a request is pointed out.
const near = 7

func clockTag(one *rights.Request, s *Server) *Tag {
	switch {
	case !one.Open():
		return &Tag{Text: "Closed", Colour: "grey"}
	case one.Clock.Overdue(s.today()):
		return &Tag{Text: "Overdue", Colour: "red"}
	case !one.Clock.PausedOn.IsZero():
		return &Tag{Text: "Stands still", Colour: "blue"}
	case one.Clock.Next().DaysSince(s.today()) <= near:
		return &Tag{Text: "Due soon", Colour: "yellow"}
	}
	return &Tag{Text: "Open", Colour: "green"}
}

func requestHref(ref id.Ref, tail string) string {
	return strings.TrimSuffix("/requests/"+string(ref)+"/"+tail, "/")
}

func requestOf(r *http.Request) id.Ref { return id.Ref(r.PathValue("request")) }

type newRequestPage struct {
	Page
	Form  *Form
	Parts []FormPart
}

func (s *Server) newRequestPage(w http.ResponseWriter, r *http.Request) error {
	f := newForm(nil)
	f.SetDate("received-on", s.today())
	return s.showNewRequest(w, r, f)
}

func (s *Server) showNewRequest(w http.ResponseWriter, r *http.Request, f *Form) error {
	c, err := s.client(r, f)
	if err != nil {
		return err
	}
	hints := map[rights.Kind]string{rights.Access: "A subject access request", rights.Correction: "They say that something is wrong", rights.Restriction: "Keep it, and do not use it",
		rights.Erasure: "It is decided under Retention", rights.Complaint: "Acknowledged within 30 days"}
	var kinds []Option
	for _, k := range rights.Kinds() {
		kinds = append(kinds, Option{Value: string(k), Text: capital(string(k)), Hint: hints[k]})
	}
	p := &newRequestPage{Page: Page{Title: "Record a request", Caption: c.caption(), Section: "/find", Errors: f.Errors, Back: &Link{Text: "Back without saving", Href: personHref(c.ref, "")},
		Lead: "The clock began on the day the request came, to whomever of us it came. Information governance answers it."}, Form: f}
	p.Parts = []FormPart{
		f.radiosPart(Choice{Name: "kind", Label: "What is asked?", Options: kinds}),
		f.radiosPart(Choice{Name: "asked-by", Label: "Who asks?", Small: true, Options: []Option{{Value: rights.ByPerson, Text: capital(rights.ByPerson)}, {Value: rights.ByParent, Text: capital(rights.ByParent)}, {Value: rights.ByOther, Text: capital(rights.ByOther)}}}),
		f.inputPart(Input{Name: "asked-name", Label: "Their name, where it is not the young person"}),
		f.textareaPart(Textarea{Name: "words", Label: "What do they ask?", Hint: "In their words", Rows: 4, MaxLength: 2000}),
		f.inputPart(Input{Name: "how", Label: "How did it come? (optional)", Hint: "For example, e-mail, letter, in person", Width: "20"}),
		f.datePart(DateInput{Name: "received-on", Label: "On which day did it come?"}),
	}
	return s.render(w, r, "new_request", p)
}

func (s *Server) newRequest(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	on := f.Date("received-on", "The day")
	if f.OK() {
		_, err = s.Rights.Receive(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), rights.New{Kind: rights.Kind(f.Text("kind")), AskedBy: f.Text("asked-by"), AskedName: f.Text("asked-name"),
			ReceivedOn: on, How: f.Text("how"), Words: f.Text("words")}, f.Key)
		if f.Take(err) {
			err = nil
		}
	}
	switch {
	case !f.OK():
		for i, e := range f.Errors {
			if e.ID == "received-on" {
				f.Errors[i].ID = "received-on-day"
			}
		}
		return s.showNewRequest(w, r, f)
	case err != nil && !errors.Is(err, act.ErrRepeated):
		return err
	}
	return s.done(w, r, personHref(id.Ref(r.PathValue("ref")), ""), "The request is recorded. Information governance sees it now.", nil)
}

type requestPage struct {
	Page
	Facts Summary
	Done  Timeline
	Form  *Form
	Parts []FormPart
	Links []Link
}

func (s *Server) requestPage(w http.ResponseWriter, r *http.Request) error {
	f := newForm(nil)
	f.SetDate("on", s.today())
	return s.showRequest(w, r, f)
}

func (s *Server) showRequest(w http.ResponseWriter, r *http.Request, f *Form) error {
	one, err := s.Rights.Get(r.Context(), actorOf(r), requestOf(r))
	if err != nil {
		return err
	}
	p := &requestPage{Page: Page{Title: "Request: " + string(one.Kind), Caption: joined(" ", one.Given, one.Family) + ", " + one.YoungPersonID, Section: "/requests", Errors: f.Errors,
		Back: &Link{Text: "Requests", Href: "/requests"}}, Form: f}
	asked := capital(one.AskedBy)
	if one.AskedName != "" {
		asked += ": " + one.AskedName
	}
	p.Facts = Summary{Title: "The request", ID: "request", Rows: []Row{{Key: "Asked by", Value: asked}, {Key: "Came", Value: joined(", ", one.ReceivedOn.Words(), one.How)}, {Key: "In their words", Value: one.Words},
		{Key: "Clock", Value: one.Clock.Words(s.today()), Tag: clockTag(one, s)}, {Key: "Answer by", Value: one.Clock.Due.Words()}, {Key: "Written down by", Value: one.WrittenBy}}}
	if one.Clock.Extended {
		p.Facts.Rows[4].Value += ", with two months more"
	}
	p.Done = Timeline{Label: "What was done, the earliest first"}
	for _, step := range one.Steps {
		p.Done.Items = append(p.Done.Items, Event{Title: capital(string(step.Kind)), Date: step.On.Words(), Body: joined(". ", capital(step.Choice), step.WhoName, step.Words), By: "Written down by " + step.By})
	}
	p.Links = s.requestLinks(r, one)
	if one.Open() {
		p.Parts = stepParts(f)
	}
	return s.render(w, r, "request", p)
}

// requestLinks lead to where the request is answered.
func (s *Server) requestLinks(r *http.Request, one *rights.Request) []Link {
	links := []Link{{Text: "The record", Href: personHref(one.Person, "")}}
	switch one.Kind {
	case rights.Access:
		links = append(links, Link{Text: "What is held about them", Href: requestHref(one.Ref, "pack")})
	case rights.Correction:
		if access.May(actorOf(r), access.CorrectPerson) {
			links = append(links, Link{Text: "Note a disagreement", Href: personHref(one.Person, "disagreement/new")})
		}
	case rights.Restriction, rights.Objection:
		if access.May(actorOf(r), access.RestrictProcessing) {
			links = append(links, Link{Text: "Restrict processing", Href: personHref(one.Person, "processing/restrict")})
		}
	}
	return links
}

func stepParts(f *Form) []FormPart {
	hints := map[rights.StepKind]string{rights.Acknowledged: "They were told that it came", rights.Identity: "How we know who asks", rights.Competence: "Whether the young person may ask for themselves, or who may for them",
		rights.Taken: "You work on it", rights.Paused: "We wait for what we need to know to answer it", rights.Resumed: "They told us", rights.Extended: "It is complex, or there are many. They must be told within the first month",
		rights.Withdrawn: "They ask no longer"}
	var options, outcomes []Option
	for _, o := range rights.Outcomes() {
		outcomes = append(outcomes, Option{Value: o, Text: capital(o)})
	}
	for _, k := range rights.Steps() {
		o := Option{Value: string(k), Text: capital(string(k)), Hint: hints[k]}
		if k == rights.Answered {
			o.Reveal = &Reveal{Selects: []Choice{f.Choice(Choice{Name: "outcome", Label: "Outcome", Options: append([]Option{{Text: "Choose one"}}, outcomes...)})}}
		}
		options = append(options, o)
	}
	return []FormPart{
		f.radiosPart(Choice{Name: "step", Label: "What was done?", Small: true, Options: options}),
		f.textareaPart(Textarea{Name: "words", Label: "What is to be known of it", Hint: "What was seen, decided, asked or told", Rows: 3, MaxLength: 2000}),
		f.datePart(DateInput{Name: "on", Label: "On which day?"}),
	}
}

func (s *Server) requestStep(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	on := f.Date("on", "The day")
	if f.OK() {
		step := rights.Step{Kind: rights.StepKind(f.Text("step")), On: on, Words: f.Text("words")}
		if step.Kind == rights.Answered {
			step.Choice = f.Text("outcome")
		}
		err = s.Rights.Do(r.Context(), actorOf(r), requestOf(r), step, f.Key)
		if f.Take(err) {
			err = nil
		}
	}
	switch {
	case !f.OK():
		for i, e := range f.Errors {
			if e.ID == "on" {
				f.Errors[i].ID = "on-day"
			}
		}
		return s.showRequest(w, r, f)
	case err != nil && !errors.Is(err, act.ErrRepeated):
		return err
	}
	return s.done(w, r, requestHref(requestOf(r), ""), "It is written down.", nil)
}

type packPage struct {
	Page
	Form    *Form
	Facts   *Summary
	None    *Empty
	Marked  []packItem
	Draft   string
	Again   bool
	Release string
	File    string
}

type packItem struct {
	Title, Why, Text, Note string
	Decision               Choice
	Reason                 Input
}

func (s *Server) packPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPack(w, r, newForm(nil))
}

func (s *Server) showPack(w http.ResponseWriter, r *http.Request, f *Form) error {
	by := actorOf(r)
	one, err := s.Rights.Get(r.Context(), by, requestOf(r))
	if err != nil {
		return err
	}
	pack, marked, err := s.Rights.Look(r.Context(), by, one)
	if err != nil {
		return err
	}
	p := &packPage{Page: Page{Title: "What is held", Caption: joined(" ", one.Given, one.Family) + ", " + one.YoungPersonID, Section: "/requests", Errors: f.Errors, Back: &Link{Text: "The request", Href: requestHref(one.Ref, "")},
		Lead: "Everything that is held, drafted for whoever asked. What may be about other people is marked: decide about each before it goes out."}, Form: f}
	if one.Kind == rights.Access && one.Open() && (pack == nil || pack.State == rights.DraftPack) {
		p.Draft = requestHref(one.Ref, "draft")
	}
	if pack == nil {
		p.None = &Empty{Title: "No draft was made yet"}
		return s.render(w, r, "pack", p)
	}
	p.Again = p.Draft != ""
	p.Facts = &Summary{ID: "pack", Title: "Draft", Rows: []Row{{Key: "Items", Value: count(pack.Items)}, {Key: "Still to decide", Value: count(pack.Waiting)}, {Key: "Made by", Value: pack.MadeBy}}}
	if pack.State == rights.ReleasedPack {
		p.Facts = &Summary{ID: "pack", Title: "Released", Rows: []Row{{Key: "Items", Value: count(pack.Kept)}, {Key: "Withheld", Value: count(pack.Withheld)}, {Key: "SHA-256 of the file", Value: pack.SHA256}}}
		if access.May(by, access.ReleasePack) {
			p.File = requestHref(one.Ref, "file")
		}
		return s.render(w, r, "pack", p)
	}
	if pack.Waiting == 0 && access.May(by, access.ReleasePack) {
		p.Release = requestHref(one.Ref, "release")
	}
	for _, i := range marked {
		p.Marked = append(p.Marked, shownItem(f, i))
	}
	return s.render(w, r, "pack", p)
}

// shownItem is one item with the question about it, as decided before.
func shownItem(f *Form, i rights.Item) packItem {
	n := strconv.Itoa(i.Position)
	decision, reason := "decision-"+n, "reason-"+n
	if !f.values.Has(decision) && i.Decision != "" {
		f.values.Set(decision, i.Decision)
		f.values.Set(reason, i.Reason)
	}
	return packItem{Title: i.Title, Why: i.Review, Text: i.Words, Note: joined(". ", i.Happened, i.Source, i.Held),
		Decision: f.Choice(Choice{Name: decision, Label: "Does it go out? (item " + n + ")", Small: true, Inline: true, Options: []Option{{Value: rights.Keep, Text: "Give it"}, {Value: rights.Withhold, Text: "Withhold it"}}}),
		Reason:   f.Input(Input{Name: reason, Label: "If withheld, why? (item " + n + ")"})}
}

func (s *Server) packDecide(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	var choices []rights.Choice
	for name := range f.values {
		if n, ok := strings.CutPrefix(name, "decision-"); ok && f.Text(name) != "" {
			choices = append(choices, rights.Choice{Position: atoi(n), Decision: f.Text(name), Reason: f.Text("reason-" + n)})
		}
	}
	err = s.Rights.Decide(r.Context(), actorOf(r), requestOf(r), choices, f.Key)
	if f.Take(err) {
		return s.showPack(w, r, f)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, requestHref(requestOf(r), "pack"), "The decisions are kept.", nil)
}

// packPress does one press on a pack, and shows what stands against it.
func (s *Server) packPress(w http.ResponseWriter, r *http.Request, said string, do func(key string) error) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	err = do(f.Key)
	if f.Take(err) {
		for i := range f.Errors {
			f.Errors[i].ID = "" // about the pack, and no field of it
		}
		return s.showPack(w, r, f)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, requestHref(requestOf(r), "pack"), said, nil)
}

func (s *Server) packDraft(w http.ResponseWriter, r *http.Request) error {
	return s.packPress(w, r, "The draft is made.", func(key string) error { return s.Rights.Draft(r.Context(), actorOf(r), requestOf(r), key) })
}

func (s *Server) packRelease(w http.ResponseWriter, r *http.Request) error {
	return s.packPress(w, r, "It is released. Download it, give it to whoever asked in a safe way, and write down that the request is answered.", func(key string) error {
		return s.Rights.Release(r.Context(), actorOf(r), requestOf(r), key)
	})
}

func (s *Server) packFile(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	f, err := s.Rights.Fetch(r.Context(), actorOf(r), requestOf(r))
	if err != nil {
		return err
	}
	attach(w, f.Name, "application/zip")
	return f.Send(w)
}

// homeRequests says how many requests are open, and how many are overdue.
func (s *Server) homeRequests(r *http.Request, p *homePage) error {
	open, overdue, err := s.Rights.Due(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	c := Card{ID: "requests", Title: "Requests", Action: &Link{Text: "Open", Hidden: "the requests", Href: "/requests"}, Text: plural(open, "request is open", "requests are open") + "."}
	if overdue > 0 {
		c.Tone, c.Badge = "bad", &Badge{Text: plural(overdue, "is overdue", "are overdue"), Tone: "bad"}
	}
	p.Cards = append(p.Cards, c)
	return nil
}
