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
	"waymark/internal/due"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

type dueListPage struct {
	Page
	// Windows are how many are due, by when, each with the way to its list.
	Windows []Stat
	Whose   SubNavigation
	Chosen  FilterTags
	Count   string
	Table   *Table
	Empty   *Empty
	Pages   Pagination
	Links   []Link
	Past    *pastForm
}

type dueByPage struct {
	Page
	Ways  SubNavigation
	Table *Table
	None  *Empty
	Past  *pastForm
}

// dueRoutes are what is due, and what follows from it.
func (s *Server) dueRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/due", Permission: access.ListPeople, Handler: s.dueListPage, Nav: "Due", Past: true},
		{Method: "GET", Pattern: "/due/by", Permission: access.ListPeople, Handler: s.dueByPage, Past: true},
		{Method: "GET", Pattern: "/due.csv", Permission: access.DownloadPeople, Handler: s.dueFile, Past: true},
		{Method: "GET", Pattern: "/lapsing", Permission: access.ListPeople, Handler: s.dueOnceLapsing, Past: true},
	}
}

// askedDue reads the address: 30 days ahead unless a window is named, from today
// or from the day whose knowledge is shown.
func (s *Server) askedDue(r *http.Request) (due.Question, error) {
	v := r.URL.Query()
	on, err := s.knownOn(r)
	return due.Question{On: s.todayOr(on), KnownOn: on, Window: due.Window(v.Get("window")), Adviser: v.Get("adviser"), School: v.Get("school"), Activity: v.Get("activity")}, err
}

func dueHref(path string, q due.Question) string {
	v := url.Values{}
	for name, value := range map[string]string{"window": string(q.Window), "adviser": q.Adviser, "school": q.School, "activity": q.Activity} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return asKnown(path+asQuery(v), q.KnownOn)
}

// dueOnceLapsing leads from the address that these lists had once, which stands
// in calendars and bookmarks, to theirs.
func (s *Server) dueOnceLapsing(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	v := r.URL.Query()
	q := due.Question{KnownOn: on, Window: due.Window(v.Get("within")), Adviser: strings.TrimPrefix(v.Get("adviser"), "name:"), School: strings.TrimPrefix(v.Get("school"), "name:")}
	if !slices.Contains(due.Windows(), q.Window) {
		q.Window = ""
	}
	if v.Get("whose") == "mine" {
		q.Adviser = "me"
	}
	http.Redirect(w, r, dueHref("/due", q), http.StatusSeeOther)
	return nil
}

// dueListPage lists who is due within a window, with the reason in words.
func (s *Server) dueListPage(w http.ResponseWriter, r *http.Request) error {
	by := actorOf(r)
	q, err := s.askedDue(r)
	if err != nil {
		return err
	}
	all, groups, err := s.Due.Counts(r.Context(), by, q, due.ByAdviser)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("window") == "" {
		q.Window = opensWith(all.Due)
	}
	p := &dueListPage{Page: Page{Title: "What is due", Lead: "Confirm what they do before it lapses: the day after, they count as not known.", KnownOn: q.KnownOn}, Past: s.pastForm(r, q.KnownOn)}
	if !q.KnownOn.IsZero() {
		p.Lead = "Who had to be confirmed from " + q.On.Words() + " on, by what was known then."
	}
	for i, window := range due.Windows() {
		one := q
		one.Window = window
		stat := Stat{Number: count(all.Due[i]), Words: window.Words(q.On), Href: dueHref("/due", one), Current: window == q.Within()}
		if window == due.Overdue {
			stat.Note = "lapsed already"
		} else {
			stat.Note = "until " + whole(window.Until(q.On).Words())
		}
		p.Windows = append(p.Windows, stat)
	}
	s.dueNarrowed(p, q, groups, by)
	number := max(1, atoi(r.URL.Query().Get("page")))
	found, err := s.Due.Page(r.Context(), by, q, (number-1)*listSize, listSize)
	if err != nil {
		return err
	}
	p.Links = append(p.Links, Link{Text: "Count by adviser, school or activity", Href: asKnown("/due/by", q.KnownOn)})
	if len(found.Items) == 0 {
		p.Empty = &Empty{Title: "Nobody is due", Text: "Nothing lapses " + dueUntil(q) + ".", Link: &Link{Text: "Look 90 days ahead", Href: dueHref("/due", due.Question{Window: due.Days90, KnownOn: q.KnownOn})}}
		return s.render(w, r, "due", p)
	}
	p.Count = q.Within().Words(q.On) + ": " + showing(number, listSize, len(found.Items), found.Total, "young person", "young people")
	t := s.dueTable(r, q, found.Items)
	p.Table = &t
	p.Pages = paginate(found.Total, listSize, number, func(n int) string {
		return addQuery(dueHref("/due", q), "page", strconv.Itoa(n))
	})
	p.Links = append([]Link{{Text: "Open as a list, to keep it or hand it on", Href: asKnown("/lists"+asQuery(q.List().Values()), q.KnownOn)}}, p.Links...)
	if access.May(by, access.DownloadPeople) {
		p.Links = append([]Link{{Text: "Download this list (CSV)", Href: dueHref("/due.csv", q)}}, p.Links...)
	}
	return s.render(w, r, "due", p)
}

// opensWith is the window that is shown unless one is asked for: the next 30 days,
// or those overdue where nobody is due by then.
func opensWith(counts []int) due.Window {
	all := due.Windows()
	if counts[slices.Index(all, due.Days30)] == 0 && counts[slices.Index(all, due.Overdue)] > 0 {
		return due.Overdue
	}
	return due.Days30
}

func dueUntil(q due.Question) string {
	if q.Window == due.Overdue {
		return "that has not been confirmed since"
	}
	return "by " + q.Until().Words()
}

// dueNarrowed shows what the list was narrowed to, each with the way to take it
// away.
func (s *Server) dueNarrowed(p *dueListPage, q due.Question, groups []due.Group, by access.Actor) {
	p.Chosen.Label = "Shown are those of"
	add := func(value, words string, without due.Question) {
		if value != "" {
			p.Chosen.Chosen = append(p.Chosen.Chosen, Link{Text: words, Href: dueHref("/due", without)})
		}
	}
	one := q
	one.Adviser = ""
	name := "one adviser"
	for _, g := range groups {
		if g.Key == q.Adviser && g.Name != "" {
			name = g.Name
		}
	}
	switch q.Adviser {
	case "me":
		name = "you"
	case "none":
		name = "nobody yet"
	}
	add(q.Adviser, "Adviser: "+name, one)
	one = q
	one.School = ""
	add(q.School, "Where: "+s.schoolName(q.School), one)
	one = q
	one.Activity = ""
	add(q.Activity, activityWords(s.edition(), q.Activity), one)
	everybody, mine := q, q
	everybody.Adviser, mine.Adviser = "", "me"
	if access.May(by, access.RecordActivity) {
		p.Whose = SubNavigation{Label: "Whose", Items: []Link{{Text: "Everybody’s", Href: dueHref("/due", everybody), Current: q.Adviser == ""}, {Text: "Mine", Href: dueHref("/due", mine), Current: q.Adviser == "me"}}}
	}
}

// schoolName is what the key of a school is called, as far as the key says it.
func (s *Server) schoolName(key string) string {
	if key == "none" {
		return "not recorded"
	}
	return key
}

func (s *Server) dueTable(r *http.Request, q due.Question, items []due.Item) Table {
	e := s.edition()
	t := Table{Caption: "Who is due", Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Why"}, {Text: "Situation"}, {Text: "Last confirmed"}, {Text: "Adviser"}}}
	confirm := q.KnownOn.IsZero() && access.May(actorOf(r), access.RecordActivity)
	if confirm {
		t.Columns = append(t.Columns, Column{Text: "Do"})
	}
	back := dueHref("/due", q)
	for _, one := range items {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row.Row, len(t.Columns), ""))
			continue
		}
		cells := []Cell{
			{Header: true, Text: orText(one.Name(), "No name recorded"), Href: asKnown(personHref(one.Ref, ""), q.KnownOn), Note: shortAge(one.Born, q.On)},
			{Text: one.Reason, Note: dueIn(one.LapsesOn, q.On)},
			{Text: activityWords(e, one.Activity), Note: one.Establishment},
			{Text: whole(one.VerifiedOn.Words())},
			{Text: one.Adviser},
		}
		if confirm {
			cells = append(cells, confirmCell(one.Row.Row, back))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// confirmCell is the way to confirm what somebody does, and back.
func confirmCell(row record.Row, back string) Cell {
	return Cell{Text: "Confirm", Hidden: row.Name(), Href: personHref(row.Ref, "activity/confirm") + asQuery(map[string][]string{"back": {back}})}
}

// dueIn says how far off a day is, or how long ago.
func dueIn(day, from civil.Date) string {
	switch n := day.DaysSince(from); {
	case day.IsZero():
		return ""
	case n == -1:
		return "yesterday was the last day"
	case n < 0:
		return plural(-n, "day ago", "days ago")
	default:
		return inDays(n)
	}
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

// dueByPage counts who is due in each window, by adviser, school or activity.
func (s *Server) dueByPage(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	q, by := due.Question{On: s.todayOr(on), KnownOn: on}, actorOf(r)
	way := due.By(r.URL.Query().Get("of"))
	words := map[due.By][2]string{due.ByAdviser: {"Adviser", "Nobody yet"}, due.BySchool: {"School, college or employer", "None recorded"}, due.ByActivity: {"Situation", "Not recorded"}}
	if _, ok := words[way]; !ok {
		way = due.ByAdviser
	}
	all, groups, err := s.Due.Counts(r.Context(), by, q, way)
	if err != nil {
		return err
	}
	p := &dueByPage{Page: Page{Title: "What is due, by " + string(way), Section: "/due", Back: &Link{Text: "What is due", Href: asKnown("/due", on)}, Lead: "How many are due within each time. A nearer one is part of a wider one.", KnownOn: on},
		Ways: SubNavigation{Label: "Count by"}, Past: s.pastForm(r, on)}
	for _, one := range due.Ways() {
		p.Ways.Items = append(p.Ways.Items, Link{Text: "By " + string(one), Href: asKnown("/due/by?of="+string(one), on), Current: one == way})
	}
	if len(groups) == 0 {
		p.None = &Empty{Title: "Nobody is due", Text: "Every situation that can lapse is confirmed beyond " + due.Days90.Until(q.On).Words() + ".", Link: &Link{Text: "What is due", Href: asKnown("/due", on)}}
		return s.render(w, r, "due_by", p)
	}
	t := Table{Caption: "Who is due", Quiet: true, Columns: []Column{{Text: words[way][0]}}}
	for _, window := range due.Windows() {
		t.Columns = append(t.Columns, Column{Text: window.Words(q.On), Numeric: true})
	}
	for _, g := range groups {
		one := q
		switch way {
		case due.ByAdviser:
			one.Adviser = g.Key
		case due.BySchool:
			one.School = g.Key
		case due.ByActivity:
			one.Activity = g.Key
		}
		t.Rows = append(t.Rows, dueCells(one, orText(g.Name, words[way][1]), g.Due))
	}
	t.Rows = append(t.Rows, dueCells(q, "All together", all.Due))
	p.Table = &t
	return s.render(w, r, "due_by", p)
}

// dueCells are counts with the ways to who they are.
func dueCells(q due.Question, name string, counts []int) []Cell {
	cells := []Cell{{Header: true, Text: name}}
	for i, window := range due.Windows() {
		q.Window = window
		cell := Cell{Text: count(counts[i])}
		if counts[i] > 0 {
			cell.Hidden, cell.Href = fmt.Sprintf("%s, %s", window.Words(q.On), name), dueHref("/due", q)
		}
		cells = append(cells, cell)
	}
	return cells
}

// dueFile is a due list for a spreadsheet.
func (s *Server) dueFile(w http.ResponseWriter, r *http.Request) error {
	q, err := s.askedDue(r)
	if err != nil {
		return err
	}
	total, err := s.Lists.Count(r.Context(), actorOf(r), q.List())
	if err != nil {
		return err
	}
	e := s.edition()
	name := fmt.Sprintf("due-%s-%s.csv", q.On, orText(string(q.Window), string(due.Days30)))
	return s.sendPeople(w, r, peopleFile{name, total, due.Columns()}, func(write func(cells ...string) error) error {
		return s.Due.All(r.Context(), actorOf(r), q, func(one due.Item) error {
			if one.Locked {
				return write(lockedLine(len(due.Columns()))...)
			}
			return write(one.Cells(e.Label(nccis.CohortStatuses, one.CohortStatus))...)
		})
	})
}
