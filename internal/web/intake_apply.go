package web

import (
	"errors"
	"net/http"
	"strconv"

	"waymark/internal/change"
	"waymark/internal/id"
	"waymark/internal/intake"
)

type gonePage struct {
	Page
	Form  *Form
	None  *Empty
	Rows  []goneRow
	Pages []Link
	Open  bool
	Shown string
}

type goneRow struct {
	Name, Href, ID, Doing string
	Ref                   id.Ref
	Choice                Choice
}

// gonePage lists who was on the sender's last full roll and is not on this one.
func (s *Server) gonePage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	page := pageAsked(r)
	list, more, err := s.Intake.Gone(r.Context(), actorOf(r), ref, page)
	if err != nil {
		return err
	}
	p := &gonePage{Page: Page{Title: "No longer on the roll", Caption: in.FileName, Section: "/imports", Back: &Link{Text: "The file", Href: intakeHref(ref, "")},
		Lead: "They were on the last full roll of " + in.Sender.Name + " and are not on this one. Nothing changes for them unless you say so."}, Form: newForm(nil), Open: in.State == intake.InReview}
	if len(list) == 0 {
		p.None = &Empty{Title: "Nobody", Text: "Everybody of the last full roll is on this one, or this file is no full roll.", Link: &Link{Text: "Go back to the file", Href: intakeHref(ref, "")}}
		return s.render(w, r, "intake_gone", p)
	}
	e := s.edition()
	for _, one := range list {
		name := "gone-" + string(one.Person)
		p.Form.values.Set(name, orText(one.Decision, "open"))
		p.Rows = append(p.Rows, goneRow{Name: one.Name, Href: personHref(one.Person, ""), ID: one.YoungPersonsID, Ref: one.Person, Doing: joined(", ", activityWords(e, one.Activity), one.Place),
			Choice: p.Form.Choice(Choice{Name: name, Label: "What became of " + one.Name, Options: []Option{{Value: "open", Text: "Follow up: nothing changes"},
				{Value: intake.GoneLeft, Text: "Has left: not known from " + in.AsAt.Words()}, {Value: intake.GoneThere, Text: "Is still there: the roll is wrong"}}})})
	}
	p.Pages = pageLinks(page, more, func(n int) string { return intakeHref(ref, "/gone?page="+strconv.Itoa(n)) })
	p.Shown = plural(in.Counts.Gone, "person", "people") + ", " + count(in.Counts.GoneOpen) + " to be decided."
	return s.render(w, r, "intake_gone", p)
}

func (s *Server) decideGone(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, decided := id.Ref(r.PathValue("ref")), 0
	for i, person := range form.All("person") {
		if i == intake.PerPage {
			break
		}
		decision := form.Text("gone-" + person)
		if decision == "open" {
			decision = ""
		}
		if was := form.Text("was-" + person); was == decision {
			continue
		}
		if err := s.Intake.DecideGone(r.Context(), actorOf(r), ref, id.Ref(person), decision); err != nil {
			if complaintOf(err) != "" && !isRefusal(err) {
				return errForm
			}
			return s.intakeFailed(w, r, err)
		}
		decided++
	}
	return s.done(w, r, intakeHref(ref, ""), plural(decided, "decision is", "decisions are")+" kept.", nil)
}

type applyPage struct {
	Page
	Form    *Form
	What    Summary
	Effect  string
	Without *Choice
	Button  string
	Return  string
	Wait    string
}

func (s *Server) applyPage(w http.ResponseWriter, r *http.Request) error {
	return s.showApply(w, r, newForm(nil))
}

func (s *Server) showApply(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State != intake.InReview {
		http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther)
		return nil
	}
	effect, err := s.Intake.Foresee(r.Context(), actorOf(r), ref)
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	c := in.Counts
	p := &applyPage{Page: Page{Title: "Check, then apply", Caption: in.FileName, Section: "/imports", Errors: form.Errors,
		Lead: "It all goes into the register in one act, and can be taken back at any later time."},
		Form: form, Effect: effect.Words(), Return: intakeHref(ref, ""), Button: applyButton(c)}
	p.Back = &Link{Text: "The file", Href: intakeHref(ref, "")}
	add := func(n int, key, source string) {
		if n > 0 {
			p.What.Rows = append(p.What.Rows, Row{Key: key, Value: count(n), Source: source})
		}
	}
	p.What.Rows = append(p.What.Rows, Row{Key: "Sender", Value: in.Sender.Name, Source: in.KindName + ", true on " + in.AsAt.Words()})
	add(c.Added, "People added", "")
	add(c.Changed, "Rows that change something", "")
	add(c.Unchanged, "Rows that change nothing", "They confirm what is held")
	add(c.Gone-c.GoneOpen, "No longer on the roll, and decided", "")
	add(c.GoneOpen, "No longer on the roll, to be followed up", "Nothing changes for them")
	add(c.Clashes, "Values to choose between", "What the register holds stays")
	add(c.Unusable, "Rows that cannot be used", "Download them with the reasons on the page of the file, to have them corrected")
	if c.ExpectedWrong >= 0.01 {
		p.What.Rows = append(p.What.Rows, Row{Key: "Matched by machine", Value: "Of the rows matched by machine, " + strconv.FormatFloat(c.ExpectedWrong, 'f', 2, 64) + " are expected to be wrong"})
	}
	if c.Waiting > 0 {
		choice := form.Choice(Choice{Name: "skip", Label: "It is not decided whom " + plural(c.Waiting, "row is", "rows are") + " about", Strong: true,
			Options: []Option{{Value: "yes", Text: "Leave " + either(c.Waiting, "it", "them") + " out, and apply the rest", Hint: "They can be sent again at any time."}}})
		p.Without, p.Wait = &choice, intakeHref(ref, "/matches")
	}
	return s.render(w, r, "intake_apply", p)
}

// applyButton tells what pressing it does: "Add 12 people and update 310".
func applyButton(c intake.Counts) string {
	gone := c.Gone - c.GoneOpen
	switch updated := c.Changed + gone; {
	case c.Added > 0 && updated > 0:
		return "Add " + plural(c.Added, "person", "people") + " and update " + count(updated)
	case c.Added > 0:
		return "Add " + plural(c.Added, "person", "people")
	case updated > 0:
		return "Update " + plural(updated, "person", "people")
	}
	return "Close the file: it changes nothing"
}

func (s *Server) applyIntake(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State != intake.Applied { // which a second press finds
		if in.State == intake.InReview && in.Counts.Waiting > 0 && form.Text("skip") != "yes" {
			form.Fail("skip", "Decide whom the rows are about, or leave them out")
			return s.showApply(w, r, form)
		}
		in, err = s.Intake.Apply(r.Context(), actorOf(r), ref, intake.Applying{Key: form.Key, SkipUndecided: form.Text("skip") == "yes"})
	}
	if errors.As(err, new(intake.Stale)) {
		form.Fail("", complaintOf(err))
		return s.showApply(w, r, form)
	}
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	var undo *Link
	if in.Act != 0 {
		undo = &Link{Text: "Take it back", Href: intakeHref(ref, "/undo")}
	}
	return s.done(w, r, intakeHref(ref, ""), sentence(appliedWords(in)), undo)
}

type cancelPage struct {
	Page
	Form   *Form
	Return string
}

func (s *Server) cancelPage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State.Over() {
		http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther)
		return nil
	}
	p := &cancelPage{Page: Page{Title: "Put a file away", Caption: in.FileName, Section: "/imports"}, Form: newForm(nil), Return: intakeHref(ref, "")}
	p.Back = &Link{Text: "The file", Href: p.Return}
	return s.render(w, r, "intake_cancel", p)
}

func (s *Server) cancelIntake(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	if err := s.Intake.Cancel(r.Context(), actorOf(r), ref); err != nil {
		return s.intakeFailed(w, r, err)
	}
	return s.done(w, r, "/imports", "The file is put away. Nothing was changed.", nil)
}

type undoIntakePage struct {
	Page
	Form    *Form
	Blocked string
	What    Summary
	Kept    *Choice
	Built   *Choice
	Reason  Textarea
	Cancel  string
}

func (s *Server) undoIntakePage(w http.ResponseWriter, r *http.Request) error {
	return s.showUndoIntake(w, r, newForm(nil))
}

func (s *Server) showUndoIntake(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	base := intakeHref(ref, "")
	p := &undoIntakePage{Page: Page{Title: "Take a partner’s file back", Section: "/imports", Errors: form.Errors, Back: &Link{Text: "The file", Href: base}}, Form: form, Cancel: base}
	preview, err := s.Intake.LookAtUndo(r.Context(), actorOf(r), ref)
	var refused intake.Refusal
	if errors.As(err, &refused) {
		p.Blocked = refused.Message
		return s.render(w, r, "intake_undo", p)
	}
	if err != nil {
		return err
	}
	p.Caption = preview.Intake.FileName
	p.What = Summary{Rows: []Row{
		{Key: "People it is about", Value: count(preview.People), Source: "What the file stated about them is held no longer; what it replaced is held again"},
		{Key: "People it added", Value: count(preview.Added), Source: count(preview.Added-len(preview.Kept)) + " of them go"}}}
	p.Kept = undoChoice(form, "kept", "Added by the file, and worked with since: they stay. Tick whom to take out all the same", preview.Kept)
	p.Built = undoChoice(form, "built", "Changed by somebody since: what they changed stays. Tick of whom to take that back too", preview.BuiltOn)
	p.Reason = form.Textarea(Textarea{Name: "reason", Label: "Why it is taken back", Strong: true, Rows: 3, Hint: "It stands in the log. For example: the college had sent last year’s list."})
	return s.render(w, r, "intake_undo", p)
}

// undoChoice lists people with a box each; nil where there is nobody.
func undoChoice(form *Form, name, label string, people []change.Person) *Choice {
	if len(people) == 0 {
		return nil
	}
	c := Choice{Name: name, Label: label, Small: true, Strong: true}
	for _, one := range people {
		o := Option{Value: string(one.Ref), Text: orEmpty(one.YoungPersonsID)}
		if one.Merged {
			o.Hint = "Put together with another record since: stays, until the two are taken apart."
		}
		c.Options = append(c.Options, o)
	}
	c = form.Choice(c)
	return &c
}

func (s *Server) undoIntake(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	reason := form.Require("reason", "Say why the file is taken back")
	if !form.OK() {
		return s.showUndoIntake(w, r, form)
	}
	how := intake.Undoing{Key: form.Key, Reason: reason, Keep: true}
	for _, name := range []string{"kept", "built"} {
		for _, ref := range form.All(name) {
			how.TakeBack = append(how.TakeBack, id.Ref(ref))
		}
	}
	ref := id.Ref(r.PathValue("ref"))
	_, err = s.Intake.Undo(r.Context(), actorOf(r), ref, how)
	if isRefusal(err) {
		form.Fail("reason", complaintOf(err))
		return s.showUndoIntake(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, intakeHref(ref, ""), "The file is taken back.", nil)
}
