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
	"waymark/internal/db"
	"waymark/internal/register"
	"waymark/internal/returns"
)

// monthly is the return that an address is about: a month, and some of the
// register's authorities where it has several. None is all of them.
type monthly struct {
	period      civil.Month
	authorities []string
	register    register.Register
	// on is the day whose knowledge is asked for; no date is now.
	on civil.Date
}

// monthly reads the address. A month that has not begun has no return, and
// neither has an authority that is not the register's.
func (s *Server) monthly(r *http.Request) (monthly, error) {
	m := monthly{}
	var err error
	if m.period, err = civil.ParseMonth(r.PathValue("period")); err != nil || m.period.First().After(s.today()) {
		return m, db.NotFound
	}
	if m.register, err = s.Registers.Get(r.Context(), s.Register); err != nil {
		return m, err
	}
	if s.asksPast(r) {
		if m.on, err = s.knownOn(r); err != nil {
			return m, err
		}
	}
	codes := m.register.Codes()
	for _, code := range r.URL.Query()["authority"] {
		if !slices.Contains(codes, code) {
			return m, db.NotFound
		}
		m.authorities = append(m.authorities, code)
	}
	slices.Sort(m.authorities)
	if m.authorities = slices.Compact(m.authorities); len(m.authorities) == len(codes) {
		m.authorities = nil
	}
	return m, nil
}

// href is an address about this return. more are pairs of a name and a value;
// empty values are left out.
func (m monthly) href(tail string, more ...string) string {
	q := url.Values{}
	for _, code := range m.authorities {
		q.Add("authority", code)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	if !m.on.IsZero() {
		q.Set("known-on", m.on.String())
	}
	path := "/returns/" + m.period.String()
	if tail != "" {
		path += "/" + tail
	}
	return path + asQuery(q)
}

// pageHref gives the addresses of a list's pages.
func (m monthly) pageHref(tail string, more ...string) func(int) string {
	return func(n int) string { return m.href(tail, append(more, "page", strconv.Itoa(n))...) + "#list" }
}

// name is "October’s return", with the year where it is not this one's.
func (m monthly) name(today civil.Date) string { return returnName(m.period, today) }

func returnName(month civil.Month, today civil.Date) string {
	if today.DaysSince(month.End()) > 300 {
		return fmt.Sprintf("%s’s return of %d", month.Month, month.Year)
	}
	return month.Month.String() + "’s return"
}

// whose is the authorities in words, empty where the register has one.
func (m monthly) whose() string {
	all := m.register.Authorities
	if len(all) < 2 {
		return ""
	}
	if m.authorities == nil {
		return fmt.Sprintf("One file for all %d authorities", len(all))
	}
	var names []string
	for _, a := range all {
		if slices.Contains(m.authorities, a.Code) {
			names = append(names, a.Name)
		}
	}
	return strings.Join(names, ", ")
}

// ways are the pages of one return.
func (m monthly) ways(here string) SubNavigation {
	nav := SubNavigation{Label: "Pages of this return"}
	for _, one := range []struct{ text, tail string }{{"What is wrong", ""}, {"Who is in", "people"}, {"What moved", "movements"}, {"What changed lately", "changes"}, {"Sign off and send", "sign"}} {
		if (one.tail == "sign" || one.tail == "changes") && !m.on.IsZero() {
			continue // nobody signs in the past, and what changed is told up to now
		}
		nav.Items = append(nav.Items, Link{Text: one.text, Href: m.href(one.tail), Current: one.tail == here})
	}
	return nav
}

// head is what the pages of one return have in common.
func (s *Server) head(m monthly, title string) Page {
	return Page{Title: title, Caption: m.whose(), Section: "/returns", KnownOn: m.on, Crumbs: []Link{{Text: "Returns", Href: "/returns"}, {Text: m.period.Words(), Href: m.href("")}}}
}

// dueWords is how much time is left to send a month's return: "9 days to send
// it".
func dueWords(month civil.Month, today civil.Date) (words, tone string) {
	due := returns.Due(month)
	switch days := due.DaysSince(today); {
	case !today.After(month.End()):
		return "the month ends on " + month.End().Words(), ""
	case days > 1:
		tone := ""
		if days < 4 {
			tone = "warn"
		}
		return fmt.Sprintf("%d days to send it", days), tone
	case days == 1:
		return "1 day to send it", "warn"
	case days == 0:
		return "due today", "warn"
	default:
		return plural(-days, "day late", "days late"), "bad"
	}
}

// stateTag is how far a return has come.
func stateTag(state returns.State) *Tag {
	colour := map[returns.State]string{returns.SignedOnce: "yellow", returns.Signed: "blue", returns.Sent: "blue", returns.Accepted: "green",
		returns.Rejected: "red", returns.Superseded: "grey", returns.Lapsed: "grey"}[state]
	return &Tag{Text: capital(string(state)), Colour: colour}
}

type returnsPage struct {
	Page
	Table Table
	Pages Pagination
}

// returnMonths is how many months without a return are offered.
const returnMonths = 6

func (s *Server) returnsPage(w http.ResponseWriter, r *http.Request) error {
	list, reg, err := s.months(r)
	if err != nil {
		return err
	}
	today := s.today()
	next := returns.Next(list, reg.Codes(), today)
	words, _ := dueWords(next, today)
	page := pageOf(r, len(list), listPage)
	p := &returnsPage{Page: Page{Title: "Returns", Lead: "One file a month for the Department, made from what the register holds."},
		Table: returnsTable(list[(page-1)*listPage:min(page*listPage, len(list))], reg, today),
		Pages: paginate(len(list), listPage, page, func(n int) string { return "/returns?page=" + strconv.Itoa(n) })}
	p.Banners = append(p.Banners, Banner{Tone: "info", Strong: returnName(next, today) + ":", Text: words + "; due on " + returns.Due(next).Words() + ".",
		Link: &Link{Text: "Open " + returnName(next, today), Href: "/returns/" + next.String()}})
	return s.render(w, r, "returns", p)
}

func (s *Server) returnsFile(w http.ResponseWriter, r *http.Request) error {
	list, reg, err := s.months(r)
	if err != nil {
		return err
	}
	return sendTable(w, "returns.csv", returnsTable(list, reg, s.today()))
}

// months are the returns, the latest month first, with those of the last months
// that nobody has signed yet.
func (s *Server) months(r *http.Request) ([]*returns.Return, register.Register, error) {
	list, err := s.Returns.List(r.Context(), actorOf(r))
	if err != nil {
		return nil, register.Register{}, err
	}
	reg, err := s.Registers.Get(r.Context(), s.Register)
	if err != nil {
		return nil, reg, err
	}
	running := s.today().InMonth()
	for i := range returnMonths {
		month := running.Add(-i)
		if !slices.ContainsFunc(list, func(r *returns.Return) bool { return r.Period == month }) {
			list = append(list, &returns.Return{Period: month})
		}
	}
	slices.SortStableFunc(list, func(a, b *returns.Return) int { return strings.Compare(b.Period.String(), a.Period.String()) })
	return list, reg, nil
}

func returnsTable(list []*returns.Return, reg register.Register, today civil.Date) Table {
	t := Table{Caption: "Months", Quiet: true, Columns: []Column{{Text: "Month"}, {Text: "State"}, {Text: "People", Numeric: true}, {Text: "NEET", Numeric: true},
		{Text: "Not known", Numeric: true}, {Text: "Signed and sent"}}}
	for _, one := range list {
		t.Rows = append(t.Rows, returnRow(one, reg, today))
	}
	return t
}

func returnRow(one *returns.Return, reg register.Register, today civil.Date) []Cell {
	m := monthly{period: one.Period, register: reg}
	if len(one.Authorities) < len(reg.Authorities) {
		m.authorities = one.Authorities
	}
	month := Cell{Text: one.Period.Words(), Href: m.href(""), Header: true, Note: m.whose()}
	if one.State == "" {
		words := "Nobody has signed it"
		if one.Period == today.InMonth() {
			words = "The month is not over"
		}
		month.Note = ""
		return []Cell{month, {Tag: &Tag{Text: "Draft", Colour: "grey"}}, {}, {}, {}, {Text: words}}
	}
	if one.Version > 1 {
		month.Note = strings.TrimSpace(month.Note + " Version " + strconv.Itoa(one.Version))
	}
	rates := one.Totals.Rates
	last := one.Steps[len(one.Steps)-1]
	return []Cell{month, {Tag: stateTag(one.State)}, {Text: count(one.Totals.Records)}, {Text: percent(rates.NEET, rates.Cohort)},
		{Text: percent(rates.NotKnown, rates.Cohort)}, {Text: capital(string(last.State)) + " by " + last.Name, Note: moment(last.At)}}
}

// mayMend says that the reader can mend what is wrong.
func mayMend(r *http.Request) bool { return access.May(actorOf(r), access.CorrectPerson) }
