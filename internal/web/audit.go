package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/audit"
	"waymark/internal/civil"
	"waymark/internal/id"
)

type auditPage struct {
	Page
	Proof   Banner
	Action  string
	Filters []Choice
	Days    []Input
	Chosen  FilterTags
	Count   string
	Events  Timeline
	None    *Empty
	Pages   Pagination
	Links   []Link
}

// auditSize is how many events one page shows.
const auditSize = 50

// auditRoutes are the pages of whoever watches over who looked at whom.
func (s *Server) auditRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/audit", Permission: access.SeeAudit, Handler: s.auditPage, Nav: "Audit"},
		{Method: "GET", Pattern: "/audit/people/{ref}", Permission: access.SeeAudit, Handler: s.auditPage},
		{Method: "GET", Pattern: "/audit/odd", Permission: access.SeeAudit, Handler: s.auditOdd},
		{Method: "GET", Pattern: "/audit/proof", Permission: access.SeeAudit, Handler: s.auditProof},
		{Method: "GET", Pattern: "/audit/download", Permission: access.SeeAudit, Handler: s.auditDownloadPage},
		{Method: "POST", Pattern: "/audit/download", Permission: access.SeeAudit, Handler: s.auditDownload, StepUp: true},
	}
}

// auditAsked reads a question from an address: who, what, from, to, about. What
// is no day or no such word asks for nothing.
func (s *Server) auditAsked(r *http.Request, v url.Values) audit.Question {
	q := audit.Question{Person: id.Ref(r.PathValue("ref")), Actor: v.Get("who"), What: v.Get("what")}
	if q.Person == "" {
		q.Person = id.Ref(v.Get("about"))
	}
	if q.What != audit.SeenOnly && q.What != audit.DoneOnly {
		q.What = ""
	}
	day := func(name string) civil.Date {
		d, err := civil.Parse(v.Get(name))
		if err != nil {
			return civil.Date{}
		}
		return d
	}
	q.From, q.To = day("from"), day("to")
	return q
}

// auditValues is a question as an address asks it.
func auditValues(q audit.Question) url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("who", q.Actor)
	set("what", q.What)
	set("from", q.From.String())
	set("to", q.To.String())
	return v
}

func auditHref(q audit.Question, page int) string {
	v := auditValues(q)
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if q.Person != "" {
		return "/audit/people/" + string(q.Person) + asQuery(v)
	}
	return "/audit" + asQuery(v)
}

// auditPage is the log, newest first: of everybody, of one member of staff, or
// about one young person.
func (s *Server) auditPage(w http.ResponseWriter, r *http.Request) error {
	by, q := actorOf(r), s.auditAsked(r, r.URL.Query())
	number := max(1, atoi(r.URL.Query().Get("page")))
	found, err := s.Audit.Page(r.Context(), by, q, (number-1)*auditSize, auditSize)
	if err != nil {
		return err
	}
	p := &auditPage{Page: Page{Title: "Who did and saw what", Lead: "Looking at this log is itself logged."}, Action: "/audit"}
	if q.Person != "" {
		p.Title, p.Action = "Who has looked at this young person", auditHref(audit.Question{Person: q.Person}, 0)
		p.Caption, p.Section = "YoungPersonsID "+orNone(found.YoungPersonsID), "/audit"
		p.Back = &Link{Text: "The record", Href: personHref(q.Person, "")}
	}
	if p.Proof, err = s.proofBanner(by); err != nil {
		return err
	}
	if err := s.auditForm(r, p, q); err != nil {
		return err
	}
	p.Events = Timeline{Label: "Acts and sights, newest first"}
	for _, e := range found.Events {
		p.Events.Items = append(p.Events.Items, auditEvent(e, q))
	}
	p.Count = showing(number, auditSize, len(found.Events), found.Total, "act or sight", "acts and sights")
	if len(found.Events) == 0 {
		p.None = &Empty{Title: "Nothing is in the log for this", Text: "Take a filter away, or choose other days."}
	}
	p.Pages = paginate(found.Total, auditSize, number, func(n int) string { return auditHref(q, n) })
	v := auditValues(q)
	if q.Person != "" {
		v.Set("about", string(q.Person))
		p.Links = append(p.Links, Link{Text: "The whole log", Href: "/audit"})
	}
	p.Links = append(p.Links, Link{Text: "What is odd", Href: "/audit/odd"}, Link{Text: "Downloads", Href: "/downloads"})
	if found.Total > 0 {
		p.Links = append(p.Links, Link{Text: "Download as CSV", Href: "/audit/download" + asQuery(v)})
	}
	return s.render(w, r, "audit", p)
}

// auditForm is the filters, and what is chosen of them.
func (s *Server) auditForm(r *http.Request, p *auditPage, q audit.Question) error {
	staff, err := s.Audit.Staff(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	form := newForm(nil)
	form.values = auditValues(q)
	who := Choice{Name: "who", Label: "By whom", Options: []Option{{Value: "", Text: "Anybody"}, {Value: audit.Operators, Text: "Commands on the host"}}}
	for _, m := range staff {
		who.Options = append(who.Options, Option{Value: m.Actor, Text: m.Name})
	}
	what := Choice{Name: "what", Label: "What", Options: []Option{{Value: "", Text: "Done and seen"}, {Value: audit.SeenOnly, Text: "Seen"}, {Value: audit.DoneOnly, Text: "Done"}}}
	p.Filters = []Choice{form.Choice(who), form.Choice(what)}
	p.Days = []Input{form.Input(Input{Name: "from", Label: "From this day", Type: "date", Width: "10"}), form.Input(Input{Name: "to", Label: "To this day", Type: "date", Width: "10"})}
	p.Chosen = FilterTags{Label: "Chosen filters"}
	without := func(words string, change func(*audit.Question)) {
		less := q
		change(&less)
		p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: words, Href: auditHref(less, 0)})
	}
	for _, o := range who.Options {
		if q.Actor != "" && o.Value == q.Actor {
			without("By "+o.Text, func(q *audit.Question) { q.Actor = "" })
		}
	}
	for _, o := range what.Options {
		if q.What != "" && o.Value == q.What {
			without(o.Text, func(q *audit.Question) { q.What = "" })
		}
	}
	if !q.From.IsZero() {
		without("From "+q.From.Words(), func(q *audit.Question) { q.From = civil.Date{} })
	}
	if !q.To.IsZero() {
		without("To "+q.To.Words(), func(q *audit.Question) { q.To = civil.Date{} })
	}
	if len(p.Chosen.Chosen) > 1 {
		p.Chosen.Clear = auditHref(audit.Question{Person: q.Person}, 0)
	}
	return nil
}

// auditEvent is one line of the timeline. It names staff, and young people by
// their numbers alone.
func auditEvent(e audit.Event, q audit.Question) Event {
	out := Event{Date: auditMoment(e.At), Title: e.ActorName, Body: auditWords(e)}
	if q.Actor == "" && strings.HasPrefix(e.Actor, "account:") {
		out.Href = auditHref(audit.Question{Actor: e.Actor, From: q.From, To: q.To}, 0)
	}
	if e.Reason != "" {
		out.By = "Reason: " + e.Reason
	}
	if e.Ref != "" && e.Ref != q.Person {
		out.Actions = []Link{{Text: "Who has looked at " + orText(e.YoungPersonsID, "this record"), Href: auditHref(audit.Question{Person: e.Ref}, 0), Hidden: auditMoment(e.At)}}
	}
	return out
}

// auditWords say what was done or seen.
func auditWords(e audit.Event) string {
	about := ""
	switch {
	case e.People == 1:
		about = ", the record " + orText(e.YoungPersonsID, "of somebody who is no longer held")
	case e.People > 1:
		about = ", " + count(e.People) + " young people"
	}
	if !e.Seen {
		return "Did: " + actTitle(e.Kind) + about + " (act " + strconv.FormatInt(int64(e.Act), 10) + ")"
	}
	why := ""
	if e.Kind != access.SeePerson {
		why = " (to " + string(e.Kind) + ")"
	}
	return "Saw: " + e.Page + about + why
}

// auditMoment is a time of day to the second, with its date, in London.
func auditMoment(at time.Time) string {
	at = at.In(civil.London())
	return civil.On(at, civil.London()).Words() + ", " + at.Format("15:04:05")
}

// proofBanner says in words whether the log is whole, as far as is known.
func (s *Server) proofBanner(by access.Actor) (Banner, error) {
	st, err := s.Audit.Proof(by)
	if err != nil {
		return Banner{}, err
	}
	return proofWords(st), nil
}

func proofWords(st audit.Status) Banner {
	link := &Link{Text: "Check the whole log now", Href: "/audit/proof"}
	switch {
	case len(st.Account.Faults) > 0:
		return Banner{Tone: "bad", Strong: "The log is not whole.", Text: st.Account.Faults[0].Words + " Tell whoever looks after Waymark to keep the database as it is.", Link: link}
	case st.Trouble != "":
		return Banner{Tone: "bad", Strong: "The log cannot be sealed.", Text: "What is done and seen is kept all the same. Tell whoever looks after Waymark: the reason is in its log.", Link: link}
	case st.Last.Seal == 0:
		return Banner{Tone: "warn", Strong: "The log is not sealed yet.", Text: "That is done when Waymark starts, and every five minutes.", Link: link}
	}
	b := Banner{Tone: "good", Strong: "Log complete to " + shortMoment(st.Last.At) + "."}
	if st.Checked.IsZero() || st.Against.Seal == 0 {
		b.Tone, b.Strong, b.Text = "info", "Log sealed to "+shortMoment(st.Last.At)+".", "It has not been checked against seal "+count(int(st.Last.Seal))+" yet."
	} else {
		b.Text = "Checked against seal " + count(int(st.Against.Seal)) + " at " + shortMoment(st.Checked) + "; sealed since, up to seal " + count(int(st.Last.Seal)) + "."
		if st.Against.Seal == st.Last.Seal {
			b.Text = "Checked against seal " + count(int(st.Against.Seal)) + "."
		}
	}
	b.Link = link
	return b
}

func shortMoment(at time.Time) string {
	at = at.In(civil.London())
	return at.Format("15:04") + " on " + civil.On(at, civil.London()).Words()
}

type auditProofPage struct {
	Page
	Proof Banner
	Facts Summary
	// Faults are what is wrong, each in a sentence.
	Faults []string
}

// auditProof checks the whole log now, and says what it came to.
func (s *Server) auditProof(w http.ResponseWriter, r *http.Request) error {
	st, err := s.Audit.Check(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	a := st.Account
	p := &auditProofPage{Page: Page{Title: "Is the log whole?", Section: "/audit", Back: &Link{Text: "Who did and saw what", Href: "/audit"}}, Proof: proofWords(st)}
	p.Proof.Link = nil
	row := func(key, value string) { p.Facts.Rows = append(p.Facts.Rows, Row{Key: key, Value: value}) }
	if st.Checked.IsZero() {
		row("Checked", "Not yet")
		return s.render(w, r, "audit_proof", p)
	}
	row("Checked", shortMoment(st.Checked))
	row("Entries", count(int(a.Entries))+": "+plural(int(a.Acts), "act", "acts")+" and "+plural(int(a.Batches), "batch", "batches")+" of sights")
	row("Sights", count(int(a.Sights)))
	row("Not sealed yet", plural(int(a.UnsealedActs), "act", "acts")+" and "+plural(int(a.UnsealedBatches), "batch", "batches")+" of sights")
	row("Seals compared", count(a.Heads))
	if a.Last.Seal > 0 {
		row("Last seal", count(int(a.Last.Seal))+", "+shortMoment(a.Last.At)+", over "+plural(int(a.Last.Entries), "entry", "entries"))
	}
	row("Root", a.Root.String())
	for _, f := range a.Faults {
		p.Faults = append(p.Faults, f.Words)
	}
	return s.render(w, r, "audit_proof", p)
}

type auditOddPage struct {
	Page
	Days  Choice
	Count string
	Table *Table
	None  *Empty
	Pages Pagination
}

// auditOdd lists what is odd in who looked at whom.
func (s *Server) auditOdd(w http.ResponseWriter, r *http.Request) error {
	days := 30
	if n := atoi(r.URL.Query().Get("days")); n == 7 || n == 92 {
		days = n
	}
	to := s.today()
	found, err := s.Audit.Odd(r.Context(), actorOf(r), to.AddDays(1-days), to)
	if err != nil {
		return err
	}
	p := &auditOddPage{Page: Page{Title: "What is odd", Section: "/audit", Back: &Link{Text: "Who did and saw what", Href: "/audit"},
		Lead: "Each of these is a question for somebody who knows the work, and proves nothing."}}
	form := newForm(map[string]string{"days": strconv.Itoa(days)})
	p.Days = form.Choice(Choice{Name: "days", Label: "Over the last", Options: []Option{{Value: "7", Text: "7 days"}, {Value: "30", Text: "30 days"}, {Value: "92", Text: "92 days"}}})
	number := max(1, atoi(r.URL.Query().Get("page")))
	first := min((number-1)*auditSize, len(found))
	shown := found[first:min(first+auditSize, len(found))]
	if len(found) == 0 {
		p.None = &Empty{Title: "Nothing odd was found", Text: "Nobody opened a record of their own family name, many strangers’ records in an hour, far more records than usual, or records not theirs out of hours; nobody downloaded more than 500 people at once."}
		return s.render(w, r, "audit_odd", p)
	}
	p.Count = showing(number, auditSize, len(shown), len(found), "thing", "things")
	p.Table = &Table{Caption: "What is odd, newest first", Quiet: true, Columns: []Column{{Text: "Who"}, {Text: "When"}, {Text: "What"}, {Text: "Look"}}}
	for _, o := range shown {
		look := Cell{Text: "What they did that day", Href: auditHref(audit.Question{Actor: o.Actor, From: o.On, To: o.On}, 0), Hidden: "by " + o.ActorName + " on " + o.On.Words()}
		what := Cell{Text: capital(o.Kind), Note: o.Words}
		if o.Ref != "" {
			what = Cell{Text: capital(o.Kind) + ": " + orText(o.YoungPersonsID, "a record"), Href: auditHref(audit.Question{Person: o.Ref}, 0), Note: o.Words}
		}
		p.Table.Rows = append(p.Table.Rows, []Cell{{Header: true, Text: o.ActorName}, {Text: whole(o.On.Words())}, what, look})
	}
	p.Pages = paginate(len(found), auditSize, number, func(n int) string { return "/audit/odd?days=" + strconv.Itoa(days) + "&page=" + strconv.Itoa(n) })
	return s.render(w, r, "audit_odd", p)
}

type auditDownloadPage struct {
	Page
	Form   *Form
	Kept   []keptField
	Reason Input
}

func (s *Server) auditDownloadPage(w http.ResponseWriter, r *http.Request) error {
	q := s.auditAsked(r, r.URL.Query())
	form := newForm(map[string]string{"about": string(q.Person)})
	for name, value := range auditValues(q) {
		form.values[name] = value
	}
	return s.showAuditDownload(w, r, form)
}

func (s *Server) showAuditDownload(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := &auditDownloadPage{Page: Page{Title: "Download this part of the log", Section: "/audit", Errors: form.Errors, Back: &Link{Text: "Who did and saw what", Href: "/audit"},
		Lead: "The file names staff, and young people by their numbers. That you took it, and why, is logged."}, Form: form}
	for _, name := range []string{"who", "what", "from", "to", "about"} {
		if v := form.values.Get(name); v != "" {
			p.Kept = append(p.Kept, keptField{Name: name, Value: v})
		}
	}
	p.Reason = form.Input(Input{Name: "reason", Label: "Why do you need it?", Hint: "For example, the number of a complaint. Name no young person.", Strong: true})
	return s.render(w, r, "audit_download", p)
}

// auditDownload sends the file, once it is logged that it is taken.
func (s *Server) auditDownload(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	events, err := s.Audit.Download(r.Context(), actorOf(r), s.auditAsked(r, form.values), form.Text("reason"), form.Key)
	form.Take(err)
	if !form.OK() {
		return s.showAuditDownload(w, r, form)
	}
	if err != nil {
		return err
	}
	head := []string{"When", "Who", "Account", "Done or seen", "What", "Page", "YoungPersonsID", "Young people", "Act", "Reason"}
	return sendCSV(w, "audit-log-"+s.today().String()+".csv", head, func(write func(cells ...string) error) error {
		for _, e := range events {
			how, number := "done", strconv.FormatInt(int64(e.Act), 10)
			if e.Seen {
				how, number = "seen", ""
			}
			err := write(e.At.UTC().Format(time.RFC3339), e.ActorName, e.Actor, how, string(e.Kind), e.Page, e.YoungPersonsID, strconv.Itoa(e.People), number, e.Reason)
			if err != nil {
				return errors.Join(errors.New("write the log"), err)
			}
		}
		return nil
	})
}
