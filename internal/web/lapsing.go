package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

type lapsingPage struct {
	Page
	Within, Whose Choice
	Count         string
	Table         *Table
	Empty         *Empty
	Download      *Link
}

// lapsingLimit is how many one page shows, and lapsingFileLimit one file.
const (
	lapsingLimit     = 200
	lapsingFileLimit = 100_000
)

func lapsingDays() []int { return []int{7, 14, 30, 60, 90} }

// daysAhead reads how many days ahead is asked for: 30 unless one of the list.
func daysAhead(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("within"))
	if err != nil || !slices.Contains(lapsingDays(), n) {
		return 30
	}
	return n
}

func (s *Server) lapsing(r *http.Request, days, limit int) (record.Found, error) {
	from := s.today()
	if r.URL.Query().Get("whose") == "mine" {
		return s.Record.OwnLapsing(r.Context(), actorOf(r), from, from.AddDays(days), limit)
	}
	return s.Record.Lapsing(r.Context(), actorOf(r), from, from.AddDays(days), limit)
}

// lapsingPage lists whose situation stops counting soon, so that it is
// confirmed before it does.
func (s *Server) lapsingPage(w http.ResponseWriter, r *http.Request) error {
	days := daysAhead(r)
	found, err := s.lapsing(r, days, lapsingLimit)
	if err != nil {
		return err
	}
	whose := ""
	if r.URL.Query().Get("whose") == "mine" {
		whose = "mine"
	}
	here := fmt.Sprintf("/lapsing?within=%d&whose=%s", days, whose)
	form := newForm(map[string]string{"within": strconv.Itoa(days), "whose": whose})
	ahead := Choice{Name: "within", Label: "Lapses within"}
	for _, n := range lapsingDays() {
		ahead.Options = append(ahead.Options, Option{Value: strconv.Itoa(n), Text: fmt.Sprintf("%d days", n)})
	}
	p := &lapsingPage{
		Page:   Page{Title: "Situations that lapse soon", Lead: "Confirm them before they lapse: after that the return shows these young people as not known."},
		Within: form.Choice(ahead),
		Whose:  form.Choice(Choice{Name: "whose", Label: "Whose", Options: []Option{{Value: "", Text: "Everybody’s"}, {Value: "mine", Text: "Mine"}}}),
		Count:  plural(len(found.Rows), "situation lapses", "situations lapse") + " by " + s.today().AddDays(days).Words() + ".",
	}
	if found.More {
		p.Count = fmt.Sprintf("More than %s lapse by %s. These are the first.", count(lapsingLimit), s.today().AddDays(days).Words())
	}
	if len(found.Rows) == 0 {
		p.Empty = &Empty{Title: "Nothing lapses by " + s.today().AddDays(days).Words(), Text: "Look further ahead, or find somebody by name.", Link: &Link{Text: "Find a young person", Href: "/find"}}
		return s.render(w, r, "lapsing", p)
	}
	t := s.lapsingTable(r, found.Rows, here)
	p.Table = &t
	if access.May(actorOf(r), access.DownloadPeople) {
		p.Download = &Link{Text: "Download this list (CSV)", Href: fmt.Sprintf("/lapsing.csv?within=%d&whose=%s", days, whose)}
	}
	return s.render(w, r, "lapsing", p)
}

func (s *Server) lapsingTable(r *http.Request, rows []record.Row, here string) Table {
	e := s.edition()
	t := Table{Caption: "Situations that lapse soon", Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Lapses"}, {Text: "Situation"}, {Text: "Last confirmed"}, {Text: "Adviser"}}}
	confirm := access.May(actorOf(r), access.RecordActivity)
	if confirm {
		t.Columns = append(t.Columns, Column{Text: "Do"})
	}
	for _, row := range rows {
		cells := []Cell{
			{Header: true, Text: orText(row.Name(), "No name recorded"), Href: personHref(row.Ref, ""), Note: shortAge(row.Born, s.today())},
			{Text: whole(row.LapsesOn.Words()), Note: inDays(row.LapsesOn.DaysSince(s.today()))},
			{Text: activityWords(e, row.Activity), Note: row.Establishment},
			{Text: whole(row.VerifiedOn.Words())},
			{Text: row.Adviser},
		}
		if confirm {
			cells = append(cells, Cell{Text: "Confirm", Hidden: row.Name(), Href: personHref(row.Ref, "activity/confirm") + asQuery(map[string][]string{"back": {here}})})
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
	days := daysAhead(r)
	found, err := s.lapsing(r, days, lapsingFileLimit)
	if err != nil {
		return err
	}
	head := []string{"YoungPersonsID", "Given name", "Family name", "Date of birth", "Postcode", "Activity code", "Activity", "Where", "Last confirmed", "Lapses", "Adviser", "Cohort status"}
	e := s.edition()
	return sendCSV(w, fmt.Sprintf("lapsing-%s-%d-days.csv", s.today(), days), head, func(write func(cells ...string) error) error {
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
