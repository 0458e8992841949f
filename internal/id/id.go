// Package id gives every kind of key and reference its own type, so that the
// compiler catches a swapped argument.
//
// A key is an integer that a register hands out; it never leaves the house. A
// reference is 128 random bits: the only thing that stands in a URL, so that
// nobody learns anything by counting.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// Keys. Each is unique within its register, but for Register itself.
type (
	// Register is the book that one controller keeps.
	Register int64
	// YoungPerson is one young person in one register.
	YoungPerson int64
	// Act is the number of an act; acts are numbered in the order of commit.
	Act int64
	// Evidence is where facts came from: one file row, one contact.
	Evidence int64
	// Fact runs through all versions of one fact.
	Fact int64
	// Account is a member of staff or a partner who may sign in.
	Account int64
	// Import is one file received.
	Import int64
	// Sender is one who sends files.
	Sender int64
	// Organisation is another body with which information is shared.
	Organisation int64
	// Agreement is one sharing agreement.
	Agreement int64
	// Return is one return built.
	Return int64
	// Dataset is one version of reference data.
	Dataset int64
	// Restriction runs through all versions of one restriction of a record.
	Restriction int64
)

// Ref is a reference: 26 characters of lower-case base 32.
type Ref string

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewRef draws a reference from the system's randomness.
func NewRef() Ref {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return RefFrom(b)
}

// RefFrom writes 16 given bytes as a reference; the demo uses it to invent the
// same references for the same seed.
func RefFrom(b [16]byte) Ref { return Ref(encoding.EncodeToString(b[:])) }

// Valid says that the text has the form of a reference.
func (r Ref) Valid() bool {
	return len(r) == 26 && strings.Trim(string(r), "abcdefghijklmnopqrstuvwxyz234567") == ""
}
