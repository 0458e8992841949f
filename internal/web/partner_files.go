package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/sharing"
)

// partnerKinds are the kinds of file that partners send by themselves.
func partnerKinds() []Option {
	return []Option{{Text: "Choose one"}, {Value: "starters-leavers", Text: "Starters and leavers"}, {Value: "enrolment", Text: "Post-16 enrolment list"}, {Value: "full-roll", Text: "Everybody who is with us now"},
		{Value: "pupil-list", Text: "Pupil list"}, {Value: "intended-destinations", Text: "Intended destinations"}, {Value: "september-guarantee", Text: "September Guarantee offers"}}
}

func (s *Server) partnerFiles(w http.ResponseWriter, r *http.Request) error {
	return s.showPartnerFiles(w, r, newForm(nil))
}

func (s *Server) showPartnerFiles(w http.ResponseWriter, r *http.Request, f *Form) error {
	p, _, err := s.partnerOf(r, "Files we sent", "A file waits for a data officer of the authority, who looks at it before anything changes.")
	if err != nil {
		return err
	}
	p.Form, p.Errors = f, f.Errors
	kind := f.Choice(Choice{Name: "kind", Label: "What is in the file?", Options: partnerKinds()})
	asAt := f.DateInput(DateInput{Name: "as-at", Label: "On which day was it true?", Hint: "Left empty, today"})
	file := f.Upload(Upload{Name: "file", Label: "File", Hint: "CSV or Excel, 20 MB at most", Accept: ".csv,.xlsx,.xml"})
	p.Kind, p.AsAt, p.File = &kind, &asAt, &file
	list, err := s.Intake.Mine(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		t := Table{Caption: "Files", Stacked: true, Columns: []Column{{Text: "File"}, {Text: "Received"}, {Text: "State"}, {Text: "Rows", Numeric: true}, {Text: "Could not be used", Numeric: true}}}
		for _, one := range list {
			t.Rows = append(t.Rows, []Cell{{Text: one.FileName, Href: "/partner/files/" + string(one.Ref), Header: true, Note: one.KindName}, {Text: whole(one.Received), Note: one.By}, {Tag: ownTag(one)}, {Text: count(one.Read)}, {Text: count(one.Unusable)}})
		}
		p.Table = &t
	}
	return s.render(w, r, "partner_files", p)
}

func ownTag(o intake.Own) *Tag {
	colour := map[string]string{"taken over": "green", "cannot be read": "red", "put away": "grey"}[o.Words()]
	return &Tag{Text: capital(o.Words()), Colour: orText(colour, "blue")}
}

func (s *Server) partnerSend(w http.ResponseWriter, r *http.Request) error {
	f, file, err := readUpload(r, "file")
	if err != nil {
		return err
	}
	kind, asAt := f.Text("kind"), f.Date("as-at", "The day on which it was true")
	known := false
	for _, one := range partnerKinds() {
		known = known || one.Value != "" && one.Value == kind
	}
	if !known {
		f.Fail("kind", "Choose what is in the file, then choose the file again")
	}
	if asAt.After(s.today()) {
		f.Fail("as-at-day", "Enter a day that is today or earlier, then choose the file again")
	}
	if file == nil {
		f.Fail("file", "Choose the file to send")
	}
	if !f.OK() {
		return s.showPartnerFiles(w, r, f)
	}
	store, size, err := s.keepUpload(file)
	if err != nil {
		return err
	}
	defer store.Close()
	own, err := s.Intake.Send(r.Context(), actorOf(r), intake.File{Name: fileName(file.Name), From: io.NewSectionReader(store, 0, size), Kind: kind, AsAt: asAt, Key: f.Key})
	if f.Take(err) {
		for i, e := range f.Errors {
			if e.ID == "sender" {
				f.Errors[i].ID = "file"
			}
		}
		return s.showPartnerFiles(w, r, f)
	}
	if err != nil && !errors.As(err, new(intake.Refusal)) {
		return err
	}
	return s.done(w, r, "/partner/files/"+string(own.Ref), "The file is received.", nil)
}

func (s *Server) partnerFile(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.partnerOf(r, "A file you sent", "")
	if err != nil {
		return err
	}
	one, err := s.Intake.MineOne(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p.Section, p.Back = "/partner/files", &Link{Text: "Files we sent", Href: "/partner/files"}
	p.Facts = &Summary{Rows: []Row{{Key: "File", Value: one.FileName}, {Key: "What is in it", Value: orText(one.KindName, "Not known yet")}, {Key: "Received", Value: joined(", ", one.Received, one.By)}, {Key: "True on", Value: one.AsAt.Words()},
		{Key: "State", Tag: ownTag(one), Value: one.Message}, {Key: "Rows read", Value: count(one.Read)}, {Key: "Rows that could not be used", Value: count(one.Unusable)}}}
	if len(one.Faulty) > 0 {
		t := Table{Caption: "Rows that could not be used: mend them and send them again", Columns: []Column{{Text: "Row"}, {Text: "Column"}, {Text: "What stands there"}, {Text: "What to do"}}}
		for _, f := range one.Faulty {
			t.Rows = append(t.Rows, []Cell{{Text: strconv.Itoa(f.Row), Header: true}, {Text: f.Column}, {Text: f.Value}, {Text: f.Words}})
		}
		p.Table = &t
	}
	return s.render(w, r, "partner", p)
}

// homePartner is a partner's home: what waits for an answer.
func (s *Server) homePartner(r *http.Request, p *homePage) error {
	page, asking, err := s.partnerOf(r, "", "")
	if no := (sharing.NotInForce{}); errors.As(err, &no) {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "You can see nobody and send nothing.", Text: no.Message + "."})
		return nil
	}
	if err != nil {
		return err
	}
	p.Banners = append(p.Banners, page.Banners...)
	_, total, err := s.Notices.Unanswered(r.Context(), actorOf(r), 0)
	if err != nil {
		return err
	}
	p.Heading = asking.Organisation.Name
	c := Card{ID: "leavers", Title: "Your leavers", Action: &Link{Text: "Answer", Hidden: "about your leavers", Href: "/partner/leavers"}, Text: "Nobody needs an update."}
	if total > 0 {
		c.Tone, c.Text = "warn", count(total)+" "+needs(total)+" an update: are they still with you?"
	}
	p.Cards = append(p.Cards, c, Card{ID: "files", Title: "Files", Action: &Link{Text: "Send a file", Href: "/partner/files"}, Text: "Enrolment lists, leavers, intended destinations and offers."})
	return nil
}

// homeAgreement says to somebody of a youth justice or a care team whom their
// agreement lets them find; they have no pages of their own.
func (s *Server) homeAgreement(r *http.Request, p *homePage) error {
	if !actorOf(r).Holds(access.CarePartner) {
		return nil
	}
	asking, err := s.Sharing.Under(r.Context(), actorOf(r))
	if no := (sharing.NotInForce{}); errors.As(err, &no) {
		p.Banners = append(p.Banners, Banner{Tone: "bad", Strong: "You can see nobody.", Text: no.Message + "."})
		return nil
	}
	if err != nil {
		return err
	}
	p.Heading = asking.Organisation.Name
	p.Banners = append(p.Banners, s.agreementBanner(asking.Agreement, "the young people whom it names"))
	return nil
}

// homeNotices are the leaver notices that wait for somebody of staff.
func (s *Server) homeNotices(r *http.Request, p *homePage) error {
	counts, err := s.Notices.Count(r.Context(), actorOf(r), false)
	if err != nil || counts.Open == 0 {
		return err
	}
	mine, err := s.Notices.Count(r.Context(), actorOf(r), true)
	if err != nil {
		return err
	}
	c := Card{ID: "notices", Title: "Leaver notices", Action: &Link{Text: "Open", Hidden: "leaver notices", Href: "/notices"},
		Rows: []Row{{Key: "Not over", Value: plural(counts.Open, "notice", "notices")}, {Key: "Overdue", Value: plural(counts.Late, "notice", "notices")}, {Key: "About yours", Value: plural(mine.Open, "notice", "notices")}, {Key: "Yours at risk of leaving", Value: plural(mine.Risk, "notice", "notices")}}}
	for i, href := range []string{"/notices", "/notices?show=late", "/notices?show=mine", "/notices?show=mine"} {
		c.Rows[i].Href = href
	}
	if counts.Late > 0 {
		c.Tone = "warn"
	}
	p.Cards = append(p.Cards, c)
	return nil
}
