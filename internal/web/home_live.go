package web

import (
	"net/http"

	"waymark/internal/access"
	"waymark/internal/record"
)

// homeLive is what the return would say of academic age 16 and 17: today, and
// at the end of the month if nothing is done until then.
func (s *Server) homeLive(r *http.Request, p *homePage) error {
	today := s.today()
	end := today.InMonth().End()
	now, err := s.Record.Live(r.Context(), actorOf(r), today)
	if err != nil {
		return err
	}
	then, err := s.Record.Live(r.Context(), actorOf(r), end)
	if err != nil || now.Cohort+then.Cohort == 0 {
		return err
	}
	t := Table{Caption: "What the return would say of academic age 16 and 17", Columns: []Column{{Text: "What"}, {Text: "Today", Numeric: true},
		{Text: "On " + whole(end.Words()) + ", if nothing is done", Numeric: true}}}
	for _, one := range []struct {
		words string
		of    func(record.Live) int
	}{{"NEET", func(l record.Live) int { return l.NEET }}, {"Not known", func(l record.Live) int { return l.NotKnown }}, {"NEET and not known together", record.Live.Combined}} {
		cell := func(l record.Live) Cell {
			return Cell{Text: percent(one.of(l), l.Cohort), Note: count(one.of(l)) + " of " + count(l.Cohort)}
		}
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.words}, cell(now), cell(then)})
	}
	p.Live = &t
	if access.May(actorOf(r), access.SeePerson) {
		p.LiveLinks = []Link{{Text: "What lapses in 7, 30 and 60 days, by adviser", Href: "/lapsing/by?of=adviser"}, {Text: "By school", Href: "/lapsing/by?of=school"}}
	}
	return nil
}
