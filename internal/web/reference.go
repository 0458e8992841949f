package web

import (
	"errors"
	"net/http"

	"waymark/internal/access"
	"waymark/internal/dataset"
	"waymark/internal/id"
	"waymark/internal/reference"
)

// referenceRoutes are the pages of what others publish about places.
func (s *Server) referenceRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/reference", Permission: access.KeepReference, Handler: s.referencePage, Nav: "Reference data"},
		{Method: "POST", Pattern: "/reference", Permission: access.KeepReference, Handler: s.loadReference, Body: uploadCap},
		{Method: "GET", Pattern: "/reference/{ref}/undo", Permission: access.KeepReference, Handler: s.undoReferencePage},
		{Method: "POST", Pattern: "/reference/{ref}/undo", Permission: access.KeepReference, Handler: s.undoReference},
	}
}

type referencePage struct {
	Page
	Loaded  Table
	Earlier *Table
	Form    *Form
	File    Upload
	Areas   Input
	Whole   Choice
	Where   Details
}

func (s *Server) referencePage(w http.ResponseWriter, r *http.Request) error {
	return s.showReference(w, r, newForm(nil))
}

func (s *Server) showReference(w http.ResponseWriter, r *http.Request, form *Form) error {
	list, inForce, err := s.Reference.List(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &referencePage{Page: Page{Title: "Reference data", Errors: form.Errors, Lead: "What others publish about schools and places. Each file takes the place of the one before it, as a whole."},
		Loaded: loadedTable(list, inForce), Form: form}
	p.Earlier = earlierTable(list, inForce)
	p.Areas = form.Input(Input{Name: "areas", Label: "Only these areas (may be left out)",
		Hint: "Of a postcode directory or of wards: the beginnings of councils’ codes, postcode areas or districts, like E08, CH, L37. All when left out."})
	p.Whole = form.Choice(Choice{Name: "whole", Label: "Only if the file was refused as cut short", Options: []Option{{Value: "yes", Text: "The file is whole all the same"}}})
	p.File = form.Upload(Upload{Name: "file", Label: "File", Strong: true, Accept: ".csv,.xlsx,.geojson,.json",
		Hint: "CSV, XLSX or GeoJSON, unpacked, of at most 200 MB. Larger ones are loaded on the computer that runs Waymark: waymark reference load FILE"})
	p.Where = Details{Summary: "Which files these are", Paragraphs: []string{
		"Schools and colleges: edubasealldata and links_edubasealldata, from Get Information about Schools (GIAS). Load both, in every half-term.",
		"Provider reference numbers: the list of the UK Register of Learning Providers.",
		"Postcodes: the National Statistics Postcode Lookup (NSPL) or the ONS Postcode Directory (ONSPD), which come out four times a year.",
		"Deprivation: file 7 of the English indices of deprivation, which come out every few years.",
		"Wards: ward boundaries as GeoJSON, generalised (BGC or BUC), once a year after the elections.",
		"The file is known by its headings, whatever it is called."}}
	return s.render(w, r, "reference", p)
}

// referenceUse says what a kind is good for.
func referenceUse(kind dataset.Kind) string {
	switch kind {
	case dataset.Establishments:
		return "Names for establishment numbers"
	case dataset.Links:
		return "The academy that took a school’s place"
	case dataset.Providers:
		return "Names for UKPRNs"
	case dataset.Postcodes:
		return "The ward of each address; until it is loaded, figures are by postcode district"
	case dataset.Deprivation:
		return "How deprived the area of an address is"
	}
	return "Names and outlines of wards"
}

func loadedTable(list []dataset.Set, inForce map[dataset.Kind]id.Ref) Table {
	t := Table{Caption: "What is loaded", Columns: []Column{{Text: "What"}, {Text: "Of when"}, {Text: "Rows", Numeric: true}, {Text: "Loaded"}, {Text: "If it was wrong"}}}
	for _, kind := range dataset.Kinds() {
		row := []Cell{{Text: reference.What(kind), Note: referenceUse(kind), Header: true}, {Tag: &Tag{Text: "Not loaded", Colour: "grey"}}, {}, {}, {}}
		for _, set := range list {
			if set.Ref == inForce[kind] {
				row = []Cell{row[0], {Text: orText(set.Edition, set.FileName), Note: areaWords(set)}, {Text: count(set.Entries)}, {Text: moment(set.ReceivedAt), Note: set.By},
					{Text: "Take back", Hidden: reference.What(kind), Href: "/reference/" + string(set.Ref) + "/undo"}}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func areaWords(set dataset.Set) string {
	if set.Areas == "" {
		return ""
	}
	return "Only " + set.Areas
}

// earlierTable is what counts no longer, or not yet; nil where there is none.
func earlierTable(list []dataset.Set, inForce map[dataset.Kind]id.Ref) *Table {
	t := &Table{Caption: "Earlier files", Quiet: true, Columns: []Column{{Text: "File"}, {Text: "What"}, {Text: "Rows", Numeric: true}, {Text: "Sent"}, {Text: "State"}}}
	for _, set := range list {
		tag := &Tag{Text: "Replaced", Colour: "grey"}
		switch {
		case inForce[set.Kind] == set.Ref:
			continue
		case set.UndoneBy != 0:
			tag.Text = "Taken back"
		case set.Act == 0:
			tag = &Tag{Text: "Being loaded", Colour: "yellow"}
		}
		t.Rows = append(t.Rows, []Cell{{Text: set.FileName, Note: areaWords(set), Header: true}, {Text: reference.What(set.Kind)}, {Text: count(set.Entries)}, {Text: moment(set.ReceivedAt), Note: set.By}, {Tag: tag}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// loadReference reads the file while its sender waits: one of 200 MB takes some
// seconds.
func (s *Server) loadReference(w http.ResponseWriter, r *http.Request) error {
	form, file, err := readUpload(r, "file")
	if err != nil {
		return err
	}
	if file == nil {
		form.Fail("file", "Choose the file to load")
		return s.showReference(w, r, form)
	}
	store, size, err := s.keepUpload(file)
	if err != nil {
		return err
	}
	defer store.Close()
	report, err := s.Reference.Load(r.Context(), actorOf(r), reference.File{Name: fileName(file.Name), ReaderAt: store, Size: size,
		Areas: form.Text("areas"), Whole: form.Text("whole") == "yes", Key: form.Key}, nil)
	var refused reference.Refusal
	if errors.As(err, &refused) {
		form.Fail("file", refused.Message)
		return s.showReference(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/reference", report.Words(), nil)
}

type undoReferencePage struct {
	Page
	Form    *Form
	What    Summary
	Reason  Textarea
	Blocked string
}

func (s *Server) undoReferencePage(w http.ResponseWriter, r *http.Request) error {
	return s.showUndoReference(w, r, newForm(nil))
}

func (s *Server) showUndoReference(w http.ResponseWriter, r *http.Request, form *Form) error {
	set, before, err := s.Reference.Find(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	p := &undoReferencePage{Page: Page{Title: "Take reference data back", Caption: set.FileName, Section: "/reference", Back: &Link{Text: "Reference data", Href: "/reference"}, Errors: form.Errors}, Form: form}
	if set.Act == 0 || set.UndoneBy != 0 {
		p.Blocked = "Only what is loaded can be taken back, and this is not."
		return s.render(w, r, "reference_undo", p)
	}
	then := "Nothing"
	if before != nil {
		then = orText(before.Edition, before.FileName)
	}
	p.What = Summary{Rows: []Row{{Key: "What", Value: reference.What(set.Kind)}, {Key: "Of when", Value: orText(set.Edition, "The file does not say")},
		{Key: "Loaded", Value: moment(set.ReceivedAt) + " by " + set.By}, {Key: "In its place then", Value: then}}}
	p.Reason = form.Textarea(Textarea{Name: "reason", Label: "Why it is taken back", Strong: true, Rows: 3, Hint: "It stands in the log. For example: it was last year’s file."})
	return s.render(w, r, "reference_undo", p)
}

func (s *Server) undoReference(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	reason := form.Require("reason", "Say why the file is taken back")
	if !form.OK() {
		return s.showUndoReference(w, r, form)
	}
	set, now, err := s.Reference.Undo(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), form.Key, reason)
	var refused reference.Refusal
	if errors.As(err, &refused) {
		form.Fail("reason", refused.Message)
		return s.showUndoReference(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/reference", "The file is taken back. "+reference.Now(set.Kind, now), nil)
}
