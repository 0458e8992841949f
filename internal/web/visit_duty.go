package web

import (
	"errors"
	"net/http"

	"waymark/internal/act"
	"waymark/internal/visit"
)

// dutyPage says whom a missed check-in is told by text and e-mail.
func (s *Server) dutyPage(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Visits.Duty(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.showDuty(w, r, newForm(map[string]string{"telephone": d.Telephone, "email": d.Email}))
}

func (s *Server) showDuty(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := &noticeFormPage{Page: Page{Title: "Who is told of a missed check-in", Errors: form.Errors, Section: "/visits", Back: &Link{Text: "Visits", Href: "/visits"},
		Lead: "When somebody who is out on visits has not said in time that they are safe, every page of team managers says so, and this number and address are told at once. Leave both empty to tell nobody else."},
		Form: form, Button: "Save", Cancel: "/visits"}
	p.Parts = []FormPart{form.inputPart(Input{Name: "telephone", Label: "Telephone that takes texts", Hint: "One that somebody looks at whenever anybody is out", Type: "tel", Width: "20"}),
		form.inputPart(Input{Name: "email", Label: "E-mail address", Hint: "For example, the shared mailbox of the duty desk", Type: "email"})}
	return s.render(w, r, "notice_form", p)
}

func (s *Server) saveDuty(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Visits.SetDuty(r.Context(), actorOf(r), visit.Duty{Telephone: form.Text("telephone"), Email: form.Text("email")}, form.Key)
	if form.Take(err) {
		return s.showDuty(w, r, form)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return err
	}
	return s.done(w, r, "/visits", "It is saved who is told of a missed check-in.", nil)
}

// dutyWords say what became of the messages about an alarm.
func dutyWords(told []visit.DutyTold) string {
	var out []string
	for _, one := range told {
		out = append(out, joined(", ", capital(string(one.Channel))+" to "+one.To+": "+one.State, one.Why))
	}
	return joined(". ", out...)
}
