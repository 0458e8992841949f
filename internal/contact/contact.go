// Package contact keeps contacts made or tried with a young person or those
// around them: how, with whom, what came of it.
//
// In the trade a contact is a call, a text, a letter, a visit, a meeting. Each
// is either substantive (somebody was reached and something was learned) or an
// attempt, and services count both. A contact is evidence: what the young
// person said in it is what the register then holds of them.
package contact

import (
	"slices"

	"waymark/internal/act"
	"waymark/internal/civil"
	"waymark/internal/fact"
	"waymark/internal/field"
	"waymark/internal/id"
)

// How a contact was made.
const (
	Phone  = act.Telephone
	Text   = act.Text
	Email  = act.Email
	Letter = "letter"
	Visit  = act.Visit
	Met    = "meeting"
	Online = "online"
	// Through is by way of somebody else, who passed it on.
	Through = "through another"
)

// Kinds are how contacts are made, in the order in which forms offer them.
func Kinds() []string { return []string{Phone, Text, Email, Visit, Met, Online, Letter, Through} }

// The directions: who began it. What came before this was asked has none.
const (
	Out = "out"
	In  = "in"
)

// With whom.
const (
	Person       = "the young person"
	Family       = "parent or carer"
	School       = "school or provider"
	Professional = "other professional"
	Nobody       = "nobody"
)

// Whom are all with whom a contact can be, in the order of forms.
func Whom() []string { return []string{Person, Family, School, Professional, Nobody} }

// What came of it.
const (
	// Confirmed: somebody was reached, and the young person does what we held.
	Confirmed = "spoke, confirmed"
	// Changed: somebody was reached, and the young person does something else.
	Changed = "spoke, changed"
	// Reached: somebody was reached; what the young person does was not settled.
	Reached = "reached"
	// MessageLeft: on an answering machine, or with whoever answered.
	MessageLeft = "message left"
	// Sent: a text, an e-mail or a letter went out; nothing has come back.
	Sent     = "sent"
	NoAnswer = "no answer"
	// WrongNumber: the number, or the address, is not theirs.
	WrongNumber = "wrong number or address"
	// Refused: they would not say.
	Refused = "refused"
	// MovedAway: they have moved out of the area.
	MovedAway = "moved away"
)

// Outcomes are all, in the order in which forms offer them.
func Outcomes() []string {
	return []string{Confirmed, Changed, Reached, MessageLeft, Sent, NoAnswer, WrongNumber, Refused, MovedAway}
}

// Substantive says that with this outcome somebody was reached and something
// was learned; every other contact is an attempt. What came before outcomes were
// a closed set is an attempt too, unless it says "reached".
func Substantive(outcome string) bool {
	return slices.Contains([]string{Confirmed, Changed, Reached, Refused, MovedAway}, outcome)
}

// What stands behind a contact that was not made by itself.
const (
	Campaign = "campaign"
	Round    = "visit"
	Message  = "message"
)

// Contact is one contact; the Version's Started is the day it was made. What
// came before this room had closed sets is kept as it came.
type Contact struct {
	How, WithWhom, Outcome string
	// Note is what happened, Words what they said in their own words, NextStep
	// what was agreed. All three are sealed.
	Note, Words, NextStep string
	// NextOn is the day of the next step, "" where none was agreed.
	NextOn string
	// ByName is who made it; By their actor, "" where it came from elsewhere.
	ByName, By string
	// Direction is Out or In, "" where nobody said.
	Direction string
	// At is the time of day in London, like 14:35; "" where nobody said.
	At string
	// Minutes is how long it took, 0 where nobody said.
	Minutes int64
	// Reach is the number or address used: the key of the fact (a way to reach, a
	// carer, an address), never its text. 0 where nobody said.
	Reach id.Fact
	// Behind is Campaign, Round or Message, and BehindID its key; "" and 0 for a
	// contact by itself.
	Behind   string
	BehindID int64
}

// Contacts is the table.
var Contacts = fact.Table[Contact]{Name: "contact", What: "contact",
	Columns: []string{"how", "with_whom", "outcome", "note", "by_name", "direction", "said", "next_step", "next_on", "by_actor", "at_time", "minutes", "reach", "behind", "behind_id"},
	Sealed:  []string{"note", "said", "next_step"},
	Fields: func(c *Contact) []any {
		return []any{&c.How, &c.WithWhom, &c.Outcome, &c.Note, &c.ByName, &c.Direction, &c.Words, &c.NextStep, &c.NextOn, &c.By, &c.At, &c.Minutes, &c.Reach, &c.Behind, &c.BehindID}
	}}

// Most letters of a note, and most minutes of one contact.
const (
	MostNote    = 4000
	MostMinutes = 24 * 60
)

// check tells what is wrong with a contact made on a day. before is what it
// corrects, whose words may stand as they came.
func (c Contact) check(on, today civil.Date, before Contact, wrong *field.Errors) {
	if on.IsZero() || on.After(today) {
		wrong.Add("contact-on", "Enter the day of the contact, today or earlier")
	}
	one := func(name, value, held string, of []string, complaint string) {
		if !slices.Contains(of, value) && (value == "" || value != held) {
			wrong.Add(name, complaint)
		}
	}
	one("contact-how", c.How, before.How, Kinds(), "Select how you made contact")
	one("contact-outcome", c.Outcome, before.Outcome, Outcomes(), "Select what came of it")
	one("contact-with", c.WithWhom, before.WithWhom, Whom(), "Select who the contact was with")
	one("contact-direction", c.Direction, c.Direction, []string{Out, In, ""}, "Select who began it")
	if c.WithWhom == Nobody && Substantive(c.Outcome) {
		wrong.Add("contact-with", "Select who told you: this outcome means that somebody was reached")
	}
	if c.Outcome == Sent && !slices.Contains([]string{Text, Email, Letter, Online}, c.How) {
		wrong.Add("contact-outcome", "Only a text, an e-mail, a letter or an online message is sent. Select what came of it")
	}
	if c.Minutes < 0 || c.Minutes > MostMinutes {
		wrong.Add("contact-minutes", "Enter how many minutes it took, in digits, or leave it empty")
	}
	if c.At != "" && !isTime(c.At) {
		wrong.Add("contact-at", "Enter the time like 14:35, or leave it empty")
	}
	for name, text := range map[string]string{"contact-note": c.Note, "contact-words": c.Words, "contact-next": c.NextStep} {
		if len([]rune(text)) > MostNote {
			wrong.Add(name, "Shorten this to 4,000 letters")
		}
	}
	if c.NextOn != "" {
		if next, err := civil.Parse(c.NextOn); err != nil || next.Before(on) {
			wrong.Add("contact-next-on", "Enter a day for the next step that is not before the contact")
		}
	}
}

// isTime says that a text is a time of day: two digits, a colon, two digits.
func isTime(text string) bool {
	if len(text) != 5 || text[2] != ':' {
		return false
	}
	for i, c := range []byte(text) {
		if i != 2 && (c < '0' || c > '9') {
			return false
		}
	}
	return text[:2] < "24" && text[3] < '6'
}

// Evidence is what a contact is as evidence of what was said in it: the kind by
// how it was made, the grade by who spoke.
func (c Contact) Evidence(on civil.Date, saidBy string) act.Evidence {
	e := act.Evidence{Kind: act.SelfReport, SaidBy: saidBy, ReceivedOn: on}
	switch c.How {
	case Phone, Text, Email, Visit:
		e.Kind = c.How
	case Met:
		e.Kind = act.Visit
	}
	switch c.WithWhom {
	case Family:
		e.Grade = act.SaidByFamily
	case School:
		e.Grade = act.ConfirmedInstitution
	case Professional, Nobody:
		e.Grade = act.Unverified
	}
	if e.SaidBy == "" && c.WithWhom != Nobody {
		e.SaidBy = c.WithWhom
	}
	if !Substantive(c.Outcome) {
		e.Grade = act.Unverified // nobody said anything
	}
	return e
}
