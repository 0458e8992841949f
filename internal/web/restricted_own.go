package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/id"
	"waymark/internal/restrict"
)

// ownRecordsPage is whose own or relatives' records are known, for information
// governance.
func (s *Server) ownRecordsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showOwnRecords(w, r, newForm(nil))
}

func relationChoice(form *Form, label string) FormPart {
	return form.radiosPart(Choice{Name: "relation", Label: label, Strong: true, Small: true,
		Options: []Option{{Value: restrict.Themself, Text: "Themself: it is their own record"}, {Value: restrict.Relative, Text: "A relative, or of the same household"}}})
}

func personPart(form *Form) FormPart {
	return form.inputPart(Input{Name: "person", Label: "Reference or YoungPersonsID of the record", Strong: true})
}

func (s *Server) showOwnRecords(w http.ResponseWriter, r *http.Request, form *Form) error {
	by := actorOf(r)
	list, err := s.Restricted.Owned(r.Context(), by)
	if err != nil {
		return err
	}
	people, err := s.Restricted.CouldBeNamed(r.Context(), by)
	if err != nil {
		return err
	}
	p := &restrictForm{Page: Page{Title: "Own and relatives’ records", Errors: form.Errors, Back: &Link{Text: "Restricted records", Href: "/restricted"},
		Lead: "Nobody opens their own record or a relative’s. Staff say it themselves on their account page."}, Form: form, Button: "Close the record to them",
		Parts: []FormPart{headingPart("Add one"), form.selectPart(Choice{Name: "account", Label: "Member of staff", Strong: true, Options: peopleOptions(people, true)}), personPart(form), relationChoice(form, "What is the young person to them?")}}
	if len(list) > 0 {
		p.Below = &Table{Caption: "Known now", Columns: []Column{{Text: "Member of staff"}, {Text: "Record"}, {Text: "What it is to them"}}}
	}
	for _, o := range list {
		p.Below.Rows = append(p.Below.Rows, []Cell{{Header: true, Text: o.Account.Name}, {Text: orText(o.YoungPersonsID, "No YoungPersonsID")}, {Text: capital(o.Relation)}})
		if o.Account.Account != by.Account {
			p.Ends = append(p.Ends, endButton{Action: "/restricted/own/end", Text: "Said in error: take it back", Hidden: o.Account.Name + ", " + o.YoungPersonsID, Key: string(id.NewRef()),
				Kept: []keptField{{"account", string(o.Account.Ref)}, {"since", strconv.FormatInt(int64(o.Since), 10)}}})
		}
	}
	return s.render(w, r, "restrict_form", p)
}

func (s *Server) addOwnRecord(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	account := id.Ref(form.Require("account", "Select whose relative the young person is"))
	person := form.Require("person", "Enter the reference or the YoungPersonsID of the record")
	if form.OK() {
		err = s.Restricted.Declare(r.Context(), actorOf(r), account, person, form.Text("relation"), form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showOwnRecords(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/restricted/own", "The record is closed to them.", nil)
}

func (s *Server) endOwnRecord(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.Restricted.Disown(r.Context(), actorOf(r), id.Ref(form.Text("account")), id.Act(atoi(form.Text("since"))), form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/restricted/own", "It is taken back.", nil)
}

// declareOwnPage is where somebody says that a record is theirs or a relative's.
func (s *Server) declareOwnPage(w http.ResponseWriter, r *http.Request) error {
	return s.showDeclareOwn(w, r, newForm(map[string]string{"person": r.URL.Query().Get("person")}))
}

func (s *Server) showDeclareOwn(w http.ResponseWriter, r *http.Request, form *Form) error {
	return s.render(w, r, "restrict_form", &restrictForm{
		Page: Page{Title: "Your own or a relative’s record", Errors: form.Errors, Back: &Link{Text: "Your account", Href: "/account"},
			Lead: "Nobody opens the record of a relative, a friend of the family, or their own. Say so before you come upon it."},
		Words: []string{"From then on the record is closed to you, whatever your work. Only information governance can take it back."},
		Form:  form, Button: "Close the record to me", Parts: []FormPart{personPart(form), relationChoice(form, "What is the young person to you?")}})
}

func (s *Server) declareOwn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	person := form.Require("person", "Enter the reference or the YoungPersonsID of the record")
	if form.OK() {
		err = s.Restricted.Declare(r.Context(), actorOf(r), "", person, form.Text("relation"), form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showDeclareOwn(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account", "The record is closed to you.", nil)
}

type waitingPage struct {
	Page
	Rows []waitingRow
	// Letters were stopped by a restriction; whoever may see the address decides.
	Letters []Card
	None    *Empty
}

type waitingRow struct {
	Card Card
	End  endButton
}

// waitingPage are the rows of partners' files that met records to which the
// reader is let through and most others are not.
func (s *Server) waitingPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Restricted.Queue(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	letters, err := s.Messages.StoppedLetters(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &waitingPage{Page: Page{Title: "Rows about restricted records", Back: &Link{Text: "Home", Href: "/"},
		Lead: "These rows of partners’ files changed nothing. Change the record where what they say is so, then take note of the row."}}
	for i, one := range list {
		c := Card{ID: "row-" + numbered(i+1), Title: one.Sender + ", row " + numbered(one.Row), Text: one.FileName + ", as at " + one.AsAt,
			Action: &Link{Text: "Open the record", Hidden: "that row " + numbered(one.Row) + " of " + one.FileName + " met", Href: personHref(one.PersonRef, "")}}
		for _, item := range sortedKeys(one.Said) {
			c.Rows = append(c.Rows, Row{Key: capital(item), Value: one.Said[item]})
		}
		p.Rows = append(p.Rows, waitingRow{c, endButton{Action: "/restricted/waiting", Text: "I have taken note", Hidden: "of row " + numbered(one.Row) + " of " + one.FileName, Key: string(id.NewRef()),
			Kept: []keptField{{"which", fmt.Sprintf("%d/%d/%d", one.Restriction, one.Intake, one.Row)}}}})
	}
	for i, one := range letters {
		p.Letters = append(p.Letters, Card{ID: "letter-" + numbered(i+1), Title: "A letter was stopped", Text: "It was asked for on " + moment(one.Queued) + " by " + one.SentBy + ": " + one.Why + ". Decide whether one is sent, and ask for it anew.",
			Action: &Link{Text: "Open the record", Hidden: "that letter " + numbered(i+1) + " was for", Href: personHref(one.Named.Ref, "")}})
	}
	if len(list)+len(letters) == 0 {
		p.None = &Empty{Title: "No row waits for you", Text: "Rows about restricted records stand here for those who may open the records."}
	}
	return s.render(w, r, "waiting", p)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *Server) dealtWaiting(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	parts := strings.Split(form.Text("which"), "/")
	if len(parts) != 3 {
		return errForm
	}
	one := restrict.Waiting{Restriction: id.Restriction(atoi(parts[0])), Intake: id.Import(atoi(parts[1])), Row: atoi(parts[2])}
	if err := s.Restricted.Dealt(r.Context(), actorOf(r), one, form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/restricted/waiting", "You have taken note of the row.", nil)
}

// lockedPage is all that is told of a locked record, and the way in for whoever
// must open it. For a record that is hidden, or is none, there is no such page.
func (s *Server) lockedPage(w http.ResponseWriter, r *http.Request) error {
	return s.showLocked(w, r, newForm(nil))
}

func (s *Server) showLocked(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	b, err := s.Restricted.Meets(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if !b.Until.IsZero() {
		http.Redirect(w, r, personHref(ref, ""), http.StatusSeeOther)
		return nil
	}
	p := &restrictForm{Page: Page{Title: "Restricted record", Section: "/find", Errors: form.Errors, Back: &Link{Text: "Find somebody else", Href: "/find"}}, Form: form}
	p.Who = Summary{Rows: []Row{{Key: "Reference", Value: string(ref)}}}
	if b.Own {
		form.about("reason", "")
		p.Words = []string{"This is your own record, or a relative’s. Nobody opens such a record, whatever their work. If that is said in error, ask information governance."}
		return s.render(w, r, "restrict_form", p)
	}
	p.Who.Rows = append(p.Who.Rows, Row{Key: "Ask", Value: b.Owner})
	p.Words = []string{b.Owner + " answers for this record. Ask them first: they can do what is needed, or have you named."}
	if access.May(actorOf(r), access.BreakGlass) {
		p.Button = "Open it for 30 minutes"
		p.Parts = []FormPart{headingPart("If it cannot wait"), {Text: "You can open it now for 30 minutes. The owner and information governance are told at once, with your reason, and look at what you did."},
			form.textareaPart(Textarea{Name: "reason", Label: "Why must you open it now?", Strong: true, Rows: 3, MaxLength: 300})}
	}
	return s.render(w, r, "restrict_form", p)
}

// breakGlass opens a locked record. Its address asks for a new proof of who one
// is.
func (s *Server) breakGlass(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Restricted.BreakGlass(r.Context(), actorOf(r), ref, form.Text("reason"), form.Key)
	if form.Take(err) {
		return s.showLocked(w, r, form)
	}
	if err == nil {
		err = s.keepReason(r, ref, "opened a locked record: "+form.Text("reason"), restrict.OpenFor)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, personHref(ref, ""), "The record is open to you for 30 minutes. The owner and information governance have been told.", nil)
}

// toLocked sends whoever asks for a record that is locked to them to the page
// that says whom to ask. It reports whether it did.
func (s *Server) toLocked(w http.ResponseWriter, r *http.Request, err error) bool {
	rest, about := strings.CutPrefix(r.URL.Path, "/young-people/")
	if !errors.Is(err, access.ErrLocked) || !about || written(w) {
		return false
	}
	ref, _, _ := strings.Cut(rest, "/")
	http.Redirect(w, r, personHref(id.Ref(ref), "locked"), http.StatusSeeOther)
	return true
}
