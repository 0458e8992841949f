package web

import (
	"net/http"

	"waymark/internal/access"
	"waymark/internal/record"
	"waymark/internal/returns"
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
		{Text: "On " + whole(shortDay(end)) + ", if nothing is done", Numeric: true}}}
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
	// The last month that has ended is the one whose file is to come first.
	if p.Banners, err = s.awaitedFile(r, monthly{period: today.InMonth().Add(-1)}, &returns.Position{}); err != nil {
		return err
	}
	if access.May(actorOf(r), access.SeeFigures) {
		p.LiveLinks = append(p.LiveLinks, Link{Text: "Forecast: on any day ahead, who makes the difference, and how well it did before", Href: "/forecast"}, Link{Text: "Days NEET after Year 11, and who came back", Href: "/figures/days-neet"}, Link{Text: "Why they are not known, who they are, and against last year", Href: "/figures"})
	}
	if access.May(actorOf(r), access.ListPeople) {
		p.LiveLinks = append(p.LiveLinks, Link{Text: "What is due, by adviser", Href: "/due/by?of=adviser"}, Link{Text: "What is due, by school", Href: "/due/by?of=school"})
	}
	return nil
}
