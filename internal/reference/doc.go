// Package reference loads what other bodies publish about places: the
// Department's list of schools (GIAS), UK provider reference numbers, the
// postcode directory, the indices of deprivation and ward boundaries
// (context.md 8.2).
//
// A file is known by its header, not by its name. It is read as a stream and
// staged in pieces, each a transaction of its own, under the number of a set
// that is not in force; one short act then puts it in force. So a file counts
// whole or not at all, at every moment, and nobody waits for more than one
// piece. What is wrong with a file is a Refusal in words, and leaves what was.
package reference
