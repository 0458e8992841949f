package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/imports"
	"waymark/internal/intake"
	"waymark/internal/nccis"
)

type importsPage struct {
	Page
	Table Table
	None  *Empty
	Shown string
	Pages Pagination
}

func (s *Server) importsPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.filesIn(r)
	if err != nil {
		return err
	}
	p := &importsPage{Page: Page{Title: "Files in", Lead: "The Department’s monthly files, and lists that schools, colleges and teams have sent.",
		Actions: []Link{{Text: "Load a file", Href: "/imports/new", Main: true}, {Text: "Senders", Href: "/senders"}}}}
	if len(list) == 0 {
		p.None = &Empty{Title: "No file has been loaded yet", Text: "Load the monthly NCCIS file that your present system exports, or a list from a school or a college. You see what it changes, and can take it back.",
			Link: &Link{Text: "Load a file", Href: "/imports/new"}}
		return s.render(w, r, "imports", p)
	}
	page := pageOf(r, len(list), listPage)
	shown := list[(page-1)*listPage : min(page*listPage, len(list))]
	p.Table = filesTable(shown)
	p.Shown = showing(page, listPage, len(shown), len(list), "file", "files")
	p.Pages = paginate(len(list), listPage, page, func(n int) string { return "/imports?page=" + strconv.Itoa(n) })
	return s.render(w, r, "imports", p)
}

func (s *Server) importsFile(w http.ResponseWriter, r *http.Request) error {
	list, err := s.filesIn(r)
	if err != nil {
		return err
	}
	return sendTable(w, "files-in.csv", filesTable(list))
}

func monthWords(end civil.Date) string {
	if end.IsZero() {
		return ""
	}
	return end.InMonth().Words()
}

// importTag is what became of a file, in a word.
func importTag(status imports.Status) *Tag {
	switch status {
	case imports.Reading:
		return &Tag{Text: "Being loaded", Colour: "yellow"}
	case imports.Applied:
		return &Tag{Text: "Loaded", Colour: "green"}
	case imports.Unchanged:
		return &Tag{Text: "Nothing new", Colour: "grey"}
	case imports.Refused:
		return &Tag{Text: "Refused", Colour: "red"}
	case imports.Stopped:
		return &Tag{Text: "Stopped", Colour: "orange"}
	}
	return &Tag{Text: "Taken back", Colour: "grey"}
}

type newImportPage struct {
	Page
	Form   *Form
	From   *Choice
	AsAt   DateInput
	File   Upload
	Happen Details
}

func (s *Server) newImportPage(w http.ResponseWriter, r *http.Request) error {
	known := map[string]string{"tolerance": strconv.Itoa(intake.DefaultTolerance)}
	if sender := r.URL.Query().Get("sender"); sender != "" {
		known["from"], known["sender"] = "known", sender
	}
	return s.showNewImport(w, r, newForm(known))
}

func (s *Server) showNewImport(w http.ResponseWriter, r *http.Request, form *Form) error {
	senders, err := s.Intake.Senders(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	from := form.Choice(fromChoice(form, senders))
	return s.render(w, r, "import_new", &newImportPage{
		Page: Page{Title: "Load a file", Errors: form.Errors, Back: &Link{Text: "Files in", Href: "/imports"},
			Lead: "The Department’s NCCIS file, or any list that a school, a college or a team has sent. Which it is, the file shows."},
		Form: form, From: &from,
		AsAt: form.DateInput(DateInput{Name: "as-at", Label: "The day on which the list was true (of a partner’s list)", Hint: "For example, 27 9 2026. Leave it empty if that is today; you can still say so on the next page."}),
		File: form.Upload(Upload{Name: "file", Label: "The file", Strong: true, Accept: ".xml,.csv,.txt,.xlsx,text/xml,application/xml,text/csv",
			Hint: "NCCIS XML, a spreadsheet (XLSX), CSV, or a Common Transfer File, of at most 200 MB. A larger one is loaded on the computer that runs Waymark: waymark import FILE"}),
		Happen: Details{Summary: "What happens with the file", Paragraphs: []string{
			"A partner’s list is read first, and you see how: what each column is taken for, and why. Then each row is met with the right young person, and you see what would change. Nothing is changed until you apply it.",
			"The NCCIS file is read whole and then loaded. People are met by their YoungPersonsID, then by ULN, then by UPN. Only what the sender has changed since its last file is applied, so what was mended here stays mended.",
			"Either lands whole or not at all, and can be taken back at any later time. The same file again changes nothing."}},
	})
}

func (s *Server) startImport(w http.ResponseWriter, r *http.Request) error {
	form, file, err := readUpload(r, "file")
	if err != nil {
		return err
	}
	if file == nil {
		form.Fail("file", "Choose the file to load")
		return s.showNewImport(w, r, form)
	}
	store, size, err := s.keepUpload(file)
	if err != nil {
		return err
	}
	done := func() {
		if err := store.Close(); err != nil {
			s.Log.Warn("a file that was loaded could not be given back to the disk", "why", err.Error())
		}
	}
	head := make([]byte, min(size, imports.SniffBytes))
	if _, err := store.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, store.Close())
	}
	if !theDepartments(head, file.Name, form.Text("from")) {
		defer done()
		return s.receivePartner(w, r, form, store, size, file.Name)
	}
	reg, err := s.Registers.Get(r.Context(), s.Register)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	// Every reading begins anew at the same bytes, which no longer have a name.
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(store, 0, size)), nil }
	ref, err := s.Imports.Start(r.Context(), actorOf(r), reg, imports.File{Name: fileName(file.Name), Open: open, Size: size}, done)
	if err != nil {
		done()
		return err
	}
	http.Redirect(w, r, "/imports/"+string(ref), http.StatusSeeOther)
	return nil
}

// theDepartments says that the file is, or is meant to be, the Department's: by
// its first bytes, or by its name where nobody was said to have sent it.
func theDepartments(head []byte, name, from string) bool {
	return imports.Takes(head) || from == "" && strings.HasSuffix(strings.ToLower(name), ".xml")
}

// keepUpload writes what arrives to a nameless file in the data's folder: it
// holds children's data, and must not outlive the load.
func (s *Server) keepUpload(file *sentFile) (*os.File, int64, error) {
	store, err := s.nameless()
	if err != nil {
		return nil, 0, err
	}
	in := &reading{Reader: file}
	size, err := io.Copy(store, in)
	if in.failed != nil {
		err = sendingFailed(in.failed)
	}
	if err != nil {
		return nil, 0, errors.Join(err, store.Close())
	}
	return store, size, nil
}

type importPage struct {
	Page
	Progress *Progress
	Step     string
	Message  *Banner
	Next     []Link
	Stats    []Stat
	Counts   Summary
	Facts    Summary
	Undo     string
}

func (s *Server) importPage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	one, err := s.Imports.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	reg, err := s.Registers.Get(r.Context(), s.Register)
	if err != nil {
		return err
	}
	p := &importPage{Page: Page{Title: importTitle(one.Status), Caption: one.FileName, Section: "/imports", Back: &Link{Text: "Files in", Href: "/imports"}}, Facts: importFacts(s.Requirement.WithInvented(reg.Invented()), one)}
	if one.StandIn != "" {
		p.Banners = append(p.Banners, Banner{Tone: "info", Strong: "Another year’s requirement stands in.", Text: one.StandIn})
	}
	if one.Status == imports.Reading {
		p.Refresh = 2
		p.Progress, p.Step = importProgress(one)
		return s.render(w, r, "import", p)
	}
	notes, err := s.Imports.NoteCounts(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	p.outcome(one, notes)
	return s.render(w, r, "import", p)
}

func importTitle(status imports.Status) string {
	switch status {
	case imports.Reading:
		return "Loading the file"
	case imports.Applied:
		return "The file is loaded"
	case imports.Unchanged:
		return "There was nothing new in the file"
	case imports.Refused:
		return "The file was not loaded"
	case imports.Stopped:
		return "Loading was stopped"
	}
	return "The file was taken back"
}

// importProgress is how far the load is, in words: "Loading: 12,000 of 25,000
// records, 5,100 a second, about 3 seconds left."
func importProgress(one imports.Report) (*Progress, string) {
	now := imports.Progress{Step: 1}
	if one.Progress != nil {
		now = *one.Progress
	}
	p := &Progress{Label: "How far the file is", Done: now.Bytes, Total: max(now.Size, now.Bytes, 1)}
	step := "Step 1 of 2: the file is read whole and checked. Nothing is changed yet."
	words := "Reading: " + plural(now.Records, "record", "records")
	if now.Step == 2 {
		step = "Step 2 of 2: what is new is written. Until it is complete, everybody sees the register as it was."
		words = "Loading: " + count(now.Records) + " of " + plural(now.Of, "record", "records")
	}
	if now.Rate >= 1 {
		words += ", " + count(int(now.Rate)) + " a second"
	}
	if now.Left > 0 {
		words += ", about " + secondsWords(now.Left) + " left"
	}
	p.Words = words + "."
	return p, step
}

func secondsWords(left time.Duration) string {
	if left > 90*time.Second {
		return plural(int(left.Round(time.Minute)/time.Minute), "minute", "minutes")
	}
	return plural(max(1, int(left.Round(time.Second)/time.Second)), "second", "seconds")
}

func importFacts(req *nccis.Requirement, one imports.Report) Summary {
	var rows []Row
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, Row{Key: key, Value: value})
		}
	}
	add("File", one.FileName)
	add("Received", moment(one.ReceivedAt)+" from "+one.By)
	if !one.PeriodEnd.IsZero() {
		add("Month", monthWords(one.PeriodEnd))
		add("Authorities", authorityNames(req, strings.Fields(one.Authorities), one.PeriodEnd))
	}
	add("Made by", one.Supplier)
	if one.Edition != "" {
		add("Read by", "The Department’s requirement of "+one.Edition)
	}
	if one.Bytes > 0 {
		add("Size", size(max(one.Bytes, 1<<10)))
	}
	if one.SHA256 != "" {
		add("SHA-256", one.SHA256)
	}
	return Summary{Title: "The file", ID: "the-file", Rows: rows}
}

// outcome fills in what the load came to.
func (p *importPage) outcome(one imports.Report, notes map[string]int) {
	base := "/imports/" + string(one.Ref)
	switch one.Status {
	case imports.Refused, imports.Stopped:
		p.Message = &Banner{Tone: "bad", Strong: "Nothing was changed.", Text: sentence(one.Message), Status: true}
		p.Next = []Link{{Text: "Check the file first", Href: "/check-a-file"}, {Text: "Load another file", Href: "/imports/new"}}
		return
	case imports.Undone, imports.Unchanged:
		p.Message = &Banner{Tone: "info", Text: sentence(one.Message), Status: true}
	case imports.Applied:
		p.Next = []Link{{Text: "See what is wrong in " + returnName(one.PeriodEnd.InMonth(), one.PeriodEnd), Href: "/returns/" + one.PeriodEnd.InMonth().String()}}
		p.Undo = base + "/undo"
		if one.Message != "" {
			p.Message = &Banner{Tone: "info", Text: sentence(one.Message)}
		}
	}
	p.Stats = []Stat{
		{Number: count(one.Records), Words: either(one.Records, "record read", "records read")},
		{Number: count(one.Added), Words: either(one.Added, "person added", "people added")},
		{Number: count(one.Changed), Words: either(one.Changed, "person changed", "people changed")},
		{Number: count(one.Unchanged), Words: "as before"},
	}
	p.Counts = Summary{Title: "To look at", ID: "to-look-at"}
	var none []string
	for _, kind := range imports.NoteKinds() {
		words := noteWords(kind)
		if notes[kind] == 0 {
			none = append(none, strings.ToLower(words.name[:1])+words.name[1:])
			continue
		}
		p.Counts.Rows = append(p.Counts.Rows, Row{Key: words.name, Value: count(notes[kind]), Source: words.means, Href: base + "/notes/" + noteSlug(kind)})
	}
	if len(none) > 0 {
		p.Counts.Rows = append(p.Counts.Rows, Row{Key: "Nothing of these", Value: sentence(strings.Join(none, "; "))})
	}
}

// noteKindWords are what a kind of note is called, what it means, and what to
// do.
type noteKindWords struct{ name, means string }

func noteWords(kind string) noteKindWords {
	switch kind {
	case imports.KeptAside:
		return noteKindWords{"Kept aside", "Records that could not be loaded: no identifier, and no name with a birth date"}
	case imports.TwoPeople:
		return noteKindWords{"Two people, one number", "A number that two people share; both were loaded"}
	case imports.Clash:
		return noteKindWords{"Changed on both sides", "The file and the register held different values; the file is newer and was followed"}
	case imports.OptedOut:
		return noteKindWords{"Opted out", "They, or a parent, told us to take over no more than the basics, or nothing; the file was followed no further"}
	case imports.HeldBack:
		return noteKindWords{"Addresses held back", "The address is protected, so the file was not followed in it; whoever may see it decides"}
	case imports.Met:
		return noteKindWords{"Met by another number", "Known here under another YoungPersonsID, and met by ULN or UPN"}
	case imports.Absent:
		return noteKindWords{"In the last file, not in this one", "Nothing was changed for them. Ask the sender, or record where they went"}
	case imports.Lapse:
		return noteKindWords{"Lapse dates that differ", "The day on which the confirmation lapses is worked out here; ours counts"}
	case imports.Unreadable:
		return noteKindWords{"Values that cannot be read", "Kept as they came, and shown as findings of the return"}
	case imports.Older:
		return noteKindWords{"Items of earlier years", "Carried, though this year’s requirement has no place for them"}
	}
	return noteKindWords{name: capital(kind)}
}

// noteSlug is a kind as addresses have it.
func noteSlug(kind string) string { return strings.ReplaceAll(kind, " ", "-") }

type importNotesPage struct {
	Page
	Means    string
	Shown    string
	Table    Table
	Pages    Pagination
	Download string
	None     *Empty
}

// noteKind is the kind that an address names.
func noteKind(slug string) (string, bool) {
	for _, kind := range imports.NoteKinds() {
		if noteSlug(kind) == slug {
			return kind, true
		}
	}
	return "", false
}

func (s *Server) importNotesPage(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	kind, ok := noteKind(r.PathValue("kind"))
	if !ok {
		return errNoPage
	}
	counts, err := s.Imports.NoteCounts(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	total := counts[kind]
	page := pageOf(r, total, imports.NotesPerPage)
	notes, _, err := s.Imports.Notes(r.Context(), actorOf(r), ref, kind, page)
	if err != nil {
		return err
	}
	base := "/imports/" + string(ref)
	here := base + "/notes/" + noteSlug(kind)
	words := noteWords(kind)
	p := &importNotesPage{Page: Page{Title: words.name, Section: "/imports", Back: &Link{Text: "The file", Href: base}, Lead: sentence(words.means)}}
	if total == 0 {
		p.None = &Empty{Title: "None", Text: "This file has nothing of the kind."}
		return s.render(w, r, "import_notes", p)
	}
	p.Table = notesTable(words.name, notes)
	p.Shown = showing(page, imports.NotesPerPage, len(notes), total, "line", "lines")
	p.Pages = paginate(total, imports.NotesPerPage, page, func(n int) string { return here + "?" + url.Values{"page": {strconv.Itoa(n)}}.Encode() })
	p.Download = here + "/list.csv"
	return s.render(w, r, "import_notes", p)
}

func notesTable(caption string, notes []imports.Note) Table {
	t := Table{Caption: caption, Quiet: true, Columns: []Column{{Text: "YoungPersonsID"}, {Text: "Place in the file", Numeric: true}, {Text: "Item"}, {Text: "In the file"}, {Text: "Here"}, {Text: "What to know"}}}
	for _, n := range notes {
		who := Cell{Text: n.YoungPersonsID, Header: true}
		if who.Text == "" {
			who.Text = "No identifier"
		}
		if n.Person != "" {
			who.Href = personHref(n.Person, "")
		}
		place := ""
		if n.Position > 0 {
			place = count(n.Position)
		}
		t.Rows = append(t.Rows, []Cell{who, {Text: place}, {Text: itemLabel(n.Field)}, {Text: n.Theirs}, {Text: n.Ours}, {Text: n.Words}})
	}
	return t
}

// itemLabel is what a data item is called on pages, from its element's name.
func itemLabel(element string) string {
	if f, ok := nccis.ParseField(element); ok && element != "" {
		return nccis.FieldLabel(f)
	}
	return element
}

func (s *Server) importNotesFile(w http.ResponseWriter, r *http.Request) error {
	kind, ok := noteKind(r.PathValue("kind"))
	if !ok {
		return errNoPage
	}
	notes, _, err := s.Imports.Notes(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), kind, 0)
	if err != nil {
		return err
	}
	return sendCSV(w, noteSlug(kind)+".csv", []string{"young person", "place in the file", "item", "in the file", "here", "what to know"}, func(write func(...string) error) error {
		for _, n := range notes {
			if err := write(n.YoungPersonsID, strconv.Itoa(n.Position), itemLabel(n.Field), n.Theirs, n.Ours, n.Words); err != nil {
				return err
			}
		}
		return nil
	})
}
