package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

type returnPeoplePage struct {
	Page
	Ways       SubNavigation
	Why, Out   Table
	Status, As Choice
	Keep       [][2]string
	Chosen     FilterTags
	Shown      string
	Table      *Table
	None       *Empty
	Pages      Pagination
	Download   string
}

// reasonKey stands for a reason in an address: the words themselves are long.
func reasonKey(why string) string {
	sum := sha256.Sum256([]byte(why))
	return hex.EncodeToString(sum[:6])
}

// peopleFilter is what the address asks for of those in a return.
type peopleFilter struct {
	status, as, why string
	// out asks for those whom the file leaves out.
	out bool
}

func readPeopleFilter(r *http.Request) peopleFilter {
	q := r.URL.Query()
	return peopleFilter{status: q.Get("status"), as: q.Get("as"), why: q.Get("why"), out: q.Get("out") == "yes"}
}

func (f peopleFilter) pairs() []string {
	out := ""
	if f.out {
		out = "yes"
	}
	return []string{"status", f.status, "as", f.as, "why", f.why, "out", out}
}

// in are those in the file whom the filter lets through.
func (f peopleFilter) in(d *returns.Draft) []*returns.Person {
	var out []*returns.Person
	for _, p := range d.People {
		if f.status != "" && p.Record.Get(nccis.CohortStatus) != f.status || f.as != "" && (string(p.CountsAs) != f.as || p.Leaver) ||
			f.why != "" && reasonKey(p.Why) != f.why {
			continue
		}
		out = append(out, p)
	}
	return out
}

// leftOut are those left out whom the filter lets through.
func (f peopleFilter) leftOut(d *returns.Draft) []returns.LeftOut {
	var out []returns.LeftOut
	for _, p := range d.LeftOut {
		if f.why == "" || reasonKey(p.Why) == f.why {
			out = append(out, p)
		}
	}
	return out
}

// returnPeoplePage says who is in the return and why, and who is not.
func (s *Server) returnPeoplePage(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	f := readPeopleFilter(r)
	who := d.Who()
	p := &returnPeoplePage{Page: s.head(m, "Who is in "+m.name(s.today())), Ways: m.ways("people")}
	p.Why = tallyTable("Why they are in", "In the file", who.In, func(t returns.Tally) string { return m.href("people", "why", reasonKey(t.Key)) + "#list" })
	p.Out = tallyTable("Why others are not", "Left out", who.Out, func(t returns.Tally) string { return m.href("people", "why", reasonKey(t.Key), "out", "yes") + "#list" })
	p.filters(m, d, who, f)
	if access.May(actorOf(r), access.DownloadPeople) {
		p.Download = m.href("people.csv", f.pairs()...)
	}
	if f.out {
		return s.showLeftOut(w, r, p, m, d, f)
	}
	all := f.in(d)
	page := pageOf(r, len(all), listPage)
	shown := all[min((page-1)*listPage, len(all)):min(page*listPage, len(all))]
	if err := s.sawPeople(r, access.SeeReturn, "return people", shown); err != nil {
		return err
	}
	p.Shown = showing(page, listPage, len(shown), len(all), "person", "people")
	p.Pages = paginate(len(all), listPage, page, m.pageHref("people", f.pairs()...))
	if len(shown) > 0 {
		t := inFileTable(d, shown)
		keepDayIn(&t, m.on)
		p.Table = &t
	} else {
		p.None = &Empty{Title: "Nobody", Text: "Nobody in this return matches what you chose.", Link: &Link{Text: "Show everybody in it", Href: m.href("people")}}
	}
	return s.render(w, r, "return_people", p)
}

func (s *Server) showLeftOut(w http.ResponseWriter, r *http.Request, p *returnPeoplePage, m monthly, d *returns.Draft, f peopleFilter) error {
	all := f.leftOut(d)
	page := pageOf(r, len(all), listPage)
	shown := all[min((page-1)*listPage, len(all)):min(page*listPage, len(all))]
	t, err := s.leftOutTable(r, shown, "return left out")
	if err != nil {
		return err
	}
	p.Shown = showing(page, listPage, len(shown), len(all), "person is left out", "people are left out")
	p.Pages = paginate(len(all), listPage, page, m.pageHref("people", f.pairs()...))
	keepDayIn(&t, m.on)
	if len(t.Rows) > 0 {
		p.Table = &t
	} else {
		p.None = &Empty{Title: "Nobody is left out", Text: "Everybody whom the register holds is in this file."}
	}
	return s.render(w, r, "return_people", p)
}

func tallyTable(caption, number string, tallies []returns.Tally, href func(returns.Tally) string) Table {
	t := Table{Caption: caption, Columns: []Column{{Text: "Why"}, {Text: number, Numeric: true}}}
	for _, one := range tallies {
		words := one.Words
		if words == "" {
			words = "No reason given"
		}
		t.Rows = append(t.Rows, []Cell{{Text: words, Header: true}, {Text: count(one.N), Href: href(one), Hidden: "people: " + words}})
	}
	return t
}

func (p *returnPeoplePage) filters(m monthly, d *returns.Draft, who returns.Who, f peopleFilter) {
	status := Choice{Name: "status", Label: "Cohort status", Options: []Option{{Text: "Any"}}}
	for _, t := range who.Status {
		words := t.Words + " (" + t.Key + ")"
		if t.Key == "" {
			continue
		}
		status.Options = append(status.Options, Option{Value: t.Key, Text: words})
		if t.Key == f.status {
			p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: "Cohort status: " + words, Href: m.href("people", "as", f.as, "why", f.why) + "#list"})
		}
	}
	as := Choice{Name: "as", Label: "Counts as", Options: []Option{{Text: "Anything"}}}
	for _, one := range []nccis.Status{nccis.EET, nccis.NEET, nccis.NotKnown, nccis.OutOfRates, nccis.CompulsorySchoolAge} {
		as.Options = append(as.Options, Option{Value: string(one), Text: capital(statusWords(one))})
		if string(one) == f.as {
			p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: "Counts as: " + statusWords(one), Href: m.href("people", "status", f.status, "why", f.why) + "#list"})
		}
	}
	form := newForm(map[string]string{"status": f.status, "as": f.as})
	p.Status, p.As = form.Choice(status), form.Choice(as)
	for _, code := range m.authorities {
		p.Keep = append(p.Keep, [2]string{"authority", code})
	}
	if !m.on.IsZero() {
		p.Keep = append(p.Keep, [2]string{"known-on", m.on.String()})
	}
	reasons := who.In
	if f.out {
		reasons = who.Out
		p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: "Not in the file", Href: m.href("people") + "#list"})
	}
	for _, t := range reasons {
		if f.why != "" && reasonKey(t.Key) == f.why {
			p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: "Why: " + t.Words, Href: m.href("people", "status", f.status, "as", f.as, "out", f.pairs()[7]) + "#list"})
		}
	}
	p.Chosen.Label, p.Chosen.Clear = "Chosen filters", m.href("people")
	if len(p.Chosen.Chosen) < 2 {
		p.Chosen.Clear = ""
	}
}

// inFileTable lists people as the file states them.
func inFileTable(d *returns.Draft, people []*returns.Person) Table {
	t := Table{Caption: "In the return", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Cohort status"}, {Text: "What they do"}, {Text: "Counts as"}, {Text: "Why they are in"}}}
	for _, p := range people {
		v := p.Record.Get
		counts := Cell{Text: capital(statusWords(p.CountsAs))}
		if p.Leaver {
			counts = Cell{Text: "Has left", Note: "Reported this once"}
		} else if nccis.Lapsed(p.Lapses, d.Period.End()) {
			counts.Note = "Not current since " + p.Lapses.AddDays(1).Words()
		}
		activity := activityWords(d.Edition, v(nccis.ActivityCode))
		if activity == "" {
			activity = "Nothing recorded"
		}
		t.Rows = append(t.Rows, []Cell{{Text: personName(p), Note: v(nccis.YoungPersonsID), Href: personHref(p.Ref, ""), Header: true},
			{Text: orEmpty(d.Edition.Label(nccis.CohortStatuses, v(nccis.CohortStatus)))}, {Text: activity, Note: v(nccis.EstablishmentName)}, counts, {Text: p.Why}})
	}
	return t
}

// leftOutTable lists people whom the file leaves out, with names from the
// register, and logs that they were shown.
func (s *Server) leftOutTable(r *http.Request, people []returns.LeftOut, page string) (Table, error) {
	keys := make([]id.YoungPerson, len(people))
	why := map[id.YoungPerson]string{}
	for i, p := range people {
		keys[i], why[p.Key] = p.Key, p.Why
	}
	rows, err := s.Record.Some(r.Context(), actorOf(r), keys, page)
	if err != nil {
		return Table{}, err
	}
	e := s.edition()
	t := Table{Caption: "Not in the return", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "Cohort status"}, {Text: "Why not"}}}
	for _, one := range rows {
		name := one.Name()
		if name == "" {
			name = "No name recorded"
		}
		t.Rows = append(t.Rows, []Cell{{Text: name, Note: one.YoungPersonsID, Href: personHref(one.Ref, ""), Header: true}, {Text: one.Born.Words()},
			{Text: e.Label(nccis.CohortStatuses, one.CohortStatus)}, {Text: why[one.Person]}})
	}
	return t, nil
}

func (s *Server) returnPeopleFile(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	f := readPeopleFilter(r)
	name := "return-" + m.period.String()
	if f.out {
		return s.leftOutFile(w, r, f.leftOut(d), name+"-left-out")
	}
	return s.returnPeople(w, r, d, f.in(d), name+"-people")
}

func (s *Server) returnPeople(w http.ResponseWriter, r *http.Request, d *returns.Draft, people []*returns.Person, name string) error {
	head := []string{"young person", "name", "date of birth", "cohort status", "activity", "establishment", "counts as", "leaver", "lapses on", "why"}
	return s.sendPeople(w, r, peopleFile{name + ".csv", len(people), head}, func(write func(...string) error) error {
		if err := s.sawPeople(r, access.DownloadPeople, name, people); err != nil {
			return err
		}
		for _, p := range people {
			v := p.Record.Get
			leaver := ""
			if p.Leaver {
				leaver = "yes"
			}
			if err := write(v(nccis.YoungPersonsID), p.Name(), v(nccis.DOB), v(nccis.CohortStatus), activityWords(d.Edition, v(nccis.ActivityCode)), v(nccis.EstablishmentName),
				statusWords(p.CountsAs), leaver, p.Lapses.String(), p.Why); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) leftOutFile(w http.ResponseWriter, r *http.Request, people []returns.LeftOut, name string) error {
	head := []string{"young person", "name", "born", "cohort status", "why not"}
	return s.sendPeople(w, r, peopleFile{name + ".csv", len(people), head}, func(write func(...string) error) error {
		t, err := s.leftOutTable(r, people, name)
		if err != nil {
			return err
		}
		for _, row := range t.Rows {
			if err := write(row[0].Note, row[0].Text, row[1].Text, row[2].Text, row[3].Text); err != nil {
				return err
			}
		}
		return nil
	})
}
