package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/list"
	"waymark/internal/nccis"
)

type listsPage struct {
	Page
	// Saved are the lists under a name, where none is asked for.
	Saved     *Table
	SavedNone *Empty
	Form      listForm
	Tags      FilterTags
	Count     string
	Table     *Table
	None      *Empty
	Pages     Pagination
	Links     []Link
	// Remove is the form by which its owner takes the list away.
	Remove *listRemove
	Past   *pastForm
}

type listRemove struct {
	Form *Form
	Href string
}

// listSize is how many one page shows.
const listSize = 50

// listRoutes are the lists by what is held, and those kept under a name.
func (s *Server) listRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/lists", Permission: access.ListPeople, Handler: s.listsPage, Nav: "Lists", Past: true},
		{Method: "GET", Pattern: "/lists.csv", Permission: access.DownloadPeople, Handler: s.listFile, Past: true},
		{Method: "GET", Pattern: "/lists/save", Permission: access.KeepList, Handler: s.saveListPage},
		{Method: "POST", Pattern: "/lists/save", Permission: access.KeepList, Handler: s.saveList},
		{Method: "GET", Pattern: "/lists/{ref}", Permission: access.KeepList, Handler: s.openList, Past: true},
		{Method: "GET", Pattern: "/lists/{ref}/change", Permission: access.KeepList, Handler: s.changeListPage},
		{Method: "POST", Pattern: "/lists/{ref}/change", Permission: access.KeepList, Handler: s.changeList},
		{Method: "POST", Pattern: "/lists/{ref}/remove", Permission: access.KeepList, Handler: s.removeList},
	}
}

// listAsked is a list as its address asks for it.
type listAsked struct {
	q      list.Question
	unread []string
	// saved is the list kept under a name from which it comes, if any.
	saved *list.Saved
}

func (s *Server) askedList(r *http.Request) (listAsked, error) {
	v := r.URL.Query()
	var a listAsked
	a.q, a.unread = list.Parse(v)
	var err error
	if a.q.KnownOn, err = s.knownOn(r); err != nil {
		return a, err
	}
	if ref := v.Get("list"); ref != "" {
		one, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(ref))
		if err != nil {
			return a, err
		}
		a.saved = &one
	}
	return a, nil
}

// href is the address of a list that asks something, as known on the same day.
func (a listAsked) href(path string, q list.Question, page int) string {
	v := q.Values()
	if a.saved != nil {
		v.Set("list", string(a.saved.Ref))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return asKnown(path+asQuery(v), q.KnownOn)
}

func (s *Server) listsPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	p := &listsPage{Page: Page{Title: "Lists", Lead: "Everybody of whom what you choose is so now.", KnownOn: a.q.KnownOn}, Past: s.pastForm(r, a.q.KnownOn)}
	if !a.q.KnownOn.IsZero() {
		p.Lead = "Everybody of whom what you choose was so on " + a.q.KnownOn.Words() + ", by what was known then."
	}
	for _, text := range a.unread {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "Not everything in the address was understood.", Text: text})
	}
	if p.Form, err = s.listForm(r, a); err != nil {
		return err
	}
	if len(a.q.Filters) == 0 {
		p.Form.Open = true
		if err := s.savedLists(r, p); err != nil {
			return err
		}
		return s.render(w, r, "lists", p)
	}
	p.Lead = ""
	if a.saved != nil {
		p.Title, p.Lead = "List", sharedWords(*a.saved, actorOf(r))
		p.Heading = a.saved.Name
	}
	if err := s.listTags(r, a, p); err != nil {
		return err
	}
	if err := s.listRows(r, a, p); err != nil {
		return err
	}
	s.listLinks(r, a, p)
	return s.render(w, r, "lists", p)
}

func (s *Server) listRows(r *http.Request, a listAsked, p *listsPage) error {
	number := max(1, atoi(r.URL.Query().Get("page")))
	found, err := s.Lists.Page(r.Context(), actorOf(r), a.q, (number-1)*listSize, listSize)
	if err != nil {
		return err
	}
	if len(found.Rows) == 0 && found.Total > 0 { // a page beyond the last
		number = (found.Total + listSize - 1) / listSize
		if found, err = s.Lists.Page(r.Context(), actorOf(r), a.q, (number-1)*listSize, listSize); err != nil {
			return err
		}
	}
	if found.Total == 0 {
		p.None = &Empty{Title: "Nobody fits", Text: "All of these together are so of nobody. Take one of them away above, or start again.", Link: &Link{Text: "Start again", Href: asKnown("/lists", a.q.KnownOn)}}
		if !a.q.KnownOn.IsZero() {
			p.None.Text = "Of nobody were all of these known to be so on " + a.q.KnownOn.Words() + ". Take one of them away above, or choose another day."
		}
		return nil
	}
	p.Count = showing(number, listSize, len(found.Rows), found.Total, "young person", "young people")
	t := s.listTable(a, found.Rows)
	p.Table = &t
	p.Pages = paginate(found.Total, listSize, number, func(n int) string { return a.href("/lists", a.q, n) })
	p.Skip = []Link{{Text: "Skip to the list", Href: "#list"}}
	return nil
}

// listLinks are what can be done with a list.
func (s *Server) listLinks(r *http.Request, a listAsked, p *listsPage) {
	by := actorOf(r)
	if p.Table != nil && access.May(by, access.DownloadPeople) {
		p.Links = append(p.Links, Link{Text: "Download as CSV", Href: a.href("/lists.csv", a.q, 0)})
	}
	if p.Table != nil && access.May(by, access.PlanVisits) && a.q.KnownOn.IsZero() {
		p.Links = append(p.Links, Link{Text: "Plan visits", Href: a.href("/visits/plan", a.q, 0)})
	}
	if access.May(by, access.KeepList) && a.q.KnownOn.IsZero() { // nothing is changed in the past
		fresh := listAsked{}
		p.Links = append(p.Links, Link{Text: "Keep this list under a name", Href: fresh.href("/lists/save", a.q, 0)})
	}
	if access.May(by, access.KeepCampaign) && a.q.KnownOn.IsZero() {
		fresh := listAsked{}
		p.Links = append(p.Links, Link{Text: "Make a campaign of this list", Href: fresh.href("/campaigns/new", a.q, 0)})
	}
	if access.May(by, access.DownloadPeople) {
		p.Links = append(p.Links, Link{Text: "Downloads", Href: "/downloads"})
	}
	p.Links = append(p.Links, Link{Text: "All lists", Href: asKnown("/lists", a.q.KnownOn)})
	if a.saved != nil && a.saved.Owner == by.Ref && a.q.KnownOn.IsZero() {
		p.Links = append(p.Links, Link{Text: "Change its name or who sees it", Href: "/lists/" + string(a.saved.Ref) + "/change"})
		p.Remove = &listRemove{Form: newForm(nil), Href: "/lists/" + string(a.saved.Ref) + "/remove"}
	}
}

// listHeads name the columns.
func listHead(c list.Column) string {
	return map[list.Column]string{list.ByName: "Name", list.ColBorn: "Born", list.ColArea: "Area", list.ColSituation: "What they do now", list.ColCounts: "Does it count?",
		list.ColAdviser: "Adviser", list.ColContact: "Last contact", list.ColVerified: "Last confirmed", list.ColLapses: "Lapses", list.ColNEET: "NEET since",
		list.ColCohort: "Cohort", list.ColLead: "Lead authority", list.ColSEND: "SEND", list.ColLevel: "Level of need", list.ColGender: "Gender", list.ColEthnicity: "Ethnicity"}[c]
}

func (s *Server) listTable(a listAsked, rows []list.Row) Table {
	t := Table{Caption: "Young people", Quiet: true}
	on := a.q.KnownOn
	for _, c := range append([]list.Column{list.ByName}, a.q.Columns...) {
		column := Column{Text: listHead(c)}
		if !on.IsZero() && c == list.ColSituation {
			column.Text = "What they did then"
		}
		if c.Sortable() {
			next := a.q
			next.Sort, next.Down = c, a.q.Sort == c && !a.q.Down
			column.Sort = a.href("/lists", next, 0)
			if a.q.Sort == c {
				column.Sorted = "ascending"
				if a.q.Down {
					column.Sorted = "descending"
				}
			}
		}
		t.Columns = append(t.Columns, column)
	}
	for _, row := range rows {
		if row.Locked {
			t.Rows = append(t.Rows, lockedCells(row.Row, len(t.Columns), ""))
			continue
		}
		cells := []Cell{{Header: true, Text: orText(row.Name(), "No name recorded"), Href: asKnown(personHref(row.Ref, ""), on), Note: row.YoungPersonsID}}
		for _, c := range a.q.Columns {
			cells = append(cells, s.listCell(c, row, s.todayOr(a.q.KnownOn)))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (s *Server) listCell(c list.Column, row list.Row, today civil.Date) Cell {
	e := s.edition()
	switch c {
	case list.ColBorn:
		if row.Born.IsZero() {
			return Cell{Text: "Not a date", Fault: true}
		}
		return Cell{Text: whole(row.Born.Words()), Note: shortAge(row.Born, today)}
	case list.ColArea:
		return Cell{Text: area(row.Postcode)}
	case list.ColSituation:
		return Cell{Text: orText(activityWords(e, row.Activity), "Nothing recorded"), Note: row.Establishment}
	case list.ColCounts:
		tag, until := currency(e, row.Activity, row.LapsesOn, row.NEETSince, today)
		return Cell{Tag: tag, Note: whole(until)}
	case list.ColAdviser:
		return Cell{Text: orText(row.Adviser, "Nobody")}
	case list.ColContact:
		return Cell{Text: orText(whole(row.LastContact.Words()), "Never")}
	case list.ColVerified:
		return Cell{Text: whole(row.VerifiedOn.Words())}
	case list.ColLapses:
		return Cell{Text: whole(row.LapsesOn.Words())}
	case list.ColNEET:
		return Cell{Text: whole(row.NEETSince.Words())}
	case list.ColCohort:
		return Cell{Text: cohortWords(e, row.CohortStatus)}
	case list.ColLead:
		return Cell{Text: row.LeadLA}
	case list.ColSEND:
		return Cell{Text: sendWords(sendOf(row))}
	case list.ColLevel:
		return Cell{Text: codeWords(e, nccis.LevelsOfNeed, row.Level)}
	case list.ColGender:
		return Cell{Text: codeWords(e, nccis.Genders, row.Gender)}
	}
	return Cell{Text: codeWords(e, nccis.Ethnicities, row.Ethnicity)}
}

func sendOf(row list.Row) string {
	switch {
	case row.SEND == "Y":
		return "ehcp"
	case row.SENSupport == "Y":
		return "support"
	}
	return "none"
}

// listFile is the list for a spreadsheet, with every column.
func (s *Server) listFile(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	if len(a.q.Filters) == 0 {
		http.Redirect(w, r, asKnown("/lists", a.q.KnownOn), http.StatusSeeOther)
		return nil
	}
	head := []string{"YoungPersonsID", "Given name", "Family name", "Date of birth", "Postcode", "Activity code", "Activity", "Where", "Counts", "Last confirmed", "Lapses", "NEET since",
		"Adviser", "Last contact", "Cohort status", "Lead authority", "SEND", "Level of need", "Gender", "Ethnicity"}
	e := s.edition()
	name := fmt.Sprintf("list-%s.csv", s.todayOr(a.q.KnownOn))
	if !a.q.KnownOn.IsZero() {
		name = fmt.Sprintf("list-as-known-on-%s.csv", a.q.KnownOn)
	}
	people, err := s.Lists.Count(r.Context(), actorOf(r), a.q)
	if err != nil {
		return err
	}
	return s.sendPeople(w, r, peopleFile{name, people, head}, func(write func(cells ...string) error) error {
		return s.Lists.All(r.Context(), actorOf(r), a.q, func(p list.Row) error {
			if p.Locked {
				return write(lockedLine(len(head))...)
			}
			if p.OptedOut {
				line := make([]string, len(head))
				copy(line, []string{p.YoungPersonsID, p.Given, p.Family, p.Born.String(), p.Postcode, "", "Withheld: they opted out"})
				return write(line...)
			}
			label := ""
			if one, ok := e.Activity(p.Activity); ok {
				label = one.Label
			}
			tag, _ := currency(e, p.Activity, p.LapsesOn, p.NEETSince, s.todayOr(a.q.KnownOn))
			return write(p.YoungPersonsID, p.Given, p.Family, p.Born.String(), p.Postcode, p.Activity, label, p.Establishment, tag.Text, p.VerifiedOn.String(), p.LapsesOn.String(), p.NEETSince.String(),
				p.Adviser, p.LastContact.String(), p.CohortStatus, p.LeadLA, sendWords(sendOf(p)), p.Level, p.Gender, p.Ethnicity)
		})
	})
}

// openList leads from a list's own address to what it asks, which can be
// narrowed and sorted there.
func (s *Server) openList(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	one, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	v := url.Values{}
	for key, values := range one.Asks {
		v[key] = values
	}
	v.Set("list", string(one.Ref))
	http.Redirect(w, r, asKnown("/lists"+asQuery(v), on), http.StatusSeeOther)
	return nil
}
