package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

type lapsingPage struct {
	Page
	Within, Whose Choice
	// Kept is the rest of the address, which the form keeps.
	Kept     []keptField
	Chosen   FilterTags
	Ways     []Link
	Count    string
	Table    *Table
	Empty    *Empty
	Download *Link
	Past     *pastForm
}

// lapsingLimit is how many one page shows, and lapsingFileLimit one file.
const (
	lapsingLimit     = 200
	lapsingFileLimit = 100_000
)

func lapsingDays() []int { return []int{7, 14, 30, 60, 90} }

// lapsingAsked is what the address asks of the list.
type lapsingAsked struct {
	days                   int
	whose, adviser, school string
	on, from               civil.Date
}

// askedLapsing reads the address: 30 days ahead unless one of the list is asked
// for, from today or from the day whose knowledge is shown.
func (s *Server) askedLapsing(r *http.Request) (lapsingAsked, error) {
	q := r.URL.Query()
	a := lapsingAsked{days: 30, adviser: q.Get("adviser"), school: q.Get("school"), from: s.today()}
	if n, err := strconv.Atoi(q.Get("within")); err == nil && slices.Contains(lapsingDays(), n) {
		a.days = n
	}
	if q.Get("whose") == "mine" {
		a.whose, a.adviser = "mine", ""
	}
	var err error
	if a.on, err = s.knownOn(r); !a.on.IsZero() {
		a.from = a.on
	}
	return a, err
}

func (a lapsingAsked) until() civil.Date { return a.from.AddDays(a.days) }

// href is the address of the page, or of its file, with what was asked.
func (a lapsingAsked) href(path string) string {
	q := url.Values{"within": {strconv.Itoa(a.days)}}
	for name, value := range map[string]string{"whose": a.whose, "adviser": a.adviser, "school": a.school, "known-on": a.on.String()} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return path + "?" + q.Encode()
}

func (s *Server) lapsing(r *http.Request, a lapsingAsked, limit int) (record.Found, error) {
	q := record.LapsingQuery{From: a.from, To: a.until(), Adviser: a.adviser, School: a.school, KnownOn: a.on}
	if a.whose == "mine" {
		q.Adviser = record.OwnAdviser(actorOf(r))
	}
	return s.Record.LapsingOf(r.Context(), actorOf(r), q, limit)
}

// lapsingPage lists whose situation stops counting soon, so that it is
// confirmed before it does.
func (s *Server) lapsingPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedLapsing(r)
	if err != nil {
		return err
	}
	found, err := s.lapsing(r, a, lapsingLimit)
	if err != nil {
		return err
	}
	form := newForm(map[string]string{"within": strconv.Itoa(a.days), "whose": a.whose})
	ahead := Choice{Name: "within", Label: "Lapses within"}
	for _, n := range lapsingDays() {
		ahead.Options = append(ahead.Options, Option{Value: strconv.Itoa(n), Text: fmt.Sprintf("%d days", n)})
	}
	p := &lapsingPage{
		Page:   Page{Title: "Situations that lapse soon", Lead: "Confirm them before they lapse: after that the return shows these young people as not known.", KnownOn: a.on},
		Within: form.Choice(ahead),
		Whose:  form.Choice(Choice{Name: "whose", Label: "Whose", Options: []Option{{Value: "", Text: "Everybody’s"}, {Value: "mine", Text: "Mine"}}}),
		Count:  plural(len(found.Rows), "situation lapses", "situations lapse") + " by " + a.until().Words() + ".",
		Past:   s.pastForm(r, a.on),
	}
	p.narrowed(a, found.Rows)
	if found.More {
		p.Count = fmt.Sprintf("More than %s lapse by %s. These are the first.", count(lapsingLimit), a.until().Words())
	}
	if len(found.Rows) == 0 {
		p.Empty = &Empty{Title: "Nothing lapses by " + a.until().Words(), Text: "Look further ahead, or find somebody by name.", Link: &Link{Text: "Find a young person", Href: "/find"}}
		return s.render(w, r, "lapsing", p)
	}
	t := s.lapsingTable(r, found.Rows, a)
	p.Table = &t
	if access.May(actorOf(r), access.DownloadPeople) {
		p.Download = &Link{Text: "Download this list (CSV)", Href: a.href("/lapsing.csv")}
	}
	return s.render(w, r, "lapsing", p)
}

// narrowed shows what the list was narrowed to, each with the way to take it
// away, and the ways to the counts.
func (p *lapsingPage) narrowed(a lapsingAsked, rows []record.Row) {
	p.Chosen.Label = "Shown are those of"
	add := func(name, value, words string, without lapsingAsked) {
		if value != "" {
			p.Kept = append(p.Kept, keptField{name, value})
			p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: words, Href: without.href("/lapsing")})
		}
	}
	without := a
	without.adviser = ""
	words := "Adviser: " + lapsingName(a.adviser, "nobody yet")
	if len(rows) > 0 && a.adviser != "" && rows[0].Adviser != "" {
		words = "Adviser: " + rows[0].Adviser
	}
	add("adviser", a.adviser, words, without)
	without = a
	without.school = ""
	add("school", a.school, "Where: "+lapsingName(a.school, "not recorded"), without)
	if !a.on.IsZero() {
		p.Kept = append(p.Kept, keptField{"known-on", a.on.String()})
		return
	}
	p.Ways = []Link{{Text: "Count by adviser", Href: "/lapsing/by?of=adviser"}, {Text: "Count by school, college or employer", Href: "/lapsing/by?of=school"}}
}

// lapsingName is the name in the key of a group.
func lapsingName(key, none string) string {
	name, named := strings.CutPrefix(key, "name:")
	switch {
	case named:
		return name
	case key == "none":
		return none
	}
	return "one adviser"
}

func (s *Server) lapsingTable(r *http.Request, rows []record.Row, a lapsingAsked) Table {
	e := s.edition()
	t := Table{Caption: "Situations that lapse soon", Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Lapses"}, {Text: "Situation"}, {Text: "Last confirmed"}, {Text: "Adviser"}}}
	confirm := a.on.IsZero() && access.May(actorOf(r), access.RecordActivity)
	if confirm {
		t.Columns = append(t.Columns, Column{Text: "Do"})
	}
	for _, row := range rows {
		cells := []Cell{
			{Header: true, Text: orText(row.Name(), "No name recorded"), Href: asKnown(personHref(row.Ref, ""), a.on), Note: shortAge(row.Born, a.from)},
			{Text: whole(row.LapsesOn.Words()), Note: inDays(row.LapsesOn.DaysSince(a.from))},
			{Text: activityWords(e, row.Activity), Note: row.Establishment},
			{Text: whole(row.VerifiedOn.Words())},
			{Text: row.Adviser},
		}
		if confirm {
			cells = append(cells, Cell{Text: "Confirm", Hidden: row.Name(), Href: personHref(row.Ref, "activity/confirm") + asQuery(map[string][]string{"back": {a.href("/lapsing")}})})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func inDays(n int) string {
	switch n {
	case 0:
		return "today is the last day"
	case 1:
		return "tomorrow"
	}
	return fmt.Sprintf("in %d days", n)
}

// lapsingFile is the same list for a spreadsheet.
func (s *Server) lapsingFile(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedLapsing(r)
	if err != nil {
		return err
	}
	found, err := s.lapsing(r, a, lapsingFileLimit)
	if err != nil {
		return err
	}
	head := []string{"YoungPersonsID", "Given name", "Family name", "Date of birth", "Postcode", "Activity code", "Activity", "Where", "Last confirmed", "Lapses", "Adviser", "Cohort status"}
	e := s.edition()
	return sendCSV(w, fmt.Sprintf("lapsing-%s-%d-days.csv", a.from, a.days), head, func(write func(cells ...string) error) error {
		for _, p := range found.Rows {
			label := ""
			if a, ok := e.Activity(p.Activity); ok {
				label = a.Label
			}
			if err := write(p.YoungPersonsID, p.Given, p.Family, p.Born.String(), p.Postcode, p.Activity, label, p.Establishment,
				p.VerifiedOn.String(), p.LapsesOn.String(), p.Adviser, e.Label(nccis.CohortStatuses, p.CohortStatus)); err != nil {
				return err
			}
		}
		return nil
	})
}
