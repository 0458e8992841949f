package web

import (
	"slices"
	"strings"

	"waymark/internal/access"
	"waymark/internal/cohort"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// personForms are all forms on a young person's record. The ends of their
// addresses are the parts that check.csv names in its column fix.
func (s *Server) personForms() []personForm {
	return append([]personForm{
		nameForm(), birthForm(), addressForm(), identifiersForm(), cohortForm(), needForm(),
		guaranteeForm(), offerForm(), destinationForm(), newActivityForm(), activityForm(), confirmForm(),
		reachForm(), carerForm(), safetyForm(), adviserForm(), contactForm(), contactCorrectionForm(), answerForm(),
	}, rightForms()...)
}

func saying(words string) func(*client) string { return func(*client) string { return words } }

func nameForm() personForm {
	return personForm{
		addresses: []string{"name/edit"}, title: "Change the name", permission: access.CorrectPerson,
		lead: "The legal name, as the return states it.",
		start: func(c *client) {
			f := c.Life.LegalName(c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("given-name", f.Is.Given)
				c.set("middle-name", f.Is.Middle)
				c.set("family-name", f.Is.Family)
			}
		},
		parts: func(c *client) []FormPart { return c.form.nameParts() },
		save: func(c *client, told record.Told) error {
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectName(c.r.Context(), actorOf(c.r), c.ref, c.form.personName(), c.seen(), told)
		},
		saved: saying("the name."),
	}
}

func (f *Form) nameParts() []FormPart {
	return []FormPart{
		f.inputPart(Input{Name: "given-name", Label: "Given name"}),
		f.inputPart(Input{Name: "middle-name", Label: "Middle names (optional)"}),
		f.inputPart(Input{Name: "family-name", Label: "Family name"}),
	}
}

func (f *Form) personName() youngperson.Name {
	return youngperson.Name{Given: f.Text("given-name"), Middle: f.Text("middle-name"), Family: f.Text("family-name")}
}

func birthForm() personForm {
	return personForm{
		addresses: []string{"birth/edit"}, title: "Change date of birth, gender or ethnicity", permission: access.CorrectPerson,
		start: func(c *client) {
			f := life.InForce(c.Life.Particulars, c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.setDay("date-of-birth", f.Is.DOB)
				c.set("gender", f.Is.Gender)
				c.set("ethnicity", f.Is.Ethnicity)
			}
		},
		parts: func(c *client) []FormPart {
			return c.birthParts(c.came("date-of-birth", "For example, 27 3 2009"))
		},
		save: func(c *client, told record.Told) error {
			born := c.form.RequireDate("date-of-birth", "Date of birth", "Enter the date of birth, like 27 3 2009")
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectBirth(c.r.Context(), actorOf(c.r), c.ref, born, c.form.Text("gender"), c.form.Text("ethnicity"), c.seen(), told)
		},
		saved: saying("date of birth, gender and ethnicity."),
	}
}

func (c *client) birthParts(hint string) []FormPart {
	f := c.form
	return []FormPart{
		f.datePart(DateInput{Name: "date-of-birth", Label: "Date of birth", Hint: hint}),
		f.radiosPart(Choice{Name: "gender", Label: "Gender", Small: true, Options: withHeld(c.codes(nccis.Genders, nil), f.Text("gender"))}),
		f.selectPart(Choice{Name: "ethnicity", Label: "Ethnicity", Options: withHeld(c.select1(c.codes(nccis.Ethnicities, nil)), f.Text("ethnicity"))}),
	}
}

// select1 puts "Choose one" before the options of a select.
func (c *client) select1(options []Option) []Option {
	return append([]Option{{Value: "", Text: "Choose one"}}, options...)
}

// codes are the codes of a list this year, as options.
func (c *client) codes(list nccis.List, keep func(nccis.Code) bool) []Option {
	var out []Option
	for _, code := range c.s.edition().Codes(list) {
		if keep == nil || keep(code) {
			out = append(out, Option{Value: code.Code, Text: code.Label + " (" + code.Code + ")"})
		}
	}
	return out
}

func addressForm() personForm {
	return personForm{
		addresses: []string{"address/edit"}, title: "Change the address", permission: access.CorrectPerson,
		start: func(c *client) {
			f := life.InForce(c.Life.Addresses, c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				a := f.Is
				for name, value := range map[string]string{"address-line-1": a.Line1, "address-line-2": a.Line2, "address-line-3": a.Line3,
					"address-line-4": a.Line4, "town": a.Town, "county": a.County, "postcode": a.Postcode} {
					c.set(name, value)
				}
			}
			c.set("moved", "no")
		},
		parts: func(c *client) []FormPart {
			f := c.form
			moved := f.DateInput(DateInput{Name: "moved-on", Label: "The day they moved here", Hint: "For example, 27 3 2026"})
			return append([]FormPart{f.radiosPart(Choice{Name: "moved", Label: "What is this change?", Options: []Option{
				{Value: "no", Text: "The address held was wrong or not complete"},
				{Value: "yes", Text: "They have moved", Hint: "The address before is kept in the history", Reveal: &Reveal{Dates: []DateInput{moved}}}}})}, f.addressParts()...)
		},
		save: func(c *client, told record.Told) error {
			moved := c.form.Date("moved-on", "The day they moved")
			if !c.form.OK() {
				return nil
			}
			ctx, by, to := c.r.Context(), actorOf(c.r), c.form.address()
			if c.form.Text("moved") == "yes" {
				return c.s.Record.Move(ctx, by, c.ref, to, moved, c.seen(), told)
			}
			return c.s.Record.CorrectAddress(ctx, by, c.ref, to, c.seen(), told)
		},
		saved: saying("the address."),
	}
}

func (f *Form) addressParts() []FormPart {
	return []FormPart{
		f.inputPart(Input{Name: "address-line-1", Label: "Address line 1"}),
		f.inputPart(Input{Name: "address-line-2", Label: "Address line 2 (optional)"}),
		f.inputPart(Input{Name: "address-line-3", Label: "Address line 3 (optional)"}),
		f.inputPart(Input{Name: "address-line-4", Label: "Address line 4 (optional)"}),
		f.inputPart(Input{Name: "town", Label: "Town or city", Width: "20"}),
		f.inputPart(Input{Name: "county", Label: "County (optional)", Width: "20"}),
		f.inputPart(Input{Name: "postcode", Label: "Postcode", Width: "10"}),
	}
}

func (f *Form) address() youngperson.Address {
	return youngperson.Address{Line1: f.Text("address-line-1"), Line2: f.Text("address-line-2"), Line3: f.Text("address-line-3"), Line4: f.Text("address-line-4"),
		Town: f.Text("town"), County: f.Text("county"), Postcode: f.Text("postcode")}
}

func identifiersForm() personForm {
	return personForm{
		addresses: []string{"identifiers/edit"}, title: "Change identifiers", permission: access.CorrectPerson,
		start: func(c *client) {
			c.setSeen(record.IdentifiersSeen(c.Life, c.today))
			c.set("uln", c.Life.Identifier(youngperson.ULN, c.today))
			c.set("upn", c.Life.Identifier(youngperson.UPN, c.today))
			c.set("previous", c.Life.Identifier(youngperson.Previous, c.today))
		},
		parts: func(c *client) []FormPart {
			f := c.form
			return []FormPart{
				f.inputPart(Input{Name: "uln", Label: "Unique learner number (ULN)", Hint: "10 digits", Width: "20", InputMode: "numeric"}),
				f.inputPart(Input{Name: "upn", Label: "Unique pupil number (UPN)", Hint: "A letter and 12 more characters", Width: "20"}),
				f.inputPart(Input{Name: "previous", Label: "Identifier in the database they came from", Hint: "13 digits", Width: "20", InputMode: "numeric"}),
				f.checkboxesPart(Choice{Name: "new-id", Label: "YoungPersonsID " + c.Life.Person.YoungPersonsID, Strong: true,
					Hint:    "It stays the same for life. Give a new one only where this one is malformed, or belongs to somebody else.",
					Options: []Option{{Value: "yes", Text: "Give a new YoungPersonsID", Hint: "The old one is kept, and can still be looked for"}}}),
			}
		},
		save: func(c *client, told record.Told) error {
			n := record.Identifiers{ULN: c.form.Text("uln"), UPN: c.form.Text("upn"), Previous: c.form.Text("previous")}
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectIdentifiers(c.r.Context(), actorOf(c.r), c.ref, n, c.form.Text("new-id") == "yes", c.seen(), told)
		},
		saved: saying("the identifiers."),
	}
}

func cohortForm() personForm {
	return personForm{
		addresses: []string{"status/edit"}, title: "Change cohort status or authority", permission: access.CorrectPerson,
		start: func(c *client) {
			f := life.InForce(c.Life.Statuses, c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				for name, value := range map[string]string{"status": f.Is.Status, "lead-la": f.Is.LeadLA, "educated-la": f.Is.EducatedLA,
					"la-at-year-11": f.Is.LAAtYear11, "transferred-to": f.Is.TransferredTo, "guarantee-indicator": f.Is.GuaranteeIndicator} {
					c.set(name, value)
				}
			}
		},
		parts: cohortParts,
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.CorrectCohort(c.r.Context(), actorOf(c.r), c.ref, cohort.Status{Status: f.Text("status"), LeadLA: f.Text("lead-la"),
				EducatedLA: f.Text("educated-la"), LAAtYear11: f.Text("la-at-year-11"), TransferredTo: f.Text("transferred-to"),
				GuaranteeIndicator: f.Text("guarantee-indicator")}, c.seen(), told)
		},
		saved: saying("cohort status and authorities."),
	}
}

func cohortParts(c *client) []FormPart {
	f := c.form
	status := append([]Option{{Value: "", Text: "Not stated: worked out from age, plan and authority"}}, c.codes(nccis.CohortStatuses, nil)...)
	return []FormPart{
		{Text: "This month: " + c.View.Why},
		f.selectPart(Choice{Name: "status", Label: "Cohort status", Hint: "What you state stands for this academic year. Whoever leaves is reported once more.",
			Options: withHeld(status, f.Text("status"))}),
		f.selectPart(Choice{Name: "transferred-to", Label: "Authority they moved to", Hint: "Only for somebody transferred to another authority (T)",
			Options: c.authorities("None", f.Text("transferred-to"))}),
		f.selectPart(Choice{Name: "lead-la", Label: "Lead authority", Hint: "Where the young person lives", Options: c.authorities("Choose one", f.Text("lead-la"))}),
		f.selectPart(Choice{Name: "educated-la", Label: "Authority where educated", Options: c.authorities("Choose one", f.Text("educated-la"))}),
		f.selectPart(Choice{Name: "la-at-year-11", Label: "Authority at Year 11", Options: c.authorities("Not known", f.Text("la-at-year-11"))}),
		f.radiosPart(Choice{Name: "guarantee-indicator", Label: "Is this authority responsible for their September Guarantee?", Small: true, Inline: true,
			Options: withHeld([]Option{{Value: "Y", Text: "Yes"}, {Value: "N", Text: "No"}, {Value: "", Text: "Not stated"}}, f.Text("guarantee-indicator"))}),
	}
}

// authorities are the local authorities of today as options: the register's
// own first, then by name, so that typing a name finds it.
func (c *client) authorities(none, held string) []Option {
	own := c.Register.Codes()
	all := c.req.LocalAuthorities(c.today)
	slices.SortFunc(all, func(a, b nccis.LA) int { return strings.Compare(a.Name, b.Name) })
	first, rest := []Option{}, []Option{}
	for _, la := range all {
		o := Option{Value: la.Code, Text: la.Name + " (" + la.Code + ")", Group: "Others"}
		if slices.Contains(own, la.Code) {
			o.Group = "This register"
			first = append(first, o)
		} else {
			rest = append(rest, o)
		}
	}
	options := append(append([]Option{{Value: "", Text: none}}, first...), rest...)
	if la, ok := c.req.LocalAuthorityEver(held, c.today); ok && !slices.ContainsFunc(options, func(o Option) bool { return o.Value == held }) {
		return append(options, Option{Value: held, Text: la.Name + " (" + held + "), no longer an authority", Group: "As held"})
	}
	return withHeld(options, held)
}

// authority is "Sandmere (991)".
func (c *client) authority(code string) string {
	if la, ok := c.req.LocalAuthorityEver(code, c.today); ok {
		return la.Name + " (" + code + ")"
	}
	if code == "" {
		return ""
	}
	return code + ": not an authority"
}

func needForm() personForm {
	return personForm{
		addresses: []string{"need/edit"}, title: "Change needs and characteristics", permission: access.CorrectPerson,
		start: func(c *client) {
			c.setSeen(record.NeedSeen(c.Life, c.today))
			if f := life.InForce(c.Life.Needs, c.today); f != nil {
				c.set("level", f.Is.Level)
				c.set("send", f.Is.SEND)
				c.set("sen-support", f.Is.SENSupport)
			}
			c.form.values["characteristics"] = slices.Clone(c.View.Record.Characteristics)
		},
		parts: func(c *client) []FormPart {
			f := c.form
			return append(c.needParts(), f.checkboxesPart(Choice{Name: "characteristics", Label: "Characteristics", Hint: "Select all that are so now", Small: true,
				Options: withHeld(c.codes(nccis.Characteristics, nil), f.All("characteristics")...)}))
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.CorrectNeed(c.r.Context(), actorOf(c.r), c.ref, f.need(), f.All("characteristics"), c.seen(), told)
		},
		saved: saying("needs and characteristics."),
	}
}

func (c *client) needParts() []FormPart {
	f := c.form
	yes := func(held string) []Option {
		return withHeld([]Option{{Value: "Y", Text: "Yes"}, {Value: "N", Text: "No"}}, held)
	}
	return []FormPart{
		f.radiosPart(Choice{Name: "level", Label: "Level of need", Small: true, Options: withHeld(c.codes(nccis.LevelsOfNeed, nil), f.Text("level"))}),
		f.radiosPart(Choice{Name: "send", Label: "Is there a current education, health and care plan?", Hint: "The SEND flag", Small: true, Inline: true, Options: yes(f.Text("send"))}),
		f.radiosPart(Choice{Name: "sen-support", Label: "Do they get SEN support without a plan?", Hint: "The SEN support flag", Small: true, Inline: true, Options: yes(f.Text("sen-support"))}),
	}
}

func (f *Form) need() need.Need {
	return need.Need{Level: f.Text("level"), SEND: f.Text("send"), SENSupport: f.Text("sen-support")}
}
