package access

import (
	"fmt"
	"slices"
	"strings"
)

// Fields are kinds of things held about a young person: a set of the fields
// below. A role or an agreement gives some of them; what it does not give is
// found nowhere: no page, list, file, search or error says it.
type Fields uint32

// The fields.
const (
	Names Fields = 1 << iota
	Birth
	Gender
	Ethnicity
	Numbers // ULN, UPN, YoungPersonsID and what they were before
	Address
	Reaches // telephone, e-mail
	Carers
	AdviserOf
	Cohort // cohort status and the authorities that answer for the young person
	Need
	SEND
	Characteristics
	Activities
	Guarantees
	Contacts
	Notes
	OptOuts
	Signals
	Sources // who told us what, and when
)

// fieldWords are the fields in their order, as agreements store them and
// people read them.
var fieldWords = []string{"names", "birth date", "gender", "ethnicity", "ULN, UPN and other numbers", "address", "telephone and e-mail",
	"parents and carers", "adviser", "cohort status and authorities", "level of need", "SEND", "characteristics", "activity",
	"September Guarantee and destination", "contacts made", "notes", "opt-outs", "risk signals", "who told us"}

// Basics are what is passed on of whoever, or whose parent, has told us to pass
// on no more: who they are, where they live, and a parent's name and address
// (Education and Skills Act 2008, sections 14 and 72; context.md 1.1).
const Basics = Names | Birth | Address | Carers

// Identity is what an authority must be told of a young person whom another hands
// over to it, or it cannot take them: who they are and where they live
// (nccis.md 5.3, 9).
const Identity = Names | Birth | Gender | Numbers | Address

// Handed is the most that an agreement may give to another authority, which takes
// a young person over with their history. Who advised them and what was thought
// of their risk stays.
const Handed = AllFields &^ (AdviserOf | Signals)

// AllFields is every field.
const AllFields = Sources<<1 - 1

// Has says that all of the others are in the set.
func (f Fields) Has(others Fields) bool { return f&others == others }

// Each is the set taken apart, in the order of the fields.
func (f Fields) Each() []Fields {
	var out []Fields
	for i := range fieldWords {
		if one := Fields(1) << i; f.Has(one) {
			out = append(out, one)
		}
	}
	return out
}

// Words are the fields as people read them.
func (f Fields) Words() []string {
	out := []string{}
	for i, word := range fieldWords {
		if f.Has(1 << i) {
			out = append(out, word)
		}
	}
	return out
}

// String is the set as it is stored: the words with semicolons between.
func (f Fields) String() string { return strings.Join(f.Words(), ";") }

// ParseFields reads what String wrote. A word that names no field is an error.
func ParseFields(text string) (Fields, error) {
	var f Fields
	for _, word := range strings.Split(text, ";") {
		i := slices.Index(fieldWords, word)
		if i < 0 && word != "" {
			return 0, fmt.Errorf("there is no field %q of a young person", word)
		}
		if i >= 0 {
			f |= 1 << i
		}
	}
	return f, nil
}

// Fields are what whoever holds the role sees of a young person. For roles
// ByAgreement it is the most that an agreement may give them.
func (r Role) Fields() Fields {
	const known = Names | Birth | Gender | Numbers | Address | Reaches | Carers | AdviserOf | Activities | Guarantees
	switch r {
	case Adviser, TeamManager, DataOfficer, InformationGovernance, Operator:
		return AllFields
	case ContactCentre:
		return known | Cohort | Contacts
	case Partner:
		return known | Ethnicity | SEND
	case CarePartner:
		return known | Ethnicity | SEND | Cohort | Need | Characteristics
	}
	return 0
}

// fields are what the actor sees of somebody: what their own roles give, and of
// what an agreement gives as much as the role may be given.
func (a Actor) fields(agreed Fields) Fields {
	var f Fields
	for _, r := range a.Roles {
		if r.ByAgreement() {
			f |= r.Fields() & agreed
		} else {
			f |= r.Fields()
		}
	}
	return f
}
