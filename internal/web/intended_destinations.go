package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/guarantee"
	"waymark/internal/season"
)

const destinationsHref = "/intended-destinations"

// leaving is the season of those who are in Year 11 on a day.
func leaving(day civil.Date) int { return int(day.AcademicYear()) + 1 }

// destinationsPage is who of Year 11 has said where they intend to go, school by
// school: what comes before the guarantee.
func (s *Server) destinationsPage(w http.ResponseWriter, r *http.Request) error {
	year := leaving(s.today())
	p := s.newYearPage(r, destinationsHref, "Intended destinations of Year 11")
	p.Lead = fmt.Sprintf("Where those in Year 11 intend to go in September %d, as they have told their schools.", year)
	st, err := s.Season.On(r.Context(), actorOf(r), year, civil.Date{})
	if errors.As(err, new(act.BeforeBegan)) {
		p.Sections = []yearSection{{None: &Empty{Title: "Nothing is known yet", Text: err.Error()}}}
		return s.render(w, r, "year", p)
	}
	if err != nil {
		return err
	}
	whole := st.Count(guarantee.Year11)
	p.Stats = []Stat{{Number: percent(whole.Intended, whole.Owed), Words: "have said where they intend to go", Note: fmt.Sprintf("%s of %s in Year 11", count(whole.Intended), count(whole.Owed))}}
	t := Table{Caption: "By school", Quiet: true, Columns: []Column{{Text: "School"}, {Text: "In Year 11", Numeric: true}, {Text: "Said", Numeric: true}, {Text: "No record", Numeric: true}}}
	named := access.May(actorOf(r), access.ListPeople)
	for _, c := range st.Schools(guarantee.Year11) {
		if c.Owed == 0 {
			continue
		}
		key := orText(c.School.Key(), season.NoSchool)
		name := orText(orText(c.School.Name, c.School.Number), "No school recorded")
		unsaid := Cell{Text: count(c.Owed - c.Intended)}
		if named && c.Owed > c.Intended {
			unsaid.Href, unsaid.Hidden = destinationsHref+"/people?school="+url.QueryEscape(key), name+": no record"
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: name, Note: c.School.Number}, {Text: count(c.Owed)}, {Text: count(c.Intended), Note: percent(c.Intended, c.Owed)}, unsaid})
	}
	sec := yearSection{Title: "By school", Table: &t}
	if named && whole.Owed > whole.Intended {
		sec.Links = []Link{{Text: "All without a record (" + count(whole.Owed-whole.Intended) + ")", Href: destinationsHref + "/people"}}
	}
	if len(t.Rows) == 0 {
		sec = yearSection{None: &Empty{Title: "Nobody is in Year 11", Text: "Lists of Year 11 come from the schools: load them under Files in."}}
	}
	p.Sections = []yearSection{sec}
	return s.render(w, r, "year", p)
}

func (s *Server) destinationsPeoplePage(w http.ResponseWriter, r *http.Request) error {
	year := leaving(s.today())
	which := whichAsked(r)
	which.Node, which.Unsaid = guarantee.Year11, true
	p := s.newYearPage(r, destinationsHref, "Year 11 without an intended destination")
	p.Back = &Link{Text: "Intended destinations of Year 11", Href: destinationsHref}
	p.Lead = "Nobody has recorded yet where they intend to go."
	asked := r.URL.Query()
	asked.Del("page")
	return s.showSeasonPeople(w, r, p, year, which, "destinations people", destinationsHref+"/people", asked)
}

func (s *Server) destinationsPeopleFile(w http.ResponseWriter, r *http.Request) error {
	which := whichAsked(r)
	if which.Outcome != "" || which.Later || which.Left {
		return db.NotFound
	}
	which.Node, which.Unsaid = guarantee.Year11, true
	return s.sendSeason(w, r, leaving(s.today()), which, "no-intended-destination.csv")
}
