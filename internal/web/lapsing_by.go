package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/record"
)

type lapsingByPage struct {
	Page
	Ways  SubNavigation
	Table Table
	None  *Empty
}

// lapsingWithin are the days within which lapses are counted.
func lapsingWithin() []int { return []int{7, 30, 60} }

// lapsingByPage counts whose situation lapses within 7, 30 and 60 days, by
// adviser or by school, each number with the way to its list.
func (s *Server) lapsingByPage(w http.ResponseWriter, r *http.Request) error {
	of, words, nobody := record.ByAdviser, "Adviser", "Nobody yet"
	if r.URL.Query().Get("of") == record.BySchool {
		of, words, nobody = record.BySchool, "School, college or employer", "None recorded"
	}
	within := lapsingWithin()
	groups, err := s.Record.LapsingBy(r.Context(), actorOf(r), of, s.today(), within)
	if err != nil {
		return err
	}
	p := &lapsingByPage{Page: Page{Title: "What lapses, by adviser", Section: "/lapsing", Back: &Link{Text: "Situations that lapse soon", Href: "/lapsing"},
		Lead: "Each is counted until the day after which the return shows them as not known."},
		Ways: SubNavigation{Label: "Count by", Items: []Link{{Text: "By adviser", Href: "/lapsing/by?of=adviser", Current: of == record.ByAdviser},
			{Text: "By school, college or employer", Href: "/lapsing/by?of=school", Current: of == record.BySchool}}},
		Table: Table{Caption: "Situations that lapse", Quiet: true, Columns: []Column{{Text: words}}}}
	if of == record.BySchool {
		p.Title = "What lapses, by school"
	}
	for _, days := range within {
		p.Table.Columns = append(p.Table.Columns, Column{Text: fmt.Sprintf("Within %d days", days), Numeric: true})
	}
	total := make([]int, len(within))
	for _, g := range groups {
		row := []Cell{{Header: true, Text: orText(g.Name, nobody)}}
		for i, n := range g.Within {
			total[i] += n
			row = append(row, lapsingCell(n, orText(g.Name, nobody), within[i], url.Values{of: {g.Key}}))
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	if len(groups) == 0 {
		p.None = &Empty{Title: "Nothing lapses within 60 days", Text: "Every situation that can lapse is confirmed beyond " + s.today().AddDays(within[len(within)-1]).Words() + ".",
			Link: &Link{Text: "Look further ahead", Href: "/lapsing?within=90"}}
		return s.render(w, r, "lapsing_by", p)
	}
	all := []Cell{{Header: true, Text: "All together"}}
	for i, n := range total {
		all = append(all, lapsingCell(n, "all together", within[i], url.Values{}))
	}
	p.Table.Rows = append(p.Table.Rows, all)
	return s.render(w, r, "lapsing_by", p)
}

// lapsingCell is a count with the way to who they are.
func lapsingCell(n int, whose string, days int, q url.Values) Cell {
	if n == 0 {
		return Cell{Text: "0"}
	}
	q.Set("within", strconv.Itoa(days))
	return Cell{Text: count(n), Hidden: fmt.Sprintf("within %d days, %s", days, whose), Href: "/lapsing?" + q.Encode()}
}
