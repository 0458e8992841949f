// Package safety keeps what whoever goes to a young person's door must know
// first: that nobody is to go, that two go together, that there is a dog.
//
// In the trade it is the first thing looked for before a visit, and it is about
// the worker's safety or the young person's; it is no characteristic and stands
// in no return. The words may tell of violence at home, so they are sealed.
package safety

import (
	"slices"

	"waymark/internal/fact"
)

// Kinds of note. The first two are obeyed by rounds of visits, and not only shown.
const (
	// DoNotVisit: nobody goes there, and no round has the door.
	DoNotVisit = "do not visit"
	// NotAlone: two go together.
	NotAlone = "do not visit alone"
	Dog      = "dog"
	Entry    = "how to get in"
	Other    = "something else"
)

// Kinds are all, in the order in which forms offer them.
func Kinds() []string { return []string{DoNotVisit, NotAlone, Dog, Entry, Other} }

// Note is one safety note; its Version's Ended is the last day of one that is
// over.
type Note struct{ Kind, Words string }

// Notes is the table.
var Notes = fact.Table[Note]{Name: "safety_note", What: "safety note", Columns: []string{"kind", "words"}, Sealed: []string{"words"},
	Fields: func(n *Note) []any { return []any{&n.Kind, &n.Words} }}

// InForce are the notes that are held and have not ended, the strictest first.
func InForce(all []fact.Of[Note]) []Note {
	var out []Note
	for _, kind := range Kinds() {
		for i := range all {
			if f := &all[i]; f.KnownTo == 0 && f.Ended == "" && f.Is.Kind == kind {
				out = append(out, f.Is)
			}
		}
	}
	return out
}

// Has says that a note of the kind is among them.
func Has(notes []Note, kind string) bool {
	return slices.ContainsFunc(notes, func(n Note) bool { return n.Kind == kind })
}
