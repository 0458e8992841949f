package web

import (
	"net/http"
	"strings"

	"waymark/internal/access"
	"waymark/internal/due"
)

// dayPart is one section of somebody's day.
type dayPart struct {
	Title string
	Table Table
	All   *Link
}

// dayShown is how many lines a section shows.
const dayShown = 10

// homeDay is what there is to do today for whoever has young people of their own
// (ux-security.md, screen 2): who is overdue and due this week, and why, what was
// not recorded, who is new.
func (s *Server) homeDay(r *http.Request, p *homePage) error {
	actor, today := actorOf(r), s.today()
	if !actor.Holds(access.Adviser) && !actor.Holds(access.TeamManager) {
		return nil
	}
	parts, err := due.Day(r.Context(), actor, today, dayShown, s.Day...)
	if err != nil {
		return err
	}
	lapse, days, err := s.Due.MonthAhead(r.Context(), actor, today)
	if err != nil {
		return err
	}
	if lapse > 0 {
		p.DayAhead = "The month ends " + strings.Replace(inDays(days), "today is the last day", "today", 1) + ": " + plural(lapse, "of yours lapses", "of yours lapse") + " until then."
		p.DayAheadLink = &Link{Text: "Who they are", Href: dueHref("/due", due.Question{Window: due.Month, Adviser: "me"})}
	}
	if len(parts) == 0 {
		if actor.Holds(access.Adviser) {
			p.DayNone = &Empty{Title: "Nothing is due for you this week", Text: "What everybody allocated to you does is confirmed beyond Sunday, and nothing was promised until then.", Link: &Link{Text: "What is due for everybody", Href: "/due"}}
		}
		return nil
	}
	for _, one := range parts {
		part := dayPart{Title: one.Section.Words(), Table: dayTable(one)}
		if one.All != "" {
			part.All = &Link{Text: "View all " + count(one.Total), Hidden: part.Title, Href: one.All}
		}
		p.Day = append(p.Day, part)
	}
	return nil
}

// yearShown is how many days of the year a home page names.
const yearShown = 5

// homeYear is what the year asks of the reader in the next weeks.
func (s *Server) homeYear(r *http.Request, p *homePage) error {
	lines, err := s.Calendar.Due(r.Context(), actorOf(r), s.today())
	if err != nil || len(lines) == 0 {
		return err
	}
	opened, err := s.Campaigns.Opened(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	c := Card{ID: "year", Title: "What the year asks", Action: &Link{Text: "Open", Hidden: "the year", Href: yearHref}}
	for _, one := range lines[:min(yearShown, len(lines))] {
		if one.Late {
			c.Tone = "bad"
		}
		row := Row{Key: one.Words, Value: capital(one.When), Href: s.ifOpen(r, one.Href)}
		if made, ok := opened[one.Opening]; ok {
			row.Href, row.Source = campaignHref(made.Ref, ""), "Its campaign: "+strings.ToLower(string(made.Stage()))
		} else if one.Opening != "" && !one.Open && !one.Late {
			row.Source = "A campaign opens with it by itself"
		}
		c.Rows = append(c.Rows, row)
	}
	p.Cards = append(p.Cards, c)
	return nil
}

func dayTable(one due.Tasks) Table {
	t := Table{Caption: one.Section.Words(), Quiet: true, Columns: []Column{{Text: "Who"}, {Text: "Why"}, {Text: "Do"}}}
	for _, task := range one.Tasks {
		if task.Locked {
			t.Rows = append(t.Rows, []Cell{{Header: true, Text: "A restricted record"}, {}, {}})
			continue
		}
		who := Cell{Header: true, Text: orText(task.Name, "No name recorded"), Note: task.At}
		if task.Ref != "" {
			who.Href = personHref(task.Ref, "")
		}
		do := Cell{}
		if task.Do != "" {
			do = Cell{Text: task.Do, Hidden: task.Name, Href: addQuery(task.Href, "back", "/")}
		}
		t.Rows = append(t.Rows, []Cell{who, {Text: task.Why}, do})
	}
	return t
}
