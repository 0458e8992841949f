package web

import (
	"net/http"

	"waymark/internal/access"
	"waymark/internal/record"
)

// lockedCells is the line of a locked record in a table of people: that there is
// one and whom to ask. Only a search leads to it; in a list, which asks what people
// are, its reference would tell.
func lockedCells(row record.Row, columns int, href string) []Cell {
	cells := make([]Cell, columns)
	cells[0] = Cell{Header: true, Text: record.RestrictedWords, Href: href, Note: askWords(row)}
	return cells
}

func askWords(row record.Row) string {
	if row.Ask == "" {
		return "closed to you"
	}
	return "ask " + row.Ask
}

// lockedLine is the same in a file of people, whose third column is the family
// name.
func lockedLine(columns int) []string {
	line := make([]string, columns)
	line[2] = record.RestrictedWords
	return line
}

// restrictedBanners say of a record what of it is restricted, and until when.
func (s *Server) restrictedBanners(sum *record.Summary) []Banner {
	var out []Banner
	if !sum.Opened.IsZero() {
		left := int(sum.Opened.Sub(s.Now()).Minutes()) + 1
		out = append(out, Banner{Tone: "bad", Strong: "A locked record.", Text: "It is open to you until " + clockWords(sum.Opened) + ", for " + plural(left, "more minute", "more minutes") + ". The owner and information governance have been told."})
	}
	if sum.AddressProtected {
		out = append(out, Banner{Tone: "warn", Strong: "The address is protected.", Text: "Do not ask for it, and do not say to anybody where this young person may be."})
	}
	return out
}

// restrictedHome is what waits on a home page: locked records that were opened,
// restrictions to review, rows about restricted records.
func (s *Server) restrictedHome(r *http.Request, p *homePage) error {
	ctx, by, today := r.Context(), actorOf(r), s.today()
	alerts, err := s.Restricted.Alerts(ctx, by)
	if err != nil {
		return err
	}
	href := "/restricted/yours"
	if access.May(by, access.RestrictRecord) {
		href = "/restricted"
	}
	for _, a := range alerts {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: a.By + " opened a locked record", Text: "on " + auditMoment(a.At) + ": " + a.Reason, Link: &Link{Text: "Look at it", Href: href}})
	}
	mine, err := s.Restricted.Mine(ctx, by)
	if err != nil {
		return err
	}
	if len(mine) > 0 {
		c := Card{ID: "restricted", Title: "Restricted records you answer for", Action: &Link{Text: "Open", Hidden: "the restricted records that you answer for", Href: "/restricted/yours"}}
		for _, one := range mine[:min(len(mine), homeRestrictedShown)] {
			review := reviewCell(one, today)
			c.Rows = append(c.Rows, Row{Key: "Review by", Value: one.ReviewOn.Words(), Tag: review.Tag})
		}
		p.Cards = append(p.Cards, c)
	}
	if !access.May(by, access.SeePerson) {
		return nil
	}
	letters, err := s.Messages.StoppedWait(ctx, by)
	if err != nil {
		return err
	}
	if letters > 0 {
		p.Cards = append(p.Cards, Card{ID: "letters", Title: "Letters that were stopped", Text: plural(letters, "letter was", "letters were") + " stopped when an address or a record was restricted. Decide whether one is sent.",
			Action: &Link{Text: "Open", Hidden: "the letters that were stopped", Href: "/restricted/waiting"}})
	}
	waiting, err := s.Restricted.Waits(ctx, by)
	if err == nil && waiting > 0 {
		p.Cards = append(p.Cards, Card{ID: "waiting", Title: "Rows about restricted records", Text: plural(waiting, "row waits", "rows wait") + " for you or others who may open the records.",
			Action: &Link{Text: "Open", Hidden: "the rows about restricted records", Href: "/restricted/waiting"}})
	}
	return err
}

// homeRestrictedShown is how many restrictions a home page names.
const homeRestrictedShown = 3
