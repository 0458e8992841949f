package web

import (
	"context"
	"net/http"
	"time"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/due"
	"waymark/internal/imports"
	"waymark/internal/returns"
)

type homePage struct {
	Page
	Find  *findBox
	Stats []Stat
	// StatsOf says what the numbers are about; Working that they are being
	// worked out.
	StatsOf, Working string
	// Live is what the return would say today, and at the end of the month if
	// nothing is done.
	Live      *Table
	LiveLinks []Link
	Cards     []Card
	// Day is what there is to do for the reader, by section.
	Day      []dayPart
	DayAhead string
	// DayAheadLink leads to who they are.
	DayAheadLink *Link
	DayNone      *Empty
	Figures      *Table
	FiguresNone  *Empty
	Words        []string
	Links        []Link
}

// soon is how long a home page waits for a return to be worked out.
const soon = 250 * time.Millisecond

func (s *Server) homePage(w http.ResponseWriter, r *http.Request) error {
	actor := actorOf(r)
	p := &homePage{Page: Page{Title: "Home"}}
	if access.May(actor, access.FindPerson) {
		box := newFindBox(newForm(nil), "Find a young person", "Name, date of birth, postcode, school or number")
		box.Quiet = true
		p.Find = &box
	}
	full := false
	for _, part := range []struct {
		permission access.Action
		fill       func(*http.Request, *homePage) error
	}{{access.SeeReturn, s.homeReturn}, {access.ListPeople, s.homeDay}, {access.WorkCampaign, s.homeCampaigns}, {access.SeeCalendar, s.homeYear}, {access.SeeFigures, s.homeLive}, {access.ImportFile, s.homeFiles}, {access.SeeNotices, s.homeNotices}, {access.PartnerPages, s.homePartner}, {access.FindPerson, s.homeAgreement}, {access.KeepRequests, s.homeRequests}, {access.SignedIn, s.homeOthers}, {access.SignedIn, s.restrictedHome}} {
		if !access.May(actor, part.permission) {
			continue
		}
		// A full disk takes away what shows people, because it cannot be recorded
		// who looked, and leaves the rest.
		if err := part.fill(r, p); db.IsFull(err) {
			full = true
		} else if err != nil {
			return err
		}
	}
	if full {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "There is no room left on the disk of Waymark.",
			Text: "Until there is, nothing can be saved and no young person shown. Nothing that was saved is lost, and the figures still work. Tell whoever looks after Waymark, now."})
	}
	return s.render(w, r, "home", p)
}

// homeReturn is the countdown of the next return, its numbers, what is wrong
// in it, and what lapses before the next one.
func (s *Server) homeReturn(r *http.Request, p *homePage) error {
	ctx, actor, today := r.Context(), actorOf(r), s.today()
	list, err := s.Returns.List(ctx, actor)
	if err != nil {
		return err
	}
	reg, err := s.Registers.Get(ctx, s.Register)
	if err != nil {
		return err
	}
	month := returns.Next(list, reg.Codes(), today)
	m := monthly{period: month, register: reg}
	words, _ := dueWords(month, today)
	p.Heading = m.name(today) + ": " + words
	p.Lead = "Due on " + returns.Due(month).Words() + ". " + stateWords(list, month)
	p.Actions = []Link{{Text: "Open " + m.name(today), Href: m.href(""), Main: true}}
	d, fresh, err := s.draftSoon(ctx, actor, month)
	if err != nil {
		return err
	}
	wrong := Card{ID: "wrong", Title: "What is wrong", Action: &Link{Text: "Open", Hidden: "what is wrong in the return", Href: m.href("")}}
	switch {
	case d == nil:
		p.Working = "The numbers of " + m.name(today) + " are being worked out. This page looks again every 2 seconds."
		p.Refresh = 2
		wrong.Text = "Being worked out."
	default:
		if !fresh {
			p.Working = "The numbers are being brought up to date. This page looks again every 2 seconds."
			p.Refresh = 2
		}
		p.Stats = draftStats(m, d, sentBefore(list, month, d.Authorities))
		p.StatsOf = m.name(today) + ", as the register stands now"
		wrong.Rows = wrongRows(m, d)
		if d.Totals.Priority[1] > 0 {
			wrong.Tone = "bad"
		}
		if len(d.Findings) == 0 {
			wrong.Tone, wrong.Text, wrong.Rows = "good", "Nothing. Every check passes.", nil
		}
	}
	lapsing, err := s.homeLapsing(r, today)
	p.Cards = append(p.Cards, wrong, lapsing)
	return err
}

func wrongRows(m monthly, d *returns.Draft) []Row {
	var rows []Row
	for i, one := range []struct{ key, at string }{{"Serious", "serious"}, {"Errors", "errors"}, {"Warnings", "warnings"}} {
		n := d.Totals.Priority[i+1]
		row := Row{Key: one.key, Value: plural(n, "finding", "findings")}
		if n > 0 {
			row.Href = m.href("") + "#" + one.at
		}
		rows = append(rows, row)
	}
	return rows
}

// homeLapsing is how many are due, by when.
func (s *Server) homeLapsing(r *http.Request, today civil.Date) (Card, error) {
	c := Card{ID: "lapses", Title: "What is due", Action: &Link{Text: "Open", Hidden: "what is due", Href: "/due"},
		Text: "Unless it is confirmed before, what they do counts as not known in the return of that month."}
	q := due.Question{On: today}
	all, _, err := s.Due.Counts(r.Context(), actorOf(r), q, due.ByAdviser)
	if err != nil {
		return c, err
	}
	for i, window := range due.Windows() {
		if window == due.Days7 || window == due.Days60 || window == due.Days90 {
			continue
		}
		row := Row{Key: window.Words(today), Value: plural(all.Due[i], "young person", "young people")}
		if all.Due[i] > 0 {
			q.Window = window
			row.Href = dueHref("/due", q)
		}
		c.Rows = append(c.Rows, row)
	}
	return c, nil
}

// stateWords says how far the month's return has come.
func stateWords(list []*returns.Return, month civil.Month) string {
	for _, one := range list { // the latest version first
		if one.Period != month {
			continue
		}
		switch one.State {
		case returns.SignedOnce:
			return "Signed by " + one.FirstSigner().Name + "; a second person signs next."
		case returns.Signed:
			return "Signed by both; not sent yet."
		case returns.Rejected:
			return "The Department rejected the last version."
		}
	}
	return "Nobody has signed it yet."
}

// draftSoon is the month's return if it can be had within a moment, and else
// the one last looked at, or nil. It goes on being worked out meanwhile.
func (s *Server) draftSoon(ctx context.Context, actor access.Actor, month civil.Month) (d *returns.Draft, fresh bool, err error) {
	type answer struct {
		draft *returns.Draft
		err   error
	}
	got := make(chan answer, 1)
	go func() {
		d, err := s.Returns.Build(context.WithoutCancel(ctx), actor, month, returns.Options{})
		got <- answer{d, err}
	}()
	select {
	case a := <-got:
		return a.draft, true, a.err
	case <-time.After(soon):
		d, err := s.Returns.Kept(ctx, actor, month)
		return d, false, err
	}
}

// homeFilesShown is how many of the last files a home page names.
const homeFilesShown = 3

func (s *Server) homeFiles(r *http.Request, p *homePage) error {
	list, err := s.Imports.List(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	c := Card{ID: "came-in", Title: "What came in", Action: &Link{Text: "Load a file", Href: "/imports/new"}}
	for _, one := range list[:min(homeFilesShown, len(list))] {
		row := Row{Key: monthWords(one.PeriodEnd), Value: one.FileName, Href: "/imports/" + string(one.Ref), Tag: importTag(one.Status), Source: moment(one.ReceivedAt)}
		if row.Key == "" {
			row.Key = "File"
		}
		if one.Status == imports.Reading {
			p.Refresh = 2
		}
		c.Rows = append(c.Rows, row)
	}
	if len(list) == 0 {
		c.Text = "No file has been loaded yet."
	}
	p.Cards = append(p.Cards, c)
	return nil
}

// homeOthers are the roles that have neither a return nor a caseload.
func (s *Server) homeOthers(r *http.Request, p *homePage) error {
	actor := actorOf(r)
	if actor.Holds(access.InformationGovernance) {
		p.Words = append(p.Words, "Whoever looks at a young person’s record is logged before the page is shown: who, whose record, which page, when. Every change is logged with where it was learned; a record’s history shows it.")
	}
	if access.May(actor, access.ManageStaff) {
		all, err := s.Account.All(r.Context(), actor)
		if err != nil {
			return err
		}
		open := 0
		for _, a := range all {
			if !a.Disabled {
				open++
			}
		}
		p.Cards = append(p.Cards, Card{ID: "accounts", Title: "Accounts", Action: &Link{Text: "Open", Hidden: "the accounts", Href: "/accounts"}, Text: plural(open, "account is open", "accounts are open") + ".",
			Rows: []Row{{Key: "New staff", Value: "Make an account", Href: "/accounts/new"}}})
	}
	if actor.Holds(access.Commissioner) {
		list, err := s.Returns.Figures(r.Context(), actor)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			p.FiguresNone = &Empty{Title: "No return has been sent yet", Text: "Once one has been, its figures stand here."}
			return nil
		}
		t := sentFigures(list[:min(6, len(list))], s.today(), false)
		p.Figures = &t
		p.Links = append(p.Links, Link{Text: "All figures", Href: "/figures"})
	}
	return nil
}
