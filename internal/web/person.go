package web

import (
	"net/http"
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/activity"
	"waymark/internal/audit"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/reference"
	"waymark/internal/youngperson"
)

type personPage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	// Restricted says that the record is kept and not used; empty where it is.
	Restricted string
	Findings   *findingsBox
	// Do are the three things done most.
	Do    []Link
	Cards []Card
	// Sources shows or hides where each fact came from.
	Sources Link
	// Beside is what can be done with the record as a whole.
	Beside []Link
	More   []Summary
	// Activities says that the reader sees what they did: the History.
	Activities bool
	History    Timeline
	Past       *pastForm
}

// findingsBox is what the Department would find in the record, each with the
// way to the field that mends it.
type findingsBox struct {
	Title string
	Items []foundHere
}

type foundHere struct {
	Text, Check, Href, Action string
}

// personView is what the page's cards are made from. sources says that each
// fact shows where it came from.
type personView struct {
	*client
	sources bool
	edit    bool
	record  bool
	about   reference.About
}

// personPage answers, in one screen, what an adviser looks at before any
// contact: is this the right person, what are they doing, how are they reached
// (ux-security.md 2.2).
func (s *Server) personPage(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	c, err := s.clientKnown(r, newForm(nil), on)
	if err != nil {
		return err
	}
	by := actorOf(r)
	left, err := s.reportedLeft(r, c)
	if err != nil {
		return err
	}
	// Nothing is changed in the past: whoever looks at it sees no forms.
	v := personView{client: c, sources: r.URL.Query().Get("sources") == "yes", edit: on.IsZero() && access.May(by, access.CorrectPerson),
		record: on.IsZero() && access.May(by, access.RecordActivity)}
	if v.about, err = v.placed(); err != nil {
		return err
	}
	p := &personPage{Page: Page{Title: "Young person", OwnHeading: true, Section: "/find", KnownOn: on, Banners: s.restrictedBanners(c.Summary)}, Past: s.pastForm(r, on), Identity: v.identity(), Sub: v.subNavigation(""),
		Findings: v.findings(), Cards: v.cards(), More: v.more(left), History: v.timeline()}
	if err := s.tellAcross(r, &p.Page, c.Life.Person.ID); err != nil {
		return err
	}
	if v.sees(access.OptOuts) {
		p.Restricted = v.restrictedBand()
	}
	if v.record {
		if c.View.Spell != nil {
			p.Do = append(p.Do, Link{Text: "Confirm: still doing this", Href: personHref(c.ref, "activity/confirm"), Main: true})
		}
		p.Do = append(p.Do, Link{Text: "Record what they do now", Href: personHref(c.ref, "activity/questions"), Main: c.View.Spell == nil},
			Link{Text: "Record a contact", Href: personHref(c.ref, "contact/new")})
	}
	p.Activities = v.sees(access.Activities)
	if !v.sees(access.Sources) {
		return s.render(w, r, "person", p)
	}
	if on.IsZero() {
		if p.Beside, err = s.besides(r, c.ref); err != nil {
			return err
		}
	}
	p.Sources = Link{Text: "Show where each fact came from", Href: asKnown(personHref(c.ref, "")+"?sources=yes", on)}
	if v.sources {
		p.Sources = Link{Text: "Hide where each fact came from", Href: asKnown(personHref(c.ref, ""), on)}
	}
	return s.render(w, r, "person", p)
}

// besides are what can be done with a record as a whole.
func (s *Server) besides(r *http.Request, ref id.Ref) (out []Link, err error) {
	by := actorOf(r)
	if access.May(by, access.MergePeople) {
		out = append(out, Link{Text: "Compare with another record", Href: personHref(ref, "compare")})
	}
	if !access.May(by, access.MoveAcross) {
		return out, nil
	}
	to, err := s.Transfers.Open(r.Context(), by)
	if len(to) > 0 {
		out = append(out, Link{Text: "Hand over to another authority", Href: handOverHref(ref)})
	}
	return out, err
}

func (c *client) subNavigation(current string) SubNavigation {
	n := SubNavigation{Label: "This young person"}
	for _, page := range []struct{ tail, words string }{{"", "Summary"}, {"history", "History"}, {"versions", "What was known when"}} {
		if page.tail != "" && !access.May(actorOf(c.r), access.SeeHistory) {
			continue
		}
		n.Items = append(n.Items, Link{Text: page.words, Href: asKnown(personHref(c.ref, page.tail), c.on), Current: page.tail == current})
	}
	if c.Fields.Has(access.Contacts) {
		n.Items = slices.Insert(n.Items, 1, Link{Text: "Contacts", Href: asKnown(personHref(c.ref, "contacts"), c.on), Current: current == "contacts"})
	}
	if c.on.IsZero() && access.May(actorOf(c.r), access.SendMessage) {
		n.Items = append(n.Items, Link{Text: "Messages", Href: personHref(c.ref, "messages"), Current: current == "messages"})
	}
	if access.May(actorOf(c.r), access.SeeAudit) {
		n.Items = append(n.Items, Link{Text: "Who has looked", Href: auditHref(audit.Question{Person: c.ref}, 0)})
	}
	return n
}

func (c *client) identity() Identity {
	i := Identity{Name: c.name()}
	for _, n := range c.Life.Names {
		if n.Is.Kind == youngperson.KnownAs && n.Ended == "" {
			i.Known = n.Is.Given
		}
	}
	born := c.born()
	if words := ageWords(born, c.today); words != "" {
		i.Facts = append(i.Facts, Row{Key: "Age", Value: words})
	}
	came := c.View.Record.Get(nccis.DOB)
	switch {
	case !c.sees(access.Birth):
	case !born.IsZero():
		i.Facts = append(i.Facts, Row{Key: "Born", Value: born.Words()})
	case came != "":
		i.Facts = append(i.Facts, Row{Key: "Born", Value: came + ", which is not a date"})
	default:
		i.Facts = append(i.Facts, Row{Key: "Born", Value: "not recorded"})
	}
	if words := schoolAgeWords(born, c.today); words != "" {
		i.Facts = append(i.Facts, Row{Key: "School year", Value: words})
	}
	if c.sees(access.Numbers) {
		i.Facts = append(i.Facts, Row{Key: "YoungPersonsID", Value: orNone(c.Life.Person.YoungPersonsID)})
	}
	i.Alerts = c.safetyAlerts()
	if c.View.Record.Get(nccis.SENDFlag) == "Y" {
		i.Alerts = append(i.Alerts, Badge{Text: "Education, health and care plan", Tone: "info"})
	}
	for _, code := range c.View.Record.Characteristics {
		if ch, ok := c.Edition.Code(nccis.Characteristics, code); ok && ch.Vulnerable {
			i.Alerts = append(i.Alerts, Badge{Text: ch.Label, Tone: "warn"})
		}
	}
	if status := c.View.Record.Get(nccis.CohortStatus); status == "D" {
		i.Alerts = append(i.Alerts, Badge{Text: "Died", Solid: true})
	}
	return i
}

// findings are those that the Department would raise this month.
func (v personView) findings() *findingsBox {
	box := &findingsBox{}
	for _, f := range v.Findings {
		here := foundHere{Text: f.Message, Check: "check " + f.Check}
		if check, ok := v.Edition.Check(f.Check); ok && v.edit {
			here.Action = "Mend " + strings.ToLower(nccis.FieldLabel(f.Field)[:1]) + nccis.FieldLabel(f.Field)[1:]
			here.Href = mendHref(string(v.ref), check.Fix, f.Field.String(), "")
		}
		box.Items = append(box.Items, here)
	}
	if len(box.Items) == 0 {
		return nil
	}
	box.Title = plural(len(box.Items), "thing to mend", "things to mend")
	if v.View.In {
		box.Title += " before the return for " + v.today.InMonth().Words()
	}
	return box
}

// source is where a fact came from, where the reader asked for it.
func (v personView) source(f fact.Version) string {
	if !v.sources {
		return ""
	}
	s, ok := v.Sources[f.Evidence]
	if !ok {
		return "Not known where it came from"
	}
	return capital(s.Words()) + "; entered by " + s.By
}

func (v personView) now() Card {
	card := Card{ID: "now", Title: "Now"}
	spell := v.View.Spell
	if spell == nil {
		card.Tone, card.Text = "bad", "Nothing is recorded. Without an activity the Department refuses the file."
		return card
	}
	r := &v.View.Record
	card.Rows = append(card.Rows, Row{Key: "Situation", Value: activityWords(v.Edition, spell.Is.Activity), Source: v.source(spell.Version)})
	if spell.Is.EstablishmentName != "" || spell.Is.EstablishmentNumber != "" {
		card.Rows = append(card.Rows, Row{Key: "Where", Value: joined(", ", orText(spell.Is.EstablishmentName, v.about.School), spell.Is.EstablishmentNumber)})
	}
	card.Rows = append(card.Rows, Row{Key: "Since", Value: dayWords(spell.Started)})
	if neet := r.Get(nccis.NEETStartDate); neet != "" {
		card.Rows = append(card.Rows, Row{Key: "NEET since", Value: dayWords(neet)})
	}
	card.Rows = append(card.Rows, Row{Key: "Last confirmed", Value: dayWords(r.Get(nccis.DateVerified)), Source: v.source(v.confirmation(spell))})
	switch {
	case v.View.Lapses.IsZero():
	case nccis.Lapsed(v.View.Lapses, v.today):
		card.Tone = "bad"
		card.Rows = append(card.Rows, Row{Key: "Stopped counting after", Value: v.View.Lapses.Words(), Badge: &Badge{Text: "Not current", Tone: "bad"}})
	default:
		card.Tone = "good"
		row := Row{Key: "Current until", Value: v.View.Lapses.Words()}
		if v.View.Lapses.DaysSince(v.today) <= 31 {
			card.Tone, row.Badge = "warn", &Badge{Text: "Lapses soon", Tone: "warn"}
		}
		card.Rows = append(card.Rows, row)
	}
	if v.record {
		card.Action = &Link{Text: "Correct", Hidden: "the activity", Href: personHref(v.ref, "activity/edit")}
	}
	return card
}

// confirmation is the version behind the latest confirmation of the spell.
func (v personView) confirmation(spell *fact.Of[activity.Spell]) fact.Version {
	best, latest := spell.Version, ""
	for _, x := range v.Life.Verifications {
		if x.Is.Spell == spell.ID && x.Is.Verified >= latest {
			best, latest = x.Version, x.Is.Verified
		}
	}
	return best
}

func (v personView) next() Card {
	card := Card{ID: "next", Title: "Next"}
	due := func(key, text string) {
		row := Row{Key: key, Value: dayWords(text)}
		if d, err := civil.Parse(text); err == nil && d.Before(v.today) {
			row.Badge, card.Tone = &Badge{Text: "Overdue", Tone: "bad"}, "bad"
		}
		card.Rows = append(card.Rows, row)
	}
	if spell := v.View.Spell; spell != nil {
		if spell.Is.Review != "" {
			due("Review", spell.Is.Review)
		}
		if spell.Is.PredictedEnd != "" {
			due("Expected to end", spell.Is.PredictedEnd)
		}
	}
	if l := v.View.Lapses; !l.IsZero() && !nccis.Lapsed(l, v.today) {
		card.Rows = append(card.Rows, Row{Key: "Confirm before", Value: l.AddDays(1).Words()})
	} else if !l.IsZero() {
		card.Rows = append(card.Rows, Row{Key: "Confirm", Value: "Now: the return shows them as not known"})
	}
	if born := v.born(); !born.IsZero() {
		if age := civil.Age(born, v.today); age >= 15 && age < 18 {
			card.Rows = append(card.Rows, Row{Key: "18th birthday", Value: birthday(born, 18).Words()})
		}
	}
	if len(card.Rows) == 0 {
		card.Text = "Nothing is due."
	}
	return card
}

func (v personView) people() Card {
	card := Card{ID: "people", Title: "People"}
	adviser := Row{Key: "Adviser", Value: "Nobody yet"}
	if a := life.InForce(v.Life.Allocations, v.today); a != nil && a.Is.AdviserName != "" {
		adviser.Value, adviser.Source = joined(", ", a.Is.AdviserName, a.Is.Team), v.source(a.Version)
	}
	if v.edit {
		adviser.Actions = []Link{{Text: "Change", Hidden: "the adviser", Href: personHref(v.ref, "adviser/edit")}}
	}
	last := Row{Key: "Last contact", Value: "None recorded"}
	if f := v.lastContact(); f != nil {
		last.Value, last.Source = dayWords(f.Started)+": "+joined(", ", f.Is.Outcome, f.Is.WithWhom, f.Is.How), v.source(f.Version)
	}
	card.Rows = v.kept(fieldRow{access.AdviserOf, adviser}, fieldRow{access.Contacts, last})
	for _, f := range v.Life.Carers {
		key := "Parent or carer"
		if f.Is.Relationship != "" {
			key = capital(f.Is.Relationship)
		}
		row := Row{Key: key, Value: joined(", ", f.Is.Name, f.Is.Telephone, f.Is.Email), Source: v.source(f.Version)}
		if f.Is.Telephone != "" {
			row.Href = "tel:" + f.Is.Telephone
		}
		if v.edit {
			row.Actions = []Link{{Text: "Change", Hidden: f.Is.Name, Href: personHref(v.ref, "carer/edit") + "?which=" + markOf(f.ID)}}
		}
		card.Rows = append(card.Rows, row)
	}
	if v.edit {
		card.Links = []Link{{Text: "Add a parent or carer", Href: personHref(v.ref, "carer/edit")}}
	}
	return card
}

func (v personView) lastContact() *fact.Of[contact.Contact] {
	var last *fact.Of[contact.Contact]
	for i := range v.Life.Contacts {
		if last == nil || v.Life.Contacts[i].Started >= last.Started {
			last = &v.Life.Contacts[i]
		}
	}
	return last
}

func (v personView) contact() Card {
	card := Card{ID: "contact", Title: "Contact", Rows: v.safetyRows()}
	for _, f := range v.Life.Reaches {
		row := Row{Key: "Telephone", Value: f.Is.Value, Href: "tel:" + f.Is.Value, Source: joined(". ", f.Is.Note, v.source(f.Version))}
		if f.Is.Kind == youngperson.Email {
			row.Key, row.Href = "E-mail", "mailto:"+f.Is.Value
		}
		if v.edit {
			row.Actions = []Link{{Text: "Change", Hidden: f.Is.Value, Href: personHref(v.ref, "reach/edit") + "?which=" + markOf(f.ID)}}
		}
		card.Rows = append(card.Rows, row)
	}
	if len(v.Life.Reaches) == 0 && v.sees(access.Reaches) {
		card.Rows = append(card.Rows, Row{Key: "Telephone or e-mail", Value: "None recorded"})
	}
	address := Row{Key: "Address", Value: "None recorded"}
	if a := life.InForce(v.Life.Addresses, v.today); a != nil {
		address.Value, address.Source = orText(addressWords(a.Is), "None recorded"), v.source(a.Version)
	}
	if v.edit {
		address.Actions = []Link{{Text: "Change", Hidden: "the address", Href: personHref(v.ref, "address/edit")}}
		card.Links = []Link{{Text: "Add a telephone or e-mail", Href: personHref(v.ref, "reach/edit")}, {Text: "Add a safety note", Href: personHref(v.ref, "safety/edit")}}
	}
	card.Rows = append(card.Rows, v.kept(fieldRow{access.Address, address})...)
	if area, ok := v.areaRow(); ok && v.sees(access.Address) {
		card.Rows = append(card.Rows, area)
	}
	return card
}

func (v personView) change(what, tail string) []Link {
	if !v.edit {
		return nil
	}
	return []Link{{Text: "Change", Hidden: what, Href: personHref(v.ref, tail)}}
}

// reportedLeft says in which return somebody who is no longer of the cohort was
// reported as having left: that is done once. Empty where none did.
func (s *Server) reportedLeft(r *http.Request, c *client) (string, error) {
	code, ok := c.Edition.Code(nccis.CohortStatuses, c.View.Record.Get(nccis.CohortStatus))
	if !ok || !code.Leaver {
		return "", nil
	}
	month, left, err := s.Returns.LeftIn(r.Context(), actorOf(r), c.Life.Person.ID, c.today.InMonth())
	if err != nil || !left {
		return "", err
	}
	return "No. Reported as having left in the return for " + month.Words() + ". That is done once.", nil
}

// inReturn is what the month's return says; left is where an earlier one has
// reported them as having left.
func (v personView) inReturn(left string) Summary {
	r := &v.View.Record
	sum := Summary{Title: "In the return for " + v.today.InMonth().Words(), ID: "return", Actions: v.change("cohort status and authorities", "status/edit")}
	in := "No"
	if v.View.In {
		in = "Yes"
	}
	source := ""
	if f := life.InForce(v.Life.Statuses, v.today); f != nil {
		source = v.source(f.Version)
	}
	reported := in + ". " + v.View.Why
	if left != "" {
		reported = left
	}
	sum.Rows = []Row{{Key: "Reported", Value: reported},
		{Key: "Cohort status", Value: orNone(codeWords(v.Edition, nccis.CohortStatuses, r.Get(nccis.CohortStatus))), Source: source},
		{Key: "Counted as", Value: capital(statusWords(v.View.Status))},
		{Key: "Lead authority", Value: orNone(v.authority(r.Get(nccis.LeadLEA)))},
		{Key: "Educated in", Value: orNone(v.authority(r.Get(nccis.EducatedLEA)))}}
	if la := r.Get(nccis.LEACodeAtYear11); la != "" {
		sum.Rows = append(sum.Rows, Row{Key: "Authority at Year 11", Value: v.authority(la)})
	}
	if la := r.Get(nccis.TransferredToLACode); la != "" {
		sum.Rows = append(sum.Rows, Row{Key: "Transferred to", Value: v.authority(la)})
	}
	return sum
}

func (v personView) needs() Summary {
	r := &v.View.Record
	source := ""
	if f := life.InForce(v.Life.Needs, v.today); f != nil {
		source = v.source(f.Version)
	}
	sum := Summary{Title: "Needs", ID: "needs", Actions: v.change("needs and characteristics", "need/edit"), Rows: v.kept(
		fieldRow{access.Need, Row{Key: "Level of need", Value: orText(codeWords(v.Edition, nccis.LevelsOfNeed, r.Get(nccis.LevelOfNeedCode)), "Not recorded"), Source: source}},
		fieldRow{access.SEND, Row{Key: "Education, health and care plan", Value: yesNo(r.Get(nccis.SENDFlag))}},
		fieldRow{access.SEND, Row{Key: "SEN support", Value: yesNo(r.Get(nccis.SENSupportFlag))}})}
	for i, c := range v.Life.Characteristics {
		row := Row{Value: codeWords(v.Edition, nccis.Characteristics, c.Is.Code), Source: v.source(c.Version)}
		if row.Key = "Characteristic"; i > 0 {
			row.Key = "And"
		}
		sum.Rows = append(sum.Rows, row)
	}
	if len(v.Life.Characteristics) == 0 && v.sees(access.Characteristics) {
		sum.Rows = append(sum.Rows, Row{Key: "Characteristics", Value: "None recorded"})
	}
	return sum
}

func (v personView) identifiers() Summary {
	sum := Summary{Title: "Who they are", ID: "identifiers"}
	e, r := v.Edition, &v.View.Record
	source := ""
	if n := v.Life.LegalName(v.today); n != nil {
		source = v.source(n.Version)
	}
	sum.Rows = append(sum.Rows, Row{Key: "Name", Value: v.name(), Source: source, Actions: v.change("the name", "name/edit")})
	source = ""
	if p := life.InForce(v.Life.Particulars, v.today); p != nil {
		source = v.source(p.Version)
	}
	birth := joined("; ", dayWords(r.Get(nccis.DOB)), codeWords(e, nccis.Genders, r.Get(nccis.Gender)), codeWords(e, nccis.Ethnicities, r.Get(nccis.Ethnicity)))
	if key := v.birthKey(); key != "" {
		sum.Rows = append(sum.Rows, Row{Key: key, Value: orText(birth, "Not recorded"), Source: source, Actions: v.change("birth, gender and ethnicity", "birth/edit")})
	}
	if !v.sees(access.Numbers) {
		return sum
	}
	numbers := Row{Key: "ULN", Value: "Not recorded", Actions: v.change("identifiers", "identifiers/edit")}
	for _, n := range []struct{ scheme, words string }{{youngperson.ULN, "ULN"}, {youngperson.UPN, "UPN"}, {youngperson.Previous, "Identifier before"}} {
		f := v.Life.IdentifierFact(n.scheme, v.today)
		switch {
		case f != nil && n.scheme == youngperson.ULN:
			numbers.Value, numbers.Source = f.Is.Value, v.source(f.Version)
			sum.Rows = append(sum.Rows, numbers)
		case f != nil:
			sum.Rows = append(sum.Rows, Row{Key: n.words, Value: f.Is.Value, Source: v.source(f.Version)})
		case n.scheme == youngperson.ULN:
			sum.Rows = append(sum.Rows, numbers)
		}
	}
	return sum
}
