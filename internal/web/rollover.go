package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/record"
	"waymark/internal/rollover"
)

const rolloverHref = "/rollover"

// rolloverAsked is the academic year that begins: without one in the address the
// one that has just begun, until the end of October, and then the next.
func (s *Server) rolloverAsked(r *http.Request) (civil.AcademicYear, bool) {
	if r.URL.Query().Get("year") != "" {
		return s.yearAsked(r)
	}
	year := s.today().AcademicYear()
	if _, m, _ := s.today().YMD(); m != time.September && m != time.October {
		year++
	}
	return year, true
}

// changeWords are the changes in words: as a row of the table, and what is
// stated.
func changeWords(c rollover.Change) (words, sets string) {
	switch c {
	case rollover.Enters:
		return "Move up into Year 11, and into the return", ""
	case rollover.Passes:
		return "Pass to the authority where they live", "T, with that authority"
	case rollover.Kept:
		return "Would leave, and are kept for the September Guarantee until October", "G"
	case rollover.Abroad:
		return "Live outside England", "E"
	case rollover.Aged:
		return "Reached the age from which nobody is tracked", "A"
	case rollover.Ceased:
		return "Were tracked for a plan that has ceased", "L"
	case rollover.Undecided:
		return "Would leave, and nobody has said where to", "nothing: a person decides"
	case rollover.Returned:
		return "Stated as having left while the guarantee owes them an offer", "nothing: a person decides"
	}
	return "Stay in the return, a year older", ""
}

func (s *Server) rolloverPage(w http.ResponseWriter, r *http.Request) error {
	return s.showRollover(w, r, newForm(nil))
}

func (s *Server) showRollover(w http.ResponseWriter, r *http.Request, form *Form) error {
	year, ok := s.rolloverAsked(r)
	if !ok {
		return db.NotFound
	}
	by := actorOf(r)
	day, err := s.Rollover.Rehearse(r.Context(), by, year)
	if err != nil {
		return err
	}
	p := s.newYearPage(r, rolloverHref, fmt.Sprintf("1 September %d", int(year)))
	p.Form, p.Errors = form, form.Errors
	p.Lead = "What the day does to everybody, by what is known now. Nothing is changed by looking."
	p.Filter = []Choice{newForm(map[string]string{"year": strconv.Itoa(int(year))}).yearChoice("The year that begins", s.today().AcademicYear(), 1, 2)}
	if day.Done != nil {
		p.Banners = append(p.Banners, Banner{Tone: "good", Strong: "This year was rolled over.", Text: fmt.Sprintf("By %s, %s: the status of %s was set.", day.Done.By, moment(day.Done.At), plural(day.Done.People, "person", "people"))})
	}
	named := access.May(by, access.ListPeople)
	people := func(c rollover.Change) string {
		return rolloverHref + "/people" + asQuery(url.Values{"year": {strconv.Itoa(int(year))}, "change": {string(c)}})
	}
	t := Table{Caption: "What the day does", Quiet: true, Columns: []Column{{Text: "What the day does"}, {Text: "People", Numeric: true}, {Text: "Cohort status that is set"}}}
	for _, c := range rollover.Changes() {
		words, sets := changeWords(c)
		n := Cell{Text: count(day.Count(c))}
		if named && day.Count(c) > 0 {
			n.Href, n.Hidden = people(c), "people: "+words
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: words}, n, {Text: orText(sets, "–")}})
	}
	p.Sections = append(p.Sections, yearSection{Title: "Who enters and who leaves", Table: &t})
	p.Sections = append(p.Sections, turningSection(day), lapsingSection(day, named, people("")))
	if access.May(by, access.RollOver) {
		p.Sections = append(p.Sections, s.rolloverPress(day))
	}
	if day.Done != nil && access.May(by, access.MoveAcross) {
		offer, err := s.offerPress(r, year)
		if err != nil {
			return err
		}
		p.Sections = append(p.Sections, offer...)
	}
	return s.render(w, r, "year", p)
}

func turningSection(day *rollover.Rehearsal) yearSection {
	t := Table{Caption: "By academic age", Quiet: true, Columns: []Column{{Text: "Academic age from that day on"}, {Text: "People", Numeric: true}}}
	turning := day.Turning()
	for age := 15; age <= 25; age++ {
		if turning[age] > 0 {
			t.Rows = append(t.Rows, []Cell{{Header: true, Text: fmt.Sprintf("%d (Year %d)", age, age-4)}, {Text: count(turning[age])}})
		}
	}
	if len(t.Rows) == 0 {
		return yearSection{Title: "Who turns which age", None: &Empty{Title: "Nobody is in the return that day", Text: "Nobody held here is of an age that the return asks about."}}
	}
	return yearSection{Title: "Who turns which age", Table: &t}
}

func lapsingSection(day *rollover.Rehearsal, named bool, href string) yearSection {
	n := day.Lapsing()
	sec := yearSection{Title: "What lapses on 31 August", Words: []string{plural(n, "person stays", "people stay") + " in the return whose confirmation lapses with the old year: they count as not known from 1 September on, until somebody confirms what they do."}}
	if named && n > 0 {
		sec.Links = []Link{{Text: "Who they are", Href: href}}
	}
	return sec
}

// rolloverPress is the button that does it, or the one that takes it back.
func (s *Server) rolloverPress(day *rollover.Rehearsal) yearSection {
	address := func(tail string) string {
		return rolloverHref + tail + "?year=" + strconv.Itoa(int(day.Year))
	}
	if day.Done != nil {
		return yearSection{Title: "Take it back", Words: []string{"Every status that it set becomes what it was before. What somebody has changed since stays as they left it."},
			Press: &yearPress{Action: address("/undo"), Button: "Take the rollover back", Quiet: true}}
	}
	if from := rollover.Opens(day.Year); s.today().Before(from) || s.today().AcademicYear() > day.Year {
		return yearSection{Title: "Do it", Words: []string{fmt.Sprintf("The year %s is rolled over between %s and %s. Until then it is rehearsed.", day.Year, from.Words(), day.Year.End().Words())}}
	}
	return yearSection{Title: "Do it", Words: []string{"The statuses in the table are set from 1 September on, in one act, which can be taken back as one. August’s return stays as it is."},
		Press: &yearPress{Action: address(""), Button: fmt.Sprintf("Set the status of %s", plural(day.Sets(), "person", "people"))}}
}

// offerPress is the button that offers those who pass to another authority of this
// house to it; nothing where nobody does.
func (s *Server) offerPress(r *http.Request, year civil.AcademicYear) ([]yearSection, error) {
	n, err := s.Transfers.Passing(r.Context(), actorOf(r), year.Start())
	if err != nil || n == 0 {
		return nil, err
	}
	return []yearSection{{Title: "Offer who passes to an authority in this house",
		Words: []string{plural(n, "young person was", "young people were") + " stated as transferred from 1 September to an authority that keeps its register here, and not offered to it. Offered, they are shown to it by name and address; it takes each over, with their history as far as it is agreed, or refuses."},
		Links: []Link{{Text: "Who they are", Href: transfersHref}},
		Press: &yearPress{Action: rolloverHref + "/offer?year=" + strconv.Itoa(int(year)), Button: "Offer " + plural(n, "young person", "young people")}}}, nil
}

func (s *Server) offerWhoPasses(w http.ResponseWriter, r *http.Request) error {
	return s.rolls(w, r, func(year civil.AcademicYear, key string) (string, error) {
		offered, left, err := s.Transfers.OfferAll(r.Context(), actorOf(r), year.Start(), key)
		words := fmt.Sprintf("Offered: %s. Nothing more changes until the other authority takes them over.", plural(offered, "young person", "young people"))
		if left > 0 {
			words += fmt.Sprintf(" %s could not be offered: the page Transfers lists them, and says why when you offer them there.", plural(left, "young person", "young people"))
		}
		return words, err
	})
}

func (s *Server) rollOver(w http.ResponseWriter, r *http.Request) error {
	return s.rolls(w, r, func(year civil.AcademicYear, key string) (string, error) {
		done, err := s.Rollover.Apply(r.Context(), actorOf(r), year, key)
		return fmt.Sprintf("The year is rolled over: the status of %s is set.", plural(done.People, "person", "people")), err
	})
}

func (s *Server) undoRollover(w http.ResponseWriter, r *http.Request) error {
	return s.rolls(w, r, func(year civil.AcademicYear, key string) (string, error) {
		out, err := s.Rollover.Undo(r.Context(), actorOf(r), year, key)
		words := "The rollover is taken back."
		if n := len(out.BuiltOn); n > 0 {
			words += fmt.Sprintf(" Of %s somebody has changed the status since: that stays.", plural(n, "person", "people"))
		}
		return words, err
	})
}

func (s *Server) rolls(w http.ResponseWriter, r *http.Request, do func(civil.AcademicYear, string) (string, error)) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	year, ok := s.rolloverAsked(r)
	if !ok {
		return db.NotFound
	}
	words, err := do(year, form.Key)
	if form.Take(err) {
		for i := range form.Errors {
			form.Errors[i].ID = "" // a button has no field to lead to
		}
		return s.showRollover(w, r, form)
	}
	if errors.Is(err, act.ErrRepeated) {
		words = "That was done already; nothing was done twice."
	} else if err != nil {
		return err
	}
	return s.done(w, r, rolloverHref+"?year="+strconv.Itoa(int(year)), words, nil)
}

func (s *Server) changeAsked(r *http.Request) (civil.AcademicYear, rollover.Change, bool) {
	year, ok := s.rolloverAsked(r)
	c := rollover.Change(r.URL.Query().Get("change"))
	return year, c, ok && (c == "" || c.Known())
}

func (s *Server) rolloverPeoplePage(w http.ResponseWriter, r *http.Request) error {
	year, c, ok := s.changeAsked(r)
	if !ok {
		return db.NotFound
	}
	page := max(atoi(r.URL.Query().Get("page")), 1)
	people, total, err := s.Rollover.People(r.Context(), actorOf(r), year, c, (page-1)*listPage, listPage)
	if err != nil {
		return err
	}
	p := s.newYearPage(r, rolloverHref, fmt.Sprintf("Who they are on 1 September %d", int(year)))
	p.Back = &Link{Text: fmt.Sprintf("1 September %d", int(year)), Href: rolloverHref + "?year=" + strconv.Itoa(int(year))}
	if p.Lead, _ = changeWords(c); c == "" {
		p.Lead = "Their confirmation lapses on 31 August"
	}
	p.Lead += "."
	asked := url.Values{"year": {strconv.Itoa(int(year))}, "change": {string(c)}}
	sec := yearSection{Count: showing(page, listPage, len(people), total, "person", "people")}
	if total == 0 {
		sec.Count, sec.None = "", &Empty{Title: "Nobody", Text: "The day does this to nobody."}
	} else {
		sec.Table = rolloverTable(people)
		sec.Pages = paginate(total, listPage, page, func(n int) string {
			return rolloverHref + "/people" + asQuery(url.Values{"year": {strconv.Itoa(int(year))}, "change": {string(c)}, "page": {strconv.Itoa(n)}})
		})
		if access.May(actorOf(r), access.DownloadPeople) {
			sec.Links = []Link{{Text: "Download the list (CSV)", Href: rolloverHref + "/people.csv" + asQuery(asked)}}
		}
	}
	p.Sections = []yearSection{sec}
	return s.render(w, r, "year", p)
}

func rolloverTable(people []rollover.Named) *Table {
	t := &Table{Caption: "The young people", Quiet: true, Columns: []Column{{Text: "Young person"}, {Text: "Born"}, {Text: "Cohort status now"}, {Text: "Set"}, {Text: "Why"}}}
	for _, one := range people {
		if one.Locked {
			t.Rows = append(t.Rows, lockedCells(one.Row, len(t.Columns), ""))
			continue
		}
		sets := orText(one.Is.Change.Sets(), "–")
		if one.Is.To != "" {
			sets += ", to " + one.Is.To
		}
		t.Rows = append(t.Rows, []Cell{{Text: orText(one.Name(), "No name recorded"), Note: one.YoungPersonsID, Href: personHref(one.Ref, ""), Header: true}, {Text: one.Born.Words()},
			{Text: orEmpty(one.CohortStatus)}, {Text: sets}, {Text: one.Is.Why}})
	}
	return t
}

func (s *Server) rolloverPeopleFile(w http.ResponseWriter, r *http.Request) error {
	year, c, ok := s.changeAsked(r)
	if !ok {
		return db.NotFound
	}
	people, err := s.Rollover.All(r.Context(), actorOf(r), year, c)
	if err != nil {
		return err
	}
	head := []string{"young person", "name", "born", "cohort status now", "set", "to", "why"}
	return s.sendPeople(w, r, peopleFile{fmt.Sprintf("1-september-%d.csv", int(year)), len(people), head}, func(write func(...string) error) error {
		for _, one := range people {
			if one.Locked {
				if err := write("", record.RestrictedWords); err != nil {
					return err
				}
				continue
			}
			if err := write(one.YoungPersonsID, one.Name(), one.Born.String(), one.CohortStatus, one.Is.Change.Sets(), one.Is.To, one.Is.Why); err != nil {
				return err
			}
		}
		return nil
	})
}
