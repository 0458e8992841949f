package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/returns"
)

type movementsPage struct {
	Page
	Ways    SubNavigation
	None    *Empty
	Figures Table
	Lists   SubNavigation
	Name    string
	Words   string
	Shown   string
	Table   *Table
	Nobody  *Empty
	Pages   Pagination
	File    string
}

// movementList is one kind of movement: who they are, or whom the file lacks.
type movementList struct {
	slug, name, means string
	in                []*returns.Person
	out               []returns.LeftOut
}

func (l movementList) n() int { return len(l.in) + len(l.out) }

func movementLists(m *returns.Movement) []movementList {
	return []movementList{
		{slug: "joined", name: "New in the return", means: "In this return and not in the last one.", in: m.Joined},
		{slug: "leaving", name: "Leaving", means: "Reported in this return, once, as having left.", in: m.Leaving},
		{slug: "missing", name: "No longer in it", means: "In the last return, not in this one, and not reported as having left.", out: m.Missing},
		{slug: "neet", name: "Became NEET", means: "Not in education, employment or training now, and were not in the last return.", in: m.NEETJoined},
		{slug: "no-longer-neet", name: "No longer NEET", means: "Were not in education, employment or training in the last return, and are not so counted now.", in: m.NEETLeft},
	}
}

// flagged is by how many tenths of a percentage point a rate may move before
// the page asks why.
const flagged = 20

// rateRow is one rate in both returns; wide says that it moved more than two
// points.
func rateRow(words string, before, beforeOf, now, nowOf int) (row []Cell, wide bool) {
	row = []Cell{{Text: words, Header: true}, {Text: percent(before, beforeOf), Note: count(before)}, {Text: percent(now, nowOf), Note: count(now)}}
	if beforeOf == 0 || nowOf == 0 {
		return append(row, Cell{Text: "–"}), false
	}
	points := 1000*float64(now)/float64(nowOf) - 1000*float64(before)/float64(beforeOf)
	change := Cell{Text: minus(fmt.Sprintf("%+.1f points", points/10))}
	if math.Abs(points) < 0.5 {
		change.Text = "0.0 points"
	}
	if wide = points > flagged || points < -flagged; wide {
		change.Tag = &Tag{Text: "Ask why", Colour: "orange"}
	}
	return append(row, change), wide
}

// signed is a difference as people write it: "+109", "−2,644".
func signed(n int) string {
	if n > 0 {
		return "+" + count(n)
	}
	return minus(count(n))
}

// minus writes the sign that is as wide as a plus.
func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// figuresTable compares a draft's numbers with the last return. wide says that
// something moved by more than two points or three per cent.
func figuresTable(m *returns.Movement, now returns.Totals) (t Table, wide bool) {
	before := m.Against.Totals
	t = Table{Caption: "Against " + m.Against.Period.Words(), Columns: []Column{{Text: "What"}, {Text: m.Against.Period.Words(), Numeric: true},
		{Text: "This return", Numeric: true}, {Text: "Change", Numeric: true}}}
	shift := Cell{Text: signed(m.Now.Cohort - m.Before.Cohort), Note: minus(fmt.Sprintf("%+.1f%%", float64(m.Shift)/10))}
	if wide = m.Warn(); wide {
		shift.Tag = &Tag{Text: "Ask why", Colour: "orange"}
	}
	t.Rows = append(t.Rows, []Cell{{Text: "Academic age 16 and 17", Header: true}, {Text: count(m.Before.Cohort)}, {Text: count(m.Now.Cohort)}, shift})
	for _, one := range []struct {
		words       string
		before, now int
	}{{"of them in education, employment or training", m.Before.EET, m.Now.EET}, {"of them not in education, employment or training", m.Before.NEET, m.Now.NEET}, {"of them not known", m.Before.NotKnown, m.Now.NotKnown}} {
		row, far := rateRow(one.words, one.before, m.Before.Cohort, one.now, m.Now.Cohort)
		t.Rows = append(t.Rows, row)
		wide = wide || far
	}
	for _, one := range []struct {
		words       string
		before, now int
	}{{"Everybody in the file", before.Records, now.Records}, {"Reported as having left", before.Leavers, now.Leavers}, {"With a plan", before.Plans, now.Plans}, {"No longer current", before.Lapsed, now.Lapsed}} {
		t.Rows = append(t.Rows, []Cell{{Text: one.words, Header: true}, {Text: count(one.before)}, {Text: count(one.now)}, {Text: signed(one.now - one.before)}})
	}
	return t, wide
}

func (s *Server) movementsPage(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	move, err := s.Returns.Movements(r.Context(), actorOf(r), d)
	if err != nil {
		return err
	}
	p := &movementsPage{Page: s.head(m, "What moved in "+m.name(s.today())), Ways: m.ways("movements")}
	if move.Against == nil {
		p.None = &Empty{Title: "There is nothing to compare with", Text: "No return of an earlier month was signed here. From the next month on this page says who came, who went, and what changed."}
		return s.render(w, r, "return_movements", p)
	}
	p.Figures, _ = figuresTable(move, d.Totals)
	if move.Rollover {
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "A new academic year began in between.", Text: "One year group has come and one has gone, so large movements are expected."})
	}
	chosen := r.URL.Query().Get("list")
	lists := movementLists(move)
	l := lists[0]
	p.Lists.Label = "Who moved"
	for i := range lists {
		if lists[i].slug == chosen {
			l = lists[i]
		}
	}
	for _, one := range lists {
		p.Lists.Items = append(p.Lists.Items, Link{Text: one.name + " (" + count(one.n()) + ")", Href: m.href("movements", "list", one.slug) + "#list", Current: one.slug == l.slug})
	}
	return s.showMovement(w, r, p, m, d, l)
}

func (s *Server) showMovement(w http.ResponseWriter, r *http.Request, p *movementsPage, m monthly, d *returns.Draft, l movementList) error {
	page := pageOf(r, l.n(), listPage)
	from, to := min((page-1)*listPage, l.n()), min(page*listPage, l.n())
	var t Table
	if l.out != nil {
		var err error
		if t, err = s.leftOutTable(r, l.out[from:to], "return movements"); err != nil {
			return err
		}
	} else {
		if err := s.sawPeople(r, access.SeeReturn, "return movements", l.in[from:to]); err != nil {
			return err
		}
		t = inFileTable(d, l.in[from:to])
	}
	keepDayIn(&t, m.on)
	t.Caption = l.name
	p.Name, p.Words = l.name, l.means
	p.Shown = showing(page, listPage, to-from, l.n(), "person", "people")
	p.Pages = paginate(l.n(), listPage, page, m.pageHref("movements", "list", l.slug))
	if l.n() == 0 {
		p.Nobody = &Empty{Title: "Nobody", Text: l.means}
		return s.render(w, r, "return_movements", p)
	}
	p.Table = &t
	if access.May(actorOf(r), access.DownloadPeople) {
		p.File = m.href("movements/" + l.slug + "/people.csv")
	}
	return s.render(w, r, "return_movements", p)
}

func (s *Server) movementFile(w http.ResponseWriter, r *http.Request) error {
	d, m, err := s.draftOf(r)
	if err != nil {
		return err
	}
	move, err := s.Returns.Movements(r.Context(), actorOf(r), d)
	if err != nil {
		return err
	}
	name := "movements-" + m.period.String() + "-"
	for _, l := range movementLists(move) {
		if l.slug != r.PathValue("list") {
			continue
		}
		if l.out != nil {
			return s.leftOutFile(w, r, l.out, name+l.slug)
		}
		return s.returnPeople(w, r, d, l.in, name+l.slug)
	}
	return errNoPage
}

type sentFiguresPage struct {
	Page
	Table Table
	None  *Empty
	File  string
}

// sentFiguresPage is what was sent, in numbers: nobody is named.
func (s *Server) sentFiguresPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Returns.Figures(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &sentFiguresPage{Page: Page{Title: "Figures that were sent", Back: &Link{Text: "Figures", Href: "/figures"}, Lead: "Academic age 16 and 17, as the monthly returns that were sent say it."}, Table: sentFigures(list, s.today(), access.May(actorOf(r), access.SeeReturn)), File: "/figures/sent.csv"}
	if len(list) == 0 {
		p.None = &Empty{Title: "No return has been sent yet", Text: "Once one has been, its figures stand here, month by month."}
	}
	return s.render(w, r, "figures_sent", p)
}

// sentFigures is what was sent, month by month. why adds the way to what was
// learned since, person by person.
func sentFigures(list []*returns.Return, today civil.Date, why bool) Table {
	t := Table{Caption: "By month", Quiet: true, Columns: []Column{{Text: "Month"}, {Text: "Young people", Numeric: true}, {Text: "In education, employment or training", Numeric: true},
		{Text: "NEET", Numeric: true}, {Text: "Not known", Numeric: true}, {Text: "Counted now"}}}
	if why {
		t.Columns = append(t.Columns, Column{Text: "Why it differs"})
	}
	for _, one := range list {
		rates := one.Totals.Rates
		month := Cell{Text: one.Period.Words(), Header: true}
		if one.Period.End().After(today) {
			month.Note = "Not yet over"
		}
		hidden := "(" + one.Period.Words() + ")"
		row := []Cell{month, {Text: count(rates.Cohort)}, {Text: percent(rates.EET, rates.Cohort), Note: count(rates.EET)},
			{Text: percent(rates.NEET, rates.Cohort), Note: count(rates.NEET)}, {Text: percent(rates.NotKnown, rates.Cohort), Note: count(rates.NotKnown)},
			{Text: "Figures", Hidden: hidden, Href: "/figures?period=" + one.Period.String() + "#sent"}}
		if why {
			row = append(row, Cell{Text: "Person by person", Hidden: hidden, Href: whyLink(one).Href})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *Server) sentFiguresFile(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Returns.Figures(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return sendCSV(w, "figures-sent.csv", []string{"month", "authorities", "young people", "in education, employment or training", "NEET", "not known"}, func(write func(...string) error) error {
		for _, one := range list {
			t := one.Totals.Rates
			if err := write(one.Period.String(), strings.Join(one.Authorities, " "), strconv.Itoa(t.Cohort), strconv.Itoa(t.EET), strconv.Itoa(t.NEET), strconv.Itoa(t.NotKnown)); err != nil {
				return err
			}
		}
		return nil
	})
}
