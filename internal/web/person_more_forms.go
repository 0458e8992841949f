package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"waymark/internal/access"
	"waymark/internal/account"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/guarantee"
	"waymark/internal/id"
	"waymark/internal/life"
	"waymark/internal/nccis"
	"waymark/internal/record"
	"waymark/internal/safety"
	"waymark/internal/youngperson"
)

func guaranteeForm() personForm {
	return personForm{
		addresses: []string{"guarantee/edit"}, title: "Change the September Guarantee", permission: access.RecordGuarantee,
		start: func(c *client) {
			node := c.node()
			c.set("node", node)
			f := record.GuaranteeOf(c.Life, node, c.season())
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("guarantee-status", f.Is.Status)
				c.set("guarantee-la", f.Is.LACode)
			} else if own := c.Register.Codes(); len(own) == 1 {
				c.set("guarantee-la", own[0])
			}
			// What the offers propose is filled in, for a person to save.
			if proposed := c.r.URL.Query().Get("status"); proposed != "" && slices.ContainsFunc(c.codes(nccis.GuaranteeStatuses, nil), func(o Option) bool { return o.Value == proposed }) {
				c.set("guarantee-status", proposed)
			}
		},
		parts: func(c *client) []FormPart {
			f, node := c.form, c.node()
			fits := func(code nccis.Code) bool {
				return node == guarantee.Year11 && code.Year11 || node == guarantee.Year12 && code.Year12
			}
			return []FormPart{
				{Text: guaranteeWords(node, c.season()) + "."},
				f.selectPart(Choice{Name: "guarantee-status", Label: "Status of the offer",
					Options: withHeld(c.select1(c.codes(nccis.GuaranteeStatuses, fits)), f.Text("guarantee-status"))}),
				f.selectPart(Choice{Name: "guarantee-la", Label: "Authority that makes the offer", Options: c.authorities("Choose one", f.Text("guarantee-la"))}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.CorrectGuarantee(c.r.Context(), actorOf(c.r), c.ref, guarantee.Guarantee{Node: c.node(), Season: c.season(),
				Status: f.Text("guarantee-status"), LACode: f.Text("guarantee-la")}, c.seen(), told)
		},
		saved: saying("the September Guarantee."),
	}
}

// node is the part of the guarantee that the form is about: the one asked for,
// or the one of their age.
func (c *client) node() string {
	switch c.form.Text("node") {
	case guarantee.Year11:
		return guarantee.Year11
	case guarantee.Year12:
		return guarantee.Year12
	}
	// A season is about those who were in Year 11 and 12 in its summer.
	born := c.born()
	if born.IsZero() || nccis.YearGroup(born, civil.Must(c.season(), time.August, 31)) <= 11 {
		return guarantee.Year11
	}
	return guarantee.Year12
}

func (c *client) season() int { return life.Season(c.today.InMonth().End()) }

func guaranteeWords(node string, season int) string {
	year := "Year 11"
	if node == guarantee.Year12 {
		year = "Year 12"
	}
	return fmt.Sprintf("%s, for September %d", year, season)
}

func destinationForm() personForm {
	return personForm{
		addresses: []string{"destination/edit"}, title: "Change the intended destination", permission: access.CorrectPerson,
		start: func(c *client) {
			f := life.InForce(c.Life.Destinations, c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("destination", f.Is.Code)
			}
		},
		parts: func(c *client) []FormPart {
			return []FormPart{c.form.radiosPart(Choice{Name: "destination", Label: "Where they mean to go after Year 11",
				Options: withHeld(append(c.codes(nccis.IntendedDestinations, nil), Option{Value: "", Text: "Not asked yet", Divider: "or"}), c.form.Text("destination"))})}
		},
		save: func(c *client, told record.Told) error {
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.CorrectDestination(c.r.Context(), actorOf(c.r), c.ref, c.form.Text("destination"), c.seen(), told)
		},
		saved: saying("the intended destination."),
	}
}

// markOf stands for one of several facts in an address: a key never leaves the
// house.
func markOf(f id.Fact) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("fact %d", int64(f))))
	return hex.EncodeToString(sum[:6])
}

// marked is the fact that the form is about, nil for a new one.
func marked[T any](c *client, facts []fact.Of[T]) *fact.Of[T] {
	i := slices.IndexFunc(facts, func(f fact.Of[T]) bool { return markOf(f.ID) == c.form.Text("which") })
	if i < 0 {
		return nil
	}
	return &facts[i]
}

// markedID is its key. A mark of what is held no longer is a key that no fact
// has, so that the act answers with a conflict and adds nothing.
func markedID[T any](c *client, facts []fact.Of[T]) id.Fact {
	if f := marked(c, facts); f != nil {
		return f.ID
	}
	if c.form.Text("which") != "" {
		return -1
	}
	return 0
}

func reachForm() personForm {
	return personForm{
		addresses: []string{"reach/edit"}, title: "Telephone or e-mail", permission: access.CorrectPerson,
		start: func(c *client) {
			f := marked(c, c.Life.Reaches)
			c.setSeen(record.Seen(f))
			c.set("reach-kind", youngperson.Telephone)
			if f != nil {
				c.set("reach-kind", f.Is.Kind)
				c.set("reach-value", f.Is.Value)
				c.set("reach-note", f.Is.Note)
			}
		},
		parts: func(c *client) []FormPart {
			f := c.form
			hint := ""
			if f.Text("which") != "" {
				hint = "Clear it to take it away"
			}
			return []FormPart{
				f.radiosPart(Choice{Name: "reach-kind", Label: "What is it?", Small: true, Inline: true,
					Options: []Option{{Value: youngperson.Telephone, Text: "Telephone"}, {Value: youngperson.Email, Text: "E-mail"}}}),
				f.inputPart(Input{Name: "reach-value", Label: "Number or address", Hint: hint}),
				f.inputPart(Input{Name: "reach-note", Label: "How to use it safely (optional)", Hint: "For example, text only, or after 4pm"}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.SetReach(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Reaches),
				youngperson.Reach{Kind: f.Text("reach-kind"), Value: f.Text("reach-value"), Note: f.Text("reach-note")}, c.seen(), told)
		},
		saved: saying("how to reach them."),
	}
}

func carerForm() personForm {
	return personForm{
		addresses: []string{"carer/edit"}, title: "Parent or carer", permission: access.CorrectPerson,
		start: func(c *client) {
			f := marked(c, c.Life.Carers)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("carer-name", f.Is.Name)
				c.set("carer-relationship", f.Is.Relationship)
				c.set("carer-telephone", f.Is.Telephone)
				c.set("carer-email", f.Is.Email)
			}
		},
		parts: func(c *client) []FormPart {
			f := c.form
			hint := ""
			if f.Text("which") != "" {
				hint = "Clear the name to take this person away"
			}
			return []FormPart{
				f.inputPart(Input{Name: "carer-name", Label: "Name", Hint: hint}),
				f.inputPart(Input{Name: "carer-relationship", Label: "Who they are to the young person (optional)", Hint: "For example, aunt, foster carer", Width: "20"}),
				f.inputPart(Input{Name: "carer-telephone", Label: "Telephone (optional)", Width: "20", Type: "tel"}),
				f.inputPart(Input{Name: "carer-email", Label: "E-mail (optional)"}),
			}
		},
		save: func(c *client, told record.Told) error {
			f := c.form
			if !f.OK() {
				return nil
			}
			return c.s.Record.SetCarer(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Carers), youngperson.Carer{Name: f.Text("carer-name"),
				Relationship: f.Text("carer-relationship"), Telephone: f.Text("carer-telephone"), Email: f.Text("carer-email")}, c.seen(), told)
		},
		saved: saying("the parent or carer."),
	}
}

func safetyForm() personForm {
	return personForm{
		addresses: []string{"safety/edit"}, title: "Safety of visits", permission: access.CorrectPerson,
		lead: "What whoever goes to the door must know first. Rounds of visits leave out a door that is not to be visited.",
		start: func(c *client) {
			f := marked(c, c.Life.Safety)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("safety-kind", f.Is.Kind)
				c.set("safety-words", f.Is.Words)
			}
		},
		parts: func(c *client) []FormPart {
			f := c.form
			choice := Choice{Name: "safety-kind", Label: "What is it?", Small: true}
			for _, kind := range safety.Kinds() {
				choice.Options = append(choice.Options, Option{Value: kind, Text: capital(kind)})
			}
			if f.Text("which") != "" {
				choice.Options = append(choice.Options, Option{Value: overSafety, Text: "This is over: take the note away", Divider: "or"})
			}
			return []FormPart{f.radiosPart(choice), f.textareaPart(Textarea{Name: "safety-words", Label: "In a few words", Hint: "It is read on a doorstep, and by the young person if they ask what we hold", Rows: 3, MaxLength: 300})}
		},
		save: func(c *client, told record.Told) error {
			n := safety.Note{Kind: c.form.Text("safety-kind"), Words: c.form.Text("safety-words")}
			if n.Kind == overSafety {
				n = safety.Note{}
			} else if n.Kind == "" {
				c.form.Fail("safety-kind", "Select what whoever goes to the door must know")
			}
			if !c.form.OK() {
				return nil
			}
			return c.s.Record.SetSafety(c.r.Context(), actorOf(c.r), c.ref, markedID(c, c.Life.Safety), n, c.seen(), told)
		},
		saved: saying("the safety of visits."),
	}
}

// overSafety is the choice that takes a safety note away.
const overSafety = "over"

// byName begins the value of an adviser who has no account.
const byName = "name:"

func adviserForm() personForm {
	return personForm{
		addresses: []string{"adviser/edit"}, title: "Change the adviser", permission: access.CorrectPerson,
		start: func(c *client) {
			f := life.InForce(c.Life.Allocations, c.today)
			c.setSeen(record.Seen(f))
			if f != nil {
				c.set("adviser", f.Is.Adviser)
				if f.Is.Adviser == "" && f.Is.AdviserName != "" {
					c.set("adviser", byName+f.Is.AdviserName)
				}
				c.set("team", f.Is.Team)
				c.set("held-adviser", f.Is.AdviserName)
			}
		},
		parts: func(c *client) []FormPart {
			f := c.form
			return []FormPart{
				f.selectPart(Choice{Name: "adviser", Label: "Adviser", Options: c.advisers()}),
				f.inputPart(Input{Name: "team", Label: "Team (optional)", Width: "20"}),
			}
		},
		save: func(c *client, told record.Told) error {
			to, err := c.chosenAdviser()
			if err != nil || !c.form.OK() {
				return err
			}
			return c.s.Record.Allocate(c.r.Context(), actorOf(c.r), c.ref, to, c.seen(), told)
		},
		saved: saying("the adviser."),
	}
}

// accounts are the advisers who may be chosen; none where they cannot be read,
// which the save then says.
func (c *client) accounts() ([]account.Account, error) {
	return c.s.Account.Advisers(c.r.Context(), actorOf(c.r))
}

func (c *client) advisers() []Option {
	options := []Option{{Value: "", Text: "Nobody yet"}}
	all, err := c.accounts()
	if err != nil {
		c.s.Log.ErrorContext(c.r.Context(), "cannot list the advisers", "id", seenOf(c.r).id, "error", err.Error())
	}
	for _, a := range all {
		options = append(options, Option{Value: string(a.Ref), Text: a.Name})
	}
	held := life.InForce(c.Life.Allocations, c.today)
	if held == nil || held.Is.AdviserName == "" {
		return options
	}
	value := held.Is.Adviser
	if value == "" {
		value = byName + held.Is.AdviserName
	}
	if !slices.ContainsFunc(options, func(o Option) bool { return o.Value == value }) {
		options = append(options, Option{Value: value, Text: held.Is.AdviserName + " (no open account)"})
	}
	return options
}

func (c *client) chosenAdviser() (youngperson.Allocation, error) {
	value, to := c.form.Text("adviser"), youngperson.Allocation{Team: c.form.Text("team")}
	if held := life.InForce(c.Life.Allocations, c.today); held != nil && (value == held.Is.Adviser && value != "" || value == byName+held.Is.AdviserName) {
		to.Adviser, to.AdviserName = held.Is.Adviser, held.Is.AdviserName
		return to, nil
	}
	if value == "" {
		return youngperson.Allocation{}, nil
	}
	all, err := c.accounts()
	for _, a := range all {
		if string(a.Ref) == value {
			to.Adviser, to.AdviserName = value, a.Name
			return to, nil
		}
	}
	c.form.Fail("adviser", "Choose one of the advisers in the list")
	return to, err
}
