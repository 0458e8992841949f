package web

import (
	"fmt"
	"net/http"
	"strconv"

	"waymark/internal/due"
	"waymark/internal/field"
)

// neetDrawing draws days NEET for one reader: named says that numbers lead to the
// names behind them.
type neetDrawing struct {
	*due.DaysNEET
	named bool
}

// treatmentNames are what the treatments of not known are called in addresses.
func treatmentNames() []string { return []string{"not-neet", "neet", "left-out"} }

// behind leads from a cell to those whom it counts.
func (d neetDrawing) behind(c Cell, n int, part due.NEETPart, t due.Treatment, group, words string) Cell {
	if !d.named || n == 0 {
		return c
	}
	address := addQuery(neetHref("/figures/days-neet/people", d.Asked), "part", string(part))
	c.Hidden = part.Words()
	if part.OfDays() {
		address = addQuery(address, "treatment", treatmentNames()[t])
		c.Hidden += ". " + t.Words()
	}
	if group != "all" {
		address, c.Hidden = addQuery(address, "group", group), c.Hidden+". "+words
	}
	c.Href = address
	return c
}

// partCell is a share with its number.
func partCell(n, total int) Cell { return Cell{Text: percent(n, total), Note: count(n)} }

func (d neetDrawing) lengths() *Table {
	t := Table{Caption: "Days NEET", Columns: []Column{{Text: "Not known"}, {Text: "Young people", Numeric: true}, {Text: "Mean days", Numeric: true}, {Text: "Median days", Numeric: true}, {Text: "Over 90 days", Numeric: true}, {Text: "Over 180 days", Numeric: true}}}
	for _, one := range due.Treatments() {
		l := d.All.Lengths[one]
		of := func(c Cell, n int, part due.NEETPart) Cell { return d.behind(c, n, part, one, "all", "") }
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.Words()}, of(Cell{Text: count(l.People)}, l.People, due.Everyone), {Text: daysText(l.Mean)}, {Text: daysText(l.Median)},
			of(partCell(l.Over90, l.People), l.Over90, due.Over90), of(partCell(l.Over180, l.People), l.Over180, due.Over180)})
	}
	return &t
}

func (d neetDrawing) returned() *Table {
	b := d.All.Returned
	of := func(c Cell, n int, part due.NEETPart) Cell { return d.behind(c, n, part, 0, "all", "") }
	early := func(n int, part due.NEETPart) Cell { return of(Cell{Text: count(n)}, n, part) }
	return &Table{Caption: "Who came back", Columns: []Column{{Text: "What"}, {Text: "Times", Numeric: true}, {Text: "Too early to say", Numeric: true}}, Rows: [][]Cell{
		{{Header: true, Text: "Became NEET"}, of(Cell{Text: count(b.Became)}, b.Became, due.Became), {}},
		{{Header: true, Text: fmt.Sprintf("Came back within %d days", d.Asked.Within)}, of(partCell(b.InTime, b.Became-b.Early), b.InTime, due.InTime), early(b.Early, due.Early)},
		{{Header: true, Text: "It lasted 13 weeks"}, of(partCell(b.Lasted13, b.InTime-b.Early13), b.Lasted13, due.Lasted13), early(b.Early13, due.Early13)},
		{{Header: true, Text: "It lasted 26 weeks"}, of(partCell(b.Lasted26, b.InTime-b.Early26), b.Lasted26, due.Lasted26), early(b.Early26, due.Early26)},
	}}
}

func (d neetDrawing) groups() *Table {
	t := Table{Caption: "By group: mean days NEET, and who was NEET on more than 90 days", Columns: []Column{{Text: "Group"}, {Text: "Young people", Numeric: true}, {Text: "Not known as not NEET", Numeric: true}, {Text: "Not known as NEET", Numeric: true}, {Text: "Not known left out", Numeric: true}, {Text: "Came back in time", Numeric: true}}}
	for _, g := range d.Groups {
		name, people := orText(g.Name, "Not recorded"), g.Lengths[due.AsNotNEET].People
		row := []Cell{{Header: true, Text: name}, d.behind(Cell{Text: count(people)}, people, due.Everyone, due.AsNotNEET, g.Key, name)}
		for _, one := range due.Treatments() {
			l := g.Lengths[one]
			row = append(row, d.behind(Cell{Text: daysText(l.Mean), Note: percent(l.Over90, l.People) + " over 90"}, l.Over90, due.Over90, one, g.Key, name))
		}
		b := g.Returned
		t.Rows = append(t.Rows, append(row, d.behind(partCell(b.InTime, b.Became-b.Early), b.InTime, due.InTime, 0, g.Key, name)))
	}
	return &t
}

// daysNEETPeoplePage is who stands behind a number of days NEET.
func (s *Server) daysNEETPeoplePage(w http.ResponseWriter, r *http.Request) error {
	asked, err := s.askedNEET(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	cell := due.NEETCell{Part: due.NEETPart(q.Get("part")), Treatment: -1, Group: q.Get("group")}
	for t, name := range treatmentNames() {
		if q.Get("treatment") == name || q.Get("treatment") == "" && t == 0 {
			cell.Treatment = due.Treatment(t)
		}
	}
	p := &figuresPeoplePage{Page: Page{Title: "Who stands behind the days NEET", Section: "/figures", KnownOn: asked.KnownOn, Back: &Link{Text: "Days NEET", Href: neetHref("/figures/days-neet", asked)}}}
	page := max(1, atoi(q.Get("page")))
	behind, err := s.Due.NEETPeople(r.Context(), actorOf(r), asked, cell, (page-1)*namesOnPage, namesOnPage)
	if wrong, ok := err.(field.Errors); ok {
		p.Back.Href = asKnown("/figures/days-neet", asked.KnownOn)
		p.None = &Empty{Title: "There are no names to show", Text: wrong.Error() + ".", Link: p.Back}
		return s.render(w, r, "figures_people", p)
	}
	if err != nil {
		return err
	}
	p.Title = cell.Part.Words()
	p.Lead = fmt.Sprintf("Of those who finished Year 11 in summer %d, from %s to %s.", behind.Asked.Leavers, behind.From.Words(), behind.To.Words())
	if cell.Group != "" && cell.Group != "all" {
		p.Lead += " " + orText(behind.Group, "Not recorded") + "."
	}
	if cell.Part.OfDays() {
		p.Lead += " " + cell.Treatment.Words() + "."
	}
	if behind.Total == 0 {
		p.None = &Empty{Title: "Nobody", Text: "Nobody whom you may see stands behind this number.", Link: p.Back}
		return s.render(w, r, "figures_people", p)
	}
	p.Count = showing(page, namesOnPage, len(behind.People), behind.Total, "young person", "young people")
	p.Table = s.neetNames(behind, cell)
	p.Pages = paginate(behind.Total, namesOnPage, page, func(n int) string {
		at := addQuery(neetHref("/figures/days-neet/people", behind.Asked), "part", string(cell.Part))
		at = addQuery(addQuery(at, "treatment", treatmentNames()[cell.Treatment]), "group", orText(cell.Group, "all"))
		return addQuery(at, "page", strconv.Itoa(n))
	})
	return s.render(w, r, "figures_people", p)
}

func (s *Server) neetNames(b *due.NEETBehind, cell due.NEETCell) *Table {
	t := &Table{Caption: cell.Part.Words(), Quiet: true, Stacked: true, Columns: []Column{{Text: "Name"}, {Text: "Days NEET", Numeric: true}, {Text: "Days not known", Numeric: true}, {Text: "Days counted", Numeric: true}, {Text: "Adviser"}}}
	if !cell.Part.OfDays() {
		t.Columns = append(t.Columns, Column{Text: "How often", Numeric: true})
	}
	for _, one := range b.People {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
			continue
		}
		row := []Cell{{Header: true, Text: orText(one.Name(), "No name recorded"), Href: asKnown(personHref(one.Ref, ""), b.Asked.KnownOn), Note: shortAge(one.Born, b.To)},
			{Text: count(one.Is.NEET)}, {Text: count(one.Is.Unknown)}, {Text: count(one.Is.Counted)}, {Text: orText(one.Adviser, "Nobody yet")}}
		if !cell.Part.OfDays() {
			row = append(row, Cell{Text: plural(one.Is.Times, "time", "times")})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
