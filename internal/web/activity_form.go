package web

import (
	"slices"

	"waymark/internal/access"
	"waymark/internal/activity"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/nccis"
	"waymark/internal/record"
)

func newActivityForm() personForm {
	return personForm{
		addresses: []string{"activity/new"}, title: "Record what they do now", permission: access.RecordActivity,
		lead: "The activity before it ends on the day before this one started.",
		start: func(c *client) {
			c.setSeen(record.Seen(c.View.Spell))
			c.form.SetDate("verified", c.today)
		},
		parts: func(c *client) []FormPart { return append(spellParts(c), c.soOnParts()...) },
		save: func(c *client, told record.Told) error {
			n := c.newSpell()
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.RecordActivity(c.r.Context(), actorOf(c.r), c.ref, n, c.seen(), told)
		},
		saved: func(c *client) string { return "what they do now. " + c.countsUntil(c.newSpell()) },
	}
}

func activityForm() personForm {
	return personForm{
		addresses: []string{"activity/edit"}, title: "Correct an activity", permission: access.RecordActivity,
		lead: "For what was recorded wrongly. If they do something else now, record that as a new activity.",
		instead: func(c *client) string {
			if c.theSpell() != nil {
				return ""
			}
			query := c.r.URL.Query()
			query.Del("which")
			return personHref(c.ref, "activity/new") + asQuery(query)
		},
		start: func(c *client) {
			f := c.theSpell()
			if f == nil {
				return
			}
			c.set("which", markOf(f.ID))
			c.setSeen(f.KnownFrom)
			c.set("activity", f.Is.Activity)
			c.setDay("started", f.Started)
			c.setDay("ascertained", f.Is.Ascertained)
			c.setDay("verified", c.verified(f))
			c.setDay("review", f.Is.Review)
			c.setDay("predicted-end", f.Is.PredictedEnd)
			c.setDay("neet-start", f.Is.NEETStart)
			c.set("establishment-number", f.Is.EstablishmentNumber)
			c.set("establishment-name", f.Is.EstablishmentName)
			c.set("ukprn", f.Is.UKPRN)
		},
		parts: spellParts,
		save: func(c *client, told record.Told) error {
			n := c.newSpell()
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectActivity(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Spells), n, c.seen(), told)
		},
		saved: func(c *client) string { return "the activity. " + c.countsUntil(c.newSpell()) },
	}
}

func confirmForm() personForm {
	return personForm{
		addresses: []string{"activity/confirm"}, title: "Still doing this?", permission: access.RecordActivity, button: "Yes, still doing this",
		instead: func(c *client) string {
			if c.View.Spell != nil {
				return ""
			}
			return personHref(c.ref, "activity/new") + asQuery(c.r.URL.Query())
		},
		start: func(c *client) {
			c.setSeen(record.Seen(c.View.Spell))
			c.form.SetDate("verified", c.today)
			if c.View.Spell != nil && c.needsReview(c.View.Spell.Is.Activity) {
				if d, err := civil.Parse(c.View.Spell.Is.Review); err == nil && d.After(c.today) {
					c.form.SetDate("review", d)
				}
			}
		},
		parts: func(c *client) []FormPart {
			if c.View.Spell == nil {
				return nil
			}
			now := c.View.Spell.Is
			parts := []FormPart{
				{Text: joined(", ", activityWords(c.s.edition(), now.Activity), now.EstablishmentName, since(c.View.Spell.Started)) + "."},
				c.form.datePart(DateInput{Name: "verified", Label: "The day it was confirmed"}),
			}
			if c.needsReview(now.Activity) {
				parts = append(parts, c.form.datePart(DateInput{Name: "review", Label: "When will it be looked at again?", Hint: "This activity needs a review date"}))
			}
			if started := record.Day(c.View.Spell.Started); !started.After(c.lastDay) {
				parts = append(parts, c.soOnParts()...)
			}
			return parts
		},
		save: func(c *client, told record.Told) error {
			on := c.form.RequireDate("verified", "The day it was confirmed", "Enter the day it was confirmed, like 27 3 2026")
			review := c.form.Date("review", "The review date")
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.ConfirmActivity(c.r.Context(), actorOf(c.r), c.ref, record.Still{On: on, Review: review, SoOn: c.form.soOn()}, c.seen(), told)
		},
		saved: func(c *client) string {
			if c.View.Spell == nil {
				return "the activity."
			}
			n := spellOf(c.View.Spell)
			n.Verified = c.form.Date("verified", "")
			if d := c.form.Date("review", ""); !d.IsZero() {
				n.Review = d
			}
			return "still doing this. " + c.countsUntil(n)
		},
	}
}

func (c *client) needsReview(code string) bool {
	a, _ := c.s.edition().Activity(code)
	return a.ReviewRequired
}

func since(day string) string {
	if day == "" {
		return ""
	}
	return "since " + dayWords(day)
}

// theSpell is the one that the form is about: the one marked, and otherwise
// the current one.
func (c *client) theSpell() *fact.Of[activity.Spell] {
	if c.form.Text("which") != "" {
		return marked(c, c.Life.Spells)
	}
	return c.View.Spell
}

// verified is the latest confirmation of a spell, as it came.
func (c *client) verified(spell *fact.Of[activity.Spell]) string {
	latest := ""
	for i := range c.Life.Verifications {
		if v := &c.Life.Verifications[i].Is; v.Spell == spell.ID {
			latest = max(latest, v.Verified)
		}
	}
	return latest
}

// spellParts are the fields of an activity. The establishment is typed: a list
// of all of them would be too long to use.
func spellParts(c *client) []FormPart {
	f := c.form
	return []FormPart{
		f.selectPart(Choice{Name: "activity", Label: "What do they do?", Strong: true, Options: withHeld(c.activities(), f.Text("activity"))}),
		f.datePart(DateInput{Name: "started", Label: "When did it start?", Hint: c.came("started", "For example, 7 9 2026")}),
		f.inputPart(Input{Name: "establishment-name", Label: "Where? (optional)", Hint: "School, college, training provider or employer"}),
		f.datePart(DateInput{Name: "predicted-end", Label: "When is it expected to end?", Hint: c.came("predicted-end", "Needed for education and training")}),
		f.datePart(DateInput{Name: "review", Label: "When will it be looked at again?", Hint: c.came("review", "Needed where the activity is for a time only")}),
		f.datePart(DateInput{Name: "verified", Label: "When was it last confirmed?", Hint: c.came("verified", "")}),
		morePart("Numbers and further dates",
			f.inputPart(Input{Name: "establishment-number", Label: "Establishment number", Hint: "The authority’s three digits and the school’s four, for a school", Width: "10", InputMode: "numeric"}),
			f.inputPart(Input{Name: "ukprn", Label: "UK provider reference number (UKPRN)", Hint: "8 digits", Width: "10", InputMode: "numeric"}),
			f.datePart(DateInput{Name: "ascertained", Label: "When did we learn of it?", Hint: c.came("ascertained", "Today, where it is left empty")}),
			f.datePart(DateInput{Name: "neet-start", Label: "Since when without education, employment or training?",
				Hint: c.came("neet-start", "Only where it differs from what the activities before say; else it is worked out")})),
	}
}

// activityGroups are the headings of the requirement's groups, in the order in
// which people are asked.
func activityGroups() []struct{ code, words string } {
	return []struct{ code, words string }{
		{"ED", "In education"}, {"EM", "In employment, or working not for reward with study"}, {"TR", "In training"}, {"RE", "Re-engagement"},
		{"NE", "Not in education, employment or training"}, {"OT", "Other"}, {"NK", "Not known"}}
}

// activities are this year's codes by group; those of compulsory school age
// come first for who is of that age.
func (c *client) activities() []Option { return c.s.activityOptions(c.born(), c.today) }

func (s *Server) activityOptions(born, today civil.Date) []Option {
	groups := activityGroups()
	school := struct{ code, words string }{"CS", "Of compulsory school age"}
	if !born.IsZero() && nccis.YearGroup(born, today) <= 11 {
		groups = slices.Insert(groups, 0, school)
	} else {
		groups = append(groups, school)
	}
	options := []Option{{Value: "", Text: "Choose one"}}
	for _, g := range groups {
		for _, a := range s.edition().Activities() {
			if a.Group == g.code {
				options = append(options, Option{Value: a.Code, Text: a.Label + " (" + a.Code + ")", Group: g.words})
			}
		}
	}
	return options
}

func (c *client) newSpell() record.NewSpell { return c.form.newSpell() }

func (f *Form) newSpell() record.NewSpell {
	return record.NewSpell{
		Activity: f.Text("activity"), Started: f.Date("started", "The day it started"), Ascertained: f.Date("ascertained", "The day we learned of it"),
		Verified: f.Date("verified", "The day it was confirmed"), Review: f.Date("review", "The review date"),
		PredictedEnd: f.Date("predicted-end", "The expected end"), NEETStart: f.Date("neet-start", "The day since when"),
		EstablishmentNumber: f.Text("establishment-number"), EstablishmentName: f.Text("establishment-name"), UKPRN: f.Text("ukprn"), SoOn: f.soOn(),
	}
}

// soOn is the last day of last month, where somebody ticked that it was so then.
func (f *Form) soOn() civil.Date { return record.Day(f.Text("so-on")) }

// soOnParts ask whether it was so on the last day of last month already, as long
// as nobody has signed its return.
func (c *client) soOnParts() []FormPart { return c.form.soOnParts(c.lastDay) }

func (f *Form) soOnParts(last civil.Date) []FormPart {
	if last.IsZero() {
		return nil
	}
	return []FormPart{f.checkboxesPart(Choice{Name: "so-on", Label: "Was this so on " + last.Words() + " already? (optional)", Strong: true, Small: true,
		Hint: "The return for " + last.InMonth().Month.String() + " is not signed yet. It says what was so on that day.", Options: []Option{{Value: last.String(), Text: "Yes, it was so then"}}})}
}

// spellOf is a spell held, as the form would state it.
func spellOf(f *fact.Of[activity.Spell]) record.NewSpell {
	day := func(text string) civil.Date {
		d, err := civil.Parse(text)
		if err != nil {
			return civil.Date{} // shown as it came elsewhere
		}
		return d
	}
	return record.NewSpell{Activity: f.Is.Activity, Started: day(f.Started), Ascertained: day(f.Is.Ascertained), Review: day(f.Is.Review), PredictedEnd: day(f.Is.PredictedEnd)}
}

// countsUntil says what a save does to the figures: where they stood and stand,
// and until when it counts.
func (c *client) countsUntil(n record.NewSpell) string {
	e := c.s.edition()
	lapses, ok := e.Lapse(nccis.ActivityFacts{Code: n.Activity, Verified: n.Verified, Ascertained: n.Ascertained, Started: n.Started, Review: n.Review, PredictedEnd: n.PredictedEnd})
	words := ""
	if ok {
		words = "It counts until " + lapses.Words() + ". "
	}
	end := c.today.InMonth().End()
	before, after := statusWords(c.View.Status), statusWords(e.StatusOn(n.Activity, lapses, end))
	if before != after {
		return words + "They move from " + before + " to " + after + "."
	}
	return words + "They still count as " + after + "."
}
