package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/nccis"
	"waymark/internal/survey"
)

const surveyHref = "/survey"

// surveyAsked is the year of the survey: without one in the address that of the
// last 1 November.
func (s *Server) surveyAsked(r *http.Request) (int, bool) {
	text := r.URL.Query().Get("year")
	if text == "" {
		year := s.today().Year()
		if s.today().Before(survey.Reference(year)) {
			year--
		}
		return year, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 2000 && n <= 2100
}

func surveyAddress(page string, year int, pairs ...string) string {
	q := url.Values{"year": {strconv.Itoa(year)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return surveyHref + page + asQuery(q)
}

func (s *Server) surveyPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSurvey(w, r, newForm(nil))
}

func (s *Server) showSurvey(w http.ResponseWriter, r *http.Request, form *Form) error {
	year, ok := s.surveyAsked(r)
	if !ok {
		return db.NotFound
	}
	by := actorOf(r)
	p := s.newYearPage(r, surveyHref, fmt.Sprintf("Annual Activity Survey %d", year))
	p.Form, p.Errors = form, form.Errors
	p.Lead = fmt.Sprintf("What those who finished Year 11 in the summer of %d did on %s: whom the baseline of May holds, by what is confirmed. What is learned until %s still counts.", year, survey.Reference(year).Words(), survey.Ends(year).Words())
	asked := newForm(map[string]string{"year": strconv.Itoa(year)})
	years := Choice{Name: "year", Label: "Survey of"}
	for y := s.today().Year(); y >= s.today().Year()-4; y-- {
		years.Options = append(years.Options, Option{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	p.Filter = []Choice{asked.Choice(years)}
	st, err := s.Survey.On(r.Context(), by, year, civil.Date{})
	if words, none := survey.HasNone(err); none {
		p.Sections = []yearSection{{None: &Empty{Title: "There is nobody to ask after", Text: words, Link: &Link{Text: "September Guarantee", Href: seasonHref("", year)}}}}
		return s.render(w, r, "year", p)
	}
	if err != nil {
		return err
	}
	filed, err := s.Survey.Filed(r.Context(), by, year)
	if err != nil {
		return err
	}
	if filed != nil {
		p.Banners = append(p.Banners, Banner{Tone: "good", Strong: "The survey was filed.", Text: fmt.Sprintf("By %s, %s: %s, SHA-256 %s.", filed.By, moment(filed.At), plural(filed.People, "person", "people"), filed.SHA256)})
	}
	p.Sections = append(p.Sections, surveyTotals(st, access.May(by, access.ListPeople)))
	changed, err := s.surveyChanges(r, st)
	if err != nil {
		return err
	}
	p.Sections = append(p.Sections, changed, s.surveySchools(st), s.surveyFileSection(by, st, filed))
	return s.render(w, r, "year", p)
}

func surveyTotals(st *survey.State, named bool) yearSection {
	t := Table{Caption: "What they did", Quiet: true, Columns: []Column{{Text: "On " + survey.Reference(st.Year).Words()}, {Text: "People", Numeric: true}, {Text: "Share", Numeric: true}}}
	for i, n := range st.Totals() {
		cell := Cell{Text: count(n)}
		if named && n > 0 {
			cell.Href, cell.Hidden = surveyAddress("/people", st.Year, "column", st.Columns[i].Key), "people: "+st.Columns[i].Heading
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: st.Columns[i].Heading}, cell, {Text: percent(n, len(st.People))}})
	}
	t.Rows = append(t.Rows, []Cell{{Header: true, Text: "All on the Year 11 baseline"}, {Text: count(len(st.People))}, {}})
	return yearSection{Title: "As known on " + st.KnownOn.Words(), Table: &t}
}

// mostChanges is how many names of those counted elsewhere a page shows.
const mostChanges = 50

// surveyChanges are those counted elsewhere than on what was known at the end of
// 1 November.
func (s *Server) surveyChanges(r *http.Request, st *survey.State) (yearSection, error) {
	since := survey.Reference(st.Year)
	sec := yearSection{Title: "Learned since " + since.Words()}
	if !st.KnownOn.After(since) {
		return yearSection{}, nil
	}
	first, err := s.Survey.On(r.Context(), actorOf(r), st.Year, since)
	if _, none := survey.HasNone(err); none {
		return yearSection{}, nil
	}
	if err != nil {
		return sec, err
	}
	changes := st.Since(first)
	sec.Words = []string{fmt.Sprintf("%s counted elsewhere than by what was known that evening.", plural(len(changes), "person is", "people are"))}
	if len(changes) == 0 || !access.May(actorOf(r), access.ListPeople) {
		return sec, nil
	}
	changes = changes[:min(len(changes), mostChanges)]
	keys := make([]id.YoungPerson, len(changes))
	for i, c := range changes {
		keys[i] = c.Person
	}
	rows, err := s.Record.Some(r.Context(), actorOf(r), keys, "survey changes")
	if err != nil {
		return sec, err
	}
	t := Table{Caption: sec.Title, Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Counted then as"}, {Text: "Counted now as"}}}
	for _, row := range rows {
		i := slices.Index(keys, row.Person)
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(row.Name(), "No name recorded"), Note: row.YoungPersonsID, Href: personHref(row.Ref, "")},
			{Text: st.Columns[changes[i].From].Heading}, {Text: st.Columns[changes[i].To].Heading}})
	}
	sec.Table = &t
	return sec, nil
}

// surveySchools are the lines of the file in short: how many of each school and
// sex, and of how many nothing is known.
func (s *Server) surveySchools(st *survey.State) yearSection {
	t := Table{Caption: "By school and sex", Quiet: true, Columns: []Column{{Text: "School"}, {Text: "Sex"}, {Text: "Cohort", Numeric: true}, {Text: "In learning or work", Numeric: true}, {Text: "NEET", Numeric: true}, {Text: "Not known", Numeric: true}}}
	for _, row := range st.Rows() {
		neet, unknown := 0, 0
		for i, n := range row.Counts {
			switch st.Columns[i].Key {
			case "neet_active", "neet_not_available":
				neet += n
			case "not_known":
				unknown += n
			}
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: orText(orText(row.School.Name, row.School.Number), "No school recorded"), Note: row.School.Number}, {Text: orText(s.edition().Label(nccis.Genders, row.Sex), "Not recorded")},
			{Text: count(row.Total)}, {Text: count(row.Total - neet - unknown)}, {Text: count(neet)}, {Text: count(unknown)}})
	}
	return yearSection{Title: "By school and sex", Table: &t}
}

func (s *Server) surveyFileSection(by access.Actor, st *survey.State, filed *survey.Filed) yearSection {
	sec := yearSection{Title: "The file", Words: []string{"A line for each school and sex, with all columns. It holds numbers alone; small ones can still tell of somebody, so it goes to the Department and nowhere else."}}
	if access.May(by, access.FetchReturn) {
		words := "Download it as it would be today (CSV)"
		if filed != nil {
			words = "Download what was filed (CSV)"
		}
		sec.Links = []Link{{Text: words, Href: surveyAddress(".csv", st.Year)}}
	}
	if filed == nil && access.May(by, access.FileSurvey) && !s.today().Before(survey.Reference(st.Year)) {
		sec.Words = append(sec.Words, "Filing freezes the numbers, with their fingerprint. It is done once, when the file goes to the Department.")
		sec.Press = &yearPress{Action: surveyAddress("", st.Year), Button: fmt.Sprintf("File the survey of %d", st.Year)}
	}
	return sec
}

func (s *Server) fileSurvey(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	year, ok := s.surveyAsked(r)
	if !ok {
		return db.NotFound
	}
	_, err = s.Survey.File(r.Context(), actorOf(r), year, form.Key)
	if words, none := survey.HasNone(err); none {
		form.Fail("", words)
	} else if form.Take(err) {
		for i := range form.Errors {
			form.Errors[i].ID = "" // a button has no field to lead to
		}
	}
	if !form.OK() {
		return s.showSurvey(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, surveyAddress("", year), "The survey is filed.", nil)
}

// surveyFile is what was filed, or before that the file as it would be today.
func (s *Server) surveyFile(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.surveyAsked(r)
	if !ok {
		return db.NotFound
	}
	name := fmt.Sprintf("activity-survey-%d.csv", year)
	filed, err := s.Survey.Filed(r.Context(), actorOf(r), year)
	if err != nil {
		return err
	}
	if filed != nil {
		attach(w, name, "text/csv; charset=utf-8")
		_, err := w.Write(filed.Bytes)
		return err
	}
	st, err := s.Survey.On(r.Context(), actorOf(r), year, civil.Date{})
	if _, none := survey.HasNone(err); none {
		return db.NotFound
	}
	if err != nil {
		return err
	}
	book, err := s.Registers.Get(r.Context(), s.Register)
	if err != nil {
		return err
	}
	attach(w, name, "text/csv; charset=utf-8")
	return st.WriteCSV(w, book.Codes()[0])
}

func (s *Server) surveyPeoplePage(w http.ResponseWriter, r *http.Request) error {
	year, ok := s.surveyAsked(r)
	if !ok {
		return db.NotFound
	}
	column := r.URL.Query().Get("column")
	columns, err := survey.Columns()
	if err != nil {
		return err
	}
	if column == "" {
		column = "not_known"
	}
	at := slices.IndexFunc(columns, func(c survey.Column) bool { return c.Key == column })
	if at < 0 {
		return db.NotFound
	}
	page := max(atoi(r.URL.Query().Get("page")), 1)
	people, total, err := s.Survey.People(r.Context(), actorOf(r), year, column, (page-1)*listPage, listPage)
	if _, none := survey.HasNone(err); none {
		total, err = 0, nil
	}
	if err != nil {
		return err
	}
	p := s.newYearPage(r, surveyHref, fmt.Sprintf("Annual Activity Survey %d: who they are", year))
	p.Back = &Link{Text: fmt.Sprintf("Annual Activity Survey %d", year), Href: surveyAddress("", year)}
	p.Lead = columns[at].Heading + "."
	sec := yearSection{Count: showing(page, listPage, len(people), total, "person", "people")}
	if total == 0 {
		sec.Count, sec.None = "", &Empty{Title: "Nobody", Text: "Nobody on the baseline is counted there."}
	} else {
		t := Table{Caption: "The young people", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "School"}, {Text: "Counted by"}, {Text: "Adviser"}}}
		for _, one := range people {
			if one.Locked {
				t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
				continue
			}
			t.Rows = append(t.Rows, []Cell{{Text: orText(one.Name(), "No name recorded"), Note: one.YoungPersonsID, Href: personHref(one.Ref, ""), Header: true}, {Text: one.Born.Words()},
				{Text: orText(one.Is.School.Name, "No school recorded"), Note: one.Is.School.Number}, {Text: orText(activityWords(s.edition(), one.Is.Activity), "Nothing confirmed")}, {Text: orText(one.Adviser, "Nobody yet")}})
		}
		sec.Table = &t
		sec.Pages = paginate(total, listPage, page, func(n int) string {
			return surveyAddress("/people", year, "column", column, "page", strconv.Itoa(n))
		})
	}
	p.Sections = []yearSection{sec}
	return s.render(w, r, "year", p)
}
