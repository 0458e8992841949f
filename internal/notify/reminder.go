package notify

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"waymark/internal/db"
	"waymark/internal/id"
)

// Reminder is what one of the two reminders of leaver notices says. They go to other
// authorities and to institutions and never to a young person. Every register has
// them: in the words of the program until somebody writes others among the templates
// of messages, under a reference that is a word.
type Reminder struct {
	Ref                        id.Ref
	Name, Basis, Subject, Body string
	// Placeholders are those that it may hold, its subject too: they name nobody.
	Placeholders []string
}

// The two reminders.
const (
	RemindAuthority   id.Ref = "reminder-to-an-authority"
	RemindInstitution id.Ref = "reminder-to-an-institution"
)

// The placeholders of a reminder, written ((sent on)).
const (
	OurReference = "our reference"
	// TheirReference has a comma before it, and is nothing where they gave none.
	TheirReference = "their reference"
	SentOn         = "sent on"
	SentBy         = "sent by"
	DueOn          = "due on"
	LawfulBasis    = "lawful basis"
)

// Reminders are both in the words of the program.
func Reminders() []Reminder {
	return []Reminder{
		{Ref: RemindAuthority, Name: "Reminder to another authority of a notice sent on to it", Basis: ReminderBases()[0], Subject: "Leaver notice ((our reference))",
			Body:         "On ((sent on)) we sent you the leaver notice ((our reference)) by ((sent by)), and have not heard that you have it. Please tell us, quoting ((our reference)).\n\nBasis: ((lawful basis)).\nSent by Waymark. This message names nobody on purpose.",
			Placeholders: []string{OurReference, SentOn, SentBy, LawfulBasis}},
		{Ref: RemindInstitution, Name: "Reminder to a school or college of a risk of leaving", Basis: ReminderBases()[1], Subject: "Risk of leaving: ((our reference))",
			Body:         "On ((sent on)) you told us that a young person may leave (our reference ((our reference))((their reference))). Somebody was to act by ((due on)). Please tell us on your page, or by answering, whether they stay or have left.\n\nBasis: ((lawful basis)).\nSent by Waymark. This message names nobody on purpose.",
			Placeholders: []string{OurReference, TheirReference, SentOn, DueOn, LawfulBasis}},
	}
}

// ReminderBases are why the law lets us write of a notice that waits for somebody
// (context.md 1).
func ReminderBases() []string {
	return []string{
		"Education and Skills Act 2008, section 13(4): we have passed on to you what an institution had to tell you",
		"Education and Skills Act 2008, sections 12 and 13: we must know who in our area is not in learning, and you tell us",
	}
}

const sqlReminder = `SELECT basis, subject, body FROM message_template WHERE register = $1 AND ref = $2 AND known_to IS NULL`

// ReadReminder is a reminder in the words in use, or db.NotFound.
func ReadReminder(tx *db.Tx, r id.Register, ref id.Ref) (Reminder, error) {
	own := Reminders()
	i := slices.IndexFunc(own, func(one Reminder) bool { return one.Ref == ref })
	if i < 0 {
		return Reminder{}, db.NotFound
	}
	err := tx.QueryRow(sqlReminder, int64(r), string(ref)).Scan(&own[i].Basis, &own[i].Subject, &own[i].Body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Reminder{}, fmt.Errorf("read what a reminder says: %w", err)
	}
	return own[i], nil
}

// Fill is the subject and the body with values in the place of placeholders.
func (r Reminder) Fill(values map[string]string) (subject, body string) {
	values[LawfulBasis] = r.Basis
	return Fill(r.Subject, values), Fill(r.Body, values)
}

// Placeholder is how a placeholder is written in a template.
var Placeholder = regexp.MustCompile(`\(\(([^()]*)\)\)`)

// Fill puts values in the place of placeholders.
func Fill(text string, values map[string]string) string {
	return Placeholder.ReplaceAllStringFunc(text, func(m string) string {
		return values[strings.TrimSpace(m[2:len(m)-2])]
	})
}
