package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/act"
	"waymark/internal/campaign"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/field"
	"waymark/internal/id"
	"waymark/internal/record"
)

// campaignSize is how many rows one page of a campaign shows.
const campaignSize = 50

type campaignWorkPage struct {
	Page
	States SubNavigation
	Count  string
	Rows   []campaignRow
	None   *Empty
	Pages  Pagination
	Lately []latelySaved
	Ref    id.Ref
	Number int
}

// campaignRow is a row as the page draws it. Its id is what the reader is brought
// back to.
type campaignRow struct {
	ID, Name, Href, Age, Doing string
	Place                      int
	Tel                        any
	Number, Best, Odd          string
	Tries, Last, Next, Held    string
	Person                     id.Ref
	Mine, Take                 bool
	Key, TakeKey, SameSince    string
	Seen, After                string
	Outcomes                   []Option
	Answer                     string
}

type latelySaved struct {
	Name, Words, Key, Until string
	Person                  id.Ref
}

// states are those that the page can show, with their words.
func campaignStates() []struct {
	state campaign.State
	words string
} {
	return []struct {
		state campaign.State
		words string
	}{{campaign.ToDo, "To do now"}, {campaign.Waiting, "Waiting"}, {campaign.Settled, "Settled"}, {campaign.Stopped, "Not tried"}}
}

func askedState(text string) campaign.State {
	for _, one := range campaignStates() {
		if string(one.state) == text {
			return one.state
		}
	}
	return campaign.ToDo
}

func (s *Server) campaignWorkPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.showCampaignWork(w, r, askedState(q.Get("state")), max(1, atoi(q.Get("page"))), nil, http.StatusOK)
}

// showCampaignWork draws the list, with a word about what could not be done.
func (s *Server) showCampaignWork(w http.ResponseWriter, r *http.Request, state campaign.State, number int, why *Banner, status int) error {
	ref := id.Ref(r.PathValue("ref"))
	found, err := s.Campaigns.Page(r.Context(), actorOf(r), ref, state, (number-1)*campaignSize, campaignSize)
	if err == nil && len(found.Rows) == 0 && found.Total > 0 { // the page has been worked away
		number = (found.Total + campaignSize - 1) / campaignSize
		found, err = s.Campaigns.Page(r.Context(), actorOf(r), ref, state, (number-1)*campaignSize, campaignSize)
	}
	if err != nil {
		return err
	}
	href := func(state campaign.State, n int) string {
		return campaignHref(ref, "/work") + asQuery(url.Values{"state": {string(state)}, "page": {strconv.Itoa(n)}})
	}
	p := &campaignWorkPage{Page: Page{Title: "Work a campaign", Heading: found.Campaign.Name, Section: campaignsHref, Back: &Link{Text: "The campaign", Href: campaignHref(ref, "")}},
		Ref: ref, Number: number, States: SubNavigation{Label: "Rows of this campaign"}}
	for _, one := range campaignStates() {
		p.States.Items = append(p.States.Items, Link{Text: fmt.Sprintf("%s (%s)", one.words, count(found.In[one.state])), Href: href(one.state, 1), Current: one.state == state})
	}
	if why != nil {
		p.Banners = append(p.Banners, *why)
	}
	running := found.Campaign.Running()
	if running && !found.Open && why == nil {
		p.Banners = append(p.Banners, Banner{Tone: "warn", Strong: "Not now.", Text: found.Shut + " What came of a row that you have taken can still be saved."})
	}
	for i, row := range found.Rows {
		p.Rows = append(p.Rows, s.campaignRow(ref, row, running && (found.Open || row.Mine), following(found.Rows, i)))
	}
	for _, row := range found.Lately {
		p.Lately = append(p.Lately, latelySaved{Name: row.Name(), Words: outcomeWords(row.Last), Key: string(id.NewRef()), Until: row.Undo.In(civil.London()).Format("15:04"), Person: row.Ref})
	}
	if len(found.Rows) == 0 {
		p.None = &Empty{Title: "Nobody is here", Text: "Look at the other rows of this campaign above.", Link: &Link{Text: "How far the campaign is", Href: campaignHref(ref, "")}}
		if c := found.Campaign; c.Stage() == campaign.StagePlanned {
			p.None.Title, p.None.Text = "Nobody is on this list yet", "It is frozen when the campaign is first opened on or after "+c.Opens.Words()+"."
		}
	} else {
		p.Count = showing(number, campaignSize, len(found.Rows), found.Total, "row", "rows")
		p.Skip = []Link{{Text: "Skip to the rows", Href: "#" + p.Rows[0].ID}}
	}
	p.Pages = paginate(found.Total, campaignSize, number, func(n int) string { return href(state, n) })
	return s.renderStatus(w, r, status, "campaign_work", p)
}

// following are the references of the next rows that could be taken: after a save
// the first that is free is the reader's.
func following(rows []campaign.Row, i int) string {
	var refs []string
	for _, r := range append(slices.Clone(rows[i+1:]), rows[:i]...) {
		if len(refs) < 4 && r.Due.State == campaign.ToDo && r.Worker == "" {
			refs = append(refs, fmt.Sprintf("%s.%d", r.Ref, r.Place))
		}
	}
	return strings.Join(refs, " ")
}

func rowID(place int) string { return "row-" + strconv.Itoa(place) }

func (s *Server) campaignRow(ref id.Ref, row campaign.Row, open bool, after string) campaignRow {
	out := campaignRow{ID: rowID(row.Place), Place: row.Place, Name: orText(row.Name(), "No name recorded"), Href: personHref(row.Ref, ""), Person: row.Ref, Next: row.Due.Why}
	if row.Locked {
		out.Name, out.Href = "A locked record", ""
		return out
	}
	out.Age = shortAge(row.Born, s.today())
	out.Doing = joined(", ", activityWords(s.edition(), row.Activity), row.Establishment)
	if out.Doing != "" && !row.Since.IsZero() {
		out.Doing += ", since " + row.Since.Words()
	}
	out.Tries = plural(row.Due.Tries, "try", "tries")
	if row.Last != "" {
		out.Last = outcomeWords(row.Last) + ", " + row.LastOn.Words() + ", by " + row.LastBy
	}
	if n := row.Due.Number; n != nil {
		out.Number, out.Best = n.Value, joined(". ", row.Due.Best, n.Note)
		out.Tel = Row{Href: "tel:" + n.Value}.Address()
		if n.Channel == contact.Email {
			out.Tel = Row{Href: "mailto:" + n.Value}.Address()
		}
	}
	out.Odd = row.Due.Odd
	if row.Due.State == campaign.Waiting {
		out.Next = joined(". ", row.Due.Why, "Next: "+row.Due.On.Words())
	}
	switch {
	case row.Mine && open:
		out.Mine, out.Key, out.Seen, out.After = true, string(id.NewRef()), strconv.FormatInt(int64(row.Seen), 10), after
		out.Held = "Yours until " + row.Until.In(civil.London()).Format("15:04")
		out.Outcomes, out.SameSince = rowOutcomes(row, s.edition().Tells(row.Activity)), row.SameSince.String()
		out.Answer = campaignHref(ref, "/answer") + asQuery(url.Values{"row": {string(row.Ref)}})
	case row.Worker != "":
		out.Held = row.Worker + " is on this row until " + row.Until.In(civil.London()).Format("15:04")
	case open && row.Due.State == campaign.ToDo:
		out.Take, out.TakeKey = true, string(id.NewRef())
	}
	return out
}

// rowOutcomes are the buttons of a row, by how it is tried.
func rowOutcomes(row campaign.Row, confirmable bool) []Option {
	same := Option{Value: contact.Confirmed, Text: "Spoke – same"}
	if !row.SameSince.IsZero() {
		same.Text += " since " + dayAndMonth(row.SameSince)
	}
	changed := Option{Value: contact.Changed, Text: "Spoke – changed"}
	spoke := []Option{same, changed}
	if !confirmable {
		changed.Text = "Spoke"
		spoke = []Option{changed}
	}
	if row.Due.Number != nil && row.Due.Number.Channel == contact.Email {
		return append(append([]Option{{Value: contact.Sent, Text: "Sent"}}, spoke...), Option{Value: contact.WrongNumber, Text: "Wrong address"})
	}
	return append(spoke, []Option{{Value: contact.MessageLeft, Text: "Message left"}, {Value: contact.WrongNumber, Text: "Wrong number"}, {Value: contact.NoAnswer, Text: "No answer"}}...)
}

func (s *Server) takeCampaignRow(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, person := id.Ref(r.PathValue("ref")), id.Ref(form.Text("row"))
	if err := s.Campaigns.Take(r.Context(), actorOf(r), ref, person); err != nil {
		return s.cannotWork(w, r, form, err)
	}
	http.Redirect(w, r, s.backToRow(r, form, form.Text("place")), http.StatusSeeOther)
	return nil
}

// backToRow is the page as it was, at a row: there the keyboard goes on.
func (s *Server) backToRow(r *http.Request, form *Form, place string) string {
	to := campaignHref(id.Ref(r.PathValue("ref")), "/work")
	if n := atoi(form.Text("page")); n > 1 {
		to += asQuery(url.Values{"page": {strconv.Itoa(n)}})
	}
	if n := atoi(place); n > 0 {
		to += "#" + rowID(n)
	}
	return to
}

// cannotWork draws the list with why a row cannot be worked; any other error is
// answered as everywhere.
func (s *Server) cannotWork(w http.ResponseWriter, r *http.Request, form *Form, err error) error {
	var held campaign.Held
	var barred campaign.Barred
	var wrong field.Errors
	var conflict db.Conflict
	why := Banner{Tone: "warn", Strong: "Nothing was saved.", Text: err.Error(), Status: true}
	switch {
	case errors.As(err, &held), errors.As(err, &barred), errors.Is(err, campaign.ErrTooLate):
	case errors.As(err, &conflict):
		why.Text = "Somebody else has changed what they do meanwhile. Look at the row again."
	case errors.As(err, &wrong):
		why.Text = wrong[0].Message + ". "
		why.Link = &Link{Text: "Answer a few questions instead", Href: campaignHref(id.Ref(r.PathValue("ref")), "/answer") + asQuery(url.Values{"row": {form.Text("row")}})}
	default:
		return err
	}
	return s.showCampaignWork(w, r, campaign.ToDo, max(1, atoi(form.Text("page"))), &why, http.StatusConflict)
}

// saveCampaignOutcome saves what a button says, and brings the reader to the next
// row, which is theirs by then.
func (s *Server) saveCampaignOutcome(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ref, person, outcome := id.Ref(r.PathValue("ref")), id.Ref(form.Text("row")), form.Text("outcome")
	if outcome == contact.Changed {
		http.Redirect(w, r, campaignHref(ref, "/answer")+asQuery(url.Values{"row": {string(person)}, "outcome": {outcome}}), http.StatusSeeOther)
		return nil
	}
	said := campaign.Outcome{Outcome: outcome, Seen: seenIn(form)}
	if outcome == contact.Confirmed { // the button said since when it is the same
		said.Now.SoOn = record.Day(form.Text("same-since"))
	}
	err = s.Campaigns.Save(r.Context(), actorOf(r), ref, person, said, form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) { // the first press did it
		return s.cannotWork(w, r, form, err)
	}
	return s.toNextRow(w, r, form)
}

func seenIn(form *Form) id.Act {
	n, err := strconv.ParseInt(form.Text("seen"), 10, 64)
	if err != nil {
		return -1
	}
	return id.Act(n)
}

// toNextRow takes the first of the next rows that nobody else has by now.
func (s *Server) toNextRow(w http.ResponseWriter, r *http.Request, form *Form) error {
	place := ""
	for _, next := range strings.Fields(form.Text("after")) {
		person, at, ok := strings.Cut(next, ".")
		if !ok {
			continue
		}
		err := s.Campaigns.Take(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), id.Ref(person))
		if err == nil {
			place = at
			break
		}
		if !errors.As(err, new(campaign.Held)) && !errors.As(err, new(campaign.Barred)) {
			return err
		}
	}
	http.Redirect(w, r, s.backToRow(r, form, place), http.StatusSeeOther)
	return nil
}

func (s *Server) undoCampaignOutcome(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.Campaigns.Undo(r.Context(), actorOf(r), id.Ref(r.PathValue("ref")), id.Ref(form.Text("row")), form.Key)
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return s.cannotWork(w, r, form, err)
	}
	return s.done(w, r, s.backToRow(r, form, ""), "Taken back: the outcome, and what followed from it.", nil)
}

type campaignAnswerPage struct {
	Page
	Form      *Form
	Row, Seen string
	Parts     []FormPart
	Cancel    string
}

// campaignAnswerPage asks the few questions of a row that a button does not
// answer: what has changed, who spoke, a note.
func (s *Server) campaignAnswerPage(w http.ResponseWriter, r *http.Request) error {
	form := newForm(map[string]string{"row": r.URL.Query().Get("row"), "contact-outcome": r.URL.Query().Get("outcome")})
	return s.showCampaignAnswer(w, r, form, true)
}

func (s *Server) showCampaignAnswer(w http.ResponseWriter, r *http.Request, form *Form, fresh bool) error {
	ref := id.Ref(r.PathValue("ref"))
	c, row, err := s.Campaigns.One(r.Context(), actorOf(r), ref, id.Ref(form.Text("row")))
	if err != nil {
		return err
	}
	if fresh {
		form.values.Set("seen", strconv.FormatInt(int64(row.Seen), 10))
		form.values.Set("contact-with", contact.Person)
		if n := row.Due.Number; n != nil && n.Whose != "" {
			form.values.Set("contact-with", contact.Family)
		}
	}
	p := &campaignAnswerPage{Page: Page{Title: "What came of it", Heading: "What came of it?", Caption: joined(", ", row.Name(), shortAge(row.Born, s.today())), Section: campaignsHref,
		Back: &Link{Text: c.Name, Href: campaignHref(ref, "/work")}}, Form: form, Row: form.Text("row"), Seen: form.Text("seen"), Cancel: campaignHref(ref, "/work")}
	var whom []Option
	for _, v := range contact.Whom() {
		if v != contact.Nobody {
			whom = append(whom, Option{Value: v, Text: capital(v)})
		}
	}
	outcomes := contactOptions([]string{contact.Changed, contact.Confirmed, contact.Reached, contact.Refused, contact.MovedAway, contact.MessageLeft, contact.NoAnswer, contact.WrongNumber}, outcomeWords)
	outcomes[0].Reveal = &Reveal{
		Selects: []Choice{form.Choice(Choice{Name: "activity", Label: "What do they do now?", Options: s.activityOptions(row.Born, s.today())})},
		Dates: []DateInput{form.DateInput(DateInput{Name: "started", Label: "When did it start?", Hint: "For example, 7 9 2026"}),
			form.DateInput(DateInput{Name: "predicted-end", Label: "When is it expected to end?", Hint: "Needed for education and training"})},
		More: []Input{form.Input(Input{Name: "establishment-name", Label: "Where? (optional)", Hint: "School, college, training provider or employer"})},
	}
	outcomes[1].Hint = joined(", ", activityWords(s.edition(), row.Activity), row.Establishment)
	if !s.edition().Tells(row.Activity) {
		outcomes = nothingToConfirm(outcomes)
	}
	last, err := s.Record.LastDayOpen(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	p.Parts = append([]FormPart{
		form.radiosPart(Choice{Name: "contact-outcome", Label: "Outcome", Strong: true, Small: true, Options: outcomes}),
		form.radiosPart(Choice{Name: "contact-with", Label: "Who spoke?", Strong: true, Small: true, Options: whom}),
		form.textareaPart(Textarea{Name: "contact-note", Label: "What happened (optional)", Hint: "Write it as you would to the young person: they may read it.", Rows: 3, MaxLength: 2000}),
	}, form.soOnParts(last)...)
	p.Parts = append(p.Parts, morePart("Review date, next try, minutes",
		form.datePart(DateInput{Name: "review", Label: "When will what they do be looked at again?", Hint: "Needed where the activity is for a time only"}),
		form.datePart(DateInput{Name: "contact-next-on", Label: "When may they be tried again?", Hint: "As agreed with them"}),
		form.inputPart(Input{Name: "contact-minutes", Label: "How many minutes did it take?", Width: "4", InputMode: "numeric"})))
	form.keepToFields(p.Parts)
	p.Errors = form.Errors
	return s.render(w, r, "campaign_answer", p)
}

func (s *Server) saveCampaignAnswer(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	o := campaign.Outcome{Outcome: form.Text("contact-outcome"), With: form.Text("contact-with"), Note: form.Text("contact-note"), NextOn: form.Date("contact-next-on", "The next try"),
		Seen: seenIn(form), Review: form.Date("review", "The review date")}
	if o.Outcome == contact.Changed {
		o.Now = form.newSpell()
	}
	o.Now.SoOn = form.soOn()
	if form.Text("contact-minutes") != "" {
		o.Minutes = int64(form.number("contact-minutes"))
	}
	if !form.OK() {
		return s.showCampaignAnswer(w, r, form, false)
	}
	ref := id.Ref(r.PathValue("ref"))
	err = s.Campaigns.Save(r.Context(), actorOf(r), ref, id.Ref(form.Text("row")), o, form.Key)
	if form.Take(err) {
		return s.showCampaignAnswer(w, r, form, false)
	}
	if err != nil && !errors.Is(err, act.ErrRepeated) {
		return s.cannotWork(w, r, form, err)
	}
	return s.done(w, r, campaignHref(ref, "/work"), "The outcome is saved.", nil)
}

// homeCampaigns is what the reader's campaigns have to do now.
func (s *Server) homeCampaigns(r *http.Request, p *homePage) error {
	mine, err := s.Campaigns.Own(r.Context(), actorOf(r))
	if err != nil || len(mine) == 0 {
		return err
	}
	c := Card{ID: "campaigns", Title: "Your campaigns", Action: &Link{Text: "Open", Hidden: "the campaigns", Href: "/campaigns"}}
	for _, m := range mine {
		c.Rows = append(c.Rows, Row{Key: m.Name, Value: count(m.ToDo) + " to do now, " + m.Words, Href: campaignHref(m.Ref, "/work")})
	}
	p.Cards = append(p.Cards, c)
	return nil
}
