package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/field"
	"waymark/internal/message"
	"waymark/internal/notify"
)

// Words for young people, by language and key: young/en.csv is the one that the
// others are held against. They are for somebody of nine: short sentences, no
// codes, nothing that the trade says.
//
//go:embed young
var youngFiles embed.FS

// words are the words of one language.
type words map[string]string

// youngLanguages are the languages that pages for young people have.
func youngLanguages() []string { return []string{"en", "cy"} }

func readWords(language string) (words, error) {
	f, err := youngFiles.Open("young/" + language + ".csv")
	if err != nil {
		return nil, fmt.Errorf("read the words for young people: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the words for young people: %w", err)
	}
	out := words{}
	for _, row := range rows {
		if len(row) != 2 || out[row[0]] != "" {
			return nil, fmt.Errorf("the words for young people: %q is there twice, or has no words", row)
		}
		out[row[0]] = row[1]
	}
	return out, nil
}

func readYoung() (map[string]words, error) {
	out := map[string]words{}
	for _, language := range youngLanguages() {
		w, err := readWords(language)
		if err != nil {
			return nil, err
		}
		out[language] = w
	}
	return out, nil
}

// The stages of a self-report, one question on each.
const (
	tellBorn  = "born"
	tellDoing = "doing"
	tellWhere = "where"
	tellHelp  = "help"
	tellDone  = "done"
)

type selfReportPage struct {
	Page
	Form  *Form
	Words words
	Kept  []keptField
	Stage string
	// Other is the way to the other language; its words are in that language.
	Other, OtherLang, OtherWords string
	Born                         TypedDate
	Doing, Help                  []youngOption
	Where, Since, HelpWith       string
	// Wrong is what is wrong with the question at hand, At the field.
	Wrong, At string
}

// youngOption is one answer to choose.
type youngOption struct {
	ID, Value, Text string
	Chosen          bool
}

// young prepares a page for a young person, whom nothing follows.
func (s *Server) young(w http.ResponseWriter, r *http.Request, form *Form, stage string) *selfReportPage {
	language := form.Text("lang")
	if s.youngWords[language] == nil {
		language = youngLanguages()[0]
	}
	other := youngLanguages()[1]
	if language == other {
		other = youngLanguages()[0]
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	t := s.youngWords[language]
	p := &selfReportPage{Page: Page{Title: t["title-"+stage], Lang: language, Young: t, OwnHeading: true}, Form: form, Words: t, Stage: stage,
		Other: r.URL.Path + "?lang=" + other, OtherLang: other, OtherWords: s.youngWords[other]["this-language"]}
	if language != youngLanguages()[0] {
		p.Kept = append(p.Kept, keptField{"lang", language})
	}
	return p
}

func (s *Server) selfReportPage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(map[string]string{"lang": r.URL.Query().Get("lang")})
	return s.askYoung(w, r, form, tellBorn, "", "")
}

// selfReport takes one step. The birth date travels with each, and is asked of
// the link each time: there is no session, and nothing is kept in the browser.
func (s *Server) selfReport(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	register, token := r.PathValue("register"), r.PathValue("token")
	born, ok := form.Typed("born").Date()
	if !ok {
		return s.askYoung(w, r, form, tellBorn, "born-day", "wrong-born")
	}
	err = message.ErrLink
	if register == strconv.FormatInt(int64(s.Register), 10) {
		err = s.Messages.Open(r.Context(), s.Register, token, born)
	}
	if errors.Is(err, message.ErrLink) {
		return s.askYoung(w, r, form, tellBorn, "born-day", "wrong-link")
	}
	if err != nil {
		return err
	}
	doing := message.Doing(form.Text("doing"))
	switch form.Text("stage") {
	case tellBorn:
		return s.askYoung(w, r, form, tellDoing, "", "")
	case tellDoing, tellWhere, tellHelp:
		if !message.CheckDoing(doing) {
			return s.askYoung(w, r, form, tellDoing, "doing", "wrong-doing")
		}
	default:
		return errNoPage
	}
	switch form.Text("stage") {
	case tellDoing:
		return s.askYoung(w, r, form, tellWhere, "", "")
	case tellWhere:
		if len([]rune(form.Text("where")+form.Text("since"))) > 400 {
			return s.askYoung(w, r, form, tellWhere, "where", "wrong-long")
		}
		return s.askYoung(w, r, form, tellHelp, "", "")
	}
	if form.Text("help") != "yes" && form.Text("help") != "no" {
		return s.askYoung(w, r, form, tellHelp, "help", "wrong-help")
	}
	return s.tellUs(w, r, form, born, doing)
}

func (s *Server) tellUs(w http.ResponseWriter, r *http.Request, form *Form, born civil.Date, doing message.Doing) error {
	err := s.Messages.Tell(r.Context(), s.Register, r.PathValue("token"), born, message.Said{Doing: doing, Where: form.Text("where"), Since: form.Text("since"),
		Help: form.Text("help") == "yes", HelpWith: form.Text("help-with")})
	var wrong field.Errors
	switch {
	case errors.Is(err, message.ErrLink):
		return s.askYoung(w, r, form, tellBorn, "born-day", "wrong-link")
	case errors.As(err, &wrong):
		return s.askYoung(w, r, form, tellHelp, "help-with", "wrong-long")
	case err != nil:
		return err
	}
	return s.render(w, r, "self_report", s.young(w, r, form, tellDone))
}

// askYoung draws a stage, with what is wrong with it where something is.
func (s *Server) askYoung(w http.ResponseWriter, r *http.Request, form *Form, stage, at, wrong string) error {
	p := s.young(w, r, form, stage)
	if wrong != "" {
		p.At, p.Wrong = at, p.Words[wrong]
		p.Errors = []FieldError{{ID: at, Message: p.Wrong}}
	}
	p.Born = form.Typed("born")
	for i, d := range message.Doings() {
		id := "doing"
		if i > 0 {
			id += "-" + strconv.Itoa(i+1)
		}
		p.Doing = append(p.Doing, youngOption{ID: id, Value: string(d), Text: p.Words["doing-"+string(d)], Chosen: form.Text("doing") == string(d)})
	}
	p.Help = []youngOption{{ID: "help", Value: "yes", Text: p.Words["yes"], Chosen: form.Text("help") == "yes"}, {ID: "help-2", Value: "no", Text: p.Words["no"], Chosen: form.Text("help") == "no"}}
	p.Where, p.Since, p.HelpWith = form.Text("where"), form.Text("since"), form.Text("help-with")
	p.Kept = append(p.Kept, keptField{"stage", stage})
	if stage != tellBorn {
		for _, name := range []string{"born-day", "born-month", "born-year"} {
			p.Kept = append(p.Kept, keptField{name, form.Text(name)})
		}
	}
	for _, name := range []string{"doing", "where", "since", "help", "help-with"} {
		if asked := map[string]string{tellDoing: "doing", tellWhere: "where since", tellHelp: "help help-with"}[stage]; !strings.Contains(" "+asked+" ", " "+name+" ") && form.Text(name) != "" {
			p.Kept = append(p.Kept, keptField{name, form.Text(name)})
		}
	}
	return s.render(w, r, "self_report", p)
}

// lets says whether a call comes from the carrier: it holds the token that was
// given to it. Without one nobody calls.
func (s *Server) lets(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.CallbackToken))
	return ok && s.CallbackToken != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1 && r.PathValue("register") == strconv.FormatInt(int64(s.Register), 10)
}

// called reads what the carrier calls with; ok is false where it was answered.
func (s *Server) called(w http.ResponseWriter, r *http.Request, into any) (ok bool) {
	if !s.lets(r) {
		http.Error(w, "not known", http.StatusUnauthorized)
		return false
	}
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, "not understood", http.StatusBadRequest)
		return false
	}
	return true
}

// textReceived takes in a text that came: GOV.UK Notify calls it, again where it
// is not answered.
func (s *Server) textReceived(w http.ResponseWriter, r *http.Request) error {
	var told struct {
		ID      string `json:"id"`
		From    string `json:"source_number"`
		Message string `json:"message"`
	}
	if !s.called(w, r, &told) {
		return nil
	}
	if strings.TrimSpace(told.ID) == "" || strings.TrimSpace(told.From) == "" || len(told.ID) > 200 || len(told.From) > 50 {
		http.Error(w, "not understood", http.StatusBadRequest)
		return nil
	}
	if err := s.Messages.Receive(r.Context(), s.Register, message.Incoming{Carrier: told.ID, From: told.From, Words: told.Message}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// receiptReceived takes in what became of a message.
func (s *Server) receiptReceived(w http.ResponseWriter, r *http.Request) error {
	var told struct {
		Reference string `json:"reference"`
		Status    string `json:"status"`
	}
	if !s.called(w, r, &told) {
		return nil
	}
	if err := s.Messages.Receipt(r.Context(), s.Register, told.Reference, notify.Answer{State: notify.StateOf(told.Status), Why: notify.ReasonOf(told.Status)}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
