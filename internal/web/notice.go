package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"waymark/internal/access"
	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/find"
	"waymark/internal/id"
	"waymark/internal/notice"
	"waymark/internal/record"
)

func dayIn(t time.Time) civil.Date { return civil.On(t, civil.London()) }

type noticePage struct {
	Page
	Facts   Summary
	Form    *Form
	Version string
	Done    Timeline
	Others  *Table
	// Found are who it may be about; Who looks for somebody else.
	Finding bool
	Found   []candidateHere
	Who     *Input
	Follows []string
	// The parts of the step that is next, each a form of its own.
	Steps []noticeStep
}

// candidateHere is somebody whom the notice may be about.
type candidateHere struct{ Ref, Name, Facts, Why, Href string }

// noticeStep is one thing that can be done with a notice.
type noticeStep struct {
	Form        *Form
	Version     string
	Title, Text string
	Act, Button string
	Parts       []FormPart
	Quiet       bool
	Link        *Link
	Open        bool
}

func (s *Server) noticePage(w http.ResponseWriter, r *http.Request) error {
	return s.showNotice(w, r, newForm(nil))
}

func (s *Server) showNotice(w http.ResponseWriter, r *http.Request, f *Form) error {
	by, ref := actorOf(r), id.Ref(r.PathValue("ref"))
	n, steps, err := s.Notices.Get(r.Context(), by, ref, access.SeeNotices)
	if err != nil {
		return err
	}
	p := &noticePage{Page: Page{Title: n.Kind.Words() + " " + n.Stamp, Heading: n.Kind.Words(), Caption: n.Stamp, Errors: f.Errors, Section: "/notices", Back: &Link{Text: "Leaver notices", Href: "/notices"}},
		Form: f, Version: strconv.FormatInt(int64(n.Version), 10)}
	if err := s.noticeFacts(r, n, p); err != nil {
		return err
	}
	p.Done = Timeline{Label: "What was done, the earliest first"}
	for _, one := range steps {
		p.Done.Items = append(p.Done.Items, Event{Title: one.What, Date: moment(one.At), By: one.By})
	}
	others, err := s.Notices.Others(r.Context(), by, n)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		t := s.noticesTable("Other notices about the same young person", others)
		p.Others = &t
	}
	if !n.State.Over() && access.May(by, access.SettleNotice) {
		if err := s.nextSteps(r, n, p); err != nil {
			return err
		}
	}
	return s.render(w, r, "leaver_notice", p)
}

func (s *Server) noticeFacts(r *http.Request, n *notice.Notice, p *noticePage) error {
	e, _ := s.Requirement.EditionOn(s.today())
	destination := "Not known"
	if a, ok := e.Activity(n.Destination); ok {
		destination = a.Code + " " + a.Label
	}
	rows := []Row{{Key: "State", Tag: noticeTag(n, s.today()), Value: n.Outcome}, {Key: "Next step by", Value: n.Due.Words()}, {Key: "As the institution names them", Value: n.Name(), Source: joined("; ", labelled("born ", n.Born.Words()), n.Postcode, labelled("ULN ", n.ULN), labelled("their reference ", n.TheirRef))},
		{Key: "From", Value: n.Institution, Source: joined(", ", "by "+n.Channel, n.SenderName, moment(n.ReceivedAt))}}
	switch n.Kind {
	case notice.Left:
		day := n.LeftOn.Words()
		if n.LeftOn.After(s.today()) {
			day += " (expected)"
		}
		rows = append(rows, Row{Key: "Last day", Value: day}, Row{Key: "Why", Value: orText(n.ReasonWords(), "Not said")}, Row{Key: "What they do now", Value: destination})
	case notice.Risk:
		rows = append(rows, Row{Key: "Why they may leave", Value: n.ReasonWords()}, Row{Key: "Who acts", Value: joined(", by ", n.WhoActs, n.ActBy.Words())})
	}
	if n.HomeLA != "" {
		rows = append(rows, Row{Key: "Belongs to", Value: "Authority " + n.HomeLA, Source: joined("; ", labelled("sent by ", n.SentHow), n.SentOn.Words(), asked(n.Chased))})
	}
	if n.ToldAgain > 0 {
		rows = append(rows, Row{Key: "Came again", Value: plural(n.ToldAgain, "time", "times")})
	}
	if n.Person != 0 {
		people, err := s.Record.Some(r.Context(), actorOf(r), []id.YoungPerson{n.Person}, "notice")
		if err != nil {
			return err
		}
		for _, one := range people {
			rows = append(rows, Row{Key: "About", Value: one.Name(), Href: personHref(one.Ref, ""), Source: joined("; ", one.YoungPersonsID, labelled("adviser ", one.Adviser), n.MetBy)})
		}
	}
	for _, one := range rows {
		if one.Value != "" || one.Tag != nil {
			p.Facts.Rows = append(p.Facts.Rows, one)
		}
	}
	return nil
}

func asked(times int) string {
	if times == 0 {
		return ""
	}
	return "asked again " + plural(times, "time", "times")
}

// nextSteps are the forms of what can be done with the notice now.
func (s *Server) nextSteps(r *http.Request, n *notice.Notice, p *noticePage) error {
	f := p.Form
	add := func(step noticeStep) {
		step.Form, step.Version = f, p.Version
		p.Steps = append(p.Steps, step)
	}
	elsewhere := noticeStep{Title: "They belong to another authority", Act: "elsewhere", Button: "Send it on next", Quiet: true,
		Parts: []FormPart{f.inputPart(Input{Name: "authority", Label: "The number of their authority", Hint: "Three digits, like 931", Width: "3", InputMode: "numeric"})}}
	switch n.State {
	case notice.ToFind:
		p.Finding = true
		who := f.Input(Input{Name: "who", Label: "Look for somebody else", Hint: "A name, a date of birth, a postcode or a number"})
		p.Who = &who
		if err := s.candidates(r, n, f.Text("who"), p); err != nil {
			return err
		}
		add(elsewhere)
	case notice.ToSettle:
		if err := s.settleSteps(r, n, p, add); err != nil {
			return err
		}
		add(noticeStep{Title: "It is about somebody else", Act: "apart", Button: "Say who, next", Quiet: true})
		add(elsewhere)
	case notice.ToSendOn, notice.SentOn:
		if err := s.sendSteps(r, n, add, f); err != nil {
			return err
		}
		add(noticeStep{Title: "They are ours after all", Act: "apart", Button: "Say who it is about, next", Quiet: true})
	}
	var outcomes []Option
	for _, o := range notice.Outcomes(n.Kind) {
		outcomes = append(outcomes, Option{Value: o, Text: o})
	}
	end := noticeStep{Title: "Nothing follows on the record", Act: "close", Button: "Close the notice", Quiet: true, Parts: []FormPart{f.radiosPart(Choice{Name: "outcome", Label: "Why?", Small: true, Options: outcomes})}}
	if n.Kind == notice.Risk {
		end.Title, end.Quiet, end.Parts = "How it ended", false, []FormPart{f.radiosPart(Choice{Name: "outcome", Label: "What came of it?", Small: true, Options: outcomes})}
	}
	add(end)
	return nil
}

// settleSteps are what follows for somebody who is found.
func (s *Server) settleSteps(r *http.Request, n *notice.Notice, p *noticePage, add func(noticeStep)) error {
	f := p.Form
	switch n.Kind {
	case notice.Left:
		follows, err := s.Notices.Follows(r.Context(), actorOf(r), n.Ref, n.Destination)
		if err != nil {
			return err
		}
		e, _ := s.Requirement.EditionOn(s.today())
		label := func(code string) string {
			if a, ok := e.Activity(code); ok {
				return a.Code + " " + a.Label
			}
			return code
		}
		switch {
		case follows.Closes == nil:
			p.Follows = []string{"The register does not hold them there on " + n.LeftOn.Words() + ". Correct their activity on the record first, or close the notice."}
			return nil
		case follows.Known:
			p.Follows = []string{"The register knew already that they have left. Nothing on the record changes."}
		default:
			p.Follows = []string{joined(", ", label(follows.Closes.Is.Activity), follows.Closes.Is.EstablishmentName) + " ends on " + n.LeftOn.Words() + "."}
			if follows.Opens != "" {
				p.Follows = append(p.Follows, "From the day after: "+label(follows.Opens)+".")
			} else {
				p.Follows = append(p.Follows, "What they do since then is held already, and stays.")
			}
		}
		if !f.values.Has("to") {
			f.values.Set("to", n.Destination)
		}
		add(noticeStep{Title: "Settle it", Act: "settle", Button: "Record that they have left",
			Parts: []FormPart{f.selectPart(Choice{Name: "to", Label: "What they do now", Hint: "Leave it at not known unless somebody has said", Options: append([]Option{{Text: "Not known"}}, activityOptions(e)...)})}})
	case notice.Staying:
		p.Follows = []string{"What they do is confirmed on the day on which the institution said so."}
		add(noticeStep{Title: "Settle it", Act: "settle", Button: "Confirm what they do"})
	default:
		if !f.values.Has("who-acts") {
			f.values.Set("who-acts", n.WhoActs)
			f.SetDate("act-by", n.ActBy)
		}
		add(noticeStep{Title: "Who acts, and by when", Act: "plan", Button: "Save", Parts: []FormPart{f.inputPart(Input{Name: "who-acts", Label: "Who will act"}), f.datePart(DateInput{Name: "act-by", Label: "By which day"})}})
	}
	return nil
}

// sendSteps are what follows for somebody who belongs to another authority.
func (s *Server) sendSteps(r *http.Request, n *notice.Notice, add func(noticeStep), f *Form) error {
	if !access.May(actorOf(r), access.KeepNotices) {
		return nil
	}
	if n.State == notice.SentOn {
		add(noticeStep{Title: "Has the other authority answered?", Act: "answered", Button: "They have it"})
		add(noticeStep{Act: "chase", Button: "I have asked them again", Quiet: true, Link: &Link{Text: "Draft to the other authority", Href: noticeHref(n.Ref, "/letter")}})
		return nil
	}
	name, open, err := s.Notices.Road(r.Context(), n)
	if err != nil {
		return err
	}
	if open {
		add(noticeStep{Title: "Send it on", Text: name + " is in this house, and both sides have an agreement in force: it is there at once.", Act: "hand", Button: "Hand it to " + name})
		return nil
	}
	var roads []Option
	for _, road := range notice.Roads() {
		roads = append(roads, Option{Value: road, Text: capital(road)})
	}
	add(noticeStep{Title: "Send it on", Text: "Send it by hand, and then say how.", Act: "sent", Button: "It was sent", Link: &Link{Text: "Draft to the other authority", Href: noticeHref(n.Ref, "/letter")},
		Parts: []FormPart{f.radiosPart(Choice{Name: "how", Label: "How was it sent?", Small: true, Options: roads})}})
	return nil
}

// mostBeside is how many people a notice is held beside.
const mostBeside = 8

// candidates are who it may be about: by what was typed, else by name and birth
// date, else by the birth date alone.
func (s *Server) candidates(r *http.Request, n *notice.Notice, typed string, p *noticePage) error {
	questions := []string{typed}
	if typed == "" {
		questions = []string{n.Given + " " + n.Family + " " + n.Born.String(), n.Family + " " + n.Born.String(), n.Born.String()}
	}
	for _, q := range questions {
		found, err := s.Find.Find(r.Context(), actorOf(r), find.Ask(q), mostBeside, "notice")
		if err != nil {
			return err
		}
		for _, m := range found.Matches {
			if !m.Locked {
				p.Found = append(p.Found, candidateOf(m))
			}
		}
		if len(p.Found) > 0 {
			return nil
		}
	}
	return nil
}

func candidateOf(m find.Match) candidateHere {
	why := labelled("Agrees: ", strings.Join(m.Why, "; "))
	return candidateHere{Ref: string(m.Ref), Name: m.Name(), Facts: joined(", ", labelled("born ", m.Born.Words()), m.Postcode, m.Establishment, m.YoungPersonsID), Why: why, Href: personHref(m.Ref, "")}
}

// doNotice does one step of a notice.
func (s *Server) doNotice(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	ctx, by, ref := r.Context(), actorOf(r), id.Ref(r.PathValue("ref"))
	seen, bad := strconv.ParseInt(f.Text("version"), 10, 64)
	if bad != nil {
		seen = -1 // no version: then it is one that does not stand
	}
	p := notice.Pressed{Seen: id.Act(seen), Key: f.Key}
	done := ""
	switch f.Text("act") {
	case "look":
		return s.showNotice(w, r, f)
	case "meet":
		done, err = "It is said who the notice is about.", s.Notices.Meet(ctx, by, ref, id.Ref(f.Text("person")), p)
	case "apart":
		done, err = "Say who it is about.", s.Notices.Apart(ctx, by, ref, p)
	case "settle":
		done, err = "The notice is settled.", s.Notices.Settle(ctx, by, ref, f.Text("to"), p)
	case "plan":
		until := f.Date("act-by", "The day")
		if f.OK() {
			done, err = "Who acts is saved.", s.Notices.Plan(ctx, by, ref, f.Text("who-acts"), until, p)
		}
	case "elsewhere":
		done, err = "It is to be sent on.", s.Notices.Elsewhere(ctx, by, ref, f.Text("authority"), p)
	case "hand":
		done, err = "The other authority has it.", s.Notices.SendOn(ctx, by, ref, "", p)
	case "sent":
		how := f.Require("how", "Select how it was sent")
		if f.OK() {
			done, err = "It is sent on.", s.Notices.SendOn(ctx, by, ref, how, p)
		}
	case "chase":
		done, err = "It is noted that you asked again.", s.Notices.Chase(ctx, by, ref, p)
	case "answered":
		done, err = "The notice is over here.", s.Notices.Answered(ctx, by, ref, p)
	case "close":
		done, err = "The notice is closed.", s.Notices.Close(ctx, by, ref, f.Text("outcome"), p)
	default:
		return errNoPage
	}
	if f.Take(err) {
		err = nil
	}
	if !f.OK() {
		noticeErrors(f)
		return s.showNotice(w, r, f)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, noticeHref(ref, ""), done, nil)
}

// noticeErrors leads complaints to fields that stand on the page.
func noticeErrors(f *Form) {
	for i, e := range f.Errors {
		switch e.ID {
		case "act-by":
			f.Errors[i].ID = "act-by-day"
		case "left-on", "activity", "on":
			f.Errors[i].ID = "to"
		case "act":
			f.Errors[i].ID = "steps"
		}
	}
}

// noticeSaved ends a form that has sent a notice: also the second press of it,
// and the same notice again, which end where the first did.
func (s *Server) noticeSaved(w http.ResponseWriter, r *http.Request, n *notice.Notice, err error, to func(*notice.Notice) string) error {
	switch {
	case errors.Is(err, act.ErrRepeated):
		return s.done(w, r, to(n), "This notice came before. It is "+n.Stamp+", once.", nil)
	case err != nil:
		return err
	}
	return s.done(w, r, to(n), "The notice is received. Its number is "+n.Stamp+".", nil)
}

func (s *Server) noticeFilePage(w http.ResponseWriter, r *http.Request) error {
	return s.showNoticeFile(w, r, newForm(nil), nil)
}

func (s *Server) showNoticeFile(w http.ResponseWriter, r *http.Request, f *Form, took *notice.Taken) error {
	file := f.Upload(Upload{Name: "file", Label: "List of leavers", Hint: "CSV or Excel, with Given name, Family name, Date of birth, Leaving date, and if known Reason for leaving, Destination, ULN and Postcode", Accept: ".csv,.xlsx"})
	p := &noticeFormPage{Page: Page{Title: "Load a list of leavers", Errors: f.Errors, Section: "/notices", Back: &Link{Text: "Leaver notices", Href: "/notices"},
		Lead: "Each row becomes a notice. Whole enrolment lists go through Files in."}, Form: f, File: &file, Button: "Load the list", Cancel: "/notices",
		Parts: []FormPart{f.inputPart(Input{Name: "institution", Label: "School, college or provider"})}}
	if took != nil {
		p.Banners = append(p.Banners, Banner{Tone: "good", Status: true, Strong: plural(took.New, "notice is received.", "notices are received."), Text: joined(" ", plural(took.Again, "row", "rows")+" came before, "+plural(took.Skipped, "row is", "rows are")+" of nobody who has left, "+plural(len(took.Faulty), "row", "rows")+" could not be used.")})
		p.Faulty = faultyTable(took.Faulty)
	}
	return s.render(w, r, "notice_form", p)
}

func faultyTable(list []notice.Fault) *Table {
	if len(list) == 0 {
		return nil
	}
	t := Table{Caption: "Rows that could not be used", Columns: []Column{{Text: "Row"}, {Text: "What to do"}}}
	for _, one := range list {
		t.Rows = append(t.Rows, []Cell{{Text: strconv.Itoa(one.Row), Header: true}, {Text: one.Words}})
	}
	return &t
}

func (s *Server) takeNoticeFile(w http.ResponseWriter, r *http.Request) error {
	f, file, err := readUpload(r, "file")
	if err != nil {
		return err
	}
	if file == nil {
		f.Fail("file", "Choose the list")
		return s.showNoticeFile(w, r, f, nil)
	}
	store, size, err := s.keepUpload(file)
	if err != nil {
		return err
	}
	defer store.Close()
	took, err := s.Notices.ReceiveFile(r.Context(), actorOf(r), notice.File{From: io.NewSectionReader(store, 0, size), Size: size, Institution: f.Text("institution"), Key: f.Key})
	if f.Take(err) {
		return s.showNoticeFile(w, r, f, nil)
	}
	if err != nil {
		return err
	}
	return s.showNoticeFile(w, r, newForm(nil), &took)
}

// rowWords is a young person of a list in one line, as far as the reader sees.
func rowWords(row record.Row) string { return orText(row.Name(), row.YoungPersonsID) }
