package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/db"
	"waymark/internal/id"
	"waymark/internal/returns"
)

type returnSignPage struct {
	Page
	Ways      SubNavigation
	Frozen    *Panel
	File      Summary
	Download  *Link
	Since     *Link
	History   Timeline
	Record    *recordForm
	Figures   *Table
	Recount   Table
	Agrees    Banner
	Blocked   string
	ToMend    *Link
	Form      *Form
	Declare   Choice
	Anew      *Choice
	SHA256    string
	Signs     string
	CannotYet string
}

// recordForm notes what became of a frozen return.
type recordForm struct {
	Form    *Form
	Action  string
	State   Choice
	Because Input
}

func (s *Server) returnSignPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSign(w, r, newForm(nil))
}

func (s *Server) showSign(w http.ResponseWriter, r *http.Request, form *Form) error {
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	pos, err := s.Returns.Position(r.Context(), actorOf(r), m.period, m.authorities)
	if err != nil {
		return err
	}
	p := &returnSignPage{Page: s.head(m, "Sign off "+m.name(s.today())), Ways: m.ways("sign"), Form: form}
	p.Errors, p.Lead = form.Errors, s.returnLead(m, pos)
	if l := pos.Latest; l != nil {
		p.History = stepsTimeline(l)
		if l.State.Frozen() {
			p.frozen(r, m, l, form)
		}
	}
	if l := pos.Latest; l != nil && l.State.Standing() {
		p.Title, p.Heading = m.name(s.today()), ""
		return s.render(w, r, "return_sign", p)
	}
	if err := s.toSign(r, p, m, pos); err != nil {
		return err
	}
	return s.render(w, r, "return_sign", p)
}

// toSign fills in what somebody looks at before signing, and the signature.
func (s *Server) toSign(r *http.Request, p *returnSignPage, m monthly, pos *returns.Position) error {
	awaited, err := s.awaitedFile(r, m, pos)
	if err != nil {
		return err
	}
	p.Banners = append(p.Banners, awaited...)
	move, err := s.Returns.Movements(r.Context(), actorOf(r), pos.Shown)
	if err != nil {
		return err
	}
	if move.Against != nil {
		t, wide := figuresTable(move, pos.Draft.Totals)
		p.Figures = &t
		if wide {
			p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "Something moved further than it does of itself.", Text: "Find out why before you sign.", Link: &Link{Text: "See what moved", Href: m.href("movements")}})
		}
	}
	if err := p.recount(pos.Draft); err != nil {
		return err
	}
	actor := actorOf(r)
	switch {
	case pos.Blocked != "":
		p.Blocked = pos.Blocked
		p.ToMend = &Link{Text: "See what is wrong", Href: m.href("") + "#serious"}
	case !access.May(actor, access.SignReturn):
		p.CannotYet = "A data officer signs first, then a second person: a data officer or a team manager."
	case pos.Second && pos.Latest.FirstSigner().By == actor.Ref:
		p.CannotYet = "You signed first. The second signature must be somebody else’s: ask a team manager or another data officer to open this page."
	case !pos.Second && !actor.Holds(access.DataOfficer):
		p.CannotYet = "A data officer signs first. You can sign after that."
	default:
		p.signature(pos)
	}
	return nil
}

func (p *returnSignPage) signature(pos *returns.Position) {
	p.SHA256 = pos.SHA256
	p.Signs = "Sign as the first of two"
	if pos.Second {
		p.Signs = "Sign as the second and freeze the file"
	}
	p.Declare = p.Form.Choice(Choice{Name: "declaration", Label: "Declaration", Strong: true, Options: []Option{{Value: "yes", Text: returns.Declaration}}})
	if pos.Outdated {
		c := p.Form.Choice(Choice{Name: "anew", Label: "The first signature no longer fits", Strong: true,
			Hint:    pos.Latest.FirstSigner().Name + " signed, and facts have changed since.",
			Options: []Option{{Value: "yes", Text: "I have looked at the totals again, and sign anew as the first of two"}}})
		p.Anew = &c
	}
}

// recount writes the file, reads it back and counts in it what the register
// says it holds.
func (p *returnSignPage) recount(d *returns.Draft) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(d.WriteXML(out, false)) }()
	file, err := d.Recount(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return err
	}
	p.Recount = Table{Caption: "Counted again from the file itself", Columns: []Column{{Text: "What"}, {Text: "Register", Numeric: true}, {Text: "File", Numeric: true}}}
	add := func(what string, register, inFile int) {
		p.Recount.Rows = append(p.Recount.Rows, []Cell{{Text: what, Header: true}, {Text: count(register)}, {Text: count(inFile), Fault: register != inFile}})
	}
	t := d.Totals
	add("Records", t.Records, file.Records)
	add("Reported as having left", t.Leavers, file.Leavers)
	add("Academic age 16 and 17", t.Rates.Cohort, file.Rates.Cohort)
	add("of them NEET", t.Rates.NEET, file.Rates.NEET)
	add("of them not known", t.Rates.NotKnown, file.Rates.NotKnown)
	add("With a plan", t.Plans, file.Plans)
	add("Serious findings", t.Priority[1], file.Priority[1])
	add("Errors", t.Priority[2], file.Priority[2])
	add("Warnings", t.Priority[3], file.Priority[3])
	p.Agrees = Banner{Tone: "good", Strong: "The file says what the register says.", Text: "It was written, read back and counted again: every total agrees."}
	if diff := t.Differences(file); len(diff) > 0 {
		p.Agrees = Banner{Tone: "bad", Strong: "The file does not say what the register says.", Text: sentence(strings.Join(diff, "; ")) + " Nobody can sign it. Tell whoever looks after Waymark."}
	}
	return nil
}

// frozen fills in what became of the file that was signed.
func (p *returnSignPage) frozen(r *http.Request, m monthly, l *returns.Return, form *Form) {
	p.File = Summary{Title: "The file that was signed", ID: "signed-file", Rows: []Row{
		{Key: "File", Value: frozenName(l)}, {Key: "State", Tag: stateTag(l.State)}, {Key: "Records", Value: count(l.Totals.Records)}, {Key: "Size", Value: size(max(l.Size, 1<<10))},
		{Key: "SHA-256", Value: l.SHA256, Source: "The fingerprint of the file. Every download is the same, byte for byte"}}}
	if access.May(actorOf(r), access.FetchReturn) {
		p.Download = &Link{Text: "Download the file", Href: m.href("files/" + string(l.Ref))}
	}
	p.Since = whyLink(l)
	if l.State == returns.Signed {
		p.Frozen = &Panel{Title: "The file is frozen", Text: "Download it, upload it to the Department, then note here that it was sent."}
	}
	next := l.Next()
	if len(next) == 0 || !access.May(actorOf(r), access.SendReturn) {
		return
	}
	c := Choice{Name: "state", Label: "What became of it?", Strong: true}
	if l.State == returns.Accepted {
		c.Label = "Does it have to be replaced?"
	}
	for _, to := range next {
		o := Option{Value: string(to), Text: capital(string(to))}
		switch to {
		case returns.Sent:
			o.Text, o.Hint = "It was sent to the Department", "Those who left count as reported from now on."
		case returns.Accepted:
			o.Text = "The Department accepted it"
		case returns.Rejected:
			o.Text, o.Hint = "The Department rejected it", "You can then mend what was wrong and sign the next version."
		case returns.Superseded:
			o.Text, o.Hint = "Another version takes its place", "It no longer counts, and the next version can be signed."
		}
		c.Options = append(c.Options, o)
	}
	p.Record = &recordForm{Form: form, Action: m.href("files/" + string(l.Ref) + "/state"), State: form.Choice(c),
		Because: form.Input(Input{Name: "because", Label: "Why, or what they said", Hint: "Needed where it was rejected or another version takes its place."})}
}

// frozenName is what the file is called where it is kept: nccis-343-2026-10.xml,
// and from the second version on with its number.
func frozenName(l *returns.Return) string {
	name := "nccis-" + strings.Join(l.Authorities, "-") + "-" + l.Period.String()
	if l.Version > 1 {
		name += "-v" + strconv.Itoa(l.Version)
	}
	return name + ".xml"
}

func stepsTimeline(l *returns.Return) Timeline {
	t := Timeline{Label: "What became of this return"}
	for i := len(l.Steps) - 1; i >= 0; i-- {
		step := l.Steps[i]
		title := capital(string(step.State))
		switch step.State {
		case returns.SignedOnce:
			title = "Signed by the first of two"
		case returns.Signed:
			title = "Signed by the second, and frozen"
		case returns.Lapsed:
			title = "The first signature lapsed"
		}
		t.Items = append(t.Items, Event{Title: title, Date: moment(step.At), Body: step.Because, By: step.Name, Now: i == len(l.Steps)-1})
	}
	return t
}

func (s *Server) signReturn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	one, err := s.Returns.Sign(r.Context(), actorOf(r), m.period, m.authorities, returns.Signature{
		SHA256: form.Text("sha256"), Declared: form.Text("declaration") == "yes", Anew: form.Text("anew") == "yes", Key: form.Key})
	if form.Take(err) {
		return s.showSign(w, r, form.about("sign", ""))
	}
	var conflict db.Conflict
	if errors.As(err, &conflict) {
		form.Fail("", "Somebody else has signed since you opened this page. Look at it again, then sign.")
		return s.showSign(w, r, form)
	}
	if err != nil {
		return err
	}
	words := "Your signature stands. A second person signs next."
	if one.State == returns.Signed {
		words = "Both have signed. The file is frozen."
	}
	return s.done(w, r, m.href("sign"), words, nil)
}

// returnFile is a frozen file, byte for byte.
func (s *Server) returnFile(w http.ResponseWriter, r *http.Request) error {
	file, err := s.Returns.Fetch(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")))
	if err != nil {
		return err
	}
	attach(w, frozenName(file.Return), "application/xml")
	_, err = file.WriteTo(w)
	return err
}

func (s *Server) recordReturn(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	m, err := s.monthly(r)
	if err != nil {
		return err
	}
	state := form.Require("state", "Choose what became of the file")
	if form.OK() {
		var one *returns.Return
		if one, err = s.Returns.Record(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), returns.State(state), form.Text("because"), form.Key); err == nil {
			return s.done(w, r, m.href("sign"), "It is noted: "+string(one.State)+".", nil)
		}
		form.Take(err)
	}
	if !form.OK() {
		return s.showSign(w, r, form)
	}
	return err
}
