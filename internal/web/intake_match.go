package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/civil"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/intake"
	"waymark/internal/layout"
	"waymark/internal/match"
)

type matchPage struct {
	Page
	Form       *Form
	Sentence   string
	Left       string
	Comparison *Comparison
	Person     id.Ref
	Row        Summary
	Others     []Link
	Later      string
	Decided    string
}

// nextMatch leads to the first row that waits for a decision, after ?after=.
func (s *Server) nextMatch(w http.ResponseWriter, r *http.Request) error {
	ref := id.Ref(r.PathValue("ref"))
	next, _, err := s.nextWaiting(r, ref, atoi(r.URL.Query().Get("after")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// nextWaiting is where the next decision is made: in a row further down, else
// back at the file. The number is how many wait.
func (s *Server) nextWaiting(r *http.Request, ref id.Ref, after int) (string, int, error) {
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil || in.State != intake.InReview {
		return intakeHref(ref, ""), 0, err
	}
	for page, more := 1, true; more; page++ {
		var list []intake.Row
		if list, more, err = s.Intake.Rows(r.Context(), actorOf(r), ref, intake.Filter{Outcome: intake.OutcomeWaiting}, page); err != nil {
			return "", 0, err
		}
		for _, one := range list {
			if one.Number > after {
				return intakeHref(ref, "/matches/"+strconv.Itoa(one.Number)), in.Counts.Waiting, nil
			}
		}
	}
	return intakeHref(ref, ""), in.Counts.Waiting, nil
}

// mostCandidates is among how many people one chooses.
const mostCandidates = 5

func (s *Server) matchPage(w http.ResponseWriter, r *http.Request) error {
	return s.showMatch(w, r, newForm(nil))
}

func (s *Server) showMatch(w http.ResponseWriter, r *http.Request, form *Form) error {
	ref := id.Ref(r.PathValue("ref"))
	number, err := rowAsked(r)
	if err != nil {
		return err
	}
	in, err := s.Intake.Get(r.Context(), actorOf(r), ref)
	if err != nil {
		return err
	}
	if in.State != intake.InReview {
		http.Redirect(w, r, intakeHref(ref, ""), http.StatusSeeOther)
		return nil
	}
	list, _, err := s.Intake.Rows(r.Context(), actorOf(r), ref, intake.Filter{Row: number}, 1)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return db.NotFound
	}
	said, _, err := s.Intake.Said(r.Context(), actorOf(r), ref, number)
	if err != nil {
		return err
	}
	people, err := s.Intake.Candidates(r.Context(), actorOf(r), ref, number, mostCandidates)
	if err != nil && !errors.Is(err, db.NotFound) {
		return err
	}
	p := &matchPage{Page: Page{Title: "Whom is the row about?", Caption: in.FileName + ", row " + strconv.Itoa(number), Section: "/imports", Errors: form.Errors, Back: &Link{Text: "The file", Href: intakeHref(ref, "")}},
		Form: form, Sentence: list[0].Sentence, Later: withQuery(intakeHref(ref, "/matches"), "after", strconv.Itoa(number))}
	if in.Counts.Waiting > 0 {
		p.Left = plural(in.Counts.Waiting, "row waits", "rows wait") + " for a decision."
	}
	p.Decided = decidedWords(list[0])
	at := min(max(atoi(r.URL.Query().Get("candidate")), 1), max(1, len(people))) - 1
	for i, one := range people {
		if i != at {
			p.Others = append(p.Others, Link{Text: one.Name + ", born " + dayOr(one.Born) + shareWords(one), Href: withQuery(intakeHref(ref, "/matches/"+strconv.Itoa(number)), "candidate", strconv.Itoa(i+1))})
		}
	}
	if len(people) == 0 {
		p.Row = Summary{Title: "What the row says", ID: "what-it-says", Rows: s.saidRows(said)}
		return s.render(w, r, "intake_match", p)
	}
	if err := s.compareRow(r, p, form, in, said, people[at]); err != nil {
		return err
	}
	return s.render(w, r, "intake_match", p)
}

// shareWords is how likely somebody is by weight; of two people of one household
// the weight says little, and no share is given.
func shareWords(one intake.Candidate) string {
	if one.Explanation.Veto&match.VetoGiven != 0 {
		return " (much is the same, but not the first name)"
	}
	return " (" + probability(one.Probability) + ")"
}

func decidedWords(row intake.Row) string {
	switch row.Decision {
	case intake.DecidePerson:
		return "It was decided that the row is about " + orText(row.PersonName, "somebody of the register") + ". You can decide otherwise."
	case intake.DecideNew:
		return "It was decided that the row is about somebody new. You can decide otherwise."
	case intake.DecideSkip:
		return "The row is left out. You can decide otherwise."
	}
	return ""
}

func (s *Server) saidRows(said map[layout.Item]string) []Row {
	var rows []Row
	for _, i := range layout.Items() {
		if said[i] != "" {
			rows = append(rows, Row{Key: capital(i.Words()), Value: s.saidWords(i, said[i])})
		}
	}
	return rows
}

// compareRow puts the row beside somebody of the register.
func (s *Server) compareRow(r *http.Request, p *matchPage, form *Form, in intake.Intake, said map[layout.Item]string, one intake.Candidate) error {
	sum, err := s.Record.SummaryKnown(r.Context(), actorOf(r), one.Person, civil.Date{})
	if err != nil {
		return err
	}
	c := &client{Summary: sum, s: s, r: r, ref: one.Person, form: form, today: sum.Today, req: s.Requirement.WithInvented(sum.Register.Invented())}
	left := comparedSide{Head: ComparedHead{Text: orText(joined(" ", said[layout.Given], said[layout.Family]), "The row"), Note: "Row of the file, from " + in.Sender.Name}, Values: s.rowValues(said)}
	e := one.Explanation
	compared := compareSides(left, c.recordSide(ComparedHead{Text: c.name(), Href: personHref(c.ref, ""), Note: labelled("In the register: ", one.Activity)}), e.Prior, e.Reasons, e.Total, e.Veto)
	compared.Caption = "The row and the record, field by field"
	p.Comparison, p.Person = &compared, one.Person
	return nil
}

// rowValues are the values of a row by the names that match gives them.
func (s *Server) rowValues(said map[layout.Item]string) map[string]comparedValue {
	out := map[string]comparedValue{}
	for k, items := range map[match.Kind][]layout.Item{match.Given: {layout.Given, layout.KnownAs}, match.Middle: {layout.Middle}, match.Family: {layout.Family, layout.FormerFamily}, match.Birth: {layout.DOB},
		match.Sex: {layout.Sex}, match.Postcode: {layout.Postcode}, match.House: {layout.House}, match.Street: {layout.Street}, match.Locality: {layout.Locality}, match.Town: {layout.Town},
		match.Phone: {layout.Telephone, layout.Mobile}, match.Email: {layout.Email}, match.School: {layout.SchoolName}, match.ULN: {layout.ULN}, match.UPN: {layout.UPN, layout.FormerUPN}, match.YoungPersonsID: {layout.YoungPersonsID}} {
		var values []string
		for _, i := range items {
			if said[i] != "" {
				values = append(values, s.saidWords(i, said[i]))
			}
		}
		if len(values) > 0 {
			out[k.String()] = comparedValue{Value: strings.Join(values, ", ")}
		}
	}
	return out
}

func (s *Server) decideMatch(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	number, err := rowAsked(r)
	if err != nil {
		return err
	}
	ref := id.Ref(r.PathValue("ref"))
	answer, person, words := form.Text("answer"), id.Ref(""), ""
	switch answer {
	case intake.DecidePerson:
		person, words = id.Ref(form.Text("person")), "The row is about that person."
	case intake.DecideNew:
		words = "The row is about somebody new."
	case intake.DecideSkip:
		words = "The row is left out."
	case "undecided":
		answer, words = "", "The decision is taken back."
	default:
		return errForm
	}
	err = s.Intake.Decide(r.Context(), actorOf(r), ref, number, answer, person)
	if said := complaintOf(err); said != "" && !isRefusal(err) {
		form.Fail("answer", said)
		return s.showMatch(w, r, form)
	}
	if errors.Is(err, db.NotFound) {
		return err
	}
	if err != nil {
		return s.intakeFailed(w, r, err)
	}
	next, _, err := s.nextWaiting(r, ref, number)
	if err != nil {
		return err
	}
	return s.done(w, r, next, words, &Link{Text: "Look at that row again", Href: intakeHref(ref, "/matches/"+strconv.Itoa(number))})
}
