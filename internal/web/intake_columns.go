package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

type columnsPage struct {
	Page
	Form      *Form
	Steps     []Step
	Kind      string
	KindWhy   string
	Limits    string
	Others    *Choice
	Sheets    *Choice
	Reopened  bool
	Told      []string
	Questions []Choice
	Columns   []columnRow
	Fixed     []fixedRow
	AsAt      DateInput
	Whole     *Choice
	KindID    string
	SheetName string
	Transfer  bool
	Cancel    string
}

// columnRow is one column of the file and what it is taken for.
type columnRow struct {
	Header, Why string
	Unsure      bool
	Examples    []string
	Item        Choice
}

type fixedRow struct {
	Item  Choice
	Value Input
}

// understanding is how the file is thought to be read, for the kind and the
// sheet that were asked for.
func (s *Server) understanding(r *http.Request, kind, sheet string) (intake.Understanding, error) {
	if _, known := layout.FindKind(kind); !known {
		kind = ""
	}
	return s.Intake.Understand(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), kind, sheet)
}

func (s *Server) columnsPage(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	in, err := s.Intake.Get(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	if in.State.Over() || in.State == intake.Receiving || in.State.Working() {
		http.Redirect(w, r, intakeHref(in.Ref, ""), http.StatusSeeOther)
		return nil
	}
	u, err := s.understanding(r, asked.Get("kind"), asked.Get("sheet"))
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	form := newForm(nil)
	form.SetDate("as-at", u.Intake.AsAt)
	if u.Intake.Whole || u.Intake.Sender.SendsFull {
		form.values.Set("whole", "yes")
	}
	for i, f := range u.Proposal.Mapping.Fixed {
		form.values.Set("fixed-"+strconv.Itoa(i+1), f.Item.String())
		form.values.Set("value-"+strconv.Itoa(i+1), f.Value)
	}
	for _, c := range u.Proposal.Columns {
		form.values.Set(columnName(c.At), c.Item.String())
	}
	return s.showColumns(w, r, form, u)
}

func columnName(at int) string { return "column-" + strconv.Itoa(at) }

// fixedLines is how many values for all rows can be given.
const fixedLines = 2

func (s *Server) showColumns(w http.ResponseWriter, r *http.Request, form *Form, u intake.Understanding) error {
	in := u.Intake
	p := &columnsPage{Page: Page{Title: "How the file is read", Caption: in.FileName, Section: "/imports", Errors: form.Errors, Back: &Link{Text: "The file", Href: intakeHref(in.Ref, "")}},
		Form: form, Steps: intakeSteps(intake.Received), Kind: u.Kind.Name, KindID: u.Kind.ID, Limits: u.Kind.Restriction, SheetName: u.Proposal.Mapping.Sheet,
		Transfer: u.Format == "CTF", Cancel: intakeHref(in.Ref, "/cancel"), Reopened: in.State == intake.InReview}
	if in.Message != "" {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Text: sentence(in.Message)})
	}
	if p.Reopened {
		p.Banners = append(p.Banners, Banner{Tone: "info", Text: "The file was read before. Read anew, its rows are matched anew; what was decided and mended stays."})
	}
	p.kinds(u)
	p.AsAt = form.DateInput(DateInput{Name: "as-at", Label: "The day on which the list was true", Strong: true, Hint: "Newer news wins over older, by this day."})
	if u.Kind.Full == layout.Full {
		c := form.Choice(Choice{Name: "whole", Label: "How much it says", Strong: true, Options: []Option{{Value: "yes", Text: "Everybody who is there is on it",
			Hint: "Whoever was on the last full roll and is not on this one is proposed as having left. Nothing about them changes by itself."}}})
		p.Whole = &c
	}
	if !p.Transfer {
		p.columns(form, u)
	}
	return s.render(w, r, "intake_columns", p)
}

// kinds tells which kind it is taken for and why, and what else it may be.
func (p *columnsPage) kinds(u intake.Understanding) {
	p.KindWhy = "So it was said of this file."
	if u.Intake.Kind == "" || u.Intake.Sender.Kind == u.Kind.ID {
		p.KindWhy = "It is what this sender usually sends."
	}
	for _, g := range u.Guesses {
		if g.Kind.ID == u.Kind.ID && g.Why != "" {
			p.KindWhy = sentence(g.Why)
		}
	}
	if usual, ok := layout.FindKind(u.Intake.Sender.Kind); ok && usual.ID != u.Kind.ID {
		p.KindWhy += " Usually this sender sends another: " + usual.Name + "."
	}
	form := newForm(map[string]string{"kind": u.Kind.ID, "sheet": u.Proposal.Mapping.Sheet})
	c := form.Choice(kindRadios())
	p.Others = &c
	if len(u.Sheets) > 1 {
		c := Choice{Name: "sheet", Label: "Sheet of the workbook"}
		for _, name := range u.Sheets {
			c.Options = append(c.Options, Option{Value: name, Text: name})
		}
		c = form.Choice(c)
		p.Sheets = &c
	}
}

// kindRadios are all kinds of file, with what each means.
func kindRadios() Choice {
	c := Choice{Name: "kind", Label: "Kind of file", Small: true}
	for _, k := range layout.Kinds() {
		hint := k.What
		if !k.Known {
			hint += ". No layout is published: it is mapped by hand once"
		}
		c.Options = append(c.Options, Option{Value: k.ID, Text: k.Name, Hint: hint + ". " + fullWords(k.Full)})
	}
	return c
}

func fullWords(full string) string {
	switch full {
	case layout.Full:
		return "Full: whoever is missing has probably left."
	case layout.Leavers:
		return "Starters and leavers: a leaver’s row ends what they did."
	}
	return "Partial: it says nothing of those whom it leaves out."
}

func (p *columnsPage) columns(form *Form, u intake.Understanding) {
	p.Told = append(p.Told, sentence(readAs(u)))
	if u.Remembered {
		p.Told = append(p.Told, "Columns of the same name are taken as in this sender’s last file of the kind.")
	}
	p.Told = append(p.Told, u.Proposal.Differences...)
	for _, q := range u.Proposal.Questions {
		c := Choice{Name: "question-" + q.ID, ID: questionID(u, q.ID), Label: q.Words, Strong: true}
		for _, one := range q.Choices {
			c.Options = append(c.Options, Option{Value: one.ID, Text: capital(one.Words)})
		}
		p.Questions = append(p.Questions, form.Choice(c))
	}
	for _, c := range u.Proposal.Columns {
		why := sentence(c.Why)
		if intake.NotHeld(u.Kind, &u.Proposal.Mapping, c.Item) {
			why += " The register has no place for it, so nothing comes of it."
		}
		p.Columns = append(p.Columns, columnRow{Header: orText(c.Header, "Column "+strconv.Itoa(c.At+1)+", without a name"), Why: why, Unsure: !c.Sure, Examples: c.Examples,
			Item: form.Choice(Choice{Name: columnName(c.At), Label: "What the column " + orText(c.Header, strconv.Itoa(c.At+1)) + " holds", Options: itemOptions(c.Others, u.Kind)})})
	}
	for n := 1; n <= fixedLines; n++ {
		of := strconv.Itoa(n)
		p.Fixed = append(p.Fixed, fixedRow{Item: form.Choice(Choice{Name: "fixed-" + of, Label: "What it is, value " + of, Options: itemOptions(nil, u.Kind)}),
			Value: form.Input(Input{Name: "value-" + of, Label: "The value for all rows, value " + of, Width: "20"})})
	}
}

// questionID is an id for a page, whatever the question's own is.
func questionID(u intake.Understanding, of string) string {
	return "question-" + strconv.Itoa(1+slices.IndexFunc(u.Proposal.Questions, func(q layout.Question) bool { return q.ID == of }))
}

// readAs is "A CSV file in Windows-1252, with semicolons; the header is row 3".
func readAs(u intake.Understanding) string {
	words := u.Format
	if u.Encoding != "" {
		words += " in " + u.Encoding
	}
	if d, ok := map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[u.Delimiter]; ok {
		words += ", with " + d + " between the cells"
	}
	return joined("; ", words, u.Proposal.Why)
}

// itemOptions are what a column can hold: the likely first, then what the kind
// expects, then all else.
func itemOptions(likely []layout.Item, k layout.Kind) []Option {
	options := []Option{{Text: "Nothing that is used"}}
	seen := map[layout.Item]bool{}
	add := func(group string, items []layout.Item) {
		for _, i := range items {
			if i != layout.None && !seen[i] {
				seen[i] = true
				options = append(options, Option{Value: i.String(), Text: capital(i.Words()), Group: group})
			}
		}
	}
	add("Perhaps", likely)
	add("Usual in this kind of file", k.Items)
	add("All else", layout.Items())
	return options
}

func (s *Server) confirmColumns(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State.Over() || in.State.Working() {
		http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther) // sent twice, or by somebody else
		return nil
	}
	u, err := s.understanding(r, form.Text("kind"), form.Raw("sheet"))
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	asked := u
	asked.Proposal.Questions = slices.Clone(u.Proposal.Questions)
	c := intake.Confirmation{AsAt: form.RequireDate("as-at", "The day on which the list was true", "Enter the day on which the list was true, like 27 9 2026"), Whole: form.Text("whole") == "yes"}
	if u.Format != "CTF" {
		readMapping(form, &u)
		c.Mapping = u.Proposal.Mapping
	}
	if form.OK() {
		err = s.Intake.Confirm(r.Context(), actorOf(r), ref, c)
		form.Take(err)
	}
	if !form.OK() {
		return s.showColumns(w, r, form, asked)
	}
	if err == nil {
		err = s.Intake.Start(r.Context(), actorOf(r), ref)
	}
	if err != nil && !errors.Is(err, intake.ErrBusy) {
		return s.intakeFailed(w, r, err)
	}
	if err := s.waitWhile(r, ref); err != nil {
		return err
	}
	http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther)
	return nil
}

// readMapping takes what was chosen into the proposal.
func readMapping(form *Form, u *intake.Understanding) {
	held := map[layout.Item]int{}
	for _, c := range slices.Clone(u.Proposal.Columns) {
		item, ok := layout.ParseItem(form.Text(columnName(c.At)))
		if !ok {
			form.Fail(columnName(c.At), "Choose what the column "+c.Header+" holds")
			continue
		}
		if item != c.Item {
			u.Proposal.Choose(c.At, item, "")
		}
		held[item]++
	}
	for _, q := range slices.Clone(u.Proposal.Questions) {
		answer := form.Text("question-" + q.ID)
		if answer == "" {
			about := layout.None
			if len(q.ID) > 5 && q.ID[:5] == "item:" {
				about, _ = layout.ParseItem(q.ID[5:])
			}
			if about != layout.None && held[about] == 1 {
				continue // settled in the table
			}
			form.Fail(questionID(*u, q.ID), "Answer the question: "+q.Words)
			continue
		}
		if err := u.Proposal.Answer(q.ID, answer); err != nil {
			form.Fail(questionID(*u, q.ID), capital(err.Error()))
		}
	}
	u.Proposal.Mapping.Fixed = nil
	for n := 1; n <= fixedLines; n++ {
		of := strconv.Itoa(n)
		item, ok := layout.ParseItem(form.Text("fixed-" + of))
		value := form.Text("value-" + of)
		switch {
		case !ok || item == layout.None && value != "":
			form.Fail("fixed-"+of, "Choose what the value "+value+" is")
		case item != layout.None && value == "":
			form.Fail("value-"+of, "Enter the "+item.Words()+" of all rows, or choose “Nothing that is used”")
		case item != layout.None:
			u.Proposal.Mapping.Fixed = append(u.Proposal.Mapping.Fixed, layout.Fixed{Item: item, Value: value})
		}
	}
}

type intakeWordsPage struct {
	Page
	Form  *Form
	None  *Empty
	Words []wordRow
}

type wordRow struct {
	Said, List, Why, Rows string
	Code                  Choice
}

func listWords(l layout.List) string {
	switch l {
	case layout.Activities:
		return "Current activity"
	case layout.IntendedDestinations:
		return "Intended destination"
	case layout.Offers:
		return "September Guarantee"
	case layout.OfferStates:
		return "State of an offer"
	case layout.LeavingReasons:
		return "Reason for leaving"
	case layout.LevelsOfNeed:
		return "Level of need"
	case layout.Plans:
		return "Education, health and care plan"
	case layout.Supports:
		return "SEN support"
	case layout.Modes:
		return "Full or part time"
	case layout.YesNo:
		return "Yes or no"
	}
	return capital(string(l))
}

// Words that are left as they are, and those that say nothing.
const (
	wordLeft    = "leave"
	wordNothing = "nothing"
)

func codeOptions(codes []layout.Choice) []Option {
	var options []Option
	for _, c := range codes {
		text := c.Words + " (" + c.ID + ")"
		if c.Words == "" || c.Words == c.ID {
			text = c.ID
		}
		options = append(options, Option{Value: c.ID, Text: capital(text)})
	}
	return append(options, Option{Value: wordNothing, Text: "It says nothing"})
}

func (s *Server) intakeWordsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showIntakeWords(w, r, newForm(nil))
}

func (s *Server) showIntakeWords(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	words, codes, err := s.Intake.SaidWords(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	p := &intakeWordsPage{Page: Page{Title: "What the sender’s words mean", Caption: in.FileName, Section: "/imports", Errors: form.Errors, Back: &Link{Text: "The file", Href: intakeHref(ref, "")},
		Lead: "Say it once, for the whole file. It is remembered for all files to come, from every sender."}, Form: form}
	if in.State != intake.InReview || len(words) == 0 {
		p.None = &Empty{Title: "Nothing to explain", Text: "All words of this file are understood.", Link: &Link{Text: "Go back to the file", Href: intakeHref(ref, "")}}
		return s.render(w, r, "intake_words", p)
	}
	for i, word := range words {
		row := wordRow{Said: word.Said, List: listWords(word.List), Why: sentence(word.Why)}
		if word.Rows > 0 {
			row.Rows = plural(word.Rows, "row", "rows")
		}
		name := "code-" + strconv.Itoa(i)
		if !form.values.Has(name) {
			form.values.Set(name, orText(word.Code, wordLeft))
		}
		row.Code = form.Choice(Choice{Name: name, Label: "What “" + word.Said + "” means", Options: append([]Option{{Value: wordLeft, Text: "Leave it for now"}}, codeOptions(codes[word.List])...)})
		p.Words = append(p.Words, row)
	}
	return s.render(w, r, "intake_words", p)
}

func (s *Server) teachWords(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	words, codes, err := s.Intake.SaidWords(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	var taught []layout.OwnWord
	for n, said := range form.values["said"] {
		// What stood on the page may differ from what is asked by now: the words
		// themselves say which is meant.
		i := slices.IndexFunc(words, func(w intake.SaidWord) bool { return w.Said == said })
		code := form.Text("code-" + strconv.Itoa(n))
		switch {
		case i < 0 || code == wordLeft:
			continue
		case code == wordNothing:
			code = ""
		case !slices.ContainsFunc(codes[words[i].List], func(c layout.Choice) bool { return c.ID == code }):
			form.Fail("code-"+strconv.Itoa(n), "Choose what “"+said+"” means")
			continue
		}
		taught = append(taught, layout.OwnWord{List: words[i].List, Said: said, Code: code})
	}
	if form.OK() && len(taught) > 0 {
		err = s.Intake.TeachAll(r.Context(), actorOf(r), ref, taught, form.Key)
	}
	switch {
	case !form.OK():
		return s.showIntakeWords(w, r, form)
	case err != nil:
		return s.intakeFailed(w, r, err)
	case len(taught) == 0:
		return s.done(w, r, intakeHref(ref, ""), "", nil)
	}
	return s.done(w, r, intakeHref(ref, ""), "The file was read again with "+plural(len(taught), "word", "words")+" explained.", &Link{Text: "See all words", Href: "/senders/words"})
}

// withQuery is an address with one question more.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
