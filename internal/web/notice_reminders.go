package web

import (
	"errors"
	"net/http"

	"waymark/internal/act"
	"waymark/internal/notice"
)

type remindersPage struct {
	Page
	Form  *Form
	Parts []FormPart
	None  *Empty
	Sent  *Table
	// Cancel leads back.
	Cancel string
}

// remindersPage says where others are reminded of notices that wait for them, and
// what was sent.
func (s *Server) remindersPage(w http.ResponseWriter, r *http.Request) error {
	return s.showReminders(w, r, nil)
}

// showReminders draws it, as it is held or as somebody wrote it.
func (s *Server) showReminders(w http.ResponseWriter, r *http.Request, written *Form) error {
	all, sent, err := s.Notices.Awaited(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	form := written
	if form == nil {
		form = newForm(nil)
		for _, one := range all {
			form.values.Set(one.Field(), one.Email)
		}
	}
	p := &remindersPage{Page: Page{Title: "Reminders", Errors: form.Errors, Section: "/notices", Back: &Link{Text: "Leaver notices", Href: "/notices"},
		Lead: "Whoever has not answered by the day is written to once for that day. The e-mail has the notice’s stamp and its days, and names nobody. Leave an address empty to write to nobody there."}, Form: form, Cancel: "/notices"}
	for _, one := range all {
		p.Parts = append(p.Parts, form.inputPart(Input{Name: one.Field(), Label: "E-mail of " + one.Name, Strong: true, Type: "email",
			Hint: plural(one.Open, "notice waits", "notices wait") + " for them, " + count(one.Late) + " past the day"}))
	}
	if len(all) == 0 {
		p.None = &Empty{Title: "Nobody is waited for", Text: "Authorities stand here once a notice was sent on to them, and institutions once they have told of a risk."}
	}
	p.Sent = remindersTable(sent)
	return s.render(w, r, "notice_reminders", p)
}

// remindersTable is what was sent, nil for nothing.
func remindersTable(sent []notice.Reminder) *Table {
	if len(sent) == 0 {
		return nil
	}
	t := &Table{Caption: "Reminders of late", Stacked: true, Columns: []Column{{Text: "Notice"}, {Text: "To"}, {Text: "Queued"}, {Text: "State"}}}
	for _, one := range sent {
		t.Rows = append(t.Rows, []Cell{{Header: true, Text: one.Stamp}, {Text: one.Name, Note: one.To}, {Text: one.Queued.Words()}, {Text: capital(one.State), Note: one.Why}})
	}
	return t
}

func (s *Server) saveReminders(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	all, _, err := s.Notices.Awaited(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	to := map[string]string{}
	for _, one := range all {
		if form.values.Has(one.Field()) { // else they were not on the form yet
			to[one.Whom] = form.Text(one.Field())
		}
	}
	if err = s.Notices.SetAddresses(r.Context(), actorOf(r), to, form.Key); form.Take(err) {
		return s.showReminders(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) { // the first press did it
		return err
	}
	return s.done(w, r, "/notices/reminders", "The addresses are saved.", nil)
}
