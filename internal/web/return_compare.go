package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/returns"
)

type returnComparePage struct {
	Page
	From, To Choice
	None     *Empty
	Figures  *Table
	Why      []whyRead
	Lists    SubNavigation
	Name     string
	Shown    string
	Table    *Table
	Nobody   *Empty
	Pages    Pagination
	File     string
}

// whyRead is one number of two returns, and what moved it.
type whyRead struct {
	Words string
	Lines []Link
}

// compared is what the address asks for.
type compared struct {
	from, to id.Ref // to is "" for the same month as known now
	list     string
}

func readCompared(r *http.Request) compared {
	q := r.URL.Query()
	c := compared{from: id.Ref(q.Get("from")), list: q.Get("list")}
	if to := q.Get("to"); to != "now" {
		c.to = id.Ref(to)
	}
	if c.list == "" {
		c.list = "changed"
	}
	return c
}

func (c compared) href(path, list string) string {
	to := string(c.to)
	if to == "" {
		to = "now"
	}
	q := url.Values{"from": {string(c.from)}, "to": {to}}
	if list != "" {
		q.Set("list", list)
	}
	return path + "?" + q.Encode()
}

// shiftSlug names a shift in an address.
func shiftSlug(s *returns.Shift) string { return string(s.Was) + "-" + string(s.Is) }

// returnComparePage says what changed between two returns person by person, and
// why a figure reads otherwise now than it did when it was sent.
func (s *Server) returnComparePage(w http.ResponseWriter, r *http.Request) error {
	asked := readCompared(r)
	list, err := s.Returns.List(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &returnComparePage{Page: Page{Title: "What changed between two returns", Section: "/returns", Crumbs: []Link{{Text: "Returns", Href: "/returns"}}}}
	p.choices(asked, list)
	if len(p.From.Options) == 0 {
		p.None = &Empty{Title: "There is nothing to compare yet", Text: "Once two people have signed a return, this page says what was learned since, and who it is about.", Link: &Link{Text: "Returns", Href: "/returns"}}
		return s.render(w, r, "return_compare", p)
	}
	if asked.from == "" {
		return s.render(w, r, "return_compare", p)
	}
	c, err := s.Returns.Compare(r.Context(), actorOf(r), asked.from, asked.to)
	if errors.Is(err, returns.ErrNotFrozen) {
		p.Errors = []FieldError{{ID: "from", Message: "Choose returns that two people have signed: of others no file is kept"}}
		return s.render(w, r, "return_compare", p)
	} else if err != nil {
		return err
	}
	p.figures(c, asked)
	return s.showCompared(w, r, p, c, asked)
}

// choices are the frozen returns.
func (p *returnComparePage) choices(asked compared, list []*returns.Return) {
	to := []Option{{Value: "now", Text: "The same month, as known now"}}
	var from []Option
	for _, one := range list {
		if one.State.Frozen() {
			o := Option{Value: string(one.Ref), Text: returns.Side{Return: one, Period: one.Period}.Name()}
			from, to = append(from, o), append(to, o)
		}
	}
	form := newForm(map[string]string{"from": string(asked.from), "to": string(asked.to)})
	if asked.to == "" {
		form.values.Set("to", "now")
	}
	p.From = form.Choice(Choice{Name: "from", Label: "From", Options: from})
	p.To = form.Choice(Choice{Name: "to", Label: "To", Options: to})
}

func (p *returnComparePage) figures(c *returns.Comparison, asked compared) {
	p.Lead = "From " + c.From.Name() + " to " + c.To.Name() + "."
	a, b := c.From.Rates, c.To.Rates
	t := Table{Caption: "Academic age 16 and 17", Columns: []Column{{Text: "What"}, {Text: c.From.Name(), Numeric: true}, {Text: c.To.Name(), Numeric: true}, {Text: "Change", Numeric: true}}}
	t.Rows = append(t.Rows, []Cell{{Text: "Young people", Header: true}, {Text: count(a.Cohort)}, {Text: count(b.Cohort)}, {Text: signed(b.Cohort - a.Cohort)}})
	for _, m := range c.Measures() {
		row, _ := rateRow(m.What, m.Before, a.Cohort, m.Now, b.Cohort)
		t.Rows = append(t.Rows, row)
		why := whyRead{Words: m.Words()}
		for _, l := range m.Lines {
			why.Lines = append(why.Lines, Link{Text: l.Text, Href: asked.href("/returns/compare", shiftSlug(l.Shift)) + "#list"})
		}
		p.Why = append(p.Why, why)
	}
	p.Figures = &t
	p.Lists.Label = "Who differs"
	for _, one := range []struct {
		slug, words string
		n           int
	}{{"changed", "Differ", len(c.Changed)}, {"joined", "New", len(c.Joined)}, {"left", "No longer in it", len(c.Left)}} {
		p.Lists.Items = append(p.Lists.Items, Link{Text: one.words + " (" + count(one.n) + ")", Href: asked.href("/returns/compare", one.slug) + "#list", Current: one.slug == asked.list})
	}
}

func (s *Server) showCompared(w http.ResponseWriter, r *http.Request, p *returnComparePage, c *returns.Comparison, asked compared) error {
	if access.May(actorOf(r), access.DownloadPeople) {
		p.File = asked.href("/returns/compare.csv", "")
	}
	var shown []*returns.Person
	var t Table
	total, page := 0, 1
	part := func(n int) (int, int) {
		total, page = n, pageOf(r, n, listPage)
		return min((page-1)*listPage, n), min(page*listPage, n)
	}
	switch shift := c.Shifts[:0:0]; {
	case asked.list == "joined" || asked.list == "left":
		people := c.Joined
		p.Name = "In the second return and not in the first"
		if asked.list == "left" {
			people, p.Name = c.Left, "In the first return and no longer in the second"
		}
		from, to := part(len(people))
		shown = people[from:to]
		t = s.comparedPeople(shown)
	case asked.list != "changed":
		for _, one := range c.Shifts {
			if shiftSlug(&one) == asked.list {
				shift = append(shift, one)
			}
		}
		if len(shift) == 0 {
			return errNoPage
		}
		p.Name = capital(returns.StandsWords(shift[0].Was)) + " before, " + returns.StandsWords(shift[0].Is) + " now"
		from, to := part(len(shift[0].People))
		t, shown = s.shiftTable(shift[0].People[from:to])
	default:
		p.Name = "In both returns, with something that differs"
		from, to := part(len(c.Changed))
		some := c.Changed[from:to]
		if err := s.Returns.Explain(r.Context(), actorOf(r), c, some); err != nil {
			return err
		}
		t, shown = s.changedTable(some)
	}
	if err := s.sawPeople(r, access.SeeReturn, "return compare", shown); err != nil {
		return err
	}
	p.Shown = showing(page, listPage, len(shown), total, "person", "people")
	p.Pages = paginate(total, listPage, page, func(n int) string {
		return asked.href("/returns/compare", asked.list) + "&page=" + strconv.Itoa(n) + "#list"
	})
	if total == 0 {
		p.Nobody = &Empty{Title: "Nobody", Text: "There is nobody in this list."}
	} else {
		t.Caption = p.Name
		p.Table = &t
	}
	return s.render(w, r, "return_compare", p)
}

func comparedName(p *returns.Person) Cell {
	return Cell{Text: personName(p), Note: p.Record.Get(nccis.YoungPersonsID), Href: personHref(p.Ref, ""), Header: true}
}

func (s *Server) comparedPeople(people []*returns.Person) Table {
	t := Table{Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Cohort status"}, {Text: "What they do"}, {Text: "Counts as"}}}
	e := s.edition()
	for _, p := range people {
		get := p.Record.Get
		counts := capital(statusWords(p.CountsAs))
		if p.Leaver {
			counts = "Has left"
		}
		t.Rows = append(t.Rows, []Cell{comparedName(p), {Text: cohortWords(e, get(nccis.CohortStatus))}, {Text: orText(activityWords(e, get(nccis.ActivityCode)), "Nothing recorded")}, {Text: counts}})
	}
	return t
}

func (s *Server) shiftTable(people []*returns.Moved) (Table, []*returns.Person) {
	t := Table{Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Before"}, {Text: "Now"}, {Text: "Learned"}}}
	var shown []*returns.Person
	side := func(p *returns.Person) Cell {
		if p == nil {
			return Cell{Text: "Not in the return"}
		}
		c := Cell{Text: orText(activityWords(s.edition(), p.Record.Get(nccis.ActivityCode)), "Nothing recorded"), Note: p.Record.Get(nccis.EstablishmentName)}
		if p.Record.Get(nccis.CurrencyLapsed) == "Y" {
			c.Note = joined("; ", c.Note, "no longer current")
		}
		if p.Leaver {
			c.Note = joined("; ", c.Note, "reported as having left")
		}
		return c
	}
	for _, m := range people {
		who := m.Now
		if who == nil {
			who = m.Then
		}
		shown = append(shown, who)
		t.Rows = append(t.Rows, []Cell{comparedName(who), side(m.Then), side(m.Now), {Text: m.Learned.Words()}})
	}
	return t, shown
}

func (s *Server) changedTable(people []*returns.Changed) (Table, []*returns.Person) {
	t := Table{Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Item"}, {Text: "Before"}, {Text: "After"}, {Text: "Learned"}}}
	var shown []*returns.Person
	for _, p := range people {
		shown = append(shown, p.Now)
		for _, item := range p.Items {
			t.Rows = append(t.Rows, []Cell{comparedName(p.Now), {Text: nccis.FieldLabel(item.Field)}, {Text: orEmpty(item.Before)}, {Text: orEmpty(item.After)}, {Text: item.Learned.Words()}})
		}
	}
	return t, shown
}

// returnCompareFile is the whole comparison for a spreadsheet.
func (s *Server) returnCompareFile(w http.ResponseWriter, r *http.Request) error {
	asked := readCompared(r)
	if asked.from == "" {
		http.Redirect(w, r, "/returns/compare", http.StatusSeeOther) // first choose two
		return nil
	}
	c, err := s.Returns.Compare(r.Context(), actorOf(r), asked.from, asked.to)
	if err != nil {
		return err
	}
	if err := s.Returns.Explain(r.Context(), actorOf(r), c, c.Changed); err != nil {
		return err
	}
	people := slices.Concat(c.Joined, c.Left)
	for _, p := range c.Changed {
		people = append(people, p.Now)
	}
	if err := s.sawPeople(r, access.DownloadPeople, "return compare", people); err != nil {
		return err
	}
	to := "now"
	if c.To.Return != nil {
		to = c.To.Period.String()
	}
	return sendCSV(w, "changes-"+c.From.Period.String()+"-"+to+".csv", returns.ChangeHeads(), c.EachChange)
}
