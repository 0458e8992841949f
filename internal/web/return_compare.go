package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

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

// compared is what the address asks for: of two returns, or of a month as it was
// known before.
type compared struct {
	from, to id.Ref // to is "" for the same month as known now
	list     string
	// path is that of the page, to which .csv is added for the file; href gives an
	// address with all that is asked.
	path string
	href func(path, list string) string
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
	c.path, c.href = "/returns/compare", func(path, list string) string {
		to := orText(string(c.to), "now")
		q := url.Values{"from": {string(c.from)}, "to": {to}}
		if list != "" {
			q.Set("list", list)
		}
		return path + "?" + q.Encode()
	}
	return c
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
	p.named(c)
	p.figures(c, asked)
	if err := s.showCompared(r, p, c, asked); err != nil {
		return err
	}
	return s.render(w, r, "return_compare", p)
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

// named says of which two sides the page is.
func (p *returnComparePage) named(c *returns.Comparison) {
	p.Lead = "From " + c.From.Name() + " to " + c.To.Name() + "."
	if c.To.Return == nil {
		month := c.From.Period.Words()
		p.Title = "Why " + month + " reads otherwise now"
		p.Lead = "What the return for " + month + " said when it was signed, beside " + month + " as it is known now: what was learned in between, and about whom."
		p.Crumbs = append(p.Crumbs, Link{Text: month, Href: "/returns/" + c.From.Period.String()})
	}
}

// figures are the numbers of both sides, what moved them, and how many differ.
func (p *returnComparePage) figures(c *returns.Comparison, asked compared) {
	a, b := c.From.Rates, c.To.Rates
	t := Table{Caption: "Academic age 16 and 17", Columns: []Column{{Text: "What"}, {Text: c.From.Name(), Numeric: true}, {Text: c.To.Name(), Numeric: true}, {Text: "Change", Numeric: true}}}
	if c.From.Moment != nil { // the page says of which month
		t.Columns[1].Text, t.Columns[2].Text = "As known "+c.From.Moment.Words(), "Now"
	}
	t.Rows = append(t.Rows, []Cell{{Text: "Young people", Header: true}, {Text: count(a.Cohort)}, {Text: count(b.Cohort)}, {Text: signed(b.Cohort - a.Cohort)}})
	for _, m := range c.Measures() {
		row, _ := rateRow(m.What, m.Before, a.Cohort, m.Now, b.Cohort)
		t.Rows = append(t.Rows, row)
		why := whyRead{Words: m.Words()}
		for _, l := range m.Lines {
			why.Lines = append(why.Lines, Link{Text: l.Text, Href: asked.href(asked.path, shiftSlug(l.Shift)) + "#list"})
		}
		p.Why = append(p.Why, why)
	}
	p.Figures = &t
	p.Lists.Label = "Who differs"
	for _, one := range []struct {
		slug, words string
		n           int
	}{{"changed", "Differ", len(c.Changed)}, {"joined", "New", len(c.Joined)}, {"left", "No longer in it", len(c.Left)}} {
		p.Lists.Items = append(p.Lists.Items, Link{Text: one.words + " (" + count(one.n) + ")", Href: asked.href(asked.path, one.slug) + "#list", Current: one.slug == asked.list})
	}
}

func (s *Server) showCompared(r *http.Request, p *returnComparePage, c *returns.Comparison, asked compared) error {
	if access.May(actorOf(r), access.DownloadPeople) {
		p.File = asked.href(asked.path+".csv", "")
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
		if c.From.Moment != nil {
			p.Name = "In the return now, and not in it then"
		}
		if asked.list == "left" {
			people, p.Name = c.Left, "In the first return and no longer in the second"
			if c.From.Moment != nil {
				p.Name = "In the return then, and no longer in it"
			}
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
		if c.From.Moment != nil {
			p.Name = "In the return then and now, with something that differs"
		}
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
		return asked.href(asked.path, asked.list) + "&page=" + strconv.Itoa(n) + "#list"
	})
	if total == 0 {
		p.Nobody = &Empty{Title: "Nobody", Text: "There is nobody in this list."}
	} else {
		t.Caption = p.Name
		p.Table = &t
	}
	return nil
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
	e := s.edition()
	for _, p := range people {
		shown = append(shown, p.Now)
		for _, item := range p.Items {
			t.Rows = append(t.Rows, []Cell{comparedName(p.Now), {Text: nccis.FieldLabel(item.Field)}, {Text: orEmpty(itemWords(e, item.Field, item.Before))}, {Text: orEmpty(itemWords(e, item.Field, item.After))}, {Text: item.Learned.Words()}})
		}
	}
	return t, shown
}

// itemWords is what a file says in a data item, its code in words where it has
// one.
func itemWords(e *nccis.Edition, f nccis.Field, value string) string {
	lists := map[nccis.Field]nccis.List{nccis.Gender: nccis.Genders, nccis.Ethnicity: nccis.Ethnicities, nccis.LevelOfNeedCode: nccis.LevelsOfNeed, nccis.CharacteristicCode: nccis.Characteristics,
		nccis.CohortStatus: nccis.CohortStatuses, nccis.IntendedDestinationYr11: nccis.IntendedDestinations, nccis.Year11GuaranteeStatus: nccis.GuaranteeStatuses, nccis.Year12GuaranteeStatus: nccis.GuaranteeStatuses}
	list, coded := lists[f]
	switch {
	case value == "":
		return ""
	case f == nccis.ActivityCode:
		return activityWords(e, value)
	case !coded:
		return value
	}
	var words []string
	for _, code := range strings.Fields(value) { // characteristics come several at once
		words = append(words, codeWords(e, list, code))
	}
	return strings.Join(words, "; ")
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
	to := "now"
	if c.To.Return != nil {
		to = c.To.Period.String()
	}
	return s.sendChanges(w, r, c, "changes-"+c.From.Period.String()+"-"+to+".csv")
}

// sendChanges sends all that differs as a file of this name.
func (s *Server) sendChanges(w http.ResponseWriter, r *http.Request, c *returns.Comparison, name string) error {
	if err := s.Returns.Explain(r.Context(), actorOf(r), c, c.Changed); err != nil {
		return err
	}
	people := slices.Concat(c.Joined, c.Left)
	for _, p := range c.Changed {
		people = append(people, p.Now)
	}
	file := peopleFile{name, len(people), returns.ChangeHeads()}
	return s.sendPeople(w, r, file, func(write func(...string) error) error {
		if err := s.sawPeople(r, access.DownloadPeople, "return compare", people); err != nil {
			return err
		}
		return c.EachChange(write)
	})
}
