// Package contact keeps contacts made or tried with a young person or those
// around them: how, with whom, what came of it.
package contact

import "waymark/internal/fact"

// Contact is one contact; the Version's Started is the day it was made.
type Contact struct {
	How, WithWhom, Outcome, Note, ByName string
}

// Contacts is the table.
var Contacts = fact.Table[Contact]{Name: "contact", What: "contact", Columns: []string{"how", "with_whom", "outcome", "note", "by_name"},
	Fields: func(c *Contact) []any { return []any{&c.How, &c.WithWhom, &c.Outcome, &c.Note, &c.ByName} }}
