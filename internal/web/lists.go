package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/act"
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
		{Method: "GET", Pattern: "/lists", Permission: access.SeePerson, Handler: s.listsPage, Nav: "Lists"},
		{Method: "GET", Pattern: "/lists.csv", Permission: access.DownloadPeople, Handler: s.listFile},
		{Method: "GET", Pattern: "/lists/save", Permission: access.KeepList, Handler: s.saveListPage},
		{Method: "POST", Pattern: "/lists/save", Permission: access.KeepList, Handler: s.saveList},
		{Method: "GET", Pattern: "/lists/{ref}", Permission: access.KeepList, Handler: s.openList},
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
	if ref := v.Get("list"); ref != "" {
		one, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(ref))
		if err != nil {
			return a, err
		}
		a.saved = &one
	}
	return a, nil
}

// href is the address of a list that asks something.
func (a listAsked) href(path string, q list.Question, page int) string {
	v := q.Values()
	if a.saved != nil {
		v.Set("list", string(a.saved.Ref))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return path + asQuery(v)
}

func (s *Server) listsPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	p := &listsPage{Page: Page{Title: "Lists", Lead: "Everybody of whom what you choose is so now."}}
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
		p.None = &Empty{Title: "Nobody fits", Text: "Of nobody in the register are all of these so now. Take one of them away above, or start again.", Link: &Link{Text: "Start again", Href: "/lists"}}
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
	if access.May(by, access.KeepList) {
		fresh := listAsked{}
		p.Links = append(p.Links, Link{Text: "Keep this list under a name", Href: fresh.href("/lists/save", a.q, 0)})
	}
	p.Links = append(p.Links, Link{Text: "All lists", Href: "/lists"})
	if a.saved != nil && a.saved.Owner == by.Ref {
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
	for _, c := range append([]list.Column{list.ByName}, a.q.Columns...) {
		column := Column{Text: listHead(c)}
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
		cells := []Cell{{Header: true, Text: orText(row.Name(), "No name recorded"), Href: personHref(row.Ref, ""), Note: row.YoungPersonsID}}
		for _, c := range a.q.Columns {
			cells = append(cells, s.listCell(c, row))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (s *Server) listCell(c list.Column, row list.Row) Cell {
	e, today := s.edition(), s.today()
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
		http.Redirect(w, r, "/lists", http.StatusSeeOther)
		return nil
	}
	head := []string{"YoungPersonsID", "Given name", "Family name", "Date of birth", "Postcode", "Activity code", "Activity", "Where", "Counts", "Last confirmed", "Lapses", "NEET since",
		"Adviser", "Last contact", "Cohort status", "Lead authority", "SEND", "Level of need", "Gender", "Ethnicity"}
	e := s.edition()
	return sendCSV(w, fmt.Sprintf("list-%s.csv", s.today()), head, func(write func(cells ...string) error) error {
		return s.Lists.All(r.Context(), actorOf(r), a.q, func(p list.Row) error {
			label := ""
			if one, ok := e.Activity(p.Activity); ok {
				label = one.Label
			}
			tag, _ := currency(e, p.Activity, p.LapsesOn, p.NEETSince, s.today())
			return write(p.YoungPersonsID, p.Given, p.Family, p.Born.String(), p.Postcode, p.Activity, label, p.Establishment, tag.Text, p.VerifiedOn.String(), p.LapsesOn.String(), p.NEETSince.String(),
				p.Adviser, p.LastContact.String(), p.CohortStatus, p.LeadLA, sendWords(sendOf(p)), p.Level, p.Gender, p.Ethnicity)
		})
	})
}

// openList leads from a list's own address to what it asks, which can be
// narrowed and sorted there.
func (s *Server) openList(w http.ResponseWriter, r *http.Request) error {
	one, err := s.Lists.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	v := url.Values{}
	for key, values := range one.Asks {
		v[key] = values
	}
	v.Set("list", string(one.Ref))
	http.Redirect(w, r, "/lists"+asQuery(v), http.StatusSeeOther)
	return nil
}

type saveListPage struct {
	Page
	Form   *Form
	Asks   string
	Tags   FilterTags
	Name   Input
	Shared Choice
}

func (s *Server) saveListPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.askedList(r)
	if err != nil {
		return err
	}
	if len(a.q.Filters) == 0 {
		http.Redirect(w, r, "/lists", http.StatusSeeOther)
		return nil
	}
	return s.showSaveList(w, r, newForm(map[string]string{"asks": a.q.Values().Encode()}))
}

func (s *Server) showSaveList(w http.ResponseWriter, r *http.Request, form *Form) error {
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	a := listAsked{}
	a.q, _ = list.Parse(asks)
	inner := &listsPage{}
	if err := s.listTags(r, a, inner); err != nil {
		return err
	}
	shared := Choice{Name: "shared", Label: "Who sees it?", Options: []Option{{Value: "", Text: "Only me"}}}
	for _, with := range list.SharedWith() {
		shared.Options = append(shared.Options, Option{Value: with, Text: withWords(with)})
	}
	if !form.values.Has("shared") {
		form.values.Set("shared", "")
	}
	p := &saveListPage{Page: Page{Title: "Keep a list under a name", Errors: form.Errors, Section: "/lists", Back: &Link{Text: "Back to the list", Href: a.href("/lists", a.q, 0)},
		Lead: "What it asks is kept, not whom it shows: it is worked out anew each time."}, Form: form, Asks: a.q.Values().Encode(),
		Name: form.Input(Input{Name: "name", Label: "Name of the list", Hint: "Name no young person in it. For example, Year 12 not known"}), Shared: form.Choice(shared)}
	for _, one := range inner.Tags.Chosen {
		p.Tags.Chosen = append(p.Tags.Chosen, Link{Text: one.Text})
	}
	return s.render(w, r, "list_save", p)
}

func (s *Server) saveList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	asks, err := url.ParseQuery(form.Text("asks"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	q, _ := list.Parse(asks)
	ref, err := s.Lists.Save(r.Context(), actorOf(r), form.Text("name"), form.Text("shared"), q, form.Key)
	switch {
	case form.Take(err):
		return s.showSaveList(w, r, form)
	case errors.Is(err, act.ErrRepeated):
		return s.done(w, r, "/lists", "The list is kept.", nil)
	case err != nil:
		return err
	}
	return s.done(w, r, "/lists/"+string(ref), "The list is kept.", nil)
}

func (s *Server) removeList(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Lists.Remove(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/lists", "The list is removed.", nil)
}
