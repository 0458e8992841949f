package web

import (
	"errors"
	"net/http"

	"waymark/internal/id"
	"waymark/internal/imports"
)

type undoImportPage struct {
	Page
	Form    *Form
	Blocked string
	What    Summary
	Kept    Table
	Built   Table
	Reason  Textarea
	Force   *Choice
	Cancel  string
}

func (s *Server) undoImportPage(w http.ResponseWriter, r *http.Request) error {
	return s.showUndoImport(w, r, newForm(nil))
}

func (s *Server) showUndoImport(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	base := "/imports/" + string(ref)
	p := &undoImportPage{Page: Page{Title: "Take a file back", Section: "/imports", Back: &Link{Text: "The file", Href: base}}, Form: form, Cancel: base}
	preview, err := s.Imports.UndoPreview(r.Context(), actorOf(r), ref)
	var refused imports.Refusal
	if errors.As(err, &refused) {
		p.Blocked = refused.Message
		return s.render(w, r, "import_undo", p)
	}
	if err != nil {
		return err
	}
	p.Caption, p.Errors = preview.Report.FileName, form.Errors
	if preview.Later != "" {
		p.Blocked = "A later file from the same database is loaded (" + preview.Later + "). Take that one back first."
		return s.render(w, r, "import_undo", p)
	}
	p.What = Summary{Rows: []Row{
		{Key: "People it is about", Value: count(preview.People), Source: "What the file stated about them is held no longer; what it replaced is held again"},
		{Key: "People it added", Value: count(preview.Added), Source: count(preview.Added-len(preview.Kept)) + " of them go"},
	}}
	p.Kept = undoTable("Added by the file, and kept, because somebody has recorded something about them since", preview.Kept)
	p.Built = undoTable("Changed by somebody since: what they changed stays", preview.BuiltOn)
	if len(preview.Kept) > 0 {
		c := form.Choice(Choice{Name: "force", Label: "Some of these people have been worked with since", Strong: true,
			Options: []Option{{Value: "yes", Text: "Keep " + plural(len(preview.Kept), "person", "people") + " listed below, and take the rest back"}}})
		p.Force = &c
	}
	p.Reason = form.Textarea(Textarea{Name: "reason", Label: "Why it is taken back", Strong: true, Rows: 3, Hint: "It stands in the log. For example: the supplier sent September’s file under October."})
	return s.render(w, r, "import_undo", p)
}

// undoShown is how many are listed; the rest are counted.
const undoShown = 50

func undoTable(caption string, people []imports.Person) Table {
	t := Table{Caption: caption + ": " + plural(len(people), "person", "people"), Columns: []Column{{Text: "YoungPersonsID"}}}
	for i, one := range people {
		if i == undoShown {
			t.Rows = append(t.Rows, []Cell{{Text: "And " + count(len(people)-undoShown) + " more", Header: true}})
			break
		}
		t.Rows = append(t.Rows, []Cell{{Text: orEmpty(one.YoungPersonsID), Href: personHref(one.Ref, ""), Header: true}})
	}
	return t
}

func (s *Server) undoImport(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	reason := form.Require("reason", "Say why the file is taken back")
	if !form.OK() {
		return s.showUndoImport(w, r, form)
	}
	ref := r.PathValue("ref")
	_, err = s.Imports.Undo(r.Context(), actorOf(r), id.Ref(ref), form.Key, reason, form.Text("force") == "yes")
	var refused imports.Refusal
	if errors.As(err, &refused) {
		form.Fail("reason", refused.Message)
		return s.showUndoImport(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/imports/"+ref, "The file is taken back.", nil)
}
