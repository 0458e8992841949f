package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/report"
	"waymark/internal/returns"
)

type returnPage struct {
	Page
	Ways        SubNavigation
	Stats       []Stat
	Owner       Choice
	Authorities *Choice
	Chosen      FilterTags
	Levels      []findingLevel
	Clean       *Empty
	Facts       Summary
	Guarantee   Table
	Download    string
	Draft       string
	Mends       string
	Past        *pastForm
	KnownDay    string
}

// findingLevel is what was found of one priority.
type findingLevel struct {
	ID, Heading, Words string
	Table              Table
}

// returnPage is the workbench: what stands in the way of sending the month's
// return, and what it says.
func (s *Server) returnPage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	pos, err := s.position(r, m)
	if err != nil {
		return err
	}
	list, err := s.Returns.List(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	d := pos.Shown
	before := sentBefore(list, m.period, d.Authorities)
	p := &returnPage{Page: s.head(m, m.name(s.today())), Ways: m.ways(""), Stats: draftStats(m, d, before), Facts: s.draftFacts(m, d)}
	p.Lead = s.returnLead(m, pos)
	if p.Banners, err = s.awaitedFile(r, m, pos); err != nil {
		return err
	}
	if err := s.beforeRegister(r, p, m); err != nil {
		return err
	}
	p.Banners = append(p.Banners, returnBanners(m, pos)...)
	together, err := s.mendable(r, m, d)
	if err != nil {
		return err
	}
	p.findings(m, d, r.URL.Query().Get("owner"), together)
	p.Authorities = authorityChoice(m)
	if who := d.Who(); len(who.Year11)+len(who.Year12) > 0 {
		p.Guarantee = guaranteeTable(who)
	}
	actor := actorOf(r)
	if access.May(actor, access.DownloadPeople) && len(d.Findings) > 0 {
		p.Download = m.href("findings.csv")
	}
	p.Past, p.KnownDay = s.pastForm(r, m.on), m.on.String()
	if !m.on.IsZero() {
		p.Lead = ""
		return s.render(w, r, "return", p)
	}
	if access.May(actor, access.BuildReturn) {
		p.Draft = m.href("draft.xml")
	}
	if access.May(actor, access.MendTogether) {
		p.Mends = m.href("mends")
	}
	return s.render(w, r, "return", p)
}

// position is how far the month's return has come; in the past only what it
// would have said, for how far it had come is told by its own steps.
func (s *Server) position(r *http.Request, m monthly) (*returns.Position, error) {
	if m.on.IsZero() {
		return s.Returns.Position(r.Context(), actorOf(r), m.period, m.authorities)
	}
	d, err := s.Returns.Build(r.Context(), actorOf(r), m.period, returns.Options{Authorities: m.authorities, KnownOn: m.on})
	if err != nil {
		return nil, err
	}
	return &returns.Position{Draft: d, Shown: d}, nil
}

// returnLead is the countdown, or what became of it.
func (s *Server) returnLead(m monthly, pos *returns.Position) string {
	if l := pos.Latest; l != nil && l.State.Standing() {
		last := l.Steps[len(l.Steps)-1]
		return capital(string(l.State)) + " on " + moment(last.At) + " by " + last.Name + "."
	}
	words, _ := dueWords(m.period, s.today())
	return capital(words) + ". Due on " + returns.Due(m.period).Words() + "."
}

// awaitedFile warns that the month's file is still to come, where files of the
// months before it came, and the month is still to be signed.
func (s *Server) awaitedFile(r *http.Request, m monthly, pos *returns.Position) ([]Banner, error) {
	if !m.on.IsZero() || pos.Latest != nil && pos.Latest.State.Standing() {
		return nil, nil
	}
	last, awaited, err := s.Returns.Awaited(r.Context(), actorOf(r), m.period)
	if err != nil || !awaited {
		return nil, err
	}
	b := Banner{Tone: "warn", Strong: m.period.Month.String() + "’s file has not been loaded yet.", Text: "What the register holds is as of " + last.Month.String() + "’s, and what was recorded by hand since, so more are not known than there will be."}
	if access.May(actorOf(r), access.ImportFile) {
		b.Link = &Link{Text: "Load the file", Href: "/imports/new"}
	}
	return []Banner{b}, nil
}

// beforeRegister warns of a month about which the register was never told: what
// can be stated of it are only the few whose history goes back that far. Months
// that the list of returns offers are not looked into.
func (s *Server) beforeRegister(r *http.Request, p *returnPage, m monthly) error {
	if !m.period.Before(s.today().InMonth().Add(-returnMonths)) {
		return nil
	}
	_, err := s.Figures.Run(r.Context(), actorOf(r), report.Question{Periods: []report.Period{report.Month(m.period)}, KnownOn: m.on, By: []string{"all"}})
	var none report.NoFigures
	if errors.As(err, &none) {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "There is no return to send for " + m.period.Words() + ".", Text: none.Words})
		return nil
	}
	return err
}

func returnBanners(m monthly, pos *returns.Position) []Banner {
	var out []Banner
	switch l := pos.Latest; {
	case l == nil:
	case pos.Outdated:
		out = append(out, Banner{Tone: "warn", Strong: "Facts have changed since the first signature.", Text: l.FirstSigner().Name + " signed on " + moment(l.FirstSigner().At) +
			". The return must be signed anew.", Link: &Link{Text: "Sign off", Href: m.href("sign")}})
	case pos.Second:
		out = append(out, Banner{Tone: "info", Strong: "Signed once, by " + l.FirstSigner().Name + ".", Text: "A second person signs next.", Link: &Link{Text: "Sign off", Href: m.href("sign")}})
	case l.State.Standing():
		out = append(out, Banner{Tone: "info", Strong: "The file is frozen.", Text: "What you see here is the month as the register knows it now. It may have changed since the file was signed.",
			Link: &Link{Text: "See the file that was signed", Href: m.href("sign")}})
	case l.State == returns.Rejected:
		because := l.Steps[len(l.Steps)-1].Because
		out = append(out, Banner{Tone: "bad", Strong: "The Department rejected version " + strconv.Itoa(l.Version) + ".", Text: sentence(because) + " Mend it here and sign the next version."})
	}
	if pos.Draft.StandIn != "" {
		out = append(out, Banner{Tone: "info", Strong: "Another year’s requirement stands in.", Text: pos.Draft.StandIn})
	}
	return out
}

// sentBefore is the last return sent for an earlier month and the same
// authorities, or nil.
func sentBefore(list []*returns.Return, month civil.Month, authorities []string) *returns.Return {
	for _, one := range list { // the latest month first
		if one.Period.Before(month) && (one.State == returns.Sent || one.State == returns.Accepted) && slices.Equal(one.Authorities, authorities) {
			return one
		}
	}
	return nil
}

// draftStats are the numbers of a draft in words, against the last return sent,
// which may be nil.
func draftStats(m monthly, d *returns.Draft, before *returns.Return) []Stat {
	t, rates := d.Totals, d.Totals.Rates
	note := func(now, was int) string {
		words := count(now) + " of " + count(rates.Cohort) + " of academic age 16 and 17"
		if before != nil {
			words += "; " + moved(now-was) + " since " + before.Period.Month.String()
		}
		return words
	}
	var was returns.Rates
	if before != nil {
		was = before.Totals.Rates
	}
	left := "Nobody is reported as having left"
	if t.Leavers > 0 {
		left = plural(t.Leavers, "of them is", "of them are") + " reported as having left"
	}
	serious := Stat{Number: count(t.Priority[1]), Words: either(t.Priority[1], "serious finding", "serious findings"), Href: m.href("") + "#serious", Tone: "bad", Note: "Nobody can sign while one stands"}
	if t.Priority[1] == 0 {
		serious.Tone, serious.Note, serious.Href = "good", "Nothing stands in the way of signing", ""
	}
	return []Stat{
		{Number: count(t.Records), Words: "young people in the return", Note: left, Href: m.href("people")},
		{Number: percent(rates.NEET, rates.Cohort), Words: "not in education, employment or training", Note: note(rates.NEET, was.NEET)},
		{Number: percent(rates.NotKnown, rates.Cohort), Words: "not known", Note: note(rates.NotKnown, was.NotKnown)},
		serious,
	}
}

// moved says by how much a number has changed: "up 11".
func moved(by int) string {
	switch {
	case by > 0:
		return "up " + count(by)
	case by < 0:
		return "down " + count(-by)
	}
	return "unchanged"
}

// findings fills in what was found, the serious first.
func (p *returnPage) findings(m monthly, d *returns.Draft, owner string, together map[string]bool) {
	owners := []Option{{Value: "", Text: "Anybody"}, {Value: "data officer", Text: "Data officer"}, {Value: "adviser", Text: "Adviser"}}
	p.Owner = newForm(map[string]string{"owner": owner}).Choice(Choice{Name: "owner", Label: "Who mends it", Options: owners})
	if owner != "data officer" && owner != "adviser" {
		owner = ""
	}
	if owner != "" {
		p.Chosen = FilterTags{Label: "Chosen filters", Chosen: []Link{{Text: "Mended by: " + owner, Href: m.href("")}}}
	}
	levels := []findingLevel{
		{ID: "serious", Heading: "Serious", Words: "Priority 1. The return cannot be signed while one of these stands."},
		{ID: "errors", Heading: "Errors", Words: "Priority 2. The Department reports these back. Mend what you can before you send."},
		{ID: "warnings", Heading: "Warnings", Words: "Priority 3. These may be right as they are. Look whether they are meant so."},
	}
	shown := 0
	for i, level := range levels {
		findings := 0
		level.Table = Table{Caption: level.Heading + ", by check", Quiet: true, Columns: []Column{{Text: "What is wrong, and what to do"}, {Text: "People", Numeric: true}, {Text: "Check"}, {Text: "Who mends it"},
			{Text: "Together"}}}
		for _, g := range d.Groups {
			if g.Check.Priority != i+1 || owner != "" && g.Check.Owner != owner {
				continue
			}
			findings += g.Findings
			level.Table.Rows = append(level.Table.Rows, groupRow(m, g, together[g.Check.ID]))
		}
		if findings == 0 {
			continue
		}
		shown += findings
		level.Heading += ": " + plural(findings, "finding", "findings")
		p.Levels = append(p.Levels, level)
	}
	switch {
	case len(d.Findings) == 0:
		p.Clean = &Empty{Title: "Nothing is wrong", Text: "Every check passes for everybody in the return.", Link: &Link{Text: "Sign off", Href: m.href("sign")}}
		if !m.on.IsZero() {
			p.Clean.Link = nil // nobody signs in the past
		}
	case shown == 0:
		p.Clean = &Empty{Title: "Nothing for " + owner + "s to mend", Text: "What is left is for others."}
	}
}

// mendable are the checks for which one rule mends at least one of those found,
// to whom may mend many together. Nothing is mended in the past.
func (s *Server) mendable(r *http.Request, m monthly, d *returns.Draft) (map[string]bool, error) {
	out := map[string]bool{}
	if !m.on.IsZero() || !access.May(actorOf(r), access.MendTogether) {
		return out, nil
	}
	for _, g := range d.Groups {
		can, err := s.Returns.Mendable(r.Context(), actorOf(r), d, g.Check.ID)
		if err != nil {
			return nil, err
		}
		out[g.Check.ID] = can
	}
	return out, nil
}

func groupRow(m monthly, g returns.Group, mendable bool) []Cell {
	tail := "checks/" + g.Check.ID
	people := Cell{Text: count(g.People)}
	if g.Findings != g.People {
		people.Note = plural(g.Findings, "finding", "findings")
	}
	together := Cell{}
	if mendable {
		together = Cell{Text: "Mend together", Hidden: "what check " + g.Check.ID + " found", Href: m.href(tail + "/mend")}
	}
	return []Cell{{Text: g.Check.Title, Note: g.Check.Do, Href: m.href(tail), Header: true}, people, {Text: g.Check.ID}, {Text: capital(g.Check.Owner)}, together}
}

// authorityChoice lets a joint service make one file for some of its
// authorities; nil where there is but one.
func authorityChoice(m monthly) *Choice {
	if len(m.register.Authorities) < 2 {
		return nil
	}
	c := Choice{Name: "authority", Label: "Authorities in this file", Small: true}
	form := newForm(nil)
	for _, a := range m.register.Authorities {
		c.Options = append(c.Options, Option{Value: a.Code, Text: a.Name + " (" + a.Code + ")"})
	}
	form.values["authority"] = m.authorities
	if m.authorities == nil {
		form.values["authority"] = m.register.Codes()
	}
	c = form.Choice(c)
	return &c
}

func (s *Server) draftFacts(m monthly, d *returns.Draft) Summary {
	t := d.Totals
	codes := d.Authorities
	var names []string
	for _, a := range m.register.Authorities {
		for _, code := range codes {
			if a.Code == code {
				names = append(names, a.Name+" ("+code+")")
			}
		}
	}
	rows := []Row{
		{Key: "Period", Value: m.period.First().Words() + " to " + m.period.End().Words()},
		{Key: "Authorities", Value: strings.Join(names, ", ")},
		{Key: "Requirement", Value: "The Department’s of " + d.Edition.Name},
		{Key: "In the file", Value: plural(t.Records, "record", "records"), Source: plural(len(d.LeftOut), "person of the register is left out", "people of the register are left out")},
		{Key: "Reported as having left", Value: count(t.Leavers), Source: leaverCodes(d)},
		{Key: "No longer current", Value: count(t.Lapsed), Source: "Their activity was confirmed too long ago, so they count as not known"},
		{Key: "With a plan", Value: count(t.Plans), Source: "Education, health and care plans"},
	}
	return Summary{Title: "The draft", ID: "file-says", Rows: rows}
}

func leaverCodes(d *returns.Draft) string {
	var parts []string
	for _, t := range d.Who().Status {
		if c, ok := d.Edition.Code(nccis.CohortStatuses, t.Key); ok && c.Leaver {
			parts = append(parts, t.Words+" "+count(t.N))
		}
	}
	return strings.Join(parts, "; ")
}

func guaranteeTable(who returns.Who) Table {
	t := Table{Caption: "September Guarantee", Columns: []Column{{Text: "Status"}, {Text: "Year 11", Numeric: true}, {Text: "Year 12", Numeric: true}}}
	row := map[string]int{}
	add := func(list []returns.Tally, column int) {
		for _, one := range list {
			i, there := row[one.Key]
			if !there {
				i = len(t.Rows)
				row[one.Key] = i
				t.Rows = append(t.Rows, []Cell{{Text: one.Words, Note: one.Key, Header: true}, {Text: "0"}, {Text: "0"}})
			}
			t.Rows[i][column].Text = count(one.N)
		}
	}
	add(who.Year11, 1)
	add(who.Year12, 2)
	return t
}

// draftXML is the file as it would be sent today, marked as a draft.
func (s *Server) draftXML(w http.ResponseWriter, r *http.Request) error {
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	d, err := s.Returns.Whole(r.Context(), actorOf(r), m.period, returns.Options{Authorities: m.authorities, KnownOn: m.on})
	if err != nil {
		return err
	}
	if err := s.sawPeople(r, access.BuildReturn, "draft file", d.People); err != nil {
		return err
	}
	attach(w, "DRAFT-nccis-"+strings.Join(d.Authorities, "-")+"-"+m.period.String()+".xml", "application/xml")
	return d.WriteXML(w, true)
}

// draftOf builds the return that the address is about.
func (s *Server) draftOf(r *http.Request) (*returns.Draft, monthly, error) {
	m, err := s.monthly(r)
	if err != nil {
		return nil, m, err
	}
	d, err := s.Returns.Build(r.Context(), actorOf(r), m.period, returns.Options{Authorities: m.authorities, KnownOn: m.on})
	return d, m, err
}

// sawPeople logs who is about to be shown. Nothing may be shown where it fails.
func (s *Server) sawPeople(r *http.Request, kind access.Action, page string, people []*returns.Person) error {
	keys := make([]id.YoungPerson, 0, len(people))
	seen := map[id.YoungPerson]bool{}
	for _, p := range people {
		if p != nil && !seen[p.Key] {
			seen[p.Key] = true
			keys = append(keys, p.Key)
		}
	}
	return s.Sights.See(r.Context(), act.Sight{By: actorOf(r), Kind: kind, People: keys, Page: page})
}
