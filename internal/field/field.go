// Package field holds what is wrong with what was entered, by field, so that
// each complaint can be shown beside the box it is about.
package field

import "strings"

// Error is one complaint. Field is the name that the act's input gives it, in
// kebab case ("date-of-birth"); the forms use the same names. Message says
// what to do, in the reader's words.
type Error struct{ Field, Message string }

// Errors are all complaints about one input. An act that returns them has
// done nothing.
type Errors []Error

// Error is all complaints in one line, for logs and commands.
func (e Errors) Error() string {
	messages := make([]string, len(e))
	for i, one := range e {
		messages[i] = one.Message
	}
	return strings.Join(messages, "; ")
}

// Add notes a complaint.
func (e *Errors) Add(field, message string) { *e = append(*e, Error{field, message}) }

// Err is the complaints, or nil where there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
