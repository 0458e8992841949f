package web

import (
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
	"waymark/internal/nccis"
)

// reviewIntake fills in what a file comes to: the numbers, what is to be
// decided, and what is wrong, by problem.
func (s *Server) reviewIntake(r *http.Request, p *intakePage, in intake.Intake) error {
	problems, err := s.Intake.Problems(r.Context(), actorOf(r), in.Ref)
	if err != nil {
		return err
	}
	p.Lead = in.KindName + " from " + in.Sender.Name + ", true on " + in.AsAt.Words() + ". Nothing is changed until you apply it."
	p.Message = messageBanner("warn", in.Message)
	p.Stats = intakeStats(in)
	if access.May(actorOf(r), access.SeeFigures) {
		effect, err := s.Intake.Foresee(r.Context(), actorOf(r), in.Ref)
		if err != nil {
			return err
		}
		p.Effect = "Once it is applied: " + effect.Words()
	}
	p.Apply = intakeHref(in.Ref, "/apply")
	if len(in.Mapping.Columns) > 0 {
		p.Facts.Actions = []Link{{Text: "Read it another way", Href: intakeHref(in.Ref, "/columns")}}
	}
	p.Decide = decideTable(in, problems)
	p.Problems = intakeProblemTable(in, problems)
	if in.Counts.Unusable > 0 {
		p.Faulty = intakeHref(in.Ref, "/faulty.csv")
	}
	return nil
}

// outcomes are how rows are listed, with their words.
var outcomes = []struct{ is, title, words string }{
	{intake.OutcomeNew, "New young people", "These rows are of nobody whom the register holds."},
	{intake.OutcomeChanged, "Rows that change something", "Before and after, as the register holds it now."},
	{intake.OutcomeUnchanged, "Rows that change nothing", "What they say is held already."},
	{intake.OutcomeWaiting, "Rows that wait for a decision", "It is not known whom these rows are about."},
	{intake.OutcomeSkipped, "Rows that are left out", "They are no person’s, are of nobody whom this kind of file adds, or somebody left them out."},
	{"clashes", "Values to choose between", "The file and the register say different things, and neither is plainly the better. Until somebody chooses, what the register holds stands."},
}

func intakeStats(in intake.Intake) []Stat {
	c := in.Counts
	rows := func(outcome string, n int) string {
		if n == 0 {
			return ""
		}
		return withQuery(intakeHref(in.Ref, "/rows"), "outcome", outcome)
	}
	tone := func(n int, bad string) string {
		if n > 0 {
			return bad
		}
		return ""
	}
	stats := []Stat{
		{Number: count(c.Read), Words: either(c.Read, "row read", "rows read"), Note: count(c.Ready) + " ready"},
		{Number: count(c.New), Words: "new", Href: rows(intake.OutcomeNew, c.New), Note: noteOf(c.Added != c.New, plural(c.Added, "person", "people"))},
		{Number: count(c.Changed), Words: "changed", Href: rows(intake.OutcomeChanged, c.Changed)},
		{Number: count(c.Unchanged), Words: "unchanged", Href: rows(intake.OutcomeUnchanged, c.Unchanged)},
	}
	if in.State == intake.InReview || c.Waiting > 0 {
		stats = append(stats, Stat{Number: count(c.Waiting), Words: either(c.Waiting, "needs a decision", "need a decision"), Tone: tone(c.Waiting, "warn"), Href: noteOf(c.Waiting > 0 && in.State == intake.InReview, intakeHref(in.Ref, "/matches"))})
	}
	stats = append(stats, Stat{Number: count(c.Unusable), Words: "cannot be used", Tone: tone(c.Unusable, "bad")})
	if c.Skipped > 0 {
		stats = append(stats, Stat{Number: count(c.Skipped), Words: "left out", Href: rows(intake.OutcomeSkipped, c.Skipped)})
	}
	return stats
}

func noteOf(show bool, text string) string {
	if show {
		return text
	}
	return ""
}

// decideTable is what waits for somebody.
func decideTable(in intake.Intake, problems []intake.ProblemGroup) Table {
	t := Table{Caption: "To decide", Columns: []Column{{Text: "What"}, {Text: "How many", Numeric: true}, {Text: "If nobody does"}}}
	add := func(n int, text, tail, otherwise string) {
		if n > 0 {
			t.Rows = append(t.Rows, []Cell{{Text: text, Href: intakeHref(in.Ref, tail), Header: true}, {Text: count(n)}, {Text: otherwise}})
		}
	}
	unknown := 0
	for _, g := range problems {
		if g.Code == "word-unknown" {
			unknown += g.Rows
		}
	}
	add(unknown, "Words that nobody has explained yet", "/words", "The cells are not used")
	add(in.Counts.Waiting, "Whom a row is about", "/matches", "The rows must be left out to apply the file")
	add(in.Counts.Clashes, "Two values, of which one must be chosen", "/rows?outcome=clashes", "What the register holds stays")
	add(in.Counts.GoneOpen, "No longer on the roll", "/gone", "Nothing changes for them")
	return t
}

func intakeProblemTable(in intake.Intake, problems []intake.ProblemGroup) Table {
	t := Table{Caption: "Problems in the file", Columns: []Column{{Text: "Problem"}, {Text: "Rows", Numeric: true}, {Text: "What becomes of them"}}}
	for _, g := range problems {
		tag := &Tag{Text: "The cell is not used", Colour: "yellow"}
		switch {
		case g.Fatal:
			tag = &Tag{Text: "The row cannot be used", Colour: "red"}
		case g.Code == "no-person":
			tag = &Tag{Text: "Left out", Colour: "grey"}
		case g.Mended:
			tag = &Tag{Text: "Read all the same", Colour: "grey"}
		}
		t.Rows = append(t.Rows, []Cell{{Text: problemName(g.Code, g.Item), Href: withQuery(intakeHref(in.Ref, "/problems/"+g.Code), "item", g.Item), Header: true, Note: sentence(g.Words)}, {Text: count(g.Rows)}, {Tag: tag}})
	}
	return t
}

// problemName heads rows with one problem.
func problemName(code, name string) string {
	item, _ := layout.ParseItem(name)
	switch {
	case code == "no-person":
		return "Rows that are no person"
	case code == "no-name":
		return "Nobody is named"
	case code == "two-people":
		return capital(item.Words()) + ": two people in one cell"
	case code == "dob-no-such-day":
		return capital(item.Words()) + ": no such day"
	case code == "translated":
		return capital(item.Words()) + ": words taken for a code"
	case code == "word-unknown":
		return capital(item.Words()) + ": words not known"
	case item == layout.None:
		return "The row"
	}
	return capital(item.Words())
}

type problemPage struct {
	Page
	Shown string
	Words string
	Table Table
	Pages []Link
	None  *Empty
	Teach string
}

// pageLinks are the ways on and back in a list whose length is not known.
func pageLinks(page int, more bool, href func(int) string) []Link {
	var out []Link
	if page > 1 {
		out = append(out, Link{Text: "Earlier rows", Href: href(page - 1)})
	}
	if more {
		out = append(out, Link{Text: "More rows", Href: href(page + 1)})
	}
	return out
}

func (s *Server) problemPage(w http.ResponseWriter, r *http.Request) error {
	ref, code, item := id.Ref(r.PathValue("ref")), r.PathValue("code"), r.URL.Query().Get("item")
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	page := pageAsked(r)
	list, more, err := s.Intake.RowsWith(r.Context(), actorOf(r), ref, code, item, page)
	if err != nil {
		return err
	}
	p := &problemPage{Page: Page{Title: "Rows with a problem", Caption: in.FileName, Section: "/imports", Back: &Link{Text: "The file", Href: intakeHref(ref, "")}}}
	if len(list) == 0 {
		p.None = &Empty{Title: "No row has this problem", Text: "It was mended, or the file was read again."}
		return s.render(w, r, "intake_problem", p)
	}
	p.Heading, p.Words = problemName(code, item), sentence(list[0].Words)
	if code == "word-unknown" || code == "translated" {
		p.Teach = intakeHref(ref, "/words")
	}
	p.Table = Table{Caption: "Rows", Quiet: true, Columns: []Column{{Text: "Row in the file", Numeric: true}, {Text: "Column"}, {Text: "In the cell"}, {Text: "What is wrong"}}}
	for _, one := range list {
		row := Cell{Text: strconv.Itoa(one.Row), Header: true}
		if code != "no-person" && in.State == intake.InReview {
			row.Href, row.Hidden = withQuery(rowHref(ref, one.Row), "item", one.Item), "of the file, to mend it"
		}
		p.Table.Rows = append(p.Table.Rows, []Cell{row, {Text: one.Column}, {Text: orText(one.Value, "Empty"), Fault: !one.Mended}, {Text: sentence(one.Words)}})
	}
	p.Pages = pageLinks(page, more, func(n int) string {
		return withQuery(intakeHref(ref, "/problems/"+code), "item", item, "page", strconv.Itoa(n))
	})
	return s.render(w, r, "intake_problem", p)
}

func rowHref(ref id.Ref, row int) string { return intakeHref(ref, "/rows/"+strconv.Itoa(row)) }

func (s *Server) faultyFile(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State != intake.InReview && in.State != intake.Applied {
		return errNoPage
	}
	attach(w, "rows-to-correct.csv", "text/csv; charset=utf-8")
	if err := s.Intake.FaultyRows(r.Context(), actorOf(r), ref, w); err != nil {
		w.Header().Del("Content-Security-Policy")
		return s.intakeFailed(w, r, err)
	}
	return nil
}

type intakeRowsPage struct {
	Page
	Rows  []reviewRow
	Pages []Link
	None  *Empty
}

// reviewRow is one row of the file as a list shows it.
type reviewRow struct {
	Number     string
	Href       string
	Name, Born string
	Person     string
	PersonHref string
	Sentence   string
	Changes    []intake.Change
	Tag        *Tag
}

func (s *Server) intakeRowsPage(w http.ResponseWriter, r *http.Request) error {
	ref, outcome := id.Ref(r.PathValue("ref")), r.URL.Query().Get("outcome")
	at := slices.IndexFunc(outcomes, func(o struct{ is, title, words string }) bool { return o.is == outcome })
	if at < 0 {
		return errNoPage
	}
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	filter, page := intake.Filter{Outcome: outcome}, pageAsked(r)
	if outcome == "clashes" {
		filter = intake.Filter{Clashing: true}
	}
	list, more, err := s.Intake.Rows(r.Context(), actorOf(r), ref, filter, page)
	if err != nil {
		return err
	}
	p := &intakeRowsPage{Page: Page{Title: "Rows of a file", Heading: outcomes[at].title, Caption: in.FileName, Lead: outcomes[at].words, Section: "/imports", Back: &Link{Text: "The file", Href: intakeHref(ref, "")}}}
	if len(list) == 0 {
		p.None = &Empty{Title: "None", Text: "No row of the file is of this kind by now.", Link: &Link{Text: "Go back to the file", Href: intakeHref(ref, "")}}
		if outcome == intake.OutcomeSkipped {
			p.None = &Empty{Title: "Only rows that are no person’s", Text: "They are titles, totals, notes and names of columns that stand between the rows.", Link: &Link{Text: "See which", Href: intakeHref(ref, "/problems/no-person")}}
		}
		return s.render(w, r, "intake_rows", p)
	}
	for _, one := range list {
		row := reviewRowOf(ref, one)
		if outcome == "clashes" {
			row.Href = withQuery(row.Href, "next", "clashes")
		}
		p.Rows = append(p.Rows, row)
	}
	p.Pages = pageLinks(page, more, func(n int) string {
		return withQuery(intakeHref(ref, "/rows"), "outcome", outcome, "page", strconv.Itoa(n))
	})
	return s.render(w, r, "intake_rows", p)
}

func reviewRowOf(ref id.Ref, one intake.Row) reviewRow {
	row := reviewRow{Number: strconv.Itoa(one.Number), Href: rowHref(ref, one.Number), Name: orText(one.Name, "No name"), Born: dayOr(one.Born), Sentence: one.Sentence, Changes: one.Changes, Tag: outcomeTag(one.Outcome)}
	if one.Person != "" {
		row.Person, row.PersonHref = one.PersonName, personHref(one.Person, "")
	}
	return row
}

func outcomeTag(outcome string) *Tag {
	switch outcome {
	case intake.OutcomeNew:
		return &Tag{Text: "New", Colour: "blue"}
	case intake.OutcomeChanged:
		return &Tag{Text: "Changed", Colour: "green"}
	case intake.OutcomeUnchanged:
		return &Tag{Text: "Unchanged", Colour: "grey"}
	case intake.OutcomeWaiting:
		return &Tag{Text: "To be decided", Colour: "yellow"}
	case intake.OutcomeSkipped:
		return &Tag{Text: "Left out", Colour: "grey"}
	}
	return &Tag{Text: "Cannot be used", Colour: "red"}
}

// saidWords is a value of a row as a page says it.
func (s *Server) saidWords(i layout.Item, value string) string {
	if i.IsDate() {
		if d, err := civil.Parse(value); err == nil {
			return d.Words()
		}
	}
	switch i {
	case layout.Activity:
		return activityWords(s.edition(), value)
	case layout.Sex:
		return codeWords(s.edition(), nccis.Genders, value)
	}
	return value
}
