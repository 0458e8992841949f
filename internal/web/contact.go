package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/db"
	"waymark/internal/fact"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

func contactForm() personForm {
	return personForm{
		addresses: []string{"contact/new"}, title: "Record a contact", permission: access.RecordActivity,
		start: func(c *client) {
			c.setSeen(record.Seen(c.View.Spell))
			c.form.SetDate("contact-on", c.today)
			c.set("contact-with", contact.Person)
			c.set("contact-direction", contact.Out)
		},
		parts: func(c *client) []FormPart { return c.contactParts(true) },
		save: func(c *client, told record.Told) error {
			spoken := record.Spoken{Made: c.contactMade(), Seen: c.seen(), Review: c.form.Date("review", "The review date")}
			if spoken.Outcome == contact.Changed {
				spoken.Now = c.newSpell()
				spoken.Now.Verified, spoken.Now.Ascertained = spoken.On, spoken.On
			}
			spoken.Now.SoOn = c.form.soOn()
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.RecordContact(c.r.Context(), actorOf(c.r), c.ref, spoken, told.Key)
		},
		saved: func(c *client) string {
			words := "the contact."
			switch c.form.Text("contact-outcome") {
			case contact.Changed:
				return words + " " + c.countsUntil(c.newSpell())
			case contact.Confirmed:
				if c.View.Spell == nil {
					return words
				}
				n := spellOf(c.View.Spell)
				n.Verified = c.form.Date("contact-on", "")
				if d := c.form.Date("review", ""); !d.IsZero() {
					n.Review = d
				}
				return words + " " + c.countsUntil(n)
			}
			return words
		},
		told: keyAlone,
	}
}

// keyAlone is for forms whose evidence is the contact itself: nobody is asked
// twice.
func keyAlone(c *client) record.Told { return record.Told{Key: c.form.Key} }

func contactCorrectionForm() personForm {
	return personForm{
		addresses: []string{"contact/edit"}, title: "Correct a contact", permission: access.RecordActivity,
		lead: "What was recorded before stays in the history. If the activity was recorded wrongly too, correct that by itself.",
		instead: func(c *client) string {
			if marked(c, c.Life.Contacts) == nil {
				return personHref(c.ref, "contacts")
			}
			return ""
		},
		start: func(c *client) {
			f := marked(c, c.Life.Contacts)
			c.setSeen(record.Seen(f))
			if f == nil {
				return
			}
			c.setDay("contact-on", f.Started)
			c.setDay("contact-next-on", f.Is.NextOn)
			for name, value := range map[string]string{"contact-how": f.Is.How, "contact-with": f.Is.WithWhom, "contact-outcome": f.Is.Outcome, "contact-note": f.Is.Note,
				"contact-words": f.Is.Words, "contact-next": f.Is.NextStep, "contact-direction": f.Is.Direction, "contact-at": f.Is.At} {
				c.set(name, value)
			}
			if f.Is.Minutes > 0 {
				c.set("contact-minutes", strconv.FormatInt(f.Is.Minutes, 10))
			}
			if f.Is.Reach != 0 {
				c.set("contact-reach", markOf(f.Is.Reach))
			}
		},
		parts: func(c *client) []FormPart { return c.contactParts(false) },
		save: func(c *client, told record.Told) error {
			m := c.contactMade()
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectContact(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Contacts), m, c.seen(), told.Key)
		},
		saved: saying("the contact."),
		told:  keyAlone,
	}
}

// outcomeWords are the outcomes as forms say them.
func outcomeWords(outcome string) string {
	switch outcome {
	case contact.Confirmed:
		return "Spoke – still doing the same"
	case contact.Changed:
		return "Spoke – something has changed"
	case contact.Reached:
		return "Spoke – what they do was not settled"
	case contact.Sent:
		return "Sent, no reply yet"
	case contact.Refused:
		return "They would not say"
	case contact.MovedAway:
		return "They have moved away"
	}
	return capital(outcome)
}

// contactParts are the fields of a contact (ux-security.md screen 5). With
// follows the outcome opens what has changed.
func (c *client) contactParts(follows bool) []FormPart {
	f := c.form
	hows, whom, outcomes := contactOptions(contact.Kinds(), capital), contactOptions(contact.Whom(), capital), contactOptions(contact.Outcomes(), outcomeWords)
	for i := range outcomes {
		switch {
		case !follows:
		case outcomes[i].Value == contact.Confirmed && c.View.Spell != nil:
			outcomes[i].Hint = joined(", ", activityWords(c.s.edition(), c.View.Spell.Is.Activity), c.View.Spell.Is.EstablishmentName)
		case outcomes[i].Value == contact.Changed:
			outcomes[i].Reveal = &Reveal{
				Selects: []Choice{f.Choice(Choice{Name: "activity", Label: "What do they do now?", Options: withHeld(c.activities(), f.Text("activity"))})},
				Dates: []DateInput{f.DateInput(DateInput{Name: "started", Label: "When did it start?", Hint: "For example, 7 9 2026"}),
					f.DateInput(DateInput{Name: "predicted-end", Label: "When is it expected to end?", Hint: "Needed for education and training"})},
				More: []Input{f.Input(Input{Name: "establishment-name", Label: "Where? (optional)", Hint: "School, college, training provider or employer"})},
			}
		}
	}
	if follows && (c.View.Spell == nil || !c.s.edition().Tells(c.View.Spell.Is.Activity)) {
		outcomes = nothingToConfirm(outcomes)
	}
	// What came before there were closed sets stays as it came.
	hows, whom, outcomes = asItCame(hows, f.Text("contact-how")), asItCame(whom, f.Text("contact-with")), asItCame(outcomes, f.Text("contact-outcome"))
	parts := []FormPart{
		f.radiosPart(Choice{Name: "contact-how", Label: "How?", Small: true, Strong: true, Options: hows}),
		f.radiosPart(Choice{Name: "contact-with", Label: "Who with?", Small: true, Strong: true, Options: whom}),
		f.radiosPart(Choice{Name: "contact-outcome", Label: "What came of it?", Small: true, Strong: true, Options: outcomes}),
		f.datePart(DateInput{Name: "contact-on", Label: "When?"}),
	}
	if c.Fields.Has(access.Notes) || follows {
		parts = append(parts,
			f.textareaPart(Textarea{Name: "contact-note", Label: "What happened (optional)", Hint: "Write it as you would to the young person: they may read it. So may advisers, managers, data officers and information governance.", Rows: 4, MaxLength: 2000}),
			f.textareaPart(Textarea{Name: "contact-words", Label: "In their own words (optional)", Rows: 2, MaxLength: 1000}),
			f.inputPart(Input{Name: "contact-next", Label: "Next step (optional)", Hint: "For example, ring on Friday about the interview"}),
			f.datePart(DateInput{Name: "contact-next-on", Label: "When is that due?"}))
	}
	more := []FormPart{
		f.radiosPart(Choice{Name: "contact-direction", Label: "Who began it?", Small: true, Inline: true, Options: []Option{{Value: contact.Out, Text: "We did"}, {Value: contact.In, Text: "They did"}}}),
		f.inputPart(Input{Name: "contact-at", Label: "At what time? (optional)", Hint: "Like 14:35", Width: "5"}),
		f.inputPart(Input{Name: "contact-minutes", Label: "How many minutes did it take? (optional)", Width: "4", InputMode: "numeric"}),
	}
	if numbers := c.numbersUsed(); len(numbers) > 1 {
		more = append(more, f.selectPart(Choice{Name: "contact-reach", Label: "Number or address used (optional)", Options: numbers}))
	}
	if follows {
		parts = append(parts, c.soOnParts()...)
		more = append(more, f.datePart(DateInput{Name: "review", Label: "When will what they do be looked at again?", Hint: "Needed where the activity is for a time only"}))
	}
	return append(parts, FormPart{More: &MoreParts{Summary: "Time, number used and review date", Open: slices.ContainsFunc(more, FormPart.wrong), Parts: more}})
}

func contactOptions(values []string, words func(string) string) (out []Option) {
	for _, v := range values {
		out = append(out, Option{Value: v, Text: words(v)})
	}
	return out
}

// nothingToConfirm are the outcomes where nobody knows what somebody does: who is
// spoken to says it, and that it is the same cannot be said.
func nothingToConfirm(outcomes []Option) []Option {
	for i := range outcomes {
		if outcomes[i].Value == contact.Changed {
			outcomes[i].Text = "Spoke – they said what they do"
		}
	}
	return slices.DeleteFunc(outcomes, func(o Option) bool { return o.Value == contact.Confirmed })
}

// asItCame adds a value that is no option.
func asItCame(options []Option, held string) []Option {
	if held != "" && !slices.ContainsFunc(options, func(o Option) bool { return o.Value == held }) {
		options = append(options, Option{Value: held, Text: held + " (as it came)"})
	}
	return options
}

// numbersUsed are the numbers and addresses that a contact can have used.
func (c *client) numbersUsed() []Option {
	out := []Option{{Value: "", Text: "Not said"}}
	for _, r := range c.Life.Reaches {
		out = append(out, Option{Value: markOf(r.ID), Text: joined(", ", r.Is.Value, r.Is.Note)})
	}
	for _, r := range c.Life.Carers {
		if r.Is.Telephone+r.Is.Email != "" {
			out = append(out, Option{Value: markOf(r.ID), Text: joined(", ", r.Is.Name, orText(r.Is.Telephone, r.Is.Email))})
		}
	}
	if a := life.InForce(c.Life.Addresses, c.today); a != nil && !c.AddressProtected {
		out = append(out, Option{Value: markOf(a.ID), Text: joined(", ", a.Is.Line1, a.Is.Postcode)})
	}
	return out
}

// reachUsed is the fact behind one of numbersUsed, 0 where none was chosen.
func (c *client) reachUsed() id.Fact {
	mark := c.form.Text("contact-reach")
	if mark == "" {
		return 0
	}
	for _, r := range c.Life.Reaches {
		if markOf(r.ID) == mark {
			return r.ID
		}
	}
	for _, r := range c.Life.Carers {
		if markOf(r.ID) == mark {
			return r.ID
		}
	}
	if a := life.InForce(c.Life.Addresses, c.today); a != nil && markOf(a.ID) == mark {
		return a.ID
	}
	return 0
}

// contactMade reads the fields of a contact.
func (c *client) contactMade() contact.Made {
	f := c.form
	m := contact.Made{On: f.Date("contact-on", "The day of the contact"), Contact: contact.Contact{How: f.Text("contact-how"), WithWhom: f.Text("contact-with"),
		Outcome: f.Text("contact-outcome"), Note: f.Text("contact-note"), Words: f.Text("contact-words"), NextStep: f.Text("contact-next"),
		NextOn: f.Date("contact-next-on", "The day of the next step").String(), Direction: f.Text("contact-direction"), At: f.Text("contact-at"), Reach: c.reachUsed()}}
	if minutes := f.Text("contact-minutes"); minutes != "" {
		n, err := strconv.ParseInt(minutes, 10, 64)
		if err != nil {
			n = -1
		}
		m.Minutes = n
	}
	return m
}

type contactsPage struct {
	Page
	Identity Identity
	Sub      SubNavigation
	Do       []Link
	Contacts Timeline
	Count    string
	None     *Empty
	Past     *pastForm
}

// contactsPage shows every contact with a young person, the newest first.
func (s *Server) contactsPage(w http.ResponseWriter, r *http.Request) error {
	on, err := s.knownOn(r)
	if err != nil {
		return err
	}
	c, err := s.clientKnown(r, newForm(nil), on)
	if err != nil {
		return err
	}
	if !c.Fields.Has(access.Contacts) {
		return db.NotFound
	}
	p := &contactsPage{Page: Page{Title: "Contacts with a young person", OwnHeading: true, Section: "/find", KnownOn: on, Banners: s.restrictedBanners(c.Summary)},
		Identity: c.identity(), Sub: c.subNavigation("contacts"), Past: s.pastForm(r, on), Contacts: Timeline{Label: "Contacts, newest first"}}
	record := on.IsZero() && access.May(actorOf(r), access.RecordActivity)
	if record {
		p.Do = []Link{{Text: "Record a contact", Href: personHref(c.ref, "contact/new") + "?back=" + personHref(c.ref, "contacts"), Main: true}}
	}
	all := slices.Clone(c.Life.Contacts)
	slices.SortStableFunc(all, func(a, b fact.Of[contact.Contact]) int {
		return strings.Compare(b.Started+b.Is.At, a.Started+a.Is.At)
	})
	reached := 0
	for i := range all {
		e := c.contactEvent(&all[i])
		if contact.Substantive(all[i].Is.Outcome) {
			reached++
		}
		if record {
			e.Actions = []Link{{Text: "Correct", Hidden: "the contact of " + e.Date, Href: personHref(c.ref, "contact/edit") + "?which=" + markOf(all[i].ID) + "&back=" + personHref(c.ref, "contacts")}}
		}
		p.Contacts.Items = append(p.Contacts.Items, e)
	}
	p.Count = plural(len(all), "contact", "contacts") + ", " + count(reached) + " of them substantive: somebody was reached."
	if len(all) == 0 {
		p.None = &Empty{Title: "No contact is recorded", Text: "A call that nobody answered is a contact too: record it, so that nobody rings again for nothing."}
	}
	return s.render(w, r, "contacts", p)
}

func (c *client) contactEvent(f *fact.Of[contact.Contact]) Event {
	e := Event{Title: joined(": ", joined(", ", capital(f.Is.How), f.Is.WithWhom), f.Is.Outcome), Date: joined(", ", dayWords(f.Started), f.Is.At)}
	if f.Is.Direction == contact.In {
		e.Title += " (they began it)"
	}
	e.Badge = &Badge{Text: "Attempt"}
	if contact.Substantive(f.Is.Outcome) {
		e.Badge = &Badge{Text: "Substantive", Tone: "good"}
	}
	said := ""
	if f.Is.Words != "" {
		said = "In their own words: “" + f.Is.Words + "”"
	}
	e.Body = joined(" ", f.Is.Note, said, labelled("Next: ", joined(", ", f.Is.NextStep, dayOr(f.Is.NextOn))))
	minutes := ""
	if f.Is.Minutes > 0 {
		minutes = plural(int(f.Is.Minutes), "minute", "minutes")
	}
	e.By = joined(", ", labelled("By ", f.Is.ByName), minutes, c.numberUsed(f.Is.Reach), labelled("through a ", f.Is.Behind))
	if s, ok := c.Sources[f.Evidence]; ok && civil.On(s.At, civil.London()).String() != f.Started {
		e.By = joined(", ", e.By, "entered "+dayOfAct(s.At))
	}
	return e
}

// numberUsed is the number behind a key, "" where it is held no longer or not
// shown to this reader.
func (c *client) numberUsed(key id.Fact) string {
	for _, r := range c.Life.Reaches {
		if r.ID == key && key != 0 {
			if r.Is.Kind == youngperson.Email {
				return "by " + r.Is.Value
			}
			return "on " + r.Is.Value
		}
	}
	for _, r := range c.Life.Carers {
		if r.ID == key && key != 0 {
			return "on the number of " + r.Is.Name
		}
	}
	return ""
}
