package web

import (
	"strings"

	"waymark/internal/access"
	"waymark/internal/life"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// rightForms are the forms on a record about what the young person, or a
// parent, has said of the record itself.
func rightForms() []personForm {
	return []personForm{optOutForm(), endOptOutForm(), restrictProcessingForm(), liftProcessingForm(), disagreementForm()}
}

func optOutForm() personForm {
	return personForm{
		addresses: []string{"opt-out/new"}, title: "Record an opt-out", permission: access.RecordOptOut,
		lead: "A school or college still tells who somebody is: name, birth date, address, and the parent’s name and address. The monthly return goes on.",
		start: func(c *client) {
			c.form.SetDate("opt-out-from", c.today)
			c.set("opt-out-scope", youngperson.OptOutBeyond)
		},
		parts: func(c *client) []FormPart {
			f := c.form
			return []FormPart{
				f.radiosPart(Choice{Name: "opt-out-scope", Label: "What is not to be passed on?", Options: []Option{
					{Value: youngperson.OptOutBeyond, Text: "More than who they are", Hint: "Further information under sections 14 and 72 of the Education and Skills Act 2008"},
					{Value: youngperson.OptOutAll, Text: "Anything"}}}),
				f.inputPart(Input{Name: "opt-out-feed", Label: "Only from or to one organisation (optional)", Hint: "Its name as on Files in or in its agreement. Leave it empty for all."}),
				f.radiosPart(Choice{Name: "opt-out-by", Label: "Who said so?", Hint: "From 16 on the young person, before that a parent", Small: true, Options: []Option{
					{Value: youngperson.SaidByPerson, Text: "The young person"}, {Value: youngperson.SaidByParent, Text: "A parent or carer"}}}),
				f.inputPart(Input{Name: "opt-out-name", Label: "The parent’s name (optional)"}),
				f.inputPart(Input{Name: "opt-out-competence", Label: "If age alone does not decide it: how was it decided that they may?"}),
				f.datePart(DateInput{Name: "opt-out-from", Label: "From which day?"}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			from := f.Date("opt-out-from", "The day")
			if !f.OK() {
				return nil
			}
			return c.s.Record.RecordOptOut(c.r.Context(), actorOf(c.r), c.ref, from, youngperson.OptOut{Scope: f.Text("opt-out-scope"), Feed: f.Text("opt-out-feed"),
				SaidBy: f.Text("opt-out-by"), SaidName: f.Text("opt-out-name"), Competence: f.Text("opt-out-competence")}, told)
		},
		saved: saying("the opt-out."),
	}
}

func endOptOutForm() personForm {
	return personForm{
		addresses: []string{"opt-out/end"}, title: "End an opt-out", permission: access.RecordOptOut,
		start: func(c *client) {
			c.setSeen(record.Seen(marked(c, c.Life.OptOuts)))
			c.form.SetDate("opt-out-until", c.today)
		},
		parts: func(c *client) []FormPart {
			return []FormPart{c.form.datePart(DateInput{Name: "opt-out-until", Label: "What was its last day?"})}
		},
		save: func(c *client, told record.Told) error {
			last := c.form.Date("opt-out-until", "The day")
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.EndOptOut(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.OptOuts), last, c.seen(), told)
		},
		saved: saying("the end of the opt-out."),
	}
}

func restrictProcessingForm() personForm {
	return personForm{
		addresses: []string{"processing/restrict"}, title: "Restrict processing", permission: access.RestrictProcessing,
		lead:  "The record is kept and not used: it goes into no file of a list and to no partner. What the law demands goes on, the monthly return with it.",
		start: func(c *client) { c.form.SetDate("restricted-from", c.today) },
		parts: func(c *client) []FormPart {
			f := c.form
			var grounds []Option
			for _, g := range youngperson.Grounds() {
				grounds = append(grounds, Option{Value: g, Text: capital(g)})
			}
			return []FormPart{
				f.radiosPart(Choice{Name: "restricted-ground", Label: "On what ground?", Options: grounds}),
				f.textareaPart(Textarea{Name: "restricted-reason", Label: "What was decided (optional)", Rows: 3, MaxLength: 1000}),
				f.datePart(DateInput{Name: "restricted-from", Label: "From which day?"}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			from := f.Date("restricted-from", "The day")
			if !f.OK() {
				return nil
			}
			return c.s.Record.RestrictProcessing(c.r.Context(), actorOf(c.r), c.ref, from, youngperson.Restriction{Ground: f.Text("restricted-ground"), Reason: f.Text("restricted-reason")}, told)
		},
		saved: saying("processing is restricted."),
	}
}

func liftProcessingForm() personForm {
	return personForm{
		addresses: []string{"processing/lift"}, title: "End the restriction of processing", permission: access.RestrictProcessing,
		lead: "Tell the young person before you end it: that is the law.",
		start: func(c *client) {
			c.setSeen(record.Seen(marked(c, c.Life.Restrictions)))
			c.form.SetDate("restricted-until", c.today)
		},
		parts: func(c *client) []FormPart {
			return []FormPart{c.form.datePart(DateInput{Name: "restricted-until", Label: "What was its last day?"})}
		},
		save: func(c *client, told record.Told) error {
			last := c.form.Date("restricted-until", "The day")
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.LiftRestriction(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Restrictions), last, c.seen(), told)
		},
		saved: saying("the restriction of processing is ended."),
	}
}

func disagreementForm() personForm {
	return personForm{
		addresses: []string{"disagreement/new"}, title: "Note a disagreement", permission: access.CorrectPerson,
		lead:  "What is wrong is corrected. Where it is not corrected, what they say is noted beside it.",
		start: func(*client) {},
		parts: func(c *client) []FormPart {
			f := c.form
			var about []Option
			for _, what := range []string{"name", "birth, gender or ethnicity", "address", "activity", "needs", "guarantee or destination", "a note of a contact", "something else"} {
				about = append(about, Option{Value: what, Text: capital(what)})
			}
			return []FormPart{
				f.radiosPart(Choice{Name: "disagree-about", Label: "What do they not agree with?", Small: true, Options: about}),
				f.textareaPart(Textarea{Name: "disagree-words", Label: "What do they say?", Hint: "In their words", Rows: 4, MaxLength: 2000}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.NoteDisagreement(c.r.Context(), actorOf(c.r), c.ref, youngperson.Disagreement{About: f.Text("disagree-about"), Words: f.Text("disagree-words")}, told)
		},
		saved: saying("what they do not agree with."),
	}
}

// rights is what the young person, or a parent, has said of the record itself.
func (v personView) rights() Summary {
	sum := Summary{Title: "Rights", ID: "rights"}
	for _, f := range v.Life.OptOuts {
		row := Row{Key: "Opt-out", Value: optOutWords(f.Is) + ". " + stretch(f.Started, f.Ended), Source: v.source(f.Version)}
		if f.Is.SaidBy != "" {
			row.Value += joined("", ". Said by the "+f.Is.SaidBy, prefixed(", ", f.Is.SaidName))
		}
		if f.Is.Competence != "" {
			row.Value += ". " + strings.TrimSuffix(f.Is.Competence, ".")
		}
		if v.may(access.RecordOptOut) && f.Ended == "" {
			row.Actions = []Link{{Text: "End", Hidden: "the opt-out", Href: personHref(v.ref, "opt-out/end") + "?which=" + markOf(f.ID)}}
		}
		sum.Rows = append(sum.Rows, row)
	}
	for _, f := range v.Life.Restrictions {
		row := Row{Key: "Processing restricted", Value: joined(". ", capital(f.Is.Ground), f.Is.Reason, stretch(f.Started, f.Ended)), Source: v.source(f.Version)}
		if v.may(access.RestrictProcessing) && f.Ended == "" {
			row.Actions = []Link{{Text: "End", Hidden: "the restriction of processing", Href: personHref(v.ref, "processing/lift") + "?which=" + markOf(f.ID)}}
		}
		sum.Rows = append(sum.Rows, row)
	}
	for _, f := range v.Life.Disagreements {
		sum.Rows = append(sum.Rows, Row{Key: "Does not agree", Value: capital(f.Is.About) + ": " + f.Is.Words, Source: v.source(f.Version)})
	}
	if len(sum.Rows) == 0 {
		sum.Rows = []Row{{Key: "Opt-out, restriction, disagreement", Value: "None recorded"}}
	}
	for _, l := range []struct {
		may              access.Action
		text, tail, what string
	}{{access.RecordOptOut, "Record an opt-out", "opt-out/new", ""}, {access.CorrectPerson, "Note a disagreement", "disagreement/new", ""},
		{access.RestrictProcessing, "Restrict processing", "processing/restrict", ""}, {access.RecordRequest, "Record a request", "requests/new", ""},
		{access.LogDisclosure, "Record a disclosure", "disclosures/new", ""}} {
		if v.may(l.may) {
			sum.Actions = append(sum.Actions, Link{Text: l.text, Href: personHref(v.ref, l.tail)})
		}
	}
	return sum
}

// may says that the reader may change something here, now.
func (v personView) may(action access.Action) bool {
	return v.on.IsZero() && access.May(actorOf(v.r), action)
}

func prefixed(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func optOutWords(o youngperson.OptOut) string {
	words := "Nothing more than name, birth date, address and parent is passed on"
	if o.Scope == youngperson.OptOutAll {
		words = "Nothing is passed on"
	}
	if o.Feed != "" {
		words += " (" + o.Feed + ")"
	}
	return words
}

// restrictedBand is shown above a record whose processing is restricted.
func (v personView) restrictedBand() string {
	f := life.InForce(v.Life.Restrictions, v.today)
	if f == nil {
		return ""
	}
	return "Processing is restricted: " + f.Is.Ground + ". Keep the record and do not use it. It goes into no file of a list and to no partner; the monthly return goes on."
}
