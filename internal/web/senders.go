package web

import (
	"net/http"
	"slices"
	"strconv"

	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
)

func kindSelect() Choice {
	c := Choice{Name: "kind", Label: "What it usually sends", Options: []Option{{Text: "Work it out from each file"}}}
	for _, k := range layout.Kinds() {
		c.Options = append(c.Options, Option{Value: k.ID, Text: k.Name})
	}
	return c
}

func fullOptions() []Option {
	return []Option{{Value: "no", Text: "Some of those who are there"}, {Value: "yes", Text: "Everybody who is there, where it is a roll"}}
}

func placeOptions() []Option {
	return []Option{{Value: "yes", Text: "Yes: a school, a college, a provider"}, {Value: "no", Text: "No: a team, an agency"}}
}

// sender reads what is asked about a sender.
func (f *Form) sender() intake.Sender {
	one := intake.Sender{Name: f.Text("sender-name"), Kind: f.Text("kind"), Agreement: f.Text("agreement"), AgreementEnds: f.Date("agreement-ends", "The last day of the agreement"),
		SendsFull: f.Text("full") == "yes", Place: f.Text("place") == "yes"}
	tolerance, err := strconv.Atoi(orText(f.Text("tolerance"), strconv.Itoa(intake.DefaultTolerance)))
	if err != nil {
		f.Fail("tolerance", "Enter a number of days, from 0 to 366")
	}
	one.Tolerance = tolerance
	return one
}

type sendersPage struct {
	Page
	Table Table
	None  *Empty
}

func (s *Server) sendersPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Intake.Senders(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &sendersPage{Page: Page{Title: "Senders", Lead: "Schools, colleges and teams that send files, and how their files are read.", Section: "/imports", Back: &Link{Text: "Files in", Href: "/imports"},
		Actions: []Link{{Text: "Add a sender", Href: "/senders/new", Main: true}, {Text: "What words mean", Href: "/senders/words"}}}}
	if len(list) == 0 {
		p.None = &Empty{Title: "Nobody has sent a file yet", Text: "A sender is kept with its first file, or added here.", Link: &Link{Text: "Load a file", Href: "/imports/new"}}
		return s.render(w, r, "senders", p)
	}
	p.Table = Table{Caption: "Senders", Quiet: true, Columns: []Column{{Text: "Name"}, {Text: "Usually sends"}, {Text: "Agreement"}, {Text: "Days of tolerance", Numeric: true}, {Text: "Next file"}}}
	for _, one := range list {
		k, _ := layout.FindKind(one.Kind)
		agreement := Cell{Text: one.Agreement}
		if !one.AgreementEnds.IsZero() {
			agreement.Note = "until " + one.AgreementEnds.Words()
			if s.today().After(one.AgreementEnds) {
				agreement.Tag = &Tag{Text: "Ended", Colour: "red"}
			}
		}
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: one.Name, Href: "/senders/" + string(one.Ref), Header: true}, {Text: orText(k.Name, "Worked out from each file")}, agreement, {Text: count(one.Tolerance)},
			{Text: "Load a file", Hidden: "from " + one.Name, Href: withQuery("/imports/new", "sender", string(one.Ref))}})
	}
	return s.render(w, r, "senders", p)
}

type senderPage struct {
	Page
	Form      *Form
	Name      Input
	Kind      Choice
	Full      Choice
	Place     Choice
	Agreement Input
	Ends      DateInput
	Tolerance Input
	Mappings  []mappingCard
	Action    string
}

// mappingCard is how a sender's files of one kind are read.
type mappingCard struct {
	Kind, Name string
	Table      Table
	Action     string
}

func (s *Server) newSenderPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSender(w, r, newForm(map[string]string{"tolerance": strconv.Itoa(intake.DefaultTolerance), "full": "no", "place": "yes"}))
}

func (s *Server) senderPage(w http.ResponseWriter, r *http.Request) error {
	one, _, err := s.Intake.Remembered(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	form := newForm(map[string]string{"sender-name": one.Name, "kind": one.Kind, "agreement": one.Agreement, "tolerance": strconv.Itoa(one.Tolerance), "full": yesOrNo(one.SendsFull), "place": yesOrNo(one.Place)})
	form.SetDate("agreement-ends", one.AgreementEnds)
	return s.showSender(w, r, form)
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (s *Server) showSender(w http.ResponseWriter, r *http.Request, form *Form) error {
	p := &senderPage{Page: Page{Title: "Add a sender", Section: "/imports", Errors: form.Errors, Back: &Link{Text: "Senders", Href: "/senders"}}, Form: form, Action: "/senders/new"}
	if ref := id.Ref(r.PathValue("ref")); ref != "" {
		one, mappings, err := s.Intake.Remembered(r.Context(), actorOf(r), ref)
		if err != nil {
			return err
		}
		p.Title, p.Heading, p.Action = "A sender of files", one.Name, "/senders/"+string(ref)
		for _, m := range mappings {
			p.Mappings = append(p.Mappings, mappingOf(ref, m))
		}
	}
	p.Name = form.Input(Input{Name: "sender-name", Label: "Name of the school, college or team", Strong: true})
	kinds := kindRadios()
	kinds.Label, kinds.Strong = "What it usually sends", true
	kinds.Options = append([]Option{{Value: "", Text: "Work it out from each file"}}, kinds.Options...)
	p.Kind = form.Choice(kinds)
	if form.Text("kind") == "" {
		p.Kind.Options[0].Chosen = true
	}
	p.Full = form.Choice(Choice{Name: "full", Label: "How much its lists say", Strong: true, Options: fullOptions()})
	p.Place = form.Choice(Choice{Name: "place", Label: "Is it where the young people learn or work?", Strong: true, Hint: "Then a row that names no place means it.", Options: placeOptions()})
	p.Agreement = form.Input(Input{Name: "agreement", Label: "Under which agreement it sends (may be left out)", Strong: true, Hint: "For example, Data sharing agreement 12 of 2025"})
	p.Ends = form.DateInput(DateInput{Name: "agreement-ends", Label: "The last day of the agreement (may be left out)", Strong: true, Hint: "For example, 31 8 2027"})
	p.Tolerance = form.Input(Input{Name: "tolerance", Label: "Days by which a start date may differ and be of the same course", Strong: true, Width: "3", InputMode: "numeric"})
	return s.render(w, r, "sender", p)
}

func mappingOf(ref id.Ref, m layout.Mapping) mappingCard {
	k, _ := layout.FindKind(m.Kind)
	c := mappingCard{Kind: m.Kind, Name: orText(k.Name, m.Kind), Action: "/senders/" + string(ref) + "/forget",
		Table: Table{Caption: "How its files are read: " + orText(k.Name, m.Kind), Columns: []Column{{Text: "Column"}, {Text: "Taken for"}}}}
	for _, column := range m.Columns {
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: orText(column.Header, "Column "+strconv.Itoa(column.At+1)), Header: true}, {Text: capital(column.Item.Words()), Note: capital(string(column.Dates))}})
	}
	for _, f := range m.Fixed {
		c.Table.Rows = append(c.Table.Rows, []Cell{{Text: "Every row", Header: true}, {Text: capital(f.Item.Words()) + ": " + f.Value}})
	}
	return c
}

func (s *Server) saveSender(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	one := form.sender()
	one.Ref = id.Ref(r.PathValue("ref"))
	if form.OK() {
		_, err = s.Intake.KeepSender(r.Context(), actorOf(r), one, form.Key)
		form.Take(err)
	}
	if !form.OK() {
		return s.showSender(w, r, form)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/senders", "The sender is kept.", nil)
}

func (s *Server) forgetMapping(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	if err := s.Intake.Forget(r.Context(), actorOf(r), ref, form.Text("kind"), form.Key); err != nil {
		return err
	}
	return s.done(w, r, "/senders/"+string(ref), "It is forgotten. The next file is understood anew.", nil)
}

func (s *Server) wordsPage(w http.ResponseWriter, r *http.Request) error {
	list, _, err := s.Intake.Taught(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p := &sendersPage{Page: Page{Title: "What senders’ words mean", Section: "/imports", Back: &Link{Text: "Senders", Href: "/senders"},
		Lead: "Words that somebody here has explained, for all files to come. They win over those that Waymark knows by itself."}}
	if len(list) == 0 {
		p.None = &Empty{Title: "Nobody has explained a word yet", Text: "When a file holds words that are not known, its review asks for their meaning, and they are listed here."}
		return s.render(w, r, "senders", p)
	}
	p.Table = Table{Caption: "Words", Quiet: true, Columns: []Column{{Text: "In files"}, {Text: "Of"}, {Text: "It means"}, {Text: "Explained"}, {Text: "If it was wrong"}}}
	for _, one := range list {
		means := joined(" ", one.Means, noteOf(one.Means != one.Code && one.Code != "", "("+one.Code+")"))
		p.Table.Rows = append(p.Table.Rows, []Cell{{Text: one.Said, Header: true}, {Text: listWords(one.List)}, {Text: capital(orText(means, "It says nothing"))}, {Text: one.By, Note: moment(one.At)},
			{Text: "Change", Hidden: one.Said, Href: withQuery("/senders/word", "list", string(one.List), "words", one.Said)}})
	}
	return s.render(w, r, "senders", p)
}

type wordPage struct {
	Page
	Form       *Form
	Said, List string
	Code       Choice
	ListID     layout.List
}

func (s *Server) wordPage(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	if !asked.Has("words") {
		http.Redirect(w, r, "/senders/words", http.StatusSeeOther) // where one is chosen
		return nil
	}
	return s.showWord(w, r, newForm(nil), layout.List(asked.Get("list")), asked.Get("words"))
}

func (s *Server) showWord(w http.ResponseWriter, r *http.Request, form *Form, list layout.List, said string) error {
	words, codes, err := s.Intake.Taught(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(words, func(o intake.TaughtWord) bool { return o.List == list && o.Said == said })
	if at < 0 {
		return db.NotFound
	}
	if !form.values.Has("code") {
		form.values.Set("code", orText(words[at].Code, wordNothing))
	}
	options := append(codeOptions(codes[list]), Option{Value: "forget", Text: "Forget it: leave it to Waymark, or ask again"})
	return s.render(w, r, "sender_word", &wordPage{Page: Page{Title: "Change what a word means", Section: "/imports", Errors: form.Errors, Back: &Link{Text: "What senders’ words mean", Href: "/senders/words"},
		Lead: "It holds for files to come. What was applied before stays as it is."}, Form: form, Said: said, List: listWords(list), ListID: list,
		Code: form.Choice(Choice{Name: "code", Label: "“" + said + "” means", Strong: true, Hint: listWords(list), Options: options})})
}

func (s *Server) mendWord(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	list, said, code := layout.List(form.Text("list")), form.Raw("said"), form.Text("code")
	forget := code == "forget"
	if code == wordNothing {
		code = ""
	}
	err = s.Intake.MendWord(r.Context(), actorOf(r), layout.OwnWord{List: list, Said: said, Code: code}, forget, form.Key)
	if form.Take(err) {
		return s.showWord(w, r, form, list, said)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/senders/words", "It is kept for files to come.", nil)
}
