package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waymark/internal/chart"
	"waymark/internal/field"
	"waymark/internal/record"
	"waymark/internal/report"
)

// notForPublication marks a count of one to five: staff see it, and it may not
// leave the house (nccis.md 11.2).
const notForPublication = "not for publication"

// numberCell is a share with its count, a link to the names where the reader
// may see them.
func (d figureDrawing) numberCell(row *report.Row, ok bool) Cell {
	if !ok {
		return Cell{Text: "–", Numeric: true}
	}
	c := Cell{Text: row.OneDecimal() + "%", Note: count(row.People()), Numeric: true}
	if c.Href = d.names(row); c.Href != "" {
		m, _ := report.MeasureOf(row.Measure)
		c.Hidden = "(" + m.Words + ", " + row.Label + ": who they are)"
	}
	if row.NotForPublication() {
		c.Note += ", " + notForPublication
	}
	return c
}

// groups is the table by one kind of group.
func (d figureDrawing) groups() *figureGroups {
	rows := d.r.Groups(d.a.period, "combined", d.a.by)
	if len(rows) == 0 {
		return nil
	}
	out := &figureGroups{Heading: "By " + strings.ToLower(d.r.KindInWords(d.a.by)), Caption: d.r.KindInWords(d.a.by)}
	largest := 0.0
	for _, row := range rows {
		largest = max(largest, row.Float())
	}
	for _, row := range rows {
		g := figureGroup{Name: row.Label, People: count(row.Among()), Bar: chart.InTable(row.Float(), largest)}
		if row.Group != "age:18" {
			g.Narrow = "/figures" + d.a.query(func(v url.Values) {
				if !strings.Contains("\n"+strings.Join(v["only"], "\n")+"\n", "\n"+string(row.Group)+"\n") {
					v.Add("only", string(row.Group))
				}
			})
		}
		for _, m := range []string{"neet", "not_known", "combined", "participation"} {
			g.Cells = append(g.Cells, d.numberCell(d.r.Row(d.a.period, m, row.Group)))
		}
		out.Rows = append(out.Rows, g)
	}
	return out
}

// every are the tables of every number for everybody asked about.
func (d figureDrawing) every() []Table {
	var out []Table
	for _, part := range []struct {
		caption  string
		measures []string
	}{
		{"Taking part in education or training", []string{"participation", "participation_fte", "participation_app", "participation_wbl", "participation_pte", "participation_ews", "participation_otr"}},
		{"NEET, by situation", []string{"neet", "neet_available", "neet_540", "neet_610", "neet_615", "neet_616", "neet_619", "neet_not_available", "neet_620", "neet_630", "neet_640", "neet_650", "neet_660", "neet_670", "neet_680"}},
		{"NEET, for how long", []string{"days_neet_90", "days_neet_180"}},
	} {
		t := d.measureTable(part.caption, part.measures)
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return append(out, d.flows()...)
}

// measureTable is some measures of everybody asked about, against a year before.
func (d figureDrawing) measureTable(caption string, measures []string) Table {
	t := Table{Caption: caption, Columns: []Column{{Text: "What"}, {Text: "Share", Numeric: true}, {Text: "Of", Numeric: true}, {Text: "A year before", Numeric: true}, {Text: "Change in points", Numeric: true}}}
	for _, name := range measures {
		row, ok := d.r.Row(d.a.period, name, report.All)
		if !ok || (row.People() == 0 && strings.HasPrefix(name, "neet_6")) {
			continue
		}
		m, _ := report.MeasureOf(name)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: m.Words}, d.numberCell(row, true), {Text: count(row.Among())}, d.beforeCell(row), d.points(row)})
	}
	return t
}

// flows is how the number of those NEET came about: those before, those who
// joined, those who left and where to.
func (d figureDrawing) flows() []Table {
	before, ok := d.r.Row(d.a.period, "neet_before", report.All)
	if !ok {
		return nil
	}
	t := Table{Caption: "NEET: who came and who went since the month before", Columns: []Column{{Text: "What"}, {Text: "Young people", Numeric: true}}}
	add := func(row *report.Row, words, sign string) {
		c := Cell{Text: sign + count(row.People()), Href: d.names(row), Numeric: true}
		if c.Href != "" {
			c.Hidden = "(" + words + ": who they are)"
		}
		if row.NotForPublication() {
			c.Note = notForPublication
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: words}, c})
	}
	add(before, "NEET at the end of the month before", "")
	for _, f := range report.Flows() {
		row, ok := d.r.Row(d.a.period, f.Name, report.All)
		if !ok || row.People() == 0 || f.Name == "neet_joined" || f.Name == "neet_left" || f.Name == "neet_before" || f.Name == "neet_left_to_eet" {
			continue
		}
		sign := "+"
		if strings.HasPrefix(f.Words, "Left") || f.Name == "neet_left_group" {
			sign = "−"
		}
		add(row, f.Words, sign)
	}
	if now, ok := d.r.Row(d.a.period, "neet", report.All); ok {
		add(now, "NEET at the end of this month", "")
	}
	return []Table{t}
}

type figuresPeoplePage struct {
	Page
	Count string
	Table *Table
	None  *Empty
	Pages Pagination
	// AsList is the same question asked of one day.
	AsList *Link
}

// namesOnPage is how many of those behind a number one page shows.
const namesOnPage = 100

// figuresPeoplePage is who stands behind a number.
func (s *Server) figuresPeoplePage(w http.ResponseWriter, r *http.Request) error {
	a, q := s.askedFigures(r), r.URL.Query()
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	group := report.Group(q.Get("group"))
	if group == "" {
		group = report.All
	}
	p := &figuresPeoplePage{Page: Page{Title: "Who stands behind the number", Section: "/figures", Back: &Link{Text: "Figures", Href: "/figures" + a.query(nil)}}}
	names, err := s.Figures.Names(r.Context(), actorOf(r), report.Cell{Period: a.period, Measure: q.Get("measure"), Group: group, KnownOn: a.knownOn, Only: a.only,
		From: (page - 1) * namesOnPage, Most: namesOnPage})
	if wrong, ok := err.(field.Errors); ok {
		p.None = &Empty{Title: "There are no names to show", Text: wrong.Error() + ".", Link: p.Back}
		return s.render(w, r, "figures_people", p)
	}
	if p.None, err = noFigures(a, err); err != nil {
		return err
	}
	if p.None != nil {
		return s.render(w, r, "figures_people", p)
	}
	p.Title, p.Lead = names.Words, "At "+a.period.Words()+". "+groupWords(group, names.Label)+"."
	p.KnownOn = a.knownOn
	p.Count = plural(names.Total, "young person", "young people") + "."
	if list := a.asList(q.Get("measure"), group); list != "" {
		p.AsList = &Link{Text: "Who stands like this today, as a list", Href: list}
		if !a.knownOn.IsZero() {
			p.AsList.Text = "Who stood like this on " + a.knownOn.Words() + ", as a list"
		}
	}
	if names.Total == 0 {
		p.None = &Empty{Title: "Nobody", Text: "Nobody stands behind this number.", Link: p.Back}
		return s.render(w, r, "figures_people", p)
	}
	p.Table = s.namesTable(names, a)
	if !a.knownOn.IsZero() {
		keepDayIn(p.Table, a.knownOn)
	}
	p.Pages = paginate(names.Total, namesOnPage, page, func(n int) string {
		return "/figures/people" + a.query(func(v url.Values) {
			v.Set("measure", q.Get("measure"))
			v.Set("group", string(group))
			v.Set("page", strconv.Itoa(n))
		})
	})
	return s.render(w, r, "figures_people", p)
}

func (s *Server) namesTable(names *report.Names, a figuresAsked) *Table {
	t := &Table{Caption: names.Words, Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Academic age", Numeric: true}, {Text: "What they did then"}}}
	several := a.period.From != a.period.To
	if several {
		t.Columns = append(t.Columns, Column{Text: "In how many of the months", Numeric: true})
	}
	e, _ := s.Requirement.EditionOn(a.period.To.End())
	for _, n := range names.People {
		doing := Cell{Text: orText(activityWords(e, n.Activity), "Nothing recorded")}
		switch {
		case n.Lapsed:
			doing.Note = "no longer current, so not known"
		case !n.NEETSince.IsZero():
			doing.Note = "NEET since " + n.NEETSince.Words()
		}
		if n.Locked {
			doing = Cell{}
			n.Name = record.RestrictedWords
		}
		row := []Cell{{Header: true, Text: orText(n.Name, "No name recorded"), Href: namedHref(n)}, {Text: fmt.Sprint(n.Age)}, doing}
		if several {
			row = append(row, Cell{Text: fmt.Sprint(n.Months)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// namedHref leads to the record of one behind a number; nowhere for a locked one.
func namedHref(n report.Named) string {
	if n.Locked {
		return ""
	}
	return personHref(n.Ref, "")
}
