package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/calendar"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
)

// calendarPage is the authority's year, month by month.
func (s *Server) calendarPage(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.yearAsked(r)
	if !ok {
		return db.NotFound
	}
	by, role := actorOf(r), access.Role(r.URL.Query().Get("role"))
	all, err := s.Calendar.Year(r.Context(), by, year)
	if err != nil {
		return err
	}
	p := s.newYearPage(r, yearHref, "The year "+year.String())
	p.Lead = "What opens and closes when. The days of the law and the Department are worked out; your authority’s own stand among them."
	asked := newForm(map[string]string{"year": strconv.Itoa(int(year)), "role": string(role)})
	roles := Choice{Name: "role", Label: "Due to", Options: []Option{{Text: "Everybody"}}}
	for _, one := range calendar.Roles() {
		roles.Options = append(roles.Options, Option{Value: string(one), Text: capital(string(one))})
	}
	p.Filter = []Choice{asked.yearChoice("Academic year", s.today().AcademicYear(), 3, 2), asked.Choice(roles)}
	all = slices.DeleteFunc(all, func(e calendar.Entry) bool { return role != "" && !slices.Contains(e.Roles, role) })
	for i := range all {
		all[i].Href = s.ifOpen(r, all[i].Href)
	}
	p.Sections = append(p.Sections, s.dueSection(all))
	p.Sections = append(p.Sections, s.monthSections(all, year, access.May(by, access.KeepCalendar))...)
	p.Sections = append(p.Sections, yearSection{Links: []Link{{Text: "Take these days into your own calendar (iCalendar)",
		Href: "/calendar.ics" + asQuery(url.Values{"year": {strconv.Itoa(int(year))}, "role": {string(role)}})}}})
	if access.May(by, access.KeepCalendar) {
		p.Actions = []Link{{Text: "Add a day", Href: "/calendar/new"}}
	}
	return s.render(w, r, "year", p)
}

// dueSection is what is open today.
func (s *Server) dueSection(all []calendar.Entry) yearSection {
	today := s.today()
	t := Table{Caption: "Open today", Quiet: true, Columns: []Column{{Text: "What"}, {Text: "Closes"}}}
	for _, e := range all {
		if e.Opens.After(today) || e.Closes.Before(today) {
			continue
		}
		left := plural(e.Closes.DaysSince(today), "day left", "days left")
		if e.Closes == today {
			left = "Today"
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: e.Words, Href: e.Href}, {Text: e.Closes.Words(), Note: left}})
	}
	if len(t.Rows) == 0 {
		return yearSection{}
	}
	return yearSection{Title: "Open today", Table: &t}
}

// monthSections are the entries by the month in which they open; what opened in
// the year before stands in September.
func (s *Server) monthSections(all []calendar.Entry, year civil.AcademicYear, keep bool) []yearSection {
	var out []yearSection
	for m := year.Start().InMonth(); !year.End().InMonth().Before(m); m = m.Add(1) {
		t := Table{Caption: m.Words(), Quiet: true, Stacked: true, Columns: []Column{{Text: "When"}, {Text: "What"}, {Text: "Due to"}, {Text: "Where from"}}}
		if keep {
			t.Columns = append(t.Columns, Column{Text: "Change"})
		}
		for _, e := range all {
			opens := e.Opens.InMonth()
			if opens.Before(year.Start().InMonth()) {
				opens = year.Start().InMonth()
			}
			if opens == m {
				t.Rows = append(t.Rows, dayRow(e, keep))
			}
		}
		if len(t.Rows) > 0 {
			out = append(out, yearSection{Title: m.Words(), Table: &t})
		}
	}
	return out
}

func dayRow(e calendar.Entry, keep bool) []Cell {
	when := Cell{Text: e.Opens.Words(), Note: e.Opens.Weekday().String()}
	if !e.OneDay() {
		when.Note = "until " + e.Closes.Words()
	}
	who := roleWords(e.Roles)
	if who == "" {
		who = "Nobody; to be known"
	}
	from := Cell{Text: "Your authority"}
	if e.Statutory() {
		_, says, _ := strings.Cut(e.Source, ": ") // before it stands where the rule is written
		from = Cell{Text: "The same for every authority", Note: capital(says)}
		switch {
		case e.Moved():
			from.Text = "Your authority has chosen these days"
		case e.Movable:
			from.Text = "A usual day: choose your own"
		}
	}
	what := Cell{Header: true, Text: e.Words, Href: e.Href}
	if kind, ok := campaign.KindOf(e.Campaign); ok {
		what.Note = "Opens a campaign by itself: " + kind.Words
	}
	row := []Cell{when, what, {Text: who}, from}
	if !keep {
		return row
	}
	switch {
	case e.Ref != "":
		row = append(row, Cell{Text: "Change", Href: "/calendar/" + string(e.Ref), Hidden: e.Words})
	case e.Movable:
		row = append(row, Cell{Text: "Move", Href: moveHref(e), Hidden: e.Words})
	default:
		row = append(row, Cell{Text: "–"})
	}
	return row
}

func moveHref(e calendar.Entry) string {
	return fmt.Sprintf("/calendar/%d/%s/move", int(e.Year), url.PathEscape(e.Key))
}

// calendarFile is the year for the reader's own calendar.
func (s *Server) calendarFile(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.yearAsked(r)
	if !ok {
		return db.NotFound
	}
	role := access.Role(r.URL.Query().Get("role"))
	all, err := s.Calendar.Year(r.Context(), actorOf(r), year)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(e calendar.Entry) bool { return role != "" && !slices.Contains(e.Roles, role) })
	attach(w, "the-year-"+strconv.Itoa(int(year))+".ics", "text/calendar; charset=utf-8")
	return calendar.WriteICS(w, s.RegisterName+": the year", all, s.Now())
}

func (s *Server) newDayPage(w http.ResponseWriter, r *http.Request) error {
	return s.showNewDay(w, r, newForm(nil))
}

func (s *Server) showNewDay(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := s.dayPage(r, form, "Add a day to the year", "It is told to those to whom it is due: on their home page, four weeks before it closes.")
	p.Sections = []yearSection{{Press: &yearPress{Action: "/calendar/new", Button: "Add it", Parts: ownDayParts(form)}}}
	return s.render(w, r, "year", p)
}

func (s *Server) dayPage(r *http.Request, form *Form, title, lead string) *yearPage {
	return &yearPage{Page: Page{Title: title, Lead: lead, Section: yearHref, Errors: form.Errors, Back: &Link{Text: "The year", Href: yearHref}}, Form: form}
}

// ownDayParts are the fields of a day of the authority's own.
func ownDayParts(form *Form) []FormPart {
	roles := Choice{Name: "roles", Label: "To whom is it due?", Strong: true, Hint: "Nobody is chosen for what is only to be known"}
	for _, one := range calendar.Roles() {
		roles.Options = append(roles.Options, Option{Value: string(one), Text: capital(string(one))})
	}
	parts := []FormPart{form.inputPart(Input{Name: "words", Label: "What happens?", Strong: true, Hint: "For example, Enrolment lists from the colleges are due"})}
	parts = append(parts, daysParts(form)...)
	kinds := Choice{Name: "campaign", Label: "Does a campaign open with it by itself?", Options: []Option{{Text: "No"}}}
	for _, k := range campaign.Kinds() {
		kinds.Options = append(kinds.Options, Option{Value: k.Name, Text: k.Words})
	}
	return append(parts, form.checkboxesPart(roles), form.selectPart(kinds),
		form.inputPart(Input{Name: "href", Label: "The page where the work is done (may be left out)", Hint: "An address of this system, like /imports"}))
}

func daysParts(form *Form) []FormPart {
	return []FormPart{form.datePart(DateInput{Name: "opens", Label: "The first day", Hint: "For example, 14 9 2027"}),
		form.datePart(DateInput{Name: "closes", Label: "The last day", Hint: "Leave it empty where it is one day"})}
}

// readDay reads what was typed about a day; own says that its words are the
// authority's.
func readDay(form *Form, own bool) calendar.Entry {
	e := calendar.Entry{Opens: form.RequireDate("opens", "The first day", "Enter the first day, like 14 9 2027"), Closes: form.Date("closes", "The last day")}
	if own {
		e.Words, e.Href = form.Text("words"), form.Text("href")
		if k, ok := campaign.KindOf(form.Text("campaign")); ok {
			e.Campaign = k.Name
		}
		for _, one := range form.All("roles") {
			e.Roles = append(e.Roles, access.Role(one))
		}
	}
	return e
}

func (s *Server) newDay(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e := readDay(form, true)
	if form.OK() {
		_, err = s.Calendar.Add(r.Context(), actorOf(r), e, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showNewDay(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, yearOf(e.Opens), "The day stands in the year.", nil)
}

// yearOf is the page of the academic year in which a day falls.
func yearOf(on civil.Date) string {
	return yearHref + "?year=" + strconv.Itoa(int(on.AcademicYear()))
}

func (s *Server) moved(r *http.Request) (calendar.Entry, error) {
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil {
		return calendar.Entry{}, db.NotFound
	}
	e, err := s.Calendar.Find(r.Context(), actorOf(r), r.PathValue("key"), civil.AcademicYear(year), "")
	if err == nil && !e.Movable {
		err = db.NotFound
	}
	return e, err
}

func (s *Server) moveDayPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.moved(r)
	if err != nil {
		return err
	}
	form := newForm(nil)
	form.SetDate("opens", e.Opens)
	form.SetDate("closes", e.Closes)
	return s.showMoveDay(w, r, e, form)
}

func (s *Server) showMoveDay(w http.ResponseWriter, r *http.Request, e calendar.Entry, form *Form) error {
	p := s.dayPage(r, form, "Choose your own days", e.Words+": by the usual rule from "+e.Opens.Words()+" to "+e.Closes.Words()+".")
	p.Sections = []yearSection{{Press: &yearPress{Action: moveHref(e), Button: "Move it", Parts: daysParts(form)}}}
	return s.render(w, r, "year", p)
}

func (s *Server) moveDay(w http.ResponseWriter, r *http.Request) error {
	was, err := s.moved(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e := readDay(form, false)
	e.Key, e.Year, e.Words = was.Key, was.Year, was.Words
	if form.OK() {
		_, err = s.Calendar.Add(r.Context(), actorOf(r), e, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showMoveDay(w, r, was, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, yearOf(was.Year.Start()), "It is moved.", nil)
}

func (s *Server) ownDay(r *http.Request) (calendar.Entry, error) {
	ref := id.Ref(r.PathValue("ref"))
	if !ref.Valid() {
		return calendar.Entry{}, db.NotFound
	}
	return s.Calendar.Find(r.Context(), actorOf(r), "", 0, ref)
}

func (s *Server) changeDayPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.ownDay(r)
	if err != nil {
		return err
	}
	form := newForm(map[string]string{"words": e.Words, "href": e.Href, "campaign": e.Campaign, "version": strconv.FormatInt(e.Version, 10)})
	form.SetDate("opens", e.Opens)
	form.SetDate("closes", e.Closes)
	for _, one := range e.Roles {
		form.values.Add("roles", string(one))
	}
	return s.showChangeDay(w, r, e, form)
}

func (s *Server) showChangeDay(w http.ResponseWriter, r *http.Request, e calendar.Entry, form *Form) error {
	p := s.dayPage(r, form, "Change a day of the year", e.Words)
	parts, out := ownDayParts(form), "Take it out of the year"
	if e.Statutory() {
		parts, out = daysParts(form), "Put it back to the usual days"
	}
	keep := [][2]string{{"version", form.Text("version")}}
	p.Sections = []yearSection{{Press: &yearPress{Action: "/calendar/" + string(e.Ref), Button: "Save", Keep: keep, Parts: parts}},
		{Press: &yearPress{Action: "/calendar/" + string(e.Ref) + "/remove", Button: out, Keep: keep, Quiet: true}}}
	return s.render(w, r, "year", p)
}

func (s *Server) changeDay(w http.ResponseWriter, r *http.Request) error {
	was, err := s.ownDay(r)
	if err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e := readDay(form, !was.Statutory())
	e.Ref, e.Key = was.Ref, was.Key
	if was.Statutory() {
		e.Words, e.Campaign = was.Words, was.Campaign
	}
	e.Version, _ = strconv.ParseInt(form.Text("version"), 10, 64) // what is no number is no version that is open
	if form.OK() {
		err = s.Calendar.Change(r.Context(), actorOf(r), e, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showChangeDay(w, r, was, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, yearOf(e.Opens), "The day is changed.", nil)
}

func (s *Server) removeDay(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(form.Text("version"), 10, 64)
	err = s.Calendar.Remove(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), version, form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, yearHref, "It is out of the year.", nil)
}
